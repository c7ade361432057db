"""Tests of the formulas."""

import pytest

from autograd import Op, Value, function, grad, ops
from autograd.latex import derivative_formula, formula, number_formula, symbol_formula

ROWS = [row for row in vars(ops).values() if isinstance(row, Op) and row is not ops.constant]


def operand_names(row: Op) -> list[str]:
    if row.variadic:
        return ["p", "q", "r"]
    return (
        ["p", "q", "r"][: row.forward.__code__.co_argcount]
        if hasattr(row.forward, "__code__")
        else ["p", "q"]
    )


def recorded(row: Op, names: list[str]) -> Value:
    """The row on Values of the number 1, as many as it takes."""
    try:
        return row.apply(tuple(Value(1.0, name) for name in names))
    except TypeError:
        return row.apply(tuple(Value(1.0, name) for name in names[:1]))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_a_formula_with_all_its_operands(row):
    """A row added to the table can be written: each operand occurs, and brackets are balanced."""
    node = recorded(row, operand_names(row))
    text = formula(node)
    for parent in node.parents:
        assert parent.label in text
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")


def test_brackets_follow_precedence():
    """A formula reads back as the same computation: brackets stand where, and only where, they are needed."""
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    assert formula(a + b + c) == "a + b + c"
    assert formula(a - (b - c)) == r"a - \left(b - c\right)"
    assert formula((a + b) * c) == r"\left(a + b\right) \cdot c"
    assert formula(a * b + c) == r"a \cdot b + c"
    assert formula((a * b) ** 2) == r"\left(a \cdot b\right)^{2}"
    assert formula((a / b) ** 2) == r"\left(\frac{a}{b}\right)^{2}"
    assert formula(-(a + b)) == r"-\left(a + b\right)"
    assert formula(a * -b) == r"a \cdot \left(-b\right)"
    assert formula(a + -1.5) == r"a + \left(-1.5\right)"
    assert formula(Value(1e-5) ** 2) == r"\left(1 \cdot 10^{-5}\right)^{2}"
    assert formula(a * 1e-5) == r"a \cdot 1 \cdot 10^{-5}"


def test_a_number_times_a_negative_number_has_a_dot():
    """1 · (−1.28), which in 1(−1.28) looks like a function; before brackets around more it has none."""
    a, b = Value(1.0, "a"), Value(2.0, "b")
    assert formula(Value(1.0) * Value(-1.28)) == r"1 \cdot \left(-1.28\right)"
    assert formula(Value(2.0) * Value(-1e-5)) == r"2 \cdot \left(-1 \cdot 10^{-5}\right)"
    assert formula(ops.dot([Value(3.0)], [Value(-1.0)])) == r"3 \cdot \left(-1\right)"
    assert formula(2.0 * (a + b)) == r"2 \left(a + b\right)"


def test_neurons_are_written_as_sums_of_products():
    """The one node of a neuron reads as Σ wᵢxᵢ + b, and without a bias as Σ wᵢxᵢ."""
    w, x, b = [Value(1.0, "w1"), Value(2.0, "w2")], [Value(3.0, "x1"), Value(4.0, "x2")], Value(0.5, "b")
    assert formula(ops.dot(w, x, b)) == r"w_{1} \cdot x_{1} + w_{2} \cdot x_{2} + b"
    assert formula(ops.dot(w, x)) == r"w_{1} \cdot x_{1} + w_{2} \cdot x_{2}"
    assert formula(ops.sum([*w, b])) == "w_{1} + w_{2} + b"


def test_the_derivative_of_a_row_is_printed_as_the_table_states_it():
    """σ' = A(1 − A); the cross-entropy's is −y/a + (1 − y)/(1 − a); on logits it is σ(z) − y."""
    assert derivative_formula(ops.sigmoid, ["Z"], "A") == [r"A \cdot \left(1 - A\right)"]
    by_a, _ = derivative_formula(ops.binary_cross_entropy, ["a", "y"])
    assert by_a == r"-\frac{y}{a} + \frac{1 - y}{1 - a}"
    by_z, _ = derivative_formula(ops.binary_cross_entropy_with_logits, ["z", "y"])
    assert by_z == r"\sigma\left(z\right) - y"
    assert derivative_formula(ops.prod, ["a", "b", "c"]) == [r"c \cdot b", r"a \cdot c", r"a \cdot b"]


def test_labels_decide_how_far_a_formula_is_written_out():
    """A labelled node inside stands by its name; the node asked for is always written out."""
    x = Value(2.0, "x")
    z = x * x
    assert formula(z.tanh()) == r"\tanh\left(x \cdot x\right)"
    z.label = "z"
    assert formula(z.tanh()) == r"\tanh\left(z\right)"
    assert formula(z) == r"x \cdot x"


def test_a_users_operation_has_formulas():
    """An operation of one's own is written by its template, or by its name, and its derivative by its rule."""
    cube = function("cube", lambda x: x**3, lambda x, z: 3.0 * x * x, latex="{0}^3")
    plain = function("my_op", lambda x: x**3, lambda x, z: 3.0 * x * x)
    x = Value(2.0, "x")
    assert formula(cube(x)) == "x^3"
    assert formula(plain(x)) == r"\operatorname{my\_op}\left(x\right)"
    assert derivative_formula(cube, ["x"]) == [r"3 x \cdot x"]
    assert formula(grad(cube(x), x)) == r"3 x \cdot x"


def test_numbers_keep_four_significant_digits():
    """No number is shown as 0 that is not 0."""
    assert number_formula(0.00001) == r"1 \cdot 10^{-5}"
    assert number_formula(1234567.0) == r"1.235 \cdot 10^{6}"
    assert number_formula(float("-inf")) == r"-\infty"


def test_names_are_written_as_mathematics():
    """Indices are lowered, Greek names become letters, and LaTeX's own characters do no harm."""
    assert symbol_formula("W12") == "W_{12}"
    assert symbol_formula("z_2") == "z_{2}"
    assert symbol_formula("sigma") == r"\sigma"
    assert symbol_formula("a_b c%") == r"\text{a\char`\_b c\char`\%}"


def test_deep_graphs_and_endless_formulas():
    """No recursion; a formula that nobody could read is refused, with what to do about it."""
    x = Value(1.0, "x")
    deep = x
    for _ in range(1200):
        deep = -deep
    assert formula(deep).count("-") == 1200
    doubled = x
    for _ in range(40):
        doubled = doubled + doubled
    with pytest.raises(ValueError, match="give a label"):
        formula(doubled)
