"""Groups: what is alike in them, and how their operands are ordered; in an irregular graph small ones are one."""

import random

import numpy as np
import pytest
from graphs import SMOOTH, recipes
from hypothesis import given, settings
from programs import by_reference

from autograd import Value, compile, ops
from autograd.compiler.plans import likeness
from autograd.compiler.plans.likeness import SHARED, groups_of
from autograd.compiler.plans.linear import simplified
from autograd.compiler.plans.tape import Tape


def irregular(leaves):
    """Two hundred nodes, each of one of four operations on some that are there."""
    nodes = list(leaves)
    for i in range(200):
        a, b = nodes[(7 * i) % len(nodes)], nodes[(i * i) % len(nodes)]
        nodes.append([a * b, a - b, a.sin(), b.tanh()][i * i % 11 % 4])
    return sum(node.tanh() for node in nodes)


@pytest.mark.parametrize("pairs", [2, 3, 7, 8, 64, 1000])
def test_products_are_sorted_by_group(pairs):
    """Those of lower groups first, in each the lower group's factor, and equals as they were: for each number."""
    tape, draw = Tape(), random.Random(pairs)
    arguments = [[tape.add(None) for _ in range(9)] for _ in range(4)]
    shared = [tape.add(None) for _ in range(9)]
    a, b = [draw.choices([*shared, *arguments[0], *arguments[1], *arguments[3]], k=pairs) for _ in "ab"]
    output = tape.add(ops.dot, (*a, *b, tape.constant(0.0)))
    given = [*shared, *[node for argument in arguments for node in argument]]
    groups = groups_of(len(tape), arguments, simplified(tape, given, [output], []))
    number = groups.number.tolist()
    turned = [(x, y) if number[x] <= number[y] else (y, x) for x, y in zip(a, b)]
    expected = sorted(turned, key=lambda pair: (number[pair[0]], number[pair[1]]))
    assert {number[node] for node in shared} == {SHARED}
    assert groups.rows.tolist() == [*[x for x, _ in expected], *[y for _, y in expected]]


def test_groups_are_told_apart_by_all_that_is_in_a_signature():
    """Ten thousand products, of which two are alike if their factors are of the same arguments in turn."""
    tape, draw = Tape(), random.Random(0)
    arguments = [[tape.add(None) for _ in range(3)] for _ in range(12)]
    chosen = [draw.choices(range(12), k=draw.randint(1, 5)) for _ in range(10_000)]
    outputs = [tape.add(ops.prod, tuple([draw.choice(arguments[i]) for i in row])) for row in chosen]
    given = [node for argument in arguments for node in argument]
    simple = simplified(tape, given, outputs, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "MANY", 10**9)
        groups = groups_of(len(tape), arguments, simple)
    by_group = {}
    for output, row in zip(outputs, chosen):
        by_group.setdefault(int(groups.number[output]), set()).add(tuple(row))
    assert {len(rows) for rows in by_group.values()} == {1}
    assert len(by_group) == len(set(map(tuple, chosen))) > 5000


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
