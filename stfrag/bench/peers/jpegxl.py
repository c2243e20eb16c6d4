"""JPEG XL by libjxl: modular for lossless coding; rates are Butteraugli distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .imagecodecs_peer import ImagecodecsPicture

__all__ = ["JpegXl"]

#: Efforts, and about how many MB/s they encode, lossless and lossy.
_LOSSLESS = {1: 60, 3: 19, 7: 2.8}
_LOSSY = {3: 17, 7: 2.5}


class JpegXl(ImagecodecsPicture):
    name = "jpeg-xl"
    title = "JPEG XL by libjxl (imagecodecs)"
    codec, library = "jpegxl", "libjxl"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        speeds = _LOSSLESS if lossless else _LOSSY
        return [Setting(f"e{effort}", {"effort": effort}, speed=speed) for effort, speed in speeds.items()]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.geomspace(0.5, 8, count).round(3)))

    def encode_picture(self, picture: np.ndarray[Any, Any], job: Job) -> bytes:
        rate = {"lossless": True} if job.point is None else {"distance": job.point}
        # Threads share out the pictures, see PicturePeer: each is coded on one.
        return bytes(
            self.function("encode")(
                picture, effort=job.options["effort"], bitspersample=job.samples.bits, numthreads=1, **rate
            )
        )

    def decode_picture(self, coded: bytes, job: Job) -> np.ndarray[Any, Any]:
        return self.function("decode")(coded, numthreads=1)  # type: ignore[no-any-return]
