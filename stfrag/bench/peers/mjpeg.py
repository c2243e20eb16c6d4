"""Motion JPEG, as cameras and ffmpeg write it; rates are quantizer scales from 1 (good) to 31."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .libav import LibavPeer

__all__ = ["Mjpeg"]


class Mjpeg(LibavPeer):
    name = "mjpeg"
    title = "Motion JPEG (libav)"
    encoder = decoder = "mjpeg"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [] if lossless else [Setting("", {"huffman": "optimal"}, speed=300)]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.unique(np.geomspace(2, 24, count).round())))

    def options(self, job: Job) -> dict[str, str]:
        assert job.point is not None
        # One scale for all pictures; ffmpeg's -q:v is set for each frame, which PyAV cannot do.
        scale = f"{round(job.point)}"
        return {**job.options, "qmin": scale, "qmax": scale}

    def configure_encoder(self, context: Any, job: Job) -> None:
        context.color_range = 2  # JPEG has no other; samples stay as they are
