"""Writing: pieces of equations, each as text and as LaTeX at once."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from autograd import ops
from autograd.latex import number_formula, symbol_formula
from autograd.operation import Op

__all__ = [
    "Written", "applied", "called", "grouped", "name", "number", "of_gradient", "outer", "over_rows",
    "part", "product", "total", "transposed",
]  # fmt: skip

ATOM: Final = 9  # the precedence of what never needs brackets; sums have 1, quotients 2
PRODUCT: Final = 3
SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
BRACKETS: Final = {
    ops.step: "[{} > 0]",
    ops.equal: "[{} = {}]",
    ops.share: "([{0} > {1}] + ½[{0} = {1}])",
    ops.abs: "|{}|",
}


class Written(NamedTuple):
    """A piece of an equation. scalar: whether it is one number, by which · and ∘ are chosen."""

    text: str
    latex: str
    precedence: int = ATOM
    scalar: bool = True


def name(text: str, scalar: bool = True) -> Written:
    """A name: letters, and an index if it ends in digits; δ and ∂ may lead.

    >>> name("δ1").latex, name("∂W2").latex
    ('\\\\delta_{1}', '\\\\partial W_{2}')
    """
    if text.startswith("∂"):
        return Written(text, rf"\partial {name(text[1:]).latex}", ATOM, scalar)
    if text.startswith("δ"):
        return Written(text, rf"\delta_{{{text[1:]}}}", ATOM, scalar)
    return Written(text, symbol_formula(text), ATOM, scalar)


def number(value: float) -> Written:
    """A number with 4 significant digits."""
    text = f"{value:.4g}".replace("-", "−").replace("inf", "∞")
    return Written(text, number_formula(value), 1 if text.startswith("−") else ATOM)


def part(whole: Written, indices: str, scalar: bool) -> Written:
    """Some entries of a vector or matrix; `indices` as in Python, counted from 0.

    >>> vector = name("x", scalar=False)
    >>> part(vector, "3", True).text, part(vector, "1:4", False).text
    ('x₃', 'x[1:4]')
    """
    single = scalar and indices.replace(",", "").isdigit()
    text = whole.text + (indices.translate(SUBSCRIPTS) if single else f"[{indices}]")
    latex = indices.replace("…", r"\ldots")
    return Written(text, rf"{{{whole.latex}}}_{{[{latex}]}}", ATOM, scalar)


def transposed(matrix: Written) -> Written:
    """A matrix or vector lying the other way; a number stays as it is."""
    if matrix.scalar:
        return matrix
    inner = _bracketed(matrix, ATOM)
    return Written(f"{inner.text}ᵀ", rf"{inner.latex}^{{\top}}", ATOM, False)


def grouped(parts: Sequence[Written]) -> Written:
    """Several things as one: (W1, b1); of many, the first and the last."""
    shown = [(part.text, part.latex) for part in parts]
    if len(shown) > 4:
        shown = [*shown[:2], ("…", r"\ldots"), shown[-1]]
    texts, latex = zip(*shown)
    return Written(f"({', '.join(texts)})", rf"\left({', '.join(latex)}\right)", ATOM, False)


def product(x: Written, y: Written, matrix: bool = False) -> Written:
    """x ∘ y, number by number; with one of them a single number, or for a matrix and a vector, x·y."""
    if "−1" in (x.text, y.text):
        other = _bracketed(y if x.text == "−1" else x, 2)
        return Written(f"−{other.text}", f"-{other.latex}", other.precedence, other.scalar)
    if x.text == "1":
        return y
    # Where one is a single number the order does not matter: a·(b·c) needs no brackets.
    single = x.scalar or y.scalar
    bound = ATOM + 1 if y.text.startswith("−") else PRODUCT if single else PRODUCT + 1
    left, right = _bracketed(x, PRODUCT), _bracketed(y, bound)
    if matrix or single:
        scalar = x.scalar and y.scalar
        space = " " if matrix else r" \cdot "
        return Written(f"{left.text}·{right.text}", f"{left.latex}{space}{right.latex}", PRODUCT, scalar)
    return Written(f"{left.text} ∘ {right.text}", rf"{left.latex} \circ {right.latex}", PRODUCT, False)


def outer(column: Written, row: Written) -> Written:
    """The matrix of all products: column rowᵀ."""
    left, right = _bracketed(column, ATOM), transposed(row)
    return Written(f"{left.text} {right.text}", rf"{left.latex}\, {right.latex}", PRODUCT, False)


def total(terms: Sequence[Written], scalar: bool) -> Written:
    """x₁ + x₂ + …"""
    if len(terms) == 1:
        return terms[0]._replace(scalar=scalar)
    text, latex = terms[0].text, terms[0].latex
    for term in [_bracketed(term, 2) for term in terms[1:]]:
        if term.text.startswith("−"):
            text, latex = f"{text} − {term.text[1:]}", f"{latex} - {term.latex[1:]}"
        else:
            text, latex = f"{text} + {term.text}", f"{latex} + {term.latex}"
    return Written(text, latex, 1, scalar)


def applied(op: Op, operands: Sequence[Written], scalar: bool) -> Written:
    """`op` on its operands, number by number."""
    if op is ops.mul:
        return product(operands[0], operands[1])._replace(scalar=scalar)
    precedence = op.precedence
    least = op.binds or (0,) * len(operands)
    if op is ops.div or op is ops.xdivy:
        precedence, least = 2, (PRODUCT, PRODUCT + 1)
    inner = [_bracketed(operand, bound) for operand, bound in zip(operands, least)]
    texts = [operand.text for operand in (inner if op.binds or precedence == 2 else operands)]
    if op.latex and not op.variadic:
        latex = op.latex.format(*[operand.latex for operand in inner])
    else:
        listed = ", ".join([operand.latex for operand in operands])
        word = op.name.replace("_", r"\_")
        latex = rf"\operatorname{{{word}}}\left({listed}\right)"
    return Written(_text(op, texts), latex, precedence if precedence < 3 or op is ops.power else ATOM, scalar)


def called(text: str, latex: str, operand: Written) -> Written:
    """A function, by its names in text and in LaTeX, of one operand; several in brackets need no more."""
    if operand.precedence == ATOM and operand.text.startswith("("):
        return Written(text + operand.text, latex + operand.latex, ATOM, operand.scalar)
    inner = rf"\left({operand.latex}\right)"
    return Written(f"{text}({operand.text})", latex + inner, ATOM, operand.scalar)


def of_gradient(written: Written) -> Written:
    """∂: the gradient of the loss for what is written."""
    return Written(f"∂{written.text}", rf"\partial {written.latex}", ATOM, written.scalar)


def over_rows(written: Written) -> Written:
    """The sum over all rows."""
    inner = _bracketed(written, 2)
    return Written(f"Σ_rows {inner.text}", rf"\sum_{{\text{{rows}}}} {inner.latex}", 2, written.scalar)


def _text(op: Op, operands: Sequence[str]) -> str:
    if op is ops.sub or op is ops.add:
        return f"{operands[0]} {op.symbol} {operands[1]}"
    if op is ops.div or op is ops.xdivy:
        return f"{operands[0]} / {operands[1]}"
    if op is ops.neg:
        return f"−{operands[0]}"
    if op is ops.power or op is ops.pow:
        return f"{operands[0]}²" if operands[1] == "2" else f"{operands[0]}^{operands[1]}"
    if op in BRACKETS:
        return BRACKETS[op].format(*operands)
    return f"{'σ' if op is ops.sigmoid else op.name}({', '.join(operands)})"


def _bracketed(written: Written, least: int) -> Written:
    if written.precedence >= least:
        return written
    return Written(f"({written.text})", rf"\left({written.latex}\right)", ATOM, written.scalar)
