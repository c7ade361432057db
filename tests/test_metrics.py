"""Tests of nn.training.metrics."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    mean_squared_error,
)
from nn.training.metrics import (
    accuracy,
    confusion_matrix,
    decision_threshold,
    mean_absolute_error,
    metrics_for,
    predicted_class,
    r2_score,
    root_mean_squared_error,
    target_class,
)

NUMBERS = st.floats(-1e6, 1e6)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=30)


def test_class_of_a_list_is_its_largest_entry():
    """Of several logits the largest counts, the first of equal ones, whether floats or Values."""
    assert predicted_class([0.5, 2.0, -1.0]) == 1
    assert predicted_class([3.0, 3.0]) == 0
    assert predicted_class([Value(0.0), Value(-1.0), Value(4.0)]) == 2


def test_class_of_one_number_needs_its_threshold():
    """0.3 is class 1 as a logit, class 0 as a probability, and without a threshold an error that says so."""
    assert predicted_class(0.3, 0.0) == 1
    assert predicted_class(Value(0.3), 0.5) == 0
    assert predicted_class([0.3], 0.5) == 0
    with pytest.raises(ValueError, match=r"threshold=0\.0 for logits"):
        predicted_class(0.3)


@pytest.mark.parametrize(
    ("target", "expected"), [(0, 0), (2, 2), (1.0, 1), (-1, 0), (0.7, 1), ([0, 0, 1], 2)]
)
def test_class_of_a_target(target, expected):
    """Indices stand for themselves, -1 for class 0, 0.7 for class 1, one-hot lists for where their 1 is."""
    assert target_class(target) == expected


def test_accuracy_counts_right_classes():
    """Two of three are right, with logits, with margins and with probabilities."""
    assert accuracy([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], [0, 1, 1]) == pytest.approx(2 / 3)
    assert accuracy([-0.5, 0.5, 0.1], [-1, 1, -1], threshold=0.0) == pytest.approx(2 / 3)
    assert accuracy([0.2, 0.7, 0.4], [0, 1, 1], threshold=0.5) == pytest.approx(2 / 3)


def test_confusion_matrix_has_a_row_for_what_is_and_a_column_for_what_was_predicted():
    """One example of class 1 that was taken for class 2 stands in row 1, column 2, and all are counted."""
    predictions = [[9.0, 0.0, 0.0], [0.0, 0.0, 9.0], [0.0, 0.0, 9.0]]
    assert confusion_matrix(predictions, [0, 1, 2], classes=3) == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]


@given(PAIRS)
def test_errors_of_numbers_are_their_formulas(pairs):
    """Mean absolute error, root mean squared error and R² agree with their definitions written out."""
    predictions, targets = [p for p, _ in pairs], [y for _, y in pairs]
    n = len(pairs)
    squares = math.fsum((p - y) ** 2 for p, y in pairs)
    assert mean_absolute_error(predictions, targets) == pytest.approx(sum(abs(p - y) for p, y in pairs) / n)
    assert root_mean_squared_error(predictions, targets) == pytest.approx(
        math.sqrt(squares / n), rel=1e-9, abs=1e-150
    )
    mean = math.fsum(targets) / n
    spread = math.fsum((y - mean) ** 2 for y in targets)
    if spread > 1e-6:
        assert r2_score(predictions, targets) == pytest.approx(1.0 - squares / spread, rel=1e-6, abs=1e-6)


def test_r2_of_equal_targets_is_not_a_number():
    """There is no spread to explain, so R² is nan, not an exception; of huge numbers it does not overflow."""
    assert math.isnan(r2_score([1.0, 2.0], [3.0, 3.0]))
    assert r2_score([1e200, 3e200], [1e200, 3e200]) == 1.0


def test_errors_take_all_entries_of_lists():
    """Predictions with two numbers each count like twice as many with one."""
    assert mean_absolute_error([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]) == 2.5
    with pytest.raises(ValueError, match=r"predictions\[1\] has 2 numbers, targets\[1\] has 1"):
        mean_absolute_error([[1.0], [3.0, 4.0]], [[0.0], [0.0]])


@pytest.mark.parametrize("metric", [accuracy, mean_absolute_error, root_mean_squared_error, r2_score])
def test_lengths_must_agree(metric):
    """Nothing is cut to the shorter length, and of no predictions there is no mean."""
    with pytest.raises(ValueError, match="2 predictions, but 1 targets"):
        metric([[1.0, 2.0], [1.0, 2.0]], [0])
    with pytest.raises(ValueError, match="no predictions"):
        metric([], [])


@pytest.mark.parametrize(
    ("loss", "targets", "expected"),
    [
        (hinge, [-1, 1], 0.0),
        (binary_cross_entropy_with_logits, [0, 1], 0.0),
        (binary_cross_entropy, [0, 1], 0.5),
        (mean_squared_error, [0, 1], 0.5),
        (mean_squared_error, [1, -1], 0.0),
        (cross_entropy, [[0, 1], [1, 0]], 0.5),
    ],
)
def test_threshold_follows_from_loss_and_targets(loss, targets, expected):
    """Logits and margins are judged by their sign, probabilities and 0/1 outputs by one half."""
    assert decision_threshold(loss, targets) == expected


def test_accuracy_is_the_default_for_losses_of_classes_only():
    """A loss for classes brings accuracy, with its own threshold; other losses bring nothing."""
    for loss in (hinge, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy):
        assert list(metrics_for(None, loss, [0, 1])) == ["accuracy"]
    assert metrics_for(None, mean_squared_error, [0.5]) == {}
    assert metrics_for(None, binary_cross_entropy, [0, 1])["accuracy"]([0.3], [0]) == 1.0


def test_metrics_are_given_by_name_or_as_functions():
    """Names and functions may be mixed; a function goes by its own name."""

    def worst(predictions, targets):
        return max(abs(p - y) for p, y in zip(predictions, targets))

    named = metrics_for(["r2_score", worst], mean_squared_error, [1.0])
    assert list(named) == ["r2_score", "worst"]
    assert named["worst"]([1.0, 5.0], [0.0, 0.0]) == 5.0


def test_metrics_that_cannot_be_are_refused():
    """An unknown name, a bare text, and a name that the history needs itself each have their own error."""

    def loss(predictions, targets):
        return 0.0

    with pytest.raises(ValueError, match="no metric 'precision': expected a function, or one of accuracy"):
        metrics_for(["precision"], cross_entropy, [0, 1])
    with pytest.raises(TypeError, match="metrics is 'accuracy': expected a list"):
        metrics_for("accuracy", cross_entropy, [0, 1])
    with pytest.raises(ValueError, match="another column 'loss'"):
        metrics_for([loss], cross_entropy, [0, 1])
    with pytest.raises(ValueError, match="another column 'r2_score'"):
        metrics_for(["r2_score", r2_score], cross_entropy, [0, 1])
