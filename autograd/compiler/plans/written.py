"""What a function computes as it was written: node by node, in the order in which Values compute it."""

from collections.abc import Sequence
from typing import Any

from autograd.compiler.plans.adjoint import node_of, vjp
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order

__all__ = ["Written"]


class _Node:
    """A node of a tape, as a walk meets it."""

    def __init__(self, number: int, walk: "_Walk") -> None:
        self.number = number
        self.walk = walk

    @property
    def parents(self) -> "tuple[_Node, ...]":
        """The nodes of its operands, in order."""
        return tuple([self.walk[x] for x in self.walk.operands[self.number]])


class _Walk(dict[int, _Node]):
    """The nodes that were met, by their numbers."""

    def __init__(self, operands: Sequence[tuple[int, ...]]) -> None:
        self.operands = operands

    def __missing__(self, number: int) -> _Node:
        node = self[number] = _Node(number, self)
        return node


class Written:
    """Some nodes of a tape, its `outputs`, to be computed from inputs and parameters.

    For rows with numbers so large that sums depend on their order, and so seldom needed: until then nothing
    but the numbers of the nodes is kept beside the tape, which others use too.
    """

    def __init__(
        self, tape: Tape, inputs: Sequence[int], parameters: Sequence[int], outputs: Sequence[int]
    ) -> None:
        self.tape = tape
        self.inputs = list(inputs)
        self.parameters = list(parameters)
        self.outputs = list(outputs)

    def __getstate__(self) -> dict[str, Any]:
        return self.of(*self.outputs).__dict__

    def of(self, *outputs: int) -> "Written":
        """Some of the outputs on a tape of their own, whose nodes are in the order of `backward()`."""
        tape, walk = Tape(), _Walk(self.tape.operands)
        place = {node: tape.add(None, (), self.tape.data[node]) for node in self.inputs + self.parameters}
        order = topological_order(*[walk[node] for node in outputs], last_first=True)
        for node in [met.number for met in order]:
            operands = self.tape.operands[node]
            if node in place:
                continue
            if not operands:
                place[node] = tape.constant(self.tape.data[node])
                continue
            moved = tuple([place[x] for x in operands])
            place[node] = tape.add(self.tape.operations[node], moved, self.tape.data[node])
        moved_to = [[place[node] for node in nodes] for nodes in (self.inputs, self.parameters, outputs)]
        return Written(tape, *moved_to)

    def with_gradient(self, output: int) -> "Written":
        """One of the outputs and, behind it, its gradient for each of the parameters."""
        alone = self.of(output)
        tape, root = alone.tape, alone.outputs[0]
        gradient = vjp(tape, [(root, 1.0)], alone.parameters)
        alone.outputs += [node_of(tape, term) for term in gradient]
        return alone
