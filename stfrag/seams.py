"""The seam filter, which removes the steps at borders of parts that were coded separately, for viewing.

Reading with ``seams=True`` applies it to a store. The function here is for planes that come from elsewhere.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from .model.formats import DTYPES
from .native import blocks as _blocks

__all__ = ["REACH", "Seam", "filter_seams"]

#: Samples on either side of a border that the filter reads, and may change.
REACH = 8


class Seam(NamedTuple):
    """A straight border between two parts of a plane that were coded separately.

    Attributes
    ----------
    axis : {1, 2}
        1: the border is between rows; 2: between columns.
    at : int
        The first row (or column) after the border.
    noise : tuple of float
        Root mean squared error of the samples before and after the border. A side whose noise is 0 is exact, and is
        not changed.
    begin, end : int
        The columns (or rows) along which the border runs, half-open. Default: all of them.
    reach : tuple of int
        How far the filter may reach on either side, 4 to 8. With several borders side by side it must be at most half
        of the distance to the next one.

    Examples
    --------
    >>> Seam(axis=1, at=16, noise=(2.0, 0.0)).reach
    (8, 8)
    """

    axis: int
    at: int
    noise: tuple[float, float]
    begin: int = 0
    end: int | None = None
    reach: tuple[int, int] = (REACH, REACH)


def filter_seams(plane: np.ndarray[Any, Any], seams: Iterable[Seam], bits: int | None = None) -> None:
    """Filter borders of a plane in place, those between columns first.

    Each line of samples across a border is filtered by itself. If it is calm on both sides, compared with the noise,
    the step is smoothed over all of the reach. The busier the line is, the fewer samples are changed, and the less.
    Busy lines (differences of neighbours of 4 times the noise and more) and steps of 8 times the noise and more,
    which are edges of the picture, are not changed. The filter computes with integers: it gives the same samples on
    every machine.

    Parameters
    ----------
    plane : ndarray
        T×Y×X or Y×X, writable, uint8 or uint16, with any strides.
    seams : iterable of Seam
        The borders.
    bits : int, optional
        Significant bits of a sample, up to 12; no sample may have more. Default: 8 for uint8, 12 for uint16.

    Raises
    ------
    TypeError
        If the plane has another dtype, or other axes; if a border is no `Seam`, or one of its numbers is of the wrong
        type.
    ValueError
        If a border or its reach is not inside of the plane, noise is negative, the plane is not writable, or samples
        have more than `bits`. The plane is not changed then.

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
    largest = 8 if plane.dtype == np.uint8 else 12
    bits = largest if bits is None else _whole("bits", bits)
    if not 1 <= bits <= largest:
        raise ValueError(f"bits={bits} is out of range: 1 to {largest} for {plane.dtype}")
    rows = [_row(seam, stack.shape) for seam in seams]
    if not stack.size:
        return
    top = (1 << bits) - 1
    if (found := int(stack.max())) > top:
        raise ValueError(
            f"the plane has a sample of {found}, and with {bits} bits {top} is the largest: give bits= "
            f"of the samples, up to {largest}"
        )
    _blocks.filter_seams(stack, DTYPES.index(plane.dtype), bits, rows)


def _row(seam: Seam, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a checked border in the form that the C core takes: the fields of stf_seam."""
    if not isinstance(seam, Seam):
        raise TypeError(f"{seam!r} is not a Seam")
    axis, at, begin = (_whole(name, getattr(seam, name)) for name in ("axis", "at", "begin"))
    if axis not in (1, 2):
        raise ValueError(f"axis={axis}: a border is between rows (1) or between columns (2)")
    end = shape[3 - axis] if seam.end is None else _whole("end", seam.end)
    before, after = (_whole("reach", side) for side in _pair("reach", seam.reach))
    noises = _pair("noise", seam.noise)
    try:
        valid = all(0 <= noise <= 4095 for noise in noises)
    except (TypeError, ValueError):
        raise TypeError(f"noise={seam.noise!r} is not two numbers") from None
    if min(at, begin, end, before, after) < 0 or not valid:
        raise ValueError(f"{seam}: numbers must not be negative, nor noise above 4095")
    if max(before, after) > REACH:
        raise ValueError(f"{seam}: the filter reaches at most {REACH} samples")
    if max(at, begin, end) > max(shape):
        raise ValueError(f"{seam} is not inside of a plane of {shape[1]}×{shape[2]} samples")
    return (
        at,
        begin,
        end,
        int(axis == 1),
        before,
        after,
        *(math.floor(float(noise) ** 2 * 256 + 0.5) for noise in noises),
    )


def _whole(name: str, value: Any) -> int:
    """Return `value` as an int; TypeError if it is no integer."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is not an integer") from None


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    """Return the two elements of `value`; TypeError if there are not two."""
    try:
        before, after = value
    except TypeError:
        raise TypeError(f"{name}={value!r} is not two numbers, before and after the border") from None
    except ValueError:
        raise ValueError(f"{name}={value!r} is not two numbers, before and after the border") from None
    return before, after
