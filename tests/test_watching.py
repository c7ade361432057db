"""Tests of watching a network learn: frames, what ails the network, and the films made of them."""

import json
import math
import re
from xml.etree import ElementTree

import pytest

from autograd import Value
from nn import (
    MLP,
    SGD,
    Dropout,
    Module,
    Sequential,
    cross_entropy,
    fit,
    half_squared_error,
    hinge,
    l2_penalty,
    make_moons,
    make_spirals,
    plane,
    xavier_uniform,
)
from nn.watching.anatomy import Anatomy
from nn.watching.frames import GRID, Scene
from nn.watching.static import Heights, static_picture
from nn.watching.symptoms import symptoms
from nn.watching.watcher import FRAMES, Watcher, chosen_steps

X, y = make_moons(40, noise=0.1, seed=0)
SIGNS = [2 * label - 1 for label in y]


def watched(watch=True, model=None, epochs=6, **settings):
    """(the model, its history) after 6 epochs of 4 steps."""
    model = model or MLP(2, [4, 1], seed=0)
    settings = {"loss": hinge, "batch_size": 10, "compiled": False} | settings
    sgd = SGD(model.parameters(), lr=0.1)
    return model, fit(model, X, SIGNS, optimizer=sgd, epochs=epochs, watch=watch, progress=False, **settings)


def scene_of(model, loss=hinge, targets=SIGNS, **settings):
    return Scene(model, loss, model.parameters(), (X, targets), **settings)


# ── frames ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_frame_holds_the_loss_and_the_gradients_at_its_parameters():
    """They are those of one backward pass over the rows, penalty included in the gradient but not in the loss."""
    model = MLP(2, [4, 1], seed=3)
    frame = scene_of(model, regularization=lambda: l2_penalty(model.parameters(), 0.1)).frame(7)
    loss = hinge([model(row) for row in X], SIGNS)
    model.zero_grad()
    (loss + l2_penalty(model.parameters(), 0.1)).backward()
    assert frame.step == 7
    assert frame.loss == loss.data
    assert frame.parameters == tuple(p.data for p in model.parameters())
    assert frame.gradients == tuple(p.grad for p in model.parameters())


def test_looking_changes_nothing():
    """Parameters, gradients (also "not computed"), activations and training mode stay; no random number is drawn."""
    model = Sequential(MLP(2, [3, 3]), Dropout(0.5, seed=1), MLP(3, [1]))
    model.parameters()[0].grad = 5.0
    before = [(p.data, p.grad, p.has_grad) for p in model.parameters()]
    activations = [unit.neuron.activation for unit in scene_of(model).anatomy.units]
    drawn = model.layers[1].rng.getstate()
    scene_of(model).frame(0)
    assert [(p.data, p.grad, p.has_grad) for p in model.parameters()] == before
    assert [unit.neuron.activation for unit in scene_of(model).anatomy.units] == activations
    assert model.training
    assert model.layers[1].rng.getstate() == drawn


def test_the_share_of_active_rows_is_counted_by_hand():
    """active is the share of rows for which the neuron's output is not 0."""
    model = MLP(2, [3, 1], seed=2)
    outputs = [[a.data for a in model.layers[0](row)] for row in X]
    expected = [sum(row[j] != 0.0 for row in outputs) / len(X) for j in range(3)]
    assert scene_of(model).frame(0).active == (*expected, 1.0)


def test_the_plane_is_what_the_model_predicts_there():
    """margins of class 1 at each point of the grid are the model's output, less the threshold; class 0's its negative."""
    model = MLP(2, [3, 1], seed=2)
    scene = scene_of(model)
    below, above = scene.frame(0).margins
    x1s, x2s = scene.axes
    assert x1s == plane.ticks([row[0] for row in X], GRID)
    for i, j in [(0, 0), (3, 17), (30, 30)]:
        assert above[j * GRID + i] == model([x1s[i], x2s[j]]).data
        assert below[j * GRID + i] == -above[j * GRID + i]


def test_numbers_that_are_not_finite_have_no_plane():
    """A column with nan or infinity has no two ends between which to ask the model."""
    for strange in (math.nan, math.inf):
        rows = [[strange, 0.0], *X[1:]]
        model = MLP(2, [2, 1], seed=0)
        assert Scene(model, hinge, model.parameters(), (rows, SIGNS)).axes == ()


def test_quantities_and_rows_of_other_widths_have_no_plane():
    """A boundary is drawn only where two numbers are sorted into classes."""
    assert scene_of(MLP(2, [1]), half_squared_error, [0.5 * s for s in SIGNS]).frame(0).margins == ()
    wide = MLP(3, [1])
    assert Scene(wide, hinge, wide.parameters(), ([[1.0, 2.0, 3.0]], [1])).frame(0).margins == ()


def test_any_model_can_be_watched():
    """One that has no neurons of the package's kind has frames too, without an anatomy."""

    class Line(Module):
        def __init__(self):
            self.slope = Value(0.5)

        def __call__(self, row):
            return self.slope * row[0]

    _, history = watched(model=Line())
    assert history.watch().scene.anatomy.units == ()
    assert len({frame.parameters for frame in history.watch().frames}) > 1
    assert json.loads(json.dumps(history.watch().data()))["units"] == []


# ── which steps ───────────────────────────────────────────────────────────────────────────────────────


def test_steps_are_watched_as_asked():
    """True spreads frames, denser at the start; a number is a distance; a list is the steps; the end is always there."""
    assert [f.step for f in watched([0, 5, 6])[1].watch().frames] == [0, 5, 6, 24]
    assert [f.step for f in watched(10)[1].watch().frames] == [0, 10, 20, 24]
    spread = sorted(chosen_steps(True, 10_000))
    assert (spread[0], spread[-1], len(spread)) == (0, 10_000, FRAMES)
    assert spread[1] - spread[0] < spread[-1] - spread[-2]


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        ([3, 25], "watch has step 25: the training has 24 steps"),
        (0, "watch is 0: expected a whole number, at least 1"),
        (2.5, "watch is 2.5: expected a whole number, at least 1"),
        ([-1], "a step of watch is -1: expected a whole number, at least 0"),
        (["1"], "a step of watch is '1': expected a whole number, at least 0"),
    ],
)
def test_steps_that_do_not_exist_are_refused(watch, said):
    """With what was given and what was expected, before anything is trained."""
    model = MLP(2, [4, 1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=said):
        watched(watch, model)
    assert model.state_dict() == before


def test_too_many_numbers_are_refused():
    """A page cannot hold every step of a large network: the error says what to do."""
    model = MLP(2, [200, 200, 1])
    with pytest.raises(ValueError, match=r"watch: 61 frames .* choose fewer, as in watch=\[0, 100\]"):
        watched(range(61), model, epochs=20)


@pytest.mark.parametrize("compiled", [False, True])
def test_watching_does_not_change_the_training(compiled):
    """The same parameters with and without, eager and compiled; a frame has the numbers of its very step."""
    if compiled:
        pytest.importorskip("numba", reason="compiled training needs the extra glassgrad[fast]")
    plain, _ = watched(False, compiled=compiled)
    model, history = watched(compiled=compiled)
    assert model.state_dict() == plain.state_dict()
    early, _ = watched([], epochs=1, compiled=compiled)
    frames = {frame.step: frame for frame in watched([4], compiled=compiled)[1].watch().frames}
    assert frames[4].parameters == tuple(early.state_dict().values())
    assert history.watch().frames[-1].parameters == tuple(model.state_dict().values())


def test_without_watching_there_is_no_film():
    """The error says how to get one."""
    with pytest.raises(ValueError, match=r"nothing was watched: call fit\(..., watch=True\)"):
        watched(False)[1].watch()


# ── what ails the network ─────────────────────────────────────────────────────────────────────────────


def ailing(model, loss=hinge, targets=SIGNS):
    scene = scene_of(model, loss, targets)
    return symptoms([scene.frame(0)], scene.anatomy)[0]


def test_a_dead_relu_is_found_where_it_is():
    """A neuron whose bias keeps its output at 0 for every row, and no other."""
    model = MLP(2, [4, 1], seed=0)
    model.layers[0].neurons[2].b.data = -100.0
    assert [(s.kind, s.layer, s.neuron) for s in ailing(model)] == [("dead", 0, 2)]


def test_gradients_that_vanish_in_a_deep_sigmoid_network_are_found():
    """Fifteen sigmoid layers: the first ones' gradient is below a thousandth of the last one's, and the text says by how much."""
    model = MLP(2, [6] * 15 + [1], activation="sigmoid", init=xavier_uniform, seed=0)
    found = ailing(model, targets=[1] * len(X))
    layers = [s.layer for s in found]
    assert layers == list(range(len(layers)))
    assert {s.kind for s in found} == {"vanishing"}, found
    frame = scene_of(model, targets=[1] * len(X)).frame(0)
    sizes = []
    for layer in model.layers:
        mine = dict(zip(model.parameters(), frame.gradients))
        numbers = [mine[p] for p in layer.parameters()]
        sizes.append(math.sqrt(sum(g * g for g in numbers) / len(numbers)))
    assert [k for k, size in enumerate(sizes) if size < 1e-3 * sizes[-1]] == layers
    assert f"{sizes[0]:.2g}, {sizes[0] / sizes[-1]:.2g} of the last layer's" in found[0].text


def test_gradients_that_explode_are_found():
    """Large weights in linear layers make the first layers' gradients a thousand times the last one's; so does nan."""
    model = MLP(2, [4, 4, 4, 4, 1], activation="linear", seed=0)
    for layer in model.layers[1:]:
        for parameter in layer.parameters():
            parameter.data *= 50.0
    model.layers[0].neurons[0].w[0].data = 1e-3
    small = model.layers[0].parameters()
    for parameter in small:
        parameter.data *= 1e-6
    assert {(s.kind, s.layer) for s in ailing(model)} >= {("exploding", 0)}
    model.layers[0].neurons[0].w[0].data = math.nan
    assert all("not a finite number" in s.text for s in ailing(model) if s.kind == "exploding")


def test_healthy_networks_have_no_symptoms():
    """A small tanh network just made is not marked."""
    assert ailing(MLP(2, [6, 1], activation="tanh", seed=0)) == []


def test_anatomy_numbers_the_parameters_of_each_neuron():
    """Weights and bias of a unit are where the list of parameters has them; layers that do not chain are told."""
    model = MLP(2, [3, 2], seed=0)
    parameters = model.parameters()
    for unit in Anatomy.of(model, parameters).units:
        assert [parameters[i] for i in unit.weights] == unit.neuron.w
        assert parameters[unit.bias] is unit.neuron.b
    assert Anatomy.of(model, parameters).follows

    class Two(Module):
        def __init__(self):
            self.one, self.other = MLP(2, [3]), MLP(2, [2])

    two = Two()
    assert not Anatomy.of(two, two.parameters()).follows


# ── films ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_holds_the_numbers_and_asks_for_nothing(tmp_path):
    """The data in the page are those of the frames, to four digits; there is no address in it to load from."""
    model, history = watched()
    history.watch().save(tmp_path / "film.html")
    page = (tmp_path / "film.html").read_text(encoding="utf-8")
    data = json.loads(page.split('id="film">')[1].split("</script>")[0])
    assert [f["step"] for f in data["frames"]] == [f.step for f in history.watch().frames]
    assert data["frames"][-1]["parameters"] == pytest.approx(list(model.state_dict().values()), rel=5e-4)
    assert len(data["points"]) == len(X)
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) == {"http://www.w3.org/2000/svg"}


def test_the_static_picture_is_the_curve_of_the_loss():
    """Each frame's loss is a point of it: the first at the top of a falling curve; it is XML whatever the model is called."""

    class Named(MLP):
        def __repr__(self):
            return "<a & b>"

    _, history = watched(model=Named(2, [4, 1], seed=0))
    film = history.watch()
    picture = ElementTree.fromstring(static_picture(film))
    svg = "{http://www.w3.org/2000/svg}"
    points = [
        tuple(map(float, pair.split(","))) for pair in picture.find(f"{svg}polyline").get("points").split()
    ]
    bottom, top = 256.0, 64.0
    highest = max(frame.loss for frame in film.frames)
    assert [x for x, _ in points] == pytest.approx(
        [84 + 532 * f.step / film.frames[-1].step for f in film.frames], abs=0.06
    )
    assert [(bottom - y) / (bottom - top) for _, y in points] == pytest.approx(
        [f.loss / highest for f in film.frames], abs=0.001
    )
    assert picture.find(f".//{svg}text").text == "<a & b>"


def test_losses_over_many_decades_are_drawn_by_their_logarithms():
    """Those that are not finite stand at the top, negative ones and 0 keep the scale linear."""
    heights = Heights.of([1e6, 1.0, 1e3, math.inf, math.nan])
    assert [heights.share(loss) for loss in (1.0, 1e3, 1e6, math.inf, math.nan)] == pytest.approx(
        [0, 0.5, 1, 1, 1]
    )
    assert not Heights.of([1e6, 0.0]).log
    assert Heights.of([-3.0, 1.0]).share(-3.0) == 0.0
    assert Heights.of([math.nan]).share(math.nan) == 1.0


def test_what_is_of_no_neuron_is_in_the_page_by_its_name():
    """Parameters of layers of the user's own beside those of neurons; without a module by their labels."""

    class Scaled(Module):
        def __init__(self):
            self.net, self.scale = MLP(2, [2, 1], seed=0), Value(1.0)

        def __call__(self, row):
            return self.scale * self.net(row)

    _, history = watched(model=Scaled())
    [(name, place)] = history.watch().others()
    film = history.watch()
    assert name == "scale"
    assert film.frames[-1].parameters[place] == film.scene.model.scale.data
    assert film.classes() == [(0, "-1"), (1, "1")]


def test_a_film_of_three_classes_has_three_margins():
    """Each class has its own, and the leader's is above 0."""
    rows, classes = make_spirals(30, seed=0)
    model = MLP(2, [4, 2], seed=0)
    scene = Scene(model, cross_entropy, model.parameters(), (rows, classes))
    margins = scene.frame(0).margins
    assert len(margins) == 2
    assert all(max(column) >= 0.0 for column in zip(*margins))


def test_a_gif_has_every_frame(tmp_path):
    """And stays on the last one; without matplotlib, the error names the extra."""
    pytest.importorskip("matplotlib", reason="animated pictures need the extra glassgrad[plot]")
    from PIL import Image

    _, history = watched([0, 3])
    history.watch().save(tmp_path / "film.gif", frames_per_second=2)
    with Image.open(tmp_path / "film.gif") as picture:
        durations = []
        for number in range(picture.n_frames):
            picture.seek(number)
            durations.append(picture.info["duration"])
        assert sum(durations) == 500 * (3 + 4)
    assert [path.name for path in tmp_path.iterdir()] == ["film.gif"]


def test_a_network_whose_weights_are_not_finite_can_be_drawn(tmp_path):
    """The last frames of a diverged training, or all of them: as a GIF and as a page."""
    pytest.importorskip("matplotlib", reason="animated pictures need the extra glassgrad[plot]")
    for number in (math.nan, math.inf):
        model = MLP(2, [2, 1], seed=0)
        for weight in model.layers[0].neurons[0].w:
            weight.data = number
        scene = Scene(model, half_squared_error, model.parameters(), ([[0.0, 1.0]], [1.0]))
        watcher = Watcher(scene, frozenset([0]))
        watcher.look(0)
        for name in ("film.gif", "film.html"):
            watcher.developed().save(tmp_path / name)
            assert (tmp_path / name).stat().st_size > 1000


def test_other_endings_are_refused(tmp_path):
    """Nothing is written for them."""
    with pytest.raises(ValueError, match=r"expected a name that ends in .html or .gif"):
        watched([0])[1].watch().save(tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_diverging_training_can_be_watched():
    """Frames whose loss is not finite are kept, marked, and the page can hold them."""
    model = MLP(2, [4, 1], seed=0)
    with pytest.warns(RuntimeWarning, match="training stopped"):
        history = fit(
            model,
            X,
            SIGNS,
            loss=half_squared_error,
            optimizer=SGD(model.parameters(), lr=1e6),
            epochs=50,
            watch=1,
            progress=False,
        )
    film = history.watch()
    assert json.loads(json.dumps(film.data(), allow_nan=False))
    assert any(s.kind == "exploding" for found in film.symptoms for s in found)


def test_a_compiled_training_is_the_same_film():
    """Frames do not depend on how the steps are computed, to rounding."""
    pytest.importorskip("numba", reason="compiled training needs the extra glassgrad[fast]")
    films = []
    for compiled in (False, True):
        model = MLP(2, [4, 1], seed=0)
        sgd = SGD(model.parameters(), lr=0.05)
        history = fit(
            model, X, SIGNS, loss=hinge, optimizer=sgd, epochs=5, watch=1, compiled=compiled, progress=False
        )
        films.append(history.watch())
    for eager, compiled in zip(films[0].frames, films[1].frames, strict=True):
        assert compiled.parameters == pytest.approx(eager.parameters, rel=1e-9, abs=1e-12)
        assert compiled.loss == pytest.approx(eager.loss, rel=1e-9)
