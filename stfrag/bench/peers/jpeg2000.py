"""JPEG 2000 by OpenJPEG, as bare codestreams; rates are the PSNR of a picture in dB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .imagecodecs_peer import ImagecodecsPicture

__all__ = ["Jpeg2000"]


class Jpeg2000(ImagecodecsPicture):
    name = "jpeg2000"
    title = "JPEG 2000 by OpenJPEG (imagecodecs)"
    codec, library = "jpeg2k", "openjpeg"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [Setting(speed=15)]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.linspace(45, 32, count).round(2)))

    def encode_picture(self, picture: np.ndarray[Any, Any], job: Job) -> bytes:
        lossless = job.point is None
        return bytes(
            self.function("encode")(
                picture,
                level=job.point or 0,
                reversible=lossless,
                codecformat="j2k",
                bitspersample=job.samples.bits,
                numthreads=1,
            )
        )

    def decode_picture(self, coded: bytes, job: Job) -> np.ndarray[Any, Any]:
        return self.function("decode")(coded, numthreads=1)  # type: ignore[no-any-return]
