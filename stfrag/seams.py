"""The seam filter: steps at the borders of what was coded apart, taken out for viewing.

Reading with ``seams=True`` applies it to a store; here it is on its own, for planes that come from elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from . import _blocks
from .formats import DTYPES

__all__ = ["REACH", "Seam", "filter_seams"]

#: Samples on either side of a border that the filter reads, and may change.
REACH = 8


class Seam(NamedTuple):
    """A straight border between two parts of a plane.

    Attributes
    ----------
    axis : {1, 2}
        1: between rows; 2: between columns.
    at : int
        The first row (or column) after it.
    noise : tuple of float
        Root mean squared error of the samples before and after it. A side whose noise is 0 is exact, and is not
        touched.
    begin, end : int
        Columns (or rows) that it passes, half-open. Default: all of them.
    reach : tuple of int
        How far the filter may reach on either side, 4 to 8: of borders side by side, at most half of the way to the
        next one.
    """

    axis: int
    at: int
    noise: tuple[float, float]
    begin: int = 0
    end: int | None = None
    reach: tuple[int, int] = (REACH, REACH)


def filter_seams(plane: np.ndarray[Any, Any], seams: Iterable[Seam], bits: int | None = None) -> None:
    """Filter borders of a plane in place, those between columns first.

    Every line across a border is judged by itself. Where it is calm on both sides, in comparison with the noise, a
    step is taken out in proportion, over all of the reach; the busier it is, the fewer samples and the smaller a
    part. Busy lines (differences of neighbours of 4 times the noise and more) and steps of 6 to 8 times the noise and
    more, which are edges of the picture, are left alone. Integers: the same samples on every machine.

    Parameters
    ----------
    plane : ndarray
        T×Y×X or Y×X, writable, uint8 or uint16, with any strides.
    seams : iterable of Seam
    bits : int, optional
        Significant bits of a sample, up to 12. Default: 8 for uint8, 12 for uint16.

    Raises
    ------
    TypeError
        If the plane is of another dtype, or has other axes.
    ValueError
        If a border or its reach is not inside of the plane, noise is negative, or it is not writable.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag.seams import Seam, filter_seams
    >>> plane = np.full((1, 2, 32), 100, np.uint8)
    >>> plane[..., 16:] += 6
    >>> filter_seams(plane, [Seam(axis=2, at=16, noise=(2, 2))])
    >>> plane[0, 0, 7:25].tolist()
    [100, 100, 100, 100, 101, 101, 101, 102, 102, 104, 104, 105, 105, 105, 106, 106, 106, 106]
    """
    if plane.dtype not in (np.uint8, np.uint16) or plane.ndim not in (2, 3):
        raise TypeError(f"a plane is T×Y×X or Y×X of uint8 or uint16, not {plane.ndim} axes of {plane.dtype}")
    if not plane.flags.writeable:
        raise ValueError("the plane is not writable, and is filtered in place")
    stack = plane if plane.ndim == 3 else plane[None]
    rows = []
    for seam in seams:
        if seam.axis not in (1, 2):
            raise ValueError(f"axis={seam.axis}: a border is between rows (1) or between columns (2)")
        if min(seam.at, seam.begin, *seam.reach) < 0 or not all(0 <= noise <= 4095 for noise in seam.noise):
            raise ValueError(f"{seam}: numbers must not be negative, nor noise above 4095")
        end = stack.shape[3 - seam.axis] if seam.end is None else seam.end
        rows.append((seam.at, seam.begin, end, int(seam.axis == 1), *seam.reach,
                     *(math.floor(noise * noise * 256 + 0.5) for noise in seam.noise)))
    if bits is None:
        bits = 8 if plane.dtype == np.uint8 else 12
    if stack.size:
        _blocks.filter_seams(stack, DTYPES.index(plane.dtype), bits, rows)
