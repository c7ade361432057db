"""Totals: means over rows as expressions of NumPy, each with the shape of what it is the gradient of."""

from math import prod

import numpy as np

from autograd.compiler.equations.portions import Portion
from autograd.compiler.equations.writing import ATOM
from autograd.compiler.source.arrays import Code, averaged, placed, summed
from autograd.compiler.source.gathering import Gathering

__all__ = ["mean"]


Array = np.ndarray


def mean(portion: Portion, shape: tuple[int, ...], gathering: Gathering, constants: list[float]) -> Code:
    """The mean over rows of what a portion adds, as an array of that shape."""
    factors = [gathering.refer(located, constants) for located in portion.factors]
    offset = portion.offset
    count, width = offset.shape
    if shape == ():
        total = averaged(factors[0], factors[1] if len(factors) > 1 else None)
        for axis, length in (("i", count), ("k", width)):
            total = summed(total, axis, length) if length > 1 else total
        return total
    if offset.size == prod(shape) and np.array_equal(offset.T.ravel(), np.arange(offset.size)):
        turned = str.maketrans("ik", "ki")
        # The other way round the entries lie in order.
        factors = [Code(f.text, f.axes.translate(turned), f.precedence) for f in factors]
        offset = offset.T
    own = "i" * (offset.shape[0] > 1) + "k" * (offset.shape[1] > 1)
    dimensions = tuple([length for length in offset.shape if length > 1])
    total = averaged(factors[0], factors[1] if len(factors) > 1 else None)
    complete = len(total.axes) == len(own)
    total = placed(total, own)
    if not complete:  # each of the entries along the axis that is not there gets the same
        total = Code(f"np.broadcast_to({total.text}, {dimensions})", own)
    return _laid_out(total, offset.ravel(), dimensions, shape, gathering)


def _laid_out(
    total: Code, offset: Array, dimensions: tuple[int, ...], shape: tuple[int, ...], gathering: Gathering
) -> Code:
    """Numbers that belong at `offset` of an array of `shape`, added up where they belong at the same."""
    if np.array_equal(offset, np.arange(prod(shape))):
        if dimensions == shape:
            return Code(total.text, "", total.precedence)
        return Code(f"{total.bracketed(ATOM).text}.reshape({', '.join(map(str, shape))})")
    flat = f"{total.bracketed(ATOM).text}.ravel()" if len(dimensions) != 1 else total.text
    if dimensions == ():
        flat = f"np.array([{total.text}])"
    text = f"np.bincount({gathering.table('I', offset)}, {flat}, {prod(shape)})"
    return Code(text + (f".reshape({shape[0]}, {shape[1]})" if len(shape) == 2 else ""))
