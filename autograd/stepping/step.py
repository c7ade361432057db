"""What one step of a pass is: which node, what went in, what came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autograd.latex import LATEX
from autograd.mathml import MATHML, element
from autograd.naming import Model
from autograd.plain import PLAIN
from autograd.stepping.typesetting import typeset
from autograd.stepping.wording import sentence
from autograd.value import Value

__all__ = ["Graph", "Phase", "Step"]

Phase = Literal["forward", "seed", "backward", "update", "zero"]


@dataclass(frozen=True, slots=True)
class Graph:
    """What steps walk over: all nodes in topological order, with their names, and their numbers as recorded.

    order ends with `root`, the output. uses: by how many edges each node is an operand. model is the one
    whose parameters are among the leaves, if any.
    """

    root: Value
    order: tuple[Value, ...] = field(repr=False)
    names: Mapping[Value, str] = field(repr=False)
    numbers: Mapping[Value, float] = field(repr=False)
    uses: Mapping[Value, int] = field(repr=False)
    model: Model | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it belongs to a phase, and says what happens to one number.

    forward: `node` gets its `value`. seed: the output's gradient becomes `after`. backward: along one edge,
    from `node` to its operand number `position`, flows `contribution` = `upstream` · `partial`, and the
    gradient of `operand` goes from `before` to `after`. update: the data of `node`, a parameter with the
    gradient `partial`, goes from `before` to `after`, which is `before` − `rate` · `partial` unless rate is
    None. zero: the gradient of `node` goes from `before` to `after` = 0.
    """

    number: int  # its place in the sequence
    phase: Phase
    node: Value
    value: float  # the number of `node` at this step
    graph: Graph = field(repr=False, compare=False)
    operand: Value | None = None
    position: int | None = None
    upstream: float | None = None
    partial: float | None = None
    contribution: float | None = None
    before: float | None = None
    after: float | None = None
    rate: float | None = None

    @property
    def names(self) -> Mapping[Value, str]:
        """A name for each node of the graph."""
        return self.graph.names

    @property
    def result(self) -> float:
        """The number that the step gives: a value, the gradient that it adds to, or the updated parameter."""
        return self.value if self.after is None else self.after

    @property
    def sentence(self) -> str:
        """What the step does, in words and numbers of 4 significant digits."""
        return sentence(self)

    @property
    def question(self) -> str:
        """The sentence with a ? in place of the result."""
        return sentence(self, asking=True)

    @property
    def latex(self) -> str:
        """The formula of the step as LaTeX, in symbols and in numbers."""
        return typeset(self, LATEX)

    @property
    def mathml(self) -> str:
        """The same as a MathML element, with the classes upstream, partial and contribution on its parts."""
        return element(typeset(self, MATHML), block=True)

    @property
    def plain(self) -> str:
        """The same as one line of text."""
        return typeset(self, PLAIN)
