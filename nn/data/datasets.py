"""Tables as something to learn from: features, and a target that is found to be classes or numbers."""

import math
from dataclasses import dataclass
from importlib.resources import as_file, files
from os import PathLike
from typing import Literal

from nn.data.tables import Table, parse_number, read_table

# Ten takes in digits and grades but not counts and ages.
_MOST_NUMBERED_CLASSES = 10


@dataclass(frozen=True, repr=False)
class Dataset:
    """Features X, a row of floats each, and targets y: the index of each row's class, or a number.

    `feature_names` are the columns of X; `target_names` are the classes in the order of their indices, and
    empty for regression.

    >>> Dataset([[1.0], [2.0]], [0.5, 0.7], ("size",))
    Dataset(2 rows of 1 feature, regression)
    """

    X: list[list[float]]
    y: list[float]
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...] = ()

    @property
    def task(self) -> Literal["classification", "regression"]:
        """What there is to learn: classes or numbers."""
        return "classification" if self.target_names else "regression"

    def __repr__(self) -> str:
        features = "1 feature" if len(self.feature_names) == 1 else f"{len(self.feature_names)} features"
        classes = f": {', '.join(self.target_names)}" if self.target_names else ""
        return f"Dataset({len(self.X)} rows of {features}, {self.task}{classes})"


def load_iris() -> Dataset:
    """Fisher's Iris data: 150 flowers, four measurements in cm, three species of 50 flowers each.

    R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936),
    Table I; in the public domain. Rows 35 and 38 are as in the paper, where other copies have errors.

    >>> load_iris()
    Dataset(150 rows of 4 features, classification: setosa, versicolor, virginica)
    """
    with as_file(files("nn.data") / "iris.csv") as path:
        return read_csv(path, "species")


def read_csv(path: str | PathLike[str], target: str) -> Dataset:
    """The data in a CSV file: the column `target` is learnt from all the others, which must be numbers.

    `find_target` says whether it is classification or regression. OSError if the file cannot be read;
    ValueError, naming file, line and column, for anything else that is not as it should be.
    """
    table = read_table(path)
    y, target_names = find_target(table, target)
    feature_names = tuple(name for name in table.names if name != target)
    if not feature_names:
        raise ValueError(f"{path}: {target!r} is the only column; expected others to learn it from")
    return Dataset(table.numbers(feature_names), y, feature_names, target_names)


def find_target(table: Table, column: str) -> tuple[list[float], tuple[str, ...]]:
    """The targets in a column with the names of their classes: indices and names, or numbers and no names.

    - Text is classes, in alphabetical order.
    - Numbers are classes, in order of size, if they are whole, at most ten different ones, and each occurs
      twice on average; 1.0 is the whole number 1, however it is written. All other numbers are regression.

    ValueError for an empty, nan or infinite cell, for a mix of numbers and text, for a target that is the
    same in every row, and for text that has more classes than half the rows.

    >>> from nn.data.tables import parse_table
    >>> find_target(parse_table("colour\\nred\\nblue\\nred\\nred\\n", "colours.csv"), "colour")
    ([1, 0, 1, 1], ('blue', 'red'))
    >>> find_target(parse_table("price\\n9.5\\n7\\n9.5\\n7\\n", "prices.csv"), "price")
    ([9.5, 7.0, 9.5, 7.0], ())
    """
    cells = table.column(column)
    numbers = _numbers_in(table, column)
    if len(set(numbers or cells)) == 1:
        raise ValueError(
            f"{table.path}: the target {column!r} is {cells[0]!r} in every row: nothing to learn"
        )
    if numbers and not _name_classes(numbers):
        return numbers, ()
    labels = [str(int(number)) for number in numbers] or cells
    names = [str(int(number)) for number in sorted(set(numbers))] or sorted(set(cells))
    if 2 * len(names) > len(cells):
        raise ValueError(
            f"{table.path}: the target {column!r} has {len(names)} different texts in {len(cells)} rows; "
            "expected numbers, or classes of two rows or more on average"
        )
    index = {name: i for i, name in enumerate(names)}
    return [index[label] for label in labels], tuple(names)


def _numbers_in(table: Table, column: str) -> list[float]:
    """The numbers of a column of numbers; none for a column of text."""
    cells = table.column(column)
    parsed = [parse_number(cell) for cell in cells]
    for position, (cell, number) in enumerate(zip(cells, parsed, strict=True)):
        if not cell:
            raise ValueError(f"{table.place(position, column)}: the cell is empty; every row needs a target")
        if number is not None and not math.isfinite(number):
            raise ValueError(
                f"{table.place(position, column)}: {cell!r} is not finite; every row needs a target"
            )
    numbers = [number for number in parsed if number is not None]
    if 0 < len(numbers) < len(cells):
        text = parsed.index(None)
        other = next(i for i, number in enumerate(parsed) if number is not None)
        raise ValueError(
            f"{table.place(text, column)}: {cells[text]!r} is text, but line {table.lines[other]} has the "
            f"number {cells[other]!r}; expected all numbers or all names of classes"
        )
    return numbers


def _name_classes(numbers: list[float]) -> bool:
    kinds = set(numbers)
    few = len(kinds) <= min(_MOST_NUMBERED_CLASSES, len(numbers) / 2)
    return few and all(number.is_integer() for number in kinds)
