"""What the four documents on backpropagation derive comes out of the engine.

The documents, with the misprints that are not copied (their results are right):

- A: T. Lim, "First step of backpropagation" (its line for ∂L/∂Z drops brackets).
- B: "Deriving Backpropagation for Neural Networks".
- C: "AI Coffee Club: Backpropagation", 2019 (eq. 1 and 2 write σ(z) = Wa + b for σ(z) with z = Wa + b, eq. 3 has no
  bias but the first, eq. 6 has bˡ for bˡ⁺¹).
- D: B. S. Knight, "Backwards Propagation", 2017 (the fourth line of eq. 1 lacks a minus sign, eq. 8 the inner
  derivative −1 until its last line).

"By hand" is the right-hand side of the document's equation, computed here with plain floats.
"""

import math
import random
from itertools import pairwise

import pytest

import autograd
from autograd import (
    Value,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    dot,
    function,
    grad,
    log,
    ops,
    sigmoid,
    steps,
    sum,
)
from autograd.latex import derivative_formula, formula
from nn import MLP, SGD, Adam, RMSprop, fit, half_squared_error, make_moons, training_story

CLOSE = 1e-12
POINTS = [(0.21, 1.0), (0.5, 0.0), (0.9, 1.0), (0.3, 0.25), (0.999, 0.0)]


def s(x: float) -> float:
    """σ by hand."""
    return 1.0 / (1.0 + math.exp(-x))


def approx(expected):
    return pytest.approx(expected, rel=CLOSE, abs=1e-15)


class Network:
    """A sigmoid network of neurons typed out, which keeps every z and a; layer l is at index l, the input at 0."""

    def __init__(self, sizes: list[int], seed: int = 0) -> None:
        draw = random.Random(seed)
        self.W = [
            [[Value(draw.uniform(-1, 1)) for _ in range(m)] for _ in range(n)] for m, n in pairwise(sizes)
        ]
        self.b = [[Value(draw.uniform(-1, 1)) for _ in range(n)] for n in sizes[1:]]
        self.x = [draw.uniform(-1, 1) for _ in range(sizes[0])]
        self.z: list[list[Value]] = []
        self.a: list[list[Value]] = [[Value(x) for x in self.x]]
        for W, b in zip(self.W, self.b, strict=True):
            self.z.append([dot(row, self.a[-1], bias) for row, bias in zip(W, b, strict=True)])
            self.a.append([sigmoid(z) for z in self.z[-1]])

    def by_hand(self, y: float) -> tuple[list, list]:
        """(a of every layer, ∂C/∂z of every layer) by C's eq. 4–5 and 19, 24, with plain floats."""
        a = [self.x]
        for W, b in zip(self.W, self.b, strict=True):
            a.append(
                [
                    s(math.fsum(w.data * x for w, x in zip(row, a[-1], strict=True)) + bias.data)
                    for row, bias in zip(W, b, strict=True)
                ]
            )
        deltas = [[out - y for out in a[-1]]]
        for layer in range(len(self.W) - 1, 0, -1):
            W = self.W[layer]
            deltas.insert(
                0,
                [
                    math.fsum(W[i][j].data * deltas[0][i] for i in range(len(W)))
                    * a[layer][j]
                    * (1 - a[layer][j])
                    for j in range(len(a[layer]))
                ],
            )
        return a, deltas


@pytest.fixture
def output_neuron():
    """Z = W·A_previous + b, A = σ(Z), L = cross-entropy(A, y) with y = 1."""
    W = [Value(0.4), Value(-0.7), Value(0.2)]
    A_previous = [Value(0.5), Value(0.1), Value(-0.9)]
    b = Value(0.3)
    Z = dot(W, A_previous, b)
    A = sigmoid(Z)
    binary_cross_entropy(A, 1.0).backward()
    return W, A_previous, b, Z, A


@pytest.mark.parametrize(("a", "y"), POINTS)
def test_A1_derivative_of_the_cross_entropy(a, y):
    """A, 1: ∂L/∂A = −y/A + (1−y)/(1−A), by the operation and by the same formula typed out with log."""
    by_hand = -y / a + (1 - y) / (1 - a)
    A = Value(a)
    binary_cross_entropy(A, y).backward()
    assert A.grad == approx(by_hand)
    A = Value(a)
    (-y * log(A) - (1 - y) * log(1 - A)).backward()
    assert A.grad == approx(by_hand)
    assert (
        derivative_formula(ops.binary_cross_entropy, ["A", "y"])[0] == r"-\frac{y}{A} + \frac{1 - y}{1 - A}"
    )


@pytest.mark.parametrize("z", [-3.0, -1.28, 0.0, 0.5, 4.0])
def test_A2_derivative_of_the_sigmoid(z):
    """A, 2.1: ∂A/∂Z = A(1−A) for A = σ(Z), in numbers and in the formula that the row prints."""
    Z = Value(z)
    sigmoid(Z).backward()
    assert Z.grad == approx(s(z) * (1 - s(z)))
    assert derivative_formula(ops.sigmoid, ["Z"], "A") == [r"A \cdot \left(1 - A\right)"]


@pytest.mark.parametrize("z", [-3.0, -1.28, 0.0, 0.5, 4.0])
@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_A3_the_two_together(z, y):
    """A, 2: ∂L/∂Z = A − y, through the two operations and by the one on logits."""
    Z = Value(z)
    binary_cross_entropy(sigmoid(Z), y).backward()
    assert Z.grad == approx(s(z) - y)
    Z = Value(z)
    binary_cross_entropy_with_logits(Z, y).backward()
    assert Z.grad == approx(s(z) - y)


def test_A3_explained():
    """A, 2: ∂L/∂Z = ∂L/∂A · ∂A/∂Z = (−y/A + (1−y)/(1−A)) · A(1−A) = A − y, factor by factor."""
    Z, y = Value(0.3, "Z"), Value(1.0, "y")
    A = sigmoid(Z)
    A.label = "A"
    explanation = autograd.explain(binary_cross_entropy(A, y), Z)
    a = s(0.3)
    (path,) = explanation.paths
    assert path.partials == approx((a * (1 - a), -1.0 / a + 0.0 / (1 - a)))
    assert explanation.gradient == path.product == approx(a - 1.0)
    first, second = str(explanation).splitlines()[:2]
    assert first == "∂L/∂Z = ∂L/∂A · ∂A/∂Z"
    assert second == "      = (−y/A + (1 − y)/(1 − A)) · A·(1 − A)"


def test_A4_weights(output_neuron):
    """A, 3: ∂L/∂W = (A − y)·A_previous for every weight of the output neuron."""
    W, A_previous, _, _, A = output_neuron
    assert [w.grad for w in W] == approx([(A.data - 1.0) * a.data for a in A_previous])


def test_A5_bias(output_neuron):
    """A, 4: ∂L/∂b = A − y."""
    _, _, b, _, A = output_neuron
    assert b.grad == approx(A.data - 1.0)


def test_A6_previous_activations(output_neuron):
    """A, 5: ∂L/∂A_previous = ∂L/∂Z · W for every input of the output neuron."""
    W, A_previous, _, Z, _ = output_neuron
    assert [a.grad for a in A_previous] == approx([Z.grad * w.data for w in W])


def test_B1_two_layers():
    """B: dz² = a²−y; dW² = dz² a¹ᵀ; db² = dz²; dz¹ = W²ᵀdz² ∘ σ'(z¹); dW¹ = dz¹xᵀ; db¹ = dz¹ on a 2-3-1 network."""
    network, y = Network([2, 3, 1]), 1.0
    binary_cross_entropy(network.a[2][0], y).backward()
    a1, a2 = [a.data for a in network.a[1]], network.a[2][0].data
    W2 = [w.data for w in network.W[1][0]]
    dz2 = a2 - y
    dz1 = [w * dz2 * s(z.data) * (1 - s(z.data)) for w, z in zip(W2, network.z[0], strict=True)]
    assert network.z[1][0].grad == approx(dz2)
    assert [w.grad for w in network.W[1][0]] == approx([dz2 * a for a in a1])
    assert network.b[1][0].grad == approx(dz2)
    assert [z.grad for z in network.z[0]] == approx(dz1)
    assert [[w.grad for w in row] for row in network.W[0]] == [
        approx([d * x for x in network.x]) for d in dz1
    ]
    assert [b.grad for b in network.b[0]] == approx(dz1)


def test_B1_the_compiler_finds_these_equations():
    """B: the program compiled from the scalars of a 2-3-1 network prints dz², dW², db², dz¹, dW¹ and db¹ (δ for dz)."""
    pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")
    model = MLP(2, [3, 1], activation="sigmoid")
    program = autograd.compile(lambda x, y: binary_cross_entropy_with_logits(model(x), y), [0.5, -0.5], 1.0)
    lines = str(program).splitlines()
    for equation in (
        "δ2 = a2 − y",
        "∂W2 = Σ_rows δ2 a1ᵀ",
        "∂b2 = Σ_rows δ2",
        "δ1[3] = W2ᵀ·δ2 ∘ σ′(z1)",
        "∂W1 = Σ_rows δ1 xᵀ",
        "∂b1 = Σ_rows δ1",
    ):
        assert equation in lines


def test_B2_stochastic_descent_on_misclassified_points():
    """B: pick a random misclassified point, W := W − α dW, b := b − α db, until convergence."""
    draw = random.Random(3)
    X = [[draw.uniform(-1, 1), draw.uniform(-1, 1)] for _ in range(40)]
    X = [x for x in X if abs(x[0] + 2 * x[1]) > 0.2]
    y = [float(x[0] + 2 * x[1] > 0) for x in X]
    model, draw = MLP(2, [3, 1], activation="sigmoid"), random.Random(0)

    def misclassified():
        return [i for i, x in enumerate(X) if (model(x).data > 0) != (y[i] == 1.0)]

    assert misclassified()
    steps = 0
    while (wrong := misclassified()) and steps < 5000:
        i = draw.choice(wrong)
        model.zero_grad()
        binary_cross_entropy_with_logits(model(X[i]), y[i]).backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
        steps += 1
    assert not misclassified()


@pytest.mark.parametrize(
    ("optimizer", "batch_size"),
    [
        (lambda p: SGD(p, lr=0.5), None),
        (lambda p: SGD(p, lr=0.1), 8),
        (lambda p: SGD(p, lr=0.05), 1),
        (lambda p: SGD(p, lr=0.05, momentum=0.9), 8),
        (lambda p: RMSprop(p, lr=0.01), 8),
        (lambda p: Adam(p, lr=0.01), 8),
    ],
    ids=["batch", "mini-batch", "stochastic", "momentum", "RMSProp", "Adam"],
)
def test_B3_the_other_methods(optimizer, batch_size):
    """B, end: batch and mini-batch descent, momentum, RMSProp and Adam each train (PyTorch's numbers: test_optim)."""
    from nn import binary_cross_entropy_with_logits as loss

    X, y = make_moons(40, noise=0.05, seed=1)
    model = MLP(2, [6, 1], activation="tanh", seed=1)
    history = fit(
        model,
        X,
        y,
        loss=loss,
        optimizer=optimizer(model.parameters()),
        epochs=30,
        batch_size=batch_size,
        progress=False,
    )
    assert history["loss"][-1] < 0.7 * history["loss"][0]


@pytest.mark.parametrize("sizes", [[2, 1], [3, 4, 2], [2, 5, 4, 3, 1]])
def test_C1_forward_pass(sizes):
    """C, eq. 4–6: z_k = Σ_j w_kj a_j + b_k and a_k = σ(z_k), layer by layer, at any depth."""
    network = Network(sizes)
    a, _ = network.by_hand(1.0)
    for layer, expected in zip(network.a, a, strict=True):
        assert [value.data for value in layer] == approx(expected)


@pytest.mark.parametrize(("a", "y"), POINTS)
def test_C2_cost(a, y):
    """C, eq. 7: C = −(y log ŷ + (1−y) log(1−ŷ)), its value and its derivative."""
    prediction = Value(a)
    cost = binary_cross_entropy(prediction, y)
    cost.backward()
    assert cost.data == approx(-(y * math.log(a) + (1 - y) * math.log(1 - a)))
    assert prediction.grad == approx(-(y / a - (1 - y) / (1 - a)))


def test_C3_update():
    """C, eq. 8–9: W ← W − α ∂C/∂W and b ← b − α ∂C/∂b are one step of SGD."""
    network, alpha = Network([2, 3, 1]), 0.1
    binary_cross_entropy(network.a[2][0], 1.0).backward()
    parameters = [w for W in network.W for row in W for w in row] + [b for bs in network.b for b in bs]
    expected = [p.data - alpha * p.grad for p in parameters]
    SGD(parameters, lr=alpha).step()
    assert [p.data for p in parameters] == expected


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: SGD(p, lr=0.1),
        lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        lambda p: Adam(p, lr=0.1),
    ],
    ids=["SGD", "momentum", "Adam"],
)
def test_C3_as_a_story(optimizer):
    """C, eq. 8–9: the story of a training step updates W and b as `step()` of the optimiser does, to the last bit."""
    from nn import mean_squared_error as loss

    model = MLP(2, [3, 1], activation="sigmoid", seed=1)
    descent, (X, y) = optimizer(model.parameters()), make_moons(4, noise=0.05, seed=1)
    for _ in range(3):
        before = [p.data for p in model.parameters()]
        story = training_story(model, X, y, loss=loss, optimizer=descent)
        descent.zero_grad()
        loss([model(x) for x in X], y).backward()
        updates = [step for step in story if step.phase == "update"]
        assert [(step.node, step.before, step.partial) for step in updates] == [
            (p, data, p.grad) for p, data in zip(model.parameters(), before, strict=True)
        ]
        descent.step()
        assert [step.after for step in updates] == [p.data for p in model.parameters()]


def test_C4_last_layer():
    """C, eq. 16–19: ∂C/∂z^L = a^L − y, at the end of a 4-layer network."""
    network, y = Network([2, 4, 3, 3, 1]), 0.0
    binary_cross_entropy(network.a[4][0], y).backward()
    assert network.z[3][0].grad == approx(network.a[4][0].data - y)


def test_C5_every_layer():
    """C, eq. 20–24: ∂C/∂z^l = (W^{l+1}ᵀ ∂C/∂z^{l+1}) ∘ σ'(z^l) for every z of a 4-layer network."""
    network, y = Network([2, 4, 3, 3, 1]), 1.0
    binary_cross_entropy(network.a[4][0], y).backward()
    _, deltas = network.by_hand(y)
    for layer, expected in zip(network.z, deltas, strict=True):
        assert [z.grad for z in layer] == approx(expected)


def test_C6_every_parameter():
    """C, eq. 25–30: ∂C/∂W^l = ∂C/∂z^l a^{l−1}ᵀ and ∂C/∂b^l = ∂C/∂z^l for every parameter of it."""
    network, y = Network([2, 4, 3, 3, 1]), 1.0
    binary_cross_entropy(network.a[4][0], y).backward()
    a, deltas = network.by_hand(y)
    for layer, delta in enumerate(deltas):
        for k, row in enumerate(network.W[layer]):
            assert [w.grad for w in row] == approx([delta[k] * x for x in a[layer]])
        assert [b.grad for b in network.b[layer]] == approx(delta)


@pytest.mark.parametrize("x", [-5.0, -1.28, 0.0, 0.7, 6.0])
def test_D1_sigmoid_step_by_step(x):
    """D, eq. 1: σ' = σ(1−σ), as a graph from each line of the derivation; and σ'' = σ(1−σ)(1−2σ)."""
    X = Value(x)
    typed = 1 / (1 + (-X).exp())
    slope = grad(sigmoid(X), X)
    assert slope.data == approx(s(x) * (1 - s(x)))
    assert grad(typed, X).data == approx(math.exp(-x) / (1 + math.exp(-x)) ** 2)
    assert grad(slope, X).data == approx(s(x) * (1 - s(x)) * (1 - 2 * s(x)))


def test_D2_the_worked_number():
    """D, eq. 2–3: at x = −1.28 the document rounds ŷ to 0.21 and has δ = 0.131; unrounded it is 0.13319."""
    x, y = Value(-1.28), 1.0
    prediction = sigmoid(x)
    half_squared_error([prediction], [y]).backward()
    delta = -x.grad
    assert prediction.data == pytest.approx(0.21755, abs=5e-6)
    assert delta == pytest.approx(0.13319, abs=5e-6)
    assert delta == approx((y - s(-1.28)) * s(-1.28) * (1 - s(-1.28)))
    rounded = 0.21
    assert (y - rounded) * rounded * (1 - rounded) == pytest.approx(0.131, abs=5e-4)
    assert y - rounded == approx(0.79)


def test_D2_as_a_step():
    """D, eq. 2–3, as the document rounds: from ŷ = 0.21 to x = −1.28 flows −δ = (−0.79) × 0.21·0.79 = −0.131."""
    cut = function("cut", lambda x: math.floor(100 * s(x)) / 100, lambda x, z: z * (1.0 - z))
    for squash, delta in ((cut, "0.131"), (sigmoid, "0.133")):
        x, y = Value(-1.28, "x"), Value(1.0, "y")
        prediction = squash(x)
        prediction.label = "ŷ"
        passed = steps(half_squared_error([prediction], [y]))
        (flow,) = [step for step in passed if step.operand is x]
        assert (flow.upstream, flow.partial) == (
            prediction.data - 1.0,
            prediction.data * (1 - prediction.data),
        )
        assert f"{-flow.contribution:.3f}" == f"{-flow.after:.3f}" == delta
        if squash is cut:
            assert flow.sentence == (
                "From ŷ to x flows upstream × local derivative = (−0.79) × 0.1659 = −0.1311; "
                "the gradient of x goes from 0 to −0.1311"
            )


@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0), (-3.0, 0.5)])
def test_D3_partial_derivatives(x, y):
    """D, eq. 4–5: f = x² + xy + y² has ∂f/∂x = 2x + y and ∂f/∂y = x + 2y, in numbers and as printed."""
    X, Y = Value(x, "x"), Value(y, "y")
    f = X**2 + X * Y + Y**2
    f.backward()
    assert (X.grad, Y.grad) == (2 * x + y, x + 2 * y)
    by_x, by_y = grad(f, [X, Y])
    assert (by_x.data, by_y.data) == (2 * x + y, x + 2 * y)
    assert formula(f) == r"x^{2} + x \cdot y + y^{2}"
    assert sorted(formula(by_x).split(" + ")) == ["2 x", "y"]
    assert sorted(formula(by_y).split(" + ")) == ["2 y", "x"]


def test_D4_weighted_sums():
    """D: ∂h/∂x = W for h₁ and h₂, each x₁W₁ + x₂W₂, for both inputs."""
    x = [Value(0.5), Value(-2.0)]
    for weights in ([0.3, -0.8], [1.5, 0.25]):
        h = x[0] * weights[0] + x[1] * weights[1]
        assert [partial.data for partial in grad(h, x)] == weights


def test_D5_hidden_delta():
    """D, eq. 6–7: ∂E/∂g_j = Σ_i σ'(h_i) v_ij ∂E/∂h_i for a hidden unit with three outgoing edges."""
    g = Value(0.6)
    v = [0.5, -1.5, 2.0]
    targets = [0.0, 1.0, 1.0]
    outputs = [sigmoid(weight * g) for weight in v]
    sum([(t - out) ** 2 for t, out in zip(targets, outputs, strict=True)]).backward()
    paths = [
        s(w * 0.6) * (1 - s(w * 0.6)) * w * -2 * (t - s(w * 0.6)) for w, t in zip(v, targets, strict=True)
    ]
    assert g.grad == approx(math.fsum(paths))


def test_D5_explained():
    """D, eq. 6–7: `explain` lists the three paths from the hidden unit, σ'(h_i) v_ij ∂E/∂y_i each, and their sum."""
    g = Value(0.6, "g")
    weights = [0.5, -1.5, 2.0]
    v = [Value(weight, f"v_{i}") for i, weight in enumerate(weights, 1)]
    targets = [0.0, 1.0, 1.0]
    h = [weight * g for weight in v]
    y = [sigmoid(total) for total in h]
    E = half_squared_error(y, targets)
    explanation = autograd.explain(E, g, names={"h": h, "y": y, "E": E})
    by_hand = [s(w * 0.6) * (1 - s(w * 0.6)) * w * -(t - s(w * 0.6)) for w, t in zip(weights, targets)]
    assert explanation.count == 3
    for path in explanation.paths:
        i = h.index(path.nodes[1])
        assert path.nodes[:3] == (g, h[i], y[i])
        assert path.partials[:2] == approx((weights[i], s(weights[i] * 0.6) * (1 - s(weights[i] * 0.6))))
        assert path.product == approx(by_hand[i])
        assert f"g → h[{i}] → y[{i}] → " in str(explanation)
    assert {path.nodes[1] for path in explanation.paths} == set(h)
    E.backward()
    assert explanation.gradient == g.grad == approx(math.fsum(by_hand))


def test_D6_chain_rule():
    """D, Back Propagation: ∂E/∂z_j = ∂E/∂y_j · ∂y_j/∂z_j, as the numbers on the edges of the graph."""
    z = Value(0.4)
    y = sigmoid(z)
    E = half_squared_error([y], [1.0])
    E.backward()
    assert y.parents == (z,)
    assert z.grad == y.grad * y.partials[0]
    assert z.grad == approx((s(0.4) - 1.0) * s(0.4) * (1 - s(0.4)))


def test_D6_as_a_step():
    """D, Back Propagation: one step is ∂E/∂z = ∂E/∂y · ∂y/∂z, in symbols, with ∂y/∂z = y(1−y), and in numbers."""
    z = Value(-1.28, "z")
    y = sigmoid(z)
    y.label = "y"
    E = half_squared_error([y], [1.0])
    E.label = "E"
    step = steps(E)[-1]
    assert (step.node, step.operand) == (y, z)
    assert (step.upstream, step.partial) == approx((s(-1.28) - 1.0, s(-1.28) * (1 - s(-1.28))))
    assert step.after == step.contribution == step.upstream * step.partial
    assert step.plain == (
        "∂E/∂z = ∂E/∂y · ∂y/∂z = ∂E/∂y · y·(1 − y) = (−0.7824) · 0.2176·(1 − 0.2176) = (−0.7824) · 0.1702 = −0.1332"
    )
    assert step.latex.startswith(
        r"\frac{\partial E}{\partial z} = \frac{\partial E}{\partial y} \cdot \frac{\partial y}{\partial z} = "
    )


def test_D7_sum_of_squared_errors():
    """D, eq. 8: E = ½ Σ (y − ŷ)² has ∂E/∂ŷ = −(y − ŷ)."""
    targets = [1.0, 0.0, -2.0]
    predictions = [Value(0.21), Value(0.5), Value(3.0)]
    E = half_squared_error(predictions, targets)
    E.backward()
    assert E.data == approx(0.5 * (0.79**2 + 0.5**2 + 5.0**2))
    assert [p.grad for p in predictions] == approx(
        [-(t - p.data) for t, p in zip(targets, predictions, strict=True)]
    )
