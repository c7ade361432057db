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
        self.ways: dict[str, list[Written]] = {}  # made when first needed

    def __getstate__(self) -> dict[str, Any]:
        return {"stages": self.stages, "pipeline": self.pipeline}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, own=own_words(state["stages"].written), ways={})

    def outputs(self, batch: Batch, parameters: Array, threads: int) -> Array:
        """As the pipeline's."""
        try:
            return self.pipeline.outputs(batch, parameters, threads)
        except HugeNumbers:
            written = self._way("outputs", lambda all_: [all_.of(*all_.outputs)])[0]
        parts = _in_parts(
            batch,
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
        ways = self._gradients(whole)

        def run(rows: Array, part: Batch) -> Array:
            value, gradient = self.pipeline.value_and_grad(part, parameters, threads, scale, each * part.rows)
            return np.concatenate([[value], gradient])[None]

        def step(rows: Array, part: Batch) -> Array:
            columns = part.matrix()
            given = [scale * step_by_step(ways[0], columns, parameters, self.own).T]
            if not whole:
                constant = step_by_step(ways[1], columns[:, :1], parameters, self.own).T
                given.append(each * part.rows * constant)
            return np.concatenate(given)

        total = np.zeros(1 + len(parameters), batch.table.dtype)
        with np.errstate(all="ignore"):
            for part in _in_parts(batch, ways[0], run, step):
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
            way = self._gradients(whole=True)[0]

        def run(rows: Array, part: Batch) -> Array:
            return np.column_stack(self.pipeline.values_and_grads(part, parameters, threads, shares[rows]))

        def step(rows: Array, part: Batch) -> Array:
            return step_by_step(way, part.matrix(), parameters, self.own).T

        together = np.concatenate(list(_in_parts(batch, way, run, step)))
        return together[:, 0], together[:, 1:]

    def _gradients(self, whole: bool) -> list[Written]:
        """The output with its gradient; or what of it depends on inputs, and the rest, each with its own."""
        if whole:
            return self._way("whole", lambda all_: [all_.with_gradient(all_.outputs[0])])
        return self._way("in two", lambda all_: [all_.with_gradient(part) for part in all_.outputs[1:]])

    def _way(self, name: str, made: Callable[[Written], list[Written]]) -> list[Written]:
        """What is made of the function as it was written, once; twice does no harm."""
        if name not in self.ways:
            self.ways[name] = made(self.stages.written)
        return self.ways[name]


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
