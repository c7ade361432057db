"""Tests of what machine code reads of Python's objects, and of CPython's lock."""

import ctypes
import math

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from numba import njit

from autograd.compiler import objects
from autograd.compiler.objects import double_at, entry, extent, int_at, item, locked, unlocked, word_at

holds_lock = ctypes.pythonapi.PyGILState_Check
holds_lock.argtypes, holds_lock.restype = [], ctypes.c_int


@njit
def word(address):
    return word_at(address, 0)


@njit
def half_word(address):
    return int_at(address, 0)


@njit
def number(address):
    return double_at(address, 0)


@njit
def third_item(held):
    return item(held, 2)


@njit
def length(array, i):
    return extent(array, i)


@njit
def second_entry(array):
    return entry(array, 1)


@njit
def lock_before_meanwhile_and_after():
    before = holds_lock()
    thread = unlocked()
    meanwhile = holds_lock()
    before = locked(thread, before)
    return before, meanwhile, holds_lock()


def test_a_tuple_and_a_float():
    """The type, how many items, where they are, and the number."""
    items = (math.pi, "two", None)
    assert word(id(items) + objects.TYPE) == id(tuple)
    assert word(id(items) + objects.LENGTH) == 3
    assert [word(id(items) + objects.ITEMS + i * objects.WORD) for i in range(3)] == list(map(id, items))
    assert third_item(id(items)) == id(None)
    assert word(id(items[0]) + objects.TYPE) == id(float)
    assert number(id(items[0]) + objects.NUMBER) == math.pi


@pytest.mark.parametrize("array", [np.arange(6.0).reshape(2, 3), np.arange(4, dtype=np.float32)[::2]])
def test_an_array(array):
    """Its numbers, its shape, its dtype and its flags are where numpy's C interface says."""
    assert word(id(array) + objects.TYPE) == id(np.ndarray)
    assert word(id(array) + objects.DATA) == array.ctypes.data
    assert half_word(id(array) + objects.DIMENSIONS) == array.ndim
    shape = word(id(array) + objects.SHAPE)
    assert [word(shape + i * objects.WORD) for i in range(array.ndim)] == list(array.shape)
    assert [length(id(array), i) for i in range(array.ndim)] == list(array.shape)
    assert word(id(array) + objects.DTYPE) == id(array.dtype)
    assert half_word(id(array) + objects.FLAGS) == array.flags.num


def test_an_array_of_words():
    assert second_entry(id(np.array([3, -7, 2]))) == -7


def test_the_lock():
    """It is held, then not, then held again."""
    assert lock_before_meanwhile_and_after() == (1, 0, 1)
    assert holds_lock() == 1
