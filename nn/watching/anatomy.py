"""The neurons of a model: which parameters are whose, and whether the layers follow one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd import Value
from nn.activations import activation_name
from nn.layers import Layer, Neuron
from nn.module import Module

__all__ = ["Anatomy", "Unit"]


@dataclass(frozen=True)
class Unit:
    """A neuron: its layer, its place there, and where its weights and its bias are among the parameters."""

    name: str
    layer: int
    place: int
    weights: tuple[int, ...]
    bias: int
    activation: str
    neuron: Neuron


@dataclass(frozen=True)
class Anatomy:
    """A model's layers of neurons, in the order of their definition.

    follows: for each layer but the first, whether it takes exactly the outputs of the one before, so that
    its weights can be drawn as edges between the two.

    >>> from nn import MLP
    >>> anatomy = Anatomy.of(model := MLP(2, [3, 1]), model.parameters())
    >>> [unit.name for unit in anatomy.units], anatomy.units[3].weights
    (['layer 1, neuron 1', 'layer 1, neuron 2', 'layer 1, neuron 3', 'layer 2, neuron 1'], (9, 10, 11))
    """

    units: tuple[Unit, ...]
    widths: tuple[int, ...]
    follows: bool

    @classmethod
    def of(cls, model: object, parameters: Sequence[Value]) -> Anatomy:
        """The anatomy of a model, its parameters numbered as in `parameters`; empty if it has no neurons."""
        layers = _layers(model, set(parameters))
        place = {value: i for i, value in enumerate(parameters)}
        units = [
            Unit(
                f"layer {k + 1}, neuron {j + 1}",
                k,
                j,
                tuple([place[weight] for weight in neuron.w]),
                place[neuron.b],
                _called(neuron),
                neuron,
            )
            for k, layer in enumerate(layers)
            for j, neuron in enumerate(layer)
        ]
        inputs = [len(layer[0].w) for layer in layers]
        widths = [len(layer) for layer in layers]
        return cls(tuple(units), (*inputs[:1], *widths), inputs[1:] == widths[:-1])


def _layers(model: object, trained: set[Value]) -> list[list[Neuron]]:
    """Lists of neurons: layers, and neurons that are in none, each on its own."""
    if not isinstance(model, Module):
        return []
    modules = [module for _, module in model.named_modules()]
    found = [module.neurons for module in modules if isinstance(module, Layer)]
    inside = {neuron for layer in found for neuron in layer}
    found += [[module] for module in modules if isinstance(module, Neuron) and module not in inside]
    return [layer for layer in found if all(trained.issuperset(neuron.parameters()) for neuron in layer)]


def _called(neuron: Neuron) -> str:
    if neuron.activation is None:
        return "linear"
    return activation_name(neuron.activation) or str(getattr(neuron.activation, "__name__", "its own"))
