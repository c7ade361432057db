"""Programs: what they compute, what they refuse, parameters, branches, penalties, rows, float32 and threads."""

import gc
import math
import pickle
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from programs import assert_same, by_reference, eager

import autograd
from autograd import Value, compile, function, grad, hessian, hvp, take


def column(rows, seed=0):
    return np.random.default_rng(seed).uniform(-2.0, 2.0, rows)


def model_and_rows(rows):
    w = [Value(0.3 * i - 1.0) for i in range(7)]

    def model(x, y):
        hidden = [(w[i] * x[0] + w[i + 2] * x[1] + w[4]).tanh() for i in range(2)]
        return (w[5] * hidden[0] + w[6] * hidden[1] - y) ** 2

    x, y = column(2 * rows).reshape(rows, 2), column(rows, 1)
    return w, model, x, y


# ── what is computed ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 127, 128, 129, 300])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_any_number_of_rows(rows, reduction):
    """Value and gradient are eager's however the rows fall into blocks."""
    w, model, x, y = model_and_rows(rows)
    value, gradient = eager(model, w, list(zip(x.tolist(), y.tolist())), reduction)
    program = compile(model, x[0], y[0])
    place = [w.index(parameter) for parameter in program.values]
    for _ in range(2):
        given, gradients = program.value_and_grad(x, y, reduction=reduction)
        assert_same(given, value)
        assert_same(gradients, np.array(gradient)[place], scale=1.0)
        by_reference(program)
    results = [model(list(map(Value, row)), Value(z)).data for row, z in zip(x.tolist(), y.tolist())]
    assert_same(compile(model, x[0], y[0])(x, y), results)


def test_results_nest_as_the_function_returns_them():
    """One Value gives (rows,), lists of them further dimensions."""
    x = column(5)
    assert_same(compile(lambda x: 2.0 * x, 1.0)(x), 2.0 * x)
    assert_same(compile(lambda x: [x], 1.0)(x), x[:, None])
    nested = compile(lambda x: [[x, -x], [x + 1.0, x + 2.0], (x, x)], 1.0)(x)
    assert_same(nested, np.array([[x, -x], [x + 1.0, x + 2.0], [x, x]]).transpose(2, 0, 1))


def test_results_that_are_inputs_parameters_or_constants():
    """A result need not be computed at all."""
    w, x = Value(2.0), column(4)
    program = compile(lambda x, y: [y, w, Value(3.0), w * w, x], 1.0, 1.0)
    w.data = 4.0
    assert_same(program(x, -x), np.array([-x, 0 * x + 4.0, 0 * x + 3.0, 0 * x + 16.0, x]).T)
    assert_same(by_reference(program)(x, -x)[:, :4], program(x, -x)[:, :4])


def test_unused_inputs_and_no_inputs():
    """An input may be unused, and a function may use none, or take none."""
    w, x = Value(2.0), column(6)
    assert_same(compile(lambda x, y: y * w, 1.0, 1.0).value_and_grad(x, x)[1], [x.mean()])
    assert_same(compile(lambda x: w * w, 1.0)(x), [4.0] * 6)
    value, gradient = compile(lambda: w * w).value_and_grad()
    assert (value, gradient.tolist()) == (4.0, [4.0])
    value, gradient = compile(lambda x: x * x, 1.0).value_and_grad(x)
    assert_same(value, (x * x).mean())
    assert gradient.shape == (0,)


@pytest.mark.parametrize("shapes", [[(), (1,)], [(), (1,), ()], [(), (0,)], [(2, 0), ()], [(), (1, 1), (1,)]])
def test_arguments_no_wider_than_a_number(shapes):
    """Lists of one number or of none, before and behind arguments that are numbers themselves."""
    w, columns = Value(2.0), [column(3 * math.prod(shape), i) for i, shape in enumerate(shapes)]

    def model(*arguments):
        numbers = [argument if shape == () else first(argument) for argument, shape in zip(arguments, shapes)]
        return w * sum((i + 1) * x for i, x in enumerate(numbers) if x is not None)

    def first(nested):
        while isinstance(nested, list):
            nested = nested[0] if nested else None
        return nested

    arguments = [flat.reshape(3, *shape) for flat, shape in zip(columns, shapes)]
    program = compile(model, *[argument[0] for argument in arguments])
    expected = 2.0 * sum((i + 1) * flat for i, flat in enumerate(columns) if len(flat))
    assert_same(program(*arguments), expected)
    assert_same(program.value_and_grad(*arguments, weights=[0, 1, 3])[0], (expected * [0, 1, 3]).sum() / 4)


def test_shared_numbers_are_computed_once_and_differentiated():
    """What depends on parameters alone, in the midst of what differs from row to row."""
    w, v = Value(0.7), Value(-1.3)

    def model(x):
        scale = (w * w + v).exp()
        return (scale * x + scale.sin() * x * x + w) * scale

    x = column(9)
    value, gradient = eager(model, [w, v], [[z] for z in x.tolist()])
    program = compile(model, 1.0)
    w.data, v.data = 0.1, 0.2
    program([1.0])
    w.data, v.data = 0.7, -1.3
    for _ in range(2):
        given, gradients = program.value_and_grad(x)
        assert_same(given, value)
        assert_same(gradients, gradient, scale=1.0)
        by_reference(program)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_penalties_count_once(reduction):
    """A term that depends on no input is not multiplied by the rows, whichever reduction."""
    w, v = Value(0.5), Value(2.0)
    program = compile(lambda x: (w * x) ** 2 + (0.1 * w * w + v), 1.0)
    x = column(11)
    value, gradient = program.value_and_grad(x, reduction=reduction)
    squares = (x * x).mean() if reduction == "mean" else (x * x).sum()
    assert_same(value, 0.25 * squares + 0.025 + 2.0)
    assert_same(gradient, [1.0 * squares + 0.1, 1.0])


def test_what_constants_alone_make_needs_no_parameter():
    """A term that is computed from nothing but constants counts once, where there is no parameter too."""
    program = compile(lambda x: x * Value(2.0).exp() + Value(2.0) * 3.0, 1.0)
    for _ in range(2):
        value, gradient = program.value_and_grad([1.0, 3.0])
        assert_same(value, 2.0 * math.exp(2.0) + 6.0)
        assert gradient.shape == (0,)
        values, gradients = program.value_and_grad([1.0, 3.0], reduction="none")
        assert_same(values, np.array([1.0, 3.0]) * math.exp(2.0) + 6.0)
        assert gradients.shape == (2, 0)
        by_reference(program)


@pytest.mark.parametrize("rows", [1, 2, 7, 130])
@pytest.mark.parametrize("threads", [1, 2])
def test_rows_of_their_own(rows, threads):
    """reduction="none" gives each row's result and gradient, as eager does row by row."""
    w, model, x, y = model_and_rows(rows)
    program = compile(model, x[0], y[0], threads=threads)
    place = [w.index(parameter) for parameter in program.values]
    alone = [eager(model, w, [(row, z)]) for row, z in zip(x.tolist(), y.tolist())]
    for _ in range(2):
        values, gradients = program.value_and_grad(x, y, reduction="none")
        assert values.shape == (rows,)
        assert_same(values, [value for value, _ in alone])
        assert_same(gradients, np.array([gradient for _, gradient in alone])[:, place], scale=1.0)
        mean, gradient = program.value_and_grad(x, y)
        assert_same(values.mean(), mean)
        assert_same(gradients.mean(axis=0), gradient, scale=1.0)
        by_reference(program)


def test_rows_of_their_own_on_branches_with_weights_and_penalties():
    """Each row has all terms of its own branch, times its weight: Σ / Σ wᵢ is the mean."""
    a, b, c = Value(0.5), Value(2.0), Value(-1.5)

    def model(x):
        penalty = 0.1 * a * a + (b * c).exp()
        return (a * x * b.sin() if x > 0 else c * c * x * x) + penalty

    x, weights = column(40), np.linspace(0.0, 2.0, 40)
    alone = [eager(model, [a, b, c], [[z]]) for z in x.tolist()]
    for dtype, relative in (("float64", 1e-12), ("float32", 1e-5)):
        program = compile(model, x[0], dtype=dtype)
        for _ in range(2):
            values, gradients = program.value_and_grad(x, reduction="none", weights=weights)
            assert values.dtype == gradients.dtype == dtype
            place = [[a, b, c].index(leaf) for leaf in program.values]
            expected = np.array([gradient for _, gradient in alone])[:, place]
            assert_same(values, weights * [value for value, _ in alone], relative)
            assert_same(gradients, weights[:, None] * expected, relative, scale=1.0)
            mean, gradient = program.value_and_grad(x, weights=weights)
            assert_same(values.sum() / weights.sum(), mean, relative)
            assert_same(gradients.sum(axis=0) / weights.sum(), gradient, relative, scale=1.0)
            by_reference(program)


def test_sums_that_double_take_no_time():
    """2⁶⁰ paths to a term are one product; a penalty within is counted as often as it occurs."""
    w = Value(0.5)

    def doubled(x):
        total = x + w * 1.0
        for _ in range(60):
            total = total + total
        return total

    value, gradient = compile(doubled, 1.0).value_and_grad([1.0, 2.0], reduction="sum")
    assert value == 2.0**60 * 3.5
    assert gradient.tolist() == [2.0**60]


def test_a_bias_counts_in_every_row():
    """w·x + b typed out is what dot gives, also where rows are added up: a bare parameter is no penalty."""
    w, b = Value(2.0), Value(3.0)
    typed = compile(lambda x: w * x + b, 1.0).value_and_grad([1.0, 2.0, 4.0], reduction="sum")
    fused = compile(lambda x: autograd.dot([w], [x], b), 1.0).value_and_grad([1.0, 2.0, 4.0], reduction="sum")
    assert typed[0] == fused[0] == 2.0 * 7.0 + 3.0 * 3
    assert typed[1].tolist() == fused[1].tolist() == [7.0, 3.0]


def test_derivatives_inside():
    """Gradients and Hessians are results, and can be parts of a loss."""
    w, x = Value(1.5), column(7)
    program = compile(lambda x, y: hessian(w * x * x * y, [x, y]), 1.0, 1.0)
    assert_same(program(x, 2.0 * x), np.array([[6.0 * x, 3.0 * x], [3.0 * x, 0.0 * x]]).transpose(2, 0, 1))
    value, gradient = compile(lambda x: grad((w * x).sin(), x) ** 2, 1.0).value_and_grad(x)
    assert_same(value, ((1.5 * np.cos(1.5 * x)) ** 2).mean())
    c, s = np.cos(1.5 * x), np.sin(1.5 * x)
    assert_same(gradient, [(2.0 * 1.5 * c * (c - 1.5 * x * s)).mean()], scale=1.0)


def test_hessians_and_their_products_with_vectors():
    """Second derivatives of a network, for its inputs and for its parameters, are the eager engine's."""
    random = np.random.default_rng(3)
    w = [Value(z) for z in random.uniform(-1.0, 1.0, 8)]

    def network(x):
        hidden = [autograd.tanh(w[i] * x[0] + w[i + 2] * x[1] + w[4]) for i in range(2)]
        return autograd.softplus(w[5] * hidden[0] * hidden[1] + w[6] * hidden[1] + w[7])

    functions = [
        lambda x: hessian(network(x), x),
        lambda x: hessian(network(x), w[:3]),
        lambda x: hvp(network(x), w, [0.1 * i for i in range(8)]),
        lambda x: hvp(network(x), x, [w[0], x[1]]),
    ]
    x = random.uniform(-1.0, 1.0, (9, 2))
    for f in functions:
        program = compile(f, x[0])
        numbers = np.vectorize(lambda value: value.data, otypes=[float])
        expected = [numbers(f(list(map(Value, row)))) for row in x.tolist()]
        assert_same(program(x), expected, scale=1.0)
        assert_same(by_reference(program)(x), expected, scale=1.0)
    curvature = lambda x: autograd.sum([part * part for part in hvp(network(x), x, [1.0, -0.5])])  # noqa: E731
    value, gradient = eager(curvature, w, [[row] for row in x.tolist()])
    program = compile(curvature, x[0])
    given, gradients = program.value_and_grad(x)
    assert_same(given, value)
    assert_same(dict(zip(program.values, gradients))[w[6]], gradient[6], scale=1.0)
    assert_same(gradients, [gradient[w.index(parameter)] for parameter in program.values], scale=1.0)


def test_operations_of_ones_own():
    """A user's row runs, differentiates, and may do what no kernel could."""
    names = {"a": 2.0}
    odd = function("odd", lambda x: names["a"] * math.floor(x) + x, lambda x, z: 1.0)
    w, x = Value(0.9), column(9)
    program = compile(lambda x: odd(w * x), 1.0)
    assert_same(program(x), 2.0 * np.floor(0.9 * x) + 0.9 * x)
    assert_same(program.value_and_grad(x)[1], [x.mean()])


def test_operands_of_one_argument_in_any_order():
    """The operands of where, and of take and its index, may be any entries of the same list."""
    w, x = Value(5.0), np.array([[1.0, 2.0, 3.0, 0.0], [1.0, 2.0, 0.0, 1.0]])
    functions = [
        lambda x: autograd.where(x[2], x[0], x[1]),
        lambda x: take(x[:3], x[3]),
        lambda x: take([x[0], w], x[3]),
        lambda x: take([w, x[0]], x[3]),
        lambda x: autograd.prod([x[3], x[1], x[0], x[0]]),
    ]
    program = compile(lambda x: [f(x) for f in functions], x[0])
    expected = [[1.0, 1.0, 1.0, 5.0, 0.0], [2.0, 2.0, 5.0, 1.0, 2.0]]
    assert program(x).tolist() == expected
    assert by_reference(program)(x).tolist() == expected


# ── labels and look-ups ───────────────────────────────────────────────────────────────────────────────


def test_gradients_scatter_to_the_entries_looked_up():
    """take() with an index for each row adds to the gradient of the entry that the row took."""
    table = [[Value(float(10 * i + j)) for j in range(2)] for i in range(3)]

    def model(i, x):
        return sum(x * take(list(entries), i) for entries in zip(*table))

    program = compile(model, 0, 1.0)
    i, x = np.array([2, 0, 2, 2]), np.array([1.0, 2.0, 3.0, 4.0])
    for _ in range(2):
        value, gradient = program.value_and_grad(i, x, reduction="sum")
        assert value == 41.0 * 8.0 + 1.0 * 2.0
        by_leaf = dict(zip(program.values, gradient))
        assert [[by_leaf[leaf] for leaf in entries] for entries in table] == [
            [2.0, 2.0],
            [0.0, 0.0],
            [8.0, 8.0],
        ]
        by_reference(program)


def test_class_labels():
    """cross_entropy takes integer labels, whatever their type."""
    w = [Value(0.1), Value(-0.4), Value(0.6)]
    program = compile(lambda x, y: autograd.cross_entropy([x * v for v in w], y), 1.0, 0)
    x, y = column(20), np.arange(20) % 3
    value, gradient = eager(
        lambda x, y: autograd.cross_entropy([x * v for v in w], y), w, list(zip(x.tolist(), y.tolist()))
    )
    for labels in (y, y.astype(np.uint8), y.tolist()):
        given, gradients = program.value_and_grad(x, labels)
        assert_same(given, value)
        assert_same(gradients, gradient, scale=1.0)


@pytest.mark.parametrize("wrong", [3.0, -1.0, 0.5, math.nan, math.inf])
@pytest.mark.parametrize("row", [0, 5, 200])
def test_an_index_out_of_range_names_its_row(wrong, row):
    """By kernels, threads and the reference alike."""
    w, i = [Value(1.0), Value(2.0), Value(3.0)], np.zeros(300)
    i[row] = i[299] = wrong
    for make in (lambda i: take(w, i), lambda i: autograd.cross_entropy(w, i)):
        for threads in (1, 2):
            program = compile(make, 0, threads=threads)
            program(np.zeros(300))
            for _ in range(2):
                with pytest.raises(
                    IndexError, match=f"row {row}: an index is not a whole number in its range"
                ):
                    program(i)
                by_reference(program)


# ── parameters ────────────────────────────────────────────────────────────────────────────────────────


def test_parameters_are_read_at_each_call():
    """Their data may change between compiling, the first use and any later one."""
    w = Value(2.0)
    program = compile(lambda x: (w * x).tanh() * w, 1.0)
    for number in (0.5, -1.0):
        w.data = number
        value, gradient = program.value_and_grad([1.5])
        assert_same(value, number * math.tanh(1.5 * number))
        assert_same(gradient, [math.tanh(1.5 * number) + 1.5 * number * (1.0 - math.tanh(1.5 * number) ** 2)])
        assert program.parameters.tolist() == [number]
        assert w.data == number


def test_parameters_given_as_an_array():
    """Numbers given in place of the Values' touch none of these, until they are written back."""
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * x + v, 1.0)
    numbers = np.array([5.0, 7.0])
    by_leaf = dict(zip(program.values, numbers))
    assert program([2.0], parameters=numbers).tolist() == [by_leaf[w] * 2.0 + by_leaf[v]]
    value, gradient = program.value_and_grad([2.0], parameters=numbers)
    assert (value, dict(zip(program.values, gradient))) == (by_leaf[w] * 2.0 + by_leaf[v], {w: 2.0, v: 1.0})
    assert (w.data, v.data) == (2.0, 3.0)
    program.write(numbers)
    assert (w.data, v.data) == (by_leaf[w], by_leaf[v])
    with pytest.raises(ValueError, match=r"expected 2 parameters, got an array of shape \(3,\)"):
        program.write(np.zeros(3))


def test_backward_adds_to_grad():
    """As Value.backward does, for any optimiser; the mean or sum is returned."""
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * x * v, 1.0)
    assert program.backward([1.0, 3.0]) == 12.0
    assert program.backward([1.0, 3.0], reduction="sum") == 24.0
    assert (w.grad, v.grad) == (3.0 * 6.0, 2.0 * 6.0)
    assert w.has_grad


# ── branches ──────────────────────────────────────────────────────────────────────────────────────────


def test_rows_follow_their_own_branches():
    """Nested branches, with parameters of their own, and a mean over all."""
    a, b, c = Value(2.0), Value(3.0), Value(5.0)

    def model(x, y):
        if x > 0:
            return a * x if y > x else b * x * y
        return c - x if y < 1.0 and x > -1.0 else x * x

    x, y = column(300), column(300, 1)
    rows = list(zip(x.tolist(), y.tolist()))
    value, gradient = eager(model, [a, b, c], rows)
    program = compile(model, 1.0, 2.0)
    for _ in range(2):
        assert_same(program(x, y), [model(*map(Value, row)).data for row in rows])
        given, gradients = program.value_and_grad(x, y)
        assert_same(given, value)
        by_leaf = dict(zip(program.values, gradients))
        assert_same([by_leaf[leaf] for leaf in (a, b, c)], gradient, scale=1.0)
        by_reference(program)


def test_rows_that_all_leave_the_example():
    """A batch none of whose rows goes the way of the example."""
    program = compile(lambda x: 2.0 * x if x > 0 else -x, 1.0)
    assert program([-1.0, -3.0]).tolist() == [1.0, 3.0]
    assert program([-2.0]).tolist() == [2.0]


def test_extremes_sorting_and_absolute_values():
    """max, min and sorted of Values choose by comparing, row by row."""
    x = column(60).reshape(20, 3)
    x[3] = [1.0, 1.0, 0.0]
    program = compile(lambda x: [max(x), min(x), *sorted(x), abs(x[0])], x[0])
    assert_same(program(x), np.column_stack([x.max(1), x.min(1), np.sort(x, 1), abs(x[:, 0])]))


def test_branches_decided_by_rounding():
    """A row whose comparison falls out otherwise in float32 than in float64 gets one of the two answers."""
    w, x = Value(0.1), column(3000).reshape(1500, 2)

    def model(x):
        return x[0] if (x[0] + x[1]) * w > x[0] * w + x[1] * w else x[1]

    program = compile(model, x[0], dtype="float32")
    given = program(x)
    assert np.all((given == x[:, 0].astype(np.float32)) | (given == x[:, 1].astype(np.float32)))
    assert w.data == 0.1


def test_nan_takes_the_branch_that_it_takes():
    """Every comparison with nan is false, compiled too."""
    program = compile(lambda x: [x * 0.0 + (1.0 if x > 0 else 2.0 if x <= 0 else 3.0), x], 1.0)
    assert_same(program([1.0, math.nan, -1.0])[:, 1], [1.0, math.nan, -1.0])
    program = compile(lambda x: Value(1.0) if x > 0 else Value(2.0) if x <= 0 else Value(3.0), 1.0)
    assert program([1.0, math.nan, -1.0]).tolist() == [1.0, 3.0, 2.0]


def test_branches_on_parameters():
    """A branch on a parameter is taken anew when its data changes."""
    w = Value(2.0)
    program = compile(lambda x: w * x if w > 1.0 else x - w, 3.0)
    assert program([3.0]).tolist() == [6.0]
    w.data = 0.5
    assert program([3.0, 4.0]).tolist() == [2.5, 3.5]
    assert program.value_and_grad([3.0])[1].tolist() == [-1.0]
    assert program([3.0], parameters=np.array([4.0])).tolist() == [12.0]
    assert w.data == 0.5


def test_branches_refused():
    """With on_branch="error" the line and the first row that leaves the example's branch are named."""

    def model(x):
        return x if x > 0 else -x

    program = compile(model, 1.0, on_branch="error")
    assert program([1.0, 2.0]).tolist() == [1.0, 2.0]
    line = f"{__file__}:{model.__code__.co_firstlineno + 1}"
    with pytest.raises(
        ValueError, match=f"row 2 takes another branch than the example at {line}; compile with"
    ):
        program([1.0, 2.0, -1.0, -2.0])


def test_a_branch_counts_only_for_rows_that_reach_it():
    """What only some rows compare is not computed for others: their index may be out of its range."""
    table, failing = [Value(1.0), Value(-1.0)], function("failing", lambda x: math.log(x), lambda x, z: 1 / x)

    def model(i, x):
        if i < 2:
            if take(table, i) > 0:
                return x if failing(x) > 0 else -x
            return 2.0 * x
        return 3.0 * x

    i, x = np.array([0, 1, 3, 0, 2, 1]), np.array([2.0, -3.0, -4.0, 0.5, 6.0, 7.0])
    for first in range(6):
        program = compile(model, i[first], x[first])
        assert_same(program(i, x), [2.0, -6.0, -12.0, -0.5, 18.0, 14.0])
        assert_same(program.value_and_grad(i, x)[0], np.mean([2.0, -6.0, -12.0, -0.5, 18.0, 14.0]))
        assert_same(by_reference(program)(i, x), [2.0, -6.0, -12.0, -0.5, 18.0, 14.0])
    with pytest.raises(ValueError, match="row 1 takes another branch than the example at"):
        compile(model, 0, 2.0, on_branch="error")([0, 3], [2.0, 2.0])


def test_an_index_out_of_range_in_a_comparison_names_its_row():
    """The row that would fail alone, as the batch numbers it."""
    table = [Value(1.0), Value(-1.0)]

    def model(i, x):
        if x > 0:
            return x
        return x * x if take(table, i) > 0 else -x

    for row in ((0, 1.0), (0, -1.0)):
        program = compile(model, *row)
        assert program([0, 7, 1], [-2.0, 2.0, -2.0]).tolist() == [4.0, 2.0, 2.0]
        with pytest.raises(IndexError, match="row 3: an index is not a whole number in its range"):
            program([0, 7, 1, 2, 5], [-2.0, 2.0, -2.0, -2.0, -2.0])


def test_a_branch_counts_only_for_parameters_that_reach_it():
    """What only some parameters reach is not computed for others, if it depends on no input either."""
    failing = function("failing", lambda x: math.log(x), lambda x, z: 1 / x)
    table, index, w = [Value(3.0), Value(-4.0)], Value(1.0), Value(4.0)

    def model(x):
        if index < 2:
            if take(table, index) > 0:
                return x
            return failing(w) * x + failing(w) if w > 0 else 2.0 * x
        return -x

    program = compile(model, 1.0)
    for _ in range(2):
        for index.data, w.data in product([5.0, 0.0, 1.0], [-1.0, 4.0]):
            expected = [model(Value(x)).data for x in (1.0, 2.0)]
            assert_same(program([1.0, 2.0]), expected)
            assert_same(program.value_and_grad([1.0, 2.0])[0], np.mean(expected))
        by_reference(program)


def test_what_only_comparisons_or_penalties_need_is_not_differentiated_in_rows():
    """Rows have no stand-in for it, so that no line passes a 0 back to it."""
    v, w = Value(3.0), Value(2.0)
    compared = compile(lambda x: w * x if x < v.exp() else v * x, 1.0)
    assert str(compared).split("\n")[-2:] == ["L = Σ_rows w·x", "∂w = Σ_rows x"]
    penalised = compile(lambda x: w * x + w * w.exp(), 1.0)
    stages = penalised.variants[0].gradient().stages
    assert [len(stages.once.outputs), len(stages.rows.shared), len(stages.sources)] == [1, 1, 1]
    assert_same(penalised.value_and_grad([3.0])[1], [3.0 + 3.0 * math.exp(2.0)])


def test_a_branch_is_recorded_once_however_it_rounds():
    """In float32 the first row leaves the branch that it takes in float64; calls do not add it anew."""
    program = compile(
        lambda x: x[0] if x[0] + 1.0 > 1.0 else -x[0] if x[0] <= 0 else x[1], [1.0, 2.0], dtype="float32"
    )
    for _ in range(3):
        assert_same(program([[1e-10, 3.0]]), [1e-10], 1e-6)
        assert len(program.variants) == 1


def test_branches_that_threads_record_at_a_time():
    """One program called from several threads, each of which needs branches that no other has recorded yet."""
    w = [Value(float(i + 1)) for i in range(6)]

    def model(x):
        total = x * 0.0
        for i in range(5):
            total = total + w[i] * x if x > i - 2.5 else total - w[i + 1] * x * x
        return total

    x = column(40) * 2.0
    expected = [model(Value(z)).data for z in x]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(10):
            program = compile(model, 0.1)

            def run(part, program=program):
                rows = x[part::4]
                return program(rows), program.value_and_grad(rows)[0]

            with ThreadPoolExecutor(4) as pool:
                for part, (given, mean) in enumerate(pool.map(run, range(4))):
                    assert_same(given, expected[part::4], scale=1.0)
                    assert_same(mean, np.mean(expected[part::4]), scale=1.0)
            assert len(set(program.values)) == len(program.values)
    finally:
        sys.setswitchinterval(interval)


def test_branches_keep_no_graph():
    """Once it has been compiled, what was recorded is gone: the program holds its parameter, and no other new Value."""

    def living():
        gc.collect()
        return {id(thing): thing for thing in gc.get_objects() if type(thing) is Value}

    def run():
        program = compile(lambda x: (w * x).sin() if x * w > 0 else -x, 1.0)
        assert program.value_and_grad([1.0, -1.0])[0] == 0.5 * (math.sin(2.0) + 1.0)
        return program

    w = Value(2.0)
    run()  # what is kept for all programs is there afterwards
    before = living()
    program = run()
    assert [value for key, value in living().items() if key not in before] == []
    assert program.values == [w]


def test_what_fails_on_a_new_branch_names_its_row():
    """An error of the function itself, while it is recorded for a row, says for which."""
    table, w = [Value(1.0), Value(-1.0)], Value(2.0)
    program = compile(lambda i, x: x * w if x > 0 else take(table, i), 0, 1.0)
    with pytest.raises(IndexError, match="whole number from 0 to 1, got 7") as caught:
        program([7, 1, 7], [2.0, 3.0, -2.0], parameters=[5.0])
    assert caught.value.__notes__[-1] == "while row 2, which takes a branch of its own, was recorded"
    assert w.data == 2.0
    assert program([1, 0], [3.0, -1.0]).tolist() == [6.0, 1.0]


def test_branches_with_results_of_other_shapes_are_refused():
    """One program has one shape of result."""
    program = compile(lambda x: [x, x] if x > 0 else [x], 1.0)
    with pytest.raises(TypeError, match="branches return results of different shapes"):
        program([1.0, -1.0])


# ── float32 and threads ───────────────────────────────────────────────────────────────────────────────


def test_float32():
    """Results are float32, and close to those in float64."""
    _, model, x, y = model_and_rows(150)
    single, double = compile(model, x[0], y[0], dtype="float32"), compile(model, x[0], y[0])
    assert single(x, y).dtype == single.parameters.dtype == np.float32
    assert_same(single(x, y), double(x, y), relative=1e-4, scale=1.0)
    value, gradient = single.value_and_grad(x, y)
    assert gradient.dtype == np.float32
    assert_same(value, double.value_and_grad(x, y)[0], relative=1e-5)
    assert_same(gradient, double.value_and_grad(x, y)[1], relative=1e-5, scale=1.0)


@pytest.mark.parametrize("rows", [1, 3, 4, 129, 1000])
def test_threads(rows):
    """Two threads give the same bits each time, and what one gives but for rounding."""
    _, model, x, y = model_and_rows(rows)
    one, two = compile(model, x[0], y[0]), compile(model, x[0], y[0], threads=2)
    value, gradient = two.value_and_grad(x, y)
    for _ in range(5):
        again, gradients = two.value_and_grad(x, y)
        assert (again, gradients.tolist()) == (value, gradient.tolist())
    assert two(x, y).tolist() == one(x, y).tolist()
    assert_same(value, one.value_and_grad(x, y)[0])
    assert_same(gradient, one.value_and_grad(x, y)[1], scale=1.0)


def test_derivatives_that_are_infinite_meet_each_row():
    """0·∞ is nan in the row where it is, though it would be ∞ behind the sum of all rows."""
    w, v = Value(0.0), Value(3.0)
    rows = np.array([[0.0], [1.0], [2.0]])
    models = [
        lambda x: x[0] * w.sqrt() + v * x[0],
        lambda x: (x[0] + 1.0) * w.sqrt() + v,
        lambda x: (x[0] - 1.0) * w.sqrt() + v * v,
    ]
    for model, nan in zip(models, (True, False, True)):
        program = compile(model, rows[0])
        value, gradient = program.value_and_grad(rows)
        expected, eagerly = eager(model, program.values, [(row,) for row in rows.tolist()])
        assert_same(value, expected)
        assert_same(gradient, eagerly)
        assert_same(gradient, program.value_and_grad(rows, reduction="none")[1].mean(axis=0))
        assert np.isnan(gradient[program.values.index(w)]) == nan


def test_data_of_parameters_that_is_no_number():
    """The error says of which parameter."""
    w = Value(2.0)
    program = compile(lambda x: w * x, 1.0)
    for data, kind in (("2", TypeError), (None, TypeError), (10**400, OverflowError)):
        w.data = data
        with pytest.raises(kind) as error:
            program([1.0])
        assert "program.values[0]" in error.value.__notes__[0]
    w.data = 3
    assert program([2.0]).tolist() == [6.0]


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────

REFUSED = [
    (([[1.0, 2.0]],), TypeError, "takes 2 arguments, got 1"),
    (([[1.0, 2.0]], [1.0], [1.0]), TypeError, "takes 2 arguments, got 3"),
    (([[1.0, 2.0, 3.0]], [1.0]), ValueError, r"argument 1 must have shape \(rows, 2\), got \(1, 3\)"),
    (([1.0, 2.0], [1.0]), ValueError, r"argument 1 must have shape \(rows, 2\), got \(2,\)"),
    (([[1.0, 2.0]], 1.0), ValueError, r"argument 2 must have shape"),
    (([[1.0, 2.0]], [[1.0]]), ValueError, r"argument 2 must have shape"),
    (([[1.0, 2.0], [3.0, 4.0]], [1.0]), ValueError, "argument 2 has 1 rows, but argument 1 has 2"),
    (([[1.0, 2.0], [3.0]], [1.0, 2.0]), ValueError, "rows of argument 1 differ in length"),
    (([["1", "2"]], [1.0]), TypeError, "argument 1 must be numbers, got an array of <U1"),
    (([[1.0, None]], [1.0]), TypeError, "argument 1 must be numbers, got an array of object"),
    (
        ([[1.0, 2.0]], np.array([1.0], object)),
        TypeError,
        "argument 2 must be numbers, got an array of object",
    ),
    (([[1.0, 2.0]], [1j]), TypeError, "argument 2 must be numbers, got an array of complex128"),
    ((np.zeros((0, 2)), []), ValueError, "argument 1 has no rows"),
    (([[1.0, 2.0]], []), ValueError, "argument 2 has no rows"),
]


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(("arguments", "kind", "message"), REFUSED)
def test_arguments_that_do_not_fit(arguments, kind, message, before):
    """One clear error each, from every way to call a program, before or after it was used."""
    w = Value(1.0)
    program = compile(lambda x, y: w * x[0] * x[1] - y, [1.0, 2.0], 3.0)
    if before:
        program.value_and_grad(np.ones((1, 2)), np.ones(1))
    for call in (program, program.value_and_grad, program.backward):
        with pytest.raises(kind, match=message):
            call(*arguments)
    assert not w.has_grad


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"dtype": "int64"}, ValueError),
        ({"threads": 0}, ValueError),
        ({"threads": 1.5}, ValueError),
        ({"on_branch": "skip"}, ValueError),
    ],
)
def test_options_that_do_not_exist(options, kind):
    """Options are checked before the function is run."""
    with pytest.raises(kind, match=f"{next(iter(options))} must be"):
        compile(lambda x: 1 / 0, 1.0, **options)


def test_only_functions_can_be_compiled():
    """The output of a computation, which has no inputs left, is refused with what to give."""
    with pytest.raises(TypeError, match=r"function must be callable, .*; got Value\(.*\) \(Value\)"):
        compile(Value(1.0) * 2.0, 1.0)


def test_functions_without_a_value():
    """A plain number, and a number made of an input, are refused when compiling."""

    def constant(x):
        return 3.0

    with pytest.raises(TypeError, match=r"constant returned 3\.0"):
        compile(constant, 1.0)
    with pytest.raises(TypeError, match=r"float\(v\) while recording"):
        compile(lambda x: x * math.sqrt(x), 1.0)
    with pytest.raises(ValueError, match="lists of different shapes cannot be batched"):
        compile(lambda x: x[0][0], [[1.0], [2.0, 3.0]])


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        (lambda x: [], ValueError, "returned lists with no Value in them"),
        (lambda x: [[], []], ValueError, "returned lists with no Value in them"),
        (lambda x: [x, [x, x]], ValueError, "different shapes cannot be batched as one result"),
        (lambda x: [[x], [x, x]], ValueError, "different shapes cannot be batched as one result"),
        (lambda x: [x, 3.0], TypeError, r"returned 3\.0"),
        (lambda x: "x", TypeError, "returned 'x'"),
        (lambda x: None, TypeError, "returned None"),
        (lambda x: {"x": x}, TypeError, "expected a Value, or lists of Values"),
    ],
)
def test_results_that_are_none(function, kind, message):
    """What is no Value, list of Values or list of equal lists of them is refused when compiling."""
    with pytest.raises(kind, match=message):
        compile(function, 1.0)


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        ([1.0], ValueError, r"expected 2 parameters, got an array of shape \(1,\)"),
        (3.0, ValueError, r"expected 2 parameters, got an array of shape \(\)"),
        (["1", "2"], TypeError, "parameters must be numbers, got an array of <U1"),
        (np.array([1.0, None], object), TypeError, "parameters must be numbers, got an array of object"),
        ([1j, 2.0], TypeError, "parameters must be numbers, got an array of complex128"),
        ([[1.0], [2.0, 3.0]], ValueError, "the rows of parameters differ in length"),
    ],
)
def test_parameters_that_are_none(wrong, kind, message):
    """Numbers that are no parameters are refused before a single one is written or used."""
    w, v = Value(1.0), Value(2.0)
    program = compile(lambda x: w * x + v, 1.0)
    for use in (
        program.write,
        lambda wrong: program([1.0], parameters=wrong),
        lambda wrong: program.value_and_grad([1.0], parameters=wrong),
    ):
        with pytest.raises(kind, match=message):
            use(wrong)
    assert (w.data, v.data) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("weights", "kind", "message"),
    [
        ([1.0], ValueError, r"expected 2 weights, got an array of shape \(1,\)"),
        (1.0, ValueError, r"expected 2 weights, got an array of shape \(\)"),
        (["a", "b"], TypeError, "weights must be numbers, got an array of <U1"),
        ([0.0, 0.0], ValueError, "the weights add up to 0"),
    ],
)
def test_weights_that_do_not_fit(weights, kind, message):
    """One weight for each row, and not all 0."""
    w = Value(1.0)
    with pytest.raises(kind, match=message):
        compile(lambda x: w * x, 1.0).value_and_grad([1.0, 2.0], weights=weights)


def test_reductions_that_do_not_exist():
    """There are mean, sum and none, and backward needs one number."""
    program = compile(lambda x: x * x, 1.0)
    for call in (program.value_and_grad, program.backward):
        with pytest.raises(ValueError, match="reduction must be"):
            call([1.0, 2.0], reduction="average")
    with pytest.raises(ValueError, match='reduction must be "mean" or "sum"'):
        program.backward([1.0, 2.0], reduction="none")


def test_a_gradient_needs_one_result():
    """Several results have no one gradient."""
    with pytest.raises(TypeError, match=r"result of shape \(2,\); a gradient needs a single Value"):
        compile(lambda x: [x, x], 1.0).value_and_grad([1.0])


@pytest.mark.parametrize("wrong", [np.zeros(1), np.zeros(3), np.zeros((2, 1))])
def test_parameters_of_a_wrong_shape(wrong):
    """An array that is no number for each parameter is refused, not read beyond its end."""
    w, v = Value(1.0), Value(2.0)
    program = compile(lambda x: w * x + v, 1.0)
    for call in (program, program.value_and_grad):
        with pytest.raises(ValueError, match="expected 2 parameters"):
            call([1.0], parameters=wrong)


def test_parameters_of_another_type():
    """Whole numbers and lists serve as parameters like floats."""
    w, v = Value(1.5), Value(2.5)
    program = compile(lambda x: w * w * x + v, 1.0)
    expected = program.value_and_grad([1.5], parameters=np.array([3.0, 3.0]))
    for numbers in (np.array([3, 3]), [3.0, 3.0], np.array([3.0, 0.0, 3.0, 0.0])[::2]):
        value, gradient = program.value_and_grad([1.5], parameters=numbers)
        assert (value, gradient.tolist()) == (expected[0], expected[1].tolist())


def test_the_row_is_named_that_was_given():
    """An index out of range on a branch is named by its row in the batch, not on the branch."""
    table = [Value(1.0), Value(2.0)]
    program = compile(lambda x, i: x if x > 0 else take(table, i), 1.0, 0)
    with pytest.raises(IndexError, match="row 3: "):
        program([1.0, 2.0, -1.0, -1.0], [0, 0, 1, 2])


def test_threads_need_no_kernels_of_their_own():
    """Rows shared out among threads run on the kernels that one thread runs on, and give its results."""
    from autograd.compiler.execution import kernels

    w = Value(2.0)
    x = np.arange(10.0)
    expected = compile(lambda x: [w * x, x], 1.0)(x)
    before = len(kernels.run_of("float64").signatures)
    assert compile(lambda x: [w * x, x], 1.0, threads=3)(x).tolist() == expected.tolist()
    assert len(kernels.run_of("float64").signatures) == before


TIED = [
    lambda w, x: autograd.dot(w, x) * autograd.dot(w, x),
    lambda w, x: autograd.tanh(autograd.dot(w, x, 1.0)) + autograd.tanh(autograd.dot(w, x, 2.0)),
    lambda w, x: sum([autograd.tanh(autograd.dot([*w, *w][k : k + len(x)], x)) for k in range(5)]),
    lambda w, x: sum([autograd.tanh(autograd.dot(w[k : k + len(x) - 3], x[3:])) for k in range(4)]),
]


@pytest.mark.parametrize("function", TIED)
@pytest.mark.parametrize("width", [4, 9, 31])
@pytest.mark.parametrize("rows", [1, 2, 9, 40])
def test_weights_that_meet_an_input_more_than_once(function, width, rows):
    """Whether the same ones or a part of them, each of their uses counts in the gradient."""
    w = [Value(0.1 * i - 0.3) for i in range(width)]
    X = np.random.default_rng(width).normal(size=(rows, width))
    program = compile(lambda x: function(w, x), X[0])
    value, gradient = program.value_and_grad(X)
    expected, by_eager = eager(lambda x: function(w, x), program.values, [[row] for row in X.tolist()])
    assert value == pytest.approx(expected, rel=1e-12)
    assert gradient == pytest.approx(by_eager, rel=1e-11, abs=1e-13)


def test_nothing_is_left_of_an_earlier_batch():
    """Work space is used again: a nan in one batch changes not one bit of the next, whatever its size."""
    random = np.random.default_rng(0)
    weights = [[Value(x) for x in row] for row in random.normal(size=(8, 3))]
    shift = Value(0.2)

    def function(x):
        hidden = [autograd.dot(row, x) / (shift + 1.0) for row in weights]
        return [autograd.dot(row, hidden[:3]) for row in weights]

    program = compile(function, [1.0, 2.0, 3.0])
    X, wild = random.normal(size=(33, 3)), np.full((36, 3), np.nan)
    before = program(X)
    program(wild)
    assert (program(X) == before).all()


def test_weights_that_add_up_to_nothing():
    """There is no mean with them, but there is a sum, of all branches too."""
    w = Value(2.0)
    for of_one in (lambda x: w * x, lambda x: w * x if x > 0 else w * w):
        program = compile(of_one, 1.0)
        value, gradient = program.value_and_grad([1.0, 3.0], reduction="sum", weights=[1.0, -1.0])
        assert (value, gradient.tolist()) == (-4.0, [-2.0])
        with pytest.raises(ValueError, match="no mean"):
            program.value_and_grad([1.0, 3.0], weights=[1.0, -1.0])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "model", [lambda x, w: w * x + (w - w).log(), lambda x, w: w * x if x > 0 else -w * x * x]
)
def test_infinities_that_cancel_are_no_warning(model, threads):
    """∞ − ∞ is nan without a word, as on Values: in parts that depend on no input, over branches, rows, threads."""
    w = Value(2.0)
    program = compile(lambda x: model(x, w), 1.0, threads=threads)
    rows = [math.inf, 1.0, -math.inf, -2.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for reduction in ("mean", "sum"):
            value, gradient = program.value_and_grad(rows, reduction=reduction)
            assert math.isnan(value)
            assert np.isnan(gradient).all()
        values, _ = program.value_and_grad(rows, reduction="none")
    assert np.array_equal(values, [model(Value(x), w).data for x in rows], equal_nan=True)


def test_a_gradient_that_cannot_be_saved_says_so():
    """A derivative that asks for a number is refused when the program is saved, with the reason."""
    square = function("square", lambda x: x * x, lambda x, z: 2.0 * float(x))
    w = Value(1.0)
    program = compile(lambda x: square(w * x), 1.0)
    assert program([3.0]).tolist() == [9.0]
    with pytest.raises(TypeError, match="would fix the number") as caught:
        pickle.dumps(program)
    assert caught.value.__notes__[-1] == "while the gradient, which is saved with a program, was made"
