"""Tests of which boxes, edges and modules a picture consists of."""

import autograd
from autograd import Value
from autograd.drawing.picture import Edge, Roles, compose
from autograd.drawing.unfolding import rows


def picture_of(roots, *, inputs=(), parameters=(), model=None, collapse=""):
    model = model or {}
    roles = Roles(set(roots), set(inputs), {*parameters, *model})
    return compose(rows(roots, lambda row: False), roles, model, collapse)


def network():
    """Two neurons that feed a third, each one `dot` and one tanh, and the names of their parameters."""
    x, names = [Value(1.0), Value(2.0)], {}

    def neuron(module, inputs):
        w, b = [Value(0.1 * (i + 1)) for i in range(2)], Value(0.5)
        names.update({weight: f"{module}.w.{i}" for i, weight in enumerate(w)} | {b: f"{module}.b"})
        return autograd.dot(w, inputs, b).tanh()

    hidden = [neuron(f"layers.0.neurons.{i}", x) for i in range(2)]
    return x, hidden, neuron("layers.1.neurons.0", hidden), names


def test_one_edge_for_each_use_of_an_operand():
    """a·a has two edges, each with its derivative, in operand order; a constant has none."""
    a, b = Value(3.0), Value(4.0)
    assert picture_of([a * a]).edges == [Edge(0, 1, [3.0]), Edge(0, 1, [3.0])]
    assert picture_of([a - b]).edges == [Edge(0, 2, [1.0]), Edge(1, 2, [-1.0])]
    assert picture_of([2.0 * a + 1.0]).edges == [Edge(0, 1, [2.0]), Edge(1, 2, [1.0])]


def test_no_operator_adds_a_box_of_its_own():
    """−x, a − b, a / b, and sum() over Values are as many boxes as were typed."""
    a, b = Value(3.0), Value(4.0)
    counts = [len(picture_of([root]).boxes) for root in (-a, a - b, a / b, 1 / a, a**2, sum([a, b, a]))]
    assert counts == [2, 3, 3, 2, 2, 4]


def test_roles():
    """Outputs first, then inputs and parameters; what is none of these is a leaf or an operation."""
    a, b, c, d = (Value(float(i)) for i in range(4))
    z = (a * b + c) * d
    picture = picture_of([z, d], inputs=[a], parameters=[b, d])
    roles = {value: picture.boxes[place].role for value, place in picture.place.items()}
    assert [roles[value] for value in (a, b, c, d, z)] == ["input", "parameter", "leaf", "output", "output"]
    assert [box.role for box in picture.boxes].count("operation") == 2


def test_what_feeds_a_model_is_an_input():
    """A leaf that a neuron reads needs no telling; the target that a loss reads is a leaf."""
    x, _, output, names = network()
    target = Value(1.0)
    picture = picture_of([output - target], model=names)
    assert {picture.boxes[picture.place[value]].role for value in x} == {"input"}
    assert picture.boxes[picture.place[target]].role == "leaf"


def test_modules_are_around_their_nodes():
    """Each node knows the neuron and the layer that it is in; what the loss adds is in none."""
    x, hidden, output, names = network()
    picture = picture_of([output - 1.0], model=names)
    around = {value: picture.boxes[place].around for value, place in picture.place.items()}
    assert around[hidden[1]] == ["layers.0.neurons.1", "layers.0"]
    assert around[output] == ["layers.1.neurons.0", "layers.1"]
    assert around[x[0]] == []
    assert picture.boxes[-1].around == []


def test_collapsed_neurons():
    """One box a neuron, in the frame of its layer, with its output and an edge for each input."""
    x, hidden, output, names = network()
    picture = picture_of([output - 1.0], model=names, collapse="neurons")
    assert [box.module for box in picture.boxes if box.module] == [
        "layers.0.neurons.0",
        "layers.0.neurons.1",
        "layers.1.neurons.0",
    ]
    first = picture.boxes[picture.place[hidden[0]]]
    assert (first.role, first.results, first.around) == ("neuron", [hidden[0]], ["layers.0"])
    assert len(first.rows) == 5
    assert len(picture.boxes) == len(x) + 3 + 1
    assert len(picture.edges) == 4 + 2 + 1
    derivatives = [edge.partials for edge in picture.edges if edge.target == picture.place[hidden[0]]]
    assert derivatives == [[0.1], [0.2]]


def test_collapsed_layers_merge_edges():
    """One box a layer; the edges between two boxes are one, which knows how many it stands for."""
    _, hidden, output, names = network()
    picture = picture_of([output], model=names, collapse="layers")
    assert [(box.role, box.module) for box in picture.boxes if box.module] == [
        ("layer", "layers.0"),
        ("output", "layers.1"),
    ]
    assert picture.boxes[picture.place[hidden[0]]].results == hidden
    assert sorted(edge.partials for edge in picture.edges) == [[0.1, 0.1], [0.1, 0.2], [0.2, 0.2]]


def test_a_network_that_reads_itself_collapses():
    """Two time steps of one neuron are one box, without an edge to itself."""
    w, b, h = [Value(0.5), Value(0.25)], Value(0.0), Value(0.0)
    names = {w[0]: "w.0", w[1]: "w.1", b: "b"}
    h1 = autograd.dot(w, [h, 1.0], b).tanh()
    h2 = autograd.dot(w, [h1, 2.0], b).tanh()
    picture = picture_of([h2], model=names, collapse="neurons")
    assert [(box.module, box.results) for box in picture.boxes] == [(None, [h]), ("", [h2])]
    assert picture.edges == [Edge(0, 1, [0.5])]


def test_a_model_frames_what_it_holds_itself():
    """Parameters at the top of a model put a frame around all of it; without them there is none."""
    w, b, scale = Value(0.5), Value(0.0), Value(2.0)
    names = {w: "hidden.w.0", b: "hidden.b", scale: "scale"}
    output = autograd.dot([w], [1.0], b) * scale
    picture = picture_of([output], model=names)
    assert picture.boxes[picture.place[w]].around == ["hidden", ""]
    assert picture.boxes[picture.place[output]].around == [""]
