"""Plans: a graph as groups of nodes that are computed alike, whose operands are found by indices."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from autograd.operation import Op

__all__ = ["Group", "Groups", "Index", "Plan", "Runs", "Sink", "index", "ranges"]


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
        if start == 0 and stop == self.width:
            return self
        if self.table is not None:
            return index(self.shared, self.table[:, start:stop].ravel(), stop - start)
        return self._replace(width=stop - start, base=self.base + start * self.stride_k)


@dataclass(slots=True)
class Group:
    """One instruction: `op` for `count` results in the slots from `first` on.

    For a dot, result i is Σ over `pairs` and their k of a·b, plus Σ of `terms`; for any other operation
    `terms` are its operands, those of a variadic one in runs.
    """

    op: Op
    first: int
    count: int
    terms: list[Index]
    pairs: list[tuple[Index, Index]]


class Runs(NamedTuple):
    """Many indices as arrays: of each the group that it is of, its part (0 and 1 are the factors of pairs, 2
    the terms), what an `Index` says, and where its positions start in a table; −1 if it is affine."""

    group: np.ndarray
    part: np.ndarray
    shared: np.ndarray
    width: np.ndarray
    base: np.ndarray
    stride_i: np.ndarray
    stride_k: np.ndarray
    start: np.ndarray

    def chosen(self, which: np.ndarray) -> "Runs":
        """Some of the runs: those where `which` is true, or by their numbers, in that order."""
        return Runs(*[column[which] for column in self])


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of a plan in order, as arrays; the Group at a position is made when it is asked for.

    op: which of `ops` each group is. runs: their operands, group after group and part after part. table: the
    positions of those that are not affine.
    """

    ops: list[Op]
    op: np.ndarray
    first: np.ndarray
    count: np.ndarray
    runs: Runs
    table: np.ndarray

    @cached_property
    def bounds(self) -> np.ndarray:
        """Where the runs of each group start, and the last ones end."""
        bounds: np.ndarray = np.searchsorted(self.runs.group, np.arange(len(self) + 1))
        return bounds

    def __len__(self) -> int:
        return len(self.first)

    def __iter__(self) -> Iterator[Group]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, position: int) -> Group:
        count = self.count.item(position)
        parts: tuple[list[Index], list[Index], list[Index]] = [], [], []
        for run in range(self.bounds[position], self.bounds[position + 1]):
            _, part, shared, width, base, stride_i, stride_k, start = [c.item(run) for c in self.runs]
            table = None if start < 0 else self.table[start : start + count * width].reshape(count, width)
            parts[part].append(Index(bool(shared), width, base, stride_i, stride_k, table))
        op = self.ops[self.op[position]]
        return Group(op, self.first.item(position), count, parts[2], list(zip(*parts[:2])))

    def is_one_of(self, *ops: Op) -> np.ndarray:
        """For each group whether its operation is one of `ops`."""
        which: np.ndarray = np.array([op in ops for op in self.ops], np.bool_)[self.op]
        return which

    def is_variadic(self) -> np.ndarray:
        """For each group whether its operation takes any number of operands."""
        which: np.ndarray = np.array([op.variadic for op in self.ops], np.bool_)[self.op]
        return which


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
    rows share, in the order of their places, shared ones by their nodes; matrices lie in it row by row.
    outputs: where each output is (shared or not, and its place). sinks: what is added up over rows, into the
    totals first and then into a gradient for each of shared.
    """

    slots: int
    inputs: int
    constants: list[float]
    shared: list[int]
    groups: Groups
    outputs: list[tuple[bool, int]]
    totals: int
    sinks: list[Sink]


def index(shared: bool, positions: np.ndarray, width: int) -> Index:
    """The positions, `width` for each member, as strides where they are affine."""
    table = positions.reshape(-1, width)
    base = int(table[0, 0])
    stride_i = int(table[1, 0]) - base if len(table) > 1 else 0
    stride_k = int(table[0, 1]) - base if width > 1 else 0
    affine = Index(shared, width, base, stride_i, stride_k)
    return affine if np.array_equal(affine.matrix(len(table)), table) else affine._replace(table=table)


def ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The numbers from each start on, as many as its length says, one range after the other."""
    stops = np.cumsum(lengths)
    total = stops[-1] if len(stops) else 0
    within: np.ndarray = np.repeat(starts - stops + lengths, lengths) + np.arange(total)
    return within
