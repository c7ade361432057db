"""Pipelines: the stages of a function, ready to run one after the other."""

from typing import Final

import numpy as np

from autograd.compiler.execution.batches import Batch, one_row
from autograd.compiler.execution.running import Runner
from autograd.compiler.plans.splitting import Stages

__all__ = ["Pipeline"]

Array = np.ndarray
ROOM: Final = 2**22  # gradients of rows at a time


class Pipeline:
    """The runners of a function's stages, and how what one computes goes to the next.

    numpy does not warn of what it computes: ∞ − ∞ is nan, as on Values, and no mistake.
    """

    def __init__(self, stages: Stages, dtype: np.dtype) -> None:
        self.once = Runner(stages.once, dtype) if stages.once else None
        self.rows = Runner(stages.rows, dtype)
        self.after = Runner(stages.after, dtype) if stages.after else None
        self.sources = np.array(stages.sources, np.int64)
        self.in_order = stages.once is None and stages.sources == list(range(len(stages.sources)))
        self.has_constant = stages.has_constant

    def outputs(self, batch: Batch, parameters: Array, threads: int) -> Array:
        """The outputs for each row, shape (outputs, rows)."""
        computed = self._computed(parameters)
        return self.rows.outputs_of(batch, self._shared(parameters, computed), threads)

    def value_and_grad(
        self, batch: Batch, parameters: Array, threads: int, scale: float, share: float
    ) -> tuple[float, Array]:
        """`scale` times the sum over rows, plus `share` times what depends on no input, and the gradient.

        What `after` multiplies is added up over rows before. Where that is not finite, rows are multiplied
        one by one as on Values: 0·∞ in one of them is nan, but not in the sum of all.
        """
        if self.in_order:
            totals = self.rows.totals_of(batch, parameters, threads, scale)
            return totals.item(0), totals[1:]
        computed = self._computed(parameters)
        totals = self.rows.totals_of(batch, self._shared(parameters, computed), threads, scale)
        values, gradients = self._completed(
            totals[None], parameters, computed, np.full(1, share, totals.dtype)
        )
        if self.after is not None and not np.isfinite(gradients).all():
            return values.item(0), self._row_by_row(batch, parameters, threads, scale, share)
        return values.item(0), gradients[0]

    @np.errstate(all="ignore")
    def _row_by_row(self, batch: Batch, parameters: Array, threads: int, scale: float, share: float) -> Array:
        """The same gradient from that of each row, of as many at a time as there is room for."""
        total = np.zeros(len(parameters), parameters.dtype)
        some = max(1, ROOM // max(1, len(parameters)))
        for start in range(0, batch.rows, some):
            rows = np.arange(start, min(start + some, batch.rows))
            shares = np.full(len(rows), np.divide(share, scale * batch.rows), parameters.dtype)
            _, gradients = self.values_and_grads(batch.chosen(rows), parameters, threads, shares)
            total += (scale * gradients).sum(axis=0)
        return total

    def values_and_grads(
        self, batch: Batch, parameters: Array, threads: int, shares: Array
    ) -> tuple[Array, Array]:
        """The result for each row, shape (rows,), and its gradient, shape (rows, parameters).

        shares: how much of what depends on no input is counted in each row.
        """
        computed = self._computed(parameters)
        totals = self.rows.totals_of_rows(batch, self._shared(parameters, computed), threads)
        return self._completed(totals, parameters, computed, shares)

    @np.errstate(all="ignore")
    def _completed(
        self, totals: Array, parameters: Array, computed: Array, shares: Array
    ) -> tuple[Array, Array]:
        """Values and gradients from the totals of the rows, with the `shares` of what depends on no input."""
        values = totals[:, 0]
        count = len(parameters)
        gradients = np.zeros((len(totals), count + len(computed)), parameters.dtype)
        gradients[:, self.sources] = totals[:, 1:]
        if self.has_constant:
            values = values + shares * computed[-1]
            gradients[:, -1] = shares
        if self.after is None:
            return values, gradients[:, :count]
        inputs = gradients.copy()
        inputs[:, :count] = parameters
        rest = self.after.outputs_of(Batch(len(inputs), inputs, 0, parameters[:0]), parameters[:0], 1).T
        return values, gradients[:, :count] + rest

    def _computed(self, parameters: Array) -> Array:
        if self.once is None:
            return parameters[:0]
        outputs: Array = self.once.outputs_of(one_row(parameters), parameters[:0], 1)
        return outputs[:, 0]

    def _shared(self, parameters: Array, computed: Array) -> Array:
        if self.in_order:
            return parameters
        joined: Array = np.concatenate([parameters, computed])[self.sources]
        return joined
