"""The tables of a benchmark, without a form: the terminal and the page draw the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model.texts import size_text
from ..job import FRAGMENTS, WHOLE
from ..quality import MEASURES
from .facts import (
    CUTS,
    Records,
    changed,
    decimals,
    digits,
    geometric,
    groups,
    measured,
    median,
    spread_text,
    troubles,
    unique,
    value,
)

__all__ = [
    "MEAN",
    "Cell",
    "Column",
    "Grid",
    "access_kinds",
    "anchors",
    "bd_rate_measures",
    "by_clip",
    "columns_of",
    "summary",
]

#: The clip under which means over all clips are kept.
MEAN = None


@dataclass(frozen=True)
class Cell:
    """A figure or word, and what it is sorted by if that is not the text."""

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Column:
    """Of a table; `number`: aligned right and sorted as numbers."""

    title: str
    number: bool = True


@dataclass(frozen=True)
class Grid:
    """A table; the first `keys` columns say what a row is of, and an empty column is left out."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    keys: int = 1
    note: str = ""
    clip: str = field(default="", compare=False)

    def trimmed(self) -> Grid:
        """Without columns that say nothing in any row."""
        keep = [n for n in range(len(self.columns)) if n < self.keys or any(row[n].text for row in self.rows)]
        return Grid(
            self.title,
            [self.columns[n] for n in keep],
            [[row[n] for n in keep] for row in self.rows],
            self.keys,
            self.note,
            self.clip,
        )


def summary(document: dict[str, Any]) -> list[Grid]:
    """The tables over all clips."""
    return _kept(_SUMMARIES[document["benchmark"]](document))


def by_clip(document: dict[str, Any]) -> list[Grid]:
    """The tables of the clips one by one."""
    return _kept(_DETAILS[document["benchmark"]](document))


def _kept(found: list[Grid]) -> list[Grid]:
    trimmed = [grid.trimmed() for grid in found if grid.rows]
    return [grid for grid in trimmed if len(grid.columns) > grid.keys]


def _words(*titles: str) -> list[Column]:
    return [Column(title, False) for title in titles]


def _numbers(*titles: str) -> list[Column]:
    return [Column(title) for title in titles]


def _word(text: Any) -> Cell:
    return Cell("" if text is None else str(text))


def _number(number: float | None, text: Callable[[Any], str] = digits) -> Cell:
    return Cell("" if number is None else text(number), number)


def _size(number: float | None) -> Cell:
    return _number(number, size_text)


def _ratio(ratio: float) -> str:
    return decimals(ratio, 3)


def _low_first(number: float | None) -> tuple[bool, float]:
    """To sort by; what is not known comes last."""
    return number is None, number or 0.0


# ------------------------------------------------------------------------------------------------------ lossless


def _pair(records: Records, name: str, of: Callable[[list[Any]], Any], text: Callable[[Any], str]) -> Cell:
    """Of encoding and decoding, ``1 / 4``."""
    each = [[record.get(f"{job}_{name}") for record in records] for job in ("encode", "decode")]
    both = [of([found for found in mine if found is not None] or [None]) for mine in each]
    if both == [None, None]:
        return Cell("")
    return Cell(" / ".join("?" if each is None else text(each) for each in both), both[0])


def _threads(records: Records) -> list[Cell]:
    """Counted, the most of all; and how busy they were."""
    return [_pair(records, "threads", max, str), _pair(records, "busy", median, lambda busy: f"{busy:.2f}")]


def _lossless(document: dict[str, Any]) -> list[Grid]:
    found = []
    of = groups(document["records"], "label", "cut")
    against = f"size against {value(document, 'summary', 'reference')}, %"
    for cut, words in CUTS.items():
        overall = [row for row in value(document, "summary", "overall") or () if row["cut"] == cut and row["clips"]]
        rows = []
        # Ratios of rows that took other clips do not compare; sizes against the reference do.
        for row in sorted(overall, key=lambda row: _low_first(row.get("size_vs_reference"))):
            mine = of.get((row["label"], cut), [])
            size = row.get("size_vs_reference")
            rows.append([
                _word(row["label"]), Cell(f"{row['clips']} of {row['of']}", row["clips"]),
                _number(row["ratio"], _ratio),
                _number(None if size is None else 100 * (size - 1), changed),
                _number(row["encode_mb_s"]), _number(row["decode_mb_s"]),
                *(_number(row.get(f"{job}_vs_reference")) for job in ("encode", "decode")),
                _word(", ".join(filter(None, (_more_threads(measured(mine)), troubles(mine))))),
            ])  # fmt: skip
        found.append(
            Grid(
                f"Lossless, {words}, over all clips",
                [
                    *_words("label"),
                    *_numbers("clips", "ratio", against, "encode MB/s", "decode MB/s", "encode ×", "decode ×"),
                    *_words("remarks"),
                ],
                rows,
                note="Geometric means over the clips that each label took; sizes against the reference, and how many "
                "times as fast (×), over those that both took. Labels that ran more threads than were asked for are "
                "remarked.",
            )
        )
    return found


def _more_threads(records: Records) -> str:
    """``"2 threads"`` of those that ran more than they were asked to."""
    most = max((record.get(f"{job}_threads") or 0 for record in records for job in ("encode", "decode")), default=0)
    if not records or most <= records[0]["threads"]:
        return ""
    busy = max(record[f"{job}_busy"] for record in records for job in ("encode", "decode"))
    return f"{most} threads, {busy:.1f} busy"


def _lossless_clips(document: dict[str, Any]) -> list[Grid]:
    found = []
    for (clip, cut), records in groups(document["records"], "clip", "cut").items():
        rows = [[
            _word(record["label"]), _number(record.get("ratio"), _ratio), _size(record.get("bytes")),
            _number(record.get("bits_per_sample")), *(_speed(record, job, "mb_s") for job in ("encode", "decode")),
            *_threads([record]), _word(_status(record)),
        ] for record in sorted(records, key=lambda record: -(record.get("ratio") or 0))]  # fmt: skip
        found.append(
            Grid(
                f"{clip}, {CUTS.get(cut, cut)}",
                [
                    *_words("label"),
                    *_numbers("ratio", "size", "bits a sample", "encode MB/s", "decode MB/s", "threads", "busy"),
                    *_words("status"),
                ],
                rows,
                clip=clip,
            )
        )
    return found


def _speed(record: dict[str, Any], job: str, unit: str) -> Cell:
    spread = record.get(f"{job}_{unit}")
    return Cell(spread_text(spread), value({"of": spread}, "of", "median"))


def _status(record: dict[str, Any]) -> str:
    """Empty if all is well."""
    status: str = record["status"]
    if status == "not lossless":
        return f"{status}: errors up to {record.get('max_error')}"
    if status == "ok":
        return "not deterministic" if record.get("deterministic") is False else ""
    return status


# --------------------------------------------------------------------------------------------------------- lossy


def anchors(document: dict[str, Any]) -> list[tuple[str, str]]:
    """(cut, cut of the anchor) of the BD-rates: against the same first, fragments against whole frames last."""
    there = {(row["cut"], row["anchor_cut"]) for row in value(document, "summary", "bd_rates") or ()}
    return [pair for pair in ((WHOLE, WHOLE), (FRAGMENTS, FRAGMENTS), (FRAGMENTS, WHOLE)) if pair in there]


def bd_rate_measures(document: dict[str, Any]) -> list[str]:
    """Those of BD-rates that are shown; PSNR of all planes together only if a clip has no luma."""
    rows = value(document, "summary", "bd_rates") or ()
    clips = {name: {row["clip"] for row in rows if row["measure"] == name} for name in MEASURES}
    hidden = {"psnr_u", "psnr_v", *(["psnr"] if clips["psnr"] <= clips["psnr_y"] else [])}
    return [name for name in MEASURES if clips[name] and name not in hidden]


def _bd_rate(row: dict[str, Any] | None, method: str = "akima", clips: int | None = None) -> Cell:
    """Marked if it is to be taken with care; with the number of clips if that is another than `clips`."""
    if row is None or row[method] is None:
        return Cell("–" if row and row.get("warning") else "")
    apart = abs(row["akima"] - (row["akima"] if row.get("pchip") is None else row["pchip"]))
    doubtful = row.get("warning") or apart > max(1.0, 0.1 * abs(row["akima"]))
    fewer = f" ({row['clips']})" if clips is not None and row.get("clips", clips) != clips else ""
    return Cell(changed(row[method]) + "*" * bool(doubtful) + fewer, row[method])


_DOUBT = "* The curves overlap little, are not monotone, or two ways to interpolate them disagree."


def _lossy(document: dict[str, Any]) -> list[Grid]:
    found = []
    bd_rates = value(document, "summary", "bd_rates") or []
    of = groups(document["records"], "label", "cut")
    fps = {(row["label"], row["cut"]): row for row in value(document, "summary", "speeds") or ()}
    measures = bd_rate_measures(document)
    for cut, anchor_cut in anchors(document):
        here = [row for row in bd_rates if (row["cut"], row["anchor_cut"]) == (cut, anchor_cut)]
        rows = []
        for (label,), mine in groups(here, "label").items():
            means = {row["measure"]: row for row in mine if row["clip"] == MEAN}
            clips = {
                row["clip"]
                for row in mine
                if row["clip"] != MEAN and row["measure"] == measures[0] and row["akima"] is not None
            }
            speeds = fps.get((label, cut), {})
            rows.append(
                [
                    _word(label),
                    Cell(str(len(clips)), len(clips)),
                    *(_bd_rate(means.get(name), clips=len(clips)) for name in measures),
                    *(_number(speeds.get(f"{job}_fps")) for job in ("encode", "decode")),
                    _word(troubles(of.get((label, cut), []))),
                ]
            )
        rows.sort(key=lambda row: _low_first(row[2].value))
        anchor = here[0]["anchor"]
        found.append(
            Grid(
                f"BD-rate in %, {CUTS[cut]} against {anchor} on {CUTS[anchor_cut]}",
                [
                    *_words("label"),
                    *_numbers("clips", *(MEASURES[name][0] for name in measures)),
                    *_numbers("encode fps", "decode fps"),
                    *_words("remarks"),
                ],
                rows,
                note="Means over the clips, of how many where they are others, by Akima's interpolation: −10 takes "
                "10 % less bits for the same quality. Frames a second: geometric "
                f"means over the points and the clips that {anchor} has. {_DOUBT}",
            )
        )
    return found


def _lossy_clips(document: dict[str, Any]) -> list[Grid]:
    found = []
    bd_rates = [row for row in value(document, "summary", "bd_rates") or () if row["clip"] != MEAN]
    measures = bd_rate_measures(document)
    for cut, anchor_cut in anchors(document):
        here = [
            row
            for row in bd_rates
            if (row["cut"], row["anchor_cut"], row["measure"]) == (cut, anchor_cut, measures[0])
        ]
        clips = unique(row["clip"] for row in here)
        for method, words in (("akima", "Akima"), ("pchip", "PCHIP")):
            rows = [
                [_word(label), *(_bd_rate(by.get(clip), method) for clip in clips)]
                for (label,), mine in groups(here, "label").items()
                for by in [{row["clip"]: row for row in mine}]
            ]
            found.append(
                Grid(
                    f"BD-rate in % by clip, {MEASURES[measures[0]][0]}, {words}, {CUTS[cut]} against "
                    f"{here[0]['anchor']} on {CUTS[anchor_cut]}"
                    if here
                    else "",
                    [*_words("label"), *_numbers(*clips)],
                    rows,
                    note=_DOUBT,
                )
            )
    shown = [name for name in MEASURES if name not in ("psnr_u", "psnr_v")]
    for (clip, cut), records in groups(document["records"], "clip", "cut").items():
        rows = [[
            _word(record["label"]), _number(record.get("point")), _size(record.get("bytes")),
            _number(record.get("bits_per_pixel")),
            *(_quality(record, name) for name in shown),
            *(_speed(record, job, "fps") for job in ("encode", "decode")), _word(_status(record)),
        ] for record in records]  # fmt: skip
        found.append(
            Grid(
                f"{clip}, {CUTS.get(cut, cut)}",
                [
                    *_words("label"),
                    *_numbers(
                        "point",
                        "size",
                        "bits a pixel",
                        *(MEASURES[name][0] for name in shown),
                        "encode fps",
                        "decode fps",
                    ),
                    *_words("status"),
                ],
                rows,
                keys=2,
                clip=clip,
            )
        )
    return found


def _quality(record: dict[str, Any], name: str) -> Cell:
    found = value(record, "quality", name)
    return Cell(decimals(found, 5 if MEASURES[name][1] else 2), found)


# -------------------------------------------------------------------------------------------------------- access


def columns_of(records: Records) -> list[tuple[str, str]]:
    """(pattern, box) of the columns; a box is named where a pattern has several of them."""
    boxes = {
        pattern: unique(record["box"] for record in mine) for (pattern,), mine in groups(records, "pattern").items()
    }
    several = {
        pattern
        for (pattern, _), mine in groups(records, "pattern", "clip").items()
        if len({record["box"] for record in mine}) > 1
    }
    return [(pattern, box) for pattern, each in boxes.items() for box in (each if pattern in several else [""])]


def _access(document: dict[str, Any]) -> list[Grid]:
    raw = {clip["name"]: clip["raw_bytes"] for clip in document["clips"]}
    return [
        grid
        for words, records in access_kinds(document["records"])
        for grid in _access_grids(records, raw, f"over all {words}", "")
    ]


def access_kinds(records: Records) -> list[tuple[str, Records]]:
    """Videos, which are read as RGB, and arrays, which are not: one is not the job of the other."""
    arrays = [record for record in records if str(record.get("setting", "")).startswith("array")]
    videos = [record for record in records if record not in arrays]
    return [(words, each) for words, each in (("videos", videos), ("arrays", arrays)) if each]


def _access_clips(document: dict[str, Any]) -> list[Grid]:
    raw = {clip["name"]: clip["raw_bytes"] for clip in document["clips"]}
    return [
        grid
        for (clip,), records in groups(document["records"], "clip").items()
        for grid in _access_grids(records, raw, clip, clip)
    ]


def _access_grids(records: Records, raw: dict[str, int], where: str, clip: str) -> list[Grid]:
    """Time, and what was decoded and read for it; geometric means where there are several clips."""
    columns = columns_of(records)
    titles = [f"{pattern} {box}".rstrip() for pattern, box in columns]
    several = len({record.get("threads") for record in records}) > 1
    times, decodes, reads = [], [], []
    for (label, threads), all_mine in groups(records, "label", "threads").items():
        mine = measured(all_mine)
        cells = [
            [record for record in mine if record["pattern"] == pattern and box in ("", record["box"])]
            for pattern, box in columns
        ]
        medians = [geometric(value(record, "latency_ms", "median") for record in cell) for cell in cells]
        p95s = [geometric(value(record, "latency_ms", "p95") for record in cell) for cell in cells]
        clips = {record["clip"]: record for record in mine}
        psnrs = [record["psnr_y"] for record in clips.values() if record.get("psnr_y") is not None]
        name = _word(f"{label}, {threads} threads" if several else label)
        times.append([
            name, Cell("" if clip else str(len(clips)), len(clips)),
            _number(geometric(100 * record["bytes"] / raw[key] for key, record in clips.items() if raw.get(key))),
            Cell(decimals(sum(psnrs) / len(psnrs), 2) if psnrs else "exact" if clips else "",
                 sum(psnrs) / len(psnrs) if psnrs else 999),
            _number(geometric(value(record, "open_ms", "median") for record in mine)),
            *(Cell(f"{digits(middle)} ({digits(high)})" if middle is not None else "", middle)
              for middle, high in zip(medians, p95s, strict=True)), _word(troubles(all_mine)),
        ])  # fmt: skip
        decoded = [
            geometric(
                record["samples_decoded"] / record["samples_wanted"]
                for record in cell
                if record.get("samples_decoded") and record.get("samples_wanted")
            )
            for cell in cells
        ]
        touched = [geometric(record.get("bytes_touched") for record in cell) for cell in cells]
        decodes.append([name, *map(_number, decoded)])
        reads.append([name, *map(_size, touched)])
    order = sorted(range(len(times)), key=lambda n: _low_first(times[n][5].value) if columns else (True, 0.0))
    return [
        Grid(f"Time to read, {where}: median (95th percentile) in ms",
             [*_words("label"), *_numbers("clips", "size, % of raw", "PSNR-Y", "open", *titles), *_words("remarks")],
             [times[n] for n in order], clip=clip,
             note="" if clip else "Geometric means over the clips that each label took."),
        Grid(f"Samples decoded for each that is wanted, {where}", [*_words("label"), *_numbers(*titles)],
             [decodes[n] for n in order], clip=clip),
        Grid(f"Bytes read for each read, {where}", [*_words("label"), *_numbers(*titles)],
             [reads[n] for n in order], clip=clip),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------- scaling


def _scaling(document: dict[str, Any]) -> list[Grid]:
    return _scaling_grids(document["records"], "over all clips", "")


def _scaling_clips(document: dict[str, Any]) -> list[Grid]:
    return [
        grid
        for (clip,), records in groups(document["records"], "clip").items()
        for grid in _scaling_grids(records, clip, clip)
    ]


def _scaling_grids(records: Records, where: str, clip: str) -> list[Grid]:
    """One for each job."""
    found = []
    counts = sorted({record["threads"] for record in records})
    for (job,), of_job in groups(records, "job").items():
        rows = []
        for (label, cut), all_mine in groups(of_job, "label", "cut").items():
            mine = measured(all_mine)
            cells = [[record for record in mine if record["threads"] == count] for count in counts]
            speeds = [geometric(value(record, "mb_s", "median") for record in cell) for cell in cells]
            shares = [geometric(record.get("efficiency") for record in cell) for cell in cells]
            memory = [
                max((record.get("peak_memory") or 0 for record in cell), default=0) or None
                for cell in (cells[0], cells[-1])
            ]
            rows.append([
                _word(label), _word(CUTS.get(cut, cut)),
                *(Cell(f"{digits(speed)} ({100 * share:.0f} %)" if speed is not None and share is not None
                       else digits(speed), speed) for speed, share in zip(speeds, shares, strict=True)),
                _number(median(record.get("busy") for record in cells[-1]), lambda busy: f"{busy:.1f}"),
                *map(_size, memory), _word(troubles(all_mine)),
            ])  # fmt: skip
        best = [max((cell.value or 0.0 for cell in row[2 : 2 + len(counts)]), default=0.0) for row in rows]
        rows = [rows[n] for n in sorted(range(len(rows)), key=lambda n: -best[n])]
        names = [f"{count} thread{'s' * (count != 1)}" for count in counts]
        found.append(
            Grid(
                f"{job.capitalize()}, {where}: MB/s (efficiency)",
                [
                    *_words("label", "cut"),
                    *_numbers(*names, f"busy of {counts[-1]}", f"memory, {names[0]}", f"memory, {names[-1]}"),
                    *_words("remarks"),
                ],
                rows,
                keys=2,
                clip=clip,
                note="Efficiency: speed-up over one thread, by the number of threads. Memory: the most at a time "
                "beyond what the process had before.",
            )
        )
    return found


_SUMMARIES = {"lossless": _lossless, "lossy": _lossy, "access": _access, "scaling": _scaling}
_DETAILS = {"lossless": _lossless_clips, "lossy": _lossy_clips, "access": _access_clips, "scaling": _scaling_clips}
