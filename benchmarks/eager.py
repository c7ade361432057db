"""How fast the eager engine is, beside micrograd and XAD's C++ tape, measured in turn in one run.

    python benchmarks/eager.py [--rounds 15] [--json results.json]

The peers are installed from PyPI into an environment of their own (benchmarks/.peers, made at first use).
Each engine lives in a process of its own; they take turns, so that a machine whose speed drifts slows all
of them, and what is reported is the median over the rounds of the ratio within a round. Times are the
processor's, so that a process that has to wait for one counts no more than another.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
SIZES = [2, 16, 16, 1]


def peers_python() -> str:
    """The interpreter of the peers' environment, made if it is not there."""
    folder = HERE / ".peers"
    python = folder / "bin" / "python"
    if not python.exists():
        print("installing the peers …", file=sys.stderr)
        venv.create(folder, with_pip=True)
        requirements = str(HERE / "peers.txt")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return str(python)


def demo_problem() -> dict:
    """micrograd's demo: 100 points in two moons, and the start of a 2-16-16-1 network."""
    from nn import make_moons

    X, y = make_moons(100, noise=0.1, seed=0)
    draw = random.Random(0)
    count = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(SIZES))
    parameters = [draw.uniform(-1, 1) for _ in range(count)]
    return {"X": X, "y": [2.0 * label - 1.0 for label in y], "sizes": SIZES, "parameters": parameters}


class Worker:
    """An engine in a process of its own."""

    def __init__(
        self, engine: str, python: str, problem: dict, script: Path = HERE / "eager_worker.py"
    ) -> None:
        self.process = subprocess.Popen(
            [python, str(script), engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ
            | {"PYTHONPATH": str(HERE.parent) if engine == "glassgrad" else ""}
            | {"OPENBLAS_NUM_THREADS": "1"},  # at these sizes a second thread only gets in the way
        )
        self._send(problem)

    def _send(self, message: object) -> None:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, task: str, argument: object = None):
        """The worker's answer to one task."""
        self._send([task, argument])
        return json.loads(self.process.stdout.readline())


def check(ours: dict, theirs: dict, name: str) -> None:
    """Raise unless a peer computes the same loss and gradient."""
    pairs = [(ours["loss"], theirs["loss"]), *zip(ours["gradient"], theirs["gradient"], strict=True)]
    worst = max(abs(a - b) / max(1e-6, abs(a)) for a, b in pairs)
    if worst > 1e-9:
        raise SystemExit(f"{name} computes something else: off by {worst:.1e}")


def seconds(step: dict) -> float:
    return step["forward"] + step["backward"]


def measure_steps(ours: Worker, micrograd: Worker, xad: Worker, rounds: int) -> dict:
    """The demo's step, forward and backward, and the same per node where it is typed out."""
    kinds = {
        "glassgrad layers": (ours, "layers"),
        "glassgrad typed": (ours, "typed"),
        "micrograd layers": (micrograd, "layers"),
        "micrograd typed": (micrograd, "typed"),
        "xad typed": (xad, "typed"),
    }
    reference = ours.ask("step", "typed")
    for name, (worker, kind) in kinds.items():
        check(reference, worker.ask("step", kind), name)
    table = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, (worker, kind) in kinds.items():
            table[name].append(worker.ask("step", kind))
    nodes = {"glassgrad": ours.ask("nodes"), "micrograd": micrograd.ask("nodes")}

    def ratio(first: str, second: str, part=seconds) -> float:
        return median(part(a) / part(b) for a, b in zip(table[first], table[second]))

    def per_node(part: str) -> float:
        return ratio("glassgrad typed", "micrograd typed", lambda step: step[part]) * (
            nodes["micrograd"] / nodes["glassgrad"]
        )

    return {
        "milliseconds": {name: 1e3 * median(map(seconds, steps)) for name, steps in table.items()},
        "nodes": nodes,
        "micrograd / ours, both with layers": ratio("micrograd layers", "glassgrad layers"),
        "micrograd / ours, both typed out": ratio("micrograd typed", "glassgrad typed"),
        "xad typed out / ours with layers": ratio("xad typed", "glassgrad layers"),
        "creating a node, ours / micrograd": per_node("forward"),
        "backward per node, ours / micrograd": per_node("backward"),
        "nanoseconds per node": {
            engine: {
                part: 1e9 * median(step[part] for step in table[f"{engine} typed"]) / nodes[engine]
                for part in ("forward", "backward")
            }
            for engine in nodes
        },
    }


def measure_chains(ours: Worker, micrograd: Worker, rounds: int) -> dict:
    """What a node of a chain of 1,000 costs, ours over micrograd's."""
    runs = [
        (ours.ask("chain", [1000, True]), micrograd.ask("chain", [1000, True])) for _ in range(10 * rounds)
    ]
    return {part: median(a[part] / b[part] for a, b in runs) for part in ("forward", "backward")}


def measure_growth(workers: dict[str, Worker], collect: bool) -> dict:
    """Nanoseconds per node by the length of a chain, and how much more a node of the longest costs.

    Python's collector of cycles looks at every live object again each time the heap has grown by a quarter,
    be there cycles or not; timeit switches it off.
    """
    shortest, *_, longest = lengths = (1_000, 10_000, 100_000, 1_000_000)
    rounds = [
        {(e, n): seconds(w.ask("chain", [n, collect])) / n for n in lengths for e, w in workers.items()}
        for _ in range(3)
    ]
    return {
        engine: {
            **{f"{n:,}": 1e9 * median(per_node[engine, n] for per_node in rounds) for n in lengths},
            "growth": median(per_node[engine, longest] / per_node[engine, shortest] for per_node in rounds),
        }
        for engine in workers
    }


def measure_import(rounds: int) -> float:
    """Milliseconds that `import autograd`, compiled to bytecode before, adds to a bare interpreter."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        return time.perf_counter() - start

    run("import autograd")
    return 1e3 * median(run("import autograd") - run("pass") for _ in range(2 * rounds))


def report(description: str, measure: Callable[[int], dict], rounds: int) -> None:
    """What every benchmark is as a command: measure, print the results, and write them if asked to."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=rounds, help="how often the engines take turns")
    parser.add_argument("--json", type=Path, help="where to write the results")
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE.parent))
    os.environ["PYTHONPATH"] = str(HERE.parent)
    text = json.dumps(measure(arguments.rounds), indent=2, ensure_ascii=False)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")


def measure_all(rounds: int) -> dict:
    """All that this benchmark measures."""
    problem = demo_problem()
    ours = Worker("glassgrad", sys.executable, problem)
    micrograd, xad = (Worker(engine, peers_python(), problem) for engine in ("micrograd", "xad"))
    engines = {"glassgrad": ours, "micrograd": micrograd}
    memory = {engine: worker.ask("memory") for engine, worker in engines.items()}
    return {
        "python": sys.version.split()[0],
        "step": measure_steps(ours, micrograd, xad, rounds),
        "chain of 1,000 nodes, ours / micrograd": measure_chains(ours, micrograd, rounds),
        "chains, ns per node, collector off": measure_growth(engines, collect=False),
        "chains, ns per node, collector on": measure_growth(engines, collect=True),
        "bytes per node": memory | {"ratio": memory["glassgrad"] / memory["micrograd"]},
        "import autograd, ms": measure_import(rounds),
    }


if __name__ == "__main__":
    report(__doc__, measure_all, rounds=15)
