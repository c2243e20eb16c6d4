"""Formats of samples: their dtype and bits, how components lie in memory, and the subsampling of chroma."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "LAYOUT_GRAY",
    "LAYOUT_INTERLEAVED",
    "LAYOUT_PLANES",
    "SampleFormat",
    "SampleKind",
    "as_samples",
    "format_of_array",
    "format_of_planes",
    "split",
]

#: How components are arranged (stf_layout): there is one only, they alternate in memory, each has its own plane.
LAYOUT_GRAY, LAYOUT_INTERLEAVED, LAYOUT_PLANES = range(3)

#: The dtypes of samples that can be stored, in the order of stf_dtype.
DTYPES = tuple(np.dtype(name) for name in ("uint8", "int8", "uint16", "int16", "bool"))
_NAMES = "uint8, uint16, int8, int16 or bool"

#: J:a:b notation without colons, and what it means: log2 of the (horizontal, vertical) subsampling of chroma.
SUBSAMPLINGS = {
    "444": (0, 0),
    "422": (1, 0),
    "420": (1, 1),
    "440": (0, 1),
    "411": (2, 0),
    "410": (2, 2),
    "400": (0, 0),
}
#: The notation of pictures without chroma.
GRAY_SUBSAMPLING = "400"


class SampleKind(NamedTuple):
    """What a codec must know of samples to tell whether and how it can code them.

    Attributes
    ----------
    bits : int
        Significant bits of a sample, 1 to 16; samples of bool have 1.
    components : int
        1 to 4.
    sub_x, sub_y : int
        log2 of the horizontal and vertical subsampling of chroma.
    rgb : bool
        Whether three or four components are R, G, B (A).
    """

    bits: int
    components: int
    sub_x: int
    sub_y: int
    rgb: bool = False


class SampleFormat(NamedTuple):
    """What a sample is and how components are arranged: the fields of ``stf_format``.

    Attributes
    ----------
    code : int
        The dtype as its place in `DTYPES` (stf_dtype).
    bits : int
        Significant bits of a sample.
    components : int
        1 to 4.
    sub_x, sub_y : int
        log2 of the horizontal and vertical subsampling of chroma.
    layout : int
        `LAYOUT_GRAY`, `LAYOUT_INTERLEAVED` or `LAYOUT_PLANES`.
    """

    code: int
    bits: int
    components: int = 1
    sub_x: int = 0
    sub_y: int = 0
    layout: int = LAYOUT_GRAY

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the samples."""
        return DTYPES[self.code]

    @property
    def subsampling(self) -> str:
        """The subsampling of the chroma planes in J:a:b notation without colons: ``"444"``, ``"420"``, ..."""
        return next(name for name, subs in SUBSAMPLINGS.items() if subs == (self.sub_x, self.sub_y))

    @property
    def subsampled(self) -> bool:
        """Whether chroma planes are smaller than the first plane."""
        return bool(self.sub_x or self.sub_y)

    def kind(self, rgb: bool) -> SampleKind:
        """The part of the format that codecs look at; `rgb` says whether the components are R, G, B (A)."""
        return SampleKind(self.bits, self.components, self.sub_x, self.sub_y, rgb)

    def shift(self, component: int) -> tuple[int, int]:
        """Return log2 of the (vertical, horizontal) subsampling of a component."""
        if self.components >= 3 and component in (1, 2):
            return self.sub_y, self.sub_x
        return 0, 0

    def extent(self, component: int, y: int, x: int) -> tuple[int, int]:
        """Return rows and columns of a component of a picture of y × x."""
        sy, sx = self.shift(component)
        return -(-y >> sy), -(-x >> sx)

    def samples(self, t: int, y: int, x: int) -> int:
        """Count the samples of all components in t frames of y × x."""
        total = 0
        for c in range(self.components):
            rows, columns = self.extent(c, y, x)
            total += t * rows * columns
        return total

    def empty(self, t: int, y: int, x: int) -> np.ndarray[Any, Any] | tuple[np.ndarray[Any, Any], ...]:
        """Allocate uninitialised memory for t frames of y × x: an array, or a tuple of planes."""
        if self.layout == LAYOUT_GRAY:
            return np.empty((t, y, x), self.dtype)
        if self.layout == LAYOUT_INTERLEAVED:
            return np.empty((t, y, x, self.components), self.dtype)
        return tuple(np.empty((t, *self.extent(c, y, x)), self.dtype) for c in range(self.components))


def as_samples(array: Any, what: str = "array") -> np.ndarray[Any, Any]:
    """Return `array` as an ndarray in the machine's byte order, having checked that its dtype can be stored.

    Parameters
    ----------
    array : array_like
    what : str
        What messages call the array.

    Raises
    ------
    TypeError
        For any other dtype; the message says how to convert.
    """
    samples: np.ndarray[Any, Any] = np.asarray(array)
    dtype = samples.dtype
    if dtype in DTYPES:
        return samples
    if dtype.kind in "iu" and dtype.itemsize == 2:  # the other byte order
        return samples.astype(dtype.newbyteorder("="))
    if dtype.kind == "f":
        advice = (
            "; scale and round it to integers first, for values between 0 and 1: "
            "np.round(array * 65535).astype(np.uint16)"
        )
    elif dtype.kind in "iu":
        advice = "; if all values fit, convert it first: array.astype(np.uint16)"
    else:
        advice = ""
    raise TypeError(f"{what} has dtype {dtype}, which cannot be stored: samples are {_NAMES}{advice}")


def check_bits(bits: int | None, dtype: np.dtype[Any]) -> int:
    """Return the significant bits of a sample: those of the dtype if `bits` is None; ValueError for too many."""
    widest = 1 if dtype.kind == "b" else 8 * dtype.itemsize
    if bits is None:
        return widest
    if not 1 <= bits <= widest:
        raise ValueError(f"bits={bits} is out of range: 1 to {widest} for {dtype} samples")
    return bits


def format_of_array(array: np.ndarray[Any, Any], bits: int | None = None) -> SampleFormat:
    """Return the format of a T×Y×X or T×Y×X×C array whose dtype `as_samples` has checked.

    Raises
    ------
    ValueError
        For another number of axes, an array without samples, or more than 4 components.
    """
    if array.ndim not in (3, 4):
        raise ValueError(f"expected an array of T×Y×X or T×Y×X×C, not of {array.ndim} axes (shape {array.shape})")
    if array.size == 0:
        raise ValueError(f"array of shape {array.shape} has no samples")
    components = array.shape[3] if array.ndim == 4 else 1
    if components > 4:
        raise ValueError(f"shape {array.shape}: there are 1 to 4 components, not {components}")
    layout = LAYOUT_INTERLEAVED if array.ndim == 4 else LAYOUT_GRAY
    return SampleFormat(DTYPES.index(array.dtype), check_bits(bits, array.dtype), components, layout=layout)


def format_of_planes(planes: tuple[np.ndarray[Any, Any], ...], subsampling: str, bits: int | None) -> SampleFormat:
    """Return the format of a tuple of T×Y×X planes whose dtypes `as_samples` has checked.

    Raises
    ------
    ValueError
        If the sizes or dtypes of the planes do not go together.
    """
    if not 1 <= len(planes) <= 4:
        raise ValueError(f"a picture has 1 to 4 planes, not {len(planes)}")
    name = str(subsampling).replace(":", "")
    if name not in SUBSAMPLINGS:
        raise ValueError(f"subsampling={subsampling!r} is none of {', '.join(map(repr, SUBSAMPLINGS))}")
    sub_x, sub_y = SUBSAMPLINGS[name] if len(planes) >= 3 else (0, 0)
    first = planes[0]
    if first.ndim != 3:
        raise ValueError(f"a plane is an array of T×Y×X, not of {first.ndim} axes (shape {first.shape})")
    if first.size == 0:
        raise ValueError(f"planes of shape {first.shape} have no samples")
    fmt = SampleFormat(
        DTYPES.index(first.dtype), check_bits(bits, first.dtype), len(planes), sub_x, sub_y, LAYOUT_PLANES
    )
    check_planes(planes, fmt, first.shape)
    return fmt


def check_planes(planes: tuple[np.ndarray[Any, Any], ...], fmt: SampleFormat, size: tuple[int, ...]) -> None:
    """Raise ValueError unless `planes` have the shapes and the dtype of a format, for T×Y×X samples of `size`."""
    if len(planes) != fmt.components:
        raise ValueError(f"expected {fmt.components} planes, got {len(planes)}")
    for c, plane in enumerate(planes):
        expected = (size[0], *fmt.extent(c, size[1], size[2]))
        if plane.shape != expected:
            raise ValueError(f"plane {c} must have shape {expected}, not {plane.shape}")
        if plane.dtype != fmt.dtype:
            raise ValueError(f"plane {c} must have dtype {fmt.dtype}, not {plane.dtype}")


def split(array: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
    """Return the components of a T×Y×X or T×Y×X×C array as T×Y×X views of it."""
    if array.ndim == 3:
        return (array,)
    return tuple(array[..., c] for c in range(array.shape[3]))
