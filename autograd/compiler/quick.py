"""The quick way: the mean over a batch and its gradient, where nothing is out of the ordinary.

A step of a small network takes the kernels no longer than it takes Python to find out what is asked for.
That is mostly the same as at the last step: what is settled here once is not asked again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.arguments import Signature
from autograd.compiler.execution.calling import form_of
from autograd.compiler.execution.codes import FINE
from autograd.compiler.execution.pipeline import Pipeline

__all__ = ["Quick", "quick_way"]

Array = np.ndarray
Quick = Callable[[tuple[Any, ...], Any], tuple[float, Array] | None]


def quick_way(signature: Signature, pipeline: Pipeline) -> Quick | None:
    """What computes (mean, gradient) from arguments and parameters, or returns None if these need care.

    None where the pipeline needs more than one run, or the kernels cannot read arguments as they are: these
    must be a table, at most beside a column. Whether they are such arrays is seen by the kernel.
    """
    runner, dtype, forms = pipeline.rows, signature.dtype, signature.forms
    if runner.program is None or not pipeline.in_order:
        return None
    if sorted([dimensions for dimensions, _ in forms]) not in ([2], [1, 2]):
        return None
    wide, width = signature.wide, forms[signature.wide][1]
    column = 1 - wide if len(forms) == 2 else -1
    form = form_of(len(forms), wide, width, signature.first, column, runner.shared, dtype)
    total, rest = runner.totals, slice(1, None)
    nothing = np.empty(0, dtype)
    kernel, program, spaces = runner.kernel, runner.program, runner.spaces

    def step(arguments: tuple[Any, ...], numbers: Any) -> tuple[float, Array] | None:
        try:  # `Runner.run`, written out: the call takes 3 % of a small step
            space = spaces.pop()
        except IndexError:  # another thread has it
            return None
        totals = np.empty(total, dtype)
        held = (program, space, numbers, totals, arguments, form, nothing)
        fault = kernel(id(held), 0, 0, 0, 0.0)
        spaces.append(space)
        return (totals.item(0), totals[rest]) if fault == FINE else None

    return step
