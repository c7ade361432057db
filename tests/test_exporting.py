"""Tests that the source of a compiled function computes what the program and the eager engine compute."""

import json
import os
import random
import re
import subprocess
import sys
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from graphs import KINKED, SMOOTH, recipes
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from programs import assert_same, eager
from test_compiler_properties import at_a_kink, neuron, rows_around
from test_compiler_rows import ROWS

import autograd
from autograd import Value, compile, function, grad, hessian, take
from nn import MLP, l2_penalty

ROOT = Path(autograd.__file__).parents[1]


def defined(program):
    """What the source of `program` defines, run where there is nothing but Python's own names."""
    text = program.source("numpy")
    assert text.isprintable() or "\n" in text
    scope = {}
    exec(compile_text(text), scope)
    assert [line for line in text.split("\n") if "import" in line.partition("#")[0]] == ["import numpy as np"]
    return scope


def compile_text(text):
    from builtins import compile

    return compile(text, "source", "exec")


def check(f, *columns, eagerly=True, relative=1e-12, scale=1.0):
    """Hold the source of `f` against the program, and its value and gradient against the eager engine."""
    program = compile(f, *[column[0] for column in columns])
    scope = defined(program)
    assert_same(scope["function"](program.parameters, *columns), program(*columns), relative, scale)
    if program.result != ():
        return program
    value, gradient = scope["value_and_grad"](program.parameters, *columns)
    for one, expected in zip((value, gradient), program.value_and_grad(*columns)):
        assert_same(one, expected, relative, scale)
    if eagerly:
        rows = list(zip(*[np.asarray(column).tolist() for column in columns]))
        for one, expected in zip((value, gradient), eager(f, program.values, rows)):
            assert_same(one, expected, relative, scale)
    return program


def points(rows, width, seed=0):
    return np.random.default_rng(seed).uniform(-1.5, 1.5, (rows, width))


# ── networks ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_two_layer_network_reads_as_one_writes_it():
    """The lines are those of a person: matrices by name, products by @, nothing but NumPy."""
    model = MLP(2, [3, 1], activation="sigmoid")
    f = lambda x, y: autograd.binary_cross_entropy_with_logits(model(x), y)  # noqa: E731
    program = check(f, points(7, 2), np.arange(7) % 2)
    body = program.source().partition("def value_and_grad(parameters, x, y):\n")[2]
    assert [line.strip() for line in body.rstrip().split("\n")[3:]] == [
        "W1 = parameters[0:6].reshape(3, 2)",
        "b1 = parameters[6:9]",
        "W2 = parameters[9:12]",
        "b2 = parameters[12]",
        "rows = len(x)",
        "z1 = x @ W1.T + b1",
        "a1 = sigmoid(z1)",
        "z2 = a1 @ W2 + b2",
        "L = np.mean(binary_cross_entropy_with_logits(z2, y))",
        "a2 = sigmoid(z2)",
        "δ2 = a2 - y",
        "dW2 = δ2 @ a1 / rows",
        "db2 = np.mean(δ2)",
        "δ1 = δ2[:, None] * W2 * a1 * (1.0 - a1)",
        "dW1 = δ1.T @ x / rows",
        "db1 = np.mean(δ1, axis=0)",
        "return L, np.hstack([dW1.ravel(), db1, dW2, db2])",
    ]


def test_the_names_are_those_of_the_printed_program():
    """What is printed on a line of its own has the same name in the source, ∂ being written d."""
    model = MLP(2, [5, 4, 1], activation="tanh")

    def loss(x, y):
        z = model(x)
        return (1.0 - z * y).relu() + 0.1 * z**2

    program = compile(loss, [1.0, 2.0], 1.0)
    printed = [line.partition(" = ")[0] for line in str(program).partition("\nwhere")[0].split("\n")]
    names = [name.partition("[")[0].replace("∂", "d") for name in printed]
    lines = program.source().split("\n")
    assert len(names) > 12
    for name in names:
        assert any(line.startswith(f"    {name} = ") for line in lines), name


def test_a_deep_network_with_hinge_loss_and_a_penalty():
    """The demonstration of micrograd: 2-16-16-1, hinge, and an L2 penalty that counts once."""
    model = MLP(2, [16, 16, 1])

    def loss(x, y):
        return (1.0 - model(x) * y).relu() + l2_penalty(model.parameters(), 1e-2)

    text = check(loss, points(20, 2), np.arange(20) % 2 * 2 - 1).source()
    assert "z2 = a1 @ W2.T + b2" in text
    assert len(text.split("\n")) < 80


def test_softmax_cross_entropy():
    """Class labels, softmax and one-hot."""
    model = MLP(2, [4, 3], activation="tanh")
    check(lambda x, y: autograd.cross_entropy(model(x), y), points(9, 2), np.arange(9) % 3)


def test_an_embedding_is_rows_of_a_matrix():
    """take() with an index for each row is one fancy index, and its gradient goes to the rows that were used."""
    table = [[Value(0.1 * (3 * i + j)) for j in range(3)] for i in range(4)]
    w = [Value(0.3), Value(-0.2), Value(0.5)]

    def model(i, x):
        vector = [take(list(column), i) for column in zip(*table)]
        return autograd.dot(w, vector, x).tanh() * take(w, 1)

    program = check(model, np.array([3, 0, 3, 1, 2]), points(5, 1)[:, 0])
    assert "table[i.astype(int)]" in program.source()


@pytest.mark.parametrize("width", [1, 3])
def test_convolutions_and_recurrences(width):
    """Windows of an argument, and one matrix used again at each step."""
    kernel = [Value(0.1), Value(0.2), Value(-0.3)][:width]
    check(
        lambda x: autograd.sum([autograd.dot(kernel, x[i : i + width]) ** 2 for i in range(4)]),
        points(6, 4 + width),
    )
    W = [[Value(0.1 * (i - j) + 0.3) for j in range(width)] for i in range(width)]

    def recurrent(x, y):
        h = [x[0] * 0.5] * width
        for step in x[1:]:
            h = [autograd.dot(row, h, step).tanh() for row in W]
        return (autograd.sum(h) - y) ** 2

    check(recurrent, points(6, 4), points(6, 1)[:, 0])


# ── results, parts computed once, other shapes ────────────────────────────────────────────────────────


def test_results_of_any_shape():
    """Several results, nested, from inputs, parameters, numbers and what is computed once."""
    w, v, x = Value(2.0), [Value(1.0), Value(3.0)], points(5, 4)
    for f in [
        lambda x: x,
        lambda x: [x[2]],
        lambda x: x[3],
        lambda x: w,
        lambda x: w * w,
        lambda x: [w, v[0] * v[1], x[0], Value(7.0), *v],
        lambda x: [[x[1], x[1]], [x[0] * w, x[3].exp()]],
        lambda x: [[[a * b for a in v] for b in x] for _ in range(2)],
        lambda x: [x[i % 4] if i % 3 else v[i % 2] * x[0] for i in range(40)],
        lambda x: [x[0]] * 3,
        lambda x: [x[0] * w for _ in range(3)],
        lambda x: hessian(x[0] * w * x[1] ** 2 * x[2].sin(), x[:3]),
    ]:
        check(f, x)


def test_arguments_of_any_shape():
    """Numbers, vectors, matrices and blocks; unused ones; and none at all."""
    w = Value(2.0)
    blocks = np.random.default_rng(1).uniform(-1.0, 1.0, (5, 2, 3, 2))
    check(
        lambda x, y: autograd.sum([w * a.exp() for m in x for r in m for a in r]) * y[0], blocks, points(5, 1)
    )
    check(lambda x: autograd.sum([autograd.dot([w] * 2, row) ** 2 for row in x]), blocks[:, 0])
    check(lambda x: autograd.sum([autograd.prod(column) for column in zip(*x)]), blocks[:, 1])
    check(lambda x, unused: x * w, points(4, 1)[:, 0], points(4, 2))
    program = compile(lambda: w * w)
    scope = defined(program)
    assert scope["value_and_grad"](program.parameters) == (4.0, [4.0])
    assert scope["function"](program.parameters).tolist() == [4.0]


def test_parts_computed_once():
    """Numbers that depend on parameters alone, within what rows differ in and as a penalty beside it."""
    w, v = Value(0.7), [Value(-1.3), Value(0.4), Value(0.1)]

    def model(x):
        scale = [(w * a + 0.5).exp() for a in v]
        norm = autograd.logsumexp(v)
        rest = 0.1 * autograd.sum([a * a for a in v]) + scale[0] * w
        return autograd.dot(scale, x, norm).sin() * scale[1] + rest

    check(model, points(6, 3))
    check(lambda x: w * w * (v[0] * v[1] + 1.0) + 0.0 * x, points(6, 1)[:, 0], scale=1.0)
    check(lambda x: w * w * x + v[0], points(6, 1)[:, 0])
    check(lambda x: w * w * v[0] + v[1] * 2.0, points(6, 1)[:, 0], eagerly=False)


def test_parameters_that_lie_in_any_order():
    """Tied and scattered parameters, and those that a later branch brought, whose gradient is 0."""
    w = [Value(0.1 * i - 0.4) for i in range(9)]

    def scattered(x):
        first = autograd.tanh(w[7] * x[0] + w[2] * x[1] + w[5])
        return w[0] * first + autograd.dot([w[8], w[2]], [x[1], first], w[7]) * w[1]

    check(scattered, points(6, 2))
    branching = compile(lambda x: w[0] * x if x > 0 else w[1] * x, 1.0)
    branching([-1.0])
    text = branching.source()
    assert "Only for rows on the first branch" in text
    assert f"{__file__}:" in text
    value, gradient = defined(branching)["value_and_grad"](branching.parameters, [1.0, 2.0])
    assert_same(gradient, branching.value_and_grad([1.0, 2.0])[1])
    assert_same(value, branching.value_and_grad([1.0, 2.0])[0])


@pytest.mark.parametrize("rows", [1, 5])
def test_products_of_parameters_with_each_other(rows):
    """What a row adds for them is the same along one axis of the totals, and has to be there for each entry."""
    v, w = Value(0.3), Value(-0.7)
    check(lambda x: autograd.tanh(autograd.dot([v, w, v, w], [v, w, x[0], x[1]])), points(rows, 2))
    check(lambda x: autograd.tanh(autograd.dot([w, v, x[0]], [v, w, x[1]])), points(rows, 2))
    check(lambda x: autograd.tanh(x[0] + autograd.dot([w, v], [v, w])), points(rows, 1))


def test_names_that_are_none_in_python():
    """A parameter called lambda, or as the source's own names are, gets a name that nothing else has."""
    odd = [
        Value(0.5, label=label)
        for label in ("lambda", "np", "a|b", "2nd", "rows", "dx", "t1", "sigmoid", "L")
    ]

    def model(np, rows, L):
        total = autograd.sum([w * np * (w * rows).exp() for w in odd])
        return total * autograd.sigmoid(total) + autograd.sigmoid(L) * total.tanh()

    check(model, *points(3, 4))


def test_operations_of_ones_own():
    """One that says itself in simpler rows is written out; of another the error says what is missing."""
    soft = function(
        "relu", lambda x: x / (1.0 + abs(x)), lambda x, z: 1.0 / (1.0 + autograd.abs(x)) ** 2,
        expand=lambda x: x / (1.0 + autograd.abs(x)),
    )  # fmt: skip
    norm = function(
        "norm",
        lambda *xs: sum(x * x for x in xs) ** 0.5,
        lambda *xs: tuple(x / xs[-1] for x in xs[:-1]),
        expand=lambda *xs: autograd.sqrt(autograd.sum([x * x for x in xs])) + 0.0 * autograd.logsumexp(xs),
    )
    w = Value(0.7)
    program = check(lambda x: soft(w * x[0]).relu() + norm(x[0], w, x[1]) * norm(x[0], x[1]), points(6, 2))
    assert "def relu_(x1):" in program.source()
    plain = function("plain", lambda x: x + 1.0, lambda x, z: 1.0)
    with pytest.raises(ValueError, match="'plain' is Python that NumPy cannot say: give it expand="):
        compile(lambda x: plain(x), 1.0).source()


@pytest.mark.parametrize("target", ["torch", "NumPy", "", None, 3])
def test_targets_that_do_not_exist(target):
    """Only numpy and jax are there."""
    with pytest.raises(ValueError, match='target must be "numpy" or "jax", got'):
        compile(lambda x: x, 1.0).source(target)


def test_the_source_of_a_saved_program():
    """A program that was pickled and loaded gives the same text."""
    import pickle

    model = MLP(2, [3, 1], activation="sigmoid")
    program = compile(lambda x, y: (model(x) - y) ** 2, [1.0, 2.0], 1.0)
    again = pickle.loads(pickle.dumps(program))
    for target in ("numpy", "jax"):
        assert again.source(target) == program.source(target)


# ── every row, and random graphs ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_table(name):
    """Value and derivatives at ordinary points and at the edges of float64, as the program has them."""
    operation, at = ROWS[name]

    def with_derivatives(*xs):
        z = operation(*xs)
        return [z, *grad(z, xs)]

    columns = np.array(list(product(*at))).T
    program = compile(with_derivatives, *[1.0] * len(at))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        given = defined(program)["function"](program.parameters, *columns)
    assert_same(given, program(*columns))


@pytest.mark.parametrize("name", [name for name in ROWS if "beyond" not in name])
def test_every_row_on_parameters(name):
    """The same where the operands are parameters, in rows and computed once, and mixed with inputs."""
    operation, at = ROWS[name]
    point = [numbers[min(len(numbers) - 1, 1 + i)] for i, numbers in enumerate(at)]
    point = [x if abs(x) < 100 else 0.5 for x in point]
    leaves = [
        Value(x if name in ("select", "cross_entropy") and i == 2 else x + 0.25 * i)
        for i, x in enumerate(point)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        check(lambda one: operation(*[leaf * one for leaf in leaves]), np.ones(3), eagerly=False)
        check(lambda one: operation(*leaves) * one, np.ones(3), eagerly=False)
        check(lambda one: operation(one, *leaves[1:]) * 2.0, np.ones(3), eagerly=False)


few_graphs = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@few_graphs
@given(st.booleans(), st.data(), st.lists(st.booleans(), min_size=4, max_size=4), st.integers(1, 5))
def test_random_functions(kinked, data, varies, count):
    """Any graph of inputs, parameters and constants; shared, unused and repeated operands."""
    recipe = data.draw(recipes(KINKED if kinked else SMOOTH, most=20))
    inputs = [x for x, varying in zip(recipe.point, varies) if varying] or [0.3]
    parameters = [Value(x) for x, varying in zip(recipe.point, varies) if not varying]

    def f(row):
        rest, fixed = iter(row), iter(parameters)
        return recipe([next(rest) if varying else next(fixed) for _, varying in zip(recipe.point, varies)])

    rows = rows_around(inputs, count)
    for row in rows:
        assume(not at_a_kink(f([Value(x) for x in row])))
    program = compile(f, list(rows[0]))
    text = defined(program)
    value, gradient = program.value_and_grad(rows)
    found, gradients = text["value_and_grad"](program.parameters, rows)
    size = max(1.0, np.abs(gradient).max(initial=0.0), abs(value))
    assert_same(text["function"](program.parameters, rows), program(rows), 1e-10, size)
    assert_same(found, value, 1e-10, size)
    assert_same(gradients, gradient, 1e-10, size)


@pytest.mark.parametrize("seed", range(2))
def test_large_functions_without_any_order(seed):
    """Hundreds of nodes whose operands lie anywhere: index arrays, written out, find them."""
    draw = random.Random(seed)
    made = [
        lambda a, b: a * b,
        lambda a, b: 0.5 * (a + b),
        lambda a, b: (a - b).tanh(),
        lambda a, b: a.sin() * b,
    ]
    w = [Value(draw.uniform(-1.0, 1.0)) for _ in range(16)]
    choices = [
        (draw.randrange(4), draw.randrange(80), draw.randrange(80), draw.randrange(10)) for _ in range(250)
    ]

    def f(x):
        nodes = [*x, *w]
        for kind, i, j, k in choices:
            a, b = nodes[-1 - i % len(nodes)], nodes[-1 - j % len(nodes)]
            nodes.append(made[kind](a, b) if k else autograd.logsumexp([a, b, w[i % 16], x[0]]))
        return autograd.sum(nodes[-40:])

    program = check(f, points(5, 3))
    check(lambda x: [f(x), f(x), x[1] * f(x)], points(5, 3))
    assert re.search(r"^I\d+ = np\.array\(\[", program.source(), re.MULTILINE)


layers = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3), st.booleans()), min_size=1, max_size=3)


@few_graphs
@given(layers, st.integers(1, 4), st.integers(0, 2**16))
def test_random_networks(shape, width, seed):
    """Layers of any width, written in any way, with tied weights, skips and a penalty."""
    numbers = np.random.default_rng(seed)
    weights, before = [], width
    for after, _, _ in shape:
        weights.append([[Value(x) for x in numbers.uniform(-1.0, 1.0, before + 1)] for _ in range(after)])
        before = after

    def f(row):
        values = list(row)
        for layer, (_, style, skip) in zip(weights, shape):
            results = [neuron(style, w[:-1], values, w[-1]).tanh() for w in layer]
            values = [a + b for a, b in zip(results, values)] + results[len(values) :] if skip else results
        penalty = autograd.sum([w * w for w in weights[0][0]])
        return sum([value * value for value in values]) * weights[0][0][0] + (
            0.1 * penalty if seed % 2 else 0.0
        )

    check(f, numbers.uniform(-2.0, 2.0, (4, width)), eagerly=False)


# ── JAX ───────────────────────────────────────────────────────────────────────────────────────────────

WITH_JAX = """
import json, sys
import jax
jax.config.update("jax_enable_x64", True)
import numpy
found = []
for case in json.load(sys.stdin):
    scope = {}
    exec(case["source"], scope)
    parameters = numpy.array(case["parameters"])
    columns = [numpy.array(column) for column in case["columns"]]
    both = jax.jit(lambda *given: (scope["function"](*given), jax.value_and_grad(scope["value"])(*given)))
    results, (value, gradient) = both(parameters, *columns)
    found.append([results.tolist(), float(value), gradient.tolist()])
json.dump(found, sys.stdout)
"""


def python_with_jax():
    """An interpreter that has JAX: that of the benchmarks' peers, or this one."""
    for python in (ROOT / "benchmarks" / ".peers" / "bin" / "python", Path(sys.executable)):
        if python.exists():
            asked = subprocess.run([python, "-c", "import jax"], capture_output=True)
            if asked.returncode == 0:
                return str(python)
    return None


def functions_for_jax():
    """(function, columns) for each thing that JAX is to derive by itself."""
    model = MLP(2, [3, 1], activation="sigmoid", seed=1)
    deep = MLP(2, [5, 4, 1], seed=2)
    classes = MLP(2, [4, 3], activation="tanh", seed=3)
    table = [[Value(0.1 * (3 * i + j)) for j in range(3)] for i in range(4)]
    w = [Value(0.3), Value(-0.2), Value(0.5)]
    x = points(6, 2)
    logits = lambda x, y: autograd.binary_cross_entropy_with_logits(model(x), y)  # noqa: E731
    yield logits, (x, np.arange(6) % 2)
    yield (
        lambda x, y: (1.0 - deep(x) * y).relu() + l2_penalty(deep.parameters(), 0.01),
        (x, np.arange(6) % 2 * 2 - 1),
    )
    yield lambda x, y: autograd.cross_entropy(classes(x), y), (x, np.arange(6) % 3)
    yield (
        lambda i, x: autograd.dot(w, [take(list(column), i) for column in zip(*table)], x[0]).tanh(),
        (np.array([3, 0, 3, 1, 2, 2]), x),
    )
    yield lambda x: grad(deep(x).tanh(), x)[0] ** 2 + autograd.sum(hessian(model(x), x)[0]), (x,)
    names = [name for name in ROWS if "beyond" not in name and name not in ("select", "cross_entropy")]
    leaves = {name: [Value(0.4 + 0.17 * i) for i in range(len(ROWS[name][1]))] for name in names}
    yield (
        lambda x: autograd.sum([ROWS[n][0](*[leaf * x for leaf in leaves[n]]) for n in names]),
        ([1.0, 0.9],),
    )
    yield lambda x: x * autograd.sum([ROWS[n][0](*leaves[n]) * leaves[n][0] for n in names]), ([1.0, 0.9],)


def test_jax_finds_the_same_gradient():
    """jax.grad of the source for JAX is the gradient of the program, which JAX had no part in."""
    python = python_with_jax()
    if python is None:
        pytest.skip("JAX is neither in this environment nor in that of the benchmarks (benchmarks/.peers)")
    programs, cases = [], []
    for f, columns in functions_for_jax():
        program = compile(f, *[column[0] for column in columns])
        programs.append((program, columns))
        cases.append(
            {
                "source": program.source("jax"),
                "parameters": program.parameters.tolist(),
                "columns": [np.asarray(column).tolist() for column in columns],
            }
        )
    run = subprocess.run(
        [python, "-c", WITH_JAX],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        env={**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_backend_optimization_level=0"},
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for (program, columns), (results, value, gradient) in zip(programs, json.loads(run.stdout), strict=True):
        assert_same(results, program(*columns), 1e-12, 1.0)
        expected, gradients = program.value_and_grad(*columns)
        assert_same(value, expected, 1e-12, 1.0)
        assert_same(gradient, gradients, 1e-12, 1.0)
