"""Random computation graphs, and the slow independent ways to treat them that the tests compare with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

import autograd
from autograd import Value

Step = tuple[Callable, int]  # a function of a list of Values, and how many it takes

# Each keeps numbers of moderate size moderate, so that a graph of any depth stays where rounding is small.
SMOOTH: list[Step] = [
    (lambda x: 0.5 * (x[0] + x[1]), 2),
    (lambda x: 0.5 * (x[0] - x[1]), 2),
    (lambda x: 1.5 - x[0], 1),
    (lambda x: -x[0], 1),
    (lambda x: x[0] * autograd.sin(x[1]), 2),
    (lambda x: autograd.tanh(x[0]) * x[0], 1),
    (lambda x: x[0] / (1.5 + x[1] * x[1]), 2),
    (lambda x: 2.0 / (2.0 + autograd.cos(x[0])), 1),
    (lambda x: autograd.exp(-(x[0] ** 2)), 1),
    (lambda x: (1.0 + x[0] ** 2).log(), 1),
    (lambda x: autograd.log1p(autograd.exp(autograd.atan(x[0]))), 1),
    (lambda x: autograd.sqrt(0.5 + x[0] * x[0]), 1),
    (lambda x: (1.5 + x[0] ** 2) ** -0.5, 1),
    (lambda x: (0.5 + autograd.sigmoid(x[0])) ** autograd.tanh(x[1]), 2),
    (lambda x: 2.0 ** autograd.sin(x[0]), 1),
    (lambda x: autograd.expm1(autograd.sin(x[0])), 1),
    (lambda x: autograd.tan(0.5 * autograd.tanh(x[0])), 1),
    (lambda x: autograd.erf(x[0]), 1),
    (lambda x: autograd.softplus(x[0]) - 1.0, 1),
    (lambda x: autograd.gelu(x[0]), 1),
    (lambda x: autograd.silu(x[0]), 1),
    (lambda x: autograd.dot(x[:2], x[2:4], x[4]).tanh(), 5),
    (lambda x: autograd.sum(x) / 3, 3),
    (lambda x: autograd.prod([*x, 0.5]).sin(), 3),
    (lambda x: autograd.logsumexp(x) - 1.0, 3),
    (lambda x: autograd.softmax(x)[1], 3),
    (lambda x: autograd.cross_entropy(x, 2).tanh(), 3),
    (lambda x: autograd.binary_cross_entropy(autograd.sigmoid(x[0]), autograd.sigmoid(x[1])) / 2, 2),
    (lambda x: autograd.binary_cross_entropy_with_logits(x[0], 0.25) - 0.5, 1),
]
KINKED: list[Step] = [
    *SMOOTH,
    (lambda x: x[0].relu(), 1),
    (lambda x: abs(x[0]), 1),
    (lambda x: autograd.leaky_relu(x[0], 0.1), 1),
    (lambda x: autograd.elu(x[0]), 1),
    (lambda x: autograd.maximum(x[0], x[1]), 2),
    (lambda x: autograd.minimum(x[0], x[1]), 2),
    (lambda x: autograd.where(x[0], x[1], x[2]), 3),
    (lambda x: autograd.take(x, Value(1.0)), 3),
]
MOST_OPERANDS = 5


@dataclass(frozen=True)
class Recipe:
    """A random function of a few numbers: steps that each take some of what is there and add their result."""

    steps: list[Step] = field(repr=False)
    chosen: list[tuple[int, tuple[int, ...]]]
    point: list[float]

    def __call__(self, leaves: list[Value]) -> Value:
        nodes = list(leaves)
        for choice, operands in self.chosen:
            function, count = self.steps[choice]
            nodes.append(function([nodes[i % len(nodes)] for i in operands[:count]]))
        # The last nodes together, so that most of the graph is below the result.
        return autograd.sum(nodes[-3:]) if len(nodes) > 3 else nodes[-1]

    def record(self) -> tuple[Value, list[Value]]:
        leaves = [Value(x) for x in self.point]
        return self(leaves), leaves

    def at(self, point: list[float]) -> float:
        return self([Value(x) for x in point]).data


def recipes(steps: list[Step], most: int = 20) -> st.SearchStrategy[Recipe]:
    """Random functions of one to four numbers between −2 and 2, in up to `most` steps."""
    operands = st.tuples(*[st.integers(0, 30)] * MOST_OPERANDS)
    chosen = st.lists(st.tuples(st.integers(0, len(steps) - 1), operands), min_size=1, max_size=most)
    point = st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=4)
    return st.builds(Recipe, st.just(steps), chosen, point)


def recursive_order(*roots: Value, last_first: bool = False) -> list[Value]:
    """Topological order as the textbook has it: parents first, depth first, by recursion."""
    order: list[Value] = []

    def visit(node: Value) -> None:
        if not any(node is seen for seen in order):
            for parent in reversed(node.parents) if last_first else node.parents:
                visit(parent)
            order.append(node)

    for root in roots:
        visit(root)
    return order


def sensitivities(root: Value) -> dict[Value, float]:
    """Σ |product of partials| over all paths from `root` to each node: what rounding is measured against."""
    order = recursive_order(root)
    total = dict.fromkeys(order, 0.0)
    total[root] = 1.0
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials):
            total[parent] += total[node] * abs(partial)
    return total


def chain(length: int, leaf: Value) -> Value:
    """`leaf` with `length` nodes on top of each other, the derivative being 1."""
    node = leaf
    for _ in range(length):
        node = -node
    return node
