"""What a drawing of a graph consists of: boxes, the edges between them and the modules around them."""

from collections.abc import Collection, Mapping, Sequence, Set
from typing import NamedTuple

from autograd import ops
from autograd.drawing.clusters import collapsed, homes, lineage
from autograd.drawing.unfolding import Row
from autograd.value import Value

__all__ = ["Box", "Edge", "Picture", "Roles", "compose"]


class Box(NamedTuple):
    """One row, or all those of a `module`, which is collapsed.

    results: what others use of it. around: the modules that hold it, the inmost first.
    """

    rows: list[Row]
    role: str
    results: list[Value]
    module: str | None
    around: list[str]


class Edge(NamedTuple):
    """A use of an operand; or every use by one box of another, where one of them is a collapsed module."""

    source: int
    target: int
    partials: list[float]


class Picture(NamedTuple):
    """Boxes, edges between their positions, and the position at which each value is found."""

    boxes: list[Box]
    edges: list[Edge]
    place: dict[Value, int]


class Roles(NamedTuple):
    """Which values are outputs, inputs and parameters."""

    outputs: Set[Value]
    inputs: Set[Value]
    parameters: Set[Value]

    def of(self, row: Row) -> str:
        """The first role that `row` has."""
        if row.value in self.outputs:
            return "output"
        if row.value in self.inputs:
            return "input"
        if row.value in self.parameters:
            return "parameter"
        return "leaf" if row.op in (None, ops.constant) else "operation"


def compose(rows: Sequence[Row], roles: Roles, model: Mapping[Value, str], collapse: str) -> Picture:
    """The picture of `rows`, with one box for each of a model's "neurons" or "layers" if `collapse` says so.

    `model` holds the dotted name of each of the model's parameters.

    >>> from autograd.drawing.unfolding import rows
    >>> a = Value(3.0)
    >>> picture = compose(rows([a * a], lambda row: False), Roles(set(), set(), set()), {}, "")
    >>> [box.role for box in picture.boxes], [edge.partials for edge in picture.edges]
    (['leaf', 'operation'], [[3.0], [3.0]])
    """
    home = homes(rows, model)
    modules = set(home.values())
    module_of = collapsed(modules, collapse)
    content: dict[str | Value, list[Row]] = {}
    for row in rows:
        value = row.value
        key = module_of.get(home[value], value) if value in home else value
        content[key] = inside = content.pop(key, [])  # last again, so that boxes come in order of results
        inside.append(row)
    place = {row.value: i for i, inside in enumerate(content.values()) for row in inside}
    used = {parent for row in rows for parent in row.parents if place.get(parent) != place[row.value]}
    fed = {operand for row in rows if row.value in home for operand in row.operands}
    boxes = []
    for key, inside in content.items():
        around = holders(home.get(inside[0].value), modules)
        if isinstance(key, Value):
            role = roles.of(inside[0])
            boxes.append(Box(inside, "input" if role == "leaf" and key in fed else role, [key], None, around))
            continue
        computed = [row.value for row in inside if row.parents]
        results = [value for value in computed if value in used or value in roles.outputs]
        role = collapse.removesuffix("s") if roles.outputs.isdisjoint(results) else "output"
        boxes.append(Box(inside, role, results, key, around[around.index(key) + 1 :]))
    return Picture(boxes, edges(rows, boxes, place), place)


def holders(module: str | None, modules: Collection[str]) -> list[str]:
    """`module` and what holds it; the model itself only if it holds parameters that no module of it does."""
    return [] if module is None else [holder for holder in lineage(module) if holder or "" in modules]


def edges(rows: Sequence[Row], boxes: Sequence[Box], place: Mapping[Value, int]) -> list[Edge]:
    """An edge for each use of an operand; those of a collapsed module merged where both ends are the same."""
    uses: dict[tuple[int, int, int], list[float]] = {}
    for row in rows:
        target = place[row.value]
        for parent, partial in zip(row.parents, row.partials):
            source = place.get(parent, target)  # a constant has no place of its own
            if source == target:
                continue
            merged = boxes[source].module is not None or boxes[target].module is not None
            uses.setdefault((source, target, -1 if merged else len(uses)), []).append(partial)
    return [Edge(source, target, partials) for (source, target, _), partials in uses.items()]
