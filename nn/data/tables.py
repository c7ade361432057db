"""CSV files as named columns of text that know their file, line and column, and become numbers on request."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from os import PathLike
from pathlib import Path

_MOST_NAMES_SHOWN = 10


@dataclass(frozen=True)
class Table:
    """What a CSV file says: its column names, its rows of text cells, and the line on which each row starts.

    >>> table = parse_table("x, y\\n1, red\\n2, blue\\n", "points.csv")
    >>> table.names, table.column("y"), table.numbers(["x"])
    (('x', 'y'), ['red', 'blue'], [[1.0], [2.0]])
    >>> table.numbers(["y"])
    Traceback (most recent call last):
    ValueError: points.csv, line 2, column 'y': 'red' is no number; expected one like 1234.5
    """

    path: str
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str) -> list[str]:
        """The cells of one column, as text; ValueError, with the names there are, if it is not there."""
        index = self._index(name)
        return [row[index] for row in self.rows]

    def numbers(self, names: Iterable[str]) -> list[list[float]]:
        """The cells of the named columns, in that order, as one list of floats for each row.

        ValueError for a column that is not there, and for the first cell that is not a finite number.
        """
        columns = [(name, self._index(name)) for name in names]
        return [
            [self._number(position, row[index], name) for name, index in columns]
            for position, row in enumerate(self.rows)
        ]

    def place(self, position: int, name: str) -> str:
        """Where the cell of a row (counted from 0) and column is, for an error: file, line and column."""
        return f"{self.path}, line {self.lines[position]}, column {name!r}"

    def _index(self, name: str) -> int:
        if name not in self.names:
            shown = ", ".join(repr(known) for known in self.names[:_MOST_NAMES_SHOWN])
            more = ", …" if len(self.names) > _MOST_NAMES_SHOWN else ""
            raise ValueError(
                f"{self.path}: no column {name!r} among the {len(self.names)} that the first line names: "
                f"{shown}{more}"
            )
        return self.names.index(name)

    def _number(self, position: int, cell: str, name: str) -> float:
        number = parse_number(cell)
        if number is None:
            fault = f"{cell!r} is no number" if cell else "no number in an empty cell"
            raise ValueError(f"{self.place(position, name)}: {fault}; expected one like 1234.5")
        if not isfinite(number):
            raise ValueError(
                f"{self.place(position, name)}: {cell!r} is not finite; expected one like 1234.5"
            )
        return number


def parse_number(cell: str) -> float | None:
    """The number that a cell says, which may be nan or infinite, or None for text.

    >>> parse_number("-1e-3"), parse_number("1,000"), parse_number("1_000")
    (-0.001, None, None)
    """
    try:
        number = float(cell)
    except ValueError:
        return None
    return None if "_" in cell else number


def read_table(path: str | PathLike[str]) -> Table:
    """The table in a CSV file; the rules of the format are those of `parse_table`.

    OSError (FileNotFoundError and its kin) if the file cannot be read, ValueError if it is not UTF-8 text (a
    byte order mark is allowed) or not a table; each message starts with the path.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise type(error)(f"{path}: {error.strerror}; expected a CSV file") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise ValueError(
            f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
        ) from None
    return parse_table(text, str(path))


def parse_table(text: str, path: str) -> Table:
    """The table in the text of a CSV file; `path` only names it in errors.

    The first line names the columns. The delimiter is the first of tab, semicolon and comma that this line
    contains outside quotes. Cells lose the blanks around them, "quoted" cells may hold delimiters and line
    ends, and rows without any text are skipped. ValueError, with the line, for columns without a name or with
    the same one, for rows that are longer or shorter than the first, and for a text without rows.
    """
    records = _records(text, path)
    if not records:
        raise ValueError(f"{path}: the file is empty; expected a line of column names, then rows")
    header_line, names = records.pop(0)
    if not records:
        raise ValueError(f"{path}: no rows follow the line of column names")
    for number, name in enumerate(names, start=1):
        if not name:
            raise ValueError(f"{path}, line {header_line}: column {number} has no name; name or remove it")
        if name in names[: number - 1]:
            first = names.index(name) + 1
            raise ValueError(
                f"{path}, line {header_line}: columns {first} and {number} are both named {name!r}"
            )
    for line, cells in records:
        if len(cells) != len(names):
            raise ValueError(
                f"{path}, line {line}: {len(cells)} cells, but the first line names {len(names)}"
            )
    return Table(path, tuple(names), [cells for _, cells in records], [line for line, _ in records])


def _records(text: str, path: str) -> list[tuple[int, list[str]]]:
    """The cells of each record that has any text, with the line on which it starts."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_delimiter(text), skipinitialspace=True, strict=True)
    records = []
    start = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                records.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f'{path}, line {start}: {error}; is a quote (") left open?') from None
    return records


def _delimiter(text: str) -> str:
    # In this order, because commas do turn up in the names of columns, semicolons seldom, and tabs never.
    first_line = text.lstrip().partition("\n")[0]
    unquoted = re.sub(r'"[^"]*"', "", first_line)
    return next((delimiter for delimiter in "\t;" if delimiter in unquoted), ",")
