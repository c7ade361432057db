"""Checks of numbers that are given as settings: each returns the number, or raises an error that names it."""

from __future__ import annotations

import math
from numbers import Integral, Real


def checked_number(name: str, given: float, low: float = 0.0, below: float = math.inf) -> float:
    """`given` as a float, where low ≤ given < below; a ValueError where it is not.

    >>> checked_number("momentum", -1)
    Traceback (most recent call last):
    ValueError: momentum is -1: expected a finite number, at least 0
    """
    if isinstance(given, Real) and low <= given < below:
        return float(given)
    limit = f" and below {below:g}" if below < math.inf else ""
    raise ValueError(f"{name} is {given!r}: expected a finite number, at least {low:g}{limit}")


def checked_whole(name: str, given: int, low: int = 0) -> int:
    """`given` as an int, where it is a whole number and low ≤ given; a ValueError where it is not.

    >>> checked_whole("patience", 2.5)
    Traceback (most recent call last):
    ValueError: patience is 2.5: expected a whole number, at least 0
    """
    if isinstance(given, Integral) and given >= low:
        return int(given)
    raise ValueError(f"{name} is {given!r}: expected a whole number, at least {low}")
