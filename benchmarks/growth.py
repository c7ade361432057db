"""How the time of a compiled step grows with rows and with nodes, and what a million nodes cost.

    python benchmarks/growth.py [--rounds 3] [--json results.json]

Times are of one row and, for irregular graphs, of one node; flat is good. The million nodes have 256 rows.
"""

import sys
from statistics import median

from compiled import DEMO
from eager import HERE, Worker, report

ROWS = [10**k for k in range(2, 7)]
NODES = [10**k for k in range(3, 6)]
MILLION = {"nodes": 1_000_000, "rows": 256}
IRREGULAR = HERE / "irregular_worker.py"


def asked(problem: dict, script: str, rounds: int) -> float:
    """Seconds of a step."""
    worker = Worker("glassgrad", sys.executable, problem, HERE / script)
    return median(worker.ask("step", 0.3) for _ in range(rounds))


def measure(rounds: int) -> dict:
    """Nanoseconds, and for a million nodes seconds and bytes."""
    by_rows = {n: 1e9 * asked(DEMO | {"rows": n}, "compiled_worker.py", rounds) / n for n in ROWS}
    by_nodes = {
        n: 1e9 * asked({"nodes": n, "rows": 256}, "irregular_worker.py", rounds) / n / 256 for n in NODES
    }
    large = Worker("glassgrad", sys.executable, MILLION, IRREGULAR)
    return {
        "2-16-16-1, ns for a row of a batch of so many": by_rows,
        "irregular, ns for a node of so many and a row": by_nodes,
        "a million irregular nodes": {
            "seconds until ready": large.ask("ready", 0),
            "seconds of a step": large.ask("step", 0.0),
            "bytes at most": large.ask("memory", 0),
        },
    }


if __name__ == "__main__":
    report(__doc__, measure, rounds=3)
