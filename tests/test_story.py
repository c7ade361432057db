"""Tests of a training step as one story."""

import pytest

from autograd import Value
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Dropout,
    Layer,
    RMSprop,
    Sequential,
    fit,
    half_squared_error,
    mean_squared_error,
    training_story,
)
from nn.optim.optimizer import Optimizer

X, Y = [[0.5, -0.3], [1.0, 0.2], [-0.4, 0.9]], [1.0, -1.0, 0.5]


class SignDescent(Optimizer):
    """A user's own rule."""

    def update(self, data, gradient, state):
        return data - self.lr * ((gradient > 0) - (gradient < 0))


OPTIMIZERS = [
    lambda p: SGD(p, lr=0.1),
    lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda p: RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    lambda p: Adagrad(p, lr=0.1, lr_decay=0.1),
    lambda p: Adam(p, lr=0.05, amsgrad=True),
    lambda p: AdamW(p, lr=0.05),
    lambda p: SignDescent(p, lr=0.05),
]


def everything(model, optimizer):
    """All that looking must leave as it is."""
    return (
        [(p.data, p.grad, p.has_grad) for p in model.parameters()],
        optimizer.state_dict(),
        [(name, module.training) for name, module in model.named_modules()],
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_numbers_are_those_of_the_step_that_is_taken(optimizer):
    """By every optimiser, from every state of it, to the last bit of `fit`; and nothing is changed by looking."""
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    chosen = optimizer(model.parameters())
    for _ in range(3):
        before = everything(model, chosen)
        story = training_story(model, X, Y, loss=mean_squared_error, optimizer=chosen)
        assert everything(model, chosen) == before
        fit(model, X, Y, loss=mean_squared_error, optimizer=chosen, epochs=1, progress=False, compiled=False)
        updates = [step for step in story if step.phase == "update"]
        assert [(step.node, step.after) for step in updates] == [(p, p.data) for p in model.parameters()]


def test_a_story_is_forward_seed_backward_update_zero():
    """In this order; each parameter is updated once and has its gradient set back once."""
    model = MLP(2, [3, 1], seed=1)
    sgd = SGD(model.parameters(), lr=0.1)
    story = training_story(model, X, Y, loss=mean_squared_error, optimizer=sgd)
    phases = list(dict.fromkeys([step.phase for step in story]))
    assert phases == ["forward", "seed", "backward", "update", "zero"]
    assert [step.number for step in story] == list(range(len(story)))
    for phase in ("update", "zero"):
        assert [step.node for step in story if step.phase == phase] == model.parameters()
    last = story.state(-1)
    assert all(last.gradients[p] == 0.0 for p in model.parameters())
    assert all(last.values[s.node] == s.after for s in story if s.phase == "update")
    assert [group.name for group in story.grouped("layers") if group.phase == "zero"] == [
        "layers[0]",
        "layers[1]",
    ]


def test_the_learning_rate_is_said_where_it_is_the_rule():
    """W ← W − α ∂L/∂W for plain SGD; not for Adam, nor for SGD whose velocity has built up."""
    w = Value(1.0, "w")

    def model(row):
        return w * row[0]

    def last(optimizer):
        story = training_story(model, [[2.0]], [4.0], loss=half_squared_error, optimizer=optimizer)
        return story[-2]

    assert last(SGD([w], lr=0.1)).plain == "w ← w − α · ∂L/∂w = 1 − 0.1 · (−4) = 1.4"
    assert last(Adam([w], lr=0.1)).plain == "w ← 1 + 0.1 = 1.1"
    assert last(Adam([w], lr=0.1)).rate is None
    momentum = SGD([w], lr=0.1, momentum=0.9)
    momentum.state[0]["momentum_buffer"] = 1.0
    assert last(momentum).rate is None


@pytest.mark.parametrize("kind", [Adam, AdamW, RMSprop, Adagrad, SignDescent])
def test_a_rule_that_moves_nothing_is_not_taken_for_the_plain_one(kind):
    """By any rule a parameter stays where it is while its gradient is 0; with others it would part from SGD's."""
    w = Value(0.0, "w")
    story = training_story(
        lambda row: w * row[0], [[2.0]], [0.0], loss=half_squared_error, optimizer=kind([w], lr=0.1)
    )
    assert (story[-2].partial, story[-2].before, story[-2].after) == (0.0, 0.0, 0.0)
    assert story[-2].rate is None


def test_weight_decay_is_not_taken_for_the_plain_rule_where_it_is_zero():
    """At w = 0 there is nothing to decay; at another number there would be."""
    w, x = Value(0.0, "w"), [[2.0]]
    sgd = SGD([w], lr=0.1, weight_decay=0.5)
    story = training_story(lambda row: w * row[0], x, [4.0], loss=half_squared_error, optimizer=sgd)
    assert story[-2].after == 0.8
    assert story[-2].rate is None


def test_random_numbers_are_drawn_again():
    """Dropout drops in the story what it will drop in the step, as `fit` has it in training mode."""
    model = Sequential(Layer(2, 8, seed=1), Dropout(0.5, seed=3), Layer(8, 1, "linear", seed=2)).eval()
    sgd = SGD(model.parameters(), lr=0.1)
    before = everything(model, sgd)
    stories = [training_story(model, X, Y, loss=mean_squared_error, optimizer=sgd) for _ in range(2)]
    assert everything(model, sgd) == before
    assert len({tuple([step.value for step in story]) for story in stories}) == 1
    fit(model, X, Y, loss=mean_squared_error, optimizer=sgd, epochs=1, progress=False, compiled=False)
    assert [p.data for p in model.parameters()] == [s.after for s in stories[0] if s.phase == "update"]


def test_parameters_that_the_loss_does_not_use_are_updated_too():
    """Weight decay moves them; they are among the nodes, with a name and a gradient of 0."""
    used, unused = Value(1.0, "w"), Value(2.0, "u")
    sgd = SGD([used, unused], lr=0.1, weight_decay=0.5)
    story = training_story(lambda row: used * row[0], [[2.0]], [4.0], loss=half_squared_error, optimizer=sgd)
    update = next(step for step in story if step.phase == "update" and step.node is unused)
    assert (update.before, update.partial, update.after) == (2.0, 0.0, 2.0 - 0.1 * 0.5 * 2.0)
    assert update.sentence == "u, whose gradient is 0, goes from 2 to 1.9"
    assert story.order[0] is unused
    assert story.state(0).values[unused] == 2.0


def test_rows_and_targets_go_together():
    """One target a row, or an error, as in fit."""
    model = MLP(2, [1], seed=1)
    sgd = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="3"):
        training_story(model, X, [1.0, 2.0], loss=mean_squared_error, optimizer=sgd)
