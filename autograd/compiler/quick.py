"""The quick way: the mean over a batch and its gradient, where nothing is out of the ordinary.

A step of a small network takes the kernels no longer than it takes Python to find out what is asked for.
That is mostly the same as at the last step: what is settled here once is not asked again.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import Signature
from autograd.compiler.execution.codes import FINE
from autograd.compiler.execution.pipeline import Pipeline

__all__ = ["Quick", "quick_way"]

Array = np.ndarray
Quick = Callable[[Sequence[Any], Any], tuple[float, Array] | None]


def quick_way(signature: Signature, pipeline: Pipeline) -> Quick | None:
    """What computes (mean, gradient) from arguments and parameters, or returns None if these need care.

    None where the pipeline needs more than one run, or the kernels cannot read arguments as they are: these
    must be a table, at most beside a column. Whether their numbers lie side by side is seen by the kernel.
    """
    runner, dtype, forms = pipeline.rows, signature.dtype, signature.forms
    if runner.program is None or not pipeline.in_order:
        return None
    if sorted([dimensions for dimensions, _ in forms]) not in ([2], [1, 2]):
        return None
    wide, first, width = signature.wide, signature.first, forms[signature.wide][1]
    other = 1 - wide if len(forms) == 2 else -1
    nothing, rest = np.empty(0, dtype), slice(1, None)
    count, shared, total = len(forms), runner.shared, runner.totals
    kernel, program, spaces = runner.kernel, runner.program, runner.spaces

    def step(arguments: Sequence[Any], numbers: Any) -> tuple[float, Array] | None:
        if len(arguments) != count:
            return None
        table, column = arguments[wide], arguments[other] if other >= 0 else nothing
        if not (
            table.__class__ is column.__class__ is numbers.__class__ is Array
            and table.dtype is column.dtype is numbers.dtype is dtype
            and table.ndim == 2
            and column.ndim == numbers.ndim == 1
        ):
            return None
        rows = len(table)
        if table.size != rows * width or len(numbers) != shared or not rows:
            return None
        if other >= 0 and len(column) != rows:
            return None
        try:  # `Runner.run`, written out: the call takes 3 % of a small step
            space = spaces.pop()
        except IndexError:  # another thread has it
            return None
        totals = np.empty(total, dtype)
        fault = kernel(program, space, table, first, column, numbers, totals, 0, rows, 1.0 / rows)
        spaces.append(space)
        return (totals.item(0), totals[rest]) if fault == FINE else None

    return step
