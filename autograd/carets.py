"""What is said of a text that was typed: an error that shows the place with a caret under it."""

import ast
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

__all__ = ["column", "nearest", "quoted", "refused"]

WIDTH: Final = 72  # characters of the text that are shown


def refused(text: str, at: int, problem: str) -> ValueError:
    """The error that says `problem` and shows `text` with a caret under its character number `at`.

    >>> print(refused("2^x", 1, "unexpected '^'"))
    unexpected '^'
        2^x
         ^
    """
    start = max(0, min(at - WIDTH // 2, len(text) - WIDTH))
    end = start + WIDTH
    before, shown = "…" if start else "", "…" if end < len(text) else ""
    line = before + "".join([c if c.isprintable() else "?" for c in text[start:end]]) + shown
    caret = " " * sum([columns(c) for c in before + text[start:at]]) + "^"
    return ValueError(f"{problem}\n    {line}\n    {caret}")


def columns(character: str) -> int:
    """How many columns of a terminal a character takes: two in Chinese, none for the hat of x̂."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def column(text: str, node: ast.expr) -> int:
    """The number of the character at which `node` starts: Python counts bytes."""
    return len(text.encode()[: node.col_offset].decode())


def quoted(text: str, node: ast.expr) -> str:
    """The part of `text` that `node` was read from, shortened, in quotes."""
    part = ast.get_source_segment(text, node) or ""
    return repr(part if len(part) <= 40 else part[:39] + "…")


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of `known` that `name` may be a slip of the pen for, or an empty text.

    >>> nearest("sigmod", ["sigmoid", "sin"]), nearest("w", ["sigmoid", "sin"])
    ('sigmoid', '')
    """
    found = get_close_matches(name, known, 1)
    return found[0] if found else ""
