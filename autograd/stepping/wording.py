"""The sentence of a step, in words and numbers."""

from typing import TYPE_CHECKING, Final

from autograd import ops
from autograd.formulas import Shape
from autograd.operation import Op
from autograd.plain import PLAIN, Plain
from autograd.stating import in_names, in_numbers
from autograd.stepping.typesetting import given

if TYPE_CHECKING:
    from autograd.stepping.step import Step

__all__ = ["sentence"]


class Reckoning(Plain):
    """Plain text for numbers, with a sign between factors that no one takes for a decimal point: 0.5 × 2."""

    TIMES = CHAINED = COEFFICIENT = " × "

    def shape(self, op: Op) -> Shape | None:
        return Shape("{0} × {1}", 2, (2, 3)) if op is ops.mul else super().shape(op)


RECKONING: Final = Reckoning()


def sentence(step: "Step", *, asking: bool = False) -> str:
    """What `step` does, said in one sentence; asking leaves a ? where its result would stand."""
    name = step.names[step.node]
    result = "?" if asking else said(step.result)
    if step.phase == "forward":
        known = (step.node, step.names, step.graph.numbers)
        rule = in_names(*known, PLAIN).text
        rule = "" if rule == in_numbers(*known, PLAIN).text else f"{rule}: "
        return f"{name} = {rule}{in_numbers(*known, RECKONING).text} = {result}"
    if step.phase == "seed":
        return f"The backward pass starts at {name}: its gradient with respect to itself is {result}"
    before = said(given(step.before))
    if step.phase == "zero":
        return f"The gradient of {name} goes back from {before} to {result}, ready for the next pass"
    if step.phase == "update" and step.rate is None:
        return f"{name}, whose gradient is {said(given(step.partial))}, goes from {before} to {result}"
    if step.phase == "update":
        move = product(given(step.rate), given(step.partial))
        return (
            f"{name} goes from {before} to {before} − learning rate × gradient = {before} − {move} = {result}"
        )
    operand = step.names[given(step.operand)]
    flow = product(given(step.upstream), given(step.partial))
    flow += "" if asking else f" = {said(given(step.contribution))}"
    return (
        f"From {name} to {operand} flows upstream × local derivative = {flow}; "
        f"the gradient of {operand} goes from {before} to {result}"
    )


def product(x: float, y: float) -> str:
    """0.4 × (−2)."""
    return RECKONING.product([RECKONING.number(x), RECKONING.number(y)]).text


def said(x: float) -> str:
    """`x` with 4 significant digits."""
    return RECKONING.number(x).text
