"""Tests of nn.plotting."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Dropout, Embedding, Layer, Module, Sequential, half_squared_error
from nn.plotting import new_figure, plot_decision_boundary, plot_history, plot_parameters
from nn.training.history import History


def history(**columns) -> History:
    """A history with these columns, and a constant learning rate unless one is given."""
    columns.setdefault("lr", [0.1] * len(columns["loss"]))
    rows = [dict(zip(columns, numbers)) for numbers in zip(*columns.values())]
    return History([{"epoch": i, **row, "seconds": 0.1} for i, row in enumerate(rows, start=1)], "finished")


def curves(axes):
    """The curves of a plot by their names in the legend."""
    return {line.get_label(): list(zip(*line.get_data())) for line in axes.get_lines()}


def test_history_has_a_plot_for_the_loss_and_for_each_metric():
    """Training and validation stand together, epoch by epoch; a rate that does not change is not plotted."""
    figure = plot_history(
        history(
            loss=[0.5, 0.25], accuracy=[0.5, 1.0], validation_loss=[0.6, 0.4], validation_accuracy=[0.5, 0.75]
        )
    )
    loss, accuracy = figure.axes
    assert (loss.get_title(), accuracy.get_title()) == ("loss", "accuracy")
    assert curves(loss) == {"training": [(1, 0.5), (2, 0.25)], "validation": [(1, 0.6), (2, 0.4)]}
    assert curves(accuracy)["validation"] == [(1, 0.5), (2, 0.75)]
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "validation"]


def test_history_shows_a_changing_rate_and_the_best_epoch():
    """The learning rate is plotted where a schedule moved it, and the epoch gone back to is marked."""
    given = history(loss=[0.5, 0.3, 0.4], lr=[0.1, 0.1, 0.05])
    given.best_epoch = 2
    loss, rate = given.plot().axes
    assert rate.get_title() == "lr"
    assert curves(rate)["training"] == [(1, 0.1), (2, 0.1), (3, 0.05)]
    assert {x for x, _ in curves(loss)["best: epoch 2"]} == {2}


def test_history_of_one_epoch_is_visible_and_of_none_is_an_error():
    """A curve of one point is drawn as a point; without epochs the error says so."""
    (axes,) = plot_history(history(loss=[0.5])).axes
    assert axes.get_lines()[0].get_marker() == "o"
    with pytest.raises(ValueError, match=r"History\(0 epochs\) has no epochs to plot"):
        plot_history(History())


def boundaries(axes):
    """The corners of all boundary lines, as an array of points."""
    contours = [artist for artist in axes.collections if list(getattr(artist, "levels", ())) == [0.0]]
    return np.concatenate([path.vertices for contour in contours for path in contour.get_paths()])


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_boundary_of_one_output_is_where_it_crosses_the_threshold(threshold):
    """For x₁ + x₂ the line drawn is x₁ + x₂ = threshold."""
    figure = plot_decision_boundary(sum, [[-1.0, -1.0], [1.0, 1.0]], [0, 1], threshold)
    points = boundaries(figure.axes[0])
    assert len(points) > 10
    assert np.allclose(points.sum(axis=1), threshold, atol=1e-9)


def test_boundary_of_several_outputs_is_where_the_two_largest_are_equal():
    """With logits −x₁, x₁ and x₂, two of them are equal and the third is not larger, everywhere on a line."""
    figure = plot_decision_boundary(
        lambda row: [-row[0], row[0], row[1]],
        [[-1.0, -1.0], [1.0, 0.0], [0.0, 2.0]],
        [0, 1, 2],
        names=["l", "r", "u"],
    )
    (axes,) = figure.axes
    points = boundaries(axes)
    ordered = np.sort(np.stack([-points[:, 0], points[:, 0], points[:, 1]]), axis=0)
    # Contours are straight within a cell of the grid, and the corner where three classes meet is cut.
    assert np.abs(ordered[2] - ordered[1]).max() < 4.0 / 60
    assert np.median(np.abs(ordered[2] - ordered[1])) < 1e-9
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["l", "r", "u"]


def test_points_are_shown_in_the_colour_of_their_class():
    """Each class of −1 and +1 is one group of points, at their places."""
    figure = plot_decision_boundary(
        lambda row: row[0], [[-1.0, 3.0], [1.0, 0.0], [2.0, 1.0]], [-1, 1, 1], 0.0
    )
    groups = [artist for artist in figure.axes[0].collections if artist.get_label().startswith("class")]
    assert [group.get_offsets().tolist() for group in groups] == [[[-1.0, 3.0]], [[1.0, 0.0], [2.0, 1.0]]]
    assert not np.array_equal(groups[0].get_facecolor(), groups[1].get_facecolor())


def test_a_boundary_can_be_drawn_into_given_axes():
    """Several boundaries can stand side by side in one figure."""
    figure = new_figure(8.0, 4.0)
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        assert plot_decision_boundary(sum, [[0.0, 0.0], [1.0, 1.0]], [0, 1], 0.5, axes=axes) is figure
        assert axes.get_legend() is not None


def test_a_model_of_one_class_only_has_no_boundary():
    """Where the model predicts the same class everywhere there is an even colour and no error."""
    figure = plot_decision_boundary(lambda row: 1.0, [[0.0, 0.0], [1.0, 1.0]], [0, 1], 0.0)
    assert len(figure.axes[0].collections) >= 3


def test_what_a_plane_cannot_show_is_refused():
    """Rows of three numbers, and one output without a threshold, are errors that say what is expected."""
    with pytest.raises(
        ValueError, match=r"X\[1\] has 3 numbers: the plane can show a model of 2 inputs only"
    ):
        plot_decision_boundary(sum, [[0.0, 0.0], [1.0, 1.0, 1.0]], [0, 1], 0.0)
    with pytest.raises(ValueError, match="give threshold"):
        plot_decision_boundary(sum, [[0.0, 0.0], [1.0, 1.0]], [0, 1])


def pictures(figure):
    """The title of each picture, in reading order, and the numbers that it shows."""
    return [
        (axes.get_title(), axes.get_images()[0].get_array().tolist()) for axes in figure.axes if axes.images
    ]


def test_parameters_are_shown_layer_by_layer_with_their_gradients():
    """A row of a picture is a neuron's weights and its bias, and beside it are their gradients."""
    model = MLP(2, [3, 1], "tanh")
    half_squared_error([model([1.0, -2.0])], [1.0]).backward()
    neurons = [[[*neuron.w, neuron.b] for neuron in layer.neurons] for layer in model.layers]
    weights = [[[value.data for value in row] for row in rows] for rows in neurons]
    gradients = [[[value.grad for value in row] for row in rows] for rows in neurons]
    assert any(gradients[0][0])
    assert pictures(plot_parameters(model)) == [
        ("layers.0 Layer(2 → 3 tanh): weights", weights[0]),
        ("gradients", gradients[0]),
        ("layers.1 Layer(3 → 1): weights", weights[1]),
        ("gradients", gradients[1]),
    ]


def test_gradients_that_were_not_computed_are_not_shown_as_zero():
    """Before any backward there are weights, and in the place of gradients the words that say so."""
    figure = plot_parameters(Layer(2, 3))
    assert [title for title, _ in pictures(figure)] == ["Layer(2 → 3 relu): weights"]
    assert figure.axes[1].get_title() == "gradients: not computed"


def test_every_parameter_is_shown_once():
    """Embeddings, tied layers and what a module of one's own holds are each in one picture."""

    class Scaled(Module):
        def __init__(self):
            self.layer = Layer(2, 2)
            self.again = self.layer
            self.scale, self.shift = Value(3.0), Value(4.0)

    embedding = Embedding(4, 3)
    model = Sequential(embedding, Dropout(0.5), Scaled())
    shown = dict(pictures(plot_parameters(model)))
    assert shown["layers.0 Embedding(4, 3): weights"] == [
        [value.data for value in row] for row in embedding.weight
    ]
    assert shown["layers.2 Scaled: weights"] == [[3.0, 4.0]]
    assert len(shown) == 3
    assert sum(len(row) for rows in shown.values() for row in rows) == len(model.parameters())


def test_a_model_without_parameters_is_an_error():
    """There is nothing to plot of a dropout alone."""
    with pytest.raises(ValueError, match=r"Dropout\(p=0\.5\) has no parameters to plot"):
        plot_parameters(Dropout(0.5))


def test_a_wide_layer_has_a_few_ticks_and_its_bias_is_marked():
    """784 inputs get no more than a handful of numbers along the side, and the last column is b."""
    axes = plot_parameters(Layer(784, 2)).axes[0]
    labels = [text.get_text() for text in axes.get_xticklabels()]
    assert labels[-1] == "b"
    assert len(labels) <= 9
    assert axes.get_xticks()[-1] == 784


def test_a_figure_shows_itself_and_pyplot_does_not_keep_it(tmp_path):
    """In a notebook a figure is a PNG; it can be saved in any format; none is left open in pyplot."""
    figure = plot_history(history(loss=[0.5, 0.25]))
    assert figure._repr_png_().startswith(b"\x89PNG")
    figure.savefig(tmp_path / "training.svg")
    assert (tmp_path / "training.svg").stat().st_size > 1000
    from matplotlib import pyplot

    assert pyplot.get_fignums() == []


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    """The error of a missing matplotlib says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "glassgrad\[plot\]"'):
        plot_history(history(loss=[0.5]))


def test_importing_nn_loads_neither_matplotlib_nor_tqdm():
    """What only some functions need is loaded by these."""
    program = (
        "import sys, nn, nn.command.main, nn.plotting, nn.training.fitting\n"
        "print({'matplotlib', 'numpy', 'tqdm', 'graphviz'} & set(sys.modules))"
    )
    root = str(Path(__file__).parent.parent)
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )
    assert (run.stdout, run.stderr) == ("set()\n", "")
