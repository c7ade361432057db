"""Showing: a compiled function as the equations that its groups are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Final

import numpy as np

from autograd.compiler.equations.blocks import found_blocks
from autograd.compiler.equations.layers import layer_names
from autograd.compiler.equations.naming import Names
from autograd.compiler.equations.portions import Portion
from autograd.compiler.equations.regions import CONSTANT, Located, Regions, Space
from autograd.compiler.equations.script import MOST_GROUPS, Equation, Part, Script
from autograd.compiler.equations.writing import name, number, of_gradient, over_rows, total
from autograd.compiler.plans.grouping import Plan
from autograd.compiler.plans.splitting import Stages

__all__ = ["Lister", "Listing", "listing", "output_places"]

MOST_LINES: Final = 40
ADDS: Final = r"\mathrel{+}="
Array = np.ndarray


@dataclass(frozen=True)
class Listing:
    """Equations in the order in which they are computed.

    held: where blocks of parameters are held. left_out: how many groups of a huge program are not listed.
    """

    equations: list[Equation]
    held: dict[str, str]
    left_out: int = 0

    def text(self, most: int = MOST_LINES) -> str:
        """One line for each equation, at most `most`; a name has its shape where it first occurs."""
        shown = self.equations[:most]
        lines = [f"{one.left.text} {'+=' if one.adds else '='} {one.right.text}" for one in shown]
        more = len(self.equations) - most + self.left_out
        if more > 0:
            lines.append(f"… and {more} more")
        where = [f"{own} is {place}" for own, place in self.held.items()]
        if len(where) > most:
            where[most:] = [f"and {len(where) - most} more"]
        if where:
            lines.append(fill(f"where {', '.join(where)}", 100, subsequent_indent="      "))
        return "\n".join(lines)

    def latex(self, most: int = MOST_LINES) -> str:
        """The same, typeset; the shape of each left side stands behind its equation."""
        lines = [
            rf"{one.left.latex} &{ADDS if one.adds else '='} {one.right.latex}{_space(one.shape)}"
            for one in self.equations[:most]
        ]
        more = len(self.equations) - most + self.left_out
        if more > 0:
            lines.append(rf"&\;\;\vdots \text{{ and {more} more}}")
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def listing(names: Names, dimensions: Sequence[tuple[int, ...]], stages: Stages) -> Listing:
    """The equations of a function's stages.

    names: those of parameters as the stages number them. dimensions: of each argument. Arguments are called
    as the function calls them, and parameters by the variable or the attribute that holds them; those of a
    numbered part of a model are matrices W1, W2, … and vectors b1, b2, … in the order of their use, and
    `held` tells which they are. z1, z2, … are the layers' sums, a1, a2, … their activations, δ1, δ2, … the
    gradient of the loss L for the sums; t1, t2, … is whatever else deserves a line of its own.
    """
    return Lister(names, dimensions, stages).listing()


class Lister:
    """The equations found so far, and the regions that they are about; scripts: of the plans, by stage."""

    def __init__(self, names: Names, dimensions: Sequence[tuple[int, ...]], stages: Stages) -> None:
        self.stages = stages
        self.function = names.function
        self.regions = Regions()
        self.equations: list[Equation] = []
        self.parts: dict[int, Part] = {}
        self.scripts: dict[str, Script] = {}
        self.counter: Counter[str] = Counter()
        self.left_out = 0
        self.arguments = [
            self.regions.add(name(own), shape) for own, shape in zip(names.arguments, dimensions)
        ]
        self.inputs = self._added(self.arguments)
        origin = self._origin(len(names.parameters))
        self.blocks = found_blocks(stages.rows, origin, names.parameters, {*names.arguments, "L"})
        self.parameters = np.empty((len(names.parameters), 2), np.int64)
        for block in self.blocks.found:
            self.parameters[block.parameters] = self._added([self.regions.add(name(block.name), block.shape)])
        # (region, offset) of the outputs of `once`, of their gradients, and of what is summed over rows
        self.computed = self.weights = self.targets = np.empty((0, 2), np.int64)

    def listing(self) -> Listing:
        """All equations, those of what is computed once first."""
        if self.stages.once:
            self._once(self.stages.once)
        self._rows(self.stages.rows)
        if self.stages.after:
            self._after(self.stages.after)
        held = {block.name: block.held for block in self.blocks.found if block.held}
        return Listing(self.equations, held, self.left_out)

    def _origin(self, parameters: int) -> Array:
        """For each shared place of the rows' plan the number of its parameter, −1 if it holds none."""
        sources = np.array(self.stages.sources, np.int64)
        constants = np.full(len(self.stages.rows.constants), -1)
        return np.concatenate([constants, np.where(sources < parameters, sources, -1)])

    def _added(self, regions: Sequence[int]) -> Array:
        """(region, offset) of all entries of the regions."""
        return _entries([(region, self.regions.size(region)) for region in regions])

    def _space(self, plan: Plan, inputs: Array, shared: Array) -> tuple[Space, int]:
        """The space of a plan, and the region of its first group."""
        groups = [self.regions.add(name("t"), _vector(group.count)) for group in plan.groups]
        constants = np.array([(CONSTANT, i) for i in range(len(plan.constants))], np.int64).reshape(-1, 2)
        slots = np.concatenate([inputs, self._added(groups)])
        space = Space(self.regions, plan.constants, slots, np.concatenate([constants, shared]))
        return space, groups[0] if groups else len(self.regions.names)

    def _once(self, plan: Plan) -> None:
        space, first = self._space(plan, self.parameters, self.parameters[:0])
        self.computed = output_places(plan, space)
        results = np.unique(self.computed[:, 0]).tolist()
        used_twice = results * 2  # to be mentioned again
        script = Script(plan, space, first, {}, self.parts, self.counter, used_twice)
        self.scripts["once"] = script
        for position in range(len(plan.groups)):
            if self._is_full(plan):
                self.left_out += len(plan.groups) - position
                break
            self._add(script.equation(position))

    def _rows(self, plan: Plan) -> None:
        sources = np.concatenate([self.parameters, self.computed])
        space, first = self._space(plan, self.inputs, sources[self.stages.sources])
        outputs = output_places(plan, space)
        given = layer_names(plan, space, first, self.blocks.layers)
        results = np.unique(outputs[:, 0]).tolist()
        script = self.scripts["rows"] = Script(plan, space, first, given, self.parts, self.counter, results)
        loss = self._added([self.regions.add(name("L"), ())])
        targets = self.targets = np.concatenate([loss, space.shared[len(plan.constants) :]])
        sums = script.sums(targets)
        for position in range(-1, len(plan.groups)):
            if self._is_full(plan):
                self.left_out += len(plan.groups) - position
                break
            if position >= 0:
                self._add(script.equation(position))
            for found in sums.get(position, []):
                self._add(self._sum(script, found))
        if plan.outputs:
            located = Located(outputs[None, :, 0], outputs[None, :, 1])
            result = space.refer(located).written
            uses = self.regions.used([located])
            self._add(Equation(name(self.function), result, _vector(len(outputs)), uses=uses))

    def _sum(self, script: Script, portions: Sequence[Portion]) -> Equation:
        """The equation of portions that are added to the same."""
        left = script.sum_left(portions[0])
        right = total([script.sum_right(portion) for portion in portions], left.axes == "")
        right = right if right.text == "0" else over_rows(right)
        uses = self.regions.used([factor for portion in portions for factor in portion.factors])
        region = portions[0].region
        if region != self.targets[0, 0]:
            shape = self.regions.shapes[region]
            return Equation(of_gradient(left.written), right, shape, of=left.regions, uses=uses)
        if self.stages.has_constant:
            constant = Located(self.computed[-1:, :1], self.computed[-1:, 1:])
            right = total([right, script.space.refer(constant).written], True)
            uses |= self.regions.used([constant])
        return Equation(left.written, right, (), region=region, uses=uses)

    def _after(self, plan: Plan) -> None:
        """What the parameters' gradients get besides, from what was computed once."""
        weights = self.weights = np.empty_like(self.computed)
        for j, (region, offset) in enumerate(self.computed.tolist()):
            known = [w[0] for w, c in zip(weights[:j].tolist(), self.computed[:j].tolist()) if c[0] == region]
            last = self.stages.has_constant and j == len(weights) - 1
            if last:
                weights[j] = self.regions.add(number(1.0), ()), 0
            elif known:
                weights[j] = known[0], offset
            else:
                written = of_gradient(self.regions.names[region])
                weights[j] = self.regions.add(written, self.regions.shapes[region]), offset
        space, first = self._space(plan, np.concatenate([self.parameters, weights]), self.parameters[:0])
        outputs = output_places(plan, space)
        results = np.unique(outputs[:, 0]).tolist()
        script = self.scripts["after"] = Script(plan, space, first, {}, self.parts, self.counter, results)
        for position in range(len(plan.groups)):
            if self._is_full(plan):
                self.left_out += len(plan.groups) - position
                break
            self._add(script.equation(position))
        for region in results:
            chosen = np.flatnonzero(outputs[:, 0] == region)
            chosen = chosen[np.argsort(outputs[chosen, 1], kind="stable")]
            where, what = [Located(at[chosen, :1], at[chosen, 1:]) for at in (self.parameters, outputs)]
            left, right = space.refer(where), space.refer(what).written
            if right.text != "0":
                shape, uses = _vector(len(chosen)), self.regions.used([what])
                self._add(Equation(of_gradient(left.written), right, shape, True, of=left.regions, uses=uses))

    def _is_full(self, plan: Plan) -> bool:
        return len(plan.groups) > MOST_GROUPS and len(self.equations) > MOST_LINES

    def _add(self, equation: Equation | None) -> None:
        if equation:
            self.equations.append(equation)


def _vector(count: int) -> tuple[int, ...]:
    return () if count == 1 else (count,)


def _entries(sizes: Sequence[tuple[int, int]]) -> Array:
    rows = [(region, offset) for region, size in sizes for offset in range(size)]
    return np.array(rows, np.int64).reshape(-1, 2)


def output_places(plan: Plan, space: Space) -> Array:
    """(region, offset) of each output."""
    entries = [(space.shared if shared else space.slots)[place] for shared, place in plan.outputs]
    return np.array(entries, np.int64).reshape(-1, 2)


def _space(shape: Sequence[int]) -> str:
    dimensions = r" \times ".join(map(str, shape))
    return rf" && \in \mathbb{{R}}^{{{dimensions}}}" if shape else ""
