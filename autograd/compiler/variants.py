"""Variants: a function along each of its branches, and what is made of each when first needed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.errors import named_rows
from autograd.compiler.execution.batches import Batch, one_row
from autograd.compiler.execution.careful import Careful
from autograd.compiler.plans.decisions import ONE_AT_A_TIME, Guard
from autograd.compiler.plans.splitting import Split, Stages

__all__ = ["Variant", "bare"]

Array = np.ndarray


class Variant:
    """The function along one of its branches: a recording, and what is made of it when first needed.

    places: where its parameters are among those of the program.
    """

    def __init__(self, guards: list[Guard], split: Split, places: list[int], dtype: np.dtype) -> None:
        self.guards = guards
        self.split: Split | None = split
        self.places = np.array(places, np.int64)
        self.dtype = dtype
        self.always = not guards
        self.questions = split.questions()
        self.pipelines: dict[str, Careful] = {}

    def __getstate__(self) -> dict[str, Any]:
        """All that runs, without the graph it was made from."""
        self.forward()
        for start, stop in self.questions:
            self.comparisons(start, stop)
        return {**self.__dict__, "split": None}

    def forward(self) -> Careful:
        """What computes the results."""
        return self.pipelines.get("forward") or self._made("forward", Split.forward)

    def gradient(self, weighted: bool = False) -> Careful:
        """What computes the sum of the result over rows, each with a weight or not, and its gradient."""
        kind = "weighted gradient" if weighted else "gradient"
        return self.pipelines.get(kind) or self._made(kind, lambda split: split.gradient(weighted))

    def comparisons(self, start: int, stop: int) -> Careful:
        """What computes both sides of the guards from start to stop."""
        kind = f"comparisons from {start}"
        return self.pipelines.get(kind) or self._made(kind, lambda split: split.comparisons(start, stop))

    def _made(self, kind: str, stages: Callable[[Split], Stages]) -> Careful:
        if self.split is None:
            raise RuntimeError(f"the program was saved without its {kind}: compute it once before saving")
        with ONE_AT_A_TIME:  # for all pipelines of a split add to one tape
            return self.pipelines.setdefault(kind, Careful(stages(self.split), self.dtype))

    def fits(self, batch: Batch, rows: Array, parameters: Array) -> Array:
        """For each of `rows` of the batch, whether it makes all comparisons as the recorded one did."""
        fitting = np.ones(len(rows), bool)
        for start, stop in self.questions:
            asked = rows[fitting]
            if len(asked):
                fitting[fitting] = self._agree(batch, asked, parameters, start, stop).all(axis=0)
        return fitting

    def first_broken(self, row: Array, parameters: Array) -> Guard:
        """The first comparison that the one row, which does not fit, makes otherwise."""
        for start, stop in self.questions:
            agree = self._agree(one_row(row), np.zeros(1, int), parameters, start, stop)[:, 0]
            if not agree.all():
                break
        return self.guards[start + int(np.argmin(agree))]

    def _agree(self, batch: Batch, rows: Array, parameters: Array, start: int, stop: int) -> Array:
        """Whether the guards from start to stop turn out as recorded, shape (guards, rows)."""
        with named_rows(rows):
            sides = self.comparisons(start, stop).outputs(batch.chosen(rows), parameters, 1)
        pairs = zip(self.guards[start:stop], sides[::2], sides[1::2])
        return np.array(
            [guard.compare(left, right) == guard.outcome for guard, left, right in pairs], bool
        ).reshape(stop - start, len(rows))


def bare(guards: Sequence[Guard]) -> list[Guard]:
    """The guards without the Values that they compare, which would keep the recorded graph alive."""
    return [guard._replace(left=None, right=None) for guard in guards]
