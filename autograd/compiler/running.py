"""Running plans: by the kernels, on several threads if asked to, or where they cannot by the reference."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from threading import Timer
from typing import Any, Final

import numpy as np

from autograd.compiler import executor, kernels
from autograd.compiler.encoding import FIELDS, Encoded, encoded
from autograd.compiler.errors import RowError
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
        compile_kernels(dtype.name)
        try:
            self.encoded = encoded(plan)
        except KeyError:  # a user's own operation
            self.encoded = None

    def __getstate__(self) -> dict[str, Any]:
        """All that runs, without the graph it was made from and without the work space."""
        return {**self.__dict__, "plan": replace(self.plan, members=[], shared=[]), "spaces": []}

    def run(
        self, columns: np.ndarray, numbers: np.ndarray, threads: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """The outputs, shape (outputs, rows), and the totals; from the inputs, shape (inputs, rows).

        numbers: the plan's shared ones. Raises IndexError naming the first row whose index is out of range.
        """
        shared = np.concatenate([self.constants, numbers]) if self.constants.size else numbers
        if self.encoded is None:
            return executor.run(self.plan, columns, shared)
        rows = columns.shape[1]
        if threads == 1 or rows < 2 * threads:
            return self._run_rows(columns, shared, 0)
        edges = np.linspace(0, rows, threads + 1).astype(int)
        with ThreadPoolExecutor(threads) as pool:
            parts = pool.map(
                lambda start, stop: self._run_rows(
                    np.ascontiguousarray(columns[:, start:stop]), shared, start
                ),
                edges[:-1],
                edges[1:],
            )
            outputs, totals = zip(*parts)
            return np.concatenate(outputs, axis=1), np.sum(totals, axis=0)

    def _run_rows(self, columns: np.ndarray, shared: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
        # All arrays are contiguous: of others numba would compile the kernels anew.
        rows = columns.shape[1]
        outputs = np.empty((len(self.places), rows), self.dtype)
        blocks = math.ceil(rows / BLOCK)
        lanes = math.ceil(rows / blocks / 8) * 8 if rows > 1 else 1
        slots, spare = self._space(lanes)
        totals = np.zeros(self.plan.totals, self.dtype)
        assert self.encoded is not None
        code, tables = self.encoded
        fault = kernels.run(code, tables, shared, columns, slots, totals, spare, outputs, self.places)
        self.spaces.append((slots, spare))
        if fault >= 0:
            raise RowError(first + fault)
        return outputs, totals

    def _space(self, lanes: int) -> tuple[np.ndarray, np.ndarray]:
        """Work space for blocks of `lanes` rows, used again from run to run."""
        while self.spaces:
            slots, spare = self.spaces.pop()
            if slots.shape[1] == lanes:
                return slots, spare
        return np.zeros((max(1, self.plan.slots), lanes), self.dtype), np.zeros((SPARE, lanes), self.dtype)


@cache
def compile_kernels(dtype: str) -> None:
    """Have the kernels for `dtype` compiled, or loaded from numba's cache; what takes long is announced."""
    announcement = Timer(
        2.0, print, ["glassgrad compiles its kernels, once on this machine …"], {"file": sys.stderr}
    )
    announcement.daemon = True
    announcement.start()
    numbers = np.zeros((1, 1), dtype)
    code, places = np.zeros((0, FIELDS), np.int64), np.zeros(0, np.int64)
    kernels.run(code, places, numbers[0], numbers, numbers, numbers[0], numbers, numbers, places)
    announcement.cancel()
