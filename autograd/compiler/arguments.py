"""Arguments: what a program is called with, as one column of numbers for each input."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.recording import Shape, nested

__all__ = ["columns_of", "dimensions", "example_of", "require_finite"]


def columns_of(
    arguments: Sequence[Any], expected: Sequence[tuple[int, ...]], inputs: int, dtype: np.dtype
) -> np.ndarray:
    """The arguments as one array of shape (inputs, rows).

    expected: the dimensions of each argument behind its first, which is the rows. Raises TypeError for
    another number of arguments and for what is not made of numbers, ValueError for a wrong shape, for
    numbers of rows that differ and for none.
    """
    if len(arguments) != len(expected):
        raise TypeError(f"the program takes {len(expected)} arguments, got {len(arguments)}")
    arrays = [_checked(i, argument, after) for i, (argument, after) in enumerate(zip(arguments, expected), 1)]
    rows = arrays[0].shape[0] if arrays else 1
    columns = np.empty((inputs, rows), dtype)
    start = 0
    for i, array in enumerate(arrays, 1):
        if array.shape[0] != rows:
            raise ValueError(f"argument {i} has {array.shape[0]} rows, but argument 1 has {rows}")
        if array.ndim == 1:
            columns[start] = array
            start += 1
        else:
            flat = array.reshape(rows, -1)
            columns[start : start + flat.shape[1]] = flat.T
            start += flat.shape[1]
    return columns


def require_finite(columns: np.ndarray, expected: Sequence[tuple[int, ...]]) -> None:
    """Raise ValueError for the first nan or ∞, by row, argument and place in it."""
    bad = np.argwhere(~np.isfinite(columns.T))
    if not len(bad):
        return
    row, place = map(int, bad[0])
    number = columns[place, row]
    for position, after in enumerate(expected, 1):
        count = int(np.prod(after, dtype=int))
        if place < count:
            column = f", column {place}" if after else ""
            raise ValueError(
                f"row {row} of argument {position}{column} is {number}; check_finite allows no such"
            )
        place -= count


def _checked(position: int, argument: Any, after: tuple[int, ...]) -> np.ndarray:
    """An argument as an array of shape (rows, *after)."""
    array = argument if argument.__class__ is np.ndarray else _as_array(position, argument)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"argument {position} must be numbers, got an array of {array.dtype}")
    if array.ndim == 0 or array.shape[1:] != after:
        expected = ", ".join(["rows", *map(str, after)])
        raise ValueError(f"argument {position} must have shape ({expected}), got {array.shape}")
    if array.shape[0] == 0:
        raise ValueError(f"argument {position} has no rows")
    return array


def _as_array(position: int, argument: Any) -> np.ndarray:
    try:
        return np.asarray(argument)
    except ValueError:
        raise ValueError(f"the rows of argument {position} differ in length") from None


def dimensions(shape: Shape | None) -> tuple[int, ...]:
    """The dimensions of a nesting. Raises ValueError for one whose parts differ."""
    if shape is None:
        return ()
    inner = {dimensions(part) for part in shape}
    if len(inner) > 1:
        raise ValueError(f"lists of different shapes cannot be batched as one argument: {sorted(inner)}")
    return (len(shape), *(inner.pop() if inner else ()))


def example_of(row: np.ndarray, shapes: Sequence[Shape | None]) -> list[Any]:
    """The arguments of one row, nested as the function takes them."""
    numbers = iter(row.tolist())
    return [nested(shape, numbers) for shape in shapes]
