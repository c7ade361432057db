"""Care with huge numbers: rows that have some are computed step by step, as Values do it.

With them a sum can be ∞ in one order and finite in another, and the order of the kernels is another.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from autograd.compiler.errors import HugeNumbers, named_rows
from autograd.compiler.execution.batches import Batch
from autograd.compiler.execution.pipeline import Pipeline
from autograd.compiler.execution.stepwise import own_words, step_by_step
from autograd.compiler.plans.splitting import Stages
from autograd.compiler.plans.written import Written

__all__ = ["Careful"]

Array = np.ndarray
FEW: Final = 256  # rows that are computed step by step together
ROOM: Final = 2**24  # numbers of all their steps
Way = Callable[[Array, Batch], Array]  # what computes some rows, by their numbers and as a batch of their own


class Careful:
    """A pipeline, and beside it the function as it was written, for batches that the pipeline refuses.

    Such a batch is halved until the pipeline takes a half, or few rows are left.
    """

    def __init__(self, stages: Stages, dtype: np.dtype) -> None:
        self.stages = stages
        self.pipeline = Pipeline(stages, dtype)
        self.own = own_words(stages.written)
        self.forward: Written | None = None  # made when first needed, as these are
        self.gradients: dict[int, Written] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"stages": self.stages, "pipeline": self.pipeline}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, own=own_words(state["stages"].written), forward=None, gradients={})

    def outputs(self, batch: Batch, parameters: Array, threads: int) -> Array:
        """As the pipeline's."""
        try:
            return self.pipeline.outputs(batch, parameters, threads)
        except HugeNumbers:
            written = self.forward or self.stages.written.of(*self.stages.written.outputs)
            self.forward = written
        parts = _in_parts(
            batch,
            np.arange(batch.rows),
            written,
            run=lambda rows, part: self.pipeline.outputs(part, parameters, threads),
            step=lambda rows, part: step_by_step(written, part.matrix(), parameters, self.own),
        )
        return np.concatenate(list(parts), axis=1)

    def value_and_grad(
        self, batch: Batch, parameters: Array, threads: int, scale: float, share: float
    ) -> tuple[float, Array]:
        """As the pipeline's; the rows are added up in their order."""
        try:
            return self.pipeline.value_and_grad(batch, parameters, threads, scale, share)
        except HugeNumbers:
            each = share / batch.rows
        # Whether what depends on no input counts as often as rows do: in a mean, or if there is nothing.
        whole = (not self.stages.weighted and math.isclose(each, scale)) or not self.stages.has_constant
        written = self._with_gradient(0 if whole else 1)

        def run(rows: Array, part: Batch) -> Array:
            value, gradient = self.pipeline.value_and_grad(part, parameters, threads, scale, each * part.rows)
            return np.concatenate([[value], gradient])[None]

        def step(rows: Array, part: Batch) -> Array:
            columns = part.matrix()
            given = [scale * step_by_step(written, columns, parameters, self.own).T]
            if not whole:
                constant = step_by_step(self._with_gradient(2), columns[:, :1], parameters, self.own).T
                given.append(each * part.rows * constant)
            return np.concatenate(given)

        total = np.zeros(1 + len(parameters), batch.table.dtype)
        with np.errstate(all="ignore"):
            for part in _in_parts(batch, np.arange(batch.rows), written, run, step):
                for row in part:
                    total += row
        return total.item(0), total[1:]

    def values_and_grads(
        self, batch: Batch, parameters: Array, threads: int, shares: Array
    ) -> tuple[Array, Array]:
        """As the pipeline's, where `shares` say how often each row counts."""
        try:
            return self.pipeline.values_and_grads(batch, parameters, threads, shares)
        except HugeNumbers:
            written = self._with_gradient(0)

        def run(rows: Array, part: Batch) -> Array:
            return np.column_stack(self.pipeline.values_and_grads(part, parameters, threads, shares[rows]))

        def step(rows: Array, part: Batch) -> Array:
            return step_by_step(written, part.matrix(), parameters, self.own).T

        together = np.concatenate(list(_in_parts(batch, np.arange(batch.rows), written, run, step)))
        return together[:, 0], together[:, 1:]

    def _with_gradient(self, which: int) -> Written:
        """One of the outputs as it was written, with its gradient; made once, and twice does no harm."""
        if which not in self.gradients:
            written = self.stages.written
            self.gradients[which] = written.with_gradient(written.outputs[which])
        return self.gradients[which]


def _in_parts(batch: Batch, rows: Array, written: Written, run: Way, step: Way) -> Iterator[Array]:
    """What `run` gives for parts of some rows that it refuses together, in their order, or `step` for few."""
    if len(rows) <= max(1, min(FEW, ROOM // len(written.tape))):
        with named_rows(rows):
            given = step(rows, batch.chosen(rows))
        yield given
        return
    for half in np.array_split(rows, 2):
        try:
            with named_rows(half):
                given = run(half, batch.chosen(half))
        except HugeNumbers:
            yield from _in_parts(batch, half, written, run, step)
        else:
            yield given
