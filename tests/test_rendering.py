"""Tests of what turns Graphviz source into files."""

import os
import sys
from pathlib import Path

import pytest

from autograd.drawing.rendering import render, save

SOURCE = 'digraph { a [label="größe ∂"] a -> b }'


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    """A PATH without a `dot`."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize(("format", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pygraphviz_draws_without_a_dot(no_dot, format, start):
    """Where there is no `dot`, the Graphviz inside pygraphviz draws every format."""
    pytest.importorskip(
        "pygraphviz", reason="draws with the Graphviz inside pygraphviz, which is not installed"
    )
    assert render(SOURCE, format).startswith(start)


def test_svg_holds_text_that_is_not_ascii(no_dot):
    """Text is UTF-8 on its way in and out."""
    pytest.importorskip(
        "pygraphviz", reason="draws with the Graphviz inside pygraphviz, which is not installed"
    )
    assert "größe ∂" in render(SOURCE, "svg").decode()


@pytest.mark.skipif(os.name != "posix", reason="puts a shell script on the PATH in place of dot")
def test_a_dot_on_the_path_is_preferred(monkeypatch, tmp_path):
    """A `dot` on the PATH gets the source and the format, and what it prints is the picture."""
    script = tmp_path / "dot"
    script.write_text('#!/bin/sh\necho "$@"\ncat\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    options, source = render(SOURCE, "png").decode().split("\n", 1)
    assert "-Tpng" in options
    assert source == SOURCE


def test_without_any_graphviz_the_error_names_both_ways(no_dot, monkeypatch):
    """With neither, the message says how to get pygraphviz and how to get `dot`."""
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(ImportError, match=r'pip install "glassgrad\[draw\]".*apt install graphviz.*`dot`'):
        render(SOURCE, "svg")


def test_the_source_is_saved_without_any_graphviz(no_dot, monkeypatch, tmp_path):
    """.dot and .gv files hold the source as it is."""
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    for name in ("graph.dot", "graph.GV"):
        assert save(SOURCE, tmp_path / name).read_text(encoding="utf-8") == SOURCE


def test_an_unknown_ending_is_refused(tmp_path):
    """The error names the path and the endings that there are, and no file is made."""
    for name in ("graph", "graph.jpeg"):
        with pytest.raises(ValueError, match=rf"\.svg \.png \.pdf \.dot \.gv, got '.*{name}'"):
            save(SOURCE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_picture_leaves_the_old_file(no_dot, monkeypatch, tmp_path):
    """Where drawing or writing fails, what stood there before is untouched and nothing is left beside it."""
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    target = tmp_path / "graph.svg"
    target.write_text("old")
    with pytest.raises(ImportError):
        save(SOURCE, target)

    def fails(self, data):
        with open(self, "wb") as file:
            file.write(data[:10])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", fails)
    with pytest.raises(OSError, match="disk full"):
        save(SOURCE, tmp_path / "graph.dot")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"graph.svg": "old"}
