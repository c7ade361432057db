"""Care with huge numbers: rows that have some are computed step by step, as Values do it.

With them a sum can be ∞ in one order and finite in another, and the order of the kernels is another.
"""

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

import numpy as np

from autograd.compiler.errors import HugeNumbers, named_rows
from autograd.compiler.execution.batches import Batch
from autograd.compiler.execution.pipeline import Pipeline
from autograd.compiler.execution.stepwise import step_by_step
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

    def outputs(self, batch: Batch, parameters: Array, threads: int) -> Array:
        """As the pipeline's."""
        try:
            return self.pipeline.outputs(batch, parameters, threads)
        except HugeNumbers:
            pass
        written = self.stages.written.of(*self.stages.written.outputs)
        parts = _in_parts(
            batch,
            written,
            run=lambda rows, part: self.pipeline.outputs(part, parameters, threads),
            step=lambda rows, part: step_by_step(written, part.matrix(), parameters),
        )
        return np.concatenate(list(parts), axis=1)

    def value_and_grad(
        self, batch: Batch, parameters: Array, threads: int, scale: float, share: float
    ) -> tuple[float, Array]:
        """As the pipeline's; the rows are added up in their order."""
        try:
            return self.pipeline.value_and_grad(batch, parameters, threads, scale, share)
        except HugeNumbers:
            pass
        shares = self._weights(batch)
        if not math.isclose(share, scale * shares.sum()):  # it counts once, not as often as the rows do
            shares = np.full(batch.rows, share / (scale * batch.rows), batch.table.dtype)

        def run(rows: Array, part: Batch) -> Array:
            own = float(scale * shares[rows].sum())
            value, gradient = self.pipeline.value_and_grad(part, parameters, threads, scale, own)
            return np.concatenate([[value], gradient])[None]

        def step(rows: Array, part: Batch) -> Array:
            return scale * self._each(part, parameters, shares[rows])

        total = np.zeros(1 + len(parameters), batch.table.dtype)
        with np.errstate(all="ignore"):
            for part in _in_parts(batch, self._gradient, run, step):
                for row in part:
                    total += row
        return total.item(0), total[1:]

    def values_and_grads(
        self, batch: Batch, parameters: Array, threads: int, shares: Array
    ) -> tuple[Array, Array]:
        """As the pipeline's."""
        try:
            return self.pipeline.values_and_grads(batch, parameters, threads, shares)
        except HugeNumbers:
            pass

        def run(rows: Array, part: Batch) -> Array:
            return np.column_stack(self.pipeline.values_and_grads(part, parameters, threads, shares[rows]))

        def step(rows: Array, part: Batch) -> Array:
            return self._each(part, parameters, shares[rows])

        together = np.concatenate(list(_in_parts(batch, self._gradient, run, step)))
        return together[:, 0], together[:, 1:]

    @np.errstate(all="ignore")
    def _each(self, part: Batch, parameters: Array, shares: Array) -> Array:
        """The value and the gradient for each row, one behind the other, shape (rows, 1 + parameters)."""
        columns = part.matrix()
        if not self.stages.has_constant or np.array_equal(shares, self._weights(part)):
            return step_by_step(self._gradient, columns, parameters).T
        varying, constant = map(self.stages.written.with_gradient, self.stages.written.outputs[1:])
        rows = step_by_step(varying, columns, parameters).T
        completed: Array = rows + shares[:, None] * step_by_step(constant, columns[:, :1], parameters).T
        return completed

    def _weights(self, batch: Batch) -> Array:
        """How often each row counts."""
        return batch.matrix()[-1] if self.stages.weighted else np.ones(batch.rows, batch.table.dtype)

    @cached_property
    def _gradient(self) -> Written:
        return self.stages.written.with_gradient(self.stages.written.outputs[0])


def _in_parts(batch: Batch, written: Written, run: Way, step: Way) -> Iterator[Array]:
    """What `run` gives for parts of the batch, in their order, or `step` for those that it refuses."""
    few = max(1, min(FEW, ROOM // len(written.tape)))
    waiting = [np.arange(batch.rows)]
    while waiting:
        rows = waiting.pop()
        part = batch.chosen(rows)
        with named_rows(rows):
            try:
                yield run(rows, part)
            except HugeNumbers:
                if len(rows) > few:
                    waiting += np.array_split(rows, 2)[::-1]
                else:
                    yield step(rows, part)
