"""The page as one HTML text that needs nothing else, and as a frame in a notebook."""

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Final

from autograd.drawing.drawing import draw
from autograd.files import write_whole
from autograd.page.board import called_by_number
from autograd.page.export import exported

if TYPE_CHECKING:
    from pathlib import Path

    from autograd.lessons import Lesson
    from autograd.stepping.sequence import Steps

__all__ = ["iframe", "page", "save"]

AROUND: Final = 340  # pixels of a page that are not its picture
BANNER: Final = 130  # those of a lesson
LOWEST: Final = 220  # pixels for the picture in a notebook
HIGHEST: Final = 480
DRAWN: Final = 250  # nodes that the static picture may have


def page(steps: "Steps", *, at: int = 0, lesson: "Lesson | None" = None) -> str:
    """The HTML text of a page on which `steps` are stepped through, opened at step number `at`.

    Style, script, data and picture are inside it, and it loads nothing. Above 1,000 nodes the neurons or
    layers of the model are drawn as one box each, and stepped through box by box. `lesson` is the one whose
    wrong pass `steps` are. Raises IndexError for a step that is none, ValueError for a graph that is too
    large, ImportError if there is no Graphviz.
    """
    return text(data(steps, at, lesson))


def save(
    path: str | os.PathLike[str], steps: "Steps", *, at: int = 0, lesson: "Lesson | None" = None
) -> "Path":
    """The file at `path`, which holds that page from one moment to the next. Raises OSError besides."""
    return write_whole(path, page(steps, at=at, lesson=lesson).encode(errors="replace"))


def iframe(steps: "Steps", *, at: int = 0, lesson: "Lesson | None" = None) -> str:
    """The same as a frame in a notebook, with the picture of the graph where frames are not shown."""
    content = data(steps, at, lesson)
    whole = text(content).replace("&", "&amp;").replace('"', "&quot;")
    height = AROUND + round(min(max(content["board"]["size"][1] + 40, LOWEST), HIGHEST))
    height += BANNER if lesson else 0
    title = escape(f"Step through {content['title']}")
    return (
        f'<iframe srcdoc="{whole}" title="{title}" style="width: 100%; height: {height}px; border: 0">'
        f"{picture(steps, content['title'])}</iframe>"
    )


def data(steps: "Steps", at: int, lesson: "Lesson | None") -> dict[str, Any]:
    """What the page shows. Raises IndexError for a step that is none."""
    return exported(steps, range(len(steps))[at], lesson)


def text(content: Mapping[str, Any]) -> str:
    """The page that shows `content`."""
    parts = files(__package__)
    encoded = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Template(parts.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        title=escape(content["title"]),
        style=parts.joinpath("page.css").read_text(encoding="utf-8"),
        data=encoded.replace("<", "\\u003c"),  # so that no text ends the script
        script=parts.joinpath("page.js").read_text(encoding="utf-8"),
    )


def picture(steps: "Steps", title: str) -> str:
    """The graph as an image; in words if it is too large to draw."""
    if len(steps.order) > DRAWN:
        return escape(title)
    named = {steps.names[node]: node for node in steps.order if not called_by_number(node, steps)}
    svg = b64encode(draw(steps.root, names=named, model=steps.model).svg().encode()).decode()
    return f'<img alt="The graph of {escape(title)}" src="data:image/svg+xml;base64,{svg}">'
