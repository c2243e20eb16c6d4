"""The frames that are appended: arrays, tuples of planes and PyAV's pictures become planes, all like the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..model.formats import (
    DTYPES,
    LAYOUT_GRAY,
    LAYOUT_INTERLEAVED,
    LAYOUT_PLANES,
    SampleFormat,
    as_samples,
    check_bits,
    check_planes,
    format_of_array,
    split,
)
from .description import video_format

__all__ = ["Incoming", "Planes", "declared_format"]

Planes = tuple[np.ndarray[Any, Any], ...]


class Incoming:
    """The format and size of a store's frames, which are known from the start, or from the first frames on.

    Parameters
    ----------
    fmt : SampleFormat, optional
        The format, if it is known from the start.
    size : tuple of int, optional
        Rows and columns, if they are known from the start.
    bits : int, optional
        Significant bits that the user asked for.
    dtype : numpy.dtype, optional
        The dtype that the first frames must have if `fmt` is not known.
    components : int, optional
        The number of components that the first frames must have if `fmt` is not known.
    """

    def __init__(
        self,
        fmt: SampleFormat | None,
        size: tuple[int, int] | None,
        bits: int | None = None,
        dtype: np.dtype[Any] | None = None,
        components: int | None = None,
    ) -> None:
        self.fmt, self.size = fmt, size
        self._bits, self._dtype, self._components = bits, dtype, components

    def planes_of(self, frames: Any) -> Planes:
        """Return an array, or a tuple of planes, as planes of T×Y×X each.

        Raises
        ------
        TypeError, ValueError
            If the frames cannot be stored, or are not like those before them.
        """
        return self._planes(frames) if isinstance(frames, tuple) else self._array(as_samples(frames, "frames"))

    def picture_planes(self, frame: Any, described: dict[str, Any] | None) -> Planes:
        """Return the planes of a decoded picture of PyAV's; the first picture completes `described`."""
        from ..codec.frames import colour_of, frame_planes
        from ..model.pixel_formats import pixel_format

        about = pixel_format(frame.format.name)
        if self.fmt is None and described is not None:
            self.fmt, found = video_format(about.planar, self._bits, described)
            described.clear()  # it is changed in place, and gets the order of `found`
            described.update(found)
            said = described.setdefault("colour", {})
            for kind, value in colour_of(frame, about).items():
                if said.get(kind) is None:
                    said[kind] = value
        return self._checked(tuple(plane[None] for plane in frame_planes(frame)))

    def _array(self, array: np.ndarray[Any, Any]) -> Planes:
        """Return the planes of a frame or a stack; the first one decides the format."""
        if self.fmt is None:
            self.fmt = self._format_of_first(array)
        fmt = self.fmt
        if fmt.subsampled:
            raise ValueError("frames of a format with subsampled chroma are given as a tuple of planes")
        axes = 3 if fmt.layout == LAYOUT_GRAY or (fmt.layout == LAYOUT_PLANES and fmt.components == 1) else 4
        if array.ndim == axes - 1:
            array = array[None]
        if array.ndim != axes:
            expected = ("Y×X or T×Y×X", "Y×X×C or T×Y×X×C")[axes - 3]
            raise ValueError(f"frames must be {expected}, not of {array.ndim} axes (shape {array.shape})")
        if axes == 4 and array.shape[3] != fmt.components:
            raise ValueError(f"frames must have {fmt.components} components, not {array.shape[3]}")
        return self._checked(split(array))

    def _format_of_first(self, array: np.ndarray[Any, Any]) -> SampleFormat:
        """Return the format of the first frames; ValueError if it is not what was declared, or is ambiguous."""
        wanted = self._components
        stack = array
        if array.ndim == 2 or (array.ndim == 3 and wanted is not None):
            stack = array[None]
        elif array.ndim == 3 and self.size is None and array.shape[2] <= 4 and array.shape[2] < array.shape[1]:
            raise ValueError(
                f"frames of shape {array.shape} may be T×Y×X or Y×X×C: give create() a shape or a pixel_format"
            )
        if stack.size == 0:
            raise ValueError(f"frames of shape {array.shape} have no samples")
        fmt = format_of_array(stack, self._bits)
        if wanted is not None and fmt.components != wanted:
            raise ValueError(f"frames must have {wanted} components, not {fmt.components}")
        if wanted is None and self.size is not None and fmt.layout == LAYOUT_INTERLEAVED:
            raise ValueError(f"frames must be Y×X or T×Y×X, not of shape {array.shape}")
        if self._dtype is not None and fmt.dtype != self._dtype:
            raise ValueError(f"frames must have dtype {self._dtype}, not {fmt.dtype}")
        return fmt

    def _planes(self, planes: tuple[Any, ...]) -> Planes:
        """Return the planes of a frame or a stack that is given as a tuple of planes."""
        if self.fmt is None or (self.fmt.layout == LAYOUT_INTERLEAVED and len(planes) != self.fmt.components):
            raise ValueError("a tuple of planes needs a pixel_format: give create() one, such as 'yuv420p'")
        samples = tuple(as_samples(plane, f"plane {c}") for c, plane in enumerate(planes))
        if all(plane.ndim == 2 for plane in samples):
            samples = tuple(plane[None] for plane in samples)
        if any(plane.ndim != 3 for plane in samples) or not samples:
            raise ValueError("planes must all be Y×X, or all T×Y×X")
        return self._checked(samples)

    def _checked(self, planes: Planes) -> Planes:
        """Return the same planes if they are like those before them; ValueError otherwise."""
        assert self.fmt is not None
        first = planes[0].shape
        if 0 in first[1:]:
            raise ValueError(f"frames of {first[1]}×{first[2]} have no samples")
        size = self.size or first[1:]
        check_planes(planes, self.fmt, (first[0], *size))
        return planes


def declared_format(dtype: Any, components: int | None, bits: int | None) -> SampleFormat:
    """Return the format of an array that was declared by a dtype before its first frame."""
    known = as_samples(np.empty(0, dtype), "dtype=:").dtype
    layout = LAYOUT_GRAY if components is None else LAYOUT_INTERLEAVED
    return SampleFormat(DTYPES.index(known), check_bits(bits, known), components or 1, layout=layout)
