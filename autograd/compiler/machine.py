"""Machine code: functions that numba compiles, once on a machine, and the word that this takes a while."""

import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any, Final, TypeAlias, TypeVar

from numba import extending, njit

from autograd.compiler.collector import collector_waiting

__all__ = [
    "Array",
    "Generated",
    "cached",
    "cached_with_lock",
    "compiled",
    "compiled_inside",
    "compiled_sums",
    "fingerprint",
    "instruction",
    "prepare",
]

Array: TypeAlias = Any  # numpy's, as numba sees them
Generated: TypeAlias = tuple[Any, Any]  # a signature, and what writes the instructions
F = TypeVar("F", bound=Callable[..., Any])
PATIENCE: Final = 2.0  # seconds that need no word


def compiled(function: F, **options: Any) -> F:
    """`function`, compiled when a compiled one first calls it; it holds no lock, and 1/0 is ∞.

    Python must not call it: the ways in for Python and for C, which nobody takes, are left out, for they
    would take a tenth of the time of compiling.
    """
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)


def compiled_inside(function: F) -> F:
    """`function`, compiled likewise, but as a part of the one that calls it.

    numba would compile it by itself, and then once more with all that it calls: a quarter of the time.
    """
    return compiled(function, inline="always")


def compiled_sums(function: F) -> F:
    """`function`, compiled likewise, with sums that may be associated anew.

    Products are rounded before they are added: one that is ∞ makes a sum with −∞ in it nan.
    """
    return compiled(function, fastmath={"reassoc", "nsz"})


def cached(function: F) -> F:
    """`function`, for Python to call, compiled with all that it calls, and kept on disk if there is a place.

    numba notices a change in the file of `function` alone, but for what a `fingerprint` is made of that is a
    variable of its closure.
    """
    return _kept(function)


def cached_with_lock(function: F) -> F:
    """`function`, compiled and kept likewise, but no other thread of Python runs meanwhile."""
    return _kept(function, nogil=False)


def _kept(function: F, **options: Any) -> F:
    try:
        return _compiled(function, no_cfunc_wrapper=True, cache=True, **options)
    except RuntimeError:  # there is nowhere to write to
        return _compiled(function, no_cfunc_wrapper=True, **options)


def instruction(write: Any) -> Any:
    """What numba compiles to the LLVM instructions that `write` writes."""
    return extending.intrinsic(prefer_literal=True)(write)


def _compiled(function: F, nogil: bool = True, **options: Any) -> F:
    result: Any = njit(error_model="numpy", nogil=nogil, **options)(function)
    return result  # type: ignore[no-any-return]


def fingerprint(*modules: str) -> int:
    """A number for the text of modules, of which functions are made that numba compiles."""
    files = [sys.modules[name].__file__ for name in modules]
    return zlib.crc32(b"".join([Path(file).read_bytes() for file in files if file]))


def prepare(function: Callable[..., Any], *smallest: Any, what: str = "kernels") -> None:
    """Have a cached function compiled, or loaded, by a call with the smallest arguments.

    If that takes long it is announced, once in a process for all that is called the same.
    """
    announcement = Timer(PATIENCE, _announce, [what])
    announcement.daemon = True
    announcement.start()
    with collector_waiting():
        try:
            function(*smallest)
        except OSError:  # it is compiled, but the disk has no room for it
            function(*smallest)
        finally:
            announcement.cancel()


@cache
def _announce(what: str) -> None:
    print(f"glassgrad compiles its {what}, once on this machine …", file=sys.stderr)
