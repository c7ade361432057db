"""What every optimiser is: parameters, a rule that moves one of them, and a state to resume from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from autograd import Value
from nn.checks import checked_number, checked_whole

Numbers: TypeAlias = Any  # a float, or a NumPy array of floats: a rule is one line for both
State: TypeAlias = dict[str, Numbers]  # what a parameter remembers between steps, under PyTorch's names


class Optimizer(ABC):
    """A list of parameters and the rule that moves each of them against its gradient.

    A subclass stores its arguments under their own names and writes the rule, `update`. A parameter that
    is listed twice is moved once. A gradient of 0 is a gradient: momentum and weight decay still act.

    >>> class SignDescent(Optimizer):
    ...     def update(self, data, gradient, state):
    ...         return data - self.lr * ((gradient > 0) - (gradient < 0))
    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> SignDescent([w], lr=0.5).step()
    >>> w.data
    2.5
    """

    def __init__(self, params: Iterable[Value], lr: float, weight_decay: float = 0.0) -> None:
        self.parameters = _distinct_leaves(params)
        self.lr = checked_number("lr", lr)
        self.weight_decay = checked_number("weight_decay", weight_decay)
        self.steps = 0
        self.state: list[State] = [{} for _ in self.parameters]

    @abstractmethod
    def update(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        """The parameter's next number; what the rule remembers is put into `state`, empty before step 1.

        `self.steps` already counts this step. The arguments are floats, or arrays of one shape.
        """

    def step(self) -> None:
        """Moves every parameter once, by the gradients that `backward()` left."""
        self.steps += 1
        for parameter, state in zip(self.parameters, self.state, strict=True):
            parameter.data = self.update(parameter.data, parameter.grad, state)

    def zero_grad(self) -> None:
        """Sets every parameter's gradient to 0, ready for the next `backward()`."""
        start = Value(0.0).grad  # which says of itself that it was not computed
        for parameter in self.parameters:
            parameter.grad = start

    def decayed(self, gradient: Numbers, data: Numbers) -> Numbers:
        """The gradient of the loss plus ½·weight_decay·data²."""
        return gradient + self.weight_decay * data if self.weight_decay else gradient

    def arguments(self) -> dict[str, Any]:
        """The arguments that the rule goes by, by name; `lr` as it is now."""
        return {
            name: given for name, given in vars(self).items() if name not in ("parameters", "steps", "state")
        }

    def state_dict(self) -> dict[str, Any]:
        """All that a later process needs to take the next step as this one would; fits in JSON."""
        return {
            "optimizer": type(self).__name__,
            "arguments": self.arguments(),
            "steps": self.steps,
            "state": [dict(state) for state in self.state],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continues where the optimiser that gave `state_dict` stopped.

        Raises ValueError, and changes nothing, where it is of another optimiser, another number of
        parameters, or lacks a part.
        """
        if missing := {"optimizer", "arguments", "steps", "state"} - state_dict.keys():
            raise ValueError(f"the state of an optimiser has no {', '.join(sorted(missing))}")
        if state_dict["optimizer"] != type(self).__name__:
            raise ValueError(
                f"the state is of {state_dict['optimizer']}, this optimiser is {type(self).__name__}"
            )
        arguments, state = state_dict["arguments"], state_dict["state"]
        if arguments.keys() != self.arguments().keys():
            raise ValueError(
                f"the state's arguments are {sorted(arguments)}, expected {sorted(self.arguments())}"
            )
        if len(state) != len(self.parameters):
            raise ValueError(
                f"the state is of {len(state)} parameters, this optimiser has {len(self.parameters)}"
            )
        # Built afresh, so that the constructor checks the arguments before anything of this one is changed.
        restored = type(self)(self.parameters, **arguments)
        restored.steps = checked_whole("steps", state_dict["steps"])
        restored.state = [dict(remembered) for remembered in state]
        vars(self).update(vars(restored))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={argument!r}" for name, argument in self.arguments().items())
        return f"{type(self).__name__}({given})"


def _distinct_leaves(params: Iterable[Value]) -> list[Value]:
    if not isinstance(params, Iterable):
        raise TypeError(f"params is {params!r}: expected a list of Values, such as model.parameters()")
    parameters = list(params)
    if not parameters:
        raise ValueError("params is empty: expected at least one Value")
    for index, parameter in enumerate(parameters):
        if not isinstance(parameter, Value):
            raise TypeError(f"params[{index}] is {parameter!r}: expected a Value")
        if parameter.parents:
            raise TypeError(
                f"params[{index}] is {parameter!r}, the result of an operation: "
                "expected a leaf, because the operation's operands would not follow"
            )
    return list(dict.fromkeys(parameters))
