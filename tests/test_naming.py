"""Tests of the names that compiled functions are shown with."""

from autograd import Value, dot
from autograd.compiler.equations.naming import argument_names, attribute, parameter_names


def test_names():
    """Names come from where things are held, through functions that the function calls too."""
    table = [[Value(1.0), Value(2.0)]]
    inner = lambda x: dot(table[0], x)  # noqa: E731
    outer = lambda image, label: inner(image) * label  # noqa: E731
    assert argument_names(outer, 3) == ["image", "label", "x3"]
    assert parameter_names(outer) == {table[0][0]: "table.0.0", table[0][1]: "table.0.1"}
    assert attribute(["a.0.w", "a.1.w"]) == "a.*.w"
    assert attribute(["a", None]) is None
