"""zfp, made for fields of floating-point numbers, in three dimensions.

It has no integers of 8 or 16 bits: they are made 32-bit ones (without loss) or float32 (with loss) beforehand, and
rounded afterwards, which is not timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job, Planes
from .base import Setting
from .imagecodecs_peer import Imagecodecs
from .raw import RawPeer

__all__ = ["Zfp"]


class Zfp(Imagecodecs, RawPeer):
    name = "zfp"
    title = "zfp, reversible or by tolerance (imagecodecs)"
    codec, library = "zfp", "zfp"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [Setting(speed=50)]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        # Tolerances, in steps of 8-bit samples. What lies between powers of two acts as the lower one.
        return [2.0**k for k in range(9 - count, 9)]

    def prepare_box(self, planes: Planes, job: Job) -> list[np.ndarray[Any, Any]]:
        dtype = np.int32 if job.lossless else np.float32
        return [plane.astype(dtype) for plane in super().prepare_box(planes, job)]

    def encode_plane(self, plane: np.ndarray[Any, Any], job: Job) -> bytes:
        how: dict[str, Any] = {"mode": "reversible"}
        if job.point is not None:
            how = {"mode": "accuracy", "level": job.point * 2.0 ** (job.samples.bits - 8)}
        return bytes(self.function("encode")(plane, header=False, execution="serial", numthreads=1, **how))

    def decode_plane(self, coded: bytes, shape: tuple[int, int, int], job: Job) -> np.ndarray[Any, Any]:
        dtype = np.int32 if job.lossless else np.float32
        return self.function("decode")(coded, shape=shape, dtype=dtype, numthreads=1)  # type: ignore[no-any-return]

    def box_planes(self, decoded: list[np.ndarray[Any, Any]], job: Job) -> Planes:
        dtype = np.dtype(job.samples.dtype)
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        if not job.samples.signed:
            high = (1 << job.samples.bits) - 1
        return tuple(np.clip(np.rint(plane), low, high).astype(dtype) for plane in decoded)
