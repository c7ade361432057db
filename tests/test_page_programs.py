"""Tests of operations as programs of primitive rows."""

import inspect
import math
from itertools import product

import pytest

import autograd
from autograd import Value, function, ops
from autograd.operation import Op
from autograd.page.programs import PRIMITIVES, Program, Rule, computed, rows, rule, run

INF, NAN = math.inf, math.nan
POINTS = [0.0, -0.0, 1e-300, -1e-300, INF, -INF, NAN, 0.5, -0.7, 1.0, -1.0, 2.0, 3.7, 40.0, -40.0, 1000.0]
TABLE = [row for row in vars(ops).values() if isinstance(row, Op) and row is not ops.constant]


def arity(row):
    return len(inspect.signature(row.forward).parameters)


def recorded(row, xs):
    """The node of a row on numbers; the exponent of xⁿ is a constant, as it always is."""
    if row is ops.power:
        return Value(xs[0]) ** xs[1]
    operands = tuple([Value(x) for x in xs])
    return operands[0].__autograd__(row, operands)


def places(row):
    """Operands to try a row on: all pairs of edge points, or a few lists with an index at the end."""
    if row in (ops.select, ops.cross_entropy):
        lists = [
            (0.5, 2.0, -0.7),
            (1000.0, -1000.0, 0.0),
            (40.0, 0.0, 1e-300),
            (INF, 1.0, 0.0),
            (NAN, 0.0, 1.0),
        ]
        return [(*xs, float(index)) for xs in lists for index in range(3)]
    if row.variadic:
        lists = [
            (0.5, 2.0, -0.7, 1.0, 3.0),
            (INF, 1.0, 0.0, 0.5, 1.0),
            (NAN, 0.0, 1.0, 2.0, 3.0),
            (-0.0,) * 5,
        ]
        return [*lists, (1000.0, 999.0, -1000.0, 1e-300, 2.0)]
    if arity(row) == 3:
        return list(product([0.0, -0.0, 1.0, -0.7, NAN], [2.0, INF], [-1.0, NAN]))
    return list(product(POINTS, repeat=arity(row)))


def alike(found, wanted):
    return (
        found == wanted or (found != found and wanted != wanted) or math.isclose(found, wanted, rel_tol=1e-12)
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row_is_a_program_that_gives_its_numbers(row):
    """The value and each local derivative, also at 0, −0, ±1e-300, ±∞ and nan, and traced at any of them."""
    nodes = [recorded(row, xs) for xs in places(row)]
    for node in nodes:
        known = rule(node)
        assert not known.held
        xs = [parent.data for parent in node.parents]
        assert alike(computed(known.row, xs), node.data)
        found = run(known.derivative, [*xs, node.data])
        assert all(map(alike, found, node.partials)), (xs, found, node.partials)


@pytest.mark.parametrize("row", [row for row in TABLE if row is not ops.power], ids=lambda row: row.name)
def test_a_program_does_not_depend_on_where_it_was_traced(row):
    """One program of a row serves every number, which is what allows a reader to change numbers."""
    assert len({rule(recorded(row, xs)) for xs in places(row)}) == 1


def used(row):
    """The rows of the programs of `row`, with those of these in turn."""
    inner = rows(row.forward)
    return {row, *inner}.union(*map(used, inner))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_programs_end_in_primitive_rows(row):
    """Each row that a program uses is primitive or has a program itself."""
    known = rule(recorded(row, places(row)[0]))
    everything = set().union(used(known.row), *map(used, rows(known.derivative)))
    assert all(inner.op in PRIMITIVES or inner.forward is not None for inner in everything)


def test_a_power_is_written_for_its_exponent():
    """The derivative of x² is 2x, and that of x³ is 3·x²: their rule asks for the number n."""
    square, cube = rule(Value(3.0) ** 2), rule(Value(3.0) ** 3)
    assert run(square.derivative, [5.0, 2.0, 25.0])[0] == 10.0
    assert run(cube.derivative, [5.0, 3.0, 125.0])[0] == 75.0
    assert square != cube


def test_a_users_operation_made_of_operations_is_traced():
    """Its forward and derivative become programs, without an `expand`."""
    cube = function("cube", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    known = rule(cube(Value(2.0)))
    assert not known.held
    assert computed(known.row, [4.0]) == 64.0
    assert run(known.derivative, [4.0, 64.0]) == [48.0]


def test_a_users_operation_with_any_number_of_operands_is_traced():
    """Likewise; it is held where its forward asks for the numbers."""
    squares = function(
        "squares", lambda *xs: autograd.sum([x * x for x in xs]), lambda *xs: [2 * x for x in xs[:-1]]
    )
    known = rule(squares(Value(2.0), Value(3.0), Value(4.0)))
    assert not known.held
    assert computed(known.row, [1.0, 5.0, 2.0]) == 30.0
    assert run(known.derivative, [1.0, 5.0, 2.0, 30.0]) == [2.0, 10.0, 4.0]
    length = function("length", lambda *xs: math.hypot(*xs), lambda *xs: [x / xs[-1] for x in xs[:-1]])
    assert rule(length(Value(3.0), Value(4.0))).held


@pytest.mark.parametrize(
    ("forward", "derivative"),
    [
        (lambda x: math.cos(x), lambda x, z: -autograd.sin(x)),
        (lambda x: x if x > 0 else 0.0, lambda x, z: autograd.relu(x)),
        (lambda x: 2.0 * x, lambda x, z: 2.0 if float(x) == 2.0 else 3.0),
        (lambda x: 2.0 * x, lambda x, z: 2.0 if x == 2.0 else 3.0),
        (lambda x: round(x), lambda x, z: 0.0),
        (lambda x: x * 2.0 if isinstance(x, float) else x * 3.0, lambda x, z: 2.0),
    ],
    ids=["math", "branch", "number", "comparison", "rounding", "other"],
)
def test_an_operation_that_depends_on_the_number_itself_is_held(forward, derivative):
    """No program is right for it at every number, so the page may not compute it."""
    known = rule(function("own", forward, derivative)(Value(2.0)))
    assert known.held


def test_what_is_held_still_shows_its_derivative():
    """As its rule gives it at the point: −sin(x) for an operation whose forward is math.cos."""
    cosine = function("cosine", lambda x: math.cos(x), lambda x, z: -autograd.sin(x))
    known = rule(cosine(Value(2.0)))
    assert isinstance(known, Rule)
    assert [what.op for what, _ in known.derivative.instructions] == [ops.sin, ops.neg]


def test_a_derivative_that_fails_on_values_is_shown_as_numbers():
    """Nothing breaks for a rule that takes floats alone."""
    own = function("own", lambda x: 2.0 * x, lambda x, z: {True: 2.0}[isinstance(x, float)])
    assert rule(own(Value(2.0))).derivative == Program(2, ((2.0, ()),), (2,))


def test_a_row_without_a_formula_is_opened():
    """Binary cross-entropy is shown as −y log a − (1−y) log(1−a), and still computed by its own row."""
    node = autograd.binary_cross_entropy(Value(0.3), Value(1.0))
    row = rule(node).row
    assert row.forward is None
    assert [what.op.name for what in rows(row.opened)] == ["xlogy", "neg", "sub", "sub", "xlogy", "sub"]
