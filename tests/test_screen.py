"""Tests of what the terminal shows."""

import io
import re

import pytest
from graphs import chain

from autograd import Value, sigmoid, steps
from autograd.stepping.screen import screen
from autograd.stepping.session import Session
from nn import MLP, mean_squared_error

Console = pytest.importorskip("rich.console", reason="rich is an extra").Console


def neuron():
    w, x, b, y = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b"), Value(1.0, "y")
    a = sigmoid(w * x + b)
    a.label = "a"
    return Session(steps((a - y) ** 2))


def shown(session, width=90, height=30, colours=False):
    """The lines of the screen."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        height=height,
        force_terminal=True,
        color_system="standard" if colours else None,
    )
    console.print(screen(session, console))
    return out.getvalue().splitlines()


def row(lines, name):
    """The cells of the line of a node."""
    (line,) = [line for line in lines if re.match(rf"│ [▶● ] [│├└ ]*{name} ", line) and " ↑" not in line]
    return line.strip("│ ").split()


def flowing(lines):
    """The screen as one line."""
    return " ".join(" ".join([line.strip("│ ") for line in lines]).split())


def test_the_sentence_the_formula_and_where_one_is():
    """At the top, with the number of the step, counted from 1 as on the page, and its phase."""
    session = neuron()
    session.go(9)
    lines = shown(session)
    text = flowing(lines)
    assert "step 10 / 14 · backward pass" in lines[0]
    assert "From a to v2 flows upstream × local derivative = (−1) × 0.25 = −0.25" in text
    assert "∂L/∂v2 = ∂L/∂a · ∂a/∂v2 = ∂L/∂a · a·(1 − a) = (−1) · 0.5·(1 − 0.5)" in text


def test_numbers_appear_when_they_are_computed():
    """Leaves from the start, values in the forward pass, gradients and local derivatives in the backward pass."""
    session = neuron()
    assert "0.5" in row(shown(session), "w")
    assert row(shown(session), "a")[-1] == "σ(v2)"
    session.go(2)
    assert row(shown(session), "a")[-1] == "0.5"
    session.go(7)
    assert row(shown(session), "a")[-3:] == ["0.5", "1", "−1"]
    assert row(shown(session), "w")[-1] == "0.5"


def test_a_gradient_that_is_not_complete_is_marked():
    """Dots after it until nothing more is added."""
    a = Value(3.0, "a")
    session = Session(steps(a * a + a.tanh()))
    session.go(6)
    assert any("a" in line and "…" in line and "│" in line for line in shown(session))
    session.go(len(session.steps) - 1)
    assert not any("…" in line for line in shown(session))


def test_the_current_edge_is_marked():
    """An arrow at the node from which a contribution flows, a dot at the operand; two uses are told apart."""
    a = Value(3.0, "a")
    session = Session(steps(a * a))
    for at in (2, 3):
        session.go(at)
        lines = [line for line in shown(session) if "▶" in line or "●" in line]
        assert len(lines) == 2
        assert "L = a·a" in lines[0]
        assert ("↑" in lines[1]) == (at == 3)


def test_a_node_whose_number_is_zero():
    """A Value of 0 is false, and yet a node like others."""
    z = Value(0.0, "z")
    session = Session(steps(sigmoid(z)))
    session.go(2)
    assert row(shown(session), "z")[-3:] == ["0", "0.25", "0.25"]


def test_predictions_keep_the_number_back():
    """In the sentence, in the formula and in the table."""
    session = neuron()
    for key in ("7", "enter", "p", "right"):
        session.press(key)
    text = flowing(shown(session))
    assert "the gradient of a goes from 0 to ?" in text
    assert "∂L/∂a" not in text
    assert row(shown(session), "a")[-1] == "?"
    session.press("enter")
    assert row(shown(session), "a")[-1] == "−1"


def test_colours_are_those_of_the_parts():
    """Upstream, local derivative and contribution have one colour each in the formula and in the table."""
    session = neuron()
    session.go(9)
    text = "\n".join(shown(session, colours=True))
    for colour, number in (("33", "−1"), ("36", "0.25"), ("32", "−0.25")):
        assert f"\x1b[{colour}m{number}\x1b[0m" in text
        assert f"\x1b[1;{colour}m" in text


@pytest.mark.parametrize("width", [60, 80, 133])
@pytest.mark.parametrize("height", [6, 12, 24, 50])
@pytest.mark.parametrize("at", [0, 9, 60, 200])
def test_it_fits_into_every_window(width, height, at):
    """No line is longer than the window, nor are there more lines; the last says the keys."""
    deep = Session(steps(chain(100, Value(1.0, "a_rather_long_name_for_a_leaf"))))
    model = MLP(3, [4, 1], seed=1)
    network = Session(steps(mean_squared_error([model([1.0, 2.0, 3.0])], [0.0]), model=model))
    for session in (neuron(), deep, network):
        session.go(at)
        lines = shown(session, width, height)
        assert len(lines) == height
        assert all(len(line) <= width for line in lines)
        assert "→ ← step" in lines[-1]
        if height >= 24:
            assert any("▶" in line for line in lines)


def test_help():
    """Every key is listed, and the graph stays."""
    session = neuron()
    session.press("?")
    text = "\n".join(shown(session))
    for key in ("→ ←", "Home End", "space", "PgUp PgDn", "predict", "quit"):
        assert key in text
