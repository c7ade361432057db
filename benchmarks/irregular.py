"""How fast a graph without any regularity is ready and runs, beside CasADi, measured in turn in one run.

    python benchmarks/irregular.py [--rounds 9] [--json results.json]

5,000 nodes at random, 256 rows, the mean and 16 gradients. "Ready" is from the function to the first answer,
with the kernels' cache warm. JAX, whose compiler takes minutes for 5,000 such nodes, is asked for 500.
"""

import sys
from statistics import median

from compiled import check
from eager import HERE, Worker, peers_python, report

SCRIPT = HERE / "irregular_worker.py"
NODES, ROWS = 5_000, 256
FEWER = 500  # nodes that JAX gets


def measure(rounds: int) -> dict:
    """Seconds until ready and microseconds of a step, and the medians of the ratios within a round."""
    problem = {"nodes": NODES, "rows": ROWS}
    ours = Worker("glassgrad", sys.executable, problem, SCRIPT)
    casadi = Worker("casadi", peers_python(), problem, SCRIPT)
    check(ours.ask("answer", 0), casadi.ask("answer", 0), "casadi")
    pairs = [(ours.ask("step", 0.3), casadi.ask("step", 0.3)) for _ in range(rounds)]
    small = {"nodes": FEWER, "rows": ROWS}
    ours_small = Worker("glassgrad", sys.executable, small, SCRIPT)
    jax = Worker("jax", peers_python(), small, SCRIPT)
    check(ours_small.ask("answer", 0), jax.ask("answer", 0), "jax")
    return {
        f"{NODES} nodes, seconds until ready": {
            "glassgrad": ours.ask("ready", 0),
            "casadi": casadi.ask("ready", 0),
        },
        f"{NODES} nodes, microseconds": {
            "glassgrad": 1e6 * median(a for a, _ in pairs),
            "casadi": 1e6 * median(b for _, b in pairs),
        },
        f"{NODES} nodes, glassgrad / casadi": median(a / b for a, b in pairs),
        f"{FEWER} nodes, seconds until ready": {
            "glassgrad": ours_small.ask("ready", 0),
            "jax": jax.ask("ready", 0),
        },
    }


if __name__ == "__main__":
    report(__doc__, measure, rounds=9)
