"""Running plans: by the kernels, on several threads if asked to, or where they cannot by the reference."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np

from autograd.compiler.errors import HugeNumbers, RowError
from autograd.compiler.execution import executor, kernels
from autograd.compiler.execution.batches import Batch
from autograd.compiler.execution.calling import NO_FORM
from autograd.compiler.execution.codes import FINE, HUGE, LINE
from autograd.compiler.execution.encoding import encoded
from autograd.compiler.execution.magnitudes import LIMIT
from autograd.compiler.execution.vectors import BYTES
from autograd.compiler.machine import prepare
from autograd.compiler.plans.grouping import Plan

__all__ = ["Runner"]

Array = np.ndarray
# Lanes at most. So many are worth it even where the slots are in no cache: with half as many 100,000 nodes
# take a fifth more time.
BLOCK: Final = 128
ROOM: Final = 2**28  # bytes of work space that are never exceeded while there is a vector of lanes
ALIGNED: Final = 64  # bytes: a vector that lies across two lines of the cache takes twice the time
FIXED: Final = 4  # rows of the work space besides the slots: one of ones and three spare ones


class Runner:
    """A plan ready to run on batches in `dtype`."""

    def __init__(self, plan: Plan, dtype: np.dtype) -> None:
        self.plan = plan
        self.dtype = dtype
        self._prepare()

    def __getstate__(self) -> dict[str, Any]:
        """What to run."""
        return {"plan": self.plan, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()

    def _prepare(self) -> None:
        """Make what runs: how long vectors are is the machine's, a user's own operations the process's."""
        plan = self.plan
        size, vector = self.dtype.itemsize, BYTES // self.dtype.itemsize
        in_room = ROOM // (max(1, plan.slots) * size * vector) * vector
        self.block = max(min(BLOCK, in_room), vector)
        self.shared = len(plan.shared)
        self.outputs = len(plan.outputs)
        self.totals = 0 if plan.outputs else plan.totals
        self.spaces: list[Array] = []
        self.kernel = kernel(self.dtype.name)
        self.program: Array | None = None  # where the plan has an operation that the kernels do not have
        with suppress(KeyError):
            self.program = encoded(plan, self.dtype.name, self.block)

    def outputs_of(self, batch: Batch, numbers: Array, threads: int) -> Array:
        """The outputs, shape (outputs, rows). numbers: the plan's shared ones.

        Raises IndexError naming the first row whose index is out of range.
        """
        if self.program is None:
            return self._by_reference(batch, numbers, False)[0]
        outputs = np.empty(self.outputs * batch.rows, self.dtype)
        self._run_parts(batch, numbers, [outputs] * _parts(batch.rows, threads), 1.0)
        return outputs.reshape(self.outputs, batch.rows)

    def totals_of(self, batch: Batch, numbers: Array, threads: int, scale: float) -> Array:
        """`scale` times the totals; the rest as for `outputs_of`."""
        if self.program is None:
            with np.errstate(all="ignore"):
                summed: Array = scale * self._by_reference(batch, numbers, False)[1][0]
            return summed
        parts = _parts(batch.rows, threads)
        if parts == 1:
            totals = np.empty(self.totals, self.dtype)
            self.run(batch.table, batch.first, batch.columns, numbers, totals, 0, batch.rows, scale)
            return totals
        each = np.empty((parts, self.totals), self.dtype)
        self._run_parts(batch, numbers, list(each), scale)
        with np.errstate(all="ignore"):
            together: Array = each.sum(axis=0)
        return together

    def totals_of_rows(self, batch: Batch, numbers: Array, threads: int) -> Array:
        """The totals of each row, shape (rows, totals); the rest as for `outputs_of`."""
        if self.program is None:
            return self._by_reference(batch, numbers, True)[1]
        totals = np.empty((batch.rows, self.totals), self.dtype)
        edges = _edges(batch.rows, _parts(batch.rows, threads))
        self._run_parts(batch, numbers, [totals[start:stop].ravel() for start, stop in pairwise(edges)], 1.0)
        return totals

    def _run_parts(self, batch: Batch, numbers: Array, results: list[Array], scale: float) -> None:
        """Run the rows in as many parts as there are arrays for results, each on a thread."""
        edges = _edges(batch.rows, len(results))

        def run_part(part: Array, start: int, stop: int) -> None:
            self.run(batch.table, batch.first, batch.columns, numbers, part, start, stop, scale)

        if len(results) == 1:
            run_part(results[0], *edges)
        else:
            list(pool(len(results), os.getpid()).map(run_part, results, edges, edges[1:]))

    def run(
        self, table: Array, first: int, columns: Array, numbers: Array, results: Array, start: int, stop: int,
        scale: float,
    ) -> None:  # fmt: skip
        """Run the rows of a batch from start to stop, as the kernel does."""
        try:
            space = self.spaces.pop()
        except IndexError:  # there is none, or another thread has it
            space = self._new_space()
        held = (self.program, space, numbers, results, (table, columns), NO_FORM)
        fault = self.kernel(id(held), first, start, stop, scale)
        self.spaces.append(space)
        if fault >= 0:
            raise RowError(fault)
        if fault != FINE:
            assert fault == HUGE, "the kernels were given an array that is not plain"
            raise HugeNumbers

    def _by_reference(self, batch: Batch, numbers: Array, per_row: bool) -> tuple[Array, Array]:
        shared = np.concatenate([np.array(self.plan.constants, self.dtype), numbers])
        slots = executor.slots_of(self.plan, batch.matrix(), shared)
        if _has_huge(slots) or _has_huge(shared):
            raise HugeNumbers
        return executor.results_of(self.plan, slots, shared, per_row)

    def _new_space(self) -> Array:
        """Work space for a run, which is used again."""
        plan = self.plan
        used = len(plan.constants) + self.shared + LINE + (plan.slots + FIXED) * self.block
        space = np.zeros(used + ALIGNED, self.dtype)
        start = -space.ctypes.data % ALIGNED // self.dtype.itemsize
        space = space[start : start + used]
        space[: len(plan.constants)] = plan.constants
        return space


def _has_huge(numbers: Array) -> bool:
    """Whether there are huge numbers, as `magnitudes` has it, in an array."""
    sizes = np.abs(numbers)
    return numbers.dtype == np.float64 and bool(((sizes >= LIMIT) & (sizes < np.inf)).any())


def _parts(rows: int, threads: int) -> int:
    """How many parts of the rows run at the same time."""
    return threads if rows >= 2 * threads else 1


def _edges(rows: int, parts: int) -> list[int]:
    """Where each of so many parts of the rows starts, and the last one ends."""
    return [rows * i // parts for i in range(parts + 1)]


@cache
def pool(threads: int, process: int) -> ThreadPoolExecutor:
    """The threads that share the rows; those that a parent process had do not run in its child."""
    return ThreadPoolExecutor(threads, "glassgrad")


@cache
def kernel(dtype: str) -> Callable[..., int]:
    """The kernel for a dtype without numba's choice among types, which takes a quarter of an empty run."""
    run = kernels.run_of(dtype)
    table, program = np.zeros((1, 1), dtype), np.array([0, 1, 1, 0, 0, 0, 1])  # no instruction, on one row
    space, nothing = np.zeros(LINE + 1 + FIXED, dtype), table[0, :0]
    held = (program, space, nothing, nothing, (table, nothing), NO_FORM)
    what = "kernels" if dtype == "float64" else f"kernels for {dtype}"
    prepare(run, id(held), 0, 0, 1, 1.0, what=what)
    (compiled,) = run.overloads.values()
    entry: Callable[..., int] = compiled.entry_point
    return entry
