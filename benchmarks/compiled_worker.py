"""One engine in a process of its own: steps of small networks over batches, a JSON line each.

Run by `compiled.py`. Every engine computes, in float64, the mean loss of a batch and its gradient for every
parameter; the network and the batch come as the first line.
"""

import json
import sys
import time
from statistics import median

import numpy as np


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


def repeat(step, seconds):
    """The median seconds of a step, from as many as fit into `seconds`, after one that is not counted."""
    step()
    runs, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(runs) < 3:
        start = time.perf_counter()
        step()
        runs.append(time.perf_counter() - start)
    return median(runs)


class Glassgrad:
    def __init__(self, problem):
        import autograd
        from autograd import Value, cross_entropy, dot, relu

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
        self.order = [value for W, b in layers for row, bias in zip(W, b) for value in (*row, bias)]

    def step(self):
        return self.program.value_and_grad(self.X, self.y, parameters=self.parameters)

    def on_values(self):
        """Through Values: read, add to their gradients, and a step of descent."""
        for value in self.program.values:
            value.grad = 0.0
        self.program.backward(self.X, self.y)
        for value in self.program.values:
            value.data -= 1e-9 * value.grad

    def answer(self):
        value, gradient = self.step()
        by_value = dict(zip(self.program.values, gradient.tolist()))
        return value, [by_value[v] for v in self.order]


class Numpy:
    """Written by hand, with BLAS: what a person who knows the derivatives would type."""

    def __init__(self, problem):
        self.problem = problem

    def step(self):
        p = self.problem
        inputs = [p.X]
        for W, b in zip(p.W[:-1], p.b):
            inputs.append(np.maximum(inputs[-1] @ W.T + b, 0.0))
        z = inputs[-1] @ p.W[-1].T + p.b[-1]
        rows = len(z)
        if p.loss == "hinge":
            margin = 1.0 - z[:, 0] * p.y
            value = np.maximum(margin, 0.0).sum() / rows
            delta = (-(p.y / rows) * (margin > 0.0))[:, None]
        else:
            shifted = z - z.max(axis=1, keepdims=True)
            e = np.exp(shifted)
            total = e.sum(axis=1, keepdims=True)
            value = (np.log(total[:, 0]) - shifted[np.arange(rows), p.y]).sum() / rows
            delta = e / total
            delta[np.arange(rows), p.y] -= 1.0
            delta /= rows
        gradients = []
        for depth in range(len(p.W) - 1, -1, -1):
            gradients.append((delta.T @ inputs[depth], delta.sum(axis=0)))
            if depth:
                delta = (delta @ p.W[depth]) * (inputs[depth] > 0.0)
        return value, gradients[::-1]

    def answer(self):
        value, gradients = self.step()
        return float(value), flat(gradients)


class Jax:
    def __init__(self, problem):
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)

        def loss(parameters, X, y):
            a = X
            for depth, (W, b) in enumerate(parameters):
                a = a @ W.T + b
                a = a if depth == len(parameters) - 1 else jax.nn.relu(a)
            if problem.loss == "hinge":
                return jnp.mean(jax.nn.relu(1.0 - a[:, 0] * y))
            return -jnp.mean(jax.nn.log_softmax(a)[jnp.arange(len(y)), y])

        self.block = jax.block_until_ready
        self.function = jax.jit(jax.value_and_grad(loss))
        parameters = [(jnp.asarray(W), jnp.asarray(b)) for W, b in zip(problem.W, problem.b)]
        self.arguments = parameters, jnp.asarray(problem.X), jnp.asarray(problem.y)

    def step(self):
        return self.block(self.function(*self.arguments))

    def answer(self):
        value, gradients = self.step()
        return float(value), flat([(np.asarray(W), np.asarray(b)) for W, b in gradients])


def flat(gradients):
    """∂W and ∂b of each layer as a list, neuron by neuron."""
    return [g for W, b in gradients for row, bias in zip(W.tolist(), b.tolist()) for g in (*row, bias)]


def main():
    kind = {"glassgrad": Glassgrad, "numpy": Numpy, "jax": Jax}[sys.argv[1]]
    engine = kind(Problem(json.loads(input())))
    for line in sys.stdin:
        task, seconds = json.loads(line)
        if task == "answer":
            result = engine.answer()
        elif task == "ready":
            result = engine.ready
        else:
            result = repeat(getattr(engine, task), seconds)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
