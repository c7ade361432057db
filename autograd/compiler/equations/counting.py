"""Counting: how large a compiled function is, and how much of it is regular."""

from collections.abc import Sequence
from typing import Final

from autograd.compiler.execution.encoding import encoded
from autograd.compiler.plans.grouping import Group, Index, Plan, Sink
from autograd.compiler.plans.splitting import Stages

__all__ = ["stats"]

NUMBER: Final = 8  # bytes


def stats(*branches: Stages) -> dict[str, float | str]:
    """Figures of a function, from the stages of each of its branches.

    nodes: numbers computed for a row, and once. groups: of nodes that are computed alike. instructions:
    these and the sums over rows. bytes: of instructions, index tables and constants. slots: numbers of
    work space for each row. operations: additions, multiplications and function calls for a row, and
    once. affine: the share of them whose operands are found by strides, without a table. executor:
    "kernels", or "numpy" where an operation is one that the kernels do not have, or which stages have it.
    """
    named = [
        (kind, plan)
        for stages in branches
        for kind, plan in (("once", stages.once), ("rows", stages.rows), ("after", stages.after))
        if plan
    ]
    plans = [plan for _, plan in named]
    groups = [group for plan in plans for group in plan.groups]
    sinks = [sink for plan in plans for sink in plan.sinks]
    work = [*[(_operations(g), _is_affine(_indices(g))) for g in groups], *map(_sink_work, sinks)]
    operations = sum(count for count, _ in work)
    sizes = [_bytes(plan) for plan in plans]
    by_numpy = {kind for (kind, _), size in zip(named, sizes) if size is None}
    partly = f"numpy for {' and '.join(sorted(by_numpy))}, else kernels"
    return {
        "branches": len(branches),
        "nodes": sum(group.count for group in groups),
        "groups": len(groups),
        "instructions": len(groups) + len(sinks),
        "bytes": sum(size for size in sizes if size is not None),
        "slots": max(stages.rows.slots for stages in branches),
        "operations": operations,
        "affine": sum(count for count, affine in work if affine) / operations if operations else 1.0,
        "executor": "kernels" if None not in sizes else partly if any(sizes) else "numpy",
    }


def _bytes(plan: Plan) -> int | None:
    """The size of a plan as the kernels read it; None if they cannot."""
    try:
        program = encoded(plan, "float64", 1)
    except KeyError:
        return None
    return program.nbytes + NUMBER * len(plan.constants)


def _operations(group: Group) -> int:
    """2 for each product of a sum of products, 1 for each term, 1 for each number that a function gives."""
    if not group.pairs and not group.op.variadic:
        return group.count
    products = sum(a.width for a, _ in group.pairs)
    return group.count * (2 * products + sum(term.width for term in group.terms))


def _sink_work(sink: Sink) -> tuple[int, bool]:
    factors = [sink.a] if sink.b is None else [sink.a, sink.b]
    width = max(index.width for index in factors)
    return sink.count * width * len(factors), _is_affine([sink.target, *factors])


def _indices(group: Group) -> list[Index]:
    return [*group.terms, *[index for pair in group.pairs for index in pair]]


def _is_affine(indices: Sequence[Index]) -> bool:
    return all(index.table is None for index in indices)
