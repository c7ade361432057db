"""Value: one number that remembers how it was computed."""

import math
from typing import Any, Final

from autograd import ops
from autograd.backpropagation import backpropagate
from autograd.graph import topological_order
from autograd.ieee import Float
from autograd.operands import pack, unpack
from autograd.operation import Op, as_float
from autograd.pickling import copied, flatten, restore

__all__ = ["Value"]

NOT_COMPUTED: Final = float("0")  # its identity tells a gradient that nothing has set from one that is 0

_new = object.__new__


class Value:
    """A number that remembers how it was computed, and can pass gradients back along that way.

    data: the number. grad: ∂output/∂self after `output.backward()`, 0.0 before it. label: a name for
    pictures. op: the operation that made it, None for a leaf. parents: the operands, in order and with
    repeats. partials: ∂self/∂operand for each of them, as it was when the node was recorded.

    Values are equal, and hash, by identity; `<` and `>` compare their numbers.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> L = a * b + a
    >>> L.backward()
    >>> L.data, a.grad, b.grad
    (-4.0, -2.0, 2.0)
    """

    # x and y hold the operands, x_partial and y_partial their partials, as `operands.py` packs them.
    __slots__ = ("data", "grad", "label", "op", "x", "y", "x_partial", "y_partial")

    data: float
    _data: float  # the same, by a name that stays as it is while a recording watches who reads `data`
    grad: float
    label: str
    op: Op | None
    x: Any
    y: Any
    x_partial: Any
    y_partial: Any

    # numpy then leaves `array * value` to Value, which refuses it by name instead of looping over it.
    __array_priority__ = 1000.0

    def __init__(self, data: float, label: str = "") -> None:
        self.data = data if data.__class__ is float else as_float(data)
        if not isinstance(label, str):
            raise TypeError(f"a label is text, got {label!r} ({type(label).__name__})")
        self.grad = NOT_COMPUTED
        self.label = label
        self.op = None
        self.x = self.y = self.x_partial = self.y_partial = None

    # ── the graph ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def parents(self) -> tuple["Value", ...]:
        """The operands, in order, with repeats: `(a * a).parents == (a, a)`."""
        return unpack(self.x, self.y)

    @property
    def partials(self) -> tuple[float, ...]:
        """∂self/∂operand for each of `parents`, as recorded."""
        return unpack(self.x_partial, self.y_partial)

    @property
    def is_leaf(self) -> bool:
        """Whether self was given, not computed."""
        return self.x is None

    @property
    def has_grad(self) -> bool:
        """Whether `grad` was computed or set, and is not just the 0.0 that every node starts with."""
        return self.grad is not NOT_COMPUTED

    def backward(self, gradient: float = 1.0) -> None:
        """Compute ∂self/∂node, times `gradient`, as the `grad` of every node that self depends on.

        Leaves add it to what they hold, as in PyTorch: call `zero_grad()` between steps. Other nodes
        start afresh, so that a second call is right. The gradients are those of the point at which the
        graph was recorded, whatever has been done to any `data` since.
        """
        backpropagate(self, as_float(gradient))

    def zero_grad(self) -> None:
        """Set `grad` back to 0.0, here and in every node that this one depends on."""
        for node in topological_order(self) if not self.is_leaf else (self,):
            node.grad = NOT_COMPUTED

    def detach(self) -> "Value":
        """A new leaf with the same number and label: gradients stop there."""
        return Value(self.data, self.label)

    def __autograd__(self, op: Op, operands: tuple[Any, ...]) -> "Value":
        return record(op, operands) if op.variadic or len(operands) != 1 else unary(op, self)

    # ── arithmetic ────────────────────────────────────────────────────────────────────────────────────

    def __add__(self, other: "Value | float") -> "Value":  # self + other
        return binary(ops.add, self, other)

    def __radd__(self, other: "Value | float") -> "Value":  # other + self
        # sum() starts from the int 0: left out, so that sum([a, b, c]) is a + b + c.
        return self if other.__class__ is int and other == 0 else binary(ops.add, lift(other), self)

    def __sub__(self, other: "Value | float") -> "Value":  # self - other
        return binary(ops.sub, self, other)

    def __rsub__(self, other: "Value | float") -> "Value":  # other - self
        return binary(ops.sub, lift(other), self)

    def __mul__(self, other: "Value | float") -> "Value":  # self * other
        return binary(ops.mul, self, other)

    def __rmul__(self, other: "Value | float") -> "Value":  # other * self
        return binary(ops.mul, lift(other), self)

    def __truediv__(self, other: "Value | float") -> "Value":  # self / other
        return binary(ops.div, self, other)

    def __rtruediv__(self, other: "Value | float") -> "Value":  # other / self
        return binary(ops.div, lift(other), self)

    def __pow__(self, other: "Value | float") -> "Value":  # self ** other
        return binary(ops.pow if isinstance(other, Value) else ops.power, self, other)

    def __rpow__(self, other: "Value | float") -> "Value":  # other ** self
        return binary(ops.pow, lift(other), self)

    def __neg__(self) -> "Value":  # -self
        return unary(ops.neg, self)

    def __pos__(self) -> "Value":  # +self
        return self

    def __abs__(self) -> "Value":  # abs(self)
        return unary(ops.abs, self)

    # ── the number itself ─────────────────────────────────────────────────────────────────────────────

    def __lt__(self, other: "Value | float") -> bool:
        return self.data < number(other)

    def __le__(self, other: "Value | float") -> bool:
        return self.data <= number(other)

    def __gt__(self, other: "Value | float") -> bool:
        return self.data > number(other)

    def __ge__(self, other: "Value | float") -> bool:
        return self.data >= number(other)

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __float__(self) -> float:
        return self.data

    def __int__(self) -> int:
        return int(self.data)

    def __trunc__(self) -> int:
        return math.trunc(self.data)

    def __floor__(self) -> int:
        return math.floor(self.data)

    def __ceil__(self) -> int:
        return math.ceil(self.data)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.data, digits)

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else str(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        return copied(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as a flat list, on leaves that are objects of their own: graphs go on sharing these."""
        if self.is_leaf:
            return _leaf, (self.data, self.grad if self.has_grad else None, self.label, self.op)
        return restore, (Value, *flatten(self))

    # ── functions, also under the names that numpy looks for in arrays of objects ─────────────────────

    def exp(self) -> "Value":
        """e to the power of self."""
        return unary(ops.exp, self)

    def expm1(self) -> "Value":
        """e to the power of self, less 1."""
        return unary(ops.expm1, self)

    def log(self) -> "Value":
        """The natural logarithm."""
        return unary(ops.log, self)

    def log1p(self) -> "Value":
        """log(1 + self)."""
        return unary(ops.log1p, self)

    def sqrt(self) -> "Value":
        """The square root."""
        return unary(ops.sqrt, self)

    def sin(self) -> "Value":
        """The sine, in radians."""
        return unary(ops.sin, self)

    def cos(self) -> "Value":
        """The cosine, in radians."""
        return unary(ops.cos, self)

    def tan(self) -> "Value":
        """The tangent, in radians."""
        return unary(ops.tan, self)

    def atan(self) -> "Value":
        """The angle, in radians, whose tangent is self."""
        return unary(ops.atan, self)

    def arctan(self) -> "Value":
        """`atan` under numpy's name."""
        return unary(ops.atan, self)

    def tanh(self) -> "Value":
        """The hyperbolic tangent."""
        return unary(ops.tanh, self)

    def sigmoid(self) -> "Value":
        """σ(self) = 1 / (1 + e^−self)."""
        return unary(ops.sigmoid, self)

    def relu(self) -> "Value":
        """max(self, 0), with derivative 0 at 0."""
        return unary(ops.relu, self)


Value._data = vars(Value)["data"]


def number(given: "Value | float") -> float:
    """The float of a Value or of a plain number."""
    return given.data if isinstance(given, Value) else as_float(given)


def lift(given: "Value | float") -> Value:
    """`given` as an operand: itself if it is a Value, else a constant."""
    if isinstance(given, Value):
        return given
    node = Value(given)
    node.op = ops.constant
    return node


def record(op: Op, operands: tuple[Any, ...]) -> Value:
    """The node for `op` on `operands`, with its number and its local derivatives.

    An operation on an instance of a subclass gives an instance of that subclass. Raises TypeError for an
    operand that is neither a Value nor a real number.
    """
    kind = Value
    xs = tuple([operand._data for operand in operands if operand.__class__ is Value])
    if len(xs) != len(operands):
        operands = tuple([lift(operand) for operand in operands])
        xs = tuple([operand._data for operand in operands])
        kind = next((operand.__class__ for operand in operands if operand.__class__ is not Value), Value)
    z = op.forward(xs) if op.variadic else op.forward(*xs)
    try:
        partials = op.derivative(xs, z) if op.variadic else op.derivative(*xs, z)
    except ArithmeticError:
        partials = _partials_at_edge(op, xs, z)
    if len(operands) > 2:  # what pack does, without the calls
        return _node(op, z, operands, None, partials, None, kind)
    return _node(op, z, *pack(operands), *pack(partials), kind)


def unary(op: Op, x: Value) -> Value:
    """`record(op, (x,))` with the general case written out: half its time, for activations."""
    if x.__class__ is not Value:
        return record(op, (x,))
    x_data = x._data
    z = op.forward(x_data)
    try:
        (partial,) = op.derivative(x_data, z)
    except ArithmeticError:
        (partial,) = _partials_at_edge(op, (x_data,), z)
    return _node(op, z, x, None, partial, None)


def binary(op: Op, x: Value, y: Any) -> Value:
    """`record(op, (x, y))` with the general case written out: half its time, for the operators."""
    if y.__class__ is not Value:
        y = lift(y)
    if x.__class__ is not Value or y.__class__ is not Value:
        return record(op, (x, y))
    x_data = x._data
    y_data = y._data
    z = op.forward(x_data, y_data)
    try:
        x_partial, y_partial = op.derivative(x_data, y_data, z)
    except ArithmeticError:
        x_partial, y_partial = _partials_at_edge(op, (x_data, y_data), z)
    node = _new(Value)  # what _node does: a call would add a tenth to every operator
    node.data = z
    node.grad = NOT_COMPUTED
    node.label = ""
    node.op = op
    node.x = x
    node.y = y
    node.x_partial = x_partial
    node.y_partial = y_partial
    return node


def _node(
    op: Op, z: float, x: Any, y: Any, x_partial: Any, y_partial: Any, kind: type[Value] = Value
) -> Value:
    node = _new(kind)
    node.data = z
    node.grad = NOT_COMPUTED
    node.label = ""
    node.op = op
    node.x = x
    node.y = y
    node.x_partial = x_partial
    node.y_partial = y_partial
    return node


def _partials_at_edge(op: Op, xs: tuple[float, ...], z: float) -> tuple[float, ...]:
    """The local derivatives where the rule raises on plain floats (1 / 0), from floats that do not."""
    return tuple([float(partial) for partial in op.partials(tuple([Float(x) for x in xs]), Float(z))])


def _leaf(data: float, grad: float | None, label: str, op: Op | None) -> Value:
    leaf = Value(data, label)
    leaf.op = op
    if grad is not None:
        leaf.grad = grad
    return leaf
