"""Sums of operands from anywhere: of terms or products for each row, and over the rows.

A single row has one lane: its numbers are added up in a register, for a third of the time.
"""

# ruff: noqa: E741  # l is a lane

from autograd.compiler.execution.codes import ADD, COPY, DOT, SINK, ZERO
from autograd.compiler.execution.views import at, lanes_at, part
from autograd.compiler.machine import Array, compiled, compiled_inside, compiled_sums

__all__ = ["linear", "sink"]


@compiled_inside
def linear(instruction: Array, tables: Array, shared: Array, space: Array, lanes: int, spare: int) -> None:
    """z = 0, z = a, z += Σ a or z += Σ a·b for each member."""
    kind, first, count, width = instruction[0], instruction[2], instruction[3], instruction[4]
    if lanes == 1 and kind >= ADD:
        linear_of_row(instruction, tables, shared, space)
        return
    for i in range(count):
        z = part(space, (first + i) * lanes, lanes)
        if kind == ZERO:
            for l in range(lanes):
                z[l] = 0.0
        elif kind == COPY:
            a = part(
                space, lanes_at(at(instruction, tables, 0, i, 0), shared, space, lanes, spare, lanes), lanes
            )
            for l in range(lanes):
                z[l] = a[l]
        elif kind == ADD:
            for k in range(width):
                a = part(
                    space,
                    lanes_at(at(instruction, tables, 0, i, k), shared, space, lanes, spare, lanes),
                    lanes,
                )
                for l in range(lanes):
                    z[l] += a[l]
        else:
            for k in range(width):
                a = part(
                    space,
                    lanes_at(at(instruction, tables, 0, i, k), shared, space, lanes, spare, lanes),
                    lanes,
                )
                b = part(
                    space,
                    lanes_at(at(instruction, tables, 1, i, k), shared, space, lanes, spare + lanes, lanes),
                    lanes,
                )
                for l in range(lanes):
                    z[l] += a[l] * b[l]


@compiled
def linear_of_row(instruction: Array, tables: Array, shared: Array, space: Array) -> None:
    """z += Σ a or z += Σ a·b for each member, where there is one row."""
    kind, first, count, width = instruction[0], instruction[2], instruction[3], instruction[4]
    for i in range(count):
        total = space[first + i]
        # As in `sink_of_row`: in a function that is called, or even copied in, numba counts references to
        # the arrays, which takes twice the time.
        for k in range(width):
            p = at(instruction, tables, 0, i, k)
            term = space[p] if p >= 0 else shared[-1 - p]
            if kind == DOT:
                q = at(instruction, tables, 1, i, k)
                term *= space[q] if q >= 0 else shared[-1 - q]
            total += term
        space[first + i] = total


@compiled_sums
def sink(
    instruction: Array,
    tables: Array,
    shared: Array,
    space: Array,
    totals: Array,
    lanes: int,
    spare: int,
    n: int,
    scale: float,
) -> None:
    """total += scale · Σ_lanes a or scale · Σ_lanes a·b for each entry."""
    kind, count, width = instruction[0], instruction[3], instruction[4]
    if lanes == 1:
        sink_of_row(instruction, tables, shared, space, totals, scale)
        return
    for i in range(count):
        for k in range(width):
            total = totals.dtype.type(0.0)
            p = at(instruction, tables, 0, i, k)
            if kind == SINK:
                a = part(space, lanes_at(p, shared, space, lanes, spare, n), n)
                b = part(
                    space,
                    lanes_at(at(instruction, tables, 1, i, k), shared, space, lanes, spare + lanes, n),
                    n,
                )
                for l in range(n):
                    total += a[l] * b[l]
            elif p >= 0:
                for l in range(n):
                    total += space[p * lanes + l]
            else:
                total += n * shared[-1 - p]
            totals[at(instruction, tables, 3, i, k)] += scale * total


@compiled
def sink_of_row(
    instruction: Array, tables: Array, shared: Array, space: Array, totals: Array, scale: float
) -> None:
    """total += scale · a or scale · a·b for each entry, where there is one row."""
    kind, count, width = instruction[0], instruction[3], instruction[4]
    for i in range(count):
        for k in range(width):
            p = at(instruction, tables, 0, i, k)
            entry = space[p] if p >= 0 else shared[-1 - p]
            if kind == SINK:
                q = at(instruction, tables, 1, i, k)
                entry *= space[q] if q >= 0 else shared[-1 - q]
            totals[at(instruction, tables, 3, i, k)] += scale * entry
