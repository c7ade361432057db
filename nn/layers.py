"""The parts of a network: neurons, layers of them, dropout and embeddings."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeAlias

import autograd
from autograd import Value
from nn.activations import Activation, Function, activation_function, activation_label, activation_name
from nn.checks import checked_number, checked_whole
from nn.data.rows import generator
from nn.initialisers import Initialiser, kaiming_uniform
from nn.module import Module, counted

Number: TypeAlias = Value | float


class Neuron(Module):
    """One neuron: `activation(Σ wᵢxᵢ + b)`, with the weights `w` and the bias `b`, which starts at 0.

    activation: one of the names in `ACTIVATIONS`, a function of one Value, or None for linear. init: draws
    the weights; by default `kaiming_uniform` for the activation. seed: a whole number, or a random.Random
    to go on drawing from. nout: the width of the layer that the neuron is in, which some initialisers use.

    >>> neuron = Neuron(2, "tanh")
    >>> len(neuron.w), neuron.b.data, neuron([0.0, 0.0]).data
    (2, 0.0, 0.0)
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        init: Initialiser | None = None,
        seed: int | random.Random = 0,
        nout: int = 1,
    ) -> None:
        self.activation = activation_function(activation)
        if init is None:
            init = partial(kaiming_uniform, nonlinearity=activation_name(self.activation) or "relu")
        self.w = [Value(weight) for weight in init(checked_whole("nin", nin, 1), nout, generator(seed))]
        self.b = Value(0.0)

    def __call__(self, x: Sequence[Number]) -> Value:
        """The output for a sequence of nin inputs: one `dot` node, and one for the activation."""
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} takes {counted(len(self.w), 'input')}, got {len(x)}")
        z: Value = autograd.dot.apply((*self.w, *x, self.b))  # dot(w, x, b), whose lengths are checked
        return z if self.activation is None else self.activation(z)

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)} → 1{activation_label(self.activation)})"


class Layer(Module):
    """A list of `neurons` that all see the same inputs. The arguments are those of `Neuron`.

    Layers made with the same seed are equal; for several in one model, pass one generator to all of them.

    >>> rng = random.Random(0)
    >>> hidden, output = Layer(2, 4, "tanh", seed=rng), Layer(4, 1, "linear", seed=rng)
    >>> len(output(hidden([0.5, -0.5])))
    1
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        init: Initialiser | None = None,
        seed: int | random.Random = 0,
    ) -> None:
        rng = generator(seed)
        width = checked_whole("nout", nout, 1)
        self.neurons = [Neuron(nin, activation, init, rng, width) for _ in range(width)]

    def __call__(self, x: Iterable[Number] | Number) -> list[Value]:
        """The outputs of the neurons, as a list also where there is only one.

        A single number counts as a list of one. Raises ValueError where the number of inputs is wrong.
        """
        inputs = _values(x)
        if len(inputs) != self.nin:
            raise ValueError(f"{self!r} takes {counted(self.nin, 'input')}, got {len(inputs)}")
        return [neuron(inputs) for neuron in self.neurons]

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.neurons[0].w)

    @property
    def activation(self) -> Function | None:
        """The activation of the neurons; None for linear."""
        return self.neurons[0].activation

    def __repr__(self) -> str:
        return f"Layer({self.nin} → {len(self.neurons)}{activation_label(self.activation)})"


class Dropout(Module):
    """In training each input, times 0 with probability p, else 1/(1 − p); after `eval()` each as it is.

    The mean of what comes out is therefore that of what went in. seed: as for `Neuron`.

    >>> [value.data for value in Dropout(0.5)([1.0, 1.0, 1.0, 1.0])]
    [2.0, 2.0, 0.0, 0.0]
    >>> [value.data for value in Dropout(0.5).eval()([1.0, 1.0, 1.0, 1.0])]
    [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, seed: int | random.Random = 0) -> None:
        self.p = checked_number("p", p, below=1.0)
        self.rng = generator(seed)

    def __call__(self, x: Iterable[Number] | Number) -> list[Value]:
        """As many values as came in."""
        values = _values(x)
        if not self.training:
            return values
        scale = 1.0 / (1.0 - self.p)
        return [value * (0.0 if self.rng.random() < self.p else scale) for value in values]

    def __repr__(self) -> str:
        return f"Dropout(p={self.p})"


class Embedding(Module):
    """A table, `weight`, with a row of `embedding_dim` parameters for each of `num_embeddings` things.

    The numbers are drawn from N(0, 1), as in PyTorch; seed: as for `Neuron`.

    >>> embedding = Embedding(10, 2)
    >>> embedding(3) == embedding.weight[3]
    True
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, seed: int | random.Random = 0) -> None:
        rng = generator(seed)
        rows = range(checked_whole("num_embeddings", num_embeddings, 1))
        columns = range(checked_whole("embedding_dim", embedding_dim, 1))
        self.weight = [[Value(rng.gauss(0.0, 1.0)) for _ in columns] for _ in rows]

    def __call__(self, index: Number) -> list[Value]:
        """The row's parameters; for an index that is a Value, nodes that look them up.

        Raises IndexError unless the index is a whole number from 0 to num_embeddings − 1.
        """
        if not isinstance(index, Value) and index in range(len(self.weight)):
            return list(self.weight[int(index)])
        return [autograd.take(column, index) for column in zip(*self.weight, strict=True)]

    def __repr__(self) -> str:
        return f"Embedding({len(self.weight)}, {len(self.weight[0])})"


def _values(x: Iterable[Number] | Number) -> list[Value]:
    """The inputs as Values: each number is made one once for all neurons of a layer."""
    listed = list(x) if isinstance(x, Iterable) else [x]
    try:
        return [given if isinstance(given, Value) else Value(given) for given in listed]
    except TypeError as error:
        raise TypeError(
            f"inputs are the numbers of one row; {error}; for many rows write [model(row) for row in rows]"
        ) from None
