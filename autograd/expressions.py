"""Expressions as people type them, such as "sigmoid(w*x + b)", made into graphs."""

import ast
import unicodedata
from collections.abc import Mapping
from typing import Any

from autograd import ops
from autograd.carets import column, nearest, refused
from autograd.grammar import FUNCTIONS, OPERATORS, SPREAD, read
from autograd.value import Value, lift

__all__ = ["Expression", "expression"]


class Expression:
    """An expression that was typed, found to be in order: call it with a number or Value for each name.

    text: as it was typed, but for spaces. names: those that need values, in the order in which they occur.

    It is made of numbers, names, + - * / **, parentheses, and calls of `autograd`'s functions, with lists
    such as [a, b] as arguments where these take several values. Raises ValueError for anything else; the
    message shows the place and what was expected there.

    >>> neuron = Expression("sigmoid(w*x + b)")
    >>> neuron.names
    ('w', 'x', 'b')
    >>> neuron(w=0.5, x=2.0, b=-1.0).data
    0.5
    >>> Expression("2^x")
    Traceback (most recent call last):
    ValueError: unexpected '^': for a power write **
        2^x
         ^
    """

    __slots__ = ("_nodes", "names", "text")

    text: str
    names: tuple[str, ...]
    _nodes: tuple[ast.expr, ...]  # operands before what uses them

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"an expression is text, got {text!r} ({type(text).__name__})")
        self.text = " ".join(text.split())
        nodes = read(self.text)
        names = [node for node in nodes if isinstance(node, ast.Name)]
        names.sort(key=lambda node: node.col_offset)
        self.names = tuple(dict.fromkeys([node.id for node in names]))
        self._nodes = tuple(reversed(nodes))

    def __call__(self, /, **values: Value | float) -> Value:
        """The graph of the expression: a number becomes a leaf with the name as its label.

        Raises ValueError where a name has no value or a value's name does not occur.
        """
        given = {unicodedata.normalize("NFKC", name): value for name, value in values.items()}
        self._require_values(given)
        leaves = {name: x if isinstance(x, Value) else Value(x, name) for name, x in given.items()}
        made: dict[ast.expr, Any] = {}
        for node in self._nodes:
            made[node] = self._made(node, made, leaves)
        return lift(made[self._nodes[-1]])

    def _require_values(self, given: Mapping[str, Any]) -> None:
        missing = [name for name in self.names if name not in given]
        extra = [name for name in given if name not in self.names]
        if missing:
            uses = [node for node in self._nodes if isinstance(node, ast.Name) and node.id == missing[0]]
            at = min(column(self.text, node) for node in uses)
            meant = nearest(missing[0], extra)
            hint = f"; is {meant} meant?" if meant else ""
            raise refused(self.text, at, f"no value is given for {' and '.join(missing)}{hint}")
        if extra:
            raise ValueError(f"a value is given for {' and '.join(extra)}, of which {self.text!r} has none")

    def _made(self, node: ast.expr, made: Mapping[ast.expr, Any], leaves: Mapping[str, Value]) -> Any:
        """What `node` stands for, its operands being in `made`: a float, a Value or a list of these."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name():
                return leaves[node.id]
            case ast.List():
                return [made[element] for element in node.elts]
            case ast.UnaryOp(op=ast.USub()):
                return ops.neg(made[node.operand])
            case ast.UnaryOp():
                return made[node.operand]
            case ast.BinOp():
                x, y = made[node.left], made[node.right]
                operation = OPERATORS[type(node.op)]
                return (ops.power if operation is ops.pow and isinstance(y, float) else operation)(x, y)
            case ast.Call(func=ast.Name(id=name)):
                return self._called(node, name, [made[argument] for argument in node.args])
        raise AssertionError(f"{ast.dump(node)} was let through")

    def _called(self, node: ast.Call, name: str, arguments: list[Any]) -> Any:
        if name in SPREAD and not isinstance(arguments[0], list):
            arguments = [arguments]
        try:
            return FUNCTIONS[name](*arguments)
        except (ValueError, IndexError) as error:  # lists of different lengths, or an index beyond the end
            raise refused(self.text, column(self.text, node), str(error)) from None

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def expression(text: str, /, **values: Value | float) -> Value:
    """The graph of an expression, given a number or a Value for each of its names; see `Expression`.

    Numbers become leaves with the name as their label. Raises ValueError, which shows the place, for
    anything that is not arithmetic, a name with a value, or one of `autograd`'s functions.

    >>> a = expression("sigmoid(w*x + b)", w=0.5, x=2, b=-1)
    >>> loss = expression("(a - y)**2", a=a, y=1)
    >>> loss.data
    0.25
    """
    return Expression(text)(**values)
