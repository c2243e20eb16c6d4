"""The plots of the lossless benchmark: size against speed."""

from __future__ import annotations

from typing import Any

from ..drawing import Looks, Mark
from ..facts import CUTS, Records, digits, groups, measured, value
from .plot import Plot
from .speed import FRONT, Axes, complete, marks_of, numbered, panels

__all__ = ["draw"]

_AXES = Axes("MB/s", "size, % of raw")


def draw(document: dict[str, Any], looks: Looks) -> list[Plot]:
    """One plot over all clips, and a small one for each clip if there are several."""
    found = []
    rows, left_out = complete([row for row in value(document, "summary", "overall") or () if row["ratio"]])
    if rows:
        caption = f"Lower is smaller, further right is faster. {FRONT.format('size')}{left_out}{numbered(looks)}"
        found.append(Plot("Size against speed, over all clips", caption, _size_and_speed(rows, looks, wide=True)))
    clips = groups(measured(document["records"]), "clip")
    for (clip,), records in clips.items() if len(clips) > 1 else ():
        exact = [record for record in records if record["status"] == "ok"]
        if exact:
            found.append(Plot(clip, "", _size_and_speed(exact, looks, wide=False), clip, wide=False))
    return found


def _size_and_speed(rows: Records, looks: Looks, *, wide: bool) -> str:
    """Rows of a summary or records: a mark for each."""

    def mark(row: dict[str, Any], job: str) -> Mark:
        speed, size = row[f"{job}_mb_s"], 100 / row["ratio"]
        if isinstance(speed, dict):
            speed = speed["median"]
        name = f"{row['label']}, {CUTS.get(row['cut'], row['cut'])}"
        words = f"{name}: {size:.1f} % of raw, {job} {digits(speed)} MB/s"
        return Mark(row["label"], row["cut"], speed, size, words)

    return panels(marks_of(rows, mark), looks, _AXES, wide=wide)
