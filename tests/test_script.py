"""Tests that printed equations are what is computed."""

import re

import numpy as np
import pytest
from listings import equations, shown

from autograd import Value, binary_cross_entropy_with_logits, cross_entropy
from nn import MLP


class Tensor(np.ndarray):
    """An array for which `*` is what · and ∘ mean: a matrix times a vector, else number by number."""

    def __mul__(self, other):
        if self.ndim == 2 and np.ndim(other) == 1:
            return self @ other
        return (
            (np.asarray(self) * other).reshape(-1).view(Tensor) if np.ndim(other) else super().__mul__(other)
        )


def evaluated(lines: list[str], given: dict[str, object]) -> dict[str, np.ndarray]:
    """What printed equations come to for one row."""
    z = lambda f: lambda x: np.asarray(f(np.asarray(x))).view(Tensor)  # noqa: E731
    scope: dict[str, object] = {
        "σ": z(lambda x: 1.0 / (1.0 + np.exp(-x))),
        "dσ": z(lambda x: np.exp(-x) / (1.0 + np.exp(-x)) ** 2),
        "dtanh": z(lambda x: 1.0 - np.tanh(x) ** 2),
        "drelu": z(lambda x: (x > 0.0) * 1.0),
        "relu": z(lambda x: np.maximum(x, 0.0)),
        "tanh": z(np.tanh),
        "softmax": z(lambda x: np.exp(x) / np.exp(x).sum()),
        "outer": lambda x, y: np.outer(x, y).view(Tensor),
        "binary_cross_entropy_with_logits": lambda x, y: np.log1p(np.exp(x)) - x * y,
        "cross_entropy": lambda x, y: np.log(np.exp(x).sum()) - x[int(y)],
        **given,
    }
    for line in lines:
        plain = re.sub(r"(?<=\w)\[[\d×]+\]", "", line).replace("Σ_rows ", "")
        plain = re.sub(r"(\w+) (\w+)ᵀ", r"outer(\1, \2)", plain)
        plain = re.sub(r"(\w+)′", r"d\1", plain)
        plain = re.sub(r"\[(\w+) = (\(.*?\))\]", r"(\1 == np.array(\2))", plain)
        left, _, right = plain.replace("∂", "D").partition(" = ")
        for mark, plainer in [("·", "*"), ("∘", "*"), ("−", "-"), ("ᵀ", ".T")]:
            right = right.replace(mark, plainer)
        scope[left] = eval(right, {"np": np}, scope)
    return {own: np.asarray(found, float) for own, found in scope.items() if own[0] in "LD"}


@pytest.mark.parametrize(
    ("activation", "widths", "loss", "y"),
    [
        ("sigmoid", [3, 2, 1], binary_cross_entropy_with_logits, 1.0),
        ("tanh", [4, 3], cross_entropy, 2.0),
        ("relu", [5, 4, 1], lambda z, y: (1.0 - z * y).relu(), -1.0),
    ],
)
def test_what_is_printed_is_what_is_computed(activation, widths, loss, y):
    """The printed lines, evaluated as they stand, give the eager engine's loss and gradients."""
    model = MLP(2, widths, activation=activation, seed=4)
    x = [0.7, -1.2]
    eager = loss(model(x), Value(y))
    eager.backward()
    given = {"x": np.array(x).view(Tensor), "y": np.float64(y)}
    for number, layer in enumerate(model.layers, 1):
        given[f"W{number}"] = np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).view(Tensor)
        given[f"b{number}"] = np.array([neuron.b.data for neuron in layer.neurons]).view(Tensor)
    found = evaluated(equations(shown(lambda x, y: loss(model(x), y), x, y).text()), given)
    assert found["L"] == pytest.approx(eager.data, rel=1e-12)
    for number, layer in enumerate(model.layers, 1):
        expected = [[w.grad for w in neuron.w] for neuron in layer.neurons]
        np.testing.assert_allclose(found[f"DW{number}"].reshape(np.shape(expected)), expected, rtol=1e-12)
        np.testing.assert_allclose(
            found[f"Db{number}"].ravel(), [n.b.grad for n in layer.neurons], rtol=1e-12
        )
