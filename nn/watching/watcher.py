"""The watcher: looks at a network at chosen steps of its training."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from nn.checks import checked_whole
from nn.watching.film import Film
from nn.watching.frames import Scene
from nn.watching.symptoms import symptoms

__all__ = ["Watch", "Watcher", "chosen_steps"]

Watch: TypeAlias = bool | int | Iterable[int]

FRAMES = 60  # of watch=True
MOST_NUMBERS = 2_000_000  # parameters and gradients in all frames: a page of about 15 MB


class Watcher:
    """Takes frames of a `scene` before the chosen steps, and one when training is over."""

    def __init__(self, scene: Scene, steps: frozenset[int]) -> None:
        numbers = 2 * len(scene.parameters) * (len(steps) + 1)
        if numbers > MOST_NUMBERS:
            raise ValueError(
                f"watch: {len(steps)} frames of {len(scene.parameters):,} parameters and gradients are "
                f"{numbers:,} numbers, more than a page can hold ({MOST_NUMBERS:,}); choose fewer, as in "
                "watch=[0, 100]"
            )
        self.scene = scene
        self.steps = steps
        self.film = Film(scene, [])

    def is_due(self, step: int) -> bool:
        """Whether there is to be a frame after `step` updates."""
        return step in self.steps

    def look(self, step: int) -> None:
        """Take a frame, unless this step has one."""
        frames = self.film.frames
        if not frames or frames[-1].step != step:
            frames.append(self.scene.frame(step))

    def developed(self) -> Film:
        """The film, with what ails the network in each frame."""
        self.film.symptoms = symptoms(self.film.frames, self.scene.anatomy)
        return self.film


def chosen_steps(watch: Watch, total: int) -> frozenset[int]:
    """The steps that `watch` names, of a training of `total`: frames are taken after that many updates.

    True: up to 60 of them, closer together at the start, where more happens. A number: every so many steps.
    Or the steps themselves. Raises ValueError for steps that do not exist, TypeError for what is none.

    >>> sorted(chosen_steps(4, 10)), sorted(chosen_steps([0, 3], 10)), len(chosen_steps(True, 1000))
    ([0, 4, 8], [0, 3], 59)
    """
    if watch is True:
        return frozenset([round(total * (i / (FRAMES - 1)) ** 2) for i in range(FRAMES)])
    if isinstance(watch, str):
        raise TypeError(f"watch is {watch!r}: expected True, a number of steps, or a list of them")
    if isinstance(watch, Iterable):
        steps = [checked_whole("a step of watch", step, low=0) for step in watch]
        beyond = [step for step in steps if step > total]
        if beyond:
            raise ValueError(f"watch has step {beyond[0]}: the training has {total} steps")
        return frozenset(steps)
    return frozenset(range(0, total + 1, checked_whole("watch", watch, low=1)))
