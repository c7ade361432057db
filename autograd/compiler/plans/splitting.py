"""Splitting: what depends on an input is computed for each row, all else once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from autograd import ops
from autograd.compiler.collector import collector_waiting
from autograd.compiler.plans.adjoint import node_of, vjp
from autograd.compiler.plans.grouping import Plan
from autograd.compiler.plans.planning import plan, prepare_planning
from autograd.compiler.plans.recording import Recording
from autograd.compiler.plans.tape import Tape
from autograd.compiler.plans.written import Written
from autograd.operation import Op

__all__ = ["Split", "Stages"]


@dataclass(frozen=True)
class Stages:
    """A function, or the sum of one over rows with its gradient, as three plans that run one after the other.

    once: from the parameters, the numbers that rows need besides them and, for a gradient, the part of the
    sum that depends on no input; None if there is neither. rows: for each row, from the inputs and the
    shared numbers, which are at `sources` in the parameters followed by what `once` computed. after: from
    the parameters and the gradients of what `once` computed, the rest of the parameters' gradient.
    has_constant: whether the last that `once` computes is a part of the sum itself. written: the
    outputs for a row as they were written, from all parameters; of a sum, what of it depends on inputs and
    the rest are behind it, if there is a rest. weighted: whether the last input is a weight of the row.
    """

    once: Plan | None
    rows: Plan
    sources: list[int]
    written: Written
    after: Plan | None = None
    has_constant: bool = False
    weighted: bool = False


class Split:
    """A recording whose tape is cut where what depends on an input uses what does not.

    parameters: in the order in which rows use them, so that matrices lie row by row. varying: 1 for each
    node that depends on an input.
    """

    @collector_waiting()
    def __init__(self, recording: Recording) -> None:
        prepare_planning()
        self.tape = tape = Tape()
        compared = [side for guard in recording.guards for side in (guard.left, guard.right)]
        place = tape.extend(recording.order, given=[*recording.inputs, *recording.parameters])
        self.arguments = [[place[value] for value in values] for values in recording.by_argument()]
        self.outputs = [place[value] for value in recording.outputs]
        self.compared = [place[value] for value in compared]
        self.varying = tape.depending_on(range(len(recording.inputs)))
        given = {place[value]: value for value in recording.parameters}
        self.inner = self._inner(self.outputs)
        self.forward_rows = plan(tape, self.arguments, [*given, *self.inner], outputs=self.outputs)
        self.places = [node for node in self.forward_rows.shared if node in given]
        self.parameters = [given[node] for node in self.places]

    def _inner(self, wanted: Sequence[int]) -> list[int]:
        """The computed nodes that depend on no input, but are `wanted` or used by rows for that."""
        operands = self.tape.operands
        return [node for node in self.tape.below(wanted, self.varying) if operands[node]]

    @collector_waiting()
    def forward(self) -> Stages:
        """The stages that compute the outputs for each row."""
        return self._stages(self.forward_rows, self.inner, self.outputs)

    def questions(self) -> list[tuple[int, int]]:
        """The guards, from start to stop, that can be asked at once: those behind only of rows that agree.

        A guard starts anew if what it compares may fail for a row that does not get that far: an index out
        of range, or an operation of the user's.
        """
        seen: set[int] = set()
        starts = [0] if self.compared else []
        for guard in range(len(self.compared) // 2):
            below = self._below(self.compared[2 * guard : 2 * guard + 2], seen)
            if guard and any(_may_fail(self.tape.operations[node]) for node in below):
                starts.append(guard)
        return list(zip(starts, [*starts[1:], len(self.compared) // 2]))

    def _below(self, nodes: Sequence[int], seen: set[int]) -> list[int]:
        """`nodes` and all that they are computed from, less what is in `seen`, to which they are added."""
        found: list[int] = []
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                found.append(node)
                stack.extend(self.tape.operands[node])
        return found

    @collector_waiting()
    def comparisons(self, start: int, stop: int) -> Stages:
        """The stages that compute both sides of the guards from start to stop, in turn, for each row."""
        compared = self.compared[2 * start : 2 * stop]
        inner = self._inner(compared)
        rows = plan(self.tape, self.arguments, [*self.places, *inner], outputs=compared)
        return self._stages(rows, inner, compared)

    def _stages(self, rows: Plan, inner: list[int], outputs: list[int]) -> Stages:
        once = plan(self.tape, [self.places], [], outputs=inner) if inner else None
        written = Written(self.tape, [*chain(*self.arguments)], self.places, outputs)
        return Stages(once, rows, self._sources(rows, [*self.places, *inner]), written)

    @collector_waiting()
    def gradient(self, weighted: bool = False) -> Stages:
        """The stages that compute the sum of the one output over rows, and its gradient for the parameters.

        weighted: each row counts as often as a further input, behind the others, says. A term of the
        output that is computed from parameters alone, such as a penalty on them, is counted once; a bare
        parameter is a bias, and counts in every row.
        """
        tape, arguments = self.tape, self.arguments
        terms = self._terms(self.outputs[0])
        fixed = {term: n for term, n in terms.items() if tape.operands[term] and not self.varying[term]}
        inner = self._inner([term for term in terms if term not in fixed])
        shared = [*self.places, *inner]
        whole = total = self.outputs[0]
        if fixed:
            total = self._sum([self._times(n, term) for term, n in terms.items() if term not in fixed])
            inner = [*inner, self._sum([self._times(n, term) for term, n in fixed.items()])]
        if weighted:
            weight = tape.add(None, data=1.0)
            arguments = [*arguments, [weight]]
            whole, total = [tape.add(ops.mul, (weight, node)) for node in (whole, total)]
        gradients = {
            node: node_of(tape, term)
            for node, term in zip(shared, vjp(tape, [(total, 1.0)], shared))
            if term.__class__ is not float or term != 0.0
        }
        rows = plan(tape, arguments, shared, totals=[total], gradients=gradients)
        sources = self._sources(rows, shared)
        parts = [total, inner[-1]] if fixed else []
        written = Written(tape, [*chain(*arguments)], self.places, [whole, *parts])
        once = plan(tape, [self.places], [], outputs=inner) if inner else None
        after = self._after(inner) if inner and self.places else None
        return Stages(once, rows, sources, written, after, bool(fixed), weighted)

    def _after(self, inner: list[int]) -> Plan:
        """The plan that passes the gradients of `inner` on to the parameters."""
        weights = [self.tape.add(None, data=1.0) for _ in inner]
        rest = vjp(self.tape, list(zip(inner, weights)), self.places)
        outputs = [node_of(self.tape, term) for term in rest]
        return plan(self.tape, [self.places, weights], [], outputs=outputs)

    def _sources(self, rows: Plan, shared: list[int]) -> list[int]:
        place = {node: i for i, node in enumerate(shared)}
        return [place[node] for node in rows.shared]

    def _terms(self, output: int) -> dict[int, int]:
        """How often each term occurs in the sum that `output` is; itself, once, if it is none."""
        times = {output: 1}
        terms: dict[int, int] = {}
        for node in range(output, -1, -1):
            if node not in times:
                continue
            if not self.varying[node] or self.tape.operations[node] not in (ops.add, ops.sum):
                terms[node] = times[node]
                continue
            for operand in self.tape.operands[node]:
                times[operand] = times.get(operand, 0) + times[node]
        return dict(reversed(terms.items()))

    def _times(self, n: int, term: int) -> int:
        return term if n == 1 else self.tape.add(ops.mul, (self.tape.constant(float(n)), term))

    def _sum(self, terms: Sequence[int]) -> int:
        if len(terms) == 1:
            return terms[0]
        return self.tape.add(ops.sum, tuple(terms)) if terms else self.tape.constant(0.0)


def _may_fail(op: Op | None) -> bool:
    """Whether an operation refuses some numbers."""
    return op is ops.select or op is ops.cross_entropy or (op is not None and op.__module__ != ops.__name__)
