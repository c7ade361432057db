"""Naming: what the arguments and the parameters of a function are called where it is written."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from autograd.value import Value

__all__ = ["Names", "argument_names", "attribute", "names_of", "parameter_names"]


@dataclass(frozen=True)
class Names:
    """What a function is called, its arguments, and the places that hold its parameters (None: unknown)."""

    function: str
    arguments: list[str]
    parameters: list[str | None]


def names_of(function: Callable[..., Any], arguments: int, parameters: Sequence[Value]) -> Names:
    """The names that belong to a function with so many arguments and with these parameters.

    >>> slope = Value(2.0)
    >>> names_of(lambda x: slope * x, 1, [slope])
    Names(function='f', arguments=['x'], parameters=['slope'])
    """
    own = getattr(function, "__name__", "")
    held = parameter_names(function)
    return Names(
        own if own.isidentifier() else "f",
        argument_names(function, arguments),
        [held.get(value) or value.label or None for value in parameters],
    )


def argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the first `count` arguments, x1, x2, … where the function does not tell.

    >>> argument_names(lambda image, label: image, 2)
    ['image', 'label']
    """
    try:
        own = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        own = []
    named = [argument.name for argument in own if argument.kind is not argument.VAR_POSITIONAL][:count]
    return [*named, *[f"x{i + 1}" for i in range(len(named), count)]]


def parameter_names(function: Callable[..., Any]) -> dict[Value, str]:
    """Where each Value that the function uses is held: "layers.0.neurons.3.w.1", "slope", "w.2".

    A parameter of a model has the name that `named_parameters()` gives it, one of several models' the
    model's variable before it; a Value in a variable, or in a list there, that variable's name.
    """
    held = dict(_held(function, set()))
    models = [name for name, holder in held.items() if hasattr(holder, "named_parameters")]
    names: dict[Value, str] = {}
    for name, holder in held.items():
        if hasattr(holder, "named_parameters"):
            prefix = f"{name}." if name and len(models) > 1 else ""
            found: Iterable[tuple[Value, str]] = (
                (value, prefix + own) for own, value in holder.named_parameters()
            )
        else:
            found = _values(name, holder)
        for value, own in found:
            names.setdefault(value, own)
    return names


def attribute(names: Sequence[str | None]) -> str | None:
    """What the names of several parameters have in common, with * for what differs; None if nothing.

    >>> attribute(["layers.0.neurons.0.w.0", "layers.0.neurons.1.w.0", "layers.0.neurons.1.w.1"])
    'layers.0.neurons.*.w'
    >>> attribute(["w.0", "b"]) is None
    True
    """
    split = [own.split(".") for own in names if own]
    if len(split) < len(names) or len(set(map(len, split))) != 1:
        return None
    common = [entries[0] if len(set(entries)) == 1 else "*" for entries in zip(*split)]
    while common and common[-1] == "*":
        common.pop()
    return ".".join(common) or None


def _held(function: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """(name, object) for what the function holds: itself, and its own and its functions' variables."""
    if id(function) in seen:
        return
    seen.add(id(function))
    if hasattr(function, "named_parameters"):
        yield "", function
        return
    owner = getattr(function, "__self__", None)
    if owner is not None:
        yield "self", owner
    code = getattr(function, "__code__", None)
    if code is None:
        return
    cells = zip(code.co_freevars, getattr(function, "__closure__", None) or ())
    for name, value in [*_filled(cells), *_globals(function, code)]:
        if inspect.isfunction(value) and value.__module__ == function.__module__:
            yield from _held(value, seen)
        else:
            yield name, value


def _filled(cells: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for name, cell in cells:
        try:
            yield name, cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue


def _globals(function: Any, code: CodeType) -> Iterator[tuple[str, Any]]:
    """The global variables that the code uses, that of comprehensions and lambdas in it too."""
    codes = [code]
    while codes:
        current = codes.pop()
        codes.extend([constant for constant in current.co_consts if isinstance(constant, CodeType)])
        for name in current.co_names:
            if name in function.__globals__:
                yield name, function.__globals__[name]


def _values(name: str, holder: Any) -> Iterator[tuple[Value, str]]:
    if isinstance(holder, Value):
        yield holder, name
    elif isinstance(holder, list | tuple):
        for i, entry in enumerate(holder):
            yield from _values(f"{name}.{i}", entry)
    elif isinstance(holder, dict):
        for key, entry in holder.items():
            yield from _values(f"{name}.{key}", entry)
