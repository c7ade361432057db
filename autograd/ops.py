"""The table of operations: everything the engine can compute, one row each.

A row is a name, a forward function on floats and its local derivatives; `operation.py` says how to read
one. z is the result and x, y are the operands. Derivatives are written with operators and with the rows
themselves, so that each line serves floats and Values alike. The rows follow IEEE 754 (`ieee.py`).
"""

import builtins
import math
import operator
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

from autograd import ieee
from autograd.operation import Op, as_float

Operand = Any  # a number or a Value
Xs = tuple[Any, ...]

# ── arithmetic ────────────────────────────────────────────────────────────────────────────────────────

constant = Op("constant", lambda: math.nan, lambda z: (), doc="A number that an operator took as operand.")

add = Op("add", operator.add, lambda x, y, z: (1.0, 1.0),
    symbol="+", latex="{0} + {1}", precedence=1, binds=(1, 2), doc="x + y.")
sub = Op("sub", operator.sub, lambda x, y, z: (1.0, -1.0),
    symbol="−", latex="{0} - {1}", precedence=1, binds=(1, 2), doc="x − y.")
mul = Op("mul", operator.mul, lambda x, y, z: (y, x),
    symbol="×", latex=r"{0} \cdot {1}", mathml="{0}<mo>·</mo>{1}", precedence=2, binds=(2, 3), doc="x·y.")
div = Op("div", ieee.divide, lambda x, y, z: (1.0 / y, -z / y),
    symbol="÷", latex=r"\frac{{{0}}}{{{1}}}", mathml="<mfrac><mrow>{0}</mrow><mrow>{1}</mrow></mfrac>", precedence=8,
    doc="x / y.")
neg = Op("neg", operator.neg, lambda x, z: (-1.0,),
    symbol="−", latex="-{0}", precedence=1, binds=(2,), doc="−x.")

# ── steps: constant between their jumps, and what the rows with a kink have as derivative ─────────────

step = Op("step", lambda x: 0.0 if x <= 0.0 else 1.0, lambda x, z: (0.0,),
    latex=r"\left[{0} > 0\right]", mathml="<mrow><mo>[</mo>{0}<mo>&gt;</mo><mn>0</mn><mo>]</mo></mrow>",
    doc="0 where x ≤ 0, else 1, at nan too: relu'.")
sign = Op("sign", lambda x: x if x != x else float((x > 0.0) - (x < 0.0)), lambda x, z: (0.0,),
    latex=r"\operatorname{{sign}}\left({0}\right)", doc="−1, 0 or 1, and nan for nan: |x|'.")
equal = Op("equal", lambda x, y: 1.0 if x == y else 0.0, lambda x, y, z: (0.0, 0.0),
    symbol="=", latex=r"\left[{0} = {1}\right]", mathml="<mrow><mo>[</mo>{0}<mo>=</mo>{1}<mo>]</mo></mrow>",
    doc="1 where x = y, else 0.")
share = Op("share", lambda x, y: 0.0 if x < y else 0.5 if x == y else 1.0, lambda x, y, z: (0.0, 0.0),
    symbol="≥", latex=r"\left[{0} > {1}\right] + \tfrac{{1}}{{2}} \left[{0} = {1}\right]", precedence=1,
    mathml="<mrow><mo>[</mo>{0}<mo>&gt;</mo>{1}<mo>]</mo></mrow><mo>+</mo><mfrac><mn>1</mn><mn>2</mn></mfrac>"
    "<mrow><mo>[</mo>{0}<mo>=</mo>{1}<mo>]</mo></mrow>", doc="0 where x < y, ½ at a tie, else 1: ∂max(x, y)/∂x.")
where = Op("where", lambda c, x, y: x if c != 0.0 else y,
    lambda c, x, y, z: (0.0, 1.0 - equal(c, 0.0), equal(c, 0.0)),
    arrange=lambda condition, x, y: (float(condition) if isinstance(condition, bool) else condition, x, y),
    latex=r"\left({1} \text{{ if }} {0} \text{{ else }} {2}\right)",
    mathml="<mrow><mo>(</mo>{1}<mtext>&#160;if&#160;</mtext>{0}<mtext>&#160;else&#160;</mtext>{2}<mo>)</mo></mrow>",
    doc="where(condition, x, y): x where the condition, a bool or a number or Value that is not 0, holds; else y.")

# ── exponentials, logarithms and powers ───────────────────────────────────────────────────────────────


def _power_partial(x: Operand, n: Operand) -> Operand:
    # n is a number; n = 0 and n = 2 are cases of their own, so that 0·∞ does not arise and 2x reads as 2x.
    if n == 0.0:
        return 0.0
    return 2.0 * x if n == 2.0 else n * power(x, n - 1.0)


def _pow_partial(x: Operand, y: Operand) -> Operand:
    # Where y = 0 only 0·∞ is replaced by 0: the product itself is not constant in y there.
    product = y * pow(x, y - 1.0)
    return where(equal(product, product) + abs(y), product, 0.0)


exp = Op("exp", ieee.exp, lambda x, z: (z,), latex="e^{{{0}}}", mathml="<msup><mi>e</mi><mrow>{0}</mrow></msup>",
    precedence=4, doc="eˣ.")
expm1 = Op("expm1", ieee.expm1, lambda x, z: (z + 1.0,),
    latex="e^{{{0}}} - 1", mathml="<msup><mi>e</mi><mrow>{0}</mrow></msup><mo>−</mo><mn>1</mn>", precedence=1,
    doc="eˣ − 1, exact near 0.")
log = Op("log", ieee.log, lambda x, z: (1.0 / x,),
    latex=r"\log\left({0}\right)", doc="The natural logarithm: −inf at 0, nan below.")
log1p = Op("log1p", ieee.log1p, lambda x, z: (1.0 / (1.0 + x),),
    latex=r"\log\left(1 + {0}\right)",
    mathml="<mi>log</mi><mo>&#8289;</mo><mrow><mo>(</mo><mn>1</mn><mo>+</mo>{0}<mo>)</mo></mrow>",
    doc="log(1 + x), exact near 0.")
sqrt = Op("sqrt", ieee.sqrt, lambda x, z: (0.5 / z,), symbol="√", latex=r"\sqrt{{{0}}}",
    mathml="<msqrt>{0}</msqrt>", doc="√x.")
xlogy = Op("xlogy", lambda x, y: 0.0 if x == 0.0 and y == y else x * ieee.log(y),
    lambda x, y, z: (log(y), xdivy(x, y)),
    latex=r"{0} \log\left({1}\right)",
    mathml="{0}<mspace width='0.17em'/><mi>log</mi><mo>&#8289;</mo><mrow><mo>(</mo>{1}<mo>)</mo></mrow>",
    precedence=2, binds=(2, 0), doc="x log y, and 0 where x is 0.")
xdivy: Op = Op("xdivy", lambda x, y: 0.0 if x == 0.0 and y == y else ieee.divide(x, y),
    lambda x, y, z: (1.0 / y, -xdivy(z, y)),
    symbol="÷", latex=r"\frac{{{0}}}{{{1}}}", mathml="<mfrac><mrow>{0}</mrow><mrow>{1}</mrow></mfrac>", precedence=8,
    doc="x / y, and 0 where x is 0.")
power: Op = Op("power", ieee.power, lambda x, n, z: (_power_partial(x, n), 0.0),
    symbol="^", latex="{0}^{{{1}}}", mathml="<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>", precedence=4, binds=(9, 0),
    doc="xⁿ for a number n, held constant.")
pow: Op = Op("pow", ieee.power,
    lambda x, y, z: (_pow_partial(x, y), where(equal(x, 0.0) * (1.0 - step(-y)), 0.0, z * log(x))),
    symbol="^", latex="{0}^{{{1}}}", mathml="<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>", precedence=4, binds=(9, 0),
    doc="xʸ: ∂z/∂x = y·x^(y−1), 0 where y = 0; ∂z/∂y = xʸ log x, 0 where x = 0 ≤ y.")

# ── trigonometry and erf ──────────────────────────────────────────────────────────────────────────────

sin = Op("sin", ieee.sin, lambda x, z: (cos(x),), latex=r"\sin\left({0}\right)", doc="sin x, x in radians.")
cos: Op = Op("cos", ieee.cos, lambda x, z: (-sin(x),), latex=r"\cos\left({0}\right)", doc="cos x, x in radians.")
tan = Op("tan", ieee.tan, lambda x, z: (1.0 + z * z,), latex=r"\tan\left({0}\right)", doc="tan x, in radians.")
atan = Op("atan", math.atan, lambda x, z: (1.0 / (1.0 + x * x),),
    latex=r"\arctan\left({0}\right)", doc="The angle whose tangent is x, in radians.")
tanh = Op("tanh", math.tanh, lambda x, z: (1.0 - z * z,), latex=r"\tanh\left({0}\right)", doc="tanh x.")
erf = Op("erf", math.erf, lambda x, z: (ieee.TWO_OVER_ROOT_PI * exp(-(x * x)),),
    latex=r"\operatorname{{erf}}\left({0}\right)", doc="The error function, 2/√π ∫₀ˣ e^(−t²) dt.")

# ── activations ───────────────────────────────────────────────────────────────────────────────────────


def _elu_partials(x: Operand, alpha: Operand) -> Xs:
    # The exponential of min(x, 0): that of a large x would be ∞, and 0·∞ in the second derivative.
    positive = step(x)
    low = where(positive, 0.0, x)
    return where(positive, 1.0, alpha * exp(low)), expm1(low)


abs = Op("abs", operator.abs, lambda x, z: (sign(x),),
    symbol="|·|", latex=r"\left|{0}\right|", mathml="<mrow><mo>|</mo>{0}<mo>|</mo></mrow>",
    doc="|x|, with derivative 0 at 0.")
sigmoid = Op("sigmoid", ieee.sigmoid, lambda x, z: (z * (1.0 - z),),
    symbol="σ", latex=r"\sigma\left({0}\right)", doc="σ(x) = 1 / (1 + e⁻ˣ).")
relu = Op("relu", lambda x: 0.0 if x <= 0.0 else x, lambda x, z: (step(x),),
    latex=r"\operatorname{{relu}}\left({0}\right)", doc="max(x, 0), with derivative 0 at 0; nan stays nan.")
leaky_relu = Op("leaky_relu", lambda x, slope: x if x > 0.0 else slope * x,
    lambda x, slope, z: (where(step(x), 1.0, slope), where(step(x), 0.0, x)),
    symbol="leaky relu", latex=r"\operatorname{{leakyrelu}}\left({0}; {1}\right)",
    arrange=lambda x, slope=0.01: (x, slope), expand=lambda x, slope: where(step(x), x, slope * x),
    doc="leaky_relu(x, slope=0.01): x where x > 0, else slope·x; the derivative at 0 is the slope.")
elu = Op("elu", lambda x, alpha: x if x > 0.0 else alpha * math.expm1(x),
    lambda x, alpha, z: _elu_partials(x, alpha),
    latex=r"\operatorname{{elu}}\left({0}; {1}\right)",
    arrange=lambda x, alpha=1.0: (x, alpha), expand=lambda x, alpha: where(step(x), x, alpha * expm1(x)),
    doc="elu(x, alpha=1.0): x where x > 0, else α(eˣ − 1); the derivative at 0 is α.")
softplus = Op("softplus", ieee.softplus, lambda x, z: (sigmoid(x),),
    latex=r"\log\left(1 + e^{{{0}}}\right)",
    mathml="<mi>log</mi><mo>&#8289;</mo><mrow><mo>(</mo><mn>1</mn><mo>+</mo><msup><mi>e</mi><mrow>{0}</mrow></msup><mo>)</mo></mrow>",
    expand=lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))),
    doc="log(1 + eˣ), which does not overflow.")
gelu = Op("gelu", lambda x: 0.5 * x * (1.0 + math.erf(x * math.sqrt(0.5))),
    lambda x, z: (0.5 * (1.0 + erf(x * math.sqrt(0.5))) + x * exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),),
    latex=r"\operatorname{{gelu}}\left({0}\right)", expand=lambda x: 0.5 * x * (1.0 + erf(x * math.sqrt(0.5))),
    doc="x·Φ(x) with Φ the normal distribution function: the exact form, not the one with tanh.")
silu = Op("silu", lambda x: x * ieee.sigmoid(x), lambda x, z: (sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),),
    latex=r"\operatorname{{silu}}\left({0}\right)", expand=lambda x: x * sigmoid(x), doc="x·σ(x).")
maximum: Op = Op("maximum", lambda x, y: x if x >= y or x != x else y, lambda x, y, z: (share(x, y), share(y, x)),
    symbol="max", latex=r"\max\left({0}, {1}\right)", doc="The larger; a tie gives each ½; nan stays nan.")
minimum = Op("minimum", lambda x, y: x if x <= y or x != x else y, lambda x, y, z: (share(y, x), share(x, y)),
    symbol="min", latex=r"\min\left({0}, {1}\right)", doc="The smaller; a tie gives each ½; nan stays nan.")

# ── any number of operands ────────────────────────────────────────────────────────────────────────────


def _of_list(values: Iterable[Operand]) -> Xs:
    return tuple(values)


def _of_weights_inputs_bias(weights: Sequence[Operand], inputs: Sequence[Operand], bias: Operand = 0.0) -> Xs:
    if len(weights) != len(inputs):
        raise ValueError(f"dot takes a weight for each input, got {len(weights)} weights and {len(inputs)} inputs")
    return (*weights, *inputs, bias)


def _of_logits_and_class(logits: Sequence[Operand], index: Operand) -> Xs:
    return (*logits, index)


def _dot(xs: tuple[float, ...]) -> float:
    n = len(xs) // 2
    return builtins.sum(map(operator.mul, xs[:n], xs[n:]), xs[-1])


def _dot_partials(xs: Xs, z: Operand) -> Xs:
    n = len(xs) // 2
    return xs[n:-1] + xs[:n] + (1.0,)  # a fifth faster than unpacking


def _dot_expanded(xs: Xs) -> Operand:
    n = len(xs) // 2
    return builtins.sum(map(operator.mul, xs[1:n], xs[n + 1 :]), xs[0] * xs[n]) + xs[-1] if n else xs[-1]


def _prod_partials(xs: Xs, z: Operand) -> Xs:
    # The product of the others, as what stands before times what stands after: right where one is 0 too.
    if len(xs) < 2:
        return (1.0,) * len(xs)
    before = list(accumulate(xs[:-1], operator.mul))
    after = list(accumulate(xs[:0:-1], operator.mul))[::-1]
    return (after[0], *map(operator.mul, before, after[1:]), before[-1])


def _logsumexp_partials(xs: Xs, z: Operand) -> Xs:
    return tuple([exp(x - z) for x in xs])


def _cross_entropy(xs: tuple[float, ...]) -> float:
    chosen = _select(xs)
    if chosen - chosen != 0.0 or not all(x <= chosen for x in xs[:-1]):
        return ieee.logsumexp(xs[:-1]) - chosen
    # log Σ exp(xᵢ − x_class) = log(1 + the others): a small loss keeps its digits.
    k = int(xs[-1])
    return math.log1p(builtins.sum([math.exp(x - chosen) for x in xs[:k] + xs[k + 1 : -1]]))


def _cross_entropy_partials(xs: Xs, z: Operand) -> Xs:
    # ∂z/∂xᵢ = softmaxᵢ − [i = class]
    *logits, index = xs
    total = logsumexp(logits)
    return (*[exp(x - total) - equal(index, float(i)) for i, x in enumerate(logits)], 0.0)


def _select(xs: tuple[float, ...]) -> float:
    *values, index = xs
    if not (0.0 <= index < len(values) and index % 1.0 == 0.0):
        raise IndexError(f"the index must be a whole number from 0 to {len(values) - 1}, got {index:g}")
    return values[int(index)]


sum = Op("sum", lambda xs: builtins.sum(xs, 0.0), lambda xs, z: (1.0,) * len(xs),
    symbol="Σ", variadic=True, arrange=_of_list, expand=lambda xs: reduce(operator.add, xs) if xs else 0.0,
    doc="sum(values): x₁ + … + xₙ as one node.")
prod = Op("prod", lambda xs: math.prod(xs, start=1.0), _prod_partials,
    symbol="Π", variadic=True, arrange=_of_list, expand=lambda xs: reduce(operator.mul, xs) if xs else 1.0,
    doc="prod(values): x₁·…·xₙ as one node.")
dot = Op("dot", _dot, _dot_partials,
    symbol="w·x + b", variadic=True, arrange=_of_weights_inputs_bias, expand=_dot_expanded,
    doc="dot(weights, inputs, bias=0.0): Σ wᵢxᵢ + b as one node, a whole neuron before its activation.")
logsumexp = Op("logsumexp", ieee.logsumexp, _logsumexp_partials,
    symbol="log Σ exp", variadic=True, arrange=_of_list, expand=lambda xs: log(sum([exp(x) for x in xs])),
    doc="logsumexp(values): log Σ exp(xᵢ), which does not overflow.")
select = Op("select", _select, lambda xs, z: (*[equal(xs[-1], float(i)) for i in range(len(xs) - 1)], 0.0),
    variadic=True, arrange=_of_logits_and_class,
    latex=r"\operatorname{{take}}\left({0}\right)", doc="select(values, index): the value at an index that is a Value.")
cross_entropy = Op("cross_entropy", _cross_entropy, _cross_entropy_partials,
    symbol="cross-entropy", variadic=True, arrange=_of_logits_and_class,
    expand=lambda xs: logsumexp(xs[:-1]) - take(xs[:-1], xs[-1]),
    doc="cross_entropy(logits, index): −log softmax(logits)[index] = log Σ exp(zᵢ) − z_index.")
binary_cross_entropy = Op("binary_cross_entropy", ieee.binary_cross_entropy,
    lambda a, y, z: (-xdivy(y, a) + xdivy(1.0 - y, 1.0 - a), log(1.0 - a) - log(a)),
    symbol="cross-entropy", expand=lambda a, y: -xlogy(y, a) - xlogy(1.0 - y, 1.0 - a),
    doc="binary_cross_entropy(a, y): −y log a − (1−y) log(1−a), for a probability a; ∂/∂a = −y/a + (1−y)/(1−a).")
binary_cross_entropy_with_logits = Op(
    "binary_cross_entropy_with_logits", ieee.binary_cross_entropy_with_logits,
    lambda z, y, loss: (sigmoid(z) - y, -z),
    symbol="cross-entropy of σ", expand=lambda z, y: softplus(z) - z * y,
    doc="binary_cross_entropy_with_logits(z, y): the same for a = σ(z), stable for every z; ∂/∂z = σ(z) − y.")

# ── on top of the rows ────────────────────────────────────────────────────────────────────────────────


def softmax(values: Sequence[Operand]) -> list[Any]:
    """exp(xᵢ) / Σ exp(xⱼ) for each of `values`, as exp(xᵢ − logsumexp(x)): stable for every x.

    >>> softmax([0.0, 1000.0])
    [0.0, 1.0]
    """
    return [exp(log_probability) for log_probability in log_softmax(values)]


def log_softmax(values: Sequence[Operand]) -> list[Any]:
    """xᵢ − logsumexp(x) for each of `values`.

    >>> log_softmax([0.0, 1000.0])
    [-1000.0, 0.0]
    """
    total = logsumexp(values)
    return [value - total for value in values]


def take(values: Sequence[Operand], index: Operand) -> Any:
    """values[index]: the entry itself for a plain index; for an index that is a Value, a node that looks it up.

    Its gradient goes to the entry that was taken. Raises IndexError unless 0 ≤ index < len(values) is whole.

    >>> take([1.5, 2.5], 1)
    2.5
    """
    if hasattr(index, "__autograd__"):
        return select(values, index)
    _select((*[0.0] * len(values), as_float(index)))
    return values[int(index)]
