"""Labelled points in the plane, made from a seed: moons, circles, spirals and XOR."""

import math
import random

from nn.data.rows import generator

_LabelledPoint = tuple[float, float, int]


def make_moons(
    n_samples: int = 100, noise: float = 0.0, seed: int | random.Random = 0
) -> tuple[list[list[float]], list[int]]:
    """Two half circles that reach into each other: X (rows of two coordinates) and y (0 or 1).

    Class 0 is (cos t, sin t), class 1 is (1 − cos t, ½ − sin t), t even from 0 to π, as in scikit-learn.
    `noise` is the standard deviation of what is added to each coordinate; the rows come shuffled.

    >>> X, y = make_moons(100, noise=0.1, seed=7)
    >>> len(X), len(X[0]), y.count(0), y.count(1)
    (100, 2, 50, 50)
    """
    outer, inner = _shares(n_samples, 2)
    points: list[_LabelledPoint] = [(math.cos(t), math.sin(t), 0) for t in _half_turn(outer)]
    points += [(1.0 - math.cos(t), 0.5 - math.sin(t), 1) for t in _half_turn(inner)]
    return _sample(points, noise, seed)


def make_circles(
    n_samples: int = 100, noise: float = 0.0, seed: int | random.Random = 0
) -> tuple[list[list[float]], list[int]]:
    """A circle of radius 1 (class 0) around one of radius ½ (class 1): X and y.

    The points of each are even; `noise` and the order are as for `make_moons`.

    >>> X, y = make_circles(10, seed=7)
    >>> sorted({(round(math.hypot(*row), 9), k) for row, k in zip(X, y)})
    [(0.5, 1), (1.0, 0)]
    """
    points: list[_LabelledPoint] = []
    for k, (radius, share) in enumerate(zip((1.0, 0.5), _shares(n_samples, 2), strict=True)):
        angles = [math.tau * i / share for i in range(share)]
        points += [(radius * math.cos(t), radius * math.sin(t), k) for t in angles]
    return _sample(points, noise, seed)


def make_spirals(
    n_samples: int = 100, classes: int = 2, noise: float = 0.0, seed: int | random.Random = 0
) -> tuple[list[list[float]], list[int]]:
    """Arms of a spiral, one for each class, that wind once around the origin: X and y.

    Arm k of K is (r cos φ, r sin φ) with φ = 2π (r + k/K), r even over 0 < r ≤ 1; `noise` and the order are
    as for `make_moons`.

    >>> X, y = make_spirals(90, classes=3, seed=7)
    >>> [y.count(k) for k in range(3)]
    [30, 30, 30]
    """
    if classes < 2:
        raise ValueError(f"make_spirals needs at least 2 classes, not {classes!r}")
    points: list[_LabelledPoint] = []
    for k, share in enumerate(_shares(n_samples, classes)):
        for i in range(1, share + 1):
            radius = i / share
            angle = math.tau * (radius + k / classes)
            points.append((radius * math.cos(angle), radius * math.sin(angle), k))
    return _sample(points, noise, seed)


def make_xor(
    n_samples: int = 4, noise: float = 0.0, seed: int | random.Random = 0
) -> tuple[list[list[float]], list[int]]:
    """The corners of the unit square, class 1 where exactly one coordinate is 1: X and y.

    The four corners take turns; without more they are the truth table itself. `noise` and the order are as
    for `make_moons`.

    >>> X, y = make_xor()
    >>> sorted(zip(X, y))
    [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]
    """
    points: list[_LabelledPoint] = []
    for corner, share in enumerate(_shares(n_samples, 4)):
        a, b = divmod(corner, 2)
        points += [(float(a), float(b), a ^ b)] * share
    return _sample(points, noise, seed)


def _shares(n_samples: int, parts: int) -> list[int]:
    if n_samples < parts:
        raise ValueError(f"n_samples is at least {parts} here, one point for each part, not {n_samples!r}")
    return [n_samples // parts + (part < n_samples % parts) for part in range(parts)]


def _half_turn(count: int) -> list[float]:
    return [math.pi * i / max(count - 1, 1) for i in range(count)]


def _sample(
    points: list[_LabelledPoint], noise: float, seed: int | random.Random
) -> tuple[list[list[float]], list[int]]:
    if not 0 <= noise < math.inf:
        raise ValueError(f"noise is a standard deviation, 0 or more, not {noise!r}")
    rng = generator(seed)
    rng.shuffle(points)
    X = [[rng.gauss(x, noise), rng.gauss(y, noise)] for x, y, _ in points]
    return X, [label for _, _, label in points]
