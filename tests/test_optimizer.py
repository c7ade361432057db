"""What every optimiser does: which parameters it takes, one step, and its state."""

import json

import pytest

from autograd import Value
from nn.optim.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop

KINDS = [
    (SGD, {"momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01}),
    (RMSprop, {"momentum": 0.5, "centered": True}),
    (Adagrad, {"lr_decay": 0.1}),
    (Adam, {"betas": (0.8, 0.9), "amsgrad": True}),
    (AdamW, {}),
]


def train(optimiser, steps):
    """Steps down Σ (w − k)⁴ for the k-th parameter w."""
    for _ in range(steps):
        optimiser.zero_grad()
        for k, w in enumerate(optimiser.parameters):
            ((w - k) ** 4).backward()
        optimiser.step()
    return [w.data for w in optimiser.parameters]


def test_a_tied_parameter_is_moved_once():
    """A parameter that is listed twice takes one step, and stands once in `parameters`."""
    w, b = Value(1.0), Value(2.0)
    w.grad = b.grad = 1.0
    optimiser = SGD([w, b, w], lr=0.5)
    optimiser.step()
    assert optimiser.parameters == [w, b]
    assert (w.data, b.data) == (0.5, 1.5)


def test_parameters_may_come_from_a_generator():
    """Any iterable of Values will do."""
    w = Value(1.0)
    w.grad = 1.0
    SGD((p for p in [w]), lr=0.25).step()
    assert w.data == 0.75


def test_no_parameters_are_refused():
    """An empty list, as of a model whose parameters were not found, is a ValueError."""
    with pytest.raises(ValueError, match="params is empty"):
        SGD([])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (Value(1.0), "params is .*expected a list of Values"),
        ([Value(1.0), 2.0], r"params\[1\] is 2.0: expected a Value"),
        ([[Value(1.0)]], r"params\[0\] is .*expected a Value"),
        ([Value(1.0) * 2.0], r"params\[0\] is .*expected a leaf"),
    ],
)
def test_only_leaves_are_parameters(params, message):
    """What is no leaf Value is a TypeError naming its place: a result would part from its operands."""
    with pytest.raises(TypeError, match=message):
        SGD(params)


def test_zero_grad_clears_every_gradient():
    """After `zero_grad` each gradient is 0.0 and the numbers are as they were."""
    w, b = Value(1.0), Value(2.0)
    optimiser = SGD([w, b])
    (w * b).backward()
    optimiser.zero_grad()
    assert [(p.data, p.grad) for p in (w, b)] == [(1.0, 0.0), (2.0, 0.0)]


@pytest.mark.parametrize(("kind", "arguments"), KINDS)
def test_a_state_resumes_bit_for_bit(kind, arguments):
    """10 steps, state through JSON into a new optimiser of other arguments, 10 more: equal to 20 steps."""
    uninterrupted = train(kind([Value(5.0), Value(-3.0)], lr=0.01, **arguments), 20)
    first = kind([Value(5.0), Value(-3.0)], lr=0.01, **arguments)
    halfway = train(first, 10)
    resumed = kind([Value(data) for data in halfway], lr=0.7)
    resumed.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert train(resumed, 10) == uninterrupted
    assert repr(resumed) == repr(first)


def test_a_state_is_a_copy():
    """Steps taken after `state_dict()` do not change it, nor does loading it tie two optimisers together."""
    first = SGD([Value(5.0)], lr=0.01, momentum=0.9)
    train(first, 1)
    saved = first.state_dict()
    text = json.dumps(saved)
    second = SGD([Value(5.0)])
    second.load_state_dict(saved)
    train(first, 1)
    train(second, 1)
    assert json.dumps(saved) == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "Adam"}, "the state is of Adam, this optimiser is SGD"),
        ({"state": []}, "the state is of 0 parameters, this optimiser has 1"),
        ({"arguments": {"lr": 0.1}}, "the state's arguments are"),
        (
            {"arguments": {"lr": -1, "weight_decay": 0, "momentum": 0, "dampening": 0, "nesterov": False}},
            "lr is -1",
        ),
        ({"steps": "many"}, "steps is 'many': expected a whole number"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    """A state of another optimiser, of other parameters or arguments is refused; nothing is half-loaded."""
    optimiser = SGD([Value(5.0)], lr=0.01, momentum=0.9)
    train(optimiser, 3)
    before = optimiser.state_dict()
    with pytest.raises(ValueError, match=message):
        optimiser.load_state_dict({**SGD([Value(1.0)]).state_dict(), **change})
    assert optimiser.state_dict() == before


def test_a_state_that_lacks_a_part_is_refused():
    """The error says which parts are missing."""
    with pytest.raises(ValueError, match="no arguments, optimizer, state, steps"):
        SGD([Value(1.0)]).load_state_dict({})


def test_repr_shows_the_arguments():
    """An optimiser prints as the call that made it, without the parameters."""
    expected = "SGD(lr=0.5, weight_decay=0.0, momentum=0.9, dampening=0.0, nesterov=True)"
    assert repr(SGD([Value(1.0)], lr=0.5, momentum=0.9, nesterov=True)) == expected
