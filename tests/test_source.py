"""Tests of the Graphviz source that a picture is written as."""

import re

import autograd
from autograd import Value
from autograd.drawing.picture import Roles, compose
from autograd.drawing.source import Style, source
from autograd.drawing.unfolding import rows


def written(root, *, names=None, model=None, collapse="", direction="LR", gradients=True, path=()):
    roles = Roles({root}, set(), set(model or {}))
    picture = compose(rows([root], lambda row: False), roles, model or {}, collapse)
    style = Style(names or {}, "Model", direction, gradients, [picture.place[value] for value in path])
    return source(picture, style)


def node_labels(text):
    return re.findall(r'^\s*n\d+ \[label="(.*?)" color', text, re.MULTILINE)


def edge_labels(text):
    return re.findall(r'-> n\d+ \[label="(.*?)"', text)


def neuron():
    w, b = [Value(0.5), Value(0.25)], Value(0.0)
    a = autograd.dot(w, [Value(1.0), Value(2.0)], b).tanh()
    prefix = "layers.0.neurons.0"
    return a, {w[0]: f"{prefix}.w.0", w[1]: f"{prefix}.w.1", b: f"{prefix}.b"}


def test_a_node_shows_name_operation_number_and_gradient():
    """Name and operation side by side; a node without a name shows its operation, a bare leaf its numbers."""
    a, b = Value(2.0), Value(3.0)
    z = a * b
    z.backward()
    names = {a: "a", z: "z"}
    assert node_labels(written(z, names=names)) == [
        r"{a}|data 2\lgrad 3\l",
        r"data 3\lgrad 2\l",
        r"{z|×}|data 6\lgrad 1\l",
    ]


def test_gradients_before_any_backward_are_said_not_to_be_computed():
    """A gradient that is 0 is told from one that nothing has computed."""
    a = Value(2.0)
    z = a * 0.0
    assert node_labels(written(z)) == [r"data 2\lgrad not computed\l", r"{× 0}|data 0\lgrad not computed\l"]
    z.backward()
    assert node_labels(written(z)) == [r"data 2\lgrad 0\l", r"{× 0}|data 0\lgrad 1\l"]


def test_small_numbers_are_not_shown_as_zero():
    """Four significant digits in nodes and at edges."""
    text = written(Value(1e-5) * Value(2.34567e-7))
    assert r"data 1e-05\l" in text
    assert r"data 2.346e-07\l" in text
    assert edge_labels(text) == [" ∂ 2.346e-07", " ∂ 1e-05"]


def test_edges_carry_local_derivatives():
    """One edge for each use, in operand order."""
    a, b = Value(3.0), Value(4.0)
    assert edge_labels(written(a * a)) == [" ∂ 3", " ∂ 3"]
    assert edge_labels(written(a / b)) == [" ∂ 0.25", " ∂ -0.1875"]


def test_without_gradients_only_the_numbers_are_shown():
    """gradients=False is the picture of the forward pass."""
    text = written(Value(3.0) * Value(4.0), gradients=False)
    assert "grad" not in text
    assert "∂" not in text
    assert text.count("->") == 2


def test_top_down_keeps_the_shape_of_a_node():
    """Records lie the other way round where ranks do, so their fields are turned too."""
    text = written(Value(3.0).tanh(), direction="TB")
    assert "rankdir=TB" in text
    assert node_labels(text)[1] == r"{{tanh}|data 0.9951\lgrad not computed\l}"


def test_the_legend_has_what_occurs():
    """Colours that are not in the picture are not explained."""

    def legend(text):
        return re.findall(r"<td[^>]*>(.*?)</td>", text)

    a, names = neuron()
    assert legend(written(Value(3.0).tanh())) == ["leaf", "output", "∂ local derivative"]
    assert legend(written(a - 1.0, model=names)) == [
        "input", "parameter", "operation", "output", "∂ local derivative",
    ]  # fmt: skip
    assert legend(written(a - 1.0, model=names, collapse="layers", gradients=False)) == [
        "input",
        "layer",
        "output",
    ]
    assert legend(written(Value(1.0))) == ["output"]
    assert legend(written(a, model=names, collapse="layers")) == ["input", "output", "∂ local derivative"]


def test_colours_have_six_digits():
    """Some builds of Graphviz draw #eef black."""
    a, names = neuron()
    text = written(a - 1.0, model=names, path=list(names))
    assert {len(digits) for digits in re.findall(r"#([0-9a-fA-F]+)", text)} == {6}


def test_modules_are_nested_frames():
    """A neuron is drawn inside its layer, with its parameters, under names as one writes them."""
    a, names = neuron()
    text = written(a - 1.0, model=names)
    layer, inner = (
        text.index('subgraph "cluster_layers.0"'),
        text.index('subgraph "cluster_layers.0.neurons.0"'),
    )
    assert layer < inner
    assert re.findall(r'graph \[.*?label="?([\w\[\]]+)', text[layer:]) == ["layers[0]", "neurons[0]"]
    closed = text.index("\n\t}", inner)
    assert text[inner:closed].count("data") == 5
    assert text[:layer].count("data") + text[closed:].count("data") == 3


def test_a_collapsed_module_shows_parameters_and_results():
    """A box for a neuron holds what it gives; one for a layer lists it."""
    a, names = neuron()
    a.backward()
    assert r"{neurons[0]}|3 parameters\ldata 0.7616\lgrad 1\l" in node_labels(
        written(a - 1.0, model=names, collapse="neurons")
    )
    assert r"{layers[0]}|3 parameters\ldata 0.7616\lgrad 1\l" in node_labels(
        written(a - 1.0, model=names, collapse="layers")
    )


def test_merged_edges_say_how_many_they_are():
    """Where several uses become one edge, their number stands in place of a derivative."""
    x, outputs, names = Value(1.0), [], {}
    for i in range(3):
        w = Value(0.5)
        names[w] = f"layers.0.neurons.{i}.w.0"
        outputs.append(autograd.dot([w], [x]))
    assert edge_labels(written(autograd.sum(outputs), model=names, collapse="layers")) == [
        " 3 edges",
        " 3 edges",
    ]


def test_a_highlighted_path_stands_out():
    """The nodes of the path, and the edges between those that follow each other on it, but no others."""
    a, b = Value(2.0), Value(3.0)
    s = a * b
    z = s + a
    text = written(z, path=[a, s, z])
    bold = [line.split(" [")[0].strip() for line in text.splitlines() if "penwidth" in line]
    assert bold == ["n0", "n2", "n3", "n0 -> n2", "n2 -> n3"]
    assert "penwidth" not in written(z)


def test_a_long_graph_leaves_no_room_for_labels():
    """A leaf used all along a chain would take Graphviz half a minute with room for a label at each edge."""

    def chain(length):
        a = z = Value(1.0)
        for _ in range(length):
            z = z * a
        return written(z)

    assert "xlabel" not in chain(20)
    assert chain(100).count(" [xlabel=") == 200


def test_thousands_of_edges_have_no_labels():
    """Nobody could read them, and Graphviz would look for room for them for minutes."""

    def layer(width):
        leaves = [Value(1.0) for _ in range(width)]
        return written(autograd.sum([autograd.sum(leaves).tanh() for _ in range(width)]))

    assert layer(40).count(" [xlabel=") == 40 * 40 + 2 * 40
    assert "∂" not in layer(50)


def test_the_source_grows_with_the_graph():
    """One line a node and one an edge, whatever the number of nodes."""

    def lines(length):
        z = Value(1.0)
        for _ in range(length):
            z = z + z
        return written(z).count("\n")

    assert lines(2000) - lines(1000) == 3 * 1000


def test_the_source_depends_on_the_graph_alone():
    """Recorded again, the same graph is drawn by the same text."""
    first, second = (neuron() for _ in range(2))
    assert written(first[0], model=first[1]) == written(second[0], model=second[1])
