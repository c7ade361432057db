"""Likeness: which nodes do the same to operands of the same groups, and so can be one instruction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from autograd import ops
from autograd.compiler.plans.linear import Linear, Simple
from autograd.compiler.plans.tape import Tape
from autograd.operation import Op

__all__ = ["SHARED", "Alike", "Likeness", "Row"]

SHARED: Final = -1  # the group of everything that is one number for all rows
# Where there are many groups of few members, those of one depth and operation become one group, with operands
# from anywhere: an irregular graph of 12,000 nodes then has a quarter of the instructions.
MANY: Final = 128
FEW: Final = 8
Row = tuple[int, ...]


@dataclass(slots=True)
class Alike:
    """A group: `nodes`, each the result of `op`, and the operands of each as a row.

    products: how many of a sum's terms are products; a row holds their first factors, then their second, then
    the other terms. depth: how many groups are below. mixed: whether members use different groups.
    """

    op: Op
    products: int
    depth: int
    mixed: bool = False
    nodes: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class Likeness:
    """Nodes by group: inputs by argument first, then `groups`, each after those it uses.

    number: the group of each node, SHARED for what all rows share. regions: what each group counts as where
    operands are told apart, all mixed ones as one; kinds: the same for operands of mixed groups.
    """

    def __init__(self, tape: Tape, inputs: Sequence[Sequence[int]], simple: Simple) -> None:
        self.tape = tape
        self.inputs = len(inputs)
        self.number = [SHARED] * len(tape)
        for argument, nodes in enumerate(inputs):
            for node in nodes:
                self.number[node] = argument
        self.sums: dict[int, tuple[int, Row]] = {}  # products and row of each node that is a sum
        self.groups = self._groups(simple.nodes, self._sort(simple))
        last = self.inputs + len(self.groups)
        mixed = [last if group.mixed else self.inputs + i for i, group in enumerate(self.groups)]
        # Indexed by the numbers of groups; the last entry is that of SHARED.
        self.regions = [*range(self.inputs), *mixed, SHARED]
        self.kinds = [*[0] * last, SHARED]

    def sorted_pairs(self, linear: Linear) -> list[tuple[int, int]]:
        """The pairs in order of their groups, in each of them the factor of the lower group first."""
        number = self.number
        pairs = [(a, b) if number[a] <= number[b] else (b, a) for a, b in linear.pairs]
        if len(pairs) > 1:
            pairs.sort(key=lambda pair: (number[pair[0]], number[pair[1]]))
        return pairs

    def _sort(self, simple: Simple) -> list[list[int]]:
        """Number the nodes by signature, and return a first node, the depth and the size for each number.

        A node's operands have been numbered before it.
        """
        number, operations, operands, inputs = (
            self.number, self.tape.operations, self.tape.operands, self.inputs,
        )  # fmt: skip
        numbers: dict[tuple[object, ...], int] = {}
        first: list[int] = []
        depths = [0] * inputs
        sizes: list[int] = []
        for node in simple.nodes:
            what: object = operations[node]
            row = operands[node]
            linear = simple.sums.get(node)
            if linear is not None:
                pairs = self.sorted_pairs(linear)
                what, row = len(pairs), (*[a for a, _ in pairs], *[b for _, b in pairs], *linear.terms)
                self.sums[node] = len(pairs), row
            below = [number[x] for x in row]
            known = number[node] = numbers.setdefault((what, *below), len(depths))
            if known == len(depths):
                first.append(node)
                sizes.append(0)
                depths.append(1 + max([depths[x] for x in below if x != SHARED], default=0))
            sizes[known - inputs] += 1
        return [first, depths[inputs:], sizes]

    def _groups(self, nodes: Sequence[int], found: list[list[int]]) -> list[Alike]:
        """The nodes of each number as a group, but small groups together where there are many of them."""
        number = self.number
        many = sum([size < FEW for size in found[2]]) > MANY
        groups: dict[tuple[object, ...], Alike] = {}
        group_of: list[Alike] = []
        for node, depth, size in zip(*found):
            op, products, row = self._operation(node)
            key: tuple[object, ...] = (node,)
            if many and size < FEW:
                key = (depth, op, products, *[number[x] == SHARED for x in self._ordered(op, products, row)])
            group = groups.get(key)
            if group is None:
                group = groups[key] = Alike(op, products, depth)
            else:
                group.mixed = True
            group_of.append(group)
        for node in nodes:
            group = group_of[number[node] - self.inputs]
            row = self.sums[node][1] if node in self.sums else self.tape.operands[node]
            group.nodes.append(node)
            group.rows.append(self._ordered(group.op, group.products, row) if group.mixed else row)
        ordered = sorted(groups.values(), key=lambda group: group.depth) if many else list(groups.values())
        for place, group in enumerate(ordered, self.inputs):
            for node in group.nodes:
                number[node] = place
        return ordered

    def _operation(self, node: int) -> tuple[Op, int, Row]:
        """What computes a node, how many products are in it, and its operands as a row."""
        if node in self.sums:
            products, row = self.sums[node]
            return ops.dot if products else ops.sum, products, row
        op = self.tape.operations[node]
        assert op is not None
        return op, 0, self.tape.operands[node]

    def _ordered(self, op: Op, products: int, row: Row) -> Row:
        """The row of a sum with terms that are shared before those that are not; any other as it is."""
        if op is not ops.sum and op is not ops.dot:
            return row
        start = 2 * products
        return row[:start] + tuple(sorted(row[start:], key=lambda x: self.number[x] != SHARED))
