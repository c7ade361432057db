"""Vectors of lanes as long as the machine's registers, and columns of them, which numba keeps in registers.

A square is a column of as many vectors as a vector has lanes.
"""

from collections.abc import Sequence
from typing import Any, Final

from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba import extending, types

__all__ = [
    "BYTES",
    "add_products",
    "add_spread",
    "add_square",
    "column_at",
    "finite",
    "head",
    "lane",
    "lanes_of",
    "load",
    "load_column",
    "load_square",
    "multiplied",
    "rectified",
    "repeated",
    "repeated_column",
    "spread_column",
    "stepped",
    "store",
    "store_column",
    "sums",
    "total",
    "turned",
    "zeros",
]

# Of a vector. Longer ones than the registers have the tiles of a product lie in memory: it takes twice the time.
BYTES: Final = 64 if binding.get_host_cpu_features().get("avx512f") else 32
Generated = tuple[Any, Any]  # a signature, and what writes the instructions


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


def instruction(write: Any) -> Any:
    """What numba compiles to the LLVM instructions that `write` writes."""
    return extending.intrinsic(prefer_literal=True)(write)


class _Memory:
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
    return builder.shuffle_vector(first, none, _lane_numbers([0] * lanes))


def _lane_numbers(lanes: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)


def _positions(builder: Any, first: Any, stride: Any, last: Any, *, height: int) -> list[Any]:
    """first, first + stride, …, where what is beyond the `last` is the last once more."""
    steps = [first.type(i) for i in range(height)]
    inside = [builder.select(builder.icmp_signed("<", step, last), step, last) for step in steps]
    return [builder.add(first, builder.mul(stride, step)) for step in inside]


def _widths(lanes: int) -> list[int]:
    """1, 2, 4 … below `lanes`."""
    return [1 << i for i in range(lanes.bit_length() - 1)]


def _halves(width: int, lanes: int) -> list[Any]:
    """The lanes of two vectors in turn, `width` of each: the first of every pair of such runs, the second."""
    starts = [start for block in range(0, lanes, 2 * width) for start in (block, lanes + block)]
    low = [lane for start in starts for lane in range(start, start + width)]
    return [_lane_numbers(low), _lane_numbers([lane + width for lane in low])]


@instruction
def borrowed(typing: Any, array: Any) -> Generated:
    """The same array, whose slices are not counted: each time that would take as long as ten additions."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(array)(context, builder, arguments[0])
        view.meminfo = ir.Constant(view.meminfo.type, None)
        return view._getvalue()

    return array(array), generate


@instruction
def lanes_of(typing: Any, array: Any) -> Generated:
    """How many numbers of a flat array a vector has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.intp, Vector(array.dtype).lanes)

    return types.intp(array), generate


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
        return _Memory(context, builder, array, arguments[0]).vector(arguments[1])

    return Vector(array.dtype)(array, types.intp), generate


@instruction
def store(typing: Any, array: Any, position: Any, vector: Any) -> Generated:
    """Put a vector into a flat array, from `position` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _Memory(context, builder, array, arguments[0]).put(*arguments[1:])
        return context.get_dummy_value()

    return types.none(array, types.intp, vector), generate


@instruction
def repeated(typing: Any, number: Any) -> Generated:
    """A number in all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _repeated(builder, *arguments, Vector(number).lanes)

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
        memory = _Memory(context, builder, array, arguments[0])
        places = _positions(builder, *arguments[1:4], height=height)
        return context.make_tuple(builder, signature.return_type, [entry(memory, p) for p in places])

    return Vector(array.dtype).column(height), generate


@instruction
def load_column(typing: Any, array: Any, position: Any, stride: Any, last: Any, height: Any) -> Generated:
    """`height` vectors of a flat array, `stride` apart, and from the `last` on that one again."""
    column, generate = _columns(array, height.literal_value, _Memory.vector)
    return column(array, types.intp, types.intp, types.intp, height), generate


@instruction
def load_square(typing: Any, array: Any, position: Any, stride: Any, last: Any) -> Generated:
    """The same as a square."""
    column, generate = _columns(array, Vector(array.dtype).lanes, _Memory.vector)
    return column(array, types.intp, types.intp, types.intp), generate


@instruction
def spread_column(typing: Any, array: Any, position: Any, stride: Any, last: Any, height: Any) -> Generated:
    """`height` numbers of a flat array, `stride` apart, each in all lanes of a vector."""
    column, generate = _columns(array, height.literal_value, _Memory.spread)
    return column(array, types.intp, types.intp, types.intp, height), generate


@instruction
def store_column(typing: Any, array: Any, position: Any, stride: Any, last: Any, column: Any) -> Generated:
    """Put the vectors of a column into a flat array, `stride` apart, none behind the `last`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = _Memory(context, builder, array, arguments[0])
        for i, place in enumerate(_positions(builder, *arguments[1:4], height=column.count)):
            memory.put(place, builder.extract_value(arguments[4], i))
        return context.get_dummy_value()

    return types.none(array, types.intp, types.intp, types.intp, column), generate


@instruction
def multiplied(typing: Any, column: Any, factors: Any) -> Generated:
    """column_i·factors_i for each i."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pairs = zip(*[_vectors(builder, argument, column.count) for argument in arguments])
        return context.make_tuple(builder, column, [builder.fmul(x, y) for x, y in pairs])

    return column(column, column), generate


@instruction
def rectified(typing: Any, column: Any) -> Generated:
    """relu of each vector: 0 where it is at most 0, else as it is, nan too."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        chosen = [_above_0(builder, x, x) for x in _vectors(builder, arguments[0], column.count)]
        return context.make_tuple(builder, column, chosen)

    return column(column), generate


@instruction
def stepped(typing: Any, column: Any) -> Generated:
    """relu' of each vector: 0 where it is at most 0, else 1, at nan too."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        one = ir.Constant(context.get_value_type(column.dtype), [1.0] * column.dtype.lanes)
        chosen = [_above_0(builder, x, one) for x in _vectors(builder, arguments[0], column.count)]
        return context.make_tuple(builder, column, chosen)

    return column(column), generate


def _vectors(builder: Any, column: Any, height: int) -> list[Any]:
    return [builder.extract_value(column, i) for i in range(height)]


def _above_0(builder: Any, vector: Any, given: Any) -> Any:
    """0 where the vector is at most 0, elsewhere, and at nan, what is given."""
    zero = ir.Constant(vector.type, [0.0] * vector.type.count)
    return builder.select(builder.fcmp_ordered("<=", vector, zero), zero, given)


@instruction
def total(typing: Any, column: Any) -> Generated:
    """The sum of the vectors of a column."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vectors = _vectors(builder, arguments[0], column.count)
        while len(vectors) > 1:
            odd = vectors[-1:] if len(vectors) % 2 else []
            vectors = [builder.fadd(x, y) for x, y in zip(vectors[::2], vectors[1::2])] + odd
        return vectors[0]

    return column.dtype(column), generate


@instruction
def finite(typing: Any, vector: Any) -> Generated:
    """Whether a vector has no nan and no ∞ in it: with those it is not 0 less itself."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (given,) = arguments
        zero = ir.Constant(given.type, [0.0] * vector.lanes)
        equal = builder.fcmp_ordered("==", builder.fsub(given, given), zero)
        bits = builder.bitcast(equal, ir.IntType(vector.lanes))
        return builder.icmp_signed("==", bits, ir.Constant(bits.type, -1))

    return types.boolean(vector), generate


@instruction
def add_products(typing: Any, column: Any, vector: Any, onto: Any) -> Generated:
    """onto_i + column_i·vector for each i, rounded once where the machine can do that."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        factors, vector, onto = arguments
        for i in range(column.count):
            product = builder.fmul(builder.extract_value(factors, i), vector, flags=["contract"])
            total = builder.fadd(product, builder.extract_value(onto, i), flags=["contract"])
            onto = builder.insert_value(onto, total, i)
        return onto

    return onto(column, vector, onto), generate


@instruction
def turned(typing: Any, square: Any) -> Generated:
    """The square whose vector i has lane i of each vector of the given one."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vectors = _vectors(builder, arguments[0], square.count)
        for width in _widths(square.count):
            low, high = _halves(width, square.count)
            pairs = [(i, i + width) for i in range(square.count) if not i & width]
            for i, j in pairs:
                x, y = vectors[i], vectors[j]
                vectors[i], vectors[j] = (builder.shuffle_vector(x, y, half) for half in (low, high))
        return context.make_tuple(builder, square, vectors)

    return square(square), generate


@instruction
def sums(typing: Any, squares: Any, k: Any) -> Generated:
    """A vector of the sums of the lanes of each vector of square k, of squares one after the other.

    Neighbouring vectors are folded onto each other until one is left: for eight of eight lanes that takes 21
    instructions where eight sums of their own would take 56.
    """
    lanes, first = squares.dtype.lanes, k.literal_value * squares.dtype.lanes

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vectors = [builder.extract_value(arguments[0], first + i) for i in range(lanes)]
        for width in _widths(lanes):
            halves = _halves(width, lanes)
            vectors = [
                builder.fadd(*[builder.shuffle_vector(x, y, half) for half in halves])
                for x, y in zip(vectors[::2], vectors[1::2])
            ]
        return vectors[0]

    return squares.dtype(squares, k), generate


def _outer(array: Any, others: Sequence[Any], onto: Any, entry: Any) -> Generated:
    """The columns `onto`, one after the other, and the products of a column, made as by `_columns`, with each other.

    A vector of the column is made, used for all others and forgotten: sixteen registers suffice for twelve sums.
    """
    height = onto.count // len(others)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = _Memory(context, builder, array, arguments[0])
        onto = arguments[-1]
        for i, place in enumerate(_positions(builder, *arguments[1:4], height=height)):
            factor = entry(memory, place)
            for k, other in enumerate(arguments[4:-1]):
                product = builder.fmul(factor, other, flags=["contract"])
                before = builder.extract_value(onto, k * height + i)
                total = builder.fadd(product, before, flags=["contract"])
                onto = builder.insert_value(onto, total, k * height + i)
        return onto

    return onto(array, types.intp, types.intp, types.intp, *others, onto), generate


@instruction
def column_at(typing: Any, columns: Any, k: Any, height: Any) -> Generated:
    """Column k of columns of `height` vectors, one after the other."""
    first, count = k.literal_value * height.literal_value, height.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vectors = _vectors(builder, arguments[0], columns.count)[first : first + count]
        return context.make_tuple(builder, signature.return_type, vectors)

    return columns.dtype.column(count)(columns, k, height), generate


@instruction
def add_square(
    typing: Any, array: Any, position: Any, stride: Any, last: Any, x: Any, y: Any, z: Any, onto: Any
) -> Generated:
    """The three squares `onto` and the products of the one that `load_square` gives with x, y and z."""
    return _outer(array, [x, y, z], onto, _Memory.vector)


@instruction
def add_spread(
    typing: Any, array: Any, position: Any, stride: Any, last: Any, x: Any, y: Any, z: Any, onto: Any
) -> Generated:
    """The three columns `onto` and the products of the one that `spread_column` gives with x, y and z."""
    return _outer(array, [x, y, z], onto, _Memory.spread)
