"""Tests of how compiled functions are shown."""

import re

from listings import equations, shown

import autograd
from autograd import (
    Value,
    binary_cross_entropy_with_logits,
    cross_entropy,
    dot,
    exp,
    function,
    sin,
)
from nn import MLP, Module

# "Deriving Backpropagation for Neural Networks": the formulas for a sigmoid network and cross-entropy.
DOCUMENT = r"""dz^{[2]}=a^{[2]}-y\\ dW^{[2]}=dz^{[2]}a^{[1]T}\\ db^{[2]}=dz^{[2]}\\
dz^{[1]}=W^{[2]T}dz^{[2]}*\sigma^{'}(z^{[1]})\\ dW^{[1]}=dz^{[1]}x^{T}\\ db^{[1]}=dz^{[1]}"""


def in_one_notation(equation: str) -> str:
    """An equation, the document's or a printed one of a single row, with no mark that only one of them has."""
    document = [("^{'}", "'"), ("^{[", ""), ("]}", ""), ("]T}", "T"), ("^{T}", "T"), (r"\sigma", "σ")]
    printed = [("Σ_rows ", ""), ("δ", "dz"), ("∂", "d"), ("ᵀ", "T"), ("′", "'"), ("−", "-"), ("∘", "*")]
    for mark, plain in [*document, *printed, ("·", ""), (" ", "")]:
        equation = equation.replace(mark, plain)
    return re.sub(r"\[[\d×]+\]", "", equation)


def test_the_two_layer_network_prints_the_equations_of_the_textbook():
    """For σ layers and cross-entropy on logits the printed gradient is the derivation found in textbooks."""
    model = MLP(2, [3, 1], activation="sigmoid")
    listed = shown(lambda x, y: binary_cross_entropy_with_logits(model(x), y), [1.0, 2.0], 1.0)
    backward = [in_one_notation(line) for line in equations(listed.text()) if line[0] in "δ∂"]
    assert backward == [in_one_notation(line.strip()) for line in DOCUMENT.split(r"\\")]


def test_the_two_layer_network_in_full():
    """The listing in full: forward, loss and backward, with shapes and where the parameters are held."""
    model = MLP(2, [3, 1], activation="sigmoid")
    listed = shown(lambda x, y: binary_cross_entropy_with_logits(model(x), y), [1.0, 2.0], 1.0)
    assert listed.text().split("\n") == [
        "z1[3] = W1[3×2]·x[2] + b1[3]",
        "a1[3] = σ(z1)",
        "z2 = W2[1×3]·a1 + b2",
        "L = Σ_rows binary_cross_entropy_with_logits(z2, y)",
        "a2 = σ(z2)",
        "δ2 = a2 − y",
        "∂W2 = Σ_rows δ2 a1ᵀ",
        "∂b2 = Σ_rows δ2",
        "δ1[3] = W2ᵀ·δ2 ∘ σ′(z1)",
        "∂W1 = Σ_rows δ1 xᵀ",
        "∂b1 = Σ_rows δ1",
        "where W1 is layers.0.neurons.*.w, b1 is layers.0.neurons.*.b, W2 is layers.1.neurons.0.w, b2 is",
        "      layers.1.neurons.0.b",
    ]


def test_latex():
    """The same equations typeset, each with the space that its left side is in."""
    model = MLP(2, [3, 1], activation="sigmoid")
    lines = shown(lambda x, y: binary_cross_entropy_with_logits(model(x), y), [1.0, 2.0], 1.0).latex()
    assert lines.split("\n")[1:-1][::4] == [
        r"z_{1} &= W_{1} x + b_{1} && \in \mathbb{R}^{3} \\",
        r"a_{2} &= \sigma\left(z_{2}\right) \\",
        r"\delta_{1} &= W_{2}^{\top} \cdot \delta_{2} \circ \sigma'\left(z_{1}\right) && \in \mathbb{R}^{3} \\",
    ]
    assert lines.count("{") == lines.count("}")
    assert lines.count(r"\left") == lines.count(r"\right")


def test_a_deep_relu_network_with_hinge_loss():
    """Any depth: δ goes back through each layer's matrix and relu′; what is used twice has a line."""
    model = MLP(2, [16, 16, 1])
    assert equations(shown(lambda x, y: (1.0 - model(x) * y).relu(), [1.0, 2.0], 1.0).text()) == [
        "z1[16] = W1[16×2]·x[2] + b1[16]",
        "a1[16] = relu(z1)",
        "z2[16] = W2[16×16]·a1 + b2[16]",
        "a2[16] = relu(z2)",
        "z3 = W3[1×16]·a2 + b3",
        "t1 = 1 − z3·y",
        "L = Σ_rows relu(t1)",
        "δ3 = −relu′(t1)·y",
        "∂W3 = Σ_rows δ3 a2ᵀ",
        "∂b3 = Σ_rows δ3",
        "δ2[16] = W3ᵀ·δ3 ∘ relu′(z2)",
        "∂W2 = Σ_rows δ2 a1ᵀ",
        "∂b2 = Σ_rows δ2",
        "δ1[16] = W2ᵀ·δ2 ∘ relu′(z1)",
        "∂W1 = Σ_rows δ1 xᵀ",
        "∂b1 = Σ_rows δ1",
    ]


def test_several_classes():
    """Softmax cross-entropy: δ is softmax minus one-hot, and tanh′ is recognised."""
    model = MLP(2, [4, 3], activation="tanh")
    lines = equations(shown(lambda x, y: cross_entropy(model(x), y), [1.0, 2.0], 1.0).text())
    assert lines[3:] == [
        "L = Σ_rows cross_entropy(z2, y)",
        "δ2[3] = softmax(z2) − [y = (0, 1, 2)]",
        "∂W2 = Σ_rows δ2 a1ᵀ",
        "∂b2 = Σ_rows δ2",
        "δ1[4] = W2ᵀ·δ2 ∘ tanh′(z1)",
        "∂W1 = Σ_rows δ1 xᵀ",
        "∂b1 = Σ_rows δ1",
    ]


def test_an_irregular_function_is_told_as_it_is():
    """Entries of an argument have their number, from 0; each gradient is one line."""
    w = Value(2.0)
    f = lambda x, y: sin(w * x[0] + x[2]) * exp(x[1]) - w * y / x[1]  # noqa: E731  # a function without a name
    assert shown(f, [1.0, 2.0, 3.0], 1.0).text().split("\n") == [
        "z1 = w·x₀ + x₂",
        "t1 = exp(x₁)",
        "L = Σ_rows (sin(z1)·t1 − w·y / x₁)",
        "∂w = Σ_rows (x₀·t1·cos(z1) + y·(−1 / x₁))",
    ]


def test_gathered_operands_show_their_indices():
    """A convolution: windows of the argument, one kernel, whose gradient adds up over the windows."""
    kernel = [Value(0.1), Value(0.2), Value(0.3)]
    windows = lambda x: autograd.sum([dot(kernel, x[i : i + 3]) ** 2 for i in range(4)])  # noqa: E731
    assert shown(windows, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).text().split("\n") == [
        "z1[4] = x[…]·kernel[3]",
        "L = Σ_rows Σᵢ(z1²)",
        "t1[4] = 2·z1",
        "∂kernel = Σ_rows Σᵢ(x[0,1,1,2,…] ∘ t1[0,0,1,0,…])",
    ]


def test_a_penalty_is_computed_once():
    """What depends on no argument stands first, is added to L outside the sum, and to the gradient by +=."""
    w, b = [Value(1.0), Value(2.0)], Value(0.5)
    f = lambda x, y: (dot(w, x, b) - y) ** 2 + 0.1 * (w[0] ** 2 + w[1] ** 2)  # noqa: E731
    lines = [line for line in shown(f, [1.0, 2.0], 1.0).text().split("\n") if not line.startswith("∂t1")]
    assert lines[:-1] == [
        "t1 = 0.1·Σₖ(w[2]²)",
        "z1 = w·x[2] + b",
        "t2 = z1 − y",
        "L = Σ_rows t2² + t1",
        "δ1 = 2·t2",
        "∂w = Σ_rows δ1·x",
        "∂b = Σ_rows δ1",
    ]
    assert lines[-1].startswith("∂w += ")


def test_a_function_with_several_results():
    """Without a gradient the last line is what the function, by its name, returns."""
    w = Value(2.0)

    def transform(x):
        return [x[0] + w, x[1] * w]

    listed = shown(transform, [1.0, 2.0], gradient=False)
    assert listed.text() == "transform = (x₀ + w, x₁·w)"


def test_a_layer_used_again_has_no_single_gradient():
    """Steps of a recurrence share one matrix: its gradient is the sum over them, and no δ is claimed."""
    W, U = [[Value(0.1), Value(0.2)], [Value(0.3), Value(0.4)]], [Value(0.5), Value(0.6)]

    def recurrent(x, y):
        h = [(u * x[0]).tanh() for u in U]
        for step in x[1:]:
            h = [dot([*w, u], [*h, step]).tanh() for w, u in zip(W, U, strict=True)]
        return (h[0] + h[1] - y) ** 2

    lines = equations(shown(recurrent, [1.0, 2.0, 3.0], 1.0).text())
    assert not any(line.startswith("δ2") for line in lines)
    assert [line.count("ᵀ") for line in lines if line.startswith("∂W")] == [2]


def test_long_programs_are_cut():
    """Of a long listing the first lines are shown, and how many more there are."""
    model = MLP(2, [4] * 12 + [1], activation="tanh")
    listed = shown(lambda x: model(x) ** 2, [1.0, 2.0])
    lines = equations(listed.text())
    assert len(lines) == 41
    assert lines[-1] == f"… and {len(listed.equations) - 40} more"
    assert rf"\text{{ and {len(listed.equations) - 40} more}}" in listed.latex()


def test_parameters_are_named_after_attributes_and_variables():
    """One attribute of a model or a variable gives its own name; numbered parts give W and b."""

    class Line(Module):
        def __init__(self):
            self.slope, self.offset = Value(2.0), Value(1.0)

        def __call__(self, x):
            return self.slope * x + self.offset

    line = Line()
    assert equations(shown(lambda x, y: (line(x) - y) ** 2, 1.0, 2.0).text())[0] == "z1 = slope·x + offset"
    assert equations(shown(line, 1.0, gradient=False).text())[0] == "z1 = slope·x + offset"


cube = function("cube", lambda x: x**3, lambda x, z: 3.0 * x * x)


def test_an_operation_of_ones_own_is_shown():
    """It prints by its name."""
    assert equations(shown(lambda x: cube(x), 2.0).text()) == ["L = Σ_rows cube(x)"]
