"""H.264 by x264, the anchor of lossy coding: tune psnr, closed GOPs as long as a fragment, no scene cuts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..job import Job
from .base import Setting
from .libav import LibavPeer, joined, lone

__all__ = ["X264"]

_SPEEDS = {"ultrafast": 250, "veryfast": 90, "medium": 35, "veryslow": 8}


class X264(LibavPeer):
    name = "x264"
    title = "H.264 by x264 (libav); decoded by libav"
    encoder, decoder, syntax = "libx264", "h264", "h264"
    banner = rb"x264 - (core \d+[^-]*)"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        default = ("ultrafast", "veryslow") if lossless else tuple(_SPEEDS)
        return [Setting(name, {"preset": name}, name in default, speed) for name, speed in _SPEEDS.items()]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.linspace(20, 35, count)))

    def options(self, job: Job) -> dict[str, str]:
        frames = lone(job)
        params = {"keyint": frames, "min-keyint": frames, "scenecut": 0, "open-gop": 0, "threads": job.threads}
        if job.threads == 1:
            params["lookahead-threads"] = 1
        rate = {"qp": "0"} if job.point is None else {"tune": "psnr", "crf": f"{job.point:g}"}
        return {"preset": job.options["preset"], **rate, "x264-params": joined(params)}
