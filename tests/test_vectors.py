"""Tests of the vectors that the kernels compute with, against numpy."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd.compiler.execution.vectors import (
    VECTOR,
    add_products,
    borrowed,
    head,
    lane,
    load,
    load_column,
    repeated,
    spread_column,
    store,
    store_column,
    sums,
    turned,
)

types = pytest.mark.parametrize("dtype", ["float64", "float32"])


@njit
def copied_head(given, result, n):
    store(result, 1, head(load(given, 3), n))


@njit
def filled(result, i):
    seven = repeated(result.dtype.type(7.0))
    store(result, 0, seven)
    return lane(load(result, 0), i)


@njit
def summed(given, result, stride, last):
    store(result, 0, sums(load_column(given, 0, stride, last, VECTOR)))


@njit
def copied(given, result, stride, last):
    store_column(result, 0, stride, last, turned(load_column(given, 0, stride, VECTOR - 1, VECTOR)))


@njit
def added(given, result, last):
    column = spread_column(given, 0, 2, last, 4)
    onto = load_column(given, 0, VECTOR, 3, 4)
    store_column(result, 0, VECTOR, 3, add_products(column, load(given, 8), onto))


@njit
def total_of_borrowed(given):
    view = borrowed(given)
    return view[2:].sum() + view.size


def numbers(count, dtype):
    return np.random.default_rng(0).normal(size=count).astype(dtype)


@types
@pytest.mark.parametrize("n", [-3, 0, 1, 7, 8, 20])
def test_the_head_of_a_vector(dtype, n):
    """The first n lanes stay, the others are 0, whatever they held."""
    given, result = numbers(11, dtype), np.zeros(9, dtype)
    given[10] = np.nan if n < VECTOR else 1.0
    copied_head(given, result, n)
    kept = max(0, min(n, VECTOR))
    assert result[1 : 1 + kept].tolist() == given[3 : 3 + kept].tolist()
    assert not result[1 + kept :].any()
    assert result[0] == 0.0


@types
def test_a_number_in_all_lanes(dtype):
    """A vector of one number has it in each of its lanes."""
    result = np.zeros(VECTOR, dtype)
    assert filled(result, 5) == 7.0
    assert result.tolist() == [7.0] * VECTOR


@types
@pytest.mark.parametrize("last", [0, 3, 7, 9])
def test_sums_of_lanes(dtype, last):
    """Lane i is the sum of vector i; behind the last vector stands the last one's again."""
    given, result = numbers(VECTOR * 10, dtype), np.zeros(VECTOR, dtype)
    summed(given, result, 10, last)
    rows = [given[10 * min(i, last) :][:VECTOR] for i in range(VECTOR)]
    assert result == pytest.approx(np.sum(rows, axis=1), rel=1e-5 if dtype == "float32" else 1e-14, abs=1e-6)


@types
@pytest.mark.parametrize("last", [2, 7])
def test_turning_and_storing(dtype, last):
    """Rows become columns; nothing is stored behind the last row."""
    given, result = numbers(VECTOR * 9, dtype), np.zeros(VECTOR * 9, dtype)
    copied(given, result, 9, last)
    square = given.reshape(VECTOR, 9)[:, :VECTOR]
    stored = result.reshape(VECTOR, 9)
    assert (stored[:last, :VECTOR] == square.T[:last]).all()
    assert not stored[last + 1 :].any()
    assert not stored[:, VECTOR].any()


@types
@pytest.mark.parametrize("last", [1, 3])
def test_products_added(dtype, last):
    """onto_i + column_i·vector, to rounding."""
    given, result = numbers(VECTOR * 4, dtype), np.zeros(VECTOR * 4, dtype)
    added(given, result, last)
    factors = given[[2 * min(i, last) for i in range(4)]]
    expected = given.reshape(4, VECTOR) + factors[:, None] * given[8:16]
    assert result == pytest.approx(expected.ravel(), rel=1e-5 if dtype == "float32" else 1e-14, abs=1e-6)


def test_a_borrowed_array_is_the_array():
    """It has the same numbers and the same size, and leaves the array as it was."""
    given = np.arange(10.0)
    assert total_of_borrowed(given) == 44.0 + 10.0
    assert given.tolist() == list(range(10))
