"""What a lesson says: what goes wrong where it first shows, and what comes of it; or why it does not show."""

from collections.abc import Sequence
from math import isclose
from typing import Final

from autograd import ops
from autograd.drawing.labels import number
from autograd.graph import edges
from autograd.stepping.mistakes import WrongPass, differ
from autograd.stepping.sequence import Steps
from autograd.stepping.typesetting import given
from autograd.stepping.wording import said
from autograd.value import Value

__all__ = ["assignment", "not_zeroed", "per_path", "unordered"]

MOST: Final = 4  # gradients, or nodes, that are named


def assignment(right: Steps, wrong: WrongPass) -> str:
    """What = instead of += does."""
    if wrong.parting is None:
        return assignment_unseen(right)
    step, _, after = wrong.parting
    node, x = right.names[step.node], right.names[given(step.operand)]
    held, contribution = said(given(step.before)), said(given(step.contribution))
    return (
        f"{x} already holds {held} from another use when {contribution} arrives from {node}. With = the "
        f"{held} is lost and {x} is left at {said(given(step.after))}; += makes it {said(after)}. A value "
        "that is used several times moves the output through each of its uses: its gradient is the sum. "
        f"{outcome(right, wrong)}"
    )


def assignment_unseen(right: Steps) -> str:
    """Why that does not show."""
    shared = [node for node, uses in right.graph.uses.items() if uses > 1 and node.op is not ops.constant]
    if shared:
        return (
            f"{listed(right, shared)} used more than once, but what = loses is 0 here; with other numbers "
            "the mistake shows."
        )
    return (
        "Each value is used once here, so no gradient has two contributions, and = does what += does. The "
        "mistake shows where a value is used twice: a * a is enough."
    )


def unordered(right: Steps, wrong: WrongPass) -> str:
    """What a pass without topological order does."""
    if wrong.parting is None:
        return unordered_unseen(right)
    step, upstream, _ = wrong.parting
    node, x = right.names[step.node], right.names[given(step.operand)]
    held, contribution = said(given(step.upstream)), said(given(step.contribution))
    return (
        f"{node} is reached before all that uses it has had its turn. It hands on {held}, the gradient that "
        f"it holds by then, not {said(upstream)}, which it has in the end; and it gets no second turn. So "
        f"{contribution} flows to {x} where {said(upstream * given(step.partial))} ought to. A topological "
        f"order visits a node after everything that uses it. {outcome(right, wrong)}"
    )


def unordered_unseen(right: Steps) -> str:
    """Why that does not show."""
    users: dict[Value, set[Value]] = {}
    for operand, _, node in edges(list(right.order)):
        users.setdefault(operand, set()).add(node)
    shared = [node for node, found in users.items() if len(found) > 1 and not node.is_leaf]
    if shared:
        return (
            f"{listed(right, shared)} used by more than one other, but has the right gradient here when "
            "first reached, by chance; with its uses in another order, or other numbers, the mistake shows."
        )
    return (
        "No computed value is used by two others here, so each has its whole gradient when it is first "
        "reached. The mistake shows where one is used twice: in b + b * 2 with b = exp(a)."
    )


def not_zeroed(right: Steps, wrong: WrongPass) -> str:
    """What two passes do without zeroing in between."""
    if wrong.parting is None:
        nothing = "The output has no operands" if right.root.is_leaf else "All that flows is 0"
        return (
            f"{nothing} here, so a second pass adds nothing to the first. Most other graphs show the mistake."
        )
    step, _, after = wrong.parting
    x = right.names[given(step.operand)]
    held, contribution = said(given(step.before)), said(given(step.contribution))
    return (
        f"The second pass starts from what the first one left: {x} still holds {held}, {contribution} is "
        f"added, and it comes to {said(given(step.after))}, not {said(after)}. Further down it is worse: "
        "too large a gradient arrives there, and is added to an old one. Between passes comes zero_grad(). "
        f"{outcome(right, wrong)}"
    )


def per_path(right: Steps, wrong: WrongPass) -> str:
    """What a recursion along every path does."""
    if wrong.parting is None:
        return per_path_unseen(right)
    step, upstream, after = wrong.parting
    node, x = right.names[step.node], right.names[given(step.operand)]
    return (
        f"More than one path leads to {node}, and the recursion visits it once for each. Each time it hands "
        f"on all that it holds, here {said(given(step.upstream))}, though only {said(upstream)} came along "
        f"this path: {x} comes to {said(given(step.after))}, not {said(after)}. In topological order a node "
        f"has one turn, when its gradient is complete. {outcome(right, wrong)}"
    )


def per_path_unseen(right: Steps) -> str:
    """Why that does not show."""
    shared = [node for node, uses in right.graph.uses.items() if uses > 1 and not node.is_leaf]
    if shared:
        return (
            f"{listed(right, shared)} used more than once, but what is handed on too often is 0 here; with "
            "other numbers the mistake shows."
        )
    return (
        "No computed value is used twice here, so one path leads to each, and leaves hand nothing on. The "
        "mistake shows where one is used twice: in b * b with b = exp(a)."
    )


def outcome(right: Steps, wrong: WrongPass) -> str:
    """The gradients that leaves end with, where they are wrong."""
    gradients = [(leaf, x, wrong.gradients[leaf]) for leaf, x in right.gradients.items() if leaf.is_leaf]
    mistaken = [(leaf, x, y) for leaf, x, y in gradients if differ(x, y) and not isclose(x, y, rel_tol=1e-9)]
    if not mistaken:
        return "In the end the leaves have the right gradients all the same, by chance."
    mistaken.sort(key=lambda found: right.names[found[0]] == number(found[0].data))  # the nameless last
    told = [f"{right.names[leaf]} has {said(y)} instead of {said(x)}" for leaf, x, y in mistaken]
    if len(told) > MOST:
        told[MOST:] = [f"and so on, {len(told)} in all"]
    return f"In the end {', '.join(told)}."


def listed(right: Steps, nodes: Sequence[Value]) -> str:
    """The names of some nodes with their verb.

    >>> from autograd.stepping.sequence import steps
    >>> a, b = Value(1.0, "a"), Value(2.0, "b")
    >>> listed(steps(a + b), [a]), listed(steps(a + b), [a, b])
    ('a is', 'a and b are each')
    """
    names = [right.names[node] for node in nodes]
    if len(names) > MOST:
        names[MOST:] = [f"{len(names) - MOST} more"]
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are each"
