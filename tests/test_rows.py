"""Tests of nn.data.rows."""

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data.rows import as_list, generator, mini_batches, train_test_split

SEEDS = st.integers(0, 2**32)
FRACTIONS = st.floats(0.01, 0.99)


def numbered(count: int) -> tuple[list[list[float]], list[int]]:
    """Rows and targets that say which row they are."""
    return [[float(i), -float(i)] for i in range(count)], list(range(count))


@given(st.integers(2, 200), FRACTIONS, SEEDS)
def test_split_puts_every_row_on_exactly_one_side(count, test_size, seed):
    """Train and test together are the data, each row once and still beside its own target."""
    X, y = numbered(count)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size, seed=seed)
    assert sorted(y_train + y_test) == y
    assert X_train == [X[i] for i in y_train]
    assert X_test == [X[i] for i in y_test]


@given(st.integers(2, 200), FRACTIONS, SEEDS)
def test_split_holds_out_the_fraction_asked_for(count, test_size, seed):
    """The test set is within half a row of test_size, and neither side is empty."""
    X, y = numbered(count)
    _, _, y_train, y_test = train_test_split(X, y, test_size, seed=seed)
    assert len(y_train) >= 1
    assert len(y_test) >= 1
    assert abs(len(y_test) - count * test_size) <= 0.5 + 1e-9 or 1 in (len(y_train), len(y_test))


@given(st.lists(st.integers(2, 40), min_size=1, max_size=8), FRACTIONS, SEEDS)
def test_stratified_split_keeps_the_proportion_of_each_class(sizes, test_size, seed):
    """Each class has within one row of its fraction in the test set, at least one row on each side, and the
    rows are all there."""
    classes = [f"class {k}" for k, size in enumerate(sizes) for _ in range(size)]
    random.Random(seed).shuffle(classes)
    X, order = numbered(len(classes))
    X_train, X_test, y_train, y_test = train_test_split(X, classes, test_size, stratify=True, seed=seed)
    train, test = Counter(y_train), Counter(y_test)
    for k, size in enumerate(sizes):
        held_out, kept = test[f"class {k}"], train[f"class {k}"]
        assert held_out + kept == size
        assert abs(held_out - size * test_size) <= 1 + 1e-9
        assert held_out >= 1
        assert kept >= 1
    assert sorted(int(row[0]) for row in X_train + X_test) == order
    assert [classes[int(row[0])] for row in X_test] == y_test


@pytest.mark.parametrize(
    ("classes", "rows", "test_size", "held_out"), [(3, 50, 0.3, 45), (10, 5, 0.3, 15), (7, 9, 0.25, 16)]
)
def test_stratified_split_also_keeps_the_fraction_of_the_whole(classes, rows, test_size, held_out):
    """Rounding class by class does not add up: 10 classes of 5 rows give 15 rows at 0.3, not 10 or 20."""
    y = [k for k in range(classes) for _ in range(rows)]
    _, _, _, y_test = train_test_split(y, y, test_size, stratify=True)
    assert len(y_test) == held_out


def test_stratified_split_of_equal_classes_is_equal():
    """Three classes of 50 rows give 15 test rows each at 0.3."""
    y = [0] * 50 + [1] * 50 + [2] * 50
    _, _, y_train, y_test = train_test_split(y, y, 0.3, stratify=True, seed=4)
    assert Counter(y_test) == {0: 15, 1: 15, 2: 15}
    assert Counter(y_train) == {0: 35, 1: 35, 2: 35}
    assert y_test != sorted(y_test)


def test_split_takes_numpy_arrays_and_gives_plain_lists():
    """Arrays split as the lists they stand for."""
    X, y = numbered(9)
    assert train_test_split(np.array(X), np.array(y), seed=3) == train_test_split(X, y, seed=3)
    assert train_test_split([np.array(row) for row in X], y, seed=3) == train_test_split(X, y, seed=3)
    assert {type(label) for part in train_test_split(X, np.array(y))[2:] for label in part} == {int}


def test_split_depends_on_the_seed_alone():
    """The same seed gives the same split, another seed another one, a generator goes on where it is."""
    X, y = numbered(50)
    assert train_test_split(X, y, seed=1) == train_test_split(X, y, seed=random.Random(1))
    assert train_test_split(X, y, seed=1) != train_test_split(X, y, seed=2)
    rng = random.Random(1)
    assert train_test_split(X, y, seed=rng) != train_test_split(X, y, seed=rng)


@pytest.mark.parametrize("stratify", [False, True])
def test_every_row_is_held_out_as_often_as_any_other(stratify):
    """Over 1,000 seeds each of 20 rows is in the test set 300 times, within 5 standard errors."""
    y = [i % 2 for i in range(20)]
    held_out = Counter(
        i
        for seed in range(1000)
        for i in train_test_split(range(20), y, 0.3, stratify=stratify, seed=seed)[1]
    )
    assert all(abs(held_out[i] - 300) < 5 * (1000 * 0.3 * 0.7) ** 0.5 for i in range(20))


def test_split_refuses_to_lose_a_class_of_one_row():
    """A class with a single row is an error that names the class and the row."""
    with pytest.raises(ValueError, match=r"class 'rare' has one row only \(X\[2\]\)"):
        train_test_split([[1.0], [2.0], [3.0], [4.0]], ["a", "a", "rare", "a"], stratify=True)


@pytest.mark.parametrize("test_size", [0, 1, -0.2, 1.5, 45, float("nan")])
def test_split_refuses_what_is_no_fraction(test_size):
    """A test_size that would leave a side empty, or is a count, is an error that shows it."""
    with pytest.raises(ValueError, match=f"between 0 and 1, such as 0.3, not {test_size}"):
        train_test_split(*numbered(10), test_size)


def test_split_refuses_data_that_cannot_be_split():
    """Unequal lengths, no rows, one row and targets that are no classes are errors that say so."""
    with pytest.raises(ValueError, match="X has 2 rows and y has 3"):
        train_test_split([[1.0], [2.0]], [1, 2, 3])
    with pytest.raises(ValueError, match="empty"):
        train_test_split([], [])
    with pytest.raises(ValueError, match="one row cannot be split"):
        train_test_split([[1.0]], [1])
    with pytest.raises(TypeError, match=r"a class for each row, not \[0, 1\] \(y\[0\]\)"):
        train_test_split([[1.0], [2.0]], [[0, 1], [1, 0]], stratify=True)


@given(st.integers(1, 100), st.integers(1, 120), SEEDS)
def test_batches_hold_every_row_exactly_once(count, batch_size, seed):
    """One epoch gives each row once, beside its target, in batches that are full but for the last."""
    X, y = numbered(count)
    batches = list(mini_batches(X, y, batch_size, random.Random(seed)))
    assert sorted(label for _, labels in batches for label in labels) == y
    assert all(rows == [X[label] for label in labels] for rows, labels in batches)
    sizes = [len(labels) for _, labels in batches]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert 1 <= sizes[-1] <= batch_size


@given(st.integers(1, 100), st.integers(1, 120))
def test_batches_without_shuffle_keep_the_order(count, batch_size):
    """Joined again, unshuffled batches are the data."""
    X, y = numbered(count)
    batches = list(mini_batches(X, y, batch_size, shuffle=False))
    assert [row for rows, _ in batches for row in rows] == X
    assert [label for _, labels in batches for label in labels] == y


def test_batches_differ_from_epoch_to_epoch():
    """One generator gives a new order for each epoch, and the same orders again from the same seed."""
    X, y = numbered(20)

    def three_epochs() -> list[list[int]]:
        rng = random.Random(5)
        return [[label for _, labels in mini_batches(X, y, 4, rng) for label in labels] for _ in range(3)]

    first, second, third = three_epochs()
    assert first != second != third != first
    assert three_epochs() == [first, second, third]


def test_batches_leave_the_data_as_it_was():
    """Shuffling is of the order of visits: the caller's lists do not move."""
    X, y = numbered(10)
    list(mini_batches(X, y, 3, random.Random(0)))
    assert (X, y) == numbered(10)


def test_batches_take_numpy_arrays():
    """Arrays come in batches of the lists they stand for."""
    X, y = numbered(5)
    assert list(mini_batches(np.array(X), np.array(y), 2, shuffle=False)) == list(
        mini_batches(X, y, 2, shuffle=False)
    )


def test_batches_refuse_bad_arguments_at_the_call():
    """The error comes when mini_batches is called, not at the first batch."""
    X, y = numbered(4)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        mini_batches(X, y, 0, random.Random(0))
    with pytest.raises(TypeError, match="shuffling needs rng="):
        mini_batches(X, y, 2)
    with pytest.raises(TypeError, match="not 7"):
        mini_batches(X, y, 2, 7)
    with pytest.raises(ValueError, match="X has 4 rows and y has 3"):
        mini_batches(X, y[:3], 2, random.Random(0))


def test_generator_takes_whole_numbers_and_generators():
    """A seed is a whole number, numpy's too, or a generator, which is used itself; None would be chance."""
    rng = random.Random(3)
    assert generator(rng) is rng
    assert generator(np.int64(3)).random() == generator(3).random() == random.Random(3).random()
    for bad in (None, "3", 3.0):
        with pytest.raises(TypeError, match="a seed is a whole number or"):
            generator(bad)


def test_as_list_gives_pythons_own_numbers():
    """What was numpy's in an array or in a list is a plain list of float and int afterwards."""
    assert as_list(np.array([[1.5, 2.5]])) == [[1.5, 2.5]]
    assert [type(value) for value in as_list([np.float64(1.5), np.int64(2), 3])] == [float, int, int]


def test_nothing_touches_the_global_generator():
    """random's own state is the same after splitting and batching."""
    state = random.getstate()
    X, y = numbered(10)
    train_test_split(X, y, seed=1)
    list(mini_batches(X, y, 2, random.Random(1)))
    assert random.getstate() == state


def test_results_are_the_same_in_every_process():
    """Splits, batches and point sets do not depend on PYTHONHASHSEED."""
    program = (
        "import random\n"
        "from nn.data.rows import mini_batches, train_test_split\n"
        "from nn.data.point_sets import make_circles, make_moons, make_spirals, make_xor\n"
        "y = ['ab', 'cd', 'ef'] * 5\n"
        "print(train_test_split(range(15), y, 0.4, stratify=True, seed=1))\n"
        "print(list(mini_batches(range(15), y, 4, random.Random(1))))\n"
        "print([make(9, noise=0.1, seed=1) for make in (make_circles, make_moons, make_spirals, make_xor)])\n"
    )
    root = str(Path(__file__).parents[1])

    def output(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": root}
        finished = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return finished.stdout

    assert output("1") == output("2") != ""
