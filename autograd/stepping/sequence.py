"""The forward and the backward pass of a graph as a sequence of steps."""

import math
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from autograd import ops
from autograd.graph import edges, topological_order
from autograd.naming import Model, node_names
from autograd.stepping.groups import Group, grouped
from autograd.stepping.step import Graph, Step
from autograd.value import Value

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["State", "Steps", "steps"]


class State(NamedTuple):
    """What is known after a step: numbers of nodes, gradients so far, and which of these are complete."""

    values: Mapping[Value, float]
    gradients: Mapping[Value, float]
    complete: Set[Value]


class Steps(Sequence[Step]):
    """The steps of a pass over a graph, in order: what `autograd.steps` returns, immutable.

    Indexing gives a step, a slice gives a tuple of them. A notebook shows them as a page to step through,
    `save` writes that page, and `show` steps in the terminal.

    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> passed = steps(w * x + 1.0)
    >>> [step.phase for step in passed]
    ['forward', 'forward', 'seed', 'backward', 'backward', 'backward']
    >>> passed.gradients[w], w.grad
    (2.0, 0.0)
    """

    __slots__ = ("_steps", "completed_at", "gradients", "graph")

    graph: Graph
    gradients: Mapping[Value, float]  # of each node but the constants, once the backward pass is over
    completed_at: Mapping[Value, int]  # the number of the step after which that is its gradient

    def __init__(self, graph: Graph, steps: Iterable[Step]) -> None:
        self.graph = graph
        self._steps = tuple(steps)
        gradients: dict[Value, float] = {}
        completed_at: dict[Value, int] = {}
        for step in self._steps:
            receiver = receives(step)
            if receiver is not None and step.after is not None:
                gradients[receiver] = step.after
                completed_at[receiver] = step.number
        self.gradients = MappingProxyType(gradients)
        self.completed_at = MappingProxyType(completed_at)

    @property
    def root(self) -> Value:
        """The output, at which the backward pass starts."""
        return self.graph.root

    @property
    def order(self) -> tuple[Value, ...]:
        """All nodes, each after its operands."""
        return self.graph.order

    @property
    def names(self) -> Mapping[Value, str]:
        """A name for each node."""
        return self.graph.names

    @property
    def model(self) -> Model | None:
        """The model whose parameters are among the leaves, if one was given."""
        return self.graph.model

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        return self._steps[index]

    def state(self, index: int) -> State:
        """What is known once step `index` is done; the numbers of leaves are known from the start.

        >>> a = Value(3.0, "a")
        >>> passed = steps(a * a)
        >>> passed.state(0).gradients, passed.state(2).gradients[a], passed.state(3).gradients[a]
        (mappingproxy({}), 3.0, 6.0)
        """
        last = range(len(self))[index]
        return deque(self._states(self._steps[: last + 1]), maxlen=1).pop()

    def states(self) -> Iterator[State]:
        """The state after each step in turn, in constant time each: a view that the next one replaces."""
        return self._states(self._steps)

    def _states(self, done: Iterable[Step]) -> Iterator[State]:
        numbers = self.graph.numbers
        values = {node: numbers[node] for node in self.order if node.is_leaf}
        gradients: dict[Value, float] = {}
        complete: set[Value] = set()
        state = State(MappingProxyType(values), MappingProxyType(gradients), complete)
        for step in done:
            receiver = receives(step)
            if step.after is None or step.phase == "update":
                values[step.node] = step.value
            else:
                gradients[step.node if receiver is None else receiver] = step.after
            if receiver is not None and self.completed_at[receiver] == step.number:
                complete.add(receiver)
            yield state

    def grouped(self, by: str) -> list[Group]:
        """The steps in runs inside one neuron or layer (`by` is "neurons" or "layers") of the model.

        Each is a name such as "layers[0].neurons[3]", a phase and a slice of these steps; together they are
        all of them. Raises ValueError where the steps are not of a model.
        """
        return grouped(self.graph, self, by)

    def save(self, path: str | os.PathLike[str], *, at: int = 0) -> "Path":
        """The file at `path`: the steps as one HTML page that needs nothing else, opened at step `at`.

        A file that stood there is replaced once the new one is complete. Raises what drawing the graph does:
        ImportError if there is no Graphviz, ValueError for a graph that is too large.
        """
        from autograd.page.document import save

        return save(path, self, at=at)

    def show(self, *, at: int = 0) -> None:
        """Step through the pass in the terminal, with the keyboard, from step `at`; without one, print it."""
        from autograd.stepping.terminal import show

        show(self, at=at)

    def _repr_html_(self) -> str:
        from autograd.page.document import iframe

        return iframe(self)

    def __repr__(self) -> str:
        return f"Steps({len(self)} steps of {self.names[self.root]} = {self.graph.numbers[self.root]:.4g})"


def receives(step: Step) -> Value | None:
    """The node whose gradient `step` adds to, if it is a step of the backward pass."""
    if step.phase == "seed":
        return step.node
    return step.operand if step.phase == "backward" else None


def steps(root: Value, *, names: Mapping[str, Any] | None = None, model: Model | None = None) -> Steps:
    """The forward and the backward pass of everything that `root` depends on, step by step.

    First each node with operands is computed, then the gradient of `root` is set to 1, then each edge in
    turn carries upstream · partial to its operand, in the order of `backward()`: the sums are those that
    `backward()` gives to the last bit, had the leaves' gradients been zero. Edges to constants are left out.
    Nothing in the graph is changed.

    `names`, such as locals(), names the values that have no label; the parameters of `model` are called as
    it calls them. Raises TypeError where root is no Value, and ValueError where a number of the graph has
    been changed since it was recorded, for then the steps would not add up.

    >>> x = Value(2.0, "x")
    >>> [(step.contribution, step.before, step.after) for step in steps(x * x)[2:]]
    [(2.0, 0.0, 2.0), (2.0, 2.0, 4.0)]
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"steps are of a Value, the output of a computation; got {root!r} ({type(root).__name__})"
        )
    order = topological_order(root)
    numbers = MappingProxyType({node: node.data for node in order})
    called = MappingProxyType(node_names(order, names, model))
    uses = MappingProxyType(Counter([parent for parent, _, _ in edges(order)]))
    graph = Graph(root, tuple(order), called, numbers, uses, model)
    check_unchanged(graph)
    return Steps(graph, walk(graph))


def check_unchanged(graph: Graph) -> None:
    """Raise ValueError for a node whose number is not what its operation gives on its operands' numbers."""
    for node in graph.order:
        if node.op is None or not node.parents:
            continue
        again = node.op.value(tuple([parent.data for parent in node.parents]))
        if again != node.data and not (math.isnan(again) and math.isnan(node.data)):
            raise ValueError(
                f"{graph.names[node]} was recorded as {node.data:.4g}, but is {again:.4g} for its operands "
                "as they are now: a number was changed since (by an optimiser's step?), so compute it again"
            )


def walk(graph: Graph) -> Iterator[Step]:
    """The steps of both passes over `graph`."""
    number = 0
    for node in graph.order:
        if not node.is_leaf:
            yield Step(number, "forward", node, node.data, graph)
            number += 1
    root = graph.root
    yield Step(number, "seed", root, root.data, graph, after=1.0)
    gradients = dict.fromkeys(graph.order, 0.0)
    gradients[root] = 1.0
    for node in reversed(topological_order(root, last_first=True)):
        upstream = gradients[node]
        for position, (operand, partial) in enumerate(zip(node.parents, node.partials)):
            if operand.op is ops.constant:
                continue
            number += 1
            contribution = upstream * partial
            before = gradients[operand]
            gradients[operand] = after = before + contribution
            yield Step(
                number, "backward", node, node.data, graph, operand, position, upstream, partial,
                contribution, before, after,
            )  # fmt: skip
