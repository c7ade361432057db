"""Tests of the page in a real browser: Debian's chromium, driven by playwright, with the network off."""

import json
import math
import random
import re
from functools import cache
from html import unescape
from itertools import groupby, pairwise
from xml.etree import ElementTree

import pytest
from browser import chromium, faults, listen
from graphs import KINKED
from test_page_programs import TABLE, alike, places, recorded

import autograd
from autograd import Value, function, lessons, ops, steps
from autograd.page.document import iframe, page
from autograd.page.export import exported
from autograd.page.programs import PRIMITIVES
from autograd.plain import PLAIN
from nn import MLP, SGD, Adam, half_squared_error, training_story

DESK, PHONE, DOUBLED = (1280, 800), (360, 740), (640, 400)  # the last is the first at 200 % zoom


@pytest.fixture(scope="module")
def browser():
    with chromium() as launched:
        yield launched


@pytest.fixture
def show(browser, tmp_path):
    """Shows HTML from a file, offline, with a fresh browser context; at the end, nothing must have gone wrong."""
    contexts, tabs = [], []

    def shown(html, size=DESK, **settings):
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, offline=True, **settings)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(5000)
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        listen(tab, {file.as_uri(), "about:srcdoc"})
        tabs.append(tab)
        tab.goto(file.as_uri())
        return tab

    yield shown
    for context in contexts:
        context.close()
    assert [(tab.requests, tab.errors) for tab in tabs] == [([], [])] * len(tabs)


# ── graphs to step through ────────────────────────────────────────────────────────────────────────────


def neuron(w=0.5, x=2.0, b=-1.5, y=1.0):
    """The neuron of the seeds, whose names are those of its formulas."""
    w, x, b, y = Value(w, "w"), Value(x, "x"), Value(b, "b"), Value(y, "y")
    Z = w * x + b
    A = autograd.sigmoid(Z)
    L = autograd.binary_cross_entropy(A, y)
    return steps(L, names={"Z": Z, "A": A, "L": L})


def shared(a=3.0, b=-2.0):
    """A graph in which a is used three times, and whose last leaf has no name."""
    a, b = Value(a, "a"), Value(b, "b")
    return steps((a * b).tanh() + a * a * 0.1 + b * Value(0.5))


@cache
def large():
    """Nearly 1,000 nodes."""
    model = MLP(8, [28, 20, 1], seed=1)
    return steps((model([Value(i / 8, f"x{i}") for i in range(8)]) - 1.0) ** 2, model=model)


@cache
def huge():
    model = MLP(60, [16, 2], seed=1)
    return steps(autograd.cross_entropy(model([i / 60 for i in range(60)]), 1), model=model)


def story(optimizer=SGD):
    model = MLP(2, [3, 1], seed=1, activation="tanh")
    return training_story(
        model, [[1.0, 2.0]], [0.5], loss=half_squared_error, optimizer=optimizer(model.parameters(), lr=0.1)
    )


def scribble(seed, point):
    """A random graph of all kinds of rows on leaves with all kinds of names."""
    chance = random.Random(seed)
    names = ["x", "y1", "alpha", "w_out", "a name", "", "", "<i>"]
    pool = [Value(number, name) for number, name in zip(point, names)]
    leaves = list(pool)
    for _ in range(14):
        rule, count = chance.choice(KINKED)
        pool.append(rule([chance.choice(pool) for _ in range(count)]))
    return steps(autograd.sum(pool[len(leaves) :]) * 2.0), leaves


def point(seed):
    chance = random.Random(seed)
    return [round(chance.uniform(-1.5, 2.5), chance.choice([0, 1, 3])) for _ in range(8)]


# ── numbers: the page's own engine against Python's ───────────────────────────────────────────────────


def test_every_row_gives_pythons_numbers(show):
    """Value and local derivatives to 1e-12, at 0, −0, ±1e-300, ±∞, nan and between, by page.js alone."""
    seeds = [recorded(row, (*xs,)) for row in TABLE for xs in places(row)[-1:]]
    powers = [Value(0.3) ** n for n in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -0.5)]
    passed = steps(autograd.sum([*seeds, *powers]))
    data = exported(passed, 0, None)
    rule = {node: found["rule"] for node, found in zip(passed.order, data["nodes"]) if "rule" in found}
    cases = [
        (rule[seed], node)
        for seed in seeds
        if seed.op is not ops.power
        for node in [recorded(seed.op, xs) for xs in places(seed.op)]
    ]
    points = [xs for xs, _ in places(ops.power)]
    cases += [
        (rule[power], recorded(ops.power, (x, power.parents[1].data))) for power in powers for x in points
    ]
    found = show(page(passed)).evaluate(
        """cases => cases.map(([rule, xs, z]) => {
            const [row, derivative] = DATA.rules[rule];
            return [computed(DATA.rows[row], xs), ...run(derivative, [...xs, z])];
        })""",
        [[rule, [parent.data for parent in node.parents], node.data] for rule, node in cases],
    )
    assert len(cases) > 3000
    for (_, node), numbers in zip(cases, found):
        assert all(map(alike, numbers, (node.data, *node.partials))), (node.op, node.parents, numbers)


def test_functions_are_good_to_1e12_everywhere(show):
    """The functions of one number, at 500 random places of every size."""
    chance = random.Random(0)
    xs = [chance.uniform(-5, 5) * 10.0 ** chance.randint(-12, 2) for _ in range(500)]
    names = [
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "atan",
        "tanh",
        "erf",
        "sigmoid",
        "softplus",
    ]
    found = show(page(neuron())).evaluate(
        "([names, xs]) => names.map(name => xs.map(ROWS[name]))", [names, xs]
    )
    for name, numbers in zip(names, found):
        assert all(map(alike, numbers, map(getattr(ops, name), xs))), name


def test_the_page_knows_the_primitive_rows(show):
    """All of them and no other: everything else is made of them."""
    assert set(show(page(neuron())).evaluate("Object.keys(ROWS)")) == {row.name for row in PRIMITIVES}


def test_numbers_are_written_as_python_writes_them(show):
    """Four significant digits, ties to the even digit, −0, inf and nan."""
    chance = random.Random(0)
    numbers = [
        chance.choice([-1, 1]) * chance.random() * 10.0 ** chance.randint(-20, 20) for _ in range(2000)
    ]
    numbers += [
        sign * n * 10.0**k for sign in (1, -1) for k in range(-5, 8) for n in (10625, 99995, 100005, 1.0625)
    ]
    numbers += [
        0.0,
        -0.0,
        math.inf,
        -math.inf,
        math.nan,
        5e-324,
        1.7976931348623157e308,
        0.5,
        1e-4,
        9999.5,
        1e22,
    ]
    numbers += [n / 32 for n in range(32000, 36000)] + [n + 0.5 for n in range(1000, 20000, 7)]
    assert show(page(neuron())).evaluate("xs => xs.map(digits)", numbers) == [f"{x:.4g}" for x in numbers]


# ── words: the page's own sentences and formulas against Python's ─────────────────────────────────────

TEXTS = """() => page.pass.steps.map((_, i) => [sentence(page.pass, i), sentence(page.pass, i, true),
    formula(page.pass, i, MATHML).join(""), formula(page.pass, i, PLAIN).join("")])"""


def told(passed):
    return [
        [s.sentence, s.question, "".join(ElementTree.fromstring(s.mathml).itertext()), s.plain]
        for s in passed
    ]


def read(texts):
    return [
        [said, asked, unescape(re.sub("<[^>]*>", "", mathml)), plain] for said, asked, mathml, plain in texts
    ]


STEPS = {
    "neuron": neuron,
    "shared": shared,
    "network": lambda: steps(
        (model := MLP(2, [3, 1], seed=1))([Value(1.0, "x1"), Value(-2.0)]) ** 2, model=model
    ),
    "story": story,
    "adam": lambda: story(Adam),
    "assignment": lambda: lessons.assignment(shared().root).wrong,
    "unordered": lambda: lessons.unordered(shared().root).wrong,
    "extremes": lambda: steps((Value(0.0, "x").log() * Value(1e-5, "y") - Value(-2.5e10, "z")) ** 3),
} | {f"scribble {seed}": lambda seed=seed: scribble(seed, point(seed))[0] for seed in range(8)}


@pytest.mark.parametrize("name", STEPS)
def test_sentences_and_formulas_are_those_of_the_steps(show, name):
    """Of every step, in words, as MathML and as plain text, and as a question."""
    passed = STEPS[name]()
    assert read(show(page(passed)).evaluate(TEXTS)) == told(passed)


def test_the_formula_is_shown_in_the_colours_of_the_picture(show):
    """Upstream as the node's gradient, the local derivative as the number at the edge, the contribution."""
    passed = neuron()
    tab = show(page(passed, at=len(passed) - 1))

    def colour(selector, property="color"):
        return tab.eval_on_selector(selector, f"part => getComputedStyle(part).{property}")

    assert colour("#formula .upstream") == colour(".box.above .gradient", "fill")
    assert colour("#formula .partial") == colour("#board .partial.carries", "fill")
    assert colour("#formula .contribution") == colour(".box.receives .gradient", "fill")
    assert len({colour(f"#formula .{part}") for part in ("upstream", "partial", "contribution")}) == 3


# ── steps: what is seen, and when ─────────────────────────────────────────────────────────────────────

BOXES = """() => Object.fromEntries(page.board.boxes.map(({ name, value, gradient }) =>
    [name.textContent, [value.textContent, gradient.textContent]]))"""


@pytest.mark.parametrize("name", ["neuron", "shared", "story", "assignment"])
def test_numbers_appear_when_they_are_computed_and_not_before(show, name):
    """After each step, forwards and backwards in time, the boxes have what is known of their nodes."""
    passed = STEPS[name]()
    tab = show(page(passed))
    for i in [*range(len(passed)), *reversed(range(len(passed)))][:: 1 + len(passed) // 30]:
        tab.evaluate("i => page.go(i)", i)
        state = passed.state(i)

        def said(numbers, node):
            return PLAIN.number(numbers[node]).text if node in numbers else ""

        drawn = [node for node in passed.order if node.op is not ops.constant]
        wanted = {passed.names[n]: [said(state.values, n), said(state.gradients, n)] for n in drawn}
        assert tab.evaluate(BOXES) == wanted


def marked(tab, part):
    return tab.eval_on_selector_all(f".box.{part} .name", "names => names.map(name => name.textContent)")


def test_the_nodes_and_the_edge_of_a_step_are_marked(show):
    """A node and its operands as it is computed; then the node above and the operand, and one edge."""
    passed = neuron()
    tab = show(page(passed))
    assert (marked(tab, "now"), sorted(marked(tab, "uses"))) == (["v1"], ["w", "x"])
    assert tab.locator(".edge.feeds").count() == 2
    tab.evaluate("page.go(4)")
    assert (passed[4].phase, marked(tab, "now")) == ("seed", ["L"])
    tab.evaluate("page.go(page.steps.length - 1)")
    assert (marked(tab, "above"), marked(tab, "receives")) == (["v1"], ["x"])
    assert tab.locator(".edge.carries").count() == 1
    assert tab.locator(".partial.carries").text_content() == PLAIN.number(passed[-1].partial).text


def test_the_parts_of_a_step_are_scrolled_into_view(show):
    """In a graph of 1,000 nodes, the node that receives is in view after each step."""
    tab = show(page(large()), PHONE, reduced_motion="reduce")
    for share in (0.0, 0.3, 0.6, 0.95):
        tab.evaluate("share => page.go(Math.round(share * (page.steps.length - 1)))", share)
        inside = tab.evaluate("""() => {
            const box = page.board.boxes[page.scene().focus[0]].group.getBoundingClientRect();
            const board = document.getElementById("board").getBoundingClientRect();
            return box.left >= board.left && box.right <= board.right && box.top >= board.top
                && box.bottom <= board.bottom;
        }""")
        assert inside


def test_a_step_takes_less_than_50_milliseconds_at_1000_nodes(show):
    """The median of steps in a row, and of jumps to and fro, with the layout that follows."""
    passed = large()
    assert 900 < len(passed.order) <= 1000
    tab = show(page(passed))
    for places_ in ([*range(800, 830)], [i * 59 % 1700 for i in range(30)]):
        times = tab.evaluate(
            """places => places.map(i => {
                const start = performance.now();
                page.go(i);
                document.body.getBoundingClientRect();
                return performance.now() - start;
            })""",
            places_,
        )
        assert sorted(times)[len(times) // 2] < 50.0


# ── controls ──────────────────────────────────────────────────────────────────────────────────────────


def at(tab):
    """The number of the step that is shown."""
    return int(tab.text_content("#place").split()[0]) - 1


def test_every_button_moves(show):
    """First, previous, next, last and the phases; the slider; what cannot go on is disabled."""
    passed = neuron()
    last = len(passed) - 1
    tab = show(page(passed))
    assert at(tab) == 0
    assert tab.is_disabled("#first")
    assert tab.is_disabled("#previous")
    tab.click("#next")
    tab.click("#next")
    assert at(tab) == 2
    tab.click("#previous")
    assert at(tab) == 1
    tab.click("#last")
    assert at(tab) == last
    assert tab.is_disabled("#next")
    tab.click("#phases >> text=seed")
    assert passed[at(tab)].phase == "seed"
    tab.click("#first")
    assert at(tab) == 0
    tab.fill("#slider", "5")
    assert at(tab) == 5
    assert tab.get_attribute("#slider", "aria-valuetext") == f"Step 6 of {last + 1}, backward"


def test_it_plays_at_a_speed(show):
    """From where it is to the end, where it stops; playing again begins anew; pressing again pauses."""
    tab = show(page(neuron(), at=8))
    tab.select_option("#speed", "20")
    tab.click("#play")
    assert tab.get_attribute("#play", "aria-label") == "Pause"
    assert tab.get_attribute("#sentence", "aria-live") == "off"
    tab.wait_for_selector("#last[disabled]")
    assert tab.get_attribute("#play", "aria-label") == "Play"
    assert tab.get_attribute("#sentence", "aria-live") == "polite"
    tab.select_option("#speed", "0.5")
    tab.click("#play")
    tab.wait_for_selector("#last:not([disabled])")
    tab.click("#play")
    stopped = at(tab)
    tab.wait_for_timeout(300)
    assert at(tab) == stopped


def test_the_keyboard_alone_is_enough(show):
    """Arrows, Home, End and space move; the tab key reaches every control, each with a visible focus."""
    passed = neuron()
    tab = show(page(passed))
    for key, wanted in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", len(passed) - 1),
        ("Home", 0),
    ]:
        tab.keyboard.press(key)
        assert at(tab) == wanted
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-label") == "Pause"
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-label") == "Play"
    reached = []
    for _ in range(30):
        tab.keyboard.press("Tab")
        focused = tab.evaluate("""() => {
            const part = document.activeElement;
            const mark = getComputedStyle(part.matches(".box") ? part.querySelector("rect") : part);
            const seen = part.matches(".box") ? mark.strokeWidth === "4px" : mark.outlineStyle !== "none";
            return part === document.body ? null : [part.id || part.getAttribute("class") || part.textContent, seen];
        }""")
        if focused is None:
            break
        reached.append(focused)
    assert all(seen for _, seen in reached)
    controls = {"predict", "theme", "farther", "whole", "closer", "first", "play", "next", "slider", "speed"}
    disabled = {"first"}  # at the first step
    assert controls - disabled <= {name for name, _ in reached}
    assert sum("box" in name for name, _ in reached) == 1


def test_nodes_are_reached_with_the_arrows(show):
    """Up and down walk through the nodes, of which one is in the tab order; Enter chooses, Escape lets go."""
    tab = show(page(neuron()))
    tab.focus(".box >> nth=0")
    names = []
    for _ in range(3):
        names.append(tab.evaluate("document.activeElement.querySelector('.name').textContent"))
        assert tab.text_content("#node-name") == names[-1]
        tab.keyboard.press("ArrowDown")
    assert len(set(names)) == 3
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Enter")
    assert tab.locator(".paths .box.lit").count() > 0
    assert tab.text_content("#node-name") == names[-1]
    tab.keyboard.press("Escape")
    assert tab.locator(".lit").count() == 0


def test_arrows_move_the_slider_by_one_step(show):
    """The slider's own keys, and not both theirs and the page's."""
    tab = show(page(neuron()))
    tab.focus("#slider")
    tab.keyboard.press("ArrowRight")
    assert at(tab) == 1
    tab.keyboard.press("End")
    tab.keyboard.press("ArrowLeft")
    assert at(tab) == len(neuron()) - 2


# ── nodes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_pointing_at_a_node_shows_it(show):
    """Its expression, number, gradient, and the contributions so far."""
    passed = shared()
    tab = show(page(passed, at=len(passed) - 1))
    tab.hover(".box:has(.name:text-is('a'))")
    assert tab.text_content("#node-name") == "a"
    assert tab.text_content("#node-gradient") == PLAIN.number(passed.gradients[passed.order[0]]).text
    assert tab.text_content("#node-state") == "complete"
    assert tab.locator("#node-contributions li").count() == 3
    assert tab.text_content("#node-paths") == "3 paths to L"
    tab.hover(".box:has(.name:text-is('v1'))")
    assert tab.text_content("#node-rule") == "a·b"
    assert tab.text_content("#node-data") == "−6"
    tab.keyboard.press("Home")
    tab.hover(".box:has(.name:text-is('v2'))")
    assert tab.text_content("#node-data") == "not computed yet"
    assert tab.text_content("#node-gradient") == "not computed yet"
    assert tab.is_hidden("#contributions")


def test_choosing_a_node_shows_its_gradient_and_all_its_paths(show):
    """The step where its gradient is complete; the nodes and edges of every path to the output light up."""
    passed = shared()
    tab = show(page(passed))
    a = passed.order[0]
    tab.click(".box:has(.name:text-is('a'))")
    assert at(tab) == passed.completed_at[a]
    lit = tab.eval_on_selector_all(".box.lit .name", "names => names.map(name => name.textContent)")
    above = autograd.graph.depending_on([a], passed.order)
    assert set(lit) == {passed.names[node] for node in above}
    assert tab.locator(".edge.lit").count() == sum(p in above for n in above for p in n.parents)
    tab.keyboard.press("ArrowLeft")
    assert tab.locator(".lit").count() == 0
    assert tab.text_content("#node-name") == "a"  # it stays in view: its gradient can be watched
    assert tab.text_content("#node-state") == "so far"


# ── predict ───────────────────────────────────────────────────────────────────────────────────────────


def test_predicting_hides_the_next_number_until_it_is_typed(show):
    """Nowhere on the page is it to be seen before; a wrong answer says how far off it is."""
    passed = neuron(x=3.0, b=-1.25)
    number = PLAIN.number(passed[0].value).text
    tab = show(page(passed))
    tab.click("#predict")
    assert tab.get_attribute("#predict", "aria-pressed") == "true"
    assert number not in tab.inner_text("main")
    assert tab.text_content("#formula").endswith("=?")
    assert tab.text_content("#sentence").endswith("= ?")
    assert tab.evaluate("document.activeElement.id") == "answer"
    for answer, said in [
        ("two", "not a number"),
        ("1.65", "Too large by 0.15 (10 %)."),
        ("−1,5", "the sign is not"),
    ]:
        tab.fill("#answer", answer)
        tab.click("text=Check")
        assert said in tab.text_content("#verdict")
        assert number not in tab.inner_text("main")
    tab.fill("#answer", "1.49")
    tab.keyboard.press("Enter")
    assert tab.text_content("#verdict") == "Right: 1.5"
    assert number in tab.text_content("#formula")
    assert tab.is_hidden("#asked")


def test_a_pass_is_predicted_with_digits_and_the_enter_key(show):
    """Enter checks the answer, and Enter again goes on to the next question, to the end of the pass."""
    passed = neuron()
    tab = show(page(passed))
    tab.click("#predict")
    for number, step in enumerate(passed, 1):
        assert tab.inner_text("#place") == f"{number} of {len(passed)}"
        tab.keyboard.type(repr(step.result))
        tab.keyboard.press("Enter")
        assert tab.text_content("#verdict").startswith("Right")
        tab.keyboard.press("Enter")


def test_predicting_a_gradient_hides_its_contribution_too(show):
    """In the list of what has flowed in as well."""
    passed = neuron(0.7, 3.1, -1.25)
    tab = show(page(passed))
    tab.click("#predict")
    tab.click("#last")
    step = passed[-1]
    before = tab.locator("#node-contributions li").count()
    assert PLAIN.number(step.after).text not in tab.inner_text("#formula")
    tab.click("#reveal")
    assert tab.text_content("#verdict") == f"It is {PLAIN.number(step.after).text}"
    assert tab.locator("#node-contributions li").count() == before + 1


def test_next_reveals_before_it_goes_on(show):
    """With the keyboard: an arrow reveals, another one moves; Enter after a right answer moves as well."""
    tab = show(page(neuron()))
    tab.click("#predict")
    tab.keyboard.press("ArrowRight")
    assert at(tab) == 0
    assert tab.text_content("#verdict") == "It is 1"
    tab.keyboard.press("ArrowRight")
    assert at(tab) == 1
    tab.keyboard.type("-0.5")
    tab.keyboard.press("Enter")
    assert tab.text_content("#verdict") == "Right: −0.5"
    tab.click("#next")
    assert at(tab) == 2
    tab.click("#predict")
    assert tab.is_hidden("#question")


@pytest.mark.parametrize(
    ("typed", "number"),
    [(" 0.25 ", 0.25), ("−3", -3.0), ("1e-3", 0.001), ("0,5", 0.5), ("1/4", 0.25), ("-.5", -0.5), ("-inf", -math.inf),
     ("∞", math.inf), ("", None), ("two", None), ("1/", None), ("--1", None), ("1.2.3", None)],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(browser, typed, number):
    """With a minus sign, a decimal comma, an exponent or a fraction; anything else is not a number."""
    tab = browser.new_page()
    tab.set_content(page(steps(Value(1.0, "a") * 2.0)))
    assert tab.evaluate("text => typed(text)", typed) == number
    tab.close()


# ── editing ───────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = """() => page.pass.steps.map(({ value, upstream, partial, contribution, before, after }) =>
    [value, upstream, partial, contribution, before, after])"""


def numbers(passed):
    return [[s.value, s.upstream, s.partial, s.contribution, s.before, s.after] for s in passed]


def near(found, wanted):
    if found is None or wanted is None:
        return found is wanted
    return alike(found, wanted) or math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_editing_leaves_gives_what_python_computes(show, seed):
    """All numbers of all steps of a random graph, and what is said of them, as of the graph recorded there."""
    passed, leaves = scribble(seed, point(seed))
    tab = show(page(passed))
    elsewhere = point(seed + 100)
    used = [(i, leaf) for i, leaf in enumerate(leaves) if leaf in passed.names]
    changes = [[passed.order.index(leaf), elsewhere[i]] for i, leaf in used]
    tab.evaluate("changes => changes.forEach(([leaf, value]) => page.edit(leaf, value))", changes)
    moved = [elsewhere[i] if leaf in passed.names else leaf.data for i, leaf in enumerate(leaves)]
    wanted, _ = scribble(seed, moved)
    found = tab.evaluate(NUMBERS)
    assert len(found) == len(wanted)
    assert all(near(x, y) for row, step in zip(found, numbers(wanted)) for x, y in zip(row, step))
    differ = [(f, w) for f, w in zip(read(tab.evaluate(TEXTS)), told(wanted)) if f != w]
    assert len(differ) <= len(wanted) // 50  # a last digit may be rounded otherwise


def test_typing_a_number_into_a_leaf_changes_everything(show):
    """There and then: picture, formula, sentence and inspector; a text that is no number changes nothing."""
    passed, edited = neuron(), neuron(w=-1.25)
    last = len(passed) - 1
    tab = show(page(passed))
    tab.click(".box:has(.name:text-is('w'))")
    tab.fill("#edit", "-1.25")
    tab.click("#last")
    assert tab.text_content("#sentence") == f"{edited[last].sentence}."
    assert tab.evaluate(BOXES)["L"] == [PLAIN.number(edited.root.data).text, "1"]
    found = tab.evaluate(NUMBERS)
    assert all(near(x, y) for row, step in zip(found, numbers(edited)) for x, y in zip(row, step))
    assert tab.is_visible("#restore")
    tab.fill("#edit", "minus one")
    assert tab.get_attribute("#edit", "aria-invalid") == "true"
    assert tab.text_content("#sentence") == f"{edited[last].sentence}."
    tab.click("#undo")
    assert tab.text_content("#sentence") == f"{passed[last].sentence}."
    assert tab.input_value("#edit") == "0.5"
    assert tab.is_hidden("#restore")


def test_sliding_a_leaf_and_going_back_to_the_recorded_numbers(show):
    """The slider beside the number; one button undoes all changes."""
    passed = neuron()
    tab = show(page(passed, at=3))
    tab.click(".box:has(.name:text-is('x'))")
    tab.evaluate(
        "() => { const s = document.getElementById('slide'); s.value = 1; s.dispatchEvent(new Event('input')); }"
    )
    assert tab.evaluate(BOXES)["x"][0] == "1"
    assert tab.input_value("#edit") == "1"
    tab.click(".box:has(.name:text-is('y'))")
    tab.fill("#edit", "0")
    tab.click("#restore")
    assert tab.evaluate(NUMBERS) == numbers(passed)


def test_the_output_above_the_page_has_its_number_when_that_is_known(show):
    """Not before it is computed, nor while it is to be predicted; after an edit it is the new one."""
    a = Value(3.0, "a")
    tab = show(page(steps(a * a * 2.0)))
    assert tab.inner_text("h1") == "L"
    tab.click("#predict")
    tab.evaluate("page.go(1)")
    assert tab.inner_text("h1") == "L"
    tab.click("#reveal")
    assert tab.inner_text("h1") == "L = 18"
    tab.click("#predict")
    tab.click(".box:has(.name:text-is('a'))")
    tab.fill("#edit", "-1")
    assert tab.inner_text("h1") == "L = 2"


def test_undoing_a_change_leaves_the_focus_in_the_form(show):
    """The button disappears, and a reader at the keyboard is not sent back to the top of the page."""
    tab = show(page(neuron()))
    tab.click(".box:has(.name:text-is('x'))")
    tab.fill("#edit", "5")
    tab.focus("#undo")
    tab.keyboard.press("Enter")
    assert tab.is_hidden("#undo")
    assert tab.input_value("#edit") == "2"
    assert tab.evaluate("document.activeElement.id") == "edit"


def test_a_leaf_without_a_name_is_called_by_its_new_number(show):
    """In its box, and wherever it is named."""
    tab = show(page(shared()))
    tab.click(".box:has(.name:text-is('0.5'))")
    tab.fill("#edit", "4")
    assert tab.locator(".box .name:text-is('0.5')").count() == 0
    assert tab.locator(".box .name:text-is('4')").count() == 1
    assert tab.locator(".box .expression:text-is('b × 4')").count() == 1


def test_editing_a_training_step_updates_the_update(show):
    """W − α ∂L/∂W with the new gradient."""
    passed = story()
    tab = show(page(passed))
    first = next(i for i, step in enumerate(passed) if step.phase == "update")
    parameter = passed[first].node
    tab.evaluate("([leaf, value]) => page.edit(leaf, value)", [passed.order.index(parameter), 0.75])
    tab.evaluate("i => page.go(i)", first)
    step = tab.evaluate("page.pass.steps[page.at]")
    assert step["before"] == 0.75
    assert step["after"] == 0.75 - 0.1 * step["partial"]


def test_what_cannot_be_computed_is_held(show):
    """A user's operation that calls math: what it depends on cannot be edited, everything else can."""
    cosine = function("cosine", lambda x: math.cos(x), lambda x, z: -autograd.sin(x))
    x, y = Value(1.0, "x"), Value(2.0, "y")
    passed = steps(cosine(x) * y)
    tab = show(page(passed))
    tab.click(".box:has(.name:text-is('x'))")
    assert "held" in tab.text_content("#held")
    assert tab.is_hidden("#editing")
    tab.click(".box:has(.name:text-is('v1'))")
    assert "cannot compute" in tab.text_content("#held")
    tab.click(".box:has(.name:text-is('y'))")
    assert tab.is_visible("#editing")
    tab.fill("#edit", "3")
    assert tab.evaluate("page.pass.values[DATA.root]") == math.cos(1.0) * 3.0
    assert read(show(page(passed)).evaluate(TEXTS)) == told(passed)


# ── lessons, and models of more than 1,000 nodes ──────────────────────────────────────────────────────


def test_a_lesson_shows_the_right_gradients_beside_the_wrong(show):
    """Its text, a way to the step where the passes part, and each wrong gradient beside what it should be."""
    lesson = lessons.assignment(shared().root)
    passed = lesson.wrong
    tab = show(page(passed, at=lesson.parting, lesson=lesson))
    assert tab.text_content("#lesson-title") == lesson.title
    assert tab.text_content("#lesson-text") == lesson.text
    assert at(tab) == lesson.parting
    tab.click("#last")
    differing = {
        passed.names[node]: PLAIN.number(right).text
        for node, right in lesson.right.gradients.items()
        if not math.isclose(right, passed.gradients[node])
    }
    found = dict(tab.eval_on_selector_all(
        ".box.wrong", "boxes => boxes.map(box => ['.name', '.should'].map(part => box.querySelector(part).textContent))"
    ))  # fmt: skip
    assert found == {name: f"right: {right}" for name, right in differing.items()}
    assert found
    tab.click("#parting")
    assert at(tab) == lesson.parting
    assert tab.get_attribute("#parting", "aria-current") == "step"
    tab.click(".box >> nth=0")
    assert "on purpose" in tab.text_content("#held")


def test_a_lesson_on_a_large_model_is_told_beside_its_neurons(show):
    """With its text, opened at the neuron where the first wrong number arises."""
    model = MLP(40, [30, 1], seed=0)
    output = model([0.1] * 40)
    lesson = lessons.assignment(output * output, model=model)
    tab = show(page(lesson.wrong, at=lesson.parting, lesson=lesson))
    assert tab.text_content("#lesson-text") == lesson.text
    assert tab.get_attribute("#parting", "aria-current") == "step"
    opened = at(tab)
    tab.click("#last")
    tab.click("#parting")
    assert at(tab) == opened


def test_a_large_model_is_stepped_through_by_neuron(show):
    """Box by box, with the steps in each told; numbers appear as they are computed; nothing to predict or edit."""
    passed = huge()
    assert len(passed.order) > 1000
    tab = show(page(passed))
    groups = passed.grouped("neurons")
    assert tab.text_content("#place") == f"1 of {len(groups)}"
    for i in (0, len(groups) // 2, len(groups) - 1):
        tab.evaluate("i => page.go(i)", i)
        assert tab.text_content("#formula") == groups[i].name
        inside = passed[groups[i].steps]
        assert tab.text_content("#told li >> nth=0") == f"{inside[0].sentence}."
    assert tab.is_hidden("#predict")
    assert tab.is_hidden("#editing")
    tab.evaluate("page.go(0)")
    empty = tab.evaluate("page.board.boxes.filter(({ value }) => value.textContent === '').length")
    tab.keyboard.press("End")
    assert (
        tab.evaluate("page.board.boxes.filter(({ value }) => value.textContent === '').length") == 0 < empty
    )
    tab.click(".box.neuron >> nth=0")
    assert tab.locator(".box.lit").count() > 1
    assert "parameters" in tab.text_content("#node-rule")


# ── where and how it is read ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [PHONE, DOUBLED, DESK], ids=["phone", "200 %", "desk"])
@pytest.mark.parametrize("name", ["neuron", "story"])
def test_nothing_is_cut_off(show, size, name):
    """Below the page's width nothing sticks out; the controls are in view, and formula and picture have room."""
    tab = show(page(STEPS[name](), at=9), size)
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    for control in ("#first", "#previous", "#play", "#next", "#last", "#slider", "#speed"):
        box = tab.locator(control).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]
    assert tab.locator("#board").bounding_box()["height"] >= 150
    tab.locator("#formula").scroll_into_view_if_needed()
    formula = tab.locator("#formula").bounding_box()
    assert formula["width"] >= 0.5 * size[0]


def test_one_phase_is_lit(show):
    """The one that the step is in, where there are two of the same name too."""
    lesson = lessons.not_zeroed(shared().root)
    tab = show(page(lesson.wrong, lesson=lesson))
    lit = "() => [...document.querySelectorAll('#phases button')].map(chip => chip.hasAttribute('aria-current'))"
    phases = [phase for phase, _ in groupby(step.phase for step in lesson.wrong)]
    assert phases.count("backward") == 2
    starts = [0, *[i for i, (a, b) in enumerate(pairwise(lesson.wrong), 1) if a.phase != b.phase]]
    for k, start in enumerate(starts):
        tab.evaluate("i => page.go(i)", start)
        assert tab.evaluate(lit) == [i == k for i in range(len(phases))]


def test_dark_and_light(show):
    """As the system has it, and with a button."""
    for scheme in ("light", "dark"):
        tab = show(page(neuron()), color_scheme=scheme)
        paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert tab.evaluate("document.documentElement.dataset.theme") == scheme
        tab.click("#theme")
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != paper
        assert tab.get_attribute("#theme", "aria-pressed") == ("true" if scheme == "light" else "false")


def test_the_size_of_the_graph_is_the_readers(show):
    """Smaller, larger, the whole of it."""
    tab = show(page(story()))
    scale = tab.evaluate("page.board.scale")
    tab.click("#closer")
    assert tab.evaluate("page.board.scale") > scale
    tab.click("#whole")
    assert tab.evaluate("(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight)(board)")
    tab.click("#whole")
    assert tab.evaluate("page.board.scale") == scale
    tab.click("#farther")
    assert tab.evaluate("page.board.scale") < scale


def test_motion_is_reduced_where_the_reader_asks_for_it(show):
    """No edge flows then."""
    animation = "() => getComputedStyle(document.querySelector('.edge.carries path')).animationName"
    last = len(neuron()) - 1
    assert show(page(neuron(), at=last)).evaluate(animation) == "flow"
    assert show(page(neuron(), at=last), reduced_motion="reduce").evaluate(animation) == "none"


def test_a_notebook_shows_the_page_in_a_frame(show):
    """As nbconvert renders its output: each frame is a page of its own that works."""
    nbformat = pytest.importorskip("nbformat")
    nbconvert = pytest.importorskip("nbconvert")
    cells = [
        nbformat.v4.new_code_cell(
            "autograd.steps(L)",
            outputs=[
                nbformat.v4.new_output(
                    "execute_result", data={"text/html": iframe(passed)}, execution_count=1
                )
            ],
            execution_count=1,
        )
        for passed in (neuron(), shared())
    ]
    exporter = nbconvert.HTMLExporter(template_name="basic")
    html, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    tab = show(f"<!doctype html><meta charset=utf-8><title>Notebook</title>{html}")
    frames = tab.frames[1:]
    assert len(frames) == 2
    for frame, passed in zip(frames, (neuron(), shared())):
        frame.click("#last")
        assert frame.text_content("#sentence") == f"{passed[-1].sentence}."
        assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")


def framed(show, html, width):
    """The frame of a notebook whose page is that wide."""
    tab = show(f"<!doctype html><meta charset=utf-8><title>Notebook</title>{html}", (width, 900))
    return tab.frames[1]


@pytest.mark.parametrize("width", [1180, 800])
def test_a_lesson_has_room_in_its_frame(show, width):
    """Nothing runs under the controls, and the picture is no smaller for the lesson's text."""
    b = 3.0 * Value(2.0, "a")
    lesson = lessons.per_path(b * b)
    frame = framed(show, iframe(lesson.wrong, at=lesson.parting, lesson=lesson), width)
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")
    panel, controls = (frame.locator(part).bounding_box() for part in ("#node", "footer"))
    assert panel["y"] + panel["height"] <= controls["y"] + 1
    assert frame.locator("#board").bounding_box()["height"] >= 200


def test_the_graph_opens_whole_if_it_can_be_read_so(show):
    """Nothing is cut off where 0.6 of the size is enough; a longer one opens at its beginning, larger."""
    opened = "(({ scrollWidth, clientWidth, scrollLeft }) => [scrollWidth <= clientWidth, scrollLeft])(board)"

    def chain(length):
        node = Value(0.5, "x")
        for _ in range(length):
            node = node.tanh()
        return steps(node)

    for length, whole in ((8, True), (20, False)):
        tab = show(page(chain(length)))
        assert tab.evaluate(opened) == [whole, 0]
        assert 0.6 <= tab.evaluate("page.board.scale") <= 0.85


@pytest.mark.parametrize("name", ["neuron", "story", "lesson", "huge"])
def test_axe_finds_no_serious_fault(show, name):
    """Of accessibility: forward and backward, with predict mode and a lit path; colours in both themes."""
    lesson = lessons.assignment(shared().root)
    pages = {
        "neuron": lambda: page(neuron()),
        "story": lambda: page(story()),
        "lesson": lambda: page(lesson.wrong, lesson=lesson),
        "huge": lambda: page(huge()),
    }
    tab = show(pages[name]())
    # Contrast among 1,000 crossing edges takes axe 20 seconds, and the colours are those of the other pages.
    everything = "{ rules: { 'color-contrast': { enabled: page.crowd === null } } }"
    colours = "{ runOnly: ['color-contrast'] }"
    looks = [("page.crowd || page.predict()", everything), ("page.go(page.steps.length - 2)", everything)]
    if name != "huge":
        looks += [("page.theme('dark')", colours), ("page.choose(0)", colours)]
    for prepare, asked in looks:
        tab.evaluate(f"() => {{ {prepare}; }}")
        assert faults(tab, asked) == []


def test_the_pages_data_is_what_was_exported(show):
    """What the script has read is what Python has written."""
    passed = neuron()
    assert show(page(passed)).evaluate("DATA") == json.loads(json.dumps(exported(passed, 0, None)))
