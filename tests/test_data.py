"""Tests of how the data of parameters are read."""

import math
import struct
import sys

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, compile
from autograd.compiler import data
from autograd.compiler.data import data_of, with_grads

FLOAT = np.dtype(float)


class Doubled(Value):
    """A Value whose data is not what is stored."""

    __slots__ = ()

    @property
    def data(self):
        return 2.0 * self._data

    @data.setter
    def data(self, number):
        self._data = number


def by_machine(values):
    """What machine code reads, or None where it leaves that to Python."""
    numbers, held = np.empty(len(values)), tuple(values)
    read = data._read(id(held), id(Value), data._place_of("data"), id(float), data.NOTHING, numbers)
    return numbers.tolist() if read else None


@settings(deadline=None)
@given(st.lists(st.floats()))
def test_floats_bit_for_bit(numbers):
    """nan, ±∞, −0 and subnormal numbers too."""
    form = f"{len(numbers)}d"
    read = data_of([Value(number) for number in numbers], FLOAT)
    assert read.tobytes() == struct.pack(form, *numbers)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="it rests on how CPython keeps objects")
def test_machine_code_reads_the_usual():
    """Floats of Values, which are read without a call of Python for each."""
    assert by_machine([Value(1.0), Value(-0.5)]) == [1.0, -0.5]
    assert by_machine([]) == []


@pytest.mark.parametrize("kind", [int, bool, np.float64, np.float32])
def test_numbers_that_are_no_floats(kind):
    """They are asked for, and become floats."""
    values = [Value(0.25), Value(0.0), Value(-3.0)]
    values[1].data = kind(1)
    assert by_machine(values) is None
    assert data_of(values, FLOAT).tolist() == [0.25, 1.0, -3.0]


def test_a_subclass_says_what_its_data_is():
    """Machine code would not ask it."""
    values = [Value(0.25), Doubled(2.0)]
    assert by_machine(values) is None
    assert data_of(values, FLOAT).tolist() == [0.25, 4.0]


def test_deleted_data():
    """The error is Python's own."""
    values = [Value(0.25), Value(2.0)]
    del values[1].data
    assert by_machine(values) is None
    with pytest.raises(AttributeError, match="data"):
        data_of(values, FLOAT)


def test_single_precision():
    assert data_of([Value(math.pi)], np.dtype("float32")).tolist() == [np.float32(math.pi)]


def test_numbers_change_between_calls():
    """What is written to a parameter counts at the next call."""
    w = Value(2.0)
    program = compile(lambda x: w * x, 1.0)
    assert program([3.0]).tolist() == [6.0]
    for number in (-1.0, 7, np.float64(0.5)):
        w.data = number
        assert program([3.0]).tolist() == [3.0 * number]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats())))
def test_gradients_are_added(pairs):
    """What Values hold plus what comes, as floats add up; a Value without a gradient holds 0."""
    values = [Value(0.0) for _ in range(len(pairs) + 1)]
    for value, (grad, _) in zip(values, pairs):
        value.grad = grad
    entries = np.array([entry for _, entry in pairs], float)
    expected = np.array([grad + entry for grad, entry in pairs], float)
    np.testing.assert_array_equal(with_grads(values, entries), expected)
    assert with_grads(values[-1:], np.array([-2.5])).tolist() == [-2.5]


def test_gradients_that_are_no_floats():
    """They are asked for, and become floats; the error for what is no number names it, and nothing is changed."""
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * x + v, 1.0)
    w.grad, v.grad = 1, np.float64(-1.0)
    program.backward([2.0, 4.0])
    assert (w.grad, v.grad) == (4.0, 0.0)
    assert type(w.grad) is type(v.grad) is float
    v.grad = "1"
    with pytest.raises(TypeError) as error:
        program.backward([2.0])
    assert error.value.__notes__ == ["It is the grad of program.values[1], a parameter."]
    assert w.grad == 4.0
    w.grad, v.grad = Doubled(1.0).grad, -math.inf
    program.backward([math.inf])
    assert (w.grad, v.grad) == (math.inf, -math.inf)


def test_single_precision_gradients_add_up_in_double():
    """A float32 program adds its gradients to float64 numbers."""
    w = Value(2.0)
    program = compile(lambda x: w * x, 1.0, dtype="float32")
    w.grad = 1e-9
    program.backward([0.1])
    assert w.grad == 1e-9 + float(np.float32(0.1))
