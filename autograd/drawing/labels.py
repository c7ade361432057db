"""The words in a picture: numbers, names, operations, and how Graphviz wants them written."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from autograd import ops
from autograd.operation import Op
from autograd.value import Value

__all__ = ["escape", "names_in", "number", "operation"]

LONGEST = 40  # characters of a line in a node


def number(x: float) -> str:
    """`x` with four significant digits, however small or large it is.

    >>> number(1e-5), number(-0.123456), number(3.0), number(float("nan"))
    ('1e-05', '-0.1235', '3', 'nan')
    """
    return f"{x:.4g}"


def escape(text: str) -> str:
    r"""`text` as a label of Graphviz that shows it as it is, in one line, cut off at 40 characters.

    >>> print(escape('{a|b} <c> "d" 50% & \\n'))
    \{a\|b\} \<c\> \"d\" 50% &amp; \\n
    """
    line = " ".join("".join([c if c.isprintable() else " " for c in text]).split())
    shown = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return re.sub(r'([\\{}|<>"])', r"\\\1", shown.replace("&", "&amp;"))


def operation(op: Op, operands: Sequence[Value], names: Mapping[Value, str]) -> list[str]:
    """The lines that say what `op` does: on which operands if all have names, and with which constants.

    >>> a, b = Value(2.0), Value(3.0)
    >>> operation(ops.mul, [a, b], {a: "a", b: "b"}), operation(ops.mul, [a, b], {})
    (['a × b'], ['×'])
    >>> z = a - 1.0
    >>> operation(z.op, z.parents, {}), operation(z.op, z.parents, {a: "a"})
    (['− 1'], ['a − 1'])
    """
    constant = [operand.op is ops.constant for operand in operands]
    named = all(fixed or operand in names for fixed, operand in zip(constant, operands))
    words = [
        number(operand.data) if fixed else names[operand] if named else "·"
        for fixed, operand in zip(constant, operands)
    ]
    if op is ops.dot:
        return [op.symbol, *fixed_parts(words, constant)]
    said = sentence(op.symbol, words)
    if len(said) <= LONGEST and (named or any(constant)):
        return [said]
    if not any(constant):
        return [op.symbol]
    return [op.symbol, listed([word if fixed else "·" for word, fixed in zip(words, constant)])]


def sentence(symbol: str, words: list[str]) -> str:
    """`symbol` and its operands, in the order in which one writes them.

    >>> sentence("×", ["2", "·"]), sentence("√", ["x"]), sentence("|·|", ["x"]), sentence("max", ["·", "0"])
    ('2 ×', '√x', '|x|', 'max(·, 0)')
    """
    if any(c.isalnum() for c in symbol) or len(words) not in (1, 2):
        return f"{symbol}({', '.join(words)})"
    if len(words) == 2:
        return " ".join([word for word in (words[0], symbol, words[1]) if word != "·"])
    return symbol.replace("·", words[0]) if "·" in symbol else symbol + words[0]


def fixed_parts(words: list[str], constant: list[bool]) -> list[str]:
    """A line for each of the weights, the inputs and the bias of a `dot` with a constant among them."""
    n = len(words) // 2
    parts = {"w": slice(n), "x": slice(n, -1), "b": slice(-1, None)}
    return [f"{name} = {listed(words[part])}" for name, part in parts.items() if any(constant[part])]


def listed(words: list[str]) -> str:
    """`words` with commas, as many as fit into a line."""
    said = ", ".join(words)
    return said if len(said) <= LONGEST else said[: LONGEST - 3].rpartition(", ")[0] + ", …"


def names_in(names: Mapping[str, Any]) -> dict[Value, str]:
    """The names by which `names`, such as `locals()`, knows Values: `a`, and `w[0]` for one inside a list.

    The name that needs the fewest brackets, and among those the first. A name that starts with an
    underscore is none; neither is a notebook's `Out`.

    >>> a, b = Value(1.0), Value(2.0)
    >>> sorted(names_in({"w": [a, b], "bias": b, "_": a}).values())
    ['bias', 'w[0]']
    """
    if not isinstance(names, Mapping):
        raise TypeError(f"names must map names to Values, as locals() does, got {type(names).__name__}")
    found: dict[Value, str] = {}
    seen: set[int] = set()
    pending = deque([(name, held) for name, held in names.items() if name[:1] != "_" and name != "Out"])
    while pending:
        name, held = pending.popleft()
        if isinstance(held, Value):
            found.setdefault(held, name)
        elif isinstance(held, list | tuple | dict) and id(held) not in seen:
            seen.add(id(held))
            items = held.items() if isinstance(held, dict) else enumerate(held)
            inside = (Value, list, tuple, dict)
            pending.extend([(f"{name}[{key!r}]", item) for key, item in items if isinstance(item, inside)])
    return found
