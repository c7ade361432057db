"""Grouping: regular functions become a few instructions whose indices are affine; any other keeps its tables."""

from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import Value, ops
from autograd.compiler.execution.codes import FIELDS, HEADER, MATRIX, SINK_MATRIX
from autograd.compiler.execution.encoding import encoded
from autograd.compiler.plans import planning
from autograd.compiler.plans.grouping import Index, ranges
from autograd.compiler.plans.recording import record
from autograd.compiler.plans.splitting import Split
from autograd.compiler.plans.tape import Tape
from autograd.graph import topological_order


def by_dot(weights, inputs, bias):
    return autograd.dot(weights, inputs, bias)


def by_typing(weights, inputs, bias):
    return sum([w * x for w, x in zip(weights, inputs)]) + bias


def by_typing_backwards(weights, inputs, bias):
    return bias + sum([x * w for w, x in zip(weights, inputs)])


def network(widths, neuron, activation=autograd.relu):
    """A function of a list of inputs, the weights of its layers being parameters."""
    random = np.random.default_rng(0)
    layers = [
        [[Value(x) for x in random.uniform(-1.0, 1.0, before + 1)] for _ in range(after)]
        for before, after in pairwise(widths)
    ]

    def model(values):
        for layer in layers:
            values = [neuron(w[:-1], values, w[-1]) for w in layer]
            if layer is not layers[-1]:
                values = [activation(value) for value in values]
        return values

    return model


def hinge(widths, neuron=by_dot):
    model = network(widths, neuron)
    return record(lambda x, y: (1.0 - y * model(x)[0]).relu(), [[0.5] * widths[0], 1.0])


def indices_of(rows):
    for group in rows.groups:
        yield from group.terms
        for pair in group.pairs:
            yield from pair
    for sink in rows.sinks:
        yield from [sink.target, sink.a, *([] if sink.b is None else [sink.b])]


def plan(inputs, shared, outputs=(), gradients=None):
    """The plan of a graph of Values."""
    gradients = gradients or {}
    tape = Tape()
    given = [*[value for argument in inputs for value in argument], *shared]
    place = tape.extend(topological_order(*outputs, *gradients.values()), given)
    return planning.plan(
        tape,
        [[place[value] for value in argument] for argument in inputs],
        [place[value] for value in shared],
        [place[value] for value in outputs],
        gradients={place[value]: place[gradient] for value, gradient in gradients.items()},
    )


def test_a_network_is_a_few_affine_instructions():
    """Value and gradient of 2-16-16-1, 1,000 nodes and more, are some two dozen instructions without a table."""
    rows = Split(hinge([2, 16, 16, 1])).gradient().rows
    assert sum(group.count for group in rows.groups) > 100
    assert 18 <= len(rows.groups) + len(rows.sinks) <= 26
    assert all(index.table is None for index in indices_of(rows))
    program = encoded(rows, "float64", block=8)
    kinds = program[HEADER::FIELDS][: program[0]].tolist()
    assert len(kinds) == 16  # relu, its derivative and what is multiplied by that are in the products
    assert kinds.count(MATRIX) == 3 + 2 + 1  # forward, backward, and −1·y
    assert kinds.count(SINK_MATRIX) == 3 + 3 + 1  # of weights, of biases, and the value


def test_an_image_classifier_is_a_dozen_groups():
    """784-50-10 with softmax cross-entropy: 39,760 parameters, 12 groups and 5 sinks, all affine."""
    model = network([784, 50, 10], by_dot)
    recording = record(lambda x, y: autograd.cross_entropy(model(x), y), [[0.1] * 784, 3])
    assert len(recording.parameters) == 39_760
    rows = Split(recording).gradient().rows
    assert (len(rows.groups), len(rows.sinks)) == (12, 5)
    assert all(index.table is None for index in indices_of(rows))


@pytest.mark.parametrize("neuron", [by_typing, by_typing_backwards])
def test_typed_out_neurons_become_the_same_dots(neuron):
    """× and + written out are the same instructions as dot."""
    typed, dots = (Split(hinge([2, 16, 16, 1], way)).gradient().rows for way in (neuron, by_dot))

    def shape(rows):
        groups = [(g.op, g.count, len(g.terms), [a.width for a, _ in g.pairs]) for g in rows.groups]
        return groups, [(s.count, s.a.width, s.b is None) for s in rows.sinks]

    assert shape(typed) == shape(dots)
    assert all(index.table is None for index in indices_of(typed))


def test_groups_come_after_what_they_use():
    """Each group reads only inputs and slots that groups before it have filled, each slot filled once."""
    rows = Split(hinge([3, 5, 4, 1])).gradient().rows
    filled = rows.inputs
    for group in rows.groups:
        assert group.first == filled
        runs = [*group.terms, *[index for pair in group.pairs for index in pair]]
        assert all(run.matrix(group.count).max() < filled for run in runs if not run.shared)
        filled += group.count
    assert filled == rows.slots


def test_equal_constants_share_a_place():
    """Constants are kept once, by their bits: 0 and −0 apart, nan with nan."""
    x = Value(1.0)
    numbers = [2.0, 0.0, -0.0, 2.0, float("nan"), float("nan")]
    program = plan([[x]], [], outputs=[x - number for number in numbers])
    assert len(program.constants) == 4
    assert (len(program.groups), program.groups[0].count) == (1, 6)


def test_operations_and_operands_tell_groups_apart():
    """The same operation on the same groups is one group, any other is another."""
    x, y = [Value(1.0), Value(2.0)], Value(3.0)
    z = [x[0].sin(), x[1].sin(), y.sin(), x[0].cos(), x[0].sin().sin()]
    program = plan([x, [y]], [], outputs=z)
    assert sorted((group.op.name, group.count) for group in program.groups) == [
        ("cos", 1), ("sin", 1), ("sin", 1), ("sin", 3),
    ]  # fmt: skip
    assert program.outputs[:2] == [(False, program.outputs[0][1]), (False, program.outputs[1][1])]


def test_indices():
    """An index gives positions by its strides or by its table, and so do its parts."""
    affine = Index(False, 3, 10, 100, 2)
    assert affine.matrix(2).tolist() == [[10, 12, 14], [110, 112, 114]]
    assert affine.part(1, 3) == Index(False, 2, 12, 100, 2)
    table = np.array([[4, 1, 2], [4, 2, 3]])
    by_table = Index(True, 3, 4, 0, -3, table)
    assert by_table.matrix(2) is table
    assert by_table.part(1, 3) == Index(True, 2, 1, 1, 1)
    assert by_table.part(0, 1).matrix(2).tolist() == [[4], [4]]
    apart = Index(False, 3, 0, 0, 0, np.array([[0, 1, 5], [0, 1, 5], [3, 1, 5]]))
    assert apart.part(0, 2).table.tolist() == [[0, 1], [0, 1], [3, 1]]


def test_groups_are_read_one_by_one():
    """A plan's groups, which are arrays, give the same at a position as in turn, and know their operations."""
    groups = Split(hinge([2, 4, 4, 1])).gradient().rows.groups
    listed = list(groups)
    assert len(listed) == len(groups) > 10
    assert [groups[position] for position in range(len(groups))] == listed
    assert groups.is_one_of(ops.dot, ops.mul).tolist() == [g.op in (ops.dot, ops.mul) for g in listed]
    assert groups.is_variadic().tolist() == [g.op.variadic for g in listed]
    assert groups.bounds[-1] == sum(len(g.terms) + 2 * len(g.pairs) for g in listed)


def test_ranges():
    """Numbers from each start on, one range after the other; some may be empty."""
    starts, lengths = np.array([5, 0, 9, 2]), np.array([2, 3, 0, 1])
    assert ranges(starts, lengths).tolist() == [5, 6, 0, 1, 2, 2]
    assert ranges(starts[:0], lengths[:0]).tolist() == []


def test_irregular_operands_keep_a_table():
    """Where positions follow no strides they are listed, and one row of any group is found in order."""
    x = [Value(float(i)) for i in range(6)]
    picks = [(0, 1, 5), (2, 4, 3), (5, 0, 2)]
    program = plan([x], [], outputs=[ops.prod([x[i] for i in pick]) for pick in picks])
    (group,) = program.groups
    (term,) = group.terms
    assert sorted(map(tuple, term.table.tolist())) == sorted(picks)


def test_sums_over_rows_of_all_with_all_are_one_matrix():
    """∂W = Σ_rows δ xᵀ is one sink, of four numbers times three."""
    x, y, w = [[Value(1.0) for _ in range(n)] for n in (3, 4, 12)]
    gradients = {w[3 * i + k]: y[i] * x[k] for i in range(4) for k in range(3)}
    program = plan([x, y], w, gradients=gradients)
    (sink,) = program.sinks
    assert len(program.groups) == 0
    assert {sink.count, sink.a.width} == {3, 4}
    assert sink.target.table is None
