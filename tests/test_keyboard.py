"""Tests of keys as terminals report them."""

import pytest

from autograd.stepping.keyboard import keys_in


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("", []),
        ("q", ["q"]),
        ("\x1b[C\x1b[D\x1b[A\x1b[B", ["right", "left", "up", "down"]),
        ("\x1bOC\x1bOD\x1bOH\x1bOF", ["right", "left", "home", "end"]),
        ("\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~", ["home", "end"] * 3),
        ("\x1b[5~\x1b[6~", ["page up", "page down"]),
        (" \r\n\x7f\x08", ["space", "enter", "enter", "backspace", "backspace"]),
        ("12\x1b[C", ["1", "2", "right"]),
        ("\x1b", ["escape"]),
        ("\x1b[15~", ["escape"]),
        ("\x1bx5", ["escape", "5"]),
        ("é−", ["é", "−"]),
    ],
)
def test_keys(sent, keys):
    """Special keys by name, in both modes of a terminal; several at once; unknown ones are one escape."""
    assert keys_in(sent) == keys
