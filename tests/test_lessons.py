"""Tests of `autograd.lessons` and of autograd.stepping.mistakes and telling, which they are made of."""

import json
import math

import pytest
from graphs import KINKED, recipes
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd import Value, exp, lessons, ops, steps
from autograd.stepping.mistakes import following_paths

ALL = [lessons.assignment, lessons.unordered, lessons.not_zeroed, lessons.per_path]
every_lesson = pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)


class Micro:
    """A node of a naive engine, as in micrograd, with one mistake in each of its backward passes.

    They may go through the nodes in `order`, that of the right pass, or by recursion.
    """

    def __init__(self, operands, partials):
        self.grad = 0.0
        self.operands = operands
        self.partials = partials

    def hand_on(self):
        for operand, partial in zip(self.operands, self.partials):
            operand.grad += self.grad * partial

    def hand_on_by_assignment(self):
        for operand, partial in zip(self.operands, self.partials):
            operand.grad = self.grad * partial

    def assignment(self, order):
        self.grad = 1.0
        for node in order:
            node.hand_on_by_assignment()

    def unordered(self, order):
        visited = set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                node.hand_on()
                for operand in node.operands:
                    visit(operand)

        self.grad = 1.0
        visit(self)

    def not_zeroed(self, order):
        for _ in range(2):
            self.grad = 1.0
            for node in order:
                node.hand_on()

    def per_path(self, order):
        def visit(node):
            node.hand_on()
            for operand in node.operands:
                visit(operand)

        self.grad = 1.0
        visit(self)


def mirrored(root):
    """The graph below `root` in the naive engine: a node of it for each of ours."""
    made = {}

    def mirror(node):
        if node not in made:
            made[node] = Micro([mirror(parent) for parent in node.parents], node.partials)
        return made[node]

    mirror(root)
    return made


def same(x, y):
    return x == y or (math.isnan(x) and math.isnan(y))


def lesson_of(make, root):
    """The lesson, unless this graph has too many paths for it."""
    try:
        return make(root)
    except ValueError:
        assume(False)


@every_lesson
@given(recipe=recipes(KINKED, most=12))
@settings(max_examples=60)
def test_the_wrong_numbers_are_those_of_an_engine_with_that_mistake(make, recipe):
    """On random graphs, the gradients at the end are, to the last bit, what a naive engine computes."""
    root, _ = recipe.record()
    lesson = lesson_of(make, root)
    naive = mirrored(root)
    order = dict.fromkeys(step.node for step in lesson.right if step.phase == "backward")
    getattr(naive[root], make.__name__)([naive[node] for node in order])
    for node, gradient in lesson.wrong.gradients.items():
        assert same(gradient, naive[node].grad)
    assert set(lesson.wrong.gradients) == set(lesson.right.gradients)


@every_lesson
@given(recipe=recipes(KINKED, most=12))
@settings(max_examples=40)
def test_each_wrong_step_follows_from_the_steps_before_it(make, recipe):
    """Upstream is what the node holds by then, before what the operand holds, and both passes start alike."""
    root, leaves = recipe.record()
    lesson = lesson_of(make, root)
    holds = dict.fromkeys(lesson.wrong.order, 0.0)
    for number, step in enumerate(lesson.wrong):
        assert step.number == number
        if step.phase == "forward":
            assert step == lesson.right[number]
        elif step.phase == "seed":
            holds[root] = 1.0
        else:
            assert step.operand is step.node.parents[step.position]
            assert same(step.upstream, holds[step.node])
            assert same(step.before, holds[step.operand])
            assert same(step.contribution, step.upstream * step.node.partials[step.position])
            added = 0.0 if make is lessons.assignment else step.before
            assert same(step.after, added + step.contribution)
            holds[step.operand] = step.after
    assert all(same(holds[node], gradient) for node, gradient in lesson.wrong.gradients.items())
    assert not any(leaf.has_grad for leaf in leaves)


@every_lesson
@given(recipe=recipes(KINKED, most=12))
@settings(max_examples=60)
def test_without_a_parting_the_gradients_are_right(make, recipe):
    """Where no step parts company, the pass ends with the right gradients, but for the order of additions."""
    root, _ = recipe.record()
    lesson = lesson_of(make, root)
    if lesson.parting is None:
        for node, gradient in lesson.wrong.gradients.items():
            right = lesson.right.gradients[node]
            assert same(gradient, right) or gradient == pytest.approx(right, rel=1e-9, abs=1e-12)
    else:
        assert lesson.wrong[lesson.parting].phase == "backward"


@given(recipe=recipes(KINKED, most=12))
@settings(max_examples=60)
def test_assignment_and_not_zeroed_part_at_the_first_step_unlike_that_of_the_right_pass(recipe):
    """Their steps are those of the right pass, once or twice: the parting is the first with another result."""
    root, _ = recipe.record()
    for make, times in ((lessons.assignment, 1), (lessons.not_zeroed, 2)):
        lesson = make(root)
        computed = sum(step.phase == "forward" for step in lesson.right)
        expected = [*lesson.right[:computed], *lesson.right[computed:] * times]
        assert len(lesson.wrong) == len(expected)
        unlike = [
            step.number
            for step, right in zip(lesson.wrong, expected)
            if step.after is not None and not same(step.after, right.after)
        ]
        assert lesson.parting == (unlike[0] if unlike else None)


@given(recipe=recipes(KINKED, most=12))
@settings(max_examples=60)
def test_an_unordered_pass_parts_where_a_node_hands_on_an_unfinished_gradient(recipe):
    """Before the parting each contribution is that of the right pass on this edge; there it is another."""
    root, _ = recipe.record()
    lesson = lessons.unordered(root)
    right = {(step.node, step.position): step for step in lesson.right if step.phase == "backward"}
    steps = [step for step in lesson.wrong if step.phase == "backward"]
    assert {(step.node, step.position) for step in steps} == set(right)
    for step in steps:
        expected = right[step.node, step.position]
        if step.number == lesson.parting:
            assert not same(step.contribution, expected.contribution)
            assert not same(step.upstream, lesson.right.gradients[step.node])
            break
        # What is too small to change the sum may differ.
        assert same(step.contribution, expected.contribution) or step.after == step.before


@given(recipe=recipes(KINKED, most=8))
@settings(max_examples=60)
def test_per_path_parts_where_more_is_handed_on_than_came_along_the_path(recipe):
    """Up to the parting, the operand has the sum of the products of partials along the paths walked so far."""
    root, _ = recipe.record()
    lesson = lesson_of(lessons.per_path, root)
    sums = dict.fromkeys(lesson.wrong.order, 0.0)
    walked = [step for step in lesson.wrong if step.phase == "backward"]

    def products(node, product):
        for position, operand in enumerate(node.parents):
            if operand.op is not ops.constant:
                yield node, operand, product * node.partials[position]
        for position, operand in enumerate(node.parents):
            if operand.op is not ops.constant:
                yield from products(operand, product * node.partials[position])

    for step, (node, operand, product) in zip(walked, products(root, 1.0), strict=True):
        assert (step.node, step.operand) == (node, operand)
        sums[operand] += product
        if step.number == lesson.parting:
            assert not same(step.after, sums[operand])
            break
        assert same(step.after, sums[operand])


@st.composite
def trees(draw, depth=4):
    """A random expression in which every value is used once."""
    if depth == 0 or draw(st.booleans()):
        return Value(draw(st.floats(-2.0, 2.0)))
    operation = draw(st.sampled_from([ops.add, ops.sub, ops.mul, ops.maximum, ops.tanh, ops.exp, ops.relu]))
    count = 1 if operation in (ops.tanh, ops.exp, ops.relu) else 2
    return operation(*[draw(trees(depth=depth - 1)) for _ in range(count)])


@pytest.mark.parametrize("make", [lessons.assignment, lessons.unordered, lessons.per_path])
@given(root=trees())
@settings(max_examples=60)
def test_trees_do_not_show_mistakes_with_shared_nodes(make, root):
    """Where every value is used once, three of the passes are right to the last bit, and the text says why."""
    lesson = make(root)
    assert lesson.parting is None
    assert lesson.wrong.gradients.keys() == lesson.right.gradients.keys()
    assert all(same(lesson.wrong.gradients[node], x) for node, x in lesson.right.gradients.items())
    assert "is used twice" in lesson.text


@pytest.mark.parametrize("make", [lessons.unordered, lessons.per_path])
def test_shared_leaves_alone_do_not_show_what_shared_results_do(make):
    """A leaf hands nothing on: used twice, it is right without order, and once per path."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    lesson = make((w * x).tanh() * w)
    assert lesson.parting is None
    assert lesson.wrong.gradients[w] == pytest.approx(lesson.right.gradients[w], rel=1e-15)


def shared():
    """L = b + 2b with b = w·x = 15: ∂L/∂b = 1 + 2 = 3, ∂L/∂w = 3x = 15, ∂L/∂x = 3w = 9."""
    w, x = Value(3.0, "w"), Value(5.0, "x")
    b = w * x
    b.label = "b"
    return b + b * 2.0, w, x, b


def test_assignment_in_numbers():
    """The second contribution, 2, replaces the first, 1; by hand, w gets 2·5 and x 2·3."""
    root, w, x, b = shared()
    lesson = lessons.assignment(root)
    parting = lesson.wrong[lesson.parting]
    assert (parting.operand, parting.before, parting.contribution, parting.after) == (b, 1.0, 2.0, 2.0)
    assert (lesson.wrong.gradients[w], lesson.wrong.gradients[x]) == (10.0, 6.0)
    assert lesson.text == (
        "b already holds 1 from another use when 2 arrives from v1. With = the 1 is lost and b is left at 2; "
        "+= makes it 3. A value that is used several times moves the output through each of its uses: its "
        "gradient is the sum. In the end w has 10 instead of 15, x has 6 instead of 9."
    )


def test_no_topological_order_in_numbers():
    """b hands on its 1 before the 2 has arrived; by hand, w gets 1·5 and x 1·3."""
    root, w, x, b = shared()
    lesson = lessons.unordered(root)
    parting = lesson.wrong[lesson.parting]
    assert (parting.node, parting.operand, parting.upstream, parting.after) == (b, w, 1.0, 5.0)
    assert (lesson.wrong.gradients[w], lesson.wrong.gradients[x], lesson.wrong.gradients[b]) == (
        5.0,
        3.0,
        3.0,
    )
    assert lesson.text == (
        "b is reached before all that uses it has had its turn. It hands on 1, the gradient that it holds by "
        "then, not 3, which it has in the end; and it gets no second turn. So 5 flows to w where 15 ought to. "
        "A topological order visits a node after everything that uses it. In the end w has 5 instead of 15, "
        "x has 3 instead of 9."
    )


def test_gradients_not_zeroed_in_numbers():
    """The second pass starts with b at 3 and v1 = 2b at 1; by hand, v1 ends at 2, b at 3 + 1 + 4 = 8."""
    root, w, x, b = shared()
    lesson = lessons.not_zeroed(root)
    assert lesson.wrong.gradients[b] == 8.0
    assert (lesson.wrong.gradients[w], lesson.wrong.gradients[x]) == (15.0 + 8.0 * 5.0, 9.0 + 8.0 * 3.0)
    parting = lesson.wrong[lesson.parting]
    assert (parting.operand, parting.before, parting.contribution, parting.after) == (b, 3.0, 1.0, 4.0)
    assert lesson.text.startswith(
        "The second pass starts from what the first one left: b still holds 3, 1 is added, and it comes to 4, "
        "not 1."
    )
    assert lesson.text.endswith("In the end w has 55 instead of 15, x has 33 instead of 9.")


def test_once_per_path_in_numbers():
    """b hands on 1, and then 1 + 2 = 3 though 2 came along that path; by hand, w gets 5 + 15."""
    root, w, x, b = shared()
    lesson = lessons.per_path(root)
    parting = lesson.wrong[lesson.parting]
    assert (parting.node, parting.upstream, parting.before, parting.after) == (b, 3.0, 5.0, 20.0)
    assert (lesson.wrong.gradients[w], lesson.wrong.gradients[x]) == (20.0, 12.0)
    assert "here 3, though only 2 came along this path: w comes to 20, not 15." in lesson.text


@every_lesson
def test_where_nothing_shows_the_text_says_what_would(make):
    """A relu that is off: nodes are shared, but all that is handed on is 0; and an output without operands."""
    x = Value(-2.0, "x")
    r = x.relu()
    lesson = make(r + r * 2.0)
    lone = make(Value(1.0))
    assert lone.parting is None
    assert "shows" in lone.text or "show the mistake" in lone.text
    if make in (lessons.unordered, lessons.per_path):
        assert lesson.parting is None
        assert "with" in lesson.text
        assert "other numbers" in lesson.text
    else:
        assert lesson.parting is not None


def test_a_wrong_pass_may_end_right_by_chance():
    """b − b·1 − 0·b: what the first uses hand on is lost, but 0 comes out all the same; the text says so."""
    x = Value(2.0, "x")
    b = x * 0.0
    lesson = lessons.assignment(b + b * 2.0)
    assert lesson.parting is not None
    assert lesson.text.endswith("the leaves have the right gradients all the same, by chance.")


@every_lesson
def test_nan_is_not_another_number_than_nan(make):
    """Where both passes have nan, they have not parted company over it."""
    x = Value(-1.0, "x")
    lesson = make((x.log() * x).log())
    first = next((step for step in lesson.wrong if step.number == lesson.parting), None)
    assert first is None or not math.isnan(first.after)


def test_many_leaves_are_summed_up():
    """The text names four gradients, those with names first, and counts the rest."""
    leaves = [Value(float(i), f"x{i}") for i in range(1, 7)]
    b = ops.sum(leaves)
    lesson = lessons.unordered(b + b * 2.0)
    assert lesson.text.endswith("x4 has 1 instead of 3, and so on, 6 in all.")
    unnamed, named = Value(2.0), Value(3.0, "w")
    b = unnamed * named
    assert "In the end w has" in lessons.unordered(b + b * 2.0).text


def test_too_many_paths_are_refused_at_once():
    """A chain of doublings has 2⁴¹ − 2 steps along its paths: the error says how many and what to do."""
    x = Value(1.0)
    for _ in range(40):
        x = x + x
    with pytest.raises(ValueError) as caught:
        lessons.per_path(x)
    assert str(caught.value) == (
        "following every path takes 2,199,023,255,550 steps here, more than 10,000: that is what the mistake "
        "costs; see it on a smaller graph, or on a part of this one"
    )
    assert len(following_paths(steps(Value(1.0).exp())).steps) == 3


def test_large_graphs_do_not_recurse():
    """A chain of 5,000 nodes is no deeper than the stack of Python allows."""
    x = Value(1.0)
    for _ in range(5_000):
        x = -x
    for make in (lessons.assignment, lessons.unordered, lessons.not_zeroed):
        assert abs(make(x).right[-1].after) == 1.0


def test_names_and_models_reach_the_steps():
    """`names` and `model` name the nodes in texts and steps, as in `steps`."""
    b = exp(Value(1.0))
    lesson = lessons.unordered(b + b * 2.0, names={"bee": b})
    assert lesson.text.startswith("bee is reached before")
    assert lesson.wrong.names[b] == "bee"


@every_lesson
def test_a_lesson_is_shown_by_the_page_of_its_wrong_pass(make, tmp_path, capsys):
    """The file and the frame in a notebook say what goes wrong; without a keyboard, the steps are printed."""
    lesson = make(shared()[0])
    path = lesson.save(tmp_path / "lesson.html")
    page = path.read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    said = json.dumps(lesson.text, ensure_ascii=False)
    assert said in page
    assert lesson._repr_html_().startswith("<iframe")
    lesson.show()
    shown = capsys.readouterr().out
    assert shown.startswith(f"{lesson.title}\n\n{lesson.text}\n\n")
    assert all(step.sentence in shown for step in lesson.wrong)


@every_lesson
def test_a_lesson_opens_where_its_passes_part(make, monkeypatch):
    """In the terminal as on the page."""
    opened = []
    monkeypatch.setattr("autograd.stepping.terminal.show", lambda steps, *, at: opened.append((steps, at)))
    lesson = make(shared()[0])
    lesson.show()
    assert opened == [(lesson.wrong, lesson.parting)]


def test_a_lesson_says_its_title_and_parting():
    """Its repr is short."""
    assert repr(lessons.assignment(shared()[0])) == "Lesson(title='= instead of +=', parting=6)"
