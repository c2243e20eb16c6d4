"""Ut Video, a fast lossless codec of editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..job import Job
from .base import Setting
from .libav import LibavPeer

__all__ = ["UtVideo"]

#: The tag that a container has for each pixel format, which packets do not say.
_TAGS = {"gbrp": "ULRG", "gbrap": "ULRA", "yuv420p": "ULY0", "yuv422p": "ULY2", "yuv444p": "ULY4"}


class UtVideo(LibavPeer):
    name = "utvideo"
    title = "Ut Video (libav)"
    encoder = decoder = "utvideo"
    sizes = (2, 2)

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [Setting(name, {"pred": name}, speed=speed) for name, speed in (("left", 400), ("median", 400))]

    def options(self, job: Job) -> dict[str, str]:
        return dict(job.options)

    def configure_decoder(self, context: Any, job: Job) -> None:
        context.codec_tag = _TAGS[self.formats(job)[0].planar]
