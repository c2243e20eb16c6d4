"""How the samples of a store are seen: as an array, as gray video, as RGB."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import UnsupportedError
from . import colour
from .formats import LAYOUT_INTERLEAVED, LAYOUT_PLANES, SampleFormat

__all__ = ["FORMATS", "Colour", "View", "check_seams", "colour_of", "default_view", "view_as"]

#: What ``read(format=)`` takes.
FORMATS = ("native", "gray", "rgb24", "rgb48", "rgba", "rgba64")

_RGB, _YUV, _GRAY = 0, 1, 2  # stf_colour.model
_MATRICES = (1, 5, 6, 9)  # those that the native code converts from


class Colour(NamedTuple):
    """What the components of a video mean."""

    model: int
    matrix: int | None  # None: one that the native code does not know
    full_range: bool
    alpha: bool
    name: Any = None  # of the matrix, for messages

    @property
    def planes(self) -> tuple[str, ...]:
        """Names of what planes there may be, in their order."""
        return {_RGB: ("r", "g", "b", "a"), _YUV: ("y", "cb", "cr", "a")}.get(self.model, ("y", "a"))


class RgbOutput(NamedTuple):
    """How stored components become R, G, B (A): the fields of ``stf_colour``."""

    model: int
    matrix: int
    full_range: int
    alpha: int
    out_bits: int


class View(NamedTuple):
    """One way to see a store.

    Attributes
    ----------
    dtype : numpy.dtype
    channels : int
        Length of the last axis; 0 if there is none.
    components : tuple of int
        Stored components that the channels are, where they are stored ones.
    rgb : RgbOutput or None
        How the native code makes the channels, where they are not stored components.
    """

    dtype: np.dtype[Any]
    channels: int
    components: tuple[int, ...] = ()
    rgb: RgbOutput | None = None


def colour_of(fmt: SampleFormat, description: dict[str, Any], height: int) -> Colour | None:
    """The colour of a store; None for an array, which has none.

    A matrix that the store does not name is BT.709 for 720 rows or more, else BT.601; a range that it does not
    name is limited for Y'CbCr and full for gray and RGB.
    """
    kind = description.get("kind", "video" if fmt.layout == LAYOUT_PLANES else "array")
    if kind != "video" or fmt.dtype.kind != "u":
        return None
    said = description.get("colour")
    codes = {kind: _code(kind, said.get(kind) if isinstance(said, dict) else None) for kind in ("matrix", "range")}
    alpha = fmt.components in (2, 4)
    model = _GRAY if fmt.components <= 2 else _RGB if description.get("rgb") else _YUV
    matrix: int | None = codes["matrix"]
    if model != _YUV:
        matrix = 1
    elif matrix == 2:  # unspecified
        matrix = 1 if height >= 720 else 6
    elif matrix not in _MATRICES:
        matrix = None
    full = codes["range"] == 2 or (codes["range"] == 0 and model != _YUV)
    return Colour(model, matrix, full, alpha, colour.name("matrix", codes["matrix"]))


def _code(kind: str, value: Any) -> int:
    """Number of a code point; a name that nobody knows is one that no conversion is for."""
    try:
        return colour.code(kind, value)
    except (TypeError, ValueError):
        return -1


def default_view(fmt: SampleFormat, colour: Colour | None) -> View:
    """What ``v[...]`` gives: arrays and gray as stored, colour as RGB, with alpha as RGBA."""
    if colour is None or fmt.components == 1:
        return view_as("native", fmt, colour)
    wide = fmt.bits > 8
    if colour.alpha:
        return view_as("rgba64" if wide else "rgba", fmt, colour)
    return view_as("rgb48" if wide else "rgb24", fmt, colour)


def view_as(name: str | None, fmt: SampleFormat, colour: Colour | None) -> View:
    """The view that ``read(format=name)`` gives.

    Raises
    ------
    ValueError
        If there is no such format, or the store cannot be seen so.
    UnsupportedError
        If its colours cannot be converted.
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
    """Whether to filter the borders between fragments: a bool, or TypeError."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"seams={value!r} must be True or False")
    return bool(value)
