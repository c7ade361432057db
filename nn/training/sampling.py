"""Which rows each step of an epoch is taken on: mini-batches, or misclassified points."""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, TypeAlias

from nn.checks import checked_whole
from nn.data.rows import mini_batches
from nn.training.metrics import Prediction, predicted_class, target_class
from nn.training.steps import Model, predict, training_mode

Batch: TypeAlias = tuple[list[Any], list[Any]]  # rows and their targets


class Sampling(ABC):
    """A source of batches, with the number of steps that an epoch has at most."""

    steps: int

    @abstractmethod
    def epoch(self) -> Iterator[Batch]:
        """The batches of one epoch, drawn as they are asked for."""

    def judged(self, predictions: list[Prediction], targets: list[Any]) -> Batch:
        """The predictions by which to judge an epoch, and their targets, given those that its steps made."""
        return predictions, targets

    def converged(self, predictions: list[Prediction]) -> bool:
        """Whether there is nothing left to learn, as an epoch's judged predictions show."""
        return False


class MiniBatches(Sampling):
    """Batches of `batch_size` rows, each row once an epoch in an order of its own; None is all rows at once.

    >>> batches = MiniBatches([[1.0], [2.0], [3.0]], [0, 1, 1], 2, random.Random(0))
    >>> batches.steps, [len(rows) for rows, targets in batches.epoch()]
    (2, [2, 1])
    """

    def __init__(self, X: list[Any], y: list[Any], batch_size: int | None, rng: random.Random) -> None:
        self.X = X
        self.y = y
        self.batch_size = len(X) if batch_size is None else checked_whole("batch_size", batch_size, low=1)
        self.rng = rng
        self.steps = math.ceil(len(X) / self.batch_size)

    def epoch(self) -> Iterator[Batch]:
        # One batch is the whole data: its order would only change how the sum is rounded.
        return mini_batches(self.X, self.y, self.batch_size, self.rng, shuffle=self.steps > 1)


class MisclassifiedPoints(Sampling):
    """One misclassified point at a time, drawn at random from all there are just then, until none is left.

    The first misclassified point of a random order is as likely to be one as another, so points are tried
    in such an order: (n + 1)/(m + 1) predictions on average if m of n are misclassified, and n to find that
    none is. An epoch is at most n points.

    >>> points = MisclassifiedPoints(lambda row: row[0], [[-1.0], [2.0]], [1, 1], 0.0, random.Random(0))
    >>> next(points.epoch())
    ([[-1.0]], [1])
    """

    def __init__(
        self, model: Model, X: list[Any], y: list[Any], threshold: float, rng: random.Random
    ) -> None:
        self.model = model
        self.X = X
        self.y = y
        self.threshold = threshold
        self.rng = rng
        self.order = list(range(len(X)))
        self.steps = len(X)

    def epoch(self) -> Iterator[Batch]:
        for _ in range(self.steps):
            index = self.draw()
            if index is None:
                return
            yield [self.X[index]], [self.y[index]]

    def draw(self) -> int | None:
        """The index of a random misclassified point; None if the model is right about all of them."""
        order = self.order
        with training_mode(self.model, False):
            for i in range(len(order)):
                j = self.rng.randrange(i, len(order))  # Fisher and Yates, no further than needed
                order[i], order[j] = order[j], order[i]
                if self.is_misclassified(order[i], self.model(self.X[order[i]])):
                    return order[i]
        return None

    def is_misclassified(self, index: int, prediction: Prediction) -> bool:
        """Whether the class that was predicted for a point is not its own."""
        return predicted_class(prediction, self.threshold) != target_class(self.y[index])

    def judged(self, predictions: list[Prediction], targets: list[Any]) -> Batch:
        # The steps saw none but misclassified points, which say nothing about the others.
        return predict(self.model, self.X), self.y

    def converged(self, predictions: list[Prediction]) -> bool:
        return not any(self.is_misclassified(i, prediction) for i, prediction in enumerate(predictions))
