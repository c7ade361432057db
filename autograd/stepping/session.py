"""A reader's way through the steps: where they are, and what each key does."""

import math
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final

from autograd.plain import PLAIN
from autograd.stepping.outline import Line, outline

if TYPE_CHECKING:
    from autograd.stepping.groups import Group
    from autograd.stepping.sequence import Steps
    from autograd.stepping.step import Step

__all__ = ["KEYS", "Session"]

KEYS: Final = (
    ("→ ←", "next, previous step"),
    ("Home End", "first, last step"),
    ("space", "play, pause"),
    ("PgUp PgDn", "previous, next neuron, or ten steps where there is no model"),
    ("number Enter", "go to that step"),
    ("p", "predict: the next number is hidden until you type it, or reveal it with Enter"),
    ("q", "quit"),
)
PAGE: Final = 10  # steps that PgDn goes where there is no model
LARGE: Final = 1000  # nodes, above which only those of the neuron at work are shown, where there is a model
CLOSE: Final = 0.01  # how far off, of the number itself, a prediction counts as right


class Session:
    """A position in `steps` and what the reader has asked for; `press` changes it, key by key.

    typed: what has been typed so far, of a prediction where the step's result is `hidden`, else of the
    number of a step, from 1. said: what is to be said about the last prediction, and whether it was right.
    """

    def __init__(self, steps: "Steps") -> None:
        self.steps = steps
        self.groups: list[Group] = [] if steps.model is None else steps.grouped("neurons")
        self.at = 0
        self.furthest = 0  # the last step whose result has been seen
        self.playing = self.predicting = self.helping = self.right = False
        self.typed = self.said = ""

    @property
    def step(self) -> "Step":
        """The step that is shown."""
        return self.steps[self.at]

    @property
    def hidden(self) -> bool:
        """Whether the result of the step is for the reader to predict."""
        return self.predicting and self.at > self.furthest

    @property
    def group(self) -> "Group | None":
        """The steps of the same neuron around this one, where there is a model."""
        after = bisect_right(self.groups, self.at, key=lambda group: group.steps.start)
        return self.groups[after - 1] if self.groups else None

    @cached_property
    def tree(self) -> list[Line]:
        """The whole graph, and before it the parameters that it does not use."""
        order = self.steps.order
        inputs = {parent for node in order for parent in node.parents}
        return outline(set(order), [node for node in order if node not in inputs])

    @property
    def lines(self) -> list[Line]:
        """The lines of the graph that are shown: of a large model only those of the neuron at work."""
        if self.group is None or len(self.steps.order) <= LARGE:
            return self.tree
        nodes = dict.fromkeys([step.node for step in self.steps[self.group.steps]])
        inner = {parent for node in nodes for parent in node.parents}
        return outline(nodes.keys(), [node for node in nodes if node not in inner])

    def press(self, key: str) -> bool:
        """Do what `key` asks for, and return whether to go on."""
        if key == "q":
            return False
        if self.helping or key == "?":
            self.helping = not self.helping
        elif key == "space":
            self.playing = not self.playing and self.at < len(self.steps) - 1
        elif key == "p":
            self.furthest = self.at
            self.predicting, self.playing, self.said = not self.predicting, False, ""
        elif len(key) == 1 and (key.isdigit() or (self.hidden and key in "+-−.e")):
            self.typed += key
        elif key == "backspace":
            self.typed = self.typed[:-1]
        elif key == "enter":
            self.enter()
        else:
            self.move(key)
        return True

    def move(self, key: str) -> None:
        """Go where an arrow or another special key leads."""
        starts = [group.steps.start for group in self.groups] or list(range(0, len(self.steps), PAGE))
        self.typed = self.said = ""
        if key in ("right", "down") and self.hidden:
            self.reveal()
        elif key in ("right", "down"):
            self.go(self.at + 1)
        elif key in ("left", "up"):
            self.go(self.at - 1)
        elif key == "page down":
            self.go([*starts, len(self.steps) - 1][bisect_right(starts, self.at)])
        elif key == "page up":
            self.go(starts[max(bisect_left(starts, self.at) - 1, 0)])
        elif key in ("home", "end"):
            self.go(0 if key == "home" else len(self.steps) - 1)

    def enter(self) -> None:
        """Judge the prediction that was typed, or show the result; or go to the step whose number it is."""
        typed, self.typed = self.typed, ""
        if not self.hidden:
            self.go(int(typed) - 1 if typed else self.at)
            return
        result = self.step.result
        self.reveal()
        try:
            guess = float(typed.replace("−", "-"))
        except ValueError:
            return
        self.right = math.isclose(guess, result, rel_tol=CLOSE)
        self.said = f"{typed} is right" if self.right else f"not {typed}: it is {PLAIN.number(result).text}"

    def reveal(self) -> None:
        """Count what is shown as seen."""
        self.furthest = max(self.furthest, self.at)

    def go(self, to: int) -> None:
        """Show step `to`, or the one nearest to it; what is passed over by a jump counts as seen."""
        self.at = min(max(to, 0), len(self.steps) - 1)
        self.furthest = max(self.furthest, self.at - 1 if self.predicting else self.at)

    def tick(self) -> None:
        """Play on, by a step."""
        if self.playing and not self.hidden:
            self.go(self.at + 1)
            self.playing = self.at < len(self.steps) - 1
