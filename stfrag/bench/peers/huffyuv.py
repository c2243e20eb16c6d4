"""Huffyuv, the oldest of the fast lossless codecs, and ffmpeg's variant of it, which takes more kinds of samples."""

from __future__ import annotations

from collections.abc import Sequence

from ..job import Job
from .base import Setting
from .libav import LibavPeer

__all__ = ["Ffvhuff", "Huffyuv"]


class Huffyuv(LibavPeer):
    name = "huffyuv"
    title = "Huffyuv (libav)"
    encoder = decoder = "huffyuv"
    sizes = (2, 2)

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [Setting("left", {"pred": "left"}, speed=250)] if lossless else []

    def options(self, job: Job) -> dict[str, str]:
        return dict(job.options)


class Ffvhuff(Huffyuv):
    name = "ffvhuff"
    title = "FFVHuff, ffmpeg's variant of Huffyuv (libav)"
    encoder = decoder = "ffvhuff"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        # With tables of each picture's own, which are much denser than those it has by default.
        return [
            Setting(name, {"pred": name, "context": "1"}, speed=speed)
            for name, speed in (("left", 350), ("median", 350))
        ] + [Setting("left-fixed", {"pred": "left"}, False, 400)]
