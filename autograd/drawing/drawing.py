"""Pictures of computation graphs: every node with its number and gradient, every edge with its derivative."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from autograd.drawing.picture import Picture, Roles, compose
from autograd.drawing.rendering import render, save
from autograd.drawing.source import Style, source
from autograd.drawing.unfolding import Row, rows
from autograd.naming import Model, known_names
from autograd.operation import Op
from autograd.value import Value

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Drawing", "draw"]

NARROW: Final = 600  # points of width that the pages of notebooks have
LEGIBLE: Final = 1400  # beyond, letters would have 6 pixels

Values = Value | Iterable[Value]
Openable = Op | Value  # what `expand` names: an operation, wherever it occurs, or a node


class Drawing(NamedTuple):
    """A picture of a graph, as Graphviz `source`, which a notebook shows and `save` writes to a file.

    >>> a = Value(3.0, label="a")
    >>> drawing = draw(a * a)
    >>> drawing
    Drawing(nodes=2, edges=2)
    >>> "a × a" in drawing.source
    True
    """

    source: str
    nodes: int
    edges: int

    def svg(self) -> str:
        """The picture as SVG. Raises ImportError if there is no Graphviz."""
        return render(self.source, "svg").decode()

    def save(self, path: str | os.PathLike[str]) -> "Path":
        """The file at `path`, in the format of its ending: .svg, .png, .pdf, or .dot or .gv for the source.

        Raises ValueError for another ending, ImportError if there is no Graphviz. A file that stood there
        is replaced once the new one is complete.
        """
        return save(self.source, path)

    def _repr_svg_(self) -> str:
        return shrinking(self.svg())

    def __repr__(self) -> str:
        return f"Drawing(nodes={self.nodes}, edges={self.edges})"


def draw(
    root: Values,
    *,
    names: Mapping[str, Any] | None = None,
    model: Model | None = None,
    parameters: Values = (),
    inputs: Values = (),
    direction: str = "LR",
    expand: bool | Openable | Iterable[Openable] = False,
    collapse: str | None = None,
    highlight: Values = (),
    gradients: bool = True,
    limit: int = 250,
) -> Drawing:
    """The picture of everything that `root`, a Value or several, depends on.

    Constants stand in the operation that uses them. `names`, such as locals(), names the values that have
    no label. The neurons and layers of `model`, anything with `named_parameters()`, are framed; or one box
    each with collapse="neurons" or "layers". `parameters` and `inputs` get their colours. direction is "LR"
    or "TB". `expand` opens operations such as `dot`, nodes, or all (True) into what they stand for.
    `highlight` is a node, or a path of them. Raises ValueError where there are more nodes than `limit`.

    >>> x, y = Value(2.0), Value(3.0)
    >>> draw(x * y + 1.0, names={"x": x, "y": y}, inputs=[x, y])
    Drawing(nodes=4, edges=3)
    """
    check_choices(direction, collapse, model)
    roots = values("root", root)
    known = {} if model is None else {value: name for name, value in model.named_parameters()}
    roles = Roles(set(roots), set(values("inputs", inputs)), {*known, *values("parameters", parameters)})
    drawn = rows(roots, opener(expand))
    picture = compose(drawn, roles, known, collapse or "")
    check_size(picture, limit, drawn, roles, known)
    path = places(picture, values("highlight", highlight))
    style = Style(
        known_names([row.value for row in drawn], names, model),
        type(model).__name__,
        direction,
        gradients,
        path,
    )
    return Drawing(source(picture, style), len(picture.boxes), len(picture.edges))


def shrinking(svg: str) -> str:
    """`svg` so that a page narrower than the picture shows it smaller, not cut off.

    Notebooks show it as an image, whose size is that of its attributes; without these it is as wide as the
    page. So a narrow picture keeps its size, and so does one that would be too small to read: it scrolls.
    """
    found = re.search(r'<svg width="(\d+)pt" height="\d+pt"', svg)
    if found is None or not NARROW < int(found[1]) <= LEGIBLE:
        return svg
    return svg.replace(found[0], f'<svg style="max-width: {found[1]}pt"', 1)


def check_choices(direction: str, collapse: str | None, model: Model | None) -> None:
    """Raise ValueError, or TypeError for the model, for an argument of `draw` that is none of its choices."""
    if direction not in ("LR", "TB"):
        raise ValueError(f'direction must be "LR", left to right, or "TB", from the top; got {direction!r}')
    if collapse not in (None, "neurons", "layers"):
        raise ValueError(f'collapse must be "neurons" or "layers", or None; got {collapse!r}')
    if collapse and model is None:
        raise ValueError(f"collapse={collapse!r} needs model=, whose parameters tell where each node belongs")
    if model is not None and not hasattr(model, "named_parameters"):
        raise TypeError(f"model must have named_parameters(), as a Module does; got {model!r}")


def values(argument: str, given: Values) -> list[Value]:
    """The Values that an argument of `draw` gives, one or several. Raises TypeError for anything else."""
    listed = list(given) if isinstance(given, Iterable) else [given]
    for value in listed:
        if not isinstance(value, Value):
            raise TypeError(f"{argument} must be a Value or several, got {value!r} ({type(value).__name__})")
    return listed


def opener(expand: bool | Openable | Iterable[Openable]) -> Callable[[Row], bool]:
    """Tells for a row whether it is to be replaced by what it stands for."""
    if isinstance(expand, bool):
        return lambda row: expand
    chosen = set(expand) if isinstance(expand, Iterable) else {expand}
    for item in chosen:
        if not isinstance(item, Op | Value):
            raise TypeError(f"expand must be True, or operations such as dot, or nodes; got {item!r}")
    return lambda row: row.op in chosen or row.value in chosen


def check_size(
    picture: Picture, limit: int, drawn: list[Row], roles: Roles, known: Mapping[Value, str]
) -> None:
    """Raise ValueError for an empty picture, and for one larger than `limit`, with the ways to a smaller."""
    count = len(picture.boxes)
    if count == 0:
        raise ValueError("root has no Values: there is nothing to draw")
    if count <= limit:
        return
    kinds = ["neurons", "layers"] if known else []
    sizes = {kind: len(compose(drawn, roles, known, kind).boxes) for kind in kinds}
    ways = [f'collapse="{kind}" draws {size}' for kind, size in sizes.items() if size < count]
    ways += [] if known else ['give model=... with collapse="neurons" or "layers"']
    ways += ["draw a part, from an inner node", f"or allow limit={count}"]
    raise ValueError(f"the picture would have {count} nodes, more than limit={limit}: {', '.join(ways)}")


def places(picture: Picture, path: list[Value]) -> list[int]:
    """The positions of the boxes in which the values of `path` are. Raises ValueError for one in none."""
    for value in path:
        if value not in picture.place:
            raise ValueError(f"highlight has {value!r}, which is not a node of the picture")
    return [picture.place[value] for value in path]
