"""The kernels: a small interpreter of plans, compiled once for all of them by numba.

Rows are worked on in blocks. In a block each slot is a row of lanes, one lane for each row of the batch, a
multiple of a vector's; the inner loops run over lanes. A single row has one lane, and loops run along operands.
Sums may be associated anew (`reassoc`), but nan and ∞ keep their meaning.
"""

import sys
import zlib
from pathlib import Path
from typing import Any, Final

from autograd.compiler.execution.elementwise import Array, cached, compiled
from autograd.compiler.execution.encoding import ELEMENTWISE, FLAT, MATRIX, SINK_MATRIX, SINK_ONE, VARIADIC
from autograd.compiler.execution.instructions import elementwise, flat, linear, sink, variadic
from autograd.compiler.execution.products import (
    add_product,
    add_product_along,
    sum_products,
    sum_products_along,
)
from autograd.compiler.execution.vectors import (
    borrowed,
    head,
    lanes_of,
    load,
    load_square,
    store,
    store_column,
    turned,
)
from autograd.compiler.execution.views import lanes_at, part

SOURCES: Final = tuple(
    f"{__package__}.{name}"
    for name in ("custom", "elementwise", "encoding", "instructions", "products", "vectors", "views")
)


@compiled
def fill(
    space: Array,
    lanes: int,
    table: Array,
    first: int,
    columns: Array,
    rows: int,
    inputs: int,
    begin: int,
    n: int,
) -> None:
    """Put n rows of the batch from `begin` on into the first slots, a lane for each."""
    width, vector = table.shape[1], lanes_of(table)
    whole = width - width % vector if lanes > 1 else 0
    flat_table = table.reshape(table.size)
    for j in range(0, whole, vector):
        for l in range(0, n, vector):
            square = load_square(flat_table, (begin + l) * width + j, width, n - 1 - l)
            store_column(space, (first + j) * lanes + l, lanes, vector - 1, turned(square))
    for l in range(n):
        for j in range(whole, width):
            space[(first + j) * lanes + l] = table[begin + l, j]
    for j in range(inputs - width):
        slot = space[(j if j < first else j + width) * lanes :]
        for l in range(n):
            slot[l] = columns[j * rows + begin + l]


@compiled
def run_block(
    code: Array, tables: Array, space: Array, height: int,
    lanes: int, shared: Array, totals: Array, n: int, scale: float,
) -> int:  # fmt: skip
    """Carry out all instructions on one block of n rows; returns the first lane with a wrong index, or −1."""
    fault = -1
    spare = (height + 1) * lanes
    clear = n == lanes
    for q in range(code.shape[0]):
        instruction = code[q]
        kind = instruction[0]
        if kind == FLAT:
            flat(instruction, space, lanes)
        elif kind == ELEMENTWISE:
            elementwise(instruction, tables, shared, space, lanes, spare, n)
        elif kind == VARIADIC:
            lane = variadic(instruction, tables, shared, space, lanes, spare, n)
            if lane >= 0 and fault < 0:
                fault = lane
        elif kind < SINK_ONE:
            if kind != MATRIX:
                linear(instruction, tables, shared, space, lanes, spare, n)
            elif lanes == 1:
                add_product_along(instruction, space, shared)
            else:
                add_product(instruction, space, shared, lanes)
        elif kind != SINK_MATRIX:
            sink(instruction, tables, shared, space, totals, lanes, spare, n, scale)
        elif lanes == 1:
            sum_products_along(instruction, space, totals, scale)
        else:
            if not clear:
                clear_tails(space, height, lanes, n)
                clear = True
            sum_products(instruction, space, totals, lanes, scale)
    return fault


@compiled
def clear_tails(space: Array, height: int, lanes: int, n: int) -> None:
    """Set what is not of a row to 0, so that sums over lanes may take all of them."""
    vector = lanes_of(space)
    for slot in range(height):
        for l in range(n - n % vector, lanes, vector):
            store(space, slot * lanes + l, head(load(space, slot * lanes + l), n - l))


def _run(fingerprint: int) -> Any:
    """The kernel, of which numba's cache has one version for each fingerprint."""

    def run(
        code: Array, tables: Array, space: Array, height: int, lanes: int,
        table: Array, first: int, columns: Array, rows: int, inputs: int,
        numbers: Array, outputs: Array, totals: Array, start: int, stop: int, scale: float,
    ) -> int:  # fmt: skip
        """Run a plan on the rows from start to stop, in blocks of `lanes`.

        The inputs are `table`, a row for each row of the batch, from input `first` on, and around them
        `columns`, `rows` numbers of each. numbers: those that all rows share, behind the plan's constants.
        space: `height` slots, a row of ones, three spare rows, the constants and the shared numbers.
        outputs: shape (outputs, rows), filled from the positions that `tables` begins with. totals: `scale`
        times what the sinks add up, in one row for all blocks or in one for each. Returns the first row in
        which an index is out of range, or −1.
        """
        assert fingerprint >= 0  # a variable of the closure is a part of the key
        code, tables, space, totals = borrowed(code), borrowed(tables), borrowed(space), borrowed(totals)
        spare = (height + 1) * lanes
        shared = space[(height + 4) * lanes :]
        shared[shared.size - numbers.size :] = numbers
        totals[:] = 0.0
        fault = -1
        for begin in range(start, stop, lanes):
            n = min(lanes, stop - begin)
            total = totals[(begin - start) // lanes if totals.shape[0] > 1 else 0]
            fill(space, lanes, table, first, columns, rows, inputs, begin, n)
            lane = run_block(code, tables, space, height, lanes, shared, total, n, space.dtype.type(scale))
            if lane >= 0 and fault < 0:
                fault = begin + lane
            for j in range(outputs.shape[0]):
                given = part(space, lanes_at(tables[j], shared, space, lanes, spare, n), n)
                for l in range(n):
                    outputs[j, begin + l] = given[l]
        return fault

    return cached(run)


def _fingerprint() -> int:
    """A number for the text of all kernels: numba itself would notice changes in this file only."""
    files = [sys.modules[name].__file__ for name in (__name__, *SOURCES)]
    return zlib.crc32(b"".join([Path(file).read_bytes() for file in files if file]))


run: Final = _run(_fingerprint())
