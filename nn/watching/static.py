"""The picture of a film where its page is not shown: the curve of the loss, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn.watching.film import Film

__all__ = ["Heights", "static_picture"]

DECADES = 3.0  # of losses, above which heights are those of their logarithms

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 84, 24, 64, 44


@dataclass(frozen=True)
class Heights:
    """How losses are drawn: between `low` and `high`, by their logarithms if they span too many decades.

    >>> Heights.of([2.0, 0.5]), Heights.of([1e30, 1.0, math.inf])
    (Heights(low=0.0, high=2.0, log=False), Heights(low=1.0, high=1e+30, log=True))
    """

    low: float
    high: float
    log: bool

    @classmethod
    def of(cls, losses: Iterable[float]) -> Heights:
        """The heights of these losses, of which those that are not finite have none."""
        finite = [loss for loss in losses if math.isfinite(loss)] or [1.0]
        low, high = min(finite), max(finite)
        if low > 0.0 and math.log10(high) - math.log10(low) > DECADES:
            return cls(low, high, True)
        return cls(min(low, 0.0), max(high, 0.0), False)

    def share(self, loss: float) -> float:
        """How high `loss` stands: 0 at the bottom, 1 at the top, where those stand that are not finite."""
        if not math.isfinite(loss):
            return 1.0
        if self.log:
            return math.log(loss / self.low) / (math.log(self.high) - math.log(self.low))
        return (loss - self.low) / (self.high - self.low or 1.0)


def static_picture(film: Film) -> str:
    """The SVG of the loss after each watched step, with what ails the network in the last frame."""
    frames, heights = film.frames, Heights.of([frame.loss for frame in film.frames])
    last = frames[-1]
    floor = HEIGHT - BOTTOM
    curve = " ".join([f"{x:.1f},{y:.1f}" for x, y in _places(film, heights)])
    told = [symptom.text for symptom in film.symptoms[-1]] or [f"loss {last.loss:.4g}"]
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    texts = [
        (16, 26, "start", film.title, 'font-weight="700"'),
        (16, 46, "start", f"after {last.step} steps: {told[0]}{more}", ""),
        (LEFT - 8, TOP + 10, "end", f"{heights.high:.4g}", ""),
        (LEFT - 8, floor, "end", f"{heights.low:.4g}", ""),
        (LEFT, HEIGHT - 18, "start", "loss, its logarithm" if heights.log else "loss", ""),
        (WIDTH - RIGHT, HEIGHT - 18, "end", f"{last.step} steps", ""),
    ]
    written = "".join(
        [
            f'<text x="{x}" y="{y}" text-anchor="{anchor}" {weight}>{escape(said)}</text>'
            for x, y, anchor, said, weight in texts
        ]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fffefb"/>'
        f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="#a9a59b"/>'
        f'<polyline points="{curve}" fill="none" stroke="#1d1e22" stroke-width="2"/>'
        f'<g font-family="sans-serif" font-size="13" fill="#1d1e22">{written}</g></svg>'
    )


def _places(film: Film, heights: Heights) -> Sequence[tuple[float, float]]:
    """Where the losses stand in the picture."""
    end = film.frames[-1].step or 1
    return [
        (
            LEFT + (WIDTH - LEFT - RIGHT) * frame.step / end,
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * heights.share(frame.loss),
        )
        for frame in film.frames
    ]
