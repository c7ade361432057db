"""Planning: a part of a tape laid out as a plan, its groups' results one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np

from autograd.compiler.plans.grouping import Plan, Sink, index
from autograd.compiler.plans.layout import Layout, prepare_layout
from autograd.compiler.plans.likeness import SHARED, Likeness, groups_of, prepare_likeness
from autograd.compiler.plans.linear import prepare_linear, simplified
from autograd.compiler.plans.tape import Tape, prepare_tape

__all__ = ["plan", "prepare_planning"]

LEAST: Final = 8  # entries of a matrix for which it is worth an instruction
NONE: Final = -2  # the region of b where a stands alone


def plan(
    tape: Tape,
    inputs: Sequence[Sequence[int]],
    shared: Sequence[int],
    outputs: Sequence[int] = (),
    totals: Sequence[int] = (),
    gradients: Mapping[int, int] = MappingProxyType({}),
) -> Plan:
    """The plan that computes `outputs` for each row, and `totals` and `gradients` added up over rows.

    inputs: the nodes that are given for each row, by argument. shared: those given once for all rows.
    gradients: for some of the shared nodes, what is to be added up as their gradient.
    """
    given = [*shared, *[node for argument in inputs for node in argument]]
    simple = simplified(tape, given, outputs, [*totals, *gradients.values()])
    groups = groups_of(len(tape), inputs, simple)
    constants = sorted(simple.constants.tolist(), key=tape.data.__getitem__)
    layout = Layout(tape.arrays().ops, groups, inputs, constants)
    places = layout.places(shared)
    targets = np.concatenate(
        [np.arange(len(totals)), len(totals) + layout.places(list(gradients)) - len(constants)]
    )
    return Plan(
        slots=layout.slots,
        inputs=sum(map(len, inputs)),
        constants=[tape.data[node] for node in constants],
        shared=[node for _, node in sorted(zip(places.tolist(), shared))],
        groups=layout.groups,
        outputs=list(zip((groups.number[list(outputs)] == SHARED).tolist(), layout.places(outputs).tolist())),
        totals=len(totals) + len(shared),
        sinks=list(_sinks(layout, targets)),
    )


@cache
def prepare_planning() -> None:
    """Have the machine code of all that plans at hand."""
    prepare_tape()
    prepare_linear()
    prepare_likeness()
    prepare_layout()


def _sinks(layout: Layout, targets: np.ndarray) -> Iterator[Sink]:
    """What is added up over rows, entries with operands of the same groups together."""
    a, b, is_pair, sink = _entries(layout.likeness, len(targets))
    layout.places(np.stack([a, b], axis=1).ravel())
    regions = layout.regions[layout.likeness.number]
    # Of b there are as many regions as of a, and SHARED and NONE.
    kind = regions[a] * (len(layout.regions) - NONE) + np.where(is_pair, regions[b], NONE)
    rows = np.stack([layout.slot[a], np.where(is_pair, layout.slot[b], 0), targets[sink]], axis=1)
    order = np.argsort(kind, kind="stable")
    starts = np.flatnonzero(np.diff(kind[order], prepend=kind[order[:1]] - 1)).tolist()
    together = [order[start:stop] for start, stop in pairwise([*starts, len(order)])]
    for entries in sorted(together, key=lambda entries: entries[0]):  # the kind that comes first, first
        first = entries[0]
        b_shared = bool(regions[b[first]] == SHARED) if is_pair[first] else None
        yield from _sinks_of(bool(regions[a[first]] == SHARED), b_shared, rows[entries])


def _entries(groups: Likeness, sinks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What the sinks add up: a·b, or a alone, which of the two, and for which sink; in each products first.

    Products are in the order of their groups, the factor of the lower group first.
    """
    number, rows = groups.number, groups.rows
    bounds, what = groups.bounds[len(groups.nodes) :], groups.what[len(groups.nodes) :]
    products = -1 - what
    lengths = np.diff(bounds) - products
    sink = np.repeat(np.arange(sinks), lengths)
    k = np.arange(len(sink)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    is_pair = k < products[sink]
    place = bounds[sink] + k
    other = place + products[sink]
    a, b = rows[np.where(is_pair, place, other)], rows[other]
    a, b = np.where(number[a] <= number[b], [a, b], [b, a])
    order = np.lexsort([number[b] * is_pair, number[a] * is_pair, ~is_pair, sink])
    return a[order], b[order], is_pair[order], sink[order]


def _sinks_of(a_shared: bool, b_shared: bool | None, entries: np.ndarray) -> Iterator[Sink]:
    """The entries of one kind as matrices where they form some (all a with all b), else as a list.

    entries: a row for each, where a and b are and what they are added to. b_shared: None where there is no b.
    """
    a, b, target = entries[np.lexsort(entries.T[::-1])].T
    blocks = [(0, len(a), 1)]
    if b_shared is not None:
        matrices = list(_matrices(a, b, target))
        if len(matrices) == 1 or len(matrices) * LEAST <= len(a):
            blocks = matrices
    for start, stop, width in blocks:
        a_index, b_index, target_index = (
            index(shared, column[start:stop], width)
            for shared, column in ((a_shared, a), (bool(b_shared), b), (False, target))
        )
        yield Sink(target_index, a_index, None if b_shared is None else b_index, (stop - start) // width)


def _matrices(a: np.ndarray, b: np.ndarray, target: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """(start, stop, width) of the matrices that entries in order of a, then b, fall into, row after row.

    The rows of a matrix have the same b and follow one another at equal distances.
    """
    rows = [*np.flatnonzero(np.diff(a, prepend=-1)).tolist(), len(a)]
    first, step = 0, None
    for k in range(1, len(rows) - 1):
        before, start, stop = rows[k - 1], rows[k], rows[k + 1]
        moved = (a[start] - a[before], target[start] - target[before])
        if np.array_equal(b[before:start], b[start:stop]) and moved == (step or moved):
            step = moved
        else:
            yield rows[first], start, start - before
            first, step = k, None
    yield rows[first], len(a), rows[-1] - rows[-2]
