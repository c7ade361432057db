"""One engine in a process of its own: steps of small networks over batches, a JSON line each.

Run by `compiled.py`. Every engine computes, in float64, the mean loss of a batch and its gradient for every
parameter; the network and the batch come as the first line.
"""

import json
import sys
import time

import numpy as np
from compiled_peers import PEERS
from timing import repeat


class Problem:
    """A relu network, its batch and its loss: "hinge" for one output, "cross-entropy" for several."""

    def __init__(self, given):
        self.sizes, self.loss = given["sizes"], given["loss"]
        draw = np.random.default_rng(given["seed"])
        shapes = list(zip(self.sizes[1:], self.sizes))
        self.W = [draw.normal(size=shape) / shape[1] ** 0.5 for shape in shapes]
        self.b = [draw.normal(size=shape[0]) * 0.1 for shape in shapes]
        self.X = draw.normal(size=(given["rows"], self.sizes[0]))
        signs = draw.choice([-1.0, 1.0], given["rows"])
        self.y = signs if self.loss == "hinge" else draw.integers(0, self.sizes[-1], given["rows"])


class Glassgrad:
    def __init__(self, problem):
        start = time.perf_counter()
        import autograd
        from autograd import Value, cross_entropy, dot, relu
        from nn import SGD

        one = Value(1.0)
        autograd.compile(lambda x: x * one, 1.0).value_and_grad([1.0])  # loads numba and the machine code
        self.loading = time.perf_counter() - start
        layers = [
            ([[Value(w) for w in row] for row in W.tolist()], [Value(b) for b in bias.tolist()])
            for W, bias in zip(problem.W, problem.b)
        ]

        def scores(x):
            for depth, (W, b) in enumerate(layers):
                x = [dot(weights, x, bias) for weights, bias in zip(W, b)]
                x = x if depth == len(layers) - 1 else [relu(z) for z in x]
            return x

        losses = {
            "hinge": lambda x, y: relu(1.0 - scores(x)[0] * y),
            "cross-entropy": lambda x, y: cross_entropy(scores(x), y),
        }
        self.X, self.y = problem.X, problem.y.astype(float)
        start = time.perf_counter()
        self.program = autograd.compile(losses[problem.loss], self.X[0], self.y[0])
        self.parameters = self.program.parameters
        self.program.value_and_grad(self.X, self.y)
        self.ready = time.perf_counter() - start
        self.sgd = SGD(self.program.values, lr=1e-9)
        self.order = [value for W, b in layers for row, bias in zip(W, b) for value in (*row, bias)]

    def step(self):
        return self.program.value_and_grad(self.X, self.y, parameters=self.parameters)

    def on_values(self):
        """Through Values: read, add to their gradients, and a step of descent."""
        self.sgd.zero_grad()
        self.program.backward(self.X, self.y)
        self.sgd.step()

    def answer(self):
        value, gradient = self.step()
        by_value = dict(zip(self.program.values, gradient.tolist()))
        return value, [by_value[v] for v in self.order]


def main():
    kind = ({"glassgrad": Glassgrad} | PEERS)[sys.argv[1]]
    engine = kind(Problem(json.loads(input())))
    for line in sys.stdin:
        task, seconds = json.loads(line)
        if task == "answer":
            result = engine.answer()
        elif task in ("loading", "ready"):
            result = getattr(engine, task)
        else:
            result = repeat(getattr(engine, task), seconds)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
