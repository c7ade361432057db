"""Tests of which module of a model a node belongs to."""

import pytest

import autograd
from autograd import Value, function
from autograd.drawing.clusters import collapsed, homes, owner, written
from autograd.drawing.unfolding import rows


def home_of(root, parameters):
    return homes(rows([root], lambda row: False), parameters)


def neuron(prefix, nin=2):
    """The weights and the bias of a neuron, and their names."""
    w, b = [Value(0.5 + i) for i in range(nin)], Value(0.1)
    names = {weight: f"{prefix}.w.{i}" for i, weight in enumerate(w)} | {b: f"{prefix}.b"}
    return w, b, names


@pytest.mark.parametrize(
    ("name", "module", "tail"),
    [
        ("layers.0.neurons.3.w.1", "layers.0.neurons.3", "w[1]"),
        ("layers.0.neurons.3", "layers.0", "neurons[3]"),
        ("layers.0", "", "layers[0]"),
        ("0.weight.3.1", "0", "weight[3][1]"),
        ("0", "", "[0]"),
        ("fc1.w2", "fc1", "w2"),
        ("fc1", "", "fc1"),
        ("net.fc1", "net", "fc1"),
        ("b", "", "b"),
        ("", "", ""),
    ],
)
def test_the_module_of_a_name(name, module, tail):
    """A dotted name is an attribute of a module, with indices where that is a list."""
    assert (owner(name), written(name)) == (module, tail)


def test_a_fused_neuron_is_its_dot_and_its_activation():
    """Inputs and what a loss makes of the output are outside."""
    w, b, names = neuron("n")
    x = Value(1.0)
    z = autograd.dot(w, [x, 2.0], b)
    a = autograd.leaky_relu(z, 0.1)
    loss = (a - 1.0) ** 2
    assert home_of(loss, names) == dict.fromkeys([*w, b, z, a], "n")


@pytest.mark.parametrize(
    "typed",
    [
        lambda w, x, b: w[0] * x[0] + w[1] * x[1] + b,
        lambda w, x, b: b + w[0] * x[0] + w[1] * x[1],
        lambda w, x, b: sum((wi * xi for wi, xi in zip(w, x)), b),
        lambda w, x, b: autograd.sum([wi * xi for wi, xi in zip(w, x)]) + b,
    ],
)
def test_a_neuron_typed_out_is_found_whole(typed):
    """Products, their sums in any order and the activation belong to it; the loss does not."""
    w, b, names = neuron("n")
    x = [Value(1.0), Value(2.0)]
    a = typed(w, x, b).tanh()
    loss = (a - 1.0) ** 2
    inside = {row.value for row in rows([a], lambda row: False)} - set(x)
    assert home_of(loss, names) == dict.fromkeys(inside, "n")


def test_a_linear_neuron_ends_before_the_loss():
    """Errors, and sums over several examples, are not part of the neuron that they are of."""
    w, b, names = neuron("n")
    outputs = [autograd.dot(w, [float(i), 1.0], b) for i in range(3)]
    total = outputs[0] + outputs[1] + (outputs[2] - 0.5) * 2.0
    assert home_of(total * 0.5, names) == dict.fromkeys([*w, b, *outputs], "n")


def test_penalties_are_no_part_of_a_neuron():
    """Squares and absolute values of parameters are computed beside the network."""
    w, b, names = neuron("n")
    penalty = w[0] * w[0] + w[1] ** 2 + abs(b) + autograd.dot(w, w)
    assert home_of(penalty, names) == dict.fromkeys([*w, b], "n")


def test_each_layer_has_its_own_nodes():
    """A neuron that reads another's output is its own, even where both are linear; time steps are one's."""
    w1, b1, names = neuron("layers.0.neurons.0")
    w2, b2, more = neuron("layers.1.neurons.0", nin=1)
    z1 = autograd.dot(w1, [1.0, 2.0], b1)
    z2 = autograd.dot(w2, [z1], b2)
    again = autograd.dot(w1, [z2, 2.0], b1)
    home = home_of(again, names | more)
    assert [home[z] for z in (z1, z2, again)] == [
        "layers.0.neurons.0",
        "layers.1.neurons.0",
        "layers.0.neurons.0",
    ]


def test_what_uses_parameters_of_two_modules_is_in_neither():
    """A product of two neurons' weights belongs to none of them."""
    w1, _, names = neuron("a")
    w2, _, more = neuron("b")
    z = w1[0] * w2[0]
    assert z not in home_of(z, names | more)


def test_a_users_activation_counts_and_a_second_one_does_not():
    """An operation of the user's on one operand closes the neuron, like the table's own."""
    w, b, names = neuron("n")
    z = autograd.dot(w, [1.0, 2.0], b)
    swish = function("swish", lambda x: x, lambda x, z: 1.0)
    a = swish(z)
    home = home_of(a.tanh().log(), names)
    assert home == dict.fromkeys([*w, b, z, a], "n")
    assert z.log() not in home_of(z.log(), names)


def test_neurons_collapse_into_themselves_and_layers_hold_them():
    """Modules that hold no other are neurons; what holds them, or stands at the top, is a layer."""
    modules = {"layers.0.neurons.0", "layers.0.neurons.1", "layers.1.neurons.0", "scale"}
    assert collapsed(modules, "") == {}
    assert collapsed(modules, "neurons") == {module: module for module in modules}
    assert collapsed(modules, "layers") == {
        "layers.0.neurons.0": "layers.0",
        "layers.0.neurons.1": "layers.0",
        "layers.1.neurons.0": "layers.1",
        "scale": "scale",
    }


def test_the_model_itself_collapses_only_where_it_is_all_there_is():
    """A lone neuron is one box; a model with parameters of its own beside its modules is not."""
    assert collapsed({""}, "neurons") == collapsed({""}, "layers") == {"": ""}
    assert collapsed({"", "hidden"}, "neurons") == {"hidden": "hidden"}
    assert collapsed({"", "hidden"}, "layers") == {"hidden": "hidden"}


def test_the_outermost_layer_takes_in_what_is_below():
    """Where a layer is inside another, there is one box for both."""
    assert collapsed({"net.a", "net.sub.b"}, "layers") == {"net.a": "net", "net.sub.b": "net"}
