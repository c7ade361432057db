"""Names for all nodes of a graph, so that a sentence or a formula can speak of each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol

from autograd import ops
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
    """What nodes are called already: by their own label, else in `names`, else in the model.

    Two neurons' weights may both be w[0]: a picture tells them apart by where they stand.
    """
    found = {} if model is None else {value: written(name) for name, value in model.named_parameters()}
    found.update(names_in({} if names is None else names))
    found.update({node: node.label for node in order if node.label})
    return found


def node_names(
    order: Sequence[Value], names: Mapping[str, Any] | None = None, model: Model | None = None
) -> dict[Value, str]:
    """A name for each node of `order`, a topological order whose last node is the output.

    Known names first, a parameter's with all indices on the way to it where the last ones do not tell it
    apart: w[0,3,1] for layers[0].neurons[3].w[1]. A nameless leaf is called by its number, beside a model
    x1, x2, …; a nameless node v1, v2, … in the order of computation, and a nameless output L.

    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> c = b * b
    >>> list(node_names([a, b, c]).values())
    ['a', 'v1', 'L']
    """
    known = known_names(order, names, model)
    if model is not None:
        known.update(_told_apart(known, model))
    taken = set(known.values())
    inputs, nodes = _numbered("x", taken), _numbered("v", taken)
    found: dict[Value, str] = {}
    for node in order:
        if node in known:
            found[node] = known[node]
        elif node.is_leaf:
            found[node] = number(node.data) if model is None or node.op is ops.constant else next(inputs)
        else:
            found[node] = "L" if node is order[-1] and "L" not in taken else next(nodes)
    return found


def _numbered(letter: str, taken: set[str]) -> Iterator[str]:
    """letter1, letter2, … but for those that are taken."""
    return (name for i in count(1) if (name := f"{letter}{i}") not in taken)


def _told_apart(known: Mapping[Value, str], model: Model) -> dict[Value, str]:
    """Where parameters share a known name: for all of that attribute, one with all indices of their path."""
    uses = Counter(known.values())
    paths = {value: name.split(".") for name, value in model.named_parameters()}
    shared = {_attribute(path) for value, path in paths.items() if uses[known[value]] > 1}
    return {
        value: f"{_attribute(path)}[{','.join([part for part in path if part.isdigit()])}]"
        for value, path in paths.items()
        if _attribute(path) in shared and not value.label
    }


def _attribute(path: Sequence[str]) -> str:
    """The last attribute's name: w of layers.0.neurons.3.w.1."""
    return next((part for part in reversed(path) if not part.isdigit()), "")
