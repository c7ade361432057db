"""Tapes: graphs as numbers, each node after its operands, which is what passes over a million nodes need."""

import math
from collections.abc import Iterable

from autograd import ops
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Tape"]


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

    def depending_on(self, sources: Iterable[int]) -> bytearray:
        """For each node 1 if it is one of `sources` or depends on one, else 0."""
        dependent = bytearray(len(self))
        for node in sources:
            dependent[node] = 1
        for node, operands in enumerate(self.operands):
            for operand in operands:
                if dependent[operand]:
                    dependent[node] = 1
                    break
        return dependent

    def extend(self, order: Iterable[Value], given: Iterable[Value]) -> dict[Value, int]:
        """Add the leaves in `given`, then the rest of `order`, and return where each Value is.

        order: parents before their children. Leaves that are not given never change: they are constants.
        """
        place = {leaf: self.add(None, (), leaf.data) for leaf in given}
        for value in order:
            if value in place:
                continue
            parents = value.parents
            if parents:
                place[value] = self.add(value.op, tuple([place[parent] for parent in parents]), value.data)
            else:
                place[value] = self.constant(value.data)
        return place
