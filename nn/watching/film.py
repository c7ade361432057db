"""The film of a training: frames of one scene, as a page with a slider or as an animated picture."""

from __future__ import annotations

import json
import math
from html import escape
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.files import write_text
from nn.module import counted
from nn.training.metrics import target_class

if TYPE_CHECKING:
    from nn.watching.frames import Frame, Scene
    from nn.watching.symptoms import Symptom

__all__ = ["Film"]

HEIGHT = 980  # pixels of the page in a notebook


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
        return " ".join(repr(self.scene.model).split())[:80]

    def page(self) -> str:
        """The film as one HTML page that needs nothing else, not even a network."""
        folder = files("nn.watching")
        text = folder.joinpath("film.html").read_text(encoding="utf-8")
        parts = {
            "title": escape(self.title),
            "css": folder.joinpath("film.css").read_text(encoding="utf-8"),
            "js": folder.joinpath("film.js").read_text(encoding="utf-8"),
            "data": json.dumps(self.data(), ensure_ascii=False, separators=(",", ":")).replace(
                "<", "\\u003c"
            ),
        }
        for name, part in parts.items():
            text = text.replace("{{" + name + "}}", part)
        return text

    def data(self) -> dict[str, Any]:
        """What the page is made from, with numbers of four digits."""
        scene, anatomy = self.scene, self.scene.anatomy
        return {
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
            "axes": scene.axes,
            "points": self.points(),
            "frames": [
                {
                    "step": frame.step,
                    "loss": short(frame.loss),
                    "parameters": [short(x) for x in frame.parameters],
                    "gradients": [short(x) for x in frame.gradients],
                    "active": [short(x) for x in frame.active],
                    "margins": [[short(x) for x in flat] for flat in frame.margins],
                    "symptoms": [
                        {"kind": s.kind, "layer": s.layer, "neuron": s.neuron, "text": s.text} for s in found
                    ],
                }
                for frame, found in zip(self.frames, self.symptoms)
            ],
        }

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
        return (
            f'<iframe srcdoc="{escape(self.page())}" title="{escape(self.title)}" '
            f'style="width: 100%; height: {HEIGHT}px; border: 0">{escape(repr(self))}</iframe>'
        )


def short(number: float) -> float | str:
    """`number` with four significant digits, as JSON can hold it.

    >>> short(0.123456), short(3.0), short(math.nan)
    (0.1235, 3, 'nan')
    """
    if not math.isfinite(number):
        return str(number)
    rounded = float(f"{number:.4g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e6 else rounded
