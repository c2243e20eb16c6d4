"""The summary of the lossless benchmark: sizes and speeds over all clips."""

from __future__ import annotations

from typing import Any

from .records import geometric_mean

__all__ = ["REFERENCE", "summary"]

#: The label that sizes are compared with.
REFERENCE = "ffv1 range-c1"


def summary(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up each peer at each setting and cut over all clips.

    Means are geometric, since clips differ by factors. ``ratio`` and speeds are over the clips that a
    row has, what is against the reference over those that both it and the reference have: it compares a row with the
    reference. Rows compare with each other where they took the same clips.
    """
    clips = {record["clip"] for record in records}
    reference = {(r["clip"], r["cut"]): r for r in records if r["label"] == REFERENCE and r["status"] == "ok"}
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in records:
        rows.setdefault((record["label"], record["cut"]), []).append(record)
    overall = []
    for (label, cut), group in rows.items():
        good = [r for r in group if r["status"] == "ok"]
        both = [(r, reference[r["clip"], cut]) for r in good if (r["clip"], cut) in reference]
        sizes = [r["bytes"] / other["bytes"] for r, other in both]
        overall.append({
            "label": label, "peer": group[0]["peer"], "setting": group[0]["setting"], "cut": cut,
            "clips": len(good), "of": len(clips), "ratio": geometric_mean([r["ratio"] for r in good]),
            "encode_mb_s": geometric_mean([r["encode_mb_s"]["median"] for r in good]),
            "decode_mb_s": geometric_mean([r["decode_mb_s"]["median"] for r in good]),
            "common_clips": len(both), "size_vs_reference": geometric_mean(sizes),
            "largest_vs_reference": max(sizes, default=None),
            **{f"{what}_vs_reference": geometric_mean(
                [r[f"{what}_mb_s"]["median"] / other[f"{what}_mb_s"]["median"] for r, other in both])
               for what in ("encode", "decode")},
        })  # fmt: skip
    return {"reference": REFERENCE, "overall": overall, "best": _best(records)}


def _best(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The smallest label on every clip and cut."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        if record["status"] == "ok":
            key = record["clip"], record["cut"]
            if key not in found or record["bytes"] < found[key]["bytes"]:
                found[key] = record
    return [{"clip": clip, "cut": cut, "label": r["label"], "bytes": r["bytes"]} for (clip, cut), r in found.items()]
