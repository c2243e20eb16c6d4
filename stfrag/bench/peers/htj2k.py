"""High-throughput JPEG 2000 by OpenJPH.

Without loss alone: what imagecodecs decodes of lossy codestreams wraps around at black and white (0 for 255), and it
has no way to say how many bits 16-bit words hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .imagecodecs_peer import ImagecodecsPicture

__all__ = ["Htj2k"]


class Htj2k(ImagecodecsPicture):
    name = "htj2k"
    title = "High-throughput JPEG 2000 by OpenJPH (imagecodecs)"
    codec, library = "htj2k", "openjph"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [Setting(speed=80)] if lossless else []

    def encode_picture(self, picture: np.ndarray[Any, Any], job: Job) -> bytes:
        return bytes(self.function("encode")(picture, reversible=True))

    def decode_picture(self, coded: bytes, job: Job) -> np.ndarray[Any, Any]:
        return self.function("decode")(coded)  # type: ignore[no-any-return]
