"""Scalar automatic differentiation: numbers that remember how they were computed."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd.checking import GradientError, Nonfinite, gradcheck, nonfinite
from autograd.compiler import compile
from autograd.derivatives import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.drawing.drawing import Drawing, draw
from autograd.operation import Op, function
from autograd.ops import (
    abs,
    atan,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cos,
    cross_entropy,
    dot,
    elu,
    erf,
    exp,
    expm1,
    gelu,
    leaky_relu,
    log,
    log1p,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    pow,
    prod,
    relu,
    sigmoid,
    silu,
    sin,
    softmax,
    softplus,
    sqrt,
    sum,
    take,
    tan,
    tanh,
    where,
)  # fmt: skip
from autograd.value import Value

if TYPE_CHECKING:
    from autograd import lessons
    from autograd.explaining.explain import explain
    from autograd.explaining.explanation import Explanation
    from autograd.expressions import Expression, expression
    from autograd.stepping.sequence import Steps, steps
    from autograd.stepping.step import Step

__all__ = [
    "Drawing", "Explanation", "Expression", "GradientError", "Nonfinite", "Op", "Step", "Steps", "Value",
    "abs", "atan", "binary_cross_entropy", "binary_cross_entropy_with_logits", "compile", "cos",
    "cross_entropy", "dot", "draw", "elu", "erf", "exp", "explain", "expm1", "expression", "function",
    "gelu", "grad", "gradcheck", "hessian", "hvp", "jacobian", "jvp", "leaky_relu", "lessons", "log",
    "log1p", "log_softmax", "logsumexp", "maximum", "minimum", "nonfinite", "pow", "prod", "relu",
    "sigmoid", "silu", "sin", "softmax", "softplus", "sqrt", "steps", "sum", "take", "tan", "tanh",
    "value_and_grad", "vjp", "where",
]  # fmt: skip

# What shows gradients is loaded when it is first asked for: it would double the time that the import takes.
_SHOWING = {
    "Explanation": "explaining.explanation", "Expression": "expressions", "Step": "stepping.step",
    "Steps": "stepping.sequence", "explain": "explaining.explain", "expression": "expressions",
    "lessons": "lessons", "steps": "stepping.sequence",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _SHOWING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_SHOWING[name]}")
    return module if name == "lessons" else getattr(module, name)


def __dir__() -> list[str]:
    return __all__
