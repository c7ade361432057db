"""Encoding: plans as arrays of integers, which is what the kernels read."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from autograd.compiler.collector import collector_waiting
from autograd.compiler.execution.codes import ABSENT, CUSTOM, FIELDS, HEAD, INDEX, SINK, SINK_MATRIX, SINK_ONE
from autograd.compiler.execution.custom import address_of
from autograd.compiler.execution.fusing import fused
from autograd.compiler.execution.listing import NONE, listed
from autograd.compiler.execution.operands import apart, extended, together
from autograd.compiler.execution.vectors import BYTES
from autograd.compiler.plans.grouping import Groups, Index, Plan, Runs, Sink, ranges

__all__ = ["encoded"]

Array = np.ndarray


class _Sum(NamedTuple):
    """A sink as an instruction; indices: what is added up, one or two, and where to."""

    kind: int
    members: int
    indices: tuple[Index, ...]


@collector_waiting()
def encoded(plan: Plan, dtype: str, block: int) -> Array:
    """`plan` as a program for the kernels of this process, with blocks of at most `block` lanes.

    Raises KeyError for an operation that the kernels do not have.
    """
    groups, endings = fused(plan, apart(plan.groups))
    groups = together(groups)
    sums = [_sum(sink, plan, BYTES // np.dtype(dtype).itemsize) for sink in plan.sinks]
    listing = np.concatenate([listed(groups), _listed(sums, groups)], axis=1)
    addresses = _addresses(groups, listing, dtype)
    groups = _with_sums(groups, sums)
    outputs = np.array([-1 - place if shared else place for shared, place in plan.outputs], np.int64)
    group, kind, code = listing[:3]
    lines = np.empty((len(group), FIELDS), np.int64)
    fields = _fields(groups.runs, len(outputs))[listing[3:].T]
    # How a product ends stands where other instructions have no fourth index.
    fields[:, 3, :2] += np.pad(endings, [(0, 0), (0, len(sums))]).T[group]
    lines[:, HEAD:] = fields.reshape(len(lines), 4 * INDEX)
    widths = fields[:, 0, 3]
    lines[:, :HEAD] = np.stack([kind, code, groups.first[group], groups.count[group], widths], axis=1)
    # For a user's own operation the width says where its address is.
    lines[code == CUSTOM, 4] = len(outputs) + len(groups.table) + np.arange(len(addresses))
    totals = 0 if plan.outputs else plan.totals
    head = [len(lines), plan.slots, plan.inputs, len(outputs), totals, len(plan.constants), block]
    return np.concatenate([np.array(head, np.int64), lines.ravel(), outputs, _positions(groups), addresses])


def _listed(sums: list[_Sum], groups: Groups) -> Array:
    """The instructions of sums, which stand for groups behind `groups`, as `listed` has them."""
    rows = []
    run = len(groups.runs.group)
    for number, (kind, _, indices) in enumerate(sums):
        target = run + len(indices) - 1
        rows.append([len(groups) + number, kind, 0, run, NONE if kind == SINK_ONE else run + 1, NONE, target])
        run = target + 1
    return np.array(rows, np.int64).reshape(-1, 7).T


def _with_sums(groups: Groups, sums: list[_Sum]) -> Groups:
    """Groups, and behind them the sums, which have indices and counts as these have."""
    indices = [(len(groups) + number, index) for number, each in enumerate(sums) for index in each.indices]
    runs, table = extended(groups.runs, groups.table, indices)
    return replace(
        groups,
        first=np.concatenate([groups.first, np.zeros(len(sums), np.int64)]),
        count=np.concatenate([groups.count, np.array([each.members for each in sums], np.int64)]),
        runs=runs,
        table=table,
    )


def _fields(runs: Runs, tables: int) -> Array:
    """The fields of each run's index, and in the last row those of none. tables: where their tables start."""
    affine, shared = runs.start < 0, runs.shared == 1
    sign = np.where(affine, np.where(shared, -1, 1), 0)
    rows = [sign * runs.base - (affine & shared), sign * runs.stride_i, sign * runs.stride_k]
    fields = np.stack([*rows, runs.width, np.where(affine, -1, tables + runs.start)], axis=1)
    return np.concatenate([fields, [ABSENT]])


def _positions(groups: Groups) -> Array:
    """The table of the runs, where they are shared as the kernels read it."""
    runs = groups.runs.chosen((groups.runs.start >= 0) & (groups.runs.shared == 1))
    turned = ranges(runs.start, groups.count[runs.group] * runs.width)
    positions = groups.table.copy()
    positions[turned] = -1 - positions[turned]
    return positions


def _addresses(groups: Groups, listing: Array, dtype: str) -> Array:
    """Where the machine code of the user's own operations is, for each instruction that has one."""
    operands = np.diff(groups.bounds)
    positions = listing[0, listing[2] == CUSTOM].tolist()
    asked = [(groups.ops[groups.op[position]], operands.item(position)) for position in positions]
    found = {(op, count): address_of(op, count, dtype) for op, count in set(asked)}
    for (op, _), address in found.items():
        if not address:
            raise KeyError(op)
    return np.array([found[one] for one in asked], np.int64)


def _sum(sink: Sink, plan: Plan, vector: int) -> _Sum:
    """A sink for vectors of so many lanes; the slot behind those of the plan holds 1 in all lanes.

    Inputs whose totals lie side by side come first, as sums over a table need it; else what takes fewer
    squares of vectors.
    """
    a, b, target = sink.a, sink.b or Index(False, 1, plan.slots, 0, 0), sink.target
    if not _is_outer(a, b, target):
        return _Sum(SINK, sink.count, (a, b, target)) if sink.b else _Sum(SINK_ONE, sink.count, (a, target))
    kept, turned = [
        (
            not (base < plan.inputs and count >= vector and stride == beside == 1),
            math.ceil(count / vector) * width,
            beside != 1,
        )
        for base, stride, beside, count, width in (
            (a.base, a.stride_i, target.stride_i, sink.count, a.width),
            (b.base, b.stride_k, target.stride_k, a.width, sink.count),
        )
    ]
    if kept <= turned:
        return _Sum(SINK_MATRIX, sink.count, (a, b, target))
    return _Sum(SINK_MATRIX, a.width, tuple([_turned(index, sink.count) for index in (b, a, target)]))


def _is_outer(a: Index, b: Index, target: Index) -> bool:
    affine = a.table is None and b.table is None and target.table is None
    return affine and not a.shared and not b.shared and a.stride_k == 0 and b.stride_i == 0


def _turned(index: Index, count: int) -> Index:
    """The affine index of a matrix whose rows are columns."""
    return Index(index.shared, count, index.base, index.stride_k, index.stride_i)
