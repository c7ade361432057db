"""Networks: modules one after the other, and the multi-layer perceptron."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from nn.activations import Activation, activation_function, activation_label
from nn.data.rows import generator
from nn.initialisers import Initialiser
from nn.layers import Layer
from nn.module import Module, counted


class Sequential(Module):
    """A network: modules, in the list `layers`, each of which gets what the one before it returns.

    >>> from nn import Dropout
    >>> rng = random.Random(0)
    >>> model = Sequential(Layer(2, 8, "tanh", seed=rng), Dropout(0.5, seed=rng), Layer(8, 1, None, seed=rng))
    >>> model
    Sequential(
      layers.0: Layer(2 → 8 tanh)
      layers.1: Dropout(p=0.5)
      layers.2: Layer(8 → 1)
    )
    """

    def __init__(self, *modules: Module) -> None:
        for module in modules:
            if not isinstance(module, Module):
                raise TypeError(
                    f"expected modules, as in Sequential(Layer(2, 8), Layer(8, 1)), got {module!r}"
                )
        self.layers = list(modules)

    def __call__(self, x: Any) -> Any:
        """What the last module returns; if that is a list of one, the Value in it."""
        for layer in self.layers:
            x = layer(x)
        return x[0] if isinstance(x, list) and len(x) == 1 else x


class MLP(Sequential):
    """A multi-layer perceptron: layers of the widths `nouts`, the first with `nin` inputs.

    activation: that of all layers but the last, whose is `output_activation`, linear unless given; the
    other arguments are those of `Neuron`. Networks of the same sizes and seed are equal.

    >>> model = MLP(2, [16, 16, 1])
    >>> model
    MLP(2 → 16 relu → 16 relu → 1, 337 parameters)
    >>> model([0.0, 0.0]).data
    0.0
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output_activation: Activation = None,
        init: Initialiser | None = None,
        seed: int | random.Random = 0,
    ) -> None:
        if not isinstance(nouts, Sequence) or not nouts:
            raise ValueError(f"nouts is {nouts!r}: expected the width of each layer, such as [16, 16, 1]")
        rng = generator(seed)
        nins = [nin, *nouts[:-1]]
        hidden = activation_function(activation)  # which is checked also where no layer is hidden
        activations = [hidden] * (len(nouts) - 1) + [activation_function(output_activation)]
        sizes = zip(nins, nouts, activations, strict=True)
        super().__init__(*[Layer(*size, init, rng) for size in sizes])

    def __repr__(self) -> str:
        layers = [layer for layer in self.layers if isinstance(layer, Layer)]
        if len(layers) != len(self.layers):  # the user has put other modules among them
            return super().__repr__()
        widths = [f" → {len(layer.neurons)}{activation_label(layer.activation)}" for layer in layers]
        return f"MLP({layers[0].nin}{''.join(widths)}, {counted(len(self.parameters()), 'parameter')})"
