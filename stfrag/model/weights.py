"""The option ``weights=``: a map that says where in the video errors count how much."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["STEPS_PER_OCTAVE", "Weights", "parse_weights"]

#: λ is proportional to 2^(QP/3): errors that count twice want a QP 3 lower, which is 12 steps of the quantizer.
STEPS_PER_OCTAVE = 12

#: The largest ratio of two weights, in octaves. It is far more than quantizers can follow, and far less than what
#: would make sums overflow.
_MOST_OCTAVES = 60


class Weights:
    """A map of weights, stretched over a picture, or over a whole video.

    Parameters
    ----------
    cells : ndarray
        float64, T×Y×X, positive and finite. If T is 1, the weights are the same in all frames. Only ratios count.

    Examples
    --------
    >>> halves = Weights(np.array([[[1.0, 4.0]]]))
    >>> halves.over(np.array([[0, 8, 0, 16, 0, 8], [0, 8, 0, 16, 8, 16], [0, 8, 0, 16, 0, 16]]), (8, 16, 16)).tolist()
    [0.5, 2.0, 1.25]
    """

    def __init__(self, cells: npt.NDArray[np.float64]) -> None:
        self._cells = cells / math.exp(np.log(cells).mean())

    @property
    def over_time(self) -> bool:
        """Whether weights change over time, so that the number of frames must be known to stretch the map."""
        return bool(self._cells.shape[0] > 1)

    def describe(self) -> list[int]:
        """Return what a store keeps of the weights: the size of the map, T, Y, X."""
        return list(self._cells.shape)

    def over(self, boxes: npt.NDArray[Any], size: tuple[int, int, int]) -> npt.NDArray[np.float64]:
        """Return the mean weight of each of some boxes.

        Parameters
        ----------
        boxes : ndarray
            n×6, integers: t0, t1, y0, y1, x0, x1 of each.
        size : tuple of int
            Frames, rows and columns of the video, over which the map is stretched.

        Returns
        -------
        ndarray
            n weights, relative to the geometric mean of the map.
        """
        means = self._cells
        places = []
        for axis in range(3):
            spans, place = np.unique(boxes[:, 2 * axis : 2 * axis + 2], axis=0, return_inverse=True)
            shares = _shares(spans.astype(np.float64), size[axis], self._cells.shape[axis])
            means = np.moveaxis(np.tensordot(shares, means, (1, axis)), 0, axis)
            places.append(place.reshape(-1))
        found: npt.NDArray[np.float64] = means[tuple(places)]
        return found

    def steps(self, boxes: npt.NDArray[Any], size: tuple[int, int, int]) -> npt.NDArray[np.int64]:
        """Return how many steps coarser (negative: finer) the quantizer of each box is for its weight; see `over`."""
        steps: npt.NDArray[np.int64] = np.rint(-STEPS_PER_OCTAVE * np.log2(self.over(boxes, size))).astype(np.int64)
        return steps


def _shares(spans: npt.NDArray[np.float64], size: int, cells: int) -> npt.NDArray[np.float64]:
    """Return which part of each span [a, b) of an axis lies in each cell: spans × cells, rows sum to 1."""
    borders = np.linspace(0, size, cells + 1)
    inside = np.minimum(spans[:, 1:], borders[1:]) - np.maximum(spans[:, :1], borders[:-1])
    shares: npt.NDArray[np.float64] = np.maximum(inside, 0) / (spans[:, 1:] - spans[:, :1])
    return shares


def parse_weights(value: Any) -> Weights:
    """Read what a user gave as ``weights=``.

    Parameters
    ----------
    value : array_like or Weights
        Y×X or T×Y×X of real numbers, positive and finite, of any size.

    Returns
    -------
    Weights

    Raises
    ------
    TypeError
        If the weights are no numbers.
    ValueError
        For another number of axes, no cells, a weight that is not positive and finite, or one that is more than 2^60
        times another.

    Examples
    --------
    >>> parse_weights([[1, 0]])
    Traceback (most recent call last):
    ...
    ValueError: weights= must be positive and finite: [0, 1] is 0
    """
    if isinstance(value, Weights):
        return value
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "buif":
            raise TypeError
        cells = given.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError("weights= is not an array of real numbers, Y×X or T×Y×X") from None
    if cells.ndim not in (2, 3) or cells.size == 0:
        raise ValueError(f"weights= must be Y×X or T×Y×X, not of shape {cells.shape}")
    bad = np.argwhere(~(np.isfinite(cells) & (cells > 0)))
    if len(bad):
        at = tuple(bad[0].tolist())
        raise ValueError(f"weights= must be positive and finite: {list(at)} is {cells[at]:g}")
    low, high = float(cells.min()), float(cells.max())
    if math.log2(high) - math.log2(low) > _MOST_OCTAVES:
        raise ValueError(
            f"weights= range from {low:g} to {high:g}: the largest may be 2^{_MOST_OCTAVES} times the "
            "smallest, at most"
        )
    return Weights(cells.reshape(-1, *cells.shape[-2:]))
