"""Tests of the rows of a picture, and of fused operations opened into what they stand for."""

import math

import pytest
from graphs import KINKED, recipes
from hypothesis import given, settings

import autograd
from autograd import Op, Value, function, ops
from autograd.drawing.unfolding import rows
from autograd.graph import topological_order

EXAMPLES = {
    "leaky_relu": lambda p, q, r: autograd.leaky_relu(-p, q),
    "elu": lambda p, q, r: autograd.elu(-p, q),
    "softplus": lambda p, q, r: autograd.softplus(p),
    "gelu": lambda p, q, r: autograd.gelu(p),
    "silu": lambda p, q, r: autograd.silu(p),
    "sum": lambda p, q, r: autograd.sum([p, q, p, r, 2.0]),
    "prod": lambda p, q, r: autograd.prod([p, q, p, r, 2.0]),
    "dot": lambda p, q, r: autograd.dot([p, q, 0.5], [q, 1.5, r], p),
    "logsumexp": lambda p, q, r: autograd.logsumexp([p, q, p, r]),
    "cross_entropy": lambda p, q, r: autograd.cross_entropy([p, q, r], 1),
    "binary_cross_entropy": lambda p, q, r: autograd.binary_cross_entropy(p, q),
    "binary_cross_entropy_with_logits": lambda p, q, r: autograd.binary_cross_entropy_with_logits(p, q),
}


def everything(row):
    return True


def nothing(row):
    return False


def shares(drawn):
    """What each value gets by the chain rule from the gradients of the rows that use it."""
    total = {row.value: 0.0 for row in drawn}
    for row in drawn:
        for parent, partial in zip(row.parents, row.partials):
            if parent in total:
                total[parent] += row.value.grad * partial
    return total


def agrees(x, y):
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)


def test_a_row_for_each_node_after_its_operands():
    """Unasked, nothing is opened; constants have no row of their own."""
    a, b = Value(2.0), Value(3.0)
    z = autograd.dot([a, 2.0], [b, a]) / a - 1.0
    nodes = [node for node in topological_order(z) if node.op is not ops.constant]
    assert [(row.value, row.op) for row in rows([z], nothing)] == [(node, node.op) for node in nodes]


def test_the_examples_are_all_that_can_be_opened():
    """A row of the table that says what it stands for is tested below."""
    expandable = {name for name, row in vars(ops).items() if isinstance(row, Op) and row.expand}
    assert expandable == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_inner_gradients_follow_the_chain_rule(name):
    """What reaches each operand through the inner nodes is the gradient that the fused row gave it."""
    leaves = [Value(0.3), Value(0.6), Value(0.8)]
    z = EXAMPLES[name](*leaves)
    (z * 3.0).backward()
    drawn = rows([z], everything)
    assert name not in {row.op.name for row in drawn if row.op}
    total = shares(drawn)
    for row in drawn:
        if row.value is not z:
            assert agrees(total[row.value], row.value.grad)
        if row.op:
            assert agrees(row.op.value(tuple([parent.data for parent in row.parents])), row.value.data)


@given(recipes(KINKED, most=8))
@settings(max_examples=60, deadline=None)
def test_random_graphs_open_with_right_gradients(recipe):
    """Every gradient of a graph with all its rows opened is the sum of what its users pass to it."""
    z, _ = recipe.record()
    z.backward()
    drawn = rows([z], everything)
    total = shares(drawn)
    assert all(agrees(total[row.value], row.value.grad) for row in drawn if row.value is not z)


def test_the_gradient_of_the_inner_exponentials():
    """In log Σ exp(x), ∂z/∂exp(x) is 1 / Σ exp(x), though z itself was never told."""
    x, y = Value(0.0), Value(math.log(3.0))
    z = autograd.logsumexp([x, y])
    z.backward()
    exponentials = [row.value for row in rows([z], everything) if row.op is ops.exp]
    assert [value.grad for value in exponentials] == pytest.approx([0.25, 0.25])


def test_nothing_is_computed_that_was_not_computed():
    """Before backward() the inner nodes have no gradient either."""
    z = autograd.sum([Value(1.0), Value(2.0), Value(3.0)])
    assert not any(row.value.has_grad for row in rows([z], everything))


def test_the_graph_stays_as_it_is():
    """Neither nodes nor operands nor numbers nor gradients of the user's graph change."""
    leaves = [Value(0.3), Value(0.6), Value(0.8)]
    root = autograd.sum([example(*leaves) for example in EXAMPLES.values()])
    root.backward()

    def state():
        return [(n, n.data, n.grad, n.op, n.label, n.parents, n.partials) for n in topological_order(root)]

    before = state()
    rows([root], everything)
    assert state() == before


def test_only_what_is_asked_for_is_opened():
    """Which rows open is the caller's choice, also for those that come out of others."""
    z = autograd.cross_entropy([Value(1.0), Value(2.0)], 0)

    def names(opened):
        return [row.op.name for row in rows([z], lambda row: row.op in opened) if row.op]

    assert names([]) == ["cross_entropy"]
    assert names([ops.cross_entropy]) == ["logsumexp", "sub"]
    assert names([ops.cross_entropy, ops.logsumexp, ops.sum]) == ["exp", "exp", "add", "log", "sub"]


def test_constants_stay_constants():
    """What an opened row computes from constants alone is a constant again."""
    z = autograd.binary_cross_entropy(Value(0.3), 1.0)
    opened = rows([z], everything)
    assert all(row.operands or row.op is None for row in opened)
    assert len(rows([autograd.sum([Value(1.0)])], everything)) == 2


def test_a_row_that_stands_for_itself_is_left_alone():
    """An operation of the user's whose expansion is a leaf, a number or itself does not open, nor hang."""
    same = function("same", lambda x: x, lambda x, z: 1.0, expand=lambda x: x)
    loop = function("loop", lambda x: x, lambda x, z: 1.0, expand=lambda x: loop(x))
    number = function("number", lambda x: 1.0, lambda x, z: 0.0, expand=lambda x: 1.0)
    for op in (same, loop, number):
        assert [row.op for row in rows([op(Value(2.0))], everything)] == [None, op]


def test_a_constant_that_is_the_root_has_a_row():
    """The picture of a constant is not empty."""
    constant = next(parent for parent in (Value(1.0) + 2.0).parents if parent.op is ops.constant)
    assert [row.value for row in rows([constant], nothing)] == [constant]


def test_depth_is_no_limit():
    """A chain of 20,000 fused nodes opens without recursion."""
    z = Value(1.0)
    for _ in range(20_000):
        z = autograd.sum([z, 0.5])
    assert len(rows([z], everything)) == 20_001
