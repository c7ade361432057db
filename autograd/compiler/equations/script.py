"""Script: the groups of one plan as equations, one for each that deserves a line of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from autograd import ops
from autograd.compiler.equations.portions import Portion, portions
from autograd.compiler.equations.regions import Key, Located, Reference, Space
from autograd.compiler.equations.writing import Written, applied, called, name, number, outer, product, total
from autograd.compiler.plans.grouping import Group, Plan
from autograd.operation import Op

__all__ = ["MOST_GROUPS", "Equation", "Part", "Script"]

LONGEST: Final = 60  # characters of an expression that is written inside another one
MOST_GROUPS: Final = 2_000  # beyond them nothing is written inside another: 0.2 ms each, for a few lines
Array = np.ndarray
ACTIVATIONS: Final = frozenset(
    {ops.sigmoid, ops.tanh, ops.relu, ops.leaky_relu, ops.elu, ops.softplus, ops.gelu, ops.silu}
)


class Equation(NamedTuple):
    """left = right, or where it `adds` left += right. shape: that of the left side, () for a number.

    region: the one that it names, if it names one; of: those whose gradient it is; uses: those on its right.
    """

    left: Written
    right: Written
    shape: tuple[int, ...]
    adds: bool = False
    region: int = -1
    of: frozenset[int] = frozenset()
    uses: frozenset[int] = frozenset()


class Part(NamedTuple):
    """How a group was computed: the operation, and its operands as they are written and by their keys."""

    op: Op
    operands: list[Written]
    keys: list[Key]


@dataclass
class Script:
    """The equations of `plan`, whose groups are the regions from `first` on in `space`.

    given: names for some of the groups, by region. parts: how each region was computed, for all plans.
    counter: how many names have been made up so far. results: regions that are used besides, once for each.
    """

    plan: Plan
    space: Space
    first: int
    given: Mapping[int, str]
    parts: dict[int, Part]
    counter: Counter[str]
    results: Sequence[int] = ()

    def __post_init__(self) -> None:
        self.uses: Counter[int] = Counter()
        self.partial: set[int] = set()  # regions of which somewhere only a part is used
        self.named: dict[int, str] = {}  # the regions that have got a line of their own
        if len(self.plan.groups) > MOST_GROUPS:
            return
        for group in self.plan.groups:
            for located in [*_operands(group, self.space), *_pairs(group, self.space)]:
                self._use(located)
        for sink in self.plan.sinks:
            for index in (sink.a, sink.b):
                if index is not None:
                    self._use(self.space.locate(index, sink.count))
        self.uses.update(self.results)

    def _use(self, located: Located) -> None:
        regions = np.unique(located.which).tolist()
        self.uses.update(regions)
        if self.space.key(located) is None:
            self.partial.update(regions)

    def equation(self, position: int) -> Equation | None:
        """The group at `position`, or None if it is written where it is used."""
        group = self.plan.groups[position]
        region = self.first + position
        scalar = group.count == 1
        right = self._right(group, region)._replace(scalar=scalar)
        regions = self.space.regions
        uses = regions.used([*_operands(group, self.space), *_pairs(group, self.space)])
        inline = region not in self.given and self.uses[region] == 1 and region not in self.partial
        if inline and len(right.text) <= LONGEST:
            regions.names[region] = right
            regions.shown.add(region)
            regions.inside[region] = uses
            return None
        self.named[region] = self.given.get(region) or self._temporary()
        regions.names[region] = name(self.named[region], scalar)
        return Equation(regions.mention(region), right, regions.shapes[region], region=region, uses=uses)

    def _temporary(self) -> str:
        self.counter["t"] += 1
        return f"t{self.counter['t']}"

    def _right(self, group: Group, region: int) -> Written:
        located = _operands(group, self.space)
        references = [self.space.refer(operand) for operand in located]
        if group.op is ops.dot or group.op is ops.sum:
            widths = [one.which.shape[1] for one in located]
            pairs = [self._pair(*both) for both in zip(*[iter(_pairs(group, self.space))] * 2)]
            return total([*pairs, *map(_summed, references, widths)], group.count == 1)
        part = Part(group.op, [r.written for r in references], [r.key for r in references])
        self.parts[region] = part
        if group.op is ops.mul:
            part = self._weights_first(part, references)
        return self._known(part) or applied(group.op, part.operands, group.count == 1)

    def _weights_first(self, part: Part, references: Sequence[Reference]) -> Part:
        """A product with what is no group, a parameter say, in front of a single number."""
        x, y = references
        outside = all(region < self.first for region in y.regions)
        if x.written.scalar and not y.written.scalar and outside:
            return Part(part.op, part.operands[::-1], part.keys[::-1])
        return part

    def _known(self, part: Part) -> Written | None:
        """A derivative or a softmax by its name, where `part` is exactly that.

        σ′(z) = a·(1 − a) for a = σ(z); tanh′(z) = 1 − a² for a = tanh(z); relu′(z) = [z > 0];
        softmax(z)ᵢ = exp(zᵢ − logsumexp(z)).
        """
        if part.op is ops.mul:
            return self._of_complement(*part.keys)
        if part.op is ops.sub and part.keys[0] == ("number", 1.0):
            square = self._part(part.keys[1], ops.mul)
            activation = self._part(square.keys[0], ops.tanh) if square else None
            if square and activation and square.keys[0] == square.keys[1]:
                return called("tanh′", r"\tanh'", activation.operands[0])
        if part.op is ops.step and any(
            other.op is ops.relu and other.keys == part.keys != [None] for other in self.parts.values()
        ):
            return called("relu′", r"\operatorname{relu}'", part.operands[0])
        if part.op is ops.exp:
            difference = self._part(part.keys[0], ops.sub)
            normaliser = self._part(difference.keys[1], ops.logsumexp) if difference else None
            if difference and normaliser and normaliser.keys == difference.keys[:1] != [None]:
                return called("softmax", r"\operatorname{softmax}", normaliser.operands[0])
        return None

    def _of_complement(self, x: Key, y: Key) -> Written | None:
        activation = self._part(x, ops.sigmoid)
        complement = self._part(y, ops.sub)
        if activation and complement and complement.keys == [("number", 1.0), x]:
            return called("σ′", r"\sigma'", activation.operands[0])
        return None

    def _part(self, key: Key, op: Op) -> Part | None:
        """How the region that is `key` was computed, if by `op`."""
        if key is None or key[0] != "region":
            return None
        part = self.parts.get(int(key[1]))
        return part if part and part.op is op else None

    def _pair(self, a: Located, b: Located) -> Written:
        """Σₖ aₖ·bₖ, as a product of a matrix and a vector where it is one."""
        # The sum does not depend on the order of k: that in which the vector is written is the best.
        vector = a if "i" in b.axes else b
        order = np.lexsort((vector.offset[0], vector.which[0]))
        x, y = self.space.refer(a.columns(order)), self.space.refer(b.columns(order))
        if x.axes.endswith("k") and y.axes.endswith("k"):
            if x.axes == y.axes == "ik":
                inner = product(x.written, y.written)
                return called("Σₖ", r"\sum_k", inner)
            return product(
                *((y.written, x.written) if x.axes == "k" != y.axes else (x.written, y.written)), True
            )
        if "k" in x.axes + y.axes:  # a number times a sum
            return product(_summed(x, 1), _summed(y, 1))
        return _times(len(order), product(x.written, y.written))

    def sums(self, targets: Array) -> dict[int, list[list[Portion]]]:
        """What is summed over rows, that for the same entries together, by the last group needed (−1: none).

        targets: (region, offset) of each total.
        """
        together: dict[tuple[int, bytes], list[Portion]] = {}
        for portion in portions(self.plan, self.space, targets):
            together.setdefault((portion.region, np.unique(portion.offset).tobytes()), []).append(portion)
        by_group: dict[int, list[list[Portion]]] = {}
        for found in together.values():
            ready = max(-1, *[portion.last - self.first for portion in found])
            by_group.setdefault(ready, []).append(found)
        for groups in by_group.values():
            groups.sort(key=lambda found: found[0].region != targets[0, 0])  # L before its gradient
        return by_group

    def sum_left(self, portion: Portion) -> Reference:
        """What a portion is added to, each entry once and in order."""
        offset = np.unique(portion.offset)[None, :]
        return self.space.refer(Located(np.full_like(offset, portion.region), offset))

    def sum_right(self, portion: Portion) -> Written:
        """What a portion adds for each row; for a matrix the product of a column and a row."""
        factors = [self.space.refer(located) for located in portion.factors]
        found = portion.offset
        if len(np.unique(found)) < found.size:
            inner = (
                factors[0].written if len(factors) == 1 else product(factors[0].written, factors[1].written)
            )
            return called("Σᵢ", r"\sum_i", inner)
        if len(factors) == 1:
            return factors[0].written
        x, y = factors if factors[0].written.scalar else factors[::-1]
        shape = self.space.regions.shapes[portion.region]
        if len(shape) < 2 or x.axes == y.axes:
            return product(x.written, y.written)
        row = found // shape[1]
        row_axis = "i" if (row != row[:1]).any() else "k" if (row != row[:, :1]).any() else ""
        column, across = (x, y) if x.axes == row_axis else (y, x)
        columns = len(np.unique(found % shape[1]))
        whole = len(np.unique(row)) * columns == row.size and (across.axes != "" or columns == 1)
        if column.axes != row_axis or not whole:
            return product(x.written, y.written)
        return outer(column.written, across.written)


def _operands(group: Group, space: Space) -> list[Located]:
    """The operands of a group besides the pairs; only those of a sum and of a variadic row as vectors."""
    located = [space.locate(index, group.count) for index in group.terms]
    if group.op.variadic:
        return located
    return [one.columns([k]) for one in located for k in range(one.which.shape[1])]  # type: ignore[arg-type]


def _pairs(group: Group, space: Space) -> list[Located]:
    return [space.locate(index, group.count) for pair in group.pairs for index in pair]


def _summed(reference: Reference, width: int) -> Written:
    if "k" not in reference.axes:
        return _times(width, reference.written)
    return called("Σₖ", r"\sum_k", reference.written)


def _times(count: int, written: Written) -> Written:
    return written if count == 1 else product(number(float(count)), written)
