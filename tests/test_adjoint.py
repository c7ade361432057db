"""The gradient of a tape: the numbers that `grad` gives, and what no tape can differentiate."""

import pytest
from graphs import SMOOTH, recipes
from hypothesis import given, settings

import autograd
from autograd import Value, function, grad, ops
from autograd.compiler.plans.adjoint import vjp
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order


def taped(output, leaves):
    tape = Tape()
    place = tape.extend(topological_order(output), given=leaves)
    return tape, place[output], [place[leaf] for leaf in leaves]


def evaluated(tape, term):
    """The number of a node, from the data of the leaves alone."""
    numbers = []
    for op, operands, data in zip(tape.operations, tape.operands, tape.data):
        numbers.append(op.value(tuple([numbers[x] for x in operands])) if operands else data)
    return term if isinstance(term, float) else numbers[term]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(recipes(SMOOTH))
def test_gradients_are_those_of_grad(recipe):
    """Bit for bit: the same operations on the same numbers, in the same order."""
    output, leaves = recipe.record()
    expected = [gradient.data for gradient in grad(output, leaves)]
    tape, end, places = taped(output, leaves)
    gradients = vjp(tape, [(end, 1.0)], places)
    assert [evaluated(tape, gradient) for gradient in gradients] == expected


def test_weights_and_several_outputs():
    """Σ weight·∂output/∂input, of outputs named twice too; what none depends on has the number 0."""
    x, y, unused = Value(2.0), Value(3.0), Value(4.0)
    tape = Tape()
    place = tape.extend(topological_order(z := x * y, u := x + y), given=[x, y, unused])
    gradients = vjp(tape, [(place[z], 2.0), (place[u], 10.0), (place[z], 1.0)], [0, 1, 2])
    assert [evaluated(tape, gradient) for gradient in gradients] == [19.0, 16.0, 0.0]


def test_a_wanted_node_counts_as_a_leaf():
    """Nothing is passed on to what it was computed from."""
    x = Value(2.0)
    tape = Tape()
    place = tape.extend(topological_order(z := (y := x * x) * x), given=[x])
    gradients = vjp(tape, [(place[z], 1.0)], [place[x], place[y]])
    assert [evaluated(tape, gradient) for gradient in gradients] == [4.0, 2.0]


def test_each_rule_is_applied_once():
    """A million nodes alike cost one application of their rule to Values."""
    applied = []
    double = function("double", lambda x: 2.0 * x, lambda x, z: applied.append(x) or 2.0)
    x = Value(1.0)
    z = x
    for _ in range(10):
        z = double(z)
    tape, end, places = taped(z, [x])
    applied.clear()
    assert vjp(tape, [(end, 1.0)], places) == [1024.0]
    assert len(applied) == 1


def test_equal_questions_about_leaves_are_asked_once():
    """Whether an index is i has one node, however many columns are looked up by it."""
    table = [[Value(1.0), Value(2.0)] for _ in range(5)]
    index = Value(1.0)
    parameters = [value for column in table for value in column]
    tape, end, places = taped(sum(autograd.take(column, index) for column in table), [index, *parameters])
    gradients = vjp(tape, [(end, 1.0)], places[1:])
    assert [evaluated(tape, gradient) for gradient in gradients] == [0.0, 1.0] * 5
    assert tape.operations.count(ops.equal) == 2


def test_derivatives_that_compare_are_refused():
    """A branch of the derivative would be that of the example for all rows: the error says where it stands."""
    bent = function("bent", lambda x: abs(x), lambda x, z: 1.0 if x > 0.0 else -1.0)
    x = Value(2.0)
    tape, end, places = taped(bent(x), [x])
    with pytest.raises(TypeError, match=r"compares Values at .*test_adjoint.py:\d+: .*autograd.where"):
        vjp(tape, [(end, 1.0)], places)
