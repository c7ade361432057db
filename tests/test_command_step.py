"""Tests of nn.command.step: what users of `glassgrad step` see."""

import os
import re
from pathlib import Path

import pytest

from autograd import Steps, Value
from nn.command.main import main

NEURON = ["step", "sigmoid(w*x + b)", "w=0.5", "x=2", "b=-1"]
LOSS = ["--loss", "(a-y)**2", "y=1"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shown(monkeypatch):
    """The steps that were shown in the terminal."""
    found = []
    monkeypatch.setattr(Steps, "show", lambda steps: found.append(steps))
    return found


def test_the_page_is_written_and_named(capsys):
    """The example of --help: 14 steps, in one page that needs nothing else; the place is printed."""
    assert main([*NEURON, *LOSS]) == 0
    assert capsys.readouterr() == ("wrote backprop.html: 14 steps; open it in a browser\n", "")
    assert os.listdir() == ["backprop.html"]
    page = Path("backprop.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert re.search(r'(src|href)="https?:', page) is None


def test_the_page_replaces_what_out_names(capsys):
    """--out names the file; what stood there before is replaced."""
    Path("here.html").write_text("old")
    assert main([*NEURON, "--out", "here.html"]) == 0
    assert capsys.readouterr().out.startswith("wrote here.html: ")
    assert os.listdir() == ["here.html"]
    assert "sigmoid" in Path("here.html").read_text(encoding="utf-8")


def test_the_steps_are_those_of_the_expression_and_its_loss(shown):
    """--terminal shows the same graph as Python records, named as it was typed; nothing is written."""
    assert main([*NEURON, *LOSS, "--terminal"]) == 0
    (steps,) = shown
    w, x, b, y = Value(0.5), Value(2.0), Value(-1.0), Value(1.0)
    loss = ((w * x + b).sigmoid() - y) ** 2
    loss.backward()
    assert steps.root.data == loss.data
    gradients = {name: steps.gradients.get(node) for node, name in steps.names.items()}
    assert [gradients[name] for name in ("w", "x", "b", "y")] == [w.grad, x.grad, b.grad, y.grad]
    assert {"a", "L"} <= set(gradients)
    assert os.listdir() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["step", "w*x", "w=2", "x=3", "--terminal", "--loss", "a - y", "y=1"],
        ["step", "--terminal", "--loss", "a - y", "w*x", "w=2", "x=3", "y=1"],
        ["step", "--loss", "a - y", "w*x", "y=1", "w=2", "--terminal", "x=3"],
        ["step", "w*x", "y=1", "--loss", "p - y", "--as", "p", "w=2", "--terminal", "x=3"],
        ["step", " w * x ", "w = 2", "x=3.0", "y=1e0", "--loss=a-y", "--terminal"],
    ],
)
def test_words_may_stand_in_any_order(arguments, shown):
    """Assignments before, between and after the options, and of either expression."""
    assert main(arguments) == 0
    assert shown[0].root.data == 5.0


def test_without_a_loss_the_result_is_named_unless_the_name_is_taken(shown):
    """The output is called a, as in --loss; where a is a name of the expression's own, L."""
    assert main(["step", "w*x", "w=2", "x=3", "--terminal"]) == 0
    assert main(["step", "a*x", "a=2", "x=3", "--terminal"]) == 0
    assert [steps.names[steps.root] for steps in shown] == ["a", "L"]


def test_values_and_names_may_be_any_that_python_reads(shown):
    """Negative and large numbers, inf and nan, and names of other alphabets in either normal form."""
    assert main(["step", "µ*ŷ + c", "μ=-2", "y\u0302=1e3", "c=inf", "--terminal"]) == 0
    assert shown[0].root.data == float("inf")


def test_an_expression_may_begin_with_a_minus_after_a_space(shown):
    """As the message for one without a space says."""
    assert main(["step", " -x**2", "x=3", "--terminal"]) == 0
    assert shown[0].root.data == -9.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["step"], "the following arguments are required: EXPRESSION (see glassgrad step --help)"),
        (["step", "w*x", "w=2"], "no number for x: add x=NUMBER"),
        (["step", "w*x"], "no number for w, x: add w=NUMBER x=NUMBER"),
        ([*NEURON, *LOSS[:2]], "no number for y: add y=NUMBER"),
        (["step", "w*xx", "w=2", "x=3"], "no number for xx: add xx=NUMBER; x does not occur (mistyped?)"),
        ([*NEURON, "c=1"], "c does not occur; the names are w, x, b"),
        ([*NEURON, "c=1", "d=1"], "c, d do not occur; the names are w, x, b"),
        (["step", "1+2", "c=1"], "c does not occur; there are no names"),
        ([*NEURON, "w=3"], "'w=3': w has a number already, 0.5; give it once"),
        (
            ["step", "x", "x=abc"],
            "'x=abc': 'abc' is no number; expected one such as x=0.5, and a space before the next",
        ),
        (["step", "x", "x="], "'x=': '' is no number; expected one such as x=0.5"),
        (["step", "x", "x=1,5"], "'x=1,5': '1,5' is no number"),
        (["step", "x", "x=1/3"], "'x=1/3': '1/3' is no number"),
        (
            ["step", "w=1", "w*x", "x=2"],
            "'w=1' assigns; expected an expression first, such as 'w*x', and then w=0.5",
        ),
        (["step", "y = w*x", "w=1", "x=2"], "'y = w*x' assigns; expected an expression first"),
        (["step", "x", "=1"], "'=1' gives no name a number; expected NAME=NUMBER such as w=0.5"),
        (["step", "x", "2x=1"], "'2x=1' gives no name a number"),
        (
            ["step", "w", "*", "x"],
            "'*' gives no name a number; expected NAME=NUMBER such as w=0.5 (an expression",
        ),
        (["step", "x", "x=1"], "'x' computes nothing from a name; expected something like 2*x"),
        (["step", "1+2"], "'1+2' computes nothing from a name; expected something like 2*x"),
        (
            ["step", "w*x", "w=1", "x=2", "--loss", "y**2", "y=1"],
            "--loss 'y**2' does not use a, which is what 'w*x'",
        ),
        (
            ["step", "a*x", "a=1", "x=2", "--loss", "a**2"],
            "a is a name in 'a*x', and in --loss its result is called a",
        ),
        (["step", "w*x", "w=1", "x=2", "a=3", "--loss", "a**2"], "a does not occur; the names are w, x"),
        (
            [*NEURON, "--terminal", "--out", "f.html"],
            "--terminal writes no page, so that --out f.html has no use",
        ),
        ([*NEURON, "--out", "none/f.html"], "none/f.html: No such file or directory; nothing was written"),
        (
            [*NEURON, "--out", "."],
            "--out . is no name of a page; expected one that ends in .html, such as backprop.html",
        ),
        (
            [*NEURON, "--out", "graph.svg"],
            "--out graph.svg is no name of a page; expected one that ends in .html",
        ),
        ([*NEURON, "--as", "2p", "--loss", "a"], "--as 2p is no name"),
        (
            ["step", "-x**2", "x=1"],
            'unrecognized arguments: -x**2; if that is an expression, it needs a space before the -: " -x**2" (see',
        ),
        ([*NEURON, "--loos", "a"], "unrecognized arguments: --loos (see glassgrad step --help)"),
        ([*NEURON, "--loss"], "argument --loss: expected one argument"),
    ],
)
def test_bad_input_is_one_line_and_nothing_written(arguments, message, capsys):
    """Exit code 2, one line on standard error that says what to do, nothing else printed or written."""
    try:
        code = main(arguments)
    except SystemExit as exit:
        code = exit.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith(f"glassgrad: error: {message}")
    assert err.count("\n") == 1
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["step", "w^2", "w=3"], "unexpected '^': for a power write **\n    w^2\n     ^\n"),
        ([*NEURON, "--loss", "(a-y)²"], "unexpected '²': for a square write **2\n    (a-y)²\n         ^\n"),
    ],
)
def test_a_bad_expression_is_shown_with_its_place(arguments, message, capsys):
    """Exit code 2, and on standard error the expression with a caret under what is wrong."""
    assert main(arguments) == 2
    assert capsys.readouterr() == ("", f"glassgrad: error: {message}")
    assert os.listdir() == []


def test_a_failure_while_writing_leaves_the_old_page(capsys, monkeypatch):
    """If the page cannot be made, or a drawing library is missing, what stood there is still there."""
    Path("backprop.html").write_text("old")

    def missing(steps, path):
        Path(path).write_text("half")
        raise ImportError('there is no Graphviz to draw with: pip install "glassgrad[draw]"')

    monkeypatch.setattr(Steps, "save", missing)
    assert main(NEURON) == 2
    assert capsys.readouterr().err.startswith("glassgrad: error: there is no Graphviz to draw with")
    assert os.listdir() == ["backprop.html"]
    assert Path("backprop.html").read_text() == "old"


def test_help_shows_the_example_whole(capsys):
    """In one line, so that it can be copied; and what it says works."""
    with pytest.raises(SystemExit) as exit:
        main(["step", "--help"])
    assert exit.value.code == 0
    example = 'glassgrad step "sigmoid(w*x + b)" w=0.5 x=2 b=-1 --loss "(a-y)**2" y=1'
    assert example in capsys.readouterr().out
