"""Tests of where the nodes and edges of the page's picture are."""

import re
from itertools import combinations

import pytest

import autograd
from autograd import Value
from autograd.drawing.picture import Roles, compose
from autograd.drawing.unfolding import rows
from autograd.page.layout import layout
from nn import MLP


def composed(root, model=None, collapse=""):
    known = {} if model is None else {value: name for name, value in model.named_parameters()}
    return compose(rows([root], lambda row: False), Roles({root}, set(), set(known)), known, collapse)


def laid_out(root, model=None, collapse=""):
    picture = composed(root, model, collapse)
    titles = {module: module for box in picture.boxes for module in box.around}
    heads = ["name  expression"] * len(picture.boxes)
    return picture, layout(picture, heads, titles)


def small():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    return (a * b + a).tanh(), None


def network(*widths):
    model = MLP(4, list(widths), seed=0)
    return model([Value(0.1 * i) for i in range(4)]), model


def far():
    """x is used at every depth."""
    x = Value(2.0, "x")
    total = x * 1.0
    for i in range(2, 80):
        total = total + x * float(i)
    return total, None


GRAPHS = {
    "small": small,
    "network": lambda: network(3, 1),
    "large": lambda: network(20, 20, 1),
    "far": far,
}


@pytest.fixture(params=GRAPHS, scope="module")
def graph(request):
    return laid_out(*GRAPHS[request.param]())


def apart(a, b):
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def test_no_two_boxes_overlap(graph):
    """Stacks of parameters included, each box has its own place inside the picture."""
    _, laid = graph
    assert all(apart(a, b) for a, b in combinations(laid.boxes, 2))
    for box in laid.boxes:
        assert min(box.x, box.y) >= 0.0
        assert box.x + box.width <= laid.width + 1.0
        assert box.y + box.height <= laid.height + 1.0


def test_operands_stand_left_of_their_node(graph):
    """The picture is read from left to right."""
    picture, laid = graph
    for edge in picture.edges:
        source, target = laid.boxes[edge.source], laid.boxes[edge.target]
        assert source.x + source.width < target.x


def test_edges_lead_from_box_to_box(graph):
    """Each line begins at its operand and its tip is at the border of its node."""
    picture, laid = graph
    assert len(laid.edges) == len(picture.edges)
    for edge, line in zip(picture.edges, laid.edges):
        numbers = [float(x) for x in re.findall(r"-?[\d.]+", line.path)]
        for (x, y), box in ((numbers[:2], edge.source), (numbers[-2:], edge.target)):
            at = laid.boxes[box]
            assert at.x - 12.0 <= x <= at.x + at.width + 12.0
            assert at.y - 12.0 <= y <= at.y + at.height + 12.0


def test_frames_hold_their_boxes(graph):
    """The frame of a module is around every box that is in it."""
    picture, laid = graph
    for box, at in zip(picture.boxes, laid.boxes):
        for module in box.around:
            frame = laid.frames[module]
            assert frame.x <= at.x
            assert at.x + at.width <= frame.x + frame.width
            assert frame.y <= at.y
            assert at.y + at.height <= frame.y + frame.height


def test_boxes_are_as_wide_as_what_is_written_in_them():
    """A longer head makes a wider box."""
    a = Value(2.0, "a")
    picture = composed(a.tanh())
    short, long = (layout(picture, ["a", head], {}).boxes[1].width for head in ("b", "a" * 40))
    assert long > 40 * 7.2 > short


def test_height_can_be_kept_free_in_each_box():
    """For a line more, in stacks too."""
    model = MLP(2, [3, 1], seed=0)
    picture = composed(model([1.0, 2.0]), model)
    titles = {module: module for box in picture.boxes for module in box.around}
    usual, higher = (
        layout(picture, ["name"] * len(picture.boxes), titles, spare=spare).boxes for spare in (0.0, 19.0)
    )
    for box, more in zip(usual, higher):
        assert more.height == pytest.approx(box.height + 19.0, abs=0.1)


def test_small_graphs_keep_room_for_numbers_at_edges_and_large_ones_do_not():
    """As for pictures: room for thousands of numbers takes Graphviz minutes."""
    assert all(line.roomy for line in laid_out(*small())[1].edges)
    assert not any(line.roomy for line in laid_out(*network(20, 20, 1))[1].edges)


def test_parameters_of_a_neuron_are_stacked_beside_it():
    """A thousand of them in one column would be a picture of 80,000 pixels."""
    root, model = network(20, 20, 1)
    _, laid = laid_out(root, model)
    assert len(laid.boxes) > 500
    assert laid.height < 25_000


def test_no_box_stands_in_the_way_of_an_edge_from_a_stack():
    """Three weights, three inputs and a bias are one column, not two."""
    leaves = [Value(0.1 * i) for i in range(7)]
    picture, laid = laid_out(autograd.dot(leaves[:3], leaves[3:6], leaves[6]))
    starts = {box.x for box, drawn in zip(laid.boxes, picture.boxes) if drawn.rows[0].value in leaves}
    assert len(starts) == 1


def test_a_collapsed_model_has_its_boxes():
    """With one box for each neuron."""
    root, model = network(3, 1)
    picture, laid = laid_out(root, model, "neurons")
    assert len(laid.boxes) == len(picture.boxes) == 8


def test_a_single_node_is_a_picture():
    """Of one box and no edges."""
    _, laid = laid_out(Value(1.0, "a"))
    assert len(laid.boxes) == 1
    assert laid.edges == []
