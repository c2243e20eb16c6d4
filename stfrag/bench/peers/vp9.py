"""VP9 by libvpx: deadline good, closed GOPs as long as a fragment."""

from __future__ import annotations

from collections.abc import Sequence

from ..job import Job
from .base import Setting
from .libav import LibavPeer, gop, rates

__all__ = ["Vp9"]

_SPEEDS = {4: 18, 2: 10}
_LOSSLESS = {4: 6}


class Vp9(LibavPeer):
    name = "vp9"
    title = "VP9 by libvpx (libav); decoded by libav"
    encoder, decoder, syntax = "libvpx-vp9", "vp9", "vp9"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        speeds = _LOSSLESS if lossless else _SPEEDS
        return [
            Setting(f"good-{number}", {"cpu-used": str(number)}, number == 4, speed)
            for number, speed in speeds.items()
        ]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(dict.fromkeys(float(round(crf)) for crf in rates("vp9", count)))  # it knows whole ones only

    def options(self, job: Job) -> dict[str, str]:
        # A tile is at least 256 columns wide; libvpx makes no more than fit.
        tiles = (job.threads - 1).bit_length()
        rate = {"lossless": "1"} if job.point is None else {"crf": f"{round(job.point)}"}
        return {
            "deadline": "good",
            **job.options,
            "g": str(gop(job)),
            "keyint_min": str(gop(job)),
            "lag-in-frames": "25",
            "auto-alt-ref": "1",
            "row-mt": str(int(job.threads > 1)),
            "tile-columns": str(tiles),
            **rate,
        }
