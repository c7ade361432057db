"""How fast compiled programs are, beside six peers, measured in turn in one run.

    python benchmarks/compiled.py [--rounds 15] [--json results.json]

Each engine lives in a process of its own and computes the same in float64, which is checked first; what is
reported is the median over the rounds of the ratio within a round.
"""

import sys
from statistics import median

from eager import HERE, Worker, peers_python, report

DEMO = {"sizes": [2, 16, 16, 1], "loss": "hinge", "seed": 0}
WIDE = {"sizes": [784, 50, 10], "loss": "cross-entropy", "seed": 0}
WORKS = {
    "2-16-16-1, 100 rows, hinge": (
        DEMO | {"rows": 100},
        ("numpy", "jax", "pytorch", "casadi", "xad", "micrograd"),
    ),
    "2-16-16-1, one row, hinge": (DEMO | {"rows": 1}, ("numpy", "jax", "pytorch")),
    "784-50-10, 64 rows, cross-entropy": (WIDE | {"rows": 64}, ("numpy", "jax", "pytorch")),
}


def check(ours: list, theirs: list, name: str) -> None:
    """Raise unless a peer computes the same loss and gradient."""
    pairs = [(ours[0], theirs[0]), *zip(ours[1], theirs[1], strict=True)]
    worst = max(abs(a - b) / max(1e-6, abs(a)) for a, b in pairs)
    if worst > 1e-8:
        raise SystemExit(f"{name} computes something else: off by {worst:.1e}")


def measure(problem: dict, names: tuple[str, ...], rounds: int) -> dict:
    """Microseconds of each engine's step, and the ratios of ours to the peers'."""
    script = HERE / "compiled_worker.py"
    ours = Worker("glassgrad", sys.executable, problem, script)
    peers = {name: Worker(name, peers_python(), problem, script) for name in names}
    reference = ours.ask("answer", 0)
    for name, peer in peers.items():
        check(reference, peer.ask("answer", 0), name)
    times: dict[str, list[float]] = {name: [] for name in ("glassgrad", "glassgrad on Values", *names)}
    for _ in range(rounds):
        times["glassgrad"].append(ours.ask("step", 0.1))
        times["glassgrad on Values"].append(ours.ask("on_values", 0.1))
        for name, peer in peers.items():
            times[name].append(peer.ask("step", 0.1))
    ratios = {
        f"{mine} / {peer}": median(a / b for a, b in zip(times[mine], times[peer]))
        for mine in ("glassgrad", "glassgrad on Values")
        for peer in names
    }
    microseconds = {name: 1e6 * median(runs) for name, runs in times.items()}
    seconds = {
        "seconds to load the compiler": ours.ask("loading", 0),
        "seconds to record, group and run": ours.ask("ready", 0),
    }
    return seconds | {"microseconds": microseconds} | ratios


def measure_all(rounds: int) -> dict:
    """All that this benchmark measures."""
    return {work: measure(problem, peers, rounds) for work, (problem, peers) in WORKS.items()}


if __name__ == "__main__":
    report(__doc__, measure_all, rounds=15)
