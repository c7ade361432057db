"""Schedules: how an optimiser's `lr` changes from epoch to epoch, with PyTorch's names and numbers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, SupportsFloat

from nn.checks import checked_number, checked_whole
from nn.optim.optimizer import Optimizer


class LRScheduler:
    """An optimiser whose `lr` changes from epoch to epoch, and a state to resume from."""

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer is {optimizer!r}: expected an Optimizer, such as SGD")
        self.optimizer = optimizer
        self.last_epoch = 0

    def get_last_lr(self) -> list[float]:
        """The rate now, in a list of one: in PyTorch there is one for each group of parameters."""
        return [self.optimizer.lr]

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser, whose own `state_dict` holds `lr`; fits in JSON."""
        return {name: held for name, held in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continues where the schedule that gave `state_dict` stopped; ValueError if that is another kind."""
        if state_dict.keys() != self.state_dict().keys():
            expected = sorted(self.state_dict())
            raise ValueError(f"the state of {type(self).__name__} has {expected}, not {sorted(state_dict)}")
        vars(self).update(state_dict)


class Recurrence(LRScheduler, ABC):
    """A schedule whose rates follow each from the one before, so that several of one optimiser compose."""

    def step(self) -> None:
        """Ends an epoch: sets the optimiser's `lr` for the next one."""
        self.last_epoch += 1
        self.optimizer.lr = self.next_lr(self.optimizer.lr)

    @abstractmethod
    def next_lr(self, lr: float) -> float:
        """The rate for epoch `last_epoch` (the first is 0), where that of the epoch before is `lr`."""


class StepLR(Recurrence):
    """A rate multiplied by `gamma` after every `step_size` epochs.

    >>> from autograd import Value
    >>> from nn.optim.optimizers import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for epoch in range(4):
    ...     print(optimizer.lr, end=" ")
    ...     schedule.step()
    1.0 1.0 0.5 0.5
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        self.step_size = checked_whole("step_size", step_size, low=1)
        self.gamma = checked_number("gamma", gamma)

    def next_lr(self, lr: float) -> float:
        return lr * self.gamma if self.last_epoch % self.step_size == 0 else lr


class ExponentialLR(Recurrence):
    """A rate multiplied by `gamma` after every epoch.

    >>> from autograd import Value
    >>> from nn.optim.optimizers import SGD
    >>> schedule = ExponentialLR(SGD([Value(1.0)], lr=1.0), gamma=0.5)
    >>> schedule.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer)
        self.gamma = checked_number("gamma", gamma)

    def next_lr(self, lr: float) -> float:
        return lr * self.gamma


class CosineAnnealingLR(Recurrence):
    """A rate that falls along a half cosine to `eta_min` in `T_max` epochs, then rises along the next one.

    Loshchilov and Hutter (2017), equation 5, without restarts.

    >>> from autograd import Value
    >>> from nn.optim.optimizers import SGD
    >>> schedule = CosineAnnealingLR(SGD([Value(1.0)], lr=1.0), T_max=2)
    >>> schedule.step()
    >>> round(schedule.get_last_lr()[0], 6)
    0.5
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer)
        self.T_max = checked_whole("T_max", T_max, low=1)
        self.eta_min = checked_number("eta_min", eta_min)
        self.base_lr = optimizer.lr

    def next_lr(self, lr: float) -> float:
        # eta_min + (lr₀ − eta_min)·(1 + cos πt/T)/2 as a recurrence; where t − 1 is an odd multiple of T, the
        # factor would be 0/0: there the rate is eta_min, and the rise of one epoch is added to it.
        t, T = self.last_epoch, self.T_max
        if (t - 1 - T) % (2 * T) == 0:
            return lr + (self.base_lr - self.eta_min) * (1 - math.cos(math.pi / T)) / 2
        factor = (1 + math.cos(math.pi * t / T)) / (1 + math.cos(math.pi * (t - 1) / T))
        return factor * (lr - self.eta_min) + self.eta_min


class ReduceLROnPlateau(LRScheduler):
    """A rate multiplied by `factor` once a metric has not improved for more than `patience` epochs.

    An improvement is by more than `threshold`: of the best value (`threshold_mode="rel"`), or in the
    metric's own unit (`"abs"`). After a reduction, `cooldown` epochs do not count as bad. The rate does
    not fall below `min_lr`, nor change by less than `eps`.

    >>> from autograd import Value
    >>> from nn.optim.optimizers import SGD
    >>> schedule = ReduceLROnPlateau(SGD([Value(1.0)], lr=1.0), factor=0.5, patience=1)
    >>> for loss in (3.0, 3.0, 3.0):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(optimizer)
        if mode not in ("min", "max"):
            raise ValueError(f"mode is {mode!r}: expected 'min' for a metric that should fall, or 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode is {threshold_mode!r}: expected 'rel' or 'abs'")
        self.mode = mode
        self.factor = checked_number("factor", factor, below=1.0)
        self.patience = checked_whole("patience", patience)
        self.threshold = checked_number("threshold", threshold)
        self.threshold_mode = threshold_mode
        self.cooldown = checked_whole("cooldown", cooldown)
        self.min_lr = checked_number("min_lr", min_lr)
        self.eps = checked_number("eps", eps)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0

    def step(self, metrics: SupportsFloat) -> None:
        """Ends an epoch whose metric was `metrics`: sets the optimiser's `lr` for the next one."""
        metric = float(metrics)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self.improved(metric):
            self.best, self.num_bad_epochs = metric, 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            lr = max(self.optimizer.lr * self.factor, self.min_lr)
            self.optimizer.lr = lr if self.optimizer.lr - lr > self.eps else self.optimizer.lr

    def improved(self, metric: float) -> bool:
        """Whether `metric` is better than the best so far, by more than the threshold; nan is not."""
        sign = 1.0 if self.mode == "max" else -1.0
        margin = sign * self.threshold
        bar = self.best * (1.0 + margin) if self.threshold_mode == "rel" else self.best + margin
        return sign * metric > sign * bar
