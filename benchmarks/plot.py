"""A picture of what `compiled.py` measured: microseconds of a step, a bar for each engine, logarithmic.

python benchmarks/compiled.py --json results.json && python benchmarks/plot.py results.json speed.svg
"""

import json
import sys
from pathlib import Path

OURS, PEER = "#3b6fb6", "#c9ced6"


def plot(results: dict, path: str) -> None:
    """Write the figure, with one panel for each work."""
    from matplotlib.figure import Figure

    works = {work: found["microseconds"] for work, found in results.items()}
    figure = Figure(figsize=(8.0, 0.7 + sum(0.5 + 0.27 * len(times) for times in works.values())))
    figure.set_layout_engine("constrained")
    heights = [len(times) + 1 for times in works.values()]
    panels = figure.subplots(len(works), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for panel, (work, times) in zip(panels, works.items(), strict=True):
        ordered = sorted(times.items(), key=lambda item: item[1])
        colours = [OURS if name.startswith("glassgrad") else PEER for name, _ in ordered]
        bars = panel.barh([name for name, _ in ordered], [time for _, time in ordered], color=colours)
        panel.bar_label(bars, [f"{time:,.0f} µs" for _, time in ordered], padding=3, fontsize=9)
        panel.set_xscale("log")
        panel.invert_yaxis()
        panel.set_title(work, loc="left", fontsize=10, fontweight="bold")
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1].set_xlim(right=20 * max(max(times.values()) for times in works.values()))
    panels[-1].set_xlabel("microseconds for the mean loss and all gradients, float64")
    figure.savefig(path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    plot(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2])
