"""What can be wrong with rows."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["HugeNumbers", "RowError", "named_rows"]


class RowError(IndexError):
    """An index that is out of range in one row of those that are run together."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row}: an index is not a whole number in its range")
        self.row = row


class HugeNumbers(ArithmeticError):
    """There are numbers so large that sums may be ∞ in one order and finite in another."""


@contextmanager
def named_rows(rows: np.ndarray) -> Iterator[None]:
    """Let an error that names one of the chosen rows name it as the batch does."""
    try:
        yield
    except RowError as error:
        raise RowError(int(rows[error.row])) from None
