"""Tests of nn.command.task."""

import json
import math

import pytest

from nn import cross_entropy, load_iris, mean_squared_error
from nn.command.task import Task
from nn.data.datasets import Dataset


def prices() -> Task:
    """A task of regression, from three rows."""
    data = Dataset([[1.0, 5.0], [2.0, 7.0], [6.0, 9.0]], [100.0, 200.0, 600.0], ("size", "age"))
    return Task.learning("price", data, data.X, data.y)


def flowers() -> Task:
    """A task of classification, from the Iris data."""
    data = load_iris()
    return Task.learning("species", data, data.X, data.y)


def test_rows_and_targets_are_standardised_by_the_training_rows_alone():
    """The scalers know the rows that they were given, not the rest of the data."""
    data = Dataset([[0.0], [2.0], [100.0]], [10.0, 30.0, 5000.0], ("x",))
    task = Task.learning("y", data, [[0.0], [2.0]], [10.0, 30.0])
    assert task.seen([[0.0], [1.0], [2.0]], [10.0, 20.0, 30.0]) == ([[-1.0], [0.0], [1.0]], [-1.0, 0.0, 1.0])


def test_predicted_numbers_come_back_in_their_own_unit():
    """What the model says of standardised targets is turned into the target's unit, and scored in it."""
    task = prices()
    _, targets = task.seen([], [100.0, 600.0])
    assert task.answers(targets) == pytest.approx([100.0, 600.0])
    assert task.columns(targets)["predicted_price"] == pytest.approx([100.0, 600.0])
    scores = task.scores(targets, [110.0, 580.0])
    assert scores["mean absolute error"] == pytest.approx(15.0)
    assert scores["root mean squared error"] == pytest.approx(math.sqrt((10**2 + 20**2) / 2))
    assert scores["R²"] == pytest.approx(1 - (10**2 + 20**2) / (2 * 235**2))


def test_classes_are_left_as_they_are_and_answered_by_name():
    """Targets of classes are indices; an answer is the name of the largest logit, with softmax beside it."""
    task = flowers()
    assert task.seen([], [2, 0])[1] == [2, 0]
    logits = [[0.0, 0.0, math.log(2.0)], [50.0, 0.0, 0.0]]
    assert task.answers(logits) == ["virginica", "setosa"]
    columns = task.columns(logits)
    assert columns["probability_virginica"] == [0.5, 0.0]
    assert columns["probability_setosa"] == [0.25, 1.0]
    assert task.scores(logits, [2, 1]) == {"accuracy": 0.5}


def test_the_task_decides_loss_metric_and_width():
    """Classes: a logit each, cross-entropy, accuracy; a number: one output, squared error, R²."""
    assert (flowers().loss, flowers().metric, flowers().width) == (cross_entropy, "accuracy", 3)
    assert (prices().loss, prices().metric, prices().width) == (mean_squared_error, "r2_score", 1)


@pytest.mark.parametrize("make", [prices, flowers])
def test_a_task_comes_back_from_json(make):
    """State, as JSON, and back: the same columns, classes and scales."""
    task = make()
    restored = Task.from_state_dict(json.loads(json.dumps(task.state_dict())))
    assert (restored.features, restored.target, restored.classes) == (
        task.features,
        task.target,
        task.classes,
    )
    row = [[1.5] * len(task.features)]
    assert restored.inputs.transform(row) == task.inputs.transform(row)
    assert restored.state_dict() == task.state_dict()


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.clear(),
        lambda state: state.pop("target"),
        lambda state: state.update(inputs=None),
        lambda state: state.update(inputs={"mean": [0.0]}),
        lambda state: state.update(features=["size"]),
        lambda state: state.update(features=3),
        lambda state: state.update(outputs=None),
        lambda state: state.update(classes=["a", "b"]),
    ],
)
def test_a_damaged_task_is_a_value_error(damage):
    """A part that is missing, of the wrong kind, or that does not fit the others is never a task."""
    state = prices().state_dict()
    damage(state)
    with pytest.raises(ValueError):
        Task.from_state_dict(state)
