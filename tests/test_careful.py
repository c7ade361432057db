"""Near the largest number, where the order of a sum can tell, compiled results are those of Values, bit for bit."""

import math
import pickle
import random
import sys
from itertools import chain
from threading import Thread

import numpy as np
import pytest
from graphs import KINKED, recipes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import assert_same, by_reference, eager, lifted

from autograd import Value, compile, dot, function, take, tanh

OTHERS = [1e308, -1e308, 1.7e308, -1.7e308, 9e307, 1e200, -1e200, 1e155, 3.0, 1.0, -2.0, 0.0, 1e-200]
FIRST = st.sampled_from(OTHERS[:8])  # so that each row has one
rows_of_four = st.lists(st.tuples(FIRST, *[st.sampled_from(OTHERS)] * 3).map(list), min_size=1, max_size=5)
random_graphs = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
# From Python 3.12 on `sum` keeps what it rounds away: there only nan and ∞ have to be in the same places.
TO_BITS = 0.0 if sys.version_info < (3, 12) else sys.float_info.max


def assert_as_on_values(program, f, parameters, rows):
    """Results and gradients of each row."""
    expected = [eager(f, parameters, [[row]]) for row in rows]
    places = [parameters.index(value) for value in program.values]
    each, gradients = program.value_and_grad(rows, reduction="none")
    assert_same(each, [value for value, _ in expected], TO_BITS, 1.0)
    assert_same(gradients, [[gradient[k] for k in places] for _, gradient in expected], TO_BITS, 1.0)
    assert_same(program(rows), each, TO_BITS, 1.0)


def assert_sum_as_on_values(program, f, parameters, rows):
    """Results and gradients of all rows added up in their order, where all terms depend on inputs."""
    total, gradient = program.value_and_grad(rows, reduction="sum")
    value, entries = eager(f, parameters, [[row] for row in rows], "sum")
    assert_same(total, value, TO_BITS, 1.0)
    assert_same(gradient, [entries[parameters.index(value)] for value in program.values], TO_BITS, 1.0)


@random_graphs
@given(recipes(KINKED, most=14), rows_of_four)
def test_any_graph(recipe, rows):
    """All operations, in any graph, with parameters of which some are as large."""
    parameters = [Value(x) for x in recipe.point[1:]]

    def f(x):
        return recipe([x[0], *parameters, *x[1:]])

    program = compile(f, rows[0])
    program(rows)
    program.value_and_grad(rows)
    for _ in range(2):
        assert_as_on_values(program, f, parameters, rows)
        by_reference(program)


def network(random_numbers):
    W = [[Value(random_numbers.gauss(0, 1)) for _ in range(3)] for _ in range(6)]
    b, v = ([Value(random_numbers.gauss(0, 1)) for _ in range(6)] for _ in range(2))

    def f(x):
        z = [dot(w, x, c) for w, c in zip(W, b)]
        return sum([u * tanh(y) + u * y for u, y in zip(v, z)])

    return f, [*chain(*W), *b, *v]


@pytest.mark.parametrize("threads", [1, 2])
def test_huge_rows_among_others(threads):
    """In a thousand rows those with huge numbers are as on Values, and the others as the kernels compute them."""
    random_numbers = random.Random(3)
    f, parameters = network(random_numbers)
    rows = [[random_numbers.gauss(0, 1) for _ in range(3)] for _ in range(1000)]
    program = compile(f, rows[0], threads=threads)
    tame = program(rows), *program.value_and_grad(rows, reduction="none")
    for place in (5, 700, 701):
        rows[place] = [1.7e308, random_numbers.choice(OTHERS), -1.7e308]
    wild = program(rows), *program.value_and_grad(rows, reduction="none")
    places = [parameters.index(value) for value in program.values]
    for i, row in enumerate(rows):
        value, gradient = eager(f, parameters, [[row]])
        if row[0] == 1.7e308:
            assert_same([found[i] for found in wild[:2]], [value] * 2, TO_BITS, 1.0)
            assert_same(wild[2][i], [gradient[k] for k in places], TO_BITS, 1.0)
        else:
            assert_same(wild[0][i], value, 1e-12, 10.0)
            assert_same(wild[2][i], tame[2][i], 1e-12, 10.0)
    assert_same(program.value_and_grad(rows)[0], np.mean(wild[1]))


def test_huge_parameters():
    """All rows are computed with care then; those of a batch, and of one row."""
    w = [Value(1.5e308), Value(1.5e308), Value(-1.6e308)]

    def f(x):
        return dot(w, x) * x[0]

    program = compile(f, [1.0, 1.0, 1.0])
    rows = [[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    assert_as_on_values(program, f, w, rows)
    assert_sum_as_on_values(program, f, w, rows)
    assert program([[1.0, 1.0, 1.0]]).tolist() == [math.inf]
    assert (
        program.value_and_grad(np.array([[1.0, 0.5, 1.0]]))[0] == f([Value(1.0), Value(0.5), Value(1.0)]).data
    )


def test_weights_and_a_penalty():
    """Rows count as weighted, and what depends on parameters alone once in a sum, and in each row of a mean."""
    w = [Value(2.0), Value(1.0)]

    def f(x):
        return ((x[0] * w[0] + x[1] * w[1]) + x[0] * w[0]) + 0.5 * (w[0] ** 2 + w[1] ** 2)

    program = compile(f, [1.0, 1.0])
    rows, weights = np.array([[8e307, -1.7e308], [1.0, 2.0], [1e300, -1e300]]), np.array([0.5, 1.0, 2.0])
    value, gradient = program.value_and_grad(rows, weights=weights, reduction="sum")
    assert value == pytest.approx(0.5 * 1.5e308 + 6.0 + 2.0 * 3e300 + 2.5, rel=1e-14)
    entries = weights @ rows * [2.0, 1.0] + [2.0, 1.0]
    assert gradient == pytest.approx(entries, rel=1e-14)
    mean, entries_of_mean = program.value_and_grad(rows, weights=weights)
    assert mean == pytest.approx(value / 3.5, rel=1e-14)
    assert entries_of_mean == pytest.approx(entries / 3.5, rel=1e-14)
    each, gradients = program.value_and_grad(rows, weights=weights, reduction="none")
    for i, row in enumerate(rows.tolist()):
        alone, own = eager(f, w, [[row]])
        assert each[i] == weights[i] * alone
        assert gradients[i].tolist() == (weights[i] * np.array(own)).tolist()


def test_branches():
    """No row gets an answer from the wrong branch: what is compared is computed with the same care."""
    w = Value(1.0)

    def f(x):
        total = (w * x[0] + x[1]) + (x[2] + x[3])
        return w * 2.0 if total > 0.0 else w * 3.0

    program = compile(f, [1.0, 1.0, 1.0, 1.0])
    rows = [[1e308, 1e308, -1e308, -1e308], [-1e308, -1e308, 9e307, 9e307], [1.0, 1.0, 1.0, 1.0]]
    assert program(rows).tolist() == [f(lifted(row)).data for row in rows]


def test_an_index_out_of_range():
    """The row is named as in the batch, whichever part it is computed in."""
    w = [Value(1.0), Value(2.0)]
    program = compile(lambda x, i: take(w, i) * x, 1.0, 0)
    x, i = np.ones(700), np.zeros(700)
    x[650], i[680] = 1e200, 2
    for run in (program, program.value_and_grad):
        with pytest.raises(IndexError, match="row 680"):
            run(x, i)


@pytest.mark.parametrize(
    ("forward", "executor"), [(lambda x: x * 1e200, "kernels"), (lambda x: [x * 1e200, 0][0], "numpy")]
)
def test_a_function_of_the_users_own(forward, executor):
    """Also one that only Python can compute, and that makes huge numbers itself."""
    scaled = function("scaled", forward, lambda x, z: (1e200,))
    w = Value(1.5e108)

    def f(x):
        return (scaled(w * x[0]) + scaled(w * x[1])) + scaled(w * x[2])

    program = compile(f, [1.0, 1.0, 1.0])
    assert program.stats()["executor"] == executor
    rows = [[1.0, 1.0, -1.0], [1.0, -1.0, 1.0], [0.1, 0.2, 0.3]]
    assert_as_on_values(program, f, [w], rows)
    assert_sum_as_on_values(program, f, [w], rows)


def test_a_program_that_was_saved():
    """It has the function as it was written with it."""
    f, _ = network(random.Random(5))
    rows = [[1.7e308, 1e308, -1.7e308], [1e308, -3.0, 1e307], [1.0, 2.0, 3.0]]
    program = compile(f, rows[0])
    loaded = pickle.loads(pickle.dumps(program))
    np.testing.assert_array_equal(loaded(rows), program(rows))
    for own, other in zip(program.value_and_grad(rows), loaded.value_and_grad(rows)):
        np.testing.assert_array_equal(own, other)


def test_float32_has_its_own_largest_number():
    """No Value computes with it: it is ∞ where float32 is."""
    w = Value(2.0)
    program = compile(lambda x: w * x[0] + x[1], [1.0, 1.0], dtype="float32")
    assert program(np.array([[3e38, 1.0], [1e38, 1e38]], "float32")).tolist() == [
        math.inf,
        pytest.approx(3e38),
    ]


def test_growth_at_the_end_of_a_product():
    """What a product over lanes is multiplied with while it is in registers can make it huge, too."""
    W = [[Value(sign if i == j else 0.0) for j in range(4)] for i, sign in enumerate((1.0, 1.0, -1.0, -1.0))]

    def f(x):
        m = [1.2e20 * (dot(w, x) * y) for w, y in zip(W, x)]
        return (m[0] + m[1]) + (m[2] + m[3])

    program = compile(f, [1.0] * 4)
    assert np.isnan(program(np.full((2, 4), 1e144))).all()
    assert math.isnan(f(lifted([1e144] * 4)).data)


def test_two_programs_in_two_threads():
    """One that records a function which asks for the gradient of another, while that one is made elsewhere."""

    def deep(n):
        weights = [Value(1.0), Value(-1.0)]

        def f(x):
            v = x[0]
            for i in range(n):
                v = v * weights[i % 2] + x[1]
            return v

        return compile(f, [1.0, 1.0])

    large, small, wild = deep(3000), deep(3), np.array([[1e200, 1e200]])
    large.value_and_grad([[1.0, 1.0]])
    small.value_and_grad([[1.0, 1.0]])
    first = Value(1.0)
    threads = [
        Thread(target=large.value_and_grad, args=(wild,), daemon=True),
        Thread(
            target=compile, args=(lambda x: x * 1.0 + first * small.value_and_grad(wild)[0], 1.0), daemon=True
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert not any(thread.is_alive() for thread in threads)


def test_an_operation_of_the_users_own_beside_huge_numbers():
    """Where Python raises it gives what the kernels give, with the numbers around it as they were."""
    factor = [3.0]
    inverse = function("inverse", lambda x: 1.0 / x, lambda x, z: (-z * z,))

    def scaled_by(k):
        return function("scaled", lambda x: x * k, lambda x, z: (k,))

    v = Value(1.0)
    scaled = scaled_by(factor[0])
    program = compile(lambda x: v * inverse(x[0]) + scaled(x[1]), [1.0, 1.0])
    assert program([[0.0, 1.0], [1.0, 1e200], [2.0, 1.0]]).tolist() == [math.inf, 3e200, 3.5]


def test_weights_that_are_not_finite():
    """A nan among them leaves the other rows' results as they are; nothing warns."""
    w, c = Value(1.0), Value(-5e149)
    program = compile(lambda x: w * x[0] + c * 1.0, [1.0])
    x = np.array([[1e150], [1.0]])
    assert program.value_and_grad(x, weights=[1e200, math.nan], reduction="none")[0][0] == math.inf
    for weights in ([math.inf, 1.0], [1e308, 1e308], [math.nan, 1.0]):
        for rows in (x, np.array([[1.0], [3.0]])):
            for reduction in ("mean", "sum"):
                program.value_and_grad(rows, weights=weights, reduction=reduction)


def test_a_penalty_counts_once_in_whatever_mean():
    """However large it is, and whatever the weights add up to."""
    w = Value(1e308)
    program = compile(lambda x: x[0] + w * 1.0, [1.0])
    assert program.value_and_grad([[1.0], [2.0]], weights=[2.0, 3.0])[0] == 1e308
    v = Value(1e6)
    program = compile(lambda x: v * (x[0] - x[0]) + v * x[1] + 0.5 * v**2, [1.0, 1.0])
    weights = [0.5, 0.5 + 5e-10]
    value, _ = program.value_and_grad([[1e150, 1.0], [1.0, 1.0]], weights=weights, reduction="sum")
    assert value == pytest.approx(0.5e12 + 1e6 * sum(weights), rel=1e-15)


def test_weights_that_are_tiny():
    """The mean divides by their sum, which by itself makes no number ∞."""
    w = Value(1.0)
    program = compile(lambda x: w * x[0], [1.0])
    for rows in ([[1e140]], [[1e140]] * 2):
        value, gradient = program.value_and_grad(rows, weights=[1e-160] * len(rows))
        assert value == pytest.approx(1e140, rel=1e-12)
        assert gradient == pytest.approx([1e140], rel=1e-12)
