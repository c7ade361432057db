"""Timing of one step inside a worker."""

import time
from statistics import median


def repeat(step, seconds):
    """The median seconds of a step, from as many as fit into `seconds`, after one that is not counted."""
    step()
    runs, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(runs) < 3:
        start = time.perf_counter()
        step()
        runs.append(time.perf_counter() - start)
    return median(runs)
