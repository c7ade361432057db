"""The rows of the table as loops over lanes, for numba: what each computes is what `ieee.py` does."""

import math

from autograd import ops
from autograd.compiler.execution.codes import CODES
from autograd.compiler.machine import Array, compiled

ROOT_HALF = math.sqrt(0.5)

NEG = CODES[ops.neg]
STEP = CODES[ops.step]
SIGN = CODES[ops.sign]
EXP = CODES[ops.exp]
EXPM1 = CODES[ops.expm1]
LOG = CODES[ops.log]
LOG1P = CODES[ops.log1p]
SQRT = CODES[ops.sqrt]
SIN = CODES[ops.sin]
COS = CODES[ops.cos]
TAN = CODES[ops.tan]
ATAN = CODES[ops.atan]
TANH = CODES[ops.tanh]
ERF = CODES[ops.erf]
ABS = CODES[ops.abs]
SIGMOID = CODES[ops.sigmoid]
RELU = CODES[ops.relu]
SOFTPLUS = CODES[ops.softplus]
GELU = CODES[ops.gelu]
SILU = CODES[ops.silu]
SUB = CODES[ops.sub]
MUL = CODES[ops.mul]
DIV = CODES[ops.div]
EQUAL = CODES[ops.equal]
SHARE = CODES[ops.share]
XLOGY = CODES[ops.xlogy]
XDIVY = CODES[ops.xdivy]
POWER = CODES[ops.power]
POW = CODES[ops.pow]
LEAKY_RELU = CODES[ops.leaky_relu]
ELU = CODES[ops.elu]
MAXIMUM = CODES[ops.maximum]
MINIMUM = CODES[ops.minimum]
BINARY_CROSS_ENTROPY = CODES[ops.binary_cross_entropy]
BINARY_CROSS_ENTROPY_WITH_LOGITS = CODES[ops.binary_cross_entropy_with_logits]
WHERE = CODES[ops.where]
PROD = CODES[ops.prod]
LOGSUMEXP = CODES[ops.logsumexp]
SELECT = CODES[ops.select]
CROSS_ENTROPY = CODES[ops.cross_entropy]


@compiled
def sigmoid(x: float) -> float:
    """σ(x), from an exponential that cannot overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


@compiled
def softplus(x: float) -> float:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)."""
    tail = math.log1p(math.exp(-abs(x)))
    return x + tail if x > 0.0 else tail


@compiled
def binary_cross_entropy(a: float, y: float) -> float:
    """−y log a − (1 − y) log(1 − a), where a term whose weight is 0 is 0."""
    positive = y * math.log(a) if y != 0.0 else 0.0
    negative = (1.0 - y) * math.log1p(-a) if y != 1.0 else 0.0
    return 0.0 - positive - negative


@compiled
def unary(code: int, a: Array, z: Array, n: int) -> None:
    """z[l] = op(a[l]) for l < n."""
    if code == NEG:
        for l in range(n):
            z[l] = -a[l]
    elif code == STEP:
        for l in range(n):
            z[l] = 0.0 if a[l] <= 0.0 else 1.0
    elif code == SIGN:
        for l in range(n):
            z[l] = a[l] if a[l] != a[l] else (1.0 if a[l] > 0.0 else 0.0) - (1.0 if a[l] < 0.0 else 0.0)
    elif code == EXP:
        for l in range(n):
            z[l] = math.exp(a[l])
    elif code == EXPM1:
        for l in range(n):
            z[l] = math.expm1(a[l])
    elif code == LOG:
        for l in range(n):
            z[l] = math.log(a[l])
    elif code == LOG1P:
        for l in range(n):
            z[l] = math.log1p(a[l])
    elif code == SQRT:
        for l in range(n):
            z[l] = math.sqrt(a[l])
    elif code == SIN:
        for l in range(n):
            z[l] = math.sin(a[l])
    elif code == COS:
        for l in range(n):
            z[l] = math.cos(a[l])
    elif code == TAN:
        for l in range(n):
            z[l] = math.tan(a[l])
    elif code == ATAN:
        for l in range(n):
            z[l] = math.atan(a[l])
    elif code == TANH:
        for l in range(n):
            z[l] = math.tanh(a[l])
    elif code == ERF:
        for l in range(n):
            z[l] = math.erf(a[l])
    elif code == ABS:
        for l in range(n):
            z[l] = abs(a[l])
    elif code == SIGMOID:
        for l in range(n):
            z[l] = sigmoid(a[l])
    elif code == RELU:
        for l in range(n):
            z[l] = 0.0 if a[l] <= 0.0 else a[l]
    elif code == SOFTPLUS:
        for l in range(n):
            z[l] = softplus(a[l])
    elif code == GELU:
        for l in range(n):
            z[l] = 0.5 * a[l] * (1.0 + math.erf(a[l] * ROOT_HALF))
    elif code == SILU:
        for l in range(n):
            z[l] = a[l] * sigmoid(a[l])


@compiled
def binary(code: int, a: Array, b: Array, z: Array, n: int) -> None:
    """z[l] = op(a[l], b[l]) for l < n."""
    if code == SUB:
        for l in range(n):
            z[l] = a[l] - b[l]
    elif code == MUL:
        for l in range(n):
            z[l] = a[l] * b[l]
    elif code == DIV:
        for l in range(n):
            z[l] = a[l] / b[l]
    elif code == EQUAL:
        for l in range(n):
            z[l] = 1.0 if a[l] == b[l] else 0.0
    elif code == SHARE:
        for l in range(n):
            z[l] = 0.0 if a[l] < b[l] else 0.5 if a[l] == b[l] else 1.0
    elif code == XLOGY:
        for l in range(n):
            z[l] = 0.0 if a[l] == 0.0 and b[l] == b[l] else a[l] * math.log(b[l])
    elif code == XDIVY:
        for l in range(n):
            z[l] = 0.0 if a[l] == 0.0 and b[l] == b[l] else a[l] / b[l]
    elif code == POWER or code == POW:
        for l in range(n):
            z[l] = a[l] ** b[l]
    elif code == LEAKY_RELU:
        for l in range(n):
            z[l] = a[l] if a[l] > 0.0 else b[l] * a[l]
    elif code == ELU:
        for l in range(n):
            z[l] = a[l] if a[l] > 0.0 else b[l] * math.expm1(a[l])
    elif code == MAXIMUM:
        for l in range(n):
            z[l] = a[l] if a[l] >= b[l] or a[l] != a[l] else b[l]
    elif code == MINIMUM:
        for l in range(n):
            z[l] = a[l] if a[l] <= b[l] or a[l] != a[l] else b[l]
    elif code == BINARY_CROSS_ENTROPY:
        for l in range(n):
            z[l] = binary_cross_entropy(a[l], b[l])
    elif code == BINARY_CROSS_ENTROPY_WITH_LOGITS:
        for l in range(n):
            z[l] = a[l] * ((1.0 if a[l] > 0.0 else 0.0) - b[l]) + math.log1p(math.exp(-abs(a[l])))


@compiled
def where(c: Array, a: Array, b: Array, z: Array, n: int) -> None:
    """z[l] = a[l] if c[l] is not 0, else b[l], for l < n."""
    for l in range(n):
        z[l] = a[l] if c[l] != 0.0 else b[l]
