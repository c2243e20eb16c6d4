"""The plots of the lossy benchmark: BD-rate against speed, and rate against distortion."""

from __future__ import annotations

from typing import Any

from ...job import WHOLE
from ...quality import MEASURES, decibels
from .. import drawing
from ..drawing import Looks, Mark
from ..facts import CUTS, MEAN, Records, changed, digits, groups, measured, unique, value
from .plot import KEY, WIDTH, Plot, curve, key_of_curves, margins
from .speed import FRONT, Axes, complete, marks_of, numbered, panels

__all__ = ["draw"]

#: Rates against an anchor that are marked on an axis: more or fewer bits, in percent.
_MORE = (
    -95, -90, -85, -80, -70, -60, -50, -40, -30, -20, -10, 0, 15, 30, 50, 75, 100, 150, 200, 300, 500, 900,
)  # fmt: skip
_TICKS = {100.0 + more: changed(more).removesuffix(".0") if more else "0" for more in _MORE}
_AXES = Axes("fps", "BD-rate, %", _TICKS)


def draw(document: dict[str, Any], looks: Looks) -> list[Plot]:
    """BD-rate against speed over all clips, then the curves of each clip."""
    return [
        *_bd_rate_and_speed(document, looks),
        *(
            Plot(f"Rate and distortion: {clip}", "", _rate_distortion(records, looks), clip)
            for (clip,), records in groups(measured(document["records"]), "clip").items()
        ),
    ]


def _bd_rate_and_speed(document: dict[str, Any], looks: Looks) -> list[Plot]:
    """No plot where there is no BD-rate against whole frames."""
    every = value(document, "summary", "bd_rates") or []
    speeds = {(row["label"], row["cut"]): row for row in value(document, "summary", "speeds") or ()}
    measure = "psnr_y" if any(row["measure"] == "psnr_y" for row in every) else "psnr"
    means = [
        row
        for row in every
        if (row["clip"], row["measure"], row["anchor_cut"]) == (MEAN, measure, WHOLE)
        and row["akima"] is not None
        and (row["label"], row["cut"]) in speeds
    ]
    rows, left_out = complete(means)
    if not rows:
        return []

    def mark(row: dict[str, Any], job: str) -> Mark:
        fps = speeds[row["label"], row["cut"]][f"{job}_fps"]
        words = f"{row['label']}, {CUTS[row['cut']]}: BD-rate {changed(row['akima'])} %, {job} {digits(fps)} fps"
        return Mark(row["label"], row["cut"], fps, 100 + row["akima"], words)

    against = f"{rows[0]['anchor']} on {CUTS[WHOLE]}"
    title = f"BD-rate against speed, over all clips ({MEASURES[measure][0]}, against {against})"
    caption = "Lower takes fewer bits for the same quality, further right is faster. "
    caption += f"{FRONT.format('rate')}{left_out}{numbered(looks)}"
    return [Plot(title, caption, panels(marks_of(rows, mark), looks, _AXES, wide=True))]


def _rate_distortion(records: Records, looks: Looks) -> str:
    """Curves of a clip: two measures, one below the other; the cuts beside each other."""
    psnr = next((name for name in ("psnr_y", "psnr") if any(value(r, "quality", name) for r in records)), "psnr_y")
    cuts = [cut for cut in CUTS if any(record["cut"] == cut for record in records)]
    measures = [name for name in (psnr, "ssim") if any(value(record, "quality", name) for record in records)]
    down = max(1, len(measures))
    height = 0.2 + 3.4 * down
    drawn = drawing.figure(WIDTH, height)
    grid = drawn.add_gridspec(down, len(cuts), wspace=0.08, hspace=0.22, **margins(WIDTH, height, KEY + 0.1))
    rates = [record["bits_per_pixel"] for record in records]
    for row, measure in enumerate(measures):
        first: Any = None
        title, similarity = MEASURES[measure]
        for column, cut in enumerate(cuts):
            axes = first = drawn.add_subplot(grid[row, column], sharey=first)
            x = "bits a pixel" if row == len(measures) - 1 else ""
            drawing.plain(axes, f"{title}, {CUTS[cut]}", x, f"{title}, dB" if column == 0 else "")
            drawing.log_axis(axes, "x", rates, 0.02)
            if column:
                axes.tick_params(labelleft=False)
            for mine in groups([r for r in records if r["cut"] == cut], "label").values():
                _curve(axes, mine, measure, similarity, looks)
    key_of_curves(drawn, looks, unique(record["label"] for record in records))
    return drawing.svg(drawn)


def _curve(axes: Any, records: Records, measure: str, similarity: bool, looks: Looks) -> None:
    """The curve of one label; points without any error are on no curve."""
    label = records[0]["label"]
    points = []
    for record in records:
        quality = value(record, "quality", measure)
        if quality is not None and not (similarity and quality >= 1):
            points.append((record["bits_per_pixel"], decibels(quality) if similarity else quality))
    if points:
        (drawn,) = axes.plot(*zip(*sorted(points), strict=True), **curve(looks, label))
        drawing.tip(drawn, label)
