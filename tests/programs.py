"""What the compiler's tests share: the eager truth, and programs that the reference carries out."""

import math

import numpy as np

from autograd import Value
from autograd.backpropagation import backpropagate

EDGES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    3.0,
    1e-9,
    -1e-300,
    1e300,
    40.0,
    -800.0,
    math.inf,
    -math.inf,
    math.nan,
]


def by_reference(program):
    """`program`, from now on carried out by the NumPy executor wherever it has been run before."""
    program.quick = None
    for variant in program.variants:
        for careful in variant.pipelines.values():
            pipeline = careful.pipeline
            for runner in (pipeline.once, pipeline.rows, pipeline.after):
                if runner is not None:
                    runner.program = None
    return program


def eager(function, parameters, rows, reduction="mean"):
    """The mean (or sum) of `function` over `rows` of arguments and its gradient, one Value at a time."""
    for parameter in parameters:
        parameter.zero_grad()
    total = 0.0
    scale = 1.0 / len(rows) if reduction == "mean" else 1.0
    for row in rows:
        result = function(*lifted(row))
        backpropagate(result, scale)
        total += result.data * scale
    return total, [parameter.grad for parameter in parameters]


def lifted(nested):
    """Nested lists of numbers as nested lists of Values."""
    return [lifted(part) for part in nested] if isinstance(nested, list | tuple) else Value(nested)


def assert_same(given, expected, relative=1e-12, scale=0.0):
    """nan and ±inf exactly where expected, every other number to `relative`, or to that times `scale`."""
    given, expected = np.asarray(given, float), np.asarray(expected, float)
    assert given.shape == expected.shape
    with np.errstate(all="ignore"):
        close = np.abs(given - expected) <= relative * np.maximum(np.abs(expected), scale)
    same = (given == expected) | (np.isnan(given) & np.isnan(expected)) | (np.isfinite(expected) & close)
    assert same.all(), (
        f"{given[~same][:5]} where {expected[~same][:5]} is expected, at {np.argwhere(~same)[:5]}"
    )
