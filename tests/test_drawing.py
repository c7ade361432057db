"""Tests of `draw`: what it takes, what it refuses and what it gives."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from graphs import KINKED, chain, recipes
from hypothesis import given, settings

import autograd
from autograd import Value
from autograd.drawing.drawing import draw


class Neuron:
    def __init__(self, nin):
        self.w, self.b = [Value(0.1 * (i + 1)) for i in range(nin)], Value(0.0)

    def __call__(self, x):
        return autograd.dot(self.w, x, self.b).tanh()


class Network:
    """A stand-in for a model: layers of neurons, and names for their parameters."""

    def __init__(self, nin, *nouts):
        self.layers = [[Neuron(n) for _ in range(m)] for n, m in zip((nin, *nouts), nouts)]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x

    def named_parameters(self):
        for i, layer in enumerate(self.layers):
            for j, neuron in enumerate(layer):
                for k, weight in enumerate(neuron.w):
                    yield f"layers.{i}.neurons.{j}.w.{k}", weight
                yield f"layers.{i}.neurons.{j}.b", neuron.b


@pytest.fixture
def graphviz():
    return pytest.importorskip(
        "pygraphviz", reason="draws with the Graphviz inside pygraphviz, which is not installed"
    )


def texts(drawing):
    """Everything that is written in the picture."""
    root = ElementTree.fromstring(drawing.svg())
    return [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_shows_numbers_gradients_operations_and_derivatives(graphviz):
    """For f = x² + xy + y² at (2, 3), everything that the chain rule needs is in the SVG."""
    x, y = Value(2.0), Value(3.0)
    f = x**2 + x * y + y**2
    f.backward()
    shown = texts(draw(f, names={"x": x, "y": y, "f": f}, inputs=[x, y]))
    assert {"x ^ 2", "x × y", "y ^ 2", "f", "+", "data 19", "grad 7", "grad 8"} <= set(shown)
    derivatives = [text.split()[1] for text in shown if re.fullmatch(r"\s*∂ \d+", text)]
    assert sorted(derivatives) == ["1", "1", "1", "1", "2", "3", "4", "6"]


def test_a_label_wins_over_a_name_and_a_name_over_the_model(graphviz):
    """Labels are the user's own words; a parameter that no variable names is called as in the model."""
    model = Network(3, 1)
    w = model.layers[0][0].w
    w[0].label = "first"
    (output,) = model([1.0, 2.0, 3.0])
    shown = texts(draw(output, model=model, names={"second": w[1], "other": w[0]}))
    assert {"first", "second", "w[2]", "b", "layers[0]", "neurons[0]"} <= set(shown)
    assert not {"other", "w[0]", "w[1]"} & set(shown)


@settings(max_examples=25, deadline=None)
@given(recipes(KINKED, most=10))
def test_every_node_and_edge_is_in_the_picture(recipe):
    """Whatever the graph, Graphviz draws as many nodes and edges as it has, opened or not."""
    pytest.importorskip(
        "pygraphviz", reason="draws with the Graphviz inside pygraphviz, which is not installed"
    )
    root, _ = recipe.record()
    for drawing in (draw(root), draw(root, expand=True, direction="TB")):
        svg = drawing.svg()
        assert (svg.count('class="node"'), svg.count('class="edge"')) == (drawing.nodes, drawing.edges)


def test_every_edge_of_a_network_is_in_the_picture(graphviz):
    """Frames and collapsed modules lose nothing, for one example and for a batch."""
    model = Network(2, 4, 3, 1)
    batch = [model([float(i), 1.0])[0] - float(i) for i in range(30)]
    for root in (batch[0], autograd.sum(batch)):
        for collapse in (None, "neurons", "layers"):
            drawing = draw(root, model=model, collapse=collapse, limit=1000)
            svg = drawing.svg()
            assert (svg.count('class="node"'), svg.count('class="edge"')) == (drawing.nodes, drawing.edges)


def test_a_notebook_shows_the_picture(graphviz):
    """IPython finds the SVG, and beside it a short text."""
    formatters = pytest.importorskip("IPython.core.formatters", reason="asks IPython how it shows a drawing")
    shown, _ = formatters.DisplayFormatter().format(draw(Value(1.0) * 2.0))
    assert shown["image/svg+xml"].count("<svg") == 1
    assert shown["text/plain"] == "Drawing(nodes=2, edges=1)"


def test_a_notebook_shrinks_a_wide_picture(graphviz):
    """It has no size of its own there but the page's; a narrow one, and one too long to be read so, keep theirs."""
    sized = []
    for length in (1, 3, 20):
        drawing = draw(chain(length, Value(0.5)))
        shown = drawing._repr_svg_()
        width = re.search(r'width="(\d+)pt"', drawing.svg())[1]
        assert "viewBox" in shown
        sized.append(f'<svg width="{width}pt"' in shown)
        assert sized[-1] or f'<svg style="max-width: {width}pt"' in shown
    assert sized == [True, False, True]


def test_saving_writes_every_format(graphviz, tmp_path):
    """The ending of the path decides, and the path comes back."""
    drawing = draw(Value(1.0) * 2.0)
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph", "gv": b"digraph"}
    for ending, start in starts.items():
        target = tmp_path / f"graph.{ending}"
        assert drawing.save(str(target)) == target
        assert target.read_bytes().startswith(start)
    assert len(list(tmp_path.iterdir())) == len(starts)


def test_several_roots_share_what_they_have_in_common():
    """Each root is an output, and each node is drawn once."""
    a, b = Value(2.0), Value(3.0)
    drawing = draw([a * b, a + b])
    assert (drawing.nodes, drawing.edges) == (4, 4)
    assert drawing.source.count("#d8efd3") == 3  # two nodes and the legend


def test_opening_is_for_operations_nodes_or_all():
    """`expand` names a row, a node, several of them, or everything."""
    w, x = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    first, second = autograd.dot(w, x), autograd.sum([*w, *x])
    z = autograd.sum([first, second])
    sizes = [
        draw(z, expand=expand).nodes
        for expand in (False, autograd.dot, [autograd.dot, autograd.sum], first, [second], True)
    ]
    assert sizes == [7, 10, 12, 10, 9, 12]


def test_collapsing_makes_one_box_of_each_module():
    """A network of 3 + 1 neurons is 4 boxes or 2, beside its inputs and what a loss adds."""
    model, x = Network(2, 3, 1), [Value(1.0), Value(2.0)]
    loss = (model(x)[0] - 1.0) ** 2
    sizes = [draw(loss, model=model, collapse=collapse).nodes for collapse in (None, "neurons", "layers")]
    assert sizes == [2 + 13 + 8 + 2, 2 + 4 + 2, 2 + 2 + 2]


def test_drawing_changes_nothing():
    """Neither numbers nor gradients nor labels of the graph."""
    model, x = Network(2, 3, 1), [Value(1.0), Value(2.0)]
    root = model(x)[0]
    root.backward()
    nodes = autograd.graph.topological_order(root)
    before = [(node.data, node.grad, node.label, node.parents) for node in nodes]
    draw(root, model=model, expand=True, names={"x": x})
    assert [(node.data, node.grad, node.label, node.parents) for node in nodes] == before


def test_a_picture_is_of_the_moment():
    """What happens to the graph afterwards does not change a drawing."""
    z = Value(2.0) * 3.0
    before = draw(z)
    z.backward()
    assert "not computed" in before.source
    assert "not computed" not in draw(z).source


def test_too_many_nodes_are_refused_with_the_ways_out():
    """The message counts, and says what collapsing would give, or how to make it possible."""
    model = Network(2, 30, 1)
    root = model([1.0, 2.0])[0]
    with pytest.raises(
        ValueError, match=r'183 nodes, .*limit=100: collapse="neurons" draws 31, collapse="layers" draws 2'
    ):
        draw(root, model=model, limit=100)
    with pytest.raises(ValueError, match=r"give model=\.\.\. with collapse=.*an inner node.*allow limit=183"):
        draw(root, limit=182)
    assert draw(root, limit=183).nodes == 183


def test_a_deep_graph_is_drawn():
    """Depth is no limit: 10,000 nodes in a chain, collapsed into nothing."""
    z = Value(1.0)
    for _ in range(10_000):
        z = z + 1.0
    assert draw(z, limit=20_000).nodes == 10_001


def test_highlighting():
    """A node or a path of them; inside a collapsed module its box; elsewhere an error."""
    model, x = Network(2, 3, 1), [Value(1.0), Value(2.0)]
    root = model(x)[0]
    weight = model.layers[0][0].w[0]
    assert draw(root, highlight=root).source.count("penwidth") == 1
    path = [weight, *[node for node in autograd.graph.topological_order(root) if weight in node.parents]]
    assert draw(root, highlight=path).source.count("penwidth") == 3
    lines = draw(root, model=model, collapse="layers", highlight=weight).source.splitlines()
    assert [re.search(r"layers\[\d\]", line)[0] for line in lines if "penwidth" in line] == ["layers[0]"]
    with pytest.raises(ValueError, match=r"highlight has Value\(data=5\.0.*not a node of the picture"):
        draw(root, highlight=Value(5.0))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"direction": "BT"}, ValueError, 'direction must be "LR", left to right, or "TB".*\'BT\''),
        ({"collapse": "blocks"}, ValueError, 'collapse must be "neurons" or "layers".*\'blocks\''),
        ({"collapse": "layers"}, ValueError, "collapse='layers' needs model="),
        ({"model": [1.0]}, TypeError, r"model must have named_parameters\(\).*\[1\.0\]"),
        ({"inputs": [1.0]}, TypeError, r"inputs must be a Value or several, got 1\.0 \(float\)"),
        ({"parameters": 3}, TypeError, r"parameters must be a Value or several, got 3 \(int\)"),
        ({"highlight": "a"}, TypeError, r"highlight must be a Value or several, got 'a' \(str\)"),
        (
            {"expand": "dot"},
            TypeError,
            "expand must be True, or operations such as dot, or nodes; got 'd'|'o'|'t'",
        ),
        ({"names": [1]}, TypeError, r"names must map names to Values, as locals\(\) does, got list"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, message):
    """The error names the argument, what it should be and what was given."""
    with pytest.raises(error, match=message):
        draw(Value(1.0) * 2.0, **arguments)


def test_the_root_must_be_a_value():
    """A number has no graph; neither has nothing."""
    with pytest.raises(TypeError, match=r"root must be a Value or several, got 2\.0 \(float\)"):
        draw(2.0)
    with pytest.raises(ValueError, match="root"):
        draw([])
