"""Curves: bytes and errors of every fragment over its quantizer, measured at some points and estimated between."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["UNKNOWN", "Curves"]

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]

#: Stands in place of a quantizer where the fragment was not encoded, or is not to be.
UNKNOWN = -1

#: By how much log2 of bytes and log2 of squared errors change with a step (a quarter of a QP). First what is assumed
#: where a single point is known, then the smallest and largest change that is believed beyond the outermost points:
#: the range of natural content, somewhat widened.
_SIZE_SLOPE, _SIZE_SLOPES = -0.041, (-0.12, -0.015)
_SSE_SLOPE, _SSE_SLOPES = 0.05, (0.0, 0.1)


class Curves:
    """What is known of n fragments of C planes, with a column for each time that some of them were encoded.

    Logarithms of bytes and of errors are assumed to be linear between the points of a fragment, and beyond them.

    Parameters
    ----------
    n : int
        Fragments.
    components : int
        Planes.

    Attributes
    ----------
    q : ndarray
        int16, n×columns: the quantizer, 0..255, of each fragment in each column, or UNKNOWN.
    """

    def __init__(self, n: int, components: int) -> None:
        self.q = np.zeros((n, 0), np.int16)
        self._logs = np.zeros((n, 0, 1 + components))  # log2 of bytes, then of each plane's errors + 0.5

    @property
    def components(self) -> int:
        """The number of planes."""
        return self._logs.shape[2] - 1

    def add(self, q: Steps, size: npt.NDArray[Any], sse: npt.NDArray[Any]) -> None:
        """Add a column: n quantizers (or UNKNOWN), n sizes in bytes, n×C sums of squared errors."""
        logs = np.log2(np.column_stack([np.maximum(size, 1), sse + 0.5]).astype(np.float64))
        self.q = np.column_stack([self.q, q.astype(np.int16)])
        self._logs = np.concatenate([self._logs, logs[:, None]], 1)
        self._usual = self._usual_slopes()

    def _usual_slopes(self) -> Floats:
        """Return the median slopes, of bytes and of each plane's errors, of the fragments with two points or more.

        They are used for the fragments with a single point.
        """
        found = np.array([_SIZE_SLOPE] + [_SSE_SLOPE] * self.components)
        known = self.q != UNKNOWN
        several = known.sum(1) > 1
        if several.any():
            q, logs = self.q[several].astype(np.int64), self._logs[several]
            low, high = (
                np.where(known[several], q, end).argmin(1) if end else np.where(known[several], q, UNKNOWN).argmax(1)
                for end in (9999, 0)
            )
            rows = np.arange(len(q))
            slopes = (logs[rows, high] - logs[rows, low]) / (q[rows, high] - q[rows, low])[:, None]
            found = np.median(slopes, 0)
        return found

    def column(self, q: Steps) -> npt.NDArray[np.int64]:
        """Return for each fragment i the column in which its quantizer is q[i]; UNKNOWN where there is none."""
        same = (self.q == q[:, None]) & (q[:, None] != UNKNOWN)
        return np.where(same.any(1), same.argmax(1), UNKNOWN)

    def nearest(self, q: Steps) -> Steps:
        """Return for each fragment i how far from q[i] its nearest known quantizer is; 999 if none is known."""
        away = np.where(self.q == UNKNOWN, 999, np.abs(self.q.astype(np.int64) - q[:, None]))
        found: Steps = away.min(1, initial=999)
        return found

    def known(self, q: Steps, near: int) -> Steps:
        """Return for each fragment i its known quantizer nearest to q[i] if it is within `near` steps; else q[i]."""
        away = np.where(self.q == UNKNOWN, 999, np.abs(self.q.astype(np.int64) - q[:, None]))
        best = away.argmin(1)
        rows = np.arange(len(q))
        return np.where(away[rows, best] <= near, self.q[rows, best], q)

    def at(self, q: Steps, rows: npt.NDArray[Any] | slice = slice(None)) -> tuple[Floats, Floats]:
        """Bytes and errors for quantizers.

        Parameters
        ----------
        q : ndarray
            k×m: m quantizers for each of k fragments.
        rows : index
            Which k fragments; something must be known of each. All by default.

        Returns
        -------
        bytes : ndarray
            float64, k×m.
        sse : ndarray
            float64, k×m×C.
        """
        known, logs = self.q[rows].astype(np.int64), self._logs[rows]
        order = np.argsort(np.where(known == UNKNOWN, 9999, known), 1, kind="stable")
        counts = (known != UNKNOWN).sum(1)[:, None]
        points = np.take_along_axis(known, order, 1)
        logs = np.take_along_axis(logs, order[:, :, None], 1)
        # The points around each quantizer, or the outermost two.
        last = np.maximum(counts - 2, 0)
        first = np.zeros(q.shape, np.int64)
        for column in range(1, points.shape[1]):
            first += (points[:, column : column + 1] <= q) & (column <= last)
        second = np.minimum(first + 1, counts - 1)
        q0, q1 = (np.take_along_axis(points, place, 1) for place in (first, second))
        low, high = (np.take_along_axis(logs, place[:, :, None], 1) for place in (first, second))
        slope = (high - low) / np.maximum(q1 - q0, 1)[:, :, None]
        slope = np.where((counts == 1)[:, :, None], self._usual, slope)
        least, most = np.array([_SIZE_SLOPES] + [_SSE_SLOPES] * (logs.shape[2] - 1)).T
        beyond = ((q < q0) | (q > q1))[:, :, None]
        slope = np.where(beyond, np.clip(slope, least, most), slope)
        above = (q > q1)[:, :, None]
        found = np.exp2(np.where(above, high, low) + slope * (q - np.where(q > q1, q1, q0))[:, :, None])
        return found[:, :, 0], np.maximum(found[:, :, 1:] - 0.5, 0)

    def totals(self, q: Steps, rows: npt.NDArray[Any] | slice = slice(None)) -> tuple[float, Floats]:
        """Bytes, and errors of each plane, of fragments with quantizers q together."""
        size, sse = self.at(q[:, None], rows)
        return float(size.sum()), sse.sum((0, 1))
