"""Explaining a gradient: every path from a value to the output, and what each contributes."""

from collections.abc import Mapping
from itertools import chain, count, islice
from types import MappingProxyType
from typing import Any, overload

from autograd import ops
from autograd.explaining.explanation import Explanation, LocalDerivatives
from autograd.explaining.paths import Path, between, carried, largest, number_of_paths
from autograd.graph import topological_order
from autograd.naming import Model, known_names, node_names
from autograd.value import Value

__all__ = ["explain"]

Names = Mapping[str, Any] | None


@overload
def explain(
    output: Value, *, names: Names = None, model: Model | None = None, most: int = 10
) -> LocalDerivatives: ...
@overload
def explain(
    output: Value, w: Value, *, names: Names = None, model: Model | None = None, most: int = 10
) -> Explanation: ...
def explain(
    output: Value,
    w: Value | None = None,
    *,
    names: Names = None,
    model: Model | None = None,
    most: int = 10,
) -> Explanation | LocalDerivatives:
    """Every path from `w` to `output` as a product of local derivatives, and their sum: the gradient.

    Of more than `most` paths, the `most` largest by |product| are listed and the rest are only counted.
    Without `w`: the local derivatives of `output`, for each of its operands. `names`, such as locals(), names
    the values that have no label, and `model` those that are its parameters. Nothing in the graph is changed.
    Raises TypeError for anything that is no Value, ValueError for a constant.

    >>> Z, y = Value(0.3, "Z"), Value(1.0, "y")
    >>> A = ops.sigmoid(Z)
    >>> A.label = "A"
    >>> print(explain(ops.binary_cross_entropy(A, y), Z))
    ∂L/∂Z = ∂L/∂A · ∂A/∂Z
          = (−y/A + (1 − y)/(1 − A)) · A·(1 − A)
          = (−1/0.5744 + (1 − 1)/(1 − 0.5744)) · 0.5744·(1 − 0.5744)
          = (−1.741) · 0.2445
          = −0.4256
    <BLANKLINE>
    where
      A = σ(Z) = σ(0.3) = 0.5744
      L = −y·log(A) − (1 − y)·log(1 − A) = −1·log(0.5744) − (1 − 1)·log(1 − 0.5744) = 0.5544
    """
    check_values(output, output if w is None else w)
    check_choices(model, most)
    order = topological_order(output)
    called, numbers = node_names(order, names, model), {node: node.data for node in order}
    if w is None:
        shown = MappingProxyType(called), MappingProxyType(numbers)
        return LocalDerivatives(output, partials(output), *shown, most)
    called[w] = name_of(w, called, names, model)
    numbers[w] = w.data
    return traced(output, w, called, numbers, model, most)


def traced(
    output: Value,
    w: Value,
    names: Mapping[Value, str],
    numbers: Mapping[Value, float],
    model: Model | None,
    most: int,
) -> Explanation:
    """The explanation, once everything has a name."""
    uses = between(w, topological_order(output, last_first=True))  # adds up as backward() does
    paths = sorted(islice(largest(w, output, uses), most), key=by_size)
    return Explanation(
        output,
        w,
        carried(w, output, uses),
        number_of_paths(w, output, uses),
        tuple(paths),
        carried(w, output, uses, signs=False),
        MappingProxyType(names),
        MappingProxyType(numbers),
        model,
    )


def partials(node: Value) -> Mapping[Value, float]:
    """∂node/∂operand for each operand that is no constant."""
    found: dict[Value, float] = {}
    for operand, partial in zip(node.parents, node.partials):
        if operand.op is not ops.constant:
            found[operand] = found.get(operand, 0.0) + partial
    return MappingProxyType(found)


def by_size(path: Path) -> tuple[bool, float, tuple[int, ...]]:
    """Sorts nan first, then the largest, and equals by the positions of operands."""
    size = abs(path.product)
    return size == size, -size, path.positions[::-1]


def name_of(w: Value, called: Mapping[Value, str], names: Names, model: Model | None) -> str:
    """What `w` is called: a leaf without a name, which in a formula is its number, is called w here."""
    known = known_names([w], names, model)
    if w in known:
        return known[w]
    if not w.is_leaf and w in called:
        return called[w]
    taken = set(called.values())
    return next(name for name in chain(["w"], (f"w{i}" for i in count(1))) if name not in taken)


def check_values(output: object, w: object) -> None:
    """Raise TypeError for what is no Value, and ValueError for a constant."""
    for what, given in (("output", output), ("w", w)):
        if not isinstance(given, Value):
            raise TypeError(f"{what} must be a Value, got {given!r} ({type(given).__name__})")
        if given.op is ops.constant:
            raise ValueError(
                f"{what} is the constant {given.data:g}, a number that an operator took: "
                "use a Value in its place to ask for its derivative"
            )


def check_choices(model: object, most: object) -> None:
    """Raise TypeError or ValueError for other arguments that are no choice."""
    if model is not None and not hasattr(model, "named_parameters"):
        raise TypeError(f"model must have named_parameters(), as a Module does; got {model!r}")
    if not isinstance(most, int):
        raise TypeError(f"most must be a whole number, got {most!r} ({type(most).__name__})")
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
