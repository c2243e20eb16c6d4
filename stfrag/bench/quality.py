"""The quality of decoded samples by several measures, none of which is to be trusted alone."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

from .. import metrics
from .job import Planes, Samples
from .vmaf import takes, vmaf

__all__ = ["MEASURES", "decibels", "quality"]

#: The measures: their names in tables, and whether they are similarities (0 to 1).
MEASURES = {
    "psnr_y": ("PSNR-Y", False), "psnr_u": ("PSNR-U", False), "psnr_v": ("PSNR-V", False),
    "psnr_611": ("PSNR 6:1:1", False), "psnr": ("PSNR", False), "ssim": ("SSIM", True), "ms_ssim": ("MS-SSIM", True),
    "vmaf": ("VMAF", False),
}  # fmt: skip

#: The least rows and columns of a plane for SSIM, and for MS-SSIM of five scales.
_SSIM, _MS_SSIM = 11, 176


def quality(source: Planes, decoded: Planes, samples: Samples, ffmpeg: str | None = None) -> dict[str, Any]:
    """Measure the quality of decoded samples; VMAF too if there is an ffmpeg that has it.

    Returns
    -------
    dict
        ``psnr`` is of the errors of all planes pooled; ``ssim`` and ``ms_ssim`` are those of luma, of RGB the mean
        of the three. PSNRs are None where nothing differs.
    """
    options: dict[str, Any] = {"bits": samples.bits} if not samples.signed else {}
    found: dict[str, Any] = {"psnr": metrics.psnr(source, decoded, **options)}
    if samples.model == "rgb":
        luma = slice(0, 3)
    else:
        luma = slice(0, 1)
        found["psnr_y"] = metrics.psnr(source[:1], decoded[:1], **options)
    if samples.model == "yuv":
        per_plane = metrics.psnr(source[:3], decoded[:3], per="plane", **options)
        found |= {
            "psnr_u": float(per_plane[1]),
            "psnr_v": float(per_plane[2]),
            "psnr_611": float(np.average(per_plane, weights=(6, 1, 1))),
        }
    if not samples.signed:
        least = min(min(plane.shape[1:]) for plane in source[luma])
        if least >= _SSIM:
            found["ssim"] = metrics.ssim(source[luma], decoded[luma], **options)
        if least >= _MS_SSIM:
            found["ms_ssim"] = metrics.ms_ssim(source[luma], decoded[luma], **options)
    if ffmpeg and takes(samples):
        with suppress(RuntimeError, OSError):  # the other measures are there
            found["vmaf"] = vmaf(source, decoded, samples, ffmpeg)
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


def decibels(similarity: float) -> float:
    """A similarity in decibels, -10 log10(1 - s): a scale on which curves are smooth enough for BD-rates.

    Examples
    --------
    >>> round(decibels(0.99), 6)
    20.0
    """
    return math.inf if similarity >= 1 else -10 * math.log10(1 - similarity)
