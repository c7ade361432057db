"""Tiles: sums of products of weights and lanes that stay in registers, eight or twelve vectors of them.

A tile that reaches beyond the last result computes that one again.
"""

from typing import Any, Final

from autograd.compiler.execution.codes import FROM_BIAS, FROM_ZERO, HEAD, INDEX, ONTO
from autograd.compiler.execution.columns import add_products, add_spread, column_at, squares, total
from autograd.compiler.execution.endings import ended
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
from autograd.compiler.machine import Array, compiled

HEIGHT: Final = 4  # results of a tile, with two or three vectors of lanes each
LENGTH: Final = 8  # vectors of lanes of a tile of one result


@compiled
def in_threes(lanes: int, vector: int) -> int:
    """How many lanes wide tiles work on, so that the rest, if any, are two or four vectors; or one alone."""
    vectors = lanes // vector
    return max(0, vectors - 2 * (-vectors % 3)) * vector


@compiled
def places(instruction: Array, lanes: int, i: int) -> tuple[int, int, int, int, int, int, int, int]:
    """How many results there are behind i; where its weights are, how far the next result's and the next
    operand's are; where its operands are, and how far the next one is; and where it is itself, and what its
    ending needs."""
    w_i, w_k = -instruction[HEAD + 1], -instruction[HEAD + 2]
    return (
        instruction[3] - 1 - i,
        -1 - instruction[HEAD] + i * w_i,
        w_i,
        w_k,
        instruction[HEAD + INDEX] * lanes,
        instruction[HEAD + INDEX + 2] * lanes,
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
    last, w, w_i, w_k, x, x_k, results, others = places(instruction, lanes, i)
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
        p, q = w + k * w_k, x + k * x_k + l
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
    last, w, w_i, w_k, x, x_k, results, others = places(instruction, lanes, i)
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
        p, q = w + k * w_k, x + k * x_k + l
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
def add_narrow(instruction: Array, space: Array, shared: Array, lanes: int, i: int, check: Any) -> Any:
    """The same where there are one or two products, so that all weights of a tile stay in registers."""
    start, width, ending = instruction[1], instruction[4], instruction[HEAD + 3 * INDEX]
    last, w, w_i, w_k, x, x_k, z, other = places(instruction, lanes, i)
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
    _, w, _, w_k, x, x_k, z, other = places(instruction, lanes, i)
    vector = lanes_of(space)
    number = beginning(instruction, shared, i)
    for l in range(0, lanes, LENGTH * vector):
        last = (lanes - l) // vector - 1
        if start == ONTO:
            a = load_column(space, z + l, vector, last, LENGTH)
        else:
            a = repeated_column(number, LENGTH)
        p, q = w + k * w_k, x + k * x_k + l
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
