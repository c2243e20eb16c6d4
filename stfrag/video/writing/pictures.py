"""What of a store is written to a video file: a box of its samples, and when each frame is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ...errors import UnsupportedError
from ...model.pixel_formats import PixelFormat, planar_name
from ...model.pixel_formats import pixel_format as format_of
from ..warning import warn

if TYPE_CHECKING:
    from ...store.reader import Reader

__all__ = ["Pictures", "pictures_of"]


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is to be written: the pictures of a store, or of a box of it."""

    reader: Reader
    stored: PixelFormat  # of the planes as they come; bits may be fewer
    bits: int
    frames: range
    rows: slice
    columns: slice
    pts: np.ndarray
    time_base: Fraction
    last_duration: int
    rate: Fraction
    video: Mapping
    origin: Fraction | None  # seconds of the store's clock at which those of the file begin; None: they are made up
    span: tuple[Fraction, Fraction] | None  # of these frames, by the store's clock; None: all there is
    seams: bool = False  # whether borders between fragments are filtered

    @property
    def size(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def aspect(self) -> Fraction:
        """Width of a sample to its height."""
        return Fraction(*(self.video.get("sample_aspect_ratio") or (1, 1)))

    @property
    def filtered(self) -> bool:
        """Whether the filter of borders may change a sample."""
        if not self.seams:
            return False
        bound = (self.video.get("options") or {}).get("max_error")
        index = self.reader.index
        index = index[(index.t0 < self.frames.stop) & (index.t1 > self.frames.start)]
        slabs, fragments = np.unique(index.t0, return_counts=True)
        cut = np.isin(index.t0, slabs[fragments > 1])
        return bound is None and bool((index.sse[cut] != 0).any())

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        """The planes of one frame after the other, decoded a slab at a time."""
        first = self.frames.start
        for border in [*np.unique(self.reader.index["t0"])[1:].tolist(), self.frames.stop]:
            stop = min(self.frames.stop, border)
            if stop <= first:
                continue
            planes = self.reader.read_planes((slice(first, stop), self.rows, self.columns), seams=self.seams)
            for t in range(stop - first):
                yield tuple(plane[t] for plane in planes)
            first = stop


def pictures_of(reader, region, fps, seams: bool = False) -> Pictures:
    """What of a store is to be written, and when it is shown."""
    stored, bits = _samples_of(reader)
    frames, rows, columns = _box(reader, region, stored)
    video = reader.metadata
    if not len(frames):
        raise ValueError("there are no frames to write")
    count = len(frames)
    origin: Fraction | None = None
    stretch: tuple[Fraction, Fraction] | None = None
    if fps is not None or reader.time_base is None:
        rate = Fraction(fps if fps is not None else reader.fps or 25).limit_denominator(1 << 20)
        if rate <= 0:
            raise ValueError(f"fps must be positive, not {fps}")
        pts, time_base, last = np.arange(count, dtype=np.int64), 1 / rate, 1
    else:
        pts = np.asarray(reader.pts[frames.start : frames.stop], np.int64)
        time_base, rate = Fraction(reader.time_base), reader.fps
        span = int(pts[-1] - pts[0])
        if not rate:
            rate = (count - 1) / (span * time_base) if span else Fraction(25)
        rate = Fraction(rate).limit_denominator(1 << 20)
        last = _last_duration(reader, frames, time_base, rate)
        origin = Fraction(0)
        if count < len(reader):
            stretch = int(pts[0]) * time_base, (int(pts[-1]) + last) * time_base
        if frames.start or pts[0] < 0:
            if not frames.start:
                warn("times begin before zero, which video files cannot say; all are moved to begin at zero")
            origin = int(pts[0]) * time_base
            pts = pts - pts[0]
    return Pictures(
        reader, stored, bits, frames, rows, columns, pts, time_base, last, rate, video, origin, stretch, seams
    )


def _samples_of(reader) -> tuple[PixelFormat, int]:
    """What a store's planes hold, and how many of their bits mean something."""
    if reader.pixel_format:
        stored = format_of(reader.pixel_format)
        return stored, stored.bits
    dtype, components = np.dtype(reader.dtype), reader.shape[3] if reader.ndim == 4 else 1
    if dtype not in (np.uint8, np.uint16):
        raise UnsupportedError(f"video has no {dtype} samples; save the array as uint8 or uint16 first")
    if components == 2:
        raise UnsupportedError("an array of 2 components is not a video; 1 is gray, 3 are RGB, 4 are RGBA")
    bits = reader.metadata.get("options", {}).get("bits") or 8 * dtype.itemsize
    name = planar_name("gray" if components == 1 else "rgb", max(bits, 8), alpha=components == 4)
    return format_of(name), bits


def _last_duration(reader, frames: range, time_base: Fraction, rate: Fraction) -> int:
    durations = getattr(reader, "durations", None)
    if durations is not None:
        last = int(durations[frames.stop - 1])
        if last > 0:
            return last
    return max(1, round(1 / (rate * time_base)))


def _box(reader, region, stored: PixelFormat) -> tuple[range, slice, slice]:
    size = reader.shape[:3]
    region = () if region is None else region if isinstance(region, tuple) else (region,)
    if len(region) > 3:
        raise ValueError("a region is (t, y, x)")
    box = []
    for axis, length in enumerate(size):
        wanted = region[axis] if axis < len(region) else slice(None)
        if not isinstance(wanted, slice) or wanted.step not in (None, 1):
            raise ValueError("a region is a tuple of slices of step 1")
        start, stop, _ = wanted.indices(length)
        if stop <= start:
            raise ValueError(f"the region is empty: {wanted} of {length}")
        box.append((start, stop))
    for axis, shift in ((1, stored.sub_y), (2, stored.sub_x)):
        if box[axis][0] % (1 << shift):
            raise ValueError(
                f"the region begins at {'tyx'[axis]} = {box[axis][0]}, which is not a multiple of the "
                f"chroma subsampling, {1 << shift}"
            )
    return range(*box[0]), slice(*box[1]), slice(*box[2])
