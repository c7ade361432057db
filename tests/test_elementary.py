"""Elementary functions of the kernels, against those of `math`: to rounding, and to the bit at edges."""

import math
import random

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd import ieee
from autograd.compiler.execution import elementary

FUNCTIONS = {
    "exp": ieee.exp,
    "expm1": ieee.expm1,
    "tanh": math.tanh,
    "sigmoid": ieee.sigmoid,
    "log": ieee.log,
    "log1p": ieee.log1p,
    "softplus": ieee.softplus,
    "sin": math.sin,
    "cos": math.cos,
}
EDGES = [0.0, math.inf, math.nan, 5e-324, 1e-310, 2.0**-1022, 1e-17, 1.0, 1.0 - 2.0**-53, 1.0 + 2.0**-52, 2.0, 0.5,
         36.7, 708.4, 709.782712893384, 709.7827128933841, 745.13, 745.14, 1000.0, 1e200, 1.7976931348623157e308]  # fmt: skip
functions = pytest.mark.parametrize("name", FUNCTIONS)


def looped(name):
    """The function for all numbers of an array, as the kernels compute it."""
    function = getattr(elementary, name)

    @njit(error_model="numpy")
    def loop(given, results):
        for i in range(given.size):
            results[i] = function(given[i])

    return loop


def compared(name, numbers, dtype=float):
    """What is computed, and what `math` has."""
    given = np.array(numbers, dtype)
    results = np.empty_like(given)
    looped(name)(given, results)
    return results, np.array([FUNCTIONS[name](x) for x in given.tolist()])


def numbers_for(name):
    """Many sizes of both signs; small, large, and near multiples of π/2."""
    random_numbers = random.Random(7)
    draw = random_numbers.uniform
    small = [10.0 ** draw(-320, 0) for _ in range(2000)] + [draw(0, 4) for _ in range(4000)]
    if name in ("sin", "cos"):
        turns = [round(draw(0, 6e4)) * (math.pi / 2) for _ in range(3000)]
        large = [draw(0, elementary.SMALL) for _ in range(3000)] + turns
    else:
        large = [10.0 ** draw(0, 308) for _ in range(3000)] + [draw(0, 750) for _ in range(4000)]
    return [sign * x for x in small + large for sign in (1.0, -1.0)]


@functions
def test_to_rounding(name):
    """Within four units in the last place, and nan and ∞ in the same places, also below the normal numbers."""
    results, expected = compared(name, numbers_for(name))
    assert (np.isnan(results) == np.isnan(expected)).all()
    known = np.isfinite(expected)
    assert (np.isinf(results) == np.isinf(expected)).all()
    wrong = np.abs(results[known] - expected[known]) / np.spacing(np.abs(expected[known]))
    assert wrong.max() <= 4.0


@functions
def test_at_edges(name):
    """0 and its sign, ±∞, nan, where it overflows and where it underflows."""
    edges = [sign * x for x in EDGES for sign in (1.0, -1.0)]
    results, expected = compared(
        name, [x for x in edges if name not in ("sin", "cos") or abs(x) <= elementary.SMALL]
    )
    exact = ~np.isfinite(expected) | (expected == 0.0)
    assert (np.isnan(results) == np.isnan(expected)).all()
    assert (results[exact & ~np.isnan(expected)] == expected[exact & ~np.isnan(expected)]).all()
    assert (np.signbit(results[expected == 0.0]) == np.signbit(expected[expected == 0.0])).all()
    assert results[~exact] == pytest.approx(expected[~exact], rel=1e-15)


@functions
def test_float32(name):
    """Computed with the digits of float64, and rounded once."""
    results, expected = compared(name, np.linspace(-20.0, 20.0, 999), "float32")
    assert results.dtype == np.float32
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_max_ulp(results, expected.astype("float32"), maxulp=1)
