"""Early stopping: the best parameters of a training so far, and whether to go on looking for better ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd import Value
from nn.checks import checked_number, checked_whole


class EarlyStopping:
    """The parameters of the epoch with the least loss, and a limit on the epochs that may follow it.

    Training should stop once `patience` epochs in a row have not brought the loss more than `min_delta`
    below the best. A patience of None means never, and remembers nothing.

    >>> w = Value(1.0)
    >>> stopping = EarlyStopping([w], patience=2)
    >>> for epoch, loss in enumerate([0.5, 0.7, 0.6], start=1):
    ...     w.data = float(epoch)
    ...     print(stopping.should_stop(epoch, loss))
    False
    False
    True
    >>> stopping.restore(), w.data
    (1, 1.0)
    """

    def __init__(self, parameters: Sequence[Value], patience: int | None, min_delta: float = 0.0) -> None:
        self.parameters = parameters
        self.patience = math.inf if patience is None else checked_whole("patience", patience, low=1)
        self.min_delta = checked_number("min_delta", min_delta)
        self.best_loss = math.inf
        self.best_epoch: int | None = None
        self.best: list[float] = []

    def should_stop(self, epoch: int, loss: float) -> bool:
        """Whether an epoch with this loss, now over, was one too many; a loss of nan is no improvement."""
        if self.patience == math.inf:
            return False
        if self.best_epoch is None or loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = loss, epoch
            self.best = [parameter.data for parameter in self.parameters]
        return epoch - self.best_epoch >= self.patience

    def restore(self) -> int | None:
        """Gives the parameters of the best epoch back, and returns which it was, if there is one."""
        for parameter, number in zip(self.parameters, self.best):
            parameter.data = number
        return self.best_epoch
