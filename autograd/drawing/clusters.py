"""Which module of a model a node belongs to: from the names of the parameters that it uses."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from autograd import ops
from autograd.drawing.unfolding import Row
from autograd.value import Value

__all__ = ["collapsed", "homes", "lineage", "owner", "written"]

NOWHERE = "."  # no module is called so
PENALTIES = (ops.abs, ops.power)
JOINING = (ops.add, ops.mul, ops.sum)
ACTIVATIONS = (ops.tanh, ops.sigmoid, ops.relu, ops.leaky_relu, ops.elu, ops.softplus, ops.gelu, ops.silu)


def owner(name: str) -> str:
    """The module that holds what is called `name`: "" is the model itself.

    >>> owner("layers.0.neurons.3.w.1"), owner("layers.0.neurons.3"), owner("layers.0")
    ('layers.0.neurons.3', 'layers.0', '')
    """
    return name.rstrip("0123456789.").rpartition(".")[0]


def lineage(module: str) -> Iterator[str]:
    """`module` and all that hold it, from the inside to the model itself."""
    while module:
        yield module
        module = owner(module)
    yield ""


def written(name: str) -> str:
    """`name` as one writes it in Python, without the module that holds it.

    >>> written("layers.0.neurons.3"), written("layers.0.neurons.3.w.1"), written("2")
    ('neurons[3]', 'w[1]', '[2]')
    """
    attribute, *indices = name.removeprefix(owner(name)).removeprefix(".").split(".")
    first = f"[{attribute}]" if attribute.isdigit() else attribute
    return first + "".join([f"[{index}]" for index in indices])


def homes(rows: Sequence[Row], parameters: Mapping[Value, str]) -> dict[Value, str]:
    """The module of each parameter, and of each node that is part of what a module computes.

    A node belongs to a module if it uses parameters of that one only; so does a + or × that joins such
    nodes, until each parameter has been used once, and an activation of the result. What a loss makes of
    a model's output is therefore outside it, and so is a penalty: it uses a parameter twice, or |w|, or w².
    """
    home = {parameter: owner(name) for parameter, name in parameters.items()}
    size = Counter(home.values())
    used: dict[Value, int] = {}  # of each node that no activation has closed: parameters used so far
    for row in rows:
        operands = row.operands
        parts = [operand for operand in operands if operand in parameters]
        penalty = row.op in PENALTIES or len(set(parts)) < len(parts)
        direct = set() if penalty else {home[part] for part in parts}
        around = direct or {home.get(operand, NOWHERE) for operand in operands}
        if len(around) != 1 or NOWHERE in around:
            continue
        (module,) = around
        inner = [operand for operand in operands if home.get(operand) == module]
        partial = [operand for operand in inner if used.get(operand, size[module]) < size[module]]
        count = len(parts) + sum([used[operand] for operand in partial])
        joins = row.op in JOINING and len(partial) == len(operands) and count <= size[module]
        if direct or joins:
            home[row.value] = module
            used[row.value] = count
        elif activates(row) and operands[0] in used:
            home[row.value] = module
    return home


def activates(row: Row) -> bool:
    """Whether `row` is an activation: one of the table's, or a user's own operation on one operand."""
    if row.op is None or len(row.operands) != 1:
        return False
    return row.op in ACTIVATIONS or (len(row.parents) == 1 and row.op.__module__ != ops.__name__)


def collapsed(modules: Collection[str], collapse: str) -> dict[str, str]:
    """The module as whose box each of `modules` is drawn, for those that are inside one.

    A neuron is a module that holds no other; a layer is what holds neurons, or a neuron that nothing
    but the model holds.

    >>> collapsed(["layers.0.neurons.0", "layers.0.neurons.1"], "layers")
    {'layers.0.neurons.0': 'layers.0', 'layers.0.neurons.1': 'layers.0'}
    """
    if not collapse:
        return {}
    holders = {holder for module in modules if module for holder in lineage(owner(module))}
    drawn = {module for module in modules if module not in holders}
    if collapse == "layers":
        drawn = {owner(module) or module for module in drawn}
    found = {module: [holder for holder in lineage(module) if holder in drawn] for module in modules}
    return {module: around[-1] for module, around in found.items() if around}
