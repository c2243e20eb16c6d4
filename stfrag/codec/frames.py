"""One picture of libav's to planes of samples and back, exactly.

Planes are NumPy arrays in the order that a store keeps them: Y Cb Cr A, R G B A or Y A. Where libav's memory
holds whole native words they are views of it (any line size, any interleaving); else they are copies, shifted,
masked or swapped into place. No colour is ever converted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..model import colour
from ..model.pixel_formats import PixelFormat, Samples, pixel_format

__all__ = ["colour_of", "frame_from_planes", "frame_planes"]


def frame_planes(frame) -> tuple[np.ndarray, ...]:
    """The planes of a decoded picture.

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
    """
    fmt = pixel_format(frame.format.name)
    if not fmt.samples:
        return _SPECIAL[fmt.name](frame)
    planes = frame.planes
    return tuple(_samples(planes, fmt, c, s, frame.height, frame.width) for c, s in enumerate(fmt.samples))


def frame_from_planes(planes, name: str):
    """A new picture of libav's from planes.

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
        view = _view(memory[s.plane], fmt, s, *fmt.extent(c, height, width))
        if np.shape(planes[c]) != view.shape:
            raise ValueError(f"plane {c} of {name} must be {view.shape}, is {np.shape(planes[c])}")
        if s.shift:
            view[...] = np.left_shift(planes[c], s.shift, dtype=np.uint16, casting="same_kind")
        else:
            view[...] = planes[c]
    return frame


def _view(plane, fmt: PixelFormat, s: Samples, rows: int, columns: int) -> np.ndarray:
    """The words of one component, where they lie."""
    line = plane.line_size
    offset = s.offset
    if line < 0:  # bottom up: the plane's buffer starts at its lowest address, the last row
        if np.frombuffer(plane, np.uint8, 1).ctypes.data == plane.buffer_ptr and plane.height > 1:
            raise UnsupportedError("this PyAV gives no access to pictures stored bottom up; update it")
        offset -= line * (plane.height - 1)
    dtype = np.dtype(f"{'>' if fmt.big_endian else '<'}u{s.word}")
    return np.ndarray((rows, columns), dtype, buffer=plane, offset=offset, strides=(line, s.step))


def _samples(planes, fmt: PixelFormat, component: int, s: Samples, height: int, width: int) -> np.ndarray:
    words = _view(planes[s.plane], fmt, s, *fmt.extent(component, height, width))
    if words.dtype.newbyteorder("=") != words.dtype:
        words = words.astype(words.dtype.newbyteorder("="))
    if s.word < 4 and s.shift == 0 and s.bits == fmt.bits:
        return words
    samples = (words >> s.shift) & ((1 << s.bits) - 1)
    if s.bits < fmt.bits:  # rgb565 and its like: repeat the bits from the top down
        wide = samples.astype(np.uint32)
        have = s.bits
        while have < fmt.bits:
            wide |= wide << have
            have *= 2
        samples = wide >> (have - fmt.bits)
    return samples.astype(fmt.dtype, copy=False)


def _rows(frame, row_bytes: int) -> np.ndarray:
    """The bytes of the first plane, row by row from the top."""
    plane = frame.planes[0]
    s = Samples(0, 0, 1, 1, 0, 8)
    return _view(plane, pixel_format("gray"), s, frame.height, row_bytes)


def _from_palette(frame) -> tuple[np.ndarray, ...]:
    argb = np.frombuffer(frame.planes[1], np.uint32, 256)
    indexes = _rows(frame, frame.width)
    return tuple((argb >> shift).astype(np.uint8)[indexes] for shift in (16, 8, 0, 24))


def _from_bits(frame) -> tuple[np.ndarray, ...]:
    bits = np.unpackbits(_rows(frame, -(-frame.width // 8)), axis=1, count=frame.width)
    return ((bits if frame.format.name == "monob" else 1 - bits) * np.uint8(255),)


def _from_uyyvyy(frame) -> tuple[np.ndarray, ...]:
    columns = -(-frame.width // 4)
    groups = _rows(frame, 6 * columns).reshape(frame.height, columns, 6)
    luma = groups[:, :, [1, 2, 4, 5]].reshape(frame.height, 4 * columns)
    return luma[:, : frame.width], groups[:, :, 0], groups[:, :, 3]


_SPECIAL = {"pal8": _from_palette, "monow": _from_bits, "monob": _from_bits, "uyyvyy411": _from_uyyvyy}


def colour_of(frame: Any, fmt: PixelFormat) -> dict[str, str | None]:
    """Colour description of a decoded picture; None where the file does not say.

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
