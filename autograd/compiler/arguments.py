"""Arguments: what a program is called with, checked and brought into the form that the kernels read."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.compiler.execution.batches import Batch
from autograd.compiler.plans.recording import Shape, nested

__all__ = ["Signature", "dimensions", "example_of", "numbers_of", "plain"]

Array = np.ndarray


class Signature:
    """What arguments a function takes: the dimensions of each behind its first, which is the rows."""

    def __init__(self, dimensions: Sequence[tuple[int, ...]], dtype: np.dtype) -> None:
        self.dimensions = list(dimensions)
        self.dtype = dtype
        widths = [prod(after) for after in dimensions]
        # The widest of the arguments that have columns is left as it is.
        tables = [i for i, after in enumerate(self.dimensions) if after]
        self.wide = max(tables, key=widths.__getitem__, default=-1)
        self.first = sum(widths[: max(0, self.wide)])
        # How many dimensions, and numbers in a row, each argument has that can be read as it is.
        self.forms = list(zip([1 + len(after) for after in dimensions], widths))
        self.flat = all(dimensions <= 2 for dimensions, _ in self.forms)

    def batch(self, arguments: Sequence[Any], weights: Any = None) -> Batch:
        """The arguments, and behind them the weights of the rows if there are any, as a batch.

        Raises TypeError for another number of arguments and for what is not made of numbers, ValueError for a
        wrong shape, for numbers of rows that differ and for none.
        """
        arrays = arguments if self._fit(arguments) else self._converted(arguments)
        rows = len(arrays[0]) if arrays else 1
        table = arrays[self.wide].reshape(rows, -1) if self.wide >= 0 else np.empty((rows, 0), self.dtype)
        columns = [array for i, array in enumerate(arrays) if i != self.wide]
        if weights is not None:
            columns.append(numbers_of(weights, "weights", rows, self.dtype))
        if len(columns) == 1 and columns[0].ndim == 1:
            return Batch(rows, table, self.first, columns[0])
        flat = np.concatenate([table[0, :0], *[column.reshape(rows, -1).T.ravel() for column in columns]])
        return Batch(rows, table, self.first, flat)

    def require_finite(self, batch: Batch) -> None:
        """Raise ValueError for the first nan or ∞, by row, argument and place in it."""
        matrix = batch.matrix()[: sum(map(prod, self.dimensions))]
        bad = np.argwhere(~np.isfinite(matrix.T))
        if not len(bad):
            return
        row, place = map(int, bad[0])
        number = matrix[place, row]
        for position, after in enumerate(self.dimensions, 1):
            if place < prod(after):
                column = f", column {place}" if after else ""
                raise ValueError(
                    f"row {row} of argument {position}{column} is {number}; check_finite allows no such"
                )
            place -= prod(after)

    def _fit(self, arguments: Sequence[Any]) -> bool:
        """Whether all are arrays that the kernels can read as they are, which most are at most steps."""
        if len(arguments) != len(self.forms):
            return False
        rows = -1
        for argument, (dimensions, width) in zip(arguments, self.forms):
            if not plain(argument, dimensions, self.dtype):
                return False
            if rows < 0:
                rows = len(argument)
            if argument.size != rows * width or len(argument) != rows:
                return False
        return self.flat and rows > 0

    def _converted(self, arguments: Sequence[Any]) -> list[Array]:
        """The arguments as contiguous arrays of equally many rows."""
        if len(arguments) != len(self.dimensions):
            raise TypeError(f"the program takes {len(self.dimensions)} arguments, got {len(arguments)}")
        arrays = [
            _checked(position, argument, after, self.dtype)
            for position, (argument, after) in enumerate(zip(arguments, self.dimensions), 1)
        ]
        for position, array in enumerate(arrays, 1):
            if len(array) != len(arrays[0]):
                raise ValueError(
                    f"argument {position} has {len(array)} rows, but argument 1 has {len(arrays[0])}"
                )
        return arrays


def plain(given: Any, dimensions: int, dtype: np.dtype) -> bool:
    """Whether `given` is an array of so many dimensions that the kernels can read as it is.

    Its type is asked for: what only says that it is an array, as a proxy does, is not kept like one.
    """
    fits: bool = (
        type(given) is Array and given.dtype is dtype and given.ndim == dimensions and given.flags.carray
    )
    return fits


def _checked(position: int, argument: Any, after: tuple[int, ...], dtype: np.dtype) -> Array:
    """An argument as a contiguous array of shape (rows, *after)."""
    array = _as_array(f"argument {position}", argument)
    if array.ndim == 0 or array.shape[1:] != after:
        expected = ", ".join(["rows", *map(str, after)])
        raise ValueError(f"argument {position} must have shape ({expected}), got {array.shape}")
    if array.shape[0] == 0:
        raise ValueError(f"argument {position} has no rows")
    return np.require(array, dtype, ["C", "A", "W"])


def numbers_of(given: Any, what: str, count: int, dtype: np.dtype) -> Array:
    """`given`, one number for each of `count` things, as an array; `what` they are is said in errors.

    Raises TypeError for what is not made of numbers, ValueError for another count of them.
    """
    array = _as_array(what, given)
    if array.ndim != 1 or array.size != count:
        raise ValueError(f"expected {count} {what}, got an array of shape {array.shape}")
    return array if plain(array, 1, dtype) else np.require(array, dtype, ["C", "A", "W"])


def _as_array(what: str, given: Any) -> Array:
    if type(given) is Array:
        array: np.ndarray = given
    else:
        try:
            array = np.asarray(given)
        except ValueError:
            raise ValueError(f"the rows of {what} differ in length") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what} must be numbers, got an array of {array.dtype}")
    return array


def dimensions(shape: Shape | None, what: str = "argument") -> tuple[int, ...]:
    """The dimensions of a nesting. Raises ValueError for one whose parts differ, saying `what` it is of."""
    if shape is None:
        return ()
    inner = {dimensions(part, what) for part in shape}
    if len(inner) > 1:
        raise ValueError(f"lists of different shapes cannot be batched as one {what}: {sorted(inner)}")
    return (len(shape), *(inner.pop() if inner else ()))


def example_of(row: Array, shapes: Sequence[Shape | None]) -> list[Any]:
    """The arguments of one row, nested as the function takes them."""
    numbers = iter(row.tolist())
    return [nested(shape, numbers) for shape in shapes]
