"""Elementary functions without branches, of which LLVM computes as many at a time as a vector has lanes.

Right to three units in the last place; at 0, ±∞ and nan, and where they overflow, they are what `math` has.
tanh and sin take a fifth to a tenth of the time of the C library's, exp and log a half.

exp: x = k·log 2 + r with |r| ≤ ½ log 2, and the series of e^r; log: x = 2^k·m and that of artanh; sin and
cos: x = k·π/2 + r and theirs. The reductions are Cody and Waite's (Software Manual for the Elementary
Functions, 1980), log 2 and π/2 in the parts that Sun's fdlibm has, and the last steps of log as there.
"""

import math
from math import factorial, inf, nan, pi
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types

from autograd.compiler.execution.vectors import Generated, instruction
from autograd.compiler.machine import compiled_formula

__all__ = ["SMALL", "cos", "exp", "expm1", "log", "log1p", "sigmoid", "sin", "softplus", "tanh"]

WHOLE: Final = 1.5 * 2.0**52  # x + WHOLE has the whole number nearest to x in its last bits
LOG2_E: Final = 1.0 / math.log(2.0)
# log 2 and π/2 in parts, the first ones so short that k times them is exact.
LOG_2: Final = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
HALF_PI: Final = (1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21)
BEYOND: Final = 1000.0  # where exp has long been ∞, or 0 at its negative
TINIEST: Final = 2.0**-1022  # below which numbers have no exponent of their own
ROOT_2: Final = math.sqrt(2.0)
TWO_OVER_PI: Final = 2.0 / pi
SMALL: Final = 1e5  # up to which sin and cos are right
E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13 = [1.0 / factorial(n) for n in range(2, 14)]
S3, S5, S7, S9, S11, S13, S15, S17 = [(-1.0) ** (n // 2) / factorial(n) for n in range(3, 18, 2)]
C4, C6, C8, C10, C12, C14, C16 = [(-1.0) ** (n // 2) / factorial(n) for n in range(4, 17, 2)]
L1, L2, L3, L4, L5, L6, L7, L8, L9, L10 = [2.0 / (2 * n + 1) for n in range(1, 11)]


def _bits(write: Any) -> Any:
    """What numba compiles to instructions on the bits of a float64, which give another float64."""

    @instruction
    def of_bits(typing: Any, x: Any) -> Generated:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            bits = builder.bitcast(arguments[0], ir.IntType(64))
            return builder.bitcast(write(builder, bits), arguments[0].type)

        return types.float64(types.float64), generate

    return of_bits


# 2^k of WHOLE + k; x without its exponent, in [1, 2); 2⁵² + the exponent of x, which is 1023 for 1; and of
# WHOLE + k the sign that sin has in quarter k, as ±1, and whether the quarter is an odd one, as 2 or 1.
power_of_two = _bits(lambda b, x: b.shl(b.add(x, x.type(1023)), x.type(52)))
mantissa = _bits(lambda b, x: b.or_(b.and_(x, x.type(2**52 - 1)), x.type(1023 << 52)))
exponent = _bits(lambda b, x: b.or_(b.lshr(x, x.type(52)), x.type((1023 + 52) << 52)))
sign_of_quarter = _bits(lambda b, x: b.or_(b.shl(b.and_(x, x.type(2)), x.type(62)), x.type(1023 << 52)))
parity = _bits(lambda b, x: b.add(b.shl(b.and_(x, x.type(1)), x.type(52)), x.type(1023 << 52)))


@compiled_formula
def _parts(x: float) -> Any:
    """(e^r − 1, 2^i, 2^j, 2^−j) for x = (i + j)·log 2 + r: 2^(i + j) itself may be too large or too small."""
    x = -BEYOND if x < -BEYOND else x
    x = BEYOND if x > BEYOND else x
    k = x * LOG2_E + WHOLE - WHOLE
    r = (x - k * LOG_2[0]) - k * LOG_2[1]
    p = ((((E13 * r + E12) * r + E11) * r + E10) * r + E9) * r + E8
    p = (((((p * r + E7) * r + E6) * r + E5) * r + E4) * r + E3) * r + E2
    i = 0.5 * k + WHOLE - WHOLE
    j = k - i
    return r + r * r * p, power_of_two(i + WHOLE), power_of_two(j + WHOLE), power_of_two(WHOLE - j)


@compiled_formula
def exp(x: float) -> float:
    """eˣ."""
    more, i, j, _ = _parts(x)
    result: float = (1.0 + more) * i * j
    return result


@compiled_formula
def expm1(x: float) -> float:
    """eˣ − 1, exact near 0, where −0 stays −0."""
    more, i, j, less = _parts(x)
    result: float = (more * i + (i - less)) * j
    return x if x == 0.0 else result


@compiled_formula
def tanh(x: float) -> float:
    """tanh x = (1 − e^−2|x|) / (1 + e^−2|x|), with the sign of x."""
    e = expm1(-2.0 * abs(x))
    return math.copysign(e / (e + 2.0), x)


@compiled_formula
def sigmoid(x: float) -> float:
    """σ(x), from an exponential that cannot overflow."""
    e = exp(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


@compiled_formula
def log(x: float) -> float:
    """log x = k·log 2 + log m with x = 2^k·m, m from √½ to √2, and log m = 2·artanh((m − 1) / (m + 1))."""
    small = x < TINIEST
    y = x * 2.0**54 if small else x
    m = mantissa(y)
    k = exponent(y) - (2.0**52 + (1023.0 + 54.0 if small else 1023.0))
    large = m > ROOT_2
    m = 0.5 * m if large else m
    k = k + 1.0 if large else k
    f = m - 1.0
    s = f / (2.0 + f)
    q = s * s
    p = ((((L10 * q + L9) * q + L8) * q + L7) * q + L6) * q + L5
    p = ((((p * q + L4) * q + L3) * q + L2) * q + L1) * q
    half = 0.5 * f * f
    result = k * LOG_2[0] - ((half - (s * (half + p) + k * LOG_2[1])) - f)
    result = result if x < inf else x
    result = -inf if x == 0.0 else result
    return nan if x < 0.0 else result


@compiled_formula
def log1p(x: float) -> float:
    """log(1 + x), with what 1 + x rounds away."""
    u = 1.0 + x
    rest = (x - (u - 1.0)) / u
    rest = rest if u > 0.0 else 0.0
    rest = rest if u < inf else 0.0
    result = log(u) + rest
    return x if x == 0.0 else result


@compiled_formula
def softplus(x: float) -> float:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)."""
    tail = log1p(exp(-abs(x)))
    result: float = x + tail if x > 0.0 else tail
    return result


@compiled_formula
def _sin_of_quarters(x: float, k: float) -> float:
    """sin(x + k·π/2), where |x| is at most SMALL."""
    n = x * TWO_OVER_PI + WHOLE - WHOLE
    r = ((x - n * HALF_PI[0]) - n * HALF_PI[1]) - n * HALF_PI[2]
    q = r * r
    p = (((S17 * q + S15) * q + S13) * q + S11) * q + S9
    sine = r + r * q * (((p * q + S7) * q + S5) * q + S3)
    p = ((C16 * q + C14) * q + C12) * q + C10
    cosine = 1.0 - (0.5 * q - q * q * (((p * q + C8) * q + C6) * q + C4))
    quarter = n + k + WHOLE
    result: float = sign_of_quarter(quarter) * (cosine if parity(quarter) == 2.0 else sine)
    return result


@compiled_formula
def sin(x: float) -> float:
    """sin x, where |x| is at most SMALL; −0 stays −0."""
    result = _sin_of_quarters(x, 0.0)
    return x if x == 0.0 else result


@compiled_formula
def cos(x: float) -> float:
    """cos x, where |x| is at most SMALL."""
    return _sin_of_quarters(x, 1.0)
