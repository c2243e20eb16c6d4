"""The records of a benchmark as a flat table for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import Any

__all__ = ["csv_text"]

#: The columns that come first: they say what a record is about.
_FIRST = (
    "clip",
    "peer",
    "setting",
    "label",
    "cut",
    "fragment",
    "pattern",
    "box",
    "job",
    "threads",
    "point",
    "status",
    "message",
)


def csv_text(document: dict[str, Any]) -> str:
    """Write a line for each record; what is nested gets names like ``encode_mb_s_median``, ``encode_seconds_0``."""
    rows = [_flat(record) for record in document["records"]]
    there = list(dict.fromkeys(name for row in rows for name in row))
    names = [*(name for name in _FIRST if name in there), *(name for name in there if name not in _FIRST)]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _flat(record: dict[str, Any], before: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, list):
            value = dict(enumerate(value))
        if isinstance(value, dict):
            row |= _flat(value, f"{before}{name}_")
        else:
            row[f"{before}{name}"] = value
    return row
