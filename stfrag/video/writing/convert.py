"""How pictures of a store are made into the frames that an encoder takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...codec.frames import frame_from_planes
from ...model.pixel_formats import PixelFormat, planar_name
from ...model.pixel_formats import pixel_format as format_of
from ..libav import VideoFrame
from ..warning import warn
from .pictures import Pictures

__all__ = ["converter", "holds"]

Planes = Sequence[npt.NDArray[Any]]


def holds(target: str, stored: PixelFormat) -> bool:
    """Tell whether planes of `stored` fit into `target` as they are, at most with neutral chroma added."""
    t = format_of(target)
    if t.bits < stored.bits or t.alpha < stored.alpha:
        return False
    if stored.model == "gray":
        return t.model in ("gray", "yuv") and t.bits == stored.bits
    same = (t.model, t.subsampling, t.alpha) == (stored.model, stored.subsampling, stored.alpha)
    return same and t.bits == stored.bits


def converter(pictures: Pictures, target: str) -> Callable[[Planes], VideoFrame]:
    """Make the function from the planes of a picture to the frame that the encoder gets."""
    stored, t = pictures.stored, format_of(target)
    source = stored
    if stored.alpha and not t.alpha:
        warn("the alpha component is left out")
        source = format_of(planar_name(stored.model, stored.bits, False, stored.subsampling))
    neutral = t.model == "yuv" and source.model == "gray"
    by_shift = neutral or (source.model == t.model and source.subsampling == t.subsampling)
    up = 0 if holds(target, source) else (t.bits if by_shift else source.bits) - pictures.bits

    def convert(planes: Planes) -> VideoFrame:
        """Make a frame of planes."""
        planes = _shifted(planes[: source.components], up, t.bits)
        if not by_shift:
            return _reformat(frame_from_planes(planes, source.planar), source, t, pictures)
        if neutral:
            chroma = np.full(t.extent(1, *pictures.size), np.uint16(1 << (t.bits - 1)))
            planes = [planes[0], chroma, chroma, *planes[1:]]
        return frame_from_planes([np.asarray(p) for p in planes], target)

    return convert


def _shifted(planes: Planes, up: int, bits: int) -> Planes:
    """Shift samples up, or down to `bits` with rounding."""
    if up > 0:
        return [np.left_shift(p, up, dtype=np.uint16) for p in planes]
    if up < 0:
        most = (1 << bits) - 1
        return [np.minimum((p.astype(np.uint32) + (1 << (-up - 1))) >> -up, most) for p in planes]
    return planes


def _reformat(frame: VideoFrame, source: PixelFormat, target: PixelFormat, pictures: Pictures) -> VideoFrame:
    """Convert colour, or positions of chroma, as libav does it."""
    if source.is_rgb:
        return frame.reformat(
            format=target.name, src_color_range="JPEG", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
    full = (pictures.video.get("colour") or {}).get("range") == "full"
    kind = "JPEG" if full else "MPEG"
    return frame.reformat(format=target.name, src_color_range=kind, dst_color_range=kind)
