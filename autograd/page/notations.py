"""How names, numbers and operations are written, as templates, so that the page can write formulas anew."""

from collections.abc import Mapping
from typing import Any, Final

from autograd import ops
from autograd.formulas import Notation, Shape, Written
from autograd.mathml import MATHML
from autograd.operation import Op
from autograd.plain import PLAIN
from autograd.stepping.wording import RECKONING

__all__ = ["NOTATIONS", "of_row", "templates"]

NOTATIONS: Final[Mapping[str, Notation]] = {"mathml": MATHML, "plain": PLAIN, "reckoning": RECKONING}
PARTS: Final = ("upstream", "partial", "contribution")


def templates() -> dict[str, dict[str, Any]]:
    """Each notation as what it puts between, around and in place of things; {0} and {1} are the things.

    >>> templates()["plain"]["derivative"], templates()["plain"]["power"]
    (['∂{0}/∂{1}', 9], '{0}e{1}')
    """
    return {name: of_notation(notation) for name, notation in NOTATIONS.items()}


def of_notation(notation: Notation) -> dict[str, Any]:
    """The same for one notation."""
    derivative = notation.derivative("x", "y")
    text = derivative.text
    for i, name in enumerate("xy"):
        text = text.replace(notation.symbol(name).text, f"{{{i}}}")
    return {
        "plus": notation.PLUS,
        "times": notation.TIMES,
        "coefficient": notation.COEFFICIENT,
        "chained": notation.CHAINED,
        "equals": notation.EQUALS,
        "becomes": notation.BECOMES,
        "ellipsis": notation.ELLIPSIS,
        "enclosed": notation.enclosed("{0}"),
        "number": notation.digits("{0}", None),
        "power": notation.digits("{0}", 7).replace("7", "{1}"),
        "derivative": [text, derivative.precedence],
        "alpha": notation.symbol("alpha").text,
        "shapes": {op.name: shape(op, notation) for op in (ops.add, ops.sub, ops.mul)},
        "parts": {part: notation.marked(part, Written("{0}")).text for part in PARTS},
    }


def of_row(op: Op) -> dict[str, Any]:
    """How `op` is written in each notation: a template, its precedence and what it asks of its operands.

    A function has a template for the list of its operands, and the comma between these.
    """
    return {name: shape(op, notation) for name, notation in NOTATIONS.items()}


def shape(op: Op, notation: Notation) -> list[Any]:
    """The same in one notation."""
    found = None if op.variadic else notation.shape(op)
    if found is None:
        one, two = notation.call(op, ["{0}"]), notation.call(op, ["{0}", "{1}"])
        return [one, two[two.index("{0}") + 3 : two.index("{1}")]]
    assert isinstance(found, Shape)
    return [found.template, found.precedence, list(found.binds)]
