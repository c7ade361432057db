"""Values as flat lists, so that graphs of any depth can be copied and pickled without recursion."""

from typing import TYPE_CHECKING, Any

from autograd.graph import topological_order
from autograd.operands import pack

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["flatten", "restore"]

Row = tuple[float, float | None, str, Any, tuple[int, ...], tuple[float, ...]]


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
