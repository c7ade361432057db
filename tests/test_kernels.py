"""Tests of what the kernels are made of: what they compute is held against eager in test_program.py."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd.compiler.execution import kernels


def test_every_file_of_the_kernels_counts():
    """A change in any file that the kernels are made of makes numba compile them anew."""
    made_of = {
        value.__module__
        for value in vars(kernels).values()
        if getattr(value, "__module__", "").startswith("autograd.compiler.")
    }
    assert made_of - {"autograd.compiler.execution.kernels"} <= set(kernels.SOURCES)
    assert "autograd.compiler.execution.codes" in kernels.SOURCES  # whose numbers are in the kernels


def test_the_kernels_have_one_signature_for_a_type():
    """However arguments are laid out, and whoever may write to them, nothing is compiled a second time."""
    from autograd import Value, compile

    w = Value(2.0)
    program = compile(lambda x, y: w * x[0] * y + x[1], [1.0, 2.0], 3.0)
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6.0)
    expected = program.value_and_grad(x, y)
    before = len(kernels.run_of("float64").signatures)
    frozen = x.copy()
    frozen.setflags(write=False)
    layouts = [np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], frozen, x.astype(">f8"), x.tolist()]
    for rows in layouts:
        value, gradient = program.value_and_grad(rows, y)
        assert (value, gradient.tolist()) == (expected[0], expected[1].tolist())
    numbers = np.array([2.0])
    numbers.setflags(write=False)
    assert program.value_and_grad(x, y, parameters=numbers)[0] == expected[0]
    assert len(kernels.run_of("float64").signatures) == before
