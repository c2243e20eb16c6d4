"""Quantizers at equal slope: moving bits from one fragment to another would not lower the errors of both together.

Each fragment takes the quantizer with the least cost + λ · bytes, where its cost is its weighted errors. That is the
point with slope −λ on the lower convex hull of the fragment's curve. With the same λ for all fragments, no other
choice of as many bytes has lower errors. Bisection finds the λ that meets the target.
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
#: A function of the bytes and of the errors of the planes, positive for too many bytes: :meth:`Aim.error`.
Error = Callable[[float, Floats], Any]

#: The lowest and the highest quantizer, in steps of a quarter QP.
FINEST, COARSEST = 0, 255
#: How many steps a fragment's quantizer may differ from the one that it would have with the same QP for all.
_REACH = 16
#: How many fragments are evaluated together, to bound memory.
_ROWS = 4096
#: Up to how many fragments moves of single ones are tried.
_FEW = 64
_BISECTIONS = 40


def costs(curves: Curves, q: Steps, weights: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Return bytes and weighted errors of n fragments at m quantizers each.

    Parameters
    ----------
    curves : Curves
    q : ndarray
        n×m quantizers.
    weights : ndarray
        How much errors count in each of the n fragments.
    shares : ndarray
        How much errors count in each plane.

    Returns
    -------
    size, cost : ndarray
        float64, n×m each.
    """
    size, cost = np.empty(q.shape), np.empty(q.shape)
    for first in range(0, len(q), _ROWS):
        rows = slice(first, first + _ROWS)
        size[rows], sse = curves.at(q[rows], rows)
        cost[rows] = (sse @ shares) * weights[rows, None]
    return size, cost


def equal_slope(curves: Curves, around: Steps, weights: Floats, shares: Floats, error: Error) -> Steps:
    """Find the quantizers at equal slope whose `error` is nearest to 0.

    Parameters
    ----------
    curves : Curves
    around : ndarray
        n quantizers; those that are found are not far from them.
    weights : ndarray
        How much errors count in each of the n fragments.
    shares : ndarray
        How much errors count in each plane.
    error : callable
        How far off bytes and errors of all fragments are.

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
        """Return the quantizers at one slope, and their error."""
        chosen = choices[rows, np.argmin(cost + (scale * 2.0**octave) * size, 1)]
        return chosen, float(error(*curves.totals(chosen)))

    low, high = -24.0, 24.0  # log2 of λ: lower is finer, higher is coarser
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
    """Move as few fragments as possible one or a few steps finer or coarser, so that `error` comes nearer to 0.

    The fragments that move first are those where it pays most: the most errors saved, or the fewest added, for their
    bytes.

    Parameters
    ----------
    curves : Curves
    q : ndarray
        n quantizers, whose bytes and errors are known.
    weights, shares, error
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
        order = np.argsort(slopes * step, kind="stable")  # first those whose move costs least, or saves most errors
        order = order[there[order] != q[order]]
        if not len(order):
            break
        low, high = 0, len(order)  # bisection finds how many of them to move
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
    """Move one more fragment by one or two steps if that makes the error clearly less; only if there are few."""
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
    """Move one fragment a step on, to a quantizer that it was never encoded with.

    This is for when no known move helps: what comes out may be better than the curves say. It is tried only if there
    are few fragments.

    Parameters
    ----------
    curves : Curves
    q : ndarray
        n quantizers, whose bytes and errors are known.
    error : callable
        As for `equal_slope`.

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
