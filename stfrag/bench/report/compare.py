"""Two runs of a benchmark compared: what became smaller, faster or better by more than noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .facts import CUTS, MEASURED, changed, clean, digits, geometric, groups, value
from .grid import Cell, Grid, numbers, words

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["KEY", "compare", "show_compare"]

#: Records of two runs are of the same thing if these are the same.
KEY = ("clip", "peer", "setting", "label", "cut", "threads", "point", "pattern", "box", "job")
#: Sizes, which are the same each time, and means over as many reads as there was time for; then speeds; times, where
#: less is better; and the memory of a process.
_SIZES, _MEANS = ("bytes",), ("bytes_touched", "samples_decoded")
_SPEEDS = ("encode_mb_s", "decode_mb_s", "mb_s")
_TIMES = ("open_ms", "latency_ms")
_MEMORY = ("peak_memory",)
#: Smaller changes than these are noise: of speed and of memory in percent, of quality in dB.
_LEAST_NOISE, _MEMORY_NOISE, _LEAST_DB = 2.0, 5.0, 0.005
#: How many lines a table on the terminal has at most.
_LINES = 25


def compare(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Compare two documents of the same benchmark.

    Changes are in percent of the old figure; of quality, in dB. Speeds and times are seen relative to how fast the
    machine was in each run, where both say that. They have moved if they changed by more than their spreads: half of
    what lies between the extremes of the repetitions of each (of reads: twice the standard error of their median), by
    the median, summed as squares; at least 2 %. What was taken but once has no spread and never moved.

    Returns
    -------
    dict
        ``warnings``: why the two can hardly be compared. ``machine_speed``: of the new run, by that of the old one.
        ``pairs``: how many records were compared. ``sizes``, ``speeds``, ``memory``, ``quality``: what moved, the
        largest first. ``labels``: means over what each label has in both. ``status``: what is measured in one alone
        of the two. ``only_old``, ``only_new``: what the other has no record of.

    Raises
    ------
    ValueError
        If they are of different benchmarks.
    """
    if old["benchmark"] != new["benchmark"]:
        raise ValueError(f"one is of {old['benchmark']}, the other of {new['benchmark']}: they cannot be compared")
    before, after = (
        {tuple(record.get(name) for name in KEY): record for record in document["records"]} for document in (old, new)
    )
    pace = _pace(old, new)
    found: dict[str, Any] = {
        "benchmark": old["benchmark"], "old": _about(old), "new": _about(new), "warnings": _warnings(old, new),
        "machine_speed": pace, "pairs": 0, "sizes": [], "speeds": [], "memory": [], "quality": [], "status": [],
        "only_old": [_of(before[key]) for key in before if key not in after],
        "only_new": [_of(after[key]) for key in after if key not in before],
    }  # fmt: skip
    changes: list[dict[str, Any]] = []
    for was, now in ((before[key], after[key]) for key in before if key in after):
        if was["status"] != now["status"]:
            found["status"].append(_status_change(was, now))
        if was["status"] in MEASURED and now["status"] in MEASURED:
            found["pairs"] += 1
            changes += _changes(was, now, pace or 1.0)
    if once := sum(math.isinf(change["noise"]) for change in changes):
        found["warnings"].append(
            f"{once} speeds were taken but once in a run: what of their changes is noise is not "
            "known, and none is listed"
        )
    for change in changes:
        kind = change.pop("kind")
        if abs(change["change"]) > change["noise"]:
            found[kind].append(change)
        change["kind"] = kind  # for the means of labels; it is where a change is listed too
    for kind in ("sizes", "speeds", "memory", "quality"):
        found[kind].sort(key=lambda change: -abs(change["change"]))
    found["labels"] = _labels(changes)
    return found


def _status_change(was: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """A record that was measured in one run alone, say, and why."""
    message = now.get("message") or was.get("message") or ""
    return {**_of(now), "old": was["status"], "new": now["status"], "message": message}


def _of(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in KEY if record.get(name) is not None}


def _about(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document.get(name) for name in ("stfrag", "started", "command")}


def _pace(old: dict[str, Any], new: dict[str, Any]) -> float | None:
    speeds = [value(document, "yardstick_mb_s", "median") for document in (old, new)]
    return speeds[1] / speeds[0] if all(speeds) else None


def _changes(was: dict[str, Any], now: dict[str, Any], pace: float) -> list[dict[str, Any]]:
    """The changes of one record; times are turned to speeds, so that more is always better."""
    found = []

    def add(kind: str, what: str, pair: tuple[float, float], change: float, noise: float) -> None:
        found.append(
            {**_of(now), "kind": kind, "what": what, "old": pair[0], "new": pair[1], "change": change, "noise": noise}
        )

    for kind, names, noise in (
        ("sizes", _SIZES, 0.0),
        ("sizes", _MEANS, _LEAST_NOISE),
        ("memory", _MEMORY, _MEMORY_NOISE),
    ):
        for name in names:
            if was.get(name) and now.get(name):
                add(kind, name, (was[name], now[name]), 100 * (now[name] / was[name] - 1), noise)
    for name in (*_SPEEDS, *_TIMES):
        middle = value(was, name, "median"), value(now, name, "median")
        if all(middle):
            ratio = middle[0] / middle[1] if name in _TIMES else middle[1] / middle[0]
            noise = math.hypot(*(_spread(record, name) for record in (was, now)))
            add("speeds", name, middle, 100 * (ratio / pace - 1), max(noise, _LEAST_NOISE))
    psnr = [value(record, "quality", "psnr_y") or record.get("psnr_y") for record in (was, now)]
    if psnr[0] is not None and psnr[1] is not None:
        add("quality", "psnr_y", (psnr[0], psnr[1]), psnr[1] - psnr[0], _LEAST_DB)
    return found


def _spread(record: dict[str, Any], name: str) -> float:
    """Half of the distance of the extremes, in percent of the median; infinite if it was taken only once."""
    found = record[name]
    middle: float = found["median"]
    low, high, p95 = (found.get(each) for each in ("low", "high", "p95"))
    if low is None or high is None or low == high:
        return math.inf
    if p95 is not None:
        # These are extremes of single reads, each of another place, so that what counts is how sure their median is:
        # twice its standard error, if reads are normally distributed, when 5 % lie above 1.645 standard deviations.
        deviation: float = (p95 - middle) / 1.645
        return 200 * 1.253 * deviation / math.sqrt(record.get("reads") or 1) / middle
    half: float = (high - low) / 2
    return 100 * half / middle


def _labels(changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean changes of each label, geometric and in percent; those of quality in dB."""
    rows = []
    for (label,), mine in groups(changes, "label").items():
        row: dict[str, Any] = {"label": label}
        for (kind, what), each in groups(mine, "kind", "what").items():
            if kind == "quality":
                row[what] = sum(change["change"] for change in each) / len(each)
            else:
                mean = geometric(1 + change["change"] / 100 for change in each)
                row[what] = None if mean is None else 100 * (mean - 1)
        rows.append(row)
    return rows


# ------------------------------------------------------------------------------------------------------ warnings


def _warnings(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Reasons other than the coders why two runs may differ."""
    found = []
    names = ("processor", "architecture", "cores", "usable", "system", "simd", "numpy", "python")
    for name in names:
        was, now = old["machine"].get(name), new["machine"].get(name)
        if was != now:
            found.append(f"the machines differ in {name}: {_text(was)}, now {_text(now)}")
    peers = {peer["name"]: peer.get("versions") or {} for peer in old["peers"]}
    for peer in new["peers"]:
        was, now = peers.get(peer["name"]), peer.get("versions") or {}
        if was and now and was != now:
            parts = [
                f"{name} {was.get(name, 'none')}, now {now.get(name, 'none')}"
                for name in sorted({*was, *now})
                if was.get(name) != now.get(name)
            ]
            found.append(f"{peer['name']} is of other versions: {'; '.join(parts)}")
    for name in sorted({*old["options"], *new["options"]}):
        was, now = old["options"].get(name), new["options"].get(name)
        if was != now:
            found.append(f"the options differ in {name}: {_text(was)}, now {_text(now)}")
    clips = {clip["name"]: clip for clip in old["clips"]}
    for clip in new["clips"]:
        was = clips.get(clip["name"])
        if was and (was.get("raw_bytes"), was.get("samples")) != (clip.get("raw_bytes"), clip.get("samples")):
            found.append(f"the clips called {clip['name']} differ: {was.get('text')}, now {clip.get('text')}")
        elif was and was.get("digest") != clip.get("digest"):
            found.append(f"the clips called {clip['name']} have other samples")
    return found


def _text(found: Any) -> str:
    if isinstance(found, (list, tuple)):
        return ", ".join(map(str, found)) or "none"
    return "not given" if found is None else str(found)


# ------------------------------------------------------------------------------------------------- the terminal

_WORDS = {"bytes": "size", "bytes_touched": "bytes read", "samples_decoded": "samples decoded",
          "encode_mb_s": "encode MB/s", "decode_mb_s": "decode MB/s", "mb_s": "MB/s", "open_ms": "open, ms",
          "latency_ms": "read, ms", "peak_memory": "memory", "psnr_y": "PSNR-Y"}  # fmt: skip


def show_compare(result: dict[str, Any], console: Console) -> None:
    """Print what `compare` found."""
    from rich.text import Text

    from .table import draw, lines

    result = clean(result)
    console.print(Text(f"{result['benchmark']}: {_run(result['new'])}, against {_run(result['old'])}", style="bold"))
    pace = result["machine_speed"]
    console.print(
        Text(
            f"{result['pairs']} measurements in both"
            + (
                ""
                if pace is None
                else f"; the machine was at {100 * pace:.1f} % of its speed, which is taken out of all speeds"
            )
        )
    )
    console.print()
    lines("Take care", result["warnings"], console)
    draw(_labels_grid(result["labels"]), console)
    for kind, title in (
        ("sizes", "Sizes that changed"),
        ("speeds", "Speeds that changed by more than noise"),
        ("memory", "Memory that changed by more than 5 %"),
        ("quality", "Quality that changed"),
    ):
        if result[kind]:
            draw(_moved_grid(title, result[kind]), console)
    if not any(result[kind] for kind in ("sizes", "speeds", "memory", "quality")):
        console.print("Nothing changed by more than noise.\n")
    status = [
        f"{_name(each)}: {each['old']}, now {each['new']}{f': {why}' if (why := each['message']) else ''}"
        for each in result["status"]
    ]
    lines("Measured in one alone", status, console)
    for kind, title in (("only_old", "Only in the old run"), ("only_new", "Only in the new run")):
        counts = [f"{label}: {len(each)}" for (label,), each in groups(result[kind], "label").items()]
        lines(title, counts, console)


def _run(about: dict[str, Any]) -> str:
    return f"stfrag {about['stfrag']} of {str(about['started'])[:16].replace('T', ' ')}"


def _name(each: dict[str, Any]) -> str:
    cut = each.get("cut")
    words = [each["label"], each["clip"], CUTS.get(str(cut), cut), each.get("pattern"), each.get("job")]
    if each.get("point") is not None:
        words.append(f"point {digits(each['point'])}")
    if each["threads"] != 1:
        words.append(f"{each['threads']} threads")
    return ", ".join(str(word) for word in words if word)


def _labels_grid(rows: Sequence[dict[str, Any]]) -> Grid:
    names = [name for name in _WORDS if any(name in row for row in rows)]
    cells = [
        [
            Cell(row["label"]),
            *(
                Cell(_decibels(row.get(name)) if name == "psnr_y" else changed(row.get(name)), row.get(name))
                for name in names
            ),
        ]
        for row in rows
    ]
    titles = [f"{_WORDS[name].replace(', ms', ' speed')}, {'dB' if name == 'psnr_y' else '%'}" for name in names]
    return Grid(
        ("Changes by label",),
        [*words("label"), *numbers(*titles)],
        cells,
        note="Geometric means over everything that a label has in both runs. Of speeds, + is faster.",
    )


def _moved_grid(title: str, moved: Sequence[dict[str, Any]]) -> Grid:
    rows = []
    for each in moved[:_LINES]:
        quality = each["what"] == "psnr_y"
        old, new = (f"{number:.3f}" if quality else digits(number) for number in (each["old"], each["new"]))
        rows.append(
            [
                Cell(_name(each)),
                Cell(_WORDS[each["what"]]),
                Cell(old),
                Cell(new),
                Cell(f"{(_decibels if quality else _exact)(each['change'])} {'dB' if quality else '%'}"),
                Cell("" if quality or not each["noise"] else f"± {each['noise']:.1f}"),
            ]
        )
    more = len(moved) - _LINES
    return Grid(
        (title,),
        [*words("of", "what"), *numbers("old", "new", "change", "noise")],
        rows,
        note=f"and {more} more" if more > 0 else "",
    ).trimmed()


def _decibels(change: float | None) -> str:
    return "" if change is None else "0.000" if change == 0 else f"{change:+.3f}".replace("-", "−")


def _exact(percent: float) -> str:
    """Write a change as `changed` does, but never as 0 if it is not."""
    return changed(percent) if abs(percent) >= 0.05 else f"{percent:+.1g}".replace("-", "−")
