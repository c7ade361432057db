"""What happens in a picture whose boxes are neurons or layers: group after group of steps, in one go each."""

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from autograd import ops
from autograd.drawing.picture import Picture
from autograd.plain import PLAIN

if TYPE_CHECKING:
    from autograd.stepping.groups import Group
    from autograd.stepping.sequence import Steps

__all__ = ["exported_groups", "exported_results"]

TOLD: Final = 12  # steps of a group that are told in words
SHOWN: Final = 40  # results of a box


def exported_groups(picture: Picture, groups: list["Group"], steps: "Steps") -> list[dict[str, Any]]:
    """Each group: its name, phase and steps, what the first of these say, and its boxes and edges."""
    edges: dict[tuple[int, int], list[int]] = {}
    for i, edge in enumerate(picture.edges):
        edges.setdefault((edge.source, edge.target), []).append(i)
    found = []
    for group in groups:
        inside = steps[group.steps]
        operands = {
            (operand, step.node)
            for step in inside
            for operand in (step.node.parents if step.operand is None else (step.operand,))
            if operand.op is not ops.constant and group.phase in ("forward", "backward")
        }
        ends = {(picture.place[operand], picture.place[node]) for operand, node in operands}
        found.append(
            {
                "name": group.name,
                "phase": group.phase,
                "steps": [group.steps.start, group.steps.stop],
                "told": [step.sentence for step in inside[:TOLD]],
                "boxes": sorted({picture.place[step.node] for step in inside}),
                "edges": sorted([i for pair in ends for i in edges.get(pair, [])]),
            }
        )
    return found


def exported_results(picture: Picture, groups: list["Group"], steps: "Steps") -> list[list[list[Any]]]:
    """For each box its results: name, number, gradient, and after which group each of the two is known."""
    ends = [group.steps.stop for group in groups]
    computed_at = {step.node: step.number for step in steps if step.phase == "forward"}

    return [
        [
            [
                steps.names[value],
                PLAIN.number(steps.graph.numbers[value]).text,
                PLAIN.number(steps.gradients[value]).text if value in steps.gradients else "",
                after(computed_at.get(value, -1), ends),
                after(steps.completed_at.get(value, len(steps)), ends),
            ]
            for value in box.results[:SHOWN]
        ]
        for box in picture.boxes
    ]


def after(step: int, ends: list[int]) -> int:
    """The group that step is in: of −1, which is before all steps, −1."""
    return -1 if step < 0 else bisect_right(ends, step)
