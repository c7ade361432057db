"""Tests of the page of a filmed training in a real browser: its controls, its numbers, its colours."""

import itertools
import math
import re

import pytest
from browser import chromium, faults, overflow, visit

from autograd import Value
from nn import MLP, SGD, Module, cross_entropy, fit, hinge, make_moons, mean_squared_error, xavier_uniform

X, y = make_moons(40, noise=0.1, seed=0)
SIGNS = [2 * label - 1 for label in y]
FOUR_WIDE = [(*row, 1.0, 0.0) for row in X]
STEPS = [0, 1, 2, 4, 8, 16]
PAPER = (255, 254, 251)
BLUE, ORANGE, GREEN = (0, 114, 178), (213, 94, 0), (0, 158, 115)
PHONE, ZOOMED = {"width": 390, "height": 844}, {"width": 640, "height": 400}  # 1280 x 800 at 200%


class Bare(Module):
    """A straight line through the origin, made of no neuron."""

    def __init__(self):
        self.slopes = [Value(0.1), Value(0.2)]

    def __call__(self, row):
        return self.slopes[0] * row[0] + self.slopes[1] * row[1]


def film(model, targets=SIGNS, loss=hinge, rows=X, lr=0.1, watch=STEPS):
    """The film of 4 epochs of 4 steps."""
    sgd = SGD(model.parameters(), lr=lr)
    settings = {"epochs": 4, "batch_size": math.ceil(len(rows) / 4), "compiled": False, "progress": False}
    return fit(model, rows, targets, loss=loss, optimizer=sgd, watch=watch, **settings).watch()


def with_a_dead_neuron():
    model = MLP(2, [6, 5, 1], seed=0)
    model.layers[0].neurons[2].b.data = -9.0
    return film(model)


def three_classes():
    rows = [(math.cos(a), math.sin(a)) for a in [0.1 * i for i in range(60)]]
    return film(MLP(2, [8, 3], activation="tanh", seed=1), [i // 20 for i in range(60)], cross_entropy, rows)


def vanishing():
    deep = MLP(2, [3] * 7 + [1], activation="sigmoid", init=xavier_uniform, seed=0)
    return film(deep, loss=mean_squared_error, watch=[0])


def exploding():
    with pytest.warns(RuntimeWarning, match="training stopped"):
        return film(MLP(2, [4, 1], seed=0), loss=mean_squared_error, lr=1e4, watch=1)


FILMS = {
    "dead": with_a_dead_neuron,
    "classes": three_classes,
    "vanishing": vanishing,
    "exploding": exploding,
    "flat": lambda: film(MLP(4, [4, 1], seed=0), rows=FOUR_WIDE, watch=[0]),
    "wide": lambda: film(MLP(4, [70, 1], seed=0), rows=FOUR_WIDE, watch=[0]),
    "bare": lambda: film(Bare()),
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """name → (film, path of its page), each trained once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = FILMS[name](), tmp_path_factory.mktemp("film") / f"{name}.html"
            made[name][0].save(made[name][1])
        return made[name]

    return get


@pytest.fixture
def dead(browser, saved):
    """(the film with a dead neuron, its page)."""
    shown, path = saved("dead")
    with visit(browser, path) as page:
        yield shown, page


def now(page):
    """The number of the step that the page says it shows."""
    return int(re.match(r"Step (\d+) of 16, loss", page.inner_text("#now"))[1])


def number(text):
    return float(text.replace("−", "-").replace("∞", "inf"))


def table(page):
    """The numbers of the chosen neuron: (names, values, gradients)."""
    rows = [row.split("\t") for row in page.inner_text("#numbers").split("\n")]
    return [row[0] for row in rows], [number(row[1]) for row in rows], [number(row[2]) for row in rows]


def rounded(numbers, digits=4):
    return [float(f"{x:.{digits}g}") for x in numbers]


# ── controls ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_button_moves_to_its_frame(dead):
    """First, previous, next, last; those that lead nowhere are disabled."""
    _, page = dead
    seen = [now(page)]
    for button in ("next", "next", "previous", "last", "previous", "first"):
        page.click(f"#{button}")
        seen.append(now(page))
    assert seen == [0, 1, 2, 1, 16, 8, 0]
    assert page.is_disabled("#first")
    assert page.is_disabled("#previous")
    page.click("#last")
    assert page.is_disabled("#next")
    assert page.is_disabled("#last")
    assert page.is_enabled("#first")


def test_the_slider_and_the_curve_lead_to_any_frame(dead):
    """A slider's place is a frame; a press on the curve of the loss goes to the step that is nearest."""
    _, page = dead
    page.fill("#slider", "3")
    assert now(page) == 4
    assert page.get_attribute("#slider", "aria-valuetext") == page.inner_text("#now")
    box = page.locator("#loss .axis").bounding_box()
    page.mouse.click(box["x"] + 0.48 * box["width"], box["y"] + 20)
    assert now(page) == 8


def test_playing_shows_every_frame_at_its_speed_and_stops_at_the_last(browser, saved):
    """From the end it starts again; the button says what it does; five times the speed takes a fifth of the time."""
    _, path = saved("dead")
    took = {}
    for speed in ("1", "5"):
        with visit(browser, path) as page:
            page.clock.install(time=0)
            page.clock.pause_at(1000)  # from here on time passes when it is told to
            page.select_option("#speed", speed)
            page.click("#last")
            page.evaluate(
                "window.seen = []; new MutationObserver(() => seen.push([performance.now(), byId('now').textContent]))"
                ".observe(byId('now'), { childList: true })"
            )
            page.click("#play")
            assert page.get_attribute("#play", "aria-label") == "Pause"
            page.clock.run_for(10_000)
            assert page.get_attribute("#play", "aria-label") == "Play"
            seen = page.evaluate("seen")
            assert [int(said.split()[1]) for _, said in seen] == STEPS
            took[speed] = seen[-1][0] - seen[1][0]
    assert took["1"] == pytest.approx(1000 * (len(STEPS) - 2) / 6, rel=0.02)
    assert took["1"] == pytest.approx(5 * took["5"], rel=0.05)  # a timer has whole milliseconds


def test_the_keyboard_alone_reaches_everything(dead):
    """Arrows, Home, End and space move in time; Tab reaches each control once; up and down go from neuron to neuron."""
    _, page = dead
    for key, step in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 16), ("Home", 0)]:
        page.keyboard.press(key)
        assert now(page) == step
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Play"
    reached = []
    page.keyboard.press("End")
    for _ in range(13):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached[:-1] == [
        *["theme", "unit-0", "symptoms-panel", "chooser", "scroll"],
        *["first", "previous", "play", "slider", "speed", ""],
        *["theme"],
    ]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "unit-1"
    assert page.input_value("#chooser") == "1"
    assert page.get_attribute("#unit-1", "aria-checked") == "true"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.get_attribute("#unit-11", "aria-checked") == "true"


def test_dark_and_light_are_the_systems_until_chosen(browser, saved):
    """The page starts in the system's theme; the button changes it, the plane's ground with it."""
    _, path = saved("classes")
    with visit(browser, path, color_scheme="dark") as page:
        assert page.get_attribute("html", "data-theme") == "dark"
        [dark] = colours_at(page, [(0.0, 0.0)])
        page.click("#theme")
        assert page.get_attribute("html", "data-theme") == "light"
        assert page.get_attribute("#theme", "aria-pressed") == "false"
        [light] = colours_at(page, [(0.0, 0.0)])
        assert sum(light) > sum(dark) + 100


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_numbers_of_every_neuron_are_those_of_the_frames(dead):
    """In several frames: loss, each weight and bias with its gradient, the share of active rows; to four digits."""
    shown, page = dead
    for k in (0, 3, 5):
        frame = shown.frames[k]
        page.fill("#slider", str(k))
        assert number(page.inner_text("#now").split()[-1]) == float(f"{frame.loss:.4g}")
        for u, unit in enumerate(shown.scene.anatomy.units):
            page.select_option("#chooser", str(u))
            places = [*unit.weights, unit.bias]
            names, values, gradients = table(page)
            assert names == [*[f"w{'₁₂₃₄₅₆'[i]}" for i in range(len(unit.weights))], "b"]
            assert values == rounded([frame.parameters[i] for i in places])
            assert gradients == rounded([frame.gradients[i] for i in places])
            assert f" {int(100 * frame.active[u] + 0.5)}% " in page.inner_text("#active")


def test_choosing_a_neuron_in_the_picture_chooses_it_in_the_list(dead):
    """And its numbers follow the slider from then on."""
    shown, page = dead
    page.click("#unit-8 .body")
    assert page.input_value("#chooser") == "8"
    page.click("#last")
    unit = shown.scene.anatomy.units[8]
    assert table(page)[1][0] == rounded([shown.frames[-1].parameters[unit.weights[0]]])[0]
    assert page.get_attribute("#unit-8", "class").split() == ["unit", "chosen"]


def test_the_courses_and_the_loss_pass_through_their_numbers(dead):
    """A line's height in the last frame is its number's share of the largest; the spot of the loss is at its height."""
    shown, page = dead
    page.select_option("#chooser", "1")
    page.click("#last")
    unit = shown.scene.anatomy.units[1]
    places = [*unit.weights, unit.bias]
    limit = max(abs(frame.parameters[i]) for frame in shown.frames for i in places)
    picture = page.locator("#courses svg").first
    height = float(picture.get_attribute("height"))
    lines = [line.get_attribute("points").split()[-1] for line in picture.locator("polyline").all()]
    for line, i in zip(lines, places, strict=True):
        share = (0.5 * (18 + height - 4) - float(line.split(",")[1])) / (0.5 * (height - 22))
        assert share == pytest.approx(shown.frames[-1].parameters[i] / limit, abs=0.01)
    box, spot = page.locator("#loss .axis").bounding_box(), page.locator("#spot").bounding_box()
    share = 1.0 - (spot["y"] + 0.5 * spot["height"] - box["y"]) / box["height"]
    assert share == pytest.approx(shown.frames[-1].loss / max(f.loss for f in shown.frames), abs=0.02)


def test_a_model_without_neurons_shows_its_parameters(browser, saved):
    """By name, with their gradients; there is no picture of a network."""
    shown, path = saved("bare")
    with visit(browser, path) as page:
        page.click("#last")
        names, values, gradients = table(page)
        assert names == ["slopes.0", "slopes.1"]
        assert values == rounded(shown.frames[-1].parameters)
        assert gradients == rounded(shown.frames[-1].gradients)
        assert page.is_hidden("#network-panel")
        assert page.is_visible("#shades")


# ── what ails it ──────────────────────────────────────────────────────────────────────────────────────


def test_a_dead_neuron_is_crossed_out(dead):
    """That one and no other that is alive, in the picture, for a voice, and in words."""
    shown, page = dead
    for k in (0, 5):
        page.fill("#slider", str(k))
        marked = {s.layer * 6 + s.neuron for s in shown.symptoms[k] if s.kind == "dead"}
        assert 2 in marked
        for u in range(len(shown.scene.anatomy.units)):
            assert (page.text_content(f"#unit-{u} text") == "✕") == (u in marked)
            assert page.get_attribute(f"#unit-{u}", "aria-label").endswith(", dead") == (u in marked)
        assert "layer 1, neuron 3: dead relu" in page.inner_text("#symptoms")
    assert "(since step 0)" in page.inner_text("#symptoms")


@pytest.mark.parametrize("name", ["vanishing", "exploding"])
def test_gradients_that_vanish_or_explode_are_marked_over_their_layers(browser, saved, name):
    """The size of each layer's gradient stands over it, red where it ails; one bracket spans the layers that do."""
    shown, path = saved(name)
    with visit(browser, path) as page:
        for k in range(len(shown.frames)):
            page.fill("#slider", str(k))
            ill = [s.layer for s in shown.symptoms[k] if s.neuron is None]
            kinds = {s.kind for s in shown.symptoms[k] if s.neuron is None}
            assert kinds <= {name}
            layers = range(len(shown.scene.anatomy.widths) - 1)
            sizes = [page.locator(f"#size-{layer + 1}") for layer in layers]
            assert [layer for layer in layers if "ill" in sizes[layer].get_attribute("class")] == ill
            runs = [b - a > 1 for a, b in itertools.pairwise(ill)]
            marks = page.locator("#marks .mark").all_text_contents()
            assert marks == [f"⚠ {name}"] * (1 + sum(runs) if ill else 0)
            if ill:
                bracket = page.locator("#marks .bracket").first.bounding_box()
                end = [*runs, True].index(True)
                for layer in layers:
                    middle = (
                        float(sizes[layer].get_attribute("x"))
                        + page.locator("#network svg").bounding_box()["x"]
                    )
                    spanned = bracket["x"] < middle < bracket["x"] + bracket["width"]
                    assert spanned == (layer in ill[: end + 1])
            assert number(sizes[0].text_content()) == pytest.approx(size(shown, k), rel=0.06, nan_ok=True)
        assert f"gradient {sizes[0].text_content()}".replace("−", "-").replace("∞", "inf") in page.inner_text(
            "#symptoms"
        )


def size(shown, k):
    """The root mean square gradient of the first layer."""
    units = [unit for unit in shown.scene.anatomy.units if unit.layer == 0]
    gradients = [shown.frames[k].gradients[i] for unit in units for i in (*unit.weights, unit.bias)]
    return math.hypot(*gradients) / math.sqrt(len(gradients))


def test_the_slider_is_red_where_something_ails(browser, saved):
    """Its track has a stretch for each frame."""
    shown, path = saved("exploding")
    with visit(browser, path) as page:
        track = page.evaluate("byId('slider').style.getPropertyValue('--track')")
        assert re.findall(r"var\(--(\w+)\)", track) == [
            "wrong" if found else "wire" for found in shown.symptoms
        ]


# ── the plane ─────────────────────────────────────────────────────────────────────────────────────────


def colours_at(page, places):
    """The colours of the plane at places, which are shares of its width and of its height, from below left."""
    return page.evaluate(
        """places => {
            const shades = byId('shades');
            const copy = Object.assign(document.createElement('canvas'), { width: shades.width, height: shades.height });
            const pen = copy.getContext('2d', { willReadFrequently: true });
            pen.drawImage(shades, 0, 0);
            const pixel = (u, v) => [Math.round(u * (copy.width - 1)), Math.round((1 - v) * (copy.height - 1))];
            return places.map(([u, v]) => [...pen.getImageData(...pixel(u, v), 1, 1).data].slice(0, 3));
        }""",
        places,
    )


def nearest(colour, paper, inks):
    """Which of the inks, thinned with paper, gives the colour."""
    directions = [[ink - p for ink, p in zip(colours, paper)] for colours in inks]
    found = [c - p for c, p in zip(colour, paper)]
    cosines = [
        sum(a * b for a, b in zip(found, direction)) / (math.hypot(*found) * math.hypot(*direction))
        for direction in directions
    ]
    return cosines.index(max(cosines))


@pytest.mark.parametrize("name", ["dead", "classes", "exploding"])
def test_the_plane_has_the_colour_of_the_predicted_class(browser, saved, name):
    """At points on and between those of the grid, wherever the model itself is not near a boundary."""
    shown, path = saved(name)
    model, (x1s, x2s) = shown.scene.model, shown.scene.axes
    before = model.state_dict()
    with visit(browser, path) as page:
        for k in (0, len(shown.frames) - 1):
            page.fill("#slider", str(k))
            for parameter, value in zip(model.parameters(), shown.frames[k].parameters, strict=True):
                parameter.data = value
            wanted = {}
            for u, v in itertools.product([(i + 0.5) / 6 for i in range(6)], repeat=2):
                outputs = model([x1s[0] + u * (x1s[-1] - x1s[0]), x2s[0] + v * (x2s[-1] - x2s[0])])
                scores = [o.data for o in outputs] if isinstance(outputs, list) else [0.0, outputs.data]
                first, second = sorted(scores, reverse=True)[:2]
                if first - second > 0.05:
                    wanted[u, v] = scores.index(first)
            colours = colours_at(page, list(wanted))
            assert len(wanted) > 12
            assert [nearest(colour, PAPER, (BLUE, ORANGE, GREEN)) for colour in colours] == [*wanted.values()]
    model.load_state_dict(before)


def test_the_boundary_is_where_the_model_changes_its_mind(browser, saved):
    """Along upright lines, to a hundredth of their length: a third of the distance between points that were computed."""
    shown, path = saved("dead")
    model, (x1s, x2s) = shown.scene.model, shown.scene.axes
    heights = [k / 199 for k in range(200)]
    crossed = 0
    with visit(browser, path) as page:
        page.click("#last")
        for u in [(i + 0.5) / 9 for i in range(9)]:
            x1 = x1s[0] + u * (x1s[-1] - x1s[0])
            wanted = [model([x1, x2s[0] + v * (x2s[-1] - x2s[0])]).data > 0.0 for v in heights]
            colours = colours_at(page, [(u, v) for v in heights])
            found = [nearest(colour, PAPER, (BLUE, ORANGE)) == 1 for colour in colours]
            assert flips(found) == pytest.approx(flips(wanted), abs=2)
            crossed += len(flips(wanted))
    assert crossed > 3


def flips(classes):
    """The places at which a class follows another."""
    return [k for k, (one, other) in enumerate(itertools.pairwise(classes)) if one != other]


def test_the_points_stand_where_their_rows_say(browser, saved):
    """Each watched row is a point in the colour of its class, which the legend names as the targets do."""
    shown, path = saved("dead")
    with visit(browser, path) as page:
        box = page.locator("#shades").bounding_box()
        points = page.locator("#plane .point").all()
        assert len(points) == len(X)
        (x1s, x2s) = shown.scene.axes
        for point, (x1, x2), label in list(zip(points, X, y, strict=True))[::9]:
            u = float(point.get_attribute("cx")) / (box["width"] - 1)
            v = 1.0 - float(point.get_attribute("cy")) / (box["height"] - 1)
            assert x1s[0] + u * (x1s[-1] - x1s[0]) == pytest.approx(x1, abs=0.01)
            assert x2s[0] + v * (x2s[-1] - x2s[0]) == pytest.approx(x2, abs=0.01)
            assert point.get_attribute("fill") == ("#d55e00" if label else "#0072b2")
        assert page.inner_text("#plane-legend").strip().startswith("class −1")
        assert "class 1" in page.inner_text("#plane-legend")


def test_four_inputs_have_no_plane(browser, saved):
    """Nor an empty place for it."""
    _, path = saved("flat")
    with visit(browser, path) as page:
        assert page.is_hidden("#plane-panel")
        assert page.locator("#loss").bounding_box()["height"] > 200


# ── for everyone ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["dead", "exploding", "bare"])
def test_axe_finds_no_serious_fault(browser, saved, name):
    """Nor a critical one, dark or light."""
    _, path = saved(name)
    with visit(browser, path) as page:
        page.click("#last")
        assert faults(page) == []
        page.click("#theme")
        assert faults(page) == []


@pytest.mark.parametrize("name", FILMS)
def test_a_small_window_scrolls_only_downwards(browser, saved, name):
    """On a phone, and at 200%: nothing lies over anything else; the controls stay in sight."""
    _, path = saved(name)
    with visit(browser, path) as page:
        page.keyboard.press("End")
        for window in (PHONE, ZOOMED):
            page.set_viewport_size(window)
            assert overflow(page) == 0
            footer = page.locator("footer").bounding_box()
            assert footer["y"] + footer["height"] <= window["height"] + 1
            sections = page.locator("section:visible").all()
            boxes = [section.bounding_box() for section in sections]
            for above, below in itertools.pairwise(boxes):
                assert above["y"] + above["height"] <= below["y"] + 0.5
            for section, box in zip(sections, boxes):
                inner = section.locator(".numbers, #courses, #network, #loss, #plane").all()
                for part in [part.bounding_box() for part in inner]:
                    assert part["y"] + part["height"] <= box["y"] + box["height"] + 0.5
                    assert part["height"] > 50


def test_everything_is_on_one_screen_of_a_desk(browser, saved):
    """Nothing scrolls at 1280 x 800 but lists that are too long; neurons do not overlap, 64 of a layer are drawn."""
    _, path = saved("wide")
    with visit(browser, path) as page:
        assert overflow(page) == 0
        assert page.evaluate("document.documentElement.scrollHeight") == 800
        assert "layer 1: 64 of 70" in page.text_content("#network")
        bodies = [body.bounding_box() for body in page.locator(".unit .body").all()]
        assert len(bodies) == 65
        for one, other in itertools.combinations(bodies, 2):
            apart = math.hypot(one["x"] - other["x"], one["y"] - other["y"])
            assert apart > 0.5 * (one["width"] + other["width"]) - 1.0
        page.select_option("#chooser", "69")  # one that is not drawn
        assert len(table(page)[0]) == 5


def test_a_page_that_is_not_in_sight_draws_itself_when_it_is(browser, saved, tmp_path):
    """In a frame of no size nothing goes wrong; given a size, everything is there."""
    shown, _ = saved("dead")
    (tmp_path / "notebook.html").write_text(
        f'<div id="cell" style="display: none">{shown._repr_html_()}</div>', encoding="utf-8"
    )
    with visit(browser, tmp_path / "notebook.html", own=("about:srcdoc",)) as page:
        page.evaluate("document.getElementById('cell').style.display = 'block'")
        inside = page.frame_locator("iframe")
        inside.locator("#next").click()
        assert inside.locator("#now").inner_text().startswith("Step 1 of 16")
        assert inside.locator("#unit-0 .body").bounding_box()["width"] > 10


# ── notebooks as other programs show them ─────────────────────────────────────────────────────────────


def test_where_frames_are_removed_there_is_the_curve_of_the_loss(browser, saved, tmp_path):
    """A picture in the page itself, with words for those who do not see it."""
    shown, _ = saved("dead")
    without = re.sub(r'</?iframe(?:"[^"]*"|[^>"])*>', "", shown._repr_html_())
    (tmp_path / "viewer.html").write_text(without, encoding="utf-8")
    with visit(browser, tmp_path / "viewer.html") as page:
        picture = page.locator("img")
        assert picture.evaluate("async image => (await image.decode(), image.naturalWidth)") == 640
        first, last = shown.frames[0].loss, shown.frames[-1].loss
        assert picture.get_attribute("alt").endswith(f"{first:.4g}, after 16 steps {last:.4g}")
        assert page.inner_text("body") == ""
