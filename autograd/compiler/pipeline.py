"""Pipelines: the stages of a function, ready to run one after the other."""

import numpy as np

from autograd.compiler.running import Runner
from autograd.compiler.splitting import Stages

__all__ = ["Pipeline"]

Array = np.ndarray


class Pipeline:
    """The runners of a function's stages, and how what one computes goes to the next."""

    def __init__(self, stages: Stages, dtype: np.dtype) -> None:
        self.once = Runner(stages.once, dtype) if stages.once else None
        self.rows = Runner(stages.rows, dtype)
        self.after = Runner(stages.after, dtype) if stages.after else None
        self.sources = np.array(stages.sources, np.int64)
        self.in_order = stages.once is None and stages.sources == list(range(len(stages.sources)))
        self.has_constant = stages.has_constant

    @property
    def stages(self) -> Stages:
        """What it runs."""
        once, after = (runner.plan if runner else None for runner in (self.once, self.after))
        return Stages(once, self.rows.plan, self.sources.tolist(), after, self.has_constant)

    def outputs(self, columns: Array, parameters: Array, threads: int) -> Array:
        """The outputs for each row, shape (outputs, rows), from columns of shape (inputs, rows)."""
        computed = self._computed(parameters)
        return self.rows.run(columns, self._shared(parameters, computed), threads)[0]

    def value_and_grad(
        self, columns: Array, parameters: Array, threads: int, scale: float, share: float
    ) -> tuple[float, Array]:
        """`scale` times the sum over rows, plus `share` times what depends on no input, and the gradient."""
        computed = self._computed(parameters)
        totals = self.rows.run(columns, self._shared(parameters, computed), threads)[1]
        totals *= scale
        if self.in_order:
            return float(totals[0]), totals[1:]
        gradient = np.zeros(len(parameters) + len(computed), parameters.dtype)
        gradient[self.sources] = totals[1:]
        value = float(totals[0])
        if self.after is None:
            return value, gradient
        weights = gradient[len(parameters) :]
        if self.has_constant:
            value += share * float(computed[-1])
            weights[-1] = share
        rest = self.after.run(np.concatenate([parameters, weights])[:, None], parameters[:0])[0][:, 0]
        return value, gradient[: len(parameters)] + rest

    def _computed(self, parameters: Array) -> Array:
        if self.once is None:
            return parameters[:0]
        outputs: Array = self.once.run(parameters[:, None], parameters[:0])[0]
        return outputs[:, 0]

    def _shared(self, parameters: Array, computed: Array) -> Array:
        if self.in_order:
            return parameters
        joined: Array = np.concatenate([parameters, computed])[self.sources]
        return joined
