"""The two products of a network over lanes, tiled by hand: weights by values, and gradients by values."""

from autograd.compiler.elementwise import Array, compiled_sums
from autograd.compiler.encoding import FROM_BIAS, FROM_NOTHING, FROM_ZERO, HEAD, INDEX


@compiled_sums
def add_product(instruction: Array, shared: Array, slots: Array, n: int) -> None:
    """z_i += Σ_k W_ik x_k, for two i and four k at a time."""
    first, count, width = instruction[2], instruction[3], instruction[4]
    w = -1 - instruction[HEAD]
    w_i, w_k = -instruction[HEAD + 1], -instruction[HEAD + 2]
    x, x_k = instruction[HEAD + INDEX], instruction[HEAD + INDEX + 2]
    start = instruction[1]
    if start == FROM_ZERO or start == FROM_NOTHING:
        zero = 0.0 if start == FROM_ZERO else -0.0  # −0 + x is x for every x
        for i in range(count):
            for l in range(n):
                slots[first + i, l] = zero
    elif start == FROM_BIAS:
        c, c_i = -1 - instruction[HEAD + 2 * INDEX], -instruction[HEAD + 2 * INDEX + 1]
        for i in range(count):
            bias = shared[c + i * c_i]
            for l in range(n):
                slots[first + i, l] = bias
    for i in range(0, count - 1, 2):
        z0, z1 = slots[first + i], slots[first + i + 1]
        p, q = w + i * w_i, w + (i + 1) * w_i
        whole = width - width % 4
        for k in range(0, whole, 4):
            p0, p1, p2, p3 = shared[p], shared[p + w_k], shared[p + 2 * w_k], shared[p + 3 * w_k]
            q0, q1, q2, q3 = shared[q], shared[q + w_k], shared[q + 2 * w_k], shared[q + 3 * w_k]
            p += 4 * w_k
            q += 4 * w_k
            s = x + k * x_k
            a, b, c, d = slots[s], slots[s + x_k], slots[s + 2 * x_k], slots[s + 3 * x_k]
            for l in range(n):
                z0[l] += (p0 * a[l] + p1 * b[l]) + (p2 * c[l] + p3 * d[l])
                z1[l] += (q0 * a[l] + q1 * b[l]) + (q2 * c[l] + q3 * d[l])
        for k in range(whole, width):
            p0, q0, a = shared[p], shared[q], slots[x + k * x_k]
            p += w_k
            q += w_k
            for l in range(n):
                z0[l] += p0 * a[l]
                z1[l] += q0 * a[l]
    if count % 2:
        z0 = slots[first + count - 1]
        p = w + (count - 1) * w_i
        for k in range(width):
            p0, a = shared[p + k * w_k], slots[x + k * x_k]
            for l in range(n):
                z0[l] += p0 * a[l]


@compiled_sums
def sum_products(instruction: Array, slots: Array, totals: Array, n: int) -> None:
    """total_ik += Σ_lanes a_i b_k, for two i and four k at a time."""
    count, width = instruction[3], instruction[4]
    a, a_i = instruction[HEAD], instruction[HEAD + 1]
    b, b_k = instruction[HEAD + INDEX], instruction[HEAD + INDEX + 2]
    t, t_i, t_k = (
        instruction[HEAD + 3 * INDEX],
        instruction[HEAD + 3 * INDEX + 1],
        instruction[HEAD + 3 * INDEX + 2],
    )
    whole = width - width % 4
    for i in range(0, count - 1, 2):
        u, v = slots[a + i * a_i], slots[a + (i + 1) * a_i]
        p = t + i * t_i
        q = p + t_i
        for k in range(0, whole, 4):
            s = b + k * b_k
            c, d, e, f = slots[s], slots[s + b_k], slots[s + 2 * b_k], slots[s + 3 * b_k]
            uc = ud = ue = uf = vc = vd = ve = vf = totals.dtype.type(0.0)
            for l in range(n):
                uc += u[l] * c[l]
                ud += u[l] * d[l]
                ue += u[l] * e[l]
                uf += u[l] * f[l]
                vc += v[l] * c[l]
                vd += v[l] * d[l]
                ve += v[l] * e[l]
                vf += v[l] * f[l]
            r = k * t_k
            totals[p + r] += uc
            totals[p + r + t_k] += ud
            totals[p + r + 2 * t_k] += ue
            totals[p + r + 3 * t_k] += uf
            totals[q + r] += vc
            totals[q + r + t_k] += vd
            totals[q + r + 2 * t_k] += ve
            totals[q + r + 3 * t_k] += vf
        for k in range(whole, width):
            c = slots[b + k * b_k]
            uc = vc = totals.dtype.type(0.0)
            for l in range(n):
                uc += u[l] * c[l]
                vc += v[l] * c[l]
            totals[p + k * t_k] += uc
            totals[q + k * t_k] += vc
    if count % 2:
        u = slots[a + (count - 1) * a_i]
        p = t + (count - 1) * t_i
        for k in range(width):
            c = slots[b + k * b_k]
            uc = totals.dtype.type(0.0)
            for l in range(n):
                uc += u[l] * c[l]
            totals[p + k * t_k] += uc
