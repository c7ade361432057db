"""The kernels: a small interpreter of plans, compiled once for all of them by numba.

Rows are worked on in blocks. In a block each slot is a row of lanes, one lane for each row of the batch, as
many as some vectors have; the inner loops run over lanes. A single row has one lane, and loops run along
operands. Sums may be associated anew (`reassoc`), but nan and ∞ are where they are on Values: a run ends at
numbers so large that a sum of them could be ∞ in one order and finite in another (`careful.py` goes on).
"""

import math
from functools import cache
from typing import Any, Final

import numpy as np

from autograd.compiler.execution.calling import (
    PROGRAM,
    RESULTS,
    SHARED,
    SPACE,
    array_at,
    batch_of,
)
from autograd.compiler.execution.codes import (
    ELEMENTWISE,
    FIELDS,
    FINE,
    FLAT,
    HEAD,
    HEADER,
    HUGE,
    INDEX,
    LINE,
    MATRIX,
    SINK_MATRIX,
    SINK_ONE,
    UNREADABLE,
    VARIADIC,
)
from autograd.compiler.execution.columns import turned
from autograd.compiler.execution.instructions import elementwise, flat, variadic
from autograd.compiler.execution.magnitudes import MOST, has_huge, limit_of, may_grow
from autograd.compiler.execution.products import add_product
from autograd.compiler.execution.single import add_product_along, sum_products_along
from autograd.compiler.execution.sums import linear, sink
from autograd.compiler.execution.totals import in_table, sum_products, sum_rows
from autograd.compiler.execution.vectors import (
    head,
    lanes_of,
    load,
    load_square,
    store,
    store_column,
)
from autograd.compiler.execution.views import flattened, lanes_at, part
from autograd.compiler.machine import Array, cached_with_lock, compiled, fingerprint
from autograd.compiler.objects import item, locked, unlocked

SOURCES: Final = (
    "autograd.compiler.machine",
    "autograd.compiler.objects",
    *[
        f"{__package__}.{name}"
        for name in (
            "calling", "codes", "columns", "custom", "elementwise", "endings", "instructions", "magnitudes",
            "products", "single", "sums", "tiles", "totals", "vectors", "views",
        )
    ],
)  # fmt: skip


@compiled
def fill(
    space: Array,
    lanes: int,
    table: Array,
    first: int,
    columns: Array,
    inputs: int,
    begin: int,
    n: int,
) -> None:
    """Put n rows of the batch from `begin` on into the first slots, a lane for each; the last fills the rest.

    So no lane has a number of an earlier batch, where a nan would have products computed once more.
    """
    (rows, width), vector = table.shape, lanes_of(table)
    whole = width - width % vector if lanes > 1 else 0
    numbers = flattened(table)
    for j in range(0, whole, vector):
        for l in range(0, n, vector):
            square = load_square(numbers, (begin + l) * width + j, width, n - 1 - l)
            store_column(space, (first + j) * lanes + l, lanes, vector - 1, turned(square))
    for j in range(whole, width):
        slot, entry = part(space, (first + j) * lanes, n), begin * width + j
        for l in range(n):
            slot[l] = numbers[entry + l * width]
    for j in range(inputs - width):
        slot = part(space, (j if j < first else j + width) * lanes, n)
        given = part(columns, j * rows + begin, n)
        for l in range(n):
            slot[l] = given[l]
    for j in range(inputs if n < lanes else 0):
        for l in range(n, lanes):
            space[j * lanes + l] = space[j * lanes + n - 1]


@compiled
def clear_tails(space: Array, height: int, lanes: int, n: int) -> None:
    """Set what is not of a row to 0, so that sums over lanes may take all of them."""
    vector = lanes_of(space)
    for slot in range(height):
        for l in range(n - n % vector, lanes, vector):
            store(space, slot * lanes + l, head(load(space, slot * lanes + l), n - l))


@compiled
def lanes_for(rows: int, block: int, vector: int) -> int:
    """How many lanes blocks of at most `block` have, so that as few as possible are of no row."""
    blocks = (rows + block - 1) // block
    return (rows + blocks * vector - 1) // (blocks * vector) * vector if rows > 1 else 1


@compiled
def fill_shared(given: Array, numbers: Array, ones: Array) -> None:
    """Put in place what all blocks read: the numbers that rows share, and a row of ones."""
    for i in range(numbers.size):
        given[i] = numbers[i]
    for l in range(ones.size):
        ones[l] = 1.0


@compiled
def read_outputs(
    outputs: int, tables: Array, shared: Array, slots: Array, lanes: int, spare: int, results: Array,
    rows: int, begin: int, n: int,
) -> None:  # fmt: skip
    """Put the outputs of the n rows from `begin` on into the results, which have so many rows of each."""
    for j in range(outputs):
        place = lanes_at(tables[j], shared, slots, lanes, spare, n)
        output = part(results, j * rows + begin, n)
        for l in range(n):
            output[l] = slots[place + l]


def _run(version: int, number: Any) -> Any:
    """The kernel for numbers of a type; numba's cache has one for each type and version of the text."""

    def run(held: int, first: int, start: int, stop: int, scale: float) -> Any:
        """Run an encoded program on the rows from start to stop.

        held: the address of a tuple of the program; the work space, which has the program's constants, room
        for what all rows share, and from the next line of the cache on slots of lanes, ones, and three spare
        rows; those shared numbers; the results, which are the outputs, as many numbers of each as there are
        rows, or `scale` times what the sinks add up, altogether or for each of the rows; and the arguments,
        as `calling.batch_of` finds them. The table has a row for each row of the batch, the inputs from
        `first` on; in the columns are those around them, as many numbers of each as there are rows.

        Returns the first row in which an index is out of range, or −1; or −2 as soon as there are huge
        numbers; or −3 if what is given cannot be read.
        """
        assert version >= 0  # a variable of the closure is a part of the key
        readable, table_at, columns_at, first, start, stop, scale = batch_of(held, first, start, stop, scale)
        if not readable:
            return UNREADABLE
        program, space = array_at(item(held, PROGRAM), np.int64, 1), array_at(item(held, SPACE), number, 1)
        numbers, results = array_at(item(held, SHARED), number, 1), array_at(item(held, RESULTS), number, 1)
        table, columns = array_at(table_at, number, 2), array_at(columns_at, number, 1)
        thread = unlocked()
        instructions, height, inputs, outputs, width, constants, block = program[:HEADER]
        head = HEADER + instructions * FIELDS
        tables = part(program, head, program.size - head)
        shared = part(space, 0, constants + numbers.size)
        first_slot = (shared.size + LINE - 1) // LINE * LINE
        slots = part(space, first_slot, space.size - first_slot)
        each = outputs == 0 and results.size > width
        lanes = lanes_for(1 if each else stop - start, block, lanes_of(space))
        spare = (height + 1) * lanes
        fill_shared(part(space, constants, numbers.size), numbers, part(slots, height * lanes, lanes))
        if has_huge(shared) or (limit_of(space) < math.inf and abs(scale) > MOST):
            return locked(thread, HUGE)
        if outputs == 0:
            for i in range(results.size):
                results[i] = 0.0
        factor = space.dtype.type(scale)
        fault = FINE
        for begin in range(start, stop, lanes):
            n = min(lanes, stop - begin)
            totals = part(results, (begin - start) * width if each else 0, width)
            fill(slots, lanes, table, first, columns, inputs, begin, n)
            if has_huge(part(slots, 0, inputs * lanes)):
                return locked(thread, HUGE)
            clear = n == lanes
            # What follows is no function of its own: numba would take a tenth longer to compile it.
            for q in range(instructions):
                instruction = part(program, HEADER + q * FIELDS, FIELDS)
                kind = instruction[0]
                grown = may_grow(kind, instruction[1], instruction[HEAD + 3 * INDEX], lanes)
                if kind == FLAT:
                    flat(instruction, slots, lanes)
                elif kind == ELEMENTWISE:
                    elementwise(instruction, tables, shared, slots, lanes, spare)
                elif kind == VARIADIC:
                    lane = variadic(instruction, tables, shared, slots, lanes, spare)
                    if lane >= 0 and fault < 0:
                        fault = begin + lane
                elif kind < SINK_ONE:
                    if kind != MATRIX:
                        linear(instruction, tables, shared, slots, lanes, spare)
                    elif lanes == 1:
                        add_product_along(instruction, slots, shared)
                    else:
                        grown |= add_product(instruction, slots, shared, lanes)
                elif kind != SINK_MATRIX:
                    sink(instruction, tables, shared, slots, totals, lanes, spare, n, factor)
                elif lanes == 1:
                    sum_products_along(instruction, slots, totals, factor)
                else:
                    if not clear:
                        clear_tails(slots, height, lanes, n)
                        clear = True
                    done = 0
                    if in_table(instruction, table, first):
                        done = sum_rows(instruction, slots, totals, lanes, factor, table, first, begin, n)
                    sum_products(instruction, slots, totals, lanes, factor, done)
                if grown and has_huge(part(slots, instruction[2] * lanes, instruction[3] * lanes)):
                    return locked(thread, HUGE)
            read_outputs(outputs, tables, shared, slots, lanes, spare, results, table.shape[0], begin, n)
        return locked(thread, fault)

    return cached_with_lock(run)


@cache
def run_of(dtype: str) -> Any:
    """The kernel for numbers of a dtype."""
    return _run(fingerprint(__name__, *SOURCES), np.dtype(dtype).type)
