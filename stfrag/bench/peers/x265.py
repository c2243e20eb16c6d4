"""HEVC by x265: tune psnr, closed GOPs as long as a fragment, no scene cuts, as the anchor.

Its frame encoder is a thread of its own even where all else is on one; the caller waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..job import Job
from .base import Setting
from .libav import LibavPeer, joined, lone, rates

__all__ = ["X265"]

_SPEEDS = {"ultrafast": 45, "medium": 16, "slow": 8}
_LOSSLESS = {"medium": 3}
#: The options that keep x265 on one thread.
_ALONE = {"pools": "none", "frame-threads": 1, "wpp": 0, "pmode": 0, "pme": 0, "lookahead-slices": 0}


class X265(LibavPeer):
    name = "x265"
    title = "HEVC by x265 (libav); decoded by libav"
    encoder, decoder, syntax = "libx265", "hevc", "hevc"
    banner = rb"x265 \(build \d+\) - ([^:]+)"
    quiet = {"x265-params": "log-level=none"}  # noqa: RUF012

    def settings(self, lossless: bool) -> Sequence[Setting]:
        speeds = _LOSSLESS if lossless else _SPEEDS
        return [Setting(name, {"preset": name}, name == "medium", speed) for name, speed in speeds.items()]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return rates("hevc", count)

    def options(self, job: Job) -> dict[str, str]:
        frames = lone(job)
        params: dict[str, object] = {
            "keyint": frames,
            "min-keyint": frames,
            "scenecut": 0,
            "open-gop": 0,
            "info": 0,
            "repeat-headers": 1,
            "log-level": "none",
        }
        params |= _ALONE if job.threads == 1 else {"pools": job.threads}
        if min(job.samples.y, job.samples.x) <= 64:
            # Pictures of one column or row of coding tree units come out different from run to run, and not lossless.
            params["ctu"] = 32
        rate = {"tune": "psnr", "crf": f"{job.point:g}"} if job.point is not None else {}
        if job.lossless:
            params["lossless"] = 1
        return {"preset": job.options["preset"], **rate, "x265-params": joined(params)}
