"""A picture as Graphviz source: records with words, colours for roles, frames for modules, a legend."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from autograd.drawing.clusters import written
from autograd.drawing.labels import escape, listed, number, operation
from autograd.drawing.picture import Box, Edge, Picture
from autograd.drawing.reach import is_far, is_roomy, least, reaches
from autograd.value import Value

__all__ = ["Style", "source"]

# What a role is filled with and bordered by; six digits, as some builds of Graphviz draw #eef black.
COLOURS: Final = {
    "input": ("#dbe9f6", "#3b75af"),
    "parameter": ("#fdebd0", "#c77f1a"),
    "leaf": ("#eeeeee", "#777777"),
    "operation": ("#ffffff", "#555555"),
    "neuron": ("#e9e1f2", "#7b5aa6"),
    "layer": ("#e9e1f2", "#7b5aa6"),
    "output": ("#d8efd3", "#3f8f3a"),
}
HIGHLIGHT: Final = "#d6006c"
LEGIBLE: Final = 2000  # edges that have labels: Graphviz looks for room for those of 6,000 for minutes
# For edges that reach far: Graphviz's search for positions ends early, and edges are straight. 250 boxes on
# which it would spend minutes take 1 to 3 s.
HURRIED: Final = {"splines": "line", "nslimit": "2", "nslimit1": "2", "mclimit": "0.1"}
# newrank: without it Graphviz 14 loses edges that leave a frame of the widest pictures.
GRAPH: Final = {"newrank": "true", "labelloc": "b", "labeljust": "l", "nodesep": "0.2"}
NODE: Final = {"shape": "record", "style": "filled", "height": "0.2", "margin": "0.08,0.04"}
EDGE: Final = {"color": "#888888", "fontcolor": "#444444", "arrowsize": "0.6"}
ON_PATH: Final = {"color": HIGHLIGHT, "fontcolor": HIGHLIGHT, "penwidth": "2"}
FRAME: Final = {"style": "rounded", "color": "#aaaaaa", "fontcolor": "#555555", "labelloc": "t"}


class Style(NamedTuple):
    """How a picture is to be written: names of values, the name of the model, and what is highlighted.

    path: the positions of the boxes to be highlighted, and edges between those that follow each other.
    """

    names: Mapping[Value, str]
    model: str
    direction: str
    gradients: bool
    path: Sequence[int]


def source(picture: Picture, style: Style) -> str:
    """The Graphviz source of `picture`."""
    import graphviz

    crowded = len(picture.edges) > 3 * len(picture.boxes)
    ranks = {"rankdir": style.direction, "ranksep": "1.2" if crowded else "0.45"}
    reached = reaches(picture)
    pace = HURRIED if is_far(reached) else {}
    graph = graphviz.Digraph(
        graph_attr=ranks | GRAPH | pace | font(10) | {"label": legend(picture, style)},
        node_attr=NODE | font(10),
        edge_attr=EDGE | font(9),
    )
    marked = set(style.path)
    frames: dict[str, Any] = {}
    outer: dict[str, str] = {}
    for position, box in enumerate(picture.boxes):
        outer.update(pairwise(box.around))
        for module in box.around:
            if module not in frames:
                attributes = FRAME | {"label": title(module, style)}
                frames[module] = graphviz.Digraph(f"cluster_{module}", graph_attr=attributes)
        frame = frames[box.around[0]] if box.around else graph
        frame.node(f"n{position}", record(box, style), **look(box.role, position in marked))
    for module in sorted(frames, key=depth, reverse=True):
        (frames[outer[module]] if module in outer else graph).subgraph(frames[module])
    label = "label" if is_roomy(reached) else "xlabel"
    legible = len(picture.edges) <= LEGIBLE
    path = {frozenset(pair) for pair in pairwise(style.path)}
    for edge in picture.edges:
        ends = frozenset((edge.source, edge.target))
        attributes = {label: said(edge, style)} if legible else {}
        attributes |= ON_PATH if ends in path else {}
        length = least(picture.boxes[edge.source], picture.boxes[edge.target])
        if length > 1:
            attributes["minlen"] = str(length)
        graph.edge(f"n{edge.source}", f"n{edge.target}", **attributes)
    text: str = graph.source
    return text


def font(size: int) -> dict[str, str]:
    """Attributes of text in which numbers stand below each other."""
    return {"fontname": "Courier", "fontsize": str(size)}


def depth(module: str) -> int:
    """How deep in a model a module is, the model itself at 0."""
    return module.count(".") + bool(module)


def title(module: str, style: Style) -> str:
    """What stands at a module: `neurons[3]`, and for the model itself the name of its class."""
    return escape(written(module) or style.model)


def record(box: Box, style: Style) -> str:
    """The label of a box: name and operation side by side, below them its number and its gradient."""
    row = box.rows[0]
    if box.module is not None:
        inside = len([row for row in box.rows if not row.parents])
        head, body = [title(box.module, style)], [f"{inside} parameters"]
    else:
        head = [escape(style.names[row.value])] if row.value in style.names else []
        said = operation(row.op, row.parents, style.names) if row.parents and row.op else []
        head += ["\\n".join([escape(line) for line in said])] if said else []
        body = []
    if box.results:
        body.append("data " + listed([number(value.data) for value in box.results]))
    if box.results and style.gradients:
        body.append("grad " + gradients(box.results))
    cells = "{" + "|".join(head) + "}|" if head else ""
    fields = cells + "".join([line + "\\l" for line in body])
    return fields if style.direction == "LR" else "{" + fields + "}"


def gradients(values: Sequence[Value]) -> str:
    """The gradients of `values`, if any has one."""
    if not any(value.has_grad for value in values):
        return "not computed"
    return listed([number(value.grad) if value.has_grad else "–" for value in values])


def look(role: str, highlighted: bool) -> dict[str, str]:
    """The colours of a box."""
    fill, border = COLOURS[role]
    return {"fillcolor": fill} | ({"color": HIGHLIGHT, "penwidth": "3"} if highlighted else {"color": border})


def said(edge: Edge, style: Style) -> str:
    """What stands at an edge: its local derivative, or how many edges it stands for."""
    if len(edge.partials) > 1:
        return f" {len(edge.partials)} edges"
    return f" ∂ {number(edge.partials[0])}" if style.gradients else ""


def legend(picture: Picture, style: Style) -> str:
    """A line, as a table of Graphviz's HTML, with the colours that occur and what ∂ stands for."""
    present = {box.role for box in picture.boxes}
    cells = [
        f'<td border="1" bgcolor="{fill}" color="{border}">{role}</td>'
        for role, (fill, border) in COLOURS.items()
        if role in present
    ]
    labelled = style.gradients and len(picture.edges) <= LEGIBLE
    if labelled and any(len(edge.partials) == 1 for edge in picture.edges):
        cells.append("<td>∂ local derivative</td>")
    return f'<<table border="0" cellspacing="6" cellpadding="3"><tr>{"".join(cells)}</tr></table>>'
