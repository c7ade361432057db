"""Calling: the arrays that a run is given, found and checked by machine code.

numba takes 0.04 µs for each array that a function is called with, and Python as long for each question about
one; at a small step together a seventh of its time. So a run is given the address of a tuple of arrays, and
looks into these itself, before it lets other threads run that might change them.
"""

from typing import Any, Final

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.np import arrayobj

from autograd.compiler.machine import Generated, compiled, compiled_inside, instruction
from autograd.compiler.objects import (
    DATA,
    DIMENSIONS,
    DTYPE,
    FLAGS,
    LENGTH,
    SHAPE,
    TYPE,
    WORD,
    entry,
    extent,
    int_at,
    item,
    loaded,
    word_at,
)

__all__ = [
    "NO_FORM",
    "PROGRAM",
    "RESULTS",
    "SHARED",
    "SPACE",
    "array_at",
    "batch_of",
    "form_of",
]

# What is in the tuple, and where. The last is an empty array, for no columns, and is there beside a form.
PROGRAM: Final = 0
SPACE: Final = 1
SHARED: Final = 2
RESULTS: Final = 3
ARGUMENTS: Final = 4
FORM: Final = 5
NOTHING: Final = 6

# What is in a form, which is an array: how many arguments there are; which of them is the table, how many
# columns it has, and from which input on; which is a column of its own, or −1; how many parameters there are;
# the addresses of numpy's type of arrays and of their dtype.
COUNT: Final = 0
TABLE: Final = 1
WIDTH: Final = 2
FIRST: Final = 3
COLUMN: Final = 4
PARAMETERS: Final = 5
KIND: Final = 6
NUMBERS: Final = 7
NO_FORM: Final = np.empty(0, np.int64)

CONTIGUOUS, ALIGNED = 0x1, 0x100  # numpy's flags
PLAIN: Final = CONTIGUOUS | ALIGNED


def form_of(
    count: int, table: int, width: int, first: int, column: int, parameters: int, dtype: np.dtype
) -> np.ndarray:
    """What `batch_of` takes for arguments and parameters that it need not be told about."""
    return np.array([count, table, width, first, column, parameters, id(np.ndarray), id(dtype)], np.int64)


@compiled
def batch_of(held: int, first: int, start: int, stop: int, scale: float) -> Any:
    """Whether the arguments can be read; where the table and the columns are; first, start, stop, scale.

    Without a form the arguments are the table and all columns, and the rest is as given. With one they may be
    anything: they can be read if they are as it says, and then all rows are run, for their mean.
    """
    arguments, numbers, form = item(held, ARGUMENTS), item(held, SHARED), item(held, FORM)
    if extent(form, 0) == 0:
        table, columns = item(arguments, 0), item(arguments, 1)
    else:
        if not _fit(arguments, numbers, form):
            return False, 0, 0, first, start, stop, scale
        table, column, first = item(arguments, entry(form, TABLE)), entry(form, COLUMN), entry(form, FIRST)
        columns = item(arguments, column) if column >= 0 else item(held, NOTHING)
        start, stop = 0, extent(table, 0)
        scale = 1.0 / stop
    plain = _is_plain(table) and _is_plain(columns) and _is_plain(numbers)
    return plain, table, columns, first, start, stop, scale


@compiled_inside
def _fit(arguments: int, parameters: int, form: int) -> bool:
    """Whether a tuple of arguments and what is given for parameters are as the form has them."""
    if word_at(arguments, LENGTH) != entry(form, COUNT):
        return False
    table = item(arguments, entry(form, TABLE))
    if not (_is_array(table, 2, form) and _is_array(parameters, 1, form)):
        return False
    rows = extent(table, 0)
    if rows == 0 or extent(table, 1) != entry(form, WIDTH):
        return False
    if extent(parameters, 0) != entry(form, PARAMETERS):
        return False
    if entry(form, COLUMN) < 0:
        return True
    column = item(arguments, entry(form, COLUMN))
    return _is_array(column, 1, form) and extent(column, 0) == rows


@compiled_inside
def _is_array(address: int, dimensions: int, form: int) -> bool:
    """Whether an object is an array of so many dimensions, its kind and its dtype as the form has them."""
    if word_at(address, TYPE) != entry(form, KIND) or word_at(address, DTYPE) != entry(form, NUMBERS):
        return False
    return int_at(address, DIMENSIONS) == dimensions  # type: ignore[no-any-return]


@compiled_inside
def _is_plain(array: int) -> bool:
    """Whether the numbers of an array lie one after the other and are aligned."""
    return int_at(array, FLAGS) & PLAIN == PLAIN  # type: ignore[no-any-return]


@instruction
def array_at(typing: Any, address: Any, number: Any, dimensions: Any) -> Generated:
    """A plain numpy array of `number`, a type, as numba has arrays; nothing counts that it refers to it."""
    kind = types.Array(number.instance_type, dimensions.literal_value, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (address, *_), number = arguments, context.get_value_type(kind.dtype)
        size = address.type(context.get_abi_sizeof(number))
        data = loaded(builder, address, DATA, ir.PointerType(number))
        lengths = loaded(builder, address, SHAPE, address.type)
        shape = [loaded(builder, lengths, i * WORD, address.type) for i in range(kind.ndim)]
        strides = [size]
        for length in shape[:0:-1]:
            strides.insert(0, builder.mul(length, strides[0]))
        view = context.make_array(kind)(context, builder)
        arrayobj.populate_array(  # type: ignore[no-untyped-call]
            view, data, shape, strides, size, meminfo=None
        )
        return view._getvalue()

    return kind(types.intp, number, dimensions), generate
