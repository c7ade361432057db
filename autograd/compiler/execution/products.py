"""The two products of a network over lanes: weights by values, and gradients by values.

Both work on tiles of 8 to 24 vectors of sums, which stay in registers; a tile that reaches beyond the last
result computes that one again.
"""

import math
from typing import Any, Final

from autograd.compiler.execution.elementwise import Array, compiled, compiled_sums
from autograd.compiler.execution.encoding import (
    ALONE,
    BESIDE,
    FROM_BIAS,
    FROM_ZERO,
    GATED,
    HEAD,
    INDEX,
    ONTO,
    RECTIFIED,
    TIMES,
)
from autograd.compiler.execution.vectors import (
    add_products,
    add_spread,
    add_square,
    column_at,
    finite,
    lane,
    lanes_of,
    load,
    load_column,
    load_square,
    multiplied,
    rectified,
    repeated,
    repeated_column,
    spread_column,
    stepped,
    store,
    store_column,
    sums,
    total,
    zeros,
)
from autograd.compiler.execution.views import flattened, part

HEIGHT: Final = 4  # results of a tile, with two vectors of lanes each
THREE: Final = 3 * HEIGHT
LENGTH: Final = 8  # vectors of lanes of a tile of one result
DEPTH: Final = 32  # operands at a time: 32 rows of 64 lanes leave half of a first-level cache to the weights


@compiled
def add_product(instruction: Array, space: Array, shared: Array, lanes: int) -> None:
    """z_i = Σ_k W_ik x_k + c_i, and then what the instruction does at its end."""
    start, count, width = instruction[1], instruction[3], instruction[4]
    check = repeated(space.dtype.type(0.0))
    for k in range(0, width, DEPTH):
        depth = min(DEPTH, width - k)
        ending = instruction[HEAD + 3 * INDEX] if k + depth == width else ALONE
        for i in range(0, count, HEIGHT):
            if i + 1 < count:
                check = add_tiles(instruction, space, shared, lanes, start, i, k, depth, ending, check)
            else:
                check = add_row(instruction, space, shared, lanes, start, i, k, depth, ending, check)
        start = ONTO
    if not finite(check):
        mend(instruction, space, shared, lanes)


@compiled
def add_tiles(
    instruction: Array, space: Array, shared: Array, lanes: int, start: int,
    i: int, k: int, depth: int, ending: int, check: Any,
) -> Any:  # fmt: skip
    """The `depth` products from k on for the results from i on, for all lanes; returns check + Σ of the results."""
    last = instruction[3] - 1 - i
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    c, c_i = -1 - instruction[HEAD + 2 * INDEX], -instruction[HEAD + 2 * INDEX + 1]
    vector = lanes_of(space)
    for l in range(0, lanes, 2 * vector):
        right = vector if l + vector < lanes else 0
        z = (instruction[2] + i) * lanes + l
        if start == ONTO:
            a = load_column(space, z, lanes, last, HEIGHT)
            b = load_column(space, z + right, lanes, last, HEIGHT)
        elif start == FROM_BIAS:
            a = b = spread_column(shared, c + i * c_i, c_i, last, HEIGHT)
        else:
            zero = space.dtype.type(0.0 if start == FROM_ZERO else -0.0)  # −0 + x is x
            a = b = repeated_column(zero, HEIGHT)
        p, q = w + i * w_i + k * w_k, x + k * x_k + l
        for _ in range(depth):
            weights = spread_column(shared, p, w_i, last, HEIGHT)
            a = add_products(weights, load(space, q), a)
            b = add_products(weights, load(space, q + right), b)
            p, q = p + w_k, q + x_k
        check = total((check, total(a), total(b)))
        other = (instruction[HEAD + 3 * INDEX + 1] + i) * lanes + l
        if ending == RECTIFIED:
            a, b = rectified(a), rectified(b)
        elif ending == BESIDE:
            store_column(space, other, lanes, last, rectified(a))
            store_column(space, other + right, lanes, last, rectified(b))
        elif ending != ALONE:
            u = load_column(space, other, lanes, last, HEIGHT)
            v = load_column(space, other + right, lanes, last, HEIGHT)
            if ending == GATED:
                u, v = stepped(u), stepped(v)
            a, b = multiplied(a, u), multiplied(b, v)
        store_column(space, z, lanes, last, a)
        store_column(space, z + right, lanes, last, b)
    return check


@compiled
def add_row(
    instruction: Array, space: Array, shared: Array, lanes: int, start: int,
    i: int, k: int, depth: int, ending: int, check: Any,
) -> Any:  # fmt: skip
    """The same for result i alone."""
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    vector = lanes_of(space)
    z = (instruction[2] + i) * lanes
    number = space.dtype.type(0.0 if start == FROM_ZERO else -0.0)
    if start == FROM_BIAS:
        number = shared[-1 - instruction[HEAD + 2 * INDEX] - i * instruction[HEAD + 2 * INDEX + 1]]
    for l in range(0, lanes, LENGTH * vector):
        last = (lanes - l) // vector - 1
        if start == ONTO:
            a = load_column(space, z + l, vector, last, LENGTH)
        else:
            a = repeated_column(number, LENGTH)
        p, q = w + i * w_i + k * w_k, x + k * x_k + l
        for _ in range(depth):
            a = add_products(load_column(space, q, vector, last, LENGTH), repeated(shared[p]), a)
            p, q = p + w_k, q + x_k
        check = total((check, total(a)))
        other = (instruction[HEAD + 3 * INDEX + 1] + i) * lanes + l
        if ending == RECTIFIED:
            a = rectified(a)
        elif ending == BESIDE:
            store_column(space, other, vector, last, rectified(a))
        elif ending != ALONE:
            u = load_column(space, other, vector, last, LENGTH)
            a = multiplied(a, stepped(u) if ending == GATED else u)
        store_column(space, z + l, vector, last, a)
    return check


@compiled
def mend(instruction: Array, space: Array, shared: Array, lanes: int) -> None:
    """Compute the results once more, with each product rounded before it is added.

    A product and an addition rounded once hide that the product is ∞ by itself: 10²⁰⁰·10²⁰⁰ − 10²⁰⁰·10²⁰⁰ is nan.
    A sum that was begun before is ∞ for that reason, and stays so, or is nan, when the same is added once more.
    """
    start, ending = instruction[1], instruction[HEAD + 3 * INDEX]
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    c, c_i = -1 - instruction[HEAD + 2 * INDEX], -instruction[HEAD + 2 * INDEX + 1]
    for i in range(instruction[3]):
        place = (instruction[2] + i) * lanes
        z = part(space, place, lanes)
        for l in range(lanes):
            if start == FROM_BIAS:
                z[l] = shared[c + i * c_i]
            elif start != ONTO:
                z[l] = 0.0 if start == FROM_ZERO else -0.0
            elif abs(z[l]) == math.inf:
                z[l] += rounded_sum(shared, w + i * w_i, w_k, space, x + l, x_k, instruction[4])
        for k in range(instruction[4] if start != ONTO else 0):
            factor, numbers = shared[w + i * w_i + k * w_k], part(space, x + k * x_k, lanes)
            for l in range(lanes):
                z[l] += factor * numbers[l]
        for l in range(lanes):
            end(space, place + l, (instruction[HEAD + 3 * INDEX + 1] + i) * lanes + l, ending)


@compiled
def rounded_sum(a: Array, p: int, p_k: int, b: Array, q: int, q_k: int, width: int) -> float:
    """Σ_k a_k b_k, each product and each sum rounded."""
    total = a[p] * b[q]
    for k in range(1, width):
        total += a[p + k * p_k] * b[q + k * q_k]
    return total


@compiled
def end(space: Array, z: int, other: int, ending: int) -> None:
    """Do with one result what is to be done at the end."""
    if ending == RECTIFIED:
        space[z] = 0.0 if space[z] <= 0.0 else space[z]
    elif ending == BESIDE:
        space[other] = 0.0 if space[z] <= 0.0 else space[z]
    elif ending == TIMES:
        space[z] *= space[other]
    elif ending == GATED:
        space[z] *= 0.0 if space[other] <= 0.0 else 1.0


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


@compiled
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
        mend_sums(instruction, space, totals, lanes, scale, start, count)


@compiled
def mend_sums(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float, start: int, stop: int
) -> None:
    """Do for the sums from i = start to stop what `mend` does for results."""
    a, a_i = instruction[HEAD] * lanes, instruction[HEAD + 1] * lanes
    b, b_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    t = instruction[HEAD + 3 * INDEX]
    t_i, t_k = instruction[HEAD + 3 * INDEX + 1], instruction[HEAD + 3 * INDEX + 2]
    for i in range(start, stop):
        for k in range(instruction[4]):
            r = t + i * t_i + k * t_k
            if abs(totals[r]) == math.inf:
                totals[r] += scale * rounded_sum(space, a + i * a_i, 1, space, b + k * b_k, 1, lanes)


@compiled
def in_table(instruction: Array, table: Array, first: int) -> bool:
    """Whether `sum_rows` can compute some sums of the instruction: every a_i is a column, for totals side by side."""
    a, count = instruction[HEAD], instruction[3]
    beside = instruction[HEAD + 1] == 1 and instruction[HEAD + 3 * INDEX + 1] == 1
    return beside and count >= lanes_of(table) and first <= a and a + count <= first + table.shape[1]


@compiled
def sum_rows(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float,
    table: Array, first: int, begin: int, n: int,
) -> int:  # fmt: skip
    """total_ik += scale · Σ_rows a_i b_k, where a_i is a column of the table, for all i that are returned.

    The sums lie along the rows of the table, as they do in memory, and are complete at the end of a tile. Where
    they lie along lanes each still has to be added up, which took a quarter of the time for 784 columns and 64 rows.
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
            onto = repeated_column(space.dtype.type(0.0), THREE)
            p, q = begin * columns + instruction[HEAD] - first + i, b + k * b_k
            for _ in range(n):
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
        mend_sums(instruction, space, totals, lanes, scale, 0, whole)
    return whole


@compiled
def add_column(totals: Array, position: int, stride: int, last: int, scale: float, column: Any) -> None:
    """totals += scale · column, `stride` apart."""
    onto = load_column(totals, position, stride, last, HEIGHT)
    store_column(totals, position, stride, last, add_products(column, repeated(scale), onto))


@compiled
def sum_tile(
    instruction: Array, space: Array, totals: Array, lanes: int, scale: float, i: int, k: int
) -> bool:
    """The sums of a square of results from i on with each of the three from k on; returns whether all are finite."""
    a_i, b_k = instruction[HEAD + 1] * lanes, instruction[HEAD + INDEX + 2] * lanes
    p, q = instruction[HEAD] * lanes + i * a_i, instruction[HEAD + INDEX] * lanes + k * b_k
    t_i, t_k = instruction[HEAD + 3 * INDEX + 1], instruction[HEAD + 3 * INDEX + 2]
    r = instruction[HEAD + 3 * INDEX] + i * t_i + k * t_k
    last = instruction[3] - 1 - i
    vector = lanes_of(space)
    onto = zeros(space) + zeros(space) + zeros(space)
    for _ in range(0, lanes, vector):
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
) -> bool:
    """The sums of two squares of results from i on with the one at k; returns whether all are finite."""
    vector = lanes_of(space)
    a_i = instruction[HEAD + 1] * lanes
    p, q = instruction[HEAD] * lanes + i * a_i, (instruction[HEAD + INDEX] + k * instruction[HEAD + INDEX + 2]) * lanes
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


@compiled
def add_product_along(instruction: Array, space: Array, shared: Array) -> None:
    """The same as `add_product` for one row, along the operands or along the results."""
    add_along(instruction, space, shared)
    count, ending = instruction[3], instruction[HEAD + 3 * INDEX]
    z, other = instruction[2], instruction[HEAD + 3 * INDEX + 1]
    if ending != ALONE:
        for i in range(count):
            end(space, z + i, other + i, ending)


@compiled_sums
def add_along(instruction: Array, space: Array, shared: Array) -> None:
    """z_i = Σ_k W_ik x_k + c_i for one row."""
    start, first, count, width = instruction[1], instruction[2], instruction[3], instruction[4]
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX], instruction[HEAD + INDEX + 2]
    c, c_i = -1 - instruction[HEAD + 2 * INDEX], -instruction[HEAD + 2 * INDEX + 1]
    z = space[first : first + count]
    for i in range(count):
        if start == FROM_BIAS:
            z[i] = shared[c + i * c_i]
        elif start != ONTO:
            z[i] = 0.0 if start == FROM_ZERO else -0.0
    if w_i == 1:
        for k in range(width):
            number, weights = space[x + k * x_k], shared[w + k * w_k : w + k * w_k + count]
            for i in range(count):
                z[i] += weights[i] * number
        return
    for i in range(count):
        total = z[i]
        p = w + i * w_i
        if w_k == 1 and x_k == 1:
            weights, numbers = shared[p : p + width], space[x : x + width]
            for k in range(width):
                total += weights[k] * numbers[k]
        else:
            for k in range(width):
                total += shared[p + k * w_k] * space[x + k * x_k]
        z[i] = total


@compiled
def sum_products_along(instruction: Array, space: Array, totals: Array, scale: float) -> None:
    """The same as `sum_products` for one row, along the results."""
    count, width = instruction[3], instruction[4]
    a, a_i = instruction[HEAD], instruction[HEAD + 1]
    b, b_k = instruction[HEAD + INDEX], instruction[HEAD + INDEX + 2]
    t, t_i, t_k = (
        instruction[HEAD + 3 * INDEX],
        instruction[HEAD + 3 * INDEX + 1],
        instruction[HEAD + 3 * INDEX + 2],
    )
    if t_i != 1 or a_i != 1:
        a, a_i, t_i, count, b, b_k, t_k, width = b, b_k, t_k, width, a, a_i, t_i, count
    for k in range(width):
        factor, r = scale * space[b + k * b_k], t + k * t_k
        if t_i == 1 and a_i == 1:
            onto, numbers = totals[r : r + count], space[a : a + count]
            for i in range(count):
                onto[i] += numbers[i] * factor
        else:
            for i in range(count):
                totals[r + i * t_i] += space[a + i * a_i] * factor
