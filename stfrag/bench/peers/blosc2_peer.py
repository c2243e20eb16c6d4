"""Blosc2: a general-purpose compressor behind a shuffle of bytes or bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..job import Job, Planes
from .base import Setting
from .raw import RawPeer

__all__ = ["Blosc2"]


class Blosc2(RawPeer):
    name = "blosc2"
    title = "Blosc2 of raw samples"
    modules = ("blosc2",)

    def versions(self) -> dict[str, str]:
        found = super().versions()
        import blosc2

        return found | {"c-blosc2": str(blosc2.blosclib_version).split()[0]}

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [
            Setting("zstd5-bit", {"codec": "ZSTD", "clevel": 5, "filter": "BITSHUFFLE"}, speed=80),
            Setting("zstd9-bit", {"codec": "ZSTD", "clevel": 9, "filter": "BITSHUFFLE"}, False, 5),
            Setting("lz4-byte", {"codec": "LZ4", "clevel": 5, "filter": "SHUFFLE"}, False, 500),
        ]

    def prepare_box(self, planes: Planes, job: Job) -> list[np.ndarray[Any, Any]]:
        import blosc2

        blosc2.set_releasegil(True)  # or threads that code boxes would wait for each other
        return super().prepare_box(planes, job)

    def encode_plane(self, plane: np.ndarray[Any, Any], job: Job) -> bytes:
        import blosc2

        options = job.options
        parameters = blosc2.CParams(
            codec=blosc2.Codec[options["codec"]],
            clevel=options["clevel"],
            filters=[blosc2.Filter[options["filter"]]],
            filters_meta=[0],
            typesize=plane.itemsize,
            nthreads=job.threads,
        )
        return bytes(blosc2.compress2(plane, cparams=parameters))

    def decode_plane(self, coded: bytes, shape: tuple[int, int, int], job: Job) -> np.ndarray[Any, Any]:
        import blosc2

        found = np.empty(shape, job.samples.dtype)
        blosc2.decompress2(coded, dst=found, dparams=blosc2.DParams(nthreads=job.threads))
        return found
