"""Tests of nn.training.steps."""

import math
import random

import pytest

from autograd import Value
from nn import SGD, Dropout, mean_squared_error
from nn.training.steps import NonfiniteError, Step, as_numbers, as_values, predict, training_mode


def test_a_gradient_that_is_not_finite_does_not_reach_the_weights():
    """√0 has a finite value and no finite slope: the step is refused, with the place where it arose."""
    w = Value(0.0, label="w")
    step = Step(lambda row: w.sqrt(), lambda predictions, targets: predictions[0], SGD([w], lr=0.1))
    with pytest.raises(NonfiniteError, match=r"a gradient is not finite \(.*along sqrt → w"):
        step([[0.0]], [0.0])
    assert w.data == 0.0


def test_a_step_returns_what_was_predicted_before_it():
    """The predictions are those of the weights before the update, as plain numbers."""
    w = Value(1.0)
    step = Step(lambda row: [w * row[0], w + row[0]], mean_squared_error, SGD([w], lr=0.1))
    assert step([[2.0], [3.0]], [[2.0, 3.0], [3.0, 4.5]]) == [[2.0, 3.0], [3.0, 4.0]]
    assert w.data == pytest.approx(1.0 + 0.1 * 2 * 0.5 / 4)


def test_gradients_do_not_add_up_from_step_to_step():
    """Two steps on the same batch with lr 0 leave the gradient of one."""
    w = Value(1.0)
    step = Step(lambda row: w * row[0], mean_squared_error, SGD([w], lr=0.0))
    step([[2.0]], [0.0])
    step([[2.0]], [0.0])
    assert w.grad == 8.0  # ∂(2w)²/∂w


def test_a_loss_that_is_not_finite_leaves_everything_as_it_was():
    """The error names the node that made it; weights and the optimiser's count of steps have not moved."""
    w = Value(-1.0, label="w")
    sgd = SGD([w], lr=0.1)
    step = Step(lambda row: w.log(), lambda predictions, targets: predictions[0], sgd)
    with pytest.raises(NonfiniteError, match=r"the loss is nan \(log is nan .*from w = -1\)"):
        step([[0.0]], [0.0])
    assert (w.data, sgd.steps) == (-1.0, 0)


def test_numbers_and_values_of_predictions():
    """A prediction of one number or of several keeps its shape in either direction."""
    assert as_numbers(Value(2.0)) == 2.0
    assert as_numbers((Value(2.0), 3.0)) == [2.0, 3.0]
    assert as_values(2.0).data == 2.0
    assert [value.data for value in as_values([2.0, 3.0])] == [2.0, 3.0]


def test_predict_is_in_eval_mode_and_leaves_the_mode_as_it_was():
    """Dropout does nothing while predicting, drops again afterwards, and after an error too."""
    dropout = Dropout(0.5, seed=random.Random(0))
    assert predict(dropout, [[1.0] * 50]) == [[1.0] * 50]
    assert dropout.training
    with pytest.raises(TypeError):
        predict(dropout, [["one"]])
    assert dropout.training
    assert math.fsum(as_numbers(dropout([1.0] * 50))) != 50.0


def test_training_mode_reaches_modules_only():
    """A plain function has no mode and is left alone; a module in the right mode is not touched."""
    with training_mode(math.sqrt, False):
        assert not hasattr(math.sqrt, "training")
    dropout = Dropout(0.5).eval()
    with training_mode(dropout, False):
        assert not dropout.training
    assert not dropout.training
