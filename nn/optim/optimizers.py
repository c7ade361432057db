"""Optimisers: how a parameter moves, given its gradient, with PyTorch's names, arguments and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd import Value
from nn.checks import checked_number
from nn.optim.optimizer import Numbers, Optimizer, State


class SGD(Optimizer):
    """Gradient descent, with momentum v ← momentum·v + (1 − dampening)·g where momentum is not 0.

    The first step is not dampened. With `nesterov`, the step goes along g + momentum·v.

    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.001,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.momentum = checked_number("momentum", momentum)
        self.dampening = checked_number("dampening", dampening)
        self.nesterov = nesterov
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"nesterov=True with momentum={momentum!r} and dampening={dampening!r}: "
                "expected a momentum above 0 and no dampening"
            )

    def step(self) -> None:
        if self.momentum or self.weight_decay:
            super().step()
            return
        self.steps += 1
        lr = self.lr
        for parameter in self.parameters:  # as `update` does it, without a call for each
            parameter.data -= lr * parameter.grad

    def update(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        gradient = self.decayed(gradient, data)
        if self.momentum == 0:
            return data - self.lr * gradient
        share = 1 - self.dampening if state else 1.0
        velocity = self.momentum * state.get("momentum_buffer", 0.0) + share * gradient
        state["momentum_buffer"] = velocity
        if self.nesterov:
            velocity = gradient + self.momentum * velocity
        return data - self.lr * velocity


class RMSprop(Optimizer):
    """Steps of g/√(running mean of g²); with `centered`, of g/√(running variance of g).

    Where rounding makes that variance negative it counts as 0; PyTorch's result there is nan.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> RMSprop([w], lr=0.1, alpha=0.75).step()
    >>> round(w.data, 6)  # 1 − 0.1·2/√(0.25·2²)
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.alpha = checked_number("alpha", alpha, below=1.0)
        self.eps = checked_number("eps", eps)
        self.momentum = checked_number("momentum", momentum)
        self.centered = centered

    def update(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        gradient = self.decayed(gradient, data)
        alpha = self.alpha
        spread = alpha * state.get("square_avg", 0.0) + (1 - alpha) * gradient * gradient
        state["square_avg"] = spread
        if self.centered:
            mean = alpha * state.get("grad_avg", 0.0) + (1 - alpha) * gradient
            state["grad_avg"] = mean
            spread = _larger(spread - mean * mean, 0.0)
        step = _ratio(gradient, spread**0.5 + self.eps)
        if self.momentum:
            step = self.momentum * state.get("momentum_buffer", 0.0) + step
            state["momentum_buffer"] = step
        return data - self.lr * step


class Adagrad(Optimizer):
    """Steps of g/√(sum of all g² so far), their rate lr/(1 + lr_decay·(steps − 1)).

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> Adagrad([w], lr=0.1).step()
    >>> round(w.data, 6)  # the first step is lr·sign(g)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.lr_decay = checked_number("lr_decay", lr_decay)
        self.initial_accumulator_value = checked_number(
            "initial_accumulator_value", initial_accumulator_value
        )
        self.eps = checked_number("eps", eps)

    def update(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        gradient = self.decayed(gradient, data)
        total = state.get("sum", self.initial_accumulator_value) + gradient * gradient
        state["sum"] = total
        rate = self.lr / (1 + (self.steps - 1) * self.lr_decay)
        return data - rate * _ratio(gradient, total**0.5 + self.eps)


class Adam(Optimizer):
    """Steps of m/√v, with m and v the running means of g and g² corrected for starting at 0.

    With `amsgrad`, v is the largest that there has been. Kingma and Ba (2015), algorithm 1.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.data, 6)  # the first step is lr·sign(g)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.001,
        betas: Sequence[float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise ValueError(
                f"betas is {betas!r}: expected two numbers, the decay of the mean of g and of g²"
            )
        self.betas = (
            checked_number("betas[0]", betas[0], below=1.0),
            checked_number("betas[1]", betas[1], below=1.0),
        )
        self.eps = checked_number("eps", eps)
        self.amsgrad = amsgrad

    def update(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        return self.moved(data, self.decayed(gradient, data), state)

    def moved(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        """The parameter's next number, before or without any weight decay."""
        beta1, beta2 = self.betas
        mean = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        square = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * gradient * gradient
        state["exp_avg"], state["exp_avg_sq"] = mean, square
        if self.amsgrad:
            square = _larger(square, state.get("max_exp_avg_sq", 0.0))
            state["max_exp_avg_sq"] = square
        rate = self.lr / (1 - beta1**self.steps)
        return data - rate * _ratio(mean, (square / (1 - beta2**self.steps)) ** 0.5 + self.eps)


class AdamW(Adam):
    """Adam with weight decay taken off the parameter itself, so that √v does not scale it.

    Loshchilov and Hutter (2019), algorithm 2.

    >>> w = Value(1.0)
    >>> AdamW([w], lr=0.1, weight_decay=0.5).step()  # no gradient: only the decay, 1 − 0.1·0.5
    >>> w.data
    0.95
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 0.001,
        betas: Sequence[float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)

    def update(self, data: Numbers, gradient: Numbers, state: State) -> Numbers:
        return self.moved(data * (1 - self.lr * self.weight_decay), gradient, state)


def _larger(x: Numbers, y: Numbers) -> Numbers:
    return max(x, y) if isinstance(x, float) else x.clip(y)


def _ratio(x: Numbers, y: Numbers) -> Numbers:
    """x/y as IEEE 754 has it, which is what arrays do; on floats Python raises for y = 0."""
    return x * math.inf if isinstance(y, float) and y == 0.0 else x / y
