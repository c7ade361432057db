"""Data: the numbers that Values hold, and their gradients, as arrays.

To ask each parameter for its number takes Python as long as the kernels take for a step of a small network.
CPython keeps them where machine code can follow: in a tuple are the addresses of its items, in a Value those
of its data and its gradient, in a float its number. Where something else stands there, the Values are asked.
"""

import ctypes
import struct
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

import numpy as np

from autograd.compiler.machine import Array, cached_with_lock, fingerprint, prepare
from autograd.compiler.objects import ITEMS, NUMBER, TYPE, WORD, double_at, item, word_at
from autograd.operation import as_float
from autograd.value import Value

__all__ = ["data_of", "with_grads"]

NOTHING: Final = np.empty(0)


def data_of(values: Iterable[Value], dtype: np.dtype) -> np.ndarray:
    """The data of Values as a new array. Raises TypeError or OverflowError for what is no float."""
    numbers = _numbers("data", tuple(values), NOTHING)
    return numbers if numbers.dtype is dtype else numbers.astype(dtype)


def with_grads(values: Iterable[Value], gradient: np.ndarray) -> np.ndarray:
    """The gradients that Values hold, plus `gradient`, as a new array; raises as `data_of` does.

    Values behind those that it is of, as another thread may have added, are left out.
    """
    return _numbers("grad", tuple(values)[: len(gradient)], np.asarray(gradient, float))


def _numbers(name: str, held: tuple[Value, ...], onto: np.ndarray) -> np.ndarray:
    """What Values, in a tuple that nothing takes away meanwhile, have by that name; plus `onto`, if any."""
    numbers = np.empty(len(held))
    place = _place_of(name)
    if place and _read(id(held), id(Value), place, id(float), onto, numbers):
        return numbers
    asked = [getattr(value, name) for value in held]
    try:  # a third faster than numpy's own reading of a list; a bytearray, because it can be written to
        numbers = np.frombuffer(bytearray(struct.pack(f"{len(asked)}d", *asked)))
    except struct.error:
        numbers[:] = [_float(given, f"{name} of program.values[{i}]") for i, given in enumerate(asked)]
    with np.errstate(all="ignore"):  # for ∞ − ∞
        return numbers + onto if len(onto) else numbers


def _float(given: Any, what: str) -> float:
    try:
        return as_float(given)
    except (TypeError, OverflowError) as error:
        error.add_note(f"It is the {what}, a parameter.")
        raise


@cache
def _place_of(name: str) -> int:
    """Behind how many bytes a Value has the address of what it has by that name; 0 if that is unknown.

    Other Pythons keep objects otherwise, and without CPython's lock they may change while they are read.
    """
    if sys.implementation.name != "cpython" or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return 0
    probe, number = Value(0.0), float("3.25")
    setattr(probe, name, number)
    held = (probe,)
    words = list((ctypes.c_size_t * (Value.__basicsize__ // WORD)).from_address(id(probe)))
    first_item = ctypes.c_size_t.from_address(id(held) + ITEMS).value
    read = ctypes.c_double.from_address(id(number) + NUMBER).value
    if words.count(id(number)) != 1 or words[TYPE // WORD] != id(Value):
        return 0
    if first_item != id(probe) or read != number:
        return 0
    place = words.index(id(number)) * WORD
    prepare(_read, id(held), id(Value), place, id(float), NOTHING, np.empty(1))
    return place


def _reader(version: int) -> Callable[..., bool]:
    """What reads numbers of Values; numba's cache has one for each version of the text that it is made of."""

    def read(held: int, value: int, place: int, number: int, onto: Array, numbers: Array) -> bool:
        """Fill `numbers` with what Values, the items of the tuple at `held`, have, plus `onto` if not empty.

        value, number: the addresses of the types Value and float. place: where a Value has the address of
        what is read. Returns False if a Value, or what it has, is something else, were it of a subclass.
        """
        assert version >= 0  # a variable of the closure is a part of the key
        for i in range(numbers.size):
            given = item(held, i)
            if word_at(given, TYPE) != value:
                return False
            found = word_at(given, place)
            if found == 0 or word_at(found, TYPE) != number:  # 0: it was deleted
                return False
            numbers[i] = double_at(found, NUMBER)
            if onto.size > 0:
                numbers[i] += onto[i]
        return True

    return cached_with_lock(read)


_read: Final = _reader(fingerprint("autograd.compiler.objects", "autograd.compiler.machine"))
