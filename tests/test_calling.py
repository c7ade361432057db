"""Tests of how a run finds the arrays that it is given, and which it leaves to Python."""

import ctypes
import pickle
import weakref

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import carray, cfunc, types

from autograd import Value, compile, function, take
from autograd.compiler.execution import encoding

X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.arange(6.0)
W = [Value(0.5), Value(-1.5)]


def loss(x, y):
    return (W[0] * x[0] + W[1] * x[1] - y) ** 2


def loss_of_table(x):
    return (W[0] * x[0] + W[1] * x[1]) ** 2


def quick(function, *arguments):
    """The quick way of a program that was called with these, and what it answers them."""
    program = compile(function, *[argument[0] for argument in arguments])
    expected = program.value_and_grad(*arguments)
    assert_same(program.quick(arguments, program.parameters), expected)
    return program.quick, program.parameters, expected


def assert_same(given, expected):
    assert (given[0], given[1].tolist()) == (expected[0], expected[1].tolist())


class Subclass(np.ndarray):
    """An array that may mean something else by its numbers."""


def unaligned(array):
    """The same numbers, a byte further on."""
    memory = np.empty(array.nbytes + 1, np.uint8)
    view = memory[1:].view(array.dtype).reshape(array.shape)
    view[:] = array
    return view


TABLES = {
    "list": X.tolist(),
    "none": None,
    "number": 1.0,
    "text": "text",
    "tuple": tuple(map(tuple, X.tolist())),
    "objects": X.astype(object),
    "integers": X.astype(int),
    "single precision": X.astype(np.float32),
    "other byte order": X.astype(">f8"),
    "subclass": X.view(Subclass),
    "a column more": np.ones((6, 3)),
    "a column less": np.ones((6, 1)),
    "a row less": X[:5],
    "no rows": X[:0],
    "one dimension": X[:, 0].copy(),
    "three dimensions": X[:, :, None].copy(),
    "no dimension": np.array(1.0),
    "columns first": np.asfortranarray(X),
    "every other row": np.repeat(X, 2, axis=0)[::2],
    "backwards": X[::-1],
    "unaligned": unaligned(X),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_is_no_such_table(table):
    """Python looks at it."""
    way, numbers, _ = quick(loss, X, Y)
    assert way((table, Y), numbers) is None


COLUMNS = {
    "list": Y.tolist(),
    "none": None,
    "integers": Y.astype(int),
    "objects": Y.astype(object),
    "other byte order": Y.astype(">f8"),
    "table": Y[:, None],
    "longer": np.ones(7),
    "twice as long": np.ones(12),
    "every other": np.repeat(Y, 2)[::2],
    "unaligned": unaligned(Y),
}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_what_is_no_such_column(column):
    """Python looks at it."""
    way, numbers, _ = quick(loss, X, Y)
    assert way((X, column), numbers) is None
    assert way((np.ones((6, 1)), column), numbers) is None


NUMBERS = {
    "list": [0.5, -1.5],
    "one more": np.ones(3),
    "none": np.ones(0),
    "table": np.ones((2, 1)),
    "single precision": np.ones(2, np.float32),
    "every other": np.ones(4)[::2],
    "subclass": np.ones(2).view(Subclass),
}


@pytest.mark.parametrize("numbers", NUMBERS.values(), ids=NUMBERS)
def test_what_are_no_such_parameters(numbers):
    """Python looks at them."""
    way, _, _ = quick(loss, X, Y)
    assert way((X, Y), numbers) is None


@pytest.mark.parametrize("arguments", [(), (X,), (X, Y, Y), (Y, X)], ids=["none", "one", "three", "turned"])
def test_another_number_or_order_of_arguments(arguments):
    """Python looks at them."""
    way, numbers, _ = quick(loss, X, Y)
    assert way(arguments, numbers) is None


def test_what_can_be_read():
    """Read-only arrays, a part of the rows, one row, any layout of one row or column."""
    way, numbers, expected = quick(loss, X, Y)
    frozen = X.copy()
    frozen.setflags(write=False)
    assert_same(way((frozen, Y), numbers), expected)
    part = way((X[1:4], Y[1:4]), numbers)
    assert_same(part, compile(loss, X[0], Y[0]).value_and_grad(X[1:4], Y[1:4]))
    assert_same(way((np.asfortranarray(X[:1]), Y[:1]), numbers), way((X[:1], Y[:1]), numbers))
    turned, _, same = quick(lambda y, x: loss(x, y), Y, X)
    assert_same(turned((Y, X), numbers), same)
    alone, _, expected = quick(loss_of_table, X)
    assert_same(alone((X,), numbers), expected)
    assert alone((X[:, 0],), numbers) is None


def test_what_only_says_that_it_is_an_array():
    """A proxy of an array is not kept like one: its numbers are copied."""
    _, numbers, expected = quick(loss, X, Y)
    program = compile(loss, X[0], Y[0])
    ones = np.ones(6)
    x, y, given, weights = map(weakref.proxy, (X, Y, numbers, ones))
    for _ in range(2):
        assert_same(program.value_and_grad(x, y, parameters=given), expected)
        assert_same(program.value_and_grad(X, y, weights=weights), expected)
    assert program(x, y).tolist() == program(X, Y).tolist()
    assert program.quick((X, y), numbers) is None


def test_a_loaded_program_takes_the_quick_way():
    """It knows an array of its dtype when it sees one."""
    program = compile(loss, X[0], Y[0])
    expected = program.value_and_grad(X, Y)
    loaded = pickle.loads(pickle.dumps(program))
    assert_same(loaded.value_and_grad(X, Y), expected)
    assert_same(loaded.quick((X, Y), loaded.parameters), expected)


holds_lock = ctypes.pythonapi.PyGILState_Check
holds_lock.argtypes, holds_lock.restype = [], ctypes.c_int
number = types.CPointer(types.float64)


@cfunc(types.void(number, number, number, number, types.intp))
def who_holds_the_lock(a, b, c, z, n):
    carray(z, n)[:] = holds_lock()


def test_other_threads_run_meanwhile(monkeypatch):
    """A run does not hold CPython's lock, and holds it again when it ends, however it ends."""
    monkeypatch.setattr(encoding, "address_of", lambda *_: who_holds_the_lock.address)
    lock = function("lock", lambda x: x, lambda x, z: (1.0,))
    w = Value(2.0)
    program = compile(lambda x: lock(w * x[0]), [1.0])
    for _ in range(2):
        value, _ = program.value_and_grad(np.array([[2.0]]))
        assert value == 0.0
        assert holds_lock() == 1
    assert program.quick is not None
    with pytest.raises(IndexError):
        compile(lambda x, i: take([w, w * x], i), 1.0, 0)([1.0], [2])
    assert holds_lock() == 1
    assert compile(lambda x: w * x * x, 1.0)([1e200]).tolist() == [np.inf]  # by way of a run that gives up
    assert holds_lock() == 1
