"""Standardising: each column brought to mean 0 and standard deviation 1, and back."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from nn.data.rows import as_list

# Below this size, sums and squared distances of up to 10⁸ numbers stay within a float.
_LARGEST = 1e300


class StandardScaler:
    """The map z = (x − μ) / σ of each column, with the mean μ and standard deviation σ of the rows fitted.

    σ is the root of the mean squared distance from μ (division by n, as in scikit-learn). A column that
    does not vary is only centred: its σ counts as 1.

    >>> scaler = StandardScaler().fit([[1.0, 5.0], [3.0, 5.0]])
    >>> scaler.mean_, scaler.scale_
    ([2.0, 5.0], [1.0, 1.0])
    >>> scaler.transform([[4.0, 5.0]])
    [[2.0, 0.0]]
    >>> scaler.inverse_transform([[2.0, 0.0]])
    [[4.0, 5.0]]
    """

    mean_: list[float]
    scale_: list[float]

    def fit(self, X: Iterable[Iterable[float]]) -> Self:
        """This scaler, with μ and σ of each column of X; ValueError for numbers that are not finite."""
        rows = _float_rows(X)
        if not rows:
            raise ValueError("X is empty: a mean needs at least one row")
        for i, row in enumerate(rows):
            _check_width(i, row, len(rows[0]))
            for j, x in enumerate(row):
                if not abs(x) <= _LARGEST:
                    raise ValueError(
                        f"X[{i}][{j}] is {x}: standardising needs numbers of at most {_LARGEST:g}"
                    )
        columns = list(zip(*rows, strict=True))
        self.mean_ = [_mean(column) for column in columns]
        self.scale_ = [_deviation(column, mean) for column, mean in zip(columns, self.mean_, strict=True)]
        return self

    def transform(self, X: Iterable[Iterable[float]]) -> list[list[float]]:
        """The rows of X with (x − μ) / σ for each x."""
        return [
            [(x - mean) / scale for x, mean, scale in zip(row, self.mean_, self.scale_, strict=True)]
            for row in self._fitting(X)
        ]

    def inverse_transform(self, X: Iterable[Iterable[float]]) -> list[list[float]]:
        """The rows of X with z · σ + μ for each z: what `transform` made of them, undone."""
        return [
            [z * scale + mean for z, mean, scale in zip(row, self.mean_, self.scale_, strict=True)]
            for row in self._fitting(X)
        ]

    def state_dict(self) -> dict[str, list[float]]:
        """μ and σ as a plain dict, ready for JSON, from which `load_state_dict` makes the same scaler.

        >>> StandardScaler().fit([[1.0], [3.0]]).state_dict()
        {'mean': [2.0], 'scale': [1.0]}
        """
        self._check_fitted()
        return {"mean": list(self.mean_), "scale": list(self.scale_)}

    def load_state_dict(self, state: Mapping[str, Sequence[float]]) -> None:
        """Takes μ and σ from what `state_dict` gave; ValueError, and nothing changed, if they do not fit."""
        if set(state) != {"mean", "scale"}:
            raise ValueError(f"a scaler's state has the keys 'mean' and 'scale', not {sorted(state)}")
        mean, scale = _float_rows((state["mean"], state["scale"]))
        if len(mean) != len(scale):
            raise ValueError(f"a scaler's state has a scale for each mean, not {len(scale)} for {len(mean)}")
        if not all(math.isfinite(m) and 0 < s < math.inf for m, s in zip(mean, scale, strict=True)):
            raise ValueError(f"a scaler's means are finite and its scales positive, not {mean} and {scale}")
        self.mean_, self.scale_ = mean, scale

    def _check_fitted(self) -> None:
        if not hasattr(self, "mean_"):
            raise RuntimeError(
                "this StandardScaler has no means yet: call fit(X) or load_state_dict(state) first"
            )

    def _fitting(self, X: Iterable[Iterable[float]]) -> list[list[float]]:
        self._check_fitted()
        rows = _float_rows(X)
        for i, row in enumerate(rows):
            _check_width(i, row, len(self.mean_))
        return rows


def _float_rows(X: Iterable[Iterable[float]]) -> list[list[float]]:
    rows = as_list(X)
    for i, row in enumerate(rows):
        if not isinstance(row, Iterable):
            raise TypeError(
                f"X[{i}] is {row!r}, not a row of numbers; one column is a row of one each: [[1.0], [2.0]]"
            )
    return [[float(x) for x in row] for row in rows]


def _check_width(i: int, row: list[float], expected: int) -> None:
    if len(row) != expected:
        raise ValueError(f"X[{i}] has {len(row)} numbers, expected {expected}: one for each column")


def _mean(column: Sequence[float]) -> float:
    # The rounded mean of equal numbers may miss them by an ulp, and centring would leave that ulp.
    return column[0] if min(column) == max(column) else math.fsum(column) / len(column)


def _deviation(column: Sequence[float], mean: float) -> float:
    # hypot neither overflows nor underflows on the way; 0 is a column that does not vary.
    return math.hypot(*(x - mean for x in column)) / math.sqrt(len(column)) or 1.0
