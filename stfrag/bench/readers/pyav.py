"""PyAV: seek to the key frame, decode on from it, and convert the crop alone."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...tiling import Box
from .base import Array
from .video import VideoReader, frame_samples

__all__ = ["PyAV"]


class PyAV(VideoReader):
    name = "pyav"
    title = "PyAV (libav): seek, decode, crop the planes, convert"
    install = "pip install av"
    modules = ("av",)
    how = "counted"

    def open(self, path: str, threads: int = 1) -> None:
        import av
        from av.video.reformatter import VideoReformatter

        self._threads = threads
        # One for each size: they keep what libav prepares for it.
        self._of_crops, self._of_frames = VideoReformatter(), VideoReformatter()
        self._container = av.open(path)
        self._stream = stream = self._container.streams.video[0]
        stream.codec_context.thread_count = threads
        if threads > 1:
            stream.thread_type = "AUTO"
        if stream.time_base is None or stream.average_rate is None:
            raise ValueError(f"{path}: a video without frame times")
        self._scale = stream.time_base * stream.average_rate
        self._first = stream.start_time or 0
        # Groups are closed: a key frame is shown at the place that it has in the file.
        self._keys = [number for number, entry in enumerate(stream.index_entries) if entry.is_keyframe] or [0]
        self.size = stream.frames, stream.height, stream.width
        self.opened(path)
        self._pictures = self._decode()
        self._next: float = 0  # number of the next picture; infinite behind the last one
        self._packets = 0

    def _decode(self) -> Iterator[Any]:
        for packet in self._container.demux(self._stream):
            self._packets += packet.dts is not None  # the last one only flushes
            yield from packet.decode()

    def _number(self, picture: Any) -> int:
        number: int = round((picture.pts - self._first) * self._scale)
        return number

    def _find(self, t: int) -> Any:
        """Decode up to frame `t`, and give it."""
        key = bisect_right(self._keys, t) - 1
        if self._next != t and not self._keys[key] <= self._next <= t:
            # The time at which a key frame is shown may find a later one, if that is decoded before this is shown.
            for start in self._keys[key::-1]:
                self._container.seek(self._first + round(start / self._scale), stream=self._stream)
                self._pictures = self._decode()
                picture = next(self._pictures)
                if self._number(picture) <= t:
                    break
        else:
            picture = next(self._pictures)
        while self._number(picture) < t:
            picture = next(self._pictures)
        return picture

    def read(self, box: Box) -> Array:
        out = np.empty((*box.shape, 3), np.uint8)
        picture = self._find(box.t0)
        self._next = math.inf  # until it is known: should anything be raised
        for t in range(box.t0, box.t1):
            if self._number(picture) != t:
                raise ValueError(f"frame {self._number(picture)} came instead of {t}")
            self._convert(picture, box, out[t - box.t0])
            if t < box.t1 - 1:
                picture = next(self._pictures)
        self._next = box.t1 if box.t1 < self.size[0] else math.inf
        return out

    def _convert(self, picture: Any, box: Box, out: Array) -> None:
        """Convert the crop to RGB; planes are cropped first, to whole samples of chroma."""
        _, rows, columns = self.size
        if box[2:] == (0, rows, 0, columns):
            out[...] = self._of_frames.reformat(picture, format="rgb24", threads=self._threads).to_ndarray()
            return
        from ...codec.frames import frame_from_planes, frame_planes

        wide = box._replace(
            y0=box.y0 & ~1, y1=min(box.y1 + 1 & ~1, rows), x0=box.x0 & ~1, x1=min(box.x1 + 1 & ~1, columns)
        )
        planes = [plane[wide.subsampled(c > 0, c > 0).slices[1:]] for c, plane in enumerate(frame_planes(picture))]
        crop = frame_from_planes(planes, picture.format.name)
        crop.colorspace, crop.color_range = picture.colorspace, picture.color_range
        found = self._of_crops.reformat(crop, format="rgb24", threads=self._threads).to_ndarray()
        out[...] = found[box.y0 - wide.y0 :, box.x0 - wide.x0 :][: out.shape[0], : out.shape[1]]

    def decoded(self, box: Box) -> int:
        packets, self._packets = self._packets, 0
        return packets * frame_samples(*self.size[1:])

    def close(self) -> None:
        self._container.close()
