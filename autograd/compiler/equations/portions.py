"""Portions: what is summed over rows, taken apart by the matrices, vectors and numbers it is added to."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from autograd.compiler.equations.regions import Located, Space
from autograd.compiler.plans.grouping import Plan, Sink

__all__ = ["Portion", "portions"]

Array = np.ndarray


class Portion(NamedTuple):
    """The entries of a sink that are added to one region: its factors, one or two, and the offsets there."""

    region: int
    factors: list[Located]
    offset: Array

    @property
    def last(self) -> int:
        """The last of the regions that it is made of."""
        return max([int(factor.which.max()) for factor in self.factors])


def portions(plan: Plan, space: Space, targets: Array) -> list[Portion]:
    """What the sinks of a plan add up, each portion for one region.

    targets: (region, offset) of each total.
    """
    return [portion for sink in plan.sinks for portion in _of_sink(sink, space, targets)]


def _of_sink(sink: Sink, space: Space, targets: Array) -> Iterator[Portion]:
    target = sink.target.matrix(sink.count)
    which, offset = targets[target, 0], targets[target, 1]
    factors = [space.locate(index, sink.count) for index in (sink.a, sink.b) if index is not None]
    order = np.argsort(which, axis=None, kind="stable")
    for entries in np.split(order, np.flatnonzero(np.diff(which.ravel()[order])) + 1):
        rows, columns = (np.unique(places) for places in np.divmod(entries, which.shape[1]))
        inside = np.ix_(rows, columns)
        if len(rows) * len(columns) > len(entries):  # no part of the matrix: the entries one by one
            inside = np.divmod(entries[:, None], which.shape[1])
        chosen = [Located(factor.which[inside], factor.offset[inside]) for factor in factors]
        yield Portion(int(which.flat[entries[0]]), chosen, offset[inside])
