"""Rows on their way into training: the train/test split and mini-batches."""

import math
import operator
import random
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
Row = TypeVar("Row")
Target = TypeVar("Target")


def generator(seed: int | random.Random) -> random.Random:
    """The generator given, or a new one from a whole number; never Python's global one.

    >>> generator(7).random() == generator(7).random()
    True
    """
    if isinstance(seed, random.Random):
        return seed
    try:
        return random.Random(operator.index(seed))
    except TypeError:
        raise TypeError(f"a seed is a whole number or a random.Random, not {seed!r}") from None


def as_list(values: Iterable[T]) -> list[T]:
    """The values as a plain list; arrays, and arrays or array numbers in a list, become Python's own.

    >>> as_list((1.0, 2.0))
    [1.0, 2.0]
    """
    if hasattr(values, "tolist"):
        plain: list[T] = values.tolist()
        return plain
    return [value.tolist() if hasattr(value, "tolist") else value for value in values]


def train_test_split(
    X: Iterable[Row],
    y: Iterable[Target],
    test_size: float = 0.3,
    stratify: bool = False,
    seed: int | random.Random = 0,
) -> tuple[list[Row], list[Row], list[Target], list[Target]]:
    """X_train, X_test, y_train, y_test: every row on exactly one side, in an order drawn from `seed`.

    `test_size` is the fraction of rows held out, rounded, with at least one row left on each side. With
    `stratify`, `y` holds classes and each class is divided in this proportion to within one row, with at
    least one row on each side. ValueError if a class (or the data) has a single row: one side would lack it.

    >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 0, 0, 1, 1, 1]
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=True)
    >>> sorted(y_train), sorted(y_test)
    ([0, 0, 1, 1], [0, 1])
    """
    rows, targets = _paired(X, y)
    if not 0 < test_size < 1:
        raise ValueError(f"test_size is a fraction between 0 and 1, such as 0.3, not {test_size!r}")
    if len(rows) < 2:
        raise ValueError("one row cannot be split into train and test: give at least two")
    groups = _groups_by_class(targets) if stratify else [list(range(len(rows)))]
    train, test = _divided(groups, test_size, generator(seed))
    return (
        [rows[i] for i in train],
        [rows[i] for i in test],
        [targets[i] for i in train],
        [targets[i] for i in test],
    )


def mini_batches(
    X: Iterable[Row],
    y: Iterable[Target],
    batch_size: int,
    rng: random.Random | None = None,
    shuffle: bool = True,
) -> Iterator[tuple[list[Row], list[Target]]]:
    """The rows and targets of one epoch in batches of `batch_size`, each row once; the last may be smaller.

    Each call draws a new order from `rng`, which is therefore a random.Random kept from epoch to epoch: a
    seed would repeat the same order. Without `shuffle` the order is that of the data and `rng` is not used.

    >>> list(mini_batches([[1.0], [2.0], [3.0]], [10, 20, 30], batch_size=2, shuffle=False))
    [([[1.0], [2.0]], [10, 20]), ([[3.0]], [30])]
    """
    rows, targets = _paired(X, y)
    if batch_size < 1:
        raise ValueError(f"batch_size is at least 1, not {batch_size!r}")
    order = list(range(len(rows)))
    if shuffle:
        if not isinstance(rng, random.Random):
            raise TypeError(f"shuffling needs rng=random.Random(seed), made once for all epochs, not {rng!r}")
        rng.shuffle(order)
    chunks = (order[start : start + batch_size] for start in range(0, len(order), batch_size))
    return (([rows[i] for i in chunk], [targets[i] for i in chunk]) for chunk in chunks)


def _paired(X: Iterable[Row], y: Iterable[Target]) -> tuple[list[Row], list[Target]]:
    rows, targets = as_list(X), as_list(y)
    if len(rows) != len(targets):
        raise ValueError(f"X has {len(rows)} rows and y has {len(targets)}: give one target for each row")
    if not rows:
        raise ValueError("X and y are empty: give at least one row")
    return rows, targets


def _divided(groups: list[list[int]], test_size: float, rng: random.Random) -> tuple[list[int], list[int]]:
    """The indices that stay and those held out, from each group in proportion, both in random order."""
    train: list[int] = []
    test: list[int] = []
    # Rounding the running total, not each group, keeps the whole test set at test_size too.
    total, held_out = 0, 0
    for group in groups:
        total += len(group)
        previous, held_out = held_out, math.floor(total * test_size + 0.5)
        count = min(max(held_out - previous, 1), len(group) - 1)
        rng.shuffle(group)
        test += group[:count]
        train += group[count:]
    rng.shuffle(train)
    rng.shuffle(test)
    return train, test


def _groups_by_class(targets: list[Target]) -> list[list[int]]:
    groups: dict[Target, list[int]] = {}
    for i, target in enumerate(targets):
        if not isinstance(target, Hashable):
            raise TypeError(f"a stratified split needs a class for each row, not {target!r} (y[{i}])")
        groups.setdefault(target, []).append(i)
    for target, group in groups.items():
        if len(group) < 2:
            raise ValueError(
                f"class {target!r} has one row only (X[{group[0]}]), but a stratified split needs one on "
                "each side: add rows of that class, leave it out, or split with stratify=False"
            )
    return list(groups.values())
