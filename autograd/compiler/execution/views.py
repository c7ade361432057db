"""Views: parts of the work space, found without counting references to arrays.

numba counts them wherever it takes a part of an array: an operation on eight lanes took 170 ns, not 9.
"""

from typing import Any

from numba import types
from numba.np import arrayobj

from autograd.compiler.execution.elementwise import Array, compiled
from autograd.compiler.execution.encoding import HEAD, INDEX
from autograd.compiler.execution.vectors import Generated, instruction

__all__ = ["at", "lanes_at", "part"]


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


@instruction
def part(typing: Any, array: Any, start: Any, n: Any) -> Generated:
    """The n numbers of a flat array from `start` on, as an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start, n = arguments
        whole = context.make_array(signature.args[0])(context, builder, array)
        view = context.make_array(signature.return_type)(context, builder)
        size = context.get_constant(types.intp, context.get_abi_sizeof(whole.data.type.pointee))
        arrayobj.populate_array(  # type: ignore[no-untyped-call]
            view,
            data=builder.gep(whole.data, [start]),
            shape=[n],
            strides=[size],
            itemsize=size,
            meminfo=None,
        )
        return view._getvalue()

    return array(array, types.intp, types.intp), generate


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
