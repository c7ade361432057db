"""What a table asks of a model: which columns to learn what from, and in what numbers the model sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from autograd import softmax
from nn.data.datasets import Dataset
from nn.data.scaling import StandardScaler
from nn.losses import cross_entropy, mean_squared_error
from nn.training.metrics import (
    Prediction,
    accuracy,
    mean_absolute_error,
    predicted_class,
    r2_score,
    root_mean_squared_error,
)
from nn.training.steps import Loss


@dataclass(frozen=True)
class Task:
    """To predict `target` from `features`: one of `classes`, or a number if there are none.

    The model sees features of mean 0 and standard deviation 1 over the training rows. It gives a logit for
    each class; or the target in the same kind of unit, which `outputs` brings back to its own.

    >>> data = Dataset([[1.0], [3.0]], [10.0, 30.0], ("size",))
    >>> task = Task.learning("price", data, data.X, data.y)
    >>> task.seen(data.X, data.y), task.columns([1.0])
    (([[-1.0], [1.0]], [-1.0, 1.0]), {'predicted_price': [30.0]})
    """

    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    inputs: StandardScaler
    outputs: StandardScaler | None

    @classmethod
    def learning(cls, target: str, data: Dataset, X: Sequence[Sequence[float]], y: Sequence[float]) -> Self:
        """The task of learning `target` from the training rows (X, y) of `data`."""
        outputs = None if data.target_names else StandardScaler().fit([[number] for number in y])
        return cls(data.feature_names, target, data.target_names, StandardScaler().fit(X), outputs)

    @property
    def width(self) -> int:
        """The number of outputs that a model needs."""
        return len(self.classes) or 1

    @property
    def loss(self) -> Loss:
        """What to minimise."""
        return cross_entropy if self.classes else mean_squared_error

    @property
    def metric(self) -> str:
        """The metric to follow while training; R² is the same in either unit."""
        return "accuracy" if self.classes else "r2_score"

    def seen(self, X: Sequence[Sequence[float]], y: Sequence[float]) -> tuple[list[list[float]], list[float]]:
        """Rows and targets as the model sees them."""
        targets = list(y)
        if self.outputs is not None:
            targets = [row[0] for row in self.outputs.transform([[number] for number in y])]
        return self.inputs.transform(X), targets

    def answers(self, predictions: Sequence[Prediction]) -> list[Any]:
        """What the model's predictions mean: the names of classes, or numbers in the target's own unit."""
        if self.outputs is None:
            return [self.classes[predicted_class(logits)] for logits in predictions]
        return [row[0] for row in self.outputs.inverse_transform([[number] for number in predictions])]

    def scores(self, predictions: Sequence[Prediction], y: Sequence[float]) -> dict[str, float]:
        """How good predictions are, against targets as the table has them."""
        if self.classes:
            return {"accuracy": accuracy(predictions, y)}
        numbers = self.answers(predictions)
        return {
            "R²": r2_score(numbers, y),
            "mean absolute error": mean_absolute_error(numbers, y),
            "root mean squared error": root_mean_squared_error(numbers, y),
        }

    def columns(self, predictions: Sequence[Prediction]) -> dict[str, list[Any]]:
        """The predictions as columns of a table: the answer, and for classes the probability of each."""
        columns = {f"predicted_{self.target}": self.answers(predictions)}
        if self.classes:
            probabilities = [softmax(logits) for logits in predictions]
            for k, name in enumerate(self.classes):
                columns[f"probability_{name}"] = [round(row[k], 6) for row in probabilities]
        return columns

    def state_dict(self) -> dict[str, Any]:
        """The task as a plain dict, ready for JSON."""
        return {
            "features": list(self.features),
            "target": self.target,
            "classes": list(self.classes),
            "inputs": self.inputs.state_dict(),
            "outputs": self.outputs.state_dict() if self.outputs else None,
        }

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> Self:
        """The task that `state_dict` gave; ValueError if it did not."""
        try:
            inputs, outputs = StandardScaler(), StandardScaler() if state["outputs"] else None
            inputs.load_state_dict(state["inputs"])
            if outputs is not None:
                outputs.load_state_dict(state["outputs"])
            task = cls(tuple(state["features"]), state["target"], tuple(state["classes"]), inputs, outputs)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it does not say what it learnt from which columns ({error!r})") from None
        if len(inputs.mean_) != len(task.features) or bool(task.classes) == bool(outputs):
            raise ValueError("what it says of the columns that it learnt from does not fit together")
        return task
