"""One engine in a process of its own: times what it is asked to on standard input, a JSON line each.

Run by `eager.py`, with the Python of the engine's own environment. Every engine computes the same step
of micrograd's demo: the hinge loss of a 2-16-16-1 network on 100 points plus an L2 penalty, and its
gradient with respect to 337 parameters.
"""

import gc
import json
import sys
import time
import tracemalloc
from itertools import pairwise
from statistics import median

ALPHA = 1e-4


def typed_score(layers, x, relu):
    """The network typed out as × and +, as a beginner would write it. A layer is [([weights], bias), …]."""
    for depth, layer in enumerate(layers):
        outputs = []
        for weights, bias in layer:
            total = bias
            for weight, value in zip(weights, x):
                total = total + weight * value
            outputs.append(relu(total) if depth < len(layers) - 1 else total)
        x = outputs
    return x[0]


def typed_loss(layers, parameters, rows, y, relu):
    """mean max(0, 1 − y·score) + α Σ p², as micrograd's demo computes it."""
    scores = [typed_score(layers, x, relu) for x in rows]
    losses = [relu(1.0 + score * -target) for score, target in zip(scores, y)]
    penalty = parameters[0] * parameters[0]
    for p in parameters[1:]:
        penalty = penalty + p * p
    total = losses[0]
    for loss in losses[1:]:
        total = total + loss
    return total * (1.0 / len(losses)) + penalty * ALPHA


def layered(parameters, sizes):
    """The flat list of parameters as layers of (weights, bias)."""
    rest = iter(parameters)
    return [
        [([next(rest) for _ in range(fan_in)], next(rest)) for _ in range(fan_out)]
        for fan_in, fan_out in pairwise(sizes)
    ]


def chain(first, factor, term, length):
    """A chain of `length` nodes, × and + in turn."""
    x = first
    for _ in range(length // 2):
        x = x * factor
        x = x + term
    return x


class Graphs:
    """An engine with nodes on the heap, as micrograd has and as glassgrad has."""

    def __init__(self, value, mlp, problem):
        self.Value, self.problem = value, problem
        self.parameters = [value(p) for p in problem["parameters"]]
        self.layers = layered(self.parameters, problem["sizes"])
        self.model = mlp(problem["sizes"][0], problem["sizes"][1:])
        for p, number in zip(self.model.parameters(), problem["parameters"], strict=True):
            p.data = number

    def typed(self):
        rows = [[self.Value(x) for x in row] for row in self.problem["X"]]
        return typed_loss(self.layers, self.parameters, rows, self.problem["y"], lambda x: x.relu())

    def with_layers(self):
        """micrograd's demo to the letter."""
        inputs = [list(map(self.Value, row)) for row in self.problem["X"]]
        scores = list(map(self.model, inputs))
        losses = [(1 + -yi * score).relu() for yi, score in zip(self.problem["y"], scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + ALPHA * sum(p * p for p in self.model.parameters())

    def step(self, kind):
        parameters = self.parameters if kind == "typed" else self.model.parameters()
        for p in parameters:
            p.grad = 0.0
        start = time.process_time()
        loss = self.typed() if kind == "typed" else self.with_layers()
        middle = time.process_time()
        loss.backward()
        end = time.process_time()
        return {
            "forward": middle - start,
            "backward": end - middle,
            "loss": loss.data,
            "gradient": [p.grad for p in parameters],
        }

    def nodes(self, _):
        """How many nodes the typed step has, its leaves included."""
        return self.count(self.typed())

    def chain(self, argument):
        """The median seconds of a chain; with Python's collector off if asked for, as timeit measures."""
        length, collect = argument
        if not collect:
            gc.disable()
        runs = [self.time_chain(length) for _ in range(max(1, 100_000 // length))]
        gc.enable()
        gc.collect()  # micrograd's nodes are cycles
        return {part: median(run[part] for run in runs) for part in ("forward", "backward")}

    def time_chain(self, length):
        start = time.process_time()
        end_of_chain = chain(self.Value(1.0), self.Value(0.999999), self.Value(1e-6), length)
        middle = time.process_time()
        end_of_chain.backward()
        return {"forward": middle - start, "backward": time.process_time() - middle}

    def memory(self, _):
        """Bytes per node of the typed step's graph, by tracemalloc."""
        tracemalloc.start()
        loss = self.typed()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return held / self.count(loss)

    def count(self, root):
        seen, stack = {root}, [root]
        while stack:
            for parent in self.parents(stack.pop()):
                if parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        return len(seen)


class Glassgrad(Graphs):
    def __init__(self, problem):
        from autograd import Value
        from nn import MLP

        super().__init__(Value, MLP, problem)

    def parents(self, node):
        return node.parents


class Micrograd(Graphs):
    def __init__(self, problem):
        from micrograd.engine import Value
        from micrograd.nn import MLP

        sys.setrecursionlimit(2_000_000)
        super().__init__(Value, MLP, problem)

    def parents(self, node):
        return node._prev


class Xad:
    """XAD's C++ tape through its Python binding."""

    def __init__(self, problem):
        self.problem = problem

    def step(self, _):
        import xad.adj_1st as adjoint
        import xad.math

        parameters = [adjoint.Real(p) for p in self.problem["parameters"]]
        with adjoint.Tape() as tape:
            start = time.process_time()
            tape.registerInputs(parameters)
            tape.newRecording()
            layers = layered(parameters, self.problem["sizes"])
            loss = typed_loss(
                layers, parameters, self.problem["X"], self.problem["y"], lambda x: xad.math.max(x, 0.0)
            )
            middle = time.process_time()
            tape.registerOutput(loss)
            loss.derivative = 1.0
            tape.computeAdjoints()
            end = time.process_time()
            gradient = [p.derivative for p in parameters]
            value = loss.value
        return {"forward": middle - start, "backward": end - middle, "loss": value, "gradient": gradient}


def main():
    engine = {"glassgrad": Glassgrad, "micrograd": Micrograd, "xad": Xad}[sys.argv[1]](json.loads(input()))
    for line in sys.stdin:
        task, argument = json.loads(line)
        print(json.dumps(getattr(engine, task)(argument)), flush=True)


if __name__ == "__main__":
    main()
