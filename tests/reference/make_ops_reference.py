"""Writes ops_reference.json: PyTorch's own numbers for the rows of `autograd.ops` that it has too.

The tests only read the JSON, so they need no PyTorch. To write it again: `python make_ops_reference.py`, with
torch installed. A row holds cases [operands, value, gradients, second derivatives], all float64; null stands
for a derivative that PyTorch does not give: that by a slope, an exponent held constant or a class, and second
derivatives of what it refuses to differentiate twice.
"""

import itertools
import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch.nn import functional

inf, nan = math.inf, math.nan
EDGES = (0.0, -0.0, 1e-300, -1e-300, 1e-30, -1e-30, 1.0, -1.0, 20.0, -20.0, 1000.0, -1000.0, inf, -inf, nan)
ORDINARY = (0.3, -0.7, 1.5, -2.25, 3.0, -5.5, 8.0)
FEW = (0.0, -0.0, 1e-300, -1e-300, 1e-30, 1.0, -1.0, 20.0, -1000.0, inf, -inf, nan, 0.3, -0.7, 2.5)
PROBABILITIES = (0.0, 1e-300, 1e-9, 0.2, 0.5, 0.8, 1.0 - 1e-9, 1.0)
LISTS = (
    (0.3,), (0.3, -0.7, 1.5), (-2.25, 3.0), (0.0, 0.0, 0.0), (1000.0, 0.0, -1000.0), (1000.0, 999.0),
    (1e-300, 1e-300), (1e-30, 1.0, -20.0), (2.0, 0.0, 3.0), (0.0, 2.0, 0.0), (1e200, 1e200), (-inf, 1.0, 0.5),
    (inf, 1.0, 0.5), (nan, 1.0), (1.0, nan), (-inf, -inf), (inf, inf), (-inf, inf), (1e-300, 1e300, 5.0),
)  # fmt: skip
LOGITS = (*[xs for xs in LISTS if max(map(abs, xs)) < 1e6], (20.0, -20.0), (5.0, 5.0, 4.0), (-inf, 1.0, 0.5))
DOTS = (
    (0.5, 2.0, 0.25),
    (0.3, -0.7, 1.5, -2.25, 3.0),
    (0.0, 1.0, inf, 2.0, 0.5),
    (1e200, 1e200, 1.0),
    (0.3, nan, 1.0),
)

ONE = [(x,) for x in EDGES + ORDINARY]
NONE: set[int] = set()
TWO = list(itertools.product(FEW, FEW))
Function = Callable[..., torch.Tensor]


def _of_list(function: Function) -> Function:
    return lambda *xs: function(torch.stack(xs))


def _dot(*xs: torch.Tensor) -> torch.Tensor:
    n = len(xs) // 2
    return torch.dot(torch.stack(xs[:n]), torch.stack(xs[n:-1])) + xs[-1]


def _with_class(function: Function) -> Function:
    return lambda *xs: function(torch.stack(xs[:-1]), torch.tensor(int(xs[-1])))


# name: (function, operands of each case, which of them PyTorch takes as numbers)
ROWS: dict[str, tuple[Function, list[tuple[float, ...]], set[int]]] = {
    "add": (torch.add, TWO, NONE),
    "sub": (torch.sub, TWO, NONE),
    "mul": (torch.mul, TWO, NONE),
    "div": (torch.div, TWO, NONE),
    "pow": (torch.pow, TWO, NONE),
    "xlogy": (torch.xlogy, TWO, NONE),
    "maximum": (torch.maximum, TWO, NONE),
    "minimum": (torch.minimum, TWO, NONE),
    "power": (torch.pow, TWO, {1}),
    "leaky_relu": (
        functional.leaky_relu,
        [(x, slope) for x in EDGES + ORDINARY for slope in (0.01, 0.3)],
        {1},
    ),
    "elu": (functional.elu, [(x, alpha) for x in EDGES + ORDINARY for alpha in (1.0, 0.5)], {1}),
    "neg": (torch.neg, ONE, NONE),
    "sign": (torch.sign, ONE, NONE),
    "exp": (torch.exp, ONE, NONE),
    "expm1": (torch.expm1, ONE, NONE),
    "log": (torch.log, ONE, NONE),
    "log1p": (torch.log1p, ONE, NONE),
    "sqrt": (torch.sqrt, ONE, NONE),
    "sin": (torch.sin, ONE, NONE),
    "cos": (torch.cos, ONE, NONE),
    "tan": (torch.tan, ONE, NONE),
    "atan": (torch.atan, ONE, NONE),
    "tanh": (torch.tanh, ONE, NONE),
    "erf": (torch.erf, ONE, NONE),
    "abs": (torch.abs, ONE, NONE),
    "sigmoid": (torch.sigmoid, ONE, NONE),
    "relu": (torch.relu, ONE, NONE),
    "softplus": (functional.softplus, ONE, NONE),
    "gelu": (functional.gelu, ONE, NONE),
    "silu": (functional.silu, ONE, NONE),
    "sum": (_of_list(torch.sum), list(LISTS), NONE),
    "prod": (_of_list(torch.prod), list(LISTS), NONE),
    "logsumexp": (_of_list(lambda x: torch.logsumexp(x, 0)), list(LISTS), NONE),
    "dot": (_dot, list(DOTS), NONE),
    "select": (_with_class(lambda x, k: x[k]), [(*xs, k) for xs in LISTS for k in range(len(xs))], {-1}),
    "cross_entropy": (
        _with_class(functional.cross_entropy),
        [(*xs, k) for xs in LOGITS for k in range(len(xs))],
        {-1},
    ),
    "where": (
        lambda c, x, y: torch.where(torch.tensor(c != 0.0), x, y),
        [(c, *xy) for xy in [(1.0, 2.0), (0.3, inf), (nan, 0.3)] for c in (1.0, 0.0, -0.0, -3.0, nan)],
        {0},
    ),
    "binary_cross_entropy": (
        functional.binary_cross_entropy,
        [(a, y) for a in PROBABILITIES for y in (0.0, 1.0, 0.3)],
        NONE,
    ),
    "binary_cross_entropy_with_logits": (
        functional.binary_cross_entropy_with_logits,
        [(x, y) for x in EDGES + ORDINARY for y in (0.0, 1.0, 0.3)],
        NONE,
    ),
}


def case(function: Function, operands: tuple[float, ...], numbers: set[int]) -> list:
    """[operands, value, gradients, second derivatives] of `function`."""
    places = [i for i in range(len(operands)) if not {i, i - len(operands)} & numbers]
    given = list(operands)
    for i in places:
        given[i] = torch.tensor(operands[i], dtype=torch.float64, requires_grad=True)
    xs = [given[i] for i in places]
    value = function(*given)
    gradients = torch.autograd.grad(value, xs, create_graph=True, materialize_grads=True)

    def spread(entries: Iterable) -> list:
        found = dict(zip(places, entries))
        return [found.get(i) for i in range(len(operands))]

    second = [spread(second_derivatives(gradient, xs)) for gradient in gradients]
    return [list(operands), value.item(), spread(gradient.item() for gradient in gradients), spread(second)]


def second_derivatives(gradient: torch.Tensor, xs: list[torch.Tensor]) -> list[float | None]:
    if not gradient.requires_grad:
        return [0.0] * len(xs)
    try:
        second = torch.autograd.grad(gradient, xs, retain_graph=True, materialize_grads=True)
    except RuntimeError:
        return [None] * len(xs)
    return [entry.item() for entry in second]


def reference() -> dict:
    rows = {
        name: [case(function, xs, numbers) for xs in points]
        for name, (function, points, numbers) in ROWS.items()
    }
    return {"torch": torch.__version__, "rows": rows}


if __name__ == "__main__":
    path = Path(__file__).with_name("ops_reference.json")
    path.write_text(json.dumps(reference(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes from torch {torch.__version__}")
