"""The table of operations: every row, at ordinary points and at the edges, against numbers and PyTorch.

All tests run over the rows that they find in `autograd.ops`; a row without sample operands fails.
"""

import itertools
import json
import math
import pickle
from math import inf, nan
from pathlib import Path

import pytest

import autograd
from autograd import Value, grad, ops
from autograd.operation import Op

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("ops_reference.json").read_text())[
    "rows"
]
ROWS = {name: row for name, row in vars(ops).items() if isinstance(row, Op)}
EDGES = [0.0, -0.0, 1e-300, -1e-300, 1.0, -1.0, 20.0, 1000.0, -1000.0, inf, -inf, nan]

# Points where the row is smooth: away from kinks, ties, and the border of its domain.
ANYWHERE = [(-2.3,), (-0.4,), (0.7,), (3.1,)]
POSITIVE = [(0.2,), (0.9,), (4.5,)]
PAIRS = [(0.7, -1.3), (-2.1, 0.4), (3.0, 2.5), (-0.6, -0.5)]
POSITIVE_PAIRS = [(0.7, 1.3), (2.1, 0.4), (0.2, 0.9)]
WITH_SETTING = [(-1.4, 0.3), (0.8, 0.3), (-0.2, 1.0), (2.0, 0.01)]
LISTS = [(0.7,), (0.7, -1.3), (-2.1, 0.4, 1.9, 3.2)]
WITH_CLASS = [(0.7, 0.0), (0.7, -1.3, 1.0), (-2.1, 0.4, 1.9, 3.2, 2.0)]
PROBABILITIES = [(0.2, 1.0), (0.7, 0.0), (0.4, 0.3), (0.9, 0.85)]
SAMPLES = {
    "constant": [()],
    **dict.fromkeys(["add", "sub", "mul", "div", "maximum", "minimum"], PAIRS),
    **dict.fromkeys(["equal", "share"], PAIRS),
    **dict.fromkeys(
        ["neg", "step", "sign", "exp", "expm1", "sin", "cos", "tan", "atan", "tanh", "erf"], ANYWHERE
    ),
    **dict.fromkeys(["abs", "sigmoid", "relu", "softplus", "gelu", "silu"], ANYWHERE),
    **dict.fromkeys(["log", "log1p", "sqrt"], POSITIVE),
    **dict.fromkeys(["leaky_relu", "elu"], WITH_SETTING),
    **dict.fromkeys(["xlogy", "xdivy", "pow"], POSITIVE_PAIRS),
    "power": [(0.7, -1.3), (2.1, 0.5), (-1.2, 3.0), (-1.2, -2.0), (0.4, 2.0), (0.4, 1.0), (0.4, 0.0)],
    "where": [(1.0, 0.7, -1.3), (0.0, 0.7, -1.3), (-2.0, 0.4, 0.4)],
    **dict.fromkeys(["sum", "prod", "logsumexp"], LISTS),
    "dot": [(0.5,), (0.7, -1.3, 0.4), (0.7, -1.3, 0.4, -2.1, 1.9)],
    **dict.fromkeys(["select", "cross_entropy"], WITH_CLASS),
    "binary_cross_entropy": PROBABILITIES,
    "binary_cross_entropy_with_logits": PAIRS,
}
# The operands that a row takes as numbers, and has the partial 0 for: an exponent, a condition, a class.
HELD = {"power": {1}, "where": {0}, "select": {-1}, "cross_entropy": {-1}}

rows = pytest.mark.parametrize("name", ROWS)


def samples(name):
    assert name in SAMPLES, f"the row {name!r} has no sample operands: add some to SAMPLES"
    return SAMPLES[name]


def held(name, xs):
    return {i % len(xs) for i in HELD.get(name, ())} if xs else set()


def edge_points(name):
    """Every edge in every place: all combinations for up to two operands, else one edge at a time."""
    points = list(samples(name))
    arities = {len(xs) for xs in points}
    if arities in ({1}, {2}):
        return points + list(itertools.product(EDGES, repeat=arities.pop()))
    for xs in samples(name):
        for i in set(range(len(xs))) - held(name, xs):
            points += [(*xs[:i], edge, *xs[i + 1 :]) for edge in EDGES]
    return points


def recorded(name, xs):
    """The row's node on leaves, numbers in the places that it takes as numbers, and the leaves by place."""
    leaves = {i: Value(x) for i, x in enumerate(xs) if i not in held(name, xs)}
    return ROWS[name].apply(tuple([leaves.get(i, x) for i, x in enumerate(xs)])), leaves


def same(given, expected, rel=0.0, abs=0.0):
    if given != given or expected != expected:
        return given != given and expected != expected
    return given == expected or (
        math.isfinite(expected) and given == pytest.approx(expected, rel=rel, abs=abs)
    )


def central_difference(function, xs, i, h=1e-6):
    above, below = ((*xs[:i], xs[i] + d, *xs[i + 1 :]) for d in (h, -h))
    return (function(above) - function(below)) / (above[i] - below[i])


def test_every_row_has_samples():
    """A row cannot be added untested, and no samples stay behind when one goes."""
    assert set(ROWS) == set(SAMPLES)


@rows
def test_rows_are_found_by_their_names(name):
    """A row stands in the table under its own name, says what it is, and pickles by that name."""
    row = ROWS[name]
    assert row.name == row.__name__ == name
    assert row.__module__ == "autograd.ops"
    assert len(row.__doc__) > 2
    assert row.__doc__.endswith(".")
    assert pickle.loads(pickle.dumps(row)) is row
    assert repr(row) == f"<operation {name}>"


@rows
def test_partials_are_central_differences(name):
    """Each local derivative is what moving its operand a little shows."""
    row = ROWS[name]
    for xs in samples(name):
        partials = row.partials(xs, row.value(xs))
        assert len(partials) == len(xs)
        for i, partial in enumerate(partials):
            expected = 0.0 if i in held(name, xs) else central_difference(row.value, xs, i)
            assert partial == pytest.approx(expected, rel=1e-7, abs=1e-8), (xs, i)


@rows
def test_second_derivatives_are_central_differences(name):
    """The derivative of the rule on Values is what moving an operand shows of the rule on floats."""
    row = ROWS[name]
    for xs in samples(name):
        if not xs:
            continue
        node, leaves = recorded(name, xs)
        for i, gradient in zip(leaves, grad(node, leaves.values())):
            for j, second in zip(leaves, grad(gradient, leaves.values())):
                expected = central_difference(lambda at, i=i: row.partials(at, row.value(at))[i], xs, j)
                assert second.data == pytest.approx(expected, rel=1e-6, abs=1e-7), (xs, i, j)


@rows
def test_rule_on_floats_is_rule_on_values(name):
    """The same line gives the same bits on floats and on Values, at ordinary points and at every edge."""
    for xs in edge_points(name):
        if not xs:
            continue
        node, leaves = recorded(name, xs)
        gradients = grad(node, leaves.values())
        for i, gradient in zip(leaves, gradients):
            assert same(gradient.data, node.partials[i]), (xs, i)


@rows
def test_edges_give_floats_and_no_exception(name):
    """At 0, −0, ±1e-300, large numbers, infinities and nan, every result and every partial is a float."""
    row = ROWS[name]
    for xs in edge_points(name):
        z = row.value(xs)
        assert type(z) is float, xs
        if not xs:
            continue
        node, leaves = recorded(name, xs)
        assert same(node.data, z)
        assert [type(partial) for partial in node.partials] == [float] * len(xs), xs
        for gradient in grad(node, leaves.values()):
            assert all(type(second.data) is float for second in grad(gradient, leaves.values()))


@rows
def test_integers_become_floats(name):
    """Whole numbers given as ints give floats throughout."""
    for xs in samples(name):
        whole = tuple([round(x) or 1 if i not in held(name, xs) else int(x) for i, x in enumerate(xs)])
        assert type(ROWS[name].apply(whole)) is float
        if xs:
            node, _ = recorded(name, whole)
            assert type(node.data) is float
            assert {type(partial) for partial in node.partials} == {float}
            assert {type(parent.data) for parent in node.parents} == {float}


@rows
def test_nan_is_not_lost(name):
    """A nan operand gives nan, in every place where the row looks at it."""
    if name in {"constant", "step", "equal", "share", "where", "select"}:
        return  # steps and choices, which look at nothing but an order or a place
    for xs in samples(name):
        for i in set(range(len(xs))) - held(name, xs):
            given = (*xs[:i], nan, *xs[i + 1 :])
            exceptions = [
                name == "power" and xs[1] == 0.0,  # x⁰ = 1, as IEEE has it
                name in {"leaky_relu", "elu"} and i == 1 and xs[0] > 0.0,  # the slope where it is not used
            ]
            assert any(exceptions) or math.isnan(ROWS[name].value(given)), given


EXPANDABLE = [name for name, row in ROWS.items() if row.expand]


@pytest.mark.parametrize("name", EXPANDABLE)
def test_expansions_are_the_row_said_in_others(name):
    """`expand` gives the row's number and its derivatives, from numbers and from Values."""
    row = ROWS[name]
    for xs in samples(name):
        assert row.expanded(xs) == pytest.approx(row.value(xs), rel=1e-14)
        node, leaves = recorded(name, xs)
        operands = tuple([leaves.get(i, x) for i, x in enumerate(xs)])
        expanded = row.expanded(operands)
        if expanded is operands[0]:
            continue  # the sum, product or bias alone
        assert expanded.op is not row
        assert expanded.data == pytest.approx(row.value(xs), rel=1e-14)
        for given, expected in zip(grad(expanded, leaves.values()), grad(node, leaves.values())):
            assert given.data == pytest.approx(expected.data, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("name", EXPANDABLE)
def test_expansions_at_the_edges(name):
    """The expansion's number is the row's at every edge too."""
    row = ROWS[name]
    for xs in edge_points(name):
        if name == "logsumexp" and max(map(abs, xs)) > 700.0:
            continue  # log Σ exp as the textbook writes it overflows, which is why it is a row
        if name == "binary_cross_entropy_with_logits" and infinite(*xs):
            continue  # ∞ − ∞·y
        assert same(row.expanded(xs), row.value(xs), rel=1e-12, abs=1e-14), xs


def test_expansions_of_nothing_and_of_one():
    """The sum of nothing is 0.0, the product 1.0; that of one operand is the operand, without a node more."""
    a = Value(2.0)
    assert (ops.sum.expanded(()), ops.prod.expanded(())) == (0.0, 1.0)
    assert ops.sum.expanded((a,)) is ops.prod.expanded((a,)) is ops.dot.expanded((a,)) is a
    b, c = Value(3.0), Value(4.0)
    for row in (ops.sum, ops.prod):
        assert len(autograd.graph.topological_order(row.expanded((a, b, c)))) == 5


def test_expansion_of_softplus_at_0():
    """Its two kinks at 0 make up for each other: the derivative is ½."""
    x = Value(0.0)
    assert grad(ops.softplus.expanded((x,)), x).data == 0.5


# ── as PyTorch has it ─────────────────────────────────────────────────────────────────────────────────

NO_TORCH = {
    "constant", "step", "equal", "share",  # what derivatives are made of; PyTorch has no derivative of them
    "xdivy",  # PyTorch has only xlogy
}  # fmt: skip
TOLERANCE = {  # relative, for what the same formula loses to rounding in other libraries' exp, tanh or pow
    "value": 1e-13,
    "gradient": 1e-13,
    "second": 1e-12,
}


def infinite(*xs):
    return any(math.isinf(x) for x in xs)


def extreme(*xs):
    return not all(x == 0.0 or 1e-20 < abs(x) < 1e100 for x in xs)


# (row, what differs, at which operands, why ours stays as it is)
DIFFERENCES = [
    ("sign", "value", lambda x: x != x,
        "the sign of nan is nan, not 0: nan is not lost"),
    ("abs", "gradient", lambda x: x != x,
        "|x|' is the sign, nan at nan"),
    ("leaky_relu", "gradient", lambda x, slope: x != x,
        "at nan the derivative is 1, PyTorch's the slope; neither means anything"),
    ("elu", "second", lambda x, alpha: x == 0.0,
        "the derivative at 0 is the one from the left, here and there; so is ours of second order"),
    ("tanh", "gradient", lambda x: abs(x) > 5.0,
        "1 − z² cancels, and shows the last bit in which two libraries' tanh differ"),
    ("tanh", "second", lambda x: abs(x) > 5.0,
        "likewise"),
    ("softplus", "second", lambda x: x == 20.0,
        "PyTorch has a threshold of 20, at which it takes softplus for linear; ours is exact"),
    ("prod", "gradient", extreme,
        "PyTorch divides the product by the operand, 0/0 or ∞/∞ here; ours multiplies the others"),
    ("prod", "second", extreme,
        "likewise"),
    ("logsumexp", "second", lambda *xs: inf in xs,
        "an operand below an infinite one has weight 0, not 0·nan"),
    ("cross_entropy", "value", lambda *xs: xs == (20.0, -20.0, 0.0),
        "e⁻⁴⁰, where PyTorch has log(1 + e⁻⁴⁰) = 0"),
    ("binary_cross_entropy_with_logits", "value", lambda z, y: z < -5.0 and y == 0.0,
        "log1p(eᶻ) keeps the digits that PyTorch loses in z − (z − eᶻ)"),
    ("binary_cross_entropy_with_logits", "value", lambda z, y: z == -inf and y > 0.0,
        "infinitely sure of the wrong class costs inf; PyTorch has ∞ − ∞"),
    ("binary_cross_entropy", "value", lambda a, y: min(a, 1.0 - a) < 1e-40 and y != a,
        "PyTorch stops the logarithm at −100; ours is the formula"),
    ("binary_cross_entropy", "gradient", lambda a, y: min(a, 1.0 - a) < 1e-40,
        "PyTorch divides by no less than 1e-12; ours is the formula"),
    ("binary_cross_entropy", "second", lambda a, y: True,
        "PyTorch adds 1e-12 to the denominator: 3.99999999997 where it is 4"),
    ("pow", "second", lambda x, y: y == 0.0,
        "PyTorch takes y·x^(y−1) for a constant 0 there, so that its Hessian is not symmetric; ours has 1/x"),
    ("power", "second", lambda x, n: x == -inf and n == 2.5,
        "(−∞)^½ is inf as in C; PyTorch takes a root, nan"),
    ("xlogy", "gradient", lambda x, y: x == 0.0 and y <= 0.0,
        "∂/∂x is log y also at x = 0, and ∂/∂y is 0 there; PyTorch has 0 and nan"),
    ("xlogy", "second", lambda x, y: x == 0.0 and y <= 0.0,
        "likewise"),
]  # fmt: skip


def explained(name, what, xs):
    return any((name, what) == row[:2] and row[2](*xs) for row in DIFFERENCES)


def differences(name, xs, value, gradients, seconds):
    """What is not as PyTorch has it: "value", "gradient" or "second"."""
    node, leaves = recorded(name, xs)
    if not same(node.data, value, TOLERANCE["value"]):
        yield "value", node.data, value
    ours = grad(node, leaves.values())
    for i, gradient in zip(leaves, ours):
        if gradients[i] is None:
            continue
        if not same(node.partials[i], gradients[i], TOLERANCE["gradient"]):
            yield "gradient", node.partials[i], gradients[i]
        for j, second in zip(leaves, grad(gradient, leaves.values())):
            if seconds[i][j] is not None and not same(second.data, seconds[i][j], TOLERANCE["second"]):
                yield "second", second.data, seconds[i][j]


def test_every_row_is_compared():
    """Each row is in the reference, or among those that PyTorch does not have."""
    assert set(REFERENCE) | NO_TORCH == set(ROWS)
    assert not set(REFERENCE) & NO_TORCH


@pytest.mark.parametrize("name", REFERENCE)
def test_values_and_derivatives_are_pytorchs(name):
    """Number, gradients and second derivatives are PyTorch's at every edge, except for DIFFERENCES."""
    for operands, *expected in REFERENCE[name]:
        xs = tuple(map(float, operands))
        for what, ours, theirs in differences(name, xs, *expected):
            assert explained(name, what, xs), f"{name}{xs}: {what} {ours!r}, PyTorch has {theirs!r}"


@pytest.mark.parametrize(("name", "what", "where", "why"), DIFFERENCES)
def test_every_listed_difference_is_one(name, what, where, why):
    """No exception stays in the list that is none any more."""
    found = [
        found
        for operands, *expected in REFERENCE[name]
        if where(*map(float, operands))
        for found, *_ in differences(name, tuple(map(float, operands)), *expected)
    ]
    assert what in found


# ── promises by name ──────────────────────────────────────────────────────────────────────────────────


def slope(function, x):
    """The derivative of `function` at `x` by backward(), which grad must confirm."""
    leaf = Value(x)
    output = function(leaf)
    output.backward()
    assert same(grad(output, leaf).data, leaf.grad)
    return leaf.grad


def test_derivatives_at_kinks():
    """relu'(0) = 0, |x|'(0) = 0, leaky relu's is its slope and elu's its alpha; each docstring says so."""
    assert slope(autograd.relu, 0.0) == slope(autograd.relu, -0.0) == 0.0
    assert slope(abs, 0.0) == slope(autograd.abs, -0.0) == 0.0
    assert slope(lambda x: autograd.leaky_relu(x, 0.2), 0.0) == 0.2
    assert slope(lambda x: autograd.elu(x, 0.7), 0.0) == 0.7
    for row in ("relu", "abs", "leaky_relu", "elu"):
        assert "derivative" in ROWS[row].__doc__
        assert "at 0" in ROWS[row].__doc__


def test_a_tie_is_shared():
    """maximum and minimum of equal numbers give each operand half the gradient, and the docstrings say so."""
    for row in (ops.maximum, ops.minimum):
        a, b = Value(1.5), Value(1.5)
        row(a, b).backward()
        assert (a.grad, b.grad) == (0.5, 0.5)
        row(a, a).backward()
        assert a.grad == 1.5
        assert "tie" in row.__doc__


def test_nan_passes_through_relu_maximum_and_minimum():
    """A comparison with nan is false, which must not turn it into 0 or into the other operand."""
    assert math.isnan(autograd.relu(nan))
    for row in (ops.maximum, ops.minimum):
        assert math.isnan(row(nan, 1.0))
        assert math.isnan(row(1.0, nan))


@pytest.mark.parametrize(
    ("function", "x", "value", "derivative"),
    [
        (autograd.exp, 1000.0, inf, inf),
        (autograd.log, 0.0, -inf, inf),
        (autograd.log, -1.0, nan, -1.0),
        (autograd.sqrt, 0.0, 0.0, inf),
        (autograd.sqrt, -1.0, nan, nan),
        (autograd.tanh, 1000.0, 1.0, 0.0),
        (autograd.sigmoid, -1000.0, 0.0, 0.0),
        (autograd.sigmoid, 1000.0, 1.0, 0.0),
        (autograd.softplus, 1000.0, 1000.0, 1.0),
        (autograd.softplus, -1000.0, 0.0, 0.0),
        (lambda x: 1 / x, 0.0, inf, -inf),
        (lambda x: x / x, 0.0, nan, nan),
        (lambda x: x**0, 0.0, 1.0, 0.0),
        (lambda x: x**0.5, 0.0, 0.0, inf),
        (lambda x: x**-1, 0.0, inf, -inf),
        (lambda x: x ** (1 / 3), -8.0, nan, nan),
        (lambda x: x**3, -2.0, -8.0, 12.0),
        (lambda x: x**2, 1e200, inf, 2e200),
        (lambda x: 0**x, 0.0, 1.0, 0.0),
        (lambda x: 0**x, 2.0, 0.0, 0.0),
        (lambda x: 2**x, 2000.0, inf, inf),
        (lambda x: (-2) ** x, 0.5, nan, nan),
        (autograd.sin, inf, nan, nan),
        (autograd.elu, -1000.0, -1.0, 0.0),
        (autograd.silu, -1000.0, 0.0, 0.0),
        (autograd.gelu, -1000.0, 0.0, 0.0),
        (autograd.gelu, 1000.0, 1000.0, 1.0),
    ],
)
def test_arithmetic_follows_ieee(function, x, value, derivative):
    """Overflow, poles and points outside a domain give inf or nan: no exception and no complex number."""
    assert same(function(Value(x)).data, value)
    assert same(slope(function, x), derivative)


def test_powers_have_both_derivatives():
    """∂xʸ/∂x = y·x^(y−1) and ∂xʸ/∂y = xʸ log x, for two Values and where one of them is a number."""
    x, y = Value(1.7), Value(-0.6)
    z = x**y
    z.backward()
    assert z.data == pytest.approx(1.7**-0.6)
    assert x.grad == pytest.approx(-0.6 * 1.7**-1.6)
    assert y.grad == pytest.approx(1.7**-0.6 * math.log(1.7))
    assert slope(lambda x: 2**x, 3.0) == pytest.approx(8.0 * math.log(2.0))
    assert slope(lambda x: x**-2, 2.0) == -0.25
    assert slope(lambda x: autograd.pow(x, 2.0), -3.0) == -6.0


def test_large_logits_are_stable():
    """logsumexp, softmax, log_softmax and both cross-entropies hold for logits of ±1000, gradients too."""
    logits = [Value(1000.0), Value(0.0), Value(-1000.0)]
    loss = autograd.cross_entropy(logits, 1)
    loss.backward()
    assert loss.data == 1000.0
    assert [logit.grad for logit in logits] == [1.0, -1.0, 0.0]
    assert autograd.softmax([1000.0, 1000.0]) == pytest.approx([0.5, 0.5], rel=1e-12)
    assert autograd.log_softmax([1000.0, 0.0]) == [0.0, -1000.0]
    for z, y, value, derivative in [
        (1000.0, 0.0, 1000.0, 1.0),
        (-1000.0, 1.0, 1000.0, -1.0),
        (1000.0, 1.0, 0.0, 0.0),
    ]:
        assert autograd.binary_cross_entropy_with_logits(z, y) == value
        assert slope(lambda z, y=y: autograd.binary_cross_entropy_with_logits(z, y), z) == derivative


def test_softmax_of_moderate_numbers():
    """softmax is exp(xᵢ) / Σ exp(xⱼ), and ∂softmaxᵢ/∂xⱼ = sᵢ([i = j] − sⱼ)."""
    point = [0.3, -1.2, 2.0]
    total = sum(math.exp(x) for x in point)
    s = [math.exp(x) / total for x in point]
    xs = [Value(x) for x in point]
    outputs = autograd.softmax(xs)
    assert [output.data for output in outputs] == pytest.approx(s)
    for i, output in enumerate(outputs):
        expected = [s[i] * ((i == j) - s[j]) for j in range(3)]
        assert [entry.data for entry in grad(output, xs)] == pytest.approx(expected)
    assert autograd.log_softmax(point) == pytest.approx([math.log(p) for p in s])


def test_a_confident_cross_entropy_keeps_its_digits():
    """−log softmax of the largest logit is log(1 + Σ of the others), not a difference of large numbers."""
    assert autograd.cross_entropy([40.0, 0.0], 0) == pytest.approx(math.exp(-40.0), rel=1e-14, abs=0.0)
    assert autograd.cross_entropy([1000.0, 960.0], 0) == pytest.approx(math.exp(-40.0), rel=1e-14, abs=0.0)


@pytest.mark.parametrize("impossible", [-inf, -1e300])
def test_an_impossible_class_costs_no_digits(impossible):
    """A class that is ruled out adds nothing: the loss is log(1 + Σ of the other exponentials), small as it is."""
    for others in ([-10.0], [-10.0, -15.0], [29.0], [30.0]):
        logits = [30.0, *others, impossible]
        expected = math.log1p(math.fsum([math.exp(x - 30.0) for x in logits[1:]]))
        assert ops.cross_entropy(logits, 0) == pytest.approx(expected, rel=1e-14, abs=0.0)
        assert ops.cross_entropy(logits[::-1], len(others) + 1) == pytest.approx(expected, rel=1e-14, abs=0.0)
    assert ops.cross_entropy([3.0, impossible, impossible], 0) == 0.0
    assert ops.cross_entropy([3.0, -inf], 1) == inf


def test_lists_of_nothing():
    """The sum of nothing is 0.0, the product 1.0, logsumexp −inf, softmax the empty list; all floats."""
    results = [autograd.sum([]), autograd.prod([]), autograd.logsumexp([]), autograd.dot([], [], 2)]
    assert results == [0.0, 1.0, -inf, 2.0]
    assert {type(result) for result in results} == {float}
    assert autograd.softmax([]) == []


def test_products_with_a_zero_have_their_gradients():
    """∂(x·y·z)/∂x is y·z where x is 0, and 0 for all where two are."""
    xs = [Value(0.0), Value(2.0), Value(3.0)]
    assert [entry.data for entry in grad(autograd.prod(xs), xs)] == [6.0, 0.0, 0.0]
    xs = [Value(0.0), Value(2.0), Value(0.0)]
    assert [entry.data for entry in grad(autograd.prod(xs), xs)] == [0.0, 0.0, 0.0]


def test_where_takes_what_a_comparison_gives():
    """The condition may be a bool, as of `a < b`, a number, or a Value, which gets no gradient."""
    a, b = Value(2.0), Value(3.0)
    chosen = autograd.where(a < b, a * a, b)
    chosen.backward()
    assert (chosen.data, a.grad, b.grad) == (4.0, 4.0, 0.0)
    assert autograd.where(a > b, a, b).data == 3.0
    assert autograd.where(False, 1.0, 2.0) == 2.0
    condition = Value(-0.5)
    assert [entry.data for entry in grad(autograd.where(condition, a, b), [condition, a, b])] == [
        0.0,
        1.0,
        0.0,
    ]
    with pytest.raises(TypeError, match="expected a real number, got 'yes'"):
        autograd.where("yes", a, b)


def test_take_gives_the_entry_or_looks_it_up():
    """A plain index gives the entry itself; a Value makes a node whose gradient goes to the entry taken."""
    values = [Value(1.5), Value(2.5), Value(3.5)]
    assert autograd.take(values, 1) is values[1]
    taken = autograd.take(values, Value(2.0))
    taken.backward(3.0)
    assert [value.grad for value in values] == [0.0, 0.0, 3.0]
    for index in (-1, 3, 0.5, nan, inf, Value(3.0)):
        with pytest.raises(IndexError, match="whole number from 0 to 2, got"):
            autograd.take(values, index)
    with pytest.raises(IndexError, match="whole number from 0 to 1, got 2"):
        autograd.cross_entropy([0.5, 0.5], 2)


def test_dot_is_one_node_for_a_neuron():
    """Σ wᵢxᵢ + b with a parent for each operand, in order; weights and inputs must be as many."""
    w, x, b = [Value(2.0), Value(-1.0)], [Value(0.5), Value(3.0)], Value(0.25)
    node = autograd.dot(w, x, b)
    assert node.parents == (*w, *x, b)
    assert node.partials == (0.5, 3.0, 2.0, -1.0, 1.0)
    assert node.data == 2.0 * 0.5 - 1.0 * 3.0 + 0.25
    with pytest.raises(ValueError, match="2 weights and 1 inputs"):
        autograd.dot(w, x[:1])


def test_arguments_by_name():
    """Rows with settings take them by the names that their docstrings give."""
    x = Value(-2.0)
    assert autograd.leaky_relu(x, slope=0.1).data == -0.2
    assert autograd.elu(x, alpha=2.0).data == autograd.elu(x, 2.0).data
    assert autograd.dot([x], [3.0], bias=1.0).data == -5.0
    assert autograd.cross_entropy(logits=[x, 0.0], index=0).data == pytest.approx(math.log1p(math.exp(2.0)))
    with pytest.raises(TypeError, match="relu takes no keyword arguments, got slope"):
        autograd.relu(x, slope=0.1)


@pytest.mark.parametrize(
    ("call", "note"),
    [
        (lambda x: autograd.relu(x, x), "in a call of relu: max"),
        (lambda x: autograd.relu(), "in a call of relu: max"),
        (lambda x: autograd.sum(x, x), "in a call of sum: sum(values)"),
        (lambda x: autograd.sum(x), "in a call of sum: sum(values)"),
        (lambda x: autograd.cross_entropy(x, 0), "in a call of cross_entropy: cross_entropy(logits, index)"),
        (lambda x: autograd.dot(x, x), "in a call of dot: dot(weights, inputs, bias=0.0)"),
        (lambda x: autograd.elu(x, a=1.0), "in a call of elu: elu(x, alpha=1.0)"),
        (lambda x: autograd.tanh("3"), "in a call of tanh"),
    ],
)
def test_wrong_calls_say_which_row_and_how_it_is_called(call, note):
    """A call with the wrong operands ends in a TypeError whose note names the row and what it takes."""
    with pytest.raises(TypeError) as caught:
        call(Value(2.0))
    assert any(entry.startswith(note) for entry in caught.value.__notes__)
