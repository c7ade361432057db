"""A film as an animated GIF: loss, boundary and network, drawn by matplotlib frame by frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from nn.files import new_file
from nn.plotting import COLOURS, new_figure
from nn.watching.static import Heights

if TYPE_CHECKING:
    from nn.watching.anatomy import Anatomy
    from nn.watching.film import Film
    from nn.watching.frames import Frame

__all__ = ["save_gif"]

DOTS_PER_INCH = 80
ABOVE, BELOW = "#b3560c", "#2f63c4"  # weights, as on the page
MOST = 24  # neurons of a layer that are drawn
EXPLODED = 20.0  # times the first frame's largest weight: so that those before it can be seen


def save_gif(film: Film, path: str | PathLike[str], frames_per_second: int) -> None:
    """Writes the film as a GIF, whole or not at all; it stays for two seconds on the last frame.

    Raises ImportError without matplotlib, OSError where the file cannot be written.
    """
    scene = film.scene
    panels = [_loss, *([_plane] if scene.axes else []), *([_network] if scene.anatomy.units else [])]
    figure = new_figure(4.0 * len(panels), 3.4)
    figure.set_dpi(DOTS_PER_INCH)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image  # which matplotlib needs itself

    canvas: Any = FigureCanvasAgg(figure)
    pictures = []
    for number in range(len(film)):
        for panel, drawn in zip(axes, panels):
            panel.clear()
            drawn(panel, film, number)
        canvas.draw()
        pixels = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
        pictures.append(pixels.convert("RGB"))
    shown = round(1000 / frames_per_second)  # milliseconds
    durations = [*[shown] * (len(pictures) - 1), shown + 2000]
    first, *others = pictures
    with new_file(path) as partial:
        first.save(partial, "GIF", save_all=True, append_images=others, duration=durations, loop=0)


def _loss(axes: Any, film: Film, number: int) -> None:
    frame = film.frames[number]
    steps, losses = [f.step for f in film.frames], [f.loss for f in film.frames]
    axes.plot(steps, losses, color="#c9ced6")
    axes.plot(steps[: number + 1], losses[: number + 1], color=COLOURS[0])
    axes.plot([frame.step], [frame.loss], "o", color=COLOURS[0])
    if Heights.of(losses).log:
        axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_title(f"step {frame.step}: loss {frame.loss:.4g}")
    axes.grid(alpha=0.3)


def _plane(axes: Any, film: Film, number: int) -> None:
    x1s, x2s = film.scene.axes
    for k, flat in enumerate(film.frames[number].margins):
        if (high := max(flat)) > 0.0:
            heights = [flat[start : start + len(x1s)] for start in range(0, len(flat), len(x1s))]
            axes.contourf(
                x1s, x2s, heights, levels=[0.0, high], colors=[COLOURS[k % len(COLOURS)]], alpha=0.25
            )
    x1, x2, classes = zip(*film.points())
    axes.scatter(
        x1, x2, s=25, color=[COLOURS[k % len(COLOURS)] for k in classes], edgecolors="white", zorder=2
    )
    axes.set_title("what it predicts")


def _network(axes: Any, film: Film, number: int) -> None:
    from matplotlib.collections import LineCollection

    anatomy, frame = film.scene.anatomy, film.frames[number]
    widest = scale([_largest(f, anatomy) for f in film.frames])
    place: dict[tuple[int, int], tuple[float, float]] = {
        (k, j): (k, 0.5 * (min(width, MOST) - 1) - j)
        for k, width in enumerate(anatomy.widths)
        for j in range(min(width, MOST))
    }
    lines, colours, widths = [], [], []
    for unit in anatomy.units:
        if unit.place >= MOST or (unit.layer and not anatomy.follows):
            continue
        for i, parameter in enumerate(unit.weights[:MOST]):
            weight = frame.parameters[parameter]
            share = min(abs(weight) / widest, 1.0) if math.isfinite(weight) else 1.0
            lines.append([place[unit.layer, i], place[unit.layer + 1, unit.place]])
            colours.append((ABOVE if weight > 0.0 else BELOW, 0.15 + 0.75 * share))
            widths.append(0.2 + 3.0 * share)
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=widths, zorder=1))
    _circles(axes, film, number, place)
    axes.set_axis_off()
    ailing = film.symptoms[number]
    axes.set_title(
        ailing[0].text if ailing else "network", fontsize="small" if ailing else "large", wrap=True
    )


def _largest(frame: Frame, anatomy: Anatomy) -> float:
    sizes = [abs(frame.parameters[i]) for unit in anatomy.units for i in unit.weights]
    return max([size for size in sizes if math.isfinite(size)], default=0.0)


def scale(sizes: Sequence[float]) -> float:
    """The largest size that is no explosion, which is drawn widest; 1 if all are 0.

    >>> scale([0.5, 2.0, 1e9]), scale([0.0])
    (2.0, 1.0)
    """
    first = next((size for size in sizes if size > 0.0), 1.0)
    return max([size for size in sizes if size <= EXPLODED * first]) or 1.0


def _circles(axes: Any, film: Film, number: int, place: dict[tuple[int, int], tuple[float, float]]) -> None:
    marked = {(s.layer + 1, s.neuron) for s in film.symptoms[number] if s.kind == "dead"}
    dead = [where for unit, where in place.items() if unit in marked]
    alive = [where for unit, where in place.items() if unit not in marked]
    axes.scatter(*zip(*alive), s=60, color="white", edgecolors="#5a6472", zorder=2)
    if dead:
        axes.scatter(*zip(*dead), s=70, marker="X", color="#a3370b", zorder=3)
