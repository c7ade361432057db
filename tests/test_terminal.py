"""Tests of the stepper in a real terminal, which is a pseudo-terminal here."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import autograd
from autograd import Value, steps

ROOT = Path(autograd.__file__).parents[1]
PROGRAM = """
import sys
from autograd import Value, steps
w, x = Value(0.5, "w"), Value(2.0, "x")
{before}
steps((w * x).tanh() * w).show({at})
print("and on", flush=True)
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of POSIX")


class Terminal:
    """A pseudo-terminal of 80 × 24 with a Python program in it."""

    def __init__(self, before="", at=""):
        import pty

        self.outer, self.inner = pty.openpty()
        self.resize(80, 24)
        self.settings = self.attributes()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(before=before, at=at)],
            stdin=self.inner, stdout=self.inner, stderr=self.inner, cwd=ROOT, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
            preexec_fn=self.control,
        )  # fmt: skip
        self.seen = ""

    def control(self):
        """In the child: the pseudo-terminal is its own, so that Ctrl-C reaches it."""
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def attributes(self):
        import termios

        return termios.tcgetattr(self.inner)

    def resize(self, columns, rows):
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self.inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.outer, keys.encode())

    def wait_for(self, text):
        """Read on until `text` has been shown, and forget what was before it."""
        import select

        end = time.monotonic() + 20.0
        while text not in self.seen:
            assert time.monotonic() < end, f"no {text!r} in {self.seen[-2000:]!r}"
            if select.select([self.outer], [], [], 0.1)[0]:
                self.seen += re.sub(
                    r"\x1b\[[0-9;]*m", "", os.read(self.outer, 65536).decode(errors="replace")
                )
        self.seen = self.seen.partition(text)[2]

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.outer)
        os.close(self.inner)


@pytest.fixture
def terminal(request):
    pytest.importorskip("rich", reason="rich is an extra")
    opened = Terminal(**getattr(request, "param", {}))
    yield opened
    opened.close()


LEFT = "\x1b[?1049l"  # the window as it was before
CURSOR = "\x1b[?25h"


@posix
def test_stepping_and_quitting(terminal):
    """Keys move, a new size is drawn anew, q leaves the terminal as it was and the program goes on."""
    terminal.wait_for("v1 = w·x: 0.5 × 2 = 1")
    terminal.press("\x1b[C")
    terminal.wait_for("v2 = tanh(v1): tanh(1) = 0.7616")
    terminal.press("5\r")
    terminal.wait_for("From L to v2 flows")
    terminal.resize(120, 40)
    terminal.wait_for("∂L/∂v2 = ∂L/∂L · ∂L/∂v2 = ∂L/∂L · w = 1 · 0.5 = 0.5")
    terminal.press("q")
    terminal.wait_for(LEFT)
    terminal.wait_for("and on")
    assert terminal.process.wait(timeout=10) == 0
    assert terminal.attributes() == terminal.settings


@posix
@pytest.mark.parametrize("terminal", [{"at": "at=-1"}], indirect=True)
def test_opened_at_a_step(terminal):
    """It begins there."""
    terminal.wait_for("step 9 / 9")


@posix
def test_playing(terminal):
    """Space walks on by itself."""
    terminal.wait_for("step 1 / 9")
    terminal.press(" ")
    terminal.wait_for("step 2 / 9")
    terminal.wait_for("step 3 / 9")


@posix
def test_ctrl_c(terminal):
    """It quits like q does."""
    terminal.wait_for("step 1 / 9")
    assert terminal.attributes() != terminal.settings
    terminal.press("\x03")
    terminal.wait_for("and on")
    assert terminal.process.wait(timeout=10) == 0
    assert terminal.attributes() == terminal.settings


FAULT = """
import autograd.stepping.terminal as terminal
from autograd.stepping.screen import screen
def failing(session, console):
    if session.at == 1:
        raise RuntimeError("a fault")
    return screen(session, console)
terminal.screen = failing
"""


@posix
@pytest.mark.parametrize("terminal", [{"before": FAULT}], indirect=True)
def test_a_fault(terminal):
    """Even then the terminal is as it was, with its cursor, before the traceback is shown."""
    terminal.wait_for("step 1 / 9")
    terminal.press("\x1b[C")
    terminal.wait_for(CURSOR)
    terminal.wait_for("RuntimeError: a fault")
    assert terminal.process.wait(timeout=10) == 1
    assert terminal.attributes() == terminal.settings


@posix
@pytest.mark.parametrize("terminal", [{"before": "sys.modules['rich.console'] = None"}], indirect=True)
def test_without_rich(terminal):
    """The error names the extra to install."""
    terminal.wait_for(
        'ImportError: stepping in a terminal draws with rich: pip install "glassgrad[terminal]"'
    )


def test_a_step_that_is_none():
    """It is refused, with a terminal and without."""
    w = Value(0.5, "w")
    with pytest.raises(IndexError):
        steps(w * 2.0).show(at=3)


def test_no_terminal(capsys):
    """In a pipe or a file the steps are lines: a number and a sentence each."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    steps(w * x).show()
    assert capsys.readouterr().out.splitlines() == [
        "1  L = w·x: 0.5 × 2 = 1",
        "2  The backward pass starts at L: its gradient with respect to itself is 1",
        "3  From L to w flows upstream × local derivative = 1 × 2 = 2; the gradient of w goes from 0 to 2",
        "4  From L to x flows upstream × local derivative = 1 × 0.5 = 0.5; the gradient of x goes from 0 to 0.5",
    ]
