"""Objects: where CPython and numpy keep what machine code may read of them, and CPython's lock.

Behind so many bytes an object has the address of its type, a tuple how many items it has and then their
addresses, a float its number, an array what numpy's C interface says (`PyArrayObject`).
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types

from autograd.compiler.machine import Generated, instruction

__all__ = [
    "DATA",
    "DIMENSIONS",
    "DTYPE",
    "FLAGS",
    "ITEMS",
    "LENGTH",
    "NUMBER",
    "SHAPE",
    "TYPE",
    "WORD",
    "double_at",
    "entry",
    "extent",
    "int_at",
    "item",
    "loaded",
    "locked",
    "unlocked",
    "word_at",
]

WORD: Final = ctypes.sizeof(ctypes.c_void_p)  # bytes of an address
HEAD: Final = object.__basicsize__
TYPE: Final = HEAD - WORD
LENGTH: Final = HEAD  # of a tuple
ITEMS: Final = tuple.__basicsize__
NUMBER: Final = float.__basicsize__ - ctypes.sizeof(ctypes.c_double)
# Of an array: the address of its numbers; how many dimensions it has, and the address of their sizes; the
# address of its dtype; what is known of its layout.
DATA: Final = HEAD
DIMENSIONS: Final = HEAD + WORD
SHAPE: Final = HEAD + 2 * WORD
DTYPE: Final = HEAD + 5 * WORD
FLAGS: Final = HEAD + 6 * WORD


def loaded(builder: Any, address: Any, offset: Any, kind: Any) -> Any:
    """What is read, as LLVM has it, from so many bytes behind an address."""
    place = builder.add(address, address.type(offset) if isinstance(offset, int) else offset)
    return builder.load(builder.inttoptr(place, ir.PointerType(kind)))


def _reading(kind: Any, steps: Callable[[Any, Any, Any], Any]) -> Any:
    """What numba compiles to reading, from an address and a number, what the steps lead to."""

    def read(typing: Any, address: Any, i: Any) -> Generated:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return steps(builder, *arguments)

        return kind(types.intp, types.intp), generate

    return instruction(read)


def _word(builder: Any, address: Any, offset: Any) -> Any:
    return loaded(builder, address, offset, address.type)


def _indexed(builder: Any, start: Any, i: Any) -> Any:
    return _word(builder, start, builder.mul(i, i.type(WORD)))


# A word so many bytes behind an address, and so an int and a double.
word_at: Final = _reading(types.intp, _word)
int_at: Final = _reading(types.intc, lambda b, address, offset: loaded(b, address, offset, ir.IntType(32)))
double_at: Final = _reading(
    types.float64, lambda b, address, offset: loaded(b, address, offset, ir.DoubleType())
)
# The address of item i of a tuple; the length of an array in dimension i; number i of an array of words.
item: Final = _reading(types.intp, lambda b, held, i: _indexed(b, b.add(held, held.type(ITEMS)), i))
extent: Final = _reading(types.intp, lambda b, array, i: _indexed(b, _word(b, array, SHAPE), i))
entry: Final = _reading(types.intp, lambda b, array, i: _indexed(b, _word(b, array, DATA), i))


@instruction
def unlocked(typing: Any) -> Generated:
    """Let other threads of Python run; what is returned is for `locked`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        thread = context.get_python_api(builder).save_thread()
        return builder.ptrtoint(thread, context.get_value_type(types.intp))

    return types.intp(), generate


@instruction
def locked(typing: Any, thread: Any, result: Any) -> Generated:
    """The result, after it is this thread's turn again."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        api = context.get_python_api(builder)
        api.restore_thread(builder.inttoptr(arguments[0], api.voidptr))
        return arguments[1]

    return result(types.intp, result), generate
