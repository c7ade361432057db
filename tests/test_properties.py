"""Random graphs, on which every way to a derivative has to agree. GRAPHS=10000 runs that many of them."""

import os

import pytest
from graphs import KINKED, SMOOTH, recipes, recursive_order, sensitivities
from hypothesis import HealthCheck, given, settings

from autograd import grad, hessian, hvp, jvp, vjp
from autograd.backpropagation import interior_nodes
from autograd.graph import topological_order

SMALLEST = 1e-290  # below, numbers lose their digits to underflow
GRAPHS = int(os.environ.get("GRAPHS", "300"))
random_graphs = settings(
    max_examples=GRAPHS, deadline=None, derandomize=GRAPHS < 1000, suppress_health_check=list(HealthCheck)
)


def disagreement(recipe):
    """The largest difference of backward, grad and jvp, relative to the sum of all paths' absolute values."""
    output, leaves = recipe.record()
    output.backward()
    scale = sensitivities(output)
    gradients = grad(output, leaves)
    worst = 0.0
    for i, leaf in enumerate(leaves):
        forward = jvp(output, leaves, [float(i == j) for j in range(len(leaves))])
        ways = [leaf.grad, gradients[i].data, forward.data]
        assert all(way - way == 0.0 for way in ways)
        if leaf not in scale:
            assert ways == [0.0, 0.0, 0.0]
            continue
        worst = max(worst, (max(ways) - min(ways)) / max(scale[leaf], SMALLEST))
    return worst


@random_graphs
@given(recipes(KINKED))
def test_backward_grad_and_jvp_agree(recipe):
    """backward(), grad and jvp give the same derivatives of any graph, to 1e-9."""
    assert disagreement(recipe) < 1e-9


@random_graphs
@given(recipes(SMOOTH, most=8))
def test_central_differences_agree(recipe):
    """The gradients of smooth graphs are what moving an input a little shows."""
    output, leaves = recipe.record()
    scale = sensitivities(output)
    for i, (gradient, x) in enumerate(zip(grad(output, leaves), recipe.point)):
        h = 1e-5
        above, below = ([*recipe.point[:i], x + d, *recipe.point[i + 1 :]] for d in (h, -h))
        rise = recipe.at(above) - recipe.at(below)
        numeric = rise / (above[i] - below[i])
        assert gradient.data == pytest.approx(numeric, abs=1e-6 * (1.0 + scale.get(leaves[i], 0.0)))


@random_graphs
@given(recipes(SMOOTH, most=6))
def test_second_derivatives_agree(recipe):
    """The Hessian is symmetric; hvp is its product with a vector, and forward mode over the gradient too."""
    output, leaves = recipe.record()
    rows = [[entry.data for entry in row] for row in hessian(output, leaves)]
    size = 1.0 + max(abs(entry) for row in rows for entry in row)
    vector = [0.5 - i for i in range(len(leaves))]
    product = [sum(entry * v for entry, v in zip(row, vector)) for row in rows]
    over_reverse = jvp(grad(output, leaves), leaves, vector)
    for i, row in enumerate(rows):
        assert row == pytest.approx([rows[j][i] for j in range(len(leaves))], abs=1e-9 * size)
    assert [entry.data for entry in hvp(output, leaves, vector)] == pytest.approx(product, abs=1e-9 * size)
    assert [entry.data for entry in over_reverse] == pytest.approx(product, abs=1e-9 * size)


@random_graphs
@given(recipes(KINKED))
def test_forward_and_reverse_mode_are_dual(recipe):
    """uᵀ(Jv) = (uᵀJ)v for several outputs, whichever nodes the inputs are."""
    output, _ = recipe.record()
    order = topological_order(output)
    outputs = order[-3:]
    inputs = [node for node in order if not node.partials or 1.0 in node.partials][:4]
    u, v = [1.0, -0.5, 2.0][: len(outputs)], [0.25 + i for i in range(len(inputs))]
    forward = sum(weight * way.data for weight, way in zip(u, jvp(outputs, inputs, v)))
    reverse = sum(way.data * direction for way, direction in zip(vjp(outputs, inputs, u), v))
    size = sum(sum(sensitivities(node).values()) for node in outputs) * max(v) * 2.0
    assert forward == pytest.approx(reverse, abs=1e-12 * size)


@random_graphs
@given(recipes(KINKED, most=30))
def test_orders_agree(recipe):
    """topological_order is the recursive depth-first order, also the last operand first, as backward's own."""
    output, leaves = recipe.record()
    expected = recursive_order(output)
    assert topological_order(output) == expected
    assert recursive_order(*leaves, output) == topological_order(*leaves, output)
    last_first = recursive_order(output, last_first=True)
    assert topological_order(output, last_first=True) == last_first
    if output.parents:
        assert interior_nodes(output) == [node for node in last_first if node.parents]


@random_graphs
@given(recipes(KINKED))
def test_contributions_are_added_in_the_order_of_interior_nodes(recipe):
    """Going through it reversed, each node passing on to its operands in turn, gives backward()'s bits."""
    output, leaves = recipe.record()
    if not output.parents:
        return
    total = dict.fromkeys([*interior_nodes(output), *leaves], 0.0)
    total[output] = 1.0
    for node in reversed(interior_nodes(output)):
        for parent, partial in zip(node.parents, node.partials):
            total[parent] = total.get(parent, 0.0) + total[node] * partial
    output.backward()
    assert {node: node.grad.hex() for node in total} == {node: grad.hex() for node, grad in total.items()}


@random_graphs
@given(recipes(KINKED))
def test_recording_again_gives_the_same_bits(recipe):
    """The same function at the same point gives the same number and gradients to the last bit."""
    results = []
    for _ in range(2):
        output, leaves = recipe.record()
        output.backward()
        output.backward()
        results.append([output.data, *[leaf.grad for leaf in leaves]])
    assert results[0] == results[1]
