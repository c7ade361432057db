"""Names for all nodes of a graph, so that a sentence or a formula can speak of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from autograd.drawing.clusters import written
from autograd.drawing.labels import names_in, number
from autograd.value import Value

__all__ = ["Model", "known_names", "node_names"]


class Model(Protocol):
    """What is needed of a model: its parameters by name, and with them the neurons and layers."""

    def named_parameters(self) -> Iterable[tuple[str, Value]]:
        """Its parameters, with dotted names such as "layers.0.neurons.3.w.1"."""


def known_names(
    order: Iterable[Value], names: Mapping[str, Any] | None = None, model: Model | None = None
) -> dict[Value, str]:
    """What nodes are called already: by their own label, else in `names`, else in the model."""
    found = {} if model is None else {value: written(name) for name, value in model.named_parameters()}
    found.update(names_in({} if names is None else names))
    found.update({node: node.label for node in order if node.label})
    return found


def node_names(
    order: Sequence[Value], names: Mapping[str, Any] | None = None, model: Model | None = None
) -> dict[Value, str]:
    """A name for each node of `order`, a topological order whose last node is the output.

    Known names first; a nameless leaf is called by its number, a nameless node v1, v2, … in the order of
    computation, and a nameless output L. No two nodes with operands share a name that was made up.

    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> c = b * b
    >>> list(node_names([a, b, c]).values())
    ['a', 'v1', 'L']
    """
    known = known_names(order, names, model)
    taken = set(known.values())
    found: dict[Value, str] = {}
    count = 0
    for node in order:
        if node in known:
            found[node] = known[node]
            continue
        if node.is_leaf:
            found[node] = number(node.data)
            continue
        if node is order[-1] and "L" not in taken:
            found[node] = "L"
            continue
        count += 1
        while f"v{count}" in taken:
            count += 1
        found[node] = f"v{count}"
    return found
