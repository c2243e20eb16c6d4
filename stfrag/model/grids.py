"""Grids of fragments: named layouts, exact sizes, and the limits that the format has for a fragment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from .formats import SampleFormat

__all__ = ["LAYOUTS", "Cut", "Grid", "LayoutName", "check_fragment_size", "resolve_grid"]

#: The largest fragment that the format allows: frames, rows and columns, samples.
MAX_T, MAX_YX, MAX_SAMPLES = 1024, 16384, 1 << 28

#: The values of ``layout=``.
LayoutName = Literal["balanced", "frame", "time", "compact"]

#: The nominal fragment (frames, rows, columns) of each named layout; None stands for the whole picture.
LAYOUTS: dict[LayoutName, tuple[int, int | None, int | None]] = {
    "balanced": (32, 256, 256),
    "frame": (8, None, None),
    "time": (256, 64, 64),
    "compact": (64, 512, 512),
}
_CUT_EXACT, _CUT_BALANCED = 0, 1


class Cut(Protocol):
    """The two options that say how pictures are cut: an exact fragment, or else a layout."""

    @property
    def fragment(self) -> tuple[int, int, int] | None:
        """Frames, rows and columns of a fragment."""

    @property
    def layout(self) -> LayoutName:
        """The name of a layout."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How a store is cut, as stf_store_desc has it.

    Attributes
    ----------
    fragment : tuple of int
        The nominal fragment: frames, rows, columns.
    cuts : tuple of int
        How each of the three axes is cut (stf_cut): 0 into exact, 1 into balanced pieces.
    """

    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]


def resolve_grid(options: Cut, fmt: SampleFormat, y: int, x: int) -> Grid:
    """Return the grid of a store with pictures of y × x.

    Raises
    ------
    ValueError
        If an explicit fragment is not a multiple of the chroma subsampling, or larger than a fragment may be.
    """
    if options.fragment is not None:
        t, fy, fx = options.fragment
        for name, piece, size, shift in (("rows", fy, y, fmt.sub_y), ("columns", fx, x, fmt.sub_x)):
            if piece < size and piece % (1 << shift):
                raise ValueError(
                    f"fragment={options.fragment}: {piece} {name} are not a multiple of the chroma "
                    f"subsampling, {1 << shift}"
                )
        fragment = (t, min(fy, y), min(fx, x))
        check_fragment_size(fmt, fragment, f"fragment={options.fragment}")
        return Grid(fragment, (_CUT_EXACT,) * 3)
    t, ny, nx = LAYOUTS[options.layout]
    # Layouts of whole frames are cut in space only where frames are over the limits.
    fy, fx = (min(size, nominal or (size if size <= MAX_YX else MAX_YX // 2)) for size, nominal in ((y, ny), (x, nx)))
    while fmt.samples(t + t // 2, _longest(y, fy), _longest(x, fx)) > MAX_SAMPLES:
        if t > 1:
            t //= 2
        elif fy >= fx:
            fy = -(-fy // 32) * 16
        else:
            fx = -(-fx // 32) * 16
    return Grid((t, fy, fx), (_CUT_BALANCED,) * 3)


def _longest(size: int, piece: int) -> int:
    """Return the length of the longest piece that a balanced cut of an axis can make."""
    return size if piece >= size else min(size, piece + piece // 2)


def check_fragment_size(fmt: SampleFormat, size: tuple[int, int, int], what: str) -> None:
    """Raise ValueError for a fragment that is over the limits of the format; `what` is its name in the message."""
    t, y, x = size
    if t > MAX_T or y > MAX_YX or x > MAX_YX:
        raise ValueError(f"{what} is too large: a fragment has at most {MAX_T} frames of {MAX_YX}×{MAX_YX}")
    if fmt.samples(t, y, x) > MAX_SAMPLES:
        raise ValueError(f"{what} is too large: {fmt.samples(t, y, x)} samples; a fragment has at most {MAX_SAMPLES}")
