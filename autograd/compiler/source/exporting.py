"""Exporting: a compiled function as a NumPy or JAX program to read, to run and to take away."""

from collections.abc import Callable, Sequence
from inspect import getsource
from typing import Any, Final, NamedTuple

import numpy as np

from autograd.compiler.equations.naming import Names
from autograd.compiler.equations.show import Lister
from autograd.compiler.plans.splitting import Stages
from autograd.compiler.source.gathering import Gathering
from autograd.compiler.source.phrasing import Phrasing
from autograd.compiler.source.statements import Statements
from autograd.compiler.source.words import NEEDED, erf

__all__ = ["Subject", "jax_source", "numpy_source"]

NUMPY: Final = "import numpy as np\n"
JAX: Final = "import jax.numpy as np  # double precision needs jax.config.update('jax_enable_x64', True)\n"
RESULTS: Final = "The results for each row: arguments and results have a row for each row of the batch."
MEAN: Final = "The mean of the result over all rows, and its gradient for the parameters."


class Subject(NamedTuple):
    """A compiled function, along one branch.

    dimensions: of each argument. result: those of its result. forward, gradient: its stages, the latter for a
    single result. places: where each parameter of these is among the `given` of the program. conditions:
    of the branch.
    """

    names: Names
    dimensions: Sequence[tuple[int, ...]]
    result: tuple[int, ...]
    forward: Stages
    gradient: Stages | None
    places: np.ndarray
    given: int
    conditions: Sequence[str]


def numpy_source(subject: Subject) -> str:
    """The text of `function(parameters, …)`, and for a single result of `value_and_grad(parameters, …)`."""
    phrasing = Phrasing(Gathering())
    functions = [_results(subject, phrasing)]
    if subject.gradient:
        statements = _statements(subject, subject.gradient, phrasing)
        lines = statements.value_and_gradient()
        functions.append(_function("value_and_grad", statements.arguments, MEAN, lines))
    return _module(subject, NUMPY, phrasing, functions)


def jax_source(subject: Subject) -> str:
    """The text of `function(parameters, …)` for JAX, and for a single result of its mean, `value`."""
    phrasing = Phrasing(Gathering())
    results = _results(subject, phrasing)
    functions = [results]
    if subject.gradient:
        arguments = _statements(subject, subject.forward, phrasing).arguments
        line = f"return np.mean(function({', '.join(['parameters', *arguments])}))"
        functions.append(_function("value", arguments, "The mean of the result over all rows.", [line]))
    return _module(subject, JAX, phrasing, functions)


def _results(subject: Subject, phrasing: Phrasing) -> str:
    statements = _statements(subject, subject.forward, phrasing)
    lines = statements.results(subject.result)
    return _function("function", statements.arguments, RESULTS, lines)


def _statements(subject: Subject, stages: Stages, phrasing: Phrasing) -> Statements:
    lister = Lister(subject.names, subject.dimensions, stages)
    lister.listing()
    phrasing.gathering.held.clear()
    return Statements(lister, phrasing, subject.places, subject.given)


def _function(name: str, arguments: Sequence[str], doc: str, lines: Sequence[str]) -> str:
    inside = "\n".join([f"    {line}" for line in lines])
    return f'def {name}({", ".join(["parameters", *arguments])}):\n    """{doc}"""\n{inside}\n'


def _module(subject: Subject, imports: str, phrasing: Phrasing, functions: Sequence[str]) -> str:
    used: dict[Callable[..., Any], None] = {}
    for function in phrasing.functions:
        used.update(dict.fromkeys([*NEEDED.get(function, []), function]))
    if imports == JAX and erf in used:
        del used[erf]
        imports += "from jax.scipy.special import erf\n"
    helpers = [getsource(function) for function in used]
    spelled = [f"{text}\n" for text in phrasing.spelled.values()]
    about = [f"{subject.names.function}, with {subject.given} parameters."]
    if subject.conditions:
        about.append(
            "Only for rows on the first branch; for all others the results are wrong. It is the one on which"
        )
        about.extend(f"  {condition}" for condition in subject.conditions)
    head = "".join([f"# {line}\n" for line in about]) + imports
    tables = "".join([f"{line}\n" for line in phrasing.gathering.written_out()])
    return "\n\n".join([head + (f"\n{tables}" if tables else ""), *helpers, *spelled, *functions])
