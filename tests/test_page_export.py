"""Tests of a pass as data for the page: its graph, rules, steps and picture."""

import json
import math

import pytest
from graphs import KINKED, recipes
from hypothesis import given, settings

import autograd
from autograd import Value, function, lessons, steps
from autograd.page.export import exported
from nn import MLP, SGD, Adam, half_squared_error, training_story


def neuron():
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b")
    return autograd.sigmoid(w * x + b)


def story(optimizer):
    model = MLP(2, [2, 1], seed=0)
    return training_story(
        model, [[1.0, 2.0]], [0.5], loss=half_squared_error, optimizer=optimizer(model.parameters(), lr=0.1)
    )


@settings(deadline=None, max_examples=30)
@given(recipes(KINKED, most=10))
def test_every_graph_is_json_and_complete(recipe):
    """All nodes with their operands, all steps with their numbers, a rule for each operation; no inf or nan."""
    passed = steps(recipe.record()[0])
    data = json.loads(json.dumps(exported(passed, 0, None), allow_nan=False))
    assert len(data["nodes"]) == len(passed.order)
    assert len(data["steps"]) == len(passed)
    for node, found in zip(passed.order, data["nodes"]):
        assert float(found["value"]) == node.data or math.isnan(node.data)
        if not node.is_leaf:
            assert [passed.order[i] for i in found["operands"]] == list(node.parents)
            assert len(data["rules"][found["rule"]]) == 3
    assert data["fixed"] == ""


def test_numbers_are_those_of_the_steps():
    """Phase, node, operand's number, and upstream, partial, contribution, before, after: nothing is rounded."""
    passed = steps(neuron())
    data = exported(passed, 0, None)
    last = passed[-1]
    phase, node, position, value, *numbers = data["steps"][-1]
    assert (phase, passed.order[node], position, value) == ("backward", last.node, last.position, last.value)
    assert numbers == [last.upstream, last.partial, last.contribution, last.before, last.after]


def test_infinities_are_text():
    """JSON has no inf and nan."""
    data = exported(steps(Value(0.0, "a").log() * 0.0), 0, None)
    assert [node["value"] for node in data["nodes"]] == [0.0, "-inf", 0.0, "nan"]


def test_equal_rules_are_exported_once():
    """A network's thousand products share a rule."""
    model = MLP(3, [4, 4, 1], seed=0)
    data = exported(steps(model([1.0, 2.0, 3.0]), model=model), 0, None)
    assert len(data["rules"]) <= 4


def test_names_are_escaped():
    """A label is text, also where it looks like a tag."""
    data = exported(steps(Value(1.0, "<b>&") * 2.0), 0, None)
    assert data["nodes"][0]["name"] == "<b>&"
    assert data["nodes"][0]["symbols"][0] == "<mtext>&lt;b&gt;&amp;</mtext>"


def test_a_leaf_without_a_name_is_called_by_its_number():
    """It has no symbol, so that its name changes with it; boxes that name it have a hole for it."""
    a, b = Value(2.0), Value(3.0, "b")
    data = exported(steps(a * b), 0, None)
    assert [node["symbols"] is None for node in data["nodes"]] == [True, False, False]
    assert data["board"]["boxes"][2]["expression"] == "⟦0⟧ × b"


def test_every_operand_that_is_drawn_has_an_edge_in_the_order_of_uses():
    """The page finds the edge of a use by counting."""
    a = Value(2.0, "a")
    passed = steps((a * a + 1.0) * a)
    data = exported(passed, 0, None)
    box = {b["node"]: i for i, b in enumerate(data["board"]["boxes"])}
    uses = [
        (box[operand], box[i])
        for i, node in enumerate(data["nodes"])
        for operand in node.get("operands", [])
        if operand in box
    ]
    assert [(edge["from"], edge["to"]) for edge in data["board"]["edges"]] == uses


def test_what_may_be_edited_is_said():
    """Not the numbers of a wrong pass, nor of a training step whose update the page cannot compute."""
    assert exported(story(SGD), 0, None)["fixed"] == ""
    assert "optimiser" in exported(story(Adam), 0, None)["fixed"]
    a = Value(3.0, "a")
    lesson = lessons.assignment(a * a)
    assert "on purpose" in exported(lesson.wrong, 0, lesson)["fixed"]
    assert "does not add up" in exported(lesson.wrong, 0, None)["fixed"]


def test_a_lesson_comes_with_the_right_gradients():
    """Its title, its text, where the passes part, and what each gradient should be."""
    a = Value(3.0, "a")
    lesson = lessons.assignment(a * a)
    data = exported(lesson.wrong, 0, lesson)["lesson"]
    assert (data["title"], data["text"], data["parting"]) == (lesson.title, lesson.text, lesson.parting)
    assert data["right"] == {0: 6.0, 1: 1.0}


def test_a_lesson_on_a_large_model_opens_at_the_group_where_the_passes_part():
    """Its page counts groups: both numbers are those of the group that the step is in."""
    model = MLP(40, [30, 1], seed=0)
    output = model([0.1] * 40)
    lesson = lessons.assignment(output * output, model=model)
    data = exported(lesson.wrong, lesson.parting, lesson)
    group = data["board"]["groups"][data["at"]]
    assert group["steps"][0] <= lesson.parting < group["steps"][1]
    assert data["lesson"]["parting"] == data["at"]
    assert data["lesson"]["text"] == lesson.text


def test_a_users_operation_is_held():
    """Its rule says that it cannot be computed for other numbers."""
    cosine = function("cosine", lambda x: math.cos(x), lambda x, z: -autograd.sin(x))
    data = exported(steps(cosine(Value(1.0, "x"))), 0, None)
    assert [held for _, _, held in data["rules"]] == [True]


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_stories_have_all_phases(kind):
    """Forward, seed, backward, update and zero; the rate is there where the update is W − α ∂L/∂W."""
    found = exported(story(kind), 0, None)["steps"]
    assert list(dict.fromkeys(step[0] for step in found)) == ["forward", "seed", "backward", "update", "zero"]
    update = next(step for step in found if step[0] == "update")
    assert (update[-1] == 0.1) == (kind is SGD)
