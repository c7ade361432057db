"""Plans as arrays of integers, which is what the kernels read."""

import math
from array import array
from typing import Final

import numpy as np

from autograd import ops
from autograd.compiler.execution.custom import address_of
from autograd.compiler.execution.fusing import Ending, columns_of, fused, in_a_row, is_matrix, shared_first
from autograd.compiler.execution.vectors import BYTES
from autograd.compiler.plans.grouping import Group, Index, Plan, Sink
from autograd.compiler.plans.recording import collector_waiting
from autograd.operation import Op

__all__ = ["CODES", "encoded"]

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

CODES: Final[dict[Op, int]] = {
    op: code
    for code, op in enumerate(
        [
            ops.neg, ops.step, ops.sign, ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.sin, ops.cos,
            ops.tan, ops.atan, ops.tanh, ops.erf, ops.abs, ops.sigmoid, ops.relu, ops.softplus, ops.gelu,
            ops.silu,
            ops.sub, ops.mul, ops.div, ops.equal, ops.share, ops.xlogy, ops.xdivy, ops.power, ops.pow,
            ops.leaky_relu, ops.elu, ops.maximum, ops.minimum, ops.binary_cross_entropy,
            ops.binary_cross_entropy_with_logits, ops.where,
            ops.prod, ops.logsumexp, ops.select, ops.cross_entropy,
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


@collector_waiting()
def encoded(plan: Plan, dtype: str, block: int) -> np.ndarray:
    """`plan` as a program for the kernels of this process, with blocks of at most `block` lanes.

    Raises KeyError for an operation that the kernels do not have.
    """
    encoder = _Encoder(
        np.array([-1 - place if shared else place for shared, place in plan.outputs], np.int64), dtype
    )
    for group, ending in fused(plan):
        encoder.add_group(group)
        if ending is not None:
            encoder.end_with(ending)
    for sink in plan.sinks:
        encoder.add_sink(sink, plan)
    count = len(encoder.code) // FIELDS
    totals = 0 if plan.outputs else plan.totals
    head = [count, plan.slots, plan.inputs, len(plan.outputs), totals, len(plan.constants), block]
    return np.concatenate([np.array(head, np.int64), np.array(encoder.code, np.int64), encoder.positions()])


class _Encoder:
    def __init__(self, places: np.ndarray, dtype: str) -> None:
        self.dtype = dtype
        self.vector = BYTES // np.dtype(dtype).itemsize
        self.code = array("q")
        self.tables = [places]
        self.shared = [False]  # of each table, whether its positions are those of shared numbers
        self.used = len(places)

    def positions(self) -> np.ndarray:
        """All tables, one behind the other, as the kernels read them."""
        together = np.concatenate(self.tables)
        shared = np.repeat(self.shared, [len(table) for table in self.tables])
        return np.where(shared, -1 - together, together)

    def add_group(self, group: Group) -> None:
        first, count, terms = group.first, group.count, group.terms
        if group.op is ops.dot or group.op is ops.sum:
            self._add_sum(first, count, terms, group.pairs)
        elif group.op is ops.mul and is_matrix(*(factors := shared_first(group))):
            self.add(MATRIX, FROM_NOTHING, first, count, *factors)
        elif group.op.variadic:
            index = None
            if group.op is ops.select or group.op is ops.cross_entropy:
                *terms, last = terms
                index = last.part(last.width - 1, last.width)
                terms += [last.part(0, last.width - 1)] if last.width > 1 else []
            self.add(VARIADIC, CODES[group.op], first, count, _joined(terms, count), index)
        else:
            columns = columns_of(group)
            if group.op not in CODES:
                self._add_custom(group, columns)
                return
            flat = all(in_a_row(column, count) for column in columns)
            self.add(FLAT if flat else ELEMENTWISE, CODES[group.op], first, count, *columns)

    def end_with(self, ending: Ending) -> None:
        """Let the last instruction, which is a MATRIX, do in its end what its group was fused with."""
        kind = {"relu": RECTIFIED, "relu beside": BESIDE, "times": TIMES, "times relu'": GATED}[ending.what]
        self.code[-INDEX:] = array("q", [kind, ending.slot, 0, 0, -1])

    def _add_custom(self, group: Group, columns: list[Index]) -> None:
        address = address_of(group.op, len(columns), self.dtype)
        if not address:
            raise KeyError(group.op)
        self.add(ELEMENTWISE, CUSTOM, group.first, group.count, *columns)
        self.code[4 - FIELDS] = self._put(np.array([address], np.int64), False)

    def add_sink(self, sink: Sink, plan: Plan) -> None:
        """Append a sink; the slot behind those of the plan holds 1 in all lanes.

        Inputs whose totals lie side by side come first, as sums over a table need it; else what takes fewer
        squares of vectors.
        """
        a, b, target = sink.a, sink.b or Index(False, 1, plan.slots, 0, 0), sink.target
        if not _is_outer(a, b, target):
            self.add(SINK if sink.b else SINK_ONE, 0, 0, sink.count, a, sink.b, None, target)
            return
        kept, turned = [
            (
                not (base < plan.inputs and count >= self.vector and stride == beside == 1),
                math.ceil(count / self.vector) * width,
                beside != 1,
            )
            for base, stride, beside, count, width in (
                (a.base, a.stride_i, target.stride_i, sink.count, a.width),
                (b.base, b.stride_k, target.stride_k, a.width, sink.count),
            )
        ]
        if kept <= turned:
            self.add(SINK_MATRIX, 0, 0, sink.count, a, b, None, target)
        else:
            self.add(
                SINK_MATRIX,
                0,
                0,
                a.width,
                *(_turned(index, sink.count) for index in (b, a)),
                None,
                _turned(target, sink.count),
            )

    def _add_sum(self, first: int, count: int, terms: list[Index], pairs: list[tuple[Index, Index]]) -> None:
        matrices = [pair for pair in pairs if is_matrix(*pair)]
        others = [pair for pair in pairs if not is_matrix(*pair)]
        terms = list(terms)
        if matrices:
            bias = next((t for t in terms if t.width == 1 and t.shared and t.table is None), None)
            a, b = matrices.pop(0)
            self.add(MATRIX, FROM_ZERO if bias is None else FROM_BIAS, first, count, a, b, bias)
            terms = [term for term in terms if term is not bias]
        elif terms and terms[0].width == 1:
            self.add(COPY, 0, first, count, terms.pop(0))
        else:
            self.add(ZERO, 0, first, count)
        for a, b in matrices:
            self.add(MATRIX, ONTO, first, count, a, b)
        for term in terms:
            self.add(ADD, 0, first, count, term)
        for a, b in others:
            self.add(DOT, 0, first, count, a, b)

    def add(self, kind: int, code: int, first: int, count: int, *indices: Index | None) -> None:
        """Append an instruction; its width is that of its first index."""
        row = [kind, code, first, count, indices[0].width if indices and indices[0] else 0]
        for index in indices:
            row += self._fields(index) if index else ABSENT
        self.code.extend(row + ABSENT * (4 - len(indices)))

    def _fields(self, index: Index) -> list[int]:
        shared, width, base, stride_i, stride_k, table = index
        if table is not None:
            return [0, 0, 0, width, self._put(table.ravel(), shared)]
        return (
            [-1 - base, -stride_i, -stride_k, width, -1] if shared else [base, stride_i, stride_k, width, -1]
        )

    def _put(self, table: np.ndarray, shared: bool) -> int:
        """Append a table, and return where it starts."""
        start = self.used
        self.tables.append(table)
        self.shared.append(shared)
        self.used += len(table)
        return start


def _is_outer(a: Index, b: Index, target: Index) -> bool:
    affine = a.table is None and b.table is None and target.table is None
    return affine and not a.shared and not b.shared and a.stride_k == 0 and b.stride_i == 0


def _turned(index: Index, count: int) -> Index:
    """The affine index of a matrix whose rows are columns."""
    return Index(index.shared, count, index.base, index.stride_k, index.stride_i)


def _joined(runs: list[Index], count: int) -> Index:
    """Runs as one index, shared positions written as the kernels read them."""
    if len(runs) == 1:
        return runs[0]
    table = np.concatenate(
        [-1 - run.matrix(count) if run.shared else run.matrix(count) for run in runs], axis=1
    )
    return Index(False, table.shape[1], 0, 0, 0, table)
