"""Plots with matplotlib: a training's curves, a model's decision boundary, weights and gradients by layer."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autograd import Value
from nn.data.rows import as_list
from nn.layers import Embedding, Layer
from nn.module import Module
from nn.plane import margins, ticks
from nn.training.metrics import target_class
from nn.training.steps import Model, predict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from nn.training.history import History

# Points to a side: contours interpolate, so that boundaries are smooth in a picture of five inches.
GRID = 61

TICKS = 8  # at most, along each side of a picture of parameters

# Okabe and Ito (2008): told apart with any colour vision.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")


def plot_history(history: History) -> Figure:
    """A figure with the curves of the loss, of each metric, and of the learning rate if it changed.

    Solid is training, dashed validation; a dotted line marks the epoch that early stopping went back to.
    The figure shows itself in a notebook, as all of these do. ValueError for a history without epochs.
    """
    if len(history) == 0:
        raise ValueError(f"{history!r} has no epochs to plot")
    constant = {"epoch", "seconds"} if len(set(history["lr"])) > 1 else {"epoch", "seconds", "lr"}
    names = [name for name in history.columns if name not in constant and not name.startswith("validation_")]
    figure = new_figure(4.2 * len(names), 3.4)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names):
        _plot_column(axes, history, name)
    return figure


def _plot_column(axes: Axes, history: History, name: str) -> None:
    marker = "o" if len(history) == 1 else ""
    axes.plot(history["epoch"], history[name], color=COLOURS[0], marker=marker, label="training")
    validation = f"validation_{name}"
    if validation in history:
        axes.plot(
            history["epoch"], history[validation], "--", color=COLOURS[1], marker=marker, label="validation"
        )
    if history.best_epoch is not None:
        axes.axvline(
            history.best_epoch, color="grey", linestyle=":", label=f"best: epoch {history.best_epoch}"
        )
    axes.set_title(name.replace("_", " "))
    axes.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    axes.legend()


def plot_decision_boundary(
    model: Model,
    X: Iterable[Sequence[float]],
    y: Iterable[Any],
    threshold: float | None = None,
    names: Sequence[str] = (),
    axes: Axes | None = None,
) -> Figure | SubFigure:
    """A figure of the plane, coloured by the class that the model predicts, with the points (X, y).

    A model with one output needs the `threshold` of `predicted_class`. `names` are the classes', for the
    legend. Drawn into `axes` if given. ValueError unless each row of X has two numbers.
    """
    points, classes = as_list(X), [target_class(target) for target in as_list(y)]
    for i, point in enumerate(points):
        if len(point) != 2:
            raise ValueError(f"X[{i}] has {len(point)} numbers: the plane can show a model of 2 inputs only")
    axes = axes or new_figure(5.0, 4.2).add_subplot()
    x1s, x2s = (ticks(column, GRID) for column in zip(*points, strict=True))
    predictions = predict(model, [[x1, x2] for x2 in x2s for x1 in x1s])
    for k, flat in enumerate(margins(predictions, threshold)):
        if (high := max(flat)) > 0.0:
            heights = [flat[start : start + GRID] for start in range(0, len(flat), GRID)]
            axes.contourf(x1s, x2s, heights, levels=[0.0, high], colors=[_colour(k)], alpha=0.25)
            axes.contour(x1s, x2s, heights, levels=[0.0], colors=["#444444"], linewidths=0.8)
    for k in sorted(set(classes)):
        label = names[k] if k < len(names) else f"class {k}"
        mine = [point for point, kind in zip(points, classes) if kind == k]
        axes.scatter(*zip(*mine, strict=True), color=_colour(k), edgecolors="white", label=label, zorder=3)
    axes.set_xlabel("$x_1$")
    axes.set_ylabel("$x_2$")
    axes.legend()
    return axes.figure


def plot_parameters(model: Module) -> Figure:
    """A figure with each layer's weights and, beside them, their gradients: a row a neuron, its bias last.

    Red is positive, blue negative, each picture on a scale of its own. An embedding has a row a thing; other
    parameters that a module holds itself are one row. ValueError for a model without parameters.
    """
    layers = [(name, module, rows) for name, module, rows in _layers(model) if rows]
    if not layers:
        raise ValueError(f"{model!r} has no parameters to plot")
    figure = new_figure(8.4, 2.6 * len(layers))
    for (left, right), (name, module, rows) in zip(figure.subplots(len(layers), 2, squeeze=False), layers):
        biased = isinstance(module, Layer)
        title = f"{name} {repr(module).partition('(' + chr(10))[0]}".lstrip()
        _plot_matrix(left, [[value.data for value in row] for row in rows], biased)
        left.set_title(f"{title}: weights", fontsize="medium")
        if any(value.has_grad for row in rows for value in row):
            _plot_matrix(right, [[value.grad for value in row] for row in rows], biased)
            right.set_title("gradients", fontsize="medium")
        else:
            right.set_axis_off()
            right.set_title("gradients: not computed", fontsize="medium")
    return figure


def _layers(model: Module) -> Iterator[tuple[str, Module, list[list[Value]]]]:
    """Each module with its name and the rows of its parameters that no module before it has shown."""
    shown: set[Value] = set()
    for name, module in model.named_modules():
        rows = [row for row in _rows(module) if not shown.issuperset(row)]
        shown.update(*rows)
        yield name, module, rows


def _rows(module: Module) -> list[list[Value]]:
    if isinstance(module, Layer):
        return [neuron.parameters() for neuron in module.neurons]
    if isinstance(module, Embedding):
        return module.weight
    below = {p for _, held in list(module.named_modules())[1:] for p in held.parameters()}
    return [[parameter for parameter in module.parameters() if parameter not in below]]


def _plot_matrix(axes: Axes, rows: list[list[float]], biased: bool) -> None:
    limit = max(abs(number) for row in rows for number in row) or 1.0
    image = axes.imshow(rows, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    axes.figure.colorbar(image, ax=axes)
    width, height = len(rows[0]), len(rows)
    columns = list(range(0, width, math.ceil(width / TICKS)))
    if biased:
        columns = [column for column in columns if column < width - 1]
        axes.set_xticks([*columns, width - 1], [*map(str, columns), "b"])
    else:
        axes.set_xticks(columns)
    axes.set_yticks(range(0, height, math.ceil(height / TICKS)))


def _colour(k: int) -> str:
    return COLOURS[k % len(COLOURS)]


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that shows itself in a notebook and that pyplot does not keep."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(f'plots need matplotlib ({error}): pip install "glassgrad[plot]"') from error

    class Picture(Figure):
        """A figure that shows itself once: in a notebook, pyplot would show one that is returned twice."""

        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            self.savefig(buffer, format="png")
            return buffer.getvalue()

    return Picture(figsize=(width, height), layout="constrained")
