"""Tests of explanations: paths and their sums against brute force, and what is shown of them."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from graphs import KINKED, recipes, sensitivities
from hypothesis import assume, given, settings

import autograd
from autograd import Explanation, Value, explain, ops
from autograd.explaining.paths import between, largest
from autograd.graph import topological_order
from nn import MLP


def every_path(output: Value, w: Value) -> Iterator[tuple[tuple[int, ...], float]]:
    """(positions from the output down, product) of every path, by recursion."""
    if output is w:
        yield (), 1.0
    for position, (parent, partial) in enumerate(zip(output.parents, output.partials, strict=True)):
        for positions, product in every_path(parent, w) if output is not w else ():
            yield (position, *positions), partial * product


def sizes(products) -> list[float]:
    return sorted([abs(product) for product in products], reverse=True)


@settings(max_examples=60, deadline=None)
@given(recipes(KINKED, most=7))
def test_paths_are_all_there_are_and_add_up_to_the_gradient(recipe):
    """On random graphs: as many paths as recursion finds, the same ones; Σ products = what backward() gives."""
    output, leaves = recipe.record()
    w = leaves[0]
    explanation = explain(output, w, most=3000)
    assume(explanation.count < 3000)
    expected = dict(every_path(output, w))
    assert explanation.count == len(expected)
    assert {path.positions[::-1]: path.product for path in explanation.paths} == pytest.approx(expected)
    output.backward()
    assert explanation.gradient == w.grad  # bit for bit
    assert explanation.listed == pytest.approx(
        w.grad, rel=1e-12, abs=1e-12 * sensitivities(output).get(w, 0.0)
    )
    assert explanation.magnitude == pytest.approx(sensitivities(output).get(w, 0.0))


@settings(max_examples=60, deadline=None)
@given(recipes(KINKED, most=7))
def test_the_largest_are_the_largest(recipe):
    """The `most` paths that are listed have the largest |product|, in order, and none comes twice."""
    output, leaves = recipe.record()
    w = leaves[0]
    assume(explain(output, w, most=1).count < 3000)
    expected = sizes(product for _, product in every_path(output, w))
    for most in (1, 2, 5, 20):
        explanation = explain(output, w, most=most)
        found = [abs(path.product) for path in explanation.paths]
        assert found == pytest.approx(expected[:most])
        assert found == sorted(found, reverse=True)
        assert len({path.positions for path in explanation.paths}) == min(most, len(expected))
        share = math.fsum(found) / math.fsum(expected) if any(expected) else 1.0
        assert explanation.share == pytest.approx(share)


def test_paths_are_paths():
    """Each path says which operand of which node it goes through, and has the partials of these edges."""
    w, x = Value(0.3, "w"), Value(2.0, "x")
    output = ops.dot([x, w], [w, w], x * w)
    explanation = explain(output, w)
    assert explanation.count == len(explanation.paths) == 4
    for path in explanation.paths:
        assert (path.nodes[0], path.nodes[-1]) == (w, output)
        for parent, node, position, partial in zip(
            path.nodes, path.nodes[1:], path.positions, path.partials, strict=False
        ):
            assert node.parents[position] is parent
            assert node.partials[position] == partial
        assert path.product == pytest.approx(math.prod(path.partials))
    assert sorted(path.product for path in explanation.paths) == [0.3, 0.3, 2.0, 2.0]


def test_a_repeated_operand_is_two_paths():
    """a·a: one path through each operand, told apart in words, and 2a in all."""
    a = Value(3.0, "a")
    explanation = explain(a * a, a)
    assert [path.positions for path in explanation.paths] == [(0,), (1,)]
    assert explanation.gradient == 6.0
    shown = str(explanation)
    assert "Path 1: a → L, as operand 1 of L" in shown
    assert "Path 2: a → L, as operand 2 of L" in shown
    assert "∂L/∂a = 3 + 3\n        = 6" in shown


def doubled(times: int) -> tuple[Value, Value]:
    """x·1.5^times, written as x + x/2 again and again: 2^times paths."""
    x = Value(1.0, "x")
    node = x
    for _ in range(times):
        node = node + node * 0.5
    return node, x


def test_very_many_paths_are_counted_not_enumerated():
    """2¹⁰⁰⁰ paths: the exact count, the gradient 1.5¹⁰⁰⁰ and the largest products 1, ½, ½, … at once."""
    output, x = doubled(1000)
    explanation = explain(output, x, most=4)
    assert explanation.count == 2**1000
    assert explanation.gradient == pytest.approx(1.5**1000)
    assert [path.product for path in explanation.paths] == [1.0, 0.5, 0.5, 0.5]
    assert explanation.listed == 2.5
    assert explanation.share == pytest.approx(2.5 / 1.5**1000)
    assert "about 1.1·10^301 paths" in str(explanation)


def test_what_the_listed_ones_are_of_the_whole_is_said():
    """Of 8 paths, three are listed: their sum 2.0 and their share 2/1.5³ are in the text."""
    output, x = doubled(3)
    shown = str(explain(output, x, most=3))
    assert shown.startswith("∂L/∂x = 3.375, the sum over 8 paths from x to L; these are the 3 largest.")
    assert "These 3 add up to 2; signs aside, they carry 59.3% of what all paths carry." in shown
    shown = str(explain(output, x, most=1))
    assert shown.startswith("∂L/∂x = 3.375, the sum over 8 paths from x to L; this is the largest.")
    assert "It is 1; signs aside, it carries 29.6% of what all paths carry." in shown


@pytest.mark.parametrize("length", [1_000, 100_000])
def test_deep_graphs(length):
    """No recursion: a chain is one path of that many edges, whose middle is left out where it is shown."""
    x = Value(1.0, "x")
    node = x
    for _ in range(length):
        node = -node
    explanation = explain(node, x)
    assert explanation.count == 1
    assert len(explanation.paths[0].partials) == length
    assert explanation.gradient == explanation.paths[0].product == 1.0
    shown = str(explanation)
    assert "∂v3/∂v2 · ∂v2/∂v1 · ∂v1/∂x" in shown
    assert len(shown) < 3000


def test_zeros_infinities_and_nans():
    """nan first, since it spoils the sum, then ∞, then by size, then zeros; 0·∞ along one path is nan."""
    x = Value(1.0, "x")
    partials = [0.0, 2.0, math.inf, -3.0, math.nan, -math.inf]
    by_partial = [x * Value(partial) for partial in partials]
    spoilt = (x * Value(0.0)) * Value(math.inf)
    explanation = explain(autograd.sum([*by_partial, spoilt]), x)
    products = [path.product for path in explanation.paths]
    assert [math.isnan(product) for product in products] == [True, True, *[False] * 5]
    assert [abs(product) for product in products[2:]] == [math.inf, math.inf, 3.0, 2.0, 0.0]
    assert math.isnan(explanation.gradient)
    assert "nan" in str(explanation)
    few = explain(autograd.sum([*by_partial, spoilt]), x, most=3)
    assert "These 3 add up to nan." in str(few)


def test_order_survives_overflow_and_underflow():
    """Paths are compared by what their products would be, where floats are too small or too large for them."""
    x = Value(1.0, "x")
    tiny = x * 1e-200 * 1e-200 * 1e300 * 1e300  # underflows on the way: from the output down it overflows
    output = autograd.sum([tiny, x * 1e150, x * 1e250])
    order = topological_order(output)
    found = [path.nodes[1] for path in largest(x, output, between(x, order))]
    assert [node.parents[1].data for node in found] == [1e250, 1e-200, 1e150]


def test_no_path():
    """An output that does not depend on w: no paths, 0, in words."""
    w, x = Value(1.0, "w"), Value(2.0, "x")
    explanation = explain(x * x, w)
    assert (explanation.count, explanation.paths, explanation.gradient, explanation.share) == (
        0,
        (),
        0.0,
        1.0,
    )
    assert str(explanation) == "∂L/∂w = 0: L does not depend on w, no path leads from one to the other."


def test_the_output_itself():
    """∂L/∂L = 1: the path without edges."""
    x = Value(1.0, "x")
    assert explain(x, x).paths[0].product == 1.0
    assert str(explain(x, x)) == "∂x/∂x = 1"


def test_inner_nodes_can_be_explained():
    """∂L/∂z for a node with operands of its own, which are no part of it."""
    x = Value(0.5, "x")
    z = x * x
    z.label = "z"
    assert explain(z * z + x, z).gradient == 0.5
    assert explain(z * z + x, z).count == 2


def test_single_paths_read_like_the_textbook():
    """The chain rule in derivatives, in symbols, in numbers, and the product; then what each name stands for."""
    Z, y = Value(0.5, "Z"), Value(0.0, "y")
    A = autograd.sigmoid(Z)
    A.label = "A"
    L = (A - y) ** 2 / 2
    L.label = "L"
    assert str(explain(L, Z)).splitlines() == [
        "∂L/∂Z = ∂L/∂v2 · ∂v2/∂v1 · ∂v1/∂A · ∂A/∂Z",
        "      = 0.5 · 2·v1 · 1 · A·(1 − A)",
        "      = 0.5 · 2·0.6225 · 1 · 0.6225·(1 − 0.6225)",
        "      = 0.5 · 1.245 · 1 · 0.235",
        "      = 0.1463",
        "",
        "where",
        "  A = σ(Z) = σ(0.5) = 0.6225",
        "  v1 = A − y = 0.6225 − 0 = 0.6225",
        "  v2 = v1² = 0.6225² = 0.3875",
        "  L = v2/2 = 0.3875/2 = 0.1937",
    ]


def test_a_nodes_own_derivation():
    """explain(node): how it is computed, and ∂node/∂operand for each operand, constants aside, sums for repeats."""
    a, b = Value(3.0, "a"), Value(2.0, "b")
    assert str(explain(a * b)).splitlines() == [
        "L = a·b = 3·2 = 6",
        "∂L/∂a = b",
        "      = 2",
        "∂L/∂b = a",
        "      = 3",
    ]
    squared = explain(a * a)
    assert dict(squared.partials) == {a: 6.0}
    assert "∂L/∂a = a + a\n      = 3 + 3\n      = 6" in str(squared)
    assert dict(explain(a * 2.0).partials) == {a: 2.0}
    assert str(explain(a)) == "a = 3 is a leaf: it was given, not computed."
    wide = explain(autograd.sum([Value(float(i), f"x{i}") for i in range(30)]))
    assert "L = x0 + x1 + … + x29 = 0 + 1 + … + 29 = 435" in str(wide)
    assert str(wide).endswith("and 20 more.")


def test_names():
    """Names come from labels, from `names` and from the model; a nameless leaf is called w."""
    model = MLP(2, [2, 1], seed=0)
    x = [Value(0.5), Value(-1.0)]
    loss = (model(x) - 1.0) ** 2
    weight = next(iter(model.parameters()))
    assert repr(explain(loss, weight, model=model)).startswith("Explanation(∂L/∂w[0] = ")
    assert repr(explain(loss, weight)).startswith("Explanation(∂L/∂w = ")
    assert repr(explain(loss, x[0], names={"x": x, "loss": loss})).startswith("Explanation(∂loss/∂x[0] = ")
    w = Value(1.0, "w")
    nameless = Value(2.0)
    assert repr(explain(w * nameless, nameless)) == "Explanation(∂L/∂w1 = 1, 1 path)"


def test_looking_changes_nothing():
    """grad, data and labels of every node are what they were; an explanation cannot be changed."""
    w, x = Value(0.5, "w"), Value(2.0)
    L = (w * x).tanh() + w
    L.backward()
    before = [(node.data, node.grad, node.label, node.has_grad) for node in topological_order(L)]
    explanation = explain(L, w)
    shown = str(explanation)
    explanation.latex(), explanation._repr_html_(), explanation.draw()
    assert [(node.data, node.grad, node.label, node.has_grad) for node in topological_order(L)] == before
    with pytest.raises(AttributeError):
        explanation.gradient = 1.0
    with pytest.raises(TypeError):
        explanation.names[w] = "v"
    w.data = 7.0
    assert str(explanation) == shown


def test_changed_data_is_not_passed_off_as_what_was_recorded():
    """The gradient stays that of the recorded point; a factor that data no longer gives is only a number."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    L = w * x
    x.data = 100.0
    explanation = explain(L, w)
    assert explanation.gradient == 2.0
    assert str(explanation).splitlines()[0] == "∂L/∂w = 2"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0, Value(1.0)), TypeError, r"output must be a Value, got 3.0 \(float\)"),
        ((Value(1.0), "w"), TypeError, r"w must be a Value, got 'w' \(str\)"),
        (((Value(1.0) * 2.0).parents[1],), ValueError, "output is the constant 2"),
        ((Value(1.0), (Value(1.0) * 2.0).parents[1]), ValueError, "w is the constant 2"),
    ],
)
def test_refusals(arguments, error, message):
    """What is no Value, and a number that an operator took, are named."""
    with pytest.raises(error, match=message):
        explain(*arguments)


def test_refused_options():
    """So are other arguments that cannot be."""
    x = Value(1.0)
    with pytest.raises(ValueError, match="most must be at least 1, got 0"):
        explain(x, x, most=0)
    with pytest.raises(TypeError, match="most must be a whole number"):
        explain(x, x, most=1.5)
    with pytest.raises(TypeError, match="model must have named_parameters"):
        explain(x, x, model=3)
    with pytest.raises(IndexError, match="one of 1 paths, from 0; got 1"):
        explain(x, x).draw(1)


def branches() -> Explanation:
    """Three paths from g, the second of them twice."""
    g, v = Value(0.6, "g"), Value(-1.5, "v")
    return explain(autograd.sigmoid(g * v) * g + g, g)


def test_latex():
    """One aligned environment with balanced braces, the same numbers as the text, without colours."""
    explanation = branches()
    shown = explanation.latex()
    assert shown.startswith("\\begin{aligned}\n")
    assert shown.count("{") == shown.count("}")
    assert shown.count(r"\left(") == shown.count(r"\right)")
    assert r"\frac{\partial L}{\partial g}" in shown
    assert "color" not in shown
    assert all(line.count("&") == 1 for line in shown.splitlines()[1:-1])
    assert explanation._repr_latex_() == f"$\\displaystyle {shown}$"


def test_html():
    """Well formed, local derivatives and contributions by class, no scripts, nothing from elsewhere."""
    for shown in (branches()._repr_html_(), explain(branches().output)._repr_html_()):
        root = ET.fromstring(shown)
        assert root.get("class") == "glassgrad-explanation"
        assert "script" not in shown
        assert re.findall(r"https?://[^\"]*", shown.replace("http://www.w3.org/1998/Math/MathML", "")) == []
        assert "prefers-color-scheme: dark" in shown
    classes = {element.get("class") for element in ET.fromstring(branches()._repr_html_()).iter()}
    assert {"partial", "contribution"} <= classes


@pytest.mark.parametrize("shown", [str, Explanation.latex, Explanation._repr_html_])
def test_one_edge_is_not_said_twice(shown):
    """∂L/∂a = 2, not ∂L/∂a = ∂L/∂a = 2, in every notation."""
    a = Value(3.0, "a")
    said = shown(explain(a * 2.0, a))
    assert len(re.findall(r"∂ *L/∂a|partial L}|<mi>∂</mi><mi>L</mi>", said)) == 1


def test_markup_in_a_label_is_text():
    """A label cannot break the page or run anything on it."""
    x = Value(1.0, "<script>&")
    root = ET.fromstring(explain(x.tanh() * x, x)._repr_html_())
    assert not list(root.iter("script"))
    assert "<script>&" in "".join(root.itertext())


def test_a_path_is_highlighted_in_the_drawing():
    """draw(path=i) marks the nodes of that path and the edges between them, with the names of the text."""
    explanation = branches()
    longest = max(range(3), key=lambda i: len(explanation.paths[i].nodes))
    drawn = explanation.draw(longest)
    plain = autograd.draw(explanation.output)
    assert (drawn.nodes, drawn.edges) == (plain.nodes, plain.edges)
    nodes = [line for line in drawn.source.splitlines() if "#d6006c" in line and "->" not in line]
    marked = [line for line in drawn.source.splitlines() if "#d6006c" in line and "->" in line]
    assert len(nodes) == len(explanation.paths[longest].nodes)
    assert len(marked) >= len(nodes) - 1
    for node in explanation.paths[longest].nodes:
        assert any(re.search(rf'label="{{{explanation.names[node]}\b', line) for line in nodes)
    assert "rankdir=TB" in explanation.draw(direction="TB").source


def test_the_derivative_of_a_maximum_is_stated_so_that_it_holds_at_a_tie():
    """[x > y] + ½·[x = y]: each of two equals has half; in plain text, LaTeX and MathML."""
    x, y = Value(2.0, "x"), Value(2.0, "y")
    found = explain(autograd.maximum(x, y))
    assert "∂L/∂x = [x > y] + ½·[x = y]\n      = [2 > 2] + ½·[2 = 2]\n      = 0.5" in str(found)
    assert r"\left[x > y\right] + \tfrac{1}{2} \left[x = y\right]" in found.latex()
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in found._repr_html_()
    above = str(explain(autograd.maximum(x, y) ** 3, x))
    assert "([x > y] + ½·[x = y])" in above
