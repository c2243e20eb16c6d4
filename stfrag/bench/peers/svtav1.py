"""AV1 by SVT-AV1, decoded by dav1d: tune psnr, closed GOPs as long as a fragment, no scene cuts.

It has a thread for every stage even if it is told to use one; they take turns then, and keep 1.1 processors busy.
There is no lossless setting: its lossless mode is not exact at every preset.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..job import Job, Planes
from .base import Setting
from .libav import LibavPeer, gop, joined, rates

__all__ = ["SvtAv1"]

_SPEEDS = {10: 50, 8: 32, 5: 15}


class SvtAv1(LibavPeer):
    name = "svt-av1"
    title = "AV1 by SVT-AV1 (libav); decoded by dav1d"
    encoder, decoder, syntax = "libsvtav1", "libdav1d", "av1"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if lossless:
            return []
        return [Setting(f"p{preset}", {"preset": preset}, speed=speed) for preset, speed in _SPEEDS.items()]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return rates("av1", count)

    def prepare_box(self, planes: Planes, job: Job) -> list[object]:
        os.environ.setdefault("SVT_LOG", "1")  # errors alone; it tells stderr of every stream otherwise
        return super().prepare_box(planes, job)

    def options(self, job: Job) -> dict[str, str]:
        assert job.point is not None
        # In quarters: libav's own option knows whole ones only. Below 2 SVT-AV1 falls apart.
        crf = max(2, round(job.point * 4) / 4)
        params = {"crf": f"{crf:g}", "lp": job.threads, "scd": 0, "tune": 1, "irefresh-type": 2}
        if gop(job) == job.samples.frames:
            params["keyint"] = -1
        return {"preset": str(job.options["preset"]), "svtav1-params": joined(params), "g": str(gop(job))}
