"""Fusing: a product, and what is done to its result as soon as that is there, as one instruction.

The result of a tile is then used while it is in registers, and what nothing else needs is in no slot.
"""

from dataclasses import replace

import numpy as np

from autograd import ops
from autograd.compiler.execution.codes import ALONE, BESIDE, GATED, RECTIFIED, TIMES
from autograd.compiler.plans.grouping import Groups, Plan, Runs, ranges

__all__ = ["fused", "in_a_row", "is_matrix", "multiplied"]

Array = np.ndarray


def fused(plan: Plan, groups: Groups) -> tuple[Groups, Array]:
    """Groups that compute the same as `groups`, a product with an ending standing for two or three of them.

    groups: those of `plan`, each operand of an operation that is not variadic in a run of its own. Returned
    are also the endings, shape (2, groups): what a product does at its end, as `codes` has it,
    and the slot from which on it does that.
    """
    runs, products = groups.runs, _products(groups)
    at = np.full(plan.slots, -1)
    at[groups.first[products]] = products
    below = np.where(in_a_row(groups), at[np.where(runs.shared, 0, runs.base)], -1)
    below[groups.count[below] != groups.count[runs.group]] = -1
    results = runs.group[(below >= 0) & groups.is_one_of(ops.relu, ops.mul)[runs.group]]
    if len(results) == 0:
        return groups, np.full((2, len(groups)), ALONE)
    return _Fusion(groups, below, _uses(plan, groups, products)).of(np.unique(results))


class _Fusion:
    """below: of each run the product whose results one by one, all of them, it refers to, or −1. uses: how
    often each group is used. endings: those found. place: which group each stands in the place of."""

    def __init__(self, groups: Groups, below: Array, uses: Array) -> None:
        self.groups, self.below, self.uses = groups, below, uses
        self.row = in_a_row(groups)
        self.base = groups.runs.base.copy()
        self.endings = np.full((2, len(groups)), ALONE)
        self.place = np.arange(len(groups))
        self.left_out: set[int] = set()
        steps = np.flatnonzero(groups.is_one_of(ops.step)).tolist()
        self.steps = dict(zip(groups.first[steps].tolist(), steps))
        self.steps_of: dict[int, list[int]] = {}  # by the first slot that they are taken of
        for step in steps:
            self.steps_of.setdefault(self.base.item(groups.bounds[step]), []).append(step)

    def of(self, results: Array) -> tuple[Groups, Array]:
        """The groups after some, which use products, are fused with them where they can be."""
        is_relu = self.groups.is_one_of(ops.relu)[results]
        for relu in results[is_relu].tolist():
            self._rectify(relu)
        for mul in results[~is_relu].tolist():
            self._multiply(mul)
        kept = np.delete(np.arange(len(self.groups)), list(self.left_out))
        order = kept[np.argsort(self.place[kept])]
        first = self.groups.first[self.place]
        return _chosen(replace(self.groups, first=first), self.base, order), self.endings[:, order]

    def _rectify(self, relu: int) -> None:
        """relu of a product; relu' of what it is taken of is relu' of it."""
        run = self.groups.bounds[relu]
        product = self.below[run]
        if self.endings[0, product] != ALONE:
            return
        slot = self.groups.first[relu]
        steps = [step for step in self.steps_of.get(self.base.item(run), []) if self._is_behind(step, relu)]
        if self.uses[product] > 1 + len(steps):
            self.endings[:, product] = BESIDE, slot
            self.left_out.add(relu)
            return
        self.base[self.groups.bounds[steps]] = slot
        self._put(product, relu, RECTIFIED)

    def _multiply(self, mul: int) -> None:
        """A product whose result is used for one multiplication alone."""
        first = self.groups.bounds[mul]
        for run, other in ((first, first + 1), (first + 1, first)):
            product = self.below[run]
            fits = product >= 0 and self.endings[0, product] == ALONE and self.uses[product] == 1
            if not fits or not self.row[other]:
                continue
            step = self.steps.get(self.base.item(other), -1)
            gate = self.groups.bounds[step]
            if (
                step >= 0
                and self.groups.count[step] == self.groups.count[mul]
                and self.uses[step] == 1
                and self.row[gate]
            ):
                self.left_out.add(step)
                self._put(product, mul, GATED, self.base[gate])
            else:
                self._put(product, mul, TIMES, self.base[other])
            return

    def _is_behind(self, step: int, relu: int) -> bool:
        """Whether relu', taken from the same slot on as relu was, is of the same slots, and comes later."""
        same = self.groups.count[step] == self.groups.count[relu] and self.row[self.groups.bounds[step]]
        return bool(same and step > relu)

    def _put(self, product: int, result: int, ending: int, slot: int = 0) -> None:
        """Let the product with its ending stand in the place of its result."""
        self.endings[:, product] = ending, slot
        self.place[product] = result
        self.left_out.add(result)


def in_a_row(groups: Groups) -> Array:
    """For each run whether the operands of all members are in slots one after the other."""
    runs = groups.runs
    affine = (runs.shared == 0) & (runs.start < 0)
    in_row: Array = affine & ((runs.stride_i == 1) | (groups.count[runs.group] == 1))
    return in_row


def is_matrix(runs: Runs, a: Array, b: Array) -> Array:
    """Whether products of runs a and b are those of a matrix of shared numbers with the same slots for each
    result."""
    affine = (runs.start[a] < 0) & (runs.start[b] < 0)
    of_matrix: Array = affine & (runs.shared[a] == 1) & (runs.shared[b] == 0) & (runs.stride_i[b] == 0)
    return of_matrix


def multiplied(groups: Groups) -> tuple[Array, Array, Array]:
    """The multiplications that are products of a matrix, and the runs of their factors, shared ones first."""
    positions = np.flatnonzero(groups.is_one_of(ops.mul))
    first = groups.bounds[positions]
    turned = groups.runs.shared[first + 1]
    a, b = first + turned, first + 1 - turned
    of_matrix = is_matrix(groups.runs, a, b)
    return positions[of_matrix], a[of_matrix], b[of_matrix]


def _products(groups: Groups) -> Array:
    """The groups that become one MATRIX instruction."""
    runs, bounds = groups.runs, groups.bounds
    dots = np.flatnonzero(groups.is_one_of(ops.dot))
    count = np.diff(bounds)
    is_bias = (runs.part == 2) & (runs.shared == 1) & (runs.start < 0) & (runs.width == 1)
    has_bias = np.bincount(runs.group, is_bias, len(groups))
    terms = np.bincount(runs.group, runs.part == 2, len(groups))
    fits = (count - terms == 2) & (terms <= 1) & (has_bias == terms)
    dots = dots[fits[dots]]
    first = bounds[dots]
    return np.concatenate([multiplied(groups)[0], dots[is_matrix(runs, first, first + 1)]])


def _chosen(groups: Groups, base: Array, order: Array) -> Groups:
    """Some of the groups, in another order; base: that of each of their runs."""
    lengths = np.diff(groups.bounds)[order]
    chosen = ranges(groups.bounds[order], lengths)
    runs = groups.runs._replace(base=base).chosen(chosen)
    return replace(
        groups,
        op=groups.op[order],
        first=groups.first[order],
        count=groups.count[order],
        runs=runs._replace(group=np.repeat(np.arange(len(order)), lengths)),
    )


def _uses(plan: Plan, groups: Groups, products: Array) -> Array:
    """How many operands, sums and outputs refer to members of each product and relu'; 0 for other groups."""
    asked = np.concatenate([products, np.flatnonzero(groups.is_one_of(ops.step))])
    owner = np.full(plan.slots, -1)
    owner[ranges(groups.first[asked], groups.count[asked])] = np.repeat(asked, groups.count[asked])
    sinks = [(sink.count, index) for sink in plan.sinks for index in (sink.a, sink.b) if index is not None]
    used = [(index.matrix(count).ravel(), index.width) for count, index in sinks if not index.shared]
    used.append((np.array([place for shared, place in plan.outputs if not shared], np.int64), 1))
    slots, lengths, widths = _slots(groups)
    user = np.repeat(
        np.arange(len(lengths) + len(used)), np.concatenate([lengths, [len(s) for s, _ in used]])
    )
    place = owner[np.concatenate([slots, *[s for s, _ in used]])]
    once = np.unique(user[place >= 0] * len(groups) + place[place >= 0])
    widths = np.concatenate([widths, [width for _, width in used]])
    return np.bincount(once % len(groups), widths[once // len(groups)], len(groups))


def _slots(groups: Groups) -> tuple[Array, Array, Array]:
    """The slots that the runs refer to, one run after the other; how many those are, and the runs' widths."""
    runs = groups.runs.chosen(groups.runs.shared == 0)
    lengths = groups.count[runs.group] * runs.width
    run = np.repeat(np.arange(len(lengths)), lengths)
    i, k = np.divmod(ranges(np.zeros_like(lengths), lengths), runs.width[run])
    slots = runs.base[run] + i * runs.stride_i[run] + k * runs.stride_k[run]
    in_table = runs.start >= 0
    slots[in_table[run]] = groups.table[ranges(runs.start[in_table], lengths[in_table])]
    return slots, lengths, runs.width
