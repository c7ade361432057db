"""A film as an animated GIF: loss, boundary and network, drawn by matplotlib frame by frame."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.plotting import COLOURS, new_figure

if TYPE_CHECKING:
    from nn.watching.film import Film

__all__ = ["save_gif"]

DOTS_PER_INCH = 80
MOST = 24  # neurons of a layer that are drawn


def save_gif(film: Film, path: str | PathLike[str], frames_per_second: int) -> None:
    """Writes the film as a GIF, whole or not at all; it stays for two seconds on the last frame.

    Raises ImportError without matplotlib, OSError where the file cannot be written.
    """
    scene = film.scene
    panels = [_loss, *([_plane] if scene.axes else []), *([_network] if scene.anatomy.units else [])]
    figure = new_figure(4.0 * len(panels), 3.4)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    from matplotlib.animation import PillowWriter

    final = Path(path)
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial.gif")
    writer = PillowWriter(fps=frames_per_second)
    try:
        with writer.saving(figure, str(partial), DOTS_PER_INCH):
            for number in [*range(len(film)), *[len(film) - 1] * 2 * frames_per_second]:
                for panel, drawn in zip(axes, panels):
                    panel.clear()
                    drawn(panel, film, number)
                writer.grab_frame()
        os.replace(partial, final)
    finally:
        partial.unlink(missing_ok=True)


def _loss(axes: Any, film: Film, number: int) -> None:
    frame = film.frames[number]
    steps, losses = [f.step for f in film.frames], [f.loss for f in film.frames]
    axes.plot(steps, losses, color="#c9ced6")
    axes.plot(steps[: number + 1], losses[: number + 1], color=COLOURS[0])
    axes.plot([frame.step], [frame.loss], "o", color=COLOURS[0])
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
    for x1, x2, k in film.points():
        axes.plot([x1], [x2], "o", color=COLOURS[k % len(COLOURS)], markeredgecolor="white", markersize=5)
    axes.set_title("what it predicts")


def _network(axes: Any, film: Film, number: int) -> None:
    anatomy, frame = film.scene.anatomy, film.frames[number]
    most = (
        max(abs(f.parameters[i]) for f in film.frames for unit in anatomy.units for i in unit.weights) or 1.0
    )
    place: dict[tuple[int, int], tuple[float, float]] = {
        (k, j): (k, 0.5 * (min(width, MOST) - 1) - j)
        for k, width in enumerate(anatomy.widths)
        for j in range(min(width, MOST))
    }
    for unit in anatomy.units:
        if unit.place >= MOST or (unit.layer and not anatomy.follows):
            continue
        for i, parameter in enumerate(unit.weights[:MOST]):
            weight = frame.parameters[parameter]
            (x1, y1), (x2, y2) = place[unit.layer, i], place[unit.layer + 1, unit.place]
            share = abs(weight) / most
            colour = "#c2410c" if weight > 0.0 else "#1d64b8"
            axes.plot(
                [x1, x2],
                [y1, y2],
                color=colour,
                linewidth=0.2 + 3.0 * share,
                alpha=0.15 + 0.75 * share,
                zorder=1,
            )
    _circles(axes, film, number, place)
    axes.set_axis_off()
    ailing = film.symptoms[number]
    axes.set_title(
        ailing[0].text if ailing else "network", fontsize="small" if ailing else "large", wrap=True
    )


def _circles(axes: Any, film: Film, number: int, place: dict[tuple[int, int], tuple[float, float]]) -> None:
    marked = {(s.layer + 1, s.neuron) for s in film.symptoms[number] if s.kind == "dead"}
    dead = [where for unit, where in place.items() if unit in marked]
    alive = [where for unit, where in place.items() if unit not in marked]
    axes.scatter(*zip(*alive), s=60, color="white", edgecolors="#5a6472", zorder=2)
    if dead:
        axes.scatter(*zip(*dead), s=70, marker="X", color="#a3370b", zorder=3)
