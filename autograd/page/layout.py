"""Where the nodes and edges of the page's picture are: positions in pixels, from Graphviz."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from autograd.drawing.picture import Box, Picture
from autograd.drawing.reach import is_far, is_roomy, least, reaches
from autograd.drawing.rendering import render

__all__ = ["Layout", "Line", "Rectangle", "layout"]

LETTER: Final = 7.9  # pixels of a letter of the boxes' monospaced font
PADDING: Final = 24.0
NARROWEST: Final = 142.0  # room for "grad -1.234e-05"
HEIGHT: Final = 68.0
LEAF: Final = 48.0  # the height of a leaf, whose name and number share a line
DIGITS: Final = 12  # letters that a leaf's number and the space before it may take
GAP: Final = 10.0
NUMBER: Final = "-1.234e-05"  # the widest that stands at an edge
COLUMN: Final = 12  # boxes of a stack that stand in one column, where their edges have numbers
FEWEST: Final = 3  # leaves of one operation alone that are stacked beside it, which saves Graphviz the work


class Rectangle(NamedTuple):
    """A box or a frame: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float


class Line(NamedTuple):
    """An edge as the path of an SVG, whose last point is the arrow's tip, and where its number stands."""

    path: str
    x: float
    y: float
    roomy: bool  # whether room is kept for the number


class Layout(NamedTuple):
    """The size of the picture; a rectangle for each box and each module, a line for each edge."""

    width: float
    height: float
    boxes: list[Rectangle]
    edges: list[Line]
    frames: dict[str, Rectangle]


class Stack(NamedTuple):
    """Leaves that are used by the same boxes, in columns: to Graphviz one box."""

    boxes: list[int]
    targets: tuple[int, ...]
    rows: int
    widths: list[float]  # of each column
    height: float  # of a box


def layout(picture: Picture, heads: Sequence[str], titles: dict[str, str], *, spare: float = 0.0) -> Layout:
    """The layout of `picture`, from left to right, whose boxes have `heads` as their first lines.

    titles: what is written above the frame of each module. spare: height that is kept free in each box.
    Raises ImportError if there is no Graphviz.
    """
    sizes = [size(head, is_leaf(box), spare) for box, head in zip(picture.boxes, heads)]
    reached = reaches(picture)
    roomy, far = is_roomy(reached), is_far(reached)
    stacks = stacked(picture, sizes, roomy)
    # Edges that reach far follow their ends: to lead them past each other takes Graphviz minutes.
    held = [reach == 0 or not far for reach in reached]
    drawn = json.loads(render(source(picture, sizes, stacks, titles, roomy, held), "json"))
    _, _, width, height = numbers(drawn["bb"])
    found = {item["name"]: rectangle(item, height) for item in drawn["objects"]}
    lines = (
        {item["id"]: line(item, height) for item in drawn.get("edges", []) if "id" in item} if roomy else {}
    )
    boxes = {i: found[f"n{i}"] for i in range(len(sizes)) if f"n{i}" in found}
    for k, stack in enumerate(stacks):
        boxes.update(unstacked(stack, found[f"s{k}"]))
    joined = {box: stack for stack in stacks for box in stack.boxes if len(stack.targets) == 1}
    edges = []
    for i, edge in enumerate(picture.edges):
        if edge.source in joined:
            edges.append(joining(joined[edge.source], edge.source, boxes, roomy))
        else:
            edges.append(lines[f"e{i}"] if roomy else sweeping(boxes[edge.source], boxes[edge.target]))
    frames = {
        name.removeprefix("cluster_"): frame for name, frame in found.items() if name.startswith("cluster_")
    }
    return Layout(width, height, [boxes[i] for i in range(len(sizes))], edges, frames)


def is_leaf(box: Box) -> bool:
    """Whether a box is a node without operands."""
    return box.module is None and not box.rows[0].parents


def size(head: str, leaf: bool, spare: float) -> tuple[float, float]:
    """The width and height of a box."""
    width = max(NARROWEST, PADDING + LETTER * (len(head) + (DIGITS if leaf else 0)))
    return width, (LEAF if leaf else HEIGHT) + spare


def stacked(picture: Picture, sizes: Sequence[tuple[float, float]], roomy: bool) -> list[Stack]:
    """The leaves of which at least three are used by the same boxes; by one box, where there is room.

    A second column would stand in the way of the first one's edges, so where these have numbers, twelve
    leaves have none.
    """
    most, column = (1, COLUMN) if roomy else (len(sizes), 0)
    uses: dict[int, list[int]] = {}
    for edge in picture.edges:
        uses.setdefault(edge.source, []).append(edge.target)
    alike: dict[tuple[tuple[int, ...], tuple[str, ...]], list[int]] = {}
    for i, box in enumerate(picture.boxes):
        if is_leaf(box) and 1 <= len(uses.get(i, [])) <= most:
            alike.setdefault((tuple(uses[i]), tuple(box.around)), []).append(i)
    stacks = []
    for (targets, _), boxes in alike.items():
        if len(boxes) >= FEWEST:
            square = max(6, math.ceil(math.sqrt(2.5 * len(boxes))))  # columns about as wide as high
            rows = len(boxes) if len(boxes) <= column else square
            columns = [boxes[start : start + rows] for start in range(0, len(boxes), rows)]
            widths = [max([sizes[i][0] for i in column]) for column in columns]
            stacks.append(Stack(boxes, targets, min(rows, len(boxes)), widths, sizes[boxes[0]][1]))
    return stacks


def unstacked(stack: Stack, place: Rectangle) -> dict[int, Rectangle]:
    """The rectangle of each box of `stack`, which is at `place`."""
    found = {}
    x = place.x
    for column, width in enumerate(stack.widths):
        for row, box in enumerate(stack.boxes[column * stack.rows : (column + 1) * stack.rows]):
            found[box] = Rectangle(x, place.y + row * (stack.height + GAP), width, stack.height)
        x += width + GAP
    return found


def joining(stack: Stack, box: int, boxes: dict[int, Rectangle], roomy: bool) -> Line:
    """The edge from a box of a stack to the box that uses it: they arrive spread over its left side."""
    source, target = boxes[box], boxes[stack.targets[0]]
    spread = min(7.0, (target.height - 16.0) / len(stack.boxes))
    x, y = source.x + source.width, source.y + source.height / 2
    tip_x = target.x
    tip_y = target.y + target.height / 2 + spread * (stack.boxes.index(box) - (len(stack.boxes) - 1) / 2)
    bend = (x + tip_x) / 2
    path = f"M{x:.1f},{y:.1f}C{bend:.1f},{y:.1f} {bend:.1f},{tip_y:.1f} {tip_x - 11:.1f},{tip_y:.1f}"
    return Line(f"{path}L{tip_x:.1f},{tip_y:.1f}", x + 8.0 + 3.6 * len(NUMBER), y - 8.0, roomy)


def sweeping(source: Rectangle, target: Rectangle) -> Line:
    """An edge that goes straight over whatever is between: of very many, Graphviz makes thick trunks."""
    x, y = source.x + source.width, source.y + source.height / 2
    tip_x, tip_y = target.x, target.y + target.height / 2
    bend = max(40.0, (tip_x - x) / 2)
    path = (
        f"M{x:.1f},{y:.1f}C{x + bend:.1f},{y:.1f} {tip_x - bend:.1f},{tip_y:.1f} {tip_x - 11:.1f},{tip_y:.1f}"
    )
    return Line(f"{path}L{tip_x:.1f},{tip_y:.1f}", (x + tip_x) / 2, (y + tip_y) / 2, False)


def source(
    picture: Picture,
    sizes: Sequence[tuple[float, float]],
    stacks: Sequence[Stack],
    titles: dict[str, str],
    roomy: bool,
    held: Sequence[bool],
) -> str:
    """The Graphviz source of empty boxes that are as large as what will be written in them.

    held: for each edge, whether its ends are to be placed by it.
    """
    label = f' label="{NUMBER}"' if roomy else ""
    crowded = len(picture.edges) > 3 * len(picture.boxes)
    lines = [
        f"rankdir=LR newrank=true nodesep={GAP / 72:.3f} ranksep={1.2 if crowded else 0.3}",
        'node [shape=box fixedsize=true label=""]',
        "edge [fontname=Courier fontsize=12]" if roomy else "splines=false",
    ]
    hidden = {box for stack in stacks for box in stack.boxes}
    around = [box.around for box in picture.boxes]
    placed = [(f"n{i}", around[i], *sizes[i]) for i in range(len(sizes)) if i not in hidden]
    for k, stack in enumerate(stacks):
        width = sum(stack.widths) + GAP * (len(stack.widths) - 1)
        placed.append((f"s{k}", around[stack.boxes[0]], width, stack.rows * (stack.height + GAP) - GAP))
    lines += from_stacks(picture, stacks, label, held)
    for name, modules, width, height in placed:
        # A box stands in all the frames around it, each inside the next.
        opening = [f'subgraph "cluster_{module}" {{ label="{titles[module]}"' for module in reversed(modules)]
        box = f"{name} [width={width / 72:.3f} height={height / 72:.3f}]"
        lines.append(" ".join([*opening, box, *("}" for _ in opening)]))
    lines += from_boxes(picture, stacks, label, held)
    return "digraph {\n" + "\n".join(lines) + "\n}\n"


def from_stacks(picture: Picture, stacks: Sequence[Stack], label: str, held: Sequence[bool]) -> Iterator[str]:
    """The edges of stacks, one for each box that uses them."""
    holding = {(edge.source, edge.target) for edge, holds in zip(picture.edges, held) if holds}
    for k, stack in enumerate(stacks):
        for target in stack.targets:
            if (stack.boxes[0], target) in holding:
                yield f"s{k} -> n{target} [{label.lstrip()}]"


def from_boxes(picture: Picture, stacks: Sequence[Stack], label: str, held: Sequence[bool]) -> Iterator[str]:
    """The edges of all other boxes."""
    hidden = {box for stack in stacks for box in stack.boxes}
    fed = {target for stack in stacks for target in stack.targets}
    for i, edge in enumerate(picture.edges):
        if held[i] and edge.source not in hidden:
            length = least(picture.boxes[edge.source], picture.boxes[edge.target])
            outside = f" minlen={length}" if length > 1 else ""
            side = ":w" if edge.target in fed else ""  # where its stack arrives too
            yield f"n{edge.source} -> n{edge.target}{side} [id=e{i}{label}{outside}]"


def numbers(text: str) -> list[float]:
    """The numbers in `text`, with commas between them."""
    return [float(part) for part in text.split(",")]


def rectangle(item: dict[str, Any], height: float) -> Rectangle:
    """Where Graphviz has put a box or a frame; its y points upwards."""
    if "pos" in item:
        x, y = numbers(item["pos"])
        w, h = 72.0 * float(item["width"]), 72.0 * float(item["height"])
        return Rectangle(x - w / 2, height - y - h / 2, w, h)
    left, low, right, high = numbers(item["bb"])
    return Rectangle(left, height - high, right - left, high - low)


def line(item: dict[str, Any], height: float) -> Line:
    """The line that Graphviz gives as "e,tip start control control point …"."""
    parts = [numbers(point.removeprefix("e,")) for point in item["pos"].split()]
    tip, *points = [(x, height - y) for x, y in parts]
    start, *rest = [f"{x:.1f},{y:.1f}" for x, y in points]
    path = f"M{start}C{' '.join(rest)}L{tip[0]:.1f},{tip[1]:.1f}"
    x, y = numbers(item["lp"])
    return Line(path, x, height - y, True)
