"""Operands as the kernels read them: one by one, or those of a variadic operation all together."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from autograd import ops
from autograd.compiler.plans.grouping import Group, Groups, Index, Runs

__all__ = ["apart", "extended", "together"]


def apart(groups: Groups) -> Groups:
    """The same groups, each operand of an operation that is not variadic in a run of its own."""
    is_wide = np.zeros(len(groups), np.bool_)
    is_wide[groups.runs.group[groups.runs.width > 1]] = True
    return _replaced(groups, np.flatnonzero(is_wide & ~groups.is_variadic()).tolist(), _each)


def together(groups: Groups) -> Groups:
    """The same groups, the operands of a variadic operation that is no sum in one run.

    Where it has an index as its last operand, this is a second run. Positions that all rows share are in a
    joined run what the kernels read: −1 − place.
    """
    indexed = groups.is_one_of(ops.select, ops.cross_entropy)
    several = indexed | (np.diff(groups.bounds) > 1)
    is_sum = groups.is_one_of(ops.dot, ops.sum)
    return _replaced(groups, np.flatnonzero(groups.is_variadic() & ~is_sum & several).tolist(), _all)


def _replaced(groups: Groups, positions: list[int], terms: Callable[[Group], list[Index]]) -> Groups:
    """The same groups; those at some positions have other terms."""
    if not positions:
        return groups
    kept = np.isin(groups.runs.group, positions, invert=True)
    more = [(position, index) for position in positions for index in terms(groups[position])]
    runs, table = extended(groups.runs.chosen(kept), groups.table, more)
    order = np.argsort(runs.group, kind="stable")
    return replace(groups, runs=runs.chosen(order), table=table)


def extended(runs: Runs, table: np.ndarray, more: Sequence[tuple[int, Index]]) -> tuple[Runs, np.ndarray]:
    """Runs and their table, and after them more indices, each with the group that it is of."""
    rows, tables, used = [], [table], len(table)
    for group, index in more:
        rows.append([group, 2, *index[:5], -1 if index.table is None else used])
        if index.table is not None:
            tables.append(index.table.ravel())
            used += index.table.size
    added = np.array(rows, np.int64).reshape(-1, len(Runs._fields)).T
    return Runs(*np.concatenate([np.stack(runs), added], axis=1)), np.concatenate(tables)


def _each(group: Group) -> list[Index]:
    return [term.part(k, k + 1) for term in group.terms for k in range(term.width)]


def _all(group: Group) -> list[Index]:
    if group.op is not ops.select and group.op is not ops.cross_entropy:
        return [_joined(group.terms, group.count)]
    *terms, last = group.terms
    terms += [last.part(0, last.width - 1)] if last.width > 1 else []
    return [_joined(terms, group.count), last.part(last.width - 1, last.width)]


def _joined(runs: list[Index], count: int) -> Index:
    if len(runs) == 1:
        return runs[0]
    positions = [-1 - run.matrix(count) if run.shared else run.matrix(count) for run in runs]
    table = np.concatenate(positions, axis=1)
    return Index(False, table.shape[1], 0, 0, 0, table)
