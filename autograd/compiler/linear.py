"""Sums of products: chains of + and × become one sum or one dot each, as a person would write them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd import ops
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Node", "simplified"]

Pair = tuple[Value, Value]


@dataclass
class Node:
    """A computed number: op applied to `terms`; for a dot, Σ of the products of `pairs` and of the terms."""

    value: Value | None
    op: Op
    terms: list[Value]
    pairs: list[Pair] = field(default_factory=list)


def simplified(order: list[Value], kept: set[Value], sinks: Sequence[Value]) -> tuple[list[Node], list[Node]]:
    """The nodes of `order` that are left after chains are joined, and a sum for each of `sinks`.

    order: the nodes with operands, in topological order. kept: those that must remain nodes of their own.
    What only one sum uses, and nobody asked for, is absorbed by that sum.
    """
    uses = Counter(parent for value in order for parent in value.parents)
    uses.update(kept)
    uses.update(sinks)
    single = {value for value in order if uses[value] == 1}
    absorbed: set[Value] = set()
    sums = [_linear(Node(None, ops.sum, []), [sink], single, absorbed) for sink in sinks]
    nodes: list[Node] = []
    for value in reversed(order):
        if value in absorbed:
            continue
        op, operands = value.op, list(value.parents)
        assert op is not None
        if op is ops.dot:
            node = Node(value, op, [])
            node = _linear(node, [_pairs_of_dot(node, operands)], single, absorbed)
        elif op is ops.add or op is ops.sum:
            node = _linear(Node(value, ops.sum, []), operands, single, absorbed)
        else:
            node = Node(value, op, operands)
        nodes.append(node)
    nodes.reverse()
    return nodes, sums


def _linear(node: Node, operands: list[Value], single: set[Value], absorbed: set[Value]) -> Node:
    """`node` with Σ operands taken apart into pairs and terms, from left to right."""
    stack = operands[::-1]
    while stack:
        value = stack.pop()
        if value not in single:
            node.terms.append(value)
        elif value.op is ops.add or value.op is ops.sum:
            absorbed.add(value)
            stack.extend(reversed(value.parents))
        elif value.op is ops.mul:
            absorbed.add(value)
            node.pairs.append(value.parents)  # type: ignore[arg-type]  # a product has two
        elif value.op is ops.dot:
            absorbed.add(value)
            stack.append(_pairs_of_dot(node, list(value.parents)))
        else:
            node.terms.append(value)
    node.terms = [term for term in node.terms if not (term.op is ops.constant and term.data == 0.0)]
    if node.pairs:
        node.op = ops.dot
    return node


def _pairs_of_dot(node: Node, operands: list[Value]) -> Value:
    """Add the products of a dot's operands to `node`, and return its bias."""
    n = len(operands) // 2
    node.pairs.extend(zip(operands[:n], operands[n:-1]))
    return operands[-1]
