"""Sequential and MLP: what they compute, micrograd's own demo, and that nothing depends on the process."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import Value
from nn.data.point_sets import make_moons
from nn.initialisers import uniform
from nn.layers import Dropout, Embedding, Layer
from nn.module import Module
from nn.networks import MLP, Sequential


def forward(model, X, hidden=lambda z: np.maximum(z, 0.0)):
    """The output of a linear-ended MLP as matrix products, with what each layer got."""
    inputs = [X]
    for i, layer in enumerate(model.layers):
        W = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
        z = inputs[-1] @ W.T + np.array([neuron.b.data for neuron in layer.neurons])
        inputs.append(z if i == len(model.layers) - 1 else hidden(z))
    return inputs


def demo_gradient(model, X, y, alpha):
    """∂(mean hinge + alpha·Σp²)/∂p in the order of `parameters()`, by backpropagation with matrices."""
    inputs = forward(model, X)
    delta = np.where(1 - y * inputs[-1][:, 0] > 0, -y, 0)[:, None] / len(X)
    gradients = []
    for layer, got in zip(reversed(model.layers), reversed(inputs[:-1]), strict=True):
        W = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
        gradients.insert(0, np.hstack([delta.T @ got, delta.sum(axis=0)[:, None]]))
        delta = delta @ W * (got > 0)
    flat = np.concatenate([gradient.ravel() for gradient in gradients])
    return flat + 2 * alpha * np.array([p.data for p in model.parameters()])


def test_micrograds_demo_runs_with_only_its_imports_changed(capsys):
    """The text of the demo, on NumPy arrays, trains; every gradient is that of matrix calculus."""
    points, classes = make_moons(100, noise=0.1, seed=1)
    X, y = np.array(points), np.array(classes) * 2 - 1  # make y be -1 or 1

    # initialize a model
    model = MLP(2, [16, 16, 1])  # 2-layer neural network
    print(model)
    print("number of parameters", len(model.parameters()))

    # loss function
    def loss(batch_size=None):
        # inline DataLoader :)
        if batch_size is None:
            Xb, yb = X, y
        else:
            ri = np.random.permutation(X.shape[0])[:batch_size]
            Xb, yb = X[ri], y[ri]
        inputs = [list(map(Value, xrow)) for xrow in Xb]

        # forward the model to get scores
        scores = list(map(model, inputs))

        # svm "max-margin" loss
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        # L2 regularization
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss

        # also get accuracy
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
        return total_loss, sum(accuracy) / len(accuracy)

    # optimization
    for k in range(40):
        # forward
        total_loss, acc = loss()

        # backward
        model.zero_grad()
        total_loss.backward()
        expected = demo_gradient(model, X, y, alpha=1e-4)
        assert [p.grad for p in model.parameters()] == pytest.approx(expected, rel=1e-9, abs=1e-12)

        # update (sgd)
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad

        if k % 1 == 0:
            print(f"step {k} loss {total_loss.data}, accuracy {acc * 100}%")

    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["MLP(2 → 16 relu → 16 relu → 1, 337 parameters)", "number of parameters 337"]
    assert total_loss.data < 0.2
    assert acc > 0.9


def test_an_mlp_has_micrograds_attributes():
    """`.layers`, whose `.neurons` have `.w` and `.b`; hidden layers are relu, the last is linear."""
    model = MLP(3, [4, 2])
    assert [[len(neuron.w) for neuron in layer.neurons] for layer in model.layers] == [[3] * 4, [4] * 2]
    assert [layer.activation for layer in model.layers] == [Value.relu, None]
    names = list(dict(model.named_parameters()))
    assert names[:4] == [f"layers.0.neurons.0.{end}" for end in ("w.0", "w.1", "w.2", "b")]
    assert names[-1] == "layers.1.neurons.1.b"


def test_an_mlp_is_matrix_products():
    """Outputs equal those of matrices, for any widths and activation."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 3))
    for nouts in ([4, 2], [1, 3], [5, 1, 1, 2]):
        model = MLP(3, nouts, activation="tanh", init=uniform)
        expected = forward(model, X, np.tanh)[-1]
        assert np.array([[z.data for z in model(row)] for row in X]) == pytest.approx(expected, rel=1e-12)


def test_a_hidden_layer_of_width_1_works():
    """Only a network's last layer of width 1 gives a single Value; one in the middle goes on as a list."""
    X = np.array([[0.5, -2.0]])
    model = MLP(2, [1, 3, 1], activation="tanh", seed=1)
    output = model(X[0])
    assert isinstance(output, Value)
    assert output.data == pytest.approx(forward(model, X, np.tanh)[-1][0, 0], rel=1e-12)
    nested = Sequential(MLP(2, [3, 1]), MLP(1, [2, 1]))
    assert isinstance(nested([1.0, 2.0]), Value)
    assert isinstance(MLP(2, [3, 2])([1.0, 2.0]), list)


def test_an_output_activation_is_that_of_the_last_layer():
    """It does not touch the hidden layers."""
    linear, sigmoid = MLP(2, [3, 1]), MLP(2, [3, 1], output_activation="sigmoid", init=None)
    sigmoid.load_state_dict(linear.state_dict())
    assert sigmoid([1.0, -1.0]).data == linear([1.0, -1.0]).sigmoid().data


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MLP(2, [16, 16, 1]), r"Layer\(2 → 16 relu\) takes 2 inputs, got 3"),
        (Sequential(Layer(3, 4, "tanh"), Layer(5, 1, None)), r"Layer\(5 → 1\) takes 5 inputs, got 4"),
    ],
)
def test_inputs_of_the_wrong_length_name_the_layer(model, message):
    """A ValueError names the layer that they do not fit, what it expects and what came."""
    with pytest.raises(ValueError, match=message):
        model([1.0, 2.0, 3.0])


@pytest.mark.parametrize("nouts", [16, [], None])
def test_an_mlp_needs_a_list_of_widths(nouts):
    """One width alone, or none, is a ValueError that shows how to say it."""
    with pytest.raises(ValueError, match=r"expected the width of each layer, such as \[16, 16, 1\]"):
        MLP(2, nouts)


def test_a_sequential_passes_on_what_each_module_returns():
    """It computes what its modules do one after the other, and has the parameters of all."""
    rng = random.Random(0)
    parts = [Embedding(5, 3, seed=rng), Layer(3, 4, "tanh", seed=rng), Dropout(0.5, seed=rng).eval()]
    model = Sequential(*parts, Layer(4, 1, None, seed=rng))
    (by_hand,) = model.layers[3](parts[1](parts[0](2)))
    assert model(2).data == by_hand.data
    assert len(model.parameters()) == 15 + 16 + 5


def test_a_sequential_takes_modules_only():
    """A list of modules, or a bare function, is a TypeError that shows the call."""
    for wrong in ([Layer(2, 1)], Value.relu):
        with pytest.raises(TypeError, match="expected modules, as in Sequential"):
            Sequential(wrong)


def test_a_users_module_is_one_of_them():
    """A module of a user's own stands in a Sequential like any other."""

    class Doubling(Module):
        def __call__(self, x):
            return [v * 2.0 for v in x]

    model = Sequential(Layer(1, 2, None), Doubling())
    assert [z.data for z in model([3.0])] == [2 * z.data for z in model.layers[0]([3.0])]


def test_repr_shows_the_structure():
    """An MLP is one line; with other modules put among its layers it prints as what it then is."""
    model = MLP(4, [8, 3], activation="tanh", output_activation="sigmoid")
    assert repr(model) == "MLP(4 → 8 tanh → 3 sigmoid, 67 parameters)"
    model.layers.insert(1, Dropout(0.5))
    assert repr(model) == (
        "MLP(\n  layers.0: Layer(4 → 8 tanh)\n  layers.1: Dropout(p=0.5)\n  layers.2: Layer(8 → 3 sigmoid)\n)"
    )


def test_weights_come_from_the_seed():
    """One seed gives one network, whose layers differ; the global generator is left alone."""
    before = random.getstate()
    model = MLP(4, [4, 4], seed=1)
    assert random.getstate() == before
    assert model.state_dict() == MLP(4, [4, 4], seed=random.Random(1)).state_dict()
    assert model.state_dict() != MLP(4, [4, 4], seed=2).state_dict()
    assert model.layers[0].state_dict() != model.layers[1].state_dict()


def test_training_is_the_same_in_every_process():
    """Two processes with different PYTHONHASHSEED end with bit-identical weights."""
    program = """
from nn import MLP, Adam, Dropout, Layer, Sequential, cross_entropy, make_spirals
import random
rng = random.Random(3)
X, y = make_spirals(12, classes=3, noise=0.1, seed=rng)
model = Sequential(MLP(2, [4, 4], seed=rng), Dropout(0.2, seed=rng), Layer(4, 3, None, seed=rng))
optimizer = Adam(model.parameters(), lr=0.05)
for _ in range(5):
    optimizer.zero_grad()
    cross_entropy([model(row) for row in X], y).backward()
    optimizer.step()
print({name: number.hex() for name, number in model.state_dict().items()})
"""
    root = Path(nn.__file__).parents[1]
    printed = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]
    assert "layers.2.neurons.2.b" in printed[0]
