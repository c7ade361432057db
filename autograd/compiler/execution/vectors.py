"""Vectors of lanes as long as the machine's registers, and columns of them, which numba keeps in registers.

A square is a column of as many vectors as a vector has lanes.
"""

from typing import Any, Final

from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba import extending, types

from autograd.compiler.machine import Generated, instruction

__all__ = [
    "BYTES",
    "Memory",
    "Vector",
    "head",
    "lane",
    "lane_numbers",
    "lanes_of",
    "load",
    "load_column",
    "load_square",
    "positions",
    "repeated",
    "repeated_column",
    "rolled",
    "spread_column",
    "store",
    "store_column",
    "zeros",
]

# Of a vector. If they are longer than a register, a tile's sums lie in memory, which takes twice the time.
BYTES: Final = 64 if binding.get_host_cpu_features().get("avx512f") else 32


class Vector(types.Type):
    """As many numbers of one type as a vector has, as numba infers it."""

    def __init__(self, number: Any) -> None:
        self.number = number
        self.lanes = 8 * BYTES // number.bitwidth
        super().__init__(name=f"Vector({number}, {self.lanes})")

    def column(self, height: int) -> Any:
        """The type of so many vectors."""
        return types.UniTuple(self, height)  # type: ignore[no-untyped-call]


@extending.register_model(Vector)
class VectorModel(extending.models.PrimitiveModel):
    """The same as LLVM has it."""

    def __init__(self, manager: Any, kind: Vector) -> None:
        number = manager.lookup(kind.number).get_value_type()
        super().__init__(manager, kind, ir.VectorType(number, kind.lanes))  # type: ignore[no-untyped-call]


class Memory:
    """A flat array while instructions are written; they do not test for places below 0, as numba's do."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any) -> None:
        self.builder = builder
        self.vectors = context.get_value_type(Vector(kind.dtype))
        self.size = context.get_abi_sizeof(self.vectors.element)
        self.data = context.make_array(kind)(context, builder, array).data

    def vector(self, position: Any) -> Any:
        return self.builder.load(self._pointer(position), align=self.size)

    def put(self, position: Any, vector: Any) -> None:
        self.builder.store(vector, self._pointer(position), align=self.size)

    def spread(self, position: Any) -> Any:
        number = self.builder.load(self.builder.gep(self.data, [position]))
        return _repeated(self.builder, number, self.vectors.count)

    def _pointer(self, position: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(self.data, [position]), self.vectors.as_pointer())


def _repeated(builder: Any, number: Any, lanes: int) -> Any:
    none = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    first = builder.insert_element(none, number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, none, lane_numbers([0] * lanes))


def lane_numbers(lanes: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)


def positions(builder: Any, first: Any, stride: Any, last: Any, *, height: int) -> list[Any]:
    """first, first + stride, …, where what is beyond the `last` is the last once more."""
    steps = [first.type(i) for i in range(height)]
    inside = [builder.select(builder.icmp_signed("<", step, last), step, last) for step in steps]
    return [builder.add(first, builder.mul(stride, step)) for step in inside]


@instruction
def lanes_of(typing: Any, array: Any) -> Generated:
    """How many numbers of a flat array a vector has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.intp, Vector(array.dtype).lanes)

    return types.intp(array), generate


@instruction
def rolled(typing: Any) -> Generated:
    """Nothing, but LLVM leaves the loop that it stands in as it is.

    Two of its rounds at a time would need more addresses at once than there are registers.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        nothing = builder.asm(ir.FunctionType(ir.VoidType(), []), "", "", [], side_effect=True)
        nothing.attributes.add("convergent")  # forbids to have it run under other conditions
        return context.get_dummy_value()

    return types.none(), generate


@instruction
def zeros(typing: Any, array: Any) -> Generated:
    """A square of zeros of the kind that a flat array has."""
    kind = Vector(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        zero = ir.Constant(context.get_value_type(kind), [0.0] * kind.lanes)
        return context.make_tuple(builder, signature.return_type, [zero] * kind.lanes)

    return kind.column(kind.lanes)(array), generate


@instruction
def load(typing: Any, array: Any, position: Any) -> Generated:
    """The vector of the numbers of a flat array from `position` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return Memory(context, builder, array, arguments[0]).vector(arguments[1])

    return Vector(array.dtype)(array, types.intp), generate


@instruction
def store(typing: Any, array: Any, position: Any, vector: Any) -> Generated:
    """Put a vector into a flat array, from `position` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        Memory(context, builder, array, arguments[0]).put(*arguments[1:])
        return context.get_dummy_value()

    return types.none(array, types.intp, vector), generate


@instruction
def repeated(typing: Any, number: Any) -> Generated:
    """A number in all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _repeated(builder, arguments[0], Vector(number).lanes)

    return Vector(number)(number), generate


@instruction
def repeated_column(typing: Any, number: Any, height: Any) -> Generated:
    """The same as a column of `height` vectors."""
    kind = Vector(number)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = _repeated(builder, arguments[0], kind.lanes)
        return context.make_tuple(builder, signature.return_type, [vector] * height.literal_value)

    return kind.column(height.literal_value)(number, height), generate


@instruction
def lane(typing: Any, vector: Any, i: Any) -> Generated:
    """The number in lane i."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(*arguments)

    return vector.number(vector, types.intp), generate


@instruction
def head(typing: Any, vector: Any, n: Any) -> Generated:
    """The vector with 0 in all lanes from `n` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes, n = arguments
        limit = _repeated(builder, n, vector.lanes)
        inside = builder.icmp_signed("<", ir.Constant(limit.type, list(range(vector.lanes))), limit)
        return builder.select(inside, lanes, ir.Constant(lanes.type, [0.0] * vector.lanes))

    return vector(vector, types.intp), generate


def _columns(array: Any, height: int, entry: Any) -> Generated:
    """`height` vectors, `stride` apart: each what `entry` makes of a place in memory."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = Memory(context, builder, array, arguments[0])
        places = positions(builder, *arguments[1:4], height=height)
        return context.make_tuple(builder, signature.return_type, [entry(memory, p) for p in places])

    return Vector(array.dtype).column(height), generate


@instruction
def load_column(typing: Any, array: Any, position: Any, stride: Any, last: Any, height: Any) -> Generated:
    """`height` vectors of a flat array, `stride` apart, and from the `last` on that one again."""
    column, generate = _columns(array, height.literal_value, Memory.vector)
    return column(array, types.intp, types.intp, types.intp, height), generate


@instruction
def load_square(typing: Any, array: Any, position: Any, stride: Any, last: Any) -> Generated:
    """The same as a square."""
    column, generate = _columns(array, Vector(array.dtype).lanes, Memory.vector)
    return column(array, types.intp, types.intp, types.intp), generate


@instruction
def spread_column(typing: Any, array: Any, position: Any, stride: Any, last: Any, height: Any) -> Generated:
    """`height` numbers of a flat array, `stride` apart, each in all lanes of a vector."""
    column, generate = _columns(array, height.literal_value, Memory.spread)
    return column(array, types.intp, types.intp, types.intp, height), generate


@instruction
def store_column(typing: Any, array: Any, position: Any, stride: Any, last: Any, column: Any) -> Generated:
    """Put the vectors of a column into a flat array, `stride` apart, none behind the `last`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = Memory(context, builder, array, arguments[0])
        for i, place in enumerate(positions(builder, *arguments[1:4], height=column.count)):
            memory.put(place, builder.extract_value(arguments[4], i))
        return context.get_dummy_value()

    return types.none(array, types.intp, types.intp, types.intp, column), generate
