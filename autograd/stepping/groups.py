"""Steps in groups: those of one neuron or layer of a model, in one phase, that follow each other."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from autograd.drawing.clusters import collapsed, homes, lineage, written
from autograd.drawing.unfolding import rows
from autograd.stepping.step import Graph, Phase, Step
from autograd.value import Value

__all__ = ["Group", "grouped"]

OUTSIDE = "outside the model"


class Group(NamedTuple):
    """A run of steps of one phase inside one neuron or layer: `all_steps[group.steps]`."""

    name: str
    phase: Phase
    steps: slice


def grouped(graph: Graph, steps: Sequence[Step], by: str) -> list[Group]:
    """The groups, in order, which together are all of `steps`; what is in no module is outside the model.

    Nodes belong to the neurons ("neurons") or layers ("layers") to which they belong in pictures.
    """
    module = modules(graph, by)
    runs = groupby(steps, key=lambda step: (module.get(step.node, OUTSIDE), step.phase))
    numbers = [(kind, [step.number for step in run]) for kind, run in runs]
    return [Group(name, phase, slice(run[0], run[-1] + 1)) for (name, phase), run in numbers]


def modules(graph: Graph, by: str) -> dict[Value, str]:
    """The name of the neuron or layer of each node that is in one."""
    if by not in ("neurons", "layers"):
        raise ValueError(f'steps are grouped by "neurons" or "layers", got {by!r}')
    if graph.model is None:
        raise ValueError(f"steps are grouped by {by} of a model: say which, as in steps(loss, model=model)")
    parameters = {value: name for name, value in graph.model.named_parameters()}
    home = homes(rows([graph.root], lambda row: False), parameters)
    boxes = collapsed(set(home.values()), by)
    return {node: whole_name(boxes[module]) for node, module in home.items() if module in boxes}


def whole_name(module: str) -> str:
    """`module` with all that hold it, as one writes it in Python.

    >>> whole_name("layers.0.neurons.3"), whole_name("")
    ('layers[0].neurons[3]', 'model')
    """
    parts = [written(holder) for holder in lineage(module) if holder]
    return ".".join(reversed(parts)) or "model"
