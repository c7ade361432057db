"""Backward passes that go wrong: what engines with one of four common mistakes compute, step by step."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from autograd import ops
from autograd.stepping.sequence import Steps
from autograd.stepping.step import Step
from autograd.stepping.typesetting import given
from autograd.value import Value

__all__ = ["Parting", "WrongPass", "assigning", "differ", "following_paths", "not_zeroing", "without_order"]

MOST_STEPS: Final = 10_000  # of a pass that follows every path


class Parting(NamedTuple):
    """The first step of a wrong pass that is wrong: what its upstream and its result ought to be."""

    step: Step
    upstream: float
    after: float


class WrongPass:
    """A wrong backward pass on the graph of a right one, while it is under way.

    steps: those so far, after the forward pass. gradients: what each node holds now. parting: the first
    step that left its operand with another gradient than it should have had at that moment.

    >>> from autograd.stepping.sequence import steps
    >>> a = Value(3.0, "a")
    >>> wrong = assigning(steps(a * a))
    >>> wrong.gradients[a], wrong.parting.after
    (3.0, 6.0)
    """

    def __init__(self, right: Steps) -> None:
        self.right = right
        self.steps = [step for step in right if step.phase == "forward"]
        self.gradients = dict.fromkeys(right.order, 0.0)
        self.parting: Parting | None = None

    def seed(self) -> None:
        """Sets the gradient of the output to 1."""
        root = self.right.root
        self.gradients[root] = 1.0
        self.steps.append(Step(len(self.steps), "seed", root, root.data, self.right.graph, after=1.0))

    def carry(
        self, node: Value, position: int, expected: tuple[float, float], *, assign: bool = False
    ) -> None:
        """Carries upstream · partial along an edge: added to the operand's gradient, or put in its place.

        `expected` is the upstream that ought to flow, and the gradient that the operand ought to have then.
        """
        operand, partial = node.parents[position], node.partials[position]
        upstream, before = self.gradients[node], self.gradients[operand]
        contribution = upstream * partial
        self.gradients[operand] = after = contribution if assign else before + contribution
        step = Step(
            len(self.steps), "backward", node, node.data, self.right.graph, operand, position, upstream,
            partial, contribution, before, after,
        )  # fmt: skip
        self.steps.append(step)
        if self.parting is None and differ(after, expected[1]):
            self.parting = Parting(step, *expected)


def assigning(right: Steps) -> WrongPass:
    """The pass with = for +=, along the edges in the order of the right one."""
    wrong = WrongPass(right)
    wrong.seed()
    for step in backward(right):
        expected = given(step.upstream), given(step.after)
        wrong.carry(step.node, given(step.position), expected, assign=True)
    return wrong


def not_zeroing(right: Steps) -> WrongPass:
    """Two right passes after each other, of which the second adds to what the first one left."""
    wrong = WrongPass(right)
    for _ in range(2):
        wrong.seed()
        for step in backward(right):
            wrong.carry(step.node, given(step.position), (given(step.upstream), given(step.after)))
    return wrong


def without_order(right: Steps) -> WrongPass:
    """The pass that goes depth first from the output, each node handing on what it has when first reached.

    What an operand ought to have then is the sum of what the right pass carries along the same edges.
    """
    wrong = WrongPass(right)
    wrong.seed()
    carried = {(step.node, step.position): given(step.contribution) for step in backward(right)}
    sums = dict.fromkeys(right.order, 0.0)
    entered: set[Value] = set()
    stack = [right.root]
    while stack:
        node = stack.pop()
        if node in entered:
            continue
        entered.add(node)
        for position, operand in operands(node):
            sums[operand] += carried[node, position]
            wrong.carry(node, position, (right.gradients[node], sums[operand]))
        stack.extend(reversed(node.parents))
    return wrong


def following_paths(right: Steps) -> WrongPass:
    """The pass that follows every path from the output, each visit to a node handing on all that it holds.

    A pass along every path is right if each visit hands on only what came along that path, and that is what
    an operand ought to get. Raises ValueError where there are more than 10,000 steps to take.
    """
    check_paths(right)
    wrong = WrongPass(right)
    wrong.seed()
    sums = dict.fromkeys(right.order, 0.0)
    stack = [(right.root, 1.0)]
    while stack:
        node, share = stack.pop()
        below: list[tuple[Value, float]] = []
        for position, operand in operands(node):
            part = share * node.partials[position]
            sums[operand] += part
            wrong.carry(node, position, (share, sums[operand]))
            below.append((operand, part))
        stack.extend(reversed(below))
    return wrong


def check_paths(right: Steps) -> None:
    """Raise ValueError where a pass along every path would take too many steps."""
    visits = dict.fromkeys(right.order, 0)
    visits[right.root] = 1
    count = 0
    for node in reversed(right.order):
        for _, operand in operands(node):
            visits[operand] += visits[node]
            count += visits[node]
    if count > MOST_STEPS:
        raise ValueError(
            f"following every path takes {count:,} steps here, more than {MOST_STEPS:,}: that is what the "
            "mistake costs; see it on a smaller graph, or on a part of this one"
        )


def backward(right: Steps) -> Iterator[Step]:
    """The steps along edges."""
    return (step for step in right if step.phase == "backward")


def operands(node: Value) -> Iterator[tuple[int, Value]]:
    """Each operand of `node` with its position, but for constants."""
    return ((i, operand) for i, operand in enumerate(node.parents) if operand.op is not ops.constant)


def differ(x: float, y: float) -> bool:
    """Whether two numbers differ; two nans do not."""
    return x != y and (x == x or y == y)
