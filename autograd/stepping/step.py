"""What one step of a pass is: which node, what went in, what came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autograd.value import Value

__all__ = ["Phase", "Step"]

Phase = Literal["forward", "seed", "backward", "update", "zero"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it belongs to a phase, and says what happens to one number.

    forward: `node` gets its `value`. seed: the output's gradient becomes `after`. backward: along one edge,
    from `node` to its operand number `position`, flows `contribution` = `upstream` · `partial`, and the
    gradient of `operand` goes from `before` to `after`. update: the data of `node`, a parameter, goes from
    `before` to `after`. zero: the gradient of `node` goes from `before` to `after` = 0.
    """

    number: int  # its place in the sequence
    phase: Phase
    node: Value
    value: float  # the number of `node` at this step
    names: Mapping[Value, str] = field(repr=False, compare=False)
    operand: Value | None = None
    position: int | None = None
    upstream: float | None = None
    partial: float | None = None
    contribution: float | None = None
    before: float | None = None
    after: float | None = None
