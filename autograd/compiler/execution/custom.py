"""Custom: a user's own operation as machine code for the lanes of its operands, where numba can make it."""

# ruff: noqa: E741  # l is a lane

from collections.abc import Callable
from functools import cache
from inspect import getclosurevars
from itertools import product
from math import inf, nan
from types import FunctionType
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import carray, cfunc, extending, njit, types  # type: ignore[attr-defined]
from numba.core.errors import NumbaError

from autograd.operation import Op

__all__ = ["address_of", "called", "compiled_forward"]

MOST_OPERANDS: Final = 3
POINTS: Final = (0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 1e-9, 40.0, -800.0, 1e300, inf, -inf, nan)
TIES: Final = (0.05, 0.15)  # half-way between decimals, where numba rounds otherwise than Python
# What numba may find in a forward function: floats and truth values, and the words that make them.
PASSING: Final = (
    types.Float,
    types.Boolean,
    types.IntegerLiteral,
    types.Module,
    types.Function,
    types.NumberClass,
)


def address_of(op: Op, operands: int, dtype: str) -> int:
    """Where the machine code for `op` is in this process, as `called` takes it; 0 if there is none.

    Numbers that it reads from around it are what they are now, as those that a recorded function reads.
    There is none where the forward function is not written in Python, or numba cannot compile it, nor where
    it would give something else than Python: where whole numbers take part, which end here after 64 bits,
    and where the results differ at one of many points. Where Python raises, as for 1/0, it gives what
    IEEE 754 does.
    """
    _, loop = _compiled(op, operands, dtype)
    return loop.address if loop else 0


def compiled_forward(op: Op, operands: int) -> Callable[..., float] | None:
    """The same machine code for one number of each operand, to call from Python; None if there is none."""
    one, _ = _compiled(op, operands, "float64")
    return one  # type: ignore[no-any-return]


def _compiled(op: Op, operands: int, dtype: str) -> tuple[Any, Any]:
    """The forward function compiled, for numbers and as a loop over lanes; twice None if it cannot be."""
    forward = getattr(op.forward, "__wrapped__", None)  # without the test of its results
    if not isinstance(forward, FunctionType) or op.variadic or not 1 <= operands <= MOST_OPERANDS:
        return None, None
    return _loop(forward, operands, dtype, _numbers_around(forward))


def _numbers_around(forward: Callable[..., float]) -> tuple[tuple[str, Any], ...]:
    """The numbers that a function reads from its module and the functions around it, by name."""
    around = getclosurevars(forward)
    read = {**around.globals, **around.nonlocals}
    return tuple([(name, value) for name, value in read.items() if isinstance(value, int | float)])


@cache
def _loop(
    forward: Callable[..., float], operands: int, dtype: str, around: tuple[tuple[str, Any], ...]
) -> tuple[Any, Any]:
    """The compiled function and loop over lanes, kept for as long as its address may be in use.

    around: the numbers that numba finds now and keeps; with others it is another loop.
    """
    number = types.float64 if dtype == "float64" else types.float32
    one: Any = njit(error_model="numpy", nogil=True)(forward)
    pointer = types.CPointer(number)  # type: ignore[no-untyped-call]
    try:
        one.compile((types.float64,) * operands)
        typed = next(iter(one.overloads.values())).type_annotation.typemap.values()
        if not all(isinstance(kind, PASSING) for kind in typed) or not _agrees(forward, one, operands):
            return None, None
        loop = (_unary, _binary, _ternary)[operands - 1](one)
        signature = types.void(pointer, pointer, pointer, pointer, types.intp)
        return one, cfunc(signature, error_model="numpy")(loop)
    except (NumbaError, TypeError, ValueError, NotImplementedError):
        return None, None


def _agrees(forward: Callable[..., float], one: Callable[..., float], operands: int) -> bool:
    """Whether the compiled function gives what Python gives, wherever Python gives a number."""
    for xs in product((*POINTS, *TIES), repeat=operands):
        try:
            expected = float(forward(*xs))
        except (ArithmeticError, ValueError, TypeError):
            continue
        given = one(*xs)
        same = given == expected or (given != given and expected != expected)
        if not same and not abs(given - expected) <= 1e-13 * abs(expected):
            return False
    return True


def _unary(one: Any) -> Any:
    def loop(a: Any, b: Any, c: Any, z: Any, n: int) -> None:
        x, result = carray(a, n), carray(z, n)
        for l in range(n):
            result[l] = one(x[l])

    return loop


def _binary(one: Any) -> Any:
    def loop(a: Any, b: Any, c: Any, z: Any, n: int) -> None:
        x, y, result = carray(a, n), carray(b, n), carray(z, n)
        for l in range(n):
            result[l] = one(x[l], y[l])

    return loop


def _ternary(one: Any) -> Any:
    def loop(a: Any, b: Any, c: Any, z: Any, n: int) -> None:
        x, y, w, result = carray(a, n), carray(b, n), carray(c, n), carray(z, n)
        for l in range(n):
            result[l] = one(x[l], y[l], w[l])

    return loop


def _called(typing: Any, address: Any, a: Any, b: Any, c: Any, z: Any, n: Any) -> Any:
    """z = f(a, b, c) for n lanes, by the machine code at an address; it need not look at b and c."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code, *arrays, count = arguments
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte] * 4 + [ir.IntType(64)])
        pointers = [
            builder.bitcast(context.make_array(kind)(context, builder, array).data, byte)
            for kind, array in zip(signature.args[1:5], arrays)
        ]
        builder.call(builder.inttoptr(code, kind.as_pointer()), [*pointers, count])
        return context.get_dummy_value()

    return types.void(types.int64, a, b, c, z, types.int64), write


called: Any = extending.intrinsic(_called)
