"""Records of what was measured: plain values, with medians over repetitions and how far they spread."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np

from .job import Samples
from .material import Clip, Input

__all__ = ["clip_record", "coding_record", "geometric_mean", "spread"]


def spread(values: Sequence[float]) -> dict[str, float]:
    """The median and the extremes of some values."""
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def geometric_mean(values: Sequence[float]) -> float | None:
    """The geometric mean of some values; None if there are none."""
    return statistics.geometric_mean(values) if values else None


def clip_record(clip: Clip, source: Input) -> dict[str, Any]:
    """The description of a clip."""
    s = clip.samples
    return {
        "name": clip.name, "source": source.source, "text": s.text(), "frames": s.frames,
        "frames_there": clip.frames_there, "y": s.y, "x": s.x, "components": s.components,
        "subsampling": s.subsampling, "bits": s.bits, "dtype": s.dtype, "rgb": s.rgb,
        "fps": [s.fps.numerator, s.fps.denominator], "raw_bytes": s.raw_bytes, "samples": s.count,
        "digest": _digest(clip),
    }  # fmt: skip


def _digest(clip: Clip) -> str:
    """A digest of the samples, which tells whether two results are of the same clip."""
    digest = hashlib.blake2b(digest_size=8)
    for plane in clip.planes:
        for picture in plane:
            digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


def coding_record(
    samples: Samples, bound: int | None, results: Sequence[dict[str, Any]], timed: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The record of a clip that was coded several times.

    Parameters
    ----------
    samples : Samples
        Of the clip.
    bound : int or None
        How far off samples may be; None: at will.
    results : sequence of dict
        Of all repetitions, see `stfrag.bench.measure.measure`.
    timed : sequence of dict
        Those of them whose times count.
    """
    first = results[0]
    exact = all(result["exact"] for result in results)
    worst = max(result["max_error"] for result in results)
    total, pixels = first["bytes"], samples.frames * samples.y * samples.x
    good = bound is None or worst <= bound
    record: dict[str, Any] = {
        "status": "ok" if good else "not lossless", "message": "" if good else f"samples differ by up to {worst}",
        "repeats": len(timed), "raw_bytes": samples.raw_bytes, "bytes": total,
        "overhead_bytes": first["overhead_bytes"], "ratio": samples.raw_bytes / total,
        "bits_per_sample": 8 * total / samples.count, "bits_per_pixel": 8 * total / pixels,
        "kbit_s": 8 * total * float(samples.fps) / samples.frames / 1000,
        "exact": exact, "max_error": worst,
        "deterministic": len({result["digest"] for result in results}) == 1,
    }  # fmt: skip
    for what in ("encode", "decode"):
        seconds = [max(result[f"{what}_seconds"], 1e-9) for result in timed]
        record[f"{what}_seconds"] = seconds
        record[f"{what}_mb_s"] = spread([samples.raw_bytes / 1e6 / s for s in seconds])
        record[f"{what}_fps"] = spread([samples.frames / s for s in seconds])
        record[f"{what}_threads"] = first[f"{what}_threads"]
        cpu = sum(result[f"{what}_cpu_seconds"] for result in timed)
        record[f"{what}_busy"] = cpu / sum(seconds)
    if "quality" in first:
        record["quality"] = first["quality"]
    return record
