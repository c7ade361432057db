"""The product of a network over lanes, weights by values, and what is done at its end.

It works on tiles of eight or twelve vectors of sums, which stay in registers; a tile that reaches beyond the
last result computes that one again.
"""

import math
from typing import Any, Final

from autograd.compiler.execution.codes import ALONE, FROM_BIAS, FROM_ZERO, HEAD, INDEX, ONTO
from autograd.compiler.execution.columns import (
    add_products,
    add_spread,
    below,
    column_at,
    finite,
    squares,
    total,
)
from autograd.compiler.execution.endings import end, ended
from autograd.compiler.execution.magnitudes import limit_of
from autograd.compiler.execution.vectors import (
    lanes_of,
    load,
    load_column,
    repeated,
    repeated_column,
    rolled,
    spread_column,
    store_column,
)
from autograd.compiler.execution.views import part
from autograd.compiler.machine import Array, compiled, compiled_inside

HEIGHT: Final = 4  # results of a tile, with two or three vectors of lanes each
LENGTH: Final = 8  # vectors of lanes of a tile of one result
NARROW: Final = 2  # operands for which a tile is one vector of lanes wide
DEPTH: Final = 32  # operands at a time: 32 rows of 64 lanes leave half of a first-level cache to the weights


@compiled_inside
def add_product(instruction: Array, space: Array, shared: Array, lanes: int) -> Any:
    """z_i = Σ_k W_ik x_k + c_i, and then what the instruction does at its end.

    Returns whether there may be huge results.
    """
    start, count, width = instruction[1], instruction[3], instruction[4]
    check = repeated(space.dtype.type(0.0))
    wide = in_threes(lanes, lanes_of(space))
    for k in range(0, width, DEPTH):
        depth = min(DEPTH, width - k)
        ending = instruction[HEAD + 3 * INDEX] if k + depth == width else ALONE
        for i in range(0, count, HEIGHT):
            if i + 1 == count:
                check = add_row(instruction, space, shared, lanes, start, i, k, depth, ending, check)
            elif width <= NARROW:
                check = add_narrow(instruction, space, shared, lanes, i, k, check)
            else:
                if wide > 0:
                    check = add_wide_tiles(
                        instruction, space, shared, lanes, start, i, k, depth, ending, wide, check
                    )
                if wide < lanes:
                    check = add_tiles(
                        instruction, space, shared, lanes, start, i, k, depth, ending, wide, check
                    )
        start = ONTO
    if not finite(check):
        mend(instruction, space, shared, lanes)
    limit = limit_of(space)
    return not below(check, repeated(limit * limit))


@compiled
def in_threes(lanes: int, vector: int) -> int:
    """How many lanes wide tiles work on, so that the rest, if any, are two or four vectors; or one alone."""
    vectors = lanes // vector
    return max(0, vectors - 2 * (-vectors % 3)) * vector


@compiled
def places(instruction: Array, lanes: int, i: int, k: int) -> tuple[int, int, int, int, int, int, int, int]:
    """How many results there are behind i; where the weights are that it has from k on, how far the next
    result's and the next operand's are; where its operands are from k on, and how far the next one is; and
    where it is itself, and what its ending needs."""
    w_i, w_k = -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    return (
        instruction[3] - 1 - i,
        -1 - instruction[HEAD] + i * w_i + k * w_k,
        w_i,
        w_k,
        x + k * x_k,
        x_k,
        (instruction[2] + i) * lanes,
        (instruction[HEAD + 3 * INDEX + 1] + i) * lanes,
    )


@compiled
def add_wide_tiles(
    instruction: Array, space: Array, shared: Array, lanes: int, start: int,
    i: int, k: int, depth: int, ending: int, wide: int, check: Any,
) -> Any:  # fmt: skip
    """The `depth` products from k on for the results from i on, for the first `wide` lanes.

    Returns check plus the squares of the results, by which nan, ∞ and huge ones are found.
    """
    last, w, w_i, w_k, x, x_k, results, others = places(instruction, lanes, i, k)
    vector = lanes_of(space)
    begun = beginnings(instruction, shared, i)
    for l in range(0, wide, 3 * vector):
        z, other = results + l, others + l
        if start == ONTO:
            a = load_column(space, z, lanes, last, HEIGHT)
            b = load_column(space, z + vector, lanes, last, HEIGHT)
            c = load_column(space, z + 2 * vector, lanes, last, HEIGHT)
        else:
            a = b = c = begun
        onto = a + b + c
        p, q = w, x + l
        for _ in range(depth):
            rolled()
            numbers = load(space, q), load(space, q + vector), load(space, q + 2 * vector)
            onto = add_spread(shared, p, w_i, last, *numbers, onto)
            p, q = p + w_k, q + x_k
        a, b, c = column_at(onto, 0, HEIGHT), column_at(onto, 1, HEIGHT), column_at(onto, 2, HEIGHT)
        check = total((check, squares(a), squares(b), squares(c)))
        a = ended(a, space, other, lanes, last, ending)
        b = ended(b, space, other + vector, lanes, last, ending)
        c = ended(c, space, other + 2 * vector, lanes, last, ending)
        store_column(space, z, lanes, last, a)
        store_column(space, z + vector, lanes, last, b)
        store_column(space, z + 2 * vector, lanes, last, c)
    return check


@compiled
def add_tiles(
    instruction: Array, space: Array, shared: Array, lanes: int, start: int,
    i: int, k: int, depth: int, ending: int, wide: int, check: Any,
) -> Any:  # fmt: skip
    """The same for the other lanes, two vectors at a time."""
    last, w, w_i, w_k, x, x_k, results, others = places(instruction, lanes, i, k)
    vector = lanes_of(space)
    begun = beginnings(instruction, shared, i)
    for l in range(wide, lanes, 2 * vector):
        right = vector if l + vector < lanes else 0
        z, other = results + l, others + l
        if start == ONTO:
            a = load_column(space, z, lanes, last, HEIGHT)
            b = load_column(space, z + right, lanes, last, HEIGHT)
        else:
            a = b = begun
        p, q = w, x + l
        for _ in range(depth):
            rolled()
            weights = spread_column(shared, p, w_i, last, HEIGHT)
            a = add_products(weights, load(space, q), a)
            b = add_products(weights, load(space, q + right), b)
            p, q = p + w_k, q + x_k
        check = total((check, squares(a), squares(b)))
        a = ended(a, space, other, lanes, last, ending)
        b = ended(b, space, other + right, lanes, last, ending)
        store_column(space, z, lanes, last, a)
        store_column(space, z + right, lanes, last, b)
    return check


@compiled
def add_narrow(
    instruction: Array, space: Array, shared: Array, lanes: int, i: int, k: int, check: Any
) -> Any:
    """The same where there are one or two products, so that all weights of a tile stay in registers."""
    start, width, ending = instruction[1], instruction[4], instruction[HEAD + 3 * INDEX]
    last, w, w_i, w_k, x, x_k, z, other = places(instruction, lanes, i, k)
    first = spread_column(shared, w, w_i, last, HEIGHT)
    second = spread_column(shared, w + (width - 1) * w_k, w_i, last, HEIGHT)
    begun = beginnings(instruction, shared, i)
    for l in range(0, lanes, lanes_of(space)):
        a = load_column(space, z + l, lanes, last, HEIGHT) if start == ONTO else begun
        a = add_products(first, load(space, x + l), a)
        if width > 1:
            a = add_products(second, load(space, x + x_k + l), a)
        check = total((check, squares(a)))
        a = ended(a, space, other + l, lanes, last, ending)
        store_column(space, z + l, lanes, last, a)
    return check


@compiled
def add_row(
    instruction: Array, space: Array, shared: Array, lanes: int, start: int,
    i: int, k: int, depth: int, ending: int, check: Any,
) -> Any:  # fmt: skip
    """The same for result i alone."""
    _, w, _, w_k, x, x_k, z, other = places(instruction, lanes, i, k)
    vector = lanes_of(space)
    number = beginning(instruction, shared, i)
    for l in range(0, lanes, LENGTH * vector):
        last = (lanes - l) // vector - 1
        if start == ONTO:
            a = load_column(space, z + l, vector, last, LENGTH)
        else:
            a = repeated_column(number, LENGTH)
        p, q = w, x + l
        for _ in range(depth):
            rolled()
            a = add_products(load_column(space, q, vector, last, LENGTH), repeated(shared[p]), a)
            p, q = p + w_k, q + x_k
        check = total((check, squares(a)))
        a = ended(a, space, other + l, vector, last, ending)
        store_column(space, z + l, vector, last, a)
    return check


@compiled
def beginning(instruction: Array, shared: Array, i: int) -> Any:
    """From what result i starts, unless from what its slot holds: its bias, 0, or −0, as −0 + x is x."""
    if instruction[1] == FROM_BIAS:
        return shared[-1 - instruction[HEAD + 2 * INDEX] - i * instruction[HEAD + 2 * INDEX + 1]]
    return shared.dtype.type(0.0 if instruction[1] == FROM_ZERO else -0.0)


@compiled
def beginnings(instruction: Array, shared: Array, i: int) -> Any:
    """The same for the results of a tile, each in all lanes."""
    if instruction[1] == FROM_BIAS:
        c, c_i = -1 - instruction[HEAD + 2 * INDEX], -instruction[HEAD + 2 * INDEX + 1]
        return spread_column(shared, c + i * c_i, c_i, instruction[3] - 1 - i, HEIGHT)
    return repeated_column(beginning(instruction, shared, i), HEIGHT)


@compiled
def mend(instruction: Array, space: Array, shared: Array, lanes: int) -> None:
    """Compute the results once more, with each product rounded before it is added.

    A product and an addition rounded once hide that the product is ∞ by itself: 10²⁰⁰·10²⁰⁰ − 10²⁰⁰·10²⁰⁰ is
    nan. A sum that was begun before is ∞ for that reason, and stays so, or is nan, if the same is added anew.
    """
    start, ending = instruction[1], instruction[HEAD + 3 * INDEX]
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX] * lanes, instruction[HEAD + INDEX + 2] * lanes
    for i in range(instruction[3]):
        place = (instruction[2] + i) * lanes
        z = part(space, place, lanes)
        for l in range(lanes):
            if start != ONTO:
                z[l] = beginning(instruction, shared, i)
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
    result: float = a[p] * b[q]
    for k in range(1, width):
        result += a[p + k * p_k] * b[q + k * q_k]
    return result
