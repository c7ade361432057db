"""The folder that a training ends in: the model, its history, the curves and the graph of one example."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection
from pathlib import Path

from autograd import Value, draw
from nn.command.task import Task
from nn.files import new_folder
from nn.layers import Neuron
from nn.networks import MLP
from nn.plotting import new_figure
from nn.saving import save
from nn.training.fitting import Data
from nn.training.history import History

MODEL, HISTORY, CURVES, GRAPH = "model.json", "history.json", "training.png", "graph.svg"

# With more, the lines between them can no longer be followed.
MOST_NEURONS_DRAWN = 12


def chosen_folder(given: str | None, name: str) -> Path:
    """The folder to write to: `given`, or glassgrad-NAME, with the first number that is free if there is one.

    Raises ValueError or OSError if `given` holds something already, or nothing can be written there.
    """
    if given is None:
        names = itertools.chain([f"glassgrad-{name}"], (f"glassgrad-{name}-{n}" for n in itertools.count(2)))
        folder = next(folder for folder in map(Path, names) if not os.path.lexists(folder))
    else:
        folder = Path(given)
        if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
            raise ValueError(f"--out {given} exists; give a new name, or remove it")
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise FileNotFoundError(f"{parent}: no such folder to write {folder.name} to")
    if not os.access(parent, os.W_OK):
        raise PermissionError(f"{parent}: no permission to write {folder.name} there")
    return folder


def unavailable() -> dict[str, str]:
    """The pictures that cannot be made here, each with the reason and what to install."""
    reasons = {}
    try:
        new_figure(1.0, 1.0)
    except ImportError as error:
        reasons[CURVES] = str(error)
    try:
        draw(Value(0.0)).svg()
    except ImportError as error:
        reasons[GRAPH] = str(error)
    return reasons


def write_results(
    folder: Path, model: MLP, task: Task, history: History, data: Data, skipped: Collection[str]
) -> list[str]:
    """Writes all files but those `skipped`, the folder whole or not at all, and returns their names."""
    with new_folder(folder) as partial:
        save(model, partial / MODEL, extra=task.state_dict())
        history.save(partial / HISTORY)
        if CURVES not in skipped:
            history.plot().savefig(partial / CURVES, dpi=120)
        if GRAPH not in skipped:
            draw_graph(partial / GRAPH, model, task, data)
        return [name for name in (MODEL, HISTORY, CURVES, GRAPH) if name not in skipped]


def draw_graph(path: Path, model: MLP, task: Task, data: Data) -> None:
    """Writes the graph of the loss of one row, with gradients, in neurons or, if they are many, in layers."""
    (row, *_), (target, *_) = data
    inputs = [Value(number, label=name) for number, name in zip(row, task.features)]
    loss = task.loss([model(inputs)], [target])
    loss.label = "loss"
    model.zero_grad()
    loss.backward()
    neurons = [module for _, module in model.named_modules() if isinstance(module, Neuron)]
    collapse = "neurons" if len(neurons) <= MOST_NEURONS_DRAWN else "layers"
    limit = len(inputs) + len(neurons) + 10  # the loss itself is a few
    draw(loss, model=model, inputs=inputs, collapse=collapse, limit=limit).save(path)
