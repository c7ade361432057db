"""The other product of a network: gradients by values, added up over rows.

It works on tiles of eight to twenty-four vectors of sums, which stay in registers; a tile that reaches beyond
the last total computes that one again.
"""

import math
from typing import Any, Final

from autograd.compiler.execution.codes import HEAD, INDEX
from autograd.compiler.execution.columns import (
    add_products,
    add_spread,
    add_square,
    column_at,
    finite,
    sums,
    total,
)
from autograd.compiler.execution.products import rounded_sum
from autograd.compiler.execution.vectors import (
    lane,
    lanes_of,
    load,
    load_column,
    load_square,
    repeated,
    repeated_column,
    rolled,
    store,
    store_column,
    zeros,
)
from autograd.compiler.execution.views import flattened
from autograd.compiler.machine import Array, compiled, compiled_inside

HEIGHT: Final = 4  # factors of a tile along the rows of a table, with three vectors of columns each
SUMS: Final = 3 * HEIGHT


@compiled
def add_sums(totals: Array, position: int, stride: int, last: int, scale: float, vector: Any) -> None:
    """totals += scale · vector, `stride` apart."""
    lanes = lanes_of(totals)
    if stride == 1 and last >= lanes - 1:
        (onto,) = add_products((vector,), repeated(scale), (load(totals, position),))
        store(totals, position, onto)
        return
    for i in range(min(last + 1, lanes)):
        totals[position + i * stride] += scale * lane(vector, i)


@compiled_inside
def sum_products(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float, start: int
) -> None:
    """total_ik += scale · Σ_lanes a_i b_k, from i = start on."""
    count, width = instruction[3], instruction[4]
    vector = lanes_of(space)
    threes = width - width % 3
    clean = True
    for i in range(start, count, vector):
        for k in range(0, threes, 3):
            clean &= sum_tile(instruction, space, totals, lanes, scale, i, k)
    for k in range(threes, width):
        for i in range(start, count, 2 * vector):
            clean &= sum_column(instruction, space, totals, lanes, scale, i, k)
    if not clean:
        mend_sums(instruction, space, totals, lanes, scale)


@compiled
def mend_sums(instruction: Array, space: Array, totals: Array, lanes: int, scale: float) -> None:
    """Do for the sums what `mend` does for results; twice for one that is ∞ is as good as once."""
    a, a_i = instruction[HEAD] * lanes, instruction[HEAD + 1] * lanes
    b, b_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    t = instruction[HEAD + 3 * INDEX]
    t_i, t_k = instruction[HEAD + 3 * INDEX + 1], instruction[HEAD + 3 * INDEX + 2]
    for i in range(instruction[3]):
        for k in range(instruction[4]):
            r = t + i * t_i + k * t_k
            if abs(totals[r]) == math.inf:
                totals[r] += scale * rounded_sum(space, a + i * a_i, 1, space, b + k * b_k, 1, lanes)


@compiled
def in_table(instruction: Array, table: Array, first: int) -> Any:
    """Whether `sum_rows` can compute some of the sums: all a_i are columns, and their totals side by side.

    Those for one b_k must not overlap those for the next, as they do where weights meet an input twice.
    """
    a, count, vector = instruction[HEAD], instruction[3], lanes_of(table)
    beside = instruction[HEAD + 1] == 1 and instruction[HEAD + 3 * INDEX + 1] == 1
    apart = instruction[4] == 1 or abs(instruction[HEAD + 3 * INDEX + 2]) >= vector
    return beside and apart and count >= vector and first <= a and a + count <= first + table.shape[1]


@compiled_inside
def sum_rows(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float,
    table: Array, first: int, begin: int, n: int,
) -> Any:  # fmt: skip
    """total_ik += scale · Σ_rows a_i b_k, where a_i is a column of the table, for all i that are returned.

    The sums lie along the rows of the table, as they do in memory, and are complete at the end of a tile. If
    they lie along lanes each still has to be added up: with 784 columns and 64 rows a quarter of the time.
    """
    count, width = instruction[3], instruction[4]
    b, b_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    t, t_k = instruction[HEAD + 3 * INDEX], instruction[HEAD + 3 * INDEX + 2]
    columns, vector = table.shape[1], lanes_of(table)
    numbers = flattened(table)
    whole = count - count % vector
    clean = True
    for i in range(0, whole, 3 * vector):
        right = vector if i + vector < whole else 0
        further = 2 * vector if i + 2 * vector < whole else right
        for k in range(0, width, HEIGHT):
            last = width - 1 - k
            onto = repeated_column(space.dtype.type(0.0), SUMS)
            p, q = begin * columns + instruction[HEAD] - first + i, b + k * b_k
            for _ in range(n):
                rolled()
                x, y, z = load(numbers, p), load(numbers, p + right), load(numbers, p + further)
                onto = add_spread(space, q, b_k, last, x, y, z, onto)
                p, q = p + columns, q + 1
            clean &= finite(total(onto))
            r = t + i + k * t_k
            add_column(totals, r, t_k, last, scale, column_at(onto, 0, HEIGHT))
            if right > 0:
                add_column(totals, r + right, t_k, last, scale, column_at(onto, 1, HEIGHT))
            if further > right:
                add_column(totals, r + further, t_k, last, scale, column_at(onto, 2, HEIGHT))
    if not clean:
        mend_sums(instruction, space, totals, lanes, scale)
    return whole


@compiled
def add_column(totals: Array, position: int, stride: int, last: int, scale: float, column: Any) -> None:
    """totals += scale · column, `stride` apart."""
    onto = load_column(totals, position, stride, last, HEIGHT)
    store_column(totals, position, stride, last, add_products(column, repeated(scale), onto))


@compiled
def sum_tile(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float, i: int, k: int
) -> Any:
    """The sums of a square from i on with each of three from k on; returns whether all are finite."""
    a_i, b_k = instruction[HEAD + 1] * lanes, instruction[HEAD + INDEX + 2] * lanes
    p, q = instruction[HEAD] * lanes + i * a_i, instruction[HEAD + INDEX] * lanes + k * b_k
    t_i, t_k = instruction[HEAD + 3 * INDEX + 1], instruction[HEAD + 3 * INDEX + 2]
    r = instruction[HEAD + 3 * INDEX] + i * t_i + k * t_k
    last = instruction[3] - 1 - i
    vector = lanes_of(space)
    onto = zeros(space) + zeros(space) + zeros(space)
    for _ in range(0, lanes, vector):
        rolled()
        x, y, z = load(space, q), load(space, q + b_k), load(space, q + 2 * b_k)
        onto = add_square(space, p, a_i, last, x, y, z, onto)
        p, q = p + vector, q + vector
    added = sums(onto, 0), sums(onto, 1), sums(onto, 2)
    add_sums(totals, r, t_i, last, scale, added[0])
    add_sums(totals, r + t_k, t_i, last, scale, added[1])
    add_sums(totals, r + 2 * t_k, t_i, last, scale, added[2])
    return finite(total(added))


@compiled
def sum_column(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float, i: int, k: int
) -> Any:
    """The sums of two squares of results from i on with the one at k; returns whether all are finite."""
    vector = lanes_of(space)
    a_i = instruction[HEAD + 1] * lanes
    p, q = (
        instruction[HEAD] * lanes + i * a_i,
        (instruction[HEAD + INDEX] + k * instruction[HEAD + INDEX + 2]) * lanes,
    )
    t_i = instruction[HEAD + 3 * INDEX + 1]
    r = instruction[HEAD + 3 * INDEX] + i * t_i + k * instruction[HEAD + 3 * INDEX + 2]
    last = instruction[3] - 1 - i
    below, further = (vector, last - vector) if last >= vector else (0, last)
    u = v = zeros(space)
    for _ in range(0, lanes, vector):
        factor = load(space, q)
        u = add_products(load_square(space, p, a_i, last), factor, u)
        v = add_products(load_square(space, p + below * a_i, a_i, further), factor, v)
        p, q = p + vector, q + vector
    added = sums(u, 0), sums(v, 0)
    add_sums(totals, r, t_i, last, scale, added[0])
    if below:
        add_sums(totals, r + below * t_i, t_i, further, scale, added[1])
    return finite(total(added))
