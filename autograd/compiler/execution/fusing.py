"""Fusing: a product, and what is done to its result as soon as that is there, as one instruction.

The result of a tile is then used while it is in registers. Without that, a layer and its relu took a tenth more time,
and the gradient of one a quarter.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from autograd import ops
from autograd.compiler.plans.grouping import Group, Index, Plan

__all__ = ["Ending", "fused", "is_matrix", "shared_first"]


class Ending(NamedTuple):
    """What a product does at its end: also put the relu of its result into the slots from `slot` on; or else
    multiply the result by those slots, or if `gated` by relu' of them."""

    slot: int
    also_relu: bool = False
    gated: bool = False


def fused(plan: Plan) -> Iterator[tuple[Group, Ending | None]]:
    """The groups of `plan` in an order that computes the same, products with an ending in the place of two or three."""
    fusion = _Fusion(plan)
    for group in plan.groups:
        if group.first not in fusion.gone:
            yield fusion.endings.get(group.first, (group, None))


class _Fusion:
    """endings: the products that stand in the place of a group, by its first slot; gone: the groups left out."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.endings: dict[int, tuple[Group, Ending | None]] = {}
        self.gone: set[int] = set()
        self.by_first = {group.first: group for group in plan.groups}
        self.uses: dict[int, int] | None = None
        for group in plan.groups:
            if group.op is ops.mul:
                self._multiply(group)
            elif group.op is ops.relu:
                self._rectify(group)

    def _rectify(self, relu: Group) -> None:
        product = self._whole(relu.terms[0], relu.count)
        if product is not None and _is_product(product) and product.first not in self.endings.keys() | self.gone:
            self.endings[product.first] = product, Ending(relu.first, also_relu=True)
            self.gone.add(relu.first)

    def _multiply(self, mul: Group) -> None:
        columns = [term.part(k, k + 1) for term in mul.terms for k in range(term.width)]
        for column, other in (columns, columns[::-1]):
            product, factor = self._whole(column, mul.count), self._whole(other, mul.count)
            if product is None or not _is_product(product) or not self._used_once(product):
                continue
            if other.shared or other.table is not None or (other.stride_i != 1 < mul.count):
                continue
            ending = Ending(other.base)
            if factor is not None and factor.op is ops.step and self._used_once(factor):
                gate = factor.terms[0]
                if not gate.shared and gate.table is None and (gate.stride_i == 1 or mul.count == 1):
                    ending = Ending(gate.base, gated=True)
                    self.gone.add(factor.first)
            self.gone.add(product.first)
            self.endings[mul.first] = Group(product.op, mul.first, mul.count, product.terms, product.pairs), ending
            return

    def _whole(self, index: Index, count: int) -> Group | None:
        """The group whose members one by one are at `index`, if they are those of one."""
        if index.shared or index.table is not None or (index.stride_i != 1 < count):
            return None
        group = self.by_first.get(index.base)
        return group if group is not None and group.count == count else None

    def _used_once(self, group: Group) -> bool:
        if self.uses is None:
            self.uses = _uses(self.plan)
        return self.uses.get(group.first, 0) == 1


def _uses(plan: Plan) -> dict[int, int]:
    """How many operands, sums and outputs refer to members of each group, by its first slot."""
    firsts = np.array([group.first for group in plan.groups], np.int64)
    indices = [(group.count, index) for group in plan.groups for index in _operands(group)]
    indices += [(sink.count, index) for sink in plan.sinks for index in (sink.a, sink.b) if index is not None]
    uses = dict.fromkeys(firsts.tolist(), 0)
    for count, index in indices:
        if not index.shared:
            _count(uses, firsts, index.matrix(count), index.width)
    _count(uses, firsts, np.array([place for shared, place in plan.outputs if not shared], np.int64), 1)
    return uses


def _count(uses: dict[int, int], firsts: np.ndarray, slots: np.ndarray, width: int) -> None:
    """Count a use, or one for each operand, in all groups to which some of `slots` belong."""
    for place in np.unique(np.searchsorted(firsts, slots.ravel(), side="right")).tolist():
        if place:
            uses[int(firsts[place - 1])] += width


def _operands(group: Group) -> list[Index]:
    return [*group.terms, *[index for pair in group.pairs for index in pair]]


def _is_product(group: Group) -> bool:
    """Whether a group becomes MATRIX instructions and nothing behind them."""
    if group.op is ops.mul:
        return is_matrix(*shared_first(group.terms))
    if group.op is not ops.dot or not all(is_matrix(a, b) for a, b in group.pairs):
        return False
    return len(group.terms) <= 1 and all(
        term.width == 1 and term.shared and term.table is None for term in group.terms
    )


def shared_first(terms: list[Index]) -> tuple[Index, Index]:
    """The two factors of a product; what is shared comes first."""
    a, b = [term.part(k, k + 1) for term in terms for k in range(term.width)]
    return (b, a) if b.shared else (a, b)


def is_matrix(a: Index, b: Index) -> bool:
    """Whether the products of two factors are those of a matrix of shared numbers with the same slots for each result."""
    affine = a.table is None and b.table is None
    return affine and a.shared and not b.shared and b.stride_i == 0
