"""Losses: one number for how wrong the predictions are, with PyTorch's reductions and numbers; and penalties.

`predictions` has one entry for each example, `targets` the numbers that they should be. The `reduction` is
"mean", "sum", or "none" for the list of what would be added up. A prediction may be a list of numbers, as its
target then is: the entries of all examples count alike. Targets may be Values, which are not range-checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Any, TypeAlias

import autograd
from autograd import Value

Predictions: TypeAlias = Sequence[Value] | Sequence[Sequence[Value]]
Targets: TypeAlias = Sequence[Any]  # numbers or Values, or lists of them
Reduced: TypeAlias = Any  # a Value; with reduction="none" a list of Values, row after row


def half_squared_error(predictions: Predictions, targets: Targets, reduction: str = "sum") -> Reduced:
    """½ Σ (ŷ − y)². Its derivative is ŷ − y; it is a sum by definition, hence the default.

    >>> half_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    2.5
    """
    return _reduced([0.5 * (p - y) ** 2 for p, y in _pairs(predictions, targets)], reduction)


def mean_squared_error(predictions: Predictions, targets: Targets, reduction: str = "mean") -> Reduced:
    """The mean of (ŷ − y)².

    >>> mean_squared_error([Value(3.0), Value(1.0)], [1.0, 2.0]).data
    2.5
    """
    return _reduced([(p - y) ** 2 for p, y in _pairs(predictions, targets)], reduction)


def huber(predictions: Predictions, targets: Targets, reduction: str = "mean", delta: float = 1.0) -> Reduced:
    """The mean of ½d² for d = ŷ − y, which beyond |d| = delta goes on as the line delta·(|d| − ½ delta).

    >>> huber([Value(3.0)], [1.0]).data
    1.5
    """
    if not delta > 0.0:
        raise ValueError(f"delta is {delta!r}: expected a number above 0")
    sizes = [abs(p - y) for p, y in _pairs(predictions, targets)]
    # With c = min(|d|, delta) both pieces are c·(|d| − ½c), so that no branch depends on a Value.
    inner = [autograd.minimum(size, delta) for size in sizes]
    return _reduced([c * (size - 0.5 * c) for c, size in zip(inner, sizes, strict=True)], reduction)


def hinge(predictions: Predictions, targets: Targets, reduction: str = "mean") -> Reduced:
    """The mean of max(0, 1 − y·ŷ), for targets y of −1 and +1. At y·ŷ = 1 the gradient is 0.

    >>> hinge([Value(0.25), Value(3.0)], [1, 1], reduction="sum").data
    0.75
    """
    pairs = _pairs(predictions, targets, "-1 or +1", lambda y: y in (-1, 1))
    return _reduced([(1.0 - p * y).relu() for p, y in pairs], reduction)


def binary_cross_entropy(predictions: Predictions, targets: Targets, reduction: str = "mean") -> Reduced:
    """The mean of −y log a − (1 − y) log(1 − a), for probabilities a and targets y from 0 to 1.

    A wrong certainty costs infinity; PyTorch's logarithm stops at −100 there.

    >>> round(binary_cross_entropy([Value(0.5)], [1]).data, 6)
    0.693147
    """
    pairs = _pairs(predictions, targets, "a number from 0 to 1", lambda y: 0 <= y <= 1)
    return _reduced([autograd.binary_cross_entropy(a, y) for a, y in pairs], reduction)


def binary_cross_entropy_with_logits(
    predictions: Predictions, targets: Targets, reduction: str = "mean"
) -> Reduced:
    """The mean of the binary cross-entropy of σ(z), for logits z: ∂/∂z is σ(z) − y, at any size of z.

    >>> binary_cross_entropy_with_logits([Value(-1000.0)], [1]).data
    1000.0
    """
    pairs = _pairs(predictions, targets, "a number from 0 to 1", lambda y: 0 <= y <= 1)
    return _reduced([autograd.binary_cross_entropy_with_logits(z, y) for z, y in pairs], reduction)


def cross_entropy(
    predictions: Sequence[Sequence[Value]], targets: Targets, reduction: str = "mean"
) -> Reduced:
    """The mean of log Σₖ exp(zₖ) − z_c, for each example's list of logits z and the index c of its class.

    Classes count from 0.

    >>> round(cross_entropy([[Value(0.0), Value(0.0)]], [1]).data, 6)
    0.693147
    """
    _check_lengths(predictions, targets)
    entries = []
    for row, (logits, index) in enumerate(zip(predictions, targets, strict=True)):
        if not isinstance(logits, Sized):
            raise TypeError(
                f"predictions[{row}] is {logits!r}: expected a list of logits, one for each class; "
                "for two classes from one number there is binary_cross_entropy_with_logits"
            )
        if not isinstance(index, Value) and index not in range(len(logits)):
            raise ValueError(f"targets[{row}] is {index!r}: expected a class from 0 to {len(logits) - 1}")
        entries.append(autograd.cross_entropy(logits, index))
    return _reduced(entries, reduction)


def l1_penalty(parameters: Iterable[Value], strength: float) -> Value:
    """strength·Σ|p|, to be added to a loss.

    >>> l1_penalty([Value(3.0), Value(-4.0)], 0.5).data
    3.5
    """
    return strength * _total([abs(parameter) for parameter in parameters])


def l2_penalty(parameters: Iterable[Value], strength: float) -> Value:
    """strength·Σp², to be added to a loss; SGD's `weight_decay` is twice the strength.

    >>> l2_penalty([Value(3.0), Value(-4.0)], 0.5).data
    12.5
    """
    listed = list(parameters)
    squares: Value = autograd.dot(listed, listed)
    return strength * squares


def _pairs(
    predictions: Predictions,
    targets: Targets,
    expected: str = "",
    valid: Callable[[float], bool] = lambda y: True,
) -> list[tuple[Value, Any]]:
    """Each predicted number beside its target, row after row; a ValueError naming the row of a bad target."""
    _check_lengths(predictions, targets)
    pairs: list[tuple[Value, Any]] = []
    for row, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        given, wanted = _listed(prediction), _listed(target)
        if len(given) != len(wanted):
            raise ValueError(f"predictions[{row}] has {len(given)} numbers, targets[{row}] has {len(wanted)}")
        for y in wanted:
            if not isinstance(y, Value) and not _passes(y, valid):
                raise ValueError(f"targets[{row}] is {target!r}: expected {expected}")
        pairs += zip(given, wanted, strict=True)
    return pairs


def _passes(y: Any, valid: Callable[[float], bool]) -> bool:
    try:
        return valid(y)
    except TypeError:  # text has no order among numbers
        return False


def _listed(entry: Any) -> list[Any]:
    return list(entry) if isinstance(entry, Iterable) else [entry]


def _check_lengths(predictions: Any, targets: Any) -> None:
    if not isinstance(predictions, Sized) or not isinstance(targets, Sized):
        raise TypeError(
            "expected lists, with one entry for each example; "
            f"got predictions {predictions!r} and targets {targets!r}"
        )
    if len(predictions) != len(targets):
        raise ValueError(f"{len(predictions)} predictions, but {len(targets)} targets")
    if len(predictions) == 0:
        raise ValueError("there are no predictions: expected at least one")


def _reduced(entries: list[Value], reduction: str) -> Reduced:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction is {reduction!r}: expected 'mean', 'sum' or 'none'")
    if reduction == "none":
        return entries
    total = _total(entries)
    return total / len(entries) if reduction == "mean" and len(entries) > 1 else total


def _total(values: list[Value]) -> Value:
    return values[0] if len(values) == 1 else autograd.sum(values)
