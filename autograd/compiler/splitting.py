"""Splitting: what depends on an input is computed for each row, all else once."""

from dataclasses import dataclass

from autograd import ops
from autograd.compiler.grouping import Plan, plan
from autograd.compiler.recording import Recording
from autograd.derivatives import grad, vjp
from autograd.graph import depending_on, topological_order
from autograd.operands import pack
from autograd.value import Value, lift

__all__ = ["Split", "Stages"]


@dataclass(frozen=True)
class Stages:
    """A function, or the sum of one over rows with its gradient, as three plans that run one after the other.

    once: from the parameters, the numbers that rows need besides them and, for a gradient, the part of the
    sum that depends on no input; None if there is neither. rows: for each row, from the inputs and the
    shared numbers, which are at `sources` in the parameters followed by what `once` computed. after: from
    the parameters and the gradients of what `once` computed, the rest of the parameters' gradient.
    has_constant: whether the last that `once` computes is a part of the sum itself.
    """

    once: Plan | None
    rows: Plan
    sources: list[int]
    after: Plan | None = None
    has_constant: bool = False


class Split:
    """A recording whose graph is cut where what depends on an input uses what does not.

    parameters: in the order in which rows use them, so that matrices lie row by row. stand_ins: for each
    node so used, the leaf that has taken its place. outputs: the recording's, or the
    leaves that stand for them; compared: likewise both sides of each guard. varying: the nodes that depend
    on an input.
    """

    def __init__(self, recording: Recording) -> None:
        self.parameters = recording.parameters
        self.arguments = recording.by_argument()
        self.stand_ins: dict[Value, Value] = {}
        compared = [side for guard in recording.guards for side in (guard.left, guard.right)]
        order = topological_order(*recording.outputs, *compared)
        self.varying = depending_on(recording.inputs, order)
        for node in order:
            if node in self.varying and not node.is_leaf:
                # Nobody else sees the node change: it was made by this recording.
                node.x, node.y = pack(tuple(map(self._for_rows, node.parents)))
        self.outputs = list(map(self._for_rows, recording.outputs))
        self.compared = list(map(self._for_rows, compared))
        shared = [*self.parameters, *self.stand_ins.values()]
        self.forward_rows = plan(self.arguments, shared, outputs=self.outputs)
        given = set(self.parameters)
        self.parameters = [value for value in self.forward_rows.shared if value in given]
        self.recorded = [parameter.data for parameter in self.parameters]
        self.shared = [*self.parameters, *self.stand_ins.values()]

    def _for_rows(self, node: Value) -> Value:
        if node in self.varying or node.is_leaf:
            return node
        return self.stand_ins.setdefault(node, Value(node.data, node.label))

    def forward(self) -> Stages:
        """The stages that compute the outputs for each row."""
        return self._stages(self.forward_rows)

    def comparisons(self) -> Stages:
        """The stages that compute both sides of each guard, in turn, for each row."""
        return self._stages(plan(self.arguments, self.shared, outputs=self.compared))

    def _stages(self, rows: Plan) -> Stages:
        once = plan([self.parameters], [], outputs=list(self.stand_ins)) if self.stand_ins else None
        return Stages(once, rows, self._sources(rows))

    def gradient(self, weighted: bool = False) -> Stages:
        """The stages that compute the sum of the one output over rows, and its gradient for the parameters.

        weighted: each row counts as often as a further input, behind the others, says. A term of the
        output that is computed from parameters alone, such as a penalty on them, is counted once; a bare
        parameter is a bias, and counts in every row.
        """
        # The parameters may have moved on since, and derivatives are taken at the point that was recorded.
        current = [parameter.data for parameter in self.parameters]
        _set_data(self.parameters, self.recorded)
        try:
            return self._gradient(weighted)
        finally:
            _set_data(self.parameters, current)

    def _gradient(self, weighted: bool) -> Stages:
        terms = _terms(self.outputs[0])
        original = {stand_in: node for node, stand_in in self.stand_ins.items()}
        fixed = [_times(n, original[term]) for term, n in terms if term in original]
        total = self.outputs[0]
        if fixed:
            total = _sum([_times(n, term) for term, n in terms if term not in original])
        arguments = self.arguments
        if weighted:
            weight = Value(1.0)
            arguments = [*arguments, [weight]]
            total = weight * total
        inner = [*self.stand_ins, *([_sum(fixed)] if fixed else [])]
        gradients = dict(zip(self.shared, grad(total, self.shared)))
        known = {*self.shared, *self.varying}
        used = {
            value: gradient
            for value, gradient in gradients.items()
            if not (gradient.is_leaf and gradient.data == 0.0 and gradient not in known)
        }
        rows = plan(arguments, self.shared, totals=[total], gradients=used)
        if not inner:
            return Stages(None, rows, self._sources(rows))
        once = plan([self.parameters], [], outputs=inner)
        weights = [Value(1.0) for _ in inner]
        after = plan([self.parameters, weights], [], outputs=vjp(inner, self.parameters, weights))
        return Stages(once, rows, self._sources(rows), after, bool(fixed))

    def _sources(self, rows: Plan) -> list[int]:
        place = {value: i for i, value in enumerate(self.shared)}
        return [place[value] for value in rows.shared]


def _terms(output: Value) -> list[tuple[Value, int]]:
    """The terms of the sum that `output` is, and how often each occurs in it; itself if it is none."""
    times = {output: 1}
    terms: list[tuple[Value, int]] = []
    for node in reversed(topological_order(output)):
        if node not in times:
            continue
        if node.op is not ops.add and node.op is not ops.sum:
            terms.append((node, times[node]))
            continue
        for parent in node.parents:
            times[parent] = times.get(parent, 0) + times[node]
    return terms[::-1]


def _times(n: int, term: Value) -> Value:
    return term if n == 1 else n * term


def _sum(terms: list[Value]) -> Value:
    if len(terms) == 1:
        return terms[0]
    total: Value = ops.sum(terms) if terms else lift(0.0)
    return total


def _set_data(values: list[Value], numbers: list[float]) -> None:
    for value, number in zip(values, numbers):
        value.data = number
