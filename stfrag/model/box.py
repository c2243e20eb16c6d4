"""Boxes of samples: what a fragment covers, or what a region asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Box"]


class Box(NamedTuple):
    """A half-open box: frames t0..t1, rows y0..y1, columns x0..x1, in samples of the full picture.

    Examples
    --------
    >>> from stfrag.tiling import Box
    >>> box = Box(0, 2, 8, 16, 0, 4)
    >>> box.shape, box.slices
    ((2, 8, 4), (slice(0, 2, None), slice(8, 16, None), slice(0, 4, None)))
    >>> box.grow((1, 2, 2), (9, 17, 64))
    Box(t0=0, t1=3, y0=6, y1=17, x0=0, x1=6)
    """

    t0: int
    t1: int
    y0: int
    y1: int
    x0: int
    x1: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """The number of frames, rows and columns."""
        return self.t1 - self.t0, self.y1 - self.y0, self.x1 - self.x0

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Slices that take the box out of an array."""
        return slice(self.t0, self.t1), slice(self.y0, self.y1), slice(self.x0, self.x1)

    def grow(self, halo: tuple[int, int, int], shape: Sequence[int]) -> Box:
        """Return the box with `halo` more samples on each side, clipped to an array of this shape."""
        t, y, x = halo
        return Box(
            max(self.t0 - t, 0),
            min(self.t1 + t, shape[0]),
            max(self.y0 - y, 0),
            min(self.y1 + y, shape[1]),
            max(self.x0 - x, 0),
            min(self.x1 + x, shape[2]),
        )

    def subsampled(self, sub_y: int, sub_x: int) -> Box:
        """Return the box in a plane that is subsampled by s = 2**sub_y, 2**sub_x: from ⌊a/s⌋ to ⌈b/s⌉."""
        return Box(self.t0, self.t1, self.y0 >> sub_y, -(-self.y1 >> sub_y), self.x0 >> sub_x, -(-self.x1 >> sub_x))
