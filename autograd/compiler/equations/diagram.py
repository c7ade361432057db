"""Diagram: a compiled function as a picture of the equations that were found, and of what each is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from autograd.compiler.equations.naming import Names
from autograd.compiler.equations.script import Equation
from autograd.compiler.equations.show import Lister
from autograd.compiler.plans.splitting import Stages
from autograd.drawing.drawing import Drawing
from autograd.drawing.labels import escape
from autograd.drawing.source import COLOURS as PICTURE
from autograd.drawing.source import EDGE, GRAPH, NODE, font

__all__ = ["diagram"]

MOST: Final = 40  # equations: of a longer program the first
MOST_LINES: Final = 6  # in a box
WIDTH: Final = 40
COLOURS: Final = {
    "input": PICTURE["input"],
    "parameter": PICTURE["parameter"],
    "forward": PICTURE["operation"],
    "result": PICTURE["output"],
    "gradient": ("#fbe4e6", "#b5475a"),
}


@dataclass
class Box:
    """A node of the picture: its lines, and the regions that they are made of."""

    role: str
    lines: list[str]
    uses: frozenset[int] = frozenset()


def diagram(names: Names, dimensions: Sequence[tuple[int, ...]], stages: Stages) -> Drawing:
    """The picture of a function's stages: a box for each argument, each layer's parameters, each equation.

    The gradients of a layer's parameters share a box, as these do. Of a long program the first equations.
    """
    lister = Lister(names, dimensions, stages)
    lister.regions.sized = False
    lister.listing()
    shown = lister.equations[:MOST]
    home = {region: Box("input", [_sized(lister, region)]) for region in lister.arguments}
    for layer in _layers(lister, shown):
        home.update(dict.fromkeys(layer, Box("parameter", [_sized(lister, region) for region in layer])))
    boxes = list({id(box): box for box in home.values()}.values())
    roles = _roles(shown, int(lister.targets[0, 0]))
    gradients: dict[int, Box] = {}  # by the box that they are for
    for equation, role in zip(shown, roles):
        box = Box(role, [])
        owners = {id(home.get(region)) for region in equation.of}
        if len(owners) == 1:
            box = gradients.setdefault(owners.pop(), box)
        if equation.region >= 0:
            home[equation.region] = box
        if not box.lines:
            boxes.append(box)
        left = equation.left.text if equation.region < 0 else _sized(lister, equation.region)
        box.lines.append(f"{left} {'+=' if equation.adds else '='} {equation.right.text}")
        box.uses |= equation.uses
    for weight, computed in zip(lister.weights[:, 0].tolist(), lister.computed[:, 0].tolist()):
        home[weight] = gradients.get(id(home.get(computed)), Box("gradient", []))
    return _drawing(boxes, home, len(lister.equations) - len(shown) + lister.left_out)


def _sized(lister: Lister, region: int) -> str:
    """The name of a region, with its shape if it is no single number."""
    shape = lister.regions.shapes[region]
    return lister.regions.names[region].text + (f"[{'×'.join(map(str, shape))}]" if shape else "")


def _layers(lister: Lister, equations: Sequence[Equation]) -> list[list[int]]:
    """The blocks of parameters, those together that an equation uses with the fewest others."""
    layers: dict[int, list[int]] = {}
    every = dict.fromkeys(lister.parameters[:, 0].tolist())
    counts = [len(every.keys() & equation.uses) for equation in equations]
    for region in every:
        users = [i for i, equation in enumerate(equations) if region in equation.uses]
        users.sort(key=lambda i: (counts[i] == 1, counts[i]))
        layers.setdefault(users[0] if users else -1, []).append(region)
    return list(layers.values())


def _roles(equations: Sequence[Equation], loss: int) -> list[str]:
    """What each equation is: the result, forward if the result is made of it, else part of the gradient."""
    needed: set[int] = set()
    roles = []
    for equation in reversed(equations):
        result = equation.region == loss or (equation.region < 0 and not equation.of)
        roles.append("result" if result else "forward" if equation.region in needed else "gradient")
        if roles[-1] != "gradient":
            needed |= equation.uses
    # Of a long program the result may not be among them: then all are on the way to it.
    return roles[::-1] if "result" in roles else ["forward"] * len(roles)


def _drawing(boxes: Sequence[Box], home: Mapping[int, Box], more: int) -> Drawing:
    """The picture of boxes and of the edges between them, with how many more there are."""
    import graphviz

    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "ranksep": "0.45", "label": _legend(boxes, more)} | GRAPH | font(10),
        node_attr=NODE | font(10),
        edge_attr=EDGE | font(9),
    )
    place = {id(box): i for i, box in enumerate(boxes)}
    edges = 0
    for i, box in enumerate(boxes):
        fill, border = COLOURS[box.role]
        graph.node(f"n{i}", _label(box), fillcolor=fill, color=border)
        sources = {place[id(home[region])] for region in box.uses if id(home.get(region)) in place} - {i}
        for source in sorted(sources):
            graph.edge(f"n{source}", f"n{i}", color=border if box.role == "gradient" else EDGE["color"])
        edges += len(sources)
    return Drawing(graph.source, len(boxes), edges)


def _label(box: Box) -> str:
    """The lines of a box, long ones broken and of many the first."""
    shown = (
        box.lines
        if len(box.lines) <= MOST_LINES
        else [*box.lines[: MOST_LINES - 1], f"… {len(box.lines)} in all"]
    )
    broken = [
        part
        for line in shown
        for part in wrap(line, WIDTH, subsequent_indent="  ", max_lines=3, placeholder=" …")
    ]
    return "".join([escape(line) + r"\l" for line in broken])


def _legend(boxes: Sequence[Box], more: int) -> str:
    """A line, as a table of Graphviz's HTML, with the colours that occur and how much is not shown."""
    present = {box.role for box in boxes}
    cells = [
        f'<td border="1" bgcolor="{fill}" color="{border}">{role}</td>'
        for role, (fill, border) in COLOURS.items()
        if role in present
    ]
    if more:
        cells.append(f"<td>… and {more} more equations</td>")
    return f'<<table border="0" cellspacing="6" cellpadding="3"><tr>{"".join(cells)}</tr></table>>'
