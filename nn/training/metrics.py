"""Metrics: how good predictions are, in numbers for people; and the class that a prediction stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from nn.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge

Prediction: TypeAlias = Any  # a number or a list of numbers: floats, or Values
Metric: TypeAlias = Callable[[Sequence[Prediction], Sequence[Any]], float]


def predicted_class(prediction: Prediction, threshold: float | None = None) -> int:
    """The class that a prediction stands for: its largest entry's index; for one number, 1 above `threshold`.

    The threshold is 0 for logits and for scores that learnt from −1 and +1, and ½ for probabilities; it is
    not guessed, a ValueError says so. The first of equal entries counts.

    >>> predicted_class([0.1, 2.0, -1.0]), predicted_class(0.3, threshold=0.0), predicted_class(0.3, 0.5)
    (1, 1, 0)
    """
    if prediction.__class__ is not float and isinstance(prediction, Iterable):  # an ABC is slow to ask
        entries = [float(entry) for entry in prediction]
        if len(entries) > 1:
            return entries.index(max(entries))
        prediction = entries[0]
    if threshold is None:
        raise ValueError(
            f"the prediction is one number, {float(prediction):g}, whose class depends on a threshold: "
            "give threshold=0.0 for logits and targets of -1 and +1, threshold=0.5 for probabilities"
        )
    return int(float(prediction) > threshold)


def target_class(target: Any) -> int:
    """The class that a target stands for: itself, rounded; the largest entry's index; 0 for −1.

    >>> target_class(2), target_class([0, 0, 1]), target_class(-1)
    (2, 2, 0)
    """
    if target.__class__ is int:
        return max(target, 0)
    if target.__class__ is not float and isinstance(target, Iterable):
        return predicted_class(target, 0.5)
    return max(round(float(target)), 0)


def accuracy(
    predictions: Sequence[Prediction], targets: Sequence[Any], threshold: float | None = None
) -> float:
    """The fraction of the predictions whose class is the target's; `predicted_class` explains the threshold.

    >>> accuracy([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], [0, 1, 1])
    0.6666666666666666
    >>> accuracy([-0.5, 0.5], [-1, 1], threshold=0.0)
    1.0
    """
    _check_lengths(predictions, targets)
    right = [
        predicted_class(prediction, threshold) == target_class(target)
        for prediction, target in zip(predictions, targets)
    ]
    return sum(right) / len(right)


def confusion_matrix(
    predictions: Sequence[Prediction], targets: Sequence[Any], classes: int, threshold: float | None = None
) -> list[list[int]]:
    """Counts of examples: row for the class that they have, column for the class that was predicted.

    >>> confusion_matrix([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], [0, 1, 1], classes=2)
    [[1, 0], [1, 1]]
    """
    _check_lengths(predictions, targets)
    counts = [[0] * classes for _ in range(classes)]
    for prediction, target in zip(predictions, targets):
        counts[target_class(target)][predicted_class(prediction, threshold)] += 1
    return counts


def mean_absolute_error(predictions: Sequence[Prediction], targets: Sequence[Any]) -> float:
    """The mean of |ŷ − y|, in the unit of the targets.

    >>> mean_absolute_error([3.0, 1.0], [1.0, 2.0])
    1.5
    """
    pairs = _pairs(predictions, targets)
    return math.fsum([abs(p - y) for p, y in pairs]) / len(pairs)


def root_mean_squared_error(predictions: Sequence[Prediction], targets: Sequence[Any]) -> float:
    """The root of the mean of (ŷ − y)², in the unit of the targets.

    >>> round(root_mean_squared_error([3.0, 1.0], [1.0, 1.0]), 6)
    1.414214
    """
    pairs = _pairs(predictions, targets)
    # hypot neither overflows nor underflows on the way.
    return math.hypot(*[p - y for p, y in pairs]) / math.sqrt(len(pairs))


def r2_score(predictions: Sequence[Prediction], targets: Sequence[Any]) -> float:
    """R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)²: 1 is perfect, 0 as good as the mean ȳ; nan if all targets are equal.

    >>> r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), r2_score([2.0, 2.0, 2.0], [1.0, 2.0, 3.0])
    (1.0, 0.0)
    """
    pairs = _pairs(predictions, targets)
    mean = math.fsum([y for _, y in pairs]) / len(pairs)
    spread = math.hypot(*[y - mean for _, y in pairs])
    if all(y == pairs[0][1] for _, y in pairs):
        return math.nan
    return 1.0 - (math.hypot(*[p - y for p, y in pairs]) / spread) ** 2


NAMED: Mapping[str, Metric] = {
    "accuracy": accuracy,
    "mean_absolute_error": mean_absolute_error,
    "root_mean_squared_error": root_mean_squared_error,
    "r2_score": r2_score,
}

TAKEN = ("epoch", "loss", "lr", "seconds")  # the other columns of a history


def decision_threshold(loss: object, targets: Iterable[Any]) -> float:
    """The number above which a single prediction means class 1, from what it was trained with.

    0 for losses of logits and margins and for targets of −1 and +1, ½ for all others.

    >>> decision_threshold(hinge, [-1, 1]), decision_threshold(binary_cross_entropy, [0, 1])
    (0.0, 0.5)
    """
    if loss in (hinge, binary_cross_entropy_with_logits):
        return 0.0
    return 0.0 if any(not isinstance(y, Iterable) and y < 0 for y in targets) else 0.5


def metrics_for(
    given: Iterable[str | Metric] | None, loss: object, targets: Sequence[Any]
) -> dict[str, Metric]:
    """Metrics by name: those `given`, as names or functions; by default accuracy if the loss is for classes.

    Under its name, accuracy gets the threshold that belongs to the loss. ValueError for an unknown name.

    >>> list(metrics_for(None, cross_entropy, [0, 1])), list(metrics_for(["r2_score"], None, [0.5]))
    (['accuracy'], ['r2_score'])
    """
    if given is None:
        classifying = loss in (hinge, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy)
        given = ["accuracy"] if classifying else []
    if isinstance(given, str):
        raise TypeError(f"metrics is {given!r}: expected a list of names or functions, such as [{given!r}]")
    named: dict[str, Metric] = {}
    for metric in given:
        name, function = _named(metric, loss, targets)
        if name in named or name in TAKEN:
            raise ValueError(f"the history has another column {name!r}: give the metric another __name__")
        named[name] = function
    return named


def _named(metric: str | Metric, loss: object, targets: Sequence[Any]) -> tuple[str, Metric]:
    if metric == "accuracy":
        return metric, partial(accuracy, threshold=decision_threshold(loss, targets))
    if isinstance(metric, str):
        if metric not in NAMED:
            raise ValueError(f"no metric {metric!r}: expected a function, or one of {', '.join(NAMED)}")
        return metric, NAMED[metric]
    return getattr(metric, "__name__", type(metric).__name__), metric


def _check_lengths(predictions: Sequence[Any], targets: Sequence[Any]) -> None:
    if len(predictions) != len(targets):
        raise ValueError(f"{len(predictions)} predictions, but {len(targets)} targets")
    if len(predictions) == 0:
        raise ValueError("there are no predictions: expected at least one")


def _pairs(predictions: Sequence[Prediction], targets: Sequence[Any]) -> list[tuple[float, float]]:
    """Each predicted number beside its target; the entries of all examples alike."""
    _check_lengths(predictions, targets)
    pairs: list[tuple[float, float]] = []
    for row, (prediction, target) in enumerate(zip(predictions, targets)):
        given, wanted = _listed(prediction), _listed(target)
        if len(given) != len(wanted):
            raise ValueError(f"predictions[{row}] has {len(given)} numbers, targets[{row}] has {len(wanted)}")
        pairs += zip(given, wanted)
    return pairs


def _listed(entry: Any) -> list[float]:
    return [float(number) for number in entry] if isinstance(entry, Iterable) else [float(entry)]
