"""Every row of the table gives the same in compiled programs as on Values, at the edges of float64 too."""

from itertools import product

import numpy as np
import pytest
from programs import EDGES, assert_same, by_reference

from autograd import Op, Value, compile, grad, ops

FEW = [0.0, 1.0, -2.0, 700.0, EDGES[-3], EDGES[-2], EDGES[-1]]
FINITE = [0.0, 1.0, -2.0, 700.0]
BEYOND = [0.0, 40.0, EDGES[-3], EDGES[-2], EDGES[-1]]
INDICES = [0.0, 1.0, 2.0]


def power_of(n):
    return lambda x: x**n


# The operation on Values, and the points at which it is held against the eager engine.
ROWS = {
    **{
        op.name: (op, [EDGES])
        for op in [
            ops.neg, ops.step, ops.sign, ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.sin, ops.cos,
            ops.tan, ops.atan, ops.tanh, ops.erf, ops.abs, ops.sigmoid, ops.relu, ops.softplus, ops.gelu,
            ops.silu,
        ]
    },
    **{
        op.name: (op, [EDGES, EDGES])
        for op in [
            ops.add, ops.sub, ops.mul, ops.div, ops.equal, ops.share, ops.xlogy, ops.xdivy, ops.pow,
            ops.leaky_relu, ops.elu, ops.maximum, ops.minimum, ops.binary_cross_entropy,
            ops.binary_cross_entropy_with_logits,
        ]
    },
    **{f"power {n}": (power_of(n), [EDGES]) for n in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -2.5, 1 / 3)},
    "where": (ops.where, [FEW, FEW, FEW]),
    "sum": (lambda x, y, z: ops.sum([x, y, z]), [FEW, FEW, FEW]),
    "prod": (lambda x, y, z: ops.prod([x, y, z]), [FEW, FEW, FEW]),
    "dot": (lambda x, y, z: ops.dot([x], [y], z), [FEW, FEW, FEW]),
    "logsumexp": (lambda x, y, z: ops.logsumexp([x, y, z]), [FEW, FEW, FEW]),
    "select": (lambda x, y, i: ops.select([x, y, 0.5], i), [FEW, FEW, INDICES]),
    "cross_entropy": (lambda x, y, i: ops.cross_entropy([x, y, 0.5], i), [FINITE, FINITE, INDICES]),
    "cross_entropy beyond": (lambda x, y, i: ops.cross_entropy([x, y, 0.5], i), [BEYOND, BEYOND, INDICES]),
}  # fmt: skip
ELSEWHERE = {"constant", "power"}  # no operation; the power 0.0 and so on, which has a number for exponent

everywhere = pytest.mark.parametrize("name", ROWS)


def eager(operation, point):
    """[z, ∂z/∂x, …] by the eager engine."""
    leaves = [Value(x) for x in point]
    z = operation(*leaves)
    z.backward()
    return [z.data, *[leaf.grad for leaf in leaves]]


def test_every_row_is_tested():
    """No row of the table is left out here."""
    named = {name.split()[0] for name in ROWS}
    assert {op.name for op in vars(ops).values() if isinstance(op, Op)} - ELSEWHERE == named - ELSEWHERE


@everywhere
def test_rows_of_inputs(name):
    """Value and derivatives for a batch of points, by the kernels and by the reference."""
    operation, points = ROWS[name]
    rows = list(product(*points))
    expected = [eager(operation, row) for row in rows]

    def function(*xs):
        z = operation(*xs)
        return [z, *grad(z, xs)]

    program = compile(function, *[1.0] * len(points))
    columns = list(np.array(rows).T)
    assert_same(program(*columns), expected)
    assert_same(by_reference(program)(*columns), expected)


@everywhere
@pytest.mark.parametrize("place", ["each row", "once"])
def test_rows_of_parameters(name, place):
    """Value and gradient where the operands are parameters, computed for each row or once for all."""
    operation, points = ROWS[name]
    rows = list(product(*points))[:: 1 if len(points) == 1 else 7]
    leaves = [Value(1.0) for _ in points]

    def function(one):
        if place == "once":
            return operation(*leaves) * one
        return operation(*[leaf * one for leaf in leaves])

    program = compile(function, 1.0)
    one = np.ones(1)
    results = []
    for _ in range(2):
        for row in rows:
            full = np.array([x for leaf, x in zip(leaves, row) if leaf in program.values])
            value, gradient = program.value_and_grad(one, parameters=full)
            by_leaf = dict(zip(program.values, gradient))
            results.append([value, *[by_leaf.get(leaf, 0.0) for leaf in leaves]])
        by_reference(program)
    assert_same(results, [eager(operation, row) for row in rows] * 2)


@everywhere
def test_rows_in_float32(name):
    """In float32 the values are those of the eager engine at the same points, rounded."""
    operation, points = ROWS[name]
    rows = [
        row
        for row in product(*points)
        if all(x != x or abs(x) in (0.0, np.inf) or 1e-9 <= abs(x) < 100 for x in row)
    ]
    program = compile(lambda *xs: operation(*xs), *[1.0] * len(points), dtype="float32")
    columns = np.array(rows, np.float32)
    given = program(*columns.T)
    expected = np.array([operation(*[Value(float(x)) for x in row]).data for row in columns])
    assert given.dtype == np.float32
    fits = ~(np.abs(expected) > 1e38) & ~((np.abs(expected) < 1e-37) & (expected != 0.0))
    assert_same(given[fits], expected[fits], relative=1e-5, scale=1e-6)
