"""NumPy's basic indexing, resolved to the samples that must be read and the shape of the result."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Axis", "Selection", "select"]


class Axis(NamedTuple):
    """The indices that are taken of one axis: ``start, start + step, ...``, `length` of them."""

    start: int
    step: int
    length: int

    @property
    def low(self) -> int:
        """The smallest index."""
        return self.start if self.step > 0 else self.start + (self.length - 1) * self.step

    @property
    def high(self) -> int:
        """The largest index plus one."""
        return self.low + (self.length - 1) * abs(self.step) + 1

    @property
    def whole(self) -> slice:
        """The slice that takes the indices out of an array that holds ``low`` to ``high``."""
        return slice(None, None, self.step)

    def indices(self) -> np.ndarray[Any, Any]:
        """Return the indices in their order, as uint64."""
        return (self.start + self.step * np.arange(self.length, dtype=np.int64)).astype(np.uint64)


class Selection(NamedTuple):
    """An index that was resolved for an array of known shape.

    Attributes
    ----------
    axes : tuple of Axis
        One for every axis of the array.
    shape : tuple of int
        The shape of the result.
    block : tuple
        An index into the result that gives a view with all axes of the array: axes that an integer dropped are back
        with length 1, axes that ``newaxis`` added are gone.
    scalar : bool
        Whether the result is one sample and not an array.
    """

    axes: tuple[Axis, ...]
    shape: tuple[int, ...]
    block: tuple[Any, ...]
    scalar: bool

    @property
    def empty(self) -> bool:
        """Whether nothing is selected."""
        return any(axis.length == 0 for axis in self.axes)


def select(key: Any, shape: tuple[int, ...]) -> Selection:
    """Resolve ``array[key]`` for an array of `shape`.

    Parameters
    ----------
    key : int, slice, Ellipsis, None, or a tuple of these
    shape : tuple of int

    Returns
    -------
    Selection

    Raises
    ------
    IndexError
        Where NumPy raises it; also for indices by arrays, lists and booleans.
    TypeError, ValueError
        Where Python raises them: for slices of something that is no integer, or with a step of 0.

    Examples
    --------
    >>> select((slice(None, None, -2), 3), (5, 10)).shape
    (3,)
    """
    keys: tuple[Any, ...] = key if isinstance(key, tuple) else (key,)
    ellipses = sum(k is Ellipsis for k in keys)
    if ellipses > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    used = sum(k is not None and k is not Ellipsis for k in keys)
    if used > len(shape):
        raise IndexError(f"too many indices: there are {len(shape)} axes, but {used} were indexed")
    fill = (slice(None),) * (len(shape) - used)
    if ellipses:
        at = next(i for i, k in enumerate(keys) if k is Ellipsis)
        keys = keys[:at] + fill + keys[at + 1 :]
    else:
        keys = keys + fill
    axes: list[Axis] = []
    result: list[int] = []
    block: list[Any] = []
    for k in keys:
        if k is None:
            result.append(1)
            block.append(0)
            continue
        size = shape[len(axes)]
        if isinstance(k, slice):
            start, stop, step = k.indices(size)
            axis = Axis(start, step, len(range(start, stop, step)))
            result.append(axis.length)
            block.append(slice(None))
        else:
            axis = Axis(_integer(k, len(axes), size), 1, 1)
            block.append(None)
        axes.append(axis)
    return Selection(tuple(axes), tuple(result), tuple(block), not ellipses and not result)


def _integer(key: Any, axis: int, size: int) -> int:
    """Return an index of one axis as an int from 0 on; IndexError if it is none or out of bounds."""
    if isinstance(key, (bool, np.bool_, list, tuple)) or getattr(key, "ndim", 0) != 0:
        raise IndexError(
            "only integers, slices, `...` and `None` index a store: get_frames_at(indices) reads any "
            "frames in any order, and np.asarray() the whole"
        )
    try:
        number = operator.index(key)
    except TypeError:
        raise IndexError(f"only integers, slices, `...` and `None` index a store, not {type(key).__name__}") from None
    if not -size <= number < size:
        raise IndexError(f"index {number} is out of bounds for axis {axis} with size {size}")
    return number + size if number < 0 else number
