"""Layout: the places of nodes, group after group, and the indices by which instructions find operands."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from autograd import ops
from autograd.compiler.machine import Array, cached, compiled, compiled_inside, prepare
from autograd.compiler.plans.grouping import Group, Index
from autograd.compiler.plans.likeness import SHARED, Likeness
from autograd.operation import Op

__all__ = ["Layout", "prepare_layout"]

FEW: Final = 4  # rows of a matrix
# How the operands of an instruction are cut into runs, each with an index of its own: where groups change;
# if members use different groups, where shared operands begin or end; or each is one. Those of an operation
# that is not variadic are read one by one, and where members use different groups they are seldom affine.
# Both factors of products are cut at the same places.
BY_GROUP, BY_SHARED, APART = range(3)
RUN: Final = 8  # numbers that say what a run is


class Layout:
    """The places of the nodes of `likeness`: inputs first, then group after group. What rows share has its
    place among the constants and behind them, when it is first used, so that matrices lie row by row.

    slot: of each node its place, −1 if it has none yet. slots: how many places rows have. groups: the
    instructions.
    """

    def __init__(
        self,
        operations: list[Op | None],
        likeness: Likeness,
        inputs: Sequence[Sequence[int]],
        constants: list[int],
    ) -> None:
        self.ops = [*operations, ops.sum]  # the last, at −1, is what −1 stands for in `Simple`
        self.likeness = likeness
        self.slot = np.full(len(likeness.number), -1)
        self.slot[constants] = np.arange(len(constants))
        given = [node for argument in inputs for node in argument]
        self.slot[given] = np.arange(len(given))
        self.next = np.array([len(given), len(constants)])  # places for rows, and among what they share
        # What each group counts as where operands are told apart, all mixed ones as one; the last is SHARED.
        groups = np.arange(len(likeness.mixed))
        self.regions = np.array(
            [*range(len(inputs)), *np.where(likeness.mixed, len(groups), groups) + len(inputs), SHARED]
        )
        self.groups = list(self._all_groups())

    @property
    def slots(self) -> int:
        """How many numbers rows have."""
        return int(self.next[0])

    def places(self, shared: Sequence[int] | np.ndarray) -> np.ndarray:
        """The places of shared nodes; those that have none yet get the next ones, in order."""
        nodes = np.asarray(shared, np.int64)
        new = list(dict.fromkeys(nodes[self.slot[nodes] < 0].tolist()))
        self.slot[new] = self.next[1] + np.arange(len(new))
        self.next[1] += len(new)
        return self.slot[nodes]

    def _all_groups(self) -> Iterator[Group]:
        """Each group as an instruction, or as several; those of one member, or mixed ones, all at once."""
        starts, mixed, nodes, what, bounds, rows = self.likeness[1:]
        counts = np.diff(starts)
        first = what[starts[:-1]]
        products = np.maximum(0, -1 - first)
        widths = np.diff(bounds)[starts[:-1]]
        variadic = np.array([op is not None and op.variadic for op in self.ops])[np.maximum(first, -1)]
        cuts = np.where(mixed, np.where(variadic, BY_SHARED, APART), BY_GROUP)
        heads = np.stack([first, counts, products, widths, cuts], axis=1)
        done = 0
        for group in [*np.flatnonzero(~mixed & (counts > 1)).tolist(), len(counts)]:
            a, b = starts[done], starts[group]
            yield from self._instructions(heads[done:group], nodes[a:b], rows[bounds[a] : bounds[b]])
            if group == len(counts):
                return
            a, b = b, starts[group + 1]
            members = rows[bounds[a] : bounds[b]].reshape(b - a, widths[group])
            for order in self._orders(members, int(products[group])):
                head = heads[group : group + 1].copy()
                head[0, 1] = len(order)
                yield from self._instructions(head, nodes[a:b][order], members[order].ravel())
            done = group + 1

    def _orders(self, rows: np.ndarray, products: int) -> Iterator[np.ndarray]:
        """The members of a group in the order of the slots of their operands.

        rows: an operand each column. If some members multiply the same numbers by shared ones they are a
        matrix, and each matrix an instruction. For shared operands without a place the order stays.
        """
        n, width = products, rows.shape[1]
        leading = [0, n, 1, n + 1][: 2 * n] + list(range(2 * n, width))[:3]
        order = np.lexsort(self.slot[rows[:, leading[::-1]]].T) if leading else np.arange(len(rows))
        factors: dict[bytes, list[int]] = {}
        if n >= 2 and self.likeness.number[rows[0, 0]] == SHARED:
            for member in order.tolist():
                factors.setdefault(rows[member, n : 2 * n].tobytes(), []).append(member)
        if not factors or len(factors) * FEW > len(rows):
            yield order
            return
        for matrix in map(np.array, factors.values()):
            # What is shared has its places from the first of them on.
            yield matrix[np.argsort(self.slot[rows[matrix, 0]], kind="stable")]

    def _instructions(self, heads: np.ndarray, nodes: np.ndarray, rows: np.ndarray) -> Iterator[Group]:
        """Groups laid out one after the other."""
        first = self.slots
        runs = np.empty((int(heads[:, 3].sum()), RUN), np.int64)
        table = np.empty(len(rows), np.int64)
        found = _laid_out(
            heads, nodes, rows, self.likeness.number, self.regions, self.slot, self.next, runs, table
        )
        waiting = iter([*runs[:found].tolist(), [len(heads)]])
        run = next(waiting)
        for instruction, (what, count, *_) in enumerate(heads.tolist()):
            parts: tuple[list[Index], list[Index], list[Index]] = [], [], []
            while run[0] == instruction:
                _, part, shared, width, base, stride_i, stride_k, start = run
                entries = None if start < 0 else table[start : start + count * width].reshape(count, width)
                parts[part].append(Index(bool(shared), width, base, stride_i, stride_k, entries))
                run = next(waiting)
            op = ops.dot if what < -1 else self.ops[what]
            assert op is not None
            yield Group(op, first, count, parts[2], list(zip(*parts[:2])))
            first += count


def prepare_layout() -> None:
    """Have the machine code at hand."""
    none, table = np.empty(0, np.int64), np.empty((0, RUN), np.int64)
    prepare(_laid_out, table, none, none, none, none, none, none, table, none)


@cached
def _laid_out(
    heads: Array, nodes: Array, rows: Array, number: Array, regions: Array, slot: Array, next_places: Array,
    runs: Array, table: Array,
) -> int:  # fmt: skip
    """Give places to the members of instructions and to what they share, and return how many runs there are.

    heads: of each instruction what it does, how many members it has, how many products and operands these
    have, and how they are cut. runs: filled with the instruction of each run, the part of the operands that
    it is in (0 and 1 are factors), whether it is shared, width, base, stride_i, stride_k, and −1, or where
    its positions start in `table` if they are not affine.
    """
    member, row, found, used = 0, 0, 0, 0
    for q in range(heads.shape[0]):
        count, products, width, cut = heads[q, 1], heads[q, 2], heads[q, 3], heads[q, 4]
        for i in range(count):
            slot[nodes[member + i]] = next_places[0] + i
        next_places[0] += count
        member += count
        start = 0
        while start < width:
            part = min(2, start // products) if products > 0 else 2
            last = (part + 1) * products if part < 2 else width
            shared = number[rows[row + start]] == SHARED
            beside = products - 2 * part * products if part < 2 else 0  # where the other factor is
            stop = start + 1
            while (
                stop < last
                and _like(rows[row + start], rows[row + stop], number, regions, cut)
                and _like(rows[row + start + beside], rows[row + stop + beside], number, regions, cut)
            ):
                stop += 1
            runs[found, 0], runs[found, 1], runs[found, 2] = q, part, shared
            used = _index(
                rows, row + start, count, width, stop - start, slot, next_places, runs[found], table, used
            )
            found += 1
            start = stop
        row += count * width
    return found


@compiled
def _like(x: int, y: int, number: Array, regions: Array, cut: int) -> bool:
    """Whether two operands of an instruction can be in one run."""
    a, b = number[x], number[y]
    if cut == BY_GROUP:
        return regions[a] == regions[b]  # type: ignore[no-any-return]
    return cut == BY_SHARED and (a == SHARED) == (b == SHARED)


@compiled_inside
def _index(
    rows: Array, first: int, count: int, width: int, length: int, slot: Array, next_places: Array, run: Array,
    table: Array, used: int,
) -> int:  # fmt: skip
    """Fill a run with the index of `length` operands, the first at rows[first], of each of `count` members.

    Returns how much of `table` is used.
    """
    start, affine = used, True
    base, stride_i, stride_k = 0, 0, 0
    for i in range(count):
        for k in range(length):
            node = rows[first + i * width + k]
            if slot[node] < 0:
                slot[node] = next_places[1]
                next_places[1] += 1
            place = slot[node]
            if i + k == 0:
                base = place
            elif i == 0 and k == 1:
                stride_k = place - base
            elif i == 1 and k == 0:
                stride_i = place - base
            affine = affine and place == base + i * stride_i + k * stride_k
            table[used] = place
            used += 1
    run[3], run[4], run[5], run[6], run[7] = length, base, stride_i, stride_k, -1 if affine else start
    return start if affine else used
