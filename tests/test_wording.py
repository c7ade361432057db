"""Tests of the sentence of a step."""

from dataclasses import replace

import autograd
from autograd import Step, Value, steps


def test_what_is_computed():
    """The rule in names, then in numbers, with a sign that is no decimal point."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    z = w * x
    z.label = "z"
    assert [step.sentence for step in steps(autograd.sigmoid(z))[:2]] == [
        "z = w·x: 0.5 × 2 = 1",
        "L = σ(z): σ(1) = 0.7311",
    ]


def test_numbers_without_names_are_said_once():
    """2 × 3 needs no rule before it."""
    assert steps(Value(2.0) * Value(-3.0))[0].sentence == "L = 2 × (−3) = −6"


def test_what_flows_back():
    """upstream × local derivative, and the gradient from and to; the seed before it."""
    a = Value(0.5, "a")
    seed, first, second = steps(a * a)[1:]
    assert seed.sentence == "The backward pass starts at L: its gradient with respect to itself is 1"
    assert first.sentence == (
        "From L to a flows upstream × local derivative = 1 × 0.5 = 0.5; the gradient of a goes from 0 to 0.5"
    )
    assert second.sentence.endswith("the gradient of a goes from 0.5 to 1")


def test_updates():
    """By learning rate × gradient where that is the rule, else just from and to; and back to zero."""
    w = Value(0.5, "w")
    graph = steps(-w).graph
    update = Step(3, "update", w, 0.6, graph, partial=-1.0, before=0.5, after=0.6, rate=0.1)
    assert update.sentence == "w goes from 0.5 to 0.5 − learning rate × gradient = 0.5 − 0.1 × (−1) = 0.6"
    assert replace(update, rate=None).sentence == "w, whose gradient is −1, goes from 0.5 to 0.6"
    zero = Step(4, "zero", w, 0.6, graph, before=-1.0, after=0.0)
    assert zero.sentence == "The gradient of w goes back from −1 to 0, ready for the next pass"


def test_questions_keep_the_answer_back():
    """The result, and what is as good as it, are left out."""
    w, x = Value(0.5, "w"), Value(2.125, "x")
    forward, seed, backward, _ = steps(w * x)
    assert forward.question == "L = w·x: 0.5 × 2.125 = ?"
    assert seed.question.endswith("with respect to itself is ?")
    assert backward.question == (
        "From L to w flows upstream × local derivative = 1 × 2.125; the gradient of w goes from 0 to ?"
    )
    assert (forward.result, seed.result, backward.result) == (1.0625, 1.0, 2.125)


def test_four_significant_digits():
    """However small or large a number is."""
    x = Value(0.00001234567, "x")
    assert steps(x * 1e9)[0].sentence == "L = x·1e9: 1.235e-5 × 1e9 = 1.235e4".replace("e-", "e−")
