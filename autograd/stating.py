"""A node and its local derivatives as formulas: in the names of the operands, and in their numbers."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from autograd import ops
from autograd.formulas import Notation, Written, local_derivatives
from autograd.plain import PLAIN
from autograd.value import Value

__all__ = ["Statement", "in_names", "in_numbers", "local_derivative"]

MOST: Final = 4  # operands that are written out; of more than that, the first two and the last
READABLE: Final = 80  # characters of a local derivative


class Statement(NamedTuple):
    """A graph on leaves without labels, and names for these: one formula in names, one in numbers."""

    value: Value
    names: Mapping[Value, str]

    def in_names(self, notation: Notation) -> Written:
        """The formula with the names."""
        return notation.formula(self.value, self.names)

    def in_numbers(self, notation: Notation) -> Written:
        """The formula with a number in the place of each name."""
        return notation.formula(self.value)


def local_derivative(
    node: Value, position: int, names: Mapping[Value, str], numbers: Mapping[Value, float]
) -> Statement | None:
    """∂node/∂operand as the row states it; None where it is too long to read.

    None too where it does not give the number that was recorded, because data was changed since.
    """
    assert node.op is not None
    stand_ins = [p if p.op is ops.constant else Value(numbers[p]) for p in node.parents]
    result = Value(numbers[node])
    partial = local_derivatives(node.op, stand_ins, result)[position]
    named = {s: names[p] for s, p in zip([*stand_ins, result], [*node.parents, node])}
    stated = Statement(partial, named)
    recorded = node.partials[position]
    if partial.data != recorded and PLAIN.number(partial.data) != PLAIN.number(recorded):
        return None
    try:
        return stated if len(stated.in_names(PLAIN).text) <= READABLE else None
    except ValueError:  # beyond what any notation writes
        return None


def in_names(
    node: Value, names: Mapping[Value, str], numbers: Mapping[Value, float], notation: Notation
) -> Written:
    """How `node` is computed, in the names of its operands.

    A row with no template is written as the simpler ones that it stands for: −y log a − (1−y) log(1−a).
    """
    opened = expansion(node, names, numbers)
    if opened is not None:
        return opened.in_names(notation)
    return applied(node, [notation.name(parent, names) for parent in node.parents], notation)


def in_numbers(
    node: Value, names: Mapping[Value, str], numbers: Mapping[Value, float], notation: Notation
) -> Written:
    """The same with a number in the place of each name."""
    opened = expansion(node, names, numbers)
    if opened is not None:
        return opened.in_numbers(notation)
    return applied(node, [notation.number(numbers[parent]) for parent in node.parents], notation)


def expansion(node: Value, names: Mapping[Value, str], numbers: Mapping[Value, float]) -> Statement | None:
    """What the row of `node` stands for in simpler ones, if it has no other way to be written."""
    op = node.op
    assert op is not None
    if op.expand is None or op.latex or op.variadic:
        return None
    stand_ins = tuple([Value(numbers[parent]) for parent in node.parents])
    opened = op.expanded(stand_ins)
    named = {s: names[p] for s, p in zip(stand_ins, node.parents) if p.op is not ops.constant}
    return Statement(opened, named) if opened is not None else None


def applied(node: Value, operands: Sequence[Written], notation: Notation) -> Written:
    """The operation of `node` on operands that are written already, the middle of many left out."""
    op = node.op
    assert op is not None
    if op is not ops.dot:
        return notation.apply(op, shortened(operands, notation) if op.variadic else operands)
    n = len(operands) // 2
    products = [notation.apply(ops.mul, pair) for pair in zip(operands[:n], operands[n:-1])]
    bias = node.parents[-1]
    biased = bias.op is not ops.constant or bias.data != 0.0
    return notation.sum([*shortened(products, notation), *(operands[-1:] if biased else [])])


def shortened(parts: Sequence[Written], notation: Notation) -> Sequence[Written]:
    """`parts`; of many, the first two and the last."""
    return parts if len(parts) <= MOST else [*parts[:2], Written(notation.ELLIPSIS), parts[-1]]
