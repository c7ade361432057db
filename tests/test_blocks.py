"""Tests of the names that blocks of parameters get."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiling needs the extra glassgrad[fast]")

from autograd.compiler.equations.blocks import Blocks


class Counted(set):
    """A set that counts how often it was asked."""

    asked = 0

    def __contains__(self, entry):
        self.asked += 1
        return super().__contains__(entry)


def test_numbers_go_on_from_the_last():
    """Names of one letter are numbered without trying all those before: else 16,000 take most of a minute."""
    taken = Counted({"p3"})
    blocks = Blocks([None] * 500, taken)
    for parameter in range(500):
        assert blocks.add("p", 1, np.array([parameter]))
    assert [block.name for block in blocks.found] == [f"p{i}" for i in range(1, 502) if i != 3]
    assert taken.asked <= 2 * 500


def test_layers_may_skip_numbers():
    """A block is numbered by its layer, or by the next number that is free."""
    blocks = Blocks([None] * 8, {"b4"})
    for parameter, layer in enumerate([1, 1, 4, 4, 9]):
        assert blocks.add("b", layer, np.array([parameter]))
    assert [block.name for block in blocks.found] == ["b1", "b2", "b5", "b6", "b9"]
