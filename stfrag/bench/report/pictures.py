"""The pictures of a lossy benchmark for its page: for each clip a row of each cut, the original first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .facts import CUTS, Records, decimals, digits, groups, measured, unique
from .grid import joined

__all__ = ["ENLARGED", "Picture", "Sheet", "sheets"]

#: How many times as large as it is a crop is shown.
ENLARGED = 2


class Picture(NamedTuple):
    """A crop as a PNG in base64, and what is said below it."""

    label: str
    words: str
    png: str


class Sheet(NamedTuple):
    """The pictures of a clip.

    Attributes
    ----------
    clip : str
    place : str
        Where in the clip the crops lie, and at how many bits they were made.
    rows, columns : int
        The size of a crop in samples.
    original : Picture
    pictures : dict
        Those of the labels, by the words for their cut.
    """

    clip: str
    place: str
    rows: int
    columns: int
    original: Picture
    by_cut: Mapping[str, list[Picture]]


def sheets(document: dict[str, Any]) -> list[Sheet]:
    """The pictures of every clip that has some; older documents have none."""
    records = groups(measured(document["records"]), "clip")
    return [_sheet(each, records.get((each["clip"],), [])) for each in document.get("crops") or ()]


def _sheet(found: dict[str, Any], records: Records) -> Sheet:
    (y0, y1), (x0, x1) = found["rows"], found["columns"]
    place = (
        f"Frame {found['frame']}, rows {y0} to {y1 - 1}, columns {x0} to {x1 - 1}; every label at its rate closest "
        f"to {digits(found['bits_per_pixel'])} bits a pixel."
    )
    others = unique(r["label"] for r in records if r["label"] not in {each["label"] for each in found["pictures"]})
    if others:
        place += f" No rate of {joined(others)} comes near it."
    by_cut: dict[str, list[Picture]] = {}
    # Where both cuts are the same boxes, their pictures are the same: shown once.
    for mine in groups(found["pictures"], "label", "png").values():
        cuts = joined([CUTS.get(cut, cut) for cut in unique(each["cut"] for each in mine)])
        by_cut.setdefault(cuts, []).append(_picture(mine[0]))
    return Sheet(found["clip"], place, y1 - y0, x1 - x0, Picture("original", "", found["original"]), by_cut)


def _picture(found: dict[str, Any]) -> Picture:
    quality = "no loss" if found["psnr"] is None else f"{decimals(found['psnr'], 1)} dB"
    return Picture(found["label"], f"{digits(found['bits_per_pixel'])} bits a pixel, {quality}", found["png"])
