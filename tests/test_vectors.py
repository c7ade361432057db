"""Tests of the vectors that the kernels compute with, against numpy."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd.compiler.execution.vectors import (
    BYTES,
    add_square,
    add_products,
    borrowed,
    head,
    lane,
    lanes_of,
    load,
    load_column,
    load_square,
    repeated,
    spread_column,
    store,
    store_column,
    sums,
    turned,
    zeros,
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


@njit
def cleared(result):
    store_column(result, 0, lanes_of(result), lanes_of(result) - 1, zeros(result))


@njit
def total_of_borrowed(given):
    view = borrowed(given)
    return view[2:].sum() + view.size


def numbers(count, dtype):
    return np.random.default_rng(0).normal(size=count).astype(dtype)


def lanes(dtype):
    """How many numbers a vector has."""
    return BYTES // np.dtype(dtype).itemsize


@types
@pytest.mark.parametrize("n", [-3, 0, 1, 3, 7, 20])
def test_the_head_of_a_vector(dtype, n):
    """The first n lanes stay, the others are 0, whatever they held."""
    vector = lanes(dtype)
    given, result = numbers(3 + vector, dtype), np.zeros(1 + vector, dtype)
    given[-1] = np.nan if n < vector else 1.0
    copied_head(given, result, n)
    kept = max(0, min(n, vector))
    assert result[1 : 1 + kept].tolist() == given[3 : 3 + kept].tolist()
    assert not result[1 + kept :].any()
    assert result[0] == 0.0


@types
def test_a_number_in_all_lanes(dtype):
    """A vector of one number has it in each of its lanes."""
    result = np.zeros(lanes(dtype), dtype)
    assert filled(result, 3) == 7.0
    assert result.tolist() == [7.0] * lanes(dtype)


@types
def test_a_square_of_zeros(dtype):
    """As many vectors of zeros as a vector has lanes, and no more."""
    result = np.ones(lanes(dtype) ** 2 + 1, dtype)
    cleared(result)
    assert not result[:-1].any()
    assert result[-1] == 1.0


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


def test_a_borrowed_array_is_the_array():
    """It has the same numbers and the same size, and leaves the array as it was."""
    given = np.arange(10.0)
    assert total_of_borrowed(given) == 44.0 + 10.0
    assert given.tolist() == list(range(10))
