"""Ctrl-C as a request that a loop answers between two steps, instead of an exception in the middle of one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interruption:
    """While entered, the first Ctrl-C (SIGINT) sets `requested`; a second one does what it did before.

    Outside the main thread, where Python allows no handlers, and where SIGINT is ignored or handled by
    foreign code, it changes nothing and `requested` stays False. On leaving, the handler is as it was.

    >>> with Interruption() as interruption:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interruption.requested
    True
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Self:
        self.previous = signal.getsignal(signal.SIGINT)
        in_main_thread = threading.current_thread() is threading.main_thread()
        self.installed = in_main_thread and self.previous not in (None, signal.SIG_IGN)
        if self.installed:
            signal.signal(signal.SIGINT, self.request)
        return self

    def request(self, number: int, frame: FrameType | None) -> None:
        """Remembers the Ctrl-C, and gives the next one back to the handler that was there before."""
        self.requested = True
        signal.signal(signal.SIGINT, self.previous)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.installed:
            signal.signal(signal.SIGINT, self.previous)
