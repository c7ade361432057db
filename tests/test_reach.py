"""Tests of how far edges reach."""

import os
import random
from contextlib import contextmanager

import pytest

import autograd
from autograd import Value, draw, steps
from autograd.drawing.picture import Roles, compose
from autograd.drawing.reach import is_far, is_roomy, reaches
from autograd.drawing.unfolding import rows
from autograd.page.document import page
from nn import MLP


@contextmanager
def within(seconds):
    """Fails if what is inside keeps this process, or Graphviz beside it, at work for longer."""
    start = sum(os.times()[:4])
    yield
    assert sum(os.times()[:4]) - start < seconds


def composed(root, model=None):
    known = {} if model is None else {value: name for name, value in model.named_parameters()}
    return compose(rows([root], lambda row: False), Roles({root}, set(), set(known)), known, "")


def polynomial(terms):
    """x is used at every depth, by products that are used once."""
    x = Value(2.0, "x")
    total = x * 1.0
    for i in range(2, terms):
        total = total + x * float(i)
    return total


def recurrent(length):
    w, u, b, h = Value(0.5, "w"), Value(0.4, "u"), Value(0.1, "b"), Value(0.0, "h")
    for i in range(length):
        h = (w * h + u * Value(0.1 * i) + b).tanh()
    return h


def criss_cross(length):
    """Each node uses any two before it."""
    chance = random.Random(0)
    nodes = [Value(0.1 * i) for i in range(5)]
    for _ in range(length):
        nodes.append(autograd.sum([nodes[-1], chance.choice(nodes), chance.choice(nodes)]))
    return nodes[-1]


def test_a_leaf_stands_before_its_first_use_and_reaches_the_others():
    """x → x·2 → … → x·5: the products stand beside the sum that uses them, x at the first."""
    total = polynomial(6)
    reached = reaches(composed(total))
    assert sum(reached) == 0 + 1 + 2 + 3  # x to x·2, x·3, x·4 and x·5; x·1 stands beside x·2


def test_what_is_used_once_reaches_nowhere():
    """A sum of products of leaves of their own has edges between neighbours alone, however long it is."""
    total = Value(0.0)
    for i in range(200):
        total = total + Value(1.0, f"a{i}") * Value(1.0, f"b{i}")
    assert set(reaches(composed(total))) == {0}


def test_networks_do_not_reach_far():
    """Layer by layer, also where their weights are used for several samples; the way into a frame counts as one."""
    model = MLP(8, [28, 20, 1], seed=0)
    reached = reaches(composed(model([0.1] * 8), model))
    assert set(reached) == {0}
    assert not is_roomy(reached)
    assert not is_far(reached)
    model = MLP(2, [4, 1], seed=0)
    losses = [(model([0.1 * i, 0.2]) - 1.0) ** 2 for i in range(6)]
    assert not is_far(reaches(composed(autograd.sum(losses), model)))


@pytest.mark.parametrize("make", [polynomial, recurrent, criss_cross])
def test_edges_that_cross_the_least_hold_everything_together(make):
    """Each node but the output has one of them, so that a layout by them alone has all nodes in order."""
    picture = composed(make(40))
    reached = reaches(picture)
    holding = {edge.source for edge, reach in zip(picture.edges, reached) if reach == 0}
    assert holding == set(range(len(picture.boxes) - 1))


@pytest.mark.parametrize("root", [polynomial(125), recurrent(41), criss_cross(240)])
def test_a_picture_within_the_limit_takes_seconds(root):
    """Where Graphviz by itself takes minutes."""
    with within(10.0):
        assert draw(root).svg().count('class="node"') > 240


@pytest.mark.parametrize("root", [polynomial(500), recurrent(160), criss_cross(990)])
def test_a_page_within_the_limit_takes_seconds(root):
    """Likewise, with 1,000 nodes."""
    with within(10.0):
        assert "</html>" in page(steps(root))
