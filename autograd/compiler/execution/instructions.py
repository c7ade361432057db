"""Instructions: what each of them does with the lanes of its operands, but for sums."""

# l is a lane, and numba compiles the plain form

import math

from autograd.compiler.execution.codes import CUSTOM, FIRST_BINARY, HEAD, INDEX
from autograd.compiler.execution.custom import called
from autograd.compiler.execution.elementwise import (
    CROSS_ENTROPY,
    LOGSUMEXP,
    PROD,
    SELECT,
    WHERE,
    binary,
    unary,
    where,
)
from autograd.compiler.execution.views import at, lanes_at, part
from autograd.compiler.machine import Array, compiled, compiled_inside

__all__ = ["elementwise", "flat", "variadic"]


@compiled_inside
def flat(instruction: Array, space: Array, lanes: int) -> None:
    """z = op(a), op(a, b) or op(a, b, c) for all members at once, whose lanes lie one after the other."""
    code, n = instruction[1], instruction[3] * lanes
    z = part(space, instruction[2] * lanes, n)
    a = part(space, instruction[HEAD] * lanes, n)
    if code < FIRST_BINARY:
        unary(code, a, z, n)
        return
    b = part(space, instruction[HEAD + INDEX] * lanes, n)
    if code == WHERE:
        where(a, b, part(space, instruction[HEAD + 2 * INDEX] * lanes, n), z, n)
    else:
        binary(code, a, b, z, n)


@compiled_inside
def elementwise(
    instruction: Array, tables: Array, shared: Array, space: Array, lanes: int, spare: int
) -> None:
    """z = op(a), op(a, b) or op(a, b, c) for each member."""
    code, first, count = instruction[1], instruction[2], instruction[3]
    for i in range(count):
        z = part(space, (first + i) * lanes, lanes)
        a = part(space, lanes_at(at(instruction, tables, 0, i, 0), shared, space, lanes, spare, lanes), lanes)
        if code < FIRST_BINARY:
            unary(code, a, z, lanes)
            continue
        b = part(
            space,
            lanes_at(at(instruction, tables, 1, i, 0), shared, space, lanes, spare + lanes, lanes),
            lanes,
        )
        if code == CUSTOM:
            third = lanes_at(at(instruction, tables, 2, i, 0), shared, space, lanes, spare + 2 * lanes, lanes)
            called(tables[instruction[4]], a, b, part(space, third, lanes), z, lanes)
        elif code == WHERE:
            where(
                a,
                b,
                part(
                    space,
                    lanes_at(
                        at(instruction, tables, 2, i, 0), shared, space, lanes, spare + 2 * lanes, lanes
                    ),
                    lanes,
                ),
                z,
                lanes,
            )
        else:
            binary(code, a, b, z, lanes)


@compiled_inside
def variadic(instruction: Array, tables: Array, shared: Array, space: Array, lanes: int, spare: int) -> int:
    """z = op(a₀, a₁, …), with the index b for `select` and `cross_entropy`, for each member.

    Returns the first lane in which b is no index, or −1.
    """
    fault = -1
    code, first, count, width = instruction[1], instruction[2], instruction[3], instruction[4]
    for i in range(count):
        z = part(space, (first + i) * lanes, lanes)
        if code == PROD:
            for l in range(lanes):
                z[l] = 1.0
            for k in range(width):
                a = part(
                    space,
                    lanes_at(at(instruction, tables, 0, i, k), shared, space, lanes, spare, lanes),
                    lanes,
                )
                for l in range(lanes):
                    z[l] *= a[l]
            continue
        if code == SELECT or code == CROSS_ENTROPY:
            index = part(
                space,
                lanes_at(at(instruction, tables, 1, i, 0), shared, space, lanes, spare + lanes, lanes),
                lanes,
            )
            for l in range(lanes):
                if 0 <= index[l] < width and index[l] == math.floor(index[l]):
                    p = at(instruction, tables, 0, i, int(index[l]))
                    z[l] = space[p * lanes + l] if p >= 0 else shared[-1 - p]
                elif fault < 0 or l < fault:
                    fault = l
        if code == LOGSUMEXP or code == CROSS_ENTROPY:
            log_sum(instruction, tables, shared, space, lanes, spare, i, code == CROSS_ENTROPY)
    return fault


@compiled
def log_sum(
    instruction: Array,
    tables: Array,
    shared: Array,
    space: Array,
    lanes: int,
    spare: int,
    i: int,
    relative: bool,
) -> None:
    """z = log Σ exp(aₖ), or if `relative` that less what stands in z, as `ops.cross_entropy` does it."""
    width = instruction[4]
    z = part(space, (instruction[2] + i) * lanes, lanes)
    greatest, total = part(space, spare + lanes, lanes), part(space, spare + 2 * lanes, lanes)
    for l in range(lanes):
        greatest[l] = -math.inf
        total[l] = 0.0
    for k in range(width):
        a = part(space, lanes_at(at(instruction, tables, 0, i, k), shared, space, lanes, spare, lanes), lanes)
        for l in range(lanes):
            if a[l] > greatest[l] or a[l] != a[l]:
                greatest[l] = a[l]
    for k in range(width):
        a = part(space, lanes_at(at(instruction, tables, 0, i, k), shared, space, lanes, spare, lanes), lanes)
        for l in range(lanes):
            total[l] += math.exp(a[l] - greatest[l])
    for l in range(lanes):
        if greatest[l] - greatest[l] != 0.0:
            z[l] = greatest[l] - (z[l] if relative else 0.0)
        elif relative and z[l] == greatest[l]:
            z[l] = log_beside(instruction, tables, shared, space, lanes, i, l, greatest[l])
        else:
            z[l] = greatest[l] + math.log(total[l]) - (z[l] if relative else 0.0)


@compiled
def log_beside(
    instruction: Array,
    tables: Array,
    shared: Array,
    space: Array,
    lanes: int,
    i: int,
    l: int,
    greatest: float,
) -> float:
    """log(1 + Σ exp(aₖ − greatest)) in one lane, over all k but one that is the greatest."""
    others = 0.0
    found = False
    for k in range(instruction[4]):
        p = at(instruction, tables, 0, i, k)
        a = space[p * lanes + l] if p >= 0 else shared[-1 - p]
        if a == greatest and not found:
            found = True
        else:
            others += math.exp(a - greatest)
    return math.log1p(others)
