"""What an explanation consists of, in any notation: titles, and equations below them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple, TypeVar

from autograd.explaining.paths import Path
from autograd.formulas import Notation, Written
from autograd.stating import in_names, in_numbers, local_derivative
from autograd.value import Value

__all__ = [
    "Equation",
    "Section",
    "Terms",
    "definition",
    "definitions",
    "different",
    "of_edges",
    "of_path",
    "repeats",
    "route",
    "shortened",
]

T = TypeVar("T")

MOST: Final = 12  # factors of one product that are written out
MOST_DEFINED: Final = 20  # nodes of which it is said how they are computed


class Equation(NamedTuple):
    """left = side = side = …; one without a left begins with its first side."""

    left: str
    sides: Sequence[str]


class Section(NamedTuple):
    """A title, which is a formula between words, and equations."""

    before: str = ""
    formula: str = ""
    after: str = ""
    equations: Sequence[Equation] = ()


class Terms(NamedTuple):
    """What formulas speak with: a notation, and a name and a number for each node."""

    notation: Notation
    names: Mapping[Value, str]
    numbers: Mapping[Value, float]

    def derivative(self, output: Value, operand: Value) -> Written:
        """∂output/∂operand."""
        return self.notation.derivative(self.names[output], self.names[operand])

    def partial(self, node: Value, position: int) -> list[Written]:
        """A local derivative: as ∂z/∂x, as the row states it in names and in numbers, and as a number."""
        number = self.notation.number(node.partials[position])
        stated = local_derivative(node, position, self.names, self.numbers)
        symbols = stated.in_names(self.notation) if stated else number
        in_numbers = stated.in_numbers(self.notation) if stated else number
        forms = [self.derivative(node, node.parents[position]), symbols, in_numbers, number]
        return [self.notation.marked("partial", form) for form in forms]

    @property
    def gap(self) -> Written:
        """What stands for parts that are left out."""
        return Written(self.notation.ELLIPSIS)

    def contribution(self, number: float) -> Written:
        """A number that is part of a gradient."""
        return self.notation.marked("contribution", self.notation.number(number))


def of_path(terms: Terms, path: Path) -> list[str]:
    """The product along a path: of derivatives, then of what they are in names, in numbers, and its value."""
    downwards = shortened(range(len(path.positions))[::-1])
    factors = [
        [terms.gap] * 4 if i is None else terms.partial(path.nodes[i + 1], path.positions[i])
        for i in downwards
    ]
    products = [terms.notation.chain(forms) for forms in zip(*factors)]
    if len(factors) == 1:
        products.pop()  # its value is the product
    return different([*products, terms.contribution(path.product)])


def of_edges(terms: Terms, node: Value, operand: Value) -> Equation:
    """∂node/∂operand for an operand of the node: the sum over the positions at which it is one."""
    positions = [i for i, parent in enumerate(node.parents) if parent is operand]
    partials = zip(*[terms.partial(node, position)[1:] for position in positions])
    sides = [terms.notation.sum(forms) if len(forms) > 1 else forms[0] for forms in partials]
    result = terms.notation.number(sum([node.partials[position] for position in positions]))
    sides.append(terms.notation.marked("partial", result))
    return Equation(terms.derivative(node, operand).text, different(sides))


def route(terms: Terms, path: Path) -> str:
    """x → z → L."""
    nodes = shortened(path.nodes)
    names = [terms.gap if node is None else terms.notation.name(node, terms.names) for node in nodes]
    return terms.notation.TO.join([name.text for name in names])


def definitions(terms: Terms, nodes: Iterable[Value]) -> list[Section]:
    """A section that says how each of the nodes that has operands is computed, or none."""
    computable = [node for node in nodes if not node.is_leaf]
    shown = computable[-MOST_DEFINED:]
    title = "where" if len(shown) == len(computable) else f"where, for the last {len(shown)} of these nodes,"
    return [Section(title, equations=[definition(terms, node) for node in shown])] if shown else []


def definition(terms: Terms, node: Value) -> Equation:
    """How a node is computed: in names, in numbers, and its number."""
    name, number = terms.notation.name(node, terms.names), terms.notation.number(terms.numbers[node])
    known = (node, terms.names, terms.numbers, terms.notation)
    sides = different([in_names(*known), in_numbers(*known), number])
    return Equation(name.text, [terms.notation.EQUALS.join(sides)])


def repeats(terms: Terms, path: Path) -> str:
    """Words that tell the path from others through the same nodes: which of equal operands it takes."""
    taken = (
        f", as operand {position + 1} of {terms.names[node]}"
        for parent, node, position in zip(path.nodes, path.nodes[1:], path.positions)
        if node.parents.count(parent) > 1
    )
    return "".join(islice(taken, MOST))


def shortened(items: Sequence[T]) -> list[T | None]:
    """`items`; of many, the first and the last few with None between them."""
    half = MOST // 2
    return [*items] if len(items) <= MOST else [*items[:half], None, *items[-half + 1 :]]


def different(sides: Sequence[Written]) -> list[str]:
    """The sides that differ from the one before."""
    texts = [side.text for side in sides]
    return [texts[0], *[side for before, side in pairwise(texts) if side != before]]
