"""Neurons, layers, dropout and embeddings: what they compute, what they refuse, and where seeds go."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.graph import topological_order
from nn.layers import Dropout, Embedding, Layer, Neuron


def with_parameters(neuron, w, b):
    for parameter, number in zip(neuron.parameters(), [*w, b], strict=True):
        parameter.data = number
    return neuron


def test_a_neuron_is_a_weighted_sum_and_an_activation():
    """tanh(Σ wᵢxᵢ + b) and its gradients, by hand."""
    neuron = with_parameters(Neuron(2, "tanh"), [0.5, -2.0], 0.25)
    x = [Value(3.0), Value(0.5)]
    output = neuron(x)
    assert output.data == pytest.approx(math.tanh(0.5 * 3 - 2 * 0.5 + 0.25), rel=1e-15)
    output.backward()
    slope = 1 - math.tanh(0.75) ** 2
    assert [w.grad for w in neuron.w] == pytest.approx([3 * slope, 0.5 * slope], rel=1e-15)
    assert neuron.b.grad == pytest.approx(slope, rel=1e-15)
    assert [v.grad for v in x] == pytest.approx([0.5 * slope, -2 * slope], rel=1e-15)


def test_a_neuron_has_micrograds_attributes():
    """`.w` is a list of nin Values and `.b` a Value that starts at 0."""
    neuron = Neuron(3)
    assert [type(w) for w in neuron.w] == [Value] * 3
    assert neuron.b.data == 0.0
    assert neuron.parameters() == [*neuron.w, neuron.b]
    assert list(dict(neuron.named_parameters())) == ["w.0", "w.1", "w.2", "b"]


@pytest.mark.parametrize("activation", ["relu", autograd.relu, "gelu"])
def test_a_neuron_is_two_nodes(activation):
    """One `dot` node for the weighted sum and one for the activation; a linear neuron is the first alone."""
    x = [Value(1.0), Value(2.0)]
    output = Neuron(2, activation)(x)
    assert output.op.name in ("relu", "gelu")
    (z, *_) = output.parents
    assert z.op is autograd.dot
    assert Neuron(2, None)(x).op is autograd.dot


def test_an_activation_may_be_a_function():
    """Any function of a Value will do."""
    neuron = with_parameters(Neuron(1, lambda z: z * z), [3.0], 1.0)
    assert neuron([2.0]).data == 49.0


@pytest.mark.parametrize(
    "x",
    [[1.0, 2], [Value(1.0), 2.0], (1, 2), np.array([1.0, 2.0]), [np.float32(1), np.int64(2)], range(1, 3)],
)
def test_inputs_may_be_numbers_of_any_kind(x):
    """Lists, tuples, arrays and iterators of numbers and Values give the same outputs, of a neuron too."""
    layer = Layer(2, 3, "tanh")
    expected = [neuron([Value(1.0), Value(2.0)]).data for neuron in layer.neurons]
    assert [z.data for z in layer(x)] == [z.data for z in layer(iter(x))] == expected
    assert layer.neurons[0](x).data == expected[0]


def test_a_number_becomes_one_value_for_all_neurons():
    """The neurons of a layer share their inputs: a number is one node of the graph, not one a neuron."""
    layer = Layer(2, 5)
    leaves = {node for node in topological_order(*layer([3.0, 4.0])) if not node.parents}
    assert sorted(node.data for node in leaves - set(layer.parameters())) == [3.0, 4.0]


def test_a_layer_gives_a_list_always():
    """One output for each neuron, in a list also where the width is 1; a single number is a list of one."""
    layer = Layer(1, 1, None)
    assert [z.data for z in layer([2.0])] == [2.0 * layer.neurons[0].w[0].data]
    assert (
        [z.data for z in layer(2.0)] == [z.data for z in layer(Value(2.0))] == [z.data for z in layer([2.0])]
    )


@pytest.mark.parametrize(
    ("part", "x", "message"),
    [
        (Layer(2, 16), [1.0], r"Layer\(2 → 16 relu\) takes 2 inputs, got 1"),
        (Layer(2, 16), [1.0, 2.0, 3.0], r"Layer\(2 → 16 relu\) takes 2 inputs, got 3"),
        (Layer(1, 4, None), [], r"Layer\(1 → 4\) takes 1 input, got 0"),
        (Layer(2, 4), 5.0, r"Layer\(2 → 4 relu\) takes 2 inputs, got 1"),
        (Neuron(3, "tanh"), [1.0, 2.0], r"Neuron\(3 → 1 tanh\) takes 3 inputs, got 2"),
    ],
)
def test_inputs_of_the_wrong_length_are_refused(part, x, message):
    """Nothing is cut: a ValueError names the layer, what it expects and what came."""
    with pytest.raises(ValueError, match=message):
        part(x)


def test_many_rows_at_once_are_told_apart():
    """A model takes one row; for a list of rows, or an array, the error says how to give them."""
    for rows in ([[1.0, 2.0], [3.0, 4.0]], np.ones((3, 2))):
        with pytest.raises(
            TypeError, match=r"inputs are the numbers of one row; .* \[model\(row\) for row in"
        ):
            Layer(2, 1)(rows)


@pytest.mark.parametrize("x", [["1", "2"], [None, 1.0], [[1.0], [2.0]], "ab"])
def test_inputs_that_are_no_numbers_are_refused(x):
    """Text, None and rows inside rows are a TypeError."""
    with pytest.raises(TypeError, match="expected a real number, got"):
        Layer(2, 1)(x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Neuron(0), "nin is 0: expected a whole number, at least 1"),
        (lambda: Layer(2.5, 3), "nin is 2.5"),
        (lambda: Layer(2, 0), "nout is 0"),
        (lambda: Layer(2, 3, "rellu"), "activation is 'rellu'"),
        (lambda: Dropout(1.0), "p is 1.0: expected a finite number, at least 0 and below 1"),
        (lambda: Dropout(-0.1), "p is -0.1"),
        (lambda: Embedding(0, 2), "num_embeddings is 0"),
        (lambda: Embedding(2, -1), "embedding_dim is -1"),
    ],
)
def test_sizes_that_make_no_layer_are_refused(make, message):
    """A ValueError names the argument, what was given and what is expected."""
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("make", [lambda seed: Layer(3, 4, seed=seed), lambda seed: Embedding(3, 4, seed)])
def test_numbers_come_from_the_seed(make):
    """One seed gives one set of weights, another gives another, and a generator is drawn on from."""
    assert make(1).state_dict() == make(1).state_dict() == make(random.Random(1)).state_dict()
    assert make(1).state_dict() != make(2).state_dict()
    rng = random.Random(1)
    assert make(rng).state_dict() != make(rng).state_dict()


def test_the_global_generator_is_left_alone():
    """Neither making nor running any module draws from `random`'s own generator, or seeds it."""
    before = random.getstate()
    Layer(2, 2)([1.0, 2.0])
    Dropout(0.5)([1.0, 2.0])
    Embedding(3, 2)(1)
    assert random.getstate() == before


@pytest.mark.parametrize("seed", [None, "1", 1.5])
def test_a_seed_is_a_whole_number_or_a_generator(seed):
    """There is no seed that means "whatever the clock says"."""
    with pytest.raises(TypeError, match=r"a seed is a whole number or a random\.Random"):
        Layer(2, 2, seed=seed)


def test_repr_shows_sizes_and_activation():
    """Width in, width out, activation; a linear one shows none."""
    parts = [Neuron(2), Layer(2, 16, "tanh"), Layer(16, 1, None), Dropout(0.25), Embedding(10, 4)]
    shown = [
        "Neuron(2 → 1 relu)",
        "Layer(2 → 16 tanh)",
        "Layer(16 → 1)",
        "Dropout(p=0.25)",
        "Embedding(10, 4)",
    ]
    assert [repr(part) for part in parts] == shown


def test_dropout_scales_what_it_keeps():
    """In training about a share p is 0, and the rest is divided by exactly 1 − p."""
    dropped = [z.data for z in Dropout(0.25, seed=3)([3.0] * 10_000)]
    assert set(dropped) == {0.0, 4.0}
    assert dropped.count(0.0) / 10_000 == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 10_000))


def test_dropout_passes_gradients_as_it_passed_values():
    """∂/∂x is 0 for a value that was dropped, else 1/(1 − p)."""
    x = [Value(2.0) for _ in range(50)]
    outputs = Dropout(0.5, seed=1)(x)
    autograd.sum(outputs).backward()
    assert [v.grad for v in x] == [z.data / 2.0 for z in outputs]
    assert {v.grad for v in x} == {0.0, 2.0}


def test_dropout_rests_in_eval_mode():
    """After `eval()` the very Values come back; after `train()` it drops again."""
    dropout = Dropout(0.5, seed=1)
    x = [Value(1.0), Value(2.0)]
    assert dropout.eval()(x) == x
    assert {z.data for z in dropout.train()([1.0] * 50)} == {0.0, 2.0}


def test_dropout_draws_anew_each_time():
    """Two calls drop different inputs; the same seed drops the same ones."""
    first, second = Dropout(0.5, seed=7), Dropout(0.5, seed=7)
    x = [1.0] * 50
    masks = [[z.data for z in first(x)] for _ in range(2)]
    assert masks[0] != masks[1]
    assert [[z.data for z in second(x)] for _ in range(2)] == masks


def test_an_embedding_gives_the_rows_parameters():
    """For a plain index the row's own parameters, for which a number of any kind may stand."""
    embedding = Embedding(5, 3)
    for index in (2, 2.0, np.int64(2), Fraction(2)):
        assert embedding(index) == embedding.weight[2]
    embedding(2).append(Value(0.0))
    assert len(embedding.weight[2]) == 3
    assert len(embedding.parameters()) == 15


def test_an_embedding_looks_up_a_value():
    """For an index that is a Value the same numbers, whose gradients go to the row that was taken."""
    embedding = Embedding(4, 2)
    index = Value(3.0)
    row = embedding(index)
    assert [z.data for z in row] == [w.data for w in embedding.weight[3]]
    (row[0] * 5.0 + row[1] * 7.0).backward()
    assert [w.grad for w in embedding.parameters()] == [0.0] * 6 + [5.0, 7.0]
    assert index.grad == 0.0


@pytest.mark.parametrize("index", [4, -1, 1.5, math.nan, Value(4.0), Value(-1.0), Value(0.5)])
def test_an_index_outside_the_table_is_an_index_error(index):
    """Nothing counts from the end, and nothing is rounded."""
    with pytest.raises(IndexError, match="the index must be a whole number from 0 to 3, got"):
        Embedding(4, 2)(index)


@pytest.mark.parametrize("index", ["1", None, [1]])
def test_an_index_is_a_number(index):
    """Anything else is a TypeError."""
    with pytest.raises(TypeError):
        Embedding(4, 2)(index)


def test_embeddings_start_out_normal():
    """As in PyTorch the numbers are drawn from N(0, 1)."""
    numbers = np.array(list(Embedding(200, 50, seed=1).state_dict().values()))
    assert abs(numbers.mean()) < 0.04
    assert numbers.std() == pytest.approx(1.0, rel=0.03)
    assert (np.abs(numbers) > 2.0).mean() == pytest.approx(0.0455, abs=0.01)
