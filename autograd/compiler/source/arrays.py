"""Arrays: expressions of NumPy that know what their axes are, so that they can be put together."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from autograd.compiler.equations.writing import ATOM

__all__ = [
    "AXES", "POWER", "PRODUCT", "SUM", "Code", "added", "aligned", "averaged", "contracted", "infix",
    "literal", "multiplied", "negated", "placed", "summed",
]  # fmt: skip

AXES: Final = "rik"  # rows of the batch, members of a group, operands of a member: in this order
SUM: Final = 1
PRODUCT: Final = 2
SIGNED: Final = 3
POWER: Final = 4


class Code(NamedTuple):
    """An expression. axes: those of its array, in their order; "" for a single number."""

    text: str
    axes: str = ""
    precedence: int = ATOM

    def bracketed(self, least: int) -> "Code":
        """The same, in brackets if it binds less than `least`."""
        return self if self.precedence >= least else Code(f"({self.text})", self.axes)


def literal(value: float) -> Code:
    """A number with all its digits.

    >>> literal(2.0).text, literal(-0.1).text, literal(float("inf")).text
    ('2.0', '-0.1', 'np.inf')
    """
    text = repr(value).replace("inf", "np.inf").replace("nan", "np.nan")
    return Code(text, "", SIGNED if text.startswith("-") else ATOM)


def placed(code: Code, axes: str) -> Code:
    """`code` with its own axes in the order that they have in `axes`, and an axis of 1 for those between.

    >>> placed(Code("s", "r"), "ri").text, placed(Code("W", "ki"), "ik").text
    ('s[:, None]', 'W.T')
    """
    order = "".join([axis for axis in axes if axis in code.axes])
    if order != code.axes:
        inner = code.bracketed(ATOM)
        turned = (
            ".T"
            if order == code.axes[::-1]
            else f".transpose({', '.join(map(str, map(code.axes.find, order)))})"
        )
        code = Code(inner.text + turned, order)
    missing = [axis not in code.axes for axis in axes[axes.find(order[0]) :]] if order else []
    if not any(missing):
        return code
    inner = code.bracketed(ATOM)
    return Code(f"{inner.text}[{', '.join(['None' if gap else ':' for gap in missing])}]", axes)


def aligned(codes: Sequence[Code]) -> tuple[list[Code], str]:
    """The codes such that NumPy combines them number by number, and the axes of the result."""
    found = {axis for code in codes for axis in code.axes}
    axes = "".join([axis for axis in AXES if axis in found])
    return [placed(code, axes) for code in codes], axes


def infix(symbol: str, precedence: int, x: Code, y: Code) -> Code:
    """x `symbol` y, number by number; what does not commute keeps its right side apart.

    >>> infix("-", SUM, Code("x", "r"), Code("y - z", "ri", SUM)).text
    'x[:, None] - (y - z)'
    """
    (left, right), axes = aligned([x, y])
    right = right.bracketed(precedence + (symbol not in "+*"))
    return Code(f"{left.bracketed(precedence).text} {symbol} {right.text}", axes, precedence)


def negated(x: Code) -> Code:
    """−x."""
    return Code(f"-{x.bracketed(SIGNED).text}", x.axes, PRODUCT)


def multiplied(x: Code, y: Code) -> Code:
    """x·y, number by number."""
    if x.text == "1.0":
        return y
    if y.text == "1.0":
        return x
    if x.text == "-1.0":
        return negated(y)
    if y.text == "-1.0":
        return negated(x)
    return infix("*", PRODUCT, x, y)


def added(terms: Sequence[Code]) -> Code:
    """The sum of terms, with − before those that start with it."""
    if not terms:
        return Code("0.0")
    total, *rest = terms
    for term in rest:
        if term.text.startswith("-") and PRODUCT <= term.precedence < ATOM:
            total = infix("-", SUM, total, Code(term.text[1:], term.axes, PRODUCT))
        else:
            total = infix("+", SUM, total, term)
    return total


def summed(code: Code, axis: str, length: int) -> Code:
    """The sum over one axis of that length."""
    if axis not in code.axes:
        return multiplied(literal(float(length)), code)
    rest = code.axes.replace(axis, "")
    place = f", axis={code.axes.index(axis)}" if rest else ""
    return Code(f"np.sum({code.text}{place})", rest)


def contracted(x: Code, y: Code, axis: str, length: int) -> Code:
    """The sum of products over one axis of that length: by @ where it is one of matrices and vectors.

    >>> contracted(Code("W1", "ik"), Code("x", "rk"), "k", 3).text
    'x @ W1.T'
    """
    if axis not in x.axes or axis not in y.axes:
        x, y = (x, y) if axis not in x.axes else (y, x)
        return multiplied(x, summed(y, axis, length))
    return matrix_product(x, y, axis) or summed(multiplied(x, y), axis, length)


def matrix_product(x: Code, y: Code, axis: str) -> Code | None:
    """The sum of products over an axis of both by @, with the fewest transpositions; None if it is none."""
    found: list[Code] = []
    for left, right in ((x, y), (y, x)):
        before, behind = left.axes.replace(axis, ""), right.axes.replace(axis, "")
        if len(behind) > 1 or not is_ordered(before + behind):
            continue
        left, right = placed(left, before + axis), placed(right, axis + behind)
        text = f"{left.bracketed(PRODUCT).text} @ {right.bracketed(PRODUCT + 1).text}"
        found.append(Code(text, before + behind, PRODUCT))
    return min(found, key=lambda code: len(code.text), default=None)


def is_ordered(axes: str) -> bool:
    """Whether axes are all different and in their order."""
    return all(AXES.index(x) < AXES.index(y) for x, y in pairwise(axes))


def averaged(x: Code, y: Code | None) -> Code:
    """The mean over rows of x·y, or of x alone.

    >>> averaged(Code("d", "ri"), Code("x", "rk")).text, averaged(Code("d", "ri"), None).text
    ('d.T @ x / rows', 'np.mean(d, axis=0)')
    """
    if y is not None and "r" in x.axes and "r" in y.axes:
        product = matrix_product(x, y, "r")
        if product:
            return infix("/", PRODUCT, product, Code("rows"))
        x, y = multiplied(x, y), None
    if y is not None:
        return multiplied(averaged(x, None), averaged(y, None))
    if "r" not in x.axes:
        return x
    axis = f", axis={x.axes.index('r')}" if len(x.axes) > 1 else ""
    return Code(f"np.mean({x.text}{axis})", x.axes.replace("r", ""))
