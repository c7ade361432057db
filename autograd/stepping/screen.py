"""What a terminal shows of a step: its sentence, its formula, and the graph with the numbers known so far."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from autograd.formulas import Part, Written
from autograd.plain import PLAIN, Plain
from autograd.stating import in_names
from autograd.stepping.outline import Line
from autograd.stepping.session import KEYS, Session
from autograd.stepping.typesetting import typeset
from autograd.value import Value

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from autograd.stepping.sequence import State
    from autograd.stepping.step import Step

__all__ = ["screen"]

NODE, EDGE = "▶", "●"
COLOURS: Final[dict[Part, int]] = {"upstream": 33, "partial": 36, "contribution": 32}  # yellow, cyan, green
STYLES: Final = {"upstream": "bold yellow", "partial": "bold cyan", "contribution": "bold green"}
PHASES: Final = {
    "forward": ("forward pass", "blue"),
    "seed": ("backward pass", "magenta"),
    "backward": ("backward pass", "magenta"),
    "update": ("update", "green"),
    "zero": ("zero the gradients", "white"),
}


class Coloured(Plain):
    """Plain text in which the parts of a step have the colours of the terminal."""

    def marked(self, part: Part, written: Written) -> Written:
        return written._replace(text=f"\x1b[{COLOURS[part]}m{written.text}\x1b[39m")


COLOURED: Final = Coloured()


def screen(session: Session, console: "Console") -> "RenderableType":
    """The whole screen, as large as the console's window."""
    from rich.console import Group
    from rich.layout import Layout
    from rich.panel import Panel
    from rich.text import Text

    phase, colour = PHASES[session.step.phase]
    title = f"step {session.at + 1} / {len(session.steps)} · {phase}"
    if session.group is not None:
        title += f" · {session.group.name}"
    top = Panel(
        help_text() if session.helping else Group(*story(session)),
        title=title,
        title_align="left",
        border_style=colour,
    )
    height = len(console.render_lines(top))
    room = console.height - height - 5
    graph = [Panel(table(session, room, console.width - 4), border_style="dim")] if room > 0 else []
    layout = Layout()
    layout.split_column(
        Layout(Group(top, *graph)),
        Layout(Text.assemble(*progress(session, console.width)), size=1),
        Layout(Text.assemble(*prompt(session), no_wrap=True, overflow="ellipsis"), size=1),
    )
    return layout


def story(session: Session) -> "list[Text]":
    """The sentence and the formula, or the question while the reader predicts."""
    from rich.text import Text

    step = session.step
    if session.hidden:
        return [
            Text(step.question),
            Text(""),
            Text("Type the number and Enter, or Enter to see it.", style="dim"),
        ]
    return [Text(step.sentence), Text(""), Text.from_ansi(typeset(step, COLOURED))]


def help_text() -> "Table":
    """The keys and what they do."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for keys, effect in KEYS:
        grid.add_row(f"[bold]{keys}[/]", effect)
    return grid


def progress(session: Session, width: int) -> list[tuple[str, str]]:
    """A bar across the window, filled up to this step."""
    done = round((width - 2) * (session.at + 1) / len(session.steps))
    return [(" " + "━" * done, PHASES[session.step.phase][1]), ("━" * (width - 2 - done), "bright_black")]


def prompt(session: Session) -> list[tuple[str, str]]:
    """What is being typed, what is to be said about it, and the most important keys."""
    mode = "predict" if session.predicting else "playing" if session.playing else ""
    asked = "your prediction: " if session.hidden else "go to step " if session.typed else ""
    return [
        (f" {mode} " if mode else "", "reverse"),
        (f" {asked}{session.typed}{'▏' if asked else ''}", "bold"),
        (
            f" {session.said} " if session.said else "",
            "bold green" if session.right else "bold red",
        ),
        ("  → ← step   space play   p predict   ? help   q quit", "dim"),
    ]


def table(session: Session, height: int, width: int) -> "Table":
    """The graph as a tree around the current node, as many lines as there is room for, and its numbers."""
    from rich.table import Table

    lines = session.lines
    current = next((i for i, line in enumerate(lines) if marker(line, session.step) == EDGE), None)
    if current is None:
        current = next((i for i, line in enumerate(lines) if line.node is session.step.node), 0)
    first = max(min(current - height // 2, len(lines) - height + 1), 0)
    window = lines[first : first + max(height - 1, 1)]
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for _ in range(3):
        grid.add_column(width=10, justify="right", no_wrap=True)
    grid.add_row("", "", *[f"[dim]{title}[/]" for title in ("value", "local ∂", "gradient")])
    state = session.steps.state(session.at)
    for line, guide in zip(window, guides(window, max((width - 44) // 2, 1))):
        grid.add_row(*cells(line, guide, session, state))
    return grid


def marker(line: Line, step: "Step") -> str:
    """What stands before a line: an arrow at the node of the step, a dot at the edge that carries."""
    if line.user is not None and (line.user, line.position) == (step.node, step.position):
        return EDGE
    return NODE if line.node is step.node and not line.again else ""


def guides(lines: Sequence[Line], deepest: int) -> list[str]:
    """The branches before each of the lines, of which the least deep stands at the margin."""
    margin = min(line.depth for line in lines)
    drawn: list[str] = []
    below: set[int] = set()  # depths at which a line further down continues the branch
    for line in reversed(lines):
        depth = min(line.depth - margin, deepest)
        bars = ["│ " if level in below else "  " for level in range(1, depth)]
        drawn.append("".join(bars) + ("" if depth == 0 else "├ " if depth in below else "└ "))
        below = {level for level in below if level < depth} | {depth}
    return drawn[::-1]


def cells(line: Line, guide: str, session: Session, state: "State") -> "list[Text]":
    """A row of the table: marker, node, value, local derivative and gradient, as far as they are known."""
    from rich.text import Text

    step, node = session.step, line.node
    sign = marker(line, step)
    repeated = line.again and not sign
    receiving = node is (step.node if step.operand is None else step.operand)
    known = node in state.values and not repeated
    value = PLAIN.number(state.values[node]).text if known else ""
    gradient = PLAIN.number(state.gradients[node]).text if node in state.gradients and not repeated else ""
    gradient += "" if not gradient or node in state.complete else " …"
    partial = ""
    if line.user is not None and line.user in state.gradients:
        partial = PLAIN.number(line.user.partials[line.position]).text
    changes = step.phase in ("forward", "update")
    if receiving and session.hidden and not repeated:
        value, gradient = ("?", gradient) if changes else (value, "?")
    result = STYLES["contribution"] if receiving and not repeated else ""
    source = STYLES["upstream"] if sign == NODE and step.phase == "backward" else ""
    name = Text.assemble((guide, "bright_black"), *said(node, session, line.again))
    name.stylize("bold" if sign else "dim" if repeated else "")
    return [
        Text(sign, style="bold"),
        name,
        Text(value, style=result if changes else ""),
        Text(partial, style=STYLES["partial"] if sign == EDGE else "dim"),
        Text(gradient, style=source or (result if not changes else "")),
    ]


def said(node: Value, session: Session, again: bool) -> list[str]:
    """The name of a node and how it is computed; of one that stands further up already, the name alone."""
    names = session.steps.names
    if again:
        return [names[node], " ↑"]
    if node.is_leaf:
        return [names[node]]
    return [names[node], " = ", in_names(node, names, session.steps.graph.numbers, PLAIN).text]
