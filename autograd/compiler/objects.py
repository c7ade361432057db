"""Objects: where CPython and numpy keep what machine code may read of them, and CPython's lock.

Behind so many bytes an object has the address of its type, a tuple how many items it has and then their
addresses, a float its number, an array what numpy's C interface says (`PyArrayObject`).
"""

import ctypes
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
    "int_at",
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


def _at(kind: Any) -> Any:
    """What numba compiles to reading a number of this kind at an address."""

    def read(typing: Any, address: Any) -> Generated:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = ir.PointerType(context.get_value_type(kind))
            return builder.load(builder.inttoptr(arguments[0], pointer))

        return kind(types.intp), generate

    return instruction(read)


word_at: Final = _at(types.intp)
int_at: Final = _at(types.intc)
double_at: Final = _at(types.float64)


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
