"""Random functions, regular and not: kernels, reference and eager engine give one value and one gradient."""

import os

import numpy as np
from graphs import KINKED, SMOOTH, recipes, sensitivities
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from programs import assert_same, by_reference

import autograd
from autograd import Value, compile, ops
from autograd.graph import topological_order

GRAPHS = int(os.environ.get("GRAPHS", "150"))
random_graphs = settings(
    max_examples=GRAPHS, deadline=None, derandomize=GRAPHS < 1000, suppress_health_check=list(HealthCheck)
)
KINKS_AT_0 = {ops.relu, ops.abs, ops.leaky_relu, ops.elu, ops.where, ops.step, ops.sign}
KINKS_AT_TIES = {ops.maximum, ops.minimum}


def at_a_kink(output):
    """Whether a rounding error could choose another side somewhere below `output`."""
    for node in topological_order(output):
        if node.op in KINKS_AT_0 and abs(node.parents[0].data) < 1e-9:
            return True
        if node.op in KINKS_AT_TIES and abs(node.parents[0].data - node.parents[1].data) < 1e-9:
            return True
    return False


def check(function, parameters, rows, threads=1):
    """Hold the program of `function`, given lists of numbers, against the eager engine.

    Numbers are compared relative to the sum of the absolute values over all paths, which is what rounding is
    relative to where terms cancel.
    """
    values, gradient = [], np.zeros(len(parameters))
    scales = np.full(len(parameters), 1e-290)
    size = 1e-290
    for row in rows:
        inputs = [Value(x) for x in row]
        output = function(inputs)
        assume(not at_a_kink(output))
        for parameter in parameters:
            parameter.zero_grad()
        output.backward()
        scale = sensitivities(output)
        gradient += [parameter.grad / len(rows) for parameter in parameters]
        scales += [scale.get(parameter, 0.0) for parameter in parameters]
        size += sum(weight * abs(node.data) for node, weight in scale.items())
        values.append(output.data)
    program = compile(function, list(rows[0]), threads=threads)
    program(rows)
    places = [parameters.index(value) for value in program.values]
    assert not gradient[[i for i in range(len(parameters)) if i not in places]].any()
    for _ in range(2):
        value, gradients = program.value_and_grad(rows)
        assert_same(program(rows), values, 1e-9, size)
        assert_same(value, np.mean(values), 1e-9, size)
        assert_same(gradients, gradient[places], 1e-9, scales[places])
        by_reference(program)


def rows_around(point, count):
    """`count` rows near `point`, the first of them it."""
    shifts = np.linspace(0.0, 1.0, count)[:, None] * np.cos(np.arange(len(point)))
    return np.array(point)[None, :] + shifts


@random_graphs
@given(recipes(SMOOTH, most=25), st.lists(st.booleans(), min_size=4, max_size=4), st.integers(1, 12))
def test_irregular_functions(recipe, varies, count):
    """Any graph of inputs, parameters and constants; shared, unused and repeated operands."""
    check_recipe(recipe, varies, count)


@random_graphs
@given(recipes(KINKED, most=12), st.lists(st.booleans(), min_size=4, max_size=4), st.integers(1, 5))
def test_functions_with_kinks(recipe, varies, count):
    """The same with relu, maximum, where and take, away from the kinks themselves."""
    check_recipe(recipe, varies, count)


def check_recipe(recipe, varies, count):
    point = recipe.point
    inputs = [x for x, varying in zip(point, varies) if varying] or [0.3]
    parameters = [Value(x) for x, varying in zip(point, varies) if not varying]

    def function(row):
        rest, fixed = iter(row), iter(parameters)
        return recipe([next(rest) if varying else next(fixed) for _, varying in zip(point, varies)])

    check(function, parameters, rows_around(inputs, count))


ACTIVATIONS = [autograd.tanh, autograd.sigmoid, autograd.softplus, autograd.sin, autograd.silu, lambda z: z]


def neuron(style, weights, inputs, bias):
    """Σ wᵢxᵢ + b, in the ways that people write it."""
    if style == 0:
        return autograd.dot(weights, inputs, bias)
    if style == 1:
        return sum((w * x for w, x in zip(weights, inputs)), bias)
    if style == 2:
        return sum([x * w for w, x in zip(weights, inputs)]) + bias
    return autograd.sum([bias, *[w * x for w, x in zip(weights, inputs)]])


layers = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 3), st.integers(0, len(ACTIVATIONS) - 1), st.booleans()),
    min_size=1,
    max_size=3,
)


@random_graphs
@given(
    layers, st.integers(1, 5), st.sampled_from([1, 2, 8, 9, 130]), st.integers(0, 2**16), st.integers(1, 2)
)
def test_networks(shape, width, count, seed, threads):
    """Layers of any width, written in any way, with tied weights, skips and a penalty."""
    random = np.random.default_rng(seed)
    parameters, weights = [], []
    before = width
    for after, _, _, _ in shape:
        layer = [[Value(x) for x in random.uniform(-1.0, 1.0, before + 1)] for _ in range(after)]
        weights.append(layer)
        parameters += [w for row in layer for w in row]
        before = after

    def function(row):
        values = list(row)
        for layer, (_, style, activation, skip) in zip(weights, shape):
            results = [ACTIVATIONS[activation](neuron(style, w[:-1], values, w[-1])) for w in layer]
            values = [a + b for a, b in zip(results, values)] + results[len(values) :] if skip else results
        return sum([value * value for value in values]) * parameters[0]

    count = count if seed % 7 == 0 else min(count, 9)
    check(function, parameters, random.uniform(-2.0, 2.0, (count, width)), threads)


@random_graphs
@given(
    st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=5), min_size=2, max_size=8),
    st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_linear_chains(chosen, varies):
    """Sums of products of any operands, nested and shared: what is joined is still the same sum."""
    parameters = [Value(0.5 * i - 1.2) for i in range(6)]

    def function(row):
        leaves = [x if varying else w for x, w, varying in zip(row, parameters, varies)]
        nodes = list(leaves)
        for picks in chosen:
            terms = [nodes[-1 - pick] for pick in picks]
            products = [a * b for a, b in zip(terms, [*leaves[len(picks) :], *leaves])]
            nodes.append(0.25 * sum(products) + terms[0])
            nodes.append(autograd.dot(terms, leaves[: len(terms)], nodes[-1]))
        return autograd.tanh(0.1 * nodes[-1]) + nodes[-2]

    check(function, parameters, rows_around([0.9, -0.4, 0.3, 1.1, -0.8, 0.6], 3))


@random_graphs
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(-1.0, 1.0)), min_size=1, max_size=5),
    st.integers(0, 2**16),
)
def test_branching_functions(questions, seed):
    """Functions full of branches: each row gets what it gets alone."""
    rows = np.random.default_rng(seed).uniform(-1.0, 1.0, (8, 4))
    parameters = [Value(0.4 * i - 0.5) for i in range(5)]

    def function(x):
        total = x[0] * parameters[0]
        for (i, j, limit), w in zip(questions, parameters):
            if x[i] < limit:
                total = total + w * x[j]
            elif x[j] > x[i]:
                total = (total * w).sin()
        return total

    rows[0] = rows[1]
    check(function, parameters, rows)
