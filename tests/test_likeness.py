"""Groups of an irregular graph: the small ones of one depth are one, and the numbers remain."""

import numpy as np
import pytest
from graphs import SMOOTH, recipes
from hypothesis import given, settings
from programs import by_reference

from autograd import Value, compile
from autograd.compiler.plans import likeness


def irregular(leaves):
    """Two hundred nodes, each of one of four operations on some that are there."""
    nodes = list(leaves)
    for i in range(200):
        a, b = nodes[(7 * i) % len(nodes)], nodes[(i * i) % len(nodes)]
        nodes.append([a * b, a - b, a.sin(), b.tanh()][i * i % 11 % 4])
    return sum(node.tanh() for node in nodes)


def test_small_groups_are_merged(monkeypatch):
    """Far fewer instructions, of operands from anywhere, and the same value and gradient."""
    w = [Value(0.1 * i - 0.3) for i in range(7)]
    rows = np.linspace(-1.0, 1.0, 21).reshape(3, 7)

    def compiled(many):
        monkeypatch.setattr(likeness, "MANY", many)
        program = compile(lambda x: irregular([a + b * b for a, b in zip(x, w)]), rows[0])
        value, gradient = program.value_and_grad(rows)
        by_value = dict(zip(program.values, gradient))
        return program.stats()["groups"], value, [by_value[v] for v in w]

    apart, value, gradient = compiled(10**9)
    merged, merged_value, merged_gradient = compiled(0)
    assert 4 * merged < apart
    assert merged_value == pytest.approx(value, rel=1e-12)
    assert merged_gradient == pytest.approx(gradient, rel=1e-10)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(recipes(SMOOTH, most=25))
def test_any_graph_can_be_merged(recipe):
    """Merged as far as possible, kernels and reference still give the value and the gradient of the graph."""
    leaves = [Value(x) for x in recipe.point]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "MANY", 0)
        program = compile(lambda x: recipe([leaf + x for leaf in leaves]), 0.0)
        values = [program.value_and_grad([0.0, 0.0])]
    values.append(by_reference(program).value_and_grad([0.0, 0.0]))
    result = recipe(leaves)
    result.backward()
    scale = 1.0 + max(abs(leaf.grad) for leaf in leaves)
    for value, gradient in values:
        assert value == pytest.approx(result.data, rel=1e-9, abs=1e-9)
        assert gradient == pytest.approx([leaf.grad for leaf in program.values], rel=1e-9, abs=1e-9 * scale)
