"""Statements: a compiled function as the lines of a NumPy function, by the names that are printed."""

import re
from collections.abc import Sequence
from keyword import iskeyword
from math import prod

import numpy as np

from autograd.compiler.equations.portions import Portion, portions
from autograd.compiler.equations.regions import CONSTANT, Located
from autograd.compiler.equations.script import Script
from autograd.compiler.equations.show import Lister, output_places
from autograd.compiler.equations.writing import ATOM
from autograd.compiler.source.arrays import Code, added
from autograd.compiler.source.gathering import Held, span
from autograd.compiler.source.phrasing import OWN, Phrasing
from autograd.compiler.source.totals import mean

__all__ = ["Statements"]

LONGEST = 72  # characters of an expression that is written inside another one
Array = np.ndarray


class Statements:
    """The lines of a function, made from a lister that has listed it.

    places: where each parameter of its stages is among the `given` ones that the function takes.
    """

    def __init__(self, lister: Lister, phrasing: Phrasing, places: Array, given: int) -> None:
        self.lister = lister
        self.phrasing = phrasing
        self.gathering = phrasing.gathering
        self.places = places
        self.given = given
        self.taken = {"np", "rows", "parameters", "gradient", *OWN}
        self.lines: list[str] = []
        self.gradients: dict[int, str] = {}  # by the region that they are for
        self.arguments = [self._named(lister.regions.names[region].text) for region in lister.arguments]
        self.gathering.rows = f"len({self.arguments[0]})" if self.arguments else "1"

    def results(self, dimensions: Sequence[int]) -> list[str]:
        """The lines that compute the results for each row, shape (rows, *dimensions)."""
        self._unpack()
        for stage in ("once", "rows"):
            self._groups(stage)
        script = self.lister.scripts["rows"]
        outputs = output_places(script.plan, script.space)
        text = self._columns(outputs, script) if dimensions else self._column(outputs, script)
        behind = f".reshape(-1, {', '.join(map(str, dimensions))})" if len(dimensions) > 1 else ""
        return [*self.lines, f"return {text}{behind}"]

    def value_and_gradient(self) -> list[str]:
        """The lines that compute the mean over rows and its gradient for the parameters."""
        self._unpack()
        above = len(self.lines)
        self._groups("once")
        self._rows()
        self._after()
        self.lines.append(f"return L, {self._gradient()}")
        if any(re.search(r"\brows\b", line) for line in self.lines):
            self.lines.insert(above, f"rows = {self.gathering.rows}")
        return self.lines

    def _named(self, name: str) -> str:
        """`name` as an identifier that nothing else has."""
        plain = re.sub(r"\W", "_", name)
        plain = plain if plain.isidentifier() else f"_{plain}"
        while plain in self.taken or iskeyword(plain):
            plain += "_"
        self.taken.add(plain)
        return plain

    def _unpack(self) -> None:
        """The arguments as arrays, those of several dimensions flat, and the parameters under their names."""
        lister, held = self.lister, self.gathering.held
        for argument, region in zip(self.arguments, lister.arguments):
            shape = lister.regions.shapes[region]
            flat = f".reshape(len({argument}), -1)" if len(shape) > 1 else ""
            self.lines.append(f"{argument} = np.asarray({argument}, float){flat}")
            held[region] = Held(Code(argument, "r"), (prod(shape),) if shape else ())
        for block in lister.blocks.found:
            region = int(lister.parameters[block.parameters[0], 0])
            own = self._named(lister.regions.names[region].text)
            places, shape = self.places[block.parameters], block.shape
            index = str(places[0]) if shape == () else self.gathering.index(places, self.given)
            # One row of weights is a vector, as is what it gives.
            shape = shape[1:] if len(shape) == 2 and shape[0] == 1 else shape
            matrix = f".reshape({shape[0]}, {shape[1]})" if len(shape) == 2 else ""
            whole = "parameters" if index == ":" else f"parameters[{index}]"
            self.lines.append(f"{own} = {whole}{matrix}")
            held[region] = Held(Code(own), shape)

    def _groups(self, stage: str) -> None:
        script = self.lister.scripts.get(stage)
        for position in range(len(script.plan.groups) if script else 0):
            assert script
            self._group(script, position)

    def _group(self, script: Script, position: int) -> None:
        """A line for a group, unless it is printed inside another one and short."""
        group, region = script.plan.groups[position], script.first + position
        code = self.phrasing.group(group, script.space)
        own = code._replace(axes="r" if "r" in code.axes else "")
        inside = region in self.lister.regions.shown and region not in script.named
        if not inside or len(code.text) > LONGEST:
            own = Code(self._named(script.named.get(region) or self._temporary()), own.axes)
            self.lines.append(f"{own.text} = {code.text}")
        self.gathering.held[region] = Held(own, () if group.count == 1 else (group.count,))

    def _temporary(self) -> str:
        self.lister.counter["t"] += 1
        return f"t{self.lister.counter['t']}"

    def _rows(self) -> None:
        """What is computed for each row, and the means of it as soon as they can be computed."""
        script, targets = self.lister.scripts["rows"], self.lister.targets
        loss = int(targets[0, 0])
        found: dict[int, list[Portion]] = {loss: []}
        for portion in portions(script.plan, script.space, targets):
            found.setdefault(portion.region, []).append(portion)
        self.gathering.held[loss] = Held(Code("L"), ())
        ready: dict[int, list[int]] = {}
        for region, parts in found.items():
            last = max([script.first - 1, *[part.last for part in parts]])
            ready.setdefault(last - script.first, []).append(region)
        for position in range(-1, len(script.plan.groups)):
            if position >= 0:
                self._group(script, position)
            for region in ready.get(position, []):
                self._total(region, found[region], script)

    def _total(self, region: int, parts: Sequence[Portion], script: Script) -> None:
        """The line for L, or for the gradient of a region."""
        held = self.gathering.held[region]
        constants = script.space.constants
        terms = [mean(part, held.shape, self.gathering, constants) for part in parts]
        if held.code.text == "L":
            self._named("L")
            last = self.lister.computed[-1:]
            if self.lister.stages.has_constant:
                terms.append(self.gathering.refer(Located(last[:, :1], last[:, 1:]), constants))
            self.lines.append(f"L = {added(terms).text}")
            return
        self.gradients[region] = self._named(f"d{held.code.text}")
        self.lines.append(f"{self.gradients[region]} = {added(terms).text}")

    def _after(self) -> None:
        """What the gradients get besides, from what was computed once."""
        script, lister, held = self.lister.scripts.get("after"), self.lister, self.gathering.held
        if script is None:
            return
        for j, (weight, computed) in enumerate(
            zip(lister.weights[:, 0].tolist(), lister.computed[:, 0].tolist())
        ):
            shape = held[computed].shape
            if lister.stages.has_constant and j == len(lister.weights) - 1:
                held[weight] = Held(Code("1.0"), ())
            else:
                nothing = "0.0" if shape == () else f"np.zeros({shape[0]})"
                held[weight] = Held(Code(self.gradients.get(computed, nothing)), shape)
        self._groups("after")
        outputs = output_places(script.plan, script.space)
        for block in lister.blocks.found:
            own = outputs[block.parameters]
            numbers = [script.space.constants[place] for region, place in own.tolist() if region == CONSTANT]
            if len(numbers) < len(own) or any(numbers):
                region = int(lister.parameters[block.parameters[0], 0])
                self._add(
                    region,
                    self.gathering.refer(Located(own[None, :, 0], own[None, :, 1]), script.space.constants),
                )

    def _add(self, region: int, code: Code) -> None:
        """The line that adds to the gradient of a region, or starts it."""
        shape = self.gathering.held[region].shape
        if code.axes and len(shape) == 2:
            code = Code(f"{code.bracketed(ATOM).text}.reshape({shape[0]}, {shape[1]})")
        if region in self.gradients:
            own = self.gradients[region]
            self.lines.append(f"{own} = {added([Code(own), code._replace(axes='')]).text}")
            return
        self.gradients[region] = own = self._named(f"d{self.gathering.held[region].code.text}")
        text = code.text if code.axes or shape == () else f"np.full({shape}, {code.text})"
        self.lines.append(f"{own} = {text}")

    def _gradient(self) -> str:
        """All gradients as one vector, in the order of the parameters."""
        blocks = []
        for block in self.lister.blocks.found:
            region = int(self.lister.parameters[block.parameters[0], 0])
            shape = self.gathering.held[region].shape
            own = self.gradients.get(region)
            flat = f"{own}.ravel()" if len(shape) == 2 else own
            blocks.append((self.places[block.parameters], flat or (f"np.zeros({prod(shape)})")))
        blocks.sort(key=lambda block: int(block[0][0]))
        order = [place for places, _ in blocks for place in places.tolist()]
        if order == list(range(self.given)):
            return f"np.hstack([{', '.join([text for _, text in blocks])}])" if blocks else "np.zeros(0)"
        self.lines.append(f"gradient = np.zeros({self.given})")
        for places, text in blocks:
            self.lines.append(
                f"gradient[{span(places, self.given) or self.gathering.table('I', places)}] = {text}"
            )
        return "gradient"

    def _column(self, outputs: Array, script: Script) -> str:
        """One result for each row."""
        code = self.gathering.refer(Located(outputs[:, :1], outputs[:, 1:]), script.space.constants)
        return code.text if code.axes else f"np.full({self.gathering.rows}, {code.text})"

    def _columns(self, outputs: Array, script: Script) -> str:
        """Several results for each row, shape (rows, results)."""
        code = self.gathering.refer(Located(outputs[None, :, 0], outputs[None, :, 1]), script.space.constants)
        if code.axes == "rk":
            return code.text
        if code.axes == "r":  # all are the same
            return f"np.repeat({code.bracketed(ATOM).text}[:, None], {len(outputs)}, axis=1)"
        return f"np.full(({self.gathering.rows}, {len(outputs)}), {code.text})"
