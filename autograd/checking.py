"""Checks of a computation: gradients against central differences, and where a nan or inf came from."""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.derivatives import grad, jvp
from autograd.graph import topological_order
from autograd.value import Value

__all__ = ["GradientError", "Nonfinite", "gradcheck", "nonfinite"]


class GradientError(AssertionError):
    """Raised by `gradcheck`: names each input whose derivatives disagree, with the numbers."""


def gradcheck(
    function: Callable[..., Value],
    *inputs: Any,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    order: int = 2,
) -> bool:
    """True if the derivatives of `function` at `inputs` agree with central differences up to `order`.

    Inputs are numbers or (nested) lists of numbers. For each, `backward()`, `grad` and `jvp` are compared
    with (f(x + h) − f(x − h)) / 2h where h = eps·max(1, |x|), and then each first derivative is taken for
    the function, and so on. Two numbers agree within atol + rtol·|numeric|, or if both are nan or the same
    infinity. Raises GradientError otherwise, naming every input that disagrees.

    >>> from autograd import sin
    >>> gradcheck(lambda x, y: sin(x) * y, 0.5, 2.0)
    True
    """
    flat, rebuild = _flattened(inputs)
    names = _names(function, inputs)

    def at(numbers: list[float]) -> tuple[Value, list[Value]]:
        leaves = [Value(number) for number in numbers]
        output = function(*rebuild(leaves))
        if not isinstance(output, Value):
            raise TypeError(f"gradcheck needs a function that returns a Value, got {output!r}")
        return output, leaves

    steps = [eps * max(1.0, abs(x)) for x in flat]
    numeric = [_central_difference(at, flat, i, step) for i, step in enumerate(steps)]
    complaints = [
        f"{name}: {how} gives {given!r}, central differences give {expected!r}"
        for how, gradients in _gradients(at, flat)
        for name, given, expected in zip(names, gradients, numeric)
        if not _agree(given, expected, rtol, atol)
    ]
    if complaints:
        raise GradientError("derivatives disagree:\n  " + "\n  ".join(complaints))
    for i, name in enumerate(names if order > 1 else []):
        try:
            gradcheck(_derivative(function, i), *inputs, eps=eps, rtol=rtol, atol=atol, order=order - 1)
        except GradientError as error:
            raise GradientError(f"for ∂/∂{name}, {error}") from None
    return True


def _gradients(at: Callable[[list[float]], tuple[Value, list[Value]]], flat: list[float]) -> Iterator[Any]:
    """(name, ∂output/∂input for each input) by each of the ways there are."""
    output, leaves = at(flat)
    output.backward()
    yield "backward()", [leaf.grad for leaf in leaves]
    output, leaves = at(flat)
    yield "grad", [gradient.data for gradient in grad(output, leaves)]
    unit_vectors = [[float(i == j) for j in range(len(flat))] for i in range(len(flat))]
    yield "jvp", [jvp(output, leaves, vector).data for vector in unit_vectors]


def _central_difference(
    at: Callable[[list[float]], tuple[Value, list[Value]]], flat: list[float], i: int, step: float
) -> float:
    above, below = flat[i] + step, flat[i] - step
    rise = at([*flat[:i], above, *flat[i + 1 :]])[0].data - at([*flat[:i], below, *flat[i + 1 :]])[0].data
    return rise / (above - below)


def _agree(given: float, expected: float, rtol: float, atol: float) -> bool:
    if math.isnan(given) or math.isnan(expected):
        return math.isnan(given) and math.isnan(expected)
    return given == expected or abs(given - expected) <= atol + rtol * abs(expected)


def _derivative(function: Callable[..., Value], i: int) -> Callable[..., Value]:
    """∂function/∂input i, for flat input number i."""

    def derivative(*inputs: Any) -> Value:
        leaves, _ = _flattened(inputs)
        result: Value = grad(function(*inputs), leaves)[i]
        return result

    derivative.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return derivative


def _flattened(inputs: Any) -> tuple[list[Any], Callable[[list[Any]], list[Any]]]:
    """The numbers in nested lists, and the function that puts others in their places."""
    if not isinstance(inputs, list | tuple):
        return [inputs], lambda numbers: numbers[0]
    parts = [_flattened(entry) for entry in inputs]

    def rebuild(numbers: list[Any]) -> list[Any]:
        rest = iter(numbers)
        return [build([next(rest) for _ in numbers_in]) for numbers_in, build in parts]

    return [number for numbers, _ in parts for number in numbers], rebuild


def _names(function: Callable[..., Any], inputs: Any) -> list[str]:
    """The name of each flat input: x, or x[0][2] for one in a list."""
    arguments = inspect.signature(function).bind(*inputs).arguments
    return [name for argument, entry in arguments.items() for name in _names_within(argument, entry)]


def _names_within(name: str, entry: Any) -> list[str]:
    if not isinstance(entry, list | tuple):
        return [name]
    return [inner for i, part in enumerate(entry) for inner in _names_within(f"{name}[{i}]", part)]


@dataclass(frozen=True)
class Nonfinite:
    """Where a computation first left the finite numbers; `str()` says it in a line.

    node: the node whose number or gradient is nan or infinite. phase: "forward" or "backward".
    path: the nodes from the output to it, for a gradient. message: what made it.
    """

    node: Value
    phase: str
    path: tuple[Value, ...]
    message: str

    def __str__(self) -> str:
        return self.message


def nonfinite(root: Value) -> Nonfinite | None:
    """The first node below `root` whose number, or else whose gradient, is nan or infinite, or None.

    The forward pass is searched in topological order, then the backward pass that `root.backward()` would
    make. No `grad` is changed.

    >>> a = Value(0.0, label="a")
    >>> print(nonfinite(a.log()))
    log is -inf in the forward pass, from a = 0.0
    >>> print(nonfinite(a.sqrt() * 0.0))
    0.0 × inf = nan in the backward pass, along mul → sqrt → a
    """
    order = topological_order(root)
    for node in order:
        if not math.isfinite(node.data):
            operands = ", ".join(f"{_name(parent)} = {parent.data!r}" for parent in node.parents)
            source = f", from {operands}" if operands else ", a leaf"
            message = f"{_name(node)} is {node.data!r} in the forward pass{source}"
            return Nonfinite(node, "forward", (), message)
    return _nonfinite_gradient(order)


def _nonfinite_gradient(order: list[Value]) -> Nonfinite | None:
    """The first nan or infinity of a backward pass over `order`, kept apart from the nodes' own gradients."""
    root = order[-1]
    gradients = dict.fromkeys(order, 0.0)
    gradients[root] = 1.0
    received_from: dict[Value, Value] = {}
    for node in reversed(order):
        upstream = gradients[node]
        for parent, partial in zip(node.parents, node.partials):
            received_from.setdefault(parent, node)
            contribution = upstream * partial
            gradients[parent] += contribution
            if math.isfinite(gradients[parent]):
                continue
            path = (*_path(root, node, received_from), parent)
            what = f"{upstream!r} × {partial!r} = {contribution!r}"
            if math.isfinite(contribution):
                what = f"the sum of contributions to {_name(parent)} = {gradients[parent]!r}"
            message = f"{what} in the backward pass, along {' → '.join(map(_name, path))}"
            return Nonfinite(parent, "backward", path, message)
    return None


def _path(root: Value, node: Value, received_from: dict[Value, Value]) -> tuple[Value, ...]:
    path = [node]
    while path[-1] is not root:
        path.append(received_from[path[-1]])
    return tuple(reversed(path))


def _name(node: Value) -> str:
    if node.label:
        return node.label
    return node.op.name if node.op else f"Value({node.data!r})"
