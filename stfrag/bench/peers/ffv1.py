"""FFV1 (RFC 9043), the archives' lossless codec: version 3, unless the setting says version 1.

Version 1 has no slices; it is smaller on some material and larger on other.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..job import Job, NotApplicable
from .base import Setting
from .libav import LibavPeer, gop

__all__ = ["Ffv1"]


class Ffv1(LibavPeer):
    name = "ffv1"
    title = "FFV1 version 3 (libav)"
    encoder = decoder = "ffv1"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [
            Setting("rice-c0", {"coder": "0", "context": "0"}, speed=80),
            Setting("range-c0", {"coder": "1", "context": "0"}, False, 55),
            Setting("range-c1", {"coder": "1", "context": "1"}, speed=45),
            Setting("range-c1-v1", {"level": "1", "coder": "1", "context": "1"}, speed=45),
        ]

    def check(self, job: Job) -> None:
        super().check(job)
        if job.options["coder"] == "0" and self.formats(job)[0].bits > 8:
            raise NotApplicable("FFV1's Golomb-Rice coder is for 8 bits")

    def options(self, job: Job) -> dict[str, str]:
        if job.options.get("level") == "1":  # knows no slices, nor threads
            return {**job.options, "g": str(gop(job))}
        # No more slices than threads ask for: each costs bytes. Version 3 takes none, or at least 2×2 of them; but
        # one of pictures that are cut through a sample of chroma.
        sub_y, sub_x = job.samples.subs(1)
        whole = job.samples.y % (1 << sub_y) == job.samples.x % (1 << sub_x) == 0
        slices = max(4, job.threads) if whole and min(job.samples.y, job.samples.x) > 1 else 1
        return {"level": "3", **job.options, "slices": str(slices), "slicecrc": "0", "g": str(gop(job))}
