"""The pictures of a store that are written to a video file: a box of its samples, and when each frame is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import UnsupportedError
from ...model.pixel_formats import PixelFormat, planar_name
from ...model.pixel_formats import pixel_format as format_of
from ...store.reader import Reader
from ..warning import warn

__all__ = ["Pictures", "Timing", "pictures_of"]

_RATE_LIMIT = 1 << 20  # largest denominator of a rate


class Timing(NamedTuple):
    """When frames are shown.

    Attributes
    ----------
    pts : ndarray of int64
        The time of each in the file, in ticks.
    time_base : Fraction
        Seconds per tick.
    last_duration : int
        How long the last one is shown, in ticks.
    rate : Fraction
        Nominal frames per second.
    origin : Fraction or None
        Seconds of the store's clock at which those of the file begin; None if the times are made up.
    span : tuple of Fraction, or None
        When these frames begin and end, by the store's clock; None if they are all there is.
    """

    pts: npt.NDArray[np.int64]
    time_base: Fraction
    last_duration: int
    rate: Fraction
    origin: Fraction | None = None
    span: tuple[Fraction, Fraction] | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a store, or of a box of it, that are written.

    Attributes
    ----------
    reader : Reader
        The store.
    stored : PixelFormat
        Of the planes as they come; their bits may be fewer.
    bits : int
        Bits that mean something.
    frames, rows, columns : range and slices
        The box.
    timing : Timing
    video : mapping
        The store's metadata.
    seams : bool
        Whether borders between fragments are filtered.
    """

    reader: Reader
    stored: PixelFormat
    bits: int
    frames: range
    rows: slice
    columns: slice
    timing: Timing
    video: Mapping[str, Any]
    seams: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def aspect(self) -> Fraction:
        """Width of a sample to its height."""
        return Fraction(*(self.video.get("sample_aspect_ratio") or (1, 1)))

    @property
    def track(self) -> Mapping[str, Any]:
        """The tags and the disposition of the video stream, as opposed to those of the file."""
        return self.video.get("track") or {}

    @property
    def hdr(self) -> Any:
        """The values for HDR that the store has, not checked: mastering display and light level."""
        return self.video.get("hdr") or {}

    @property
    def was_copied(self) -> bool:
        """Whether the store was made of coded video, which was not encoded anew."""
        return bool((self.video.get("options") or {}).get("copy"))

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

    def __iter__(self) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        """Give the planes of one frame after the other, decoded a slab at a time."""
        first = self.frames.start
        for border in [*np.unique(self.reader.index["t0"])[1:].tolist(), self.frames.stop]:
            stop = min(self.frames.stop, border)
            if stop <= first:
                continue
            planes = self.reader.read_planes((slice(first, stop), self.rows, self.columns), seams=self.seams)
            for t in range(stop - first):
                yield tuple(plane[t] for plane in planes)
            first = stop


def pictures_of(reader: Reader, region: Any, fps: Any, seams: bool = False) -> Pictures:
    """Find out what of a store is to be written, and when it is shown."""
    stored, bits = _samples_of(reader)
    frames, rows, columns = _box(reader, region, stored)
    video = reader.metadata
    if not len(frames):
        raise ValueError("there are no frames to write")
    made_up = fps is not None or reader.time_base is None
    timing = _made_up_timing(reader, len(frames), fps) if made_up else _stored_timing(reader, frames)
    return Pictures(reader, stored, bits, frames, rows, columns, timing, video, seams)


def _made_up_timing(reader: Reader, count: int, fps: Any) -> Timing:
    """Show frames at a regular rate, whatever times they have."""
    rate = Fraction(fps if fps is not None else reader.fps or 25).limit_denominator(_RATE_LIMIT)
    if rate <= 0:
        raise ValueError(f"fps must be positive, not {fps}")
    return Timing(np.arange(count, dtype=np.int64), time_base=1 / rate, last_duration=1, rate=rate)


def _stored_timing(reader: Reader, frames: range) -> Timing:
    """Show frames when the store says, moved so that they begin at zero where they must."""
    assert reader.pts is not None
    assert reader.time_base is not None
    pts = np.asarray(reader.pts[frames.start : frames.stop], np.int64)
    time_base, rate = Fraction(reader.time_base), reader.fps
    length = int(pts[-1] - pts[0])
    if not rate:
        rate = (len(frames) - 1) / (length * time_base) if length else Fraction(25)
    rate = Fraction(rate).limit_denominator(_RATE_LIMIT)
    last = _last_duration(reader, frames, time_base, rate)
    origin, span = Fraction(0), None
    if len(frames) < len(reader):
        span = int(pts[0]) * time_base, (int(pts[-1]) + last) * time_base
    if frames.start or pts[0] < 0:
        if not frames.start:
            warn("times begin before zero, which video files cannot say; all are moved to begin at zero")
        origin = int(pts[0]) * time_base
        pts = pts - pts[0]
    return Timing(pts, time_base, last, rate, origin, span)


def _samples_of(reader: Reader) -> tuple[PixelFormat, int]:
    """Find out what a store's planes hold, and how many of their bits mean something."""
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


def _last_duration(reader: Reader, frames: range, time_base: Fraction, rate: Fraction) -> int:
    """Find out how long the last frame is shown, in ticks."""
    if reader.durations is not None:
        last = int(reader.durations[frames.stop - 1])
        if last > 0:
            return last
    return max(1, round(1 / (rate * time_base)))


def _box(reader: Reader, region: Any, stored: PixelFormat) -> tuple[range, slice, slice]:
    """Resolve a region of a store: frames, rows and columns."""
    region = () if region is None else region if isinstance(region, tuple) else (region,)
    if len(region) > 3:
        raise ValueError("a region is (t, y, x)")
    box = []
    for axis, length in enumerate(reader.shape[:3]):
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
