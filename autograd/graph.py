"""Walks over a computation graph: topological order and edges, from nothing but each node's parents."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol, Self, TypeVar

__all__ = ["depending_on", "edges", "topological_order"]


class Node(Protocol):
    """What a walk needs to know of a node."""

    @property
    def parents(self) -> tuple[Self, ...]:
        """The operands, in order, with repeats."""


N = TypeVar("N", bound=Node)


def topological_order(*roots: N, leaves: Collection[N] = (), last_first: bool = False) -> list[N]:
    """Every node that `roots` depend on, each once and after all its parents; the roots are among them.

    The walk does not go below the nodes in `leaves`, a set or the like. It is depth first, the first operand
    first, or the last, which is how `backward()` goes.

    The order depends on the graph alone, not on hashes or addresses. Takes time linear in the number of
    edges, and a depth of a million without recursion.

    >>> from autograd import Value
    >>> a = Value(2.0, label="a")
    >>> b = a * a
    >>> topological_order(a + b) == [a, b, topological_order(a + b)[2]]
    False
    >>> [node.data for node in topological_order(a + b)]
    [2.0, 4.0, 6.0]
    """
    order: list[N] = []
    entered: set[N] = set()
    waiting: list[N | None] = list(reversed(roots))  # None: the node below it has all its parents in order
    while waiting:
        node = waiting.pop()
        if node is None:
            order.append(waiting.pop())  # type: ignore[arg-type]
        elif node not in entered:
            entered.add(node)
            parents = node.parents
            if not parents or node in leaves:
                order.append(node)
                continue
            waiting += node, None
            waiting += [p for p in (parents if last_first else parents[::-1]) if p not in entered]
    return order


def depending_on(sources: Iterable[N], order: Iterable[N]) -> set[N]:
    """`sources`, and the nodes of `order` that depend on one of them; the order is topological.

    >>> from autograd import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> c = a * b
    >>> depending_on([a], [a, b, c]) == {a, c}
    True
    """
    dependent = set(sources)
    for node in order:
        if any(parent in dependent for parent in node.parents):
            dependent.add(node)
    return dependent


def edges(order: list[N]) -> Iterator[tuple[N, int, N]]:
    """(parent, position, node) for each use of a parent as an operand, in the order of the nodes.

    >>> from autograd import Value
    >>> a = Value(3.0)
    >>> [(parent.data, position, node.data) for parent, position, node in edges([a, a * a])]
    [(3.0, 0, 9.0), (3.0, 1, 9.0)]
    """
    for node in order:
        for position, parent in enumerate(node.parents):
            yield parent, position, node
