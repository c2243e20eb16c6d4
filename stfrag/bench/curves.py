"""Curves of rate against distortion, summed up as BD-rates: bits more or less than an anchor for the same quality."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from .. import metrics
from .job import FRAGMENTS, WHOLE
from .quality import MEASURES, decibels
from .records import geometric_mean

__all__ = ["ANCHOR", "bd_rate_of", "summary"]

#: The label that BD-rates compare with: on whole frames, and in the same fragments.
ANCHOR = "x264 medium"

_METHODS: tuple[Literal["akima"], Literal["pchip"]] = ("akima", "pchip")

Curve = list[tuple[float, float]]


def summary(records: list[dict[str, Any]]) -> dict[str, Any]:
    """BD-rates of every curve against the anchor's two, by clip and their means, in percent."""
    curves: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for record in records:
        if record["status"] == "ok":
            curves.setdefault((record["clip"], record["label"], record["cut"]), []).append(record)
    rows = []
    for (clip, label, cut), points in curves.items():
        for anchor_cut in (WHOLE, FRAGMENTS):
            anchor = curves.get((clip, ANCHOR, anchor_cut))
            if anchor is None or (anchor_cut == FRAGMENTS and cut == WHOLE):
                continue
            for measure in MEASURES:
                a, b = _curve(anchor, measure), _curve(points, measure)
                if a and b:
                    rows.append({
                        "clip": clip, "label": label, "peer": points[0]["peer"], "setting": points[0]["setting"],
                        "cut": cut, "anchor": ANCHOR, "anchor_cut": anchor_cut, "measure": measure, **_bd_rates(a, b),
                    })  # fmt: skip
    return {"anchor": ANCHOR, "bd_rates": rows + _means(rows), "speeds": _speeds(curves)}


def bd_rate_of(anchor: Sequence[dict[str, Any]], records: Sequence[dict[str, Any]]) -> float | None:
    """How many percent more bits some records take than others for the same PSNR of luma, or of all planes.

    Parameters
    ----------
    anchor, records : sequence of dict
        The points of one curve each, on one clip.

    Returns
    -------
    float or None
        None if the curves are too short or have no qualities in common.

    Examples
    --------
    >>> curve = [{"bits_per_pixel": 0.1 * 2**n, "quality": {"psnr_y": 30 + 4 * n}} for n in range(4)]
    >>> round(bd_rate_of(curve, [{**point, "bits_per_pixel": 1.1 * point["bits_per_pixel"]} for point in curve]), 1)
    10.0
    """
    measure = "psnr_y" if records[0]["quality"].get("psnr_y") is not None else "psnr"
    found: float | None = _bd_rates(_curve(anchor, measure), _curve(records, measure))["akima"]
    return found


def _curve(points: Iterable[dict[str, Any]], measure: str) -> Curve:
    """The points of a curve as (bits per pixel, quality), similarities in decibels; none without loss."""
    found = []
    for point in points:
        value = point["quality"].get(measure)
        if value is not None and MEASURES[measure][1]:
            value = decibels(value)
        if value is not None and math.isfinite(value):
            found.append((point["bits_per_pixel"], value))
    return sorted(found)


def _bd_rates(anchor: Curve, curve: Curve) -> dict[str, Any]:
    """The BD-rates of a curve by both interpolations, and a warning if they are doubtful."""
    if min(len(anchor), len(curve)) < 4:
        return {"akima": None, "pchip": None, "warning": f"{min(len(anchor), len(curve))} points: four are needed"}
    (rate_a, quality_a), (rate_b, quality_b) = np.transpose(anchor), np.transpose(curve)
    found: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for method in _METHODS:
            try:
                value = metrics.bd_rate(rate_a, quality_a, rate_b, quality_b, method)
            except ValueError as error:
                return {"akima": None, "pchip": None, "warning": str(error)}
            found[method] = value if math.isfinite(value) else None
    found["warning"] = "; ".join(dict.fromkeys(str(w.message) for w in caught))
    return found


def _means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The means of BD-rates over clips, as rows of the clip None that say over how many."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("label", "peer", "setting", "cut", "anchor", "anchor_cut", "measure"))
        groups.setdefault(key, []).append(row)
    found = []
    for members in groups.values():
        mean: dict[str, Any] = {**members[0], "clip": None}
        for method in _METHODS:
            values = [m[method] for m in members if m[method] is not None]
            mean[method] = sum(values) / len(values) if values else None
            mean["clips"] = len(values)
        thin = [m["clip"] for m in members if m["warning"]]
        mean["warning"] = f"see {', '.join(thin)}" if thin else ""
        found.append(mean)
    return found


def _speeds(curves: dict[tuple[str, str, str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The speeds of every label and cut: geometric means of the medians, over points and clips.

    The clips are those that the anchor did, as for BD-rates; all of them if there is no anchor.
    """
    anchored = {clip for clip, label, _ in curves if label == ANCHOR}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for (clip, label, cut), points in curves.items():
        if not anchored or clip in anchored:
            groups.setdefault((label, cut), []).extend(points)
    return [{
        "label": label, "peer": points[0]["peer"], "setting": points[0]["setting"], "cut": cut,
        "clips": len({point["clip"] for point in points}),
        **{f"{what}_{unit}": geometric_mean([point[f"{what}_{unit}"]["median"] for point in points])
           for what in ("encode", "decode") for unit in ("fps", "mb_s")},
    } for (label, cut), points in groups.items()]  # fmt: skip
