"""Recording: what is an input, a parameter, a constant; which branches were taken; what is refused."""

import copy
import operator
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autograd import Value, draw, grad, nonfinite, ops
from autograd.compiler.plans.recording import record, size


def test_inputs_have_the_nesting_of_the_example():
    """Each argument's Values nest as its numbers do; arrays are lists, and a Value is a number."""
    seen = []

    def function(x, rows, z):
        seen.append((x, rows, z))
        return [x + rows[1][0], [rows[0][1] * z]]

    recording = record(function, [1.0, np.array([[2, 3], [4, 5]]), Value(6.0)])
    ((x, rows, z),) = seen
    assert recording.inputs == [x, *rows[0], *rows[1], z]
    assert [node.data for node in recording.inputs] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert recording.shapes == [None, ((None, None), (None, None)), None]
    assert [size(shape) for shape in recording.shapes] == [1, 4, 1]
    assert recording.by_argument() == [[x], [*rows[0], *rows[1]], [z]]
    assert recording.output_shape == (None, (None,))
    assert [output.data for output in recording.outputs] == [5.0, 18.0]


def test_parameters_are_the_leaves_that_others_hold():
    """What the function closes over is a parameter; what it makes itself is a constant, however used."""
    w, table = Value(2.0), {"b": [Value(3.0)]}

    def function(x):
        start, bound = Value(0.0), Value(100.0)
        if start > bound:
            return bound
        unused = Value(7.0) * w
        assert unused.data
        return [start + w * x + table["b"][0] * Value(0.5), bound]

    recording = record(function, [1.0])
    assert recording.parameters == [w, table["b"][0]]
    assert recording.guards == []


def test_parameters_of_recursive_functions():
    """A function inside that calls itself keeps nothing alive that would then count as a parameter."""
    w = Value(2.0)

    def function(x):
        half = Value(0.5)

        def power(n):
            return half if n == 0 else w * power(n - 1)

        return x * power(3)

    assert record(function, [1.0]).parameters == [w]


def test_a_parameter_used_many_times_is_listed_once():
    """Parameters come in the order of their first use, each once."""
    v, w = Value(2.0), Value(3.0)
    recording = record(lambda x: w * x * w + v * w, [1.0])
    assert recording.parameters == [w, v]


def test_only_parameters_that_are_compared():
    """A leaf that only decides a branch is a parameter too."""
    limit = Value(2.0)
    recording = record(lambda x: x if x < limit else -x, [1.0])
    assert recording.parameters == [limit]


def test_guards_keep_comparison_outcome_and_line():
    """Each comparison is kept in turn, with its outcome and its place in the source."""

    def function(x, y):
        if x > 0:
            x = 2.0 * x
        if 1.0 >= y:  # noqa: SIM300
            x = x + y
        return x if y else y

    guards = record(function, [1.0, -2.0]).guards
    assert [(guard.compare, guard.outcome) for guard in guards] == [
        (operator.gt, True), (operator.le, True), (operator.ne, True),
    ]  # fmt: skip
    first = function.__code__.co_firstlineno
    assert [guard.where for guard in guards] == [f"{__file__}:{first + i}" for i in (1, 3, 5)]


def test_sorting_and_extremes_are_guarded():
    """max, min, sorted and the like compare Values, and so leave guards."""
    for choose in (max, min, lambda values: sorted(values)[1]):
        guards = record(choose, [[1.0, 3.0, 2.0]]).guards
        assert len(guards) >= 2
        assert all(guard.compare(guard.left.data, guard.right.data) == guard.outcome for guard in guards)


def test_comparisons_of_parameters_are_guarded():
    """Parameters may change, so branches on them are kept; branches on constants are not."""
    w = Value(2.0)

    def function(x):
        if Value(1.0) < Value(2.0) and w * 2.0 > 1.0:
            return x * w
        return x

    (guard,) = record(function, [1.0]).guards
    assert (guard.compare, guard.left.data, guard.outcome) == (operator.gt, 4.0, True)


def test_values_compare_as_before_afterwards():
    """Once recorded, nothing is kept any more, also where the function raised."""
    kept = []
    recording = record(lambda x: kept.append(x * 2.0) or x, [1.0])
    with pytest.raises(ZeroDivisionError):
        record(lambda x: [x > 1.0, 1 / 0], [1.0])
    assert recording.inputs[0] > 0.5
    assert kept[0] < 5.0
    assert bool(Value(0.0)) is False
    assert recording.guards == []
    assert "keep" not in Value.__lt__.__qualname__


def test_other_threads_compare_as_they_like():
    """Comparisons of other threads leave no guard, and several threads can record at a time."""
    other, w = Value(1.0), Value(2.0)

    def function(x):
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: other < w).result()
        return x * w if x < w else x

    with ThreadPoolExecutor(4) as pool:
        recordings = list(pool.map(lambda _: record(function, [1.0]), range(20)))
    assert [len(recording.guards) for recording in recordings] == [1] * 20
    assert "keep" not in Value.__lt__.__qualname__


@pytest.mark.parametrize(
    "convert",
    [
        float, int, round, lambda v: round(v, 2), lambda v: [1, 2][v], range, np.floor, np.sqrt,
        lambda v: v.data, lambda v: 1.0 if v.data > 0.5 else 2.0, lambda v: v.partials[0],
        lambda v: v.backward() or v.grad,
        lambda v: 1.0 if nonfinite(v) is None else 2.0,
    ],
)  # fmt: skip
def test_numbers_of_inputs_are_refused(convert):
    """float, int, round, indexing, `data` and `backward` of what depends on an input would fix the example's."""
    if convert is np.sqrt:
        assert record(lambda x: convert(x), [4.0]).outputs[0].op is ops.sqrt
        return
    with pytest.raises(TypeError, match="would fix the number of the example row"):
        record(lambda x: x * convert(1.0 * x), [1.0])


@pytest.mark.parametrize("read", [float, lambda v: v.data])
def test_numbers_of_inputs_are_refused_in_recordings_within(read):
    """Also where another function is recorded inside, and where the engine reads them to compute."""
    with pytest.raises(TypeError, match="would fix the number of the example row"):
        record(lambda x: x * record(lambda u: u * read(x), [1.0]).outputs[0].data, [1.0])
    assert (
        record(lambda x: x * record(lambda u: 2.0 * u, [3.0]).outputs[0].data, [1.0]).outputs[0].data == 6.0
    )


def test_what_is_printed_while_recording():
    """print, format, grad and drawing read numbers without fixing them."""
    shown = []

    def function(x):
        z = (3.0 * x).tanh()
        shown.extend([repr(z), f"{z:.3f}", draw(z).source])
        return z * grad(z, x)

    recording = record(function, [1.0])
    assert recording.outputs[0].data == pytest.approx(3.0 * np.tanh(3.0) * (1.0 - np.tanh(3.0) ** 2))
    assert (shown[0], shown[1]) == (f"Value(data={np.tanh(3.0).item()!r}, grad=0.0)", "0.995")
    assert "tanh" in shown[2]


def test_numbers_of_parameters_may_be_asked_for():
    """What depends on no input is a number as ever; with an input in it, a subclass refuses as well."""

    class Weight(Value):
        __slots__ = ()

    w = Weight(2.5)
    assert record(lambda x: x * int(w) + float(2.0 * w) + round(w), [1.0]).outputs[0].data == 9.0
    assert record(lambda x: x * w.data + (2.0 * w).data, [1.0]).outputs[0].data == 7.5
    with pytest.raises(TypeError, match="would fix the number of the example row"):
        record(lambda x: x * float(w * x), [1.0])
    assert record(lambda x: x * w.__round__(digits=1), [1.0]).outputs[0].data == 2.5
    assert (float(w), int(w), hasattr(Value, "__index__")) == (2.5, 2, False)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps, lambda v: v.detach()])
def test_copies_of_inputs_are_refused(copied):
    """A copy is a leaf with the number of the example row; of parameters alone it is as good as ever."""
    w = Value(2.0)
    with pytest.raises(TypeError, match="would fix the number of the example row"):
        record(lambda x: w * copied(w * x), [1.0])
    if copied in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="would fix the number of the example row"):
            record(lambda x: w * x + len(copied([[x]])), [1.0])
    record(lambda x: [w * x, copied(w)][0], [1.0])
    assert copied(w) is not w


@pytest.mark.parametrize("result", [1.0, None, "x", [Value(1.0), 2.0], {"z": Value(1.0)}])
def test_results_must_be_values(result):
    """A function that returns anything else is refused by name, with what it returned."""

    def model(x):
        return result

    with pytest.raises(TypeError, match=r"model returned .*: expected a Value, or lists of Values"):
        record(model, [1.0])


@pytest.mark.parametrize("example", ["3", None, {"x": 1.0}, [1.0, "2"], 1j, np.array(["a"]), True])
def test_examples_must_be_numbers(example):
    """An argument that is no number or list of them is refused, and its position named."""
    with pytest.raises(TypeError, match="argument 2 of the example: expected a real number"):
        record(lambda x, y: x, [1.0, example])


def test_derivatives_inside_are_part_of_the_graph():
    """A function may differentiate: its result is recorded like any other."""
    w = Value(3.0)
    recording = record(lambda x: grad(w * x**3, x), [2.0])
    assert recording.outputs[0].data == 36.0
    assert recording.parameters == [w]


def test_inputs_of_an_outer_recording_are_refused():
    """A function recorded inside another one would fix the number of that one's input; it may take it."""
    w = Value(3.0)

    def outer(x):
        record(lambda y: w * y, [1.0])
        with pytest.raises(TypeError, match="an input of another function that is being recorded"):
            record(lambda y: y * (2.0 * x), [1.0])
        with pytest.raises(TypeError, match="would fix the number of the example row"):
            float(x)
        return w * x

    assert record(outer, [2.0]).parameters == [w]
