"""Quantizers at equal slope: no fragment could give bits to another and the errors of both together become less.

Each fragment takes the quantizer with the least cost + λ · bytes: that is a point of the lower convex hull of its
curve, the one with the slope −λ. The same λ for all is the best that their bytes together can buy, and bisection
finds the λ that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .curves import UNKNOWN, Curves

__all__ = ["COARSEST", "FINEST", "costs", "equal_slope", "next_unknown", "single_moves"]

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
#: Of (bytes, errors of the planes): positive for too many bytes.
Error = Callable[[float, Floats], Any]

FINEST, COARSEST = 0, 255
#: How far, in steps of a quarter QP, a fragment may be from where it would be at one QP for all.
_REACH = 16
#: Fragments that are looked at together.
_ROWS = 4096
#: So many are looked at one by one.
_FEW = 64
_BISECTIONS = 40


def costs(curves: Curves, q: Steps, weights: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Bytes, and errors as they count, of n fragments with n×m quantizers: n×m each."""
    size, cost = np.empty(q.shape), np.empty(q.shape)
    for first in range(0, len(q), _ROWS):
        rows = slice(first, first + _ROWS)
        size[rows], sse = curves.at(q[rows], rows)
        cost[rows] = (sse @ shares) * weights[rows, None]
    return size, cost


def equal_slope(curves: Curves, around: Steps, weights: Floats, shares: Floats, error: Error) -> Steps:
    """Quantizers at the slope at which `error` is nearest to nothing.

    Parameters
    ----------
    curves : Curves
    around : ndarray
        n quantizers; those that are found are not far from them.
    weights : ndarray
        How much errors count in each of the n fragments.
    shares : ndarray
        And in each plane.
    error : callable

    Returns
    -------
    ndarray
        n quantizers.
    """
    choices = np.clip(around[:, None] + np.arange(-_REACH, _REACH + 1), FINEST, COARSEST)
    size, cost = costs(curves, choices, weights, shares)
    scale = max(float(cost.sum()), 1e-30) / float(size.sum())
    rows = np.arange(len(choices))

    def at_slope(octave: float) -> tuple[Steps, float]:
        chosen = choices[rows, np.argmin(cost + (scale * 2.0**octave) * size, 1)]
        return chosen, float(error(*curves.totals(chosen)))

    low, high = -24.0, 24.0  # of log2 λ: finer, coarser
    best, off = min((at_slope(end) for end in (low, high)), key=lambda found: abs(found[1]))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        chosen, signed = at_slope(middle)
        if abs(signed) < abs(off):
            best, off = chosen, signed
        if signed > 0:
            low = middle
        else:
            high = middle
    return best


def single_moves(curves: Curves, q: Steps, weights: Floats, shares: Floats, error: Error) -> Steps:
    """Quantizers a little nearer to what is asked for: the fewest fragments a step finer or coarser, those first that
    gain or lose the most errors for their bytes.

    Parameters
    ----------
    q : ndarray
        n quantizers, whose bytes and errors are known.
    curves, weights, shares, error
        As for `equal_slope`.

    Returns
    -------
    ndarray
        n quantizers; `q` itself if no move is likely to help.
    """
    now = float(error(*curves.totals(q)))
    best, off = q, abs(now)
    step = 1 if now > 0 else -1
    for length in (1, 2, 4, 8):
        there = np.clip(q + step * length, FINEST, COARSEST)
        size, cost = costs(curves, np.stack([q, there], 1), weights, shares)
        bytes_moved, cost_moved = np.abs(size[:, 1] - size[:, 0]), np.abs(cost[:, 1] - cost[:, 0])
        slopes = cost_moved / np.maximum(bytes_moved, 1e-9)
        order = np.argsort(slopes * step, kind="stable")  # what costs least in errors, or gives most
        order = order[there[order] != q[order]]
        if not len(order):
            break
        low, high = 0, len(order)  # how many of them to move, by bisection
        while True:
            count = (low + high) // 2
            moved = q.copy()
            moved[order[:count]] = there[order[:count]]
            signed = float(error(*curves.totals(moved)))
            if abs(signed) < off:
                best, off = moved, abs(signed)
            if high - low <= 1:
                break
            low, high = (count, high) if signed * step > 0 else (low, count)
        moved = q.copy()
        moved[order] = there[order]
        signed = float(error(*curves.totals(moved)))
        if abs(signed) < off:
            best, off = moved, abs(signed)
        if signed * step <= 0:
            break
    return _one_more(curves, best, off, error)


def _one_more(curves: Curves, q: Steps, off: float, error: Error) -> Steps:
    """Of few fragments: the single step of a single one that makes it better still, if there is any."""
    best = q
    for row in range(len(q) if len(q) <= _FEW else 0):
        for step in (-2, -1, 1, 2):
            moved = q.copy()
            moved[row] = np.clip(moved[row] + step, FINEST, COARSEST)
            signed = abs(float(error(*curves.totals(moved))))
            if signed < 0.8 * off:
                best, off = moved, signed
    return best


def next_unknown(curves: Curves, q: Steps, error: Error) -> Steps:
    """Where no move is likely to help, the one that may: of few fragments, one a step on, where it was never encoded.

    Returns
    -------
    ndarray
        n quantizers; `q` itself if there is no such move.
    """
    step = 1 if float(error(*curves.totals(q))) > 0 else -1
    best, least = q, np.inf
    for row in range(len(q) if len(q) <= _FEW else 0):
        moved = q.copy()
        moved[row] += step
        if FINEST <= moved[row] <= COARSEST and curves.column(moved)[row] == UNKNOWN:
            signed = abs(float(error(*curves.totals(moved))))
            if signed < least:
                best, least = moved, signed
    return best
