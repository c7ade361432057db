"""How the time of a compiled step grows with rows and with nodes, and what a million nodes cost.

    python benchmarks/growth.py [--rounds 9] [--json results.json]

Times are of one row and, for irregular graphs, of one node that depends on an input; flat is good: the growth
is the largest over the smallest of the medians of ratios within a round. Of a graph of 1,000 nodes a fifth
depends on parameters alone, or the result not on it, and costs a row nothing.
The million nodes have 256 rows.
"""

import sys
from statistics import median

from compiled import DEMO
from eager import HERE, Worker, report

ROWS = [10**k for k in range(2, 7)]
NODES = [10**k for k in range(3, 6)]
MILLION = {"nodes": 1_000_000, "rows": 256}


def in_turn(asked: dict[int, Worker], parts: dict[int, float], rounds: int) -> dict:
    """Nanoseconds of a part of a step of each worker, and their growth.

    parts: how many parts each step has. The workers take turns, as the machine's speed drifts.
    """
    times = [
        {n: 1e9 * worker.ask("step", 0.3) / parts[n] for n, worker in asked.items()} for _ in range(rounds)
    ]
    ratios = [median(each[n] / each[min(asked)] for each in times) for n in asked]
    return {n: median(each[n] for each in times) for n in asked} | {"growth": max(ratios) / min(ratios)}


def workers(problems: dict[int, dict], script: str) -> dict[int, Worker]:
    """A worker for each problem."""
    return {n: Worker("glassgrad", sys.executable, each, HERE / script) for n, each in problems.items()}


def measure(rounds: int) -> dict:
    """Nanoseconds, and for a million nodes seconds and bytes."""
    networks = workers({n: DEMO | {"rows": n} for n in ROWS}, "compiled_worker.py")
    by_rows = in_turn(networks, {n: n for n in ROWS}, rounds)
    graphs = workers({n: {"nodes": n, "rows": 256} for n in NODES}, "irregular_worker.py")
    by_nodes = in_turn(graphs, {n: 256 * graph.ask("nodes") for n, graph in graphs.items()}, rounds)
    large = Worker("glassgrad", sys.executable, MILLION, HERE / "irregular_worker.py")
    return {
        "2-16-16-1, ns for a row of a batch of so many": by_rows,
        "irregular, ns for a row and a node that depends on an input, of so many": by_nodes,
        "a million irregular nodes": {
            "seconds until ready": large.ask("ready", 0),
            "seconds of a step": large.ask("step", 0.0),
            "bytes at most": large.ask("memory", 0),
        },
    }


if __name__ == "__main__":
    report(__doc__, measure, rounds=9)
