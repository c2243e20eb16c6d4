"""What tables, plots and pages of a document share: groups of records, means, words for figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..job import FRAGMENTS, WHOLE
from ..records import geometric_mean

__all__ = [
    "CUTS",
    "MEAN",
    "MEASURED",
    "Absent",
    "Kind",
    "Place",
    "absent",
    "access_kinds",
    "changed",
    "clean",
    "decimals",
    "digits",
    "geometric",
    "groups",
    "measured",
    "median",
    "places_of",
    "spread_text",
    "troubles",
    "unique",
    "value",
]

Records = Sequence[dict[str, Any]]

#: What the cuts are called in tables.
CUTS = {WHOLE: "whole frames", FRAGMENTS: "fragments"}
#: The status of records that have figures.
MEASURED = ("ok", "not lossless")
#: The clip under which a document keeps means over all clips.
MEAN = None


def clean(found: Any) -> Any:
    """Make every string of a document printable and put it on one line, whatever names files have."""
    if isinstance(found, str):
        text = " ".join(found.split())
        return (
            text
            if text.isprintable()
            else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
        )
    if isinstance(found, dict):
        return {clean(key): clean(item) for key, item in found.items()}
    if isinstance(found, (list, tuple)):
        return [clean(item) for item in found]
    return found


def measured(records: Records) -> list[dict[str, Any]]:
    """The records that have figures."""
    return [record for record in records if record["status"] in MEASURED]


def value(record: dict[str, Any], *names: str) -> Any:
    """The value under these names, each in the one before; None if there is none."""
    found: Any = record
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def unique(items: Iterable[Any]) -> list[Any]:
    """The items without repetitions, in their order."""
    return list(dict.fromkeys(items))


def groups(records: Records, *names: str) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Group records by the values of these names, in the order in which these first come."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for record in records:
        found.setdefault(tuple(record.get(name) for name in names), []).append(record)
    return found


def geometric(values: Iterable[float | None]) -> float | None:
    """The geometric mean of the values above 0; None if there are none."""
    return geometric_mean([each for each in values if each is not None and each > 0])


def median(values: Iterable[float | None]) -> float | None:
    """The median of the values that there are; None if there are none."""
    there = [each for each in values if each is not None]
    return statistics.median(there) if there else None


# -------------------------------------------------------------------------------------------------------- access


class Place(NamedTuple):
    """What is read in one column of a table of the access benchmark: a pattern, and a box where it has several."""

    pattern: str
    box: str = ""

    @property
    def text(self) -> str:
        """The title of the column."""
        return f"{self.pattern} {self.box}".rstrip()

    def of(self, records: Records) -> list[dict[str, Any]]:
        """The records of this pattern and box."""
        return [r for r in records if r["pattern"] == self.pattern and self.box in ("", r["box"])]


def places_of(records: Records) -> list[Place]:
    """The columns of tables and plots of the access benchmark; boxes are named where a pattern has several."""
    boxes = {
        pattern: unique(record["box"] for record in mine) for (pattern,), mine in groups(records, "pattern").items()
    }
    several = {
        pattern
        for (pattern, _), mine in groups(records, "pattern", "clip").items()
        if len({record["box"] for record in mine}) > 1
    }
    return [Place(pattern, box) for pattern, each in boxes.items() for box in (each if pattern in several else [""])]


class Kind(NamedTuple):
    """Records of the access benchmark that compare with each other."""

    name: str
    records: list[dict[str, Any]]


def access_kinds(records: Records) -> list[Kind]:
    """Videos, which are read as RGB, and arrays, which are not: a reader of one does not do the work of the other."""
    arrays = [record for record in records if str(record.get("setting", "")).startswith("array")]
    videos = [record for record in records if record not in arrays]
    return [kind for kind in (Kind("videos", videos), Kind("arrays", arrays)) if kind.records]


# --------------------------------------------------------------------------------------------------------- words


def digits(number: float | None, count: int = 3) -> str:
    """A number with so many significant digits and no exponent; empty for None."""
    if number is None:
        return ""
    if number == 0:
        return "0"
    power = math.floor(math.log10(abs(number)))
    if power >= count:
        return f"{number:,.0f}"
    text = f"{number:.{max(0, count - 1 - power)}f}"
    return text if len(text) < 10 else f"{number:.1g}"


def decimals(number: float | None, count: int) -> str:
    """A number with so many digits behind the point; empty for None."""
    return "" if number is None else f"{number:,.{count}f}"


def changed(percent: float | None) -> str:
    """A change in percent, as ``+3.2`` or ``−12.0``; empty for None."""
    if percent is None:
        return ""
    if percent == 0:
        return "0.0"
    return f"{percent:+,.{0 if abs(percent) >= 999.5 else 1}f}".replace("-", "−")


def spread_text(spread: dict[str, Any] | None) -> str:
    """A median with its extremes, as ``12.3 (12.1–12.6)``."""
    if not spread or spread.get("median") is None:
        return ""
    return f"{digits(spread['median'])} ({digits(spread.get('low'))}–{digits(spread.get('high'))})"


def troubles(records: Records) -> str:
    """What is wrong with some of these records: ``1 crashed, 2 not lossless``; empty if nothing is."""
    count = {
        status: len(found)
        for (status,), found in groups(records, "status").items()
        if status not in ("ok", "not applicable")
    }
    if differing := sum(record.get("deterministic") is False for record in measured(records)):
        count["not deterministic"] = differing
    return ", ".join(f"{number} {status}" for status, number in count.items())


# --------------------------------------------------------------------------------------------- what is not there


@dataclass(frozen=True)
class Absent:
    """Something that was not measured, or did not do what it should.

    Attributes
    ----------
    status : str
    who : str
        Peer or label, with the cut, pattern or job where it is of one alone.
    where : list of str
        Names of clips; none where no clip has to do with it.
    count : int
        Of the records.
    why : str
    """

    status: str
    who: str
    where: list[str]
    count: int
    why: str


#: The statuses from the worst to the least.
_WORST = ("crashed", "not lossless", "failed", "timeout", "missing", "skipped", "not applicable")


def absent(document: dict[str, Any]) -> list[Absent]:
    """Everything that was not measured, the worst first, with one entry for each reason."""
    found = [
        Absent("missing", str(peer.get("title") or peer["name"]), [], 0, peer["missing"])
        for peer in document["peers"]
        if peer.get("missing")
    ]
    bad = [record for record in document["records"] if record["status"] != "ok"]
    without_peer = {peer["name"] for peer in document["peers"] if peer.get("missing")}
    for (status, label, why), records in groups(bad, "status", "label", "message").items():
        if status == "missing" and records[0].get("peer") in without_peer:
            continue  # said already
        words = [unique(record.get(name) for record in records) for name in ("cut", "pattern", "job")]
        only = [CUTS.get(each[0], each[0]) for each in words if len(each) == 1 and each[0]]
        found.append(
            Absent(
                status,
                ", ".join([label, *only]),
                unique(record["clip"] for record in records),
                len(records),
                why or "",
            )
        )
    place = {status: n for n, status in enumerate(_WORST)}
    return sorted(found, key=lambda each: place.get(each.status, -1))
