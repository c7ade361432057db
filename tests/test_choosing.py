"""Tests of choosing the step: compiled where that pays, eager where it could give other numbers."""

import random
import sys

import pytest

from nn import (
    MLP,
    SGD,
    Adam,
    Dropout,
    Sequential,
    fit,
    half_squared_error,
    hinge,
    make_moons,
    mean_squared_error,
)
from nn.training import choosing
from nn.training.compiled import CompiledStep
from nn.training.steps import Step

X, y = make_moons(40, noise=0.1, seed=0)
SIGNS = [2 * label - 1 for label in y]
MANY = 100_000  # epochs, which nobody trains here: enough for recording to pay

needs_numba = pytest.mark.skipif(
    choosing.find_spec("numba") is None, reason="the compiled step needs the extra glassgrad[fast]"
)


def chosen(model, loss=half_squared_error, epochs=MANY, targets=SIGNS, parameters=None, penalty=None):
    """The kind of step chosen for the model."""
    optimizer = SGD(parameters or model.parameters(), lr=0.1)
    return type(choosing.chosen_step((model, loss, optimizer, penalty, None), (X, targets), epochs))


@needs_numba
def test_long_trainings_are_compiled_and_short_ones_are_not():
    """Recording has to save twice what it costs."""
    assert chosen(MLP(2, [8, 1])) is CompiledStep
    assert chosen(MLP(2, [8, 1]), epochs=2) is Step


@needs_numba
@pytest.mark.parametrize("loss", [half_squared_error, hinge, mean_squared_error])
def test_what_was_compiled_trains_to_the_same(loss, monkeypatch):
    """fit, left to choose, compiles where that pays, and ends where the eager engine does, to 1e-9."""
    monkeypatch.setattr(choosing, "LOADED", 0.0)
    monkeypatch.setattr(choosing, "RECORDED", 0.0)
    ends = []
    for compiled in (None, False):
        model = MLP(2, [6, 1], activation="tanh", seed=1)
        adam = Adam(model.parameters(), lr=0.01)
        fit(
            model,
            X,
            SIGNS,
            loss=loss,
            optimizer=adam,
            epochs=20,
            batch_size=8,
            progress=False,
            compiled=compiled,
        )
        ends.append([p.data for p in model.parameters()])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9, abs=1e-12)
    assert ends[0] != [p.data for p in MLP(2, [6, 1], activation="tanh", seed=1).parameters()]


@needs_numba
def test_a_model_that_draws_at_random_stays_eager():
    """A recording would repeat the example's choice for every row; so would it with Dropout."""
    inner, rng = MLP(2, [4, 1], seed=0), random.Random(0)
    assert chosen(lambda row: inner(row) * rng.random(), parameters=inner.parameters()) is Step
    assert chosen(Sequential(MLP(2, [4, 4]), Dropout(0.5, seed=0), MLP(4, [1]))) is Step


@needs_numba
def test_what_cannot_be_recorded_stays_eager():
    """A model that asks for its Values' numbers, and a loss that is neither a mean nor a sum, train eagerly."""
    inner = MLP(2, [4, 1], seed=0)
    assert chosen(lambda row: inner(row) * float(inner(row)), parameters=inner.parameters()) is Step

    def of_squares(predictions, targets):
        return mean_squared_error(predictions, targets) ** 2

    assert chosen(MLP(2, [4, 1]), of_squares) is Step


@needs_numba
def test_choosing_changes_nothing():
    """The parameters, their gradients and the optimiser are as before."""
    model = MLP(2, [4, 1], seed=0)
    before = [(p.data, p.grad) for p in model.parameters()]
    optimizer = Adam(model.parameters(), lr=0.1)
    choosing.chosen_step((model, hinge, optimizer, None, None), (X, SIGNS), MANY)
    assert [(p.data, p.grad) for p in model.parameters()] == before
    assert optimizer.steps == 0


def test_without_numba_training_is_eager(monkeypatch):
    """Where the extra is not installed, fit trains all the same."""
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(choosing, "find_spec", lambda name: None)
    assert chosen(MLP(2, [4, 1])) is Step


def test_an_error_of_the_model_is_told_by_the_eager_step():
    """Choosing hides no error: a row that is too short is named as it always was."""
    model = MLP(3, [2, 1])
    with pytest.raises(ValueError, match="3"):
        fit(
            model,
            X,
            SIGNS,
            loss=hinge,
            optimizer=SGD(model.parameters(), lr=0.1),
            epochs=MANY,
            progress=False,
        )
