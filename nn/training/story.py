"""A training step as one story: forward, backward, update and zero, without taking it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeAlias

import autograd
from autograd import Step, Steps
from nn.data.rows import as_list, mini_batches
from nn.module import Module
from nn.optim.optimizer import Optimizer
from nn.training import steps as training
from nn.training.steps import Loss, Model, training_mode

__all__ = ["training_story"]

Point: TypeAlias = tuple[float, float]  # a parameter's data and its gradient


def training_story(
    model: Model, X: Iterable[Any], y: Iterable[Any], *, loss: Loss, optimizer: Optimizer
) -> Steps:
    """The next training step on the rows `X` and their targets `y`, to be stepped through; it is not taken.

    After the forward and the backward pass each of the optimiser's parameters is updated, W ← W − α ∂L/∂W
    with plain `SGD`, and then has its gradient set back to zero. The numbers are those of `fit`'s next step,
    to the last bit. The model, its gradients and random numbers and the optimiser's state stay as they are.

    >>> from autograd import Value
    >>> from nn import SGD, half_squared_error
    >>> w = Value(1.0, "w")
    >>> sgd = SGD([w], lr=0.1)
    >>> story = training_story(lambda row: w * row[0], [[2.0]], [4.0], loss=half_squared_error, optimizer=sgd)
    >>> print(story[-2].sentence)
    w goes from 1 to 1 − learning rate × gradient = 1 − 0.1 × (−4) = 1.4
    >>> w.data
    1.0
    """
    listed = as_list(X)
    rows, targets = next(mini_batches(listed, y, max(len(listed), 1), shuffle=False))
    with training_mode(model, True), same_random_numbers(model):
        total = training.Step(model, loss, optimizer).total([model(row) for row in rows], targets)
    if isinstance(model, Module):
        return updated(autograd.steps(total, model=model), optimizer, dict(model.named_parameters()))
    return updated(autograd.steps(total), optimizer, {})


@contextmanager
def same_random_numbers(model: Model) -> Iterator[None]:
    """While entered, the model may draw numbers; then its generators give the same ones again."""
    modules = [module for _, module in model.named_modules()] if isinstance(model, Module) else []
    held = [attribute for module in modules for attribute in vars(module).values()]
    states = [(rng, rng.getstate()) for rng in held if isinstance(rng, random.Random)]
    try:
        yield
    finally:
        for rng, state in states:
            rng.setstate(state)


def updated(passed: Steps, optimizer: Optimizer, parameters: dict[str, autograd.Value]) -> Steps:
    """`passed` with the updates of all of the optimiser's parameters after it, and the zeros after these."""
    unused = [parameter for parameter in optimizer.parameters if parameter not in passed.names]
    known = {parameter: name for name, parameter in parameters.items()}
    names = {p: p.label or known.get(p, f"{p.data:.4g}") for p in unused}
    graph = replace(
        passed.graph,
        order=(*unused, *passed.order),
        names={**names, **passed.names},
        numbers={**{p: p.data for p in unused}, **passed.graph.numbers},
    )
    points = [(p.data, passed.gradients.get(p, 0.0)) for p in optimizer.parameters]
    updates = list(zip(optimizer.parameters, points, stepped(optimizer, points), plain(optimizer, points)))
    steps = [replace(step, graph=graph) for step in passed]
    for p, (before, slope), after, is_plain in updates:
        rate = optimizer.lr if is_plain else None
        steps.append(
            Step(len(steps), "update", p, after, graph, partial=slope, before=before, after=after, rate=rate)
        )
    for p, (_, slope), after, _ in updates:
        steps.append(Step(len(steps), "zero", p, after, graph, before=slope, after=0.0))
    return Steps(graph, steps)


def stepped(optimizer: Optimizer, points: Iterable[Point]) -> list[float]:
    """What the parameters would become, had they these data and gradients, in a step of the optimiser."""
    ahead = deepcopy(optimizer)
    for twin, (data, slope) in zip(ahead.parameters, points, strict=True):
        twin.data, twin.grad = data, slope
    ahead.step()
    return [twin.data for twin in ahead.parameters]


def plain(optimizer: Optimizer, points: Sequence[Point]) -> list[bool]:
    """For each parameter, whether the step is W − α ∂L/∂W: here and at one more point.

    At one alone it may be so by chance: where a gradient is 0, every rule leaves W as it is.
    """
    further = [(data + 1.5, slope + 1.5) for data, slope in points]
    holds = [
        [after == data - optimizer.lr * slope for (data, slope), after in zip(at, stepped(optimizer, at))]
        for at in (points, further)
    ]
    return [here and there for here, there in zip(*holds)]
