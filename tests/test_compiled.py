"""Tests of compiled training: the numbers of the eager engine, from flat arrays."""

import math
import random
import re
import sys

import pytest

from autograd import Value, relu
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Dropout,
    Module,
    RMSprop,
    Sequential,
    StandardScaler,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    half_squared_error,
    hinge,
    huber,
    l2_penalty,
    load_iris,
    make_moons,
    mean_squared_error,
    predict,
)
from nn.training.compiled import CompiledStep

pytest.importorskip("numba", reason="compiled training needs the extra glassgrad[fast]")

X, y = make_moons(40, noise=0.1, seed=0)
SIGNS = [2 * label - 1 for label in y]


def trained(compiled, loss, make, targets=y, rows=X, net=(2, [6, 1]), epochs=20, **settings):
    """(the model, its history) after 20 epochs of 8 rows a step from one seed."""
    model = MLP(*net, activation="tanh", seed=1)
    optimizer = make(model.parameters())
    penalty = settings.pop("penalty", None)
    history = fit(
        model,
        rows,
        targets,
        loss=loss,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=8,
        seed=3,
        progress=False,
        compiled=compiled,
        regularization=(lambda: l2_penalty(model.parameters(), penalty)) if penalty else None,
        **settings,
    )
    return model, history, optimizer


def assert_same(*arguments, **settings):
    """Eager and compiled training end with the same parameters and history to 1e-9."""
    eager, eager_history, eager_optimizer = trained(False, *arguments, **settings)
    fast, fast_history, fast_optimizer = trained(True, *arguments, **settings)
    assert fast.state_dict() == pytest.approx(eager.state_dict(), rel=1e-9, abs=1e-12)
    for column in ("loss", "lr"):
        assert fast_history[column] == pytest.approx(eager_history[column], rel=1e-9)
    assert fast_optimizer.steps == eager_optimizer.steps
    for ours, theirs in zip(fast_optimizer.state, eager_optimizer.state, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: SGD(p, lr=0.05),
        lambda p: SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
        lambda p: RMSprop(p, lr=0.01, momentum=0.5, centered=True),
        lambda p: Adagrad(p, lr=0.05, lr_decay=0.01),
        lambda p: Adam(p, lr=0.01, amsgrad=True),
        lambda p: AdamW(p, lr=0.01),
    ],
    ids=["SGD", "Nesterov", "RMSprop", "Adagrad", "Adam", "AdamW"],
)
def test_every_optimiser(make):
    """20 epochs with each optimiser end where the eager engine ends, the optimiser's memory included."""
    assert_same(binary_cross_entropy_with_logits, make)


@pytest.mark.parametrize(
    ("loss", "targets"),
    [(half_squared_error, y), (mean_squared_error, y), (huber, y), (hinge, SIGNS)],
    ids=["half squared", "mean squared", "huber", "hinge"],
)
def test_every_loss(loss, targets):
    """Losses that are sums over examples, and those that are means."""
    assert_same(loss, lambda p: SGD(p, lr=0.01), targets)


def test_classes():
    """Class labels are an input that differs from row to row."""
    iris = load_iris()
    rows = StandardScaler().fit(iris.X).transform(iris.X)
    assert_same(cross_entropy, lambda p: Adam(p, lr=0.02), iris.y, rows, (4, [5, 3]), epochs=5)


def test_penalty_clipping_and_schedules():
    """A penalty counts once a step; gradients are clipped as one vector; rates may change from epoch to epoch."""
    from nn import StepLR

    for compiled in (False, True):
        model = MLP(2, [4, 1], activation="tanh", seed=1)
        optimizer = SGD(model.parameters(), lr=0.1)
        fit(
            model,
            X,
            y,
            loss=mean_squared_error,
            optimizer=optimizer,
            epochs=6,
            batch_size=7,
            clip_norm=0.2,
            schedule=StepLR(optimizer, 2, 0.5),
            progress=False,
            compiled=compiled,
            regularization=lambda model=model: l2_penalty(model.parameters(), 0.01),
        )
        if not compiled:
            expected = model.state_dict()
    assert model.state_dict() == pytest.approx(expected, rel=1e-9)


def test_training_goes_on_from_an_optimisers_state():
    """A second fit, compiled, continues what a first one, eager, began."""
    models = []
    for second in (False, True):
        model = MLP(2, [4, 1], activation="tanh", seed=1)
        adam = Adam(model.parameters(), lr=0.02)
        for compiled in (False, second):
            fit(
                model,
                X,
                y,
                loss=mean_squared_error,
                optimizer=adam,
                epochs=3,
                progress=False,
                compiled=compiled,
            )
        models.append(model.state_dict())
    assert models[1] == pytest.approx(models[0], rel=1e-9)


def test_a_frozen_parameter_stays():
    """What the optimiser was not given is used but not moved."""
    model = MLP(2, [4, 1], activation="tanh", seed=1)
    frozen = model.layers[0].neurons[0].b
    sgd = SGD([p for p in model.parameters() if p is not frozen], lr=0.1)
    fit(model, X, y, loss=mean_squared_error, optimizer=sgd, epochs=2, progress=False, compiled=True)
    assert frozen.data == 0.0
    assert model.layers[0].neurons[1].b.data != 0.0


def test_rows_that_branch():
    """A model that chooses by its input trains on both branches."""
    weights = []
    for compiled in (False, True):
        w, v = Value(0.5), Value(-0.5)
        fit(
            lambda row, w=w, v=v: w * row[0] if row[0] > 0.0 else relu(v * row[0]),
            [[1.0], [-1.0], [2.0], [-2.0]],
            [2.0, 3.0, 4.0, 6.0],
            loss=mean_squared_error,
            optimizer=SGD([w, v], lr=0.05),
            epochs=5,
            progress=False,
            compiled=compiled,
        )
        weights.append((w.data, v.data))
    assert weights[1] == pytest.approx(weights[0], rel=1e-12)


def test_a_loss_that_is_not_finite_stops_before_its_step():
    """The parameters are those before the step, and the history says that training diverged."""
    w = Value(1.0)
    with pytest.warns(RuntimeWarning, match="the loss is nan"):
        history = fit(
            lambda row: (w * row[0]).log(),
            [[1.0], [-1.0]],
            [0.0, 0.0],
            loss=mean_squared_error,
            optimizer=SGD([w], lr=0.1),
            epochs=3,
            progress=False,
            compiled=True,
        )
    assert history.stopped == "diverged"
    assert w.data == 1.0


def test_what_cannot_be_compiled_is_said():
    """Dropout, the misclassified points, and a loss that is no mean or sum: an error each, before training."""
    sgd = SGD([Value(0.0)], lr=0.1)
    with pytest.raises(ValueError, match="Dropout"):
        CompiledStep(Sequential(MLP(2, [3, 1]), Dropout(0.5)), mean_squared_error, sgd)
    with pytest.raises(ValueError, match="misclassified"):
        fit(MLP(2, [1]), X, y, loss=hinge, optimizer=sgd, sampling="misclassified", compiled=True)
    root = CompiledStep(MLP(2, [1]), lambda p, t: mean_squared_error(p, t) ** 0.5, sgd)
    with pytest.raises(ValueError, match="neither the mean nor the sum"):
        root(X, y)


def test_without_the_extra_compiled_true_names_it(monkeypatch):
    """compiled=True where numpy is missing says what to install, before a parameter changes."""
    monkeypatch.delitem(sys.modules, "autograd.compiler.program", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    model = MLP(2, [1])
    before = model.state_dict()
    sgd = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ImportError, match=r'pip install "glassgrad\[fast\]"'):
        fit(model, X, y, loss=mean_squared_error, optimizer=sgd, progress=False, compiled=True)
    assert model.state_dict() == before


def test_predictions_are_those_before_the_step():
    """As the eager step, it returns what its gradient was computed from."""
    w = Value(1.0)
    step = CompiledStep(lambda row: w * row[0], mean_squared_error, SGD([w], lr=0.1))
    assert step([[2.0], [1.0]], [4.0, 2.0]) == [2.0, 1.0]
    step.finish()
    assert w.data == pytest.approx(1.0 - 0.1 * ((2 * 2.0 * -2.0) + (2 * 1.0 * -1.0)) / 2)
    assert w.grad == pytest.approx(-5.0)
    assert math.isfinite(w.grad)


def test_a_branch_may_bring_a_frozen_parameter():
    """A parameter that only a later row's branch uses, and that the optimiser was not given, is found."""
    weights = []
    for compiled in (False, True):
        w, v, frozen = Value(0.5), Value(-0.5), Value(2.0)
        fit(
            lambda row, w=w, v=v, frozen=frozen: w * row[0] if row[0] > 0.0 else v * row[0] * frozen,
            [[1.0], [-1.0], [2.0], [-2.0]],
            [2.0, 3.0, 4.0, 6.0],
            loss=mean_squared_error,
            optimizer=SGD([w, v], lr=0.01),
            epochs=5,
            progress=False,
            compiled=compiled,
        )
        weights.append((w.data, v.data, frozen.data))
    assert weights[1] == pytest.approx(weights[0], rel=1e-12)


class Moody(Module):
    """A line whose prediction in eval mode is another one, computed as `evaluated` says."""

    def __init__(self, evaluated):
        self.w, self.b = Value(0.3), Value(-0.1)
        self.evaluated = evaluated

    def __call__(self, row):
        plain = self.w * row[0] + self.b * row[1]
        return plain if self.training else self.evaluated(plain, row)


RNG = random.Random(0)
WAYS = {
    "scaled": (lambda plain, row: 2.0 * plain, True),
    "branching": (lambda plain, row: plain if row[0] > 0.2 else plain * plain, True),
    "plain numbers": (lambda plain, row: plain + float(plain), False),
    "a constant": (lambda plain, row: 0.25, False),
    "random": (lambda plain, row: plain + RNG.random(), False),
}


@pytest.mark.parametrize("way", WAYS)
def test_validation_is_that_of_the_model_in_eval_mode(way):
    """By a program where there can be one, else by the eager engine; the numbers are those of the eager step."""
    evaluated, possible = WAYS[way]
    scores = []
    for compiled in (False, True):
        model = Moody(evaluated)
        history = fit(
            model,
            X,
            y,
            loss=mean_squared_error,
            optimizer=SGD(model.parameters(), lr=0.1),
            epochs=4,
            batch_size=16,
            validation=(X[:9], y[:9]),
            progress=False,
            compiled=compiled,
        )
        assert model.training
        scores.append(history["validation_loss"])
    if way != "random":
        assert scores[1] == pytest.approx(scores[0], rel=1e-9)
    step = CompiledStep(model, mean_squared_error, SGD(model.parameters(), lr=0.1))
    expected = predict(model, X[:5])
    given = step.predictions(X[:5])
    assert bool(step.validator) == possible
    if way != "random":
        assert given == pytest.approx(expected, rel=1e-12)


def test_rows_that_do_not_fit_are_refused_as_by_the_eager_step():
    """Validation rows of another width: the model says what it expects."""
    model = MLP(2, [1], seed=0)
    step = CompiledStep(model, mean_squared_error, SGD(model.parameters(), lr=0.1))
    assert step.predictions(X[:2]) == pytest.approx(predict(model, X[:2]), rel=1e-12)
    with pytest.raises(ValueError) as eager:
        predict(model, [[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match=re.escape(str(eager.value))):
        step.predictions([[1.0, 2.0, 3.0]])
