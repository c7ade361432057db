"""Magnitudes: whether numbers are so large that a sum can be ∞ in one order and finite in another.

Products of two numbers below the limit are below 10²⁸⁹, so that 10⁸ of these, scaled by 10¹⁰, add up to less
than the largest number in whatever order. nan and ∞ themselves are not looked for: they come out alike.
"""

import math
from typing import Any, Final

from autograd import ops
from autograd.compiler.execution.codes import ADD, CODES, MATRIX, TIMES, VARIADIC
from autograd.compiler.execution.columns import below, squares, total
from autograd.compiler.execution.vectors import lanes_of, load_column, repeated
from autograd.compiler.machine import Array, compiled

__all__ = ["LIMIT", "MOST", "has_huge", "limit_of", "may_grow"]

LIMIT: Final = 2.0**480  # about 10¹⁴⁴
MOST: Final = 2.0**36  # that sums are scaled by
HEIGHT: Final = 4  # vectors at a time
EXP = CODES[ops.exp]
EQUAL = CODES[ops.equal]
PROD = CODES[ops.prod]


@compiled
def limit_of(space: Array) -> Any:
    """From what size on numbers are huge: ∞, which none is, for float32, with which no Value computes."""
    return space.dtype.type(LIMIT if space.itemsize == 8 else math.inf)


@compiled
def has_huge(numbers: Array) -> Any:
    """Whether one of some numbers, behind which there is room for more, is finite and huge."""
    vector, limit = lanes_of(numbers), limit_of(numbers)
    step = HEIGHT * vector
    whole = numbers.size - numbers.size % step
    summed = repeated(numbers.dtype.type(0.0))
    for k in range(0, whole, step):
        summed = total((summed, squares(load_column(numbers, k, vector, HEIGHT - 1, HEIGHT))))
    if whole < numbers.size:
        last = (numbers.size - 1 - whole) // vector
        summed = total((summed, squares(load_column(numbers, whole, vector, last, HEIGHT))))
    if below(summed, repeated(limit * limit)):
        return False
    found = False
    for number in numbers:
        found |= limit <= abs(number) < math.inf
    return found


@compiled
def may_grow(kind: int, code: int, ending: int, lanes: int) -> Any:
    """Whether results of an instruction can be much larger than its operands, and it does not look itself.

    A product over lanes looks at its results before they are ended.
    """
    if kind <= VARIADIC:
        return EXP <= code < EQUAL or code >= PROD
    return ADD <= kind < MATRIX or (kind == MATRIX and (lanes == 1 or ending == TIMES))
