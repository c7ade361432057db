"""Tests of the vectors that the kernels compute with, against numpy."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd.compiler.execution.vectors import (
    BYTES,
    head,
    lane,
    lanes_of,
    load,
    repeated,
    store,
    store_column,
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
def cleared(result):
    store_column(result, 0, lanes_of(result), lanes_of(result) - 1, zeros(result))


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
