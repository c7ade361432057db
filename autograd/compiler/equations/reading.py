"""Reading: what a person can have of a program: its equations, its figures, a picture and its source."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

import numpy as np

from autograd.compiler.equations.conditions import Condition, conditions
from autograd.compiler.equations.counting import stats
from autograd.compiler.equations.diagram import diagram
from autograd.compiler.equations.naming import Names, names_of
from autograd.compiler.equations.show import Listing, listing
from autograd.compiler.execution.careful import Careful
from autograd.compiler.plans.decisions import Guard
from autograd.compiler.plans.splitting import Stages
from autograd.compiler.source.exporting import Subject, jax_source, numpy_source
from autograd.drawing.drawing import Drawing
from autograd.value import Value

__all__ = ["Readable"]


class Branch(Protocol):
    """What reading needs of a variant of a program.

    places: where its parameters are among those of the program. questions: its guards, in runs.
    """

    guards: list[Guard]
    places: np.ndarray
    questions: list[tuple[int, int]]

    def forward(self) -> Careful:
        """What computes the results."""

    def gradient(self) -> Careful:
        """What computes the sum of the result over rows and its gradient."""

    def comparisons(self, start: int, stop: int) -> Careful:
        """What computes both sides of the guards from start to stop."""


class Readable:
    """A program as it is read. names: of all parameters, found when first asked for."""

    function: Callable[..., Any] | None
    dimensions: list[tuple[int, ...]]
    result: tuple[int, ...]
    values: list[Value]
    names: Names | None
    variants: Sequence[Branch]

    def __str__(self) -> str:
        """The equations, a line for each group, with shapes; for each branch, below what leads to it."""
        texts = []
        for i, branch in enumerate(self.variants):
            lines = [f"  {condition.text}" for condition in self._conditions(branch)]
            heading = [f"{self._title(i)}:", *lines] if lines else []
            texts.append("\n".join([*heading, self.listing(i).text()]))
        return "\n\n".join(texts)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def latex(self) -> str:
        """The equations, typeset, of each branch."""
        blocks = []
        for i, branch in enumerate(self.variants):
            found = [condition.latex for condition in self._conditions(branch)]
            if found:
                blocks.append(rf"\text{{{self._title(i)}: }} " + r",\; ".join(found))
            blocks.append(self.listing(i).latex())
        if len(blocks) == 1:
            return blocks[0]
        return "\\begin{gathered}\n" + " \\\\\n".join(blocks) + "\n\\end{gathered}"

    def listing(self, branch: int = 0) -> Listing:
        """The equations of a branch: of the sum over rows and its gradient, or of several results."""
        chosen = self.variants[branch]
        return listing(self._names(chosen), self.dimensions, self._stages(chosen))

    def stats(self) -> dict[str, float | str]:
        """How many nodes, groups and instructions there are, what share is regular, and what runs them."""
        return stats(*map(self._stages, self.variants))

    def draw(self) -> Drawing:
        """The equations as a picture: each a box, with edges from what it is made of; of the first branch."""
        first = self.variants[0]
        return diagram(self._names(first), self.dimensions, self._stages(first))

    def source(self, target: Literal["numpy", "jax"] = "numpy") -> str:
        """A program that computes the same with nothing but NumPy, or with JAX, as text.

        It defines `function(parameters, …)`, the result for each row, and for a single result
        `value_and_grad(parameters, …)`, the mean over the rows and its gradient; for "jax", which derives by
        itself, `value(parameters, …)`. It takes what the program takes, with the numbers of `parameters`
        first, in float64; indices are not checked. Names are those that the program is printed with. Of
        several branches it is the first, which the text says. Raises ValueError for another target, and for
        an operation of a user's own without `expand`.

        >>> from autograd import compile
        >>> w, scope = Value(2.0), {}
        >>> exec(compile(lambda x: w * x, 1.0).source(), scope)
        >>> scope["function"]([2.0], [1.0, 3.0]).tolist()
        [2.0, 6.0]
        """
        if target not in ("numpy", "jax"):
            raise ValueError(f'target must be "numpy" or "jax", got {target!r}')
        first = self.variants[0]
        subject = Subject(
            names=self._names(first),
            dimensions=self.dimensions,
            result=self.result,
            forward=first.forward().stages,
            gradient=first.gradient().stages if self.result == () else None,
            places=first.places,
            given=len(self.values),
            conditions=[condition.text for condition in self._conditions(first)],
        )
        return numpy_source(subject) if target == "numpy" else jax_source(subject)

    def _title(self, i: int) -> str:
        count = len(self.variants)
        return f"branch {i + 1} of {count}" if count > 1 else "the branch recorded so far"

    def _stages(self, branch: Branch) -> Stages:
        return (branch.gradient() if self.result == () else branch.forward()).stages

    def _conditions(self, branch: Branch) -> list[Condition]:
        asked = [branch.comparisons(start, stop).stages for start, stop in branch.questions]
        return conditions(self._names(branch), self.dimensions, branch.guards, asked)

    def _names(self, branch: Branch) -> Names:
        """The names of the function, its arguments and the parameters of a branch."""
        names = self._named()
        return replace(names, parameters=[names.parameters[place] for place in branch.places])

    def _named(self) -> Names:
        """The names with those of all parameters; what was added to a loaded program has none."""
        known = self.names
        if known is not None and (len(known.parameters) == len(self.values) or self.function is None):
            more = len(self.values) - len(known.parameters)
            return replace(known, parameters=[*known.parameters, *[None] * more])
        assert self.function is not None
        self.names = names_of(self.function, len(self.dimensions), self.values)
        return self.names
