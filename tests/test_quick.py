"""Tests of the quick way of asking for a mean and its gradient: the same answers as the general one."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

import autograd.compiler.program
from autograd import Value, compile, cross_entropy, tanh

X, Y = np.random.default_rng(0).normal(size=(2, 37, 3))
W = [Value(0.1 * i - 0.4) for i in range(9)]


def table_and_column(x, y):
    return (tanh(W[0] * x[0] + W[1] * x[1] + W[2] * x[2] + W[3]) - y) ** 2


QUICK = {
    "table and column": (table_and_column, (X, Y[:, 0].copy())),
    "column and table": (lambda y, x: table_and_column(x, y), (Y[:, 0].copy(), X)),
    "table": (lambda x: table_and_column(x, x[1]), (X,)),
    "one column in the table": (lambda x, y: W[4] * x[0] - y, (X[:, :1].copy(), Y[:, 0].copy())),
}
INTEGERS = {
    "labels": (lambda x, y: cross_entropy([w * x[0] for w in W[:3]], y), (X, np.arange(37) % 3)),
}
SLOW = {
    "columns": (lambda x, y: W[0] * x * y, (X[:, 0].copy(), Y[:, 0].copy())),
    "two tables": (lambda x, y: W[0] * x[0] * y[1], (X, Y)),
    "three": (lambda x, y, z: table_and_column(x, y * z), (X, Y[:, 0].copy(), Y[:, 1].copy())),
    "penalty": (lambda x, y: table_and_column(x, y) + W[0] ** 2, (X, Y[:, 0].copy())),
    "branch": (lambda x, y: W[0] * x[0] if x[1] > 0.0 else W[1] * y, (X, Y[:, 0].copy())),
}


def answers(program, arguments, **options):
    value, gradient = program.value_and_grad(*arguments, **options)
    assert type(value) is float
    return value, gradient.tolist()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [*QUICK, *INTEGERS, *SLOW])
def test_the_same_bits_each_time(name, dtype):
    """The first answer comes the general way; the next ones, too, where a function is not simple enough."""
    function, arguments = (QUICK | INTEGERS | SLOW)[name]
    arguments = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arguments]
    program = compile(function, *[argument[0] for argument in arguments], dtype=dtype)
    first = answers(program, arguments)
    assert (program.quick is not None) == (name not in SLOW)
    assert answers(program, arguments) == answers(program, arguments, parameters=program.parameters) == first
    assert answers(program, [argument[:5] for argument in arguments]) == answers(
        compile(function, *[argument[0] for argument in arguments], dtype=dtype),
        [argument[:5] for argument in arguments],
    )


def test_arguments_of_any_kind_go_the_general_way():
    """Lists, other types and layouts, numbers of rows that change: the same answers, to the bit."""
    x, y = np.round(X, 1), np.arange(37.0)
    program = compile(table_and_column, x[0], y[0])
    expected = answers(program, (x, y))
    for arguments in ((x.tolist(), y.tolist()), (np.asfortranarray(x), y.astype(int)), (x, y[::-1][::-1])):
        assert answers(program, arguments) == expected
    read_only = x.copy()
    read_only.flags.writeable = False
    assert answers(program, (read_only, y)) == expected
    assert answers(program, (x, y), parameters=program.parameters.tolist()) == expected
    with pytest.raises(ValueError, match="expected 4 parameters, got an array of shape"):
        program.value_and_grad(x, y, parameters=np.ones(5))


def test_parameters_that_come_while_the_way_is_found(monkeypatch):
    """A way that another thread's parameters have made too short is not taken."""
    program = compile(table_and_column, X[0], 0.0)
    found = autograd.compiler.program.quick_way

    def find(*parts):
        way = found(*parts)
        program.extend([W[8]])  # as another thread may
        return way

    monkeypatch.setattr(autograd.compiler.program, "quick_way", find)
    program.value_and_grad(X, Y[:, 0].copy())
    monkeypatch.undo()
    with pytest.raises(ValueError, match="expected 5 parameters, got an array of shape"):
        program.value_and_grad(X, Y[:, 0].copy(), parameters=np.ones(4))


def test_weights_at_first():
    """What a program with weights is made of is no way for one without them."""
    y = Y[:, 0].copy()
    expected = answers(compile(table_and_column, X[0], 0.0), (X, y))
    program = compile(table_and_column, X[0], 0.0)
    assert answers(program, (X, y), weights=np.full(37, 2.0))[0] == pytest.approx(expected[0], rel=1e-12)
    assert [answers(program, (X, y)) for _ in range(3)] == [expected] * 3


def test_what_is_asked_otherwise_is_answered():
    """A sum, weights, a check, and parameters that came later are not the quick way's."""
    program = compile(table_and_column, X[0], 0.0)
    y = Y[:, 0].copy()
    mean, gradient = program.value_and_grad(X, y)
    total, gradients = program.value_and_grad(X, y, reduction="sum")
    assert total == pytest.approx(37 * mean, rel=1e-12)
    assert gradients == pytest.approx(37 * gradient, rel=1e-12)
    assert program.value_and_grad(X, y, weights=np.ones(37))[0] == pytest.approx(mean, rel=1e-12)
    bad = X.copy()
    bad[3, 1] = np.nan
    with pytest.raises(ValueError, match="row 3 of argument 1, column 1 is nan"):
        program.value_and_grad(bad, y, check_finite=True)
    program.extend([W[8]])
    value, padded = program.value_and_grad(X, y)
    assert (value, padded.tolist()) == (mean, [*gradient.tolist(), 0.0])
