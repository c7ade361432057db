"""The stepper in a terminal: keys in, screens out; without a terminal, the steps as lines of text."""

import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from autograd.stepping.keyboard import ReadKeys, key_presses
from autograd.stepping.screen import screen
from autograd.stepping.session import Session

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

    from autograd.stepping.sequence import Steps

__all__ = ["show"]

PACE: Final = 1.0  # seconds that a step stands while playing
GLANCE: Final = 0.25  # seconds between looks at the size of the window


def show(steps: "Steps", *, at: int = 0) -> None:
    """Step through `steps` with the keyboard until q or Ctrl-C, beginning at step number `at`.

    Where there is no terminal, all of them are printed. Raises IndexError for a step that is none,
    ImportError where rich is missing.
    """
    opened = range(len(steps))[at]
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        for step in steps:
            print(f"{step.number + 1:{len(str(len(steps)))}}  {step.sentence}")
        return
    try:
        from rich.console import Console
        from rich.live import Live
    except ImportError:
        raise ImportError(
            'stepping in a terminal draws with rich: pip install "glassgrad[terminal]"'
        ) from None
    console, session = Console(highlight=False), Session(steps)
    session.go(opened)
    live = Live(console=console, screen=True, auto_refresh=False)
    with suppress(KeyboardInterrupt, EOFError), key_presses() as read, live:
        step_through(session, console, live, read)


def step_through(session: Session, console: "Console", live: "Live", read: ReadKeys) -> None:
    """Draw and read until the reader quits; drawn again after each key, each played step and each resize."""
    drawn: object = None
    due = 0.0
    while True:
        if drawn != console.size:
            live.update(screen(session, console), refresh=True)
            drawn = console.size
        keys = read(min(GLANCE, max(due - monotonic(), 0.0)) if session.playing else GLANCE)
        was_playing = session.playing
        for key in keys:
            if not session.press(key):
                return
            drawn = None
        if session.playing and (not was_playing or monotonic() >= due):
            if was_playing:
                session.tick()
            due = monotonic() + PACE
            drawn = None
