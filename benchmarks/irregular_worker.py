"""One engine in a process of its own: a graph without any regularity, over a batch, a JSON line each.

Run by `irregular.py`. The graph is a list of instructions, which each engine carries out with its own
operations; the answer is the mean over the rows of the last number, and its gradient for the parameters.
"""

import json
import random
import resource
import sys
import time

import numpy as np
from timing import repeat

INPUTS, PARAMETERS = 4, 16


class Problem:
    """`nodes` instructions (operation, operand, operand) on inputs, parameters and earlier results."""

    def __init__(self, nodes, rows, seed=0):
        rng = random.Random(seed)
        first = INPUTS + PARAMETERS
        self.instructions = []
        for place in range(first, first + nodes):
            operands = [rng.randrange(max(0, place - 200) if rng.random() < 0.9 else 0, place) for _ in "xy"]
            self.instructions.append((rng.choice(["add", "sub", "mul", "tanh", "sin"]), *operands))
        draw = np.random.default_rng(seed)
        self.X = draw.normal(size=(rows, INPUTS))
        self.p = draw.normal(size=PARAMETERS)

    def output(self, x, p, tanh, sin):
        """The last number; sums and products are squashed, so that numbers neither grow nor die out."""
        values = [*x, *p]
        for name, i, j in self.instructions:
            a, b = values[i], values[j]
            if name == "tanh":
                values.append(tanh(a))
            elif name == "sin":
                values.append(sin(a))
            else:
                values.append({"add": a.__add__, "sub": a.__sub__, "mul": a.__mul__}[name](b) * 0.7)
        total = values[-50]
        for value in values[-49:]:
            total = total + value
        return total


class Glassgrad:
    def __init__(self, problem):
        import autograd

        parameters = [autograd.Value(number) for number in problem.p.tolist()]
        self.problem = problem
        self.X = problem.X
        autograd.compile(lambda x: x[0] * parameters[0], self.X[0]).value_and_grad(self.X)  # loads numba
        start = time.perf_counter()
        self.program = autograd.compile(
            lambda x: problem.output(x, parameters, autograd.tanh, autograd.sin), self.X[0]
        )
        self.p = self.program.parameters
        self.step()
        self.ready = time.perf_counter() - start
        self.place = {value: i for i, value in enumerate(self.program.values)}
        self.parameters = parameters

    def step(self):
        return self.program.value_and_grad(self.X, parameters=self.p)

    def answer(self):
        value, gradient = self.step()
        return value, [float(gradient[self.place[p]]) if p in self.place else 0.0 for p in self.parameters]

    def nodes(self):
        """How many nodes below the result depend on an input: others are computed once for all rows."""
        import autograd
        from autograd.graph import depending_on, topological_order

        x = [autograd.Value(number) for number in self.X[0].tolist()]
        result = self.problem.output(x, self.parameters, autograd.tanh, autograd.sin)
        return len(depending_on(x, topological_order(result)))


class Casadi:
    def __init__(self, problem):
        import casadi

        start = time.perf_counter()
        x, p = casadi.SX.sym("x", INPUTS), casadi.SX.sym("p", PARAMETERS)
        total = problem.output(casadi.vertsplit(x), casadi.vertsplit(p), casadi.tanh, casadi.sin)
        self.rows = len(problem.X)
        self.function = casadi.Function("f", [x, p], [total, casadi.gradient(total, p)]).map(self.rows)
        self.arguments = casadi.DM(problem.X.T), casadi.DM(problem.p)
        self.step()
        self.ready = time.perf_counter() - start

    def step(self):
        values, gradients = self.function(*self.arguments)
        return values.full().sum() / self.rows, gradients.full().sum(axis=1) / self.rows

    def answer(self):
        value, gradient = self.step()
        return float(value), gradient.tolist()


class Jax:
    def __init__(self, problem):
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)

        def loss(p, X):
            return jnp.mean(problem.output(list(X.T), list(p), jnp.tanh, jnp.sin))

        self.block = jax.block_until_ready
        self.function = jax.jit(jax.value_and_grad(loss))
        self.arguments = jnp.asarray(problem.p), jnp.asarray(problem.X)
        start = time.perf_counter()
        self.step()
        self.ready = time.perf_counter() - start

    def step(self):
        return self.block(self.function(*self.arguments))

    def answer(self):
        value, gradient = self.step()
        return float(value), np.asarray(gradient).tolist()


def main():
    engine = {"glassgrad": Glassgrad, "casadi": Casadi, "jax": Jax}[sys.argv[1]](
        Problem(**json.loads(input()))
    )
    for line in sys.stdin:
        task, seconds = json.loads(line)
        if task == "step":
            result = repeat(engine.step, seconds)
        elif task == "nodes":
            result = engine.nodes()
        elif task == "memory":
            result = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        else:
            result = engine.ready if task == "ready" else engine.answer()
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
