"""Functions of floats, against numpy's: the same IEEE 754 results at every edge, without an exception."""

import math
from math import inf, nan

import numpy
import pytest

from autograd import ieee
from autograd.ieee import Float

EDGES = [
    0.0, -0.0, 1e-300, -1e-300, 1e-30, -1e-30, 0.3, -0.3, 1.0, -1.0, 2.0, -2.0, 2.5, -2.5, 3.0, -3.0,
    20.0, -20.0, 709.0, 710.0, 1000.0, -1000.0, 1e300, -1e300, inf, -inf, nan,
]  # fmt: skip
NUMPY_OF_ONE = {
    "exp": numpy.exp,
    "expm1": numpy.expm1,
    "log": numpy.log,
    "log1p": numpy.log1p,
    "sqrt": numpy.sqrt,
    "sin": numpy.sin,
    "cos": numpy.cos,
    "tan": numpy.tan,
    "softplus": lambda x: numpy.logaddexp(0.0, x),
    "sigmoid": lambda x: 1.0 / (1.0 + numpy.exp(-x)) if x > -700 else numpy.exp(x),
}


def check_same(given, expected, rel=4e-16):
    """A float that is `expected` up to an ulp or two, nan for nan, with the sign of a zero."""
    assert type(given) in (float, Float)
    if math.isnan(expected):
        assert math.isnan(given)
    elif expected == 0.0 or math.isinf(expected):
        assert (given, math.copysign(1.0, given)) == (expected, math.copysign(1.0, expected))
    else:
        assert given == pytest.approx(expected, rel=rel, abs=0.0)


def quietly(function, *xs):
    with numpy.errstate(all="ignore"):
        return float(function(*[numpy.float64(x) for x in xs]))


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", NUMPY_OF_ONE)
def test_functions_of_one_number_are_numpys(name, x):
    """Overflow is inf, a point outside the domain is nan, and zeros keep their sign, as numpy has it."""
    check_same(getattr(ieee, name)(x), quietly(NUMPY_OF_ONE[name], x))


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize(("name", "function"), [("divide", numpy.divide), ("power", numpy.power)])
def test_functions_of_two_numbers_are_numpys(name, function, x):
    """x / y and xʸ for every pair of edges: never an exception, never a complex number."""
    for y in EDGES:
        check_same(getattr(ieee, name)(x, y), quietly(function, x, y))


def test_a_negative_base_keeps_its_sign_where_it_overflows():
    """(−10)⁴⁰¹ is −inf and (−10)⁴⁰⁰ is inf; (−0)⁻¹ is −inf and (−0)⁻² is inf."""
    assert (ieee.power(-10.0, 401.0), ieee.power(-10.0, 400.0)) == (-inf, inf)
    assert (ieee.power(-0.0, -1.0), ieee.power(-0.0, -2.0), ieee.power(-0.0, -0.5)) == (-inf, inf, inf)


@pytest.mark.parametrize(
    "xs",
    [
        (0.3,),
        (0.3, -2.0, 5.0),
        (1000.0, 1000.0, 999.0),
        (-1000.0, -1001.0),
        (-inf, 1.0),
        (-inf, -inf),
        (inf, 1.0),
    ],
)
def test_logsumexp_is_numpys(xs):
    """log Σ exp is what logaddexp gives term by term, without overflow."""
    check_same(ieee.logsumexp(xs), float(numpy.logaddexp.reduce(xs)), rel=1e-14)


def test_logsumexp_of_nothing_and_of_nan():
    """The sum of nothing is 0, so its logarithm is −inf; a nan anywhere is not lost."""
    assert ieee.logsumexp(()) == -inf
    for xs in [(nan, 1.0), (1.0, nan), (inf, nan), (nan, inf), (-inf, nan)]:
        assert math.isnan(ieee.logsumexp(xs))


@pytest.mark.parametrize("x", [1e-17, -1e-17, 1e-9, 40.0, -40.0, -700.0])
def test_small_results_keep_their_digits(x):
    """Near 0, log1p and expm1 do not cancel; σ and softplus of a large negative number are eˣ, not 0."""
    if abs(x) < 1:
        assert ieee.log1p(x) == pytest.approx(x - x * x / 2, rel=1e-15)
        assert ieee.expm1(x) == pytest.approx(x + x * x / 2, rel=1e-15)
    if x < -30:
        assert ieee.sigmoid(x) == pytest.approx(math.exp(x), rel=1e-15)
        assert ieee.softplus(x) == pytest.approx(math.exp(x), rel=1e-15)


@pytest.mark.parametrize("z", [-1000.0, -40.0, -3.0, -1e-9, 0.0, 0.7, 40.0, 1000.0])
@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
def test_binary_cross_entropy_with_logits_keeps_its_digits(z, y):
    """y·softplus(−z) + (1 − y)·softplus(z), two positive terms, so without cancellation."""
    expected = y * numpy.logaddexp(0.0, -z) + (1.0 - y) * numpy.logaddexp(0.0, z)
    assert ieee.binary_cross_entropy_with_logits(z, y) == pytest.approx(expected, rel=1e-14, abs=0.0)


@pytest.mark.parametrize(("z", "y"), [(inf, 0.0), (inf, 0.3), (-inf, 1.0), (-inf, 0.3)])
def test_binary_cross_entropy_of_a_wrong_infinite_logit(z, y):
    """A logit that is infinitely sure of the wrong class costs inf, whichever class that is."""
    assert ieee.binary_cross_entropy_with_logits(z, y) == inf


@pytest.mark.parametrize("a", [0.0, 1e-300, 0.25, 0.5, 1.0 - 1e-16, 1.0])
def test_binary_cross_entropy_at_certain_targets(a):
    """For a target of 1 it is −log a, for 0 −log(1 − a): the other term is 0, also where its log is −inf."""
    with numpy.errstate(divide="ignore"):
        check_same(ieee.binary_cross_entropy(a, 1.0), float(0.0 - numpy.log(a)))
        check_same(ieee.binary_cross_entropy(a, 0.0), float(0.0 - numpy.log1p(-a)))


BINARY = {
    "+": (lambda x, y: x + y, numpy.add),
    "−": (lambda x, y: x - y, numpy.subtract),
    "×": (lambda x, y: x * y, numpy.multiply),
    "÷": (lambda x, y: x / y, numpy.divide),
    "^": (lambda x, y: x**y, numpy.power),
}


@pytest.mark.parametrize("operator", BINARY)
@pytest.mark.parametrize("x", EDGES)
def test_operators_of_float_never_raise(operator, x):
    """Float's operators give a Float with numpy's result, whichever side the plain number is on."""
    given, expected = BINARY[operator]
    for y in EDGES:
        for result in (given(Float(x), y), given(x, Float(y)), given(Float(x), Float(y))):
            assert type(result) is Float
            check_same(result, quietly(expected, x, y))


def test_rows_on_floats_that_never_raise():
    """Negation, |x| and the rows of the table take a Float and give a Float."""
    from autograd import log, where

    for result, expected in [(-Float(2.0), -2.0), (abs(Float(-2.0)), 2.0), (log(Float(0.0)), -inf)]:
        assert type(result) is Float
        assert result == expected
    assert where(Float(0.0), 1.0, Float(2.0)) == 2.0
