"""The tables of the lossless benchmark: sizes and speeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..facts import CUTS, Records, changed, groups, measured, median, troubles, value
from ..grid import Cell, Grid, Row, number, numbers, ranked, ratio, size, word, words
from .cells import speed, status, where_of

__all__ = ["by_clip", "overall"]

_NOTE = (
    "Geometric means over the clips that each label did. Sizes against the reference, and how many times as fast (×) "
    "as it, are over the clips that both did. Remarks name labels that ran more threads than were asked for."
)


def overall(document: dict[str, Any]) -> list[Grid]:
    """A table for each cut, the smallest label first."""
    against = f"size against {value(document, 'summary', 'reference')}, %"
    titles = ("clips", "ratio", against, "encode MB/s", "decode MB/s", "encode ×", "decode ×")
    of = groups(document["records"], "label", "cut")
    found = []
    for cut, name in CUTS.items():
        rows = [row for row in value(document, "summary", "overall") or () if row["cut"] == cut and row["clips"]]
        # Ratios of labels that did other clips do not compare; sizes against the reference do.
        order = ranked(
            Row(_overall_cells(row, of.get((row["label"], cut), [])), row["clips"], row.get("size_vs_reference"))
            for row in rows
        )
        found.append(
            Grid(
                ("Lossless, ", name, where_of(document)),
                [*words("label"), *numbers(*titles), *words("remarks")],
                order.rows,
                note=order.note(_NOTE),
                apart=order.apart,
            )
        )
    return found


def _overall_cells(row: dict[str, Any], records: Records) -> list[Cell]:
    against = row.get("size_vs_reference")
    return [
        word(row["label"]),
        Cell(f"{row['clips']} of {row['of']}" if row["of"] > 1 else "", row["clips"]),
        number(row["ratio"], ratio),
        number(None if against is None else 100 * (against - 1), changed),
        number(row["encode_mb_s"]),
        number(row["decode_mb_s"]),
        *(number(row.get(f"{job}_vs_reference")) for job in ("encode", "decode")),
        word(", ".join(filter(None, (_more_threads(measured(records)), troubles(records))))),
    ]


def _more_threads(records: Records) -> str:
    """A remark, ``"2 threads, 1.4 busy"``, if more threads ran than were asked for; else empty."""
    most = max((record.get(f"{job}_threads") or 0 for record in records for job in ("encode", "decode")), default=0)
    if not records or most <= records[0]["threads"]:
        return ""
    busy = max(record[f"{job}_busy"] for record in records for job in ("encode", "decode"))
    return f"{most} threads, {busy:.1f} busy"


def by_clip(document: dict[str, Any]) -> list[Grid]:
    """A table for each clip and cut, the smallest label first."""
    titles = ("ratio", "size", "bits a sample", "encode MB/s", "decode MB/s", "threads", "busy")
    columns = [*words("label"), *numbers(*titles), *words("status")]
    found = []
    for (clip, cut), records in groups(document["records"], "clip", "cut").items():
        order = sorted(records, key=lambda record: -(record.get("ratio") or 0))
        found.append(Grid((clip, ", ", CUTS.get(cut, cut)), columns, list(map(_clip_cells, order)), clip=clip))
    return found


def _clip_cells(record: dict[str, Any]) -> list[Cell]:
    return [
        word(record["label"]),
        number(record.get("ratio"), ratio),
        size(record.get("bytes")),
        number(record.get("bits_per_sample")),
        *(speed(record, job, "mb_s") for job in ("encode", "decode")),
        _pair([record], "threads", max, str),
        _pair([record], "busy", median, lambda busy: f"{busy:.2f}"),
        word(status(record)),
    ]


def _pair(records: Records, name: str, of: Callable[[list[Any]], Any], text: Callable[[Any], str]) -> Cell:
    """One figure of encoding and one of decoding in a cell: ``1 / 4``."""
    each = [[record.get(f"{job}_{name}") for record in records] for job in ("encode", "decode")]
    both = [of([found for found in mine if found is not None] or [None]) for mine in each]
    if both == [None, None]:
        return Cell("")
    return Cell(" / ".join("?" if each is None else text(each) for each in both), both[0])
