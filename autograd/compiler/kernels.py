"""The kernels: a small interpreter of plans, compiled once for all of them by numba.

Rows are worked on in blocks. In a block each slot is a row of lanes, one lane for each row of the batch, and
the inner loops run over lanes; sums over operands are taken four at a time for two results at once. Sums may
be associated anew (`reassoc`), but nan and ∞ keep their meaning.
"""

import math

from numba import njit

from autograd.compiler.elementwise import (
    CROSS_ENTROPY,
    LOGSUMEXP,
    PROD,
    SELECT,
    WHERE,
    Array,
    binary,
    compiled,
    compiled_sums,
    unary,
    where,
)
from autograd.compiler.encoding import (
    ADD,
    COPY,
    ELEMENTWISE,
    FIRST_BINARY,
    FLAT,
    HEAD,
    INDEX,
    MATRIX,
    SINK,
    SINK_MATRIX,
    SINK_ONE,
    VARIADIC,
    ZERO,
)
from autograd.compiler.products import add_product, sum_products


@njit(inline="always")
def at(instruction: Array, tables: Array, operand: int, i: int, k: int) -> int:
    """Where member i of a group has its operand k."""
    f = HEAD + INDEX * operand
    table = instruction[f + 4]
    if table >= 0:
        position: int = tables[table + i * instruction[f + 3] + k]
    else:
        position = instruction[f] + i * instruction[f + 1] + k * instruction[f + 2]
    return position


@compiled
def lanes(position: int, shared: Array, slots: Array, spare: Array, n: int) -> Array:
    """The lanes of a slot; a shared number is spread over `spare`."""
    if position >= 0:
        return slots[position]
    number = shared[-1 - position]
    for l in range(n):
        spare[l] = number
    return spare


@compiled
def run(
    code: Array,
    tables: Array,
    shared: Array,
    columns: Array,
    slots: Array,
    totals: Array,
    spare: Array,
    outputs: Array,
    places: Array,
) -> int:
    """Run a plan on all rows: `columns` holds the inputs, a column of the batch in each row.

    slots: shape (slots, block), the work space. totals: what the sinks add to. spare: shape (3, block).
    outputs: shape (outputs, rows), filled from the positions in `places`. Returns the first row in which
    an index is out of range, or −1.
    """
    fault = -1
    rows = columns.shape[1]
    block = slots.shape[1]
    for start in range(0, rows, block):
        n = min(block, rows - start)
        for j in range(columns.shape[0]):
            for l in range(n):
                slots[j, l] = columns[j, start + l]
        for q in range(code.shape[0]):
            instruction = code[q]
            kind = instruction[0]
            if kind == FLAT:
                flat(instruction, slots)
            elif kind == ELEMENTWISE:
                elementwise(instruction, tables, shared, slots, spare, n)
            elif kind == VARIADIC:
                lane = variadic(instruction, tables, shared, slots, spare, n)
                if lane >= 0 and fault < 0:
                    fault = start + lane
            elif kind >= SINK_ONE:
                sink(instruction, tables, shared, slots, totals, spare, n)
            else:
                linear(instruction, tables, shared, slots, spare, n)
        for j in range(places.shape[0]):
            given = lanes(places[j], shared, slots, spare[0], n)
            for l in range(n):
                outputs[j, start + l] = given[l]
    return fault


@compiled
def flat(instruction: Array, slots: Array) -> None:
    """z = op(a), op(a, b) or op(a, b, c) for all members at once, whose lanes lie one after the other."""
    code, first, count = instruction[1], instruction[2], instruction[3]
    n = count * slots.shape[1]
    z = slots[first : first + count].reshape(n)
    a = slots[instruction[HEAD] : instruction[HEAD] + count].reshape(n)
    if code < FIRST_BINARY:
        unary(code, a, z, n)
        return
    b = slots[instruction[HEAD + INDEX] : instruction[HEAD + INDEX] + count].reshape(n)
    if code == WHERE:
        c = slots[instruction[HEAD + 2 * INDEX] : instruction[HEAD + 2 * INDEX] + count].reshape(n)
        where(a, b, c, z, n)
    else:
        binary(code, a, b, z, n)


@compiled
def elementwise(instruction: Array, tables: Array, shared: Array, slots: Array, spare: Array, n: int) -> None:
    """z = op(a), op(a, b) or op(a, b, c) for each member."""
    code, first, count = instruction[1], instruction[2], instruction[3]
    for i in range(count):
        z = slots[first + i]
        a = lanes(at(instruction, tables, 0, i, 0), shared, slots, spare[0], n)
        if code < FIRST_BINARY:
            unary(code, a, z, n)
            continue
        b = lanes(at(instruction, tables, 1, i, 0), shared, slots, spare[1], n)
        if code == WHERE:
            where(a, b, lanes(at(instruction, tables, 2, i, 0), shared, slots, spare[2], n), z, n)
        else:
            binary(code, a, b, z, n)


@compiled_sums
def linear(instruction: Array, tables: Array, shared: Array, slots: Array, spare: Array, n: int) -> None:
    """z = 0, z = a, z += Σ a or z += Σ a·b for each member."""
    kind, first, count, width = instruction[0], instruction[2], instruction[3], instruction[4]
    if kind == MATRIX:
        add_product(instruction, shared, slots, n)
        return
    for i in range(count):
        z = slots[first + i]
        if kind == ZERO:
            for l in range(n):
                z[l] = 0.0
        elif kind == COPY:
            a = lanes(at(instruction, tables, 0, i, 0), shared, slots, spare[0], n)
            for l in range(n):
                z[l] = a[l]
        elif kind == ADD:
            for k in range(width):
                a = lanes(at(instruction, tables, 0, i, k), shared, slots, spare[0], n)
                for l in range(n):
                    z[l] += a[l]
        else:
            for k in range(width):
                a = lanes(at(instruction, tables, 0, i, k), shared, slots, spare[0], n)
                b = lanes(at(instruction, tables, 1, i, k), shared, slots, spare[1], n)
                for l in range(n):
                    z[l] += a[l] * b[l]


@compiled_sums
def sink(
    instruction: Array, tables: Array, shared: Array, slots: Array, totals: Array, spare: Array, n: int
) -> None:
    """total += Σ_lanes a or Σ_lanes a·b for each entry."""
    kind, count, width = instruction[0], instruction[3], instruction[4]
    if kind == SINK_MATRIX:
        sum_products(instruction, slots, totals, n)
        return
    for i in range(count):
        for k in range(width):
            total = totals.dtype.type(0.0)
            p = at(instruction, tables, 0, i, k)
            if kind == SINK:
                a = lanes(p, shared, slots, spare[0], n)
                b = lanes(at(instruction, tables, 1, i, k), shared, slots, spare[1], n)
                for l in range(n):
                    total += a[l] * b[l]
            elif p >= 0:
                for l in range(n):
                    total += slots[p, l]
            else:
                total += n * shared[-1 - p]
            totals[at(instruction, tables, 3, i, k)] += total


@compiled
def variadic(instruction: Array, tables: Array, shared: Array, slots: Array, spare: Array, n: int) -> int:
    """z = op(a₀, a₁, …), with the index b for `select` and `cross_entropy`, for each member.

    Returns the first lane in which b is no index, or −1.
    """
    fault = -1
    code, first, count, width = instruction[1], instruction[2], instruction[3], instruction[4]
    for i in range(count):
        z = slots[first + i]
        if code == PROD:
            for l in range(n):
                z[l] = 1.0
            for k in range(width):
                a = lanes(at(instruction, tables, 0, i, k), shared, slots, spare[0], n)
                for l in range(n):
                    z[l] *= a[l]
            continue
        if code == SELECT or code == CROSS_ENTROPY:
            index = lanes(at(instruction, tables, 1, i, 0), shared, slots, spare[1], n)
            for l in range(n):
                if 0 <= index[l] < width and index[l] == math.floor(index[l]):
                    p = at(instruction, tables, 0, i, int(index[l]))
                    z[l] = slots[p, l] if p >= 0 else shared[-1 - p]
                elif fault < 0 or l < fault:
                    fault = l
        if code == LOGSUMEXP or code == CROSS_ENTROPY:
            log_sum(instruction, tables, shared, slots, spare, i, code == CROSS_ENTROPY, n)
    return fault


@compiled
def log_sum(
    instruction: Array,
    tables: Array,
    shared: Array,
    slots: Array,
    spare: Array,
    i: int,
    relative: bool,
    n: int,
) -> None:
    """z = log Σ exp(aₖ), or if `relative` that less what stands in z, as `ops.cross_entropy` does it."""
    width = instruction[4]
    z = slots[instruction[2] + i]
    greatest, total = spare[1], spare[2]
    for l in range(n):
        greatest[l] = -math.inf
        total[l] = 0.0
    for k in range(width):
        a = lanes(at(instruction, tables, 0, i, k), shared, slots, spare[0], n)
        for l in range(n):
            if a[l] > greatest[l] or a[l] != a[l]:
                greatest[l] = a[l]
    for k in range(width):
        a = lanes(at(instruction, tables, 0, i, k), shared, slots, spare[0], n)
        for l in range(n):
            total[l] += math.exp(a[l] - greatest[l])
    for l in range(n):
        if greatest[l] - greatest[l] != 0.0:
            z[l] = greatest[l] - (z[l] if relative else 0.0)
        elif relative and z[l] == greatest[l]:
            z[l] = 0.0
            others = 0.0
            found = False
            for k in range(width):
                p = at(instruction, tables, 0, i, k)
                a_l = slots[p, l] if p >= 0 else shared[-1 - p]
                if a_l == greatest[l] and not found:
                    found = True
                else:
                    others += math.exp(a_l - greatest[l])
            z[l] = math.log1p(others)
        else:
            z[l] = greatest[l] + math.log(total[l]) - (z[l] if relative else 0.0)
