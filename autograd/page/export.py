"""A pass as data for the page: its graph and the rules of its operations, its steps and its picture."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from autograd import ops
from autograd.mathml import MATHML
from autograd.page.board import called_by_number, exported_board
from autograd.page.notations import of_row, templates
from autograd.page.programs import PRIMITIVES, Program, Row, Rule, rule
from autograd.plain import PLAIN
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.lessons import Lesson
    from autograd.stepping.sequence import Steps
    from autograd.stepping.step import Step

__all__ = ["exported"]

LINE: Final = 19.0  # pixels of the line in which a lesson says what a gradient should be
Place = Mapping[Value, int]


def exported(steps: "Steps", at: int, lesson: "Lesson | None") -> dict[str, Any]:
    """Everything that the page of `steps` shows, as lists, dictionaries, text and numbers.

    Nodes are numbered in topological order. Numbers are Python's, inf and nan as text; the page computes
    them itself once the reader has changed one. Raises ValueError for a picture that would be too large.
    """
    place = {node: i for i, node in enumerate(steps.order)}
    board = exported_board(steps, place, spare=LINE if lesson else 0.0)
    shared = {
        "title": title(steps),
        "at": at,
        "root": place[steps.root],
        "board": board,
        "lesson": None if lesson is None else exported_lesson(lesson, place),
    }
    if "groups" in board:
        return shared | in_groups(shared, board["groups"])
    table = Table()
    return shared | {
        "nodes": [exported_node(node, steps, place, table) for node in steps.order],
        "rules": table.rules,
        "rows": table.rows,
        "notations": templates(),
        "steps": [exported_step(step, place) for step in steps],
        "fixed": fixed(steps, lesson),
    }


def in_groups(shared: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Where the page opens, and where a lesson's passes part, as numbers of groups in place of steps."""
    ends = [group["steps"][1] for group in groups]
    lesson = shared["lesson"]
    if lesson is not None and lesson["parting"] is not None:
        lesson = lesson | {"parting": bisect_right(ends, lesson["parting"])}
    return {"at": bisect_right(ends, shared["at"]), "lesson": lesson}


def title(steps: "Steps") -> str:
    """What the page is about: the output and its number."""
    return f"{steps.names[steps.root]} = {PLAIN.number(steps.graph.numbers[steps.root]).text}"


def fixed(steps: "Steps", lesson: "Lesson | None") -> str:
    """Why no number may be changed in the page; "" if they may."""
    if lesson is not None:
        return "This pass goes wrong on purpose: its numbers stay as they are."
    for step in steps:
        if step.phase == "update" and step.rate is None:
            return (
                "The page does not know how this optimiser computes its updates, so numbers stay as they are."
            )
        if step.phase == "backward" and not adds(step):
            return "This pass does not add up what flows into a node, so numbers stay as they are."
    return ""


def adds(step: "Step") -> bool:
    """Whether `step` adds its contribution to the gradient."""
    assert step.before is not None
    assert step.contribution is not None
    total = step.before + step.contribution
    return total == step.after or total != total


def exported_node(node: Value, steps: "Steps", place: Place, table: "Table") -> dict[str, Any]:
    """A node: its name in both notations, unless that is its number; its operation and its numbers."""
    name = steps.names[node]
    value = steps.graph.numbers[node]
    symbols = [MATHML.symbol(name).text, PLAIN.symbol(name).text]
    shared = {
        "name": name,
        "symbols": None if called_by_number(node, steps) else symbols,
        "value": plain(value),
    }
    if node.is_leaf:
        return shared | {"constant": node.op is ops.constant}
    return shared | {
        "rule": table.number(rule(node)),
        "operands": [place[parent] for parent in node.parents],
        "partials": [plain(partial) for partial in node.partials],
    }


def exported_step(step: "Step", place: Place) -> list[Any]:
    """A step as a list: phase, node, number of the operand or null, and the numbers that it has."""
    numbers = [step.upstream, step.partial, step.contribution, step.before, step.after, step.rate]
    while numbers and numbers[-1] is None:
        numbers.pop()
    given = [None if x is None else plain(x) for x in numbers]
    return [step.phase, place[step.node], step.position, plain(step.value), *given]


def exported_lesson(lesson: "Lesson", place: Place) -> dict[str, Any]:
    """What a lesson says, and what the gradients should be."""
    right = {place[node]: plain(gradient) for node, gradient in lesson.right.gradients.items()}
    return {"title": lesson.title, "text": lesson.text, "parting": lesson.parting, "right": right}


def plain(x: float) -> float | str:
    """`x` as JSON has it: inf and nan as text."""
    return x if x - x == 0.0 else str(x)


class Table:
    """The rules of a graph and the rows that these need, each once and called by its number.

    rules: [row, derivative, whether it is held]. rows: name, whether it is primitive, the programs of its
    result that are run and shown, and how it is written.
    """

    def __init__(self) -> None:
        self.rules: list[list[Any]] = []
        self.rows: list[dict[str, Any]] = []
        self._rule_numbers: dict[Rule, int] = {}
        self._row_numbers: dict[Row, int] = {}

    def number(self, rule: Rule) -> int:
        """The number of `rule`, which is in the table from then on."""
        if rule not in self._rule_numbers:
            self._rule_numbers[rule] = len(self.rules)
            self.rules.append([self._row(rule.row), self._program(rule.derivative), rule.held])
        return self._rule_numbers[rule]

    def _row(self, row: Row) -> int:
        if row not in self._row_numbers:
            forward, opened = [p and self._program(p) for p in (row.forward, row.opened)]
            self._row_numbers[row] = len(self.rows)
            self.rows.append(
                {
                    "name": row.op.name,
                    "primitive": row.op in PRIMITIVES,
                    "variadic": row.op.variadic,
                    "forward": forward,
                    "opened": opened,
                    "leads": row.op.latex.startswith("{0}"),
                    "written": of_row(row.op),
                }
            )
        return self._row_numbers[row]

    def _program(self, program: Program) -> list[Any]:
        """[inputs, instructions, results]; an instruction is [row, *slots], or a number alone."""
        instructions = [
            [self._row(what), *slots] if isinstance(what, Row) else plain(what)
            for what, slots in program.instructions
        ]
        return [program.inputs, instructions, list(program.results)]
