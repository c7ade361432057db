"""The losses, against the values and gradients that PyTorch gave (tests/reference/make_nn_reference.py)."""

import json
import math
from pathlib import Path

import numpy
import pytest

import autograd
from autograd import Value
from nn import losses
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    l1_penalty,
    l2_penalty,
    mean_squared_error,
)

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("nn_reference.json").read_text())
ENTRYWISE = [
    half_squared_error,
    mean_squared_error,
    huber,
    hinge,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
]


def values(numbers):
    return [values(row) if isinstance(row, list) else Value(row) for row in numbers]


def flat(rows):
    return [entry for row in rows for entry in (row if isinstance(row, list) else [row])]


def nodes(root):
    """The nodes that operations made, the constants that they wrapped not counted."""
    return [node for node in autograd.graph.topological_order(root) if node.parents]


def close(expected):
    return pytest.approx(expected, rel=1e-12, abs=0.0)


def case_name(case):
    return f"{case['loss']}-{case['settings']}-{len(case['targets'])}"


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("case", REFERENCE["losses"], ids=case_name)
def test_reduced_losses_are_pytorchs(case, reduction):
    """The value and each gradient agree with PyTorch to 1e-12, at ordinary points and extreme ones."""
    predictions = values(case["predictions"])
    loss = getattr(losses, case["loss"])(
        predictions, case["targets"], reduction=reduction, **case["settings"]
    )
    loss.backward()
    assert loss.data == close(case[reduction]["value"])
    assert [p.grad for p in flat(predictions)] == close(flat(case[reduction]["gradients"]))


@pytest.mark.parametrize("case", REFERENCE["losses"], ids=case_name)
def test_unreduced_losses_are_pytorchs(case):
    """With "none" there is a loss for each entry, row after row, each with PyTorch's value and gradients."""
    predictions = values(case["predictions"])
    entries = getattr(losses, case["loss"])(
        predictions, case["targets"], reduction="none", **case["settings"]
    )
    for entry in entries:
        entry.backward()
    # PyTorch rounds log(1 + e⁻¹⁰⁰) to 0 and log(1 + e⁻³⁰) in the second digit, so 2e-15 may stand between.
    assert [entry.data for entry in entries] == pytest.approx(
        flat(case["none"]["value"]), rel=1e-12, abs=2e-15
    )
    assert [p.grad for p in flat(predictions)] == close(flat(case["none"]["gradients"]))


def test_half_squared_error_is_a_sum_by_default():
    """E = ½ Σ (y − ŷ)² and ∂E/∂ŷ = −(y − ŷ), without a division by the number of examples."""
    predictions = values([0.3, 2.0, -1.0])
    error = half_squared_error(predictions, [1.0, 0.5, 0.25])
    error.backward()
    assert error.data == close(0.5 * (0.7**2 + 1.5**2 + 1.25**2))
    assert [p.grad for p in predictions] == close([-0.7, 1.5, -1.25])


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (half_squared_error, 3),
        (mean_squared_error, 2),
        (hinge, 3),
        (huber, 6),
        (binary_cross_entropy, 1),
        (binary_cross_entropy_with_logits, 1),
    ],
)
def test_one_example_is_its_formula(loss, expected):
    """The loss of one example is the formula's own operations: no sum of one number, no division by 1."""
    assert len(nodes(loss([Value(0.5)], [1.0]))) == expected


def test_more_examples_add_a_sum_and_a_division():
    """Of n examples, the mean costs n formulas and two nodes; cross-entropy's formula is one node."""
    assert len(nodes(cross_entropy(values([[0.1, 0.2]] * 5), [0, 1, 0, 1, 0]))) == 7
    assert len(nodes(mean_squared_error(values([0.1] * 5), [1.0] * 5))) == 12
    assert len(nodes(mean_squared_error(values([0.1] * 5), [1.0] * 5, reduction="sum"))) == 11


def test_a_wrong_certainty_costs_infinity():
    """The cross-entropy of probability 0 for what happened is inf; with logits it stays finite."""
    assert binary_cross_entropy([Value(0.0)], [1]).data == math.inf
    assert binary_cross_entropy([Value(1.0)], [1]).data == 0.0
    assert binary_cross_entropy_with_logits([Value(-1000.0)], [1]).data == 1000.0


def test_a_small_loss_keeps_its_digits():
    """The loss of a confident and right logit z is e⁻ᶻ − ½e⁻²ᶻ + …, not rounded to 0."""
    for z in (30.0, 100.0, 700.0):
        assert binary_cross_entropy_with_logits([Value(z)], [1]).data == close(math.exp(-z))
        assert binary_cross_entropy_with_logits([Value(-z)], [0]).data == close(math.exp(-z))


@pytest.mark.parametrize("loss", ENTRYWISE)
def test_targets_may_be_values(loss):
    """Targets that are Values give the same loss, with the derivatives that central differences find."""
    predictions, targets = [0.3, 0.8], [1.0, 0.75]
    if loss is hinge:
        targets = [1.0, -1.0]
    with_numbers = loss(values(predictions), targets).data
    assert loss(values(predictions), values(targets)).data == with_numbers
    assert autograd.gradcheck(loss, predictions, targets)


def test_a_value_out_of_range_is_not_checked():
    """Only plain numbers are checked: a branch on a Value would be a branch of the recorded computation."""
    assert hinge([Value(0.5)], [Value(3.0)]).data == 0.0
    assert (
        cross_entropy(values([[0.5, 2.0]]), [Value(1.0)]).data
        == cross_entropy(values([[0.5, 2.0]]), [1]).data
    )


@pytest.mark.parametrize("loss", ENTRYWISE)
def test_nested_entries_count_alike(loss):
    """Predictions of several numbers give the loss of all their entries in one list."""
    nested = loss(values([[0.1, 0.9], [0.4, 0.2]]), [[1, 1], [1, 1]])
    assert nested.data == loss(values([0.1, 0.9, 0.4, 0.2]), [1, 1, 1, 1]).data


@pytest.mark.parametrize("loss", ENTRYWISE)
def test_numpy_targets(loss):
    """Targets may be a NumPy array, of one or two dimensions."""
    predictions = values([0.1, 0.9])
    assert loss(predictions, numpy.array([1.0, 1.0])).data == loss(predictions, [1.0, 1.0]).data
    assert loss([predictions], numpy.array([[1.0, 1.0]])).data == loss(predictions, [1.0, 1.0]).data


def test_classes_may_be_whole_floats_or_numpy_integers():
    """A class index read from a table counts as what it is."""
    logits = values([[0.5, -1.0, 2.0]])
    expected = cross_entropy(logits, [2]).data
    assert cross_entropy(logits, [2.0]).data == expected
    assert cross_entropy(logits, numpy.array([2])).data == expected


@pytest.mark.parametrize("loss", [*ENTRYWISE, cross_entropy])
def test_lengths_must_agree(loss):
    """A ValueError names both lengths, and where a row differs its number; nothing is cut short."""
    with pytest.raises(ValueError, match="2 predictions, but 3 targets"):
        loss(values([[0.1], [0.2]]), [0, 0, 0])
    with pytest.raises(ValueError, match="there are no predictions"):
        loss([], [])
    if loss is not cross_entropy:
        with pytest.raises(ValueError, match=r"predictions\[1\] has 2 numbers, targets\[1\] has 1"):
            loss(values([[0.1], [0.2, 0.3]]), [1, 1])


@pytest.mark.parametrize("loss", [*ENTRYWISE, cross_entropy])
def test_a_single_number_is_refused(loss):
    """Predictions and targets are lists: anything else is a TypeError that shows what came."""
    with pytest.raises(TypeError, match=r"expected lists, .*; got .* targets 1"):
        loss(Value(0.5), 1)


@pytest.mark.parametrize(
    ("loss", "predictions", "targets", "message"),
    [
        (hinge, [0.1, 0.2], [1, 0], r"targets\[1\] is 0: expected -1 or \+1"),
        (binary_cross_entropy, [0.1, 0.2], [0, 1.5], r"targets\[1\] is 1.5: expected a number from 0 to 1"),
        (binary_cross_entropy, [0.1, 0.2], [0, "b"], r"targets\[1\] is 'b': expected a number from 0 to 1"),
        (binary_cross_entropy, [[0.1, 0.2]], [[0, math.nan]], r"targets\[0\] is \[0, nan\]"),
        (binary_cross_entropy_with_logits, [0.1], [-1], r"targets\[0\] is -1: expected a number from 0 to 1"),
        (cross_entropy, [[0.1, 0.2]] * 2, [1, 2], r"targets\[1\] is 2: expected a class from 0 to 1"),
        (cross_entropy, [[0.1, 0.2]], [-1], r"targets\[0\] is -1"),
        (cross_entropy, [[0.1, 0.2]], [0.5], r"targets\[0\] is 0.5"),
        (cross_entropy, [[0.1, 0.2]], ["setosa"], r"targets\[0\] is 'setosa'"),
        (cross_entropy, [[]], [0], r"targets\[0\] is 0"),
    ],
)
def test_targets_out_of_range_are_refused_by_row(loss, predictions, targets, message):
    """A ValueError names the row, what stands there and what was expected."""
    with pytest.raises(ValueError, match=message):
        loss(values(predictions), targets)


def test_cross_entropy_of_one_number_says_that_it_wants_logits():
    """A model with one output has no classes to choose from: a TypeError says what is expected instead."""
    with pytest.raises(
        TypeError, match=r"predictions\[0\] is Value\(.*\): expected a list of logits, one for"
    ):
        cross_entropy(values([0.1, 0.2]), [0, 1])


def test_bad_settings_are_refused_by_name():
    """A ValueError names the argument and what was given for it."""
    with pytest.raises(ValueError, match="reduction is 'average': expected 'mean'"):
        hinge([Value(0.5)], [1], reduction="average")
    with pytest.raises(ValueError, match=r"delta is 0\.0: expected a number above 0"):
        huber([Value(0.5)], [1], delta=0.0)


def test_penalties_and_their_gradients():
    """strength·Σ|p| has gradients ±strength (0 at 0), strength·Σp² has 2·strength·p."""
    absolute, squared = values([3.0, -4.0, 0.0]), values([3.0, -4.0, 0.0])
    first, second = l1_penalty(absolute, 0.25), l2_penalty(iter(squared), 0.25)
    first.backward()
    second.backward()
    assert (first.data, second.data) == (1.75, 6.25)
    assert [p.grad for p in absolute] == [0.25, -0.25, 0.0]
    assert [p.grad for p in squared] == [1.5, -2.0, 0.0]


def test_penalties_are_short():
    """The squares of all parameters are one node; the absolute values are one each, and their sum."""
    assert len(nodes(l2_penalty(values([0.1] * 50), 0.25))) == 2
    assert len(nodes(l1_penalty(values([0.1] * 50), 0.25))) == 52
    assert len(nodes(l1_penalty(values([0.1]), 0.25))) == 2
