"""Compiled functions as the tests show them."""

import autograd
from autograd.compiler.equations.naming import names_of
from autograd.compiler.equations.show import Listing, listing


def shown(f, *example, gradient: bool = True) -> Listing:
    """The listing of a function's first variant: of its gradient, or of its results."""
    program = autograd.compile(f, *example)
    variant = program.variants[0]
    stages = variant.split.gradient() if gradient else variant.split.forward()
    parameters = [program.values[place] for place in variant.places]
    return listing(names_of(f, len(program.dimensions), parameters), program.dimensions, stages)


def equations(text: str) -> list[str]:
    """The lines before the one that says what is held where."""
    return text.partition("\nwhere ")[0].split("\n")
