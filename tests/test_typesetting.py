"""Tests of the formula of a step."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from graphs import KINKED, recipes
from hypothesis import given
from test_properties import random_graphs

import autograd
from autograd import Step, Value, steps


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (lambda x, y: x * y, "z = x·y = 0.5·(−2) = −1"),
        (lambda x, y: x - y, "z = x − y = 0.5 − (−2) = 2.5"),
        (lambda x, y: y**2, "z = y² = (−2)² = 4"),
        (lambda x, y: x + 1.0, "z = x + 1 = 0.5 + 1 = 1.5"),
        (lambda x, y: autograd.sigmoid(x), "z = σ(x) = σ(0.5) = 0.6225"),
        (
            lambda x, y: autograd.dot([x, y], [y, 3.0], x),
            "z = x·y + y·3 + x = 0.5·(−2) + (−2)·3 + 0.5 = −6.5",
        ),
        (lambda x, y: autograd.dot([x], [y]), "z = x·y = 0.5·(−2) = −1"),
        (lambda x, y: autograd.sum([x, y, x]), "z = x + y + x = 0.5 + (−2) + 0.5 = −1"),
        (lambda x, y: autograd.prod([x] * 7), "z = x·x·…·x = 0.5·0.5·…·0.5 = 0.007812"),
        (lambda x, y: autograd.sum([x] * 784), "z = x + x + … + x = 0.5 + 0.5 + … + 0.5 = 392"),
        (
            lambda x, y: autograd.dot([x] * 784, [y] * 784, 1.0),
            "z = x·y + x·y + … + x·y + 1 = 0.5·(−2) + 0.5·(−2) + … + 0.5·(−2) + 1 = −783",
        ),
        (
            lambda x, y: autograd.binary_cross_entropy(x, 1.0),
            "z = −1·log(x) − (1 − 1)·log(1 − x) = −1·log(0.5) − (1 − 1)·log(1 − 0.5) = 0.6931",
        ),
        (lambda x, y: Value(2.0) * Value(3.0), "z = 2·3 = 6"),
    ],
)
def test_what_is_computed(record, expected):
    """In names, in numbers with brackets where a sign needs them, and the result; the middle of many left out."""
    z = record(Value(0.5, "x"), Value(-2.0, "y"))
    z.label = "z"
    assert steps(z)[0].plain == expected


def test_one_edge_carries_the_whole_gradient():
    """∂L/∂a is upstream times local derivative, as symbols, as the row states it, and in numbers."""
    z = Value(0.0, "z")
    a = autograd.sigmoid(z)
    a.label = "a"
    step = steps(a * 3.0)[-1]
    assert step.plain == "∂L/∂z = ∂L/∂a · ∂a/∂z = ∂L/∂a · a·(1 − a) = 3 · 0.5·(1 − 0.5) = 3 · 0.25 = 0.75"
    assert step.latex == (
        r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \cdot \frac{\partial a}{\partial z}"
        r" = \frac{\partial L}{\partial a} \cdot a \cdot \left(1 - a\right)"
        r" = 3 \cdot 0.5 \cdot \left(1 - 0.5\right) = 3 \cdot 0.25 = 0.75"
    )


def test_several_edges_add_up():
    """Where more than one edge leads to a node, each adds to what it holds."""
    a, b = Value(3.0, "a"), Value(2.0, "b")
    first, second = [step.plain for step in steps(a * a + b) if step.operand is a]
    assert first == "∂L/∂a ← ∂L/∂a + ∂L/∂v1 · ∂v1/∂a = ∂L/∂a + ∂L/∂v1 · a = 0 + 1 · 3 = 3"
    assert second == "∂L/∂a ← ∂L/∂a + ∂L/∂v1 · ∂v1/∂a = ∂L/∂a + ∂L/∂v1 · a = 3 + 1 · 3 = 6"


def test_gradients_that_were_not_zeroed_are_added_to():
    """A pass that starts from an old gradient says so, on a node with a single edge too."""
    a = Value(3.0, "a")
    step = replace(steps(-a)[-1], before=0.5, after=-0.5)
    assert step.plain == "∂L/∂a ← ∂L/∂a + ∂L/∂L · ∂L/∂a = 0.5 + 1 · (−1) = −0.5"


def test_the_seed_and_the_end_of_a_training_step():
    """∂L/∂L = 1; W ← W − α ∂L/∂W, or the change where the rule is another; the gradient set to 0."""
    w = Value(0.5, "w")
    passed = steps(-w)
    assert passed[1].plain == "∂L/∂L = 1"
    update = Step(3, "update", w, 0.6, passed.graph, partial=-1.0, before=0.5, after=0.6, rate=0.1)
    assert update.plain == "w ← w − α · ∂L/∂w = 0.5 − 0.1 · (−1) = 0.6"
    assert r"w \leftarrow w - \alpha \cdot \frac{\partial L}{\partial w}" in update.latex
    assert replace(update, rate=None).plain == "w ← 0.5 + 0.1 = 0.6"
    assert replace(update, rate=None, after=0.4).plain == "w ← 0.5 − 0.1 = 0.4"
    assert Step(4, "zero", w, 0.6, passed.graph, before=-1.0, after=0.0).plain == "∂L/∂w ← 0"


def test_the_parts_of_a_step_are_marked():
    """In MathML the upstream gradient, the local derivative and their product have classes of their own."""
    z = Value(0.0, "z")
    step = steps(autograd.sigmoid(z) * 3.0)[-1]
    root = ElementTree.fromstring(step.mathml)
    marked = {part: ["".join(e.itertext()) for e in root.iter() if e.get("class") == part] for part in PARTS}
    assert marked["upstream"] == ["∂L∂v1", "∂L∂v1", "3", "3"]
    assert marked["partial"][0] == "∂v1∂z"
    assert marked["partial"][-1] == "0.25"
    assert marked["contribution"] == ["0.75"]


PARTS = ("upstream", "partial", "contribution")


def test_a_users_operation_whose_rule_takes_only_numbers():
    """Its partial is a number, and is shown as one."""
    kinked = autograd.function("kinked", lambda x: max(x, 0.0), lambda x, z: 1.0 if float(x) > 0.0 else 0.5)
    assert steps(kinked(Value(-2.0, "x")))[-1].plain == "∂L/∂x = ∂L/∂L · ∂L/∂x = 1 · 0.5 = 0.5"


def test_of_many_operands_the_local_derivative_is_its_number():
    """A class's logit among thirty: not a formula over all of them."""
    logits = [Value(0.01 * i, f"z{i}") for i in range(30)]
    step = steps(autograd.cross_entropy(logits, 2))[2]
    assert step.plain == "∂L/∂z0 = ∂L/∂L · ∂L/∂z0 = 1 · 0.02873 = 0.02873"


@random_graphs
@given(recipes(KINKED, most=6))
def test_every_step_has_a_formula(recipe):
    """Of random graphs of every row: LaTeX with balanced braces, MathML that parses, and one line of text."""
    output, _ = recipe.record()
    for step in steps(output):
        assert step.latex.count("{") == step.latex.count("}")
        assert ElementTree.fromstring(step.mathml).tag.endswith("math")
        assert "\n" not in step.plain
        assert step.sentence
