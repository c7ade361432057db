"""Tests of steps in groups of one neuron or layer."""

from itertools import pairwise

import pytest

from autograd import Value, steps
from autograd.drawing.clusters import homes
from autograd.drawing.unfolding import rows
from nn import MLP, Neuron, mean_squared_error


def passed(rows_=1):
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    predictions = [model([0.5, float(i)]) for i in range(rows_)]
    return steps(mean_squared_error(predictions, [1.0] * rows_), model=model)


@pytest.mark.parametrize("by", ["neurons", "layers"])
@pytest.mark.parametrize("count", [1, 3])
def test_groups_are_all_of_the_steps(by, count):
    """In order, without a gap, each of one phase, and no two neighbours that belong together."""
    sequence = passed(count)
    groups = sequence.grouped(by)
    assert [step for group in groups for step in sequence[group.steps]] == list(sequence)
    assert all(step.phase == group.phase for group in groups for step in sequence[group.steps])
    assert all(a[:2] != b[:2] for a, b in pairwise(groups))


def test_a_pass_goes_through_the_layers_and_back():
    """Forward layer by layer, then the loss; backward the other way round."""
    names = [(group.phase, group.name) for group in passed().grouped("layers")]
    assert names == [
        ("forward", "layers[0]"),
        ("forward", "layers[1]"),
        ("forward", "outside the model"),
        ("seed", "outside the model"),
        ("backward", "outside the model"),
        ("backward", "layers[1]"),
        ("backward", "layers[0]"),
    ]


def test_neurons_are_those_of_pictures():
    """A step is in the neuron in which a drawing frames its node."""
    sequence = passed(2)
    parameters = {value: name for name, value in sequence.model.named_parameters()}
    home = homes(rows([sequence.root], lambda row: False), parameters)
    for group in sequence.grouped("neurons"):
        for step in sequence[group.steps]:
            place = home.get(step.node, "outside the model")
            assert group.name == place.replace(".0", "[0]").replace(".1", "[1]")


def test_a_neuron_by_itself():
    """The model is the only module there is."""
    neuron = Neuron(2, "tanh", seed=1)
    assert [group.name for group in steps(neuron([1.0, 2.0]), model=neuron).grouped("neurons")] == [
        "model"
    ] * 3


@pytest.mark.parametrize("by", ["neuron", "", None])
def test_there_are_two_ways_to_group(by):
    """Anything else is refused."""
    with pytest.raises(ValueError, match='steps are grouped by "neurons" or "layers", got'):
        passed().grouped(by)


def test_groups_need_a_model():
    """Which neuron a node belongs to is known from the parameters' names."""
    with pytest.raises(ValueError, match=r"say which, as in steps\(loss, model=model\)"):
        steps(-Value(1.0)).grouped("layers")
