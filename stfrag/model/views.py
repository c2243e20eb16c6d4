"""Views of a store: its samples as they are stored, as gray video, or converted to RGB."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import UnsupportedError
from .formats import LAYOUT_INTERLEAVED, SampleFormat

__all__ = ["FORMATS", "Colour", "View", "check_seams", "default_view", "view_as"]

#: The values of ``read(format=)``.
FORMATS = ("native", "gray", "rgb24", "rgb48", "rgba", "rgba64")

#: The values of stf_colour.model.
_RGB, _YUV, _GRAY = 0, 1, 2
#: The code points of the colour matrices that the C core converts from.


class Colour(NamedTuple):
    """What the components of a video mean.

    Attributes
    ----------
    model : int
        Whether they are R, G, B, or Y, Cb, Cr, or gray (stf_colour.model).
    matrix : int or None
        The code point of the colour matrix; None if the C core cannot convert from it.
    full_range : bool
    alpha : bool
        Whether the last component is alpha.
    name : str, int or None
        The name of the matrix, for messages.
    """

    model: int
    matrix: int | None
    full_range: bool
    alpha: bool
    name: Any = None

    @property
    def planes(self) -> tuple[str, ...]:
        """The names of the planes that there may be, in their order."""
        return {_RGB: ("r", "g", "b", "a"), _YUV: ("y", "cb", "cr", "a")}.get(self.model, ("y", "a"))


class RgbOutput(NamedTuple):
    """How the C core makes R, G, B (A) of the stored components: the fields of ``stf_colour``."""

    model: int
    matrix: int
    full_range: int
    alpha: int
    out_bits: int


class View(NamedTuple):
    """What is returned of a store's samples: which channels, of which dtype, and where they come from.

    Attributes
    ----------
    dtype : numpy.dtype
        The dtype of what is returned.
    channels : int
        Length of the last axis; 0 if there is no axis for channels.
    components : tuple of int
        The stored component that each channel is; empty where channels are converted.
    rgb : RgbOutput or None
        How channels are converted; None where they are stored components.
    """

    dtype: np.dtype[Any]
    channels: int
    components: tuple[int, ...] = ()
    rgb: RgbOutput | None = None


def default_view(fmt: SampleFormat, colour: Colour | None) -> View:
    """Return the view that ``v[...]`` gives: arrays and gray as stored, colour as RGB, with alpha as RGBA."""
    if colour is None or fmt.components == 1:
        return view_as("native", fmt, colour)
    wide = fmt.bits > 8
    if colour.alpha:
        return view_as("rgba64" if wide else "rgba", fmt, colour)
    return view_as("rgb48" if wide else "rgb24", fmt, colour)


def view_as(name: str | None, fmt: SampleFormat, colour: Colour | None) -> View:
    """Return the view that ``read(format=name)`` gives.

    Raises
    ------
    ValueError
        If there is no such format, or this store has no such view.
    UnsupportedError
        If the store's colours cannot be converted.
    """
    if name is None:
        return default_view(fmt, colour)
    if name not in FORMATS:
        raise ValueError(f"format={name!r} is none of {', '.join(map(repr, FORMATS))}")
    if name == "native":
        if fmt.subsampled:
            raise ValueError(
                "format='native': the planes of this store are of different sizes; read_planes() returns them"
            )
        channels = 0 if fmt.components == 1 and fmt.layout != LAYOUT_INTERLEAVED else fmt.components
        return View(fmt.dtype, channels, tuple(range(fmt.components)))
    if name == "gray":
        if fmt.components == 1 or (colour is not None and colour.model != _RGB):
            return View(fmt.dtype, 0, (0,))
        raise ValueError("format='gray': this store has no luma; read RGB and weigh its components")
    if colour is None:
        raise ValueError(f"format={name!r}: this store is an array, which has no colours; index it, or use 'native'")
    if colour.matrix is None:
        raise UnsupportedError(
            f"no conversion to RGB for colour matrix {colour.name!r}; read_planes() returns the stored samples"
        )
    alpha = name in ("rgba", "rgba64")
    bits = 16 if name in ("rgb48", "rgba64") else 8
    return View(
        np.dtype(np.uint16 if bits == 16 else np.uint8),
        3 + alpha,
        rgb=RgbOutput(colour.model, colour.matrix, int(colour.full_range), int(alpha), bits),
    )


def check_seams(value: Any) -> bool:
    """Return ``seams=``, whether to filter the borders between fragments, as a bool; TypeError if it is none."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"seams={value!r} must be True or False")
    return bool(value)
