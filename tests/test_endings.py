"""Tests of what products do with their sums, against numpy."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd.compiler.execution.codes import ALONE, BESIDE, GATED, RECTIFIED, TIMES
from autograd.compiler.execution.endings import end, ended
from autograd.compiler.execution.vectors import BYTES, lanes_of, load_column, store_column

EDGES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.5, -2.0, 1e-30, -1e-30]


@njit
def end_columns(space, z, other, last, ending):
    vector = lanes_of(space)
    for lane in range(0, z, vector):
        column = load_column(space, z + lane, 2 * z, last, 2)
        store_column(space, z + lane, 2 * z, last, ended(column, space, other + lane, 2 * z, last, ending))


@njit
def end_each(space, z, other, last, ending):
    for i in range(last + 1):
        for lane in range(z):
            end(space, z + 2 * z * i + lane, other + 2 * z * i + lane, ending)


@pytest.mark.parametrize("finish", [end_columns, end_each])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("ending", [ALONE, RECTIFIED, BESIDE, TIMES, GATED])
def test_every_ending_on_edge_points(finish, dtype, last, ending):
    """Each pair of 0, ±∞, nan and ordinary numbers, for all results up to the last; the rest stays."""
    pairs = np.array([(x, y) for x in EDGES for y in EDGES], dtype)
    lanes = len(pairs) + -len(pairs) % (BYTES // np.dtype(dtype).itemsize)
    z, other = (np.resize(pairs[:, k], lanes) for k in (0, 1))
    space = np.concatenate([other, z, other[::-1], z[::-1]])
    before = space.copy()
    finish(space, lanes, 0, last, ending)
    with np.errstate(all="ignore"):
        expected = {
            ALONE: (z, other),
            RECTIFIED: (np.where(z <= 0.0, 0.0, z), other),
            BESIDE: (z, np.where(z <= 0.0, 0.0, z)),
            TIMES: (z * other, other),
            GATED: (z * np.where(other <= 0.0, 0.0, 1.0), other),
        }[ending]
    results = space.reshape(2, 2, lanes)
    assert np.array_equal(results[0, ::-1], np.array(expected, dtype), equal_nan=True)
    if last == 0:
        assert np.array_equal(space[2 * lanes :], before[2 * lanes :], equal_nan=True)
    else:
        assert np.array_equal(results[1, ::-1], np.array(expected, dtype)[:, ::-1], equal_nan=True)
