"""Conversion between a picture of libav's and planes of samples, exact both ways.

Planes are NumPy arrays in the order that a store keeps them: Y Cb Cr A, R G B A or Y A. Where libav's memory
holds whole native words they are views of it (any line size, any interleaving); else they are copies, shifted,
masked or swapped into place. No colour is ever converted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UnsupportedError
from ..model import colour
from ..model.pixel_formats import PixelFormat, Samples, pixel_format

__all__ = ["Plane", "colour_of", "frame_from_planes", "frame_planes"]

#: The samples of one component of a picture: Y x X of uint8 or uint16.
Plane = npt.NDArray[Any]


def frame_planes(frame: Any) -> tuple[Plane, ...]:
    """Give the planes of a decoded picture.

    Parameters
    ----------
    frame : av.VideoFrame
        A picture in memory, of any format that `stfrag.model.pixel_formats.pixel_format` knows.

    Returns
    -------
    tuple of ndarray
        One array of Y x X per component, in native byte order: uint8 for samples of 8 bits, uint16 above. Often
        a view of the frame's memory (which it keeps alive), with strides; do not write to it.

    Raises
    ------
    UnsupportedError
        If samples of this format cannot be kept exactly, such as floating-point ones.

    Examples
    --------
    >>> frame = frame_from_planes([np.full((2, 4), 7, np.uint8)], "gray")
    >>> [plane.tolist() for plane in frame_planes(frame)]
    [[[7, 7, 7, 7], [7, 7, 7, 7]]]
    """
    fmt = pixel_format(frame.format.name)
    if not fmt.samples:
        return _SPECIAL[fmt.name](frame)
    planes = frame.planes
    return tuple(
        _samples(planes[s.plane], fmt, s, fmt.extent(c, frame.height, frame.width)) for c, s in enumerate(fmt.samples)
    )


def frame_from_planes(planes: Sequence[npt.ArrayLike], name: str) -> Any:
    """Make a new picture of libav's from planes.

    Parameters
    ----------
    planes : sequence of array_like
        Y x X per component, in the order of `frame_planes`; the first has the size of the picture.
    name : str
        Pixel format, one whose components are whole words (planar, semi-planar and most packed ones); its depth
        is at least that of the samples, which keep their values.

    Returns
    -------
    av.VideoFrame

    Raises
    ------
    UnsupportedError
        For formats that cannot be written this way.
    ValueError
        If the number of planes or their sizes do not fit the format.

    Examples
    --------
    >>> frame = frame_from_planes([np.zeros((6, 4), np.uint8), *np.full((2, 3, 2), 128, np.uint8)], "yuv420p")
    >>> frame.width, frame.height, frame.format.name
    (4, 6, 'yuv420p')
    """
    import av

    fmt = pixel_format(name)
    if len(planes) != fmt.components:
        raise ValueError(f"{name} has {fmt.components} components, got {len(planes)} planes")
    if not fmt.samples or any(s.word == 4 or s.bits != fmt.bits for s in fmt.samples):
        raise UnsupportedError(f"cannot write frames of pixel format {name}")
    height, width = np.shape(planes[0])
    frame = av.VideoFrame(width, height, name)
    memory = frame.planes
    if max(s.step // s.word for s in fmt.samples if s.plane == 0) > fmt.components:
        for plane in memory:  # padding bytes, as of bgr0, are a function of nothing but the format
            np.frombuffer(memoryview(plane), np.uint8)[:] = 255
    for c, s in enumerate(fmt.samples):
        view = _view(memory[s.plane], fmt, s, fmt.extent(c, height, width))
        if np.shape(planes[c]) != view.shape:
            raise ValueError(f"plane {c} of {name} must be {view.shape}, is {np.shape(planes[c])}")
        if s.shift:
            view[...] = np.left_shift(planes[c], s.shift, dtype=np.uint16, casting="same_kind")
        else:
            view[...] = planes[c]
    return frame


def colour_of(frame: Any, fmt: PixelFormat) -> dict[str, str | int | None]:
    """Describe the colours of a decoded picture; None stands for what the file does not say.

    PyAV does not show the location of chroma samples, which is always None here.
    """
    codes = {
        "range": 2 if fmt.full_range else getattr(frame, "color_range", 0),
        "matrix": getattr(frame, "colorspace", 2),
        "primaries": getattr(frame, "color_primaries", 2),
        "transfer": getattr(frame, "color_trc", 2),
        "chroma_location": 0,
    }
    return {kind: colour.name(kind, int(number)) for kind, number in codes.items()}


def _view(plane: Any, fmt: PixelFormat, s: Samples, size: tuple[int, int]) -> Plane:
    """View the words of one component where they lie in a plane of libav's; `size` is in rows and columns."""
    line = plane.line_size
    offset = s.offset
    if line < 0:  # bottom up: the plane's buffer starts at its lowest address, the last row
        if np.frombuffer(plane, np.uint8, 1).ctypes.data == plane.buffer_ptr and plane.height > 1:
            raise UnsupportedError("this PyAV gives no access to pictures stored bottom up; update it")
        offset -= line * (plane.height - 1)
    dtype = np.dtype(f"{'>' if fmt.big_endian else '<'}u{s.word}")
    return np.ndarray(size, dtype, buffer=plane, offset=offset, strides=(line, s.step))


def _samples(plane: Any, fmt: PixelFormat, s: Samples, size: tuple[int, int]) -> Plane:
    """Take the samples of one component out of its words: in native byte order, shifted and masked."""
    words = _view(plane, fmt, s, size)
    if words.dtype.newbyteorder("=") != words.dtype:
        words = words.astype(words.dtype.newbyteorder("="))
    if s.word < 4 and s.shift == 0 and s.bits == fmt.bits:
        return words
    samples: Plane = (words >> s.shift) & ((1 << s.bits) - 1)
    if s.bits < fmt.bits:  # rgb565 and its like: repeat the bits from the top down
        wide = samples.astype(np.uint32)
        have = s.bits
        while have < fmt.bits:
            wide |= wide << have
            have *= 2
        samples = wide >> (have - fmt.bits)
    return samples.astype(fmt.dtype, copy=False)


def _rows(frame: Any, row_bytes: int) -> Plane:
    """View the bytes of the first plane, row by row from the top."""
    s = Samples(0, 0, 1, 1, 0, 8)
    return _view(frame.planes[0], pixel_format("gray"), s, (frame.height, row_bytes))


def _from_palette(frame: Any) -> tuple[Plane, ...]:
    """Look the colours of a picture up in its palette: R G B A."""
    argb = np.frombuffer(frame.planes[1], np.uint32, 256)
    indexes = _rows(frame, frame.width)
    return tuple((argb >> shift).astype(np.uint8)[indexes] for shift in (16, 8, 0, 24))


def _from_bits(frame: Any) -> tuple[Plane, ...]:
    """Make gray of 0 and 255 out of pixels of one bit."""
    bits = np.unpackbits(_rows(frame, -(-frame.width // 8)), axis=1, count=frame.width)
    return ((bits if frame.format.name == "monob" else 1 - bits) * np.uint8(255),)


def _from_uyyvyy(frame: Any) -> tuple[Plane, ...]:
    """Sort the samples of packed 4:1:1, U Y Y V Y Y, into planes."""
    columns = -(-frame.width // 4)
    groups = _rows(frame, 6 * columns).reshape(frame.height, columns, 6)
    luma = groups[:, :, [1, 2, 4, 5]].reshape(frame.height, 4 * columns)
    return luma[:, : frame.width], groups[:, :, 0], groups[:, :, 3]


_SPECIAL: dict[str, Callable[[Any], tuple[Plane, ...]]] = {
    "pal8": _from_palette,
    "monow": _from_bits,
    "monob": _from_bits,
    "uyyvyy411": _from_uyyvyy,
}
