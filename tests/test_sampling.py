"""Tests of nn.training.sampling."""

import random
from collections import Counter

import pytest

from nn.training.sampling import MiniBatches, MisclassifiedPoints


def test_misclassified_points_are_drawn_evenly_and_only_they():
    """Of 3 misclassified points among 9 each is drawn a third of the time (χ² < 13.8, p = 0.001)."""
    points = MisclassifiedPoints(
        lambda row: row[0],
        [[float(x)] for x in (-3, 1, 2, -2, 3, 4, 5, -1, 6)],
        [1] * 9,
        0.0,
        random.Random(0),
    )
    counts = Counter(points.draw() for _ in range(3000))
    assert set(counts) == {0, 3, 7}
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 13.8


def test_misclassified_points_cost_few_predictions():
    """With half of 100 points misclassified a draw takes (n + 1)/(m + 1) = 1.98 predictions on average."""
    calls = []

    def always_one(row):
        calls.append(row)
        return 1.0

    points = MisclassifiedPoints(always_one, [[0.0]] * 100, [0, 1] * 50, 0.0, random.Random(0))
    for _ in range(500):
        points.draw()
    assert len(calls) / 500 == pytest.approx(101 / 51, rel=0.1)


def test_last_batch_may_be_smaller_but_all_at_once_are_not_shuffled():
    """Three rows in twos are two steps; a single batch keeps the order of the data, and its rounding."""
    two = MiniBatches([[1.0], [2.0], [3.0]], [1, 2, 3], 2, random.Random(0))
    assert [len(rows) for rows, _ in two.epoch()] == [2, 1]
    whole = MiniBatches([[1.0], [2.0], [3.0]], [1, 2, 3], None, random.Random(0))
    assert list(whole.epoch()) == [([[1.0], [2.0], [3.0]], [1, 2, 3])]
