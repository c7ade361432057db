"""Tests of nn.data.scaling."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data.datasets import load_iris
from nn.data.scaling import StandardScaler

# scikit-learn 1.9.1, StandardScaler().fit(load_iris().data): .mean_, .scale_, .transform(...) of three rows.
SKLEARN_MEAN = [5.843333333333335, 3.057333333333334, 3.7580000000000027, 1.199333333333334]
SKLEARN_SCALE = [0.8253012917851409, 0.43441096773549437, 1.7594040657753032, 0.7596926279021594]
SKLEARN_ROWS = {
    0: [-0.9006811702978099, 1.0190043519716065, -1.3402265266227635, -1.3154442950077407],
    50: [1.401508368131565, 0.3284140531956675, 0.5354085615261401, 0.2641419164758693],
    149: [0.06866179325140129, -0.1319794793216258, 0.7627582691805523, 0.7906706536370729],
}

MATRICES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.floats(-1e6, 1e6), min_size=width, max_size=width), min_size=1, max_size=20
    )
)


def test_numbers_are_scikit_learns():
    """μ, σ and the standardised rows of Iris equal scikit-learn's to 1e-14."""
    X = load_iris().X
    scaler = StandardScaler().fit(X)
    assert scaler.mean_ == pytest.approx(SKLEARN_MEAN, rel=1e-14)
    assert scaler.scale_ == pytest.approx(SKLEARN_SCALE, rel=1e-14)
    transformed = scaler.transform(X)
    for i, expected in SKLEARN_ROWS.items():
        assert transformed[i] == pytest.approx(expected, rel=1e-13)


def test_closed_form():
    """The numbers 1 to n have mean (n + 1)/2 and variance (n² − 1)/12."""
    n = 1001
    scaler = StandardScaler().fit([[float(i)] for i in range(1, n + 1)])
    assert scaler.mean_ == [(n + 1) / 2]
    assert scaler.scale_ == pytest.approx([math.sqrt((n * n - 1) / 12)], rel=1e-15)


@given(MATRICES)
def test_transformed_columns_have_mean_zero_and_deviation_one(X):
    """Columns that vary come out with mean 0 and mean square 1, the others all 0."""
    scaler = StandardScaler().fit(X)
    for before, after in zip(zip(*X, strict=True), zip(*scaler.transform(X), strict=True), strict=True):
        if min(before) == max(before):
            assert set(after) == {0.0}
        elif max(before) - min(before) > 1e-3:
            assert sum(after) / len(after) == pytest.approx(0.0, abs=1e-6)
            assert sum(z * z for z in after) / len(after) == pytest.approx(1.0, rel=1e-6)


@given(MATRICES)
def test_inverse_undoes_the_transform(X):
    """inverse_transform(transform(X)) is X up to rounding."""
    scaler = StandardScaler().fit(X)
    for row, again in zip(X, scaler.inverse_transform(scaler.transform(X)), strict=True):
        assert again == pytest.approx(row, rel=1e-12, abs=1e-9)


@given(st.floats(-1e300, 1e300), st.integers(1, 50))
def test_constant_columns_are_centred_exactly(value, count):
    """A column of one value becomes exactly 0 (0.1 summed and divided would miss itself), with scale 1."""
    scaler = StandardScaler().fit([[value]] * count)
    assert (scaler.mean_, scaler.scale_) == ([value], [1.0])
    assert scaler.transform([[value]]) == [[0.0]]


@pytest.mark.parametrize("size", [1e300, 1e200, 1e-200, 5e-324])
def test_extreme_sizes_neither_overflow_nor_divide_by_zero(size):
    """Columns whose squares leave the floats are still standardised to ±1, and nothing becomes nan."""
    ((low,), (high,)) = StandardScaler().fit([[-size], [size]]).transform([[-size], [size]])
    assert (low, high) == pytest.approx((-1.0, 1.0), rel=1e-15)
    nine = StandardScaler().fit([[size]] + [[0.0]] * 8)
    assert all(math.isfinite(z) for (z,) in nine.transform([[size], [0.0]]))


def test_state_goes_through_json():
    """A scaler loaded from JSON text transforms bit for bit as the one that was saved."""
    X = load_iris().X
    scaler, loaded = StandardScaler().fit(X), StandardScaler()
    loaded.load_state_dict(json.loads(json.dumps(scaler.state_dict())))
    assert loaded.transform(X) == scaler.transform(X)
    assert loaded.state_dict() == scaler.state_dict()


def test_state_is_a_copy():
    """Changing the dict that state_dict gave, or that was loaded, does not change the scaler."""
    scaler = StandardScaler().fit([[1.0], [3.0]])
    scaler.state_dict()["mean"][0] = 99.0
    assert scaler.state_dict() == {"mean": [2.0], "scale": [1.0]}
    state = {"mean": [2.0], "scale": [1.0]}
    scaler.load_state_dict(state)
    state["scale"][0] = 0.0
    assert scaler.state_dict() == {"mean": [2.0], "scale": [1.0]}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"mean": [1.0]}, r"keys 'mean' and 'scale', not \['mean'\]"),
        ({"mean": [1.0], "scale": [1.0, 2.0]}, "not 2 for 1"),
        ({"mean": [1.0], "scale": [0.0]}, "scales positive"),
        ({"mean": [math.nan], "scale": [1.0]}, "means are finite"),
    ],
)
def test_bad_states_are_refused_whole(state, message):
    """A state that is no scaler's is an error, after which the scaler is what it was."""
    scaler = StandardScaler().fit([[1.0], [3.0]])
    with pytest.raises(ValueError, match=message):
        scaler.load_state_dict(state)
    assert scaler.state_dict() == {"mean": [2.0], "scale": [1.0]}


def test_numpy_arrays_are_taken():
    """Arrays, of floats or ints, fit and transform as the lists they stand for, into plain floats."""
    scaler = StandardScaler().fit(np.array([[1, 5], [3, 5]]))
    assert (scaler.mean_, scaler.scale_) == ([2.0, 5.0], [1.0, 1.0])
    (row,) = scaler.transform(np.array([[4.0, 5.0]]))
    assert row == [2.0, 0.0]
    assert [type(z) for z in row] == [float, float]


def test_transform_before_fit_says_so():
    """A scaler without means says what to call."""
    for call in (StandardScaler().state_dict, lambda: StandardScaler().transform([[1.0]])):
        with pytest.raises(RuntimeError, match=r"call fit\(X\) or load_state_dict"):
            call()


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([], ValueError, "X is empty"),
        ([[1.0, 2.0], [3.0]], ValueError, r"X\[1\] has 1 numbers, expected 2"),
        ([[1.0], [math.nan]], ValueError, r"X\[1\]\[0\] is nan"),
        ([[1.0], [-math.inf]], ValueError, r"X\[1\]\[0\] is -inf"),
        ([1.0, 2.0], TypeError, r"X\[0\] is 1.0, not a row of numbers"),
    ],
)
def test_data_that_cannot_be_standardised_is_refused(X, error, message):
    """No rows, ragged rows, numbers that are not finite and a flat list are errors that show the place."""
    with pytest.raises(error, match=message):
        StandardScaler().fit(X)


def test_rows_of_another_width_are_refused():
    """Nothing is cut to fit: transforming rows of another width names the row."""
    with pytest.raises(ValueError, match=r"X\[0\] has 3 numbers, expected 2"):
        StandardScaler().fit([[1.0, 2.0]]).transform([[1.0, 2.0, 3.0]])
