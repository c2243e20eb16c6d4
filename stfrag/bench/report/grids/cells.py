"""Cells and words that the tables of several benchmarks share."""

from __future__ import annotations

from typing import Any

from ..facts import spread_text, unique, value
from ..grid import Cell

__all__ = ["speed", "status", "where_of"]


def where_of(document: dict[str, Any], kind: str = "clips") -> str:
    """The end of the title of a table over all clips; the clip is named if there is but one."""
    clips = unique(record["clip"] for record in document["records"])
    return f", on {clips[0]}" if len(clips) == 1 else f", over all {kind}"


def speed(record: dict[str, Any], job: str, unit: str) -> Cell:
    """The speed of encoding or decoding, with its extremes."""
    spread = record.get(f"{job}_{unit}")
    return Cell(spread_text(spread), value({"of": spread}, "of", "median"))


def status(record: dict[str, Any]) -> str:
    """What is wrong with a record, in words; empty if nothing is."""
    found: str = record["status"]
    if found == "not lossless":
        return f"{found}: errors up to {record.get('max_error')}"
    if found == "ok":
        return "not deterministic" if record.get("deterministic") is False else ""
    return found
