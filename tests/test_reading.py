"""Tests of what is read of a program: its branches, its figures and its text after it was saved."""

import operator
import pickle

from autograd import Value, compile, function
from autograd.compiler.equations.conditions import SYMBOLS

A, B, C = Value(2.0), Value(3.0), Value(5.0)


def model(x, y):
    if x > 0:
        return A * x if y > x else B * x * y
    return C - x if (A * x + y).exp() * 1.5 < 1.0 else x * x


LINE = model.__code__.co_firstlineno
ROWS = [1.0, 2.0, -3.0, -1.0], [2.0, 1.0, 0.0, 5.0]


def test_each_branch_is_printed_below_what_leads_to_it():
    """A heading with the conditions, each with file and line, and then the equations of the branch."""
    program = compile(model, 1.0, 2.0)
    program(*ROWS)
    blocks = [block.split("\n") for block in str(program).split("\n\n")]
    assert [block[0] for block in blocks] == [f"branch {i} of 4:" for i in (1, 2, 3, 4)]
    assert blocks[0][1:] == [
        f"  x > 0 ({__file__}:{LINE + 1})",
        f"  y > x ({__file__}:{LINE + 2})",
        "L = Σ_rows A·x",
        "∂A = Σ_rows x",
    ]
    assert f"  not y > x ({__file__}:{LINE + 2})" in str(program)
    assert f"  not x > 0 ({__file__}:{LINE + 1})" in str(program)
    assert sum(line.startswith("L = ") for block in blocks for line in block) == 4


def test_the_one_branch_that_was_recorded_says_so():
    """Where no row has left the example's branch yet its conditions are shown; without any there is no heading."""
    assert str(compile(model, 1.0, 2.0)).startswith("the branch recorded so far:\n  x > 0 (")
    assert str(compile(lambda x: A * x, 1.0)) == "L = Σ_rows A·x\n∂A = Σ_rows x"


def test_branches_typeset():
    """Each branch is one aligned block below its conditions, with as many braces closed as opened."""
    program = compile(model, 1.0, 2.0)
    program(*ROWS)
    latex = program.latex()
    assert latex.count(r"\begin{aligned}") == latex.count(r"\end{aligned}") == 4
    assert latex.count("{") == latex.count("}")
    assert r"\text{branch 1 of 4: } x > 0,\; y > x" in latex
    assert r"\lnot\left(x > 0\right)" in latex


def test_every_comparison_is_written():
    """<, ≤, >, ≥ and the truth of a number, with the two sides in the order in which they stand."""
    cases = {
        "x < y": lambda x, y: x < y,
        "x ≤ y": lambda x, y: x <= y,
        "x > y": lambda x, y: x > y,
        "x ≥ y": lambda x, y: x >= y,
        "x ≠ 0": lambda x, y: bool(x),
    }
    for text, question in cases.items():
        program = compile(lambda x, y, question=question: x if question(x, y) else y, 1.0, 1.0)
        first = str(program).split("\n")[1].strip()
        assert first.removeprefix("not ").startswith(f"{text} (")
        assert first.startswith("not ") == (text in ("x < y", "x > y"))
    assert set(SYMBOLS) == {operator.lt, operator.le, operator.gt, operator.ge, operator.ne}


def test_many_conditions_are_cut():
    """Sorting asks many questions: the first are shown and how many more there are."""
    lines = str(compile(lambda x: sorted(x)[3], list(range(12)))).split("\n")
    conditions = [line for line in lines if line.startswith("  ")]
    assert len(conditions) == 9
    assert conditions[-1] == "  … and 3 more"


def test_stats_count_the_branches():
    """The figures are those of all branches together, and how many there are is said."""
    program = compile(model, 1.0, 2.0)
    alone = program.stats()
    program(*ROWS)
    together = program.stats()
    assert (alone["branches"], together["branches"]) == (1, 4)
    assert together["operations"] > alone["operations"]


def test_a_saved_program_reads_the_same():
    """After it was pickled and loaded text, LaTeX, figures and picture are what they were, branches and all."""
    program = compile(model, 1.0, 2.0)
    program(*ROWS)
    again = pickle.loads(pickle.dumps(program))
    assert str(again) == str(program)
    assert again.latex() == program.latex()
    assert again.stats() == program.stats()
    assert again.draw() == program.draw()


def test_stats_tell_which_part_runs_where():
    """An operation of one's own that is computed once, from parameters, leaves the rows to the kernels."""
    odd = function("odd", lambda x: [x][0] * 1.0, lambda x, z: 1.0)
    w = Value(2.0)
    assert compile(lambda x: w * x, 1.0).stats()["executor"] == "kernels"
    assert compile(lambda x: odd(w * x), 1.0).stats()["executor"] == "numpy"
    assert compile(lambda x: odd(w) * x, 1.0).stats()["executor"] == "numpy for once, else kernels"
