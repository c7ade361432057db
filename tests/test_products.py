"""Tests of the products over lanes, and of those of a single row, against numpy."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd.compiler.execution.encoding import FROM_BIAS, FROM_NOTHING, FROM_ZERO, MATRIX, ONTO, SINK_MATRIX
from autograd.compiler.execution.products import (
    add_product,
    add_product_along,
    sum_products,
    sum_products_along,
)

SHAPES = [(1, 1), (1, 16), (16, 2), (5, 7), (9, 130), (12, 8), (3, 64)]
NONE = [0, 0, 0, 0, -1]

shapes = pytest.mark.parametrize(("count", "width"), SHAPES)
by_lanes = pytest.mark.parametrize("lanes", [1, 8, 24])


def numbers(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


@shapes
@by_lanes
@pytest.mark.parametrize("start", [ONTO, FROM_ZERO, FROM_BIAS, FROM_NOTHING])
@pytest.mark.parametrize("turned", [False, True])
def test_weights_times_values(count, width, lanes, start, turned):
    """z = Wx, + c or + z, with W row by row or column by column and x forwards or backwards."""
    x, z = numbers(width, lanes), numbers(count, lanes)
    weights, bias = numbers(count, width), numbers(count)
    space = np.concatenate([x.ravel(), z.ravel()])
    shared = np.concatenate([(weights.T if turned else weights).ravel(), bias])
    w_i, w_k = (1, count) if turned else (width, 1)
    base, stride = (width - 1, -1) if turned else (0, 1)
    w, x_k, c = [-1, -w_i, -w_k, width, -1], [base, 0, stride, width, -1], [-1 - count * width, -1, 0, 1, -1]
    instruction = np.array([MATRIX, start, width, count, width, *w, *x_k, *c, *NONE])
    if lanes == 1:
        add_product_along(instruction, space, shared)
    else:
        add_product(instruction, space, shared, lanes)
    onto = {ONTO: z, FROM_BIAS: bias[:, None]}.get(start, 0.0)
    expected = weights @ (x[::-1] if turned else x) + onto
    assert space[width * lanes :].reshape(count, lanes) == pytest.approx(expected, rel=1e-12, abs=1e-13)
    assert (space[: width * lanes] == x.ravel()).all()


@shapes
@by_lanes
@pytest.mark.parametrize("turned", [False, True])
def test_sums_of_products(count, width, lanes, turned):
    """total + s·abᵀ, with the totals row by row or column by column, and nothing beside them touched."""
    a, b, before = numbers(count, lanes), numbers(width, lanes), numbers(count * width + 2)
    space, totals = np.concatenate([a.ravel(), b.ravel()]), before.copy()
    t_i, t_k = (1, count) if turned else (width, 1)
    a_i, b_k, t = [0, 1, 0, width, -1], [count, 0, 1, width, -1], [1, t_i, t_k, width, -1]
    instruction = np.array([SINK_MATRIX, 0, 0, count, width, *a_i, *b_k, *NONE, *t])
    if lanes == 1:
        sum_products_along(instruction, space, totals, 0.5)
    else:
        sum_products(instruction, space, totals, lanes, 0.5, 0)
    sums = 0.5 * a @ b.T
    expected = before.copy()
    expected[1:-1] += (sums.T if turned else sums).ravel()
    assert totals == pytest.approx(expected, rel=1e-12, abs=1e-13)
    assert (totals[0], totals[-1]) == (before[0], before[-1])


@by_lanes
def test_a_product_alone_keeps_its_sign(lanes):
    """FROM_NOTHING leaves −0 as it is, which FROM_ZERO does not; nan and ∞ pass."""
    for start, sign in ((FROM_NOTHING, -1.0), (FROM_ZERO, 1.0)):
        space, shared = np.zeros(5 * lanes), np.array([-1.0, np.nan, np.inf, -np.inf])
        space[:lanes] = np.array([0.0])
        instruction = np.array(
            [MATRIX, start, 1, 4, 1, -1, -1, 0, 1, -1, 0, 0, 0, 1, -1, 0, 0, 0, 0, -1, *NONE]
        )
        if lanes == 1:
            add_product_along(instruction, space, shared)
        else:
            add_product(instruction, space, shared, lanes)
        z = space.reshape(5, lanes)[1:]
        assert (np.copysign(1.0, z[0]) == sign).all()
        assert np.isnan(z[1:]).all()
