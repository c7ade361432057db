"""The film of a training: frames of one scene, as a page with a slider or as an animated picture."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from os import PathLike
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from nn.files import write_text
from nn.module import Module, counted
from nn.training.metrics import target_class
from nn.watching.static import Heights, static_picture
from nn.watching.symptoms import gradient_sizes

if TYPE_CHECKING:
    from nn.watching.frames import Frame, Scene
    from nn.watching.symptoms import Symptom

__all__ = ["Film"]

HEIGHT = 720  # pixels of the page in a notebook
LONGEST = 76  # letters of a title


class Film:
    """A training to look at again: a page on which one slider moves loss, boundary, network and neurons.

    A notebook shows the page; `save` writes it, or an animated picture, to a file. `frames` holds the
    numbers, `symptoms` what ails the network in each of them.
    """

    def __init__(self, scene: Scene, frames: list[Frame]) -> None:
        self.scene = scene
        self.frames = frames
        self.symptoms: list[list[Symptom]] = []

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        return f"Film({counted(len(self), 'frame')} of {self.title})"

    @property
    def title(self) -> str:
        """The model, in a line."""
        return in_a_line(repr(self.scene.model))

    def page(self) -> str:
        """The film as one HTML page that needs nothing else, not even a network."""
        folder = files("nn.watching")
        encoded = json.dumps(self.data(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return Template(folder.joinpath("film.html").read_text(encoding="utf-8")).substitute(
            title=escape(self.title),
            style=folder.joinpath("film.css").read_text(encoding="utf-8"),
            data=encoded.replace("<", "\\u003c"),  # so that no text ends the script
            script=folder.joinpath("film.js").read_text(encoding="utf-8"),
        )

    def data(self) -> dict[str, Any]:
        """What the page is made from, with numbers of four digits."""
        scene, anatomy = self.scene, self.scene.anatomy
        heights = Heights.of([frame.loss for frame in self.frames])
        return {
            "rows": len(scene.rows),
            "heights": {"low": short(heights.low), "high": short(heights.high), "log": heights.log},
            "widths": anatomy.widths,
            "follows": anatomy.follows,
            "units": [
                {
                    "name": unit.name,
                    "layer": unit.layer,
                    "place": unit.place,
                    "weights": unit.weights,
                    "bias": unit.bias,
                    "activation": unit.activation,
                }
                for unit in anatomy.units
            ],
            "others": self.others(),
            "axes": scene.axes,
            "points": self.points(),
            "classes": self.classes(),
            "frames": [self._exported(number, heights) for number in range(len(self))],
        }

    def _exported(self, number: int, heights: Heights) -> dict[str, Any]:
        frame = self.frames[number]
        return {
            "step": frame.step,
            "loss": short(frame.loss),
            "height": round(heights.share(frame.loss), 4),
            "parameters": [short(x) for x in frame.parameters],
            "gradients": [short(x) for x in frame.gradients],
            "sizes": [short(x, 2) for x in gradient_sizes(frame, self.scene.anatomy)],
            "active": [short(x) for x in frame.active],
            "margins": [[short(x, 3) for x in flat] for flat in leads(frame.margins)],
            "symptoms": [
                {"kind": s.kind, "layer": s.layer, "neuron": s.neuron, "text": s.text}
                for s in self.symptoms[number]
            ],
        }

    def others(self) -> list[tuple[str, int]]:
        """The parameters that are of no neuron, by name, and where they are among all."""
        scene = self.scene
        model = scene.model
        names = {v: name for name, v in model.named_parameters()} if isinstance(model, Module) else {}
        taken = {i for unit in scene.anatomy.units for i in (*unit.weights, unit.bias)}
        return [
            (names.get(value) or value.label or f"parameter {i + 1}", i)
            for i, value in enumerate(scene.parameters)
            if i not in taken
        ]

    def classes(self) -> list[tuple[int, str]]:
        """The classes among the targets of a plane, and what the targets call them: class 0 may be −1."""
        if not self.scene.axes:
            return []
        return sorted(
            {
                target_class(y): str(target_class(y)) if isinstance(y, Iterable) else f"{float(y):g}"
                for y in self.scene.targets
            }.items()
        )

    def points(self) -> list[tuple[float, float, int]]:
        """The watched rows as points of the plane with their classes, if there is a plane."""
        if not self.scene.axes:
            return []
        pairs = zip(self.scene.rows, self.scene.targets)
        return [(float(x1), float(x2), target_class(target)) for (x1, x2), target in pairs]

    def save(self, path: str | PathLike[str], *, frames_per_second: int = 8) -> None:
        """Writes the page (.html), or an animated picture (.gif), whole or not at all.

        Raises ValueError for another ending, ImportError if matplotlib is needed and missing.
        """
        ending = Path(path).suffix.lower()
        if ending == ".html":
            write_text(path, self.page())
        elif ending == ".gif":
            from nn.watching.animation import save_gif

            save_gif(self, path, frames_per_second)
        else:
            raise ValueError(f"{path}: expected a name that ends in .html or .gif")

    def _repr_html_(self) -> str:
        whole = self.page().replace("&", "&amp;").replace('"', "&quot;")
        picture = b64encode(static_picture(self).encode()).decode()
        first, last = self.frames[0], self.frames[-1]
        said = f"The loss of {self.title}: {first.loss:.4g}, after {last.step} steps {last.loss:.4g}"
        return (
            f'<iframe srcdoc="{whole}" title="Film of {escape(self.title)}" '
            f'style="width: 100%; height: {HEIGHT}px; border: 0">'
            f'<img alt="{escape(said)}" src="data:image/svg+xml;base64,{picture}"></iframe>'
        )


def in_a_line(text: str) -> str:
    """What a model's repr says in several lines, in one of at most 76 letters.

    >>> in_a_line("Own(\\n  w: 1 parameter\\n  inner: Own(\\n    b: 1 parameter\\n  )\\n)")
    'Own(w: 1 parameter, inner: Own(b: 1 parameter))'
    """
    joined = ", ".join([line.strip() for line in text.splitlines()])
    line = joined.replace("(, ", "(").replace(", )", ")")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def leads(margins: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    """What is needed of the margins of all classes: of two, one class leads by what the other lacks.

    >>> leads([[-1.0], [1.0]])
    [[1.0]]
    """
    return margins[1:] if len(margins) == 2 else margins


def short(number: float, digits: int = 4) -> float | str:
    """`number` with so many significant digits, as JSON can hold it.

    >>> short(0.123456), short(3.0), short(math.nan)
    (0.1235, 3, 'nan')
    """
    if not math.isfinite(number):
        return str(number)
    rounded = float(f"{number:.{digits}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e6 else rounded
