"""Listing: which instructions the groups of a plan become."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd import Value, compile, logsumexp, ops
from autograd.compiler.execution.codes import (
    ADD,
    CODES,
    COPY,
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
)  # fmt: skip
from autograd.compiler.execution.listing import NONE, listed
from autograd.compiler.execution.operands import apart, together

W = [[Value(0.1 * i + j) for j in range(3)] for i in range(4)]
V = [[Value(0.2 * i - j) for j in range(3)] for i in range(4)]
b = [Value(float(i)) for i in range(4)]


def instructions(function, *example):
    """Kind and code of each instruction of a function's forward pass, and how many operands it has."""
    plan = compile(function, *example).variants[0].forward().stages.rows
    listing = listed(together(apart(plan.groups)))
    assert (np.diff(listing[0]) >= 0).all()
    return [(kind, code, sum(x != NONE for x in operands)) for _, kind, code, *operands in listing.T.tolist()]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: [ops.dot(row, x) for row in W], [(MATRIX, FROM_ZERO, 2)]),
        (lambda x: [ops.dot(row, x) + c for row, c in zip(W, b)], [(MATRIX, FROM_BIAS, 3)]),
        (lambda x: ops.dot(x, [x[1], x[2], x[0]]), [(ZERO, 0, 0), (DOT, 0, 2)]),
        (lambda x: ops.dot(x, [x[1], x[2], x[0]]) + b[0], [(COPY, 0, 1), (DOT, 0, 2)]),
        (lambda x: sum(x), [(ZERO, 0, 0), (ADD, 0, 1)]),
        (lambda x: b[0] + sum(x), [(COPY, 0, 1), (ADD, 0, 1)]),
        (lambda x: [w * x[0] for w in b], [(MATRIX, FROM_NOTHING, 2)]),
        (lambda x: [y.sin() for y in x], [(FLAT, CODES[ops.sin], 1)]),
    ],
)
def test_a_group_of_each_kind(function, expected):
    """A sum starts from a matrix, with a bias if there is one, or from one term, or from 0; others are one."""
    assert instructions(function, [1.0, 2.0, 3.0]) == expected


def test_all_that_a_sum_can_have():
    """Two matrices, terms and products of inputs: the matrix with the bias first, then the other, the rest."""

    def function(x, y):
        return [
            ops.dot(row, x) + ops.dot(other, y) + x[0] * y[0] + c + sum(y) for row, other, c in zip(W, V, b)
        ]

    given = instructions(function, [1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    assert given == [(MATRIX, FROM_BIAS, 3), (MATRIX, ONTO, 2), (ADD, 0, 1), (DOT, 0, 2)]


def test_operands_from_anywhere():
    """What is not in a row is read one by one; those of a variadic operation all together, with one index."""
    assert instructions(lambda x: [x[0] - x[2], x[1] - x[1]], [1.0, 2.0, 3.0])[0][0] == ELEMENTWISE
    given = instructions(lambda x: logsumexp([x[0], b[0], x[1], b[1]]), [1.0, 2.0, 3.0])
    assert [(kind, operands) for kind, _, operands in given] == [(VARIADIC, 1)]


@pytest.mark.parametrize("function", [lambda x: Value(0.0) + 0.0, lambda x: x + (Value(0.0) + 0.0)])
def test_a_sum_of_nothing(function):
    """0 + 0 has no operand left, and is 0; also where it is all that a plan computes."""
    program = compile(lambda x: [function(x)], 1.0)
    assert program(np.array([1.0, 2.0])).ravel().tolist() == [function(1.0).data, function(2.0).data]
