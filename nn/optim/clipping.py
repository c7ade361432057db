"""Gradient clipping, between `backward()` and `step()`, with PyTorch's names and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value


def clip_grad_norm_(parameters: Iterable[Value], max_norm: float, norm_type: float = 2.0) -> float:
    """The norm of all gradients as one vector, which it scales down to `max_norm` where it is longer.

    Every gradient is multiplied by min(1, max_norm/(norm + 1e-6)). `norm_type` is the p of the p-norm, from
    1 to `math.inf`. If a gradient is nan, so is the norm, and then every gradient. Unlike PyTorch's, the
    norm of gradients above 1e154 does not overflow.

    >>> w, b = Value(0.0), Value(0.0)
    >>> w.grad, b.grad = 3.0, 4.0
    >>> clip_grad_norm_([w, b], max_norm=1.0)
    5.0
    >>> round(w.grad, 6), round(b.grad, 6)
    (0.6, 0.8)
    """
    if not max_norm >= 0.0:
        raise ValueError(f"max_norm is {max_norm!r}: expected a number, at least 0")
    if not norm_type >= 1.0:
        raise ValueError(f"norm_type is {norm_type!r}: expected a number from 1 to math.inf")
    distinct = dict.fromkeys(parameters)
    norm = _norm([abs(parameter.grad) for parameter in distinct], norm_type)
    scale = min(max_norm / (norm + 1e-6), 1.0)
    for parameter in distinct:
        parameter.grad *= scale
    return norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Moves each gradient that lies outside [−clip_value, clip_value] to the nearer end.

    >>> w = Value(0.0)
    >>> w.grad = -3.0
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    -1.0
    """
    if not clip_value >= 0.0:
        raise ValueError(f"clip_value is {clip_value!r}: expected a number, at least 0")
    for parameter in parameters:
        parameter.grad = min(max(parameter.grad, -clip_value), clip_value)


def _norm(sizes: list[float], p: float) -> float:
    if math.isnan(sum(sizes)):
        return math.nan
    largest = max(sizes, default=0.0)
    if p == math.inf or largest in (0.0, math.inf):
        return largest
    # (Σ sᵖ)^(1/p) with the largest size taken out, because sᵖ overflows first: 1e200² does.
    return float(largest * sum((size / largest) ** p for size in sizes) ** (1.0 / p))
