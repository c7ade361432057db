"""The product of a network over lanes, weights by values, and what is done at its end."""

import math
from typing import Any, Final

from autograd.compiler.execution.codes import ALONE, HEAD, INDEX, ONTO
from autograd.compiler.execution.columns import below, finite
from autograd.compiler.execution.endings import end
from autograd.compiler.execution.magnitudes import limit_of
from autograd.compiler.execution.tiles import (
    HEIGHT,
    add_narrow,
    add_row,
    add_tiles,
    add_wide_tiles,
    beginning,
    in_threes,
    places,
)
from autograd.compiler.execution.vectors import lanes_of, repeated
from autograd.compiler.execution.views import part
from autograd.compiler.machine import Array, compiled, compiled_inside

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
                check = add_narrow(instruction, space, shared, lanes, i, check)
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
def mend(instruction: Array, space: Array, shared: Array, lanes: int) -> None:
    """Compute the results once more, with each product rounded before it is added.

    A product and an addition rounded once hide that the product is ∞ by itself: 10²⁰⁰·10²⁰⁰ − 10²⁰⁰·10²⁰⁰ is
    nan. A sum that was begun before is ∞ for that reason, and stays so, or is nan, if the same is added anew.
    """
    start, ending = instruction[1], instruction[HEAD + 3 * INDEX]
    for i in range(instruction[3]):
        _, w, _, w_k, x, x_k, place, other = places(instruction, lanes, i)
        z = part(space, place, lanes)
        for l in range(lanes):
            if start != ONTO:
                z[l] = beginning(instruction, shared, i)
            elif abs(z[l]) == math.inf:
                z[l] += rounded_sum(shared, w, w_k, space, x + l, x_k, instruction[4])
        for k in range(instruction[4] if start != ONTO else 0):
            factor, numbers = shared[w + k * w_k], part(space, x + k * x_k, lanes)
            for l in range(lanes):
                z[l] += factor * numbers[l]
        for l in range(lanes):
            end(space, place + l, other + l, ending)


@compiled
def rounded_sum(a: Array, p: int, p_k: int, b: Array, q: int, q_k: int, width: int) -> float:
    """Σ_k a_k b_k, each product and each sum rounded."""
    result: float = a[p] * b[q]
    for k in range(1, width):
        result += a[p + k * p_k] * b[q + k * q_k]
    return result
