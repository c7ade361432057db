"""Formulas: what to bracket and what to call each part, written once for every notation.

Each row of the table has a template for LaTeX and, where its symbol does not do, one for MathML. A node with
a name is called by it, so names decide how far a formula is written out.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from autograd import ops
from autograd.operation import Op
from autograd.value import Value

__all__ = ["ATOM", "Notation", "Part", "Shape", "Written", "local_derivatives"]

ATOM: Final = 9  # the precedence of what never needs brackets
LONGEST: Final = 20_000  # characters, beyond which nobody reads a formula
GREEK: Final = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
)  # fmt: skip

Part = Literal["upstream", "partial", "contribution"]  # of a step of the chain rule


class Written(NamedTuple):
    """A formula, and what decides whether it needs brackets or a sign when it is part of another."""

    text: str
    precedence: int = ATOM
    digit: bool = False  # whether it begins with one
    whole: bool = False  # whether it is a whole number, and so can be a coefficient
    negative: bool = False  # whether it is a number below 0, which in 1(−2) would look like an operand


class Shape(NamedTuple):
    """How an operation is written: a template, its precedence, and the least that each operand must have."""

    template: str
    precedence: int = ATOM
    binds: tuple[int, ...] = ()


class Notation(ABC):
    """A way to write formulas; `latex`, `mathml` and `plain` each have one.

    >>> from autograd.plain import PLAIN
    >>> x, y = Value(2.0, "x"), Value(3.0, "y1")
    >>> PLAIN.formula((x + y) * x.tanh()).text
    '(x + y1)·tanh(x)'
    >>> factors = [PLAIN.derivative("L", "A"), PLAIN.derivative("A", "Z")]
    >>> PLAIN.equation([PLAIN.derivative("L", "Z"), PLAIN.chain(factors), PLAIN.number(-0.5)])
    '∂L/∂Z = ∂L/∂A · ∂A/∂Z = −0.5'
    """

    PLUS: ClassVar[str]
    TIMES: ClassVar[str]
    COEFFICIENT: ClassVar[str]  # between 2 and x
    CHAINED: ClassVar[str]  # between the factors of the chain rule
    EQUALS: ClassVar[str]
    BECOMES: ClassVar[str]  # the arrow at a number that is given a new value
    TO: ClassVar[str]  # the arrow along an edge
    ELLIPSIS: ClassVar[str]

    # ── what each notation says in its own way ────────────────────────────────────────────────────────

    @abstractmethod
    def shape(self, op: Op) -> Shape | None:
        """How `op`, which is not variadic, is written; None: as a function, by its name."""

    @abstractmethod
    def call(self, op: Op, operands: Sequence[str]) -> str:
        """`op` as a function of `operands`."""

    @abstractmethod
    def enclosed(self, text: str) -> str:
        """`text` in brackets."""

    @abstractmethod
    def letter(self, character: str) -> str:
        """A name of one letter or digit."""

    @abstractmethod
    def greek(self, name: str) -> str:
        """The letter that is called alpha, beta, …"""

    @abstractmethod
    def words(self, text: str) -> str:
        """Any other name."""

    @abstractmethod
    def indexed(self, base: str, index: str) -> str:
        """A letter with an index."""

    @abstractmethod
    def digits(self, mantissa: str, exponent: int | None) -> str:
        """A number; its mantissa may begin with "-", and may be inf or nan."""

    @abstractmethod
    def derivative(self, output: str, operand: str) -> Written:
        """∂output/∂operand, for their names."""

    def marked(self, part: Part, written: Written) -> Written:
        """The same as that part of a step, for notations that can show parts in colours."""
        return written

    # ── names and numbers ─────────────────────────────────────────────────────────────────────────────

    def symbol(self, name: str) -> Written:
        """`name` as mathematicians write it: an index for w1, a letter for alpha."""
        if name in GREEK:
            return Written(self.greek(name))
        if len(name) == 1 and name.isalnum():
            return Written(self.letter(name), digit=name.isdigit(), whole=name.isdigit())
        indexed = re.fullmatch(r"([^\W\d_])_?(\d+|(?<=_)\w+)", name)
        return Written(self.indexed(*indexed.groups()) if indexed else self.words(name))

    def number(self, number: float) -> Written:
        """`number` with 4 significant digits."""
        text = f"{number:.4g}"
        mantissa, _, exponent = text.partition("e")
        written = self.digits(mantissa, int(exponent) if exponent else None)
        precedence = 1 if text[0] == "-" else 3 if exponent else ATOM  # 10⁻⁵ is a factor of such a number
        return Written(written, precedence, text[0].isdigit(), text.isdigit(), text[0] == "-")

    def name(self, node: Value, names: Mapping[Value, str] | None = None) -> Written:
        """What `node` is called, in `names` or by its label; a number where it has no other name."""
        name = names[node] if names and node in names else node.label
        if name and not (node.is_leaf and name == f"{node.data:.4g}"):
            return self.symbol(name)
        return self.number(node.data)

    # ── computed from names and numbers ───────────────────────────────────────────────────────────────

    def formula(self, node: Value, names: Mapping[Value, str] | None = None) -> Written:
        """How `node` was computed, down to leaves and to nodes that have a name, in `names` or as a label.

        Raises ValueError for a formula of more than 20,000 characters.
        """
        if node.is_leaf:
            return self.name(node, names)
        written: dict[Value, Written] = {}
        for current in down_to_names(node, names or {}):
            operands = [written[p] if p in written else self.name(p, names) for p in current.parents]
            assert current.op is not None
            written[current] = self.apply(current.op, operands)
            if len(written[current].text) > LONGEST:
                raise ValueError(
                    f"the formula has more than {LONGEST:,} characters: give a label to the intermediate "
                    "values at which it should stop"
                )
        return written[node]

    def apply(self, op: Op, operands: Sequence[Written]) -> Written:
        """`op` on operands that are written already."""
        if op is ops.mul and operands[0].whole and not (operands[1].digit or operands[1].negative):
            return Written(operands[0].text + self.COEFFICIENT + self.within(operands[1], 3), 2, True)
        if op is ops.sum:
            return self.sum(operands)
        if op is ops.prod:
            return self.product(operands)
        if op is ops.dot:
            n = len(operands) // 2
            products = [self.apply(ops.mul, [w, x]) for w, x in zip(operands[:n], operands[n:-1])]
            return self.sum([*products, *[b for b in operands[-1:] if b != self.number(0.0)]])
        shape = None if op.variadic else self.shape(op)
        if shape is None:
            return Written(self.call(op, [text for text, *_ in operands]))
        least = shape.binds or (0,) * len(operands)
        text = shape.template.format(*map(self.within, operands, least))
        begins = op.latex.startswith("{0}") and operands[0].digit and operands[0].precedence >= least[0]
        return Written(text, shape.precedence, begins)

    def sum(self, terms: Sequence[Written]) -> Written:
        """terms with + between them."""
        text = self.PLUS.join([self.within(term, 2 if i else 1) for i, term in enumerate(terms)])
        return Written(text, 1, terms[0].digit) if terms else self.number(0.0)

    def product(self, factors: Sequence[Written]) -> Written:
        """factors with a dot between them."""
        text = self.TIMES.join([self.within(factor, 3 if i else 2) for i, factor in enumerate(factors)])
        if not factors:
            return self.number(1.0)
        return Written(text, 2, factors[0].digit and factors[0].precedence >= 2)

    def chain(self, factors: Sequence[Written]) -> Written:
        """factors of the chain rule: their own products need no brackets."""
        if len(factors) == 1:
            return factors[0]
        return Written(self.CHAINED.join([self.within(factor, 2) for factor in factors]), 2)

    def equation(self, sides: Sequence[Written]) -> str:
        """sides with = between them."""
        return self.EQUALS.join([text for text, *_ in sides])

    def within(self, written: Written, least: int) -> str:
        """The text, in brackets if it binds less than `least`."""
        return written.text if written.precedence >= least else self.enclosed(written.text)

    def derivatives(self, op: Op, operands: Sequence[str], result: str) -> list[Written]:
        """∂result/∂operand for each of `operands`, all given by their names, as the row of `op` states it."""
        partials = local_derivatives(op, [Value(0.5, name) for name in operands], Value(0.5, result))
        return [self.formula(partial) for partial in partials]


def local_derivatives(op: Op, operands: Sequence[Value], result: Value) -> list[Value]:
    """∂result/∂operand for each operand, by the rule of `op` on Values; constants go in as numbers.

    With leaves of one's own as operands and result, what is written is in their names, or in numbers where
    they have none: what is printed is what is computed.
    """
    partials: tuple[Value | float, ...]
    try:
        partials = op.partials(tuple([p.data if p.op is ops.constant else p for p in operands]), result)
    except ArithmeticError:  # a constant 0 below a fraction: Values divide by it, floats raise
        partials = op.partials(tuple(operands), result)
    return [partial if isinstance(partial, Value) else Value(partial) for partial in partials]


def down_to_names(root: Value, names: Mapping[Value, str]) -> list[Value]:
    """`root` and the nameless nodes with operands below it, in topological order."""
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
        nameless = [p for p in node.parents if not (p.is_leaf or p.label or p in names or p in seen)]
        stack.extend([(parent, False) for parent in nameless])
    return order
