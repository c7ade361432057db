"""Decisions: what a function, while it is recorded, does with the numbers of Values."""

import operator
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from autograd.graph import topological_order
from autograd.value import Value, lift, number

__all__ = ["ONE_AT_A_TIME", "Guard", "decisions_kept"]

ONE_AT_A_TIME: Final = threading.RLock()  # for a recording replaces methods of Value itself

COMPARISONS: Final = {
    "__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge,
    "__bool__": operator.ne,
}  # fmt: skip
INTEGER: Final = "int(v)", "use autograd.take(values, v) to look something up by it"
COPY: Final = "a copy of v", "use v itself, which nothing changes"
ITSELF: Final = "keep v itself: operators and autograd's functions take it"
DERIVATIVES: Final = "use autograd.grad for the derivatives that you mean"
# What makes a plain number of a Value, or a leaf that has it, how that is written, and what to write instead.
CONVERSIONS: Final = {
    "__float__": ("float(v)", ITSELF),
    "__round__": ("round(v)", "round the program's results instead"),
    "detach": ("v.detach()", DERIVATIVES),
    "backward": ("v.backward()", DERIVATIVES),
    **dict.fromkeys(["__int__", "__index__", "__trunc__", "__floor__", "__ceil__"], INTEGER),
    **dict.fromkeys(["__deepcopy__", "__reduce__"], COPY),
}
# Attributes that are plain numbers. The engine may read them, but not to tell whether they are finite.
NUMBERS: Final = {"data": ITSELF, "partials": DERIVATIVES}
ENGINE: Final = __name__.partition(".")[0] + "."  # how the names of its modules start
TELLING: Final = f"{ENGINE}checking"


class Guard(NamedTuple):
    """A comparison that the function made while it was recorded: compare(left, right) was `outcome`, at
    `where` (file and line). Rows for which it goes otherwise need a recording of their own."""

    compare: Callable[[Any, Any], Any]
    left: Any  # a Value of the recording, while there is one
    right: Any
    outcome: bool
    where: str


@contextmanager
def decisions_kept(guards: list[Guard], inputs: Collection[Value]) -> Iterator[None]:
    """While it lasts, every comparison of Values adds to `guards`: of parameters too, which may change.

    What depends on one of `inputs`, a set, refuses with a TypeError to become a plain number.
    """
    thread = threading.get_ident()
    with ONE_AT_A_TIME:
        methods: dict[str, Any] = {name: _watched(name, inputs, thread) for name in NUMBERS}
        methods |= {name: _comparing(compare, guards, thread) for name, compare in COMPARISONS.items()}
        methods |= {name: _converting(name, inputs, thread) for name in CONVERSIONS}
        kept = {name: getattr(Value, name, None) for name in methods}
        try:
            for name, method in methods.items():
                setattr(Value, name, method)
            yield
        finally:
            for name, own in kept.items():
                if own is not None:
                    setattr(Value, name, own)
                elif name in vars(Value):
                    delattr(Value, name)


def _comparing(compare: Callable[[Any, Any], bool], guards: list[Guard], thread: int) -> Callable[..., bool]:
    """The method that compares, with 0 for want of anything else, and in that thread adds to `guards`."""

    def keep(left: Value, right: Value | float = 0.0) -> bool:
        outcome = compare(left.data, number(right))
        if threading.get_ident() == thread:
            caller = sys._getframe(1)
            where = f"{caller.f_code.co_filename}:{caller.f_lineno}"
            guards.append(Guard(compare, left, lift(right), outcome, where))
        return outcome

    return keep


def _converting(name: str, inputs: Collection[Value], thread: int) -> Callable[..., Any]:
    """The method of that name, which in that thread refuses what depends on one of `inputs`."""
    plain = getattr(Value, name, None)
    written, instead = CONVERSIONS[name]

    def convert(value: Value, *arguments: Any, **named: Any) -> Any:
        if threading.get_ident() == thread and _depends_on(value, inputs):
            raise _fixed(written, value, instead)
        if plain is None:
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        return plain(value, *arguments, **named)

    return convert


def _watched(name: str, inputs: Collection[Value], thread: int) -> property:
    """The attribute, which in that thread only the engine may read of what depends on one of `inputs`."""
    attribute: Any = vars(Value)[name]

    def read(value: Value) -> Any:
        if threading.get_ident() == thread:
            reader: Any = sys._getframe(1)
            while reader.f_code is read.__code__:  # that of a recording within this one
                reader = reader.f_back
            module = reader.f_globals.get("__name__", "")
            may = module.startswith(ENGINE) and module != TELLING
            if not may and _depends_on(value, inputs):
                raise _fixed(f"v.{name}", value, NUMBERS[name])
        return attribute.__get__(value)

    return property(read, attribute.__set__)


def _fixed(written: str, value: Value, instead: str) -> TypeError:
    return TypeError(
        f"{written} while recording would fix the number of the example row ({value.data!r}) for all rows; "
        f"{instead}"
    )


def _depends_on(value: Value, inputs: Collection[Value]) -> bool:
    return any(node in inputs for node in topological_order(value, leaves=inputs))
