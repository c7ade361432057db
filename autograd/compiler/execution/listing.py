"""Listing: which instructions the groups of a plan become."""

from typing import Final

import numpy as np

from autograd import ops
from autograd.compiler.execution.codes import (
    ADD,
    CODES,
    COPY,
    CUSTOM,
    DOT,
    ELEMENTWISE,
    FLAT,
    FROM_BIAS,
    FROM_NOTHING,
    FROM_ZERO,
    MATRIX,
    ONTO,
    VARIADIC,
    ZERO,
)
from autograd.compiler.execution.fusing import in_a_row, is_matrix, multiplied
from autograd.compiler.plans.grouping import Groups

__all__ = ["NONE", "listed"]

Array = np.ndarray
NONE: Final = -1  # in the place of a run: there is none


def listed(groups: Groups) -> Array:
    """The instructions of `groups`, whose operands are as the kernels read them, in order.

    Shape (7, instructions): the group of each, what it does (kind and code), and the runs of its operands.
    """
    columns = np.concatenate([_others(groups), _sums(groups)], axis=1)
    order = np.lexsort(columns[[4, 1, 0]])
    return np.delete(columns, 1, axis=0)[:, order]


def _instructions(
    rank: int, group: Array, kind: int | Array, code: int | Array, a: int | Array, b: int | Array = NONE,
    c: int | Array = NONE,
) -> Array:  # fmt: skip
    """An instruction for each of some groups. rank: where it stands among those of its group."""
    return np.stack(np.broadcast_arrays(group, rank, kind, code, a, b, c, NONE))


def _others(groups: Groups) -> Array:
    """The instructions of what is not a sum: one for each group."""
    runs, first, count = groups.runs, groups.bounds[:-1], np.diff(groups.bounds)
    products, a, b = multiplied(groups)
    is_left = ~groups.is_one_of(ops.dot, ops.sum)
    is_left[products] = False
    code = np.array([CODES.get(op, CUSTOM) for op in groups.ops], np.int64)[groups.op]
    flat = (np.bincount(runs.group, ~in_a_row(groups), len(groups)) == 0) & (code != CUSTOM)
    kind = np.where(groups.is_variadic(), VARIADIC, np.where(flat, FLAT, ELEMENTWISE))
    operands = [np.where(count > k, first + k, NONE)[is_left] for k in range(3)]
    return np.concatenate(
        [
            _instructions(0, products, MATRIX, FROM_NOTHING, a, b),
            _instructions(0, np.flatnonzero(is_left), kind[is_left], code[is_left], *operands),
        ],
        axis=1,
    )


def _sums(groups: Groups) -> Array:
    """The instructions of sums: a matrix or a first term, or else 0, and then other products and terms."""
    runs = groups.runs
    sums = np.flatnonzero(groups.is_one_of(ops.dot, ops.sum))
    pairs = np.bincount(runs.group, runs.part == 0, len(groups)).astype(np.int64)
    is_sum = np.isin(runs.group, sums)
    a, terms = [np.flatnonzero(is_sum & (runs.part == part)) for part in (0, 2)]
    b = a + pairs[runs.group[a]]
    of_matrix = is_matrix(runs, a, b)
    single = terms[runs.width[terms] == 1]
    biases = single[(runs.shared[single] == 1) & (runs.start[single] < 0)]
    matrix, start = _first(groups, a[of_matrix]), _first(groups, terms)
    bias = np.where(matrix == NONE, NONE, _first(groups, biases))
    start[(matrix != NONE) | (start != _first(groups, single))] = NONE
    led, copied = sums[matrix[sums] != NONE], sums[start[sums] != NONE]
    zero = sums[(matrix[sums] == NONE) & (start[sums] == NONE)]
    more = terms[np.isin(terms, np.concatenate([bias, start]), invert=True)]
    onto, dots = of_matrix & np.isin(a, matrix, invert=True), ~of_matrix
    from_where = np.where(bias[led] == NONE, FROM_ZERO, FROM_BIAS)
    return np.concatenate(
        [
            _instructions(0, led, MATRIX, from_where, matrix[led], matrix[led] + pairs[led], bias[led]),
            _instructions(0, copied, COPY, 0, start[copied]),
            _instructions(0, zero, ZERO, 0, NONE),
            _instructions(1, runs.group[a[onto]], MATRIX, ONTO, a[onto], b[onto]),
            _instructions(2, runs.group[more], ADD, 0, more),
            _instructions(3, runs.group[a[dots]], DOT, 0, a[dots], b[dots]),
        ],
        axis=1,
    )  # fmt: skip


def _first(groups: Groups, runs: Array) -> Array:
    """For each group the first of some runs that are its own, or NONE."""
    found = np.full(len(groups), NONE)
    last = runs[::-1]  # what is put into a place last, stays
    found[groups.runs.group[last]] = last
    return found
