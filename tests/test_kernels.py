"""Tests of how the kernels are compiled and kept: what they compute is held against eager in test_program.py."""

import tempfile

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd.compiler.execution import kernels, running
from autograd.compiler.execution.elementwise import cached


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


def test_a_disk_without_room(monkeypatch):
    """What cannot be kept is compiled, and used, for as long as the process lives."""
    calls = []

    def run(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise OSError("no space left on device")

    monkeypatch.setattr(kernels, "run", run)
    running.compile_kernels.__wrapped__("float64")
    assert len(calls) == 2


def test_every_file_of_the_kernels_counts():
    """A change in any file that the kernels are made of makes numba compile them anew."""
    made_of = {
        value.__module__
        for value in vars(kernels).values()
        if getattr(value, "__module__", "").startswith("autograd.compiler.")
    }
    assert made_of - {"autograd.compiler.execution.kernels"} <= set(kernels.SOURCES)
    assert "autograd.compiler.execution.encoding" in kernels.SOURCES  # whose numbers are in the kernels


def test_the_kernels_have_one_signature_for_a_type():
    """However arguments are laid out, and whoever may write to them, nothing is compiled a second time."""
    from autograd import Value, compile

    w = Value(2.0)
    program = compile(lambda x, y: w * x[0] * y + x[1], [1.0, 2.0], 3.0)
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6.0)
    expected = program.value_and_grad(x, y)
    before = len(kernels.run.signatures)
    frozen = x.copy()
    frozen.setflags(write=False)
    layouts = [np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], frozen, x.astype(">f8"), x.tolist()]
    for rows in layouts:
        value, gradient = program.value_and_grad(rows, y)
        assert (value, gradient.tolist()) == (expected[0], expected[1].tolist())
    numbers = np.array([2.0])
    numbers.setflags(write=False)
    assert program.value_and_grad(x, y, parameters=numbers)[0] == expected[0]
    assert len(kernels.run.signatures) == before
