"""Functions of floats that give IEEE 754 results where Python's own raise or turn complex."""

import math
from math import inf, nan
from typing import Any, Final

__all__ = [
    "Float",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cos",
    "divide",
    "exp",
    "expm1",
    "log",
    "log1p",
    "logsumexp",
    "power",
    "sigmoid",
    "sin",
    "softplus",
    "sqrt",
    "tan",
]

TWO_OVER_ROOT_PI: Final = 2.0 / math.sqrt(math.pi)


def exp(x: float) -> float:
    """eˣ, and inf where it overflows.

    >>> exp(1000.0)
    inf
    """
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def expm1(x: float) -> float:
    """eˣ − 1, exact near 0, and inf where it overflows."""
    try:
        return math.expm1(x)
    except OverflowError:
        return inf


def log(x: float) -> float:
    """The natural logarithm: −inf at ±0, nan below.

    >>> log(0.0), log(-1.0)
    (-inf, nan)
    """
    if x > 0.0:
        return math.log(x)
    return -inf if x == 0.0 else nan


def log1p(x: float) -> float:
    """log(1 + x), exact near 0: −inf at −1, nan below."""
    if x > -1.0:
        return math.log1p(x)
    return -inf if x == -1.0 else nan


def sqrt(x: float) -> float:
    """√x, and nan where x is negative."""
    return math.sqrt(x) if x >= 0.0 else nan


def sin(x: float) -> float:
    """sin x, and nan at ±inf."""
    return nan if x - x != 0.0 else math.sin(x)


def cos(x: float) -> float:
    """cos x, and nan at ±inf."""
    return nan if x - x != 0.0 else math.cos(x)


def tan(x: float) -> float:
    """tan x, and nan at ±inf."""
    return nan if x - x != 0.0 else math.tan(x)


def divide(x: float, y: float) -> float:
    """x / y, where a number over ±0 is ±inf and 0/0 is nan.

    >>> divide(1.0, 0.0), divide(1.0, -0.0), divide(0.0, 0.0)
    (inf, -inf, nan)
    """
    try:
        return x / y
    except ZeroDivisionError:
        return nan if x == 0.0 or x != x else math.copysign(inf, x) * math.copysign(1.0, y)


def power(x: float, y: float) -> float:
    """xʸ as C's pow: nan for a negative base to a fractional power, ±inf for 0 to a negative one.

    >>> power(-8.0, 1 / 3), power(0.0, -1.0), power(0.0, 0.0), power(10.0, 400.0)
    (nan, inf, 1.0, inf)
    """
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0.0 and y % 2.0 == 1.0 else inf
    except ValueError:
        if x == 0.0:
            return math.copysign(inf, x) if y % 2.0 == 1.0 else inf
        return nan


def sigmoid(x: float) -> float:
    """σ(x) = 1 / (1 + e⁻ˣ), from an exponential that cannot overflow.

    >>> sigmoid(0.0), sigmoid(-1000.0), sigmoid(1000.0)
    (0.5, 0.0, 1.0)
    """
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)."""
    tail = math.log1p(math.exp(-abs(x)))
    return x + tail if x > 0.0 else tail


def logsumexp(xs: tuple[float, ...]) -> float:
    """log Σ exp(xᵢ) = m + log Σ exp(xᵢ − m) with m = max xᵢ, so that nothing overflows.

    >>> logsumexp((1000.0, 1000.0)) == 1000.0 + math.log(2.0)
    True
    """
    if any(x != x for x in xs):
        return nan
    m = max(xs, default=-inf)
    if m - m != 0.0:
        return m
    return m + math.log(sum([math.exp(x - m) for x in xs]))


def binary_cross_entropy(a: float, y: float) -> float:
    """−y log a − (1 − y) log(1 − a), where a term whose weight is 0 is 0.

    >>> binary_cross_entropy(1.0, 1.0), binary_cross_entropy(0.0, 1.0)
    (0.0, inf)
    """
    positive = y * log(a) if y != 0.0 else 0.0
    negative = (1.0 - y) * log1p(-a) if y != 1.0 else 0.0
    return 0.0 - positive - negative


def binary_cross_entropy_with_logits(z: float, y: float) -> float:
    """−y log σ(z) − (1 − y) log(1 − σ(z)) = max(z, 0) − z·y + log(1 + e^−|z|)."""
    return z * ((1.0 if z > 0.0 else 0.0) - y) + math.log1p(math.exp(-abs(z)))


class Float(float):
    """A float whose operators never raise, for rules at points where a plain float's division would.

    >>> 1.0 / Float(0.0)
    inf
    """

    def __autograd__(self, op: Any, operands: tuple[float, ...]) -> "Float":
        return Float(op.value([float(operand) for operand in operands]))

    def __add__(self, other: float) -> "Float":
        return Float(float(self) + other)

    def __sub__(self, other: float) -> "Float":
        return Float(float(self) - other)

    def __mul__(self, other: float) -> "Float":
        return Float(float(self) * other)

    def __truediv__(self, other: float) -> "Float":
        return Float(divide(float(self), float(other)))

    def __pow__(self, other: float) -> "Float":  # type: ignore[override]  # a float's has a modulus
        return Float(power(float(self), float(other)))

    def __radd__(self, other: float) -> "Float":
        return Float(other + float(self))

    def __rsub__(self, other: float) -> "Float":
        return Float(other - float(self))

    def __rmul__(self, other: float) -> "Float":
        return Float(other * float(self))

    def __rtruediv__(self, other: float) -> "Float":
        return Float(divide(other, float(self)))

    def __rpow__(self, other: float) -> "Float":  # type: ignore[override]
        return Float(power(other, float(self)))

    def __neg__(self) -> "Float":
        return Float(-float(self))

    def __abs__(self) -> "Float":
        return Float(abs(float(self)))
