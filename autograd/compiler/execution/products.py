"""The two products of a network over lanes: weights by values, and gradients by values.

Both work on tiles of 8 or 16 vectors of sums, which stay in registers; a tile that reaches beyond the last
result computes that one again.
"""

from typing import Any, Final

from autograd.compiler.execution.elementwise import Array, compiled, compiled_sums
from autograd.compiler.execution.encoding import FROM_BIAS, FROM_ZERO, HEAD, INDEX, ONTO
from autograd.compiler.execution.vectors import (
    VECTOR,
    add_products,
    lane,
    load,
    load_column,
    repeated,
    spread_column,
    store,
    store_column,
    sums,
)

HEIGHT: Final = 4  # of a tile of results, with two vectors of lanes
DEPTH: Final = 64  # operands at a time: 64 rows of 64 lanes fit the first-level cache


@compiled
def add_product(instruction: Array, space: Array, shared: Array, lanes: int) -> None:
    """z_i = Σ_k W_ik x_k + c_i."""
    first, count, width = instruction[2], instruction[3], instruction[4]
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    c, c_i = -1 - instruction[HEAD + 2 * INDEX], -instruction[HEAD + 2 * INDEX + 1]
    for k in range(0, width, DEPTH):
        start = instruction[1] if k == 0 else ONTO
        for i in range(0, count, HEIGHT):
            last = count - 1 - i
            for l in range(0, lanes, 2 * VECTOR):
                right = VECTOR if l + VECTOR < lanes else 0
                z = (first + i) * lanes + l
                if start == ONTO:
                    a = load_column(space, z, lanes, last, HEIGHT)
                    b = load_column(space, z + right, lanes, last, HEIGHT)
                elif start == FROM_BIAS:
                    a = b = spread_column(shared, c + i * c_i, c_i, last, HEIGHT)
                else:
                    zero = repeated(space.dtype.type(0.0 if start == FROM_ZERO else -0.0))  # −0 + x is x
                    a = b = (zero, zero, zero, zero)
                p, q = w + i * w_i + k * w_k, x + k * x_k + l
                for _ in range(min(DEPTH, width - k)):
                    weights = spread_column(shared, p, w_i, last, HEIGHT)
                    a = add_products(weights, load(space, q), a)
                    b = add_products(weights, load(space, q + right), b)
                    p, q = p + w_k, q + x_k
                store_column(space, z, lanes, last, a)
                store_column(space, z + right, lanes, last, b)


@compiled
def add_sums(totals: Array, position: int, stride: int, last: int, scale: float, vector: Any) -> None:
    """totals += scale · vector, `stride` apart."""
    if stride == 1 and last >= VECTOR - 1:
        (onto,) = add_products((vector,), repeated(scale), (load(totals, position),))
        store(totals, position, onto)
        return
    for i in range(min(last + 1, VECTOR)):
        totals[position + i * stride] += scale * lane(vector, i)


@compiled
def sum_products(instruction: Array, space: Array, totals: Array, lanes: int, scale: float) -> None:
    """total_ik += scale · Σ_lanes a_i b_k."""
    count, width = instruction[3], instruction[4]
    a, a_i = instruction[HEAD] * lanes, instruction[HEAD + 1] * lanes
    b, b_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    t, t_i, t_k = (
        instruction[HEAD + 3 * INDEX],
        instruction[HEAD + 3 * INDEX + 1],
        instruction[HEAD + 3 * INDEX + 2],
    )
    zero = repeated(space.dtype.type(0.0))
    zeros = (zero, zero, zero, zero, zero, zero, zero, zero)
    for i in range(0, count, VECTOR):
        last = count - 1 - i
        for k in range(0, width, 2):
            right = b_k if k + 1 < width else 0
            u = v = zeros
            p, q = a + i * a_i, b + k * b_k
            for _ in range(0, lanes, VECTOR):
                column = load_column(space, p, a_i, last, VECTOR)
                u = add_products(column, load(space, q), u)
                v = add_products(column, load(space, q + right), v)
                p, q = p + VECTOR, q + VECTOR
            r = t + i * t_i + k * t_k
            add_sums(totals, r, t_i, last, scale, sums(u))
            if k + 1 < width:
                add_sums(totals, r + t_k, t_i, last, scale, sums(v))


@compiled_sums
def add_product_along(instruction: Array, space: Array, shared: Array) -> None:
    """The same as `add_product` for one row, along the operands or along the results."""
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


@compiled_sums
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
