"""Codes: what the numbers of an encoded program say, which is what the kernels read."""

from typing import Final

from autograd import ops
from autograd.operation import Op

# What an instruction does with the rows of its operands a, b, c; z is the result.
ELEMENTWISE: Final = 0  # z = op(a, b, c), member by member
FLAT: Final = 1  # the same where the operands of consecutive members are consecutive: all members at once
VARIADIC: Final = 2  # z = op(a₀, a₁, …, b)
ZERO: Final = 3  # z = 0
COPY: Final = 4  # z = a
ADD: Final = 5  # z += Σ a
DOT: Final = 6  # z += Σ a·b
# z = Σ a·b + c or z += Σ a·b, with a and c shared and affine, b affine and the same for all members.
MATRIX: Final = 7
SINK_ONE: Final = 8  # total += Σ_rows a
SINK: Final = 9  # total += Σ_rows a·b
SINK_MATRIX: Final = 10  # the same for every a with every b

# How a MATRIX instruction starts.
ONTO: Final = 0  # from what z holds
FROM_ZERO: Final = 1
FROM_BIAS: Final = 2
FROM_NOTHING: Final = 3  # the first product stays as it is, −0 too

# What a MATRIX instruction does at its end, as the fourth index says: base is one of these, stride_i a slot.
ALONE: Final = 0  # nothing
RECTIFIED: Final = 1  # puts relu(z) in the place of z
BESIDE: Final = 2  # puts relu(z) into the slots from that one on
TIMES: Final = 3  # multiplies z by those slots
GATED: Final = 4  # multiplies z by relu' of those slots

# An instruction: kind, code, first, count, width, then four indices of five fields each. The position of a
# number that all rows share is written as −1 − its place.
HEAD: Final = 5
INDEX: Final = 5  # base, stride_i, stride_k, width, where its table starts or −1
FIELDS: Final = HEAD + 4 * INDEX
ABSENT: Final = [0, 0, 0, 0, -1]

# Those whose results can be much larger than their operands stand together, and at the end.
CODES: Final[dict[Op, int]] = {
    op: code
    for code, op in enumerate(
        [
            ops.neg, ops.step, ops.sign, ops.log, ops.log1p, ops.sqrt, ops.sin, ops.cos, ops.atan, ops.tanh,
            ops.erf, ops.abs, ops.sigmoid, ops.relu, ops.softplus, ops.gelu, ops.silu,
            ops.exp, ops.expm1, ops.tan,
            ops.sub, ops.mul, ops.div, ops.xlogy, ops.xdivy, ops.power, ops.pow, ops.leaky_relu,
            ops.binary_cross_entropy, ops.binary_cross_entropy_with_logits,
            ops.equal, ops.share, ops.elu, ops.maximum, ops.minimum, ops.where,
            ops.logsumexp, ops.select,
            ops.prod, ops.cross_entropy,
        ]
    )
}  # fmt: skip


FIRST_BINARY: Final = CODES[ops.sub]
CUSTOM: Final = len(CODES)  # a user's own operation, whose machine code is where the tables say at `width`


# A program is a head of seven numbers (how many instructions, slots, inputs, outputs, totals and constants it
# has, and how many lanes a block has at most), its instructions, and its tables: the positions of the
# outputs, and of those indices that are not affine, one after the other.
HEADER: Final = 7
LINE: Final = 16  # numbers, one or two lines of the cache: the slots start at a multiple of it

# What a run returns that is not the first row in which an index is out of range.
FINE: Final = -1
HUGE: Final = -2  # there are numbers so large that the order of a sum could tell
UNREADABLE: Final = -3  # an array does not have its numbers one after the other
