"""Plans: a graph as groups of nodes that are computed alike, whose operands are found by indices."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autograd.operation import Op

__all__ = ["Group", "Index", "Plan", "Sink", "index"]

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
    rows share, in the order of their places, shared ones by their nodes; matrices lie in it row by row.
    outputs: where each output is (shared or not, and its place). sinks: what is added up over rows, into the
    totals first and then into a gradient for each of shared.
    """

    slots: int
    inputs: int
    constants: list[float]
    shared: list[int]
    groups: list[Group]
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
