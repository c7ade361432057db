"""How far the edges of a picture reach, which decides what a layout of it costs."""

from typing import Final

from autograd.drawing.picture import Box, Picture

__all__ = ["is_far", "is_roomy", "least", "reaches"]

# Ranks that edges cross in all, up to which Graphviz keeps room for their labels: 1,000 take it 0.6 s and
# 5,000 take 80 s.
ROOMY: Final = 1000
# Ranks that edges cross beyond the least, up to which Graphviz may take its time: without labels 1,700 take
# it 0.8 s and 5,000 take 9 s.
FAR: Final = 1500


def least(source: Box, target: Box) -> int:
    """The fewest ranks that an edge may cross: what is used in a frame stands before it, not beside it."""
    return 2 if target.around and source.around != target.around else 1


def reaches(picture: Picture) -> list[int]:
    """How many ranks each edge crosses beyond the least, where each box stands just before its first use.

    An edge that crosses no more than the least holds its ends together; the others follow.

    >>> from autograd.drawing.picture import Roles, compose
    >>> from autograd.drawing.unfolding import rows
    >>> from autograd.value import Value
    >>> a = Value(3.0)
    >>> picture = compose(rows([(a * 2.0).tanh() * a], lambda row: False), Roles(set(), set(), set()), {}, "")
    >>> reaches(picture)
    [0, 0, 0, 2]
    """
    edges = [
        (edge.source, edge.target, least(picture.boxes[edge.source], picture.boxes[edge.target]))
        for edge in picture.edges
    ]
    earliest = [0] * len(picture.boxes)
    for source, target, length in edges:
        earliest[target] = max(earliest[target], earliest[source] + length)
    used = {source for source, _, _ in edges}
    latest = [max(earliest) if i in used else rank for i, rank in enumerate(earliest)]
    for source, target, length in reversed(edges):
        latest[source] = min(latest[source], latest[target] - length)
    return [max(0, latest[target] - latest[source] - length) for source, target, length in edges]


def is_roomy(reached: list[int]) -> bool:
    """Whether a layout can keep room for the label of each edge, for the edges' `reaches`."""
    return len(reached) + sum(reached) <= ROOMY


def is_far(reached: list[int]) -> bool:
    """Whether a layout of edges that reach so far has to be hurried."""
    return sum(reached) > FAR
