"""Tests of notations as templates for the page."""

import pytest

from autograd import ops
from autograd.page.notations import NOTATIONS, of_row, templates

each = pytest.mark.parametrize("name", NOTATIONS)


@each
def test_filled_templates_are_what_the_notation_writes(name):
    """Derivatives, brackets, numbers with and without an exponent, and marked parts."""
    notation, given = NOTATIONS[name], templates()[name]
    derivative, precedence = given["derivative"]
    names = [notation.symbol(letter).text for letter in "LW"]
    assert (derivative.format(*names), precedence) == notation.derivative("L", "W")[:2]
    assert given["number"].format("−0.5") == notation.number(-0.5).text
    assert given["power"].format("1.5", "−7") == notation.number(1.5e-7).text
    half = notation.number(0.5)
    for part, template in given["parts"].items():
        assert template.format(half.text) == notation.marked(part, half).text
    assert given["enclosed"].format(half.text) == notation.enclosed(half.text)


@each
def test_filled_templates_of_rows_are_what_the_notation_writes(name):
    """An infix row, a fraction, and functions of one and of several operands."""
    notation = NOTATIONS[name]
    x, y, z = [notation.symbol(letter) for letter in "xyz"]
    for op in (ops.add, ops.div, ops.tanh, ops.maximum, ops.logsumexp):
        operands = [x] if op is ops.tanh else [x, y, z] if op.variadic else [x, y]
        template, *rest = of_row(op)[name]
        parts = [written.text for written in operands]
        joined = rest[0].join(parts) if len(rest) == 1 else None
        found = template.format(*parts) if joined is None else template.format(joined)
        assert found == notation.apply(op, operands).text
