"""The tables of the lossy benchmark: BD-rates, qualities and speeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...job import FRAGMENTS, WHOLE
from ...quality import MEASURES
from ..facts import CUTS, MEAN, Records, changed, decimals, groups, troubles, unique, value
from ..grid import Cell, Grid, Row, number, numbers, ranked, size, word, words
from .cells import speed, status, where_of

__all__ = ["Pair", "by_clip", "overall", "pairs_of"]

_DOUBT = "* The curves overlap little, are not monotone, or two ways to interpolate them disagree."
_METHODS = {"akima": "Akima", "pchip": "PCHIP"}


class Pair(NamedTuple):
    """The cut of the curves, and the cut of the anchor that they are compared with."""

    cut: str
    anchor_cut: str

    def text(self, anchor: str) -> str:
        """Words for it, with the anchor's label."""
        return f"{CUTS[self.cut]} against {anchor} on {CUTS[self.anchor_cut]}"


#: First the same cut on both sides, last what fragments cost against whole frames.
_PAIRS = (Pair(WHOLE, WHOLE), Pair(FRAGMENTS, FRAGMENTS), Pair(FRAGMENTS, WHOLE))


def pairs_of(document: dict[str, Any]) -> list[Pair]:
    """The pairs of cuts that there are BD-rates of."""
    there = {Pair(row["cut"], row["anchor_cut"]) for row in value(document, "summary", "bd_rates") or ()}
    return [pair for pair in _PAIRS if pair in there]


def measures_of(document: dict[str, Any]) -> list[str]:
    """The measures whose BD-rates are shown; PSNR of all planes together only if a clip has no luma."""
    rows = value(document, "summary", "bd_rates") or ()
    clips = {name: {row["clip"] for row in rows if row["measure"] == name} for name in MEASURES}
    hidden = {"psnr_u", "psnr_v", *(["psnr"] if clips["psnr"] <= clips["psnr_y"] else [])}
    return [name for name in MEASURES if clips[name] and name not in hidden]


def overall(document: dict[str, Any]) -> list[Grid]:
    """A table for each pair of cuts, the label that takes the fewest bits first."""
    measures = measures_of(document)
    titles = ("clips", *(MEASURES[name][0] for name in measures), "encode fps", "decode fps")
    found = []
    for pair in pairs_of(document):
        here = [row for row in document["summary"]["bd_rates"] if (row["cut"], row["anchor_cut"]) == pair]
        anchor = here[0]["anchor"]
        order = ranked(_overall_row(document, pair.cut, mine, measures) for mine in groups(here, "label").values())
        note = (
            "Means over the clips, by Akima's interpolation; a number in brackets says over how many clips, if not "
            "over all of the label. −10 takes 10 % fewer bits for the same quality. Frames a second: geometric means "
            f"over the points and the clips that {anchor} has."
        )
        found.append(
            Grid(
                ("BD-rate in %, ", pair.text(anchor), where_of(document)),
                [*words("label"), *numbers(*titles), *words("remarks")],
                order.rows,
                note=f"{order.note(note)} {_DOUBT}",
                apart=order.apart,
            )
        )
    return found


def _overall_row(document: dict[str, Any], cut: str, rows: Records, measures: Sequence[str]) -> Row:
    """The row of a label, from its BD-rates on one pair of cuts."""
    label = rows[0]["label"]
    means = {row["measure"]: row for row in rows if row["clip"] == MEAN}
    clips = {
        row["clip"]
        for row in rows
        if row["clip"] != MEAN and row["measure"] == measures[0] and row["akima"] is not None
    }
    mine = [record for record in document["records"] if (record["label"], record.get("cut")) == (label, cut)]
    speeds: dict[str, Any] = next(
        (row for row in value(document, "summary", "speeds") or () if (row["label"], row["cut"]) == (label, cut)), {}
    )
    cells = [
        word(label),
        Cell(str(len(clips)) if len(document["clips"]) > 1 else "", len(clips)),
        *(_bd_rate(means.get(name), clips=len(clips)) for name in measures),
        *(number(speeds.get(f"{job}_fps")) for job in ("encode", "decode")),
        word(troubles(mine)),
    ]
    return Row(cells, len(clips), cells[2].value)


def _bd_rate(row: dict[str, Any] | None, method: str = "akima", clips: int | None = None) -> Cell:
    """A BD-rate with a star if it is doubtful, and its number of clips if that is not `clips`."""
    if row is None or row[method] is None:
        return Cell("–" if row and row.get("warning") else "")
    apart = abs(row["akima"] - (row["akima"] if row.get("pchip") is None else row["pchip"]))
    doubtful = row.get("warning") or apart > max(1.0, 0.1 * abs(row["akima"]))
    fewer = f" ({row['clips']})" if clips is not None and row.get("clips", clips) != clips else ""
    return Cell(changed(row[method]) + "*" * bool(doubtful) + fewer, row[method])


def by_clip(document: dict[str, Any]) -> list[Grid]:
    """BD-rates with a column for each clip, and for each clip and cut the figures of every point."""
    return [*_bd_rates_by_clip(document), *_points_by_clip(document)]


def _bd_rates_by_clip(document: dict[str, Any]) -> list[Grid]:
    measures = measures_of(document)
    found = []
    for pair in pairs_of(document):
        here = [
            row
            for row in document["summary"]["bd_rates"]
            if row["clip"] != MEAN and (row["cut"], row["anchor_cut"], row["measure"]) == (*pair, measures[0])
        ]
        clips = unique(row["clip"] for row in here)
        for method, name in _METHODS.items():
            rows = [
                [word(label), *(_bd_rate(by.get(clip), method) for clip in clips)]
                for (label,), mine in groups(here, "label").items()
                for by in [{row["clip"]: row for row in mine}]
            ]
            parts = (f"BD-rate in % by clip, {MEASURES[measures[0]][0]}, ", name, ", ")
            columns = [*words("label"), *numbers(*clips)]
            if here:
                found.append(Grid((*parts, pair.text(here[0]["anchor"])), columns, rows, note=_DOUBT))
    return found


def _points_by_clip(document: dict[str, Any]) -> list[Grid]:
    shown = [name for name in MEASURES if name not in ("psnr_u", "psnr_v")]
    titles = ("point", "size", "bits a pixel", *(MEASURES[name][0] for name in shown), "encode fps", "decode fps")
    columns = [*words("label"), *numbers(*titles), *words("status")]
    return [
        Grid((clip, ", ", CUTS.get(cut, cut)), columns, [_point_cells(r, shown) for r in records], 2, clip=clip)
        for (clip, cut), records in groups(document["records"], "clip", "cut").items()
    ]


def _point_cells(record: dict[str, Any], measures: Sequence[str]) -> list[Cell]:
    qualities = {name: value(record, "quality", name) for name in measures}
    return [
        word(record["label"]),
        number(record.get("point")),
        size(record.get("bytes")),
        number(record.get("bits_per_pixel")),
        *(Cell(decimals(found, 5 if MEASURES[name][1] else 2), found) for name, found in qualities.items()),
        *(speed(record, job, "fps") for job in ("encode", "decode")),
        word(status(record)),
    ]
