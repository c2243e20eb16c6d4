"""The tables of the access benchmark: how long reads take, and what is decoded and read for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..facts import (
    Kind,
    Place,
    Records,
    access_kinds,
    decimals,
    digits,
    geometric,
    groups,
    measured,
    places_of,
    troubles,
    unique,
    value,
)
from ..grid import Cell, Grid, Row, number, numbers, ranked, size, word, words

__all__ = ["by_clip", "overall"]

_MEANS = "Geometric means over the clips that each label did."


def overall(document: dict[str, Any]) -> list[Grid]:
    """The tables over all videos, and over all arrays; of one clip alone, its tables."""
    return [
        grid for kind in access_kinds(document["records"]) for grid in _grids(document, kind.records, _where(kind))
    ]


def _where(kind: Kind) -> str:
    clips = unique(record["clip"] for record in kind.records)
    return clips[0] if len(clips) == 1 else f"over all {kind.name}"


def by_clip(document: dict[str, Any]) -> list[Grid]:
    """The tables of each clip."""
    return [
        grid
        for (clip,), records in groups(document["records"], "clip").items()
        for grid in _grids(document, records, clip, clip)
    ]


def _grids(document: dict[str, Any], records: Records, where: str, clip: str = "") -> list[Grid]:
    """Three tables: times, samples decoded and bytes read; geometric means where there are several clips."""
    places = places_of(records)
    raw = {each["name"]: each["raw_bytes"] for each in document["clips"]}
    several = len({record.get("threads") for record in records}) > 1
    labels = {
        f"{label}, {threads} threads" if several else label: mine
        for (label, threads), mine in groups(records, "label", "threads").items()
    }
    clips = len({record["clip"] for record in records})
    columns = [place.text for place in places]
    times = ranked(_time_row(name, mine, places, raw, clips > 1) for name, mine in labels.items())
    names = [row[0].text for row in times.rows]
    return [
        Grid(
            ("Time to read, ", where, ": median (95th percentile) in ms"),
            [*words("label"), *numbers("clips", "size, % of raw", "PSNR-Y", "open", *columns), *words("remarks")],
            times.rows,
            note=times.note(_MEANS if clips > 1 else ""),
            clip=clip,
            apart=times.apart,
        ),
        *(
            Grid(
                (title, where),
                [*words("label"), *numbers(*columns)],
                [[word(name), *(cell(place.of(measured(labels[name]))) for place in places)] for name in names],
                clip=clip,
                apart=times.apart,
            )
            for title, cell in _AMOUNTS.items()
        ),
    ]


def _time_row(name: str, records: Records, places: Sequence[Place], raw: dict[str, int], clips: bool) -> Row:
    """The row of a label: size and quality of its files, and the time of each kind of read."""
    mine = measured(records)
    files = {record["clip"]: record for record in mine}
    psnrs = [record["psnr_y"] for record in files.values() if record.get("psnr_y") is not None]
    psnr = sum(psnrs) / len(psnrs) if psnrs else None
    times = [_time(place.of(mine)) for place in places]
    cells = [
        word(name),
        Cell(str(len(files)) if clips else "", len(files)),
        number(geometric(100 * record["bytes"] / raw[key] for key, record in files.items() if raw.get(key))),
        Cell("exact" if files else "", 999) if psnr is None else Cell(decimals(psnr, 2), psnr),
        number(geometric(value(record, "open_ms", "median") for record in mine)),
        *times,
        word(troubles(records)),
    ]
    return Row(cells, len(files), times[0].value if times else None)


def _time(records: Records) -> Cell:
    """The median and the 95th percentile."""
    middle, high = (geometric(value(record, "latency_ms", name) for record in records) for name in ("median", "p95"))
    return Cell("" if middle is None else f"{digits(middle)} ({digits(high)})", middle)


def _decoded(records: Records) -> Cell:
    """Samples that were decoded for each that was wanted."""
    return number(
        geometric(
            record["samples_decoded"] / record["samples_wanted"]
            for record in records
            if record.get("samples_decoded") and record.get("samples_wanted")
        )
    )


def _touched(records: Records) -> Cell:
    """Bytes that were read from files for each read."""
    return size(geometric(record.get("bytes_touched") for record in records))


_AMOUNTS: dict[str, Callable[[Records], Cell]] = {
    "Samples decoded for each that is wanted, ": _decoded,
    "Bytes read for each read, ": _touched,
}
