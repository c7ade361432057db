"""Scalar automatic differentiation: numbers that remember how they were computed."""

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

__all__ = [
    "Drawing", "GradientError", "Nonfinite", "Op", "Value", "abs", "atan", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "compile", "cos", "cross_entropy", "dot", "draw", "elu", "erf", "exp",
    "expm1", "function", "gelu", "grad", "gradcheck", "hessian", "hvp", "jacobian", "jvp", "leaky_relu",
    "log",
    "log1p", "log_softmax", "logsumexp", "maximum", "minimum", "nonfinite", "pow", "prod", "relu", "sigmoid",
    "silu", "sin", "softmax", "softplus", "sqrt", "sum", "take", "tan", "tanh", "value_and_grad", "vjp",
    "where",
]  # fmt: skip
