"""Activations: what each name stands for, and which functions are recognised by name."""

import math

import pytest

import autograd
from autograd import Value
from nn.activations import ACTIVATIONS, activation_function, activation_label, activation_name

DEFINITIONS = {
    "linear": lambda z: z,
    "relu": lambda z: max(z, 0.0),
    "tanh": math.tanh,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + math.exp(-z)),
    "softplus": lambda z: math.log(1 + math.exp(z)),
}


def test_every_name_is_defined_here():
    """The names are those whose closed forms the next test knows."""
    assert set(ACTIVATIONS) == set(DEFINITIONS)


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("z", [-2.0, -0.5, 0.25, 3.0])
def test_a_name_is_its_closed_form(name, z):
    """The function for a name computes what the name says."""
    function = activation_function(name)
    computed = Value(z) if function is None else function(Value(z))
    assert computed.data == pytest.approx(DEFINITIONS[name](z), rel=1e-12)
    assert activation_name(function) == name


@pytest.mark.parametrize("name", [name for name in DEFINITIONS if name != "linear"])
def test_autograds_own_functions_count_as_their_names(name):
    """`autograd.relu` is "relu": the same function, which is saved under that name."""
    assert activation_function(getattr(autograd, name)) is activation_function(name)


def test_a_function_of_the_users_own_is_itself():
    """Any other callable is taken as it is, and has no name here; None is linear."""

    def square(z):
        return z * z

    assert activation_function(square) is square
    assert activation_name(square) is None
    assert activation_function(None) is None
    assert [activation_label(f) for f in (square, Value.relu, autograd.gelu, None)] == [
        " square",
        " relu",
        " gelu",
        "",
    ]


@pytest.mark.parametrize("given", ["ReLU", "softmax", "", 3, ["relu"]])
def test_an_unknown_name_is_refused(given):
    """A ValueError says what was given and lists the names there are."""
    with pytest.raises(
        ValueError, match="expected a function of one Value, or one of linear, relu, tanh"
    ) as e:
        activation_function(given)
    assert repr(given) in str(e.value)
