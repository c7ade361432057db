"""Tests of gradients times values, added up over lanes, over the rows of a table, and of one row, against numpy."""

import numpy as np
import pytest
from tiles import NONE, by_lanes, from_python, numbers, shapes

from autograd.compiler.execution import single, totals
from autograd.compiler.execution.codes import SINK_MATRIX
from autograd.compiler.execution.vectors import BYTES

sum_products_along = from_python(single.sum_products_along)
in_table = from_python(totals.in_table)
sum_products = from_python(totals.sum_products)
sum_rows = from_python(totals.sum_rows)


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


@pytest.mark.parametrize(("count", "width", "columns"), [(8, 3, 8), (17, 1, 30), (31, 9, 31), (50, 4, 60)])
@pytest.mark.parametrize("n", [1, 5, 8])
def test_sums_along_the_rows_of_a_table(count, width, columns, n):
    """For as many totals as fill vectors, at any column and from any row; the others stay as they are."""
    first, begin, lanes, skipped = 2, 3, 8, columns - count
    table, b, before = numbers(begin + n, columns), numbers(width, lanes), numbers(count * width + 2)
    space, totals = np.zeros((first + columns + width) * lanes), before.copy()
    space[-width * lanes :] = b.ravel()
    a_i, b_k = [first + skipped, 1, 0, width, -1], [first + columns, 0, 1, width, -1]
    instruction = np.array([SINK_MATRIX, 0, 0, count, width, *a_i, *b_k, *NONE, 1, 1, count, width, -1])
    assert in_table(instruction, table, first)
    done = sum_rows(instruction, space, totals, lanes, 0.5, table, first, begin, n)
    assert done == count - count % (BYTES // 8)
    expected = before.copy()
    sums = 0.5 * b[:, :n] @ table[begin:, skipped : skipped + done]
    expected[1:-1].reshape(width, count)[:, :done] += sums
    assert totals == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("place", ["before", "behind", "apart", "few"])
def test_what_is_no_part_of_a_table(place):
    """Slots before and behind the table, totals that do not lie side by side, and less than a vector of columns."""
    count, base = {"before": (16, 0), "behind": (16, 9), "apart": (16, 2), "few": (1, 2)}[place]
    t_i = 2 if place == "apart" else 1
    instruction = np.array(
        [SINK_MATRIX, 0, 0, count, 1, base, 1, 0, 1, -1, 30, 0, 1, 1, -1, *NONE, 0, t_i, 0, 1, -1]
    )
    assert not in_table(instruction, np.zeros((3, 20)), 2)
