"""Recording: a function, run once on an example, becomes a graph with inputs, parameters and outputs."""

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd.compiler.collector import collector_waiting
from autograd.compiler.plans.decisions import Guard, decisions_kept
from autograd.graph import depending_on, topological_order
from autograd.operation import as_float
from autograd.value import Value

__all__ = [
    "Recording",
    "Shape",
    "nested",
    "record",
    "size",
]

Shape = tuple["Shape | None", ...]  # the nesting of an argument: None is one number, a tuple is a list

_OPEN: Final[list[set[Value]]] = []  # the inputs of the functions that are being recorded, one within another


@dataclass(frozen=True)
class Recording:
    """A graph and the roles of its leaves. inputs: the leaves that differ from row to row, flat; shapes: how
    each argument nests. outputs: flat; output_shape: how the result nests. parameters: the leaves that
    somebody else can reach, so that their data may change. order: all nodes, each after its operands. guards:
    the branches taken."""

    inputs: list[Value]
    shapes: list["Shape | None"]
    outputs: list[Value]
    output_shape: "Shape | None"
    parameters: list[Value]
    order: list[Value]
    guards: list[Guard]

    def by_argument(self) -> list[list[Value]]:
        """The inputs, those of each argument together."""
        rest = iter(self.inputs)
        return [[next(rest) for _ in range(size(shape))] for shape in self.shapes]


def record(function: Callable[..., Any], example: Sequence[Any]) -> Recording:
    """The graph of `function` on `example`: numbers, or nested lists of numbers, one for each argument.

    Raises TypeError for an argument or a result that is no number, list of numbers or array, and for a
    function that needs an input's number to decide what to compute (`int`, `float`, `round`).
    """
    guards: list[Guard] = []
    arguments, shapes, inputs = [], [], []
    for position, argument in enumerate(example):
        shape, numbers = _flattened(argument, f"argument {position + 1}")
        leaves = [Value(number) for number in numbers]
        inputs.extend(leaves)
        shapes.append(shape)
        arguments.append(nested(shape, iter(leaves)))
    own = set(inputs)
    with decisions_kept(guards, own), collector_waiting():
        _OPEN.append(own)
        try:
            result = function(*arguments)
        finally:
            _OPEN.pop()
    del arguments
    output_shape, outputs = _outputs(result, getattr(function, "__name__", type(function).__name__))
    del result
    order = topological_order(*outputs, *[v for guard in guards for v in (guard.left, guard.right)])
    if not all(others.isdisjoint(order) for others in _OPEN):
        raise TypeError(
            "the function uses an input of another function that is being recorded, whose number would be "
            "fixed; pass it on as an argument"
        )
    parameters = _reachable_leaves(order, own, outputs, guards)
    variable = _variable(guards, order, [*inputs, *parameters])
    return Recording(inputs, shapes, outputs, output_shape, parameters, order, variable)


def size(shape: Shape | None) -> int:
    """How many numbers an argument of this nesting has."""
    return 1 if shape is None else sum(map(size, shape))


def _variable(guards: list[Guard], order: list[Value], changing: list[Value]) -> list[Guard]:
    """Those of `guards` that may turn out otherwise, because a side depends on one of `changing`."""
    dependent = depending_on(changing, order if guards else [])
    return [guard for guard in guards if guard.left in dependent or guard.right in dependent]


def _flattened(argument: Any, what: str) -> tuple[Shape | None, list[float]]:
    """The nesting and the numbers of an argument; numpy arrays count as nested lists."""
    if hasattr(argument, "tolist"):
        argument = argument.tolist()
    if not isinstance(argument, list | tuple):
        if isinstance(argument, Value):
            return None, [argument.data]
        try:
            return None, [as_float(argument)]
        except TypeError as error:
            raise TypeError(f"{what} of the example: {error}") from None
    parts = [_flattened(entry, what) for entry in argument]
    return tuple([shape for shape, _ in parts]), [number for _, numbers in parts for number in numbers]


def nested(shape: Shape | None, flat: Iterator[Any]) -> Any:
    """The next entries of `flat`, nested as `shape` says."""
    return next(flat) if shape is None else [nested(inner, flat) for inner in shape]


def _outputs(result: Any, name: str) -> tuple[Shape | None, list[Value]]:
    if isinstance(result, Value):
        return None, [result]
    if not isinstance(result, list | tuple):
        raise TypeError(
            f"{name} returned {result!r} ({type(result).__name__}): expected a Value, or lists of Values; "
            "a plain number depends on no input"
        )
    parts = [_outputs(entry, name) for entry in result]
    return tuple([shape for shape, _ in parts]), [value for _, values in parts for value in values]


def _reachable_leaves(
    order: list[Value], own: set[Value], outputs: list[Value], guards: list[Guard]
) -> list[Value]:
    """The leaves in `order`, but for `own`, that somebody else holds, and so can change.

    A leaf that only the graph refers to was made by the function itself (`Value(0.0)` to start a sum, say)
    and stays as it is. A leaf that is made here and held just as those are tells how many references that is.
    """
    gc.collect(0)  # a function inside the recorded one that calls itself would keep what it made
    uses = Counter(parent for node in order for parent in node.parents if parent.is_leaf)
    uses.update(outputs)
    uses.update(side for guard in guards for side in (guard.left, guard.right))
    candidates = [node for node in order if node.is_leaf and node.op is None and node not in own]
    probe = Value(0.0)
    order.append(probe)
    candidates.append(probe)
    uses[probe] = 0
    del probe
    counts = [sys.getrefcount(node) - uses[node] for node in candidates]
    order.pop()
    return [node for node, count in zip(candidates[:-1], counts) if count > counts[-1]]
