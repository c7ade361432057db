"""Tests of the pictures of compiled functions."""

import re

import autograd
from autograd import Value, cross_entropy, function
from autograd.drawing.drawing import Drawing
from nn import MLP, l2_penalty


def drawn(f, *example):
    """The picture, its boxes by their first word, and its edges between these words, with their colours."""
    picture = autograd.compile(f, *example).draw()
    assert isinstance(picture, Drawing)
    boxes = dict(re.findall(r'\t(n\d+) \[label="(.*?)" color', picture.source))
    names = {box: re.split(r"[ \[\\]", label)[0] for box, label in boxes.items()}
    edges = re.findall(r'\t(n\d+) -> (n\d+) \[color="(#\w+)"', picture.source)
    assert (picture.nodes, picture.edges) == (len(boxes), len(edges))
    return picture, boxes, {(names[a], names[b]): colour for a, b, colour in edges}


def network():
    model = MLP(2, [3, 1], activation="sigmoid")
    return lambda x, y: autograd.binary_cross_entropy_with_logits(model(x), y)


def test_the_two_layer_network_is_a_dozen_boxes():
    """Arguments, each layer's parameters, each equation, and each layer's gradients, with what they are of."""
    picture, boxes, edges = drawn(network(), [1.0, 2.0], 1.0)
    assert picture.nodes == 13
    assert list(boxes.values())[:6] == [
        r"x[2]\l",
        r"y\l",
        r"W1[3×2]\lb1[3]\l",
        r"W2[1×3]\lb2\l",
        r"z1[3] = W1·x + b1\l",
        r"a1[3] = σ(z1)\l",
    ]
    assert r"∂W1 = Σ_rows δ1 xᵀ\l∂b1 = Σ_rows δ1\l" in boxes.values()
    assert {("x", "z1"), ("W1", "z1"), ("z1", "a1"), ("a1", "z2"), ("z2", "L"), ("y", "L")} <= edges.keys()
    assert {
        ("y", "δ2"),
        ("δ2", "δ1"),
        ("W2", "δ1"),
        ("a1", "∂W2"),
        ("δ1", "∂W1"),
        ("x", "∂W1"),
    } <= edges.keys()
    assert ("L", "δ2") not in edges


def test_forward_and_gradient_differ_in_colour():
    """What the loss is made of is drawn in one colour, what only its gradient needs in another."""
    picture, _, edges = drawn(network(), [1.0, 2.0], 1.0)
    assert edges["z1", "a1"] == edges["z2", "L"]
    assert edges["δ2", "δ1"] == edges["δ1", "∂W1"] != edges["z1", "a1"]
    assert [role for role in ("input", "parameter", "forward", "result", "gradient") if f">{role}<" in picture.source] == [
        "input", "parameter", "forward", "result", "gradient",
    ]  # fmt: skip


def test_a_penalty_stands_beside_the_layers():
    """Parameters stay with their layer when a penalty uses all, and what it adds has a box of its own."""
    model = MLP(2, [16, 16, 1])
    loss = lambda x, y: (1.0 - model(x) * y).relu() + l2_penalty(model.parameters(), 1e-3)  # noqa: E731
    picture, boxes, edges = drawn(loss, [1.0, 2.0], 1.0)
    assert picture.nodes == 20
    assert [label for label in boxes.values() if label.startswith("W")] == [
        r"W1[16×2]\lb1[16]\l",
        r"W2[16×16]\lb2[16]\l",
        r"W3[1×16]\lb3\l",
    ]
    assert {("W1", "t1"), ("W2", "t1"), ("W3", "t1"), ("t1", "L")} <= edges.keys()


def test_a_function_without_a_gradient():
    """Its result is the last box, by the name of the function."""
    model = MLP(3, [4, 2], activation="tanh")

    def predict(x):
        return model(x)

    _, boxes, edges = drawn(predict, [1.0, 2.0, 3.0])
    assert list(boxes.values())[-1].startswith("predict = z2")
    assert ("z2", "predict") in edges


def test_long_programs_and_long_lines():
    """Of many equations the first are drawn, and how many more there are is said; long ones are broken."""
    w = [Value(0.01 * i) for i in range(70)]

    def f(x):
        z = x[0]
        for i in range(1, 69):
            z = (w[i] * z + w[i - 1] * x[i % 3]).sin() * w[i + 1]
        return z

    picture, boxes, _ = drawn(f, [1.0, 2.0, 3.0])
    more = len(autograd.compile(f, [1.0, 2.0, 3.0]).listing().equations) - 40
    assert f"… and {more} more equations" in picture.source
    assert max(len(line) for label in boxes.values() for line in label.split(r"\l")) <= 50
    model = MLP(4, [5, 3])
    _, boxes, _ = drawn(lambda x, y: cross_entropy(model(x), y), [1.0] * 4, 0)
    assert any(label.startswith(r"δ2[3] = softmax(z2)") for label in boxes.values())


def test_names_that_graphviz_would_read():
    """Braces and bars in names are shown as they are."""
    hidden = iter([Value(2.0, label="a|{b}")] * 2)
    held = next(hidden).relu  # holds the Value where no name leads to it
    odd = function("odd", lambda x: x, lambda x, z: 1.0)
    picture, boxes, _ = drawn(lambda x: odd(held.__self__ * x), 1.0)
    assert r"a\|\{b\}\l" in boxes.values()
    assert "<svg" in picture.svg()
