"""PNG by libpng and zlib, with its filters chosen row by row; levels of zlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .imagecodecs_peer import ImagecodecsPicture

__all__ = ["Png"]

_SPEEDS = {1: 40, 6: 9}


class Png(ImagecodecsPicture):
    name = "png"
    title = "PNG by libpng (imagecodecs)"
    codec, library = "png", "libpng"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [Setting(f"z{level}", {"level": level}, level == 6, speed) for level, speed in _SPEEDS.items()]

    def encode_picture(self, picture: np.ndarray[Any, Any], job: Job) -> bytes:
        return bytes(self.function("encode")(picture, level=job.options["level"]))

    def decode_picture(self, coded: bytes, job: Job) -> np.ndarray[Any, Any]:
        return self.function("decode")(coded)  # type: ignore[no-any-return]
