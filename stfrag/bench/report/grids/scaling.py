"""The tables of the scaling benchmark: speed, efficiency and memory on more and more threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..facts import CUTS, Records, digits, geometric, groups, measured, median, troubles, value
from ..grid import Cell, Grid, Row, number, numbers, ranked, size, word, words
from .cells import where_of

__all__ = ["by_clip", "overall"]

_NOTE = (
    "Efficiency: the speed-up over one thread, divided by the number of threads. Memory: the most at a time beyond "
    "what the process had before."
)


def overall(document: dict[str, Any]) -> list[Grid]:
    """A table for each job, over all clips."""
    return _grids(document["records"], where_of(document))


def by_clip(document: dict[str, Any]) -> list[Grid]:
    """A table for each clip and job."""
    return [
        grid
        for (clip,), records in groups(document["records"], "clip").items()
        for grid in _grids(records, f", {clip}", clip)
    ]


def _grids(records: Records, where: str, clip: str = "") -> list[Grid]:
    """A table for each job, the fastest label first."""
    counts = sorted({record["threads"] for record in records})
    names = [f"{count} thread{'s' * (count != 1)}" for count in counts]
    found = []
    for (job,), of_job in groups(records, "job").items():
        titles = (*names, f"busy of {counts[-1]}", f"memory, {names[0]}", f"memory, {names[-1]}")
        order = ranked(_row(mine, counts) for mine in groups(of_job, "label", "cut").values())
        found.append(
            Grid(
                (job.capitalize(), where, ": MB/s (efficiency)"),
                [*words("label", "cut"), *numbers(*titles), *words("remarks")],
                order.rows,
                keys=2,
                note=order.note(_NOTE),
                clip=clip,
                apart=order.apart,
            )
        )
    return found


def _row(records: Records, counts: Sequence[int]) -> Row:
    """The row of a label on one cut."""
    mine = measured(records)
    by_count = [[record for record in mine if record["threads"] == count] for count in counts]
    speeds = [_speed(each) for each in by_count]
    cut = records[0]["cut"]
    cells = [
        word(records[0]["label"]),
        word(CUTS.get(cut, cut)),
        *speeds,
        number(median(record.get("busy") for record in by_count[-1]), lambda busy: f"{busy:.1f}"),
        *(size(_most_memory(each)) for each in (by_count[0], by_count[-1])),
        word(troubles(records)),
    ]
    best = max((cell.value or 0.0 for cell in speeds), default=0.0)
    return Row(cells, len({record["clip"] for record in mine}), -best)


def _speed(records: Records) -> Cell:
    """MB/s, with the efficiency in brackets."""
    speed = geometric(value(record, "mb_s", "median") for record in records)
    share = geometric(record.get("efficiency") for record in records)
    both = speed is not None and share is not None
    return Cell(f"{digits(speed)} ({100 * share:.0f} %)" if both else digits(speed), speed)  # type: ignore[operator]


def _most_memory(records: Records) -> int | None:
    return max((record.get("peak_memory") or 0 for record in records), default=0) or None
