"""Tests of a user's own operations in the kernels: which of them run there, and that they give what Python does."""

import math
import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from programs import assert_same, by_reference, eager

import autograd
from autograd import Value, compile, function, ops
from autograd.compiler.execution.custom import address_of

RATE = 0.25
names = {"rate": 0.25}

softsign = function("softsign", lambda x: x / (1.0 + abs(x)), lambda x, z: 1.0 / (1.0 + autograd.abs(x)) ** 2)
hump = function(
    "hump",
    lambda x, y: y * math.exp(-x * x) if x < 1.0 else RATE * y,
    lambda x, y, z: (ops.where(ops.step(1.0 - x), -2.0 * x * z, 0.0), z / y),
)
blend = function("blend", lambda x, y, w: x * y + w**3, lambda x, y, w, z: (y, x, 3.0 * w * w))
COMPILED = [(softsign, 1), (hump, 2), (blend, 3)]

inverse = function("inverse", lambda x: 1.0 / x, lambda x, z: -z * z)


def rows(count=300):
    return np.random.default_rng(5).uniform(-2.0, 2.0, (count, 3))


@pytest.mark.parametrize(("op", "operands"), COMPILED)
def test_they_run_in_the_kernels(op, operands):
    """Of inputs, parameters and results, in any place: value and gradient are the eager engine's."""
    w = [Value(0.7), Value(-1.3), Value(0.4)]

    def f(x):
        first = op(*[a * b for a, b in zip(x[:operands], w)])
        return op(*[first, *w][:operands]) * op(*x[:operands]) + op(*w[:operands]).tanh()

    x = rows()
    program = compile(f, x[0])
    place = [w.index(parameter) for parameter in program.values]
    assert program.stats()["executor"] == "kernels"
    value, gradient = eager(f, w, [[row] for row in x.tolist()])
    for _ in range(2):
        given, gradients = program.value_and_grad(x)
        assert_same(given, value)
        assert_same(gradients, np.array(gradient)[place], scale=1.0)
        assert_same(program(x), [f(list(map(Value, row))).data for row in x.tolist()], scale=1.0)
        by_reference(program)


@pytest.mark.parametrize("threads", [1, 2])
def test_few_rows_float32_and_threads(threads):
    """One row, several blocks and two threads; in float32 what float64 rounds to."""
    x = rows(1000)
    f = lambda x: [softsign(x[0]), hump(x[1], x[2]), blend(*x)]  # noqa: E731
    expected = np.array([[part.data for part in f(list(map(Value, row)))] for row in x.tolist()])
    program = compile(f, x[0], threads=threads)
    assert program.stats()["executor"] == "kernels"
    assert_same(program(x), expected, scale=1.0)
    assert_same(program(x[:1]), expected[:1], scale=1.0)
    single = compile(f, x[0], threads=threads, dtype="float32")
    assert_same(single(x), expected, relative=1e-5, scale=1.0)


def test_what_python_refuses_is_what_ieee_says():
    """1/0 is ∞ in the kernels, as it is for the rows of the table."""
    program = compile(lambda x: inverse(x), 1.0)
    assert program.stats()["executor"] == "kernels"
    assert program([0.0, -0.0, math.inf, 4.0]).tolist() == [math.inf, -math.inf, 0.0, 0.25]


def loops(x):
    total = 0.0
    for _ in range(3):
        total += x
    return total


def raises(x):
    if x < -100.0:
        raise ValueError("too small")
    return x


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: x - math.floor(x),
        lambda x: float(int(x)),
        lambda x: names["rate"] * x,
        lambda x: x * softsign(1.0),
        loops,
        raises,
        lambda x: round(x, 1),
        math.sin,
        partial(math.copysign, 2.0),
    ],
    ids=["floor", "int", "dict", "operation", "loop", "raise", "round", "built in", "partial"],
)
def test_what_would_be_something_else_stays_in_numpy(forward):
    """Whole numbers, which never overflow in Python, errors, and what numba does not know: stats says numpy."""
    op = function("op", forward, lambda x, z: 1.0)
    assert address_of(op, 1, "float64") == 0
    program = compile(lambda x: op(x) + x, 1.0)
    assert program.stats()["executor"] == "numpy"
    x = [0.5, -2.5, 1e300, 3.0, 0.05]
    assert_same(program(x), [forward(z) + z for z in x])


def test_numbers_around_are_those_of_now():
    """A program compiled after a number around the forward function changed has the new one."""
    rate = 2.0
    scaled = function("scaled", lambda x: rate * x, lambda x, z: rate)
    program = compile(lambda x: scaled(x), 1.0)
    assert program([1.0, 3.0]).tolist() == [2.0, 6.0]
    rate = 5.0
    assert program([1.0, 3.0]).tolist() == [2.0, 6.0]
    later = compile(lambda x: scaled(x), 1.0)
    assert later([1.0, 3.0]).tolist() == [5.0, 15.0]
    assert later.stats()["executor"] == "kernels"


def test_powers_of_infinity_beside_them():
    """(−∞)^½ is ∞ in the reference too, however the exponent lies in memory."""
    whole = function("whole", lambda x: float(int(x)) if x - x == 0.0 else 0.0, lambda x, z: 0.0)
    program = compile(lambda x: [whole(x), x**0.5], 1.0)
    assert program.stats()["executor"] == "numpy"
    for rows in ([1.0, -math.inf, 4.0], [-math.inf]):
        assert program(rows)[:, 1].tolist() == [(Value(x) ** 0.5).data for x in rows]


def test_too_many_operands_stay_in_numpy():
    """Four operands, or any number of them, are more than an instruction has."""
    four = function("four", lambda a, b, c, d: a + b + c + d, lambda a, b, c, d, z: (1.0, 1.0, 1.0, 1.0))
    many = function("many", lambda *xs: sum(xs), lambda *xs: (1.0,) * (len(xs) - 1))
    for op in (four, many):
        program = compile(lambda x, op=op: op(*x), [1.0, 2.0, 3.0, 4.0])
        assert program.stats()["executor"] == "numpy"
        assert program([[1.0, 2.0, 3.0, 4.0]]).tolist() == [10.0]


def test_saved_programs_have_machine_code_of_their_own():
    """In another process the operation is compiled there, and gives the same bits."""
    x = rows(20)
    program = compile(lambda x: softsign(x[0]) * hump(x[1], x[2]), x[0])
    ask = (
        "import pickle, sys, numpy; program, x = pickle.load(sys.stdin.buffer); "
        "print(program.stats()['executor'], program(x).tobytes().hex())"
    )
    here = Path(__file__)
    found = subprocess.run(
        [sys.executable, "-c", ask],
        input=pickle.dumps((program, x)),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parents[1]), str(here.parent)])},
    )
    assert found.stdout.decode().split() == ["kernels", program(x).tobytes().hex()]


def test_any_number_of_operands():
    """A row with a hundred operands runs beside one that only Python can compute."""
    most = function(
        "most", lambda *xs: max(list(xs)), lambda *given: [ops.equal(x, given[-1]) for x in given[:-1]]
    )
    w = [Value(0.01 * i) for i in range(100)]

    def f(x):
        products = [a * b for a, b in zip(w, x)]
        return most(*products) + autograd.logsumexp(products) + autograd.prod(products)

    x = np.random.default_rng(5).uniform(0.5, 2.0, (3, 100))
    program = compile(f, x[0])
    assert program.stats()["executor"] != "kernels"
    value, gradient = eager(f, w, [[row] for row in x.tolist()])
    given, gradients = program.value_and_grad(x)
    assert_same(given, value)
    assert_same(
        gradients, np.array(gradient)[[w.index(parameter) for parameter in program.values]], scale=1.0
    )
