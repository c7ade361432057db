"""Tests of nn.data.point_sets."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data.point_sets import make_circles, make_moons, make_spirals, make_xor

MAKERS = [make_moons, make_circles, make_spirals, make_xor]


def of_class(X, y, k):
    return [row for row, label in zip(X, y, strict=True) if label == k]


def test_moons_lie_on_their_half_circles():
    """Without noise class 0 is the upper half of the unit circle, class 1 the lower half of one at (1, ½)."""
    X, y = make_moons(60)
    for x1, x2 in of_class(X, y, 0):
        assert math.hypot(x1, x2) == pytest.approx(1.0)
        assert x2 >= 0.0
    for x1, x2 in of_class(X, y, 1):
        assert math.hypot(x1 - 1.0, x2 - 0.5) == pytest.approx(1.0)
        assert x2 <= 0.5
    # The ends of both are there, and the middles (30 points have none at the very middle, 31 do).
    ends = {(round(a, 9) + 0.0, round(b, 9) + 0.0) for a, b in X}
    assert {(1.0, 0.0), (-1.0, 0.0), (0.0, 0.5), (2.0, 0.5)} <= ends
    middles = {(round(a, 9) + 0.0, round(b, 9) + 0.0) for a, b in make_moons(62)[0]}
    assert {(0.0, 1.0), (1.0, -0.5)} <= middles


def test_circles_have_their_radii_and_are_even():
    """Class 0 has radius 1, class 1 radius ½, and the points of each add up to the centre."""
    X, y = make_circles(50)
    for k, radius in ((0, 1.0), (1, 0.5)):
        points = of_class(X, y, k)
        assert [math.hypot(*point) for point in points] == pytest.approx([radius] * 25)
        assert [math.fsum(column) for column in zip(*points, strict=True)] == pytest.approx(
            [0.0, 0.0], abs=1e-12
        )


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_spirals_turn_once_as_the_radius_grows(classes):
    """On arm k of K the angle is 2π (r + k/K) at radius r, and the arm reaches radius 1."""
    X, y = make_spirals(20 * classes, classes)
    for k in range(classes):
        points = of_class(X, y, k)
        assert max(math.hypot(*point) for point in points) == pytest.approx(1.0)
        for x1, x2 in points:
            turns = math.hypot(x1, x2) + k / classes - math.atan2(x2, x1) / math.tau
            assert turns == pytest.approx(round(turns), abs=1e-12)


def test_xor_is_the_truth_table():
    """The class of a corner is a xor b, each corner as often as the others."""
    X, y = make_xor(40)
    assert all(label == (a != b) for (a, b), label in zip(X, y, strict=True))
    assert sorted(X) == [[a, b] for a in (0.0, 1.0) for b in (0.0, 1.0) for _ in range(10)]


@pytest.mark.parametrize("make", MAKERS)
@given(n_samples=st.integers(4, 60), seed=st.integers(0, 1000))
def test_as_many_points_as_asked_for_in_even_classes(make, n_samples, seed):
    """Exactly n_samples points of two coordinates, and classes that differ by the few that do not divide."""
    X, y = make(n_samples, noise=0.1, seed=seed)
    assert len(X) == len(y) == n_samples
    assert {len(row) for row in X} == {2}
    assert set(y) == {0, 1}
    assert abs(y.count(0) - y.count(1)) <= 2


@pytest.mark.parametrize("make", MAKERS)
def test_the_seed_decides(make):
    """The same seed gives the same points, another seed others; random's own state is left alone."""
    state = random.getstate()
    assert make(40, noise=0.1, seed=1) == make(40, noise=0.1, seed=random.Random(1))
    assert make(40, noise=0.1, seed=1) != make(40, noise=0.1, seed=2)
    assert random.getstate() == state


@pytest.mark.parametrize("make", MAKERS)
def test_noise_is_the_standard_deviation_of_each_coordinate(make):
    """What noise adds has mean 0 and the deviation asked for, in both coordinates (5 standard errors)."""
    n, noise = 4000, 0.25
    clean, clean_y = make(n, seed=3)
    noisy, noisy_y = make(n, noise=noise, seed=3)
    assert noisy_y == clean_y
    for axis in range(2):
        added = [b[axis] - a[axis] for a, b in zip(clean, noisy, strict=True)]
        mean = math.fsum(added) / n
        assert abs(mean) < 5 * noise / math.sqrt(n)
        deviation = math.sqrt(math.fsum((d - mean) ** 2 for d in added) / n)
        assert abs(deviation - noise) < 5 * noise / math.sqrt(2 * n)


@pytest.mark.parametrize("make", MAKERS)
def test_rows_come_shuffled(make):
    """The classes are mixed, not one block after the other."""
    _, y = make(40)
    assert y not in (sorted(y), sorted(y, reverse=True))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("noise", [-0.1, math.nan, math.inf])
def test_noise_that_is_no_deviation_is_refused(make, noise):
    """Negative and infinite noise is an error that shows it."""
    with pytest.raises(ValueError, match=f"noise is a standard deviation, 0 or more, not {noise}"):
        make(10, noise=noise)


def test_too_few_points_or_classes_are_refused():
    """Each part needs a point, and spirals need two arms."""
    with pytest.raises(ValueError, match="at least 2 here, one point for each part, not 1"):
        make_moons(1)
    with pytest.raises(ValueError, match="at least 4"):
        make_xor(3)
    with pytest.raises(ValueError, match="at least 2 classes, not 1"):
        make_spirals(10, classes=1)
