"""Paths through a graph: how many there are, what they carry together, and the largest of them.

Only the largest are ever enumerated: a graph of a hundred nodes can have more paths than there are atoms.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, NamedTuple

from autograd.graph import depending_on
from autograd.value import Value

__all__ = ["Path", "Use", "between", "carried", "largest", "number_of_paths", "total"]

# What a product of partials is; also the order of size, in which nan comes first since it spoils the sum.
NAN, INFINITE, FINITE, ZERO = range(4)
NOWHERE: Final = -math.inf


class Path(NamedTuple):
    """One way from a value to an output: `nodes` from the one to the other, with a partial for each edge.

    nodes[i] is operand number positions[i] of nodes[i + 1], and partials[i] is ∂nodes[i + 1]/∂nodes[i].
    product: all partials multiplied, in the order of backward(), from the output down.
    """

    nodes: tuple[Value, ...]
    positions: tuple[int, ...]
    partials: tuple[float, ...]
    product: float

    def __repr__(self) -> str:
        return f"Path(edges={len(self.partials)}, product={self.product!r})"


class Use(NamedTuple):
    """A use of `parent` as operand number `position` of a node."""

    position: int
    parent: Value
    partial: float


Uses = Mapping[Value, Sequence[Use]]


def between(source: Value, order: Iterable[Value]) -> dict[Value, list[Use]]:
    """The nodes of a topological order that depend on `source`, and their uses of others of them.

    >>> a, b = Value(3.0), Value(2.0)
    >>> c = a * a
    >>> [[use.position for use in uses] for uses in between(a, [a, c, b, c * b]).values()]
    [[0, 1], [0]]
    """
    nodes = list(order)
    relevant = depending_on([source], nodes)
    return {
        node: [Use(i, p, d) for i, (p, d) in enumerate(zip(node.parents, node.partials)) if p in relevant]
        for node in nodes
        if node in relevant and node is not source
    }


def number_of_paths(source: Value, output: Value, uses: Uses) -> int:
    """How many paths lead from `source` to `output`, exactly."""
    left = Counter([use.parent for used in uses.values() for use in used])
    counts = {source: 1}
    for node, used in uses.items():
        counts[node] = sum([counts[use.parent] for use in used])
        for use in used:
            left[use.parent] -= 1
            if not left[use.parent]:
                del counts[use.parent]  # a count can have as many digits as the graph has nodes
    return counts.get(output, 0)


def carried(source: Value, output: Value, uses: Uses, *, signs: bool = True) -> float:
    """The sum over all paths of their products; without their signs, of the absolute values.

    Added up at each node, from the output down: if the nodes are in the order of `backward()`, equal to its
    gradient bit for bit.
    """
    gradients = {output: 1.0}
    for node, used in reversed([*uses.items()]):
        upstream = gradients.pop(node, 0.0)
        for _, parent, partial in used:
            contribution = upstream * (partial if signs else abs(partial))
            gradients[parent] = gradients.get(parent, 0.0) + contribution
    return gradients.get(source, 0.0)


def total(numbers: Sequence[float]) -> float:
    """Σ numbers, rounded once."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # beyond the largest float, or ∞ − ∞
        return sum(numbers)


def largest(source: Value, output: Value, uses: Uses) -> Iterator[Path]:
    """The paths from `source` to `output`, those with the largest |product| first: nan, ∞, …, 0.

    Best first: a path that leaves a better one at some node is as good as the part that they share and the
    best that is left from there on, which is known for every node beforehand. So the next path takes time
    proportional to its edges and their neighbours.
    """
    best = best_below(source, uses)
    newest = count(0, -1)  # among equals the last one found, which shares most with one that is known
    for kind in sorted(best.get(output, {})):
        found: list[Any] = [(-best[output][kind], next(newest), None, 0.0, output, kind)]
        while found:
            _, _, edges, size, node, kind_left = heappop(found)
            while node is not source:
                first, *others = ways(uses[node], kind_left, best)
                for bound, weight, use, left in others:
                    start = (use, edges)
                    entry = (-size - bound, next(newest), start, size + weight, use.parent, left)
                    heappush(found, entry)
                _, weight, use, kind_left = first
                edges, size, node = (use, edges), size + weight, use.parent
            yield path_along(edges, source, output)


def path_along(edges: Any, source: Value, output: Value) -> Path:
    """The path of `edges`: the last use and what stood before it, as nested pairs."""
    used: list[Use] = []
    while edges is not None:
        use, edges = edges
        used.append(use)
    nodes = (source, *[use.parent for use in used[1:]], output) if used else (source,)
    partials = tuple([use.partial for use in used])
    return Path(nodes, tuple([use.position for use in used]), partials, math.prod(partials[::-1], start=1.0))


def best_below(source: Value, uses: Uses) -> dict[Value, dict[int, float]]:
    """For each node and kind of product, log₂ of the largest finite part of a path from `source` to it."""
    best: dict[Value, dict[int, float]] = {source: {FINITE: 0.0}}
    for node, used in uses.items():
        table: dict[int, float] = {}
        for _, parent, partial in used:
            kind, weight = weighed(partial)
            for other, size in best[parent].items():
                together = kind_of_product(kind, other)
                if weight + size > table.get(together, NOWHERE):
                    table[together] = weight + size
        best[node] = table
    return best


def ways(
    used: Iterable[Use], wanted: int, best: Mapping[Value, Mapping[int, float]]
) -> list[tuple[float, float, Use, int]]:
    """(bound, log₂ |partial|, use, kind of the rest) of the ways down to a product of the `wanted` kind."""
    found = []
    for use in used:
        kind, weight = weighed(use.partial)
        for left, size in best[use.parent].items():
            if kind_of_product(kind, left) == wanted:
                found.append((weight + size, weight, use, left))
    return sorted(found, key=lambda way: -way[0]) if len(found) > 1 else found


def weighed(partial: float) -> tuple[int, float]:
    """What kind of number a partial is, and log₂ of its size if it has one: no product of these overflows."""
    if partial != partial:
        return NAN, 0.0
    if partial == 0.0:
        return ZERO, 0.0
    size = abs(partial)
    return (INFINITE, 0.0) if size == math.inf else (FINITE, math.log2(size))


def kind_of_product(x: int, y: int) -> int:
    """The kind of a product: 0 · ∞ is nan."""
    if x in (FINITE, y):
        return y
    return x if y == FINITE else NAN
