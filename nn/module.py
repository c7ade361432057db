"""Module: what every part of a model is, whose parameters are found by the attributes that hold them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Real
from reprlib import recursive_repr
from typing import Any, Final, Self, TypeAlias

from autograd import Value

_MOST_NAMES_SHOWN: Final = 5

_Entries: TypeAlias = Iterable[tuple[Any, Any]]


class Module:
    """A part of a model: an object whose parameters are the leaf Values that its attributes hold.

    They are found in attributes, in the lists, tuples and dicts there, and in the modules there, in the
    order of definition; one that is held twice counts once, under the name met first. Write `__init__`
    and `__call__`; there is no need to call `super().__init__()`. A number that is not to be trained is
    best held as a float.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data
    7.0
    >>> line.state_dict()
    {'slope': 2.0, 'offset': 1.0}
    """

    training: bool = True

    __call__: Callable[..., Any]  # said here so that any module can be called; there is none to inherit

    def parameters(self) -> list[Value]:
        """Every parameter, each once."""
        return [held for _, held in _walk(self) if isinstance(held, Value)]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter with where it is: ("layers.0.neurons.3.w.1", Value(…))."""
        return ((name, held) for name, held in _walk(self) if isinstance(held, Value))

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Each module with where it is, this one first, under the name ""."""
        yield "", self
        yield from ((name, held) for name, held in _walk(self) if isinstance(held, Module))

    def zero_grad(self) -> None:
        """Set every parameter's gradient back to 0, ready for the next `backward()`."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self, mode: bool = True) -> Self:
        """This module, with `training` set in it and in every module below: `Dropout` then drops."""
        for _, module in list(self.named_modules()):
            module.training = mode
        return self

    def eval(self) -> Self:
        """This module, with `training` off in it and in every module below."""
        return self.train(False)

    def state_dict(self) -> dict[str, float]:
        """The number of each parameter, by name.

        Raises ValueError where two parameters have the same, as in a dict with the keys 1 and "1".
        """
        return {name: float(parameter.data) for name, parameter in self._parameters_by_name().items()}

    def load_state_dict(self, state_dict: Mapping[str, float]) -> None:
        """Give each parameter the number that `state_dict` has under its name.

        Raises ValueError, and changes nothing, unless it has exactly one number for each parameter; the
        error lists the names that are missing, those that are not expected, and what is no number.
        """
        parameters = self._parameters_by_name()
        missing = [name for name in parameters if name not in state_dict]
        unexpected = [str(name) for name in state_dict if name not in parameters]
        not_numbers = [f"{name} is {given!r}" for name, given in state_dict.items() if not _is_number(given)]
        faults = [
            *_listed("missing", missing),
            *_listed("unexpected", unexpected),
            *_listed("not a number", not_numbers),
        ]
        if faults:
            raise ValueError(f"the state does not fit this {type(self).__name__}: {'; '.join(faults)}")
        for name, parameter in parameters.items():
            parameter.data = float(state_dict[name])

    def _parameters_by_name(self) -> dict[str, Value]:
        by_name: dict[str, Value] = {}
        for name, parameter in self.named_parameters():
            if name in by_name:
                raise ValueError(f"two parameters of this {type(self).__name__} have the name {name!r}")
            by_name[name] = parameter
        return by_name

    @recursive_repr()
    def __repr__(self) -> str:
        """The modules in it, each on a line of its own, and how many parameters it holds besides."""
        lines: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for name, held in _walk(self, into_modules=False):
            if isinstance(held, Module):
                lines[name] = repr(held).replace("\n", "\n  ")
                continue
            attribute = name.partition(".")[0]
            counts[attribute] += 1
            lines[attribute] = counted(counts[attribute], "parameter")
        inside = "".join([f"\n  {name}: {line}" for name, line in lines.items()])
        return f"{type(self).__name__}({inside}\n)" if inside else f"{type(self).__name__}()"


def counted(number: int, noun: str) -> str:
    """The number with its noun.

    >>> counted(1, "input"), counted(2, "input")
    ('1 input', '2 inputs')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_HOLDERS: Final = (Module, list, tuple, dict)


def _walk(root: Module, into_modules: bool = True) -> Iterator[tuple[str, Value | Module]]:
    """The parameters and modules below `root`, each once, with dotted names, in the order of definition.

    Lists, tuples and dicts are gone through, and so are modules where `into_modules` is set. Without
    recursion, so that a chain of modules may be of any length; a module may hold one that holds it.
    """
    seen = {id(root)}
    stack = [("", iter(_entries(root)))]
    while stack:
        prefix, entries = stack[-1]
        for key, held in entries:
            if id(held) in seen:
                continue
            if isinstance(held, Value):
                if held.op is None:  # else a result, or a number that an operator wrapped
                    seen.add(id(held))
                    yield f"{prefix}{key}", held
            elif isinstance(held, _HOLDERS):
                seen.add(id(held))
                if isinstance(held, Module):
                    yield f"{prefix}{key}", held
                if into_modules or not isinstance(held, Module):
                    stack.append((f"{prefix}{key}.", iter(_entries(held))))
                    break
        else:
            stack.pop()


def _entries(holder: Any) -> _Entries:
    # Copied, so that whoever goes through the modules may set attributes on the way.
    if isinstance(holder, Module):
        return list(vars(holder).items())
    return list(holder.items()) if isinstance(holder, dict) else enumerate(holder)


def _is_number(given: object) -> bool:
    if not isinstance(given, Real) or isinstance(given, bool):
        return False
    # A whole number may be beyond a float's range.
    return not isinstance(given, int) or abs(given) <= sys.float_info.max


def _listed(fault: str, names: list[str]) -> list[str]:
    """The fault with its names, if there are any; the first few of many."""
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMES_SHOWN} more" if len(names) > _MOST_NAMES_SHOWN else ""
    return [f"{fault}: {', '.join(names[:_MOST_NAMES_SHOWN])}{more}"]
