"""Graphs of any depth, copied and pickled without recursion."""

from typing import TYPE_CHECKING, Any

from autograd.graph import topological_order
from autograd.operands import pack

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["copied", "flatten", "restore"]

Row = tuple[float, float | None, str, Any, tuple[int, ...], tuple[float, ...]]


def copied(root: "Value", memo: dict[int, Any]) -> "Value":
    """A copy of `root` and of every node that it depends on, but for those that `memo` has copies of by id.

    The copies are added to `memo`, so that graphs that are copied together go on sharing their nodes.
    """
    stack = [root]
    while stack:
        node = stack[-1]
        missing = [parent for parent in reversed(node.parents) if id(parent) not in memo]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        if id(node) not in memo:
            memo[id(node)] = _twin(node, tuple([memo[id(parent)] for parent in node.parents]))
    result: Value = memo[id(root)]
    return result


def _twin(node: "Value", operands: tuple["Value", ...]) -> "Value":
    twin = object.__new__(type(node))
    twin.data, twin.grad, twin.label, twin.op = node.data, node.grad, node.label, node.op
    twin.x, twin.y = pack(operands) if operands else (None, None)
    twin.x_partial, twin.y_partial = node.x_partial, node.y_partial
    return twin


def flatten(root: "Value") -> tuple[list["Value"], list[Row]]:
    """The leaves below `root`, and a row for each other node that refers to its operands by position."""
    order = topological_order(root)
    leaves = [node for node in order if node.is_leaf]
    interior = [node for node in order if not node.is_leaf]
    position = {node: i for i, node in enumerate(leaves + interior)}

    def row(node: "Value") -> Row:
        grad = node.grad if node.has_grad else None
        operands = tuple([position[parent] for parent in node.parents])
        return node.data, grad, node.label, node.op, operands, node.partials

    return leaves, [row(node) for node in interior]


def restore(kind: type["Value"], leaves: list["Value"], rows: list[Row]) -> "Value":
    """The node that `flatten` took apart: the last row, on `leaves`."""
    nodes = list(leaves)
    for data, grad, label, op, positions, partials in rows:
        node = kind(data, label)
        if grad is not None:
            node.grad = grad
        node.op = op
        node.x, node.y = pack(tuple([nodes[i] for i in positions]))
        node.x_partial, node.y_partial = pack(partials)
        nodes.append(node)
    return nodes[-1]
