"""Conditions: the comparisons that lead to a branch, as they are written."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from autograd.compiler.equations.naming import Names
from autograd.compiler.equations.regions import Located
from autograd.compiler.equations.show import Lister, output_places
from autograd.compiler.plans.decisions import Guard
from autograd.compiler.plans.splitting import Stages

__all__ = ["Condition", "conditions"]

MOST: Final = 8  # of a branch
SYMBOLS: Final[dict[Callable[..., Any], tuple[str, str]]] = {
    operator.lt: ("<", "<"),
    operator.le: ("≤", r"\le"),
    operator.gt: (">", ">"),
    operator.ge: ("≥", r"\ge"),
    operator.ne: ("≠", r"\ne"),
}


class Condition(NamedTuple):
    """A comparison, or what it compares, as text and as LaTeX."""

    text: str
    latex: str


def conditions(
    names: Names, dimensions: Sequence[tuple[int, ...]], guards: Sequence[Guard], asked: Sequence[Stages]
) -> list[Condition]:
    """What a row must fulfil for `guards` to turn out as recorded, with file and line; of many the first.

    asked: the stages that compute both sides of each guard, which follow one another. What is compared and
    is too long to be written inside comes before, as an equation.
    """
    found: list[Condition] = []
    rest = iter(guards)
    for stages in asked:
        lister = Lister(names, dimensions, stages)
        lister.regions.sized = False
        lines = [one for one in lister.listing().equations if one.region >= 0]
        found.extend(
            Condition(f"{one.left.text} = {one.right.text}", f"{one.left.latex} = {one.right.latex}")
            for one in lines
        )
        script = lister.scripts["rows"]
        places = output_places(script.plan, script.space)
        sides = [script.space.refer(Located(at[None, :1], at[None, 1:])).written for at in places]
        for left, right, guard in zip(sides[::2], sides[1::2], rest):
            symbol, latex = SYMBOLS[guard.compare]
            text, typeset = f"{left.text} {symbol} {right.text}", f"{left.latex} {latex} {right.latex}"
            if not guard.outcome:
                text, typeset = f"not {text}", rf"\lnot\left({typeset}\right)"
            found.append(Condition(f"{text} ({guard.where})", typeset))
    if len(found) > MOST:
        found[MOST:] = [Condition(f"… and {len(found) - MOST} more", r"\ldots")]
    return found
