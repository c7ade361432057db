"""Tests of autograd.expressions, and of autograd.grammar and carets, which it reads with."""

import ast
import math
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Expression, Op, Value, expression, ops
from autograd.grammar import FUNCTIONS, INSTEAD, LISTS


def refusal(text, **values):
    """The message with which an expression is refused, and the place of its caret in what it shows."""
    with pytest.raises(ValueError) as caught:
        Expression(text)(**values)
    message, shown, caret = str(caught.value).split("\n")
    assert shown.startswith("    ")
    assert caret.strip() == "^"
    return message, shown[4:], len(caret) - 5


def same_graph(x, y):
    """Whether two graphs have the same operations on the same leaves and numbers."""
    if x.is_leaf:
        return x is y or (y.is_leaf and x.op is y.op is ops.constant and x.data == y.data)
    pairs = zip(x.parents, y.parents, strict=True)
    return x.op is y.op and x.data == y.data and all(same_graph(*pair) for pair in pairs)


a, b, c = Value(0.7, "a"), Value(-1.3, "b"), Value(2.1, "c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b*c", a + b * c),
        ("(a + b)*c", (a + b) * c),
        ("a - b - c", (a - b) - c),
        ("a / b / c", (a / b) / c),
        ("-a**2", -(a**2)),
        ("a**-2", a**-2.0),
        ("2**a**2", 2.0 ** (a**2)),
        ("a**b", a**b),
        ("+a", a),
        ("-(-a)", ops.neg(ops.neg(a))),
        ("--a", ops.neg(ops.neg(a))),
        ("1 - a", 1.0 - a),
        (".5*a + 1.e1", 0.5 * a + 10.0),
        ("2.5e-1*a", 0.25 * a),
        ("sigmoid(a*b + c)", (a * b + c).sigmoid()),
        ("where(a, b, c)", autograd.where(a, b, c)),
        ("leaky_relu(b)", autograd.leaky_relu(b)),
        ("leaky_relu(b, 0.2)", autograd.leaky_relu(b, 0.2)),
        ("sum([a, b, c])", autograd.sum([a, b, c])),
        ("sum(a, b, c)", autograd.sum([a, b, c])),
        ("prod(a)", autograd.prod([a])),
        ("dot([a, 2], [b, c])", autograd.dot([a, 2.0], [b, c])),
        ("dot([a], [b], c)", autograd.dot([a], [b], c)),
        ("take(softmax([a, b, c]), 1)", autograd.softmax([a, b, c])[1]),
        ("sum(log_softmax(a, b))", autograd.sum(autograd.log_softmax([a, b]))),
        ("cross_entropy([a, b], 1)", autograd.cross_entropy([a, b], 1)),
        ("take([a, b], 1)", b),
        (" ( a\n + b ) ", a + b),
        ("a+\N{NO-BREAK SPACE}b", a + b),
    ],
)
def test_an_expression_is_the_graph_that_python_would_record(text, expected):
    """The same operations on the same Values, in the same order, as in Python with autograd's functions."""
    typed = Expression(text)
    made = typed(**{name: {"a": a, "b": b, "c": c}[name] for name in typed.names})
    assert same_graph(made, expected)


@st.composite
def formulas(draw, depth=4):
    """Random arithmetic with names, in Python's own syntax."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(["a", "b", "c", "2", "0.5", "3e-1"]))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return f"{draw(st.sampled_from('+-'))}{draw(formulas(depth=depth - 1))}"
    if kind == 1:
        return f"({draw(formulas(depth=depth - 1))})"
    if kind == 2:
        return f"{draw(st.sampled_from(['tanh', 'sin', 'sigmoid']))}({draw(formulas(depth=depth - 1))})"
    sign = draw(st.sampled_from([" + ", "-", "*", " * ", "-", "+"]))
    return f"{draw(formulas(depth=depth - 1))}{sign}{draw(formulas(depth=depth - 1))}"


@given(text=formulas())
@settings(max_examples=100)
def test_numbers_and_gradients_are_those_of_python(text):
    """Random formulas without division and powers: Python's eval gives the same value and gradients."""
    names = {"tanh": autograd.tanh, "sin": autograd.sin, "sigmoid": autograd.sigmoid}
    typed = Expression(text)
    leaves = {
        name: Value(x, name) for name, x in (("a", 0.7), ("b", -1.3), ("c", 2.1)) if name in typed.names
    }
    others = {name: Value(leaf.data) for name, leaf in leaves.items()}
    made, expected = typed(**leaves), eval(text, names, others)
    assert made.data == pytest.approx(float(expected), rel=1e-15)
    if typed.names:
        made.backward()
        expected.backward()
        assert [leaves[name].grad for name in leaves] == [others[name].grad for name in leaves]


def test_numbers_become_labelled_leaves_and_values_are_used_as_they_are():
    """A leaf is called by its name; a Value keeps its label, and may be a node of another expression."""
    out = expression("w*x", w=0.5, x=2)
    assert [(leaf.data, leaf.label) for leaf in out.parents] == [(0.5, "w"), (2.0, "x")]
    loss = expression("(a - y)**2", a=out, y=1)
    assert loss.parents[0].parents[0] is out
    assert out.label == ""
    assert expression("self*text", self=2, text=3).data == 6.0


def test_names_stand_in_the_order_in_which_they_occur():
    """Each once, and functions are not among them."""
    assert Expression("sigmoid(w*x + b) - w*c").names == ("w", "x", "b", "c")
    assert Expression("tanh(w2*h + tanh(w1*x + b1)) * w2").names == ("w2", "h", "w1", "x", "b1")
    assert Expression("2 + 3").names == ()


def test_numbers_alone_are_computed_as_ieee_754_says():
    """No exception, no complex number and no power that takes long: 1/0 is ∞, (−8)^⅓ is nan."""
    assert expression("1/0").data == math.inf
    assert expression("10**1000").data == math.inf
    assert math.isnan(expression("(-8)**(1/3)").data)
    assert expression("9**9**9**9").data == math.inf
    assert expression("0*x", x=math.inf).parents[1].data == math.inf


def test_every_public_function_can_be_typed():
    """The functions of expressions are autograd's public operations, and those on lists of values."""
    public = {name for name in autograd.__all__ if isinstance(getattr(autograd, name), Op)}
    assert set(FUNCTIONS) == public | {"softmax", "log_softmax", "take"}
    assert all(FUNCTIONS[name] is getattr(autograd, name) for name in FUNCTIONS)
    assert set(LISTS) == {name for name in FUNCTIONS if getattr(FUNCTIONS[name], "variadic", True)}


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("2^x", 1, "unexpected '^': for a power write **"),
        ("x and y", 2, "'and' is a reserved word and cannot be a name; expected numbers, names, + - * / **"),
        (
            "x if y else z",
            2,
            "'if' is a reserved word and cannot be a name; maximum(x, y), minimum(x, y) and where(",
        ),
        ("lambda*x", 0, "'lambda' is a reserved word and cannot be a name; call it lambda_, say"),
        ("True + x", 0, "'True' is a reserved word"),
        ("x.data", 1, "unexpected '.': functions stand alone, exp(x) and not np.exp(x) or x.exp()"),
        ("np.exp(x)", 2, "unexpected '.': functions stand alone"),
        ('f"{x}"', 1, "unexpected '\"': expected numbers, names"),
        ("x[0]", 0, "no value is looked up by [ ]; write take([x, y], 0)"),
        ("x = y", 2, "unexpected '=': an expression assigns nothing to names"),
        ("x // y", 2, "unexpected '//': for a quotient write /"),
        ("x < y", 2, "unexpected '<': maximum(x, y), minimum(x, y) and where(condition, x, y) choose"),
        ("x # y", 2, "unexpected '#'"),
        ("x; y", 1, "unexpected ';'"),
        ("{x}", 0, "unexpected '{'"),
        ("x\0", 1, r"unexpected '\x00'"),
        ("\udce9", 0, r"unexpected '\udce9'"),
        ("a×b", 1, "unexpected '×': for a product write *"),
        ("x² + 1", 1, "unexpected '²': for a square write **2"),
        ("2x + 1", 1, "expected + - * / or ** before 'x'; for a product write 2*x"),
        ("w x", 2, "expected + - * / or ** before 'x'; for a product write w*x"),
        ("sin x", 4, "expected + - * / or ** before 'x'; write sin(x)"),
        ("1.2.3", 3, "expected + - * / or ** before '.3'"),
        ("x +", 3, "expected a number, a name, a function or ( here"),
        ("x + * y", 4, "expected a number, a name, a function or ( here"),
        ("sin(, x)", 4, "expected a number, a name, a function or ( here"),
        ("(x + y", 0, "'(' was never closed"),
        ("x + y)", 5, "unmatched ')'"),
        ("(x]", 2, "closing parenthesis ']' does not match opening parenthesis '('"),
        ("x, y", 0, "'x, y' is not among numbers, names"),
        ("sum(*[x])", 4, "'*[x]' is not among"),
        ("[x]", 0, "expected a number, and '[x]' is a list; take(…, 0) gives its first"),
        ("1 + softmax(x, y)", 4, "expected a number, and 'softmax(x, y)' is a list"),
        ("sum([x, [y]])", 8, "expected a number, and '[y]' is a list"),
        ("y + sigmoide(x)", 4, "no function is called 'sigmoide'; did you mean sigmoid? There are abs, atan"),
        ("σ(x)", 0, "no function is called 'σ'; did you mean sigmoid?"),
        ("max(x, y)", 0, "no function is called 'max'; did you mean maximum?"),
        ("w(x + 1)", 0, "no function is called 'w' (for a product write w*). There are abs"),
        ("mse(x, y)", 0, "no function is called 'mse'. There are abs"),
        ("|x|", 0, "unexpected '|': for |x| write abs(x)"),
        ("2(x + 1)", 0, "'2' is no function; for a product write * before ("),
        ("exp*x", 0, "exp is a function: expected exp(x)"),
        ("x + exp()", 4, "expected exp(x), got 0 arguments"),
        ("maximum(x, y, z)", 0, "expected maximum(x, y), got 3 arguments"),
        ("leaky_relu(x, y, z)", 0, "expected leaky_relu(x, slope=0.01), got 3 arguments"),
        ("dot([x], y)", 9, "expected dot([weights], [inputs], bias=0.0), got a number here"),
        ("exp([x])", 4, "expected exp(x), got a list here"),
        ("sum([x], y)", 0, "expected sum([values]), got 2 arguments"),
        ("x + 007", 4, "a whole number has no 0 in front, got 007"),
        ("1e400*x", 0, "a number is at most 1.8e308, got 1e400"),
        ("x + " + "9" * 400, 4, "a number is at most 1.8e308, got 9999"),
    ],
)
def test_what_is_not_allowed_is_shown_with_its_place(text, column, message):
    """The message says what was found and what was expected, and the caret stands under it."""
    found, shown, at = refusal(text)
    assert found.startswith(message)
    assert at == column
    if len(text) < 70 and text.isprintable():
        assert shown == text


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("é*ŷ + ^", "^"),
        ("é*ŷ + log(ŷ, é) + 1", "log"),
        ("éé + f(é)", "f"),
        ("𝑥*𝑥 + exp(𝑥, 𝑥)", "exp"),
        ("(ŷ + é", "("),
        ("é + ŷ)", ")"),
        ("é*[ŷ]", "["),
    ],
)
def test_columns_count_characters_and_not_bytes(text, at):
    """Where letters take several bytes, the caret still stands under the first character that is wrong."""
    _, shown, column = refusal(text)
    assert shown == text
    assert column == text.index(at)


def test_the_caret_stands_under_what_a_terminal_shows():
    """A letter of Chinese takes two columns, a combining hat none."""
    assert refusal("日本*2 + ^")[2] == 2 + len("日本*2 + ")
    hat = unicodedata.lookup("COMBINING CIRCUMFLEX ACCENT")
    assert refusal(f"x{hat} + ^")[2] == len("x + ")
    assert Expression(f"x{hat}*2").names == (f"x{hat}",)


def test_long_expressions_are_shown_around_the_place():
    """About seventy characters, with dots where something is left out."""
    text = "+".join(["w"] * 100) + "^" + "+".join(["x"] * 100)
    message, shown, column = refusal(text)
    assert message == "unexpected '^': for a power write **"
    assert shown[column] == "^"
    assert (shown[0], shown[-1]) == ("…", "…")
    assert len(shown) <= 80


def test_names_without_values_are_listed_with_the_likely_slip():
    """All that miss a value at once; a value that no name takes is the likely one."""
    assert refusal("sigmoid(w*x + b)", w=1)[::2] == ("no value is given for x and b", 10)
    assert refusal("2*bias", bais=1)[::2] == ("no value is given for bias; is bais meant?", 2)
    with pytest.raises(ValueError) as caught:
        expression("w*x", w=1, x=2, z=3)
    assert str(caught.value) == "a value is given for z, of which 'w*x' has none"


def test_what_only_the_numbers_show_is_said_at_its_place():
    """An index beyond the end of a list, and lists of two lengths."""
    message, _, column = refusal("1 + take([x, y], k)", x=1, y=2, k=2)
    assert (message, column) == ("the index must be a whole number from 0 to 1, got 2", 4)
    message, _, column = refusal("dot([x], [x, x])", x=1)
    assert (message, column) == ("dot takes a weight for each input, got 1 weights and 2 inputs", 0)
    with pytest.raises(TypeError):
        expression("x", x="3")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_expression_says_what_one_looks_like(text):
    """There is no place to show."""
    with pytest.raises(ValueError) as caught:
        Expression(text)
    assert str(caught.value) == "the expression is empty; expected one such as sigmoid(w*x + b)"


def test_an_expression_is_text():
    """Anything else is a TypeError that names it."""
    with pytest.raises(TypeError, match=r"an expression is text, got 3 \(int\)"):
        Expression(3)


@pytest.mark.parametrize("size", [300, 3000, 50_000])
@pytest.mark.parametrize(
    "grow",
    [
        lambda n: "(" * n + "x" + ")" * n,
        lambda n: "-" * n + "x",
        lambda n: "x" + "+x" * n,
        lambda n: "x" + "**x" * n,
        lambda n: "sin(" * n + "x" + ")" * n,
        lambda n: "(" * n,
    ],
)
def test_depth_is_refused_or_computed_but_never_a_crash(grow, size):
    """However deep, there is a graph, or the one error that says so: no RecursionError or MemoryError."""
    made = refused = None
    try:
        made = expression(grow(size), x=0.5)
    except ValueError as error:
        refused = str(error)
    if refused is None:
        assert isinstance(made, Value)
    else:
        assert any(word in refused for word in ("too many nested", "nested too deeply", "never closed"))


def test_a_long_sum_of_moderate_length_is_no_depth():
    """Five hundred terms are added up."""
    assert expression("x" + "+x" * 499, x=1).data == 500.0


def attempted(text):
    """The message with which a text is refused, or None if it is an expression, which then gives a Value."""
    try:
        typed = Expression(text)
        assert isinstance(typed(**dict.fromkeys(typed.names, 1.5)), Value)
    except ValueError as error:
        return str(error)
    return None


@given(text=st.text(alphabet="xyé²日 0123.e+-*/^()[],=<\"'#\\\n_σinlog", max_size=30))
@settings(max_examples=300)
def test_any_text_is_an_expression_or_refused_at_a_place(text):
    """Random text: a message with a caret under a character of what is shown, or at its end; nothing else."""
    message, *shown = (attempted(text) or "fine").split("\n")
    assert message
    if shown:
        width = sum(2 if unicodedata.east_asian_width(x) in "WF" else 1 for x in shown[0])
        assert len(shown[1]) - 1 <= width


@given(text=st.text(max_size=12))
@settings(max_examples=200)
def test_any_unicode_is_an_expression_or_refused(text):
    """All of Unicode, also what is neither printed nor encoded."""
    refused = attempted(text)
    assert refused is None or refused.count("\n") in (0, 2)


def test_nothing_is_ever_run(monkeypatch):
    """Neither eval nor exec nor compile into code is called, and an expression that would do harm is refused."""
    import builtins

    for name in ("eval", "exec"):
        monkeypatch.setattr(builtins, name, None)
    assert expression("w*x", w=2, x=3).data == 6.0
    for text in ("__import__('os')", "open(x)", "(x).__class__", "[x for x in y]", "exit()", "x := 3"):
        with pytest.raises(ValueError):
            Expression(text)


def test_the_replacements_that_are_proposed_work():
    """Each character in the table of replacements is refused, and what stands beside it would be read."""
    for character, hint in INSTEAD.items():
        assert refusal(f"x {character} x")[0] == f"unexpected {character!r}: {hint}"
        if hint.startswith(("for a", "for minus")):
            replacement = hint.rpartition(" ")[2]
            operand = "" if replacement[-1].isdigit() else "x"
            assert isinstance(ast.parse(f"x {replacement} {operand}", mode="eval").body, ast.BinOp)
            assert Expression(f"x {replacement} {operand}").names == ("x",)
