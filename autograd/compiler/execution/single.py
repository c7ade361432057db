"""Both products for a single row, which has no lanes to work on: along the operands or along the results."""

from autograd.compiler.execution.codes import ALONE, HEAD, INDEX, ONTO
from autograd.compiler.execution.endings import end
from autograd.compiler.execution.tiles import beginning
from autograd.compiler.execution.views import part
from autograd.compiler.machine import Array, compiled_inside, compiled_sums


@compiled_inside
def add_product_along(instruction: Array, space: Array, shared: Array) -> None:
    """The same as `add_product` for one row, along the operands or along the results."""
    add_along(instruction, space, shared)
    count, ending = instruction[3], instruction[HEAD + 3 * INDEX]
    z, other = instruction[2], instruction[HEAD + 3 * INDEX + 1]
    if ending != ALONE:
        for i in range(count):
            end(space, z + i, other + i, ending)


@compiled_sums
def add_along(instruction: Array, space: Array, shared: Array) -> None:
    """z_i = Σ_k W_ik x_k + c_i for one row."""
    start, first, count, width = instruction[1], instruction[2], instruction[3], instruction[4]
    w, w_i, w_k = -1 - instruction[HEAD], -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX], instruction[HEAD + INDEX + 2]
    z = part(space, first, count)
    for i in range(count if start != ONTO else 0):
        z[i] = beginning(instruction, shared, i)
    if w_i == 1:
        for k in range(width):
            number, weights = space[x + k * x_k], part(shared, w + k * w_k, count)
            for i in range(count):
                z[i] += weights[i] * number
        return
    for i in range(count):
        total = z[i]
        p = w + i * w_i
        if w_k == 1 and x_k == 1:
            weights, numbers = part(shared, p, width), part(space, x, width)
            for k in range(width):
                total += weights[k] * numbers[k]
        else:
            for k in range(width):
                total += shared[p + k * w_k] * space[x + k * x_k]
        z[i] = total


@compiled_inside
def sum_products_along(instruction: Array, space: Array, totals: Array, scale: float) -> None:
    """The same as `sum_products` for one row, along the results."""
    count, width = instruction[3], instruction[4]
    a, a_i = instruction[HEAD], instruction[HEAD + 1]
    b, b_k = instruction[HEAD + INDEX], instruction[HEAD + INDEX + 2]
    t, t_i, t_k = (
        instruction[HEAD + 3 * INDEX],
        instruction[HEAD + 3 * INDEX + 1],
        instruction[HEAD + 3 * INDEX + 2],
    )
    if t_i != 1 or a_i != 1:
        a, a_i, t_i, count, b, b_k, t_k, width = b, b_k, t_k, width, a, a_i, t_i, count
    for k in range(width):
        factor, r = scale * space[b + k * b_k], t + k * t_k
        if t_i == 1 and a_i == 1:
            onto, numbers = part(totals, r, count), part(space, a, count)
            for i in range(count):
                onto[i] += numbers[i] * factor
        else:
            for i in range(count):
                totals[r + i * t_i] += space[a + i * a_i] * factor
