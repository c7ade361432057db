"""grad, jvp, vjp, jacobian, hessian, hvp and value_and_grad, against closed forms and each other."""

import math

import pytest

import autograd
from autograd import Value, cos, exp, grad, hessian, hvp, jacobian, jvp, sigmoid, sin, value_and_grad, vjp
from autograd.graph import topological_order


def numbers(values):
    return [numbers(entry) if isinstance(entry, list) else entry.data for entry in values]


def sigma(x):
    return 1.0 / (1.0 + math.exp(-x))


def sigma_derivatives(x):
    s = sigma(x)
    slope = s * (1 - s)
    return [s, slope, slope * (1 - 2 * s), slope * (1 - 6 * slope), slope * (1 - 2 * s) * (1 - 12 * slope)]


def tanh_derivatives(x):
    t = math.tanh(x)
    slope = 1 - t * t
    return [t, slope, -2 * t * slope, slope * (6 * t * t - 2), slope * t * (16 - 24 * t * t)]


CLOSED_FORMS = {
    "exp": (exp, 0.7, [math.exp(0.7)] * 5),
    "sin": (sin, 0.7, [math.sin(0.7), math.cos(0.7), -math.sin(0.7), -math.cos(0.7), math.sin(0.7)]),
    "cos": (cos, 0.7, [math.cos(0.7), -math.sin(0.7), -math.cos(0.7), math.sin(0.7), math.cos(0.7)]),
    "x⁵": (lambda x: x**5, -1.3, [-(1.3**5), 5 * 1.3**4, -20 * 1.3**3, 60 * 1.3**2, -120 * 1.3]),
    "x² at 0": (lambda x: x**2, 0.0, [0.0, 0.0, 2.0, 0.0, 0.0]),
    "x³ at 0": (lambda x: x**3, 0.0, [0.0, 0.0, 0.0, 6.0, 0.0]),
    "x·x·x at 0": (lambda x: x * x * x, 0.0, [0.0, 0.0, 0.0, 6.0, 0.0]),
    "x^2.5": (
        lambda x: x**2.5, 1.7,
        [1.7**2.5, 2.5 * 1.7**1.5, 3.75 * 1.7**0.5, 1.875 * 1.7**-0.5, -0.9375 * 1.7**-1.5],
    ),
    "1/x": (lambda x: 1 / x, 0.8, [1 / 0.8, -(0.8**-2), 2 * 0.8**-3, -6 * 0.8**-4, 24 * 0.8**-5]),
    "x⁻²": (lambda x: x**-2, 0.8, [0.8**-2, -2 * 0.8**-3, 6 * 0.8**-4, -24 * 0.8**-5, 120 * 0.8**-6]),
    "log": (autograd.log, 0.8, [math.log(0.8), 1 / 0.8, -(0.8**-2), 2 * 0.8**-3, -6 * 0.8**-4]),
    "√x": (
        autograd.sqrt, 1.7,
        [1.7**0.5, 0.5 * 1.7**-0.5, -0.25 * 1.7**-1.5, 0.375 * 1.7**-2.5, -0.9375 * 1.7**-3.5],
    ),
    "σ": (sigmoid, -1.28, sigma_derivatives(-1.28)),
    "tanh": (autograd.tanh, 0.6, tanh_derivatives(0.6)),
    "softplus": (autograd.softplus, 0.9, [math.log1p(math.exp(0.9)), *sigma_derivatives(0.9)[:4]]),
    "2ˣ": (lambda x: 2**x, 0.5, [2**0.5 * math.log(2) ** n for n in range(5)]),
    "x·eˣ": (lambda x: x * exp(x), 0.4, [(0.4 + n) * math.exp(0.4) for n in range(5)]),
    "x²·sin": (
        lambda x: x * x * sin(x), 0.9,
        [
            0.81 * math.sin(0.9),
            1.8 * math.sin(0.9) + 0.81 * math.cos(0.9),
            (2 - 0.81) * math.sin(0.9) + 3.6 * math.cos(0.9),
            -5.4 * math.sin(0.9) + (6 - 0.81) * math.cos(0.9),
            (0.81 - 12) * math.sin(0.9) - 7.2 * math.cos(0.9),
        ],
    ),
    "1/(1+x²)": (
        lambda x: 1 / (1 + x * x), 1.0,
        [0.5, -0.5, 0.5, 0.0, -3.0],  # from the series of atan' at 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_derivatives_to_the_fourth_order(name):
    """grad of grad of grad of grad gives the closed forms."""
    function, point, expected = CLOSED_FORMS[name]
    x = Value(point)
    derivatives = [function(x)]
    for _ in range(4):
        derivatives.append(grad(derivatives[-1], x))
    assert numbers(derivatives) == pytest.approx(expected, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_forward_mode_to_the_fourth_order(name):
    """jvp of jvp of jvp of jvp gives them too."""
    function, point, expected = CLOSED_FORMS[name]
    x = Value(point)
    derivatives = [function(x)]
    for _ in range(4):
        derivatives.append(jvp(derivatives[-1], x, 1.0))
    assert numbers(derivatives) == pytest.approx(expected, rel=1e-11, abs=1e-12)


def test_mixed_derivatives_of_a_power():
    """∂²/∂x∂y xʸ = x^(y−1)(1 + y log x), and ∂²/∂y² xʸ = xʸ log² x."""
    x, y = Value(1.7), Value(-0.6)
    (xx, xy), (yx, yy) = numbers(hessian(x**y, [x, y]))
    assert xx == pytest.approx(-0.6 * -1.6 * 1.7**-2.6)
    assert xy == pytest.approx(1.7**-1.6 * (1 - 0.6 * math.log(1.7)))
    assert yx == pytest.approx(xy)
    assert yy == pytest.approx(1.7**-0.6 * math.log(1.7) ** 2)


@pytest.mark.parametrize("y", [0.0, -0.0, 1.0, 2.0])
def test_mixed_derivatives_of_a_power_where_one_of_them_is_0(y):
    """At y = 0 too, ∂²xʸ/∂x∂y is x^(y−1)(1 + y log x), in either order."""
    x, n = Value(1.7), Value(y)
    rows = hessian(x**n, [x, n])
    expected = 1.7 ** (y - 1) * (1 + y * math.log(1.7))
    assert (rows[0][1].data, rows[1][0].data) == (pytest.approx(expected), pytest.approx(expected))
    assert rows[0][0].data == pytest.approx(y * (y - 1) * 1.7 ** (y - 2))


def test_gradients_are_values_and_touch_no_grad():
    """grad returns Values, a list for a sequence and one for one, and leaves every grad attribute alone."""
    x, y = Value(2.0), Value(3.0)
    z = x * y
    assert isinstance(grad(z, x), Value)
    assert numbers(grad(z, (x, y))) == [3.0, 2.0]
    assert numbers(grad(z, (node for node in (x, y)))) == [3.0, 2.0]
    assert not any(node.has_grad for node in topological_order(z))


def test_gradient_by_an_interior_node():
    """An input may be any node: the derivative is that of what was computed from it."""
    x = Value(0.5)
    h = sin(x)
    y = h * h * x
    assert grad(y, h).data == pytest.approx(2 * math.sin(0.5) * 0.5)
    assert grad(grad(y, h), h).data == pytest.approx(2 * 0.5)
    assert grad(y, [h, x])[1].data == pytest.approx(
        2 * math.sin(0.5) * math.cos(0.5) * 0.5 + math.sin(0.5) ** 2
    )


def test_an_input_that_is_not_reached_has_gradient_0():
    """So has one that only a later graph uses, in every mode."""
    x, other = Value(2.0), Value(3.0)
    later = x * other
    y = x * x
    assert numbers(grad(y, [x, other, later])) == [4.0, 0.0, 0.0]
    assert jvp(y, other, 1.0).data == 0.0
    assert numbers(hessian(y, [x, other])) == [[2.0, 0.0], [0.0, 0.0]]
    assert numbers(hvp(y, [x, other], [1.0, 1.0])) == [2.0, 0.0]


def test_an_input_listed_twice():
    """Reverse mode gives its gradient twice; forward mode moves it by both directions."""
    x = Value(3.0)
    y = x * x
    assert numbers(grad(y, [x, x])) == [6.0, 6.0]
    assert jvp(y, [x, x], [1.0, 0.5]).data == 9.0


def test_the_output_as_its_own_input():
    """∂y/∂y = 1, and it passes on to what y was computed from when that is asked for too."""
    x = Value(3.0)
    y = x * x
    assert grad(y, y).data == 1.0
    assert numbers(grad(y, [y, x])) == [1.0, 6.0]
    assert grad(x, x).data == 1.0
    assert jvp(y, [y, x], [1.0, 1.0]).data == 7.0


def test_forward_mode_through_inputs_that_depend_on_each_other():
    """Directions add to what comes from below, so that forward and reverse mode are dual for any inputs."""
    x = Value(2.0)
    square = x * x
    cube = square * x
    by_x, by_square = numbers(grad(cube, [x, square]))
    assert jvp(cube, [x, square], [1.0, 0.0]).data == by_x == 12.0
    assert jvp(cube, [x, square], [0.0, 1.0]).data == by_square == 2.0
    assert jvp(cube, [x, square], [1.0, 10.0]).data == 32.0


def test_a_constant_0_in_a_denominator():
    """Where the rule divides by a number 0, derivatives are IEEE's, as for a Value 0."""
    x = Value(3.0)
    assert grad(x / 0.0, x).data == math.inf
    assert grad(x / -0.0, x).data == -math.inf
    assert jvp(x / 0.0, x, 1.0).data == math.inf
    assert grad(grad(x / 0.0, x), x).data == 0.0
    a = Value(0.0)
    assert grad(1.0 / a, a).data == -math.inf
    assert grad(a.log(), a).data == math.inf


def test_gradients_of_constants_and_linear_functions():
    """A gradient that depends on nothing is a Value all the same, and can be differentiated: 0."""
    x = Value(2.0)
    slope = grad(3 * x + 1, x)
    assert slope.data == 3.0
    assert grad(slope, x).data == 0.0
    assert numbers(hessian(3 * x + 1, [x])) == [[0.0]]


def test_a_constant_gradient_as_an_input():
    """A gradient that happens to be constant is an input like any other in what is computed from it."""
    x = Value(2.0)
    slope = grad(3 * x, x)
    product = slope * x
    assert grad(grad(product, x), slope).data == 1.0


def test_changed_data_is_never_silently_mixed_in():
    """After a change of `data`, grad and jvp give the recorded point's derivative or refuse by name."""
    x, c = Value(3.0, "x"), Value(2.0)
    cube, linear = x * x * x, c * 1.0 + x
    x.data = 100.0
    for derivative in (lambda: grad(cube, x), lambda: jvp(cube, x, 1.0), lambda: hessian(cube, [x])):
        with pytest.raises(ValueError, match=r"∂mul.*record"):
            derivative()
    assert grad(linear, x).data == 1.0
    x.data = 3.0 + 1e-6  # as small as a step of training
    with pytest.raises(ValueError, match=r"∂mul.*record"):
        grad(cube, x)
    x.data = math.nan
    with pytest.raises(ValueError, match=r"∂mul/∂\(operand 0\) was 3.0 when it was recorded and is nan now"):
        grad(cube, x)
    cube.backward()
    assert x.grad == 27.0


def test_changed_data_where_numbers_are_not_finite():
    """Partials that were nan or infinite when recorded are no sign of a change."""
    x, zero = Value(-2.0), Value(0.0)
    assert math.isnan(grad(x ** Value(0.5), x).data)
    assert grad(zero.log() + zero.sqrt(), zero).data == math.inf
    assert math.isnan(grad(zero / zero, zero).data)


def test_jacobian_of_a_linear_map():
    """The Jacobian of Wx + b is W."""
    W = [[1.0, -2.0, 0.5], [0.0, 3.0, 4.0]]
    x = [Value(0.3), Value(-1.0), Value(2.0)]
    outputs = [autograd.dot(row, x, b) for row, b in zip(W, (0.5, -0.5))]
    assert numbers(jacobian(outputs, x)) == W


def test_jacobian_is_a_row_for_each_output():
    """J[i][j] = ∂outputs[i]/∂inputs[j]."""
    x, y = Value(2.0), Value(3.0)
    assert numbers(jacobian([x * y, x + y, x - x], [x, y])) == [[3.0, 2.0], [1.0, 1.0], [0.0, 0.0]]


def test_hessian_of_a_quadratic_form():
    """The Hessian of ½xᵀAx is A for a symmetric A, and hvp gives A·v."""
    A = [[2.0, -1.0, 0.5], [-1.0, 3.0, 0.0], [0.5, 0.0, -4.0]]
    x = [Value(0.3), Value(-1.0), Value(2.0)]
    form = 0.5 * autograd.dot(x, [autograd.dot(row, x) for row in A])
    v = [1.0, -2.0, 0.5]
    assert numbers(hessian(form, x)) == A
    assert numbers(hvp(form, x, v)) == [sum(a * b for a, b in zip(row, v)) for row in A]


def test_hessian_of_rosenbrock():
    """H = [[12ax² − 4ay + 2, −4ax], [−4ax, 2a]] for (1−x)² + a(y−x²)², and can be differentiated again."""
    x, y = Value(-0.7), Value(1.4)
    f = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    rows = hessian(f, [x, y])
    assert numbers(rows) == [
        pytest.approx([1200 * 0.49 - 400 * 1.4 + 2, 280.0]),
        pytest.approx([280.0, 200.0]),
    ]
    assert grad(rows[0][0], x).data == pytest.approx(2400 * -0.7)


def test_products_with_vectors():
    """uᵀ(Jv) = (uᵀJ)v; weights and directions may be Values, and be differentiated through."""
    x, y, u, v = Value(0.4), Value(1.1), Value(2.0), Value(-3.0)
    outputs = [x * y, sin(x), y / x]
    forward = jvp(outputs, [x, y], [v, 0.5])
    reverse = vjp(outputs, [x, y], [u, 1.0, -1.0])
    pushed = u * forward[0] + forward[1] - forward[2]
    pulled = reverse[0] * v + reverse[1] * 0.5
    assert pushed.data == pytest.approx(pulled.data, rel=1e-14)
    assert grad(pulled, [u, v, x])[0].data == pytest.approx(forward[0].data)
    assert numbers(grad(pushed, [u, v, x])) == pytest.approx(numbers(grad(pulled, [u, v, x])))


def test_value_and_grad_keeps_the_shape_of_its_arguments():
    """One argument gives its gradient, several a tuple; numbers, Values and nested lists keep their shape."""
    value, slope = value_and_grad(lambda x: x**3)(2.0)
    assert (value.data, slope.data) == (8.0, 12.0)
    given = Value(5.0)
    value, (by_x, by_y) = value_and_grad(lambda x, y: x * y)(2, given)
    assert (value.data, by_x.data, by_y.data) == (10.0, 5.0, 2.0)
    assert grad(by_x, given).data == 1.0

    def layer(W, x, b):
        return autograd.sum([autograd.dot(row, x, b).tanh() for row in W])

    W, x, b = [[0.1, -0.2], [0.3, 0.4], [0.5, 0.6]], [1.5, -2.0], 0.25
    _, (by_W, by_x, by_b) = value_and_grad(layer)(W, x, b)
    slopes = [1 - math.tanh(sum(w * e for w, e in zip(row, x)) + b) ** 2 for row in W]
    assert numbers(by_W) == [pytest.approx([slope * e for e in x]) for slope in slopes]
    assert numbers(by_x) == pytest.approx([sum(s * row[j] for s, row in zip(slopes, W)) for j in range(2)])
    assert by_b.data == pytest.approx(sum(slopes))


def test_value_and_grad_refuses_what_is_no_value():
    """A function that returns a number and an argument that is none are named."""
    with pytest.raises(TypeError, match=r"must return a Value .* got 3.0"):
        value_and_grad(lambda x: 3.0)(1.0)
    with pytest.raises(TypeError, match="expected a real number, got 'a'"):
        value_and_grad(lambda x: x)(["a"])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: grad(3.0, x), TypeError, "outputs must be Values, but number 0 is 3.0"),
        (lambda x: grad(x, 3.0), TypeError, "inputs must be a Value or a sequence of Values, got float"),
        (lambda x: grad(x, [x, "x"]), TypeError, "inputs must be Values, but number 1 is 'x'"),
        (lambda x: grad(x, None), TypeError, "inputs must be .* got NoneType"),
        (lambda x: vjp([x, x], x, [1.0]), ValueError, "2 outputs, .*1"),
        (lambda x: jvp(x, [x, x], [1.0]), ValueError, "2 inputs, .*1"),
        (lambda x: jvp(x, x, "1"), TypeError, "expected a real number, got '1'"),
        (lambda x: jvp(x, x, True), TypeError, "expected a real number, got True"),
        (lambda x: hvp(x, [x], [1.0, 2.0]), ValueError, "1 inputs, .*2"),
        (lambda x: hessian(x, ["x"]), TypeError, "inputs must be Values, but number 0 is 'x'"),
        (lambda x: jacobian([1.0], [x]), TypeError, "outputs must be Values, but number 0 is 1.0"),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    """What is no Value, and a vector of the wrong length, ends in an error that says what was given."""
    with pytest.raises(error, match=message):
        call(Value(2.0))


def test_derivatives_of_a_deep_graph():
    """grad and jvp need no recursion: a chain of 20,000 nodes, differentiated twice."""
    x = Value(0.5)
    y = x
    for _ in range(10_000):
        y = y * x + 1e-9
    first = grad(x * x + y, x)
    assert first.data == pytest.approx(1.0, abs=1e-6)
    assert grad(first, x).data == pytest.approx(2.0, abs=1e-6)
    assert jvp(x * x + y, x, 1.0).data == pytest.approx(first.data, rel=1e-12)


def test_gradients_have_no_factors_of_1():
    """∂(x·y)/∂x is y itself, not y · 1: the gradient's graph is what one would write down."""
    x, y = Value(2.0), Value(3.0)
    assert grad(x * y, x) is y
    assert grad(x * y + x, y) is x
    assert jvp(x * y, x, 1.0) is y


def test_gradients_leave_out_what_leads_nowhere():
    """The gradient's graph holds only what the inputs need: unrelated branches do not make it larger."""
    x, w = Value(0.5), Value(2.0)
    unrelated = w
    for _ in range(1000):
        unrelated = unrelated.tanh()
    small = len(topological_order(grad(sin(x), x)))
    assert len(topological_order(grad(sin(x) + unrelated, x))) == small
