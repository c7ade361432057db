"""Tests of nn.training.stopping."""

import math

from autograd import Value
from nn.training.stopping import EarlyStopping


def test_early_stopping_counts_from_the_last_real_improvement():
    """Improvements of less than min_delta, and nan, do not count; patience None never stops or restores."""
    w = Value(0.0)
    stopping = EarlyStopping([w], patience=3, min_delta=0.1)
    losses = [1.0, 0.95, 0.85, math.nan, 0.8, 0.79]
    verdicts = []
    for epoch, loss in enumerate(losses, start=1):
        w.data = float(epoch)
        verdicts.append(stopping.should_stop(epoch, loss))
    assert verdicts == [False, False, False, False, False, True]
    assert stopping.restore() == 3
    assert w.data == 3.0
    never = EarlyStopping([w], patience=None)
    assert not any(never.should_stop(epoch, 1.0) for epoch in range(1, 100))
    assert never.restore() is None
    assert w.data == 3.0
