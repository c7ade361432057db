"""topological_order and edges: walks that need nothing but each node's parents."""

import itertools
import time

from graphs import chain, recursive_order

import autograd
from autograd import Value
from autograd.graph import edges, topological_order


class Box:
    """A node with nothing but parents, which is all that a walk may use."""

    __slots__ = ("parents",)

    def __init__(self, *parents):
        self.parents = parents


def test_parents_come_first_and_each_node_once():
    """A node stands after all its parents, also where a longer way leads to one of them."""
    a, b = Value(1.0), Value(2.0)
    c = a * b
    d = c + a
    e = d * c * a
    order = topological_order(e)
    assert order == recursive_order(e)
    assert len(order) == len(set(order)) == 6
    for parent, _, node in edges(order):
        assert order.index(parent) < order.index(node)


def test_order_is_not_a_preorder():
    """A parent that is reached over a short edge first still waits for its own parents."""
    a = Box()
    deep = Box(Box(Box(a)))
    root = Box(a, deep, a)
    order = topological_order(root)
    assert order == [a, deep.parents[0].parents[0], deep.parents[0], deep, root]
    assert topological_order(Box(deep, a))[0] is a


def test_every_small_graph():
    """All graphs of four nodes, with every choice of parents among the earlier ones, in recursive order."""
    choices = [list(itertools.chain.from_iterable(itertools.permutations(range(n), k) for k in range(n + 1)))
               for n in range(4)]  # fmt: skip
    for picks in itertools.product(*choices):
        nodes: list[Box] = []
        for pick in picks:
            nodes.append(Box(*[nodes[i] for i in pick]))
        assert topological_order(nodes[-1]) == recursive_order(nodes[-1])


def test_several_roots():
    """Nodes that roots share come once; a root may be repeated, or be another's ancestor."""
    a, b = Value(1.0), Value(2.0)
    c = a * b
    d, e = c + a, c * b
    for roots in [(d, e), (e, d), (c, d), (d, c), (d, d), (a,), ()]:
        order = topological_order(*roots)
        assert order == recursive_order(*roots)
        assert len(order) == len(set(order))
        assert all(root in order for root in roots)


def test_edges_are_uses_in_order():
    """(parent, position, node) for each operand, repeats included."""
    a, b = Value(1.0), Value(2.0)
    product = a * a
    difference = b - product
    assert list(edges(topological_order(difference))) == [
        (a, 0, product), (a, 1, product), (b, 0, difference), (product, 1, difference),
    ]  # fmt: skip
    assert list(edges([a])) == []


def test_depth_needs_no_recursion():
    """A chain of 200,000 nodes is ordered from its leaf to its root."""
    leaf = Value(1.0)
    root = chain(200_000, leaf)
    order = topological_order(root)
    assert len(order) == 200_001
    assert (order[0], order[-1]) == (leaf, root)


def test_time_is_linear_in_edges():
    """A node with 50,000 operands, all of the same 20 nodes, and a ladder with 2²⁰⁰ paths take no time."""
    started = time.perf_counter()
    nodes = [Value(float(i)) * 2.0 for i in range(20)]
    wide = autograd.sum(nodes * 2500)
    assert len(topological_order(wide)) == 20 * 3 + 1
    ladder = Value(1.0)
    for _ in range(200):
        ladder = ladder + ladder
    assert len(topological_order(ladder)) == 201
    assert time.perf_counter() - started < 2.0


def test_the_last_operand_first():
    """On request the walk goes into the last operand first, as backward() does."""
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c, d = -a, -b
    assert topological_order(c + d, last_first=True)[:4] == [b, d, a, c]
    assert topological_order(c + d)[:4] == [a, c, b, d]
