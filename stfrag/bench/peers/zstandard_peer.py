"""Zstandard of the samples as they lie in memory: what a general-purpose compressor makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job
from .base import Setting
from .raw import RawPeer

__all__ = ["Zstandard"]

_SPEEDS = {3: 150, 19: 2.5}


class Zstandard(RawPeer):
    name = "zstd"
    title = "Zstandard of raw samples"
    modules = ("zstandard",)

    def versions(self) -> dict[str, str]:
        found = super().versions()
        import zstandard

        return found | {"zstd": ".".join(map(str, zstandard.ZSTD_VERSION))}

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [Setting(f"{level}", {"level": level}, level == 3, speed) for level, speed in _SPEEDS.items()]

    def encode_plane(self, plane: np.ndarray[Any, Any], job: Job) -> bytes:
        import zstandard

        threads = job.threads if job.threads > 1 else 0  # 1 would be one beside the caller's
        compressor = zstandard.ZstdCompressor(level=job.options["level"], threads=threads)
        return bytes(compressor.compress(plane.data))

    def decode_plane(self, coded: bytes, shape: tuple[int, int, int], job: Job) -> np.ndarray[Any, Any]:
        import zstandard

        return np.frombuffer(zstandard.ZstdDecompressor().decompress(coded), job.samples.dtype).reshape(shape)
