"""A graph as lines of an indented tree: the output first, under each node its operands."""

from collections.abc import Collection
from typing import NamedTuple

from autograd import ops
from autograd.value import Value

__all__ = ["Line", "outline"]


class Line(NamedTuple):
    """One use of a node: as operand number `position` of `user`, None for the output, at some depth.

    again: whether the node stands, with all below it, at a line further up.
    """

    node: Value
    user: Value | None
    position: int
    depth: int
    again: bool


def outline(nodes: Collection[Value], roots: list[Value]) -> list[Line]:
    """The lines of what `roots` are computed from, by the operations of `nodes`; constants have none.

    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> [(line.node.data, line.depth, line.again) for line in outline({a, b}, [b])]
    [(4.0, 0, False), (2.0, 1, False), (2.0, 1, True)]
    """
    lines: list[Line] = []
    seen: set[Value] = set()
    pending = [Line(root, None, 0, 0, False) for root in reversed(roots)]
    while pending:
        line = pending.pop()
        node = line.node
        lines.append(line._replace(again=node in seen))
        opens = node in nodes and node not in seen
        seen.add(node)
        if not opens:
            continue
        below = [(i, p) for i, p in enumerate(node.parents) if p.op is not ops.constant]
        pending.extend([Line(p, node, i, line.depth + 1, False) for i, p in reversed(below)])
    return lines
