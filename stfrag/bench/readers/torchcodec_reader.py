"""TorchCodec: a range of frames, as rows×columns×channels, which is how it decodes them; then the crop."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from ...tiling import Box
from .base import Array
from .video import VideoReader

__all__ = ["Approximate", "TorchCodec"]


class TorchCodec(VideoReader):
    name = "torchcodec"
    title = "TorchCodec (libav), seek_mode='exact'"
    #: Its wheels of 0.14 and later on PyPI are for CUDA, and do not load beside a torch without CUDA.
    install = (
        "pip install torch torchcodec, both for CUDA or both for CPU (from PyPI beside a CPU torch: "
        "torchcodec==0.13.0), and FFmpeg's shared libraries"
    )
    modules = ("torch", "torchcodec")
    #: Exact: it reads the whole file when it opens it, so that it finds frames by number.
    seek_mode: ClassVar[Literal["exact", "approximate"]] = "exact"

    def open(self, path: str, threads: int = 1) -> None:
        from torchcodec.decoders import VideoDecoder

        self._decoder = VideoDecoder(
            path, dimension_order="NHWC", num_ffmpeg_threads=threads, seek_mode=self.seek_mode
        )
        self.opened(path)

    def read(self, box: Box) -> Array:
        frames = self._decoder.get_frames_in_range(box.t0, box.t1).data.numpy()
        return np.ascontiguousarray(frames[(slice(None), *box.slices[1:])])

    def frame(self, t: int) -> Array:
        return np.ascontiguousarray(self._decoder.get_frame_at(t).data.numpy())

    def close(self) -> None:
        del self._decoder


class Approximate(TorchCodec):
    name = "torchcodec-approximate"
    title = "TorchCodec (libav), seek_mode='approximate': frames by their times"
    seek_mode = "approximate"
    default = False
