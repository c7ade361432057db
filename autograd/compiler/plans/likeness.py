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
Signature = tuple[Op | int | None, Row]  # an operation, or how many products a sum has; groups of operands


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

    def _sort(self, simple: Simple) -> tuple[list[Signature], list[int], list[int]]:
        """Number the nodes by signature, and return for each number the signature, the depth and the size.

        A node's operands have been numbered before it.
        """
        tape, number, sums = self.tape, self.number, simple.sums
        number_of, inputs = number.__getitem__, self.inputs
        found: dict[Signature, int] = {}
        sizes: list[int] = []
        depths = [0] * (inputs + 1)  # the last entry is that of SHARED, which is the index −1
        depth_of = depths.__getitem__
        for node in simple.nodes:
            if node in sums:
                pairs, terms = self.sorted_pairs(sums[node]), sums[node].terms
                row = (*[a for a, _ in pairs], *[b for _, b in pairs], *terms) if pairs else tuple(terms)
                self.sums[node] = len(pairs), row
                signature: Signature = (len(pairs), tuple(map(number_of, row)))
            else:
                signature = (tape.operations[node], tuple(map(number_of, tape.operands[node])))
            known = found.get(signature)
            if known is None:
                known = found[signature] = inputs + len(sizes)
                sizes.append(1)
                depths[-1] = 1 + max(map(depth_of, signature[1]), default=0)
                depths.append(0)
            else:
                sizes[known - inputs] += 1
            number[node] = known
        return list(found), depths[inputs:-1], sizes

    def _groups(
        self, nodes: Sequence[int], found: tuple[list[Signature], list[int], list[int]]
    ) -> list[Alike]:
        """The nodes of each number as a group, but small groups together where there are many of them."""
        number, sums, operands = self.number, self.sums, self.tape.operands
        many = sum([size < FEW for size in found[2]]) > MANY
        groups: dict[object, Alike] = {}
        group_of: list[Alike] = []
        for signature, depth, size in zip(*found):
            what, below = signature
            key: object = signature
            if many and size < FEW:
                key = depth, what, _pattern(what, below)
            group = groups.get(key)
            if group is None:
                group = groups[key] = Alike(*_operation(what), depth)
            else:
                group.mixed = True
            group_of.append(group)
        for node in nodes:
            group = group_of[number[node] - self.inputs]
            row = operands[node]
            if node in sums:
                products, row = sums[node]
                row = self._ordered(products, row) if group.mixed else row
            group.nodes.append(node)
            group.rows.append(row)
        ordered = sorted(groups.values(), key=lambda group: group.depth) if many else list(groups.values())
        for place, group in enumerate(ordered, self.inputs):
            for node in group.nodes:
                number[node] = place
        return ordered

    def _ordered(self, products: int, row: Row) -> Row:
        """The row of a sum with terms that are shared before those that are not."""
        terms = row[2 * products :]
        shared = [x for x in terms if self.number[x] == SHARED]
        if not shared:
            return row
        return (*row[: 2 * products], *shared, *[x for x in terms if self.number[x] != SHARED])


def _pattern(what: Op | int | None, below: Row) -> object:
    """Which operands are shared, those among a sum's terms first; how many there are tells it if none is."""
    if SHARED not in below:
        return len(below)
    shared = [group == SHARED for group in below]
    if what.__class__ is int:
        start = 2 * what
        shared[start:] = sorted(shared[start:], reverse=True)
    return tuple(shared)


def _operation(what: Op | int | None) -> tuple[Op, int]:
    """The operation that a signature stands for, and how many products are in it."""
    if isinstance(what, int):
        return (ops.dot if what else ops.sum), what
    assert what is not None
    return what, 0
