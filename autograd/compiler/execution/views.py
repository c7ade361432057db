"""Views: parts of the work space, found without counting references to arrays.

numba counts them wherever it takes a part of an array: an operation on eight lanes took 170 ns, not 9.
"""

from typing import Any

from numba import types
from numba.np import arrayobj

from autograd.compiler.execution.codes import HEAD, INDEX
from autograd.compiler.machine import Array, Generated, compiled, instruction

__all__ = ["at", "flattened", "lanes_at", "part"]


@instruction
def at(typing: Any, instruction: Any, tables: Any, operand: Any, i: Any, k: Any) -> Generated:
    """Where member i of a group has its operand k: base + i·stride_i + k·stride_k, or as its table says."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        fields, listed = [
            context.make_array(kind)(context, builder, array).data
            for kind, array in zip(signature.args, arguments[:2])
        ]
        operand, i, k = arguments[2:]
        place = builder.add(builder.mul(operand, operand.type(INDEX)), operand.type(HEAD))
        base, stride_i, stride_k, width, table = [
            builder.load(builder.gep(fields, [builder.add(place, place.type(field))]))
            for field in range(INDEX)
        ]
        affine = builder.add(base, builder.add(builder.mul(i, stride_i), builder.mul(k, stride_k)))
        entry = builder.add(table, builder.add(builder.mul(i, width), k))
        has_table = builder.icmp_signed(">=", table, table.type(0))
        entry = builder.select(has_table, entry, entry.type(0))  # there is always a first entry
        return builder.select(has_table, builder.load(builder.gep(listed, [entry])), affine)

    return types.intp(instruction, tables, types.intp, types.intp, types.intp), generate


def _view(context: Any, builder: Any, kind: Any, data: Any, n: Any) -> Any:
    """n numbers in memory as a flat array of a type."""
    view = context.make_array(kind)(context, builder)
    size = context.get_constant(types.intp, context.get_abi_sizeof(data.type.pointee))
    arrayobj.populate_array(  # type: ignore[no-untyped-call]
        view, data=data, shape=[n], strides=[size], itemsize=size, meminfo=None
    )
    return view._getvalue()


@instruction
def part(typing: Any, array: Any, start: Any, n: Any) -> Generated:
    """The n numbers of a flat array from `start` on, as an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start, n = arguments
        whole = context.make_array(signature.args[0])(context, builder, array)
        return _view(context, builder, signature.return_type, builder.gep(whole.data, [start]), n)

    return array(array, types.intp, types.intp), generate


@instruction
def flattened(typing: Any, array: Any) -> Generated:
    """The numbers of a contiguous array as a flat one."""
    flat = types.Array(array.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = context.make_array(array)(context, builder, arguments[0])
        return _view(context, builder, flat, whole.data, whole.nitems)

    return flat(array), generate


@compiled
def lanes_at(position: int, shared: Array, space: Array, lanes: int, spare: int, n: int) -> int:
    """Where the lanes of a slot start; a shared number is spread over those from `spare` on."""
    if position >= 0:
        return position * lanes
    number = shared[-1 - position]
    spread = part(space, spare, n)
    for lane in range(n):
        spread[lane] = number
    return spare
