"""The error of a row."""

__all__ = ["RowError"]


class RowError(IndexError):
    """An index that is out of range in one row of those that are run together."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row}: an index is not a whole number in its range")
        self.row = row
