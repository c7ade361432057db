"""Tapes: graphs as numbers, each node after its operands, which is what passes over a million nodes need."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from autograd import ops
from autograd.compiler.machine import Array, cached, prepare
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Tape", "TapeArrays", "prepare_tape"]


class TapeArrays(NamedTuple):
    """A tape for machine code: node n has operation codes[n] of the `ops`, and its operands are those from
    starts[n] to starts[n + 1]."""

    ops: list[Op | None]
    codes: np.ndarray
    starts: np.ndarray
    operands: np.ndarray


class Tape:
    """A graph as lists: node n is operations[n] of the nodes operands[n] before it; data[n] was recorded.

    A leaf has no operands: its operation is None where its number is given at each run, else `constant`.

    >>> tape, x = Tape(), Value(3.0)
    >>> place = tape.extend([x, z := x * x], given=[x])
    >>> tape.operands[place[z]], tape.data[place[z]]
    ((0, 0), 9.0)
    """

    def __init__(self) -> None:
        self.operations: list[Op | None] = []
        self.operands: list[tuple[int, ...]] = []
        self.data: list[float] = []
        self.constants: dict[str, int] = {}
        self._arrays = TapeArrays([], np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.operands)

    def add(self, operation: Op | None, operands: tuple[int, ...] = (), data: float = math.nan) -> int:
        """The number of a new node."""
        self.operations.append(operation)
        self.operands.append(operands)
        self.data.append(data)
        return len(self.operands) - 1

    def constant(self, number: float) -> int:
        """The node of a number that never changes, one for all of the same bits."""
        bits = number.hex()
        if bits not in self.constants:
            self.constants[bits] = self.add(ops.constant, (), number)
        return self.constants[bits]

    def arrays(self) -> TapeArrays:
        """The tape as it is now; what it had when last asked is not read again."""
        ops, codes, starts, operands = self._arrays
        done = len(codes)
        if done < len(self):
            new = self.operands[done:]
            ops = list(dict.fromkeys([*ops, *self.operations[done:]]))
            code = {op: i for i, op in enumerate(ops)}
            new_codes = np.fromiter(map(code.__getitem__, self.operations[done:]), np.int64, len(new))
            new_operands = np.fromiter(chain.from_iterable(new), np.int64)
            stops = starts[-1] + np.cumsum(np.fromiter(map(len, new), np.int64, len(new)))
            self._arrays = TapeArrays(
                ops,
                np.concatenate([codes, new_codes]),
                np.concatenate([starts, stops]),
                np.concatenate([operands, new_operands]),
            )
        return self._arrays

    def depending_on(self, sources: Iterable[int]) -> bytearray:
        """For each node 1 if it is one of `sources` or depends on one, else 0."""
        dependent = bytearray(len(self))
        for node in sources:
            dependent[node] = 1
        _, _, starts, operands = self.arrays()
        _mark_upwards(starts, operands, np.frombuffer(dependent, np.uint8))
        return dependent

    def below(self, wanted: Sequence[int], through: bytearray) -> list[int]:
        """What `wanted` are computed from by way of nodes in `through`, and themselves, but not those nodes.

        through: 1 for each node, of the first ones, that is in it. In the order in which they are used.
        """
        _, _, starts, operands = self.arrays()
        inside = np.frombuffer(through, np.uint8)
        needed = np.zeros(len(inside), np.uint8)
        needed[list(wanted)] = 1
        _mark_downwards(starts, operands, inside, needed)
        users = np.repeat(needed & inside, np.diff(starts[: len(inside) + 1]))
        used = np.concatenate([operands[: len(users)][users == 1], np.array(wanted, np.int64)])
        return list(dict.fromkeys(used[inside[used] == 0].tolist()))

    def extend(self, order: Iterable[Value], given: Iterable[Value]) -> dict[Value, int]:
        """Add the leaves in `given`, then the rest of `order`, and return where each Value is.

        order: parents before their children. Leaves that are not given never change: they are constants.
        """
        operations, operands, data = self.operations, self.operands, self.data
        place = {leaf: self.add(None, (), leaf.data) for leaf in given}
        for value in order:
            if value in place:
                continue
            parents = value.parents
            if not parents:
                place[value] = self.constant(value.data)
                continue
            place[value] = len(operands)  # as `add` does it, without a call for each
            operations.append(value.op)
            operands.append(tuple([place[parent] for parent in parents]))
            data.append(value.data)
        return place


def prepare_tape() -> None:
    """Have the machine code at hand."""
    none, bounds, marks = np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.uint8)
    prepare(_mark_upwards, bounds, none, marks)
    prepare(_mark_downwards, bounds, none, marks, marks)


@cached
def _mark_upwards(starts: Array, operands: Array, marked: Array) -> None:
    """Mark what has a marked operand."""
    for node in range(marked.size):
        for k in range(starts[node], starts[node + 1]):
            marked[node] |= marked[operands[k]]


@cached
def _mark_downwards(starts: Array, operands: Array, through: Array, marked: Array) -> None:
    """Mark the operands of what is marked and in `through`."""
    for node in range(marked.size - 1, -1, -1):
        if marked[node] and through[node]:
            for k in range(starts[node], starts[node + 1]):
                marked[operands[k]] = 1
