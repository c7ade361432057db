"""Tests of the formulas as MathML and as plain text, and of what all notations have in common."""

import re
import xml.etree.ElementTree as ET

import pytest
from test_latex import ROWS, operand_names, recorded

from autograd import Op, Value, function, ops
from autograd.formulas import Notation
from autograd.latex import LATEX
from autograd.mathml import (
    MATHML,
    derivative_formula,
    element,
    formula,
    number_formula,
    symbol_formula,
)
from autograd.plain import PLAIN

# The elements of MathML Core that have a fixed number of children.
CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2}
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
every_notation = pytest.mark.parametrize("notation", [LATEX, MATHML, PLAIN], ids=["latex", "mathml", "plain"])


def parsed(markup: str) -> ET.Element:
    """The element, checked: well formed, and no fraction or index has a part too many."""
    tree = ET.fromstring(element(markup))
    for inner in tree.iter():
        tag = inner.tag.rpartition("}")[2]
        assert len(inner) == CHILDREN.get(tag, len(inner)), ET.tostring(inner)
        assert (inner.text or "").strip() == "" or tag in ("mi", "mn", "mo", "mtext")
    return tree


def said(markup: str) -> str:
    """The characters of a formula, in order."""
    return re.sub("[\u2061\u2062\xa0 ]", "", "".join(parsed(markup).itertext()))


@every_row
def test_every_row_is_well_formed(row: Op):
    """A row added to the table can be shown in a browser, and so can its derivatives, with all operands."""
    node = recorded(row, operand_names(row))
    text = said(formula(node))
    for parent in node.parents:
        assert parent.label in text
    assert text.count("(") == text.count(")")
    names = [parent.label for parent in node.parents]
    assert len([parsed(markup) for markup in derivative_formula(row, names)]) == len(names)


@every_row
def test_every_row_is_plain_text(row: Op):
    """On one line too each operand of a row is named, and brackets are balanced."""
    node = recorded(row, operand_names(row))
    text = PLAIN.formula(node).text
    for parent in node.parents:
        assert parent.label in text
    assert text.count("(") == text.count(")")
    assert not re.search(r"[\\{}<]", text)


def bracketed_parts(notation: Notation, node: Value) -> int:
    text = notation.formula(node).text
    return text.count(r"\left(") if notation is LATEX else text.count("<mo>(</mo>")


def test_notations_agree_where_to_bracket():
    """When to bracket is one decision: print and page have the same brackets."""
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(-3.0)
    nodes = [
        a + b + c, a - (b - c), (a + b) * c, (a * b) ** 2, (a / b) ** 2, -(a + b), a * -b, 2 * (a + b),
        2 * a * b, (2 - a) ** 2 * 3, 3 * (2 - a) ** 2, (a + b).exp() ** 2, ops.dot([a, b], [b, c], 0.0),
        ops.prod([a + b, -a, b]), ops.xlogy(a + b, a - b), Value(1e-5) ** 2, Value(1e-5) * a * 1e9,
    ]  # fmt: skip
    for node in nodes:
        assert bracketed_parts(LATEX, node) == bracketed_parts(MATHML, node)


def test_a_number_times_a_negative_number_has_a_dot():
    """As in print: 1 · (−1.28), and 2a without one."""
    dotted, plain = (
        MATHML.formula(x * y).text for x, y in ((Value(1.0), Value(-1.28)), (2.0, Value(3.0, "a")))
    )
    assert dotted == "<mn>1</mn><mo>·</mo><mrow><mo>(</mo><mn>−1.28</mn><mo>)</mo></mrow>"
    assert plain == f"<mn>2</mn>{MATHML.COEFFICIENT}<mi>a</mi>"


def test_what_raises_or_encloses_in_print_is_bracketed_on_one_line():
    """Plain text reads back as the same computation."""
    a, b = Value(1.0, "a"), Value(2.0, "b")
    shown = [
        (a / (a * b), "a/(a·b)"),
        (a / b / a, "a/b/a"),
        ((a + b) / (a - b), "(a + b)/(a − b)"),
        ((a / b) ** 2, "(a/b)²"),
        ((-a).exp(), "e^(−a)"),
        ((a + b).sqrt(), "√(a + b)"),
        (a.sqrt() ** 3, "(√a)³"),
        (a ** (b + 1), "a^(b + 1)"),
        (a**2.5, "a^2.5"),
        (a**-1, "a^(−1)"),
        (abs(a - b), "|a − b|"),
        (1 - a * b, "1 − a·b"),
        (2 * a, "2·a"),
    ]
    for node, text in shown:
        assert PLAIN.formula(node).text == text


def test_derivatives_are_the_tables():
    """−y/a + (1 − y)/(1 − a), σ(z) − y, z(1 − z): what LaTeX prints, the page shows."""
    assert said(derivative_formula(ops.sigmoid, ["Z"], "A")[0]) == "A·(1−A)"
    by_z, _ = derivative_formula(ops.binary_cross_entropy_with_logits, ["z", "y"])
    assert said(by_z) == "σ(z)−y"
    by_a, _ = derivative_formula(ops.binary_cross_entropy, ["a", "y"])
    assert len(list(parsed(by_a).iter("{http://www.w3.org/1998/Math/MathML}mfrac"))) == 2


def test_names_and_numbers():
    """Indices are lowered, Greek names become letters, and markup in a label stays text."""
    assert symbol_formula("W12") == "<mrow><msub><mi>W</mi><mn>12</mn></msub></mrow>"
    assert symbol_formula("h_out") == "<mrow><msub><mi>h</mi><mi>out</mi></msub></mrow>"
    assert said(symbol_formula("lambda")) == "λ"
    assert said(symbol_formula("a<b>&\x00c")) == "a<b>&c"
    assert number_formula(0.00001) == "<mrow><mn>1</mn><mo>·</mo><msup><mn>10</mn><mn>−5</mn></msup></mrow>"
    assert said(number_formula(float("-inf"))) == "−∞"
    assert PLAIN.number(-0.00001).text == "−1e−5"
    assert PLAIN.symbol("a\n b").text == "a b"


@every_notation
def test_names_stop_a_formula(notation: Notation):
    """A node with a name, in `names` or as a label, stands by it; a leaf whose name is its number is one."""
    x, y = Value(2.0, "x"), Value(-1.5)
    z = x * x
    node = z * y
    written = notation.formula(node, {z: "z", y: "-1.5", node: "L"})
    assert written == notation.product([notation.symbol("z"), notation.number(-1.5)])


def test_parts_are_marked_where_that_shows():
    """Upstream, local derivative and contribution carry their names as classes on the page, in print nothing."""
    for part in ("upstream", "partial", "contribution"):
        root = parsed(MATHML.marked(part, MATHML.number(2.0)).text)
        assert root[0].get("class") == part
        assert LATEX.marked(part, LATEX.number(2.0)).text == "2"
        assert PLAIN.marked(part, PLAIN.number(2.0)).text == "2"


@every_notation
def test_the_chain_rule_is_written(notation: Notation):
    """∂L/∂Z = ∂L/∂A · ∂A/∂Z: sums in a chain are bracketed, products are not."""
    a = Value(0.5, "a")
    text = notation.chain([notation.formula(1 - a), notation.formula(a * a), notation.number(-2.0)]).text
    assert notation.enclosed(notation.formula(1 - a).text) in text
    assert notation.enclosed(notation.formula(a * a).text) not in text
    assert notation.enclosed(notation.number(-2.0).text) in text
    line = notation.equation([notation.derivative("L", "Z"), notation.derivative("L", "A")])
    assert line.startswith(notation.derivative("L", "Z").text)
    assert line.endswith(notation.derivative("L", "A").text)


def test_a_users_operation():
    """By its template for pages, or by its name."""
    cube = function("cube", lambda x: x**3, lambda x, z: 3.0 * x * x, mathml="<msup>{0}<mn>3</mn></msup>")
    plain = function("my_op", lambda x, y: x + y, lambda x, y, z: (1.0, 1.0), symbol="⊕")
    x = Value(2.0, "x")
    assert formula(cube(x)) == "<mrow><msup><mi>x</mi><mn>3</mn></msup></mrow>"
    assert said(formula(plain(x, x))) == "my_op(x,x)"
    assert PLAIN.formula(cube(x)).text == "cube(x)"
