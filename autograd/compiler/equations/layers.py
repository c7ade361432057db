"""Layers: which groups are the sums, the activations and the gradients that textbooks call z, a and δ."""

from collections.abc import Mapping

from autograd.compiler.equations.regions import CONSTANT, Space
from autograd.compiler.equations.script import ACTIVATIONS
from autograd.compiler.plans.grouping import Group, Plan, Sink

__all__ = ["layer_names"]


def layer_names(plan: Plan, space: Space, first: int, layers: Mapping[int, int]) -> dict[int, str]:
    """Names for groups, by region. layers: the number of each layer, by the group that is its sum.

    zₗ is the sum itself, aₗ the activation of it, and δₗ what the gradients of the layer's parameters are
    made of besides the layer's own inputs.
    """
    names = {first + group: f"z{layer}" for group, layer in layers.items()}
    sums = dict(names)
    taken: set[str] = set()
    for position, group in enumerate(plan.groups):
        if group.op not in ACTIVATIONS:
            continue
        key = space.key(space.locate(group.terms[0], group.count))
        of_sum = sums.get(int(key[1])) if key and key[0] == "region" else None
        if of_sum and of_sum not in taken:
            names[first + position] = of_sum.replace("z", "a")
            taken.add(of_sum)
    layer_of, inputs = _belongings(plan, space, first, layers)
    found: dict[int, set[int]] = {}
    for sink in plan.sinks:
        place = len(plan.constants) + sink.target.matrix(sink.count)[0, 0] - 1
        layer = layer_of.get(int(space.shared[place, 0])) if place >= len(plan.constants) else None
        delta = _gradient(sink, space, first, inputs[layer]) if layer else None
        if layer and delta is not None:
            found.setdefault(layer, set()).add(delta)
    for layer, deltas in found.items():
        if len(deltas) == 1:  # else the layer is used more than once
            names.setdefault(deltas.pop(), f"δ{layer}")
    return names


def _belongings(
    plan: Plan, space: Space, first: int, layers: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, set[int]]]:
    """The layer that each region of parameters belongs to, and the regions that are inputs of each layer."""
    layer_of: dict[int, int] = {}
    inputs: dict[int, set[int]] = {}
    for position, layer in layers.items():
        used = _regions(plan.groups[position], space)
        inputs[layer] = {region for shared, region in used if not shared}
        for shared, region in used:
            if shared and region != CONSTANT:
                layer_of.setdefault(region, layer)
    return layer_of, inputs


def _regions(group: Group, space: Space) -> set[tuple[bool, int]]:
    indices = [*group.terms, *[index for pair in group.pairs for index in pair]]
    return {
        (index.shared, int(region))
        for index in indices
        for region in space.locate(index, group.count).which.ravel()
    }


def _gradient(sink: Sink, space: Space, first: int, inputs: set[int]) -> int | None:
    """The group in a sink that is no input of the layer."""
    for index in (sink.a, sink.b):
        key = space.key(space.locate(index, sink.count)) if index is not None else None
        if key and key[0] == "region" and key[1] >= first and key[1] not in inputs:
            return int(key[1])
    return None
