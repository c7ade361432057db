"""What operations compute, and their local derivatives, as programs of primitive rows."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from inspect import unwrap
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from autograd import ops
from autograd.graph import topological_order
from autograd.operation import Op
from autograd.value import Value

__all__ = ["PRIMITIVES", "Program", "Row", "Rule", "rows", "rule", "run"]

# The rows that page.js computes itself: those that nothing simpler stands for, and those whose expansion
# would lose digits where they are delicate. Every other row is a program of these.
PRIMITIVES: Final = frozenset({
    ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.step, ops.sign, ops.equal, ops.share, ops.where,
    ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.xlogy, ops.xdivy, ops.power, ops.pow,
    ops.sin, ops.cos, ops.tan, ops.atan, ops.tanh, ops.erf, ops.abs, ops.sigmoid, ops.relu, ops.softplus,
    ops.maximum, ops.minimum, ops.sum, ops.prod, ops.dot, ops.logsumexp, ops.select, ops.cross_entropy,
    ops.binary_cross_entropy, ops.binary_cross_entropy_with_logits,
})  # fmt: skip


class Row(NamedTuple):
    """An operation, and the program of its result, unless it is primitive or cannot be traced.

    opened: the program that is shown in its place, if it has no formula of its own.
    """

    op: Op
    forward: "Program | None"
    opened: "Program | None"


Instruction: TypeAlias = tuple[Row | float, tuple[int, ...]]


class Program(NamedTuple):
    """Instructions on numbered slots, and the slots of the results.

    The first `inputs` slots are given, and each instruction fills the next: with a row of other slots, or
    with a number.

    >>> program = rule(ops.silu(Value(1.0))).row.forward
    >>> [(row.op.name, slots) for row, slots in program.instructions], program.results
    ([('sigmoid', (0,)), ('mul', (0, 1))], (2,))
    """

    inputs: int
    instructions: tuple[Instruction, ...]
    results: tuple[int, ...]


class Rule(NamedTuple):
    """What is known of an operation: its row, and the program of operands and result → local derivatives.

    held: it cannot be computed for other numbers, so the derivative is only to be shown.
    """

    row: Row
    derivative: Program
    held: bool


class Untraceable(TypeError):
    """What a rule raises that asks for more of its operands than to be operated on."""


class Traced(Value):
    """A Value that stands for any number: whatever would depend on its own number is refused."""

    __slots__ = ()

    def _refuse(self, *asked: object) -> NoReturn:
        raise Untraceable("the rule depends on the number itself, not only on operations on it")

    __float__ = __int__ = __bool__ = __trunc__ = __floor__ = __ceil__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = detach = _refuse
    __round__ = _refuse  # type: ignore[assignment]
    __hash__ = Value.__hash__


def rule(node: Value) -> Rule:
    """The programs of the operation of `node`, right for every number that its operands may have.

    A rule that asks for the number of an operand that is a constant, as that of xⁿ asks for n, is written
    for that number. Held is an operation whose forward or derivative is not made of operations, as that of
    a user who calls a function of `math`.

    >>> square = rule(Value(3.0) ** 2)
    >>> [slots for row, slots in square.derivative.instructions], square.held
    ([(), (3, 0), ()], False)
    """
    assert node.op is not None
    known = row(node.op, node.parents)
    try:
        derivative = program(node.op, node.parents, (node.data,), partials)
    except Untraceable:
        return Rule(known, shown(node), True)
    held = not (computable(known) and all(computable(what) for what in rows(derivative)))
    return Rule(known, derivative, held or not holds(known, derivative, node))


def shown(node: Value) -> Program:
    """The local derivatives of `node` as its rule gives them at this very point, or else as numbers."""
    assert node.op is not None
    inputs = [Value(x) for x in (*[parent.data for parent in node.parents], node.data)]
    try:
        return written(inputs, partials(node.op, [*inputs]))
    except Untraceable:
        return written(inputs, node.partials)


def row(op: Op, operands: Sequence[Value]) -> Row:
    """`op` with the programs of its result."""
    shows = op.expand is not None and not op.latex and not op.variadic
    traced = None
    if op not in PRIMITIVES or shows:
        with suppress(Untraceable):
            traced = program(op, operands, (), result)
    return Row(op, None if op in PRIMITIVES else traced, traced if shows else None)


def rows(program: Program | None) -> list[Row]:
    """The rows that `program` uses."""
    return [what for what, _ in program.instructions if isinstance(what, Row)] if program else []


def computable(row: Row) -> bool:
    """Whether `row` is primitive, or a program of such rows."""
    known = row.op in PRIMITIVES or row.forward is not None
    return known and all(computable(inner) for inner in rows(row.forward))


def holds(row: Row, derivative: Program, node: Value) -> bool:
    """Whether the programs give what was recorded for `node`: its number and its local derivatives."""
    xs = [parent.data for parent in node.parents]
    found = (computed(row, xs), *run(derivative, [*xs, node.data]))
    return all(map(close, found, (node.data, *node.partials)))


def run(program: Program, inputs: Sequence[float]) -> list[float]:
    """The results of `program` on numbers.

    >>> run(rule(ops.silu(Value(1.0))).row.forward, [0.0])
    [0.0]
    """
    slots = list(inputs)
    for what, given in program.instructions:
        slots.append(computed(what, [slots[i] for i in given]) if isinstance(what, Row) else what)
    return [slots[i] for i in program.results]


def computed(row: Row, xs: Sequence[float]) -> float:
    """The result of `row` on numbers."""
    return row.op.value(tuple(xs)) if row.forward is None else run(row.forward, xs)[0]


def close(x: float, y: float) -> bool:
    """Whether two ways to compute the same number agree."""
    return x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-300)


def program(
    op: Op,
    operands: Sequence[Value],
    more: Sequence[float],
    compute: Callable[[Op, list[Any]], Sequence[Any]],
) -> Program:
    """What `compute` does with operands that may be any number; with constants as they are if need be."""
    inputs = [Traced(x) for x in (*[operand.data for operand in operands], *more)]
    try:
        return written(inputs, compute(op, [*inputs]))
    except Untraceable:
        fixed = [p.data if p.op is ops.constant else stand_in for p, stand_in in zip(operands, inputs)]
        return written(inputs, compute(op, [*fixed, *inputs[len(operands) :]]))


def result(op: Op, xs: list[Any]) -> list[Any]:
    """z, as what the row expands to, or as what a user's forward makes of Values."""
    try:
        expanded = op.expanded(tuple(xs))
        if expanded is not None:
            return [expanded]
        forward = unwrap(op.forward)
        return [forward(tuple(xs)) if op.variadic and forward is op.forward else forward(*xs)]
    except Exception as error:  # a user's function may fail in any way on what is no float
        raise Untraceable(f"the forward of {op.name!r} is not made of operations") from error


def partials(op: Op, xs_z: list[Any]) -> Sequence[Any]:
    """The local derivatives, by the row's rule on Values."""
    *xs, z = xs_z
    try:
        return op.partials(tuple(xs), z)
    except Exception as error:  # likewise
        raise Untraceable(f"the derivative of {op.name!r} is not made of operations") from error


def written(inputs: Sequence[Value], results: Sequence[Any]) -> Program:
    """The program that computes `results`, Values or numbers, from `inputs`."""
    place: dict[Value, int] = {node: i for i, node in enumerate(inputs)}
    instructions: list[Instruction] = []

    def fill(what: Row | float, slots: tuple[int, ...] = ()) -> int:
        instructions.append((what, slots))
        return len(inputs) + len(instructions) - 1

    for node in topological_order(*[result for result in results if isinstance(result, Value)]):
        if node in place:
            continue
        if node.op is ops.constant:
            place[node] = fill(node.data)
        elif node.op is None:
            raise Untraceable("the rule makes a Value that is not computed from its operands")
        else:
            operands = tuple([place[parent] for parent in node.parents])
            place[node] = fill(row(node.op, node.parents), operands)
    slots = [place[result] if isinstance(result, Value) else fill(float(result)) for result in results]
    return Program(len(inputs), tuple(instructions), tuple(slots))
