"""Chains of + and ×: what becomes one sum or dot, and what stays a node of its own."""

from dataclasses import dataclass, field

import autograd
from autograd import Op, Value, ops
from autograd.compiler.plans.linear import simplified
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order


@dataclass
class Node:
    """A node of what is left, in terms of the Values that were recorded."""

    value: Value | None
    op: Op | None
    terms: list[Value]
    pairs: list[tuple[Value, Value]] = field(default_factory=list)


def leaves(n):
    return [Value(float(i + 1)) for i in range(n)]


def simple(*outputs, sinks=()):
    """The nodes that are left, and the sums that the sinks are."""
    order = topological_order(*outputs, *sinks)
    given = [value for value in order if value.is_leaf and value.op is None]
    tape = Tape()
    place = tape.extend(order, given)
    value_at = {number: value for value, number in place.items()}
    result = simplified(
        tape, [place[v] for v in given], [place[v] for v in outputs], [place[v] for v in sinks]
    )

    op_of = tape.arrays().ops
    blocks = []
    for i, what in enumerate(result.what.tolist()):
        row = [value_at[n] for n in result.rows[result.bounds[i] : result.bounds[i + 1]].tolist()]
        value = value_at[int(result.nodes[i])] if i < len(result.nodes) else None
        if what >= 0:
            blocks.append(Node(value, op_of[what], row))
        else:
            pairs = -1 - what
            terms = row[2 * pairs :]
            factors = list(zip(row[:pairs], row[pairs : 2 * pairs]))
            blocks.append(Node(value, ops.dot if pairs else ops.sum, terms, factors))
    return blocks[: len(result.nodes)], blocks[len(result.nodes) :]


def number(node):
    """What a node stands for, from the data of its operands."""
    if node.op in (ops.sum, ops.dot):
        return sum(a.data * b.data for a, b in node.pairs) + sum(term.data for term in node.terms)
    return node.value.data


def test_products_and_sums_become_one_dot():
    """w₁x₁ + w₂x₂ + b is one node, from left to right, as dot itself is."""
    a, b, c, d, e = leaves(5)
    for z in (a * b + c * d + e, autograd.dot([a, c], [b, d], e), e + a * b + autograd.dot([c], [d])):
        (node,), _ = simple(z)
        assert (node.value, node.op) == (z, ops.dot)
        assert (node.pairs, node.terms) == ([(a, b), (c, d)], [e])


def test_sums_without_products_stay_sums():
    """A tree of + is one sum of its leaves in order."""
    a, b, c, d = leaves(4)
    (node,), _ = simple((a + (b + c)) + autograd.sum([d, a]))
    assert (node.op, node.terms, node.pairs) == (ops.sum, [a, b, c, d, a], [])


def test_what_is_used_twice_stays_a_node():
    """A product or sum that something else uses, or that is a result, is computed once and kept."""
    a, b, c = leaves(3)
    product = a * b
    twice = (product + c) * product
    nodes, _ = simple(twice)
    assert [node.op for node in nodes] == [ops.mul, ops.sum, ops.mul]
    nodes, _ = simple(product, product + c)
    assert nodes[0].value is product
    assert nodes[1].terms == [product, c]
    nodes, _ = simple((s := a + b) + s)
    assert nodes[1].terms == [s, s]


def test_a_square_is_a_pair_of_one_operand():
    """a·a + b keeps both factors."""
    a, b = leaves(2)
    (node,), _ = simple(a * a + b)
    assert (node.pairs, node.terms) == ([(a, a)], [b])


def test_zeros_are_left_out():
    """The constant 0 that starts a sum adds nothing; one that may change does."""
    a, b, zero = Value(1.0), Value(2.0), Value(0.0)
    (node,), _ = simple(0.0 + a * b)
    assert (node.pairs, node.terms) == ([(a, b)], [])
    (node,), _ = simple(zero + a * b)
    assert node.terms == [zero]


def test_sinks_are_taken_apart():
    """What is added up over rows becomes pairs and terms, without a node for their sum."""
    a, b, c = leaves(3)
    nodes, (total, alone) = simple(sinks=[a * b + c.sin(), a])
    assert [node.op for node in nodes] == [ops.sin]
    assert (total.pairs, [term.op for term in total.terms]) == ([(a, b)], [ops.sin])
    assert (alone.pairs, alone.terms) == ([], [a])


def test_other_operations_end_a_chain():
    """−, ÷ and functions are nodes, and their operands are sums of their own."""
    a, b, c = leaves(3)
    nodes, _ = simple((a * b + c) - (a + b) / c)
    assert [node.op for node in nodes] == [ops.dot, ops.sum, ops.div, ops.sub]


def test_order_and_numbers_remain():
    """Nodes come after what they use, and stand for the numbers that they did."""
    a, b, c, d = leaves(4)
    x = a * b + c
    y = autograd.dot([x, a], [x, d], x)
    z = y + x * (b + c * d) + autograd.sum([a, y * a, y.tanh()])
    nodes, _ = simple(z)
    seen = {a, b, c, d}
    for node in nodes:
        assert {*node.terms, *[operand for pair in node.pairs for operand in pair]} <= seen
        assert abs(number(node) - node.value.data) < 1e-9
        seen.add(node.value)
    assert nodes[-1].value is z


def test_long_chains():
    """A sum of 100,000 terms, typed as a chain or nested to the right, is one node."""
    a, b = leaves(2)
    left = right = a
    for _ in range(100_000):
        left, right = left + b, b + right
    for z in (left, right):
        (node,), _ = simple(z)
        assert len(node.terms) == 100_001
