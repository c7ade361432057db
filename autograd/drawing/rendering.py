"""Graphviz source as SVG, PNG and PDF, by a `dot` on the PATH or the Graphviz inside pygraphviz."""

import os
from typing import TYPE_CHECKING

from autograd.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["render", "save"]

FORMATS = {".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".gv": "dot"}


def render(source: str, format: str) -> bytes:
    """The picture that `source` describes, as a file of that format: "svg", "png" or "pdf".

    Raises ImportError if there is no Graphviz to draw it.
    """
    from shutil import which  # slow to load, and only needed here

    if which("dot"):
        import graphviz

        drawn: bytes = graphviz.pipe("dot", format, source.encode(), quiet=True)
        return drawn
    try:
        import pygraphviz
    except ImportError:
        raise ImportError(
            'there is no Graphviz to draw with: either pip install "glassgrad[draw]", which brings one, '
            "or install Graphviz (apt install graphviz, brew install graphviz), so that `dot` is on the PATH"
        ) from None
    graph = pygraphviz.AGraph(string=source)
    picture: bytes = graph.draw(format=format, prog="dot")
    return picture


def save(source: str, path: str | os.PathLike[str]) -> "Path":
    """The file at `path`, into which the picture is written in the format that its ending says.

    .svg, .png and .pdf are pictures, .dot and .gv the source. What stood there before is replaced once
    the new file is complete. Raises ValueError for another ending.
    """
    from pathlib import Path  # slow to load, like shutil

    target = Path(path)
    format = FORMATS.get(target.suffix.lower())
    if format is None:
        raise ValueError(f"a picture ends in one of {' '.join(FORMATS)}, got {os.fspath(path)!r}")
    content = source.encode() if format == "dot" else render(source, format)
    return write_whole(target, content)
