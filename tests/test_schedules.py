"""The schedules, against the rates that PyTorch gave (tests/reference/make_nn_reference.py)."""

import json
import math
from pathlib import Path

import pytest

from autograd import Value
from nn.optim import schedules
from nn.optim.optimizers import SGD
from nn.optim.schedules import CosineAnnealingLR, ExponentialLR, ReduceLROnPlateau, StepLR

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("nn_reference.json").read_text())


def sgd(lr=0.1):
    return SGD([Value(1.0)], lr=lr)


@pytest.mark.parametrize("case", REFERENCE["schedules"], ids=lambda case: str(case["schedules"]))
def test_rates_are_pytorchs(case):
    """The rates of 61 epochs, of each schedule and of two at once, agree with PyTorch to 1e-15."""
    optimiser = sgd(case["lr"])
    chained = [getattr(schedules, name)(optimiser, **arguments) for name, arguments in case["schedules"]]
    rates = [optimiser.lr]
    for _ in range(60):
        for schedule in chained:
            schedule.step()
        rates.append(optimiser.lr)
    assert rates == pytest.approx(case["rates"], rel=1e-15, abs=0.0)


@pytest.mark.parametrize("case", REFERENCE["plateaus"], ids=lambda case: str(case["arguments"]))
def test_plateau_rates_are_pytorchs(case):
    """Along a metric that falls, stays, jumps, is nan once and falls again, each rate is PyTorch's."""
    optimiser = sgd(0.1)
    schedule = ReduceLROnPlateau(optimiser, **case["arguments"])
    rates = []
    for metric in REFERENCE["metrics"]:
        schedule.step(metric)
        rates.append(optimiser.lr)
    assert rates == pytest.approx(case["rates"], rel=1e-15, abs=0.0)


def test_cosine_is_the_half_cosine():
    """The recurrence gives η_min + (η₀ − η_min)(1 + cos πt/T)/2 at every epoch t, for two periods."""
    optimiser = sgd(0.3)
    schedule = CosineAnnealingLR(optimiser, T_max=12, eta_min=0.05)
    for t in range(1, 49):
        schedule.step()
        assert optimiser.lr == pytest.approx(0.05 + 0.25 * (1 + math.cos(math.pi * t / 12)) / 2, rel=1e-12)


def test_a_plateau_takes_a_value():
    """The metric may be a Value, such as the loss itself."""
    optimiser = sgd(1.0)
    schedule = ReduceLROnPlateau(optimiser, factor=0.5, patience=0)
    schedule.step(Value(2.0))
    schedule.step(Value(2.0))
    assert schedule.get_last_lr() == [0.5]


@pytest.mark.parametrize(
    "make",
    [
        lambda optimiser: StepLR(optimiser, step_size=3, gamma=0.5),
        lambda optimiser: ExponentialLR(optimiser, gamma=0.9),
        lambda optimiser: CosineAnnealingLR(optimiser, T_max=7, eta_min=0.01),
        lambda optimiser: ReduceLROnPlateau(optimiser, patience=2, cooldown=1),
    ],
)
def test_a_schedule_resumes(make):
    """Resumed after 10 epochs from both states, through JSON, the rates go on as if never stopped."""

    def step(schedule, epochs):
        for epoch in epochs:
            schedule.step(*([REFERENCE["metrics"][epoch]] if isinstance(schedule, ReduceLROnPlateau) else []))
        return schedule.get_last_lr()

    uninterrupted = step(make(sgd()), range(30))
    first = make(sgd())
    step(first, range(10))
    saved = json.loads(json.dumps([first.optimizer.state_dict(), first.state_dict()]))
    resumed = make(sgd())
    resumed.optimizer.load_state_dict(saved[0])
    resumed.load_state_dict(saved[1])
    assert step(resumed, range(10, 30)) == uninterrupted


def test_a_state_of_another_schedule_is_refused():
    """The error names the schedule, what its state has and what was given."""
    state = StepLR(sgd(), step_size=3).state_dict()
    with pytest.raises(ValueError, match=r"the state of ExponentialLR has .*, not .*step_size"):
        ExponentialLR(sgd(), gamma=0.5).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepLR(sgd(), step_size=0), "step_size is 0: expected a whole number, at least 1"),
        (lambda: StepLR(sgd(), step_size=2.5), "step_size is 2.5"),
        (lambda: StepLR(sgd(), step_size=2, gamma=-1), "gamma is -1"),
        (lambda: ExponentialLR(sgd(), gamma=math.nan), "gamma is nan"),
        (lambda: CosineAnnealingLR(sgd(), T_max=0), "T_max is 0"),
        (lambda: CosineAnnealingLR(sgd(), T_max=5, eta_min=-0.1), "eta_min is -0.1"),
        (lambda: ReduceLROnPlateau(sgd(), mode="low"), "mode is 'low'"),
        (lambda: ReduceLROnPlateau(sgd(), threshold_mode="relative"), "threshold_mode is 'relative'"),
        (lambda: ReduceLROnPlateau(sgd(), factor=1.0), "factor is 1.0"),
        (lambda: ReduceLROnPlateau(sgd(), patience=-1), "patience is -1"),
        (lambda: ReduceLROnPlateau(sgd(), threshold=-1), "threshold is -1"),
        (lambda: ReduceLROnPlateau(sgd(), cooldown=-1), "cooldown is -1"),
        (lambda: ReduceLROnPlateau(sgd(), min_lr=-1), "min_lr is -1"),
        (lambda: ReduceLROnPlateau(sgd(), eps=-1), "eps is -1"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, message):
    """A ValueError names the argument and what was given for it."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_schedule_needs_an_optimiser():
    """Anything else is a TypeError that shows it."""
    with pytest.raises(TypeError, match=r"optimizer is 0\.1: expected an Optimizer"):
        StepLR(0.1, step_size=2)
