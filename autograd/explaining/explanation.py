"""What an explanation is: the paths that make up a gradient, or the local derivatives of a node."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite, log10
from typing import Any

from autograd.drawing.drawing import Drawing, draw
from autograd.explaining.paths import Path, total
from autograd.explaining.sections import (
    Equation,
    Section,
    Terms,
    definition,
    definitions,
    of_edges,
    of_path,
    repeats,
    route,
    shortened,
)
from autograd.explaining.shown import Shown
from autograd.formulas import Notation
from autograd.naming import Model
from autograd.value import Value

__all__ = ["Explanation", "LocalDerivatives"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation(Shown):
    """Why the gradient of `output` for `w` is what it is: the paths between them, the largest first.

    gradient: ∂output/∂w, bit for bit as `backward()` gives it, which adds up at every node on the way; the
    products of all paths added up directly agree with it to rounding. count: how many paths there are.
    paths: all of them or the largest, by |product|, after any whose product is nan. magnitude: Σ |product|
    over all paths. names and numbers: what each node is called, and its number when this was made.

    >>> import autograd
    >>> w, x, y = Value(0.5, "w"), Value(2.0, "x"), Value(3.0, "y")
    >>> explanation = autograd.explain(w * x + w * y, w)
    >>> explanation
    Explanation(∂L/∂w = 5, 2 paths)
    >>> [path.product for path in explanation.paths]
    [3.0, 2.0]
    """

    output: Value
    w: Value
    gradient: float
    count: int
    paths: tuple[Path, ...]
    magnitude: float
    names: Mapping[Value, str]
    numbers: Mapping[Value, float]
    model: Model | None

    @property
    def listed(self) -> float:
        """The sum of the products of `paths`."""
        return total([path.product for path in self.paths])

    @property
    def share(self) -> float:
        """How much of `magnitude` the `paths` carry: 1 where they are all there are."""
        if len(self.paths) == self.count or self.magnitude == 0.0:
            return 1.0
        return total([abs(path.product) for path in self.paths]) / self.magnitude

    def draw(self, path: int = 0, **options: Any) -> Drawing:
        """The graph with number `path` of the paths highlighted; the options are those of `autograd.draw`.

        Raises IndexError if there is no such path.
        """
        if not 0 <= path < len(self.paths):
            raise IndexError(
                f"path must be the number of one of {len(self.paths)} paths, from 0; got {path!r}"
            )
        named = [node for node in self.names if node is self.w or not node.is_leaf]
        known = {self.names[node]: node for node in named}
        chosen = {"names": known, "model": self.model, "highlight": self.paths[path].nodes}
        return draw(self.output, **(chosen | options))

    def sections(self, notation: Notation) -> list[Section]:
        """Each path as a product, the sum of the products, and what the nodes on the paths are."""
        terms = Terms(notation, self.names, self.numbers)
        gradient = terms.derivative(self.output, self.w).text
        output, w = self.names[self.output], self.names[self.w]
        result = gradient + notation.EQUALS + terms.contribution(self.gradient).text
        if not self.paths:
            words = f": {output} does not depend on {w}, no path leads from one to the other."
            return [Section("", result, words)]
        where = definitions(terms, on_paths(self))
        if self.count == 1:
            sides = of_path(terms, self.paths[0])
            said = len(self.paths[0].partials) == 1  # the derivative along one edge is the gradient itself
            return [Section(equations=[Equation(gradient, sides[said:])]), *where]
        largest = "this is the" if len(self.paths) == 1 else f"these are the {len(self.paths)}"
        rest = "." if len(self.paths) == self.count else f"; {largest} largest."
        through = Counter([path.nodes for path in self.paths])
        paths = [
            Section(
                f"Path {i}: ",
                route(terms, path),
                repeats(terms, path) if through[path.nodes] > 1 else "",
                [Equation("", of_path(terms, path))],
            )
            for i, path in enumerate(self.paths, 1)
        ]
        title = f", the sum over {counted(self.count)} from {w} to {output}{rest}"
        return [Section("", result, title), *paths, summed(self, terms), *where]

    def __repr__(self) -> str:
        gradient = f"∂{self.names[self.output]}/∂{self.names[self.w]} = {self.gradient:.4g}"
        return f"Explanation({gradient}, {counted(self.count)})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LocalDerivatives(Shown):
    """How `output` is computed from its operands, and its derivative for each: what `explain(node)` returns.

    partials: ∂output/∂operand by operand; one that is used twice has the sum. most: how many are shown.
    """

    output: Value
    partials: Mapping[Value, float]
    names: Mapping[Value, str]
    numbers: Mapping[Value, float]
    most: int

    def sections(self, notation: Notation) -> list[Section]:
        """How the output is computed, then each local derivative."""
        terms = Terms(notation, self.names, self.numbers)
        name, number = (
            notation.name(self.output, self.names).text,
            notation.number(self.numbers[self.output]).text,
        )
        if self.output.is_leaf:
            value = [name] if name == number else [name, number]
            return [Section("", notation.EQUALS.join(value), " is a leaf: it was given, not computed.")]
        shown = [of_edges(terms, self.output, operand) for operand in islice(self.partials, self.most)]
        more = len(self.partials) - len(shown)
        left_out = [Section(f"and {more:,} more.")] if more else []
        return [Section(equations=[definition(terms, self.output), *shown]), *left_out]

    def __repr__(self) -> str:
        count = "1 operand" if len(self.partials) == 1 else f"{len(self.partials)} operands"
        return f"LocalDerivatives({self.names[self.output]}, {count})"


def on_paths(explanation: Explanation) -> list[Value]:
    """The nodes that the written parts of paths pass through, operands first; but for the one explained."""
    found = {node for path in explanation.paths for node in shortened(path.nodes)} - {explanation.w}
    return [node for node in explanation.numbers if node in found]


def summed(explanation: Explanation, terms: Terms) -> Section:
    """The contributions of all paths and their sum; or what the largest come to."""
    paths = explanation.paths
    if len(paths) < explanation.count:
        listed, share = terms.contribution(explanation.listed).text, explanation.share
        one = len(paths) == 1
        these, carry = ("It is ", "it carries") if one else (f"These {len(paths)} add up to ", "they carry")
        whole = f"; signs aside, {carry} {share:.1%} of what all paths carry." if isfinite(share) else "."
        return Section(these, listed, whole)
    products = [terms.gap if path is None else terms.contribution(path.product) for path in shortened(paths)]
    sides = [terms.notation.sum(products).text, terms.contribution(explanation.gradient).text]
    gradient = terms.derivative(explanation.output, explanation.w).text
    return Section("Sum:", equations=[Equation(gradient, sides)])


def counted(paths: int) -> str:
    """How many paths, in words that stay short.

    >>> counted(1), counted(1_048_576), counted(2**400)
    ('1 path', '1,048,576 paths', 'about 2.6·10^120 paths')
    """
    if paths < 10**12:
        return "1 path" if paths == 1 else f"{paths:,} paths"
    exponent, rest = divmod(log10(paths), 1.0)
    return f"about {10.0**rest:.1f}·10^{exponent:.0f} paths"
