"""JPEG-LS by CharLS, lossless and near-lossless; it finds out itself how many bits the samples of a picture have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .imagecodecs_peer import ImagecodecsPicture

__all__ = ["JpegLs"]


class JpegLs(ImagecodecsPicture):
    name = "jpeg-ls"
    bounded = True
    title = "JPEG-LS by CharLS (imagecodecs)"
    codec, library = "jpegls", "charls"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [Setting(speed=60)] if lossless else []

    def encode_picture(self, picture: np.ndarray[Any, Any], job: Job) -> bytes:
        return bytes(self.function("encode")(picture, level=job.max_error))

    def decode_picture(self, coded: bytes, job: Job) -> np.ndarray[Any, Any]:
        return self.function("decode")(coded)  # type: ignore[no-any-return]
