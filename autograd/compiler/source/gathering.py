"""Gathering: operands as expressions of NumPy, by slices where they are regular, else by index arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from textwrap import fill
from typing import Final, NamedTuple

import numpy as np

from autograd.compiler.equations.regions import CONSTANT, Located
from autograd.compiler.equations.writing import ATOM
from autograd.compiler.source.arrays import Code, literal

__all__ = ["Gathering", "Held", "span"]

MOST_PIECES: Final = 8
Array = np.ndarray


class Held(NamedTuple):
    """A region in a generated program: an expression, which may have an axis of rows, and its shape."""

    code: Code
    shape: tuple[int, ...]

    @property
    def rows(self) -> str:
        """The axis of rows, if it has one."""
        return "r" if "r" in self.code.axes else ""


@dataclass
class Gathering:
    """How the operands of groups are found in what is held, by region.

    tables: index arrays and constant vectors that stand above the program, by what they are. rows: how many
    rows there are, in the program's words.
    """

    held: dict[int, Held] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    rows: str = "1"

    def refer(self, located: Located, constants: Sequence[float]) -> Code:
        """The operands of a group, with the axes along which they vary, and that of rows if they have it."""
        axes = located.axes
        own = (slice(None) if "i" in axes else 0, slice(None) if "k" in axes else 0)
        which, offset = located.which[own], located.offset[own]
        regions = np.unique(which).tolist()
        if regions == [CONSTANT]:
            return self._constants(np.array(constants)[offset], axes)
        if len(regions) == 1:
            return self.part(self.held[regions[0]], offset, axes)
        return self._mixed(which, offset, axes, constants)

    def part(self, held: Held, offset: Array, axes: str) -> Code:
        """The entries at `offset` of what is held; `axes` are those of `offset`."""
        text, shape, rows = held.code.bracketed(ATOM).text, held.shape, held.rows
        if shape == ():
            return held.code
        flat = offset.ravel()
        ahead = ":, " if rows else ""
        if len(shape) == 2:
            return self._of_matrix(text, shape, offset, axes)
        if axes == "ik":
            for order, entries in (("ik", offset), ("ki", offset.T)):
                if np.array_equal(entries.ravel(), np.arange(shape[0])):
                    behind = f".reshape({'-1, ' if rows else ''}{entries.shape[0]}, {entries.shape[1]})"
                    return Code(text + behind, rows + order)
        elif axes and np.array_equal(flat, np.arange(shape[0])):
            return Code(held.code.text, rows + axes, held.code.precedence)
        index = str(int(flat[0])) if axes == "" else self.index(offset, shape[0])
        return Code(f"{text}[{ahead}{index}]", rows + axes)

    def _of_matrix(self, text: str, shape: tuple[int, ...], offset: Array, axes: str) -> Code:
        """Entries of a matrix, which no row of the batch has of its own."""
        row, column = np.divmod(offset, shape[1])
        if axes == "":
            return Code(f"{text}[{row}, {column}]")
        if axes != "ik":
            if np.array_equal(offset, np.arange(prod(shape))):
                return Code(f"{text}.ravel()", axes)
            for across, fixed, pattern in (
                (column, row, "{fixed}, {across}"),
                (row, column, "{across}, {fixed}"),
            ):
                index = span(across, shape[1 if fixed is row else 0])
                if (fixed == fixed[0]).all() and index:
                    inside = pattern.format(fixed=fixed[0], across=index)
                    return Code(f"{text}[{inside.removesuffix(', :')}]", axes)
            return Code(f"{text}.ravel()[{self.index(offset, prod(shape))}]", axes)
        for order, down, across in (("ik", row, column), ("ki", row.T, column.T)):
            apart = (down == down[:, :1]).all() and (across == across[:1]).all()
            spans = span(down[:, 0], shape[0]), span(across[0], shape[1])
            if apart and all(spans):
                return Code(text if spans == (":", ":") else f"{text}[{', '.join(spans)}]", order)
        return Code(f"{text}.ravel()[{self.index(offset, prod(shape))}]", "ik")

    def index(self, offset: Array, size: int) -> str:
        """What stands in brackets for the entries at `offset` of `size`: a slice, or the name of a table."""
        regular = span(offset, size) if offset.ndim == 1 else ""
        return regular or self.table("I", offset)

    def _constants(self, numbers: Array, axes: str) -> Code:
        if axes == "" or (numbers == numbers.flat[0]).all():
            return literal(float(numbers.flat[0]))
        if numbers.ndim == 1 and np.array_equal(numbers, np.arange(len(numbers))):
            return Code(f"np.arange({float(len(numbers))})", axes)
        return Code(self.table("C", numbers), axes)

    def _mixed(self, which: Array, offset: Array, axes: str, constants: Sequence[float]) -> Code:
        """Entries of several regions: side by side in runs, or all of these regions and a table."""
        runs = np.split(np.arange(which.size), np.flatnonzero(np.diff(which.ravel())) + 1)
        if axes != "ik" and len(runs) <= MOST_PIECES:
            pieces = [self._run(int(which[run[0]]), offset[run], constants) for run in runs]
            return self._side_by_side(pieces, axes)
        pieces, places, start = [], np.zeros_like(offset), 0
        for region in np.unique(which).tolist():
            size = len(constants) if region == CONSTANT else prod(self.held[region].shape)
            places += np.where(which == region, start + offset, 0)
            start += size
            pieces.append(self._run(region, np.arange(size), constants))
        joined = self._side_by_side(pieces, axes)
        ahead = ":, " if "r" in joined.axes else ""
        return Code(f"{joined.text}[{ahead}{self.index(places, start)}]", joined.axes)

    def _run(self, region: int, offset: Array, constants: Sequence[float]) -> tuple[Code, int]:
        """Entries of one region, with an axis "k" if there are several of them, and how many there are."""
        count = len(offset)
        if region == CONSTANT:
            several = self.table("C", np.array(constants)[offset]) if count > 1 else ""
            return Code(several, "k") if count > 1 else literal(constants[offset[0]]), count
        held = self.held[region]
        if count == 1:
            return self.part(held, offset[0], ""), 1
        if held.shape != ():
            return self.part(held, offset, "k"), count
        text = held.code.bracketed(ATOM).text
        if not held.rows:
            return Code(f"np.repeat({text}, {count})", "k"), count
        return Code(f"np.repeat({text}[:, None], {count}, axis=1)", "rk"), count

    def _side_by_side(self, pieces: Sequence[tuple[Code, int]], axes: str) -> Code:
        """Pieces one beside the other; where one has rows, the others are the same in all."""
        if not any("r" in code.axes for code, _ in pieces):
            return Code(f"np.hstack([{', '.join([code.text for code, _ in pieces])}])", axes)
        texts = [
            code.text if "r" in code.axes else f"np.full(({self.rows}, {count}), {code.text})"
            for code, count in pieces
        ]
        return Code(f"np.column_stack([{', '.join(texts)}])", "r" + axes)

    def table(self, letter: str, numbers: Array) -> str:
        """The name of an array that is written out above the program."""
        if letter == "I" and numbers.ndim == 2 and np.array_equal(numbers, _affine(numbers)):
            text = _written_by_steps(numbers)
        else:
            listed = ", ".join(
                ["np." + repr(z) if z - z != 0.0 else repr(z) for z in numbers.ravel().tolist()]
            )
            shape = "" if numbers.ndim == 1 else f".reshape({numbers.shape[0]}, {numbers.shape[1]})"
            text = f"np.array([{listed}]){shape}"
        return self.tables.setdefault(text, f"{letter}{len(self.tables) + 1}")

    def written_out(self) -> list[str]:
        """The lines that define the tables."""
        return [
            fill(
                f"{name} = {text}",
                110,
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for text, name in self.tables.items()
        ]


def span(offset: Array, size: int) -> str:
    """Positions as a slice of `size`; "" if they are none.

    >>> span(np.array([0, 1, 2]), 3), span(np.array([1, 3, 5]), 8), span(np.array([0, 1, 1]), 3)
    (':', '1:6:2', '')
    """
    first, last = int(offset[0]), int(offset[-1])
    step = int(offset[1]) - first if len(offset) > 1 else 1
    if step == 0 or (offset != first + step * np.arange(len(offset))).any():
        return ""
    if step == 1 and len(offset) == size:
        return ":"
    end = last + (1 if step > 0 else -1)
    stop = "" if end < 0 else str(end)
    return f"{first}:{stop}" if step == 1 else f"{first}:{stop}:{step}"


def _affine(table: Array) -> Array:
    """The table that continues the first three corners of `table` by equal steps."""
    n, m = table.shape
    i, k = np.arange(n)[:, None], np.arange(m)
    first = table[0, 0]
    result: Array = first + i * (table[1, 0] - first) + k * (table[0, 1] - first)
    return result


def _written_by_steps(table: Array) -> str:
    """A table of equal steps: [[1, 2], [4, 5]] is 1 + 3 * np.arange(2)[:, None] + np.arange(2)."""
    first = int(table[0, 0])
    terms = [str(first)] if first else []
    for step, axis in ((table[1, 0] - first, "[:, None]"), (table[0, 1] - first, "")):
        length = table.shape[0] if axis else table.shape[1]
        terms.append(f"{'' if step == 1 else f'{step} * '}np.arange({length}){axis}")
    return " + ".join(terms)
