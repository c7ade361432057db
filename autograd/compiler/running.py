"""Running plans: by the kernels, on several threads if asked to, or where they cannot by the reference."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from autograd.compiler import executor
from autograd.compiler.encoding import Encoded, encoded
from autograd.compiler.grouping import Plan

__all__ = ["Runner"]

BLOCK: Final = 128  # lanes: a row of them is 1 KiB, 30 fit the first-level cache
SPARE: Final = 3


class Runner:
    """A plan ready to run on batches of columns in `dtype`."""

    def __init__(self, plan: Plan, dtype: np.dtype) -> None:
        self.plan = plan
        self.dtype = dtype
        self.constants = np.array(plan.constants, dtype)
        self.places = np.array([-1 - place if shared else place for shared, place in plan.outputs], np.int64)
        self.spaces: list[tuple[np.ndarray, np.ndarray]] = []
        self.encoded: Encoded | None
        try:
            self.encoded = encoded(plan)
        except KeyError:  # a user's own operation
            self.encoded = None

    def run(
        self, columns: np.ndarray, numbers: np.ndarray, threads: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """The outputs, shape (outputs, rows), and the totals; from the inputs, shape (inputs, rows).

        numbers: the plan's shared ones. Raises IndexError naming the first row whose index is out of range.
        """
        shared = np.concatenate([self.constants, numbers]) if len(self.constants) else numbers
        if self.encoded is None:
            return executor.run(self.plan, columns, shared)
        rows = columns.shape[1]
        outputs = np.empty((len(self.places), rows), self.dtype)
        if threads == 1 or rows < 2 * threads:
            return outputs, self._run_rows(columns, shared, outputs, 0)
        edges = np.linspace(0, rows, threads + 1).astype(int)
        with ThreadPoolExecutor(threads) as pool:
            parts = pool.map(
                lambda start, stop: self._run_rows(
                    np.ascontiguousarray(columns[:, start:stop]), shared, outputs[:, start:stop], start
                ),
                edges[:-1],
                edges[1:],
            )
            return outputs, np.sum(list(parts), axis=0)

    def _run_rows(
        self, columns: np.ndarray, shared: np.ndarray, outputs: np.ndarray, first: int
    ) -> np.ndarray:
        from autograd.compiler import kernels

        rows = columns.shape[1]
        blocks = math.ceil(rows / BLOCK)
        lanes = math.ceil(rows / blocks / 8) * 8 if rows > 1 else 1
        slots, spare = self._space(lanes)
        totals = np.zeros(self.plan.totals, self.dtype)
        assert self.encoded is not None
        code, tables = self.encoded
        fault = kernels.run(code, tables, shared, columns, slots, totals, spare, outputs, self.places)
        self.spaces.append((slots, spare))
        if fault >= 0:
            raise IndexError(f"row {first + fault}: an index is not a whole number in its range")
        return totals

    def _space(self, lanes: int) -> tuple[np.ndarray, np.ndarray]:
        """Work space for blocks of `lanes` rows, used again from run to run."""
        while self.spaces:
            slots, spare = self.spaces.pop()
            if slots.shape[1] == lanes:
                return slots, spare
        return np.zeros((max(1, self.plan.slots), lanes), self.dtype), np.zeros((SPARE, lanes), self.dtype)
