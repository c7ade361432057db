"""Tests of what each key does in the terminal."""

import pytest

from autograd import Value, steps
from autograd.stepping.session import Session
from nn import MLP, mean_squared_error


def session():
    """σ(wx) + w, in 8 steps."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    return Session(steps((w * x).sigmoid() + w))


def pressed(start, *keys):
    for key in keys:
        assert start.press(key)
    return start


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        ((), 0),
        (("right",), 1),
        (("down", "right", "left"), 1),
        (("left",), 0),
        (("end",), 8),
        (("end", "right"), 8),
        (("end", "home"), 0),
        (("5", "enter"), 4),
        (("3", "2", "backspace", "enter"), 2),
        (("9", "9", "enter"), 8),
        (("0", "enter"), 0),
        (("5", "right", "enter"), 1),
        (("enter",), 0),
        (("page down",), 8),
        (("end", "page up"), 0),
        (("x", "escape", "up"), 0),
    ],
)
def test_where_keys_lead(keys, at):
    """Arrows, Home and End, and numbers, from 1 to the last step; others do nothing."""
    assert pressed(session(), *keys).at == at


def test_quitting():
    """q ends it, also while help is shown."""
    assert not session().press("q")
    assert not pressed(session(), "?").press("q")


def test_help_goes_with_the_next_key():
    """? shows it, and any key hides it again and does nothing else."""
    start = pressed(session(), "?")
    assert start.helping
    pressed(start, "right")
    assert (start.helping, start.at) == (False, 0)


def test_playing():
    """Space plays and pauses; it ends at the last step, from which there is nothing to play."""
    start = pressed(session(), "space")
    for _ in range(3):
        start.tick()
    assert (start.at, start.playing) == (3, True)
    pressed(start, "space").tick()
    assert start.at == 3
    pressed(start, "7", "enter", "space")
    for _ in range(5):
        start.tick()
    assert (start.at, start.playing) == (8, False)
    assert not pressed(start, "space").playing


def test_predicting():
    """After p the number of each next step is hidden until it is typed or revealed; steps seen are not."""
    start = pressed(session(), "right", "p")
    assert not start.hidden
    pressed(start, "right")
    assert (start.at, start.hidden) == (2, True)
    pressed(start, "right")
    assert (start.at, start.hidden) == (2, False)
    pressed(start, "right", "enter")
    assert (start.at, start.hidden, start.said) == (3, False, "")
    pressed(start, "left", "right")
    assert not start.hidden
    pressed(start, "end")
    assert start.hidden
    pressed(start, "p")
    assert not start.hidden


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0.731", "0.731 is right"),
        ("0.73", "0.73 is right"),
        ("7.3e-1", "7.3e-1 is right"),
        ("0.7", "not 0.7: it is 0.7311"),
        ("-0.731", "not -0.731: it is 0.7311"),
        ("0.7.3", ""),
    ],
)
def test_judging(typed, said):
    """A prediction within a hundredth is right; for another the number is said; either way it is shown."""
    start = pressed(session(), "p", "right", *typed, "enter")
    assert (start.hidden, start.said, start.typed) == (False, said, "")


def test_playing_waits_for_a_prediction():
    """Nothing is passed over unseen."""
    start = pressed(session(), "p", "space")
    start.tick()
    start.tick()
    assert (start.at, start.hidden) == (1, True)


def test_pages_are_neurons():
    """In a model, PgDn and PgUp go from one neuron to the next; the group at work is known."""
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    start = Session(steps(mean_squared_error([model([0.5, 1.0])], [1.0]), model=model))
    names = []
    for _ in range(4):
        names.append(start.group.name)
        pressed(start, "page down")
    assert names == [
        "layers[0].neurons[0]",
        "layers[0].neurons[1]",
        "layers[1].neurons[0]",
        "outside the model",
    ]
    pressed(start, "page up", "page up")
    assert start.group.name == "layers[1].neurons[0]"
    pressed(start, "end", "page down")
    assert start.at == len(start.steps) - 1


def test_a_large_model_shows_the_neuron_at_work():
    """Above 1,000 nodes: its nodes and what they are computed from."""
    model = MLP(30, [40, 1], activation="tanh", seed=1)
    start = Session(steps(model([0.5] * 30), model=model))
    assert len(start.steps.order) > 1000
    assert len(start.lines) == 2 + 30 + 30 + 1
    small = MLP(2, [1])
    assert len(Session(steps(small([1.0, 2.0]), model=small)).lines) == 6
