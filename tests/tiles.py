"""What the tests of products and totals share: shapes that fill tiles and shapes that do not, and numbers for them."""

import numpy as np
import pytest

numba = pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

SHAPES = [(1, 1), (1, 16), (16, 2), (9, 1), (5, 7), (9, 130), (12, 8), (3, 64)]
NONE = [0, 0, 0, 0, -1]

shapes = pytest.mark.parametrize(("count", "width"), SHAPES)
by_lanes = pytest.mark.parametrize("lanes", [1, 8, 16, 24, 40])


def numbers(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


def from_python(function):
    """A function of the kernels, into which there is no way from Python, as one that Python can call."""
    return numba.jit(**function.targetoptions | {"no_cpython_wrapper": False})(function.py_func)
