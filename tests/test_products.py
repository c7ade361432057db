"""Tests of weights times values, over lanes and for a single row, against numpy."""

import numpy as np
import pytest
from tiles import NONE, by_lanes, from_python, numbers, shapes

from autograd.compiler.execution import products, single
from autograd.compiler.execution import tiles as tiles_of
from autograd.compiler.execution.codes import (
    ALONE,
    BESIDE,
    FROM_BIAS,
    FROM_NOTHING,
    FROM_ZERO,
    GATED,
    MATRIX,
    ONTO,
    RECTIFIED,
    TIMES,
)

add_product = from_python(products.add_product)
add_product_along = from_python(single.add_product_along)


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


@pytest.mark.parametrize("vectors", range(1, 30))
def test_lanes_of_wide_tiles(vectors):
    """They are whole tiles, and what they leave has whole tiles of two vectors, unless there is but one."""
    wide = from_python(tiles_of.in_threes)(8 * vectors, 8)
    assert wide % 24 == 0
    assert vectors == 1 or 8 * vectors - wide in (0, 16, 32)


@pytest.mark.parametrize(("count", "width"), [(1, 3), (2, 1), (7, 2), (7, 5), (12, 70)])
@by_lanes
@pytest.mark.parametrize("ending", [ALONE, RECTIFIED, BESIDE, TIMES, GATED])
@pytest.mark.parametrize("wild", [False, True])
def test_what_is_done_at_the_end(count, width, lanes, ending, wild):
    """relu of the results, in their place or beside it, and their product with other slots or relu' of them.

    So too where some results are nan or ±∞, which are computed once more.
    """
    x, other = numbers(width, lanes), numbers(count, lanes)
    weights, bias = numbers(count, width), numbers(count)
    if wild:
        x[0, 0], x[-1, -1] = 1e300, -np.inf
        weights[0, 0], weights[-1, -1] = 1e300, np.nan
        bias[-1] = -np.inf
    space = np.concatenate([x.ravel(), np.zeros(count * lanes), other.ravel()])
    shared = np.concatenate([weights.ravel(), bias])
    w, x_k, c = [-1, -width, -1, width, -1], [0, 0, 1, width, -1], [-1 - count * width, -1, 0, 1, -1]
    end = [ending, width + count, 0, 0, -1]
    instruction = np.array([MATRIX, FROM_BIAS, width, count, width, *w, *x_k, *c, *end])
    if lanes == 1:
        add_product_along(instruction, space, shared)
    else:
        add_product(instruction, space, shared, lanes)
    with np.errstate(all="ignore"):
        z = bias[:, None] + sum(np.multiply.outer(weights[:, k], x[k]) for k in range(width))
        relu = np.where(z <= 0.0, 0.0, z)
        gate = np.where(other <= 0.0, 0.0, 1.0)
        expected = {RECTIFIED: relu, TIMES: z * other, GATED: z * gate}.get(ending, z)
    given = space[width * lanes :].reshape(2, count, lanes)
    assert given[0] == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
    assert given[1] == pytest.approx(relu if ending == BESIDE else other, rel=1e-12, abs=1e-12, nan_ok=True)


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
