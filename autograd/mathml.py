"""Formulas of nodes and of the local derivatives of rows, as MathML, which browsers show by themselves."""

from collections.abc import Sequence
from html import escape, unescape
from typing import Final

from autograd import ops
from autograd.formulas import Notation, Part, Shape, Written
from autograd.operation import Op
from autograd.value import Value

__all__ = [
    "MATHML",
    "MathML",
    "derivative_formula",
    "element",
    "formula",
    "number_formula",
    "symbol_formula",
]

NAMESPACE: Final = "http://www.w3.org/1998/Math/MathML"


class MathML(Notation):
    """The notation of presentation MathML, for what stands inside a `<math>` element.

    Parts that are marked carry their name as a class: upstream, partial or contribution.

    >>> MATHML.marked("upstream", MATHML.number(-0.5)).text
    '<mrow class="upstream"><mn>−0.5</mn></mrow>'
    """

    PLUS = "<mo>+</mo>"
    TIMES = CHAINED = "<mo>·</mo>"
    COEFFICIENT = "<mo>\u2062</mo>"  # invisible times
    EQUALS = "<mo>=</mo>"
    BECOMES = "<mo>←</mo>"
    TO = "<mo>→</mo>"
    ELLIPSIS = "<mo>⋯</mo>"

    def shape(self, op: Op) -> Shape | None:
        if op.mathml:
            return Shape(op.mathml, op.precedence, op.binds)
        if not op.binds:
            return None
        sign = f"<mo>{escape(op.symbol)}</mo>"
        template = f"<mrow>{sign}{{0}}</mrow>" if len(op.binds) == 1 else f"{{0}}{sign}{{1}}"
        return Shape(template, op.precedence, op.binds)

    def call(self, op: Op, operands: Sequence[str]) -> str:
        name = op.symbol if op.symbol.isalpha() else op.name
        return f"<mi>{escape(name)}</mi><mo>\u2061</mo>{self.enclosed('<mo>,</mo>'.join(operands))}"

    def enclosed(self, text: str) -> str:
        return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"

    def letter(self, character: str) -> str:
        return f"<mn>{character}</mn>" if character.isdigit() else f"<mi>{character}</mi>"

    def greek(self, name: str) -> str:
        return f"<mi>{unescape(f'&{name};')}</mi>"

    def words(self, text: str) -> str:
        printable = "".join([c if c.isprintable() else " " for c in text])
        return f"<mtext>{escape(printable)}</mtext>"

    def indexed(self, base: str, index: str) -> str:
        return (
            f"<msub><mi>{base}</mi>{f'<mn>{index}</mn>' if index.isdigit() else f'<mi>{index}</mi>'}</msub>"
        )

    def digits(self, mantissa: str, exponent: int | None) -> str:
        written = f"<mn>{mantissa.replace('-', '−').replace('inf', '∞')}</mn>"
        if exponent is None:
            return written
        return f"{written}{self.TIMES}<msup><mn>10</mn>{self.digits(str(exponent), None)}</msup>"

    def derivative(self, output: str, operand: str) -> Written:
        above, below = [f"<mrow><mi>∂</mi>{self.symbol(name).text}</mrow>" for name in (output, operand)]
        return Written(f"<mfrac>{above}{below}</mfrac>", ops.div.precedence)

    def marked(self, part: Part, written: Written) -> Written:
        return written._replace(text=f'<mrow class="{part}">{written.text}</mrow>')


MATHML: Final = MathML()


def formula(node: Value) -> str:
    """The MathML of how `node` was computed, down to leaves and to nodes that have a label.

    One element, to stand inside `<math>`. Raises ValueError for one longer than 20,000 characters.

    >>> x = Value(2.0, "x")
    >>> formula(-x)
    '<mrow><mrow><mo>−</mo><mi>x</mi></mrow></mrow>'
    """
    return f"<mrow>{MATHML.formula(node).text}</mrow>"


def derivative_formula(op: Op, operands: Sequence[str], result: str = "z") -> list[str]:
    """The MathML of ∂result/∂operand for each of `operands`, as the row of `op` states it.

    `operands` and `result` are the names to use.

    >>> derivative_formula(ops.exp, ["x"], "y")
    ['<mrow><mi>y</mi></mrow>']
    """
    return [f"<mrow>{text}</mrow>" for text, *_ in MATHML.derivatives(op, operands, result)]


def number_formula(number: float) -> str:
    """`number` with 4 significant digits.

    >>> number_formula(-0.5)
    '<mrow><mn>−0.5</mn></mrow>'
    """
    return f"<mrow>{MATHML.number(number).text}</mrow>"


def symbol_formula(name: str) -> str:
    """`name` as mathematicians write it: an index for w1, a letter for alpha, text for other words.

    >>> symbol_formula("w1")
    '<mrow><msub><mi>w</mi><mn>1</mn></msub></mrow>'
    """
    return f"<mrow>{MATHML.symbol(name).text}</mrow>"


def element(inner: str, *, block: bool = False) -> str:
    """The `<math>` element around a formula; `block` is for one that stands on a line of its own.

    >>> element("<mi>x</mi>")
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>'
    """
    display = ' display="block"' if block else ""
    return f'<math xmlns="{NAMESPACE}"{display}>{inner}</math>'
