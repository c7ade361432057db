r"""Formulas: nodes and the local derivatives of rows, as LaTeX.

Each row of the table has a template; what is written here is only when to bracket an operand and what
to call it. A node with a label is called by it, so labels decide how far a formula is written out.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from autograd import ops
from autograd.operation import Op
from autograd.value import Value

__all__ = ["derivative_formula", "formula", "number_formula", "symbol_formula"]

ATOM: Final = 9  # the precedence of what never needs brackets
LONGEST: Final = 20_000  # characters, beyond which nobody reads a formula
GREEK: Final = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
)  # fmt: skip

Written = tuple[str, int]  # LaTeX and its precedence


def formula(node: Value) -> str:
    r"""The LaTeX of how `node` was computed, down to leaves and to nodes that have a label.

    Raises ValueError for one that would be longer than 20,000 characters: label the nodes at which it
    should stop.

    >>> x, y = Value(2.0, "x"), Value(3.0, "y1")
    >>> print(formula((x + y) * x.tanh()))
    \left(x + y_{1}\right) \cdot \tanh\left(x\right)
    """
    if node.is_leaf:
        return _name(node)[0]
    written: dict[Value, Written] = {}
    for current in _down_to_labels(node):
        operands = [written[parent] if parent in written else _name(parent) for parent in current.parents]
        assert current.op is not None
        written[current] = _write(current.op, operands)
        if len(written[current][0]) > LONGEST:
            raise ValueError(
                f"the formula has more than {LONGEST:,} characters: give a label to the intermediate values "
                "at which it should stop"
            )
    return written[node][0]


def derivative_formula(op: Op, operands: Sequence[str], result: str = "z") -> list[str]:
    r"""The LaTeX of ∂result/∂operand for each of `operands`, as the row of `op` states it.

    `operands` and `result` are the names to use. The rule is applied to Values with those names, so what
    is printed is what is computed.

    >>> print(*derivative_formula(ops.sigmoid, ["Z"], "A"))
    A \cdot \left(1 - A\right)
    """
    values = tuple([Value(0.5, name) for name in operands])
    partials = op.partials(values, Value(0.5, result))
    return [formula(p) if isinstance(p, Value) else number_formula(p) for p in partials]


def number_formula(number: float) -> str:
    r"""`number` with 4 significant digits.

    >>> number_formula(2.0), number_formula(-0.000012)
    ('2', '-1.2 \\cdot 10^{-5}')
    """
    text = f"{number:.4g}"
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", r"\infty").replace("nan", r"\text{nan}")
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


def symbol_formula(name: str) -> str:
    r"""`name` as mathematicians write it: an index for w1, a letter for alpha, text for other words.

    >>> print(*map(symbol_formula, ["w", "w1", "h_out", "alpha", "loss"]))
    w w_{1} h_{\text{out}} \alpha \text{loss}
    """
    if name in GREEK:
        return "\\" + name
    if len(name) == 1 and name.isalnum():
        return name
    indexed = re.fullmatch(r"([^\W\d_])_?(\d+|(?<=_)\w+)", name)
    if indexed:
        base, index = indexed.groups()
        return f"{base}_{{{index if index.isdigit() or len(index) == 1 else _text(index)}}}"
    return _text(name)


def _text(words: str) -> str:
    escaped = re.sub(r"[\\{}$&#%_^~]", lambda found: rf"\char`\{found.group()}", words)
    return rf"\text{{{escaped}}}"


def _down_to_labels(root: Value) -> list[Value]:
    """`root` and the unlabelled nodes with operands below it, in topological order."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[tuple[Value, bool]] = [(root, False)]
    while stack:
        node, operands_done = stack.pop()
        if operands_done:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend([(p, False) for p in node.parents if not p.is_leaf and not p.label and p not in seen])
    return order


def _name(node: Value) -> Written:
    if node.label:
        return symbol_formula(node.label), ATOM
    return number_formula(node.data), ATOM if node.data >= 0.0 else 1


def _write(op: Op, operands: list[Written]) -> Written:
    """`op` on operands that are written already; a row without a template is written as its expansion."""
    if op is ops.mul and operands[0][0].isdigit() and not operands[1][0][0].isdigit():
        return f"{operands[0][0]} {_bracketed(operands[1], 3)}", 2
    if op.latex and not op.variadic:
        least = op.binds or (0,) * len(operands)
        return op.latex.format(*map(_bracketed, operands, least)), op.precedence
    if op is ops.sum:
        return " + ".join(_bracketed(operand, 2 if i else 1) for i, operand in enumerate(operands)), 1
    if op is ops.dot:
        n = len(operands) // 2
        products = [_write(ops.mul, [w, x]) for w, x in zip(operands[:n], operands[n:-1])]
        bias = operands[-1:] if operands[-1][0] != "0" else []
        return _write(ops.sum, [*products, *bias])
    if op is ops.prod:
        return r" \cdot ".join(_bracketed(operand, 3 if i else 2) for i, operand in enumerate(operands)), 2
    return _write_function(op, operands)


def _write_function(op: Op, operands: Iterable[Written]) -> Written:
    name = op.name.replace("_", r"\_")
    return rf"\operatorname{{{name}}}\left({', '.join(text for text, _ in operands)}\right)", ATOM


def _bracketed(written: Written, least: int) -> str:
    text, precedence = written
    return text if precedence >= least else rf"\left({text}\right)"
