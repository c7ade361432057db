"""Copied and pickled graphs are working graphs, of any depth and with any operation."""

import copy
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
from graphs import chain

import autograd
from autograd import Value, function, ops
from autograd.graph import topological_order

cubed = function("cubed", lambda x: x**3, lambda x, z: 3.0 * x**2)

WAYS = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda given: pickle.loads(pickle.dumps(given)),
    "pickle's oldest protocol": lambda given: pickle.loads(pickle.dumps(given, 0)),
}
ways = pytest.mark.parametrize("duplicate", WAYS.values(), ids=WAYS)


def graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b + 1.5
    c.label = "c"
    neuron = autograd.dot([a, c], [b, 0.5], a).tanh()
    return autograd.sum([cubed(neuron), c**2, a / c, -b, a]), (a, b, c)


def described(root):
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    return [
        (
            node.data,
            node.grad,
            node.has_grad,
            node.label,
            node.op,
            [place[p] for p in node.parents],
            node.partials,
        )
        for node in order
    ]


@ways
def test_a_duplicate_is_the_same_graph(duplicate):
    """Numbers, gradients, labels, operations, edges in order with repeats, and what was not computed."""
    root, _ = graph()
    assert described(duplicate(root)) == described(root)
    root.backward(0.5)
    assert described(duplicate(root)) == described(root)


@ways
def test_backward_works_on_a_duplicate(duplicate):
    """Its gradients arrive at its own leaves, and nothing arrives at the original's."""
    root, leaves = graph()
    twin = duplicate(root)
    twin.backward()
    assert not any(node.has_grad for node in topological_order(root))
    root.backward()
    assert described(twin) == described(root)
    a = next(node for node in topological_order(twin) if node.label == "a")
    assert autograd.grad(twin, a).data == pytest.approx(leaves[0].grad, rel=1e-14)
    assert a is not leaves[0]


@ways
def test_a_leaf_and_a_constant(duplicate):
    """A leaf alone keeps its label and gradient; a constant stays a constant."""
    a = Value(1.5, "a")
    assert described(duplicate(a)) == described(a)
    a.grad = 0.0
    assert duplicate(a).has_grad
    constant = (a + 1.0).parents[1]
    assert duplicate(constant).op is ops.constant


@ways
def test_leaves_that_graphs_share_stay_shared(duplicate):
    """Two losses over the same weights, duplicated together with them, still have the same weights."""
    w = [Value(0.5), Value(-1.0)]
    losses = [w[0] * w[1], w[0] ** 2 + w[1]]
    twins, weights = duplicate((losses, w))
    for twin in twins:
        twin.backward()
    for loss in losses:
        loss.backward()
    assert [p.grad for p in weights] == [p.grad for p in w] == [0.0, 1.5]


def test_interior_nodes_stay_shared_in_a_deepcopy():
    """A node copied beside its output is the copied output's own: the gradient arrives there."""
    root, (a, b, c) = graph()
    twin = copy.deepcopy({"c": c, "root": root, "a": a, "again": root})
    assert twin["root"] is twin["again"]
    twin["root"].backward()
    root.backward()
    assert (twin["c"].grad, twin["a"].grad) == (c.grad, a.grad)
    assert twin["c"] in topological_order(twin["root"])
    assert b.grad != 0.0


def test_a_list_of_a_chains_nodes_is_copied_in_linear_time():
    """5,000 nodes, each of which holds all before it, are 5,000 nodes in the copy."""
    nodes = [Value(1.0)]
    for _ in range(5_000):
        nodes.append(-nodes[-1])
    started = time.perf_counter()
    twins = copy.deepcopy(nodes)
    assert time.perf_counter() - started < 2.0
    assert topological_order(twins[-1]) == twins


@ways
def test_100_000_deep_graphs(duplicate):
    """A chain of 100,000 nodes copies and pickles without recursion."""
    leaf = Value(1.5, "leaf")
    twin = duplicate(chain(100_000, leaf))
    order = topological_order(twin)
    assert len(order) == 100_001
    twin.backward()
    assert (order[0].label, order[0].grad, leaf.grad) == ("leaf", 1.0, 0.0)


def test_a_shallow_copy_stands_on_the_same_leaves():
    """copy.copy gives a node of its own whose gradients go to the original leaves."""
    root, (a, _, _) = graph()
    twin = copy.copy(root)
    assert twin is not root
    twin.backward()
    gradient = a.grad
    a.zero_grad()
    root.backward()
    assert a.grad == gradient != 0.0
    assert copy.copy(a) is not a


def test_a_local_operation_copies_and_does_not_pickle():
    """A graph with an operation that no module holds can be copied; pickling says which one is to blame."""
    local = function("local_square", lambda x: x * x, lambda x, z: 2.0 * x)
    root = local(Value(3.0)) + 1.0
    twin = copy.deepcopy(root)
    twin.backward()
    assert twin.parents[0].parents[0].grad == 6.0
    with pytest.raises((pickle.PicklingError, AttributeError), match="local_square"):
        pickle.dumps(root)


LOADED = """
import pickle, sys
root = pickle.load(sys.stdin.buffer)
root.backward()
from autograd.graph import topological_order
print(*[node.grad.hex() for node in topological_order(root)])
"""


def test_a_graph_is_loaded_by_another_process():
    """Bit for bit, without this module's help where only built-in operations are used."""
    a, b = Value(0.1, "a"), Value(0.7, "b")
    root = autograd.cross_entropy([a * b, a.tanh(), b], 1)
    result = subprocess.run(
        [sys.executable, "-c", LOADED],
        input=pickle.dumps(root), capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(autograd.__file__).parents[1])},
    )  # fmt: skip
    root.backward()
    assert result.stdout.decode().split() == [node.grad.hex() for node in topological_order(root)]
