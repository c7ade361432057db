"""Module: which parameters and modules are found, under which names, and what is done with all of them."""

import copy
import pickle
import re

import pytest

from autograd import Value, relu
from nn.layers import Dropout, Layer
from nn.module import Module
from nn.networks import MLP, Sequential
from nn.optim.optimizers import SGD


class Holder(Module):
    """A module of a user's own, with parameters in every kind of place, and no `super().__init__()`."""

    def __init__(self):
        self.zulu = Value(1.0)
        self.alpha = [Value(2.0), [Value(3.0)], (Value(4.0),)]
        self._private = {"b": Value(5.0), "a": {7: Value(6.0)}}
        self.child = Pair(7.0, 8.0)
        self.children = {"left": Pair(9.0, 10.0), "more": [Pair(11.0, 12.0)]}
        self.rate, self.name, self.nothing, self.function = 0.1, "holder", None, relu


class Pair(Module):
    def __init__(self, w, b):
        self.w = Value(w)
        self.b = Value(b)

    def __call__(self, x):
        return self.w * x + self.b


class Link(Module):
    def __init__(self, link=None):
        self.w = Value(1.0)
        self.link = link


def test_parameters_are_found_by_attribute_in_the_order_of_definition():
    """Values in attributes, lists, tuples, dicts and modules there are parameters, with dotted names."""
    names = {name: parameter.data for name, parameter in Holder().named_parameters()}
    assert list(names) == [
        "zulu",
        "alpha.0",
        "alpha.1.0",
        "alpha.2.0",
        "_private.b",
        "_private.a.7",
        "child.w",
        "child.b",
        "children.left.w",
        "children.left.b",
        "children.more.0.w",
        "children.more.0.b",
    ]
    assert list(names.values()) == [float(i) for i in range(1, 13)]
    assert [parameter.data for parameter in Holder().parameters()] == list(names.values())


def test_a_tied_parameter_is_listed_and_stepped_once():
    """What is held twice counts once, under the first name, whether it is a Value, a list or a module."""
    model = Holder()
    model.again = model.zulu
    model.list_again = model.alpha
    model.module_again = [model.child, model]
    assert list(dict(model.named_parameters())) == list(dict(Holder().named_parameters()))
    model.zulu.grad = 1.0
    SGD(model.parameters(), lr=0.25).step()
    assert model.zulu.data == 0.75


def test_only_leaves_are_parameters():
    """A result, and a number that an operator wrapped, are not parameters."""
    model = Pair(1.0, 2.0)
    model.result = model.w * 3.0
    model.constant = model.result.parents[1]
    model.activation = model.b.relu()
    assert list(dict(model.named_parameters())) == ["w", "b"]


def test_modules_may_hold_each_other():
    """A child that refers to its parent makes no endless walk, and no endless repr."""
    parent, child = Link(), Link()
    parent.link, child.link = child, parent
    assert [name for name, _ in parent.named_parameters()] == ["w", "link.w"]
    assert parent.eval().link.training is False
    assert repr(parent) == "Link(\n  w: 1 parameter\n  link: Link(\n    w: 1 parameter\n    link: ...\n  )\n)"


def test_depth_is_not_limited():
    """A chain of 5,000 modules, and a list nested as deep, is gone through without recursion."""
    chain, nested = Link(), [Value(1.0)]
    for _ in range(4999):
        chain, nested = Link(chain), [nested]
    assert len(chain.parameters()) == 5000
    assert chain.eval().training is False
    model = Module()
    model.nested = nested
    assert len(model.parameters()) == 1


def test_modules_are_named_as_parameters_are():
    """`named_modules` gives this module first, under the name "", and then each module below it once."""
    model = Holder()
    model.again = model.child
    named = dict(model.named_modules())
    assert list(named) == ["", "child", "children.left", "children.more.0"]
    assert named[""] is model
    assert named["children.left"] is model.children["left"]


def test_attributes_may_be_set_on_the_way():
    """Whoever goes through the modules may mark them."""
    model = MLP(2, [3, 1])
    for name, module in model.named_modules():
        module.name = name
    assert model.layers[0].neurons[2].name == "layers.0.neurons.2"


def test_zero_grad_clears_every_gradient():
    """After `zero_grad` no parameter has a gradient; the numbers stay."""
    model = Pair(2.0, 3.0)
    model(5.0).backward()
    assert (model.w.grad, model.b.grad) == (5.0, 1.0)
    model.zero_grad()
    assert [(p.data, p.grad, p.has_grad) for p in model.parameters()] == [
        (2.0, 0.0, False),
        (3.0, 0.0, False),
    ]


def test_parameters_may_be_written_out_as_in_micrograd():
    """A module that lists its parameters itself has these cleared by `zero_grad`."""
    outside = Value(1.0)

    class Listing(Module):
        def parameters(self):
            return [outside]

    outside.grad = 3.0
    Listing().zero_grad()
    assert outside.grad == 0.0


def test_train_and_eval_reach_every_module():
    """`eval` and `train` set `training` in each module below, and return the model."""
    model = Holder()
    model.dropouts = [Dropout(0.5)]
    assert all(module.training for _, module in model.named_modules())
    assert model.eval() is model
    assert not any(module.training for _, module in model.named_modules())
    assert model.train() is model
    assert all(module.training for _, module in model.named_modules())
    assert Holder().training is True


def test_a_state_goes_from_one_model_to_another():
    """`load_state_dict(other.state_dict())` makes a model compute what the other does; ints become floats."""
    first, second = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    assert first([1.0, 2.0]).data != second([1.0, 2.0]).data
    second.load_state_dict(first.state_dict())
    assert first([1.0, 2.0]).data == second([1.0, 2.0]).data
    pair = Pair(1.0, 2.0)
    pair.load_state_dict({"b": -4, "w": 3.5})
    assert pair.state_dict() == {"w": 3.5, "b": -4.0}
    assert isinstance(pair.b.data, float)


def test_a_state_is_plain_floats():
    """A state holds floats whatever was put into `data`, and does not follow later changes."""
    model = Pair(1.0, 2.0)
    model.w.data = 3
    state = model.state_dict()
    model.w.data = 9.0
    assert state == {"w": 3.0, "b": 2.0}
    assert {type(number) for number in state.values()} == {float}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"w": 1.0}, "the state does not fit this Pair: missing: b"),
        ({"w": 1.0, "b": 1.0, "c": 1.0}, "unexpected: c"),
        ({"w": "1", "b": True}, "not a number: w is '1', b is True"),
        ({"w": 10**400, "b": None}, "not a number: w is 1000"),
        ({"v": 0, "b": [1.0]}, r"missing: w; unexpected: v; not a number: b is \[1.0\]"),
        ({}, "missing: w, b"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, message):
    """Whatever is wrong with a state stands in one ValueError, and the model is as it was."""
    model = Pair(7.0, 8.0)
    with pytest.raises(ValueError, match=message):
        model.load_state_dict(state)
    assert model.state_dict() == {"w": 7.0, "b": 8.0}


def test_a_long_list_of_faults_is_cut():
    """The error about many names shows the first five and says how many more there are."""
    with pytest.raises(
        ValueError, match=re.escape("layers.0.neurons.0.w.0, layers.0.neurons.0.w.1")
    ) as caught:
        MLP(2, [16, 16, 1]).load_state_dict({})
    assert str(caught.value).endswith(" and 332 more")


def test_two_parameters_of_one_name_are_refused():
    """Names that fall together would lose a number: a ValueError that says which."""
    model = Module()
    model.held = {1: Value(1.0), "1": Value(2.0)}
    with pytest.raises(ValueError, match=r"two parameters of this Module have the name 'held\.1'"):
        model.state_dict()
    with pytest.raises(ValueError, match=r"'held\.1'"):
        model.load_state_dict({"held.1": 3.0})


def test_repr_shows_the_structure():
    """A user's own module prints its modules, indented, and how many parameters it holds besides."""
    model = Holder()
    model.head = Sequential(Layer(2, 4), Dropout(0.25))
    assert repr(model) == (
        "Holder(\n"
        "  zulu: 1 parameter\n"
        "  alpha: 3 parameters\n"
        "  _private: 2 parameters\n"
        "  child: Pair(\n"
        "    w: 1 parameter\n"
        "    b: 1 parameter\n"
        "  )\n"
        "  children.left: Pair(\n"
        "    w: 1 parameter\n"
        "    b: 1 parameter\n"
        "  )\n"
        "  children.more.0: Pair(\n"
        "    w: 1 parameter\n"
        "    b: 1 parameter\n"
        "  )\n"
        "  head: Sequential(\n"
        "    layers.0: Layer(2 → 4 relu)\n"
        "    layers.1: Dropout(p=0.25)\n"
        "  )\n"
        ")"
    )
    assert repr(Module()) == "Module()"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_is_a_working_model_of_its_own(copied):
    """A copied or pickled model computes the same, keeps its ties, trains, and leaves the original alone."""
    model = MLP(2, [3, 3, 1], activation="tanh", seed=4)
    model.layers[1].neurons[1].w = model.layers[1].neurons[0].w
    model.extra = Dropout(0.5, seed=1)
    twin = copied(model)
    assert twin.state_dict() == model.state_dict()
    assert twin.layers[1].neurons[1].w is twin.layers[1].neurons[0].w
    assert twin([0.5, -1.0]).data == model([0.5, -1.0]).data
    assert twin.extra.rng.random() == model.extra.rng.random()
    before = model.state_dict()
    twin([0.5, -1.0]).backward()
    SGD(twin.parameters(), lr=0.1).step()
    assert model.state_dict() == before
    assert twin.state_dict() != before
