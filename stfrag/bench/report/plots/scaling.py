"""The plots of the scaling benchmark: speed-up and efficiency over threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import drawing
from ..drawing import Looks
from ..facts import CUTS, Records, geometric, groups, measured, unique
from .plot import KEY, WIDTH, Plot, curve, key_of_curves, margins

__all__ = ["draw"]

_IDEAL = {"color": "#8a919c", "linewidth": 1, "linestyle": (0, (4, 2))}
_POWERS = {2.0**n: f"{2.0**n:g}" for n in range(-3, 12)}


def draw(document: dict[str, Any], looks: Looks) -> list[Plot]:
    """One plot over all clips, and one for each clip if there are several."""
    records = [record for record in measured(document["records"]) if record.get("speedup")]
    if not records:
        return []
    clips = groups(records, "clip")
    caption = "Gray: as many times as fast as there are threads."
    if len(clips) == 1:
        return [Plot("Speed-up and efficiency", caption, _speedup(records, looks))]
    return [
        Plot(
            "Speed-up and efficiency, over all clips",
            f"{caption} Geometric means over the clips.",
            _speedup(records, looks),
        ),
        *(
            Plot(f"Speed-up and efficiency: {clip}", "", _speedup(mine, looks), clip)
            for (clip,), mine in clips.items()
        ),
    ]


@dataclass(frozen=True)
class _Scales:
    """The ranges of the axes, which are the same in all panels: threads, speed-ups and efficiency in percent."""

    counts: Sequence[int]
    least: float
    most: float
    top: float


def _scales(records: Records) -> _Scales:
    counts = sorted({record["threads"] for record in records})
    gains = [record["speedup"] for record in records]
    top = 108.0 * max(1.0, *(record.get("efficiency") or 0.0 for record in records))
    return _Scales(counts, min(0.95, *gains), max(counts[-1], *gains), top)


def _speedup(records: Records, looks: Looks) -> str:
    """A row for each job; speed-up at the left and efficiency at the right, each with a panel for each cut."""
    jobs = unique(record["job"] for record in records)
    cuts = [cut for cut in CUTS if any(record["cut"] == cut for record in records)]
    scales = _scales(records)
    height = 2.7 * len(jobs) + 0.25
    drawn = drawing.figure(WIDTH, height)
    columns = len(cuts)
    widths = [1] * columns + [0.001] + [1] * columns  # a gap between the two halves
    grid = drawn.add_gridspec(
        len(jobs), len(widths), wspace=0.3, hspace=0.36, width_ratios=widths, **margins(WIDTH, height, KEY + 0.1)
    )
    for row, job in enumerate(jobs):
        x = "threads" if row == len(jobs) - 1 else ""
        for column, cut in enumerate(cuts):
            mine = [record for record in records if record["job"] == job and record["cut"] == cut]
            if not mine:
                continue
            first = column == 0
            gain = drawn.add_subplot(grid[row, column])
            drawing.plain(gain, f"{job}, {CUTS[cut]}", x, "speed-up" if first else "")
            _draw_speedup(gain, mine, scales, looks)
            share = drawn.add_subplot(grid[row, columns + 1 + column])
            drawing.plain(share, f"{job}, {CUTS[cut]}", x, "efficiency, %" if first else "")
            _draw_efficiency(share, mine, scales, looks)
    key_of_curves(drawn, looks, unique(record["label"] for record in records))
    return drawing.svg(drawn)


def _draw_speedup(axes: Any, records: Records, scales: _Scales, looks: Looks) -> None:
    _threads_axis(axes, scales.counts)
    drawing.log_axis(axes, "y", [scales.least, scales.most], 0.03, _POWERS)
    axes.plot(scales.counts, scales.counts, **_IDEAL)
    for mine in groups(records, "label").values():
        _curve(axes, mine, "speedup", 1, looks)


def _draw_efficiency(axes: Any, records: Records, scales: _Scales, looks: Looks) -> None:
    _threads_axis(axes, scales.counts)
    axes.set_ylim(0, scales.top)
    axes.axhline(100, **_IDEAL)
    for mine in groups(records, "label").values():
        _curve(axes, mine, "efficiency", 100, looks)


def _threads_axis(axes: Any, counts: Sequence[int]) -> None:
    """A logarithmic axis with a tick at each number of threads, or at the powers of two if those are many."""
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log", base=2)
    axes.set_xlim(counts[0] / 1.08, counts[-1] * 1.08)
    shown = counts if len(counts) <= 6 else [count for count in counts if count & (count - 1) == 0]
    axes.set_xticks(shown, [str(count) for count in shown])
    axes.xaxis.set_minor_locator(NullLocator())


def _curve(axes: Any, records: Records, name: str, scale: float, looks: Looks) -> None:
    """The figure of one label over threads, means over clips."""
    points = sorted(
        (count, mean * scale)
        for (count,), mine in groups(records, "threads").items()
        if (mean := geometric(record.get(name) for record in mine)) is not None
    )
    if points:
        label = records[0]["label"]
        (drawn,) = axes.plot(*zip(*points, strict=True), **curve(looks, label))
        drawing.tip(drawn, label)
