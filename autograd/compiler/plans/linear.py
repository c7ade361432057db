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
    arrays = tape.arrays()
    kinds = np.array([KINDS.get(op, OTHER) for op in arrays.ops])[arrays.codes]  # type: ignore[arg-type]
    kinds[[node for node in tape.constants.values() if tape.data[node] == 0.0]] = NOTHING
    is_given = np.zeros(len(tape), np.bool_)
    is_given[np.fromiter(given, np.int64)] = True
    uses = np.zeros(len(tape), np.int64)
    roots = [np.array(nodes, np.int64) for nodes in (kept, sinks)]
    nodes, what, bounds, rows, constants = _joined(
        arrays.codes, arrays.starts, arrays.operands, kinds, is_given, uses, *roots
    )
    return Simple(nodes, what, bounds - bounds[0], rows[bounds[0] :], constants)


def prepare_linear() -> None:
    """Have the machine code at hand."""
    none, bounds = np.empty(0, np.int64), np.zeros(1, np.int64)
    prepare(_joined, none, bounds, none, none, np.empty(0, np.bool_), none, none, none)


@cached
def _joined(
    codes: Array, starts: Array, operands: Array, kinds: Array, given: Array, uses: Array, kept: Array,
    sinks: Array,
) -> tuple[Array, Array, Array, Array, Array]:  # fmt: skip
    """The fields of `Simple`, which are filled from the end: a node comes before what it is computed from.

    uses: room for how often each node is used; 0 at first, and once it is absorbed.
    """
    n, m = codes.size, sinks.size
    blocks, total, leaves = _count(starts, operands, given, uses, kept, sinks)
    nodes, what, bounds = (
        np.empty(blocks, np.int64),
        np.empty(blocks, np.int64),
        np.empty(blocks + 1, np.int64),
    )
    rows, stack, others = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    first, second = np.empty(total, np.int64), np.empty(total, np.int64)
    constants = np.empty(leaves, np.int64)
    bounds[blocks] = total
    for step in range(m + n):
        pairs, terms, height = 0, 0, 0
        root = m + n - 1 - step
        if step < m:
            stack[0] = sinks[m - 1 - step]
            height = 1
        elif uses[root] == 0 or given[root]:
            continue
        elif starts[root] == starts[root + 1]:
            leaves -= 1
            constants[leaves] = root
            continue
        elif kinds[root] >= SUM:
            uses[root] = 1  # so that it is opened, however often it is used
            stack[0] = root
            height = 1
        else:
            for k in range(starts[root], starts[root + 1]):
                others[terms] = operands[k]
                terms += 1
        if height > 0:
            pairs, terms = _take_apart(starts, operands, kinds, given, uses, stack, first, second, others)
        blocks -= 1
        place = bounds[blocks + 1] - 2 * pairs - terms
        bounds[blocks] = place
        nodes[blocks] = root
        what[blocks] = codes[root] if height == 0 else -1 - pairs
        for k in range(pairs):
            rows[place + k], rows[place + pairs + k] = first[k], second[k]
        for k in range(terms):
            rows[place + 2 * pairs + k] = others[k]
    return nodes[blocks : nodes.size - m], what[blocks:], bounds[blocks:], rows, constants


@compiled_inside
def _take_apart(
    starts: Array, operands: Array, kinds: Array, given: Array, uses: Array, stack: Array, first: Array,
    second: Array, others: Array,
) -> tuple[int, int]:  # fmt: skip
    """Open the node that is on the stack, if nothing else uses it, and what is in it likewise.

    Returns how many products it has, with factors in `first` and `second`, and how many terms, in `others`.
    """
    height, pairs, terms = 1, 0, 0
    while height > 0:
        height -= 1
        node = stack[height]
        if uses[node] != 1 or kinds[node] < PRODUCT or given[node]:
            if kinds[node] != NOTHING:
                others[terms] = node
                terms += 1
            continue
        uses[node] = 0
        start, stop, products = starts[node], starts[node + 1], 0
        if kinds[node] == PRODUCT:
            products = 1
        elif kinds[node] == DOT:
            products = (stop - start) // 2
        for k in range(start, start + products):
            first[pairs], second[pairs] = operands[k], operands[k + products]
            pairs += 1
        for k in range(stop - 1, start + 2 * products - 1, -1):
            stack[height] = operands[k]
            height += 1
    return pairs, terms


@compiled_inside
def _count(
    starts: Array, operands: Array, given: Array, uses: Array, kept: Array, sinks: Array
) -> tuple[int, int, int]:
    """Fill `uses`, and return how many blocks, entries of rows and constants there are at most."""
    for k in range(kept.size):
        uses[kept[k]] += 1
    for k in range(sinks.size):
        uses[sinks[k]] += 1
    blocks, total, leaves = sinks.size, sinks.size, 0
    for node in range(uses.size - 1, -1, -1):
        if uses[node] == 0 or given[node]:
            continue
        if starts[node] == starts[node + 1]:
            leaves += 1
            continue
        blocks += 1
        total += starts[node + 1] - starts[node]
        for k in range(starts[node], starts[node + 1]):
            uses[operands[k]] += 1
    return blocks, total, leaves
