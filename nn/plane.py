"""The plane of a model with two inputs: where to ask it, and how sure it is of each class there."""

from __future__ import annotations

from collections.abc import Sequence

from nn.training.metrics import Prediction, predicted_class

__all__ = ["margins", "ticks"]


def ticks(column: Sequence[float], count: int) -> list[float]:
    """`count` evenly spaced numbers along one axis: a tenth further than the points go, on either side.

    >>> ticks([0.0, 10.0], 3)
    [-1.0, 5.0, 11.0]
    """
    low, high = min(column), max(column)
    margin = 0.1 * (high - low) or 1.0
    return [low - margin + (high - low + 2.0 * margin) * i / (count - 1) for i in range(count)]


def margins(predictions: Sequence[Prediction], threshold: float | None = None) -> list[list[float]]:
    """For each class, and each prediction, its score less the largest other: positive where it is predicted.

    Contours of this are as smooth as the model; contours of the class itself would follow the grid. A
    prediction that is one number needs the `threshold` of `predicted_class`.

    >>> margins([0.75, 0.25], threshold=0.5)
    [[-0.25, 0.25], [0.25, -0.25]]
    """
    predicted_class(predictions[0], threshold)  # raises where a threshold is needed and missing
    listed = [prediction if isinstance(prediction, list) else [prediction] for prediction in predictions]
    scores = [numbers if len(numbers) > 1 else [threshold or 0.0, *numbers] for numbers in listed]
    return [[row[k] - max(row[:k] + row[k + 1 :]) for row in scores] for k in range(len(scores[0]))]
