"""One look at a network in training: its numbers at one moment, all for the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd import Value
from nn.data.rows import as_list
from nn.layers import Neuron
from nn.plane import margins, ticks
from nn.training.metrics import Prediction, decision_threshold
from nn.training.sampling import Batch
from nn.training.steps import Loss, Model, as_numbers, predict, training_mode
from nn.watching.anatomy import Anatomy

__all__ = ["Frame", "Scene", "evenly"]

ROWS = 100  # at most, on which everything is computed anew in each frame
GRID = 31  # points to a side of the plane; the page interpolates between them


@dataclass(frozen=True)
class Frame:
    """The network after `step` updates: the loss of the watched rows, and the gradients, with the penalty's.

    active: for each neuron the share of the rows for which its output is not 0. margins: for each class, how
    far it leads at each point of the plane, row by row; none unless the data have two columns.
    """

    step: int
    loss: float
    parameters: tuple[float, ...]
    gradients: tuple[float, ...]
    active: tuple[float, ...]
    margins: tuple[tuple[float, ...], ...]


class Scene:
    """What is looked at: a model, its loss, and the rows, the same in every frame.

    Looking changes nothing: gradients are put back, and the model is in eval mode meanwhile. predictions: who
    is asked at the points of the plane, where not the model itself.

    >>> from nn import MLP, half_squared_error
    >>> model = MLP(2, [2, 1], seed=0)
    >>> scene = Scene(model, half_squared_error, model.parameters(), ([[0.0, 1.0], [1.0, 0.0]], [1, 0]))
    >>> frame = scene.frame(0)
    >>> len(frame.gradients), len(frame.active), len(frame.margins[0]) == GRID * GRID
    (9, 3, True)
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        parameters: Sequence[Value],
        data: Batch,
        regularization: Callable[[], Value] | None = None,
        predictions: Callable[[Sequence[Any]], list[Prediction]] | None = None,
    ) -> None:
        self.model = model
        self.predictions = predictions or partial(predict, model)
        self.loss = loss
        self.parameters = list(parameters)
        self.rows, self.targets = (evenly(column, ROWS) for column in data)
        self.regularization = regularization
        self.anatomy = Anatomy.of(model, self.parameters)
        self.threshold = decision_threshold(loss, self.targets)
        self.axes = self._axes(data[0])

    def _axes(self, rows: Sequence[Any]) -> tuple[list[float], ...]:
        """The numbers along both sides of the plane; none unless points are sorted into classes."""
        listed = [as_list(row) if isinstance(row, Iterable) else [row] for row in rows]
        quantities = [y for y in self.targets if not isinstance(y, Iterable) and float(y) != round(float(y))]
        if quantities or any(len(row) != 2 for row in listed):
            return ()
        columns = [[float(x) for x in column] for column in zip(*listed)]
        if not all(math.isfinite(x) for column in columns for x in column):
            return ()
        return tuple([ticks(column, GRID) for column in columns])

    def frame(self, step: int) -> Frame:
        """The numbers as they are now."""
        kept = [parameter.grad for parameter in self.parameters]
        outputs: dict[Neuron, list[float]] = {unit.neuron: [] for unit in self.anatomy.units}
        with training_mode(self.model, False):
            for parameter in self.parameters:
                parameter.zero_grad()
            with listening(outputs):
                predictions = [self.model(row) for row in self.rows]
            loss = self.loss(predictions, self.targets)
            total = loss if self.regularization is None else loss + self.regularization()
            total.backward()
        gradients = tuple([parameter.grad for parameter in self.parameters])
        for parameter, gradient in zip(self.parameters, kept):
            parameter.grad = gradient
        return Frame(
            step,
            float(loss),
            tuple([parameter.data for parameter in self.parameters]),
            gradients,
            tuple([share_of_nonzero(outputs[unit.neuron]) for unit in self.anatomy.units]),
            self._margins(as_numbers(predictions[0])),
        )

    def _margins(self, example: Any) -> tuple[tuple[float, ...], ...]:
        if not self.axes or example == []:
            return ()
        x1s, x2s = self.axes
        points = [[x1, x2] for x2 in x2s for x1 in x1s]
        return tuple([tuple(flat) for flat in margins(self.predictions(points), self.threshold)])


@contextmanager
def listening(outputs: dict[Neuron, list[float]]) -> Iterator[None]:
    """While entered, the output of each of these neurons is added to its list whenever it is computed."""
    before = {neuron: neuron.activation for neuron in outputs}
    for neuron, heard in outputs.items():
        neuron.activation = _overheard(neuron.activation, heard)
    try:
        yield
    finally:
        for neuron, activation in before.items():
            neuron.activation = activation


def _overheard(activation: Callable[[Value], Value] | None, heard: list[float]) -> Callable[[Value], Value]:
    def overheard(z: Value) -> Value:
        a = z if activation is None else activation(z)
        heard.append(a.data)
        return a

    return overheard


def share_of_nonzero(numbers: Sequence[float]) -> float:
    """The share of `numbers` that are not 0; 1 if there are none.

    >>> share_of_nonzero([0.0, 2.0, 0.0, 1.0])
    0.5
    """
    return sum([number != 0.0 for number in numbers]) / len(numbers) if numbers else 1.0


def evenly(items: Sequence[Any], most: int) -> list[Any]:
    """`items`, or at most so many of them, at even distances, the first among them.

    >>> evenly(range(10), 4)
    [0, 2, 5, 7]
    """
    count = min(len(items), most)
    return [items[i * len(items) // count] for i in range(count)]
