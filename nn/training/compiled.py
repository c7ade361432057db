"""One training step on one batch by a compiled program: the same numbers as the eager step, much faster."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import autograd
from autograd import Value
from nn.layers import Dropout
from nn.module import Module
from nn.optim.optimizer import Optimizer, State
from nn.training.metrics import Prediction
from nn.training.steps import Loss, Model, NonfiniteError, Step, as_numbers, as_values, training_mode

TOLERANCE = 1e-9  # relative: what tells a loss that is a mean over examples from one that is a sum


class CompiledStep(Step):
    """A `Step` whose loss, gradient and update are computed on flat arrays; `finish()` writes them back.

    The model and the loss are recorded on one example. The arrays, and not the Values, hold the parameters
    until `finish()`, which `fit` calls at the end of each epoch. Raises ValueError for a model with
    Dropout, whose choice would be the same for all examples, and for a loss of a batch that is neither
    the mean nor the sum of the losses of its examples.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        optimizer: Optimizer,
        regularization: Callable[[], Value] | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(model, loss, optimizer, regularization, clip_norm)
        if isinstance(model, Module) and any(
            isinstance(m, Dropout) and m.p > 0 for _, m in model.named_modules()
        ):
            raise ValueError("a model with Dropout cannot be trained with compiled=True; leave it away")
        self.program: Any = None
        self.validator: Any = None  # the model in eval mode as a program; False where that predicts otherwise

    def __call__(self, X: Sequence[Any], y: Sequence[Any]) -> list[Prediction]:
        if self.program is None:
            self.prepare(X, y)
        X, y = read_once(X), read_once(y)
        predictions: list[Prediction] = self.predictor(X, parameters=self.data[self.for_predictor]).tolist()
        value, gradient = self.program.value_and_grad(X, y, reduction=self.reduction, parameters=self.data)
        if not (math.isfinite(value) and math.isfinite(float(gradient.sum()))):
            self.finish()
            raise NonfiniteError(f"the loss is {value}, or a gradient is not finite")
        own = self.own
        self.gradient = gradient
        if self.clip_norm is not None:
            norm = float((gradient[own] ** 2).sum()) ** 0.5
            gradient[own] *= min(self.clip_norm / (norm + 1e-6), 1.0)
        self.optimizer.steps += 1
        self.data[own] = self.optimizer.update(self.data[own], gradient[own], self.state)
        if len(self.program.values) + len(self.predictor.values) > 2 * len(self.data):
            self.arrange()  # a row took a new branch, on which there are further parameters
        return predictions

    def score(self, predictions: Sequence[Prediction], y: Sequence[Any]) -> float:
        if self.program is None:
            return super().score(predictions, y)
        losses = self.judge(predictions, y)
        return float(losses.mean() if self.reduction == "mean" else losses.sum())

    def predictions(self, X: Sequence[Any]) -> list[Prediction]:
        """Those of the eager step; by a program, where the model in eval mode can be one."""

        def model(row: Any) -> Any:
            with training_mode(self.model, False):
                return self.model(row)

        with suppress(TypeError, ValueError, ArithmeticError):  # the eager step says better what is wrong
            if self.validator is None:
                self.validator = False
                program = autograd.compile(model, X[0])
                self.validator = reproduces(program, model, X) and program
            if self.validator:
                predictions: list[Prediction] = self.validator(X).tolist()
                return predictions
        return super().predictions(X)

    def finish(self) -> None:
        """Write parameters, gradients and the optimiser's state back to where the eager step keeps them."""
        if self.program is None:
            return
        for value, number, gradient in zip(self.program.values, self.data.tolist(), self.gradient.tolist()):
            value.data = number
            value.grad = gradient
        for key, numbers in self.state.items():
            for remembered, number in zip(self.optimizer.state, numbers):
                remembered[key] = float(number)

    def prepare(self, X: Sequence[Any], y: Sequence[Any]) -> None:
        """Record the model and the loss on the first example, and take over the optimiser's state."""
        self.reduction = self.reduction_of(X, y)
        regularization = self.regularization

        def example_loss(row: Any, target: Any) -> Value:
            loss: Value = self.loss([self.model(row)], [target])
            return loss if regularization is None else loss + regularization()

        self.program = autograd.compile(example_loss, X[0], y[0])
        import numpy  # after compile, which says what to install where it is missing

        self.predictor = autograd.compile(self.model, X[0])
        self.judge = autograd.compile(
            lambda prediction, target: self.loss([prediction], [target]), as_numbers(self.model(X[0])), y[0]
        )
        self.data = numpy.zeros(0)
        self.gradient = numpy.zeros(0)
        self.arrange()
        kept = self.optimizer.state
        self.state: State = {key: numpy.array([entry[key] for entry in kept]) for key in kept[0]}

    def arrange(self) -> None:
        """Give every parameter of the optimiser and of both programs a place, in the program's order."""
        import numpy

        values = self.program.values
        self.program.extend([*self.optimizer.parameters, *self.predictor.values])
        self.predictor.extend(values)
        place = {value: i for i, value in enumerate(values)}
        self.own = numpy.array([place[value] for value in self.optimizer.parameters])
        self.for_predictor = numpy.array([place[value] for value in self.predictor.values], dtype=int)
        added = [value.data for value in values[len(self.data) :]]
        self.data = numpy.concatenate([self.data, added])
        self.gradient = numpy.concatenate([self.gradient, numpy.zeros(len(values) - len(self.gradient))])

    def reduction_of(self, X: Sequence[Any], y: Sequence[Any]) -> str:
        """Whether the loss of a batch is the "mean" or the "sum" of the losses of its examples."""
        if len(X) < 2:
            return "mean"
        predictions = [as_values(as_numbers(self.model(row))) for row in X[:2]]
        together = float(self.loss(predictions, y[:2]))
        if not math.isfinite(together):
            raise NonfiniteError(f"the loss is {together}")
        apart = sum(float(self.loss([p], [target])) for p, target in zip(predictions, y))
        for reduction, expected in (("mean", apart / 2.0), ("sum", apart)):
            if math.isclose(together, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
                return reduction
        raise ValueError(
            f"the loss of two examples is {together}, neither the mean nor the sum of theirs ({apart}): "
            "compiled=True needs one of the two"
        )


def read_once(rows: Sequence[Any]) -> Any:
    """Numbers as an array, which several programs then need not make of them; anything else as it is."""
    import numpy

    try:
        array = numpy.asarray(rows)
    except ValueError:  # the program says which rows differ
        return rows
    return array.astype(float, copy=False) if array.dtype.kind in "fiub" else rows


def reproduces(program: Any, model: Model, X: Sequence[Any]) -> bool:
    """Whether a program predicts for the first rows what the model does that it was made of.

    What depends on more than its row, such as a random choice of the model's own, does not.
    """
    pairs = zip([as_numbers(model(row)) for row in X[:3]], program(X[:3]).tolist(), strict=True)
    return all(agree(eager, compiled) for eager, compiled in pairs)


def agree(eager: Any, compiled: Any) -> bool:
    """Whether two predictions, numbers or lists of them, are the same but for rounding."""
    pairs = zip(eager, compiled) if isinstance(eager, list) else [(eager, compiled)]
    return all(
        math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE) or (math.isnan(a) and math.isnan(b))
        for a, b in pairs
    )
