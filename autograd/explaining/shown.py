"""Showing sections of formulas: as text, as LaTeX, and as HTML that needs nothing from elsewhere."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from html import escape
from typing import Final

from autograd.explaining.sections import Equation, Section
from autograd.formulas import Notation
from autograd.latex import LATEX
from autograd.mathml import MATHML, element
from autograd.plain import PLAIN

__all__ = ["Shown"]

# The colours of the page of steps: a contrast of at least 4.5 on their background, in the dark too.
STYLE: Final = """
.glassgrad-explanation {
  --paper: #fff; --ink: #1c1c1c; --rule: #d9d9d9; --partial: #9c4300; --contribution: #8a1c9e;
  background: var(--paper); color: var(--ink); padding: 0.5em 1em; font: 15px/1.5 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { .glassgrad-explanation {
  --paper: #16181c; --ink: #e8e8e8; --rule: #3a3d44; --partial: #ffb066; --contribution: #e39df4; } }
.glassgrad-explanation section { overflow-x: auto; padding: 0.35em 0; }
.glassgrad-explanation section + section { border-top: 1px solid var(--rule); }
.glassgrad-explanation p { margin: 0.2em 0; }
.glassgrad-explanation math { font-size: 1.15em; }
.glassgrad-explanation mtable { margin: 0.2em 0 0.2em 1em; }
.glassgrad-explanation mtd { padding: 0.2em 0; text-align: left; }
.glassgrad-explanation mtd:first-child { text-align: right; }
.glassgrad-explanation mtd:nth-child(2) { padding: 0.2em 0.4em; }
.glassgrad-explanation .partial { color: var(--partial); }
.glassgrad-explanation .contribution { color: var(--contribution); }
"""


class Shown(ABC):
    """What shows itself as sections of formulas, each with a title and equations."""

    __slots__ = ()

    @abstractmethod
    def sections(self, notation: Notation) -> list[Section]:
        """What is to be shown, in a notation."""

    def __str__(self) -> str:
        return "\n\n".join(["\n".join(text(section)) for section in self.sections(PLAIN)])

    def latex(self) -> str:
        r"""All of it as LaTeX: one `aligned` environment, to stand between dollar signs."""
        lines = [line for section in self.sections(LATEX) for line in latex(section)]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        sections = "\n".join([html(section) for section in self.sections(MATHML)])
        return f'<div class="glassgrad-explanation">\n<style>{STYLE}</style>\n{sections}\n</div>'


def text(section: Section) -> Iterator[str]:
    """Lines: the title, and each side of an equation on one of its own where there are several."""
    title = section.before + section.formula + section.after
    if title:
        yield title
    margin = "  " if title else ""
    for left, sides in section.equations:
        first, *others = sides
        yield margin + (f"{left} = {first}" if left else first)
        indent = margin + " " * len(left)
        yield from [f"{indent}{' ' if left else ''}= {side}" for side in others]


def latex(section: Section) -> Iterator[str]:
    """Rows of an `aligned` environment."""
    before, after = [rf"\text{{{words}}}" if words else "" for words in (section.before, section.after)]
    if before or section.formula or after:
        yield f"& {before}{section.formula}{after}"
    for left, sides in section.equations:
        yield from [f"{row} {side}" for row, side in zip(rows(left, "&="), sides)]


def rows(left: str, equals: str) -> Iterator[str]:
    """What stands before each side: the left and a sign, then the sign; without a left, no sign first."""
    yield f"{left} {equals}" if left else "&"
    while True:
        yield equals


def html(section: Section) -> str:
    """A `<section>` with its title and a table of its equations."""
    formula = element(section.formula) if section.formula else ""
    title = escape(section.before) + formula + escape(section.after)
    cells = [row for equation in section.equations for row in table_rows(equation)]
    table = f'<mtable displaystyle="true">{"".join(cells)}</mtable>'
    return "".join(
        [
            "<section>",
            f"<p>{title}</p>" if title else "",
            element(table) if cells else "",
            "</section>",
        ]
    )


def table_rows(equation: Equation) -> Iterator[str]:
    """Rows of three cells: the left, the sign, a side."""
    for i, side in enumerate(equation.sides):
        left = "" if i else equation.left
        sign = MATHML.EQUALS if i or left else ""
        yield f"<mtr><mtd>{left}</mtd><mtd>{sign}</mtd><mtd><mrow>{side}</mrow></mtd></mtr>"
