"""Choosing between the eager and the compiled step: by what recording costs and what it saves."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeAlias

from autograd import Value
from nn.optim.optimizer import Optimizer
from nn.training.compiled import CompiledStep, reproduces
from nn.training.sampling import Batch
from nn.training.steps import Loss, Model, Step, training_mode

# Seconds, measured from 2-16-16-1 to 784-50-10 on one core of a small server. Counts and constants decide,
# not timings of the run at hand, so that the same call always takes the same way.
EAGER = (
    0.3e-6  # what a parameter takes in one eager step on one row: it meets one other number, and is summed
)
RECORDED = 40e-6  # what a parameter takes to be recorded and grouped, in the step and in the predictions
LOADED = 2.0  # what loading numba and the kernels takes
MARGIN = 2.0  # how many times its cost recording has to save

Parts: TypeAlias = tuple[Model, Loss, Optimizer, Callable[[], Value] | None, float | None]


def chosen_step(parts: Parts, data: Batch, epochs: int) -> Step:
    """The step that is expected to train sooner on `data`: compiled, if that is possible and pays, or eager.

    A compiled step is taken only if it reproduces the eager predictions on the first rows: what depends on
    more than its row, such as a random choice of the model's own, is left to the eager engine.
    """
    X, y = data
    model, _, optimizer, _, _ = parts
    if find_spec("numba") is None or not pays(len(optimizer.parameters), len(X), epochs):
        return Step(*parts)
    with training_mode(model, True):
        try:
            step = CompiledStep(*parts)
            step.prepare(X, y)
            return step if reproduces(step.predictor, model, X) else Step(*parts)
        except (ImportError, TypeError, ValueError, ArithmeticError):
            return Step(*parts)  # which says what is wrong, if it is the model or the data


def pays(parameters: int, rows: int, epochs: int) -> bool:
    """Whether recording an example that uses each parameter once saves more than it costs.

    >>> pays(337, rows=100, epochs=10), pays(337, rows=100, epochs=1000)
    (False, True)
    """
    return rows * epochs * parameters * EAGER > MARGIN * (LOADED + parameters * RECORDED)
