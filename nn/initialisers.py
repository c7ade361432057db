"""Initialisers: the first weights of a neuron, drawn from a given generator with PyTorch's distributions.

Each takes the number of inputs, the width of the layer and the generator, and returns a weight for each
input. To give another argument, wrap it: `functools.partial(uniform, low=-0.1, high=0.1)`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

Initialiser: TypeAlias = Callable[[int, int, random.Random], list[float]]

# PyTorch names the first five. The others look like relu: linear far above 0, flat far below.
GAINS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5.0 / 3.0,
        "relu": math.sqrt(2.0),
        "leaky_relu": math.sqrt(2.0 / (1.0 + 0.01**2)),
        "elu": math.sqrt(2.0),
        "gelu": math.sqrt(2.0),
        "silu": math.sqrt(2.0),
        "softplus": math.sqrt(2.0),
    }
)


def calculate_gain(nonlinearity: str) -> float:
    """What to scale weights by, so that the activation of that name neither swells nor shrinks what it gets.

    >>> calculate_gain("relu") == 2**0.5
    True
    """
    if nonlinearity not in GAINS:
        raise ValueError(f"nonlinearity is {nonlinearity!r}: expected one of {', '.join(GAINS)}")
    return GAINS[nonlinearity]


def uniform(nin: int, nout: int, rng: random.Random, low: float = -1.0, high: float = 1.0) -> list[float]:
    """Weights from U(low, high), which are micrograd's; wide layers then start out too large.

    >>> [round(w, 3) for w in uniform(3, 1, random.Random(0))]
    [0.689, 0.516, -0.159]
    """
    return [rng.uniform(low, high) for _ in range(nin)]


def xavier_uniform(nin: int, nout: int, rng: random.Random, gain: float = 1.0) -> list[float]:
    """Weights from U(−a, a) with a = gain·√(6/(nin + nout)): Glorot and Bengio (2010), equation 16.

    >>> max(xavier_uniform(1000, 500, random.Random(0))) < (6 / 1500) ** 0.5
    True
    """
    bound = gain * math.sqrt(6.0 / (nin + nout))
    return uniform(nin, nout, rng, -bound, bound)


def xavier_normal(nin: int, nout: int, rng: random.Random, gain: float = 1.0) -> list[float]:
    """Weights from N(0, s²) with s = gain·√(2/(nin + nout)): Glorot and Bengio (2010), equation 12."""
    deviation = gain * math.sqrt(2.0 / (nin + nout))
    return [rng.gauss(0.0, deviation) for _ in range(nin)]


def kaiming_uniform(nin: int, nout: int, rng: random.Random, nonlinearity: str = "relu") -> list[float]:
    """Weights from U(−b, b) with b = gain·√(3/nin), for the gain of the activation: He et al. (2015).

    >>> max(kaiming_uniform(1000, 500, random.Random(0))) < (6 / 1000) ** 0.5
    True
    """
    bound = calculate_gain(nonlinearity) * math.sqrt(3.0 / nin)
    return uniform(nin, nout, rng, -bound, bound)


def kaiming_normal(nin: int, nout: int, rng: random.Random, nonlinearity: str = "relu") -> list[float]:
    """Weights from N(0, s²) with s = gain/√nin, for the gain of the activation: He et al. (2015), eq. 10."""
    deviation = calculate_gain(nonlinearity) / math.sqrt(nin)
    return [rng.gauss(0.0, deviation) for _ in range(nin)]
