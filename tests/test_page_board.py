"""Tests of the picture on the page as data, and of what happens in it above 1,000 nodes."""

import re
from itertools import pairwise

import pytest

import autograd
from autograd import Value, cross_entropy, steps
from autograd.page.board import exported_board
from nn import MLP


def board(passed):
    return exported_board(passed, {node: i for i, node in enumerate(passed.order)})


def network(*widths):
    model = MLP(8, list(widths), seed=0)
    return steps(cross_entropy(model([0.1 * i for i in range(8)]), 1), model=model)


@pytest.fixture(scope="module")
def large():
    """A network of more than 1,000 nodes, and its picture."""
    passed = network(50, 20)
    return passed, board(passed)


def test_each_node_has_a_box_and_constants_have_none():
    """The number 1 stands in the operation that uses it."""
    found = board(steps(Value(2.0, "a") * 3.0 + 1.0))
    assert [(box["name"], box["expression"]) for box in found["boxes"]] == [
        ("a", ""), ("v1", "a × 3"), ("L", "v1 + 1")
    ]  # fmt: skip
    assert "groups" not in found


def test_long_expressions_are_cut_off():
    """The page shows the whole of it beside the picture."""
    long = Value(1.0, "a_very_long_name_of_a_number") * Value(2.0, "and_another_very_long_name")
    for box in board(steps(long))["boxes"]:
        assert len(box["name"]) <= 24
        assert len(box["expression"]) <= 24


def test_an_expression_of_numbers_is_cut_off_with_whole_holes():
    """As many letters as with the numbers, whatever these are: no half hole, and no more than has room."""
    for count in range(2, 9):
        for number in (3.0, -0.53581234):
            leaves = [Value(number) for _ in range(count)]
            for z in (autograd.logsumexp(leaves), autograd.cross_entropy(leaves, 1), leaves[0] * leaves[1]):
                box = next(box for box in board(steps(z))["boxes"] if box["name"] == "L")
                filled = re.sub(r"⟦\d+⟧", f"{number:.4g}", box["expression"])
                assert "⟦" not in filled
                assert "⟧" not in filled
                shown = filled if len(filled) <= 24 else filled[:23] + "…"
                assert len(shown) * 7.9 + 24 <= box["at"][2]


def test_modules_have_frames():
    """Around neurons and layers, each with its name; the outer ones come first."""
    found = board(network(2, 2))
    assert [title for title, *_ in found["frames"]][:2] == ["layers[0]", "neurons[0]"]


def test_large_models_are_drawn_as_neurons(large):
    """Above 1,000 nodes, one box for each neuron, and groups of steps that are all steps in order."""
    passed, found = large
    names = [box["name"] for box in found["boxes"]]
    assert len(passed.order) > 1000 > len(names)
    assert names.count("neurons[0]") == 2
    spans = [group["steps"] for group in found["groups"]]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(passed)
    assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_groups_say_where_they_are_and_what_happens(large):
    """Their boxes, the edges along which numbers flow, and the first of their sentences."""
    passed, found = large
    group = next(
        g for g in found["groups"] if g["name"] == "layers[1].neurons[3]" and g["phase"] == "backward"
    )
    (box,) = group["boxes"]
    assert found["boxes"][box]["name"] == "neurons[3]"
    assert {found["edges"][edge]["to"] for edge in group["edges"]} == {box}
    assert len(group["edges"]) == 50
    start, stop = group["steps"]
    assert group["told"] == [step.sentence for step in passed[start:stop][:12]]


def test_results_of_a_box_are_known_after_their_groups(large):
    """A number after the group that computes it, a gradient after the last that adds to it."""
    _, found = large
    groups = found["groups"]
    for results in found["results"]:
        for _, _, gradient, computed, complete in results:
            assert computed == -1 or groups[computed]["phase"] == "forward"
            assert gradient == "" or groups[complete]["phase"] in ("seed", "backward")


def test_larger_models_are_drawn_as_layers():
    """Where there are more than 1,000 neurons."""
    model = MLP(1, [1100, 1], seed=0)
    found = board(steps(model([Value(1.0, "x")]), model=model))
    assert [box["name"] for box in found["boxes"]] == ["x", "layers[0]", "layers[1]"]


def test_large_graphs_without_a_model_are_refused():
    """The error says how large, and what to do."""
    a = Value(1.0, "a")
    for _ in range(1001):
        a = a + 1.0
    with pytest.raises(ValueError, match=r"1,002 boxes, more than 1,000: .* model=\.\.\."):
        board(steps(a))
