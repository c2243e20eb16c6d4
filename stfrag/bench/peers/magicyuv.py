"""MagicYUV, a fast lossless codec of editors."""

from __future__ import annotations

from collections.abc import Sequence

from ..job import Job
from .base import Setting
from .libav import LibavPeer

__all__ = ["MagicYuv"]


class MagicYuv(LibavPeer):
    name = "magicyuv"
    title = "MagicYUV (libav)"
    encoder = decoder = "magicyuv"
    sizes = (2, 2)

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [Setting(name, {"pred": name}, speed=speed) for name, speed in (("left", 300), ("median", 300))]

    def options(self, job: Job) -> dict[str, str]:
        return dict(job.options)
