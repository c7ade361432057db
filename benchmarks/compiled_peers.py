"""The peers of the compiled step, as their users would write it: NumPy, JAX, PyTorch, CasADi, XAD, micrograd.

A step is the mean loss of the batch and its gradient for every parameter, in float64. NumPy, JAX and PyTorch
work on matrices; CasADi, XAD and micrograd are given the scalars, as glassgrad is.
"""

import numpy as np


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
    """Compiled by `jit`, called on arrays that it holds already."""

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


class Torch:
    """PyTorch, eager, on one thread, which is faster than two at these sizes."""

    def __init__(self, problem):
        import torch

        torch.set_num_threads(1)
        self.torch, self.loss = torch, problem.loss
        self.layers = [
            (torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True))
            for W, b in zip(problem.W, problem.b)
        ]
        self.X, self.y = torch.tensor(problem.X), torch.tensor(problem.y)

    def step(self):
        functional = self.torch.nn.functional
        for W, b in self.layers:
            W.grad = b.grad = None
        a = self.X
        for depth, (W, b) in enumerate(self.layers):
            a = functional.linear(a, W, b)
            a = a if depth == len(self.layers) - 1 else functional.relu(a)
        if self.loss == "hinge":
            loss = functional.relu(1.0 - a[:, 0] * self.y).mean()
        else:
            loss = functional.cross_entropy(a, self.y)
        loss.backward()
        return loss

    def answer(self):
        loss = self.step()
        return loss.item(), flat([(W.grad.numpy(), b.grad.numpy()) for W, b in self.layers])


class Casadi:
    """A function of one row, mapped over the batch, with the gradient that CasADi derives."""

    def __init__(self, problem):
        import casadi

        count = sum(W.size + b.size for W, b in zip(problem.W, problem.b))
        p, x, y = casadi.SX.sym("p", count), casadi.SX.sym("x", problem.sizes[0]), casadi.SX.sym("y")
        score = scores(
            casadi.vertsplit(p), casadi.vertsplit(x), problem.sizes, lambda z: casadi.fmax(z, 0.0)
        )[0]
        loss = casadi.fmax(1.0 - score * y, 0.0)
        one = casadi.Function("one", [p, x, y], [loss, casadi.gradient(loss, p)])
        self.rows = len(problem.X)
        self.function = one.map(self.rows)
        self.arguments = (
            casadi.DM(flat(list(zip(problem.W, problem.b)))),
            casadi.DM(problem.X.T),
            casadi.DM(problem.y[None, :]),
        )

    def step(self):
        losses, gradients = self.function(*self.arguments)
        return losses.full().sum() / self.rows, gradients.full().sum(axis=1) / self.rows

    def answer(self):
        value, gradient = self.step()
        return float(value), gradient.tolist()


class Xad:
    """XAD's C++ tape through its Python binding: recorded and run backward in each step."""

    def __init__(self, problem):
        import xad.adj_1st
        import xad.math

        self.adjoint, self.maximum, self.problem = xad.adj_1st, xad.math.max, problem
        self.numbers = flat(list(zip(problem.W, problem.b)))

    def step(self):
        p = [self.adjoint.Real(number) for number in self.numbers]
        with self.adjoint.Tape() as tape:
            tape.registerInputs(p)
            tape.newRecording()
            loss = mean_hinge(p, self.problem, lambda z: self.maximum(z, 0.0))
            tape.registerOutput(loss)
            loss.derivative = 1.0
            tape.computeAdjoints()
            return loss.value, [entry.derivative for entry in p]

    def answer(self):
        return self.step()


class Micrograd:
    """The engine that glassgrad follows, on the same scalars."""

    def __init__(self, problem):
        import sys

        from micrograd.engine import Value

        sys.setrecursionlimit(1_000_000)
        self.problem = problem
        self.parameters = [Value(number) for number in flat(list(zip(problem.W, problem.b)))]

    def step(self):
        for parameter in self.parameters:
            parameter.grad = 0.0
        loss = mean_hinge(self.parameters, self.problem, lambda z: z.relu())
        loss.backward()
        return loss

    def answer(self):
        return self.step().data, [parameter.grad for parameter in self.parameters]


def mean_hinge(p, problem, relu):
    """The mean hinge loss of the batch, scalar by scalar."""
    rows = zip(problem.X.tolist(), problem.y.tolist())
    losses = [relu(1.0 - scores(p, x, problem.sizes, relu)[0] * y) for x, y in rows]
    return sum(losses[1:], losses[0]) * (1.0 / len(losses))


def scores(p, x, sizes, relu):
    """The outputs for one row; the parameters lie neuron by neuron, weights and then the bias."""
    entry = iter(p)
    for depth, width in enumerate(sizes[1:], start=1):
        outputs = []
        for _ in range(width):
            weighted = [next(entry) * given for given in x]
            z = sum(weighted[1:], weighted[0]) + next(entry)
            outputs.append(z if depth == len(sizes) - 1 else relu(z))
        x = outputs
    return x


def flat(layers):
    """W and b of each layer, or their gradients, as a list, neuron by neuron."""
    return [g for W, b in layers for row, bias in zip(W.tolist(), b.tolist()) for g in (*row, bias)]


PEERS = {"numpy": Numpy, "jax": Jax, "pytorch": Torch, "casadi": Casadi, "xad": Xad, "micrograd": Micrograd}
