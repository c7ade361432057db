"""Tests of what numba compiles: where it is kept, what is said meanwhile, and how often it is compiled."""

import tempfile
import time

import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd import Value, compile
from autograd.compiler import machine
from autograd.compiler.machine import cached, prepare
from autograd.compiler.plans import layout, likeness, linear, tape

PLANNERS = [
    tape._mark_upwards,
    tape._mark_downwards,
    linear._joined,
    likeness._grouped,
    layout._laid_out,
]


def doubled(x):
    return 2.0 * x


def test_a_place_that_cannot_be_written_to(monkeypatch):
    """Where no folder takes a file, as in a read-only installation, kernels compile all the same."""

    def refuse(*arguments, **settings):
        raise PermissionError("read-only")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert cached(doubled)(3.0) == 6.0


def test_a_cache_folder_that_is_a_file(monkeypatch, tmp_path):
    """Nor does it matter that NUMBA_CACHE_DIR names what is no folder."""
    from numba import config

    (tmp_path / "file").write_text("")
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "file"))
    assert cached(doubled)(3.0) == 6.0


def test_a_disk_without_room():
    """What cannot be kept is compiled, and used, for as long as the process lives."""
    calls = []

    def run(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise OSError("no space left on device")

    prepare(run, 3)
    assert calls == [(3,), (3,)]


def test_what_takes_long_is_said_once(monkeypatch, capsys):
    """Whoever waits for the compilation is told, and not told again unless something else is compiled."""
    monkeypatch.setattr(machine, "PATIENCE", 0.001)
    machine._announce.cache_clear()
    prepare(time.sleep, 0.1)
    prepare(time.sleep, 0.1)
    assert capsys.readouterr().err == "glassgrad compiles its kernels, once on this machine …\n"
    prepare(time.sleep, 0.1, what="kernels for float32")
    assert capsys.readouterr().err == "glassgrad compiles its kernels for float32, once on this machine …\n"


def test_what_is_quick_is_not_said(capsys):
    """Functions that come from the cache need no word."""
    machine._announce.cache_clear()
    prepare(time.sleep, 0.0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("planner", PLANNERS, ids=lambda planner: planner.__name__)
def test_planners_are_compiled_once(planner):
    """Whatever is planned, their arguments are of the same types."""
    w = [Value(0.1 * i) for i in range(5)]

    def f(x, y):
        layer = [sum([a * b for a, b in zip(w, x)]) + v for v in w]
        return sum([v.tanh() for v in layer]) * y + sum([v * v for v in w])

    compile(f, [1.0] * 5, 2.0).value_and_grad([[1.0] * 5], [2.0])
    compile(lambda: w[0] * 2.0)
    compile(lambda x: x, 1.0)([1.0])
    assert len(planner.signatures) == 1


@pytest.mark.parametrize("module", [tape, linear, likeness, layout])
def test_planners_stand_alone(module):
    """They call nothing compiled from other files, in which numba would not notice a change."""
    dispatchers = [value for value in vars(module).values() if hasattr(value, "py_func")]
    assert any(planner in dispatchers for planner in PLANNERS)
    assert {value.py_func.__module__ for value in dispatchers} == {module.__name__}
