"""Value: the number protocol, what it refuses, and the nodes that its operators make."""

import fractions
import logging
import math
import operator
import os
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy
import pytest

import autograd
from autograd import Value, ops
from autograd.graph import topological_order

NO_NUMBERS = [
    "3",
    None,
    True,
    1j,
    [1.0],
    (1.0,),
    numpy.array([1.0, 2.0]),
    numpy.array(1.0),
    numpy.True_,
    Decimal(1),
]
NUMBERS = [3, 3.0, numpy.float64(3.0), numpy.float32(3.0), numpy.int64(3), fractions.Fraction(3)]
OPERATORS = {
    "+": (operator.add, "add"),
    "−": (operator.sub, "sub"),
    "×": (operator.mul, "mul"),
    "÷": (operator.truediv, "div"),
    "^": (operator.pow, "pow"),
}


def is_float(x):
    return type(x) is float


# ── what a Value is made of ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", NUMBERS)
def test_numbers_become_floats(given):
    """ints, numpy scalars and fractions become plain floats, in data and wherever an operator meets one."""
    value = Value(given)
    assert value.data == 3.0
    assert is_float(value.data)
    for combine, _ in OPERATORS.values():
        for node in (combine(Value(2), given), combine(given, Value(2))):
            assert type(node) is Value
            node.backward(1)
            assert all(is_float(x) for n in topological_order(node) for x in (n.data, n.grad, *n.partials))


@pytest.mark.parametrize("given", [*NO_NUMBERS, Value(1.0), object()])
def test_what_is_no_number_is_refused_by_name(given):
    """Value('3'), Value(None), Value(True), Value(Value(1)), arrays: a TypeError with thing and type."""
    with pytest.raises(TypeError) as caught:
        Value(given)
    assert str(caught.value).startswith("expected a real number, got ")
    assert str(caught.value).endswith(f"({type(given).__name__})")


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("given", NO_NUMBERS)
def test_operators_refuse_what_is_no_number_on_both_sides(symbol, given):
    """Value(1) + 1j, Value · array, array · Value, Value + '3': refused by name, and never looped over."""
    combine, _ = OPERATORS[symbol]
    for wrong in (lambda: combine(Value(1.0), given), lambda: combine(given, Value(1.0))):
        with pytest.raises(TypeError, match="expected a real number, got"):
            wrong()


def test_comparisons_refuse_what_is_no_number():
    """Value < '3' names the text."""
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError, match=r"expected a real number, got '3' \(str\)"):
            compare(Value(1.0), "3")
        with pytest.raises(TypeError, match=r"expected a real number, got '3' \(str\)"):
            compare("3", Value(1.0))


def test_a_label_is_text():
    """A second argument that is no text is refused: other engines take the operands there."""
    assert Value(1.0, "a").label == Value(1.0, label="a").label == "a"
    assert Value(1.0).label == ""
    with pytest.raises(TypeError, match=r"a label is text, got \(1, 2\) \(tuple\)"):
        Value(1.0, (1, 2))


def test_a_misspelt_attribute_is_an_error():
    """Slots: a node has no room for anything that it does not know."""
    with pytest.raises(AttributeError):
        Value(1.0).gradient = 2.0


# ── nodes ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("symbol", OPERATORS)
def test_an_operator_makes_one_node_with_its_operands_in_order(symbol):
    """a − b is one node with parents (a, b), whichever of them is a number, and never a − with a hidden ×."""
    combine, name = OPERATORS[symbol]
    a, b = Value(2.0), Value(3.0)
    node = combine(a, b)
    assert (node.op.name, node.parents, node.data) == (name, (a, b), combine(2.0, 3.0))
    left = combine(2.0, b)
    assert left.parents[1] is b
    assert (left.op.name, left.parents[0].data, left.parents[0].op) == (name, 2.0, ops.constant)
    right = combine(a, 3.0)
    assert right.parents[0] is a
    assert (right.op.name, right.parents[1].data, right.parents[1].op) == (
        "power" if symbol == "^" else name, 3.0, ops.constant,
    )  # fmt: skip
    for node in (left, right):
        assert len(topological_order(node)) == 3
        assert node.data == combine(2.0, 3.0)


def test_negation_and_abs_are_one_node_each():
    """−a has a alone as its parent; +a is a itself."""
    a = Value(-2.0)
    assert ((-a).parents, (-a).data, (-a).op.name) == ((a,), 2.0, "neg")
    assert (abs(a).parents, abs(a).data, abs(a).op.name) == ((a,), 2.0, "abs")
    assert +a is a


def test_sum_adds_no_zero():
    """sum([a, b, c]) is (a + b) + c, two nodes; sum([a]) is a."""
    a, b, c = Value(1.0), Value(2.0), Value(4.0)
    total = sum([a, b, c])
    assert total.data == 7.0
    assert topological_order(total) == [a, b, total.parents[0], c, total]
    assert sum([a]) is a
    assert (0.0 + a).parents[1] is a  # a 0.0 that was typed is kept


def test_parents_keep_order_and_repeats():
    """a·a has two edges; a − b and b − a differ."""
    a, b = Value(2.0), Value(5.0)
    assert (a * a).parents == (a, a)
    assert (a * a).partials == (2.0, 2.0)
    assert (a - b).parents == (a, b)
    assert (b - a).parents == (b, a)
    assert autograd.sum([b, a, b]).parents == (b, a, b)
    assert (a.parents, a.partials, a.is_leaf, (a + b).is_leaf) == ((), (), True, False)


@pytest.mark.parametrize(
    "name", ["exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "atan", "tanh", "sigmoid", "relu"]
)
def test_methods_are_the_rows(name):
    """x.tanh() is what autograd.tanh(x) is: the same row, number and partial."""
    x = Value(0.7)
    by_method, by_function = getattr(x, name)(), getattr(autograd, name)(x)
    assert by_method.op is by_function.op is getattr(ops, name)
    assert by_method.parents == by_function.parents == (x,)
    assert (by_method.data, by_method.partials) == (by_function.data, by_function.partials)
    assert by_method.data == getattr(autograd, name)(0.7)


def test_detach_is_a_new_leaf():
    """The number and the label without the history: gradients stop there."""
    a = Value(2.0)
    b = a * a
    b.label = "b"
    free = b.detach()
    assert (free.data, free.label, free.is_leaf, free.has_grad) == (4.0, "b", True, False)
    (free * a).backward()
    assert a.grad == 4.0
    assert not b.has_grad


# ── identity ──────────────────────────────────────────────────────────────────────────────────────────


def test_equality_and_hash_are_identity():
    """Two Values with the same number are two nodes, in sets and as keys; == is no comparison of data."""
    a, b = Value(2.0), Value(2.0)
    assert a == a
    assert a != b
    assert (a == 2.0) is False
    assert len({a, b, a}) == 2
    assert {a: "a", b: "b"}[b] == "b"
    assert [b, a].index(a) == 1
    a.data = 5.0
    assert a in {a, b}


def test_order_compares_numbers():
    """< ≤ > ≥ compare data, with numbers and numpy's numbers too, and give a plain bool."""
    a, b = Value(2.0), Value(3.0)
    results = [
        a < b,
        a <= b,
        b > a,
        b >= a,
        a < 3,
        operator.lt(1, a),
        numpy.float64(1.0) < a,
        a <= 2.0,
        a >= 2.0,
        operator.ge(2, a),
        a > numpy.int64(1),
    ]
    assert results == [True] * 11
    assert {type(result) for result in results} == {bool}
    assert [a < 2.0, a > Value(2.0), a >= b, b <= a, Value(math.nan) < a] == [False] * 5
    assert sorted([b, a]) == [a, b]
    assert max(a, b, key=float) is max(a, b) is b


# ── the number protocol ───────────────────────────────────────────────────────────────────────────────


def test_conversions():
    """float, int, bool, complex, round, trunc, floor, ceil, format and math's functions see the number."""
    v = Value(-2.567)
    assert (float(v), int(v), complex(v)) == (-2.567, -2, -2.567 + 0j)
    assert (round(v), round(v, 1), round(v, 2)) == (-3, -2.6, -2.57)
    assert isinstance(round(v), int)
    assert (math.trunc(v), math.floor(v), math.ceil(v)) == (-2, -3, -2)
    assert (f"{v:.1f}", f"{v:+.3e}", f"{v:8.2f}|", f"{v:g}") == ("-2.6", "-2.567e+00", "   -2.57|", "-2.567")
    assert (math.exp(v), math.isnan(v), math.hypot(v, 0.0)) == (math.exp(-2.567), False, 2.567)
    assert bool(v)
    assert not Value(-0.0)
    assert math.fsum([v, v]) == -5.134


def test_repr_is_readable():
    """The number, the gradient and the label, in full."""
    v = Value(0.1, "learning rate")
    v.grad = -2.5
    assert repr(v) == str(v) == f"{v}" == "Value(data=0.1, grad=-2.5, label='learning rate')"
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"


@pytest.mark.parametrize(
    "wrong", [lambda v: v // 2, lambda v: v % 2, lambda v: divmod(v, 2), lambda v: pow(v, 2, 3)]
)
def test_operators_that_it_does_not_have(wrong):
    """What has no derivative to speak of is a TypeError of Python's own."""
    with pytest.raises(TypeError):
        wrong(Value(3.0))


# ── numpy ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    [
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "arctan",
        "tanh",
        "abs",
        "negative",
        "square",
        "reciprocal",
    ],
)
def test_numpys_functions_over_arrays_of_values(name):
    """np.exp(array of Values) records; numbers and derivatives are those of the numbers."""
    points = [0.4, 1.3]
    leaves = [Value(x) for x in points]
    results = getattr(numpy, name)(numpy.array(leaves))
    expected = getattr(numpy, name)(numpy.array(points))
    assert [type(result) for result in results] == [Value, Value]
    assert [result.data for result in results] == pytest.approx(list(expected), rel=1e-15)
    for leaf, result, x in zip(leaves, results, points):
        result.backward()
        h = 1e-6
        numeric = (getattr(numpy, name)(x + h) - getattr(numpy, name)(x - h)) / (2 * h)
        assert leaf.grad == pytest.approx(numeric, rel=1e-8)
    assert type(getattr(numpy, name)(leaves[0])) is Value


def test_numpys_reductions_and_products():
    """np.sum, prod, mean, dot, @, cumsum, maximum, max and argmax over arrays of Values."""
    leaves = [Value(x) for x in (1.0, -2.0, 4.0)]
    v = numpy.array(leaves)
    w = numpy.array([0.5, 3.0, -1.0])
    assert (numpy.sum(v).data, numpy.prod(v).data, numpy.mean(v).data) == (3.0, -8.0, 1.0)
    assert (numpy.dot(v, v).data, (v @ w).data, (w @ v).data) == (21.0, -9.5, -9.5)
    assert [x.data for x in numpy.cumsum(v)] == [1.0, -1.0, 3.0]
    assert numpy.max(v) is leaves[2]
    assert numpy.argmax(v) == 2
    assert [float(x) for x in numpy.maximum(v, w)] == [1.0, 3.0, 4.0]
    assert [x.data for x in numpy.outer(v, w)[1]] == [-1.0, -6.0, 2.0]
    (v @ w).backward()
    assert [leaf.grad for leaf in leaves] == [0.5, 3.0, -1.0]
    numpy.mean(v).backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx([0.5 + 1 / 3, 3.0 + 1 / 3, -1.0 + 1 / 3])


def test_arrays_of_values_with_numbers_and_arrays():
    """Arrays of Values combine with numbers and arrays entry by entry, and become floats when asked to."""
    v = numpy.array([Value(1.0), Value(-2.0)])
    assert v.dtype == object
    for result, expected in [(v * 2, [2.0, -4.0]), (2.0 - v, [1.0, 4.0]), (v / [2.0, 4.0], [0.5, -0.5])]:
        assert [x.data for x in result] == expected
    assert (v**2)[1].data == 4.0
    assert list(v.astype(float)) == [1.0, -2.0]
    assert numpy.array([Value(1.0)], dtype=float).dtype == float


def test_numpys_scalars_on_the_left_record():
    """np.float64(2) · Value is a Value, not an array."""
    x = Value(3.0)
    for scalar in (numpy.float64(2.0), numpy.float32(2.0), numpy.int64(2)):
        for combine, _ in OPERATORS.values():
            node = combine(scalar, x)
            assert type(node) is Value
            assert node.data == combine(2.0, 3.0)


# ── importing ─────────────────────────────────────────────────────────────────────────────────────────

IMPORTED = """
import logging, random, sys, warnings
root = logging.getLogger()
loggers = logging.Logger.manager.loggerDict
state = lambda: (random.getstate(), warnings.filters[:], sys.getrecursionlimit(), root.level,
                 root.handlers[:], sorted(loggers), sys.excepthook, sys.displayhook, sys.getswitchinterval())
before, modules = state(), set(sys.modules)
import autograd
assert state() == before, "importing changed the interpreter"
loaded = {name.partition(".")[0] for name in set(sys.modules) - modules}
print(*sorted(loaded - set(sys.stdlib_module_names)))
"""


def test_importing_changes_nothing_and_loads_only_the_standard_library():
    """import autograd leaves logging, random state, warnings, recursion limit alone; it loads no package."""
    root = str(Path(autograd.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (result.stdout.split(), result.stderr) == (["autograd"], "")


def test_working_changes_nothing_either():
    """Recording, backward and differentiating draw no random numbers and leave the recursion limit."""
    before = random.getstate(), sys.getrecursionlimit(), logging.getLogger().level
    x = Value(0.5)
    y = autograd.softmax([x, x * x])[0]
    y.backward()
    autograd.hessian(y, [x])
    assert (random.getstate(), sys.getrecursionlimit(), logging.getLogger().level) == before


def test_subclasses_need_nothing_of_their_own():
    """Results of a subclass are of that subclass, with room for attributes or without, and pass gradients back."""

    class Named(Value):
        pass

    class Bare(Value):
        __slots__ = ()

    class Wide(Value):
        __slots__ = ("extra",)

    for kind in (Named, Bare, Wide):
        a, b = kind(2.0), Value(3.0)
        z = (a * b + 1.0).tanh() / a
        assert type(z) is type(a * b) is type(2.0 - a) is kind
        z.backward()
        assert a.grad == pytest.approx(3.0 * (1.0 - math.tanh(7.0) ** 2) / 2.0 - math.tanh(7.0) / 4.0)
        assert autograd.grad((a * b).sin() * a, a).data == pytest.approx(6.0 * math.cos(6.0) + math.sin(6.0))
