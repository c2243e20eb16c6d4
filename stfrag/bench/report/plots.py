"""The plots of a benchmark as SVG; needs matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..job import WHOLE
from ..quality import MEASURES, decibels
from . import drawing
from .drawing import Looks, Mark
from .facts import CUTS, Records, changed, digits, geometric, groups, measured, unique, value
from .grids import MEAN, columns_of

__all__ = ["Plot", "plots"]

#: Points are named beside them if labels are no more than this; else they are numbered.
_NAMES = 8
#: Width in inches of what takes the width of a page, and of its key.
_WIDTH, _KEY = 12.0, 2.3


@dataclass(frozen=True)
class Plot:
    """A picture.

    Attributes
    ----------
    title, caption : str
    svg : str
    clip : str
        Of which it is; empty: of all.
    wide : bool
        Whether it takes the width of the page; else half of it will do.
    """

    title: str
    caption: str
    svg: str
    clip: str = ""
    wide: bool = True


def plots(document: dict[str, Any]) -> list[Plot]:
    """All plots of a document, those over all clips first."""
    looks = Looks(document)
    with drawing.style():
        return _PLOTS[document["benchmark"]](document, looks)


# ------------------------------------------------------------------------------------------------------ lossless


def _lossless(document: dict[str, Any], looks: Looks) -> list[Plot]:
    found = []
    overall, left_out = _complete([row for row in value(document, "summary", "overall") or () if row["ratio"]])
    if overall:
        found.append(
            Plot(
                "Size against speed, over all clips",
                _FRONT + left_out + _numbered(looks),
                _size_and_speed(overall, looks, lambda row, job: row[f"{job}_mb_s"], wide=True),
            )
        )
    for (clip,), records in groups(measured(document["records"]), "clip").items():
        exact = [record for record in records if record["status"] == "ok"]
        if exact:
            found.append(
                Plot(
                    clip,
                    "",
                    _size_and_speed(exact, looks, lambda record, job: record[f"{job}_mb_s"]["median"], wide=False),
                    clip,
                    wide=False,
                )
            )
    return found


def _complete(rows: Records) -> tuple[Records, str]:
    """Those that took the most clips, which alone compare, and words for the others."""
    most = max((row["clips"] for row in rows), default=0)
    kept = [row for row in rows if row["clips"] == most]
    others = len(unique(row["label"] for row in rows if row["clips"] < most))
    words = f"{others} {'label' if others == 1 else 'labels'} that took fewer clips are left out. "
    return kept, words if others else ""


_FRONT = (
    "Lower is smaller, further right is faster. Lines join what nothing else beats in both size and speed: "
    "drawn out for whole frames, dashed for fragments. "
)


def _numbered(looks: Looks) -> str:
    return (
        ""
        if len(looks.labels) <= _NAMES
        else "Labels have the same number in all plots; to point at a mark tells more."
    )


def _size_and_speed(rows: Records, looks: Looks, speed: Callable[[dict[str, Any], str], float], *, wide: bool) -> str:
    marks = {
        job: [
            Mark(
                row["label"],
                row["cut"],
                speed(row, job),
                100 / row["ratio"],
                f"{row['label']}, {CUTS.get(row['cut'], row['cut'])}: {100 / row['ratio']:.1f} % of raw, "
                f"{job} {digits(speed(row, job))} MB/s",
            )
            for row in rows
        ]
        for job in ("encode", "decode")
    }
    return _panels(marks, looks, "MB/s", "size, % of raw", wide)


#: Rates against an anchor that are marked on an axis, in percent more or less.
_RATES = {
    100.0 + more: changed(more).removesuffix(".0") if more else "0"
    for more in (
        -95,
        -90,
        -85,
        -80,
        -70,
        -60,
        -50,
        -40,
        -30,
        -20,
        -10,
        0,
        15,
        30,
        50,
        75,
        100,
        150,
        200,
        300,
        500,
        900,
    )
}


def _panels(
    marks: dict[str, list[Mark]], looks: Looks, unit: str, y: str, wide: bool, at: dict[float, str] | None = None
) -> str:
    """Encoding and decoding beside each other, with one scale of y, which has marks at these places."""
    names = len(looks.labels) <= _NAMES
    width, height = (_WIDTH, 5.4) if wide else (6.6, 3.6)
    drawn = drawing.figure(width, height)
    right = width - (_KEY + 0.1 if wide else 0.15)
    grid = drawn.add_gridspec(
        1,
        2,
        left=0.62 / width,
        right=right / width,
        bottom=0.5 / height,
        top=1 - 0.32 / height,
        wspace=0.2 / (0.5 * (right - 0.7)),
    )
    for n, (job, mine) in enumerate(marks.items()):
        axes = drawn.add_subplot(grid[0, n])
        drawing.plain(axes, job, f"{job} {unit}", y if n == 0 else "")
        drawing.log_axis(axes, "x", [mark.x for mark in mine])
        drawing.log_axis(axes, "y", [mark.y for mark in mine], marks=at)
        if n:
            axes.tick_params(labelleft=False)
        drawing.pareto(axes, mine, looks, names=names, small=not wide)
    if wide:
        labels = unique(mark.label for mine in marks.values() for mark in mine)
        gray: dict[str, Any] = {"color": "#8a919c", "markersize": 6, "linewidth": 1.1}
        cuts = unique(mark.cut for mine in marks.values() for mark in mine)
        lines = [
            (
                CUTS[cut],
                {**gray, "marker": drawing.CUT_MARKERS[cut], "linestyle": "-" if cut == WHOLE else (0, (4, 2))},
            )
            for cut in CUTS
            if cut in cuts
        ]
        drawing.key(
            drawn,
            width - _KEY + 0.12,
            looks,
            labels,
            lambda label: {"color": looks.colour[label], "marker": "o", "markersize": 6, "linestyle": "none"},
            lines,
            not names,
        )
    return drawing.svg(drawn)


# --------------------------------------------------------------------------------------------------------- lossy


def _lossy(document: dict[str, Any], looks: Looks) -> list[Plot]:
    found = []
    rows = value(document, "summary", "bd_rates") or []
    speeds = {(row["label"], row["cut"]): row for row in value(document, "summary", "speeds") or ()}
    there = {row["measure"] for row in rows}
    measure = "psnr_y" if "psnr_y" in there else "psnr"
    means = [
        row
        for row in rows
        if row["clip"] == MEAN
        and row["measure"] == measure
        and row["akima"] is not None
        and row["anchor_cut"] == WHOLE
        and (row["label"], row["cut"]) in speeds
    ]
    complete, left_out = _complete(means)
    if complete:
        marks = {
            job: [
                Mark(
                    row["label"],
                    row["cut"],
                    fps,
                    100 + row["akima"],
                    f"{row['label']}, {CUTS[row['cut']]}: BD-rate {changed(row['akima'])} %, {job} {digits(fps)} fps",
                )
                for row in complete
                for fps in [speeds[row["label"], row["cut"]][f"{job}_fps"]]
            ]
            for job in ("encode", "decode")
        }
        anchor = f"{complete[0]['anchor']} on {CUTS[WHOLE]}"
        found.append(
            Plot(
                f"BD-rate against speed, over all clips ({MEASURES[measure][0]}, against {anchor})",
                "Lower takes less bits for the same quality, further right is faster. "
                + _FRONT[_FRONT.index("Lines") :].replace("size", "rate")
                + left_out
                + _numbered(looks),
                _panels(marks, looks, "fps", "BD-rate, %", True, _RATES),
            )
        )
    for (clip,), records in groups(measured(document["records"]), "clip").items():
        if records:
            found.append(Plot(f"Rate and distortion: {clip}", "", _rate_distortion(records, looks), clip))
    return found


def _rate_distortion(records: Records, looks: Looks) -> str:
    """Two measures, below each other; the cuts, beside each other."""
    psnr = next((name for name in ("psnr_y", "psnr") if any(value(r, "quality", name) for r in records)), "psnr_y")
    cuts = [cut for cut in CUTS if any(record["cut"] == cut for record in records)]
    measures = [name for name in (psnr, "ssim") if any(value(record, "quality", name) for record in records)]
    height = 0.2 + 3.4 * max(1, len(measures))
    drawn = drawing.figure(_WIDTH, height)
    grid = drawn.add_gridspec(
        max(1, len(measures)),
        len(cuts),
        left=0.62 / _WIDTH,
        right=1 - (_KEY + 0.1) / _WIDTH,
        bottom=0.5 / height,
        top=1 - 0.32 / height,
        wspace=0.08,
        hspace=0.22,
    )
    rates = [record["bits_per_pixel"] for record in records]
    for row, measure in enumerate(measures):
        first: Any = None
        for column, cut in enumerate(cuts):
            axes = first = drawn.add_subplot(grid[row, column], sharey=first)
            title, similarity = MEASURES[measure]
            name = f"{title}, dB"
            last = row == len(measures) - 1
            drawing.plain(axes, f"{title}, {CUTS[cut]}", "bits a pixel" if last else "", name if column == 0 else "")
            drawing.log_axis(axes, "x", rates, 0.02)
            if column:
                axes.tick_params(labelleft=False)
            mine = [record for record in records if record["cut"] == cut]
            for (label,), of_label in groups(mine, "label").items():
                _curve(axes, label, of_label, measure, similarity, looks)
    labels = unique(record["label"] for record in records)
    drawing.key(drawn, _WIDTH - _KEY + 0.12, looks, labels, lambda label: _line(looks, label))
    return drawing.svg(drawn)


def _line(looks: Looks, label: str) -> dict[str, Any]:
    return {
        "color": looks.colour[label],
        "linestyle": looks.line[label],
        "marker": looks.marker[label],
        "markersize": 4.5,
        "linewidth": 1.4,
        "markeredgecolor": "white",
        "markeredgewidth": 0.4,
    }


def _curve(axes: Any, label: str, records: Records, measure: str, similarity: bool, looks: Looks) -> None:
    points = []
    for record in records:
        quality = value(record, "quality", measure)
        if quality is not None and not (similarity and quality >= 1):
            points.append((record["bits_per_pixel"], decibels(quality) if similarity else quality))
    if points:
        (drawn,) = axes.plot(*zip(*sorted(points), strict=True), **_line(looks, label))
        drawing.tip(drawn, label)


# -------------------------------------------------------------------------------------------------------- access


def _access(document: dict[str, Any], looks: Looks) -> list[Plot]:
    records = [record for record in measured(document["records"]) if value(record, "latency_ms", "median")]
    if not records:
        return []
    clips = unique(record["clip"] for record in records)
    caption = "Bars: medians; lines: to the 95th percentile. Shorter is faster; time is on a logarithmic scale."
    found = [
        Plot(
            "Time to read, over all clips",
            f"{caption} Geometric means over the clips that each label took.",
            _latency(records, looks),
        )
    ]
    if len(clips) > 1:
        found += [
            Plot(f"Time to read: {clip}", "", _latency(mine, looks), clip)
            for (clip,), mine in groups(records, "clip").items()
        ]
    return found


def _latency(records: Records, looks: Looks) -> str:
    """A panel a pattern, a bar a label: the same label in the same row of all."""
    several = len({record.get("threads") for record in records}) > 1
    rows = groups(records, "label", "threads")
    columns = columns_of(records)
    found: dict[tuple[Any, ...], list[tuple[float | None, float | None]]] = {}
    for name, mine in rows.items():
        cells = [[r for r in mine if r["pattern"] == pattern and box in ("", r["box"])] for pattern, box in columns]
        found[name] = [
            tuple(
                geometric(value(r, "latency_ms", which) for r in cell)  # type: ignore[misc]
                for which in ("median", "p95")
            )
            for cell in cells
        ]
    order = sorted(found, key=lambda name: geometric(middle for middle, _ in found[name]) or 0, reverse=True)
    across = min(3, len(columns))
    down = -(-len(columns) // across)
    panel = 0.2 * len(order) + 0.25
    height = down * (panel + 0.8) + 0.15
    drawn = drawing.figure(_WIDTH, height)
    grid = drawn.add_gridspec(
        down,
        across,
        left=2.0 / _WIDTH,
        right=1 - 0.15 / _WIDTH,
        bottom=0.55 / height,
        top=1 - 0.32 / height,
        wspace=0.06,
        hspace=0.8 / panel,
    )
    values = [time for each in found.values() for pair in each for time in pair if time]
    for n, (pattern, box) in enumerate(columns):
        axes = drawn.add_subplot(grid[divmod(n, across)])
        drawing.plain(axes, f"{pattern}{', ' * bool(box)}{box}", "ms" if n >= len(columns) - across else "")
        drawing.log_axis(axes, "x", values)
        axes.grid(visible=False, axis="y")
        axes.set_ylim(-0.6, len(order) - 0.4)
        names = [
            drawing.ellipsis(f"{label}, {threads} threads" if several else label, 26) for label, threads in order
        ]
        axes.set_yticks(range(len(order)), names if n % across == 0 else [""] * len(order))
        axes.tick_params(axis="y", length=0)
        for y, name in enumerate(order):
            middle, high = found[name][n]
            if middle is None:
                continue
            (bar,) = axes.barh([y], [middle], height=0.68, color=looks.colour[name[0]], alpha=0.85)
            drawing.tip(bar, f"{name[0]}: {digits(middle)} ms, 95th percentile {digits(high)} ms")
            if high is not None and high > middle:
                axes.plot([middle, high, high, high], [y, y, y - 0.2, y + 0.2], color=drawing.INK, linewidth=0.9)
    return drawing.svg(drawn)


# ------------------------------------------------------------------------------------------------------- scaling


def _scaling(document: dict[str, Any], looks: Looks) -> list[Plot]:
    records = [record for record in measured(document["records"]) if record.get("speedup")]
    if not records:
        return []
    clips = unique(record["clip"] for record in records)
    found = [
        Plot(
            "Speed-up and efficiency, over all clips",
            "Gray: as many times as fast as there are threads. Geometric means over the clips.",
            _speedup(records, looks),
        )
    ]
    if len(clips) > 1:
        found += [
            Plot(f"Speed-up and efficiency: {clip}", "", _speedup(mine, looks), clip)
            for (clip,), mine in groups(records, "clip").items()
        ]
    return found


def _speedup(records: Records, looks: Looks) -> str:
    """A row a job; speed-up and efficiency for each cut."""
    jobs = unique(record["job"] for record in records)
    cuts = [cut for cut in CUTS if any(record["cut"] == cut for record in records)]
    counts = sorted({record["threads"] for record in records})
    height = 2.7 * len(jobs) + 0.25
    drawn = drawing.figure(_WIDTH, height)
    right, columns = 1 - (_KEY + 0.1) / _WIDTH, len(cuts)
    grid = drawn.add_gridspec(
        len(jobs),
        2 * columns + 1,
        left=0.62 / _WIDTH,
        right=right,
        bottom=0.5 / height,
        top=1 - 0.32 / height,
        wspace=0.3,
        hspace=0.36,
        width_ratios=[1] * columns + [0.001] + [1] * columns,
    )
    gains = [record["speedup"] for record in records]
    least, most = min(0.95, *gains), max(counts[-1], *gains)
    top = 108.0 * max(1.0, *(record.get("efficiency") or 0.0 for record in records))
    for row, job in enumerate(jobs):
        for column, cut in enumerate(cuts):
            mine = [record for record in records if record["job"] == job and record["cut"] == cut]
            if not mine:
                continue
            words = "threads" if row == len(jobs) - 1 else ""
            gain = drawn.add_subplot(grid[row, column])
            drawing.plain(gain, f"{job}, {CUTS[cut]}", words, "speed-up" if column == 0 else "")
            _threads_axis(gain, counts)
            drawing.log_axis(gain, "y", [least, most], 0.03, {2.0**n: f"{2.0**n:g}" for n in range(-3, 12)})
            gain.plot(counts, counts, color="#8a919c", linewidth=1, linestyle=(0, (4, 2)))
            share = drawn.add_subplot(grid[row, columns + 1 + column])
            drawing.plain(share, f"{job}, {CUTS[cut]}", words, "efficiency, %" if column == 0 else "")
            _threads_axis(share, counts)
            share.set_ylim(0, top)
            share.axhline(100, color="#8a919c", linewidth=1, linestyle=(0, (4, 2)))
            for (label,), of_label in groups(mine, "label").items():
                _line_of_threads(gain, label, of_label, "speedup", 1, looks)
                _line_of_threads(share, label, of_label, "efficiency", 100, looks)
    labels = unique(record["label"] for record in records)
    drawing.key(drawn, _WIDTH - _KEY + 0.12, looks, labels, lambda label: _line(looks, label))
    return drawing.svg(drawn)


def _threads_axis(axes: Any, counts: Sequence[int]) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log", base=2)
    axes.set_xlim(counts[0] / 1.08, counts[-1] * 1.08)
    shown = counts if len(counts) <= 6 else [count for count in counts if count & (count - 1) == 0]
    axes.set_xticks(shown, [str(count) for count in shown])
    axes.xaxis.set_minor_locator(NullLocator())


def _line_of_threads(axes: Any, label: str, records: Records, name: str, scale: float, looks: Looks) -> None:
    by_count = groups(records, "threads")
    points = sorted(
        (count, mean * scale)
        for (count,), mine in by_count.items()
        if (mean := geometric(record.get(name) for record in mine)) is not None
    )
    if points:
        (drawn,) = axes.plot(*zip(*points, strict=True), **_line(looks, label))
        drawing.tip(drawn, label)


_PLOTS: dict[str, Callable[[dict[str, Any], Looks], list[Plot]]] = {
    "lossless": _lossless,
    "lossy": _lossy,
    "access": _access,
    "scaling": _scaling,
}
