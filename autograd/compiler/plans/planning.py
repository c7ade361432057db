"""Planning: a part of a tape laid out as a plan, its groups' results one after the other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

import numpy as np

from autograd.compiler.plans.grouping import Group, Index, Plan, Run, Sink, index
from autograd.compiler.plans.likeness import SHARED, Alike, Likeness, Row
from autograd.compiler.plans.linear import Linear, simplified
from autograd.compiler.plans.tape import Tape

__all__ = ["plan"]

LEAST: Final = 8  # entries of a matrix for which it is worth an instruction
FEW: Final = 4  # rows
Member = tuple[Row, int]  # a node behind its operands


def plan(
    tape: Tape,
    inputs: Sequence[Sequence[int]],
    shared: Sequence[int],
    outputs: Sequence[int] = (),
    totals: Sequence[int] = (),
    gradients: Mapping[int, int] = MappingProxyType({}),
) -> Plan:
    """The plan that computes `outputs` for each row, and `totals` and `gradients` added up over rows.

    inputs: the nodes that are given for each row, by argument. shared: those given once for all rows.
    gradients: for some of the shared nodes, what is to be added up as their gradient.
    """
    given = [*shared, *[node for argument in inputs for node in argument]]
    simple = simplified(tape, given, outputs, [*totals, *gradients.values()])
    likeness = Likeness(tape, inputs, simple)
    layout = _Layout(likeness, inputs, sorted(simple.constants, key=tape.data.__getitem__))
    places = layout.places(shared)
    targets = [*range(len(totals)), *[len(totals) + place for place in layout.places(gradients)]]
    return Plan(
        slots=layout.slots,
        inputs=sum(map(len, inputs)),
        constants=[tape.data[node] for node in layout.constants],
        shared=[node for _, node in sorted(zip(places, shared))],
        groups=layout.groups,
        outputs=[(likeness.number[output] == SHARED, layout.place(output)) for output in outputs],
        totals=len(totals) + len(shared),
        sinks=layout.sinks(simple.sinks, targets),
    )


class _Layout:
    """The places given so far: inputs first, then group after group; a shared number's when it is first used,
    behind the constants, so that matrices lie row by row."""

    def __init__(self, likeness: Likeness, inputs: Sequence[Sequence[int]], constants: list[int]) -> None:
        self.likeness = likeness
        self.constants = constants
        self.slot = [-1] * len(likeness.number)
        for place, node in enumerate(constants):
            self.slot[node] = place
        self.shared_used = 0
        self.slots = 0
        self._fill([node for argument in inputs for node in argument])
        self.groups = [group for alike in likeness.groups for group in self._instructions(alike)]

    def place(self, node: int) -> int:
        """Where `node` is: its slot, or its place among constants and shared numbers."""
        if self.slot[node] < 0:
            self.slot[node] = len(self.constants) + self.shared_used
            self.shared_used += 1
        return self.slot[node]

    def places(self, shared: Iterable[int]) -> list[int]:
        """The places of shared nodes, not counting the constants."""
        return [self.place(node) - len(self.constants) for node in shared]

    def _fill(self, nodes: Sequence[int]) -> None:
        """Give `nodes` the next slots."""
        slot = self.slot
        for place, node in enumerate(nodes, self.slots):
            slot[node] = place
        self.slots += len(nodes)

    def _instructions(self, group: Alike) -> Iterator[Group]:
        """A group laid out: its members in the order of the slots of their operands."""
        if group.mixed or len(group.rows) == 1:
            yield self._instruction(group, group.nodes, group.rows)
            return
        slot, n = self.slot, group.products
        leading = [0, n, 1, n + 1][: 2 * n] + list(range(2 * n, len(group.rows[0])))[:3]
        # For shared operands that have no place yet the order stays.
        members = sorted(
            zip(group.rows, group.nodes), key=lambda member: [slot[member[0][k]] for k in leading]
        )
        for matrix in self._matrices(group, members):
            rows, nodes = zip(*matrix)
            yield self._instruction(group, nodes, rows)

    def _matrices(self, group: Alike, members: list[Member]) -> Iterator[list[Member]]:
        """The members cut into those that multiply the same numbers by shared ones; else all of them."""
        n = group.products
        if n < 2 or self.likeness.number[members[0][0][0]] != SHARED:
            yield members
            return
        factors: dict[tuple[int, ...], list[Member]] = {}
        for member in members:
            factors.setdefault(member[0][n : 2 * n], []).append(member)
        if len(factors) * FEW > len(members):
            yield members
            return
        for matrix in factors.values():
            # What is shared has its places from the first of them on.
            yield sorted(matrix, key=lambda member: self.slot[member[0][0]])

    def _instruction(self, group: Alike, nodes: Sequence[int], rows: Sequence[Row]) -> Group:
        first = self.slots
        self._fill(nodes)
        n, width = group.products, len(rows[0])
        pairs: list[Run] = []
        if n:
            a, b = [self._indices(rows, self._runs(group, rows[0], k, k + n)) for k in (0, n)]
            pairs = _zip_runs(a, b)
        terms = self._indices(rows, self._runs(group, rows[0], 2 * n, width)) if width > 2 * n else []
        return Group(group.op, first, len(rows), terms, pairs)

    def _runs(self, group: Alike, row: Row, start: int, stop: int) -> list[tuple[bool, int, int]]:
        """The operands from start to stop of a row, cut where the group changes: (shared, start, stop) each.

        Where members use different groups, the operands of an operation that is not variadic are apart:
        an instruction reads them one by one, and seldom are they affine.
        """
        number = self.likeness.number
        if group.mixed and not group.op.variadic:
            return [(number[row[k]] == SHARED, k, k + 1) for k in range(start, stop)]
        told_apart = self.likeness.kinds if group.mixed else self.likeness.regions
        runs = []
        for region, run in groupby([told_apart[number[x]] for x in row[start:stop]]):
            stop = start + len(list(run))
            runs.append((region == SHARED, start, stop))
            start = stop
        return runs

    def _indices(self, rows: Sequence[Row], runs: Sequence[tuple[bool, int, int]]) -> list[Index]:
        """The operands in `runs` of all rows, an index for each run."""
        indices = []
        for shared, start, stop in runs:
            if stop - start == 1:
                nodes = [row[start] for row in rows]
            else:
                nodes = [x for row in rows for x in row[start:stop]]
            place = self.place if shared else self.slot.__getitem__
            indices.append(index(shared, list(map(place, nodes)), stop - start))
        return indices

    def sinks(self, sums: list[Linear], targets: list[int]) -> list[Sink]:
        """What is added up over rows, entries with operands of the same groups together."""
        entries: dict[tuple[int, int | None], list[tuple[int, int, int]]] = {}
        number, regions = self.likeness.number, self.likeness.regions
        for target, linear in zip(targets, sums):
            for a, b in self.likeness.sorted_pairs(linear):
                kind = (regions[number[a]], regions[number[b]])
                entries.setdefault(kind, []).append((self.place(a), self.place(b), target))
            for term in linear.terms:
                entries.setdefault((regions[number[term]], None), []).append((self.place(term), 0, target))
        return [sink for (a, b), rows in entries.items() for sink in _sinks(a == SHARED, b, rows)]


def _sinks(a_shared: bool, b_group: int | None, entries: list[tuple[int, int, int]]) -> list[Sink]:
    """The entries of one kind as matrices where they form some (all a with all b), else as a list."""
    entries.sort()
    a, b, target = np.array(entries).T
    blocks = [(0, len(a), 1)]
    if b_group is not None:
        matrices = list(_matrices(a, b, target))
        if len(matrices) == 1 or len(matrices) * LEAST <= len(a):
            blocks = matrices
    sinks = []
    for start, stop, width in blocks:
        a_index, b_index, target_index = (
            index(shared, column[start:stop].tolist(), width)
            for shared, column in ((a_shared, a), (b_group == SHARED, b), (False, target))
        )
        count = (stop - start) // width
        sinks.append(Sink(target_index, a_index, None if b_group is None else b_index, count))
    return sinks


def _matrices(a: np.ndarray, b: np.ndarray, target: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """(start, stop, width) of the matrices that entries in order of a, then b, fall into, row after row.

    The rows of a matrix have the same b and follow one another at equal distances.
    """
    rows = [*np.flatnonzero(np.diff(a, prepend=-1)).tolist(), len(a)]
    first, step = 0, None
    for k in range(1, len(rows) - 1):
        before, start, stop = rows[k - 1], rows[k], rows[k + 1]
        moved = (a[start] - a[before], target[start] - target[before])
        if np.array_equal(b[before:start], b[start:stop]) and moved == (step or moved):
            step = moved
        else:
            yield rows[first], start, start - before
            first, step = k, None
    yield rows[first], len(a), rows[-1] - rows[-2]


def _zip_runs(a: list[Index], b: list[Index]) -> list[Run]:
    """The indices of both factors, cut where either changes group."""
    if len(a) == len(b) == 1:
        return [(a[0], b[0])]
    pairs: list[Run] = []
    while a:
        width = min(a[0].width, b[0].width)
        (a_head, *a_rest), (b_head, *b_rest) = a, b
        pairs.append((a_head.part(0, width), b_head.part(0, width)))
        a = [a_head.part(width, a_head.width), *a_rest] if width < a_head.width else a_rest
        b = [b_head.part(width, b_head.width), *b_rest] if width < b_head.width else b_rest
    return pairs
