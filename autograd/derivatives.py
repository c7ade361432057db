"""Derivatives as Values: gradients, Jacobians and Hessians that can themselves be differentiated.

`Value.backward()` multiplies the numbers that were stored when the graph was recorded. The functions here
apply the same rows of the table to Values instead, so that what they return is again a graph.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import ops
from autograd.graph import depending_on, topological_order
from autograd.value import Value, number

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Values = Value | Sequence[Value]
Term = Value | float  # a part of a derivative: a plain number as long as it depends on nothing


def grad(output: Value, inputs: Values) -> Any:
    """∂output/∂input for each of `inputs`, as Values: one for a Value, a list for a sequence.

    An input may be any node; one that the output does not depend on has the gradient 0. No `grad`
    attribute is touched. Raises TypeError for anything that is no Value, and ValueError where the `data` of
    an operand was changed after its use was recorded: `backward()` is right then too, a graph cannot be.

    >>> x = Value(3.0)
    >>> slope = grad(x**3, x)
    >>> slope.data, grad(slope, x).data
    (27.0, 18.0)
    """
    return vjp([output], inputs, [1.0])


def value_and_grad(function: Callable[..., Value]) -> Callable[..., tuple[Value, Any]]:
    """A function that returns what `function` does, and its gradient with respect to its arguments.

    Arguments are numbers, Values, or (nested) lists of them; the gradient has the same shape: for one
    argument that of the argument, for several a tuple. Raises TypeError if `function` returns no Value.

    >>> product = value_and_grad(lambda x, y: x * y)
    >>> value, (by_x, by_y) = product(2.0, 5.0)
    >>> value.data, by_x.data, by_y.data
    (10.0, 5.0, 2.0)
    """

    def evaluate(*arguments: Any) -> tuple[Value, Any]:
        entries, rebuild = flattened(arguments)
        recorded = [entry if isinstance(entry, Value) else Value(entry) for entry in entries]
        output = function(*rebuild(recorded))
        if not isinstance(output, Value):
            name = getattr(function, "__name__", "the function")
            raise TypeError(f"{name} must return a Value that depends on its arguments, got {output!r}")
        gradients = rebuild(grad(output, recorded))
        return output, gradients[0] if len(gradients) == 1 else tuple(gradients)

    return evaluate


def vjp(outputs: Values, inputs: Values, vector: Term | Sequence[Term]) -> Any:
    """vᵀJ, reverse mode: Σ vᵢ ∂outputᵢ/∂input for each of `inputs`, as Values.

    `vector` has a number or Value for each output. Raises ValueError if it does not.

    >>> x, y = Value(2.0), Value(3.0)
    >>> [value.data for value in vjp([x * y, x + y], [x, y], [1.0, 10.0])]
    [13.0, 12.0]
    """
    outputs, weights = _matched("outputs", outputs, vector)
    wanted = _checked("inputs", inputs)
    order = topological_order(*outputs)
    relevant = depending_on(wanted, order)
    contributions: dict[Value, list[Term]] = {}
    for output, weight in zip(outputs, weights):
        contributions.setdefault(output, []).append(weight)
    upstreams: dict[Value, Term] = {}
    for node in reversed(order):
        if node not in relevant or node not in contributions:
            continue
        upstream = _total(contributions.pop(node))
        upstreams[node] = upstream
        partials = () if node.is_leaf else _partials(node)
        for parent, partial in zip(node.parents, partials):
            if parent in relevant:
                contributions.setdefault(parent, []).append(_product(upstream, partial))
    return _like(inputs, [upstreams.get(node, 0.0) for node in wanted])


def jvp(outputs: Values, inputs: Values, vector: Term | Sequence[Term]) -> Any:
    """Jv, forward mode: Σ ∂output/∂inputᵢ vᵢ for each of `outputs`, as Values.

    `vector` has a number or Value for each input, which may be any node. Raises ValueError if it has not.

    >>> x, y = Value(2.0), Value(3.0)
    >>> jvp(x * y, [x, y], [1.0, 10.0]).data
    23.0
    """
    nodes, directions = _matched("inputs", inputs, vector)
    wanted = _checked("outputs", outputs)
    contributions: dict[Value, list[Term]] = {}
    for node, direction in zip(nodes, directions):
        contributions.setdefault(node, []).append(direction)
    tangents: dict[Value, Term] = {}
    for node in topological_order(*wanted):
        terms = contributions.get(node, [])
        if any(parent in tangents for parent in node.parents):
            terms += [
                _product(tangents[parent], partial)
                for parent, partial in zip(node.parents, _partials(node))
                if parent in tangents
            ]
        if terms:
            tangents[node] = _total(terms)
    return _like(outputs, [tangents.get(node, 0.0) for node in wanted])


def jacobian(outputs: Sequence[Value], inputs: Sequence[Value]) -> list[list[Value]]:
    """J[i][j] = ∂outputs[i]/∂inputs[j], as Values: len(outputs) rows of len(inputs).

    >>> x, y = Value(2.0), Value(3.0)
    >>> [[entry.data for entry in row] for row in jacobian([x * y, x + y], [x, y])]
    [[3.0, 2.0], [1.0, 1.0]]
    """
    columns = _checked("inputs", inputs)
    return [grad(output, columns) for output in _checked("outputs", outputs)]


def hessian(output: Value, inputs: Sequence[Value]) -> list[list[Value]]:
    """H[i][j] = ∂²output/∂inputs[i]∂inputs[j], as Values: a square of len(inputs).

    >>> x, y = Value(2.0), Value(3.0)
    >>> [[entry.data for entry in row] for row in hessian(x * x * y, [x, y])]
    [[6.0, 4.0], [4.0, 0.0]]
    """
    leaves = _checked("inputs", inputs)
    return jacobian(grad(output, leaves), leaves)


def hvp(output: Value, inputs: Sequence[Value], vector: Sequence[Term]) -> list[Value]:
    """Hv, the Hessian times a vector, in the time of a few gradients: the gradient of ∇output · v.

    >>> x, y = Value(2.0), Value(3.0)
    >>> [entry.data for entry in hvp(x * x * y, [x, y], [1.0, 0.5])]
    [8.0, 4.0]
    """
    leaves, directions = _matched("inputs", inputs, vector)
    result: list[Value] = vjp(grad(output, leaves), leaves, directions)
    return result


def _partials(node: Value) -> tuple[Term, ...]:
    """∂node/∂operand for each operand, by the node's row applied to Values; constants go in as numbers.

    Raises ValueError if they are not what they were when the node was recorded: from data of two points,
    no derivative is right.
    """
    assert node.op is not None
    partials: tuple[Term, ...]
    operands = tuple([p.data if p.op is ops.constant else p for p in node.parents])
    try:
        partials = node.op.partials(operands, node)
    except ArithmeticError:  # a constant 0 below a fraction: Values divide by it, floats raise
        partials = node.op.partials(node.parents, node)
    for i, (partial, recorded) in enumerate(zip(partials, node.partials)):
        now = partial.data if isinstance(partial, Value) else partial
        if now != recorded and not _close(now, recorded):
            name = node.parents[i].label or f"operand {i}"
            raise ValueError(
                f"∂{node.op.name}/∂({name}) was {recorded!r} when it was recorded and is {now!r} now: "
                "an operand's data has changed since, so record the graph again"
            )
    return partials


def _close(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12) or (x != x and y != y)


def _product(upstream: Term, partial: Term) -> Term:
    if partial.__class__ is float and partial == 1.0:
        return upstream
    if upstream.__class__ is float and upstream == 1.0:
        return partial
    return upstream * partial


def _total(terms: list[Term]) -> Term:
    if len(terms) == 1:
        return terms[0]
    total: Term = ops.sum(terms)
    return total


def _checked(what: str, values: Values) -> list[Value]:
    """`values` as a list; TypeError if one is no Value."""
    if not isinstance(values, Value | Iterable):
        raise TypeError(f"{what} must be a Value or a sequence of Values, got {type(values).__name__}")
    listed = [values] if isinstance(values, Value) else list(values)
    for i, value in enumerate(listed):
        if not isinstance(value, Value):
            raise TypeError(f"{what} must be Values, but number {i} is {value!r} ({type(value).__name__})")
    return listed


def _matched(what: str, values: Values, vector: Any) -> tuple[list[Value], list[Term]]:
    """`values` and `vector` as lists; ValueError if their lengths differ."""
    listed = _checked(what, values)
    entries = list(vector) if isinstance(vector, Iterable) else [vector]
    if len(listed) != len(entries):
        raise ValueError(f"the vector needs an entry for each of {len(listed)} {what}, not {len(entries)}")
    return listed, [entry if isinstance(entry, Value) else number(entry) for entry in entries]


def _like(given: Values, terms: list[Term]) -> Any:
    # A number becomes a leaf of its own, not a constant: it may be an input of what is computed from it.
    results = [term if isinstance(term, Value) else Value(term) for term in terms]
    return results[0] if isinstance(given, Value) else results


def flattened(nested: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The entries of nested lists, and the function that puts others in their places."""
    if not isinstance(nested, list | tuple):
        return [nested], lambda entries: entries[0]
    parts = [flattened(part) for part in nested]

    def rebuild(entries: list[Any]) -> list[Any]:
        rest = iter(entries)
        return [build([next(rest) for _ in part]) for part, build in parts]

    return [entry for part, _ in parts for entry in part], rebuild
