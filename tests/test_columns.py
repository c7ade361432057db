"""Tests of what is computed with columns of vectors, against numpy."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd.compiler.execution.columns import (
    add_products,
    add_spread,
    add_square,
    column_at,
    finite,
    squares,
    sums,
    total,
    turned,
)
from autograd.compiler.execution.vectors import (
    BYTES,
    lanes_of,
    load,
    load_column,
    load_square,
    repeated_column,
    spread_column,
    store,
    store_column,
    zeros,
)

types = pytest.mark.parametrize("dtype", ["float64", "float32"])


def numbers(count, dtype):
    return np.random.default_rng(0).normal(size=count).astype(dtype)


def lanes(dtype):
    """How many numbers a vector has."""
    return BYTES // np.dtype(dtype).itemsize


@njit
def summed(given, result, stride, last):
    store(result, 0, sums(load_square(given, 0, stride, last), 0))


@njit
def outer(given, result, stride, last):
    onto = zeros(given) + zeros(given) + zeros(given)
    x, y, z = load(given, 1), load(given, 2), load(given, 3)
    onto = add_square(given, 0, stride, last, x, y, z, onto)
    store(result, 0, sums(onto, 0))
    store(result, lanes_of(result), sums(onto, 1))
    store(result, 2 * lanes_of(result), sums(onto, 2))


@njit
def copied(given, result, stride, last):
    store_column(result, 0, stride, last, turned(load_square(given, 0, stride, lanes_of(given) - 1)))


@njit
def added(given, result, last):
    column = spread_column(given, 0, 2, last, 4)
    vector = lanes_of(given)
    onto = load_column(given, 0, vector, 3, 4)
    store_column(result, 0, vector, 3, add_products(column, load(given, vector), onto))


@types
@pytest.mark.parametrize("last", [0, 3, 7, 9])
def test_sums_of_lanes(dtype, last):
    """Lane i is the sum of vector i; behind the last vector stands the last one's again."""
    vector = lanes(dtype)
    given, result = numbers(vector * 20, dtype), np.zeros(vector, dtype)
    summed(given, result, 20, last)
    rows = [given[20 * min(i, last) :][:vector] for i in range(vector)]
    assert result == pytest.approx(np.sum(rows, axis=1), rel=1e-5 if dtype == "float32" else 1e-14, abs=2e-6)


@types
@pytest.mark.parametrize("last", [0, 2, 15])
def test_products_of_a_square_with_three(dtype, last):
    """Square k has the products of the vectors, the last one again and again, with the k-th of the three."""
    vector = lanes(dtype)
    given, result = numbers(vector * 20, dtype), np.zeros(3 * vector, dtype)
    outer(given, result, 20, last)
    rows = np.array([given[20 * min(i, last) :][:vector] for i in range(vector)])
    expected = [rows @ given[k : k + vector] for k in (1, 2, 3)]
    assert result == pytest.approx(np.ravel(expected), rel=1e-4 if dtype == "float32" else 1e-13, abs=1e-5)


@types
@pytest.mark.parametrize("last", [2, 15])
def test_turning_and_storing(dtype, last):
    """Rows become columns; nothing is stored behind the last row."""
    vector = lanes(dtype)
    given, result = numbers(vector * 17, dtype), np.zeros(vector * 17, dtype)
    copied(given, result, 17, last)
    square = given.reshape(vector, 17)[:, :vector]
    stored = result.reshape(vector, 17)
    assert (stored[:last, :vector] == square.T[:last]).all()
    assert not stored[last + 1 :].any()
    assert not stored[:, vector].any()


@types
@pytest.mark.parametrize("last", [1, 3])
def test_products_added(dtype, last):
    """onto_i + column_i·vector, to rounding."""
    vector = lanes(dtype)
    given, result = numbers(vector * 4, dtype), np.zeros(vector * 4, dtype)
    added(given, result, last)
    factors = given[[2 * min(i, last) for i in range(4)]]
    expected = given.reshape(4, vector) + factors[:, None] * given[vector : 2 * vector]
    assert result == pytest.approx(expected.ravel(), rel=1e-5 if dtype == "float32" else 1e-14, abs=1e-6)


@njit
def spread(given, result, stride, last):
    onto = repeated_column(given.dtype.type(1.0), 6)
    onto = add_spread(given, 0, stride, last, load(given, 1), load(given, 2), load(given, 3), onto)
    vector = lanes_of(given)
    store_column(result, 0, vector, 1, column_at(onto, 0, 2))
    store_column(result, 2 * vector, vector, 1, column_at(onto, 1, 2))
    store_column(result, 4 * vector, vector, 1, column_at(onto, 2, 2))


@types
@pytest.mark.parametrize("last", [0, 1])
def test_products_of_numbers_with_three(dtype, last):
    """Column k has the products of the numbers, the last one again and again, with the k-th of the three."""
    vector = lanes(dtype)
    given, result = numbers(vector * 4, dtype), np.zeros(6 * vector, dtype)
    spread(given, result, 5, last)
    factors = given[[0, 5 * last]]
    expected = [1.0 + factors[:, None] * given[k : k + vector] for k in (1, 2, 3)]
    assert result == pytest.approx(np.ravel(expected), rel=1e-5 if dtype == "float32" else 1e-14, abs=1e-6)


@njit
def added_up(given, result):
    store(result, 0, total(load_column(given, 0, lanes_of(given), 2, 3)))


@types
def test_the_sum_of_the_vectors_of_a_column(dtype):
    """Each lane has the sum of that lane of all vectors."""
    vector = lanes(dtype)
    given, result = numbers(3 * vector, dtype), np.zeros(vector, dtype)
    added_up(given, result)
    assert result == pytest.approx(given.reshape(3, vector).sum(0), rel=1e-6, abs=1e-6)


@njit
def squared(given, result):
    store(result, 0, squares(load_column(given, 0, lanes_of(given), 2, 3)))


@types
def test_the_squares_of_the_vectors_of_a_column(dtype):
    """Each lane has the sum of the squares in that lane; nan and ∞ stay what they are."""
    vector = lanes(dtype)
    given, result = numbers(3 * vector, dtype), np.zeros(vector, dtype)
    given[vector], given[-1] = np.nan, -np.inf
    squared(given, result)
    expected = (given.reshape(3, vector) ** 2).sum(0)
    assert result == pytest.approx(expected, rel=1e-6, abs=1e-6, nan_ok=True)
    assert np.isnan(result[0])
    assert result[-1] == np.inf


@njit
def is_finite(given):
    return finite(load(given, 0))


@types
@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_found(dtype, wild):
    """In whatever lane they are; and nowhere else, not even in the largest of numbers."""
    given = np.full(lanes(dtype), np.finfo(dtype).max, dtype)
    assert is_finite(given)
    for i in range(len(given)):
        changed = given.copy()
        changed[i] = wild
        assert not is_finite(changed)
