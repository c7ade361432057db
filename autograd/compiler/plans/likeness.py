"""Likeness: which nodes do the same to operands of the same groups, and so can be one instruction."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from autograd.compiler.machine import Array, cached, compiled, compiled_inside, prepare
from autograd.compiler.plans.grouping import ranges
from autograd.compiler.plans.linear import Simple

__all__ = ["SHARED", "Likeness", "groups_of", "prepare_likeness"]

SHARED: Final = -1  # the group of everything that is one number for all rows
# Where there are many groups of few members, those of one depth and operation become one group, with operands
# from anywhere: an irregular graph of 12,000 nodes then has a quarter of the instructions.
MANY: Final = 128
FEW: Final = 8
# What is found of each signature, and of each group its GROUP_DEPTH and whether it is MIXED. Signature i ends
# at END i + 1, where the next one starts, and its DEPTH stands behind those of the inputs.
END, SIZE, GROUP, DEPTH, GROUP_DEPTH, MIXED = range(6)


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
    signed, merged, texts, found, spare = _room(len(nodes), len(rows), len(inputs))
    groups = _grouped(
        nodes, what, bounds, rows, number, signed, merged, texts, found, spare, len(inputs), MANY, FEW
    )
    group = found[GROUP, number[nodes] - len(inputs)]
    depths, mixed = found[GROUP_DEPTH, :groups], found[MIXED, :groups] == 1
    by_depth = np.argsort(depths, kind="stable")
    group = np.argsort(by_depth, kind="stable")[group]
    number[nodes] = len(inputs) + group
    order = np.concatenate([np.argsort(group, kind="stable"), np.arange(len(nodes), len(what))])
    widths = np.diff(bounds)[order]
    return Likeness(
        number,
        np.concatenate([[0], np.cumsum(np.bincount(group, minlength=len(depths)))]),
        mixed[by_depth],
        nodes[order[: len(nodes)]],
        what[order],
        np.concatenate([[0], np.cumsum(widths)]),
        rows[ranges(bounds[order], widths)],
    )


def prepare_likeness() -> None:
    """Have the machine code at hand."""
    none, bounds = np.empty(0, np.int64), np.zeros(1, np.int64)
    prepare(_grouped, none, none, bounds, none, none, *_room(0, 0, 0), 0, 0, 0)


def _room(nodes: int, entries: int, inputs: int) -> tuple[np.ndarray, ...]:
    """What `_grouped` needs: two tables for `_find`, at most half full; the texts of all signatures; what is
    found of each of them and of each group; and spare numbers."""
    signed, merged = np.full((2, 2 ** (2 * nodes + 1).bit_length()), -1)
    texts = np.empty(entries + 2 * nodes + 2, np.int64)
    found = np.zeros((6, inputs + nodes + 2), np.int64)
    return signed, merged, texts, found, np.empty(3 * entries, np.int64)


@cached
def _grouped(
    nodes: Array, what: Array, bounds: Array, rows: Array, number: Array, signed: Array, merged: Array,
    texts: Array, found: Array, spare: Array, inputs: int, many: int, few: int,
) -> int:  # fmt: skip
    """Number the nodes by signature, fill `found` with the group of each signature, and return how many.

    The depth of a group is 0 unless it tells groups apart. On the way the products in `rows` are sorted, and
    the terms of mixed groups.
    """
    signatures = _sign(nodes, what, bounds, rows, number, signed, texts, found, spare, inputs)
    small, groups = 0, 0
    for signature in range(signatures):
        small += found[SIZE, signature] < few
    for signature in range(signatures):
        known = signature
        if small > many and found[SIZE, signature] < few:
            _say_pattern(
                texts, found[END, signature], found[END, signature + 1], found[DEPTH, inputs + signature]
            )
            known = _find(merged, texts, found, known)
        if known == signature:
            found[GROUP, signature] = groups
            found[GROUP_DEPTH, groups] = found[DEPTH, inputs + signature] if small > many else 0
            groups += 1
        else:
            found[GROUP, signature] = found[GROUP, known]
            found[MIXED, found[GROUP, known]] = 1
    for block in range(nodes.size):
        group = found[GROUP, number[nodes[block]] - inputs]
        if found[MIXED, group] == 1 and what[block] < 0:
            _put_shared_first(rows, bounds[block] - 2 * (what[block] + 1), bounds[block + 1], number, spare)
    return groups


@compiled_inside
def _sign(
    nodes: Array, what: Array, bounds: Array, rows: Array, number: Array, signed: Array, texts: Array,
    found: Array, spare: Array, inputs: int,
) -> int:  # fmt: skip
    """Number the nodes by their signatures, what each does and the groups of its operands; return how many.

    Each is put into `texts`, with room for its depth before it, and of each `found` gets the end there, how
    many groups are below it, behind those of inputs, which are 0, and how many nodes have it.
    """
    signatures = int(np.int64(0))  # no literal, or what takes it would be compiled for that as well
    for block in range(nodes.size):
        start, stop = bounds[block], bounds[block + 1]
        if what[block] < -1:
            _sort_pairs(rows, start, -1 - what[block], number, inputs + nodes.size + 1, spare)
        at, depth = found[END, signatures] + 2, 0
        texts[at - 2], texts[at - 1] = 0, what[block]
        for k in range(start, stop):
            below = number[rows[k]]
            texts[at] = below
            at += 1
            if below != SHARED and found[DEPTH, below] > depth:
                depth = found[DEPTH, below]
        found[END, signatures + 1] = at
        known = _find(signed, texts, found, signatures)
        if known == signatures:
            found[DEPTH, inputs + known] = depth + 1
            signatures += 1
        found[SIZE, known] += 1
        number[nodes[block]] = inputs + known
    return signatures


@compiled
def _find(table: Array, texts: Array, found: Array, last: int) -> int:
    """Which of the texts in `table` is the same as number `last`; itself, which is put there, if none is.

    Text i goes from where found[END, i] says to where found[END, i + 1] does.
    """
    start, length = found[END, last], found[END, last + 1] - found[END, last]
    mixture = length
    for k in range(start, start + length):
        mixture = (mixture ^ texts[k]) * 0x2545F4914F6CDD1D  # an odd number with no pattern
        mixture ^= mixture >> 32
    place = mixture & (table.size - 1)
    while table[place] >= 0:
        text = table[place]
        other = found[END, text]
        if found[END, text + 1] - other == length:
            k = 0
            while k < length and texts[other + k] == texts[start + k]:
                k += 1
            if k == length:
                return text  # type: ignore[no-any-return]
        place = (place + 1) & (table.size - 1)
    table[place] = last
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
def _say_pattern(texts: Array, start: int, stop: int, depth: int) -> None:
    """Make a signature one of many: how deep it is, and which operands are shared, a sum's terms first."""
    texts[start] = depth
    products = max(0, -1 - texts[start + 1])
    terms = start + 2 + 2 * products
    shared = 0
    for k in range(start + 2, stop):
        is_shared = texts[k] == SHARED
        texts[k] = is_shared
        shared += is_shared and k >= terms
    if texts[start + 1] < 0:
        for k in range(terms, stop):
            texts[k] = k - terms < shared


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
