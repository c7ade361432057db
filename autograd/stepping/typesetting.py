"""The formula of a step: what is computed in symbols, then in numbers."""

from typing import TYPE_CHECKING, TypeVar

from autograd import ops
from autograd.formulas import Notation, Written
from autograd.stating import in_names, in_numbers, local_derivative

if TYPE_CHECKING:
    from autograd.stepping.step import Step

__all__ = ["given", "typeset"]

T = TypeVar("T")


def typeset(step: "Step", notation: Notation) -> str:
    """The formula of `step`: equal sides, after an arrow where a number is given a new value."""
    if step.phase == "forward":
        return computed(step, notation)
    if step.phase == "backward":
        return carried(step, notation)
    gradient = notation.derivative(step.names[step.graph.root], step.names[step.node])
    if step.phase == "update":
        return moved(step, gradient, notation)
    arrow = notation.EQUALS if step.phase == "seed" else notation.BECOMES
    return gradient.text + arrow + notation.number(given(step.after)).text


def given(part: T | None) -> T:
    """A part that steps of this phase have."""
    assert part is not None
    return part


def computed(step: "Step", notation: Notation) -> str:
    """z = w·x = 0.5·2 = 1."""
    known = (step.node, step.names, step.graph.numbers, notation)
    symbols, numbers = in_names(*known), in_numbers(*known)
    sides = [numbers] if symbols.text == numbers.text else [symbols, numbers]
    return notation.equation([notation.name(step.node, step.names), *sides, notation.number(step.value)])


def carried(step: "Step", notation: Notation) -> str:
    """∂L/∂w = ∂L/∂z · ∂z/∂w = ∂L/∂z · x = 0.4 · 2 = 0.8; where other edges lead to w, ∂L/∂w ← ∂L/∂w + …"""
    operand, contribution = given(step.operand), given(step.contribution)
    before, after = given(step.before), given(step.after)
    symbols, numbers = products(step, notation)
    gradient = notation.derivative(step.names[step.graph.root], step.names[operand])
    result = notation.marked("contribution", notation.number(contribution))
    if step.graph.uses[operand] == 1 and before == 0.0:
        return notation.equation([gradient, *symbols, *numbers, result])
    arrow = gradient.text + notation.BECOMES
    if after == contribution != before + contribution:  # a pass that does not add
        return arrow + notation.equation([*symbols, *numbers, result])
    sums = [notation.sum([gradient, product]) for product in symbols]
    sums += [notation.sum([notation.number(before), product]) for product in numbers]
    return arrow + notation.equation([*sums, notation.number(after)])


def products(step: "Step", notation: Notation) -> tuple[list[Written], list[Written]]:
    """upstream · partial, as derivatives, then as the row states it: in symbols, and in numbers."""
    names, node, operand = step.names, step.names[step.node], step.names[given(step.operand)]
    symbols = [notation.derivative(node, operand)]
    numbers = [notation.number(given(step.partial))]
    stated = local_derivative(step.node, given(step.position), names, step.graph.numbers)
    if stated is not None and (stated.value.parents or stated.value in stated.names):
        symbols.append(stated.in_names(notation))
        written_out = stated.in_numbers(notation)
        numbers = [written_out, *numbers] if written_out.text != numbers[0].text else numbers
    above = notation.marked("upstream", notation.derivative(names[step.graph.root], node))
    upstream = notation.marked("upstream", notation.number(given(step.upstream)))
    return (
        [notation.chain([above, notation.marked("partial", factor)]) for factor in symbols],
        [notation.chain([upstream, notation.marked("partial", factor)]) for factor in numbers],
    )


def moved(step: "Step", gradient: Written, notation: Notation) -> str:
    """w ← w − α · ∂L/∂w = 0.5 − 0.1 · 0.8 = 0.42; by another rule than this, w ← 0.5 − 0.001 = 0.499."""
    before, after = given(step.before), given(step.after)
    name, number = notation.name(step.node, step.names), notation.number(before)
    if step.rate is None:
        sign = ops.sub if after < before else ops.add
        sides = [notation.apply(sign, [number, notation.number(abs(after - before))])]
    else:
        slope = notation.marked("partial", notation.number(given(step.partial)))
        symbols = notation.chain([notation.symbol("alpha"), notation.marked("partial", gradient)])
        numbers = notation.chain([notation.number(step.rate), slope])
        sides = [notation.apply(ops.sub, pair) for pair in ([name, symbols], [number, numbers])]
    return name.text + notation.BECOMES + notation.equation([*sides, notation.number(after)])
