"""Running plans: by the kernels, on several threads if asked to, or where they cannot by the reference."""

import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from threading import Timer
from typing import Any, Final

import numpy as np

from autograd.compiler.errors import RowError
from autograd.compiler.execution import executor, kernels
from autograd.compiler.execution.batches import Batch
from autograd.compiler.execution.encoding import FIELDS, Encoded, encoded
from autograd.compiler.execution.vectors import BYTES
from autograd.compiler.plans.grouping import Plan

__all__ = ["Runner"]

Array = np.ndarray
BLOCK: Final = 128  # lanes at most
CACHE: Final = 2**20  # bytes of work space that stay in the second-level cache
LEAST: Final = 64  # lanes that instructions are worth for, even if the space for them is in no cache
ROOM: Final = 2**28  # bytes of work space that are never exceeded while there are eight lanes
LINE: Final = 64  # bytes: a vector that lies across two lines of the cache takes twice the time
FIXED: Final = 4  # rows of the work space besides the slots: one of ones and three spare ones


class Runner:
    """A plan ready to run on batches in `dtype`."""

    def __init__(self, plan: Plan, dtype: np.dtype) -> None:
        self.plan = plan
        self.dtype = dtype
        self.constants = np.array(plan.constants, dtype)
        self.height = max(1, plan.slots)
        self.vector = BYTES // dtype.itemsize
        fitting = [
            room // (self.height * dtype.itemsize) // self.vector * self.vector for room in (CACHE, ROOM)
        ]
        self.block = max(min(BLOCK, fitting[0]), min(LEAST, fitting[1]), self.vector)
        self.outputs = len(plan.outputs)
        self.totals = 0 if plan.outputs else plan.totals
        self.no_outputs = np.empty((0, 0), dtype)
        self.spaces: list[tuple[int, Array, int]] = []
        compile_kernels(dtype.name)
        self.encoded = self._encoded()

    def __getstate__(self) -> dict[str, Any]:
        """All that runs, without the graph it was made from and without the work space."""
        return {**self.__dict__, "plan": replace(self.plan, shared=[]), "spaces": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A user's own operations have machine code of their own in each process."""
        self.__dict__.update(state)
        if self.encoded is not None:
            self.encoded = self._encoded()

    def _encoded(self) -> Encoded | None:
        """The plan for the kernels; None where it has an operation that they do not have."""
        try:
            return encoded(self.plan, self.dtype.name)
        except KeyError:
            return None

    def run(
        self, batch: Batch, numbers: Array, threads: int = 1, scale: float = 1.0, per_row: bool = False
    ) -> tuple[Array, Array]:
        """The outputs, shape (outputs, rows), and `scale` times the totals, shape (1 or rows, totals).

        numbers: the plan's shared ones. Raises IndexError naming the first row whose index is out of range.
        """
        rows = batch.rows
        if self.encoded is None:
            shared = np.concatenate([self.constants, numbers])
            outputs, totals = executor.run(self.plan, batch.matrix(), shared, per_row)
            return outputs, scale * totals
        outputs = np.empty((self.outputs, rows), self.dtype) if self.outputs else self.no_outputs
        if threads == 1 or rows < 2 * threads:
            totals = np.empty((rows if per_row else 1, self.totals), self.dtype)
            self._run_rows(batch, numbers, outputs, totals, 0, rows, scale, per_row)
            return outputs, totals
        totals = np.empty((rows if per_row else threads, self.totals), self.dtype)
        edges = [rows * i // threads for i in range(threads + 1)]

        def run_part(i: int, start: int, stop: int) -> None:
            part = totals[start:stop] if per_row else totals[i : i + 1]
            self._run_rows(batch, numbers, outputs, part, start, stop, scale, per_row)

        list(pool(threads, os.getpid()).map(run_part, range(threads), edges, edges[1:]))
        return outputs, totals if per_row else totals.sum(axis=0, keepdims=True)

    def _run_rows(
        self,
        batch: Batch,
        numbers: Array,
        outputs: Array,
        totals: Array,
        start: int,
        stop: int,
        scale: float,
        per_row: bool,
    ) -> None:
        """Run the rows from start to stop, of which `totals` has the sum or one row each."""
        part = 1 if per_row else stop - start
        space, lanes = self._space(part, len(numbers))
        code, tables = self.encoded  # type: ignore[misc]
        fault = kernels.run(
            code, tables, space, self.height, lanes, batch.table, batch.first, batch.columns, batch.rows,
            self.plan.inputs, numbers, outputs, totals, start, stop, scale,
        )  # fmt: skip
        self.spaces.append((part, space, lanes))
        if fault >= 0:
            raise RowError(fault)

    def _space(self, rows: int, numbers: int) -> tuple[Array, int]:
        """Work space for that many rows, used again from run to run, and how many lanes its blocks have."""
        try:
            while True:
                found, space, lanes = self.spaces.pop()
                if found == rows:
                    return space, lanes
        except IndexError:  # there is none, or another thread has it
            return self._new_space(rows, numbers)

    def _new_space(self, rows: int, numbers: int) -> tuple[Array, int]:
        blocks = math.ceil(rows / self.block)
        lanes = math.ceil(rows / (blocks * self.vector)) * self.vector if rows > 1 else 1
        fixed = (self.height + FIXED) * lanes
        used = fixed + len(self.constants) + numbers
        space = np.zeros(used + LINE, self.dtype)
        start = -space.ctypes.data % LINE // self.dtype.itemsize
        space = space[start : start + used]
        space[self.height * lanes : (self.height + 1) * lanes] = 1.0
        space[fixed : fixed + len(self.constants)] = self.constants
        return space, lanes


@cache
def pool(threads: int, process: int) -> ThreadPoolExecutor:
    """The threads that share the rows; those that a parent process had do not run in its child."""
    return ThreadPoolExecutor(threads, "glassgrad")


@cache
def compile_kernels(dtype: str) -> None:
    """Have the kernels for `dtype` compiled, or loaded from numba's cache; what takes long is announced."""
    announcement = Timer(
        2.0, print, ["glassgrad compiles its kernels, once on this machine …"], {"file": sys.stderr}
    )
    announcement.daemon = True
    announcement.start()
    numbers = np.zeros((1, 1), dtype)
    code, tables, space = np.zeros((0, FIELDS), np.int64), np.zeros(0, np.int64), np.zeros(1 + FIXED, dtype)
    arguments = (
        *(code, tables, space, 1, 1, numbers, 0, numbers[0], 1, 1),
        *(numbers[0, :0], numbers[:0], numbers, 0, 1, 1.0),
    )
    try:
        kernels.run(*arguments)
    except OSError:  # they are compiled, but the disk has no room for them
        kernels.run(*arguments)
    finally:
        announcement.cancel()
