"""The plots of the access benchmark: how long each label takes for each kind of read."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import drawing
from ..drawing import Looks
from ..facts import Place, Records, digits, geometric, groups, measured, places_of, unique, value
from ..grid import FEWER_CLIPS
from .plot import WIDTH, Plot, margins

__all__ = ["draw"]

_CAPTION = "Bars: medians; lines: to the 95th percentile. Shorter is faster; time is on a logarithmic scale."


class _Bar(NamedTuple):
    """Milliseconds of a label for one kind of read; None where it was not measured."""

    middle: float | None
    high: float | None


class _Label(NamedTuple):
    """A row of a plot: a label with its bars, one for each kind of read."""

    label: str
    threads: int
    clips: int
    bars: list[_Bar]

    @property
    def slowness(self) -> float:
        """The mean of its times; 0 if there are none."""
        return geometric(bar.middle for bar in self.bars) or 0.0


def draw(document: dict[str, Any], looks: Looks) -> list[Plot]:
    """One plot over all clips, and one for each clip if there are several."""
    records = [record for record in measured(document["records"]) if value(record, "latency_ms", "median")]
    if not records:
        return []
    clips = groups(records, "clip")
    if len(clips) == 1:
        return [Plot("Time to read", _CAPTION, _latency(records, looks))]
    caption = f"{_CAPTION} Geometric means over the clips that each label did. {FEWER_CLIPS}"
    return [
        Plot("Time to read, over all clips", caption, _latency(records, looks)),
        *(Plot(f"Time to read: {clip}", "", _latency(mine, looks), clip) for (clip,), mine in clips.items()),
    ]


def _labels(records: Records, places: list[Place]) -> list[_Label]:
    """The rows of a plot from bottom to top: first those that did fewer clips, of the others the slowest first."""
    found = []
    for (label, threads), mine in groups(records, "label", "threads").items():
        bars = [
            _Bar(*(geometric(value(r, "latency_ms", which) for r in place.of(mine)) for which in ("median", "p95")))
            for place in places
        ]
        found.append(_Label(label, threads, len({record["clip"] for record in mine}), bars))
    return found


def _latency(records: Records, looks: Looks) -> str:
    """A panel for each kind of read, a bar for each label: the same label in the same row of all."""
    places = places_of(records)
    labels = _labels(records, places)
    most = {kind: max(each.clips for each in labels if _is_array(each) == kind) for kind in {*map(_is_array, labels)}}
    labels.sort(key=lambda each: (each.clips == most[_is_array(each)], -each.slowness))
    across = min(3, len(places))
    down = -(-len(places) // across)
    panel = 0.2 * len(labels) + 0.25
    height = down * (panel + 0.8) + 0.15
    drawn = drawing.figure(WIDTH, height)
    grid = drawn.add_gridspec(down, across, wspace=0.06, hspace=0.8 / panel, **margins(WIDTH, height, 0.15, 2.0))
    times = [time for each in labels for bar in each.bars for time in bar if time]
    for n, place in enumerate(places):
        axes = drawn.add_subplot(grid[divmod(n, across)])
        title = ", ".join(filter(None, place))
        drawing.plain(axes, title, "ms" if n >= len(places) - across else "")
        drawing.log_axis(axes, "x", times)
        axes.grid(visible=False, axis="y")
        axes.set_ylim(-0.6, len(labels) - 0.4)
        axes.set_yticks(range(len(labels)), _names(labels) if n % across == 0 else [""] * len(labels))
        axes.tick_params(axis="y", length=0)
        for y, each in enumerate(labels):
            _draw_bar(axes, y, each.label, each.bars[n], looks)
    return drawing.svg(drawn)


def _is_array(each: _Label) -> bool:
    """Whether a label reads arrays, which have clips of their own."""
    return ", array" in each.label


def _names(labels: list[_Label]) -> list[str]:
    several = len(unique(each.threads for each in labels)) > 1
    texts = (f"{each.label}, {each.threads} threads" if several else each.label for each in labels)
    return [drawing.ellipsis(text, 26) for text in texts]


def _draw_bar(axes: Any, y: int, label: str, times: _Bar, looks: Looks) -> None:
    """A bar to the median, and a line from there to the 95th percentile."""
    middle, high = times
    if middle is None:
        return
    (bar,) = axes.barh([y], [middle], height=0.68, color=looks.colour[label], alpha=0.85)
    drawing.tip(bar, f"{label}: {digits(middle)} ms, 95th percentile {digits(high)} ms")
    if high is not None and high > middle:
        axes.plot([middle, high, high, high], [y, y, y - 0.2, y + 0.2], color=drawing.INK, linewidth=0.9)
