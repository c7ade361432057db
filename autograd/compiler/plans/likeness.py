"""Likeness: which nodes do the same to operands of the same groups, and so can be one instruction."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from autograd.compiler.machine import Array, cached, compiled, compiled_inside, prepare
from autograd.compiler.plans.linear import Simple

__all__ = ["SHARED", "Likeness", "groups_of", "prepare_likeness"]

SHARED: Final = -1  # the group of everything that is one number for all rows
# Where there are many groups of few members, those of one depth and operation become one group, with operands
# from anywhere: an irregular graph of 12,000 nodes then has a quarter of the instructions.
MANY: Final = 128
FEW: Final = 8


class Likeness(NamedTuple):
    """Nodes by group, each group after those it uses.

    number: the group of each node of the tape: SHARED for what all rows share, the argument for an input;
    those of the other groups go on from there. nodes: group after group, those of group g from starts[g] to
    starts[g + 1]. what, bounds, rows: their blocks, as in `Simple`, followed by those of the sinks; products
    of nodes are in the order of their groups, the factor of the lower group first. mixed: whether the members
    of a group use different groups; terms that are shared then come before those that are not.
    """

    number: np.ndarray
    starts: np.ndarray
    mixed: np.ndarray
    nodes: np.ndarray
    what: np.ndarray
    bounds: np.ndarray
    rows: np.ndarray


def groups_of(size: int, inputs: Sequence[Sequence[int]], simple: Simple) -> Likeness:
    """The groups of `simple`, a part of a tape of `size` nodes."""
    nodes, what, bounds, rows, _ = simple
    number = np.full(size, SHARED)
    for argument, given in enumerate(inputs):
        number[np.array(given, np.int64)] = argument
    group, depths, mixed = _grouped(
        nodes, what, bounds, rows, number, _tables(len(nodes)), len(inputs), MANY, FEW
    )
    by_depth = np.argsort(depths, kind="stable")
    group = np.argsort(by_depth, kind="stable")[group]
    number[nodes] = len(inputs) + group
    order = np.concatenate([np.argsort(group, kind="stable"), np.arange(len(nodes), len(what))])
    widths = np.diff(bounds)[order]
    stops = np.cumsum(widths)
    return Likeness(
        number,
        np.concatenate([[0], np.cumsum(np.bincount(group, minlength=len(depths)))]),
        mixed[by_depth],
        nodes[order[: len(nodes)]],
        what[order],
        np.concatenate([[0], stops]),
        rows[np.repeat(bounds[order] - stops + widths, widths) + np.arange(len(rows))],
    )


def prepare_likeness() -> None:
    """Have the machine code at hand."""
    none, bounds = np.empty(0, np.int64), np.zeros(1, np.int64)
    prepare(_grouped, none, none, bounds, none, none, _tables(0), 0, 0, 0)


def _tables(count: int) -> np.ndarray:
    """Two tables for `_find` in each of which `count` texts find room, and as much again stays free."""
    return np.full((2, 2 ** (2 * count + 1).bit_length()), -1)


@cached
def _grouped(
    nodes: Array, what: Array, bounds: Array, rows: Array, number: Array, tables: Array, inputs: int,
    many: int, few: int,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """The group of each of `nodes`; of each group its depth, if that tells it apart, and whether it is mixed.

    On the way the products in `rows` are sorted, and the terms of mixed groups.
    """
    count = nodes.size
    texts, ends = np.empty(rows.size + 2 * count + 2, np.int64), np.empty(count + 2, np.int64)
    depths, sizes = np.empty(inputs + count, np.int64), np.empty(count, np.int64)
    spare = np.empty(3 * rows.size, np.int64)
    found = _sign(nodes, what, bounds, rows, number, tables[0], inputs, texts, ends, depths, sizes, spare)
    small = 0
    for signature in range(found):
        small += sizes[signature] < few
    group, mixed, groups = np.empty(found, np.int64), np.empty(found, np.bool_), 0
    for signature in range(found):
        known = signature
        if small > many and sizes[signature] < few:
            _say_pattern(texts, ends[signature], ends[signature + 1], depths[inputs + signature])
            known = _find(tables[1], texts, ends, known)
        if known == signature:
            group[signature] = groups
            depths[groups] = depths[inputs + signature] if small > many else 0
            mixed[groups] = False
            groups += 1
        else:
            group[signature] = group[known]
            mixed[group[known]] = True
    block_group = np.empty(count, np.int64)
    for block in range(count):
        block_group[block] = group[number[nodes[block]] - inputs]
        if mixed[block_group[block]] and what[block] < 0:
            _put_shared_first(rows, bounds[block] - 2 * (what[block] + 1), bounds[block + 1], number, spare)
    return block_group, depths[:groups], mixed[:groups]


@compiled_inside
def _sign(
    nodes: Array, what: Array, bounds: Array, rows: Array, number: Array, table: Array, inputs: int,
    texts: Array, ends: Array, depths: Array, sizes: Array, spare: Array,
) -> int:  # fmt: skip
    """Number the nodes by their signatures, what each does and the groups of its operands; return how many.

    texts, ends, depths, sizes: filled with the signatures, each with room for its depth before it, how many
    groups are below it, those of inputs first, and how many nodes have it.
    """
    found = int(np.int64(0))  # no literal, or what takes it would be compiled for that as well
    ends[0] = 0
    for argument in range(inputs):
        depths[argument] = 0
    for block in range(nodes.size):
        start, stop = bounds[block], bounds[block + 1]
        if what[block] < -1:
            _sort_pairs(rows, start, -1 - what[block], number, inputs + nodes.size + 1, spare)
        at, depth = ends[found] + 2, 0
        texts[at - 2], texts[at - 1] = 0, what[block]
        for k in range(start, stop):
            below = number[rows[k]]
            texts[at] = below
            at += 1
            if below != SHARED and depths[below] > depth:
                depth = depths[below]
        ends[found + 1] = at
        known = _find(table, texts, ends, found)
        if known == found:
            depths[inputs + found] = depth + 1
            sizes[found] = 0
            found += 1
        sizes[known] += 1
        number[nodes[block]] = inputs + known
    return found


@compiled
def _find(seen: Array, texts: Array, ends: Array, last: int) -> int:
    """Which of the texts in `seen` is the same as number `last`; itself, which is put there, if none is.

    Text number i is texts[ends[i] : ends[i + 1]].
    """
    start, length = ends[last], ends[last + 1] - ends[last]
    mixture = length
    for k in range(start, start + length):
        mixture = (mixture ^ texts[k]) * 0x2545F4914F6CDD1D  # an odd number with no pattern
        mixture ^= mixture >> 32
    place = mixture & (seen.size - 1)
    while seen[place] >= 0:
        other = ends[seen[place]]
        if ends[seen[place] + 1] - other == length:
            k = 0
            while k < length and texts[other + k] == texts[start + k]:
                k += 1
            if k == length:
                return seen[place]  # type: ignore[no-any-return]
        place = (place + 1) & (seen.size - 1)
    seen[place] = last
    return last


@compiled_inside
def _sort_pairs(rows: Array, start: int, pairs: int, number: Array, span: int, spare: Array) -> None:
    """Sort products by the groups of their factors, of which the lower comes first; equals stay in order.

    A merge sort: numba's own takes two seconds to compile. spare: room for three numbers for each product.
    """
    ordered = True
    for k in range(pairs):
        a, b = rows[start + k], rows[start + pairs + k]
        if number[a] > number[b]:
            a, b = b, a
            rows[start + k], rows[start + pairs + k] = a, b
        spare[k] = (number[a] + 1) * span + number[b] + 1
        spare[pairs + k] = k
        ordered = ordered and (k == 0 or spare[k - 1] <= spare[k])
    order, other = pairs, 2 * pairs  # where in `spare` the order found so far is, and the next one
    width = pairs if ordered else 1
    while width < pairs:
        for low in range(0, pairs, 2 * width):
            middle, high = min(low + width, pairs), min(low + 2 * width, pairs)
            i, j = low, middle
            for k in range(low, high):
                if i < middle and (j == high or spare[spare[order + i]] <= spare[spare[order + j]]):
                    spare[other + k] = spare[order + i]
                    i += 1
                else:
                    spare[other + k] = spare[order + j]
                    j += 1
        order, other = other, order
        width *= 2
    for factors in range(start, start if ordered else start + 2 * pairs, pairs):
        for k in range(pairs):
            spare[k] = rows[factors + spare[order + k]]
        for k in range(pairs):
            rows[factors + k] = spare[k]


@compiled_inside
def _say_pattern(signatures: Array, start: int, stop: int, depth: int) -> None:
    """Make a signature one of many: how deep it is, and which operands are shared, a sum's terms first."""
    signatures[start] = depth
    products = max(0, -1 - signatures[start + 1])
    terms = start + 2 + 2 * products
    shared = 0
    for k in range(start + 2, stop):
        is_shared = signatures[k] == SHARED
        signatures[k] = is_shared
        shared += is_shared and k >= terms
    if signatures[start + 1] < 0:
        for k in range(terms, stop):
            signatures[k] = k - terms < shared


@compiled_inside
def _put_shared_first(rows: Array, start: int, stop: int, number: Array, spare: Array) -> None:
    """Put the terms from start to stop that are shared before those that are not."""
    first, rest = start, 0
    for k in range(start, stop):
        if number[rows[k]] == SHARED:
            rows[first] = rows[k]
            first += 1
        else:
            spare[rest] = rows[k]
            rest += 1
    for k in range(rest):
        rows[first + k] = spare[k]
