"""gradcheck and nonfinite: what they find, and what they say about it."""

import functools
import math
import re

import numpy
import pytest

import autograd
from autograd import GradientError, Nonfinite, Value, function, gradcheck, nonfinite
from autograd.graph import topological_order

twice_wrong = function("twice_wrong", lambda x, y: x * x * y, lambda x, y, z: (x * y, 3.0 * x * x))
only_second_wrong = function("only_second_wrong", math.exp, lambda x, z: math.exp(x))


def test_right_derivatives_pass():
    """True where derivatives agree with central differences to the second order, or to that asked for."""
    assert gradcheck(lambda x, y: autograd.sin(x) * y**2, 0.5, -2.0) is True
    assert gradcheck(lambda x: autograd.exp(x) / x, 0.7, order=3) is True
    assert gradcheck(lambda x: x * 3.0, 0) is True
    assert gradcheck(lambda: Value(1.0)) is True


def test_inputs_may_be_lists_of_lists_and_values():
    """Rows of a matrix, whole numbers, numpy's numbers, and Values, which stand for their numbers."""

    def neurons(W, x, b):
        return autograd.sum([autograd.dot(row, x, b).tanh() for row in W])

    given = Value(0.25)
    assert gradcheck(neurons, [[0.1, -0.2], [0.3, 0.4]], (1, numpy.float64(-2.0)), given)
    assert not given.has_grad


def test_every_input_that_disagrees_is_named_with_both_numbers():
    """The message has a line for each input and each way to the derivative, with both numbers."""
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda w, x: twice_wrong(w[1], x) + w[0], [7.0, 2.0], 5.0)
    lines = str(caught.value).splitlines()
    assert lines[0] == "derivatives disagree:"
    assert [line.split(" gives ")[0].strip() for line in lines[1:]] == [
        "w[1]: backward()", "x: backward()", "w[1]: grad", "x: grad", "w[1]: jvp", "x: jvp",
    ]  # fmt: skip
    for line in lines[1:]:
        given, expected = re.search(r"gives (\S+), central differences give (\S+)$", line).groups()
        assert float(given) == (10.0 if "w[1]" in line else 12.0)
        assert float(expected) == pytest.approx(20.0 if "w[1]" in line else 4.0, rel=1e-6)


def test_a_wrong_second_derivative_is_found():
    """A rule whose number is right, but that cannot be differentiated, fails in the second order only."""
    assert gradcheck(only_second_wrong, 0.5, order=1)
    with pytest.raises(GradientError, match=r"(?s)^for ∂/∂x, derivatives disagree:.*x: grad gives 0.0"):
        gradcheck(lambda x: only_second_wrong(x), 0.5)


def test_orders_are_named():
    """A failure in the third order says which second derivative it is of."""
    flat = function("flat", lambda x: 6.0 * x, lambda x, z: 6.0)
    slope = function("slope", lambda x: 3.0 * x * x, lambda x, z: flat(x))
    cube = function("cube", lambda x: x**3, lambda x, z: slope(x))
    assert gradcheck(cube, 0.5, order=3)
    flat.derivative = lambda x, z: (5.0,)
    with pytest.raises(
        GradientError,
        match=r"(?s)^for ∂/∂x, for ∂/∂x, derivatives disagree:.*gives 5.0, central differences give 5.99",
    ):
        gradcheck(lambda x: cube(x), 0.5, order=3)


def test_a_kink_is_no_derivative():
    """At relu's kink central differences give ½, so gradcheck does not pass there."""
    with pytest.raises(GradientError, match=r"x: backward\(\) gives 0.0, central differences give 0.5"):
        gradcheck(lambda x: x.relu(), 0.0)
    assert gradcheck(lambda x: x.relu(), 1e-3)


def test_infinite_and_nan_derivatives():
    """nan agrees with nan only, and a finite number with neither nan nor an infinity."""
    with pytest.raises(GradientError, match=r"gives inf, central differences give nan"):
        gradcheck(autograd.sqrt, 0.0)
    with pytest.raises(GradientError, match=r"gives -1.0, central differences give nan"):
        gradcheck(autograd.log, -1.0)


def test_tolerances():
    """A difference within atol + rtol·|numeric| passes."""
    nearly = function("nearly", lambda x: x * x, lambda x, z: 2.001 * x)
    assert gradcheck(nearly, 1.0, rtol=1e-3, order=1)
    assert gradcheck(nearly, 1.0, atol=2e-3, order=1)
    with pytest.raises(GradientError):
        gradcheck(nearly, 1.0, order=1)


@pytest.mark.parametrize(
    "checked", [autograd.exp, functools.partial(autograd.elu, 0.5), max, lambda *xs: xs[0]]
)
def test_any_callable_can_be_checked(checked):
    """Operations, partial functions, built-in functions without a signature, and functions of any number."""
    assert gradcheck(checked, 0.7) if checked is not max else gradcheck(checked, 0.7, 0.5)


def test_wrong_inputs_are_named():
    """What is no number, a function that gives none, and a wrong number of inputs."""
    with pytest.raises(TypeError, match="expected a real number, got 'x'"):
        gradcheck(lambda x: x, "x")
    with pytest.raises(TypeError, match=r"expected a real number, got array\(\[1.\]\)"):
        gradcheck(lambda x: x, numpy.array([1.0]))
    with pytest.raises(TypeError, match=r"function that returns a Value, got 3.0"):
        gradcheck(lambda x: 3.0, 1.0)
    with pytest.raises(TypeError, match="argument"):
        gradcheck(lambda x: x, 1.0, 2.0)


# ── nonfinite ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_finite_graph_has_none():
    """None where every number and every gradient is finite; nothing is changed."""
    a = Value(2.0)
    root = (a * a).log()
    assert nonfinite(root) is None
    assert nonfinite(a) is None
    assert not any(node.has_grad for node in topological_order(root))


def test_the_first_node_of_the_forward_pass():
    """The node that made the first nan or infinity, with its operands, not what it spread to."""
    a = Value(0.0, "a")
    log = a.log()
    found = nonfinite(2.0 + log * 3.0 - log)
    assert isinstance(found, Nonfinite)
    assert (found.node, found.phase, found.path) == (log, "forward", ())
    assert str(found) == found.message == "log is -inf in the forward pass, from a = 0"
    b = Value(math.inf, "b")
    difference = b * 2.0 - b
    assert str(nonfinite(difference)) == "b is inf in the forward pass, a leaf"
    assert nonfinite(difference).node is b


def test_operands_are_named():
    """0/0 is reported with both operands, by label where there is one, else by operation or number."""
    a = Value(0.0, "a")
    assert str(nonfinite(a / (a * 2.0))) == "div is nan in the forward pass, from a = 0, mul = 0"
    assert str(nonfinite(Value(1.0) / 0.0)) == "div is inf in the forward pass, from 1, 0"
    assert str(nonfinite(autograd.sum([Value(1e308, "x")] * 20))) == (
        "sum is inf in the forward pass, from x = 1e+308, x = 1e+308, x = 1e+308, and 17 more"
    )


def test_the_first_product_of_the_backward_pass():
    """0 × ∞ on the way down: the product, and the path from the output along which it arose."""
    a = Value(0.0, "a")
    d = a.sqrt()
    d.label = "d"
    L = d * 0.0 + 1.0
    L.label = "L"
    found = nonfinite(L)
    assert (found.node, found.phase) == (a, "backward")
    assert [node.label or node.op.name for node in found.path] == ["L", "mul", "d", "a"]
    assert str(found) == "0 × inf = nan in the backward pass, along L → mul → d → a"


def test_a_sum_of_contributions_that_cancels_to_nan():
    """inf and −inf from two ways are finite nowhere: the sum is named."""
    a = Value(0.0, "a")
    root = a.sqrt() - a.sqrt()
    found = nonfinite(root)
    assert (found.node, found.phase) == (a, "backward")
    small = Value(1e-10, "small")
    steep = small * 1e308 + small * 1e308
    assert "the sum of contributions to small = inf in the backward pass" in str(nonfinite(steep))


def test_gradients_of_constants_do_not_count():
    """A target or an exponent given as a number has no gradient that anyone asks for."""
    saturated = Value(1.0, "a")
    loss = autograd.binary_cross_entropy(saturated, 1.0)
    loss.backward()
    assert saturated.grad == -1.0
    assert nonfinite(loss) is None
    assert nonfinite(0.0 ** Value(0.5)) is None
    target = Value(1.0, "y")
    assert nonfinite(autograd.binary_cross_entropy(saturated, target)).node is target


def test_only_values_can_be_searched():
    """A number remembers nothing: that is said, with what came."""
    with pytest.raises(
        TypeError, match=r"root must be a Value, the output of a computation; got 3\.0 \(float\)"
    ):
        nonfinite(3.0)


def test_grads_are_left_alone():
    """Searching the backward pass changes no grad, computed or not."""
    a = Value(0.0)
    root = a.sqrt() * 0.0
    a.grad = 5.0
    assert nonfinite(root) is not None
    assert a.grad == 5.0
    assert not root.has_grad


def test_deep_graphs_are_searched():
    """A chain of 100,000 nodes, with the path through all of them."""
    a = Value(0.0, "a")
    node = a.sqrt()
    for _ in range(100_000):
        node = -node
    found = nonfinite(node * 0.0)
    assert found.node is a
    assert len(found.path) == 100_003
