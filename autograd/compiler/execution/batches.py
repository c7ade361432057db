"""Batches: the arguments of many calls, as the kernels read them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Batch", "one_row"]

Array = np.ndarray


@dataclass(slots=True)
class Batch:
    """The inputs for `rows` rows: one argument row by row as it was given, the others input by input.

    table: shape (rows, n), the inputs from number `first` on. columns: the other inputs in a flat array,
    `rows` numbers of each, and maybe more behind those that a plan needs. Both are contiguous and writable:
    the kernels read others wrongly.
    """

    rows: int
    table: Array
    first: int
    columns: Array

    def matrix(self) -> Array:
        """All inputs, shape (inputs, rows)."""
        others = self.columns.reshape(-1, self.rows)
        return np.concatenate([others[: self.first], self.table.T, others[self.first :]])

    def chosen(self, rows: Any) -> "Batch":
        """The batch of the rows with these numbers."""
        columns = self.columns.reshape(-1, self.rows)[:, rows].ravel()
        return Batch(len(rows), self.table[rows], self.first, columns)


def one_row(numbers: Array) -> Batch:
    """The batch of a single row."""
    return Batch(1, numbers.reshape(1, -1), 0, numbers[:0])
