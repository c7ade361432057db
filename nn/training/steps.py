"""One training step on one batch with the eager engine, and predictions as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from autograd import Op, Value, nonfinite
from nn.data.rows import as_list
from nn.module import Module
from nn.optim.clipping import clip_grad_norm_
from nn.optim.optimizer import Optimizer
from nn.training.metrics import Prediction

Model: TypeAlias = Callable[[Any], Any]  # a row to a Value or a list of them; most often a Module
Loss: TypeAlias = Callable[[Any, Any], Any]  # predictions and targets, one of each per example, to a Value


class NonfiniteError(ArithmeticError):
    """A loss or gradient that is nan or infinite; nothing was changed by the step that found it."""


class Step:
    """One step of an optimiser on a batch: forward, loss, backward, update.

    `regularization()` is added to the loss once a step; `clip_norm` is the longest that all gradients as one
    vector may be. Called with rows and targets, it returns the predictions before the step as numbers.

    >>> from nn.losses import mean_squared_error
    >>> from nn.optim.optimizers import SGD
    >>> w = Value(1.0)
    >>> step = Step(lambda row: w * row[0], mean_squared_error, SGD([w], lr=0.1))
    >>> step([[2.0]], [4.0]), w.data  # ∂(2w − 4)²/∂w = −8
    ([2.0], 1.8)
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        optimizer: Optimizer,
        regularization: Callable[[], Value] | None = None,
        clip_norm: float | None = None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.regularization = regularization
        self.clip_norm = clip_norm

    def __call__(self, X: Sequence[Any], y: Sequence[Any]) -> list[Prediction]:
        self.optimizer.zero_grad()
        predictions = [self.model(row) for row in X]
        loss = self.total(predictions, y)
        if not math.isfinite(loss.data):
            raise NonfiniteError(f"the loss is {loss.data} ({nonfinite(loss)})")
        loss.backward()
        if not all(math.isfinite(parameter.grad) for parameter in self.optimizer.parameters):
            raise NonfiniteError(f"a gradient is not finite ({nonfinite(loss)})")
        if self.clip_norm is not None:
            clip_grad_norm_(self.optimizer.parameters, self.clip_norm)
        self.optimizer.step()
        return [as_numbers(prediction) for prediction in predictions]

    def finish(self) -> None:
        """Called at the end of an epoch; all is where it belongs already."""

    def predictions(self, X: Sequence[Any]) -> list[Prediction]:
        """What the model, in eval mode, predicts for rows that it does not learn from; after `finish()`."""
        return predict(self.model, X)

    def score(self, predictions: Sequence[Prediction], y: Sequence[Any]) -> float:
        """The loss of predictions that were made, without the penalty."""
        return float(self.loss([as_values(prediction) for prediction in predictions], y))

    def total(self, predictions: Sequence[Any], y: Sequence[Any]) -> Value:
        """The loss of a batch, with the penalty."""
        loss = self.loss(predictions, y)
        if not isinstance(loss, Value):
            raise TypeError(f"the loss gave {loss!r}: expected one Value for the batch, a sum or a mean")
        return loss if self.regularization is None else loss + self.regularization()


def check_parts(model: Model, loss: Loss, optimizer: Optimizer) -> None:
    """Raises TypeError for a loss or an optimiser that is none, ValueError for another model's optimiser.

    With the optimiser of a model that was made before, this one would stay as it is, and nothing would tell.
    """
    if isinstance(loss, Op):
        raise TypeError(
            f"loss is autograd's {loss.name}, of one example: expected nn's, of the lists of all examples"
        )
    if not callable(loss):
        raise TypeError(
            f"loss is {loss!r} ({type(loss).__name__}): expected a function of predictions and targets, "
            "such as nn.mean_squared_error"
        )
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer is {optimizer!r} ({type(optimizer).__name__}): expected one such as "
            "Adam(model.parameters(), lr=0.01)"
        )
    own = model.parameters() if isinstance(model, Module) else []
    if own and not set(own).intersection(optimizer.parameters):
        raise ValueError(
            f"optimizer holds none of the {len(own)} parameters of {model!r}: make it of model.parameters()"
        )


def as_numbers(prediction: Any) -> Prediction:
    """A prediction without its graph: a float, or a list of floats."""
    if isinstance(prediction, Iterable):
        return [float(entry) for entry in prediction]
    return float(prediction)


def as_values(prediction: Prediction) -> Any:
    """A prediction of numbers as a loss takes it: a Value, or a list of them."""
    return [Value(entry) for entry in prediction] if isinstance(prediction, list) else Value(prediction)


def predict(model: Model, X: Iterable[Any]) -> list[Prediction]:
    """The model's prediction for each row as a float, or a list of floats; a Module predicts in eval mode.

    >>> w = Value(3.0)
    >>> predict(lambda row: w * row[0], [[1.0], [2.0]])
    [3.0, 6.0]
    """
    with training_mode(model, False):
        return [as_numbers(model(row)) for row in as_list(X)]


@contextmanager
def training_mode(model: Model, mode: bool) -> Iterator[None]:
    """While entered, a Module is in training mode or in eval mode; then it is as it was."""
    if not isinstance(model, Module) or model.training == mode:
        yield
        return
    model.train(mode)
    try:
        yield
    finally:
        model.train(not mode)
