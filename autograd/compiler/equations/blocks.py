"""Blocks: the matrices and vectors that the parameters of a program form, with their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd import ops
from autograd.compiler.equations.naming import attribute
from autograd.compiler.plans.grouping import Index, Plan

__all__ = ["Block", "Blocks", "found_blocks"]

Array = np.ndarray


@dataclass(frozen=True)
class Block:
    """A matrix, vector or number of parameters. held: where they are held, if the name does not say it."""

    name: str
    shape: tuple[int, ...]
    parameters: Array
    held: str | None


@dataclass
class Blocks:
    """The blocks found so far. layers: for each group of the rows' plan that brought a matrix, its number.

    names: where each parameter is held, None for one that is held nowhere to be found. numbered: the number
    to try next behind each letter.
    """

    names: Sequence[str | None]
    taken: set[str]
    found: list[Block] = field(default_factory=list)
    layers: dict[int, int] = field(default_factory=dict)
    owned: set[int] = field(default_factory=set)
    numbered: dict[str, int] = field(default_factory=dict)

    def add(self, letter: str, layer: int, parameters: Array) -> bool:
        """Make a block of parameters that are in none, with the shape of their array; False if some are."""
        if parameters.ndim == 2 and self._is_turned(parameters):
            parameters = parameters.T
        flat = parameters.ravel().tolist()
        if len(set(flat)) < len(flat) or not self.owned.isdisjoint(flat):
            return False
        held = attribute([self.names[parameter] for parameter in flat])
        words = [part for part in (held or "").split(".") if part != "*"]
        own = words[-1] if words and not any(word.isdigit() for word in words) else ""
        if own and own not in self.taken and len(parameters) == 1:
            parameters = parameters.ravel()  # a list is a vector
        number = max(layer, self.numbered.get(letter, 0))
        while not own or own in self.taken:
            own = f"{letter}{number}"
            number += 1
            self.numbered[letter] = number
        self.taken.add(own)
        self.owned.update(flat)
        shape = () if len(flat) == 1 else parameters.shape
        self.found.append(Block(own, shape, np.array(flat), None if held == own else held))
        return True

    def _is_turned(self, parameters: Array) -> bool:
        """Whether a row of the matrix is a column of the list of lists that holds it."""
        last = {(self.names[parameter] or "").rpartition(".")[2] for parameter in parameters[0].tolist()}
        return min(parameters.shape) > 1 and len(last) == 1 and last != {""}


def found_blocks(rows: Plan, origin: Array, names: Sequence[str | None], taken: set[str]) -> Blocks:
    """The parameters as blocks, numbered by layer in the order in which the rows use them.

    origin: for each shared place of the plan the number of its parameter, −1 if it holds none. The weights
    of a group of dots, m of them with n operands, are a matrix W of shape (m, n), and what is added to
    them is its bias b. Parameters that no dot uses are vectors p, or have the names of what holds them.
    """
    blocks = Blocks(names, taken)
    for position, group in enumerate(rows.groups):
        if group.op is not ops.dot and group.op is not ops.sum:
            continue
        layer = len(blocks.layers) + 1
        operands = [index for pair in group.pairs for index in pair]
        matrices = [blocks.add("W", layer, p) for p in _parameters(operands, group.count, origin)]
        if any(matrices):
            blocks.layers[position] = layer
            for vector in _parameters(group.terms, group.count, origin):
                blocks.add("b", layer, vector.ravel())
    for index, count in _indices(rows):
        for parameters in _parameters([index], count, origin):
            blocks.add("p", 1, parameters if min(parameters.shape) > 1 else parameters.ravel())
    for parameter in range(len(names)):
        blocks.add("p", 1, np.array([parameter]))
    return blocks


def _parameters(indices: Sequence[Index], count: int, origin: Array) -> Iterator[Array]:
    """The parameters of those operands that are nothing else, in the order of the operands, (count, width).

    Operands that all members share count once: a kernel is a vector.
    """
    for index in indices:
        if not index.shared:
            continue
        parameters = origin[index.matrix(count)]
        if count > 1 and (parameters == parameters[:1]).all():
            parameters = parameters[0]
        if (parameters >= 0).all():
            yield parameters


def _indices(plan: Plan) -> Iterator[tuple[Index, int]]:
    for group in plan.groups:
        for index in [*group.terms, *[index for pair in group.pairs for index in pair]]:
            yield index, group.count
    for sink in plan.sinks:
        yield sink.a, sink.count
        if sink.b is not None:
            yield sink.b, sink.count
