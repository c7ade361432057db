"""Op, as_float and function(...): what a row is, and operations of one's own."""

import copy
import fractions
import math
import pickle
from decimal import Decimal

import numpy
import pytest

import autograd
from autograd import Op, Value, function, grad, gradcheck, hessian
from autograd.operation import as_float

softsign = function(
    "softsign",
    lambda x: x / (1.0 + abs(x)),
    lambda x, z: (1.0 - autograd.abs(z)) ** 2,
    latex=r"s\left({0}\right)",
)
hypotenuse = function(
    "hypotenuse",
    lambda x, y: math.hypot(x, y),
    lambda x, y, z: (x / z, y / z),
    symbol="√(x²+y²)",
    expand=lambda x, y: autograd.sqrt(x * x + y * y),
)
sum_of_squares = function(
    "sum_of_squares",
    lambda *xs: sum(x * x for x in xs),
    lambda *xs_z: [2.0 * x for x in xs_z[:-1]],
    expand=lambda *xs: autograd.sum([x * x for x in xs]),
)


@pytest.mark.parametrize(
    "given",
    [3, 3.0, numpy.float64(3.0), numpy.float32(3.0), numpy.int8(3), numpy.uint64(3), fractions.Fraction(3)],
)
def test_real_numbers_become_floats(given):
    """Every real number of Python and numpy becomes a plain float, not a subclass."""
    assert as_float(given) == 3.0
    assert type(as_float(given)) is float


@pytest.mark.parametrize(
    "given",
    [
        "3",
        b"3",
        None,
        True,
        numpy.True_,
        1j,
        [3.0],
        numpy.array([3.0]),
        numpy.array(3.0),
        Decimal(3),
        object,
        {},
    ],
)
def test_what_is_no_real_number_is_named(given):
    """Anything else raises a TypeError with its repr and its type."""
    with pytest.raises(TypeError) as caught:
        as_float(given)
    assert str(caught.value) == f"expected a real number, got {given!r} ({type(given).__name__})"


def test_long_things_are_named_in_short():
    """The message stays one readable line whatever was given."""
    with pytest.raises(TypeError) as caught:
        as_float(list(range(100_000)))
    assert len(str(caught.value)) < 110
    assert str(caught.value).endswith("... (list)")


def test_an_operation_of_ones_own_is_like_a_built_in_one():
    """Values, first, second and third derivatives, numbers in and numbers out."""
    assert isinstance(softsign, Op)
    assert softsign(1) == 0.5
    x = Value(-0.5)
    y = softsign(x)
    y.backward()
    assert (y.data, y.op, y.parents) == (-0.5 / 1.5, softsign, (x,))
    assert x.grad == pytest.approx(1 / 1.5**2)
    first = grad(y, x)
    second = grad(first, x)
    assert first.data == pytest.approx(1 / 1.5**2)
    assert second.data == pytest.approx(2 / 1.5**3)
    assert grad(second, x).data == pytest.approx(6 / 1.5**4)
    assert softsign.latex == r"s\left({0}\right)"
    assert gradcheck(softsign, -0.7)
    assert gradcheck(softsign, 0.7)


def test_an_operation_of_ones_own_with_two_operands():
    """Both partials, numbers among the operands, and the Hessian (y², −xy; −xy, x²)/z³."""
    x, y = Value(3.0), Value(4.0)
    z = hypotenuse(x, y)
    assert z.data == 5.0
    rows = [[entry.data for entry in row] for row in hessian(z, [x, y])]
    assert rows == [pytest.approx([16 / 125, -12 / 125]), pytest.approx([-12 / 125, 9 / 125])]
    assert hypotenuse(3, y).partials == (0.6, 0.8)
    assert hypotenuse.symbol == "√(x²+y²)"
    assert hypotenuse.expanded((x, y)).data == 5.0
    assert hypotenuse.expanded((x, y)).op is autograd.sqrt
    assert softsign.expanded((x,)) is None
    assert gradcheck(hypotenuse, 1.2, -0.5)


def test_an_operation_of_ones_own_with_any_number_of_operands():
    """A forward with *xs takes any number of them, one and two included, and expands as it is told."""
    for count in (1, 2, 3, 7):
        xs = [Value(1.0 + i) for i in range(count)]
        z = sum_of_squares(*xs)
        z.backward()
        assert z.data == sum((1.0 + i) ** 2 for i in range(count))
        assert z.parents == tuple(xs)
        assert [x.grad for x in xs] == [2.0 * (1.0 + i) for i in range(count)]
        assert [entry.data for entry in grad(grad(z, xs[0]), xs)] == [2.0] + [0.0] * (count - 1)
        assert sum_of_squares.expanded(tuple(xs)).data == z.data
    assert sum_of_squares(1, 2.0) == 5.0
    assert sum_of_squares() == 0.0
    assert gradcheck(lambda xs: sum_of_squares(*xs), [0.5, -1.5, 2.0])


def test_an_operation_of_ones_own_in_a_network():
    """Neurons that use it have the gradients that the chain rule gives by hand."""
    w, x, b, v = [Value(0.5), Value(-0.25)], [1.5, 2.0], Value(0.125), Value(3.0)
    output = v * softsign(autograd.dot(w, x, b))
    output.backward()
    z = 0.5 * 1.5 - 0.25 * 2.0 + 0.125
    slope = 3.0 / (1.0 + abs(z)) ** 2
    assert [weight.grad for weight in w] == pytest.approx([slope * 1.5, slope * 2.0])
    assert (b.grad, v.grad) == (pytest.approx(slope), pytest.approx(z / (1.0 + abs(z))))


def test_its_derivative_is_taken_at_edges():
    """A rule that divides by 0 on floats gives IEEE's result, as the table's rows do."""
    inverse_root = function("inverse_root", lambda x: x**-0.5 if x else math.inf, lambda x, z: -0.5 * z / x)
    x = Value(0.0)
    inverse_root(x).backward()
    assert x.grad == -math.inf
    square = function("square", lambda x: x * x, lambda x, z: x**2 / x + x)
    assert math.isnan(square(Value(0.0)).partials[0])
    assert square(Value(1e300)).partials == (math.inf,)


def test_numpys_functions_can_be_the_forward():
    """A ufunc has one operand beside its settings, and its numpy float becomes a float."""
    sine = function("sine", numpy.sin, lambda x, z: autograd.cos(x))
    z = sine(Value(0.5))
    assert (z.data, type(z.data)) == (math.sin(0.5), float)
    assert gradcheck(sine, 0.5)


def test_settings_with_defaults_are_no_operands():
    """A parameter with a default, or only by keyword, belongs to the forward and has no partial."""
    scaled = function("scaled", lambda x, scale=3.0, *, shift=1.0: scale * x + shift, lambda x, z: 3.0)
    assert scaled(Value(2.0)).data == 7.0
    assert scaled(Value(2.0)).partials == (3.0,)


def test_a_wrong_derivative_is_found():
    """gradcheck names the input whose partial is wrong, with both numbers."""
    wrong = function("wrong", lambda x, y: x * x * y, lambda x, y, z: (2.0 * x * y, 3.0 * x * x))
    with pytest.raises(AssertionError, match=r"\n  y: backward\(\) gives 12.0, central differences give 4.0"):
        gradcheck(wrong, 2.0, 5.0)


def test_a_derivative_that_loses_its_graph_is_found():
    """A rule with math's functions has the right number and no second derivative: gradcheck sees it."""
    lossy = function("lossy", math.sin, lambda x, z: math.cos(x))
    assert gradcheck(lossy, 0.5, order=1)
    with pytest.raises(AssertionError, match=r"(?s)for ∂/∂.*grad gives 0.0, central differences give -0.479"):
        gradcheck(lossy, 0.5)


@pytest.mark.parametrize(
    ("forward", "derivative", "message"),
    [
        (lambda x, y: x, lambda x, z: 1.0, "derivative of 'f' must take 3 arguments: too many"),
        (lambda x: x, lambda x: 1.0, "derivative of 'f' must take 2 arguments: too many"),
        (lambda x: x, lambda x, y, z: 1.0, "derivative of 'f' must take 2 arguments: missing .* 'z'"),
        (
            math.log,
            lambda x, z: 1 / x,
            "forward of 'f' does not say how many .* wrap <built-in function log>",
        ),
        (lambda x: x, max, "derivative of 'f' does not say how many .* wrap <built-in function max>"),
        (3, lambda x, z: 1.0, "3 is not a callable object"),
    ],
)
def test_forward_and_derivative_that_do_not_fit_are_refused(forward, derivative, message):
    """What cannot work is refused when the operation is made, by name and with what it should take."""
    with pytest.raises(TypeError, match=message):
        function("f", forward, derivative)


@pytest.mark.parametrize("name", ["", "a b", "2x", None, 3])
def test_a_name_must_be_an_identifier(name):
    """Pickling and formulas go by the name."""
    with pytest.raises(TypeError, match="identifier, got"):
        function(name, lambda x: x, lambda x, z: 1.0)


@pytest.mark.parametrize(
    ("forward", "derivative", "error", "message", "note"),
    [
        (lambda x: "1", lambda x, z: 1.0, TypeError, "got '1'", "in the forward of 'f' at 2.0"),
        (lambda x: 1j, lambda x, z: 1.0, TypeError, "got 1j", "in the forward of 'f' at 2.0"),
        (lambda x: None, lambda x, z: 1.0, TypeError, "got None", "in the forward of 'f' at 2.0"),
        (
            lambda x: math.sqrt(-x),
            lambda x, z: 1.0,
            ValueError,
            "math domain",
            "in the forward of 'f' at 2.0",
        ),
        (lambda x: 1 / (x - 2), lambda x, z: 1.0, ZeroDivisionError, "zero", "in the forward of 'f' at 2.0"),
        (lambda x: x, lambda x, z: "1", TypeError, "got '1'", "in the derivative of 'f' at 2.0, 2.0"),
        (lambda x: x, lambda x, z: None, TypeError, "got None", "in the derivative of 'f' at 2.0, 2.0"),
        (
            lambda x: x,
            lambda x, z: (1.0, 2.0),
            TypeError,
            "'f' has 1 operands, .* gave 2",
            "in the derivative of",
        ),
        (lambda x: x, lambda x, z: (), TypeError, "'f' has 1 operands, .* gave 0", "in the derivative of"),
        (
            lambda x: x,
            lambda x, z: math.log(-x),
            ValueError,
            "math domain",
            "in the derivative of 'f' at 2.0",
        ),
        (
            lambda x: x,
            lambda x, z: math.exp(x * 500),
            OverflowError,
            "range",
            "in the derivative of 'f' at 2.0",
        ),
        (
            lambda *xs: xs[0],
            lambda *xs: (1.0, 2.0),
            TypeError,
            "'f' has 1 operands, .* gave 2",
            "in the derivative",
        ),
    ],
)
def test_errors_at_use_say_where_they_arose(forward, derivative, error, message, note):
    """What a forward or a derivative raises, or wrongly returns, has a note of operation and point."""
    f = function("f", forward, derivative)
    with pytest.raises(error, match=message) as caught:
        f(Value(2.0))
    assert any(entry.startswith(note) for entry in caught.value.__notes__)


def test_wrong_number_of_operands_at_use():
    """Too few or too many operands are refused with the operation's name."""
    for operands in [(Value(1.0),), (Value(1.0), 2.0, 3.0), (1.0,)]:
        with pytest.raises(TypeError) as caught:
            hypotenuse(*operands)
        assert any("in the forward of 'hypotenuse' at 1.0" in note for note in caught.value.__notes__)


def test_operations_pickle_by_name():
    """A module-level operation is found again; copies of an operation are the operation."""
    assert pickle.loads(pickle.dumps(softsign)) is softsign
    assert copy.copy(softsign) is copy.deepcopy(softsign) is softsign
    assert softsign.__module__ == __name__


def test_a_local_operation_cannot_be_pickled_and_says_so():
    """The error names the operation and the module in which it should be."""
    local = function("local_operation", lambda x: x, lambda x, z: 1.0)
    with pytest.raises((pickle.PicklingError, AttributeError), match=f"local_operation.*{__name__}"):
        pickle.dumps(local)
    assert copy.deepcopy(local(Value(2.0))).op is local


def test_another_operation_of_the_same_name_is_not_taken_for_it():
    """Where the module's variable holds another operation, pickling refuses instead of switching."""
    impostor = function("softsign", lambda x: x, lambda x, z: 1.0)
    with pytest.raises(pickle.PicklingError, match="not the same object"):
        pickle.dumps(impostor)


def test_operations_document_themselves():
    """help() and repr() say what an operation is: its name, and the forward's docstring."""

    def cubed(x):
        """x to the third."""
        return x**3

    cube = function("cube", cubed, lambda x, z: 3 * x**2)
    assert repr(cube) == "<operation cube>"
    assert cube.__doc__ == "x to the third."
    assert (cube.name, cube.symbol, cube.latex) == ("cube", "cube", "")
