"""Endings: what a product does with its sums, a column of them while it is in registers, or a single one."""

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils

from autograd.compiler.execution.codes import BESIDE, GATED, RECTIFIED, TIMES
from autograd.compiler.execution.columns import vectors_in
from autograd.compiler.execution.vectors import Memory, positions
from autograd.compiler.machine import Array, Generated, compiled, instruction

__all__ = ["end", "ended"]

_variable: Final[Any] = cgutils.alloca_once_value


@instruction
def ended(
    typing: Any, column: Any, array: Any, position: Any, stride: Any, last: Any, ending: Any
) -> Generated:
    """A column with an ending, whose other slots are where `load_column` would read them.

    They are read one by one, just before they are used: eight more vectors would not fit in the registers.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given, array_given, *place, ending = arguments
        memory = Memory(context, builder, array, array_given)
        vectors = vectors_in(builder, given, column.count)
        others = positions(builder, *place, height=column.count)
        results = [_variable(builder, vector) for vector in vectors]
        one = ir.Constant(memory.vectors, [1.0] * memory.vectors.count)
        ways: dict[int, Callable[[Any, Any], Any]] = {
            RECTIFIED: lambda x, _: _above_0(builder, x, x),
            TIMES: lambda x, other: builder.fmul(x, memory.vector(other)),
            GATED: lambda x, other: builder.fmul(x, _above_0(builder, memory.vector(other), one)),
        }
        for code, way in ways.items():
            with builder.if_then(builder.icmp_signed("==", ending, ending.type(code))):
                for vector, other, result in zip(vectors, others, results):
                    builder.store(way(vector, other), result)
        with builder.if_then(builder.icmp_signed("==", ending, ending.type(BESIDE))):
            for vector, other in zip(vectors, others):
                memory.put(other, _above_0(builder, vector, vector))
        return context.make_tuple(builder, column, [builder.load(result) for result in results])

    places = [types.intp] * 4
    return column(column, array, *places), generate


def _above_0(builder: Any, vector: Any, given: Any) -> Any:
    """0 where the vector is at most 0, elsewhere, and at nan, what is given."""
    zero = ir.Constant(vector.type, [0.0] * vector.type.count)
    return builder.select(builder.fcmp_ordered("<=", vector, zero), zero, given)


@compiled
def end(space: Array, z: int, other: int, ending: int) -> None:
    """The same for one result, which is in the work space."""
    if ending == RECTIFIED:
        space[z] = 0.0 if space[z] <= 0.0 else space[z]
    elif ending == BESIDE:
        space[other] = 0.0 if space[z] <= 0.0 else space[z]
    elif ending == TIMES:
        space[z] *= space[other]
    elif ending == GATED:
        space[z] *= 0.0 if space[other] <= 0.0 else 1.0
