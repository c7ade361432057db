"""The benchmark's GPT: compiled, it is the same model."""

import runpy
from pathlib import Path

import numpy as np

import autograd

GPT = runpy.run_path(str(Path(autograd.__file__).parents[1] / "benchmarks" / "gpt.py"))


def test_a_compiled_gpt_learns_what_an_eager_one_does():
    """4,192 parameters; the loss of a word and its gradient to 1e-12, and of steps on several words."""
    eager, compiled = GPT["Eager"](), GPT["Compiled"]()
    assert len(compiled.data) == 4192
    word = GPT["numbers"]("abc")
    loss, gradient = eager.value_and_grad(word)
    given, gradients = compiled.value_and_grad([word])
    assert abs(given - loss) < 1e-12 * loss
    assert np.abs(gradients - gradient).max() < 1e-12 * np.abs(gradient).max()
    assert not gradients[compiled.place[compiled.model.position.weight[4][0]]]
    for word in ("abc", "go", "xyz"):
        numbers = GPT["numbers"](word)
        assert abs(compiled.step([numbers]) - eager.step(numbers)) < 1e-9
    assert GPT["words"]() == GPT["words"]()
