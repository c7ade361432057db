"""Initialisers: the distributions that PyTorch documents for `torch.nn.init`, from the generator given."""

import math
import random
import statistics
from functools import partial

import pytest

from nn.activations import ACTIVATIONS
from nn.initialisers import (
    GAINS,
    calculate_gain,
    kaiming_normal,
    kaiming_uniform,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from nn.layers import Layer
from nn.networks import MLP

NIN, NOUT = 20_000, 5_000

UNIFORM = [
    # (initialiser, the bound that PyTorch's documentation gives)
    (uniform, 1.0),
    (xavier_uniform, math.sqrt(6 / (NIN + NOUT))),
    (partial(xavier_uniform, gain=3.0), 3 * math.sqrt(6 / (NIN + NOUT))),
    (kaiming_uniform, math.sqrt(2) * math.sqrt(3 / NIN)),
    (partial(kaiming_uniform, nonlinearity="linear"), math.sqrt(3 / NIN)),
    (partial(kaiming_uniform, nonlinearity="tanh"), 5 / 3 * math.sqrt(3 / NIN)),
]

NORMAL = [
    # (initialiser, the standard deviation that PyTorch's documentation gives)
    (xavier_normal, math.sqrt(2 / (NIN + NOUT))),
    (partial(xavier_normal, gain=0.5), 0.5 * math.sqrt(2 / (NIN + NOUT))),
    (kaiming_normal, math.sqrt(2) / math.sqrt(NIN)),
    (partial(kaiming_normal, nonlinearity="sigmoid"), 1 / math.sqrt(NIN)),
]


@pytest.mark.parametrize(("initialiser", "bound"), UNIFORM)
def test_uniform_weights_fill_their_interval(initialiser, bound):
    """20,000 draws reach both ends of (−bound, bound), pass neither, and have its mean and variance."""
    weights = initialiser(NIN, NOUT, random.Random(3))
    assert len(weights) == NIN
    assert -bound <= min(weights) < -0.999 * bound
    assert 0.999 * bound < max(weights) <= bound
    assert abs(statistics.fmean(weights)) < 4 * bound / math.sqrt(3 * NIN)
    assert statistics.pvariance(weights) == pytest.approx(bound**2 / 3, rel=0.03)


@pytest.mark.parametrize(("initialiser", "deviation"), NORMAL)
def test_normal_weights_have_their_moments(initialiser, deviation):
    """20,000 draws have mean 0, the deviation documented, and a normal's share beyond two of them."""
    weights = initialiser(NIN, NOUT, random.Random(3))
    assert len(weights) == NIN
    assert abs(statistics.fmean(weights)) < 4 * deviation / math.sqrt(NIN)
    assert statistics.pstdev(weights) == pytest.approx(deviation, rel=0.02)
    assert sum(abs(w) > 2 * deviation for w in weights) / NIN == pytest.approx(0.0455, abs=0.006)


def test_uniform_takes_its_ends():
    """`low` and `high` are the ends of the interval."""
    weights = uniform(1000, 1, random.Random(0), low=2.0, high=3.0)
    assert 2.0 <= min(weights) < 2.01 < 2.99 < max(weights) <= 3.0


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("linear", 1.0),
        ("sigmoid", 1.0),
        ("tanh", 5 / 3),
        ("relu", math.sqrt(2)),
        ("leaky_relu", math.sqrt(2 / (1 + 0.01**2))),
    ],
)
def test_gains_are_pytorchs(name, gain):
    """Where `torch.nn.init.calculate_gain` names an activation, the gain is the one it documents."""
    assert calculate_gain(name) == gain


def test_every_activation_has_a_gain():
    """An activation that a layer takes by name has a gain, and the other way round; others are refused."""
    assert set(GAINS) == set(ACTIVATIONS)
    with pytest.raises(ValueError, match="nonlinearity is 'selu': expected one of linear, sigmoid, tanh"):
        calculate_gain("selu")


def test_the_initialiser_of_a_layer_draws_its_weights():
    """`init` is asked once a neuron for nin numbers, with the width of the layer and the one generator."""
    rng = random.Random(1)
    asked = []

    def counting(nin, nout, generator):
        asked.append((nin, nout, generator is rng))
        return [float(len(asked))] * nin

    model = MLP(3, [2, 1], init=counting, seed=rng)
    assert asked == [(3, 2, True), (3, 2, True), (2, 1, True)]
    assert [p.data for p in model.parameters()] == [1.0, 1.0, 1.0, 0.0, 2.0, 2.0, 2.0, 0.0, 3.0, 3.0, 0.0]


@pytest.mark.parametrize(
    ("activation", "bound"), [("relu", 6**0.5), (None, 3**0.5), ("tanh", 5 / 3 * 3**0.5)]
)
def test_the_default_is_kaiming_for_the_activation(activation, bound):
    """Without `init` a layer draws from U(−b, b), b = gain·√(3/nin), and its biases are 0."""
    layer = Layer(100, 50, activation)
    weights = [w.data * 10 for neuron in layer.neurons for w in neuron.w]  # √100 = 10
    assert 0.99 * bound < max(map(abs, weights)) <= bound
    assert {neuron.b.data for neuron in layer.neurons} == {0.0}


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "linear"])
def test_the_default_keeps_signals_at_their_size(activation):
    """What has gone through five layers of 40 neurons is neither ten times smaller nor ten times larger."""
    rng = random.Random(5)
    model = MLP(40, [40] * 5, activation, activation, seed=rng)
    outputs = [z.data for _ in range(3) for z in model([rng.gauss(0.0, 1.0) for _ in range(40)])]
    assert 0.1 < math.sqrt(statistics.fmean(z * z for z in outputs)) < 10.0
