"""backward(): reverse mode on graphs of every shape, as often as one likes."""

import gc
import math
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from graphs import chain, recursive_order

import autograd
from autograd import Value
from autograd.backpropagation import interior_nodes
from autograd.graph import topological_order

DEEP = 1_000_000


def gradients(*nodes):
    return [node.grad for node in nodes]


def test_the_chain_rule_on_paper():
    """Every grad of ((a·b + c)·f).tanh() is the product of the local derivatives along its path."""
    a, b, c, f = Value(2.0), Value(-3.0), Value(10.0), Value(-0.5)
    e = a * b
    d = e + c
    L = (d * f).tanh()
    L.backward()
    outer = 1.0 - math.tanh(4.0 * -0.5) ** 2
    assert gradients(d, e, c) == pytest.approx([outer * -0.5] * 3)
    assert gradients(a, b, f) == pytest.approx([outer * -0.5 * -3.0, outer * -0.5 * 2.0, outer * 4.0])
    assert L.grad == 1.0


def test_a_node_used_twice_gets_both_shares():
    """a·a has two edges to a, and a + a too: 2a and 2."""
    a = Value(3.0)
    (a * a).backward()
    assert a.grad == 6.0
    a.zero_grad()
    (a + a).backward()
    assert a.grad == 2.0
    a.zero_grad()
    autograd.prod([a, a, a, a]).backward()
    assert a.grad == 4 * 27.0


def test_a_diamond_waits_for_all_of_its_ways():
    """A node passes its gradient on after everything that depends on it, whatever way is the shortest."""
    x = Value(0.5)
    y = x.exp()
    long = y.sin().tanh() * 2.0
    z = y * long + y
    z.backward()
    g = math.exp(0.5)
    t = math.tanh(math.sin(g))
    by_y = 2 * t + g * 2 * (1 - t * t) * math.cos(g) + 1
    assert x.grad == pytest.approx(by_y * g, rel=1e-14)
    assert y.grad == pytest.approx(by_y, rel=1e-14)


def test_calling_it_again_is_right():
    """Interior nodes restart at 0 on each call, leaves accumulate: three calls, three times the gradient."""
    a, b = Value(2.0), Value(3.0)
    c = a * b
    d = c * c
    for calls in (1, 2, 3):
        d.backward()
        assert gradients(a, b) == [calls * 36.0, calls * 24.0]
        assert gradients(c, d) == [12.0, 1.0]


@pytest.mark.parametrize("first", [0, 1])
def test_outputs_that_share_nodes_in_any_order(first):
    """The leaves' sums are right whichever output goes first, and so when one output is inside the other."""
    a, b = Value(2.0), Value(3.0)
    shared = a * b
    outputs = [shared * a, shared + b]
    outputs[first].backward()
    outputs[1 - first].backward()
    assert gradients(a, b) == [12.0 + 3.0, 4.0 + 3.0]
    a.zero_grad()
    b.zero_grad()
    inside = [shared, shared * shared]
    inside[first].backward()
    inside[1 - first].backward()
    assert gradients(a, b) == [3.0 + 36.0, 2.0 + 24.0]


def test_a_leaf_that_is_its_own_root_accumulates():
    """backward() adds 1 to a leaf like to any other leaf, and keeps what it held."""
    a = Value(3.0)
    (a * 2.0).backward()
    a.backward()
    assert a.grad == 3.0
    a.backward(gradient=-0.5)
    assert a.grad == 2.5


def test_the_gradient_argument_scales():
    """backward(g) gives g times the gradients; nan and inf are numbers too, anything else a TypeError."""
    a = Value(3.0)
    b = a * a
    b.backward(2)
    assert (a.grad, b.grad) == (12.0, 2.0)
    assert type(b.grad) is float
    b.backward(gradient=0.0)
    assert (a.grad, b.grad) == (12.0, 0.0)
    for given in (None, "1", True, Value(1.0), 1j):
        with pytest.raises(TypeError, match="expected a real number, got"):
            b.backward(given)


def test_the_gradient_is_the_recorded_points():
    """Changing `data` after recording changes no gradient: not the leaf's, nor an interior node's."""
    a, b = Value(2.0), Value(3.0)
    c = a * b
    d = c * c + a.exp()
    a.data, b.data, c.data, d.data = 50.0, -7.0, 0.0, math.nan
    d.backward()
    assert gradients(a, b) == [pytest.approx(36.0 + math.exp(2.0)), 24.0]


def test_what_the_root_does_not_depend_on_is_left_alone():
    """Other outputs and their own nodes keep their grads."""
    a = Value(2.0)
    used, other = a * 3.0, a * 5.0
    other.backward()
    used.backward()
    assert gradients(a, used, other) == [8.0, 1.0, 1.0]
    assert not Value(1.0).has_grad


def test_zero_grad_clears_the_whole_graph():
    """After it nothing below the root counts as computed, and a fresh backward gives the plain gradient."""
    a = Value(2.0)
    b = a * a
    c = b.exp()
    c.backward()
    c.zero_grad()
    assert gradients(a, b, c) == [0.0, 0.0, 0.0]
    assert not any(node.has_grad for node in (a, b, c))
    c.backward()
    assert a.grad == pytest.approx(4.0 * math.exp(4.0))


def test_a_gradient_of_0_counts_as_computed():
    """has_grad tells "not computed" from 0: where the gradient is 0, it was computed."""
    a, b = Value(2.0), Value(-1.0)
    (a * 0.0 + b.relu()).backward()
    assert gradients(a, b) == [0.0, 0.0]
    assert a.has_grad
    assert b.has_grad
    assert not Value(0.0).has_grad


def test_infinite_and_nan_partials_spread_as_ieee_has_it():
    """0 · ∞ is nan, and does not disturb what another way brings to other leaves."""
    a, b = Value(0.0), Value(2.0)
    (a.sqrt() * 0.0 + b).backward()
    assert math.isnan(a.grad)
    assert b.grad == 1.0


def interior(root):
    """interior_nodes as the textbook has it, by recursion."""
    return [node for node in recursive_order(root, last_first=True) if node.parents]


def test_interior_nodes_are_a_topological_order_without_leaves():
    """On operands of every number and repeats, the order is the recursive one, the last operand first."""
    a, b = Value(0.5), Value(1.5)
    x = a * b
    y = autograd.sum([x, a, x, b])
    z = autograd.dot([x, y, a], [y, y, x], y)
    w = z.tanh() * y - autograd.prod([x]) + autograd.maximum(z, z)
    assert interior_nodes(w) == interior(w)
    assert interior_nodes(w) == [node for node in topological_order(w, last_first=True) if node.parents]


@pytest.mark.parametrize("reach", [2, 5, 100])
def test_interior_nodes_of_graphs_with_runs_of_every_length(reach):
    """Long ways down, short ones beside them, operands shared or repeated: always the recursive order."""
    draw = random.Random(reach)
    for _ in range(50):
        nodes = [Value(0.5), Value(-1.5)]
        for _ in range(60):
            x, y, *more = draw.choices(nodes[-reach:] + nodes[:2], k=5)
            makers = (
                lambda x=x: -x,
                lambda x=x, y=y: x + y,
                lambda x=x, y=y, more=more: autograd.sum([x, y, *more]),
            )
            nodes.append(draw.choices(makers, weights=(5, 5, 1))[0]())
        assert interior_nodes(nodes[-1]) == interior(nodes[-1])


def test_a_million_deep_graph_is_built_run_and_freed():
    """Neither building, nor backward(), nor freeing a chain of 1,000,000 nodes recurses."""
    leaf = Value(1.5)
    root = chain(DEEP, leaf)
    assert root.data == 1.5
    root.backward()
    assert leaf.grad == 1.0
    root.zero_grad()
    assert not leaf.has_grad
    del root
    assert sys.getrefcount(leaf) == 2


def test_deep_on_either_operand_and_in_wide_nodes():
    """The depth may lie on the right operand, or among many operands."""
    for grow in (
        lambda node, leaf: leaf + node,
        lambda node, leaf: node - leaf,
        lambda node, leaf: autograd.sum([leaf, node, leaf]),
    ):
        leaf = Value(0.25)
        node = leaf
        for _ in range(50_000):
            node = grow(node, leaf)
        node.backward()
        expected = {"+": 50_001.0, "−": -49_999.0, "Σ": 100_001.0}[node.op.symbol]
        assert leaf.grad == expected


def seconds(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def test_a_sum_of_100_000_interior_operands_is_linear():
    """The operands of a wide node are gone through once: ten times as many take about ten times as long."""
    leaf = Value(1.0)
    roots = [autograd.sum([leaf * 2.0 for _ in range(count)]) for count in (10_000, 100_000)]
    small, large = (min(seconds(root.backward) for _ in range(3)) for root in roots)
    assert large < 40 * small
    leaf.zero_grad()
    roots[1].backward()
    assert leaf.grad == 200_000.0


def test_a_wide_node_over_a_deep_one():
    """50,000 operands that are each other's parents: every one is entered once."""
    nodes = [Value(1.0)]
    for _ in range(50_000):
        nodes.append(-nodes[-1])
    root = autograd.sum(list(reversed(nodes[1:])))
    assert seconds(root.backward) < 3.0
    assert nodes[0].grad == 0.0
    assert nodes[1].grad == 0.0
    assert nodes[-1].grad == 1.0


def test_a_dropped_graph_is_gone_at_once():
    """With the collector off, no node outlives the last reference: there are no reference cycles."""

    def alive():
        return sum(type(thing) is Value for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        w = [Value(0.1 * i) for i in range(5)]
        loss = autograd.cross_entropy([autograd.dot(w, w, v).tanh() for v in w], 2)
        loss.backward()
        second = autograd.grad(autograd.grad(loss, w[0]), w[1])
        assert autograd.nonfinite(second) is None
        assert alive() > before + 100
        del loss, second, w
        assert alive() == before
    finally:
        gc.enable()


def test_a_value_outlives_the_graph_it_was_part_of():
    """No tape and no context: an inner node works on after its output is gone, and a leaf after both."""
    a = Value(2.0)
    inner = a * a
    output = inner.exp()
    output.backward()
    del output
    (inner * 3.0).backward()
    assert inner.grad == 3.0
    assert a.grad == pytest.approx(4.0 * math.exp(4.0) + 12.0)
    del inner
    (a + 1.0).backward()
    assert a.grad == pytest.approx(4.0 * math.exp(4.0) + 13.0)


PROGRAM = """
import autograd
from autograd import Value
w = [[Value(((7 * i + 3 * j) % 11 - 5) / 7) for j in range(6)] for i in range(6)]
for step in range(5):
    x = [Value(0.1 * j) for j in range(6)]
    for layer in range(3):
        x = [autograd.dot(row, x).tanh() for row in w]
    loss = sum(a * b / (1.5 + c * c) for a, b, c in zip(x, x[1:], x[2:])) + autograd.softmax(x)[2]
    loss.backward()
    for row in w:
        for p in row:
            p.data -= 0.1 * p.grad
            p.zero_grad()
print(loss.data.hex(), *[p.data.hex() for row in w for p in row])
print([node.op.name for node in autograd.graph.topological_order(loss) if node.parents])
"""


def test_processes_agree_to_the_last_bit():
    """Two processes with different hash seeds train to bit-identical weights, in the same order of nodes."""
    root = str(Path(autograd.__file__).parents[1])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(outputs) == 1
    assert len(outputs.pop()) > 500
