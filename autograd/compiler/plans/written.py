"""What a function computes as it was written: node by node, in the order in which Values compute it."""

from collections.abc import Sequence
from typing import Any

from autograd.compiler.plans.adjoint import vjp
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order

__all__ = ["Written"]


class _Node:
    """A node of a tape, as a walk needs it."""

    def __init__(self, number: int, parents: "tuple[_Node, ...]") -> None:
        self.number = number
        self.parents = parents


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
        given = [*self.inputs, *self.parameters]
        tape, place = Tape(), {}
        for node in given:
            place[node] = tape.add(None, (), self.tape.data[node])
        for node in self._order(outputs):
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
        alone.outputs += [tape.constant(term) if isinstance(term, float) else term for term in gradient]
        return alone

    def _order(self, outputs: Sequence[int]) -> list[int]:
        """The nodes that the outputs need, in the order in which `backward()` meets them, turned around."""
        operands = self.tape.operands
        given = {*self.inputs, *self.parameters}
        nodes: dict[int, _Node] = {}
        needed = bytearray(len(operands))
        for node in outputs:
            needed[node] = 1
        for node in range(max(outputs, default=-1), -1, -1):
            if needed[node] and node not in given:
                for operand in operands[node]:
                    needed[operand] = 1
        for node in range(max(outputs, default=-1) + 1):
            if needed[node]:
                parents = () if node in given else tuple([nodes[x] for x in operands[node]])
                nodes[node] = _Node(node, parents)
        order = topological_order(*[nodes[node] for node in outputs], last_first=True)
        return [node.number for node in order]
