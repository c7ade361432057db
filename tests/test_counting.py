"""Tests of the figures of compiled functions."""

import autograd
from autograd import function, sigmoid
from autograd.compiler.equations.counting import stats
from autograd.compiler.plans.splitting import Stages
from nn import MLP


def stages_of(f, *example, gradient: bool = True) -> Stages:
    split = autograd.compile(f, *example).variants[0].split
    return split.gradient() if gradient else split.forward()


def test_stats_of_a_regular_network():
    """A network is affine throughout; its nodes, groups and operations are those that can be counted."""
    model = MLP(3, [4, 1], activation="sigmoid")
    found = stats(stages_of(lambda x: sigmoid(model(x)), [1.0, 2.0, 3.0], gradient=False))
    # 4 neurons of 3 products and a bias, 4 σ, one neuron of 4 products and a bias, one σ
    assert found["operations"] == 4 * 7 + 4 + 9 + 1
    assert (found["nodes"], found["groups"], found["instructions"]) == (10, 4, 4)
    assert (found["affine"], found["executor"]) == (1.0, "kernels")
    assert found["bytes"] > 0


def test_stats_of_an_irregular_function():
    """Operands that no stride reaches are not counted as affine."""
    pairs = [(0, 3), (1, 1), (2, 7), (3, 2)]
    stages = stages_of(lambda x: [(x[i] - x[j]).exp() for i, j in pairs], [0.5] * 8, gradient=False)
    # of the 4 differences and the 4 exponentials, the differences need a table
    assert stats(stages)["affine"] == 0.5


def test_stats_say_which_executor_runs_it():
    """An operation of one's own runs in the kernels if numba can compile it, and else in NumPy."""
    cube = function("cube", lambda x: x**3, lambda x, z: 3.0 * x * x)
    assert stats(stages_of(lambda x: cube(x), 2.0))["executor"] == "kernels"
    listed = function("listed", lambda x: [x][0], lambda x, z: 1.0)
    assert stats(stages_of(lambda x: listed(x), 2.0))["executor"] == "numpy"
