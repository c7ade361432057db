"""Words: how NumPy says each row of the table, with functions for the rows that it has no word for.

The functions stand in generated programs as they stand here, for NumPy and for JAX. Where one has two cases,
neither is computed from an operand of the other: so JAX finds their derivatives too.
"""

# NumPy types what its functions return, and not what comes of its operators.
# mypy: disable-error-code="no-any-return"

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from autograd import ops
from autograd.operation import Op

__all__ = ["FUNCTIONS", "NEEDED", "TEMPLATES", "erf", "joined"]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """σ(x) = 1 / (1 + e⁻ˣ), from an exponential that cannot overflow."""
    positive = x >= 0.0
    e = np.exp(np.where(positive, -x, x))
    return np.where(positive, 1.0, e) / (1.0 + e)


def silu(x: np.ndarray) -> np.ndarray:
    """x·σ(x)."""
    return x * sigmoid(x)


def erf(x: np.ndarray) -> np.ndarray:
    """The error function, 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3·5·…·(2n+1)); ±1 from 6 on."""
    t = np.clip(x, -6.0, 6.0)
    term = total = t
    for n in range(1, 160):
        term = term * (2.0 * t * t / (2.0 * n + 1.0))
        total = total + term
    return np.where(np.abs(x) < 6.0, 2.0 / np.sqrt(np.pi) * np.exp(-t * t) * total, np.sign(x))


def gelu(x: np.ndarray) -> np.ndarray:
    """x·Φ(x) with the normal distribution function Φ."""
    return 0.5 * x * (1.0 + erf(x * np.sqrt(0.5)))


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0), with derivative 0 at 0."""
    return np.where(x <= 0.0, 0.0, x)


def leaky_relu(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """x where x > 0, else slope·x."""
    return np.where(x > 0.0, x, slope * x)


def elu(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """x where x > 0, else α(eˣ − 1)."""
    return np.where(x > 0.0, x, alpha * np.expm1(np.where(x > 0.0, 0.0, x)))


def power(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """xʸ as in C, where NumPy takes a root for y = ½: nan for −∞."""
    return np.where((x == -np.inf) & (y == 0.5), np.inf, np.power(x, y))


def share(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂max(x, y)/∂x: 0 where x < y, ½ at a tie, else 1."""
    return np.where(x < y, 0.0, np.where(x == y, 0.5, 1.0))


def xlogy(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x log y, and 0 where x is 0."""
    return x * np.log(np.where((x == 0.0) & (y == y), 1.0, y))


def xdivy(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x / y, and 0 where x is 0."""
    return x / np.where((x == 0.0) & (y == y), 1.0, y)


def binary_cross_entropy(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """−y log a − (1 − y) log(1 − a), where a term whose weight is 0 is 0."""
    positive = y * np.log(np.where(y == 0.0, 1.0, a))
    negative = (1.0 - y) * np.log1p(-np.where(y == 1.0, 0.0, a))
    return 0.0 - positive - negative


def binary_cross_entropy_with_logits(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """−y log σ(z) − (1 − y) log(1 − σ(z)) = max(z, 0) − z·y + log(1 + e^−|z|)."""
    positive = z > 0.0
    return z * (np.where(positive, 1.0, 0.0) - y) + np.log1p(np.exp(np.where(positive, -z, z)))


def logsumexp(x: np.ndarray) -> np.ndarray:
    """log Σ exp(xₖ) over the last axis."""
    m = np.max(x, axis=-1, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0)
    return m[..., 0] + np.log(np.sum(np.exp(x - m), axis=-1))


def take(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """The entry at `index` along the last axis."""
    shape = np.broadcast_shapes(np.shape(values)[:-1], np.shape(index))
    spread = np.broadcast_to(values, (*shape, np.shape(values)[-1]))
    places = np.broadcast_to(index, shape).astype(int)
    return np.take_along_axis(spread, places[..., None], axis=-1)[..., 0]


def cross_entropy(x: np.ndarray, index: np.ndarray) -> np.ndarray:
    """log Σ exp(xₖ) − x_index over the last axis, as log(1 + Σ of the others), which keeps small digits."""
    chosen = take(x, index)
    others = np.where(np.arange(x.shape[-1]) == index[..., None], -np.inf, x - chosen[..., None])
    return np.where(np.isfinite(chosen), np.logaddexp(0.0, logsumexp(others)), logsumexp(x) - chosen)


def joined(*parts: np.ndarray) -> np.ndarray:
    """The parts side by side along the last axis."""
    shape = np.broadcast_shapes(*[part.shape[:-1] for part in parts])
    return np.concatenate([np.broadcast_to(part, (*shape, part.shape[-1])) for part in parts], axis=-1)


FUNCTIONS: Final[dict[Op, Callable[..., Any]]] = {
    ops.sigmoid: sigmoid,
    ops.silu: silu,
    ops.erf: erf,
    ops.gelu: gelu,
    ops.relu: relu,
    ops.leaky_relu: leaky_relu,
    ops.elu: elu,
    ops.power: power,
    ops.pow: power,
    ops.share: share,
    ops.xlogy: xlogy,
    ops.xdivy: xdivy,
    ops.binary_cross_entropy: binary_cross_entropy,
    ops.binary_cross_entropy_with_logits: binary_cross_entropy_with_logits,
    ops.logsumexp: logsumexp,
    ops.select: take,
    ops.cross_entropy: cross_entropy,
}
# What a function's own text needs to stand above it.
NEEDED: Final[dict[Callable[..., Any], list[Callable[..., Any]]]] = {
    silu: [sigmoid],
    gelu: [erf],
    cross_entropy: [take, logsumexp],
}
TEMPLATES: Final[dict[Op, str]] = {
    ops.step: "np.where({} <= 0.0, 0.0, 1.0)",
    ops.sign: "np.sign({})",
    ops.equal: "np.where({} == {}, 1.0, 0.0)",
    ops.where: "np.where({} != 0.0, {}, {})",
    ops.exp: "np.exp({})",
    ops.expm1: "np.expm1({})",
    ops.log: "np.log({})",
    ops.log1p: "np.log1p({})",
    ops.sqrt: "np.sqrt({})",
    ops.sin: "np.sin({})",
    ops.cos: "np.cos({})",
    ops.tan: "np.tan({})",
    ops.atan: "np.arctan({})",
    ops.tanh: "np.tanh({})",
    ops.abs: "np.abs({})",
    ops.softplus: "np.logaddexp({}, 0.0)",
    ops.maximum: "np.maximum({}, {})",
    ops.minimum: "np.minimum({}, {})",
    ops.prod: "np.prod({}, axis=-1)",
}
