"""A graph as rows for a picture, in which fused operations can be opened into what they stand for."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd import ops
from autograd.graph import topological_order
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Row", "rows"]


class Row(NamedTuple):
    """A node as it is to be drawn: its number, and the operation on other nodes that gave it."""

    value: Value
    op: Op | None
    parents: tuple[Value, ...]
    partials: tuple[float, ...]

    @property
    def operands(self) -> list[Value]:
        """The operands that are nodes of the picture: all but the constants."""
        return [parent for parent in self.parents if parent.op is not ops.constant]


def rows(roots: Sequence[Value], opens: Callable[[Row], bool]) -> list[Row]:
    """A row for each node that `roots` depend on, after those of its operands; constants have none.

    A node for which `opens` is true is replaced by the simpler operations that its own stands for, recorded
    on nodes of their own: the graph of the roots stays as it is. Their gradients are what the node's
    gradient gives by the chain rule.

    >>> x, y = Value(2.0), Value(3.0)
    >>> z = ops.dot([x], [y], 1.0)
    >>> [row.op.name for row in rows([z], lambda row: False) if row.op]
    ['dot']
    >>> [row.op.name for row in rows([z], lambda row: row.op is ops.dot) if row.op]
    ['mul', 'add']
    """
    kept = set(roots)  # a constant is drawn only where it is a root itself
    order = topological_order(*roots)
    pending = [Row(node, node.op, node.parents, node.partials) for node in reversed(order)]
    drawn: list[Row] = []
    while pending:
        row = pending.pop()
        inner = opening(row) if opens(row) else []
        if inner:
            pending.extend(reversed(inner))
        elif row.op is not ops.constant or row.value in kept:
            drawn.append(row)
    return drawn


def opening(row: Row) -> list[Row]:
    """The rows that `row` stands for, the last of them its own value; none if its operation is simple."""
    if row.op is None or row.op.expand is None:
        return []
    # A constant stands for itself, so that what is computed from constants alone is one too.
    stand_ins = tuple([p.data if p.op is ops.constant else Value(p.data) for p in row.parents])
    result: Any = row.op.expanded(stand_ins)
    if not isinstance(result, Value) or not result.parents or result.op is row.op:
        return []
    if row.value.has_grad:
        result.backward(row.value.grad)
    original = {s: p for s, p in zip(stand_ins, row.parents) if isinstance(s, Value)} | {result: row.value}
    inner = [node for node in topological_order(result) if node.parents]
    return [
        Row(original.get(n, n), n.op, tuple([original.get(p, p) for p in n.parents]), n.partials)
        for n in inner
    ]
