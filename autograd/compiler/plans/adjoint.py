"""The gradient of a tape: `derivatives.vjp` on numbers of nodes, each rule applied to Values but once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autograd import ops
from autograd.compiler.plans.decisions import Guard, decisions_kept
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Term", "node_of", "vjp"]

Term = int | float  # a node; or a number, as long as a part of a derivative depends on nothing


class Rule(NamedTuple):
    """The local derivatives of one kind of nodes: (operand, its partial) where one is needed, and `nodes`.

    Nodes and partials refer to places: of the operands, of the result, then of `nodes`; −1 − n is node n.
    """

    nodes: list[tuple[Op, tuple[int, ...]]]
    partials: list[tuple[int, Term]]


def vjp(tape: Tape, outputs: Sequence[tuple[int, Term]], wanted: Sequence[int]) -> list[Term]:
    """Σ weight·∂output/∂node for each of `wanted`, on the same tape; outputs: each with its weight.

    A wanted node counts as a leaf: nothing is passed on to what it was computed from. Raises TypeError for
    a derivative that compares Values, for which the recorded point cannot stand.
    """
    adjoint = _Adjoint(tape, wanted)
    guards: list[Guard] = []
    with decisions_kept(guards, adjoint.examples):
        gradients = adjoint.gradients(outputs)
    if guards:
        raise TypeError(
            f"a derivative compares Values at {guards[0].where}: write it with autograd.where, "
            "which chooses for each row"
        )
    return gradients


class _Adjoint:
    """The reverse sweep. rules: by operation and kinds of operands, −1 for one whose partial is needed."""

    def __init__(self, tape: Tape, wanted: Sequence[int]) -> None:
        self.tape = tape
        self.wanted = wanted
        self.relevant = tape.depending_on(wanted)
        self.constants = set(tape.constants.values())
        self.rules: dict[tuple[Op | None, tuple[int, ...]], Rule] = {}
        self.of_leaves: dict[tuple[Op, tuple[int, ...]], int] = {}
        self.examples: set[Value] = set()  # what rules are applied to

    def gradients(self, outputs: Sequence[tuple[int, Term]]) -> list[Term]:
        """What arrives at each wanted node."""
        operands, relevant = self.tape.operands, self.relevant
        contributions: dict[int, list[Term]] = {}
        for output, weight in outputs:
            if relevant[output]:
                contributions.setdefault(output, []).append(weight)
        arrived: dict[int, Term] = dict.fromkeys(self.wanted, 0.0)
        for node in range(max(contributions, default=-1), -1, -1):
            if node not in contributions:
                continue
            upstream = self._total(contributions.pop(node))
            if node in arrived:
                arrived[node] = upstream
                continue
            xs = operands[node]
            for k, partial in self._partials(node):
                contributions.setdefault(xs[k], []).append(self._product(upstream, partial))
        return [arrived[node] for node in self.wanted]

    def _partials(self, node: int) -> list[tuple[int, Term]]:
        """(k, ∂node/∂operand k) for each relevant operand."""
        tape, relevant, constants = self.tape, self.relevant, self.constants
        operands = tape.operands[node]
        kinds = tuple([-1 if relevant[x] else x if x in constants else -2 for x in operands])
        key = (tape.operations[node], kinds)
        rule = self.rules.get(key)
        if rule is None:
            rule = self.rules[key] = self._rule(node, kinds)
        places = [*operands, node]
        for op, xs in rule.nodes:
            places.append(self._computed(op, tuple([places[x] if x >= 0 else -1 - x for x in xs])))
        return [(k, p if p.__class__ is float else places[p]) for k, p in rule.partials]  # type: ignore[index]

    def _computed(self, op: Op, operands: tuple[int, ...]) -> int:
        """The node of `op` on `operands`; one and the same for the same leaves.

        Every column of an embedding asks which row was taken: [index = i] is the same for all.
        """
        tape = self.tape
        if any(map(tape.operands.__getitem__, operands)):
            return tape.add(op, operands)
        if (op, operands) not in self.of_leaves:
            self.of_leaves[op, operands] = tape.add(op, operands)
        return self.of_leaves[op, operands]

    def _rule(self, node: int, kinds: tuple[int, ...]) -> Rule:
        """The rule of the operation, applied to Values; constants go in as numbers."""
        tape = self.tape
        op = tape.operations[node]
        assert op is not None
        leaves = [Value(tape.data[x]) for x in tape.operands[node]]
        z = Value(tape.data[node])
        self.examples.update([*leaves, z])
        try:
            partials = op.partials(tuple([x.data if k >= 0 else x for x, k in zip(leaves, kinds)]), z)
        except ArithmeticError:  # a constant 0 below a fraction: Values divide by it, floats raise
            partials = op.partials(tuple(leaves), z)
        needed = [(k, partial) for k, (partial, kind) in enumerate(zip(partials, kinds)) if kind == -1]
        place: dict[Value, int] = {leaf: i for i, leaf in enumerate([*leaves, z])}
        nodes: list[tuple[Op, tuple[int, ...]]] = []
        for value in topological_order(*[partial for _, partial in needed if isinstance(partial, Value)]):
            if value in place:
                continue
            if value.is_leaf:
                place[value] = -1 - tape.constant(value.data)
                continue
            assert value.op is not None
            nodes.append((value.op, tuple([place[x] for x in value.parents])))
            place[value] = len(leaves) + len(nodes)
        return Rule(nodes, [(k, _term(partial, place)) for k, partial in needed])

    def _product(self, upstream: Term, partial: Term) -> Term:
        if partial.__class__ is float and partial == 1.0:
            return upstream
        if upstream.__class__ is float and upstream == 1.0:
            return partial
        if upstream.__class__ is float and partial.__class__ is float:
            return upstream * partial
        return self.tape.add(ops.mul, (node_of(self.tape, upstream), node_of(self.tape, partial)))

    def _total(self, terms: list[Term]) -> Term:
        if len(terms) == 1:
            return terms[0]
        if all(term.__class__ is float for term in terms):
            return float(sum(terms))
        return self.tape.add(ops.sum, tuple([node_of(self.tape, term) for term in terms]))


def node_of(tape: Tape, term: Term) -> int:
    """The node that a term is, or that of a number."""
    return tape.constant(term) if isinstance(term, float) else term


def _term(partial: Value | float, place: Mapping[Value, int]) -> Term:
    if not isinstance(partial, Value):
        return partial
    return place[partial] if place[partial] >= 0 else partial.data
