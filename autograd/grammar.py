"""What may be typed as an expression, and what is said, with the place, about anything else.

Python's own parser says what belongs to what; its tree is read here, and never run.
"""

import ast
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from autograd import ops
from autograd.carets import column, nearest, quoted, refused
from autograd.operation import Op

if TYPE_CHECKING:
    import inspect

__all__ = ["FUNCTIONS", "OPERATORS", "SPREAD", "read"]

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    function.__name__: function
    for function in (
        ops.abs, ops.atan, ops.binary_cross_entropy, ops.binary_cross_entropy_with_logits, ops.cos,
        ops.cross_entropy, ops.dot, ops.elu, ops.erf, ops.exp, ops.expm1, ops.gelu, ops.leaky_relu, ops.log,
        ops.log1p, ops.log_softmax, ops.logsumexp, ops.maximum, ops.minimum, ops.pow, ops.prod, ops.relu,
        ops.sigmoid, ops.silu, ops.sin, ops.softmax, ops.softplus, ops.sqrt, ops.sum, ops.take, ops.tan,
        ops.tanh, ops.where,
    )
}  # fmt: skip
LISTS: Final = {  # how many of the first arguments are lists, where any are
    "cross_entropy": 1, "dot": 2, "log_softmax": 1, "logsumexp": 1, "prod": 1, "softmax": 1, "sum": 1,
    "take": 1,
}  # fmt: skip
SPREAD: Final = {"log_softmax", "logsumexp", "prod", "softmax", "sum"}  # sum(a, b) is sum([a, b])
GIVE_LISTS: Final = {"log_softmax", "softmax"}
OPERATORS: Final[Mapping[type[ast.operator], Op]] = {
    ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div, ast.Pow: ops.pow
}  # fmt: skip

TOKEN: Final = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d](?:\w|[^\x00-\x7f\s])*)"  # with marks, as in x̂; str.isidentifier has the last word
    r"|(?P<sign>\*\*|/(?!/)|[-+*(),\[\]])"
    r"|(?P<other>//|&&|\|\||->|[<>=!:]=|[^ ])"
)
PARTS: Final = "numbers, names, + - * / **, brackets and functions such as sigmoid(x)"
CHOICES: Final = "maximum(x, y), minimum(x, y) and where(condition, x, y) choose"
INSTEAD: Final = {
    "^": "for a power write **", "²": "for a square write **2", "³": "for a cube write **3",
    "√": "write sqrt(x)", "−": "for minus write -", "–": "for minus write -", "×": "for a product write *",
    "·": "for a product write *", "⋅": "for a product write *", "÷": "for a quotient write /",
    "//": "for a quotient write /", "=": "an expression assigns nothing to names",
    "<": CHOICES, "<=": CHOICES, ">": CHOICES, ">=": CHOICES, "|": "for |x| write abs(x)",
    ".": "functions stand alone, exp(x) and not np.exp(x) or x.exp()",
}  # fmt: skip
RESERVED: Final = {
    "if": CHOICES, "else": CHOICES, "lambda": "call it lambda_, say"
}  # fmt: skip
OTHER_NAMES: Final = {"σ": "sigmoid", "ln": "log", "max": "maximum", "min": "minimum"}


class Token(NamedTuple):
    """A word of an expression: a "number", a "name", a "sign", or some "other" thing that is none."""

    kind: str
    text: str
    column: int


def read(text: str) -> list[ast.expr]:
    """The nodes of the syntax tree of an expression, each before its operands.

    The names of functions are not among them. Raises ValueError where anything is not allowed.

    >>> [type(node).__name__ for node in read("-exp(x)")]
    ['UnaryOp', 'Call', 'Name']
    """
    check_tokens(text, list(tokens(text)))
    try:
        body = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        at = error.offset - 1 if error.offset else len(text)
        brackets = re.search("never closed|unmatched|does not match|too many nested", error.msg)
        problem = error.msg if brackets else "expected a number, a name, a function or ( here"
        raise refused(text, at, problem) from None
    except (RecursionError, MemoryError):
        raise refused(text, 0, "it is too long or nested too deeply; compute parts of it first") from None
    require_number(text, body)
    walked = list(ast.walk(body))
    functions = {node.func for node in walked if isinstance(node, ast.Call)}
    nodes = [node for node in walked if isinstance(node, ast.expr) and node not in functions]
    for node in sorted(nodes, key=lambda node: node.col_offset):
        check(text, node)
    return nodes


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────


def tokens(text: str) -> Iterator[Token]:
    """The words of `text`, but for spaces.

    >>> [token.text for token in tokens("2.5e-3*x1**y")]
    ['2.5e-3', '*', 'x1', '**', 'y']
    """
    for found in TOKEN.finditer(text):
        yield Token(found.lastgroup or "", found.group(), found.start())


def check_tokens(text: str, given: Sequence[Token]) -> None:
    """Raise ValueError for no words at all, for one that has no place here, and for two that do not meet."""
    if not given:
        raise ValueError("the expression is empty; expected one such as sigmoid(w*x + b)")
    for token in given:
        check_token(text, token)
    for before, token in pairwise(given):
        if token.kind == "sign" or before.text in ("+", "-", "*", "/", "**", "(", "[", ","):
            continue
        if before.text in FUNCTIONS:
            hint = f"write {before.text}({token.text})"
        else:
            hint = f"for a product write {before.text}*{token.text}"
        raise refused(text, token.column, f"expected + - * / or ** before {token.text!r}; {hint}")


def check_token(text: str, token: Token) -> None:
    """Raise ValueError for a word that has no place in an expression."""
    if token.kind == "number" and math.isinf(float(token.text)):
        raise refused(text, token.column, f"a number is at most 1.8e308, got {token.text[:20]}")
    if token.kind == "number" and token.text.isdigit() and token.text != "0" and token.text[0] == "0":
        raise refused(text, token.column, f"a whole number has no 0 in front, got {token.text[:20]}")
    if token.kind == "name" and iskeyword(unicodedata.normalize("NFKC", token.text)):
        hint = RESERVED.get(token.text, f"expected {PARTS}")
        raise refused(text, token.column, f"{token.text!r} is a reserved word and cannot be a name; {hint}")
    at, unexpected = token.column, token.text if token.kind == "other" else ""
    if token.kind == "name" and not token.text.isidentifier():
        length = next(n for n in range(len(token.text)) if not token.text[: n + 1].isidentifier())
        at, unexpected = token.column + length, token.text[length]
    if unexpected:
        raise refused(text, at, f"unexpected {unexpected!r}: {INSTEAD.get(unexpected, f'expected {PARTS}')}")


# ── what they are made into ───────────────────────────────────────────────────────────────────────────


def check(text: str, node: ast.expr) -> None:
    """Raise ValueError for a node of the tree that is not allowed, or whose operands are not."""
    match node:
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise refused(text, column(text, node), f"{name} is a function: expected {usage(name)}")
        case ast.List(elts=operands):
            for operand in operands:
                require_number(text, operand)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            require_number(text, operand)
        case ast.BinOp() if type(node.op) in OPERATORS:
            require_number(text, node.left)
            require_number(text, node.right)
        case ast.Call(keywords=[]):
            check_call(text, node)
        case ast.Subscript():
            raise refused(text, column(text, node), "no value is looked up by [ ]; write take([x, y], 0)")
        case _:
            raise refused(text, column(text, node), f"{quoted(text, node)} is not among {PARTS}")


def check_call(text: str, call: ast.Call) -> None:
    """Raise ValueError unless a function that there is is called with as many arguments, each of its kind."""
    at = column(text, call)
    if not isinstance(call.func, ast.Name):
        raise refused(text, at, f"{quoted(text, call.func)} is no function; for a product write * before (")
    name = call.func.id
    if name not in FUNCTIONS:
        meant = OTHER_NAMES.get(name) or nearest(name, FUNCTIONS)
        product = f" (for a product write {name}*)" if len(name) < 3 else ""
        hint = f"; did you mean {meant}?" if meant else f"{product}."
        raise refused(text, at, f"no function is called {name!r}{hint} There are {', '.join(FUNCTIONS)}")
    lists = [gives_list(argument) for argument in call.args]
    if name in SPREAD and lists and not any(lists):
        return
    try:
        signature(name).bind(*lists)
    except TypeError:
        raise refused(text, at, f"expected {usage(name)}, got {len(lists)} arguments") from None
    for position, argument in enumerate(call.args):
        if lists[position] != (position < LISTS.get(name, 0)):
            given = "a list" if lists[position] else "a number"
            raise refused(text, column(text, argument), f"expected {usage(name)}, got {given} here")


def require_number(text: str, node: ast.expr) -> None:
    """Raise ValueError for a node that stands for a list."""
    if gives_list(node):
        raise refused(
            text,
            column(text, node),
            f"expected a number, and {quoted(text, node)} is a list; take(…, 0) gives its first",
        )


def gives_list(node: ast.expr) -> bool:
    """Whether a node stands for a list of numbers."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in GIVE_LISTS
    return isinstance(node, ast.List)


def signature(name: str) -> "inspect.Signature":
    """The parameters of a function, as it is called."""
    import inspect  # slow to load

    function = FUNCTIONS[name]
    return inspect.signature((function.arrange or function.forward) if isinstance(function, Op) else function)


def usage(name: str) -> str:
    """How a function is called.

    >>> usage("maximum"), usage("leaky_relu"), usage("dot")
    ('maximum(x, y)', 'leaky_relu(x, slope=0.01)', 'dot([weights], [inputs], bias=0.0)')
    """
    shown = []
    for position, parameter in enumerate(signature(name).parameters.values()):
        default = "" if parameter.default is parameter.empty else f"={parameter.default}"
        shown.append(f"[{parameter.name}]" if position < LISTS.get(name, 0) else parameter.name + default)
    return f"{name}({', '.join(shown)})"
