"""The picture on the page as data: boxes, edges and frames; of large models a box for a neuron or layer."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from autograd.drawing.clusters import written
from autograd.drawing.labels import number, operation
from autograd.drawing.picture import Box, Picture, Roles, compose
from autograd.drawing.unfolding import rows
from autograd.page.crowds import exported_groups, exported_results
from autograd.page.layout import layout
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.stepping.sequence import Steps

__all__ = ["called_by_number", "exported_board"]

LARGEST: Final = 1000  # boxes that are drawn
MOST: Final = 5000  # edges between neurons: with 40,000 a step takes 130 ms
LONGEST: Final = 24  # letters of an expression in a box; beside the picture stands the whole of it

PRIVATE: Final = 0xF0000  # the first of the letters to which Unicode gives no meaning

Place = Mapping[Value, int]


def exported_board(steps: "Steps", place: Place, *, spare: float = 0.0) -> dict[str, Any]:
    """The picture of `steps`: a box for each node; above 1,000 nodes one for each neuron, or for each layer.

    Then it has groups: what happens in one box, in one go. spare: pixels that are kept free in each box.
    Raises ValueError for more than 1,000 boxes.
    """
    parameters = {} if steps.model is None else {v: name for name, v in steps.model.named_parameters()}
    roles = Roles({steps.root}, set(), set(parameters))
    drawn = rows([steps.root], lambda row: False)
    for collapse in ("", "neurons", "layers") if parameters else ("",):
        picture = compose(drawn, roles, parameters, collapse)
        crowded = collapse == "neurons" and len(picture.edges) > MOST
        if len(picture.boxes) <= LARGEST and not crowded:
            return board(picture, collapse, steps, place, spare)
    raise ValueError(
        f"the page would show {len(picture.boxes):,} boxes, more than {LARGEST:,}: step through a part, from "
        "an inner node, or give model=..., whose neurons and layers are then drawn as one box each"
    )


def board(picture: Picture, collapse: str, steps: "Steps", place: Place, spare: float) -> dict[str, Any]:
    """The same for a picture of a suitable size."""
    model = type(steps.model).__name__
    titles = {module: written(module) or model for box in picture.boxes for module in box.around}
    heads = [head(box, steps.names) for box in picture.boxes]
    laid = layout(picture, ["  ".join(said).rstrip() for said in heads], titles, spare=spare)
    known = stood_for(picture, steps)
    boxes = [
        {
            "at": rounded(at),
            "role": box.role,
            "name": name,
            "expression": holed(head(box, known)[1], picture, place),
        }
        | ({"node": place[box.rows[0].value]} if box.module is None else {})
        for box, at, (name, _) in zip(picture.boxes, laid.boxes, heads)
    ]
    edges = [
        {"from": edge.source, "to": edge.target, "path": line.path, "label": rounded((line.x, line.y))}
        for edge, line in zip(picture.edges, laid.edges)
    ]
    found: dict[str, Any] = {
        "size": rounded((laid.width, laid.height)),
        "boxes": boxes,
        "edges": edges,
        "roomy": all(line.roomy for line in laid.edges),
        "frames": [[titles[module], *rounded(at)] for module, at in sorted(laid.frames.items())],
    }
    if collapse:
        groups = steps.grouped(collapse)
        found["groups"] = exported_groups(picture, groups, steps)
        found["results"] = exported_results(picture, groups, steps)
    return found


def head(box: Box, names: Mapping[Value, str]) -> tuple[str, str]:
    """The name of a box and what it computes, each cut off at 24 letters."""
    if box.module is not None:
        parameters = [row for row in box.rows if not row.parents]
        return shortened(written(box.module)), f"{len(parameters)} parameters"
    row = box.rows[0]
    expression = " ".join(operation(row.op, row.parents, names)) if row.op and row.parents else ""
    return shortened(names[row.value]), shortened(expression)


def shortened(text: str) -> str:
    """`text`, cut off at 24 letters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def stood_for(picture: Picture, steps: "Steps") -> dict[Value, str]:
    """The names of nodes; of leaves that are called by their number, as many letters that stand for it.

    So that an expression with these letters is written, and cut off, as that with the numbers is.
    """
    names = dict(steps.names)
    for i, box in enumerate(picture.boxes):
        if box.module is None and called_by_number(box.rows[0].value, steps):
            names[box.rows[0].value] = chr(PRIVATE + i) * len(names[box.rows[0].value])
    return names


def holed(expression: str, picture: Picture, place: Place) -> str:
    """The expression with a hole, such as ⟦3⟧, for letters that stand for a number: that of leaf 3."""
    run = rf"([{chr(PRIVATE)}-{chr(PRIVATE + LARGEST)}])\1*"
    return re.sub(
        run, lambda found: f"⟦{place[picture.boxes[ord(found[1]) - PRIVATE].rows[0].value]}⟧", expression
    )


def called_by_number(node: Value, steps: "Steps") -> bool:
    """Whether the name of `node` is its number, for want of another."""
    return node.is_leaf and steps.names[node] == number(steps.graph.numbers[node])


def rounded(xs: Iterable[float]) -> list[float]:
    """`xs`, to a tenth of a pixel."""
    return [round(x, 1) for x in xs]
