"""Tests of names for all nodes of a graph."""

from autograd import Value
from autograd.graph import topological_order
from autograd.naming import known_names, node_names
from nn import MLP, hinge


def test_parameters_that_share_a_name_are_told_apart_by_their_path():
    """layers.0.neurons.3.w.1 is w[0,3,1] where other neurons have a w[1] too; in a single neuron it is w[1]."""
    model = MLP(2, [4, 1])
    names = node_names(model.parameters(), model=model)
    assert names[model.layers[0].neurons[3].w[1]] == "w[0,3,1]"
    assert names[model.layers[1].neurons[0].b] == "b[1,0]"
    assert len(set(names.values())) == len(names)
    neuron = MLP(2, [1])
    assert [node_names(neuron.parameters(), model=neuron)[p] for p in neuron.parameters()] == [
        "w[0]",
        "w[1]",
        "b",
    ]


def test_labels_and_given_names_come_first():
    """A label beats a name of the user's, which beats the model's; a picture uses these names alone."""
    model = MLP(1, [1])
    (w,), b = model.layers[0].neurons[0].w, model.layers[0].neurons[0].b
    b.label = "bias"
    order = topological_order(model([2.0]))
    assert known_names(order, {"slope": w, "other": b}, model) == {w: "slope", b: "bias"}


def test_every_node_has_a_name_of_its_own():
    """Inputs beside a model are x1, x2; nodes v1, v2, …, skipping what is taken; the output is L."""
    model = MLP(2, [2, 1])
    x = [Value(0.5), Value(-1.0)]
    v2 = Value(3.0, "v2")
    loss = hinge([model(x) * v2], [1])
    order = topological_order(loss)
    names = node_names(order, model=model)
    assert [names[value] for value in x] == ["x1", "x2"]
    nodes = [names[node] for node in order if not node.is_leaf]
    assert nodes[-1] == "L"
    assert nodes[:3] == ["v1", "v3", "v4"]
    assert len(set(nodes)) == len(nodes)


def test_without_a_model_a_nameless_leaf_is_its_number():
    """So that a formula reads as it was typed."""
    a = Value(2.0, "a")
    order = topological_order(a * 3.0)
    assert [node_names(order)[node] for node in order] in (["a", "3", "L"], ["3", "a", "L"])
