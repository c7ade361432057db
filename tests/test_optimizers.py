"""The optimisers' rules, against the numbers that PyTorch gave (tests/reference/make_nn_reference.py)."""

import inspect
import json
import math
from pathlib import Path

import numpy
import pytest

from autograd import Value
from nn.losses import mean_squared_error
from nn.optim import clipping, optimizers, schedules
from nn.optim.optimizers import SGD, Adam, AdamW, RMSprop

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("nn_reference.json").read_text())
CASES = REFERENCE["optimisers"]
NAMES = sorted({case["optimiser"] for case in CASES})


def name_of(case):
    return case["optimiser"] + "".join(f"-{name}={given}" for name, given in case["arguments"].items())


def optimiser_of(case, parameters):
    return getattr(optimizers, case["optimiser"])(parameters, **case["arguments"])


def numbers(parameters):
    return [parameter.data for parameter in parameters]


def model_loss(w):
    """The script's model_loss, typed out in Values."""
    x, y = zip(*REFERENCE["points"], strict=True)
    return mean_squared_error([w[1] * (w[0] * a + w[2]).tanh() + w[3] * a + w[4] for a in x], y)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_given_gradients_move_parameters_as_pytorch_does(case):
    """100 steps along given gradients (drifting, small, large, mostly 0) agree with PyTorch to 1e-12."""
    parameters = [Value(start) for start in REFERENCE["start"]]
    optimiser = optimiser_of(case, parameters)
    kept = []
    for step, gradients in enumerate(REFERENCE["gradients"], start=1):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimiser.step()
        if step in REFERENCE["kept"]:
            kept.append(numbers(parameters))
    assert step == 100
    assert numpy.array(kept) == pytest.approx(numpy.array(case["driven"]), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("case", CASES + REFERENCE["loops"], ids=name_of)
def test_training_follows_pytorch(case):
    """100 steps of training, also with clipping and a schedule, agree with PyTorch to 1e-12."""
    parameters = [Value(start) for start in REFERENCE["model_start"]]
    optimiser = optimiser_of(case, parameters)
    schedule, arguments = case.get("schedule") or (None, {})
    rate = schedule and getattr(schedules, schedule)(optimiser, **arguments)
    kept = []
    for step in range(1, 101):
        optimiser.zero_grad()
        model_loss(parameters).backward()
        for clip, settings in case.get("clips", []):
            getattr(clipping, clip)(parameters, *settings)
        optimiser.step()
        if rate:
            rate.step()
        if step in REFERENCE["kept"]:
            kept.append(numbers(parameters))
    # 1e-15 is the rounding of numbers of size 1, for the steps in which a parameter passes through 0.
    assert numpy.array(kept) == pytest.approx(numpy.array(case["trained"]), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_is_compared_with_pytorch(name):
    """Every argument of every optimiser has a reference case that gives it another value than its default."""
    parameters = inspect.signature(getattr(optimizers, name)).parameters
    given = {
        argument
        for case in CASES
        if case["optimiser"] == name
        for argument, value in case["arguments"].items()
        if value != parameters[argument].default
    }
    assert given == parameters.keys() - {"params"}


@pytest.mark.parametrize("name", sorted(REFERENCE["without_eps"]))
def test_division_by_zero_is_ieee(name):
    """With eps=0 a squared gradient of 0 divides by 0: nan and ±inf as PyTorch has them, no exception."""
    parameters = [Value(1.0) for _ in range(4)]
    for parameter, gradient in zip(parameters, [0.0, 1e-200, -1e-200, 2.0], strict=True):
        parameter.grad = gradient
    getattr(optimizers, name)(parameters, lr=0.5, eps=0.0).step()
    expected = REFERENCE["without_eps"][name]
    assert numbers(parameters) == pytest.approx(expected, rel=1e-12, abs=0.0, nan_ok=True)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_rule_is_the_same_on_arrays(case):
    """`update` on an array of parameters gives, entry by entry, what it gives on floats."""
    eager = [Value(start) for start in REFERENCE["start"]]
    one_by_one, at_once = optimiser_of(case, eager), optimiser_of(case, [Value(0.0)])
    array, state = numpy.array(REFERENCE["start"]), {}
    for gradients in REFERENCE["gradients"]:
        for parameter, gradient in zip(eager, gradients, strict=True):
            parameter.grad = gradient
        one_by_one.step()
        at_once.steps += 1
        array = at_once.update(array, numpy.array(gradients), state)
    # NumPy's own √ and Python's differ in the last digit, no more.
    assert array == pytest.approx(numpy.array(numbers(eager)), rel=1e-13, abs=0.0)


def test_an_array_rule_leaves_its_arguments_alone():
    """A rule neither writes into the arrays that it is given nor keeps one of them as its state."""
    gradient, state = numpy.array([1.0, -2.0]), {}
    data = numpy.array([3.0, 4.0])
    optimiser = SGD([Value(0.0)], lr=0.1, momentum=0.9)
    optimiser.update(data, gradient, state)
    assert data.tolist() == [3.0, 4.0]
    assert gradient.tolist() == [1.0, -2.0]
    assert not numpy.shares_memory(state["momentum_buffer"], gradient)


def test_centered_rmsprop_stays_real_for_a_constant_gradient():
    """Where rounding makes the running variance negative it counts as 0: no complex number, no nan."""
    parameter = Value(1.0)
    optimiser = RMSprop([parameter], lr=1e-9, centered=True, alpha=0.5)
    for _ in range(200):
        parameter.grad = 0.7  # for which the mean of g² less the square of the mean is −6e-17 in step 54
        optimiser.step()
    assert isinstance(parameter.data, float)
    assert math.isfinite(parameter.data)


def test_adam_and_adamw_differ_only_by_where_the_decay_acts():
    """Without weight decay they agree bit for bit; with it AdamW's first step is the decay plus Adam's."""
    adam, adamw, decayed = Value(2.0), Value(2.0), Value(2.0)
    for parameter in (adam, adamw, decayed):
        parameter.grad = 0.5
    Adam([adam], lr=0.1).step()
    AdamW([adamw], lr=0.1, weight_decay=0.0).step()
    AdamW([decayed], lr=0.1, weight_decay=0.25).step()
    assert adamw.data == adam.data
    assert decayed.data == pytest.approx(adam.data - 0.1 * 0.25 * 2.0, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("SGD", {"lr": -0.1}, "lr is -0.1"),
        ("SGD", {"lr": math.nan}, "lr is nan"),
        ("SGD", {"lr": "0.1"}, "lr is '0.1'"),
        ("SGD", {"momentum": -1}, "momentum is -1"),
        ("SGD", {"dampening": math.inf}, "dampening is inf"),
        ("SGD", {"weight_decay": -2.0}, "weight_decay is -2.0"),
        ("SGD", {"nesterov": True}, "nesterov=True with momentum=0.0"),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening=0.1"),
        ("RMSprop", {"alpha": 1.0}, "alpha is 1.0: expected a finite number, at least 0 and below 1"),
        ("RMSprop", {"eps": -1e-8}, "eps is -1e-08"),
        ("RMSprop", {"momentum": -0.1}, "momentum is -0.1"),
        ("RMSprop", {"weight_decay": None}, "weight_decay is None"),
        ("Adagrad", {"lr_decay": -1}, "lr_decay is -1"),
        ("Adagrad", {"initial_accumulator_value": -1}, "initial_accumulator_value is -1"),
        ("Adagrad", {"eps": -1}, "eps is -1"),
        ("Adam", {"betas": (1.0, 0.9)}, r"betas\[0\] is 1.0"),
        ("Adam", {"betas": (0.9, -0.1)}, r"betas\[1\] is -0.1"),
        ("Adam", {"betas": (0.9,)}, "betas is .*expected two numbers"),
        ("Adam", {"betas": 0.9}, "betas is 0.9: expected two numbers"),
        ("AdamW", {"eps": -1}, "eps is -1"),
        ("AdamW", {"weight_decay": -1}, "weight_decay is -1"),
    ],
)
def test_bad_arguments_are_refused_by_name(name, arguments, message):
    """A ValueError names the argument and what was given for it."""
    with pytest.raises(ValueError, match=message):
        getattr(optimizers, name)([Value(1.0)], **arguments)
