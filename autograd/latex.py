r"""Formulas of nodes and of the local derivatives of rows, as LaTeX."""

import re
from collections.abc import Sequence
from typing import Final

from autograd import ops
from autograd.formulas import Notation, Shape, Written
from autograd.operation import Op
from autograd.value import Value

__all__ = ["LATEX", "LaTeX", "derivative_formula", "formula", "number_formula", "symbol_formula"]


class LaTeX(Notation):
    r"""The notation of LaTeX, for what stands between dollar signs.

    >>> print(LATEX.equation([LATEX.derivative("L", "w1"), LATEX.number(0.5)]))
    \frac{\partial L}{\partial w_{1}} = 0.5
    """

    PLUS = " + "
    TIMES = CHAINED = r" \cdot "
    COEFFICIENT = " "
    EQUALS = " = "
    BECOMES = r" \leftarrow "
    TO = r" \to "
    ELLIPSIS = r"\cdots"

    def shape(self, op: Op) -> Shape | None:
        return Shape(op.latex, op.precedence, op.binds) if op.latex else None

    def call(self, op: Op, operands: Sequence[str]) -> str:
        name = op.name.replace("_", r"\_")
        return rf"\operatorname{{{name}}}\left({', '.join(operands)}\right)"

    def enclosed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def letter(self, character: str) -> str:
        return character

    def greek(self, name: str) -> str:
        return "\\" + name

    def words(self, text: str) -> str:
        escaped = re.sub(r"[\\{}$&#%_^~]", lambda found: rf"\char`\{found.group()}", text)
        return rf"\text{{{escaped}}}"

    def indexed(self, base: str, index: str) -> str:
        plain = index.isdigit() or len(index) == 1
        return f"{base}_{{{index if plain else self.words(index)}}}"

    def digits(self, mantissa: str, exponent: int | None) -> str:
        if mantissa.lstrip("-") in ("inf", "nan"):
            return mantissa.replace("inf", r"\infty").replace("nan", r"\text{nan}")
        return mantissa if exponent is None else rf"{mantissa} \cdot 10^{{{exponent}}}"

    def derivative(self, output: str, operand: str) -> Written:
        above, below = self.symbol(output).text, self.symbol(operand).text
        return Written(rf"\frac{{\partial {above}}}{{\partial {below}}}", ops.div.precedence)


LATEX: Final = LaTeX()


def formula(node: Value) -> str:
    r"""The LaTeX of how `node` was computed, down to leaves and to nodes that have a label.

    Raises ValueError for one that would be longer than 20,000 characters: label the nodes at which it
    should stop.

    >>> x, y = Value(2.0, "x"), Value(3.0, "y1")
    >>> print(formula((x + y) * x.tanh()))
    \left(x + y_{1}\right) \cdot \tanh\left(x\right)
    """
    return LATEX.formula(node).text


def derivative_formula(op: Op, operands: Sequence[str], result: str = "z") -> list[str]:
    r"""The LaTeX of ∂result/∂operand for each of `operands`, as the row of `op` states it.

    `operands` and `result` are the names to use. The rule is applied to Values with those names, so what
    is printed is what is computed.

    >>> print(*derivative_formula(ops.sigmoid, ["Z"], "A"))
    A \cdot \left(1 - A\right)
    """
    return [text for text, *_ in LATEX.derivatives(op, operands, result)]


def number_formula(number: float) -> str:
    r"""`number` with 4 significant digits.

    >>> number_formula(2.0), number_formula(-0.000012)
    ('2', '-1.2 \\cdot 10^{-5}')
    """
    return LATEX.number(number).text


def symbol_formula(name: str) -> str:
    r"""`name` as mathematicians write it: an index for w1, a letter for alpha, text for other words.

    >>> print(*map(symbol_formula, ["w", "w1", "h_out", "alpha", "loss"]))
    w w_{1} h_{\text{out}} \alpha \text{loss}
    """
    return LATEX.symbol(name).text
