"""Formulas of nodes and of local derivatives, as plain text."""

from collections.abc import Mapping, Sequence
from html import unescape
from typing import Final

from autograd import ops
from autograd.formulas import ATOM, Notation, Shape, Written
from autograd.operation import Op

__all__ = ["PLAIN", "Plain"]

SUPERSCRIPTS: Final = {"2": "²", "3": "³"}
# What fractions, roots and raised text enclose in print needs brackets on one line.
SHAPES: Final[Mapping[Op, Shape]] = {
    ops.add: Shape("{0} + {1}", 1, (1, 2)),
    ops.sub: Shape("{0} − {1}", 1, (1, 2)),
    ops.mul: Shape("{0}·{1}", 2, (2, 3)),
    ops.div: Shape("{0}/{1}", 2, (2, 3)),
    ops.xdivy: Shape("{0}/{1}", 2, (2, 3)),
    ops.neg: Shape("−{0}", 1, (2,)),
    ops.step: Shape("[{0} > 0]"),
    ops.equal: Shape("[{0} = {1}]"),
    ops.share: Shape("[{0} > {1}] + ½·[{0} = {1}]", 1),
    ops.where: Shape("({1} if {0} else {2})"),
    ops.exp: Shape("e^{0}", 4, (ATOM,)),
    ops.expm1: Shape("e^{0} − 1", 1, (ATOM,)),
    ops.log1p: Shape("log(1 + {0})", ATOM, (2,)),
    ops.sqrt: Shape("√{0}", 4, (ATOM,)),
    ops.xlogy: Shape("{0}·log({1})", 2, (2, 0)),
    ops.power: Shape("{0}^{1}", 4, (ATOM, ATOM)),
    ops.pow: Shape("{0}^{1}", 4, (ATOM, ATOM)),
    ops.abs: Shape("|{0}|"),
    ops.softplus: Shape("log(1 + e^{0})", ATOM, (ATOM,)),
}


class Plain(Notation):
    """The notation of plain text: one line, in the letters of a terminal.

    >>> by_a, by_y = PLAIN.derivatives(ops.binary_cross_entropy, ["A", "y"], "L")
    >>> by_a.text
    '−y/A + (1 − y)/(1 − A)'
    """

    PLUS = " + "
    TIMES = COEFFICIENT = "·"
    CHAINED = " · "
    EQUALS = " = "
    BECOMES = " ← "
    TO = " → "
    ELLIPSIS = "…"

    def shape(self, op: Op) -> Shape | None:
        return SHAPES.get(op)

    def apply(self, op: Op, operands: Sequence[Written]) -> Written:
        raised = SUPERSCRIPTS.get(operands[1].text) if op in (ops.power, ops.pow) else None
        return Written(self.within(operands[0], ATOM) + raised, 4) if raised else super().apply(op, operands)

    def call(self, op: Op, operands: Sequence[str]) -> str:
        name = op.symbol if op.symbol.isalpha() else op.name
        return f"{name}({', '.join(operands)})"

    def enclosed(self, text: str) -> str:
        return f"({text})"

    def letter(self, character: str) -> str:
        return character

    def greek(self, name: str) -> str:
        return unescape(f"&{name};")

    def words(self, text: str) -> str:
        return " ".join("".join([c if c.isprintable() else " " for c in text]).split())

    def indexed(self, base: str, index: str) -> str:
        return base + (index if index.isdigit() else f"_{index}")

    def digits(self, mantissa: str, exponent: int | None) -> str:
        written = mantissa if exponent is None else f"{mantissa}e{exponent}"
        return written.replace("-", "−").replace("inf", "∞")

    def derivative(self, output: str, operand: str) -> Written:
        return Written(f"∂{self.symbol(output).text}/∂{self.symbol(operand).text}")


PLAIN: Final = Plain()
