"""Size or rate against speed: a panel for encoding and one for decoding, with the line of what nothing beats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...job import WHOLE
from .. import drawing
from ..drawing import Looks, Mark
from ..facts import CUTS, Records, unique
from .plot import KEY, WIDTH, margins

__all__ = ["FRONT", "Axes", "Complete", "complete", "marks_of", "numbered", "panels"]

#: Points are named beside them if labels are no more than this; else they are numbered.
_NAMES = 8
_GRAY = {"color": "#8a919c", "markersize": 6, "linewidth": 1.1}
#: What the lines of such plots mean; {} is what is small at the bottom.
FRONT = "Lines join what nothing else beats in both {} and speed: drawn out for whole frames, dashed for fragments. "


@dataclass(frozen=True)
class Axes:
    """What the axes say: the unit of speed, and the title of the other one, with its ticks if they are not plain."""

    unit: str
    y: str
    ticks: Mapping[float, str] | None = None


class Complete(NamedTuple):
    """The rows of a summary that compare with each other, and words for those that are left out."""

    rows: Records
    left_out: str


def complete(rows: Records) -> Complete:
    """The rows of labels that did the most clips."""
    most = max((row["clips"] for row in rows), default=0)
    kept = [row for row in rows if row["clips"] == most]
    others = len(unique(row["label"] for row in rows if row["clips"] < most))
    words = "1 label that did fewer clips is" if others == 1 else f"{others} labels that did fewer clips are"
    return Complete(kept, f"{words} left out. " if others else "")


def numbered(looks: Looks) -> str:
    """Words for the caption if labels are numbered."""
    if len(looks.labels) <= _NAMES:
        return ""
    return "Labels have the same number in all plots; point at a mark to read more."


def marks_of(rows: Records, mark: Callable[[dict[str, Any], str], Mark]) -> dict[str, list[Mark]]:
    """The points of both panels, one a row, made by ``mark(row, job)``."""
    return {job: [mark(row, job) for row in rows] for job in ("encode", "decode")}


def panels(marks: dict[str, list[Mark]], looks: Looks, axes: Axes, *, wide: bool) -> str:
    """Draw encoding and decoding beside each other, with one scale of y."""
    named = len(looks.labels) <= _NAMES
    width, height = (WIDTH, 5.4) if wide else (6.6, 3.6)
    right = KEY + 0.1 if wide else 0.15
    drawn = drawing.figure(width, height)
    gap = 0.2 / (0.5 * (width - right - 0.7))
    grid = drawn.add_gridspec(1, 2, wspace=gap, **margins(width, height, right))
    for n, (job, mine) in enumerate(marks.items()):
        panel = drawn.add_subplot(grid[0, n])
        drawing.plain(panel, job, f"{job} {axes.unit}", axes.y if n == 0 else "")
        drawing.log_axis(panel, "x", [mark.x for mark in mine])
        drawing.log_axis(panel, "y", [mark.y for mark in mine], marks=axes.ticks)
        if n:
            panel.tick_params(labelleft=False)
        drawing.pareto(panel, mine, looks, names=named, small=not wide)
    if wide:
        everything = [mark for mine in marks.values() for mark in mine]
        drawing.key(drawn, width - KEY + 0.12, _key(everything, looks, named))
    return drawing.svg(drawn)


def _key(marks: Sequence[Mark], looks: Looks, named: bool) -> list[drawing.Entry]:
    """The cuts first, then the labels."""
    cuts = unique(mark.cut for mark in marks)
    lines = {cut: "-" if cut == WHOLE else (0, (4, 2)) for cut in CUTS}
    return [
        *(
            drawing.Entry(CUTS[cut], {**_GRAY, "marker": drawing.CUT_MARKERS[cut], "linestyle": lines[cut]})
            for cut in CUTS
            if cut in cuts
        ),
        *(
            drawing.Entry(
                label,
                {"color": looks.colour[label], "marker": "o", "markersize": 6, "linestyle": "none"},
                "" if named else f"{looks.number[label]}  ",
            )
            for label in looks.among(mark.label for mark in marks)
        ),
    ]
