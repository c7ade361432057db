"""Gradient clipping, against the numbers that PyTorch gave (tests/reference/make_nn_reference.py)."""

import json
import math
from pathlib import Path

import pytest

from autograd import Value
from nn.optim import clipping
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("nn_reference.json").read_text())


def with_gradients(*gradients):
    parameters = [Value(0.0) for _ in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return parameters


@pytest.mark.parametrize(
    "case", REFERENCE["clipping"], ids=lambda case: f"{case['settings']}-{case['gradients']}"
)
def test_clipped_gradients_are_pytorchs(case):
    """The norm that is returned and the gradients that are left agree with PyTorch to 1e-14."""
    parameters = with_gradients(*case["gradients"])
    norm = getattr(clipping, case["clip"])(parameters, *case["settings"])
    left = [p.grad for p in parameters]
    assert left == pytest.approx(case["clipped"], rel=1e-14, abs=0.0)
    assert [norm] == ([None] if case["norm"] is None else pytest.approx([case["norm"]], rel=1e-14, abs=0.0))


def test_a_norm_does_not_overflow():
    """The 2-norm of (3e200, 4e200) is 5e200, though its square is beyond the largest float."""
    parameters = with_gradients(3e200, 4e200)
    assert clip_grad_norm_(parameters, 1.0) == pytest.approx(5e200, rel=1e-15)
    assert [p.grad for p in parameters] == pytest.approx([0.6, 0.8], rel=1e-14)


def test_an_infinite_limit_only_measures():
    """With max_norm=inf the gradients stay bit for bit, and the norm is returned."""
    parameters = with_gradients(3.0, -4.0)
    assert clip_grad_norm_(parameters, math.inf) == 5.0
    assert [p.grad for p in parameters] == [3.0, -4.0]


@pytest.mark.parametrize("norm_type", [1.0, 2.0, math.inf])
def test_nan_is_not_hidden(norm_type):
    """One nan makes the norm and every gradient nan, wherever it stands; by value it stays nan alone."""
    for gradients in ([math.nan, 1.0], [1.0, math.nan]):
        parameters = with_gradients(*gradients)
        clip_grad_value_(parameters, 0.5)
        assert [p.grad for p in parameters] == pytest.approx([min(g, 0.5) for g in gradients], nan_ok=True)
        assert math.isnan(clip_grad_norm_(parameters, 1.0, norm_type))
        assert all(math.isnan(p.grad) for p in parameters)


def test_an_infinite_gradient_is_shown():
    """An infinite gradient gives an infinite norm, and itself becomes nan (inf × 0), as in PyTorch."""
    parameters = with_gradients(1.0, -math.inf)
    assert clip_grad_norm_(parameters, 1.0) == math.inf
    assert parameters[0].grad == 0.0
    assert math.isnan(parameters[1].grad)


def test_a_tied_parameter_counts_once():
    """A parameter that is listed twice is measured once and scaled once."""
    w, b = with_gradients(3.0, 4.0)
    assert clip_grad_norm_([w, b, w], 2.5) == 5.0
    assert w.grad == pytest.approx(1.5, rel=1e-6)


def test_no_parameters_have_norm_zero():
    """As PyTorch has it."""
    assert clip_grad_norm_([], 1.0) == 0.0


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (lambda: clip_grad_norm_([], -1.0), "max_norm is -1.0"),
        (lambda: clip_grad_norm_([], math.nan), "max_norm is nan"),
        (lambda: clip_grad_norm_([], 1.0, 0.5), "norm_type is 0.5: expected a number from 1"),
        (lambda: clip_grad_value_([], -0.1), "clip_value is -0.1"),
    ],
)
def test_bad_limits_are_refused_by_name(clip, message):
    """A ValueError names the argument and what was given for it."""
    with pytest.raises(ValueError, match=message):
        clip()
