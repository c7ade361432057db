"""Tapes: graphs of Values as numbers."""

import math

from autograd import Value, ops, sin
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order


def test_a_tape_holds_the_graph():
    """Given leaves first, then every node after its operands, with its operation and its number."""
    x, w = Value(3.0), Value(2.0)
    z = sin(w * x) + x
    tape = Tape()
    place = tape.extend(topological_order(z), given=[x, w])
    assert (place[x], place[w], place[z]) == (0, 1, len(tape) - 1)
    assert tape.operations == [None, None, ops.mul, ops.sin, ops.add]
    assert tape.operands == [(), (), (1, 0), (2,), (3, 0)]
    assert tape.data == [3.0, 2.0, 6.0, math.sin(6.0), math.sin(6.0) + 3.0]


def test_leaves_that_are_not_given_are_constants():
    """They have one node for all of the same bits: 0 and −0 apart, nan with nan."""
    tape = Tape()
    numbers = [1.0, 0.0, -0.0, float("nan"), 1.0, 0.0, float("nan")]
    leaves = [Value(number) for number in numbers]
    place = tape.extend(leaves, given=[])
    assert [place[leaf] for leaf in leaves] == [0, 1, 2, 3, 0, 1, 3]
    assert set(tape.operations) == {ops.constant}
    assert tape.constant(-0.0) == 2


def test_what_depends_on_a_node():
    """Itself, and what is computed from it, at any distance."""
    tape = Tape()
    x, y = tape.add(None), tape.add(None)
    z = tape.add(ops.mul, (x, tape.constant(2.0)))
    tape.add(ops.neg, (y,))
    tape.add(ops.sin, (z,))
    assert list(tape.depending_on([x])) == [1, 0, 0, 1, 0, 1]
    assert sum(tape.depending_on([])) == 0


def test_what_is_below_some_nodes():
    """The first that are met that are not in the set gone through, each once: wanted ones, and operands of others."""
    tape = Tape()
    x, v, w = [tape.add(None) for _ in "xvw"]
    product = tape.add(ops.mul, (v, w))
    inner = tape.add(ops.sin, (product,))
    z = tape.add(ops.add, (tape.add(ops.mul, (inner, x)), w))
    alone = tape.add(ops.neg, (v,))
    varying = tape.depending_on([x])
    assert tape.below([z, alone], varying) == [inner, w, alone]
    assert tape.below([inner], varying) == [inner]
    assert tape.below([], varying) == []
    tape.add(ops.neg, (z,))  # behind those that the set knows
    assert tape.below([z], varying) == [inner, w]


def test_arrays():
    """The tape for machine code, and as it goes on."""
    tape = Tape()
    assert [len(array) for array in tape.arrays()] == [0, 0, 1, 0]
    x = tape.add(None)
    y = tape.add(ops.mul, (x, x))
    assert tape.arrays().starts.tolist() == [0, 0, 2]
    tape.add(ops.dot, (y, x, tape.constant(2.0)))
    arrays = tape.arrays()
    assert [arrays.ops[code] for code in arrays.codes.tolist()] == tape.operations
    rows = [arrays.operands[a:b].tolist() for a, b in zip(arrays.starts, arrays.starts[1:])]
    assert rows == [list(operands) for operands in tape.operands]
    assert tape.arrays() is arrays
