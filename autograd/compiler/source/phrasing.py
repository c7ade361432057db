"""Phrasing: what a group computes, as one expression of NumPy."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from autograd import ops
from autograd.compiler.equations.regions import Located, Space
from autograd.compiler.equations.writing import ATOM
from autograd.compiler.plans.grouping import Group
from autograd.compiler.source.arrays import (
    POWER,
    PRODUCT,
    SUM,
    Code,
    added,
    aligned,
    contracted,
    infix,
    literal,
    multiplied,
    negated,
    placed,
    summed,
)
from autograd.compiler.source.gathering import Gathering
from autograd.compiler.source.words import FUNCTIONS, TEMPLATES, joined
from autograd.graph import topological_order
from autograd.operation import Op
from autograd.value import Value

__all__ = ["Phrasing"]

OWN: Final = frozenset({"joined", *[function.__name__ for function in FUNCTIONS.values()]})


class Phrasing:
    """Groups as expressions.

    functions: what these call and NumPy does not have; spelled: the text of functions for a user's own rows.
    """

    def __init__(self, gathering: Gathering) -> None:
        self.gathering = gathering
        self.functions: dict[Callable[..., Any], None] = {}
        self.spelled: dict[str, str] = {}

    def group(self, group: Group, space: Space) -> Code:
        """The results of a group, with an axis of members if it has several."""
        located = [space.locate(index, group.count) for index in group.terms]
        if group.op is ops.dot or group.op is ops.sum:
            code = self._sum(group, located, space)
        elif group.op is ops.select or group.op is ops.cross_entropy:
            code = self._look_up(group.op, located, space.constants)
        elif group.op.variadic and group.op in {**FUNCTIONS, **TEMPLATES}:
            code = self._called(group.op, [self._joined(located, space.constants)])
            code = code._replace(axes=code.axes.replace("k", ""))
        else:
            columns = [one.columns([k]) for one in located for k in range(one.which.shape[1])]  # type: ignore[arg-type]
            code = self.applied(group.op, [self.gathering.refer(one, space.constants) for one in columns])
        if group.count == 1 or "i" in code.axes:
            return code
        if not code.axes:
            return Code(f"np.repeat({code.text}, {group.count})", "i")
        return Code(f"np.repeat({code.bracketed(ATOM).text}[:, None], {group.count}, axis=1)", "ri")

    def _sum(self, group: Group, terms: Sequence[Located], space: Space) -> Code:
        """Σ of products and terms."""
        parts = []
        for pair in group.pairs:
            a, b = [space.locate(index, group.count) for index in pair]
            # The sum does not depend on the order of k: that in which the vector lies is the best.
            vector = a if "i" in b.axes else b
            order = np.lexsort((vector.offset[0], vector.which[0]))
            x, y = [self.gathering.refer(one.columns(order), space.constants) for one in (a, b)]
            parts.append(contracted(x, y, "k", len(order)))
        for term in terms:
            parts.append(summed(self.gathering.refer(term, space.constants), "k", term.which.shape[1]))
        return added(parts)

    def _joined(self, located: Sequence[Located], constants: Sequence[float]) -> Code:
        """Operands of a row that takes any number of them, side by side along the last axis."""
        parts = []
        for one in located:
            code = self.gathering.refer(one, constants)
            alike = "k" not in code.axes
            parts.extend([code] * one.which.shape[1] if alike else [code])
        if len(parts) == 1 and "k" in parts[0].axes:
            return parts[0]
        self._need(joined)
        found = {axis for part in parts for axis in part.axes} | {"k"}
        axes = "".join([axis for axis in "rik" if axis in found])
        texts = []
        for part in parts:
            if part.axes == "":
                texts.append(f"np.array([{part.text}])")
                continue
            single = "k" not in part.axes
            shaped = placed(part, axes)
            texts.append(
                shaped.text
                if not single or shaped.axes == axes
                else f"{shaped.bracketed(ATOM).text}[..., None]"
            )
        return Code(f"joined({', '.join(texts)})", axes)

    def _look_up(self, op: Op, located: Sequence[Located], constants: Sequence[float]) -> Code:
        """The entry at an index, the last operand, or the cross-entropy of a class that is one."""
        *rest, last = located
        width = last.which.shape[1]
        index = self.gathering.refer(last.columns([width - 1]), constants)  # type: ignore[arg-type]
        rest += [last.columns(slice(width - 1))] if width > 1 else []
        values = self._joined(rest, constants)
        if op is ops.select and "r" not in values.axes and not set(values.axes) & set(index.axes):
            place = index.bracketed(ATOM).text
            table = placed(values, "k" + values.axes.replace("k", "")).bracketed(ATOM).text
            whole = str(int(float(place))) if _is_number(index) else f"{place}.astype(int)"
            return Code(f"{table}[{whole}]", index.axes + values.axes.replace("k", ""))
        axes = "".join([axis for axis in "ri" if axis in values.axes + index.axes])
        if index.axes == "":
            index = Code(f"np.array({index.text})")
        self._need(FUNCTIONS[op])
        return Code(
            f"{FUNCTIONS[op].__name__}({placed(values, axes + 'k').text}, {placed(index, axes).text})", axes
        )

    def applied(self, op: Op, operands: Sequence[Code]) -> Code:
        """`op` on its operands, number by number."""
        if all(map(_is_number, operands)):
            # Of plain numbers alone Python would refuse 1/0.
            operands = [Code(f"np.float64({operands[0].text})"), *operands[1:]]
        x, y = operands[0], operands[-1]
        if op is ops.mul:
            return multiplied(x, y)
        if op is ops.add:
            return added([x, y])
        if op is ops.sub:
            return infix("-", SUM, x, y)
        if op is ops.div:
            return infix("/", PRODUCT, x, y)
        if op is ops.neg:
            return negated(x)
        if op is ops.power and y.text == "2.0":
            return Code(f"{x.bracketed(ATOM).text} ** 2", x.axes, POWER)
        return self._called(op, operands)

    def _called(self, op: Op, operands: Sequence[Code]) -> Code:
        """A function of NumPy's, or of the program's own."""
        shaped, axes = aligned(operands)
        texts = [operand.text for operand in shaped]
        if op in TEMPLATES:
            return Code(TEMPLATES[op].format(*texts), axes)
        if op in FUNCTIONS:
            self._need(FUNCTIONS[op])
            return Code(f"{FUNCTIONS[op].__name__}({', '.join(texts)})", axes)
        return Code(f"{self._spelled(op, len(operands))}({', '.join(texts)})", axes)

    def _need(self, function: Callable[..., Any]) -> None:
        self.functions[function] = None

    def _spelled(self, op: Op, count: int) -> str:
        """The name of the function that says a user's own row in simpler ones."""
        xs = [Value(1.0) for _ in range(count)]
        result: Any = op.expanded(tuple(xs))
        if not isinstance(result, Value):
            raise ValueError(
                f"the operation {op.name!r} is Python that NumPy cannot say: give it expand=, the same in "
                "autograd's own operations, to have the source"
            )
        written = {x: Code(f"x{i}") for i, x in enumerate(xs, 1)}
        for node in topological_order(result):
            if node.is_leaf:
                written.setdefault(node, literal(node.data))
            else:
                written[node] = self._node(node, written)
        arguments = ", ".join([f"x{i}" for i in range(1, count + 1)])
        name = f"{op.name}{count}" if op.variadic else op.name
        name += "_" * (name in OWN)
        self.spelled[name] = f"def {name}({arguments}):\n    return {written[result].text}"
        return name

    def _node(self, node: Value, written: dict[Value, Code]) -> Code:
        assert node.op is not None
        operands = [written[parent] for parent in node.parents]
        if node.op is ops.dot or node.op is ops.sum:
            n = len(operands) // 2 if node.op is ops.dot else 0
            return added([*map(multiplied, operands[:n], operands[n:]), *operands[2 * n :]])
        if not node.op.variadic or node.op not in {**FUNCTIONS, **TEMPLATES}:
            return self.applied(node.op, operands)
        values = operands if node.op in (ops.prod, ops.logsumexp) else operands[:-1]
        stacked = Code(
            f"np.stack(np.broadcast_arrays({', '.join([value.text for value in values])}), axis=-1)"
        )
        return self._called(node.op, [stacked, *operands[len(values) :]])


def _is_number(code: Code) -> bool:
    """Whether it is a number typed out, which Python computes with as it does."""
    try:
        float(code.text.replace("np.", ""))
    except ValueError:
        return False
    return True
