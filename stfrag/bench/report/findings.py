"""What a benchmark found, in sentences: who leads, and what fragments cost and gain against whole frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..curves import bd_rate_of
from ..job import FRAGMENTS, WHOLE
from .facts import (
    CUTS,
    MEAN,
    Records,
    access_kinds,
    changed,
    digits,
    geometric,
    groups,
    measured,
    places_of,
    unique,
    value,
)

__all__ = ["findings", "trades"]

#: A label with a setting that stands for most uses comes first where one is to speak for all.
_USUAL = ("stf e5", "x264 medium", "ffv1 range-c1")
#: No more sentences on what fragments cost than this.
_MOST_TRADES = 2


def findings(document: dict[str, Any]) -> list[str]:
    """The leaders in a sentence each, then what fragments cost and gain; nothing where nothing was measured."""
    return [*_LEADERS[document["benchmark"]](document), *trades(document)]


def trades(document: dict[str, Any]) -> list[str]:
    """What fragments cost in bytes against whole frames, and how much sooner a box is read for it."""
    kind = document["benchmark"]
    if kind == "access":
        return _access_trades(document)
    return _coding_trades(document) if kind in ("lossless", "lossy") else []


# --------------------------------------------------------------------------------------------------------- leaders


def _lossless(document: dict[str, Any]) -> Iterator[str]:
    for cut, words in CUTS.items():
        rows = [row for row in value(document, "summary", "overall") or () if row["cut"] == cut and row["ratio"]]
        everywhere = [row for row in rows if row["clips"] == row["of"]]
        if everywhere:
            small, encode, decode = (_most(everywhere, name) for name in ("ratio", "encode_mb_s", "decode_mb_s"))
            encodes, decodes = digits(encode["encode_mb_s"]), digits(decode["decode_mb_s"])
            fast = f"{encode['label']} encodes fastest, at {encodes} MB/s, and {decode['label']} decodes fastest, at"
            if encode["label"] == decode["label"]:
                fast = f"{encode['label']} encodes and decodes fastest, at {encodes} and"
            yield (
                f"{words.capitalize()}, of the labels that did all clips: {small['label']} is the smallest, at "
                f"a ratio of {digits(small['ratio'])}; {fast} {decodes} MB/s."
            )


def _most(rows: Records, name: str) -> dict[str, Any]:
    """The row with the most of something."""
    return max(rows, key=lambda row: row[name])


def _lossy(document: dict[str, Any]) -> Iterator[str]:
    rows = [
        row
        for row in value(document, "summary", "bd_rates") or ()
        if row["clip"] == MEAN and row["measure"] == "psnr_y" and row["akima"] is not None
    ]
    for (cut, anchor_cut), mine in groups(rows, "cut", "anchor_cut").items():
        most = max(row["clips"] for row in mine)  # means over fewer clips do not compare
        best = min((row for row in mine if row["clips"] == most), key=lambda row: row["akima"])
        yield (
            f"{CUTS[cut].capitalize()} against {best['anchor']} on {CUTS[anchor_cut]}: {best['label']} "
            f"takes the fewest bits for the same PSNR-Y, {changed(best['akima'])} %."
        )


def _access(document: dict[str, Any]) -> Iterator[str]:
    for kind in access_kinds(measured(document["records"])):
        for (pattern,), records in groups(kind.records, "pattern").items():
            firsts = [
                min(mine, key=lambda record: record["latency_ms"]["median"])["label"]
                for mine in groups(records, "clip").values()
            ]
            best = max(unique(firsts), key=firsts.count)
            where = f" on {firsts.count(best)} of {len(firsts)} clips" if len(firsts) > 1 else ""
            yield f"{kind.name.capitalize()}, {pattern}: {best} is the fastest{where}."


def _scaling(document: dict[str, Any]) -> Iterator[str]:
    for (job,), records in groups([r for r in measured(document["records"]) if r.get("speedup")], "job").items():
        best = _most(records, "speedup")
        yield (
            f"{job.capitalize()}: {best['label']} ({CUTS[best['cut']]}) gains the most: it is "
            f"{digits(best['speedup'])} times as fast on {best['threads']} threads as on one."
        )


_LEADERS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "lossless": _lossless,
    "lossy": _lossy,
    "access": _access,
    "scaling": _scaling,
}


# ---------------------------------------------------------------------------- what fragments cost, lossless and lossy


class _Trade(NamedTuple):
    """What fragments of one label cost on one clip: bytes by those of whole frames, and milliseconds of decoding."""

    bytes: float | None
    fragment_ms: float
    whole_ms: float


def _coding_trades(document: dict[str, Any]) -> list[str]:
    """A sentence for each of a few labels: their bytes on the two cuts, and how long one piece of each takes."""
    raw = {clip["name"]: clip for clip in document["clips"]}
    by_label = groups(measured(document["records"]), "label")
    order = sorted((label for (label,) in by_label), key=lambda label: _USUAL.index(label) if label in _USUAL else 9)
    found: list[str] = []
    for label in order:
        records = by_label[label,]
        trades = [
            trade
            for (clip,), mine in groups(records, "clip").items()
            if clip in raw and (trade := _trade(mine, raw[clip]))
        ]
        if trades and len(found) < _MOST_TRADES:
            found.append(_trade_text(label, records, trades))
    return found


def _trade(records: Records, clip: dict[str, Any]) -> _Trade | None:
    """Of one label on one clip; None if it was not measured on both cuts, or if both are the same boxes."""
    whole, fragments = ([r for r in records if r["cut"] == cut] for cut in (WHOLE, FRAGMENTS))
    if not whole or not fragments or whole[0].get("fragment") == fragments[0].get("fragment"):
        return None
    if "point" in whole[0] and whole[0]["point"] is not None:
        percent = bd_rate_of(whole, fragments)
        ratio = None if percent is None else 1 + percent / 100
    else:
        ratio = fragments[0]["bytes"] / whole[0]["bytes"]
    times = [_piece_ms(each, clip) for each in (fragments, whole)]
    return None if None in times else _Trade(ratio, *times)  # type: ignore[arg-type]  # None is excluded


def _piece_ms(records: Records, clip: dict[str, Any]) -> float | None:
    """Milliseconds that decoding one box of a cut takes, from its share of the clip and the speed of decoding."""
    try:
        frames, rows, columns = (int(n) for n in records[0]["fragment"].split("×"))
    except (KeyError, ValueError):  # an older document
        return None
    share = frames * rows * columns / (clip["frames"] * clip["y"] * clip["x"])
    speed = geometric(value(record, "decode_mb_s", "median") for record in records)
    return None if not speed else share * clip["raw_bytes"] / 1e6 / speed * 1000


def _trade_text(label: str, records: Records, trades: Sequence[_Trade]) -> str:
    sizes = unique(record["fragment"] for record in records if record["cut"] == FRAGMENTS)
    fragments = f"fragments of {sizes[0]}" if len(sizes) == 1 else "fragments"
    cost = geometric(trade.bytes for trade in trades)
    same = " for the same PSNR" if records[0].get("point") is not None else ""
    clips = f", over {len(trades)} clips" if len(trades) > 1 else ""
    short, long = (geometric(each) or 0.0 for each in ([t.fragment_ms for t in trades], [t.whole_ms for t in trades]))
    costs = "" if cost is None else f"{fragments} cost {_more(cost)} than whole frames{same}{clips}. For that, "
    gains = (
        f"a box that lies in one fragment is decoded {_faster(long / short)}: "
        f"the fragment takes {digits(short)} ms, the group of whole frames that has the box {digits(long)} ms."
    )
    return f"{label}: {costs}{gains}"


# ---------------------------------------------------------------------------------------- what fragments cost, access


def _access_trades(document: dict[str, Any]) -> list[str]:
    """Stores in fragments against stores in whole frames, and against the H.264 file that is read fastest."""
    found = []
    for kind in access_kinds(measured(document["records"])):
        if kind.name != "videos":
            continue
        labels = {label: mine for (label,), mine in groups(kind.records, "label").items()}
        mine = next((label for label in labels if label.startswith("stf, native") and "layout" not in label), None)
        if mine is None:
            continue
        frames = labels.get("stf, native layout=frame")
        if frames:
            found += _against_frames(labels[mine], frames)
        others = {label: each for label, each in labels.items() if not label.startswith("stf, ")}
        found += _against_files(labels[mine], others)
    return found


def _against_frames(mine: Records, frames: Records) -> list[str]:
    """The bytes of both stores, and what a whole frame costs from each."""
    sizes = _common(mine, frames, _bytes)
    times = _common(frames, mine, _ms, "frames, uniform")
    if sizes is None or times is None:
        return []
    cut = mine[0]["setting"].removeprefix("native ")
    return [
        f'In a store, fragments of {cut} cost {_more(sizes)} than layout="frame" at about the same '
        f"quality; a whole frame is read {_faster(times)} from them."
    ]


def _against_files(mine: Records, others: Mapping[str, Records]) -> list[str]:
    """The store against the smallest H.264 file, by the reader that reads boxes from it fastest."""
    place = next((place for place in places_of(mine) if place.pattern == "boxes, uniform"), None)
    label = place and _quickest_of_smallest(mine, others, place.pattern)
    if place is None or label is None:
        return []
    other = others[label]
    size, gain = _common(mine, other, _bytes), _common(other, mine, _ms, place.pattern)
    if size is None or gain is None:
        return []
    here, there = (digits(geometric(_ms(record) for record in place.of(each))) for each in (mine, other))
    box = unique(record["box"] for record in place.of(mine))[0]
    cut = mine[0]["setting"].removeprefix("native ")
    return [
        f"A store in fragments of {cut} takes {_more(size)} than an H.264 file ({other[0]['setting']}"
        f"{_psnr_text(mine, other)}), and a box of {box} at any place is read {_faster(gain)} than by "
        f"{other[0]['peer']} from that file: {here} ms against {there} ms."
    ]


def _quickest_of_smallest(mine: Records, others: Mapping[str, Records], pattern: str) -> str | None:
    """Of the labels that read the smallest kind of file, the one that reads boxes fastest."""
    sizes = {label: _common(each, mine, _bytes) for label, each in others.items()}
    times = {label: _common(each, mine, _ms, pattern) for label, each in others.items()}
    by_setting: dict[str, list[str]] = {}
    for label, each in others.items():
        if sizes[label] is not None and times[label] is not None:
            by_setting.setdefault(each[0]["setting"], []).append(label)
    if not by_setting:
        return None
    smallest = min(by_setting.values(), key=lambda labels: sizes[labels[0]] or 0.0)
    return min(smallest, key=lambda label: times[label] or 0.0)


def _psnr_text(mine: Records, other: Records) -> str:
    """How many dB the store is better or worse than the file, if both say it."""
    found = [[record["psnr_y"] for record in each if record.get("psnr_y") is not None] for each in (mine, other)]
    if not all(found):
        return ""
    here, there = (sum(each) / len(each) for each in found)
    return f"; PSNR-Y {there:.1f} dB, of the store {here:.1f} dB"


def _bytes(record: dict[str, Any]) -> float | None:
    found: float | None = record.get("bytes")
    return found


def _ms(record: dict[str, Any]) -> float | None:
    found: float | None = value(record, "latency_ms", "median")
    return found


def _common(
    a: Records, b: Records, of: Callable[[dict[str, Any]], float | None], pattern: str | None = None
) -> float | None:
    """The geometric mean of a figure of `a` divided by that of `b`, over the clips and boxes that both have."""
    figures = [
        {(r["clip"], r["pattern"], r["box"]): of(r) for r in each if pattern in (None, r["pattern"])}
        for each in (a, b)
    ]
    return geometric(
        figures[0][key] / other  # type: ignore[operator]  # neither is None
        for key, other in figures[1].items()
        if other and figures[0].get(key)
    )


# ----------------------------------------------------------------------------------------------------------- words


def _more(ratio: float) -> str:
    """``6.1 % more bytes``, or fewer, for one size divided by another."""
    percent = 100 * (ratio - 1)
    if abs(percent) < 0.05:
        return "no more bytes"
    return f"{digits(abs(percent), 2)} % {'more' if percent > 0 else 'fewer'} bytes"


def _faster(ratio: float) -> str:
    """``2.3 times faster``, or slower, for one time divided by another."""
    return f"{digits(ratio, 2)} times faster" if ratio >= 1 else f"{digits(1 / ratio, 2)} times slower"
