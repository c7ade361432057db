"""What ails a network in a frame of its training: dead relus, vanishing and exploding gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nn.watching.anatomy import Anatomy
from nn.watching.frames import Frame

__all__ = ["Symptom", "gradient_sizes", "symptoms"]

VANISHING = 1e-3  # of the last layer's root mean square gradient
EXPLODING = 1e3  # times the last layer's
JUMP = 100.0  # times the typical size in the frames before


@dataclass(frozen=True)
class Symptom:
    """Something to mark: in a layer (counted from 0) or in one of its neurons, and what to say of it."""

    kind: Literal["dead", "vanishing", "exploding"]
    layer: int
    neuron: int | None
    text: str


def symptoms(frames: Sequence[Frame], anatomy: Anatomy) -> list[list[Symptom]]:
    """For each frame what ails the network in it.

    dead: a relu whose output is 0 for every watched row, so that its gradient is 0 and it cannot recover.
    vanishing, exploding: a layer whose root mean square gradient is less than 1/1,000, or more than 1,000
    times, that of the last layer; exploding also where it is not finite, or 100 times the median of the
    frames before. Thresholds are conventions; the numbers are always given.
    """
    found = []
    before: list[list[float]] = [[] for _ in anatomy.widths[1:]]
    for frame in frames:
        sizes = gradient_sizes(frame, anatomy)
        found.append([*_dead(frame, anatomy), *_sizes(sizes, before)])
        for layer, size in zip(before, sizes):
            layer.append(size)
    return found


def gradient_sizes(frame: Frame, anatomy: Anatomy) -> list[float]:
    """The root mean square gradient of each layer of neurons."""
    return [root_mean_square(_gradients(frame, anatomy, k)) for k in range(len(anatomy.widths[1:]))]


def root_mean_square(numbers: Sequence[float]) -> float:
    """√(Σx²/n), for numbers of any size.

    >>> f"{root_mean_square([3e200, -4e200]):.4g}"
    '3.536e+200'
    """
    return math.hypot(*numbers) / math.sqrt(len(numbers))


def _gradients(frame: Frame, anatomy: Anatomy, layer: int) -> list[float]:
    units = [unit for unit in anatomy.units if unit.layer == layer]
    return [frame.gradients[i] for unit in units for i in (*unit.weights, unit.bias)]


def _dead(frame: Frame, anatomy: Anatomy) -> list[Symptom]:
    return [
        Symptom("dead", unit.layer, unit.place, f"{unit.name}: dead relu, its output is 0 for every row")
        for unit, active in zip(anatomy.units, frame.active)
        if unit.activation == "relu" and active == 0.0
    ]


def _sizes(sizes: Sequence[float], before: Sequence[Sequence[float]]) -> list[Symptom]:
    found = []
    for k, size in enumerate(sizes):
        last = sizes[-1]
        usual = sorted(before[k])[len(before[k]) // 2] if before[k] else size
        said = f"layer {k + 1}: gradient {size:.2g}"
        if not math.isfinite(size):
            found.append(Symptom("exploding", k, None, f"{said}, not a finite number"))
        elif size > EXPLODING * last and last > 0.0:
            found.append(Symptom("exploding", k, None, f"{said}, {size / last:.2g} times the last layer's"))
        elif usual > 0.0 and size > JUMP * usual:
            found.append(Symptom("exploding", k, None, f"{said}, {size / usual:.2g} times what it was"))
        elif size < VANISHING * last and math.isfinite(last):
            found.append(Symptom("vanishing", k, None, f"{said}, {size / last:.2g} of the last layer's"))
    return found
