"""Tests of the words in a picture."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, leaky_relu, maximum, ops, sum, where
from autograd.drawing.labels import escape, names_in, number, operation
from autograd.drawing.rendering import render


def said(node, **names):
    assert node.op is not None
    return operation(node.op, node.parents, {value: name for name, value in names.items()})


@given(st.floats(-1e308, 1e308))
def test_numbers_keep_four_significant_digits(x):
    """However small or large a number is, what is shown is within half a unit of the fourth digit."""
    assert float(number(x)) == pytest.approx(x, rel=5.0001e-4, abs=5e-324)


def test_numbers_that_are_none_are_shown():
    """1e-5 is not 0.0000, and nan and the infinities are written out."""
    shown = [number(x) for x in (1e-5, -0.0, 12345.6, math.nan, math.inf, -math.inf)]
    assert shown == ["1e-05", "-0", "1.235e+04", "nan", "inf", "-inf"]


@pytest.mark.parametrize(
    "label",
    [
        "a|b",
        "{a}",
        "<a>",
        "a\\b",
        '"a"',
        "\\n",
        "\\N",
        "\\|",
        "&lt;",
        "a & b",
        "größe αβ 中",
        "<b>a</b>",
        "a\\",
        "{|}<>",
    ],
)
def test_any_label_is_shown_as_it_is(label):
    """What Graphviz makes of an escaped label, in a record and beside an edge, is the label."""
    pytest.importorskip(
        "pygraphviz", reason="draws with the Graphviz inside pygraphviz, which is not installed"
    )
    import graphviz

    graph = graphviz.Digraph(node_attr={"shape": "record"})
    graph.node("n", f"{{{escape(label)}|other}}|more")
    graph.edge("n", "n", escape(label))
    root = ElementTree.fromstring(render(graph.source, "svg").decode())
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(texts) == sorted([label, "other", "more", label])


def test_a_label_is_one_line_of_bounded_length():
    """White space and what cannot be printed become single spaces; what is too long is cut off visibly."""
    assert escape("a\n\tb\x00  c\ud800") == "a b c"
    assert escape("x" * 41) == "x" * 39 + "…"


def test_constants_stand_in_their_operation():
    """On the side of the operator on which they were typed, or in their place among the arguments."""
    a, b = Value(2.0), Value(3.0)
    assert [said(a - 1), said(1 - a), said(a / 4), said(4 / a)] == [["− 1"], ["1 −"], ["÷ 4"], ["4 ÷"]]
    assert [said(a**2), said(2**a)] == [["^ 2"], ["2 ^"]]
    assert said(maximum(a, 0.0)) == ["max(·, 0)"]
    assert said(leaky_relu(a, 0.1)) == ["leaky relu(·, 0.1)"]
    assert said(where(a, b, 0.5)) == ["where(·, ·, 0.5)"]
    assert said(sum([a, 2.0, b])) == ["Σ(·, 2, ·)"]


def test_operands_are_named_if_all_have_names():
    """With a name for each operand the operation is a formula, in the order in which it was typed."""
    a, b = Value(2.0), Value(3.0)
    assert said(a - b, a=a, b=b) == ["a − b"]
    assert said(a - b, a=a) == ["−"]
    assert said(-a, a=a) == ["−a"]
    assert said(abs(a), a=a) == ["|a|"]
    assert said(a.sqrt(), a=a) == ["√a"]
    assert said(a.sigmoid(), a=a) == ["σ(a)"]
    assert said(a.tanh()) == ["tanh"]
    assert said(a * 2, a=a) == ["a × 2"]


def test_dot_says_which_parts_are_constant():
    """A neuron's node lists its inputs, weights or bias where they are numbers."""
    w, b = [Value(1.0), Value(2.0)], Value(3.0)
    assert said(dot(w, w, b)) == ["w·x + b"]
    assert said(dot(w, [0.5, -1.0], b)) == ["w·x + b", "x = 0.5, -1"]
    assert said(dot([0.5, -1.0], w)) == ["w·x + b", "w = 0.5, -1", "b = 0"]


def test_long_operations_are_cut_off():
    """A formula of names that does not fit gives way to its symbol; a list of constants ends in dots."""
    values = [Value(float(i)) for i in range(40)]
    assert said(sum(values), **{f"value_{i}": value for i, value in enumerate(values)}) == ["Σ"]
    symbol, arguments = said(sum([1.5, *values]))
    assert symbol == "Σ"
    assert arguments.startswith("1.5, ·, ")
    assert arguments.endswith(", …")
    assert len(arguments) <= 40


def test_an_operation_without_operands_has_a_text():
    """The sum of nothing is drawn too."""
    assert operation(ops.sum, [], {}) == ["Σ()"]


def test_names_come_from_variables_and_containers():
    """The shortest name wins, then the first; lists, tuples and dicts are looked into, to any depth."""
    a, b, c, d = (Value(float(i)) for i in range(4))
    found = names_in(
        {"w": [a, (b, c)], "twice": a, "again": a, "table": {"d": d}, "number": 3, "text": "abc"}
    )
    assert found == {a: "twice", b: "w[1][0]", c: "w[1][1]", d: "table['d']"}


def test_names_of_a_notebook_are_left_out():
    """`_`, `_3` and `Out[3]` are not what anyone calls a value."""
    a = Value(1.0)
    assert names_in({"_": a, "_3": [a], "Out": {3: a}}) == {}
    assert names_in({"_": a, "Out": {3: a}, "loss": a}) == {a: "loss"}


def test_a_list_that_holds_itself_is_no_trap():
    """Containers are looked into once."""
    a = Value(1.0)
    loop = [a]
    loop.append(loop)
    assert names_in({"loop": loop}) == {a: "loop[0]"}


def test_names_must_be_a_mapping():
    """The error says what was given and what it should look like."""
    with pytest.raises(TypeError, match=r"as locals\(\) does, got list"):
        names_in(["a"])
