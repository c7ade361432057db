"""Fusing: a product, and what is done to its result as soon as that is there, as one instruction.

The result of a tile is then used while it is in registers, and what nothing else needs is in no slot.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from autograd import ops
from autograd.compiler.plans.grouping import Group, Index, Plan

__all__ = ["Ending", "columns_of", "fused", "in_a_row", "is_matrix", "shared_first"]


class Ending(NamedTuple):
    """What a product does at its end: take the relu of its result, or put that into other slots beside it;
    multiply it by other slots, or by relu' of them. The other slots are those from `slot` on."""

    what: Literal["relu", "relu beside", "times", "times relu'"]
    slot: int = 0


def fused(plan: Plan) -> Iterator[tuple[Group, Ending | None]]:
    """Groups that compute the same as those of `plan`: a product with an ending stands for two or three."""
    fusion = _Fusion(plan)
    for group in fusion.groups.values():
        yield group, fusion.endings.get(group.first)


class _Fusion:
    """groups: those left, by their first slots, in order; endings: of some of them."""

    def __init__(self, plan: Plan) -> None:
        self.groups = {group.first: group for group in plan.groups}
        self.endings: dict[int, Ending] = {}
        candidates = [group for group in plan.groups if group.op is ops.relu or group.op is ops.mul]
        self.uses = _uses(plan) if any(map(self._product_below, candidates)) else {}
        self.steps: dict[int, list[Group]] = {}  # those of ops.step, by the first slot that they are taken of
        for group in plan.groups:
            if group.op is ops.step:
                self.steps.setdefault(columns_of(group)[0].base, []).append(group)
        for group in candidates:
            if group.op is ops.relu:
                self._rectify(group)
        for group in candidates:
            if group.op is ops.mul:
                self._multiply(group)

    def _product_below(self, group: Group) -> bool:
        return any(self._product(column, group.count) is not None for column in columns_of(group))

    def _rectify(self, relu: Group) -> None:
        """relu of a product; relu' of what it is taken of is relu' of it."""
        (below,) = columns_of(relu)
        product = self._product(below, relu.count)
        if product is None:
            return
        steps = [group for group in self.steps.get(below.base, []) if _is_behind(group, relu)]
        if self.uses[product.first] > 1 + len(steps):
            self.endings[product.first] = Ending("relu beside", relu.first)
            del self.groups[relu.first]
            return
        for step in steps:
            self.groups[step.first] = replace(step, terms=[below._replace(base=relu.first)])
        self._put(product, relu, Ending("relu"))

    def _multiply(self, mul: Group) -> None:
        """A product whose result is used for one multiplication alone."""
        columns = columns_of(mul)
        for below, other in (columns, columns[::-1]):
            product = self._product(below, mul.count)
            if product is None or self.uses[product.first] > 1 or not in_a_row(other, mul.count):
                continue
            ending = Ending("times", other.base)
            step = self.groups.get(other.base)
            if (
                step is not None
                and step.op is ops.step
                and step.count == mul.count
                and self.uses[step.first] == 1
            ):
                (gate,) = columns_of(step)
                if in_a_row(gate, mul.count):
                    ending = Ending("times relu'", gate.base)
                    del self.groups[step.first]
            self._put(product, mul, ending)
            return

    def _product(self, index: Index, count: int) -> Group | None:
        """The product whose results one by one, all of them, are at `index`; one that has no ending yet."""
        group = self.groups.get(index.base) if in_a_row(index, count) else None
        fits = group is not None and group.count == count and group.first not in self.endings
        return group if fits and _is_product(group) else None  # type: ignore[arg-type]

    def _put(self, product: Group, result: Group, ending: Ending) -> None:
        """Let the product with its ending stand in the place of its result."""
        del self.groups[product.first]
        self.groups[result.first] = replace(product, first=result.first)
        self.endings[result.first] = ending


def columns_of(group: Group) -> list[Index]:
    """The operands of a group's members, one index each."""
    return [
        term if term.width == 1 else term.part(k, k + 1) for term in group.terms for k in range(term.width)
    ]


def _is_behind(step: Group, relu: Group) -> bool:
    """Whether relu', taken from the same slot on as relu was, is of the same slots, and computed later."""
    (below,) = columns_of(step)
    return step.count == relu.count and step.first > relu.first and in_a_row(below, step.count)


def in_a_row(index: Index, count: int) -> bool:
    """Whether the operands of all members are in slots one after the other."""
    return not index.shared and index.table is None and (index.stride_i == 1 or count == 1)


def _uses(plan: Plan) -> dict[int, int]:
    """How many operands, sums and outputs refer to members of each product and relu', by its first slot."""
    runs = [(group.count, term) for group in plan.groups for term in group.terms]
    runs += [(group.count, index) for group in plan.groups for pair in group.pairs for index in pair]
    runs += [(sink.count, index) for sink in plan.sinks for index in (sink.a, sink.b) if index is not None]
    used = [(index.matrix(count).ravel(), index.width) for count, index in runs if not index.shared]
    used.append((np.array([place for shared, place in plan.outputs if not shared], np.int64), 1))
    run = np.repeat(np.arange(len(used)), [len(slots) for slots, _ in used])
    firsts = np.array([0, *[group.first for group in plan.groups]], np.int64)  # those from 0 on are inputs
    asked = np.array([False, *[group.op is ops.step or _is_product(group) for group in plan.groups]])
    place = np.searchsorted(firsts, np.concatenate([slots for slots, _ in used]), side="right") - 1
    run, place = run[asked[place]], place[asked[place]]
    once = np.unique(run * len(firsts) + place)
    widths = np.array([width for _, width in used])[once // len(firsts)]
    counts = np.bincount(once % len(firsts), widths, len(firsts))
    return dict(zip(firsts[1:].tolist(), counts[1:].astype(int).tolist()))


def _is_product(group: Group) -> bool:
    """Whether a group becomes one MATRIX instruction."""
    if group.op is ops.mul:
        return is_matrix(*shared_first(group))
    if group.op is not ops.dot or len(group.pairs) != 1 or not is_matrix(*group.pairs[0]):
        return False
    return len(group.terms) <= 1 and all(
        term.width == 1 and term.shared and term.table is None for term in group.terms
    )


def shared_first(mul: Group) -> tuple[Index, Index]:
    """The two factors of a product; what is shared comes first."""
    a, b = columns_of(mul)
    return (b, a) if b.shared else (a, b)


def is_matrix(a: Index, b: Index) -> bool:
    """Whether products are those of a matrix of shared numbers with slots, the same for each result."""
    affine = a.table is None and b.table is None
    return affine and a.shared and not b.shared and b.stride_i == 0
