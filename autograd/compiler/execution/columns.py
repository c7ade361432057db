"""What is computed with columns of vectors: products and sums."""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types

from autograd.compiler.execution.vectors import Memory, lane_numbers, positions
from autograd.compiler.machine import Generated, instruction

__all__ = [
    "add_products",
    "add_spread",
    "add_square",
    "below",
    "column_at",
    "finite",
    "squares",
    "sums",
    "total",
    "turned",
    "vectors_in",
]


def _widths(lanes: int) -> list[int]:
    """1, 2, 4 … below `lanes`."""
    return [1 << i for i in range(lanes.bit_length() - 1)]


def _halves(width: int, lanes: int) -> list[Any]:
    """The lanes of two vectors in turn, `width` of each: the first of every pair of such runs, the second."""
    starts = [start for block in range(0, lanes, 2 * width) for start in (block, lanes + block)]
    low = [lane for start in starts for lane in range(start, start + width)]
    return [lane_numbers(low), lane_numbers([lane + width for lane in low])]


def vectors_in(builder: Any, column: Any, height: int) -> list[Any]:
    """The vectors of a column, one by one."""
    return [builder.extract_value(column, i) for i in range(height)]


@instruction
def total(typing: Any, column: Any) -> Generated:
    """The sum of the vectors of a column."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _total(builder, vectors_in(builder, arguments[0], column.count))

    return column.dtype(column), generate


def _total(builder: Any, vectors: list[Any]) -> Any:
    while len(vectors) > 1:
        odd = vectors[-1:] if len(vectors) % 2 else []
        vectors = [builder.fadd(x, y) for x, y in zip(vectors[::2], vectors[1::2])] + odd
    return vectors[0]


@instruction
def squares(typing: Any, column: Any) -> Generated:
    """The sum of the squares of the vectors of a column, of which each takes one instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vectors = vectors_in(builder, arguments[0], column.count)
        result = builder.fmul(vectors[0], vectors[0])
        for vector in vectors[1:]:
            square = builder.fmul(vector, vector, flags=["contract"])
            result = builder.fadd(square, result, flags=["contract"])
        return result

    return column.dtype(column), generate


@instruction
def below(typing: Any, vector: Any, limit: Any) -> Generated:
    """Whether all lanes of a vector are below those of another; nan is not."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _in_all_lanes(builder, builder.fcmp_ordered("<", *arguments))

    return types.boolean(vector, limit), generate


@instruction
def finite(typing: Any, vector: Any) -> Generated:
    """Whether a vector has no nan and no ∞ in it: with those it is not 0 less itself."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (given,) = arguments
        zero = ir.Constant(given.type, [0.0] * vector.lanes)
        return _in_all_lanes(builder, builder.fcmp_ordered("==", builder.fsub(given, given), zero))

    return types.boolean(vector), generate


def _in_all_lanes(builder: Any, outcomes: Any) -> Any:
    bits = builder.bitcast(outcomes, ir.IntType(outcomes.type.count))
    return builder.icmp_signed("==", bits, ir.Constant(bits.type, -1))


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
        vectors = vectors_in(builder, arguments[0], square.count)
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
    """The columns `onto`, one after the other, and the products of a column with each of the others.

    `entry` makes a vector of the column, which is used for all others and forgotten: sixteen registers are
    enough for twelve sums.
    """
    height = onto.count // len(others)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = Memory(context, builder, array, arguments[0])
        onto = arguments[-1]
        for i, place in enumerate(positions(builder, *arguments[1:4], height=height)):
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
        vectors = vectors_in(builder, arguments[0], columns.count)[first : first + count]
        return context.make_tuple(builder, signature.return_type, vectors)

    return columns.dtype.column(count)(columns, k, height), generate


@instruction
def add_square(
    typing: Any, array: Any, position: Any, stride: Any, last: Any, x: Any, y: Any, z: Any, onto: Any
) -> Generated:
    """The three squares `onto` and the products of the one that `load_square` gives with x, y and z."""
    return _outer(array, [x, y, z], onto, Memory.vector)


@instruction
def add_spread(
    typing: Any, array: Any, position: Any, stride: Any, last: Any, x: Any, y: Any, z: Any, onto: Any
) -> Generated:
    """The three columns `onto` and the products of the one that `spread_column` gives with x, y and z."""
    return _outer(array, [x, y, z], onto, Memory.spread)
