"""What goes wrong in backward passes, and how it looks: four mistakes, each made on a graph of your own.

Each function runs a wrong backward pass beside the right one and gives a `Lesson`, which a notebook shows as
a page, opened at the first step at which the two part company.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd.naming import Model
from autograd.stepping import telling
from autograd.stepping.mistakes import (
    WrongPass,
    assigning,
    following_paths,
    not_zeroing,
    without_order,
)
from autograd.stepping.sequence import Steps, steps
from autograd.value import Value

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Lesson", "assignment", "not_zeroed", "per_path", "unordered"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A mistake, made on a graph: the wrong backward pass, beside the right one.

    title: the mistake. text: what it does to this graph, in numbers. right, wrong: the steps of both passes;
    those of `wrong` have the numbers that an engine with this mistake computes. parting: the number of the
    first step of `wrong` after which a gradient is not what it ought to be at that moment, None where there
    is none; the function that gives the lesson says what it ought to be.

    >>> a = Value(3.0, "a")
    >>> lesson = assignment(a * a)
    >>> lesson.right.gradients[a], lesson.wrong.gradients[a]
    (6.0, 3.0)
    >>> print(lesson.wrong[lesson.parting].plain)
    ∂L/∂a ← ∂L/∂L · ∂L/∂a = ∂L/∂L · a = 1 · 3 = 3
    """

    title: str
    text: str = field(repr=False)
    right: Steps = field(repr=False)
    wrong: Steps = field(repr=False)
    parting: int | None

    def save(self, path: str | os.PathLike[str]) -> "Path":
        """The file at `path`: the wrong pass as one HTML page, opened where it parts from the right one."""
        from autograd.page.document import save

        return save(path, self.wrong, at=self.parting or 0, lesson=self)

    def show(self) -> None:
        """Say what goes wrong, and step through the wrong pass in the terminal, from where it parts."""
        print(f"{self.title}\n\n{self.text}\n")
        self.wrong.show(at=self.parting or 0)

    def _repr_html_(self) -> str:
        from autograd.page.document import iframe

        return iframe(self.wrong, at=self.parting or 0, lesson=self)


def assignment(root: Value, *, names: Mapping[str, Any] | None = None, model: Model | None = None) -> Lesson:
    """The lesson of `operand.grad = upstream * partial`, with = where += belongs.

    The wrong pass follows the edges in the right order. After each, the gradient of the operand ought to be
    the sum of its contributions so far, as after the same step of the right pass. `names` and `model` are
    those of `steps`.

    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> assignment(w * x)
    Lesson(title='= instead of +=', parting=None)
    """
    right = steps(root, names=names, model=model)
    return lesson("= instead of +=", right, assigning(right), telling.assignment)


def unordered(root: Value, *, names: Mapping[str, Any] | None = None, model: Model | None = None) -> Lesson:
    """The lesson of a pass without topological order: it goes through the graph depth first from the output.

    Each node hands its gradient on once, when it is first reached. After each step, the gradient of the
    operand ought to be the sum of what the right pass carries along the edges that were followed so far.

    >>> b = Value(3.0, "a").exp()
    >>> lesson = unordered(b + b * 2.0, names={"b": b})
    >>> lesson.right[-1].upstream, lesson.wrong[lesson.parting].upstream
    (3.0, 1.0)
    """
    right = steps(root, names=names, model=model)
    return lesson("No topological order", right, without_order(right), telling.unordered)


def not_zeroed(root: Value, *, names: Mapping[str, Any] | None = None, model: Model | None = None) -> Lesson:
    """The lesson of two passes without setting the gradients to zero between them.

    No node's gradient is set to zero, as in engines that leave all of it to the user; only the output's is
    set to 1 again. After each step, the gradient of the operand ought to be what it is after the same step
    of a single pass.

    >>> a = Value(2.0, "a")
    >>> lesson = not_zeroed(a * 3.0 + 1.0)
    >>> lesson.right.gradients[a], lesson.wrong.gradients[a]  # 3·1, then 3·(1 + 1) more
    (3.0, 9.0)
    """
    right = steps(root, names=names, model=model)
    return lesson("Gradients not set to zero", right, not_zeroing(right), telling.not_zeroed)


def per_path(root: Value, *, names: Mapping[str, Any] | None = None, model: Model | None = None) -> Lesson:
    """The lesson of a recursion that visits a node once for each path to it.

    Each visit hands on all that the node holds by then, also what it has handed on before. It ought to hand
    on what came along that path alone; the gradient of the operand ought to be the sum of that so far.
    Raises ValueError where so many paths take more than 10,000 steps.

    >>> b = Value(3.0, "a") * 1.0
    >>> lesson = per_path(b + b, names={"b": b})
    >>> lesson.right[-1].after, lesson.wrong[-1].after
    (2.0, 4.0)
    """
    right = steps(root, names=names, model=model)
    return lesson("A shared node visited once per path", right, following_paths(right), telling.per_path)


def lesson(title: str, right: Steps, wrong: WrongPass, tell: Callable[[Steps, WrongPass], str]) -> Lesson:
    """The lesson of a wrong pass, of which `tell` says what it does."""
    parting = None if wrong.parting is None else wrong.parting.step.number
    return Lesson(title, tell(right, wrong), right, Steps(right.graph, wrong.steps), parting)
