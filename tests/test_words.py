"""Tests that NumPy's words for the rows of the table are what the rows compute, at the edges too."""

import builtins
from dis import get_instructions
from itertools import product

import numpy as np
import pytest
from programs import EDGES, assert_same

from autograd import ops
from autograd.compiler.source.words import FUNCTIONS, NEEDED, TEMPLATES, joined

NUMBERS = [*EDGES, -0.3, 5.9, -5.9, 6.1]
FEW = [0.0, 1.0, -2.0, 40.0, 700.0, *EDGES[-3:]]
SPOKEN = {**FUNCTIONS, **TEMPLATES}


def said(op):
    """The word for `op` as a function."""
    word = SPOKEN[op]
    if not isinstance(word, str):
        return word
    return eval(f"lambda {', '.join('xyz'[: word.count('{}')])}: {word.format(*'xyz')}", {"np": np})


@pytest.mark.parametrize("op", [op for op in SPOKEN if not op.variadic], ids=lambda op: op.name)
def test_rows_of_few_operands(op):
    """Each result is the row's own to 1e-12, nan and inf where that has them, for arrays and single numbers."""
    count = len(op.derivative.__code__.co_varnames[: op.derivative.__code__.co_argcount]) - 1
    points = np.array(list(product(NUMBERS if count < 3 else FEW, repeat=count)))
    expected = [op.value(tuple(point)) for point in points.tolist()]
    with np.errstate(all="ignore"):
        # 1 + erf(x) cancels, whose digits below 1e-16 are chance
        scale = 1e-2 if op is ops.gelu else 0.0
        assert_same(said(op)(*points.T), expected, scale=scale)
        for point, z in zip(points[::7], expected[::7]):
            assert_same(said(op)(*map(np.float64, point)), z, scale=scale)


@pytest.mark.parametrize("op", [op for op in SPOKEN if op.variadic], ids=lambda op: op.name)
def test_rows_of_any_number_of_operands(op):
    """The last axis has the operands; an index stands beside."""
    points = np.array(list(product(FEW, repeat=3)))
    indices = [(0.0,), (1.0,), (2.0,)] if op in (ops.select, ops.cross_entropy) else [()]
    for index in indices:
        expected = [op.value((*point, *index)) for point in points.tolist()]
        with np.errstate(all="ignore"):
            assert_same(said(op)(points, *[np.full(len(points), i) for i in index]), expected)


def test_each_function_stands_with_what_it_needs():
    """The text of a function calls numpy, itself and what is listed as needed, and nothing else."""
    for function in [*FUNCTIONS.values(), joined]:
        known = {"np", *[needed.__name__ for needed in NEEDED.get(function, [])]}
        called = {step.argval for step in get_instructions(function) if step.opname == "LOAD_GLOBAL"}
        called -= set(vars(builtins))
        assert called <= known, function
