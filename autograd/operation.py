"""What an operation is: one row with a forward function, local derivatives and a way to write it."""

import sys
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import inspect

__all__ = ["Op", "as_float", "function"]

Operand = Any  # a number, or whatever takes part in recording (see Recorder)
T = TypeVar("T")


class Recorder(Protocol):
    """What an operand must have for operations on it to be recorded; `Value` is one."""

    def __autograd__(self, op: "Op", operands: tuple[Operand, ...]) -> Any:
        """The result of `op` on `operands`, of which self is one."""


def as_float(given: object) -> float:
    """The float that `given`, a real number of Python or numpy, stands for.

    Raises TypeError for anything else: text, None, complex numbers, truth values, arrays.

    >>> as_float(3)
    3.0
    >>> as_float("3")
    Traceback (most recent call last):
    TypeError: expected a real number, got '3' (str)
    """
    if given.__class__ is float:
        return given  # most are, and an ABC is slow to ask
    if isinstance(given, Real) and not isinstance(given, bool):
        return float(given)
    shown = repr(given)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    raise TypeError(f"expected a real number, got {shown} ({type(given).__name__})")


class Op:
    """An operation: the row of the table that everything else is derived from.

    forward(x, y) computes the result z from floats. derivative(x, y, z) gives the local derivatives
    (∂z/∂x, ∂z/∂y), one for each operand; it is written with operators and other rows only, so that the
    same line works on floats and on Values. A variadic row takes its operands as one tuple:
    forward(xs) and derivative(xs, z).

    Called with numbers an operation computes; called with Values it records.

    >>> from autograd import Value, tanh
    >>> tanh(0.5) == Value(0.5).tanh().data
    True
    >>> tanh.partials((0.0,), 0.0)
    (1.0,)
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., float],
        derivative: Callable[..., tuple[Any, ...]],
        *,
        symbol: str = "",
        latex: str = "",
        mathml: str = "",
        precedence: int = 9,
        binds: tuple[int, ...] = (),
        variadic: bool = False,
        arrange: Callable[..., tuple[Operand, ...]] | None = None,
        expand: Callable[..., Any] | None = None,
        doc: str = "",
        module: str = "autograd.ops",
    ) -> None:
        self.name = name
        self.forward = forward
        self.derivative = derivative
        self.symbol = symbol or name
        self.latex = latex
        self.mathml = mathml
        self.precedence = precedence
        self.binds = binds
        self.variadic = variadic
        self.arrange = arrange
        self.expand = expand
        self.__name__ = self.__qualname__ = name
        self.__doc__ = doc
        self.__module__ = module

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The result: a float if every operand is a number, else what the first other operand records."""
        if len(arguments) == 1 and arguments[0].__class__ is float and self.arrange is None and not named:
            return self.apply(arguments) if self.variadic else self.forward(arguments[0])  # as in rules: fast
        try:
            if self.arrange:
                arguments = self.arrange(*arguments, **named)
            elif named:
                raise TypeError(f"{self.name} takes no keyword arguments, got {', '.join(named)}")
            return self.apply(arguments)
        except TypeError as error:
            error.add_note(f"in a call of {self.name}: {self.__doc__}")
            raise

    def apply(self, operands: tuple[Operand, ...]) -> Any:
        """The same for operands as the graph holds them: one flat tuple."""
        for operand in operands:
            if operand.__class__ is not float and hasattr(operand, "__autograd__"):
                return operand.__autograd__(self, operands)
        return self.value(tuple([x if x.__class__ is float else as_float(x) for x in operands]))

    def value(self, xs: tuple[float, ...]) -> float:
        """z, computed from floats."""
        return self.forward(xs) if self.variadic else self.forward(*xs)

    def partials(self, xs: tuple[T, ...], z: T) -> tuple[T, ...]:
        """(∂z/∂x₁, …, ∂z/∂xₙ) for operands `xs` whose result is `z`: floats, or Values."""
        return self.derivative(xs, z) if self.variadic else self.derivative(*xs, z)

    def expanded(self, xs: tuple[T, ...]) -> T | None:
        """The same result said in simpler rows, or None for a row that is itself simple."""
        if self.expand is None:
            return None
        result: T = self.expand(xs) if self.variadic else self.expand(*xs)
        return result

    def __reduce__(self) -> str:
        """Pickled by name, like a function: where it is loaded, its module must define it."""
        return self.name

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def function(
    name: str,
    forward: Callable[..., float],
    derivative: Callable[..., Any],
    *,
    symbol: str = "",
    latex: str = "",
    mathml: str = "",
    expand: Callable[..., Any] | None = None,
) -> Op:
    r"""An operation of your own, which then works wherever a built-in one does.

    forward takes floats and returns one; with `*xs` the operation takes any number of operands.
    derivative takes the same operands and then the result z, and returns ∂z/∂x, or for several operands a
    tuple of one each. Write it with operators and with `autograd`'s functions, not with `math`'s: second
    derivatives, formulas and compiled code follow from it, and `gradcheck` tells whether it is right.
    latex is a template such as r"\operatorname{{softsign}}\left({0}\right)", mathml one for pages;
    without them the operation's name is written. Graphs that use the operation can be pickled if it is
    assigned to a module-level variable called `name`. A compiled program keeps the numbers that forward
    reads from around it as they were when it was compiled.

    Raises TypeError where forward and derivative do not take as many operands as they should; at use,
    where they return something that is no number.

    >>> from autograd import Value, function
    >>> cube = function("cube", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    if not (isinstance(name, str) and name.isidentifier()):
        raise TypeError(f"an operation's name must be an identifier, got {name!r}")
    taken = _signature(name, "forward", forward).parameters.values()
    variadic = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in taken)
    if not variadic:
        operands = [p for p in taken if p.default is p.empty and p.kind is not p.KEYWORD_ONLY]
        _require_arity(name, "derivative", derivative, len(operands) + 1)
    return Op(
        name,
        _checked_forward(name, forward, variadic),
        _checked_derivative(name, derivative, variadic),
        symbol=symbol,
        latex=latex,
        mathml=mathml,
        variadic=variadic,
        expand=(lambda xs: expand(*xs)) if variadic and expand else expand,
        doc=forward.__doc__ or "",
        module=sys._getframe(1).f_globals.get("__name__", "__main__"),
    )


def _signature(name: str, part: str, given: Callable[..., Any]) -> "inspect.Signature":
    import inspect  # here, because it would be a third of the time that `import autograd` takes

    try:
        return inspect.signature(given)
    except ValueError:  # math.log and the like
        raise TypeError(
            f"the {part} of {name!r} does not say how many operands it takes: wrap {given!r} in a lambda"
        ) from None


def _require_arity(name: str, part: str, given: Callable[..., Any], count: int) -> None:
    """Raise TypeError if `given` cannot take `count` positional arguments."""
    signature = _signature(name, part, given)
    try:
        signature.bind(*range(count))
    except TypeError as error:
        raise TypeError(f"the {part} of {name!r} must take {count} arguments: {error}") from None


def _checked_forward(name: str, forward: Callable[..., float], variadic: bool) -> Callable[..., float]:
    """`forward`, whose results must be numbers and whose errors say where they arose."""

    @wraps(forward)
    def checked(*xs: float) -> float:
        try:
            return as_float(forward(*xs))
        except (TypeError, ArithmeticError, ValueError) as error:
            error.add_note(f"in the forward of {name!r} at {', '.join(map(repr, xs))}")
            raise

    @wraps(forward)
    def spread(xs: tuple[float, ...]) -> float:
        return checked(*xs)

    return spread if variadic else checked


def _checked_derivative(
    name: str, derivative: Callable[..., Any], variadic: bool
) -> Callable[..., tuple[Any, ...]]:
    """`derivative` with its partials as a tuple, which must hold one number or Value for each operand."""

    def checked(*xs_z: Any) -> tuple[Any, ...]:
        try:
            given = derivative(*xs_z)
            partials = tuple(given) if isinstance(given, tuple | list) else (given,)
            operands = len(xs_z) - 1
            if len(partials) != operands:
                raise TypeError(
                    f"{name!r} has {operands} operands, its derivative gave {len(partials)} partials"
                )
            return tuple([p if hasattr(p, "__autograd__") else as_float(p) for p in partials])
        except (TypeError, ArithmeticError, ValueError) as error:
            error.add_note(f"in the derivative of {name!r} at {', '.join(map(repr, xs_z))}")
            raise

    return (lambda xs, z: checked(*xs, z)) if variadic else checked
