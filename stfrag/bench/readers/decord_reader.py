"""Decord: a batch of frames, then the crop."""

from __future__ import annotations

import numpy as np

from ...tiling import Box
from .base import Array
from .video import VideoReader

__all__ = ["Decord"]


class Decord(VideoReader):
    name = "decord"
    title = "Decord (libav 4), get_batch"
    modules = ("decord",)

    def open(self, path: str, threads: int = 1) -> None:
        import decord

        self._reader = decord.VideoReader(path, ctx=decord.cpu(0), num_threads=threads)
        self.opened(path)

    def read(self, box: Box) -> Array:
        frames = self._reader.get_batch(range(box.t0, box.t1)).asnumpy()
        return np.ascontiguousarray(frames[(slice(None), *box.slices[1:])])

    def frame(self, t: int) -> Array:
        return self._reader[t].asnumpy()  # type: ignore[no-any-return]

    def close(self) -> None:
        del self._reader
