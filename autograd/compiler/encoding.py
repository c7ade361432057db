"""Plans as arrays of integers, which is what the kernels read."""

from typing import Final, NamedTuple

import numpy as np

from autograd import ops
from autograd.compiler.grouping import Group, Index, Plan
from autograd.operation import Op

__all__ = ["CODES", "Encoded", "encoded"]

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

# An instruction: kind, code, first, count, width, then four indices of five fields each. The position of a
# number that all rows share is written as −1 − its place.
HEAD: Final = 5
INDEX: Final = 5  # base, stride_i, stride_k, width, where its table starts or −1
FIELDS: Final = HEAD + 4 * INDEX

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


class Encoded(NamedTuple):
    """A plan for the kernels. code: an instruction in each row; tables: the positions of the indices that are
    not affine, one after the other."""

    code: np.ndarray
    tables: np.ndarray


def encoded(plan: Plan) -> Encoded:
    """`plan` as arrays. Raises KeyError for an operation that the kernels do not have."""
    encoder = _Encoder()
    for group in plan.groups:
        encoder.add_group(group)
    for sink in plan.sinks:
        kind = SINK_ONE if sink.b is None else SINK_MATRIX if _is_outer(sink.a, sink.b, sink.target) else SINK
        encoder.add(kind, 0, 0, sink.count, sink.a, sink.b, None, sink.target)
    tables = np.concatenate(encoder.tables) if encoder.tables else np.zeros(1, np.int64)
    return Encoded(np.array(encoder.code, np.int64).reshape(-1, FIELDS), tables)


class _Encoder:
    def __init__(self) -> None:
        self.code: list[list[int]] = []
        self.tables: list[np.ndarray] = []
        self.used = 0

    def add_group(self, group: Group) -> None:
        first, count, terms = group.first, group.count, group.terms
        if group.op is ops.dot or group.op is ops.sum:
            self._add_sum(first, count, terms, group.pairs)
        elif group.op is ops.mul and _is_matrix(*(factors := _shared_first(terms))):
            self.add(MATRIX, FROM_NOTHING, first, count, *factors)
        elif group.op.variadic:
            index = None
            if group.op is ops.select or group.op is ops.cross_entropy:
                *terms, last = terms
                index = last.part(last.width - 1, last.width)
                terms += [last.part(0, last.width - 1)] if last.width > 1 else []
            self.add(VARIADIC, CODES[group.op], first, count, _joined(terms, count), index)
        else:
            columns = [term.part(k, k + 1) for term in terms for k in range(term.width)]
            flat = all(
                column.table is None and not column.shared and column.stride_i == 1 for column in columns
            )
            self.add(
                FLAT if flat or (count == 1 and not any(c.shared for c in columns)) else ELEMENTWISE,
                CODES[group.op],
                first,
                count,
                *columns,
            )

    def _add_sum(self, first: int, count: int, terms: list[Index], pairs: list[tuple[Index, Index]]) -> None:
        matrices = [pair for pair in pairs if _is_matrix(*pair)]
        others = [pair for pair in pairs if not _is_matrix(*pair)]
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
        width = indices[0].width if indices and indices[0] is not None else 0
        row = [kind, code, first, count, width]
        for index in (*indices, None, None, None, None)[:4]:
            row.extend(self._fields(index))
        self.code.append(row)

    def _fields(self, index: Index | None) -> list[int]:
        if index is None:
            return [0, 0, 0, 0, -1]
        if index.table is None:
            affine = [index.base, index.stride_i, index.stride_k]
            return [*([-1 - affine[0], -affine[1], -affine[2]] if index.shared else affine), index.width, -1]
        return self._table(-1 - index.table if index.shared else index.table)

    def _table(self, positions: np.ndarray) -> list[int]:
        start = self.used
        self.tables.append(positions.ravel().astype(np.int64))
        self.used += positions.size
        return [0, 0, 0, positions.shape[1], start]


def _shared_first(terms: list[Index]) -> tuple[Index, Index]:
    """The two factors of a product; what is shared comes first."""
    a, b = [term.part(k, k + 1) for term in terms for k in range(term.width)]
    return (b, a) if b.shared else (a, b)


def _is_matrix(a: Index, b: Index) -> bool:
    affine = a.table is None and b.table is None
    return affine and a.shared and not b.shared and b.stride_i == 0


def _is_outer(a: Index, b: Index, target: Index) -> bool:
    affine = a.table is None and b.table is None and target.table is None
    return affine and not a.shared and not b.shared and a.stride_k == 0 and b.stride_i == 0


def _joined(runs: list[Index], count: int) -> Index:
    """Runs as one index, shared positions written as the kernels read them."""
    if len(runs) == 1:
        return runs[0]
    table = np.concatenate(
        [-1 - run.matrix(count) if run.shared else run.matrix(count) for run in runs], axis=1
    )
    return Index(False, table.shape[1], 0, 0, 0, table)
