"""Layout: the places of nodes, group after group, and the indices by which instructions find operands."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from autograd import ops
from autograd.compiler.machine import Array, cached, compiled, compiled_inside, prepare
from autograd.compiler.plans.grouping import Groups, Runs
from autograd.compiler.plans.likeness import SHARED, Likeness
from autograd.operation import Op

__all__ = ["Layout", "prepare_layout"]

FEW: Final = 4  # rows of a matrix
# How the operands of an instruction are cut into runs, each with an index of its own: where groups change;
# if members use different groups, where shared operands begin or end; or each is one. Those of an operation
# that is not variadic are read one by one, and where members use different groups they are seldom affine.
# Both factors of products are cut at the same places.
BY_GROUP, BY_SHARED, APART = range(3)
HEAD: Final = 5  # numbers that say what an instruction is
# What is counted: places for rows, and among what they share; runs, positions in the table, and instructions.
PLACES, SHARED_PLACES, RUNS_FOUND, TABLE_USED, LAID_OUT = range(5)


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
        self.ops = [*operations, ops.dot, ops.sum]  # the last two, at −2 and −1, are those of `Simple`
        self.likeness = likeness
        self.slot = np.full(len(likeness.number), -1)
        self.slot[constants] = np.arange(len(constants))
        given = [node for argument in inputs for node in argument]
        self.slot[given] = np.arange(len(given))
        # What each group counts as where operands are told apart, all mixed ones as one; the last is SHARED.
        groups = np.arange(len(likeness.mixed))
        self.regions = np.array(
            [*range(len(inputs)), *np.where(likeness.mixed, len(groups), groups) + len(inputs), SHARED]
        )
        self.counters = np.array([len(given), len(constants), 0, 0, 0])
        self.groups = self._all_groups(len(given))

    @property
    def slots(self) -> int:
        """How many numbers rows have."""
        return int(self.counters[PLACES])

    def places(self, shared: Sequence[int] | np.ndarray) -> np.ndarray:
        """The places of shared nodes; those that have none yet get the next ones, in order."""
        nodes = np.asarray(shared, np.int64)
        new = list(dict.fromkeys(nodes[self.slot[nodes] < 0].tolist()))
        self.slot[new] = self.counters[SHARED_PLACES] + np.arange(len(new))
        self.counters[SHARED_PLACES] += len(new)
        return self.slot[nodes]

    def _all_groups(self, first: int) -> Groups:
        """All instructions, the results of which are in the places from the first on."""
        operands = len(self.likeness.rows)
        runs, table = np.empty((len(Runs._fields), operands), np.int64), np.empty(operands, np.int64)
        all_heads = [np.empty((0, HEAD), np.int64)]
        for heads, nodes, rows in self._in_order():
            _laid_out(
                heads, nodes, rows, self.likeness.number, self.regions, self.slot, self.counters, runs, table
            )
            all_heads.append(heads)
        what, count = np.concatenate(all_heads).T[:2]
        used, which = np.unique(np.maximum(what, -2) % len(self.ops), return_inverse=True)
        return Groups(
            ops=[op for i in used.tolist() if (op := self.ops[i]) is not None],
            op=which,
            first=first + np.cumsum(count) - count,
            count=count.copy(),
            runs=Runs(*runs[:, : self.counters[RUNS_FOUND]].copy()),
            table=table[: self.counters[TABLE_USED]].copy(),
        )

    def _in_order(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Heads, members and operands of instructions: of one group, or of some of one member or mixed."""
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
            yield heads[done:group], nodes[a:b], rows[bounds[a] : bounds[b]]
            if group == len(counts):
                return
            a, b = b, starts[group + 1]
            members = rows[bounds[a] : bounds[b]].reshape(b - a, widths[group])
            for order in self._orders(members, int(products[group])):
                head = heads[group : group + 1].copy()
                head[0, 1] = len(order)
                yield head, nodes[a:b][order], members[order].ravel()
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


def prepare_layout() -> None:
    """Have the machine code at hand."""
    none, table = np.empty(0, np.int64), np.empty((0, HEAD), np.int64)
    prepare(_laid_out, table, none, none, none, none, none, np.zeros(5, np.int64), table, none)


@cached
def _laid_out(
    heads: Array, nodes: Array, rows: Array, number: Array, regions: Array, slot: Array, counters: Array,
    runs: Array, table: Array,
) -> None:  # fmt: skip
    """Give places to the members of instructions and to what they share, and find the runs of their operands.

    heads: of each instruction what it does, how many members it has, how many products and operands these
    have, and how they are cut. runs: a column for each run is filled as `Runs` has it, and `table`.
    """
    member, row, found = 0, 0, counters[RUNS_FOUND]
    for q in range(heads.shape[0]):
        count, products, width, cut = heads[q, 1], heads[q, 2], heads[q, 3], heads[q, 4]
        for i in range(count):
            slot[nodes[member + i]] = counters[PLACES] + i
        counters[PLACES] += count
        member += count
        start = 0
        while start < width:
            part = min(2, start // products) if products > 0 else 2
            last = (part + 1) * products if part < 2 else width
            beside = products - 2 * part * products if part < 2 else 0  # where the other factor is
            stop = start + 1
            while (
                stop < last
                and _like(rows[row + start], rows[row + stop], number, regions, cut)
                and _like(rows[row + start + beside], rows[row + stop + beside], number, regions, cut)
            ):
                stop += 1
            run = runs[:, found]
            run[0], run[1], run[2] = counters[LAID_OUT] + q, part, number[rows[row + start]] == SHARED
            _index(rows, row + start, count, width, stop - start, slot, counters, run, table)
            found += 1
            start = stop
        row += count * width
    counters[RUNS_FOUND] = found
    counters[LAID_OUT] += heads.shape[0]


@compiled
def _like(x: int, y: int, number: Array, regions: Array, cut: int) -> bool:
    """Whether two operands of an instruction can be in one run."""
    a, b = number[x], number[y]
    if cut == BY_GROUP:
        return regions[a] == regions[b]  # type: ignore[no-any-return]
    return cut == BY_SHARED and (a == SHARED) == (b == SHARED)


@compiled_inside
def _index(
    rows: Array, first: int, count: int, width: int, length: int, slot: Array, counters: Array, run: Array,
    table: Array,
) -> None:  # fmt: skip
    """Fill a run with the index of `length` operands, from rows[first] on, of each of `count` members."""
    start = counters[TABLE_USED]
    used, affine = start, True
    base, stride_i, stride_k = 0, 0, 0
    for i in range(count):
        for k in range(length):
            node = rows[first + i * width + k]
            if slot[node] < 0:
                slot[node] = counters[SHARED_PLACES]
                counters[SHARED_PLACES] += 1
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
    if not affine:
        counters[TABLE_USED] = used
