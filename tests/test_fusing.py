"""Tests of products and what is done with their results as one instruction."""

import numpy as np
import pytest
from programs import by_reference

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd import Value, compile, grad, ops, relu, tanh
from autograd.compiler.execution import fusing
from autograd.compiler.execution.codes import BESIDE, GATED, RECTIFIED, TIMES
from autograd.compiler.execution.fusing import fused
from autograd.compiler.execution.operands import apart

WORDS = {RECTIFIED: "relu", BESIDE: "relu beside", TIMES: "times", GATED: "times relu'"}
is_behind = fusing._Fusion._is_behind
W = [[Value(0.3 * i - 0.2 * j) for j in range(3)] for i in range(5)]
V = [[Value(0.1 * i + 0.2 * j - 0.4) for j in range(5)] for i in range(4)]


def layer(weights, x):
    return [ops.dot(row, x) for row in weights]


def loss(activation):
    return lambda x: sum([z * z for z in layer(V, [activation(z) for z in layer(W, x)])])


def endings(program, gradient=True):
    """What the products of a program end with, and the operations of the groups that are left."""
    variant = program.variants[0]
    plan = (variant.gradient() if gradient else variant.forward()).stages.rows
    groups, found = fused(plan, apart(plan.groups))
    return [WORDS[kind] for kind in found[0].tolist() if kind in WORDS], [group.op.name for group in groups]


def assert_as_before(program):
    """Program and reference, which knows no endings, give the same."""
    rows = np.random.default_rng(0).normal(size=(21, 3))
    value, gradient = program.value_and_grad(rows)
    expected, reference = by_reference(program).value_and_grad(rows)
    assert value == pytest.approx(expected, rel=1e-13)
    assert gradient == pytest.approx(reference, rel=1e-12, abs=1e-14)


def test_a_layer_of_relu():
    """relu is taken of the results in their place, and its derivative of that; no group of their own is left."""
    program = compile(loss(relu), [1.0, 2.0, 3.0])
    what, left = endings(program)
    assert sorted(what) == ["relu", "times relu'"]
    assert not {"relu", "step"} & set(left)
    assert_as_before(program)


def test_another_activation():
    """The gradient from above is multiplied by the local derivative as soon as it is there."""
    program = compile(loss(tanh), [1.0, 2.0, 3.0])
    assert endings(program)[0] == ["times"]
    assert_as_before(program)


def test_results_that_something_else_needs():
    """They are kept: relu goes beside them."""

    def function(x):
        z = layer(W, x)
        return sum([relu(a) * a.sin() for a in z])

    program = compile(function, [1.0, 2.0, 3.0])
    assert "relu beside" in endings(program)[0]
    assert "relu" not in endings(program)[0]
    assert_as_before(program)


def test_results_that_are_returned():
    """So too where they are results of the function."""

    def function(x):
        z = layer(W, x)
        return [*z, *map(relu, z)]

    program = compile(function, [1.0, 2.0, 3.0])
    rows = np.random.default_rng(0).normal(size=(9, 3))
    given = program(rows)
    assert endings(program, gradient=False)[0] == ["relu beside"]
    assert (given[:, 5:] == np.maximum(given[:, :5], 0.0)).all()
    assert given == pytest.approx(by_reference(program)(rows), rel=1e-13)


def test_a_product_that_is_used_twice():
    """It stays a product of its own."""

    def function(x):
        z, u = layer(W, x), layer(V, layer(W, x))
        return sum([a * b.sin() + a for a, b in zip(z, u)])

    program = compile(function, [1.0, 2.0, 3.0])
    assert "times" not in endings(program, gradient=False)[0]
    rows = np.random.default_rng(0).normal(size=(9, 3))
    given = program(rows)
    assert given == pytest.approx(by_reference(program)(rows), rel=1e-12, abs=1e-14)


def test_derivatives_of_derivatives():
    """Where relu' is asked for at what was computed before, it is that of the right numbers."""

    def function(x):
        z = layer(W, x)
        slopes = grad(sum([relu(a) ** 3 for a in z]), x)
        return sum([slope * slope for slope in slopes]) + sum(map(relu, z))

    program = compile(function, [1.0, 2.0, 3.0])
    assert_as_before(program)


def test_a_network_of_many_layers(monkeypatch):
    """Each relu looks at its own derivative alone: else a network of 8,000 layers takes a minute."""
    looked = []
    monkeypatch.setattr(
        fusing._Fusion, "_is_behind", lambda self, *groups: looked.append(groups) or is_behind(self, *groups)
    )
    layers = [[[Value(0.1 * i - 0.2 * j + 0.01 * k) for j in range(3)] for i in range(3)] for k in range(40)]

    def deep(x):
        for weights in layers:
            x = [relu(z) for z in layer(weights, x)]
        return sum(x)

    program = compile(deep, [1.0, 2.0, 3.0])
    assert endings(program)[0].count("relu") == 40
    program.value_and_grad(np.ones((2, 3)))
    assert 0 < len(looked) <= 3 * 40
