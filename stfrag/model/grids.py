"""How pictures are cut into fragments: named layouts, exact sizes, and the limits of the format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from .formats import SampleFormat

__all__ = ["LAYOUTS", "Cut", "Grid", "LayoutName", "check_fragment_size", "resolve_grid"]

MAX_T, MAX_YX, MAX_SAMPLES = 1024, 16384, 1 << 28  # of one fragment; format limits

#: What ``layout=`` takes.
LayoutName = Literal["balanced", "frame", "time", "compact"]

#: Nominal fragments of the named layouts; None: the whole picture.
LAYOUTS: dict[LayoutName, tuple[int, int | None, int | None]] = {
    "balanced": (32, 256, 256),
    "frame": (8, None, None),
    "time": (256, 64, 64),
    "compact": (64, 512, 512),
}
_CUT_EXACT, _CUT_BALANCED = 0, 1


class Cut(Protocol):
    """What a user says of how to cut: an exact fragment, or else a layout."""

    @property
    def fragment(self) -> tuple[int, int, int] | None:
        """Frames, rows and columns of a fragment."""

    @property
    def layout(self) -> LayoutName:
        """The name of a layout."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Nominal fragment and how axes are cut, as stf_store_desc has them."""

    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]


def resolve_grid(options: Cut, fmt: SampleFormat, y: int, x: int) -> Grid:
    """The nominal fragment for pictures of y × x.

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
    # Whole frames are cut only where they are over the limits.
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
    """The longest piece that a balanced cut makes."""
    return size if piece >= size else min(size, piece + piece // 2)


def check_fragment_size(fmt: SampleFormat, size: tuple[int, int, int], what: str) -> None:
    """Raise ValueError for a fragment over the limits of the format."""
    t, y, x = size
    if t > MAX_T or y > MAX_YX or x > MAX_YX:
        raise ValueError(f"{what} is too large: a fragment has at most {MAX_T} frames of {MAX_YX}×{MAX_YX}")
    if fmt.samples(t, y, x) > MAX_SAMPLES:
        raise ValueError(f"{what} is too large: {fmt.samples(t, y, x)} samples; a fragment has at most {MAX_SAMPLES}")
