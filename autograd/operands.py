"""How a node holds its operands, and likewise their partials: one or two in place, more as a tuple.

Most nodes have one or two operands. A tuple for each of them would cost a third more memory, and a third
more of the time of `backward()`, which reads the slots directly.
"""

from typing import Any

__all__ = ["pack", "unpack"]


def pack(items: tuple[Any, ...]) -> tuple[Any, Any]:
    """The contents of a node's two slots for `items`.

    >>> pack(("a",)), pack(("a", "b")), pack(("a", "b", "c"))
    (('a', None), ('a', 'b'), (('a', 'b', 'c'), None))
    """
    if len(items) == 2:
        return items
    return (items[0], None) if len(items) == 1 else (items, None)


def unpack(first: Any, second: Any) -> tuple[Any, ...]:
    """The items again; of a leaf, whose slots hold None, there are none.

    >>> unpack("a", None), unpack("a", "b"), unpack(("a", "b", "c"), None), unpack(None, None)
    (('a',), ('a', 'b'), ('a', 'b', 'c'), ())
    """
    if second is not None:
        return first, second
    if first is None:
        return ()
    return first if first.__class__ is tuple else (first,)
