"""Checks of a computation: gradients against central differences, and where a nan or inf came from."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from autograd import ops
from autograd.derivatives import flattened, grad, jvp
from autograd.graph import topological_order
from autograd.operation import Op
from autograd.value import Value, number

__all__ = ["GradientError", "Nonfinite", "gradcheck", "nonfinite"]


Function = Callable[[list[Value]], Value]  # of a point: Values for its numbers


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

    Inputs are numbers, Values, or (nested) lists of them. For each, `backward()`, `grad` and `jvp` are
    compared with (f(x + h) − f(x − h)) / 2h where h = eps·max(1, |x|), and then each first derivative is
    taken for the function, and so on. Two numbers agree within atol + rtol·|numeric|, or if both are nan or
    the same infinity. Raises GradientError otherwise, naming every input that disagrees.

    >>> from autograd import sin
    >>> gradcheck(lambda x, y: sin(x) * y, 0.5, 2.0)
    True
    """
    flat, rebuild = flattened(inputs)
    point = [number(entry) for entry in flat]
    names = _names(function, inputs)
    functions = [("", _of_leaves(function, rebuild))]
    for _ in range(order):
        for what, f in functions:
            numeric = [_central_difference(f, point, i, eps * max(1.0, abs(x))) for i, x in enumerate(point)]
            complaints = [
                f"\n  {name}: {how} gives {given!r}, central differences give {expected!r}"
                for how, gradients in _gradients(f, point)
                for name, given, expected in zip(names, gradients, numeric)
                if not _agree(given, expected, rtol, atol)
            ]
            if complaints:
                raise GradientError(f"{what}derivatives disagree:{''.join(complaints)}")
        functions = [
            (f"for ∂/∂{x}, {what}", _derivative(f, i)) for what, f in functions for i, x in enumerate(names)
        ]
    return True


def _of_leaves(function: Callable[..., Value], rebuild: Callable[[list[Value]], Any]) -> Function:
    """`function` of a flat list of Values."""

    def output_at(leaves: list[Value]) -> Value:
        output = function(*rebuild(leaves))
        if not isinstance(output, Value):
            raise TypeError(f"gradcheck needs a function that returns a Value, got {output!r}")
        return output

    return output_at


def _gradients(f: Function, point: list[float]) -> Iterator[tuple[str, list[float]]]:
    """(name, ∂f/∂x for each number x of `point`) by each of the ways there are."""
    leaves = _leaves(point)
    f(leaves).backward()
    yield "backward()", [leaf.grad for leaf in leaves]
    leaves = _leaves(point)
    output = f(leaves)
    yield "grad", [gradient.data for gradient in grad(output, leaves)]
    unit_vectors = [[float(i == j) for j in range(len(point))] for i in range(len(point))]
    yield "jvp", [jvp(output, leaves, vector).data for vector in unit_vectors]


def _central_difference(f: Function, point: list[float], i: int, step: float) -> float:
    above, below = ([*point[:i], x, *point[i + 1 :]] for x in (point[i] + step, point[i] - step))
    return (f(_leaves(above)).data - f(_leaves(below)).data) / (above[i] - below[i])


def _derivative(f: Function, i: int) -> Function:
    """∂f/∂x for number i of its inputs."""

    def derivative(leaves: list[Value]) -> Value:
        result: Value = grad(f(leaves), leaves)[i]
        return result

    return derivative


def _leaves(point: list[float]) -> list[Value]:
    return [Value(x) for x in point]


def _agree(given: float, expected: float, rtol: float, atol: float) -> bool:
    if math.isnan(given) or math.isnan(expected):
        return math.isnan(given) and math.isnan(expected)
    return given == expected or abs(given - expected) <= atol + rtol * abs(expected)


def _names(function: Callable[..., Any], inputs: Any) -> list[str]:
    """The name of each flat input: x, or x[0][2] for one in a list."""
    try:
        import inspect  # slow to load, and only needed here

        taken = function.forward if isinstance(function, Op) and not function.variadic else function
        arguments = inspect.signature(taken).bind(*inputs).arguments
    except ValueError:  # built in, such as max
        arguments = {"inputs": inputs}
    return [name for argument, entry in arguments.items() for name in _names_within(argument, entry)]


def _names_within(name: str, entry: Any) -> list[str]:
    if not isinstance(entry, list | tuple):
        return [name]
    return [inner for i, part in enumerate(entry) for inner in _names_within(f"{name}[{i}]", part)]


class Nonfinite(NamedTuple):
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
    make, but for the gradients of constants. No `grad` is changed.

    >>> a = Value(0.0, label="a")
    >>> print(nonfinite(a.log()))
    log is -inf in the forward pass, from a = 0
    >>> print(nonfinite(a.sqrt() * 0.0))
    0 × inf = nan in the backward pass, along mul → sqrt → a
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"root must be a Value, the output of a computation; got {root!r} ({type(root).__name__})"
        )
    order = topological_order(root)
    for node in order:
        if not math.isfinite(node.data):
            source = f", from {_operands(node)}" if node.parents else ", a leaf"
            message = f"{_name(node)} is {node.data} in the forward pass{source}"
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
            if parent.op is ops.constant:
                continue
            received_from.setdefault(parent, node)
            contribution = upstream * partial
            gradients[parent] += contribution
            if math.isfinite(gradients[parent]):
                continue
            path = (*_path(root, node, received_from), parent)
            what = f"{upstream:.4g} × {partial:.4g} = {contribution:.4g}"
            if math.isfinite(contribution):
                what = f"the sum of contributions to {_name(parent)} = {gradients[parent]}"
            message = f"{what} in the backward pass, along {' → '.join(map(_name, path))}"
            return Nonfinite(parent, "backward", path, message)
    return None


def _path(root: Value, node: Value, received_from: dict[Value, Value]) -> tuple[Value, ...]:
    path = [node]
    while path[-1] is not root:
        path.append(received_from[path[-1]])
    return tuple(reversed(path))


def _operands(node: Value) -> str:
    """The first three operands with 4 significant digits, and how many more there are."""
    shown = [
        f"{parent.data:.4g}"
        if parent.is_leaf and not parent.label
        else f"{_name(parent)} = {parent.data:.4g}"
        for parent in node.parents[:3]
    ]
    more = len(node.parents) - len(shown)
    return ", ".join([*shown, f"and {more} more"] if more else shown)


def _name(node: Value) -> str:
    if node.label:
        return node.label
    return node.op.name if node.op else f"Value({node.data:.4g})"
