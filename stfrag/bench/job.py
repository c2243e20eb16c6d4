"""Descriptions of what is coded and how, plain enough to travel between processes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from .. import tiling
from ..model.formats import SUBSAMPLINGS

__all__ = ["FRAGMENTS", "WHOLE", "Cut", "Job", "NotApplicable", "Planes", "Samples", "boxes_of", "part"]

Planes = tuple[np.ndarray[Any, Any], ...]

#: The names of the two cuts: whole frames in closed GOPs as long as a fragment, and fragments.
WHOLE, FRAGMENTS = "whole", "fragments"


class NotApplicable(Exception):
    """A peer does not take these samples; the message says why."""


@dataclass(frozen=True)
class Samples:
    """What the planes of a clip hold.

    Attributes
    ----------
    frames, y, x : int
    components : int
        1 gray, 3 RGB or Y'CbCr, 2 and 4 with alpha.
    subsampling : str
        Of the second and third of three or four components, ``"420"`` and so on; ``"444"`` where there are none.
    bits : int
        Significant bits of a sample.
    dtype : str
        NumPy's name of what they are kept in.
    rgb : bool
        Whether three or four components are R, G, B (A).
    fps : Fraction
    """

    frames: int
    y: int
    x: int
    components: int = 1
    subsampling: str = "444"
    bits: int = 8
    dtype: str = "uint8"
    rgb: bool = False
    fps: Fraction = Fraction(25)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.frames, self.y, self.x

    @property
    def model(self) -> str:
        """``"gray"``, ``"rgb"`` or ``"yuv"``, as `stfrag.model.pixel_formats` says it."""
        return "gray" if self.components < 3 else "rgb" if self.rgb else "yuv"

    @property
    def alpha(self) -> bool:
        return self.components in (2, 4)

    @property
    def signed(self) -> bool:
        return np.dtype(self.dtype).kind == "i"

    def subs(self, component: int) -> tuple[int, int]:
        """log2 of the vertical and horizontal subsampling of a component."""
        if self.components < 3 or component not in (1, 2):
            return 0, 0
        sub_x, sub_y = SUBSAMPLINGS[self.subsampling]
        return sub_y, sub_x

    def plane_shape(self, component: int, box: tiling.Box | None = None) -> tuple[int, int, int]:
        """The shape of the plane of a component, of the whole clip or of a box."""
        whole = tiling.Box(0, self.frames, 0, self.y, 0, self.x)
        return (box or whole).subsampled(*self.subs(component)).shape

    @property
    def count(self) -> int:
        """The number of samples of all components."""
        return sum(int(np.prod(self.plane_shape(c))) for c in range(self.components))

    @property
    def raw_bytes(self) -> int:
        """The size of the samples in memory: one of 9 to 16 bits takes two bytes."""
        return self.count * np.dtype(self.dtype).itemsize

    def text(self) -> str:
        """A line for people, such as ``"96×360×640 Y'CbCr 4:2:0, 8 bit"``."""
        kind = {"gray": "gray", "rgb": "RGB", "yuv": f"Y'CbCr {':'.join(self.subsampling)}"}[self.model]
        alpha = " with alpha" if self.alpha else ""
        return f"{self.frames}×{self.y}×{self.x} {kind}{alpha}, {self.bits} bit{', signed' if self.signed else ''}"


@dataclass(frozen=True)
class Cut:
    """How a clip is cut into boxes, each of which is coded by itself.

    Attributes
    ----------
    name : str
        `WHOLE` or `FRAGMENTS`.
    fragment : tuple of int, optional
        Frames, rows and columns; what `stfrag.tiling.grid` takes.
    layout : str, optional
        Instead of it.
    """

    name: str
    fragment: tuple[int, int, int] | None = None
    layout: str | None = None

    def options(self) -> dict[str, Any]:
        """The options of stfrag's functions that say the same."""
        return {"layout": self.layout} if self.fragment is None else {"fragment": self.fragment}

    def whole(self, samples: Samples) -> Cut:
        """The cut of whole frames in groups as long as these fragments."""
        frames = max(box.t1 - box.t0 for box in boxes_of(samples, self))
        return Cut(WHOLE, (frames, samples.y, samples.x))


def boxes_of(samples: Samples, cut: Cut) -> list[tiling.Box]:
    """The boxes of a cut, clipped to the clip, which may be smaller than a fragment."""
    return tiling.grid(
        samples.shape, cut.fragment, cut.layout, subsampling=samples.subsampling if samples.components >= 3 else "444"
    )


def part(planes: Planes, samples: Samples, box: tiling.Box) -> Planes:
    """The samples of a box."""
    return tuple(plane[box.subsampled(*samples.subs(c)).slices] for c, plane in enumerate(planes))


@dataclass(frozen=True)
class Job:
    """One thing that a peer is asked to do.

    Attributes
    ----------
    samples : Samples
    cut : Cut
    options : mapping
        Those of the peer's setting.
    point : float, optional
        The rate or quality, in the peer's own scale; None: lossless.
    threads : int
        Threads that the peer may use.
    max_error : int
        How far off samples may be, where nothing else may be lost.
    """

    samples: Samples
    cut: Cut
    options: Mapping[str, Any] = field(default_factory=dict)
    point: float | None = None
    threads: int = 1
    max_error: int = 0

    @property
    def lossless(self) -> bool:
        return self.point is None

    @cached_property
    def boxes(self) -> Sequence[tiling.Box]:
        return boxes_of(self.samples, self.cut)

    @property
    def largest(self) -> tiling.Box:
        """The first of the largest boxes."""
        return max(self.boxes, key=lambda box: math.prod(box.shape))

    def of(self, box: tiling.Box, threads: int) -> Job:
        """The same job for one box alone, as if it were a clip."""
        frames, y, x = box.shape
        samples = replace(self.samples, frames=frames, y=y, x=x)
        return replace(self, samples=samples, cut=Cut(WHOLE, (frames, y, x)), threads=threads)
