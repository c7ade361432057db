"""Step by step: what a function computes, node by node on a few rows at a time, exactly as Values do it.

For rows on which the kernels could be wrong: sums of numbers near the largest one are ∞ in one order and
finite in another. What numpy does not round as Python does is computed one number at a time: by the row of
the table, or as the kernels compute a user's own operation.
"""

import numpy as np

from autograd import ops
from autograd.compiler.execution.custom import compiled_forward
from autograd.compiler.execution.executor import Words, applied
from autograd.compiler.plans.written import Written
from autograd.operation import Op

__all__ = ["own_words", "step_by_step"]

Array = np.ndarray


def step_by_step(written: Written, columns: Array, parameters: Array, own: Words) -> Array:
    """The outputs, shape (outputs, rows).

    columns: the inputs, shape (inputs, rows). own: the user's own operations that the kernels have compiled.
    Raises RowError for an index that is out of range.
    """
    tape = written.tape
    numbers = [np.array([[number]]) for number in tape.data]
    for i, node in enumerate(written.inputs):
        numbers[node] = columns[i : i + 1]
    for i, node in enumerate(written.parameters):
        numbers[node] = parameters[None, i : i + 1]
    with np.errstate(all="ignore"):
        for node, (op, operands) in enumerate(zip(tape.operations, tape.operands)):
            if op is not None and operands:
                numbers[node] = _result(op, [numbers[x] for x in operands], own)
    rows = columns.shape[1]
    return np.array([np.broadcast_to(numbers[node][0], rows) for node in written.outputs]).reshape(-1, rows)


def _result(op: Op, xs: list[Array], own: Words) -> Array:
    """One node, shape (1, rows), or (1, 1) where it is the same for all rows; sums in the order of Values."""
    if op is ops.sum:
        return sum(xs, np.zeros((1, 1)))
    if op is ops.dot:
        n = len(xs) // 2
        return sum(map(np.multiply, xs[:n], xs[n:]), xs[-1])
    return applied(op, xs, own)


def own_words(written: Written) -> Words:
    """The user's own operations that the kernels have compiled, as functions of arrays."""
    tape = written.tape
    own = {op for op in set(tape.operations) if op is not None and op.__module__ != ops.__name__}
    arity = {op: len(xs) for op, xs in zip(tape.operations, tape.operands) if op in own} if own else {}
    compiled = {op: compiled_forward(op, count) for op, count in arity.items() if op is not None}
    return {op: np.vectorize(forward, otypes=[float]) for op, forward in compiled.items() if forward}
