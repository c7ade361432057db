"""Single key presses from a terminal, on POSIX and on Windows."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Final

__all__ = ["ReadKeys", "key_presses", "keys_in"]

ReadKeys = Callable[[float], list[str]]  # seconds to wait at most, to the keys pressed by then

# What a terminal sends after ESC, as ECMA-48 (xterm) and the Linux console have it; and after 0xE0, Windows.
SEQUENCES: Final = {
    "[C": "right", "OC": "right", "[D": "left", "OD": "left", "[A": "up", "OA": "up", "[B": "down",
    "OB": "down", "[H": "home", "OH": "home", "[1~": "home", "[7~": "home", "[F": "end", "OF": "end",
    "[4~": "end", "[8~": "end", "[5~": "page up", "[6~": "page down",
}  # fmt: skip
WINDOWS: Final = {
    "M": "right", "K": "left", "H": "up", "P": "down", "G": "home", "O": "end", "I": "page up",
    "Q": "page down",
}  # fmt: skip
NAMED: Final = {" ": "space", "\r": "enter", "\n": "enter", "\x7f": "backspace", "\x08": "backspace"}
BLINK: Final = 0.02  # seconds between looks at the keyboard, on Windows


def keys_in(sent: str) -> list[str]:
    """The keys that a terminal reports as `sent`: a name for special ones, else the character.

    >>> keys_in("p\\x1b[C 7\\x1b")
    ['p', 'right', 'space', '7', 'escape']
    """
    keys: list[str] = []
    while sent:
        if sent[0] != "\x1b" or len(sent) == 1:
            keys.append("escape" if sent[0] == "\x1b" else NAMED.get(sent[0], sent[0]))
            sent = sent[1:]
            continue
        known = next((length for length in (3, 4) if sent[1:length] in SEQUENCES), 0)
        keys.append(SEQUENCES[sent[1:known]] if known else "escape")
        sent = sent[known or 2 :] if known or sent[1] not in "[O" else ""  # of an unknown sequence, nothing
    return keys


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def key_presses() -> Iterator[ReadKeys]:
        """A function that waits for keys while entered."""

        def read(seconds: float) -> list[str]:
            end = monotonic() + seconds
            while not msvcrt.kbhit():
                if monotonic() >= end:
                    return []
                sleep(BLINK)
            character = msvcrt.getwch()
            if character in "\x00\xe0":
                return [WINDOWS.get(msvcrt.getwch(), "escape")]
            if character == "\x03":
                raise KeyboardInterrupt
            return keys_in(character)

        yield read

else:
    import select
    import termios
    import tty

    @contextmanager
    def key_presses() -> Iterator[ReadKeys]:
        """A function that waits for keys while entered; the terminal is left as it was, whatever happens."""
        terminal = sys.stdin.fileno()
        settings = termios.tcgetattr(terminal)

        def read(seconds: float) -> list[str]:
            if not select.select([terminal], [], [], seconds)[0]:
                return []
            sent = os.read(terminal, 1024)
            if not sent:
                raise EOFError("the terminal was closed")
            return keys_in(sent.decode(errors="ignore"))

        try:
            tty.setcbreak(terminal)
            yield read
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)
