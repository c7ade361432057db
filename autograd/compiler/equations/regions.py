"""Regions: the vectors and matrices that the places of a plan belong to, and how they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from autograd.compiler.equations.writing import Written, grouped, number, part, transposed
from autograd.compiler.plans.grouping import Index

__all__ = ["CONSTANT", "Key", "Located", "Reference", "Regions", "Space"]

CONSTANT: Final = -1  # the region of constants, whose offsets are their places
MOST_INDICES: Final = 4
Array = np.ndarray
Key = tuple[str, float] | None


class Located(NamedTuple):
    """Where the operands of a group are: of member i, operand k at `offset[i, k]` of region `which[i, k]`."""

    which: Array
    offset: Array

    def columns(self, chosen: Array | slice) -> "Located":
        """The operands with the numbers `chosen`."""
        return Located(self.which[:, chosen], self.offset[:, chosen])

    @property
    def axes(self) -> str:
        """What the operand varies with: "", "i" (the member), "k" or "ik"."""
        varies_i = any((given != given[:1]).any() for given in self)
        varies_k = any((given != given[:, :1]).any() for given in self)
        return "i" * varies_i + "k" * varies_k


class Reference(NamedTuple):
    """An operand as it is written. key: what it is, for two uses of the same; None for a part of a region."""

    written: Written
    axes: str
    key: Key
    regions: frozenset[int]


@dataclass
class Regions:
    """All vectors and matrices, by number: how each is written, and its shape.

    shown: those whose shape has been told, as it is where one is first mentioned. inside: for those that are
    written where they are used, what they are made of. sized: whether shapes are to be told at all.
    """

    names: list[Written] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    inside: dict[int, frozenset[int]] = field(default_factory=dict)
    sized: bool = True

    def add(self, written: Written, shape: tuple[int, ...]) -> int:
        """The number of a new region; one of a single number has the shape ()."""
        self.names.append(written._replace(scalar=shape == ()))
        self.shapes.append(shape)
        return len(self.names) - 1

    def mention(self, region: int) -> Written:
        """How the region is written, the first time with its shape."""
        written, shape = self.names[region], self.shapes[region]
        if not shape or region in self.shown or not self.sized:
            return written
        self.shown.add(region)
        return written._replace(text=f"{written.text}[{'×'.join(map(str, shape))}]")

    def used(self, located: Iterable["Located"]) -> frozenset[int]:
        """The regions with a name of their own that operands are made of."""
        found = {region for one in located for region in np.unique(one.which).tolist() if region != CONSTANT}
        return frozenset().union(*[self.inside.get(region, {region}) for region in found])

    def size(self, region: int) -> int:
        """How many numbers the region has."""
        size = 1
        for dimension in self.shapes[region]:
            size *= dimension
        return size


@dataclass
class Space:
    """Where each slot of a plan, and each number that its rows share, belongs: (region, offset)."""

    regions: Regions
    constants: list[float]
    slots: Array
    shared: Array

    def locate(self, index: Index, count: int) -> Located:
        """Where the operands of a group with `count` members are."""
        table = self.shared if index.shared else self.slots
        found = table[index.matrix(count)]
        return Located(found[..., 0], found[..., 1])

    def key(self, located: Located) -> Key:
        """What the operands are, if they are all of one vector in order, or one number."""
        region = int(located.which[0, 0])
        if (located.which != region).any():
            return None
        axes = located.axes
        if region == CONSTANT:
            return ("number", self.constants[located.offset[0, 0]]) if axes == "" else None
        if self.regions.size(region) == 1:
            return "region", region
        if len(self.regions.shapes[region]) > 1 or axes not in ("i", "k"):
            return None
        along = located.offset[:, 0] if axes == "i" else located.offset[0]
        return ("region", region) if np.array_equal(along, np.arange(self.regions.size(region))) else None

    def refer(self, located: Located) -> Reference:
        """How the operands are written."""
        axes = located.axes
        which, offset = located
        along = {"": offset[0, :1], "i": offset[:, 0], "k": offset[0], "ik": offset}[axes]
        regions = frozenset(np.unique(which).tolist())
        if len(regions) > 1:
            written = self._mixed(*((which, offset) if "k" in axes else (which[:, :1], offset[:, :1])))
        elif CONSTANT in regions:
            written = self._constants(along)
        else:
            written = self._part(int(which[0, 0]), along, axes)
        return Reference(written, axes, self.key(located), regions)

    def _constants(self, places: Array) -> Written:
        written = [number(self.constants[place]) for place in places.ravel()]
        return written[0] if len(written) == 1 else grouped(written)

    def _mixed(self, which: Array, offset: Array) -> Written:
        """Entries of several regions, those of each that follow one another together."""
        pieces: list[Written] = []
        which, offset = which.ravel(), offset.ravel()
        ends = [*(np.flatnonzero(np.diff(which)) + 1).tolist(), which.size]
        start = 0
        for end in ends:
            region, offsets = int(which[start]), offset[start:end]
            if region == CONSTANT:
                pieces.extend([number(self.constants[place]) for place in offsets])
            else:
                pieces.append(self._part(region, offsets, "k" if len(offsets) > 1 else ""))
            start = end
        return grouped(pieces)

    def _part(self, region: int, offsets: Array, axes: str) -> Written:
        """How the entries at `offsets` of a region are written."""
        name, shape = self.regions.names[region], self.regions.shapes[region]
        size = self.regions.size(region)
        if size == 1 or np.array_equal(offsets.ravel(), np.arange(size)):
            lies = len(shape) == 2 and shape[0] == 1 and axes == "i"
            return transposed(self.regions.mention(region)) if lies else self.regions.mention(region)
        if offsets.ndim == 1:
            return part(name, _indices(offsets, shape), scalar=axes == "")
        turned = len(shape) == 2 and offsets.shape == shape[::-1]
        if turned and np.array_equal(offsets.T.ravel(), np.arange(size)):
            return transposed(self.regions.mention(region))
        return part(name, "…", scalar=False)


def _indices(offsets: Array, shape: Sequence[int]) -> str:
    """Offsets into a region of this shape, as Python would index it."""
    if len(shape) == 2:
        rows, columns = np.divmod(offsets, shape[1])
        if (rows == rows[0]).all():
            return f"{rows[0]},{_run(columns, shape[1])}"
        if (columns == columns[0]).all():
            return f"{_run(rows, shape[0])},{columns[0]}"
        return "…"
    return _run(offsets, shape[0])


def _run(offsets: Array, size: int) -> str:
    """The offsets as a slice, if they are one; else the first of them."""
    if len(offsets) == 1:
        return str(offsets[0])
    first, last = int(offsets[0]), int(offsets[-1])
    step = int(offsets[1]) - first
    if step == 0 or (offsets != first + step * np.arange(len(offsets))).any():
        listed = ",".join(map(str, offsets[:MOST_INDICES]))
        return f"{listed},…" if len(offsets) > MOST_INDICES else listed
    if step == 1 and len(offsets) == size:
        return ":"
    end = last + (1 if step > 0 else -1)
    stop = "" if end < 0 else str(end)
    return f"{first}:{stop}" if step == 1 else f"{first}:{stop}:{step}"
