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
