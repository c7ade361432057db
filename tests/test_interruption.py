"""Tests of nn.training.interruption."""

import signal
import threading

import pytest

from nn.training.interruption import Interruption


def test_an_ignored_ctrl_c_stays_ignored():
    """Where SIGINT is ignored, as in a background job, it is not taken over."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGINT)
            assert not interruption.requested
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_first_ctrl_c_is_a_request_and_the_second_an_interrupt():
    """One SIGINT sets `requested` and nothing else; the next one raises KeyboardInterrupt."""
    with Interruption() as interruption:
        assert not interruption.requested
        signal.raise_signal(signal.SIGINT)
        assert interruption.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_handler_comes_back_whatever_happens():
    """A handler of the user's is in place again afterwards, also when an error ends the block."""

    def mine(number, frame):
        raise AssertionError

    def fail():
        with Interruption():
            assert signal.getsignal(signal.SIGINT) is not mine
            raise ZeroDivisionError

    before = signal.signal(signal.SIGINT, mine)
    try:
        with pytest.raises(ZeroDivisionError):
            fail()
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_leave_the_handler_alone():
    """Entered outside the main thread it installs nothing and raises nothing."""
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def work():
        with Interruption() as interruption:
            seen.append((interruption.installed, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, before)]
