"""Tests of nn.training.fitting."""

import math
import os
import random
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import (
    MLP,
    SGD,
    Adam,
    Dropout,
    ExponentialLR,
    Layer,
    ReduceLROnPlateau,
    Sequential,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    l2_penalty,
    make_moons,
    mean_squared_error,
)
from nn.training.fitting import fit
from nn.training.steps import predict

LINE_X, LINE_Y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]


class Line:
    """The model ŷ = w·x + b with everything in the open, its optimiser and the rows it was called with."""

    def __init__(self, lr: float = 0.05) -> None:
        self.w, self.b = Value(0.0), Value(0.0)
        self.sgd = SGD([self.w, self.b], lr)
        self.calls: list[list[float]] = []

    def __call__(self, row):
        self.calls.append(row)
        return self.w * row[0] + self.b


quiet_fit = partial(fit, progress=False)


def fit_line(line, loss=mean_squared_error, progress=False, **settings):
    """`fit` of a line to points on ŷ = 2x + 1."""
    return fit(line, LINE_X, LINE_Y, loss=loss, optimizer=line.sgd, progress=progress, **settings)


def test_batch_descent_is_gradient_descent_written_out():
    """With all rows in a step, weights and losses are those of the formulas for a line, epoch by epoch."""
    line = Line()
    history = fit_line(line, loss=half_squared_error, epochs=5)
    w = b = 0.0
    losses = []
    for _ in range(5):
        errors = [w * x + b - y for (x,), y in zip(LINE_X, LINE_Y)]
        losses.append(0.5 * sum(error**2 for error in errors))
        w, b = w - 0.05 * sum(e * x for e, (x,) in zip(errors, LINE_X)), b - 0.05 * sum(errors)
    assert history["loss"] == pytest.approx(losses, rel=1e-12)
    assert (line.w.data, line.b.data) == pytest.approx((w, b), rel=1e-12)
    assert history["epoch"] == [1, 2, 3, 4, 5]
    assert history.stopped == "finished"


@pytest.mark.parametrize(("batch_size", "steps"), [(None, 1), (4, 1), (3, 2), (1, 4), (100, 1)])
def test_batch_size_decides_how_many_rows_a_step_sees(batch_size, steps):
    """Batch, mini-batch and stochastic descent take 1, ⌈n/size⌉ and n steps an epoch, each row once."""
    line = Line(lr=0.01)
    fit_line(line, epochs=2, batch_size=batch_size)
    assert line.sgd.steps == 2 * steps
    assert sorted(line.calls[:4]) == sorted(line.calls[4:]) == LINE_X


def test_shuffling_follows_the_seed_alone():
    """The same seed gives the same bits, another seed others, and Python's own generator is untouched."""

    def trained(seed):
        line = Line()
        fit_line(line, epochs=3, batch_size=1, seed=seed)
        return line.w.data, line.b.data

    state = random.getstate()
    assert trained(5) == trained(5) == trained(random.Random(5))
    assert trained(5) != trained(6)
    assert random.getstate() == state


def test_a_network_learns_moons():
    """Mini-batches, Adam and a penalty together classify two moons nearly without error."""
    X, y = make_moons(60, noise=0.1, seed=1)
    model = MLP(2, [8, 1], "tanh")
    history = quiet_fit(
        model,
        X,
        y,
        loss=binary_cross_entropy_with_logits,
        optimizer=Adam(model.parameters(), lr=0.1),
        epochs=40,
        batch_size=20,
        regularization=lambda: l2_penalty(model.parameters(), 1e-5),
    )
    assert history["accuracy"][-1] >= 0.95
    assert history["loss"][-1] < 0.2 * history["loss"][0]


def test_regularization_moves_the_weights_but_is_not_in_the_loss():
    """One step on a perfect line follows the penalty's gradient, and the loss in the history stays 0."""
    line = Line(lr=0.1)
    line.w.data, line.b.data = 2.0, 1.0
    history = fit_line(line, epochs=1, regularization=lambda: l2_penalty([line.w, line.b], 0.5))
    assert history["loss"] == [0.0]
    assert (line.w.data, line.b.data) == pytest.approx((2.0 - 0.1 * 2.0, 1.0 - 0.1 * 1.0))


def test_arrays_are_taken_as_rows_and_targets():
    """numpy arrays train as the same lists do, to the last bit."""
    weights = []
    for X, y in [(LINE_X, LINE_Y), (np.array(LINE_X), np.array(LINE_Y))]:
        line = Line()
        quiet_fit(line, X, y, loss=mean_squared_error, optimizer=line.sgd, epochs=3, batch_size=3)
        weights.append((line.w.data, line.b.data))
        assert type(line.w.data) is float
    assert weights[0] == weights[1]


def test_clip_norm_bounds_the_step():
    """With lr 1 the step is as long as the gradient, which is cut to clip_norm."""
    line = Line(lr=1.0)
    fit_line(line, loss=half_squared_error, epochs=1, clip_norm=0.25)
    assert math.hypot(line.w.data, line.b.data) == pytest.approx(0.25, rel=1e-5)


def test_a_schedule_advances_once_an_epoch_and_the_history_has_the_rates():
    """Each record holds the rate that its steps were taken with; a plateau schedule is given the loss."""
    line = Line(lr=0.08)
    history = fit_line(line, epochs=3, batch_size=1, schedule=ExponentialLR(line.sgd, gamma=0.5))
    assert history["lr"] == [0.08, 0.04, 0.02]
    perfect = Line(lr=0.08)
    perfect.w.data, perfect.b.data = 2.0, 1.0
    history = fit_line(perfect, epochs=4, schedule=ReduceLROnPlateau(perfect.sgd, factor=0.5, patience=0))
    assert history["lr"] == [0.08, 0.08, 0.04, 0.02]


def test_validation_is_measured_after_each_epoch():
    """The validation columns are the loss and metrics of the model as the epoch left it."""
    line = Line()
    history = fit_line(
        line, epochs=3, validation=([[5.0], [6.0]], [11.0, 13.0]), metrics=["mean_absolute_error"]
    )
    errors = [line.w.data * x + line.b.data - y for x, y in [(5.0, 11.0), (6.0, 13.0)]]
    assert history["validation_loss"][-1] == pytest.approx(sum(e * e for e in errors) / 2, rel=1e-12)
    assert history["validation_mean_absolute_error"][-1] == pytest.approx(sum(map(abs, errors)) / 2)
    assert history.columns == (
        "epoch",
        "loss",
        "mean_absolute_error",
        "validation_loss",
        "validation_mean_absolute_error",
        "lr",
        "seconds",
    )


def test_early_stopping_gives_the_best_parameters_back():
    """Training that makes validation worse ends after `patience` more epochs, with the best parameters."""
    line = Line(lr=0.02)
    history = fit_line(line, epochs=50, patience=3, validation=([[1.0]], [1.5]), metrics=[])
    losses = history["validation_loss"]
    best = losses.index(min(losses)) + 1
    assert 1 < best < 50
    assert history.stopped == "no improvement"
    assert history.best_epoch == best
    assert len(history) == best + 3
    assert (line.w.data - 1.5 + line.b.data) ** 2 == pytest.approx(min(losses), rel=1e-12)


def test_settings_that_make_no_sense_are_refused():
    """Each bad setting is named in a ValueError, as is a loss that gives no Value, and nothing is trained."""
    line = Line()
    for wrong, message in [
        ({"patience": 3}, "patience=3 needs validation"),
        ({"epochs": 0}, "epochs is 0: expected a whole number, at least 1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"sampling": "random"}, "sampling is 'random': expected 'shuffled' or 'misclassified'"),
        ({"sampling": "misclassified", "batch_size": 2}, "misclassified points are taken one at a time"),
        ({"metrics": ["f1"]}, "no metric 'f1'"),
        ({"validation": ([[1.0]], [])}, "X has 1 rows and y has 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            fit_line(line, **wrong)
    with pytest.raises(ValueError, match="X has 4 rows and y has 1"):
        fit(line, LINE_X, [1.0], loss=mean_squared_error, optimizer=line.sgd)
    with pytest.raises(ValueError, match="empty"):
        fit(line, [], [], loss=mean_squared_error, optimizer=line.sgd)
    with pytest.raises(TypeError, match="expected one Value for the batch"):
        fit_line(line, loss=lambda predictions, targets: predictions)
    assert line.w.data == 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": "mse"}, r"loss is 'mse' \(str\): expected a function of predictions and targets, such as"),
        ({"loss": autograd.cross_entropy}, "loss is autograd's cross_entropy, of one example: expected nn's"),
        ({"optimizer": "adam"}, r"optimizer is 'adam' \(str\): expected one such as Adam\(model.parameters"),
        ({"compiled": "no"}, "compiled is 'no': expected True, False or None"),
    ],
)
def test_a_part_of_another_kind_is_named(wrong, message):
    """A loss, an optimiser or a choice that is none says what was given and what was expected, at once."""
    line = Line()
    parts = {"loss": mean_squared_error, "optimizer": line.sgd} | wrong
    with pytest.raises(TypeError, match=message):
        quiet_fit(line, LINE_X, LINE_Y, **parts)
    assert line.calls == []


@pytest.mark.parametrize("compiled", [None, False, True])
def test_the_optimiser_of_another_model_is_refused(compiled):
    """A model made anew beside the old optimiser would not learn: that is an error, not a flat history."""
    sgd = SGD(MLP(1, [1]).parameters(), lr=0.1)
    with pytest.raises(ValueError, match="optimizer holds none of the 2 parameters of MLP"):
        quiet_fit(MLP(1, [1]), LINE_X, LINE_Y, loss=mean_squared_error, optimizer=sgd, compiled=compiled)


def test_the_optimiser_may_hold_some_parameters_only():
    """A part of a model may be trained alone: the other layers stay as they are."""
    model = MLP(1, [2, 1], activation="tanh")
    first, last = model.layers
    before = first.state_dict()
    sgd = SGD(last.parameters(), lr=0.1)
    history = quiet_fit(model, LINE_X, LINE_Y, loss=mean_squared_error, optimizer=sgd, epochs=5)
    assert first.state_dict() == before
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize("seed", range(3))
def test_misclassified_sampling_converges_on_separable_points(seed):
    """A random misclassified point at a time until none is left, with sigmoid units and cross-entropy."""
    rng = random.Random(seed)
    X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(60)]
    X = [[a, b] for a, b in X if abs(a + b) > 0.2]
    y = [int(a + b > 0) for a, b in X]
    model = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid", seed=seed)
    sgd = SGD(model.parameters(), lr=1.0)
    history = quiet_fit(
        model, X, y, loss=binary_cross_entropy, optimizer=sgd, epochs=200, sampling="misclassified", seed=seed
    )
    assert history.stopped == "converged"
    assert history["accuracy"][-1] == 1.0
    assert [round(prediction) for prediction in predict(model, X)] == y
    assert 0 < sgd.steps < 200 * len(X)


def test_misclassified_sampling_takes_its_steps_on_misclassified_points():
    """Every step is on one row that the weights before it got wrong."""
    model = MLP(2, [1], seed=3)
    X, y = make_moons(20, noise=0.1, seed=2)
    wrong = []

    def loss(predictions, targets):
        if len(targets) == 1:
            wrong.append((predictions[0].data > 0.5) != targets[0])
        return binary_cross_entropy_with_logits(predictions, targets)

    sgd = SGD(model.parameters(), lr=0.5)
    quiet_fit(model, X, y, loss=loss, optimizer=sgd, epochs=3, sampling="misclassified", metrics=[])
    assert len(wrong) == sgd.steps > 0
    assert all(wrong)  # by a threshold of ½: `fit` does not know this loss, and the targets are 0 and 1


def test_misclassified_sampling_leaves_a_model_that_is_right_alone():
    """Without a misclassified point there is no step, and one epoch that says so."""
    right = Line()
    right.w.data = 1.0
    loss = binary_cross_entropy_with_logits
    history = quiet_fit(right, [[-1], [1]], [0, 1], loss=loss, optimizer=right.sgd, sampling="misclassified")
    assert (right.w.data, right.b.data, right.sgd.steps) == (1.0, 0.0, 0)
    assert (len(history), history.stopped, history["accuracy"]) == (1, "converged", [1.0])


def test_classes_by_logits_can_be_learnt_from_misclassified_points():
    """With cross-entropy over three classes, the largest logit decides what is misclassified."""
    rng = random.Random(4)
    corners = [(-2.0, 0.0), (2.0, 0.0), (0.0, 3.0)]
    y = [i % 3 for i in range(30)]
    X = [[rng.gauss(corners[k][0], 0.3), rng.gauss(corners[k][1], 0.3)] for k in y]
    model = MLP(2, [3])
    sgd = SGD(model.parameters(), lr=0.1)
    history = quiet_fit(model, X, y, loss=cross_entropy, optimizer=sgd, sampling="misclassified")
    assert history.stopped == "converged"
    assert [logits.index(max(logits)) for logits in predict(model, X)] == y


def test_dropout_acts_in_steps_and_not_in_what_is_measured():
    """A model is in training mode during steps, in eval mode for validation, then as it was before."""
    rng = random.Random(0)
    model = Sequential(
        Layer(1, 4, "linear", seed=rng), Dropout(0.5, seed=rng), Layer(4, 1, "linear", seed=rng)
    )
    modes = []

    def recording(predictions, targets):
        modes.append(model.training)
        return mean_squared_error(predictions, targets)

    model.eval()
    first, second = (
        quiet_fit(
            model,
            LINE_X,
            LINE_Y,
            loss=recording,
            optimizer=SGD(model.parameters(), lr=0.0),
            epochs=1,
            validation=(LINE_X, LINE_Y),
        )
        for _ in range(2)
    )
    assert all(modes)
    assert not model.training
    assert first["loss"] != second["loss"]
    assert first["validation_loss"] == second["validation_loss"]


def test_divergence_stops_before_the_step_that_is_not_finite():
    """A loss of inf is warned of by epoch and step, and model and history stay as before it."""
    line = Line(lr=1e60)
    message = r"before step 1 of epoch 4: the loss is inf \(.*lower learning rate"
    with pytest.warns(RuntimeWarning, match=message) as warned:
        history = fit_line(line, epochs=100)
    assert warned[0].filename == __file__
    assert history.stopped == "diverged"
    assert len(history) == line.sgd.steps == 3
    assert math.isfinite(line.w.data)
    assert math.isfinite(line.b.data)
    assert all(map(math.isfinite, history["loss"]))


def test_without_progress_nothing_is_printed(capfd):
    """progress=False writes nothing; with it, a bar on standard error shows epochs, loss and metrics."""
    line = Line()
    fit_line(line, epochs=2)
    assert capfd.readouterr() == ("", "")
    fit_line(line, epochs=2, metrics=["r2_score"], progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "epoch 2/2" in err
    assert "2/2" in err
    assert "r2_score" in err


def test_ctrl_c_stops_after_the_step():
    """SIGINT in a step lets it finish; the history has the epoch so far, and the handler is back."""
    line = Line(lr=0.01)
    before = signal.getsignal(signal.SIGINT)

    def loss(predictions, targets):
        if len(line.calls) == 6 and len(targets) == 1:
            signal.raise_signal(signal.SIGINT)
        return mean_squared_error(predictions, targets)

    history = fit_line(line, loss=loss, epochs=50, batch_size=1)
    assert line.sgd.steps == 6
    assert history.stopped == "interrupted"
    assert len(history) == 2
    assert all(map(math.isfinite, history["loss"]))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_interrupts_at_once():
    """The second SIGINT within one step is a KeyboardInterrupt, and the handler is back after it too."""
    line = Line(lr=0.01)
    before = signal.getsignal(signal.SIGINT)

    def loss(predictions, targets):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return mean_squared_error(predictions, targets)

    with pytest.raises(KeyboardInterrupt):
        fit_line(line, loss=loss)
    assert line.sgd.steps == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_training_works_outside_the_main_thread():
    """Where Python allows no signal handlers, fit sets none and trains all the same."""
    results = []

    def work():
        line = Line(lr=0.01)
        results.append(fit_line(line, epochs=3))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [history.stopped for history in results] == ["finished"]


def test_two_processes_train_to_the_same_bits():
    """Hash randomisation changes nothing: the weights after training are equal to the last bit."""
    program = (
        "from nn import *\nfrom nn.training.fitting import fit\n"
        "X, y = make_moons(30, noise=0.1, seed=1)\nmodel = MLP(2, [6, 1], 'tanh')\n"
        "fit(model, X, y, loss=binary_cross_entropy_with_logits, optimizer=Adam(model.parameters(), lr=0.05),"
        " epochs=5, batch_size=4, progress=False)\nprint([p.data.hex() for p in model.parameters()])"
    )
    root = Path(__file__).parent.parent
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
