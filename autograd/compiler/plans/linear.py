"""Sums of products: chains of + and × become one sum or one dot each, as a person would write them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from autograd import ops
from autograd.compiler.plans.tape import Tape

__all__ = ["Linear", "Simple", "simplified"]

SUMS: Final = frozenset({ops.add, ops.sum, ops.dot})
JOINED: Final = SUMS | {ops.mul}


class Linear(NamedTuple):
    """Σ of the products of `pairs` of nodes, and of the nodes in `terms`."""

    pairs: list[tuple[int, int]]
    terms: list[int]


class Simple(NamedTuple):
    """A part of a tape with its chains joined. nodes: what is to be computed, each after its operands; sums:
    what those of them are that are sums; sinks: sums that are no nodes; constants: the leaves in use."""

    nodes: list[int]
    sums: dict[int, Linear]
    sinks: list[Linear]
    constants: list[int]


def simplified(tape: Tape, given: Iterable[int], kept: Sequence[int], sinks: Sequence[int]) -> Simple:
    """What `kept` and `sinks` need besides the nodes that are `given`.

    What only one sum uses, and nobody asked for, is absorbed by that sum.
    """
    chains = _Chains(tape, given, [*kept, *sinks])
    taken_apart = [chains.sum_of([sink]) for sink in sinks]
    nodes: list[int] = []
    sums: dict[int, Linear] = {}
    for node in chains.needed:
        if not chains.uses[node]:
            continue
        nodes.append(node)
        if tape.operations[node] in SUMS:
            sums[node] = chains.sum_at(node)
    return Simple(nodes[::-1], sums, taken_apart, chains.constants)


class _Chains:
    """needed: the nodes to compute, each before its operands. uses: how often each is used; 0 once absorbed.

    constants: the leaves in use that never change.
    """

    def __init__(self, tape: Tape, given: Iterable[int], roots: Sequence[int]) -> None:
        self.operations, self.operands, self.data = tape.operations, tape.operands, tape.data
        self.given = bytearray(len(tape))
        for node in given:
            self.given[node] = 1
        self.uses = uses = [0] * len(tape)
        for node in roots:
            uses[node] += 1
        self.needed: list[int] = []
        self.constants: list[int] = []
        for node in range(max(roots, default=-1), -1, -1):
            if not uses[node] or self.given[node]:
                continue
            operands = self.operands[node]
            (self.needed if operands else self.constants).append(node)
            for operand in operands:
                uses[operand] += 1

    def sum_at(self, node: int) -> Linear:
        """The sum that `node` is."""
        pairs: list[tuple[int, int]] = []
        stack: list[int] = []
        self._open(node, stack, pairs)
        return self.sum_of(stack, pairs)

    def sum_of(self, stack: list[int], pairs: list[tuple[int, int]] | None = None) -> Linear:
        """Σ of the nodes in `stack`, from the last on, with those taken apart that nothing else uses."""
        pairs = [] if pairs is None else pairs
        terms: list[int] = []
        while stack:
            node = stack.pop()
            op = self.operations[node]
            if self.uses[node] != 1 or op not in JOINED or self.given[node]:
                if op is not ops.constant or self.data[node] != 0.0:
                    terms.append(node)
                continue
            self.uses[node] = 0
            if op is ops.mul:
                pairs.append(self.operands[node])  # type: ignore[arg-type]  # a product has two
            else:
                self._open(node, stack, pairs)
        return Linear(pairs, terms)

    def _open(self, node: int, stack: list[int], pairs: list[tuple[int, int]]) -> None:
        """Put the products of a sum with `pairs`, and what else it adds up on the stack."""
        operands = self.operands[node]
        if self.operations[node] is ops.dot:
            n = len(operands) // 2
            pairs.extend(zip(operands[:n], operands[n:-1]))
            stack.append(operands[-1])
        else:
            stack.extend(reversed(operands))
