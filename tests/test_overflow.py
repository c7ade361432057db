"""Where products overflow, compiled sums are nan and ±inf exactly where the eager engine's are."""

import math
import random

import numpy as np
import pytest
from programs import by_reference

from autograd import Value, compile, dot, ops, relu, sigmoid, tanh
from autograd.graph import topological_order

# Products of the large ones are ∞; sums of few of them are not, in whatever order they are added up.
POINTS = [0.0, 1.0, -2.0, 0.5, 1e200, -1e200, 1e300, -1e300, math.inf, -math.inf, math.nan]
OFTEN = [4, 6, 6, 6, 3, 3, 1, 1, 1, 1, 0.5]


def assert_same_kinds(given, expected):
    """nan and ±inf in the same places; finite numbers are a matter of rounding, which other tests hold."""
    given, expected = np.asarray(given, float), np.asarray(expected, float)
    assert given.shape == expected.shape
    assert (np.isnan(given) == np.isnan(expected)).all()
    infinite = np.isinf(given) | np.isinf(expected)
    assert (given[infinite] == expected[infinite]).all()


def is_clear(output):
    """Whether no sum below `output` cancels, so that rounding cannot turn a sign, and with it what relu gives."""
    for node in topological_order(output):
        if node.op is ops.dot:
            numbers = [parent.data for parent in node.parents]
            n = len(numbers) // 2
            terms = [a * b for a, b in zip(numbers, numbers[n:-1])] + numbers[-1:]
            size = sum(map(abs, terms))
            if math.isfinite(size) and abs(node.data) < 1e-9 * size:
                return False
    return True


def network(draw, inputs, hidden, activation, typed):
    """A function of one row, and its parameters."""
    W = [[Value(x) for x in draw(inputs)] for _ in range(hidden)]
    b, v = [Value(x) for x in draw(hidden)], [Value(x) for x in draw(hidden)]

    def function(x):
        a = [activation(dot(w, x, c)) for w, c in zip(W, b)]
        return sum([u * y for u, y in zip(v, a)]) if typed else dot(v, a)

    return function


@pytest.mark.parametrize("rows", [1, 2, 9, 140])
@pytest.mark.parametrize(
    "activation", [relu, tanh, sigmoid, lambda z: z], ids=["relu", "tanh", "sigmoid", "none"]
)
def test_networks_at_the_edges(activation, rows):
    """A product that is ∞ by itself counts as ∞, however it is added up: results, their sum and its gradient."""
    random_numbers = random.Random(f"{rows}")
    for trial in range(12):

        def draw(count):
            return random_numbers.choices(POINTS, OFTEN, k=count)

        inputs, hidden = random_numbers.choice([(1, 2), (2, 1), (3, 5), (9, 4), (40, 2)])
        function = network(draw, inputs, hidden, activation, typed=trial % 2)
        program = compile(function, [1.0] * inputs)
        batch, results = [], []
        for parameter in program.values:
            parameter.zero_grad()
        for _ in range(2 * rows):
            row = draw(inputs)
            output = function([Value(x) for x in row])
            if is_clear(output):
                output.backward()
                batch.append(row)
                results.append(output.data)
        for _ in range(2 if batch else 0):
            assert_same_kinds(program(batch), results)
            value, gradient = program.value_and_grad(batch, reduction="sum")
            assert_same_kinds(value, sum(results))
            assert_same_kinds(gradient, [parameter.grad for parameter in program.values])
            by_reference(program)


def test_a_product_that_is_hidden_by_an_infinite_term():
    """−∞ + 10²⁰⁰·10²⁰⁰ is nan, although the exact product is finite; so in a single row and in many."""
    w, b = Value(1e200), Value(-math.inf)
    program = compile(lambda x: dot([w], [x], b), 1.0)
    assert all(math.isnan(x) for x in program([1e200] * 20))
    assert all(math.isnan(x) for x in program([1e200]))
    assert program([1.0]).tolist() == [-math.inf]
