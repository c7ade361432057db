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
from autograd.compiler.data import data_of

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
    read = data._read(id(held), id(Value), data._place(), id(float), numbers)
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
