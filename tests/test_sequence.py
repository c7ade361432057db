"""Tests of the forward and the backward pass as a sequence of steps."""

import math
from dataclasses import FrozenInstanceError

import pytest
from graphs import KINKED, chain, recipes, recursive_order
from hypothesis import given
from test_properties import random_graphs

import autograd
from autograd import Step, Steps, Value, ops, steps
from nn import MLP, mean_squared_error


def neuron():
    """σ(wx + b) with a squared error: the numbers of every node are easy to say."""
    w, x, b, y = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b"), Value(1.0, "y")
    a = autograd.sigmoid(w * x + b)
    return (a - y) ** 2, [w, x, b, y]


def same(x, y):
    """Whether two floats are the same to the last bit, the sign of a zero and nan included."""
    return math.copysign(1.0, x) == math.copysign(1.0, y) and (x == y or (x != x and y != y))


@random_graphs
@given(recipes(KINKED))
def test_gradients_are_those_of_backward_to_the_last_bit(recipe):
    """Of random graphs with shared nodes, constants and every row, from leaves whose gradients are zero."""
    output, _ = recipe.record()
    gradients = steps(output).gradients
    output.backward()
    nodes = [node for node in recursive_order(output) if node.op is not ops.constant or node is output]
    assert set(gradients) == set(nodes)
    assert all(same(gradients[node], node.grad) for node in nodes)


@random_graphs
@given(recipes(KINKED))
def test_contributions_chain_up(recipe):
    """Each step of the backward pass carries upstream · partial, and starts where the last one left off."""
    output, _ = recipe.record()
    held = {output: 1.0}
    for step in [step for step in steps(output) if step.phase == "backward"]:
        assert step.node.parents[step.position] is step.operand
        assert same(step.partial, step.node.partials[step.position])
        assert same(step.upstream, held[step.node])
        assert same(step.contribution, step.upstream * step.partial)
        assert same(step.before, held.get(step.operand, 0.0))
        assert same(step.after, step.before + step.contribution)
        held[step.operand] = step.after


@random_graphs
@given(recipes(KINKED))
def test_every_node_and_every_edge_has_its_step(recipe):
    """Forward once a node after its operands, one seed, backward once an edge after the node is complete."""
    output, _ = recipe.record()
    passed = steps(output)
    order = recursive_order(output)
    computed = [node for node in order if node.parents]
    edges = {(n, i) for n in computed for i, p in enumerate(n.parents) if p.op is not ops.constant}
    forward, seed, backward = passed[: len(computed)], passed[len(computed)], passed[len(computed) + 1 :]
    assert [(step.phase, step.node, step.value) for step in forward] == [
        ("forward", node, node.data) for node in computed
    ]
    assert (seed.phase, seed.node, seed.after) == ("seed", output, 1.0)
    assert len(backward) == len(edges) == len({(step.node, step.position) for step in backward} & edges)
    assert all(passed.completed_at[step.node] < step.number for step in backward)
    assert [step.number for step in passed] == list(range(len(passed)))


@random_graphs
@given(recipes(KINKED, most=8))
def test_the_state_after_each_step(recipe):
    """Values of nodes computed so far and of leaves, gradients so far; complete once no step adds to them."""
    output, _ = recipe.record()
    passed = steps(output)
    values = {node: node.data for node in passed.order if not node.parents}
    gradients = {}
    for step, running in zip(passed, passed.states(), strict=True):
        if step.phase == "forward":
            values[step.node] = step.value
        else:
            gradients[step.node if step.operand is None else step.operand] = step.after
        later = {s.operand for s in passed[step.number + 1 :]}
        state = passed.state(step.number)
        assert state.values == running.values == values
        assert state.gradients == running.gradients == gradients
        assert state.complete == running.complete == set(gradients) - later


def test_looking_changes_nothing():
    """Numbers, gradients and whether these were computed are as before, on a graph with and without them."""
    L, leaves = neuron()
    for _ in range(2):
        before = [(node.data, node.grad, node.has_grad) for node in recursive_order(L)]
        passed = steps(L)
        [passed.state(i) for i in range(len(passed))]
        [(step.sentence, step.latex, step.mathml) for step in passed]
        assert [(node.data, node.grad, node.has_grad) for node in recursive_order(L)] == before
        L.backward()
    assert leaves[0].grad == -1.0  # twice −0.5


def test_steps_cannot_be_changed():
    """Neither a step nor what is known of all of them."""
    passed = steps(neuron()[0])
    with pytest.raises(FrozenInstanceError):
        passed[0].value = 1.0
    with pytest.raises(TypeError):
        passed.gradients[passed.root] = 0.0
    with pytest.raises(TypeError):
        passed.names[passed.root] = "M"


def test_steps_are_a_sequence():
    """Length, positions from both ends, slices, iteration, and an error beyond the end."""
    passed = steps(neuron()[0])
    assert isinstance(passed, Steps)
    assert len(passed) == 14
    assert passed[-1] is passed[13]
    assert passed[1:3] == (passed[1], passed[2])
    assert list(passed) == [passed[i] for i in range(14)]
    assert passed.state(-1).gradients == passed.gradients
    for beyond in (14, -15):
        with pytest.raises(IndexError):
            passed[beyond]
        with pytest.raises(IndexError):
            passed.state(beyond)


def test_names():
    """A label, a name from locals(), the model's name; else v1, v2, … and L."""
    w, x = Value(0.5), Value(2.0, "x")
    passed = steps((w * x).tanh() * 2.0, names=locals())
    assert [passed.names[step.node] for step in passed[:3]] == ["v1", "v2", "L"]
    assert passed.names[w] == "w"
    model = MLP(1, [1])
    inside = steps(model([2.0]), model=model)
    assert inside.model is model
    assert inside.names[model.layers[0].neurons[0].b] == "b"


@pytest.mark.parametrize("leaf", [Value(3.0, "a"), Value(3.0)])
def test_a_leaf_is_just_its_seed(leaf):
    """There is nothing to compute, and its gradient is 1."""
    passed = steps(leaf)
    assert [step.phase for step in passed] == ["seed"]
    assert passed.state(0).gradients == {leaf: 1.0}
    assert passed.state(0).values == {leaf: 3.0}


@pytest.mark.parametrize("given_", [3.0, "L", None, [Value(1.0)], []])
def test_only_a_value_has_steps(given_):
    """Anything else is refused by name."""
    with pytest.raises(TypeError, match="steps are of a Value, the output of a computation; got"):
        steps(given_)


def test_a_number_that_was_changed_is_refused():
    """After an optimiser's step the graph holds numbers of two points: products would not come out."""
    L, (w, *_) = neuron()
    w.data = 0.75
    with pytest.raises(
        ValueError, match=r"v1 was recorded as 1, but is 1.5 for its operands as they are now"
    ):
        steps(L)


def test_numbers_that_are_not_finite_have_steps():
    """nan and infinities are shown, not refused: they are what one looks for."""
    x = Value(0.0, "x")
    passed = steps(autograd.log(x) * x)
    assert math.isnan(passed[1].value)
    assert math.isnan(passed.gradients[x])
    assert passed[0].sentence == "v1 = log(x): log(0) = −∞"


def test_a_hundred_thousand_nodes_deep():
    """No recursion, in the steps or the state."""
    passed = steps(chain(100_000, Value(1.0)))
    assert len(passed) == 200_001
    assert passed[-1].after == 1.0


def test_other_sequences_can_be_made_of_steps():
    """A lesson's wrong pass is steps of the same graph with other numbers, and its gradients follow them."""
    a = Value(3.0, "a")
    right = steps(a * a)
    last = right[-1]
    wrong = Steps(
        right.graph,
        [*right[:-1], Step(3, "backward", last.node, 9.0, right.graph, a, 1, 1.0, 3.0, 3.0, 3.0, 3.0)],
    )
    assert (right.gradients[a], wrong.gradients[a]) == (6.0, 3.0)
    assert wrong[-1].plain == "∂L/∂a ← ∂L/∂L · ∂L/∂a = ∂L/∂L · a = 1 · 3 = 3"


def test_a_model_keeps_its_gradients():
    """The steps of a network's loss equal backward() for every parameter, and nn's gradients stay at 0."""
    model = MLP(2, [4, 3, 1], activation="tanh", seed=1)
    loss = mean_squared_error([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, -1.0])
    gradients = steps(loss, model=model).gradients
    assert not any(p.has_grad for p in model.parameters())
    loss.backward()
    assert [gradients[p] for p in model.parameters()] == [p.grad for p in model.parameters()]


def test_a_page_is_saved_whole_or_not_at_all(tmp_path):
    """One file at the path that is returned; where there is an error, what stood there stays."""
    pytest.importorskip("graphviz", reason="pages are drawn with Graphviz")
    passed = steps(neuron()[0])
    path = passed.save(tmp_path / "steps.html", at=9)
    text = path.read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith("<!doctype html>")
    with pytest.raises(IndexError):
        passed.save(path, at=99)
    assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_notebook_shows_the_page():
    """In a frame of its own."""
    pytest.importorskip("graphviz", reason="pages are drawn with Graphviz")
    assert steps(neuron()[0])._repr_html_().startswith("<iframe srcdoc=")
