"""The reference: a plan carried out group by group with numpy, to read, and to hold the kernels against."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from autograd import ops
from autograd.compiler.errors import RowError
from autograd.compiler.plans.grouping import Group, Index, Plan, Sink
from autograd.operation import Op

__all__ = ["Words", "applied", "results_of", "slots_of"]

Words = Mapping[Op, Callable[..., Any]]


def slots_of(plan: Plan, columns: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """All numbers of each row, shape (slots, rows).

    columns: the inputs, shape (inputs, rows). shared: the constants and the shared numbers.
    """
    slots = np.empty((plan.slots, columns.shape[1]), columns.dtype)
    slots[: plan.inputs] = columns[: plan.inputs]
    with np.errstate(all="ignore"):
        for group in plan.groups:
            slots[group.first : group.first + group.count] = _results(group, slots, shared)
    return slots


def results_of(
    plan: Plan, slots: np.ndarray, shared: np.ndarray, per_row: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The outputs, shape (outputs, rows), and the totals of the sinks, shape (1, totals) or (rows, totals).

    per_row: whether what the sinks add up over rows is wanted for each row instead.
    """
    rows = slots.shape[1]
    with np.errstate(all="ignore"):
        totals = np.zeros((rows if per_row else 1, plan.totals), slots.dtype)
        for sink in plan.sinks:
            entries = _entries(sink, slots, shared)
            summed = entries if per_row else entries.sum(axis=2, keepdims=True)
            np.add.at(totals.T, sink.target.matrix(sink.count), summed)
    outputs = [
        shared[place] + np.zeros(rows) if is_shared else slots[place] for is_shared, place in plan.outputs
    ]
    return np.array(outputs, slots.dtype).reshape(-1, rows), totals


def _numbers(index: Index, count: int, slots: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """What `index` refers to: shape (count, width, rows), or (count, width, 1) for shared numbers."""
    positions = index.matrix(count)
    numbers: np.ndarray = shared[positions][:, :, None] if index.shared else slots[positions]
    return numbers


def _results(group: Group, slots: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """The results of a group, shape (count, rows)."""
    terms = [_numbers(index, group.count, slots, shared) for index in group.terms]
    if group.op is ops.dot or group.op is ops.sum:
        total = np.zeros((group.count, slots.shape[1]), slots.dtype)
        for term in terms:
            total += term.sum(axis=1)
        for a, b in group.pairs:
            total += (_numbers(a, group.count, slots, shared) * _numbers(b, group.count, slots, shared)).sum(
                axis=1
            )
        return total
    return applied(group.op, [term[:, k] for term in terms for k in range(term.shape[1])])


def applied(op: Op, operands: Sequence[np.ndarray], own: Words = MappingProxyType({})) -> np.ndarray:
    """The results of an operation but dot and sum, shape (count, rows): by its word, or one by one.

    own: words for some of the user's own operations.
    """
    if op is ops.select or op is ops.cross_entropy:
        _check_index(operands[-1], len(operands) - 1)
    shape = np.broadcast_shapes(*[operand.shape for operand in operands])
    word = WORDS.get(op) or own.get(op) or _one_by_one(op)
    results: np.ndarray = word(*[np.broadcast_to(operand, shape) for operand in operands])
    return results


def _entries(sink: Sink, slots: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """What a sink adds up, shape (count, width, rows)."""
    rows = np.zeros(slots.shape[1], slots.dtype)
    a = _numbers(sink.a, sink.count, slots, shared)
    product = a if sink.b is None else a * _numbers(sink.b, sink.count, slots, shared)
    result: np.ndarray = product + rows
    return result


def _check_index(index: np.ndarray, count: int) -> None:
    """Raise IndexError, naming the first row in which `index` is not a whole number below `count`."""
    wrong = ~((index >= 0.0) & (index < count) & (index == np.floor(index))).all(axis=0)
    if wrong.any():
        raise RowError(int(np.argmax(wrong)))


def _one_by_one(op: Op) -> Callable[..., np.ndarray]:
    """A function of arrays that computes `op` as its row does, one number at a time."""

    def word(*operands: np.ndarray) -> np.ndarray:
        # np.vectorize takes 64 operands at most.
        rows = zip(*[operand.ravel().tolist() for operand in operands])
        return np.array([op.value(xs) for xs in rows]).reshape(operands[0].shape)

    return word


# Those that numpy rounds as Python does: with other last bits of a tanh near 1, 1 − z² would be far off.
WORDS: Final[Words] = {
    ops.neg: np.negative,
    ops.add: np.add,
    ops.sub: np.subtract,
    ops.mul: np.multiply,
    ops.div: np.divide,
    ops.step: lambda x: np.where(x <= 0.0, 0.0, 1.0),
    ops.sign: np.sign,
    ops.equal: lambda x, y: np.where(x == y, 1.0, 0.0),
    ops.share: lambda x, y: np.where(x < y, 0.0, np.where(x == y, 0.5, 1.0)),
    ops.where: lambda c, x, y: np.where(c != 0.0, x, y),
    ops.sqrt: np.sqrt,
    ops.xdivy: lambda x, y: np.where((x == 0.0) & (y == y), 0.0, x / y),
    ops.abs: np.abs,
    ops.relu: lambda x: np.where(x <= 0.0, 0.0, x),
    ops.maximum: lambda x, y: np.where((x >= y) | (x != x), x, y),
    ops.minimum: lambda x, y: np.where((x <= y) | (x != x), x, y),
}
