"""Grouping: nodes that do the same to operands of the same groups become one instruction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.linear import Node, simplified
from autograd.graph import topological_order
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Group", "Index", "Plan", "Sink", "plan"]

SHARED = -1  # the group of everything that is one number for all rows
Run = tuple["Index", "Index"]


class Index(NamedTuple):
    """Where member i of a group finds its operand k: at base + i·stride_i + k·stride_k, or at table[i, k].

    shared: among the numbers that all rows share, not in the rows' own slots. width: how many k there are.
    """

    shared: bool
    width: int
    base: int
    stride_i: int
    stride_k: int
    table: np.ndarray | None = None

    def matrix(self, count: int) -> np.ndarray:
        """The positions, shape (count, width)."""
        if self.table is not None:
            return self.table
        i, k = np.arange(count)[:, None], np.arange(self.width)[None, :]
        return self.base + i * self.stride_i + k * self.stride_k

    def part(self, start: int, stop: int) -> "Index":
        """The operands from k = start to stop alone; these may be affine where not all are."""
        if self.table is not None:
            return _index(self.shared, self.table[:, start:stop])
        return self._replace(width=stop - start, base=self.base + start * self.stride_k)


@dataclass(frozen=True)
class Group:
    """One instruction: `op` for `count` results in the slots from `first` on.

    For a dot, result i is Σ over `pairs` and their k of a·b, plus Σ of `terms`; for any other operation
    `terms` are its operands, those of a variadic one in runs.
    """

    op: Op
    first: int
    count: int
    terms: list[Index]
    pairs: list[Run]


@dataclass(frozen=True)
class Sink:
    """Sums over rows: total[target[e]] += Σ_rows a_e·b_e (or a_e alone, where b is None) for each entry e."""

    target: Index
    a: Index
    b: Index | None
    count: int


@dataclass(frozen=True)
class Plan:
    """A graph as instructions.

    slots: how many numbers each row needs, the `inputs` first. constants, then shared: the numbers that all
    rows share, in the order of their places; matrices lie in it row by row. outputs: where each output is
    (shared or not, and its place). sinks: what is added up over rows, into the totals first and then
    into a gradient for each of shared.
    """

    slots: int
    inputs: int
    constants: list[float]
    shared: list[Value]
    groups: list[Group]
    members: list[list[Node]]
    outputs: list[tuple[bool, int]]
    totals: int
    sinks: list[Sink]


def plan(
    inputs: Sequence[Sequence[Value]],
    shared: Sequence[Value],
    outputs: Sequence[Value] = (),
    totals: Sequence[Value] = (),
    gradients: Mapping[Value, Value] = MappingProxyType({}),
) -> Plan:
    """The plan that computes `outputs` for each row, and `totals` and `gradients` added up over rows.

    inputs: the nodes that are given for each row, by argument. shared: those given once for all rows.
    gradients: for some of the shared nodes, what is to be added up as their gradient.
    """
    planner = _Planner(inputs, shared)
    given = set(planner.group)
    sums = [*totals, *gradients.values()]
    order = [node for node in topological_order(*outputs, *sums, leaves=given) if node not in given]
    planner.add_constants([node for node in order if node.is_leaf])
    nodes, taken_apart = simplified([node for node in order if not node.is_leaf], set(outputs), sums)
    planner.add_nodes(nodes)
    places = planner.places(shared)
    targets = [*range(len(totals)), *[len(totals) + place for place in planner.places(gradients)]]
    return Plan(
        slots=planner.slots,
        inputs=sum(map(len, inputs)),
        constants=list(map(float.fromhex, planner.constants)),
        shared=[value for _, value in sorted(zip(places, shared), key=lambda pair: pair[0])],
        groups=planner.groups,
        members=planner.members,
        outputs=[(planner.group[output] == SHARED, planner.place(output)) for output in outputs],
        totals=len(totals) + len(shared),
        sinks=planner.sinks(taken_apart, targets),
    )


class _Planner:
    """The groups and places given so far. Groups are numbered as they arise, inputs by argument first.

    A shared number gets its place when it is first used, so that matrices lie row by row.
    """

    def __init__(self, inputs: Sequence[Sequence[Value]], shared: Sequence[Value]) -> None:
        self.group: dict[Value, int] = dict.fromkeys(shared, SHARED)
        self.slot: dict[Value, int] = {}
        self.constants: dict[str, int] = {}
        self.shared_used = 0
        self.slots = 0
        self.groups: list[Group] = []
        self.members: list[list[Node]] = []
        for number, argument in enumerate(inputs):
            for value in argument:
                self.group[value] = number
                self.slot[value] = self.slots
                self.slots += 1
        self.first_group = len(inputs)

    def add_constants(self, leaves: list[Value]) -> None:
        """Give the leaves that never change places before the shared numbers, the same for equal ones."""
        for value in sorted(leaves, key=lambda leaf: leaf.data):
            self.group[value] = SHARED
            self.slot[value] = self.constants.setdefault(value.data.hex(), len(self.constants))

    def place(self, value: Value) -> int:
        """Where `value` is: its slot, or its place among constants and shared numbers."""
        if value not in self.slot:
            self.slot[value] = len(self.constants) + self.shared_used
            self.shared_used += 1
        return self.slot[value]

    def places(self, shared: Iterable[Value]) -> list[int]:
        """The places of shared nodes, not counting the constants."""
        return [self.place(value) - len(self.constants) for value in shared]

    def add_nodes(self, nodes: Iterable[Node]) -> None:
        """Group `nodes`, which come after what they depend on, and lay the groups out."""
        numbers: dict[Any, int] = {}
        for node in nodes:
            self._sort_pairs(node)
            signature = (
                node.op,
                self._runs(node.terms),
                self._runs([v for pair in node.pairs for v in pair]),
            )
            number = numbers.setdefault(signature, len(numbers))
            if number == len(self.members):
                self.members.append([])
            self.members[number].append(node)
            assert node.value is not None
            self.group[node.value] = self.first_group + number
        for members in self.members:
            self._lay_out(members)

    def _lay_out(self, members: list[Node]) -> None:
        """Give a group's members consecutive slots, in the order of the slots of their operands."""
        if len(members) > 1:
            members.sort(key=self._position)
        first = self.slots
        self.slots += len(members)
        for i, node in enumerate(members):
            assert node.value is not None
            self.slot[node.value] = first + i
        a = self._indices([[a for a, _ in node.pairs] for node in members])
        b = self._indices([[b for _, b in node.pairs] for node in members])
        terms = self._indices([node.terms for node in members])
        self.groups.append(Group(members[0].op, first, len(members), terms, _zip_runs(a, b)))

    def _position(self, node: Node) -> list[int]:
        """Where a node's first operands are; for shared ones that have no place yet, the order stays."""
        leading = [value for pair in node.pairs[:2] for value in pair] + node.terms[:3]
        return [self.slot.get(value, -1) for value in leading]

    def _sort_pairs(self, node: Node) -> None:
        """Put the factor of the lower group first in each pair, and the pairs in order of their groups."""
        if not node.pairs:
            return
        group = self.group
        node.pairs = [(a, b) if group[a] <= group[b] else (b, a) for a, b in node.pairs]
        node.pairs.sort(key=lambda pair: (group[pair[0]], group[pair[1]]))

    def _runs(self, values: list[Value]) -> tuple[tuple[int, int], ...]:
        return tuple([(key, len(list(run))) for key, run in groupby([self.group[value] for value in values])])

    def _indices(self, rows: list[list[Value]]) -> list[Index]:
        """The operands of a group's members, one row each, as indices: one for each run in the same group."""
        indices: list[Index] = []
        start = 0
        for group, width in self._runs(rows[0]):
            table = [[self.place(value) for value in row[start : start + width]] for row in rows]
            indices.append(_index(group == SHARED, table))
            start += width
        return indices

    def sinks(self, sums: list[Node], targets: list[int]) -> list[Sink]:
        """What is added up over rows, entries with operands of the same groups together."""
        entries: dict[Any, list[tuple[int, int, int]]] = {}
        for target, node in zip(targets, sums):
            self._sort_pairs(node)
            for a, b in node.pairs:
                kind = (self.group[a], self.group[b])
                entries.setdefault(kind, []).append((self.place(a), self.place(b), target))
            for term in node.terms:
                entries.setdefault((self.group[term], None), []).append((self.place(term), 0, target))
        return [sink for (a, b), rows in entries.items() for sink in _sinks(a == SHARED, b, rows)]


def _sinks(a_shared: bool, b_group: int | None, entries: list[tuple[int, int, int]]) -> list[Sink]:
    """The entries of one kind as a matrix where they form one (all a with all b), else as a list."""
    entries.sort()
    a, b, target = np.array(entries).T
    count, width = len(a), 1
    if b_group is not None:
        rows = len(np.unique(a))
        columns = len(a) // rows
        a_grid, b_grid = (column[: rows * columns].reshape(rows, columns) for column in (a, b))
        if rows * columns == len(a) and (a_grid == a_grid[:, :1]).all() and (b_grid == b_grid[:1]).all():
            count, width = rows, columns
    a_index, b_index, target_index = (
        _index(shared, column.reshape(count, width))
        for shared, column in ((a_shared, a), (b_group == SHARED, b), (False, target))
    )
    return [Sink(target_index, a_index, None if b_group is None else b_index, count)]


def _index(shared: bool, table: Any) -> Index:
    """The table of positions as strides where it is affine."""
    base = int(table[0][0])
    count, width = len(table), len(table[0])
    stride_i = int(table[1][0]) - base if count > 1 else 0
    stride_k = int(table[0][1]) - base if width > 1 else 0
    if count * width <= 2:
        return Index(shared, width, base, stride_i, stride_k)
    given = np.asarray(table)
    affine = Index(shared, width, base, stride_i, stride_k)
    return affine if np.array_equal(affine.matrix(count), given) else affine._replace(table=given)


def _zip_runs(a: list[Index], b: list[Index]) -> list[Run]:
    """The indices of both factors, cut where either changes group."""
    pairs: list[Run] = []
    while a:
        width = min(a[0].width, b[0].width)
        (a_head, *a_rest), (b_head, *b_rest) = a, b
        pairs.append((a_head.part(0, width), b_head.part(0, width)))
        a = [a_head.part(width, a_head.width), *a_rest] if width < a_head.width else a_rest
        b = [b_head.part(width, b_head.width), *b_rest] if width < b_head.width else b_rest
    return pairs
