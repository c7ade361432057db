"""Tests of a graph as lines of an indented tree."""

from graphs import KINKED, chain, recipes
from hypothesis import given
from test_properties import random_graphs

from autograd import Value, ops
from autograd.graph import topological_order
from autograd.stepping.outline import outline


@random_graphs
@given(recipes(KINKED))
def test_every_edge_has_its_line(recipe):
    """Each use of a node that is no constant, once, and the output; operands one deeper than their user."""
    output, _ = recipe.record()
    order = topological_order(output)
    lines = outline(set(order), [output])
    edges = {(n, i) for n in order for i, p in enumerate(n.parents) if p.op is not ops.constant}
    assert lines[0][:2] == (output, None)
    assert {(line.user, line.position) for line in lines[1:]} == edges
    assert len(lines) == len(edges) + 1
    depth = {line.node: line.depth for line in lines if not line.again}
    assert all(line.depth == depth[line.user] + 1 for line in lines[1:])
    assert [line.node for line in lines if not line.again] == list(
        dict.fromkeys([line.node for line in lines])
    )


def test_operands_stand_in_their_order_below_the_node():
    """As one reads the formula."""
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    z = (a - b) * c
    assert [(line.node.label, line.depth) for line in outline(set(topological_order(z)), [z])] == [
        ("", 0),
        ("", 1),
        ("a", 2),
        ("b", 2),
        ("c", 1),
    ]


def test_only_the_chosen_nodes_are_opened():
    """What others hand in is there, without what is below it."""
    a = Value(1.0)
    b = -a
    c = -b
    assert [line.node for line in outline({c}, [c])] == [c, b]


def test_a_deep_graph():
    """No recursion."""
    output = chain(100_000, Value(1.0))
    assert outline(set(topological_order(output)), [output])[-1].depth == 100_000
