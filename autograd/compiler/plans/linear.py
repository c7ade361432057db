"""Sums of products: chains of + and × become one sum or one dot each, as a person would write them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from autograd import ops
from autograd.compiler.machine import Array, cached, compiled_inside, prepare
from autograd.compiler.plans.tape import Tape

__all__ = ["Simple", "prepare_linear", "simplified"]

# What a node is for the sum that uses it.
OTHER: Final = 0
NOTHING: Final = 1  # a constant 0: it adds nothing
PRODUCT: Final = 2
SUM: Final = 3
DOT: Final = 4
NODE, PRODUCTS, BOUND = range(3)  # of a block
FIRST, SECOND, TERM, STACK = range(4)  # of the spare room
KINDS: Final = {ops.mul: PRODUCT, ops.add: SUM, ops.sum: SUM, ops.dot: DOT}


class Simple(NamedTuple):
    """A part of a tape with its chains joined: blocks for its nodes, each after its operands, then for sinks.

    nodes: what is to be computed. what: of each block the code of its operation; −1 − n for a sum with n
    products. Block i is rows[bounds[i] : bounds[i + 1]]: operands, or of a sum the first factors of its
    products, their second factors, and its other terms. constants: the leaves in use that never change.
    """

    nodes: np.ndarray
    what: np.ndarray
    bounds: np.ndarray
    rows: np.ndarray
    constants: np.ndarray


def simplified(tape: Tape, given: Iterable[int], kept: Sequence[int], sinks: Sequence[int]) -> Simple:
    """What `kept` and `sinks` need besides the nodes that are `given`.

    What only one sum uses, and nobody asked for, is absorbed by that sum.
    """
    ops_of, codes, starts, operands = tape.arrays()
    kinds = np.array([KINDS.get(op, OTHER) for op in ops_of])[codes]  # type: ignore[arg-type]
    kinds[[node for node in tape.constants.values() if tape.data[node] == 0.0]] = NOTHING
    is_given = np.zeros(len(tape), np.bool_)
    is_given[np.fromiter(given, np.int64)] = True
    uses, blocks, rows, spare = _room(len(tape), len(operands), len(sinks))
    roots, added = np.array(kept, np.int64), np.array(sinks, np.int64)
    first = _joined(starts, operands, kinds, is_given, roots, added, uses, blocks, rows, spare)
    nodes, products, bounds = blocks[:, first:]
    nodes = nodes[: len(nodes) - len(sinks) - 1]
    what = -1 - products[:-1]
    what[: len(nodes)] = np.where(kinds[nodes] >= SUM, what[: len(nodes)], codes[nodes])
    leaves = np.flatnonzero((uses > 0) & ~is_given & (np.diff(starts) == 0))
    return Simple(nodes, what, bounds - bounds[0], rows[bounds[0] :], leaves)


def prepare_linear() -> None:
    """Have the machine code at hand."""
    none, bounds = np.empty(0, np.int64), np.zeros(1, np.int64)
    prepare(_joined, bounds, none, none, np.empty(0, np.bool_), none, none, *_room(0, 0, 0))


def _room(nodes: int, operands: int, sinks: int) -> list[np.ndarray]:
    """What `_joined` fills: uses, blocks and rows, and spare room for factors, other terms and a stack."""
    most = operands + sinks
    blocks = np.empty((3, nodes + sinks + 1), np.int64)
    blocks[BOUND, -1] = most
    return [np.zeros(nodes, np.int64), blocks, np.empty(most, np.int64), np.empty((4, most), np.int64)]


@cached
def _joined(
    starts: Array, operands: Array, kinds: Array, given: Array, kept: Array, sinks: Array, uses: Array,
    blocks: Array, rows: Array, spare: Array,
) -> int:  # fmt: skip
    """Fill the last blocks and rows, and return the first: a node comes before what it is computed from.

    uses: how often each node is used; 0 at first, and once it is absorbed. blocks: of each its node, how many
    products it has, and where its row starts; the last one says where rows end.
    """
    n, m = kinds.size, sinks.size
    _count(starts, operands, given, kept, sinks, uses)
    block = blocks.shape[1] - 1
    for step in range(m + n):
        pairs, terms, height = 0, 0, 0
        root = m + n - 1 - step
        if step < m:
            spare[STACK, 0] = sinks[m - 1 - step]
            height = 1
        elif uses[root] == 0 or given[root] or starts[root] == starts[root + 1]:
            continue
        elif kinds[root] >= SUM:
            uses[root] = 1  # so that it is opened, however often it is used
            spare[STACK, 0] = root
            height = 1
        else:
            for k in range(starts[root], starts[root + 1]):
                spare[TERM, terms] = operands[k]
                terms += 1
        if height > 0:
            pairs, terms = _take_apart(starts, operands, kinds, given, uses, spare)
        row = blocks[BOUND, block] - 2 * pairs - terms
        block -= 1
        blocks[NODE, block], blocks[PRODUCTS, block], blocks[BOUND, block] = root, pairs, row
        for k in range(pairs):
            rows[row + k], rows[row + pairs + k] = spare[FIRST, k], spare[SECOND, k]
        for k in range(terms):
            rows[row + 2 * pairs + k] = spare[TERM, k]
    return block  # type: ignore[no-any-return]


@compiled_inside
def _count(starts: Array, operands: Array, given: Array, kept: Array, sinks: Array, uses: Array) -> None:
    """Fill `uses`."""
    for k in range(kept.size):
        uses[kept[k]] += 1
    for k in range(sinks.size):
        uses[sinks[k]] += 1
    for node in range(uses.size - 1, -1, -1):
        if uses[node] > 0 and not given[node]:
            for k in range(starts[node], starts[node + 1]):
                uses[operands[k]] += 1


@compiled_inside
def _take_apart(
    starts: Array, operands: Array, kinds: Array, given: Array, uses: Array, spare: Array
) -> tuple[int, int]:
    """Open the node that is on the stack, if nothing else uses it, and what is in it likewise.

    Returns how many products it has, and how many other terms.
    """
    height, pairs, terms = 1, 0, 0
    while height > 0:
        height -= 1
        node = spare[STACK, height]
        if uses[node] != 1 or kinds[node] < PRODUCT or given[node]:
            if kinds[node] != NOTHING:
                spare[TERM, terms] = node
                terms += 1
            continue
        uses[node] = 0
        start, stop, products = starts[node], starts[node + 1], 0
        if kinds[node] == PRODUCT:
            products = 1
        elif kinds[node] == DOT:
            products = (stop - start) // 2
        for k in range(start, start + products):
            spare[FIRST, pairs], spare[SECOND, pairs] = operands[k], operands[k + products]
            pairs += 1
        for k in range(stop - 1, start + 2 * products - 1, -1):
            spare[STACK, height] = operands[k]
            height += 1
    return pairs, terms
