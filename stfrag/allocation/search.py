"""The search for the quantizers that meet a target: from a few fragments to the last bytes.

The search is a generator: it yields what to encode next, a quantizer for each fragment or UNKNOWN, and expects that
bytes and errors are in the curves when it goes on. It has these encoded:

1. A few fragments, until the QP that would meet the target, if all had the same, is known roughly.
2. All fragments with that QP.
3. All fragments at equal slope, which is an estimate as long as each fragment has a single point; then, again, those
   that turn out not to be at equal slope.
4. The few fragments that bring the total nearer to the target.

No fragment is encoded twice with the same quantizer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..model.target import Target
from .aims import Aim, Errors
from .allocate import COARSEST, FINEST, equal_slope, next_unknown, single_moves
from .curves import UNKNOWN, Curves

__all__ = ["Problem", "first_guess", "is_sampled", "search", "share_to_sample"]

Steps = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: A fragment is not encoded again if a point is known within this many steps (quarters of a QP) of the quantizer.
_SERVES = 3
#: If the common QP turns out to have been off by more steps than this, all fragments are encoded again.
_OFF = 5
#: The sample is encoded again unless a point is known within this many steps of the estimate.
_NEAR_SAMPLE = 6
#: From this error on, an encode is tried even if it is not likely to help.
_WORTH = 0.005
#: How often each of the four stages encodes, at most.
_SAMPLES, _PROBES, _SLOPES, _ROUNDS = 3, 4, 3, 5


def share_to_sample(fragments: int | None) -> float:
    """Return the part of the fragments that is encoded first; `fragments` is how many are expected, if known."""
    if not fragments:
        return 1 / 8
    return min(1.0, (fragments // 8 + 1) / fragments)


def is_sampled(number: int, share: float) -> bool:
    """Tell whether a fragment belongs to the part that is encoded first.

    The multiples of the golden ratio spread the sample evenly, whatever the number of tiles.
    """
    return number * 0.6180339887498949 % 1 < share


def first_guess(target: Target, samples: int | None, positions: int | None) -> int:
    """Return a quantizer to begin with, by what is usual for natural content.

    That is 40.5 dB at QP 22, and 0.1 bits per sample at QP 28.

    Parameters
    ----------
    target : Target
    samples, positions : int, optional
        The number of samples of all components, and of luma, if that is known.
    """
    qp = 28.0
    if target.kind == "psnr":
        qp = 22 + (40.5 - target.value) / 0.6
    else:
        per_sample = {"bytes": 8, "bits_per_sample": samples, "bits_per_pixel": positions}.get(target.kind)
        if per_sample and samples:
            qp = 28 - np.log2(target.value * per_sample / samples / 0.1) / 0.164
    return round(4 * float(np.clip(qp, 6, 52)))


@dataclass(frozen=True, slots=True)
class Problem:
    """The problem that a search solves: quantizers of n fragments that meet a target.

    A *level* is one quantizer for all fragments, from which each differs by its offset.

    Attributes
    ----------
    target : Target
        The target, for messages.
    aim : Aim
        How far off bytes and errors are.
    errors : Errors
        How the errors of planes are summed up.
    curves : Curves
        What is known of the fragments, with at least one column. For each yield of the search, whoever encodes adds
        a column before the search goes on.
    weights, offsets : ndarray
        How much errors count in each fragment, and how many steps its quantizer differs from the level for that.
    pixels : ndarray
        The pixels of each fragment.
    strict : bool
        True: the result must be within the tolerance of the aim. False: the nearest possible result will do, unless
        the target is beyond what the finest or the coarsest quantizers give.
    """

    target: Target
    aim: Aim
    errors: Errors
    curves: Curves
    weights: Floats
    offsets: Steps
    pixels: Floats
    strict: bool = True

    @property
    def lowest(self) -> int:
        """The level at which, and below which, all fragments have the finest quantizer."""
        return FINEST - int(self.offsets.max())

    @property
    def highest(self) -> int:
        """The level at which, and above which, all fragments have the coarsest quantizer."""
        return COARSEST - int(self.offsets.min())

    def level(self, base: int) -> Steps:
        """Return the quantizers of all fragments at a level."""
        return np.clip(base + self.offsets, FINEST, COARSEST)

    def unknown(self, q: Steps, near: int = 0) -> Steps:
        """Return the quantizers to encode: q[i] where fragment i has no point within `near` steps, else UNKNOWN."""
        return np.where(self.curves.nearest(q) <= near, UNKNOWN, q)

    def solve(self, rows: npt.NDArray[np.bool_]) -> int:
        """Return the finest level that does not exceed the target, judging the whole by the fragments `rows`."""
        scale = float(self.pixels.sum() / self.pixels[rows].sum())
        low, high = self.lowest, self.highest
        while low < high:
            base = (low + high) // 2
            size, sse = self.curves.totals(self.level(base)[rows], rows)
            low, high = (base + 1, high) if self.aim.error(scale * size, scale * sse) > 0 else (low, base)
        return low


def search(problem: Problem, settle: Callable[[Steps], None]) -> Generator[Steps, None, Steps]:
    """Find the quantizers of n fragments, some of which were encoded already.

    Parameters
    ----------
    problem : Problem
    settle : callable
        Called with n quantizers that are near the solution, and with which all fragments were encoded. It may use
        them to make the aim more exact.

    Yields
    ------
    ndarray
        n quantizers: encode each fragment with its one, or not at all if it is UNKNOWN.

    Returns
    -------
    ndarray
        n quantizers; all fragments were encoded with theirs.

    Raises
    ------
    ValueError
        If the target cannot be met; the message names the nearest values that can.
    """
    base = yield from _level_of_sample(problem)
    base = yield from _level_of_all(problem, base, settle)
    q, shares = yield from _equal_slopes(problem, base)
    return (yield from _nearest(problem, q, shares))


def _level_of_sample(p: Problem) -> Generator[Steps, None, int]:
    """Run stage 1: encode the sample until the level that meets the target is known roughly; return the level."""
    sampled = p.curves.nearest(p.offsets) < 999
    for _ in range(_SAMPLES):
        base = p.solve(sampled)
        ask = np.where(sampled, p.unknown(p.level(base), _NEAR_SAMPLE), UNKNOWN)
        if (ask == UNKNOWN).all():
            break
        yield ask
    return p.solve(sampled)


def _level_of_all(p: Problem, base: int, settle: Callable[[Steps], None]) -> Generator[Steps, None, int]:
    """Run stage 2: encode all fragments at one level, until it is about the right one; return the level."""
    every = np.ones(len(p.offsets), bool)
    for _ in range(_PROBES):
        ask = p.unknown(p.level(base), _SERVES if len(p.offsets) > 1 else 0)
        if (ask != UNKNOWN).any():
            yield ask
        settle(p.curves.known(p.level(base), 999))
        base, before = p.solve(every), base
        if abs(base - before) <= _OFF:
            break
    for end in (p.lowest, p.highest):
        if base == end:
            base = yield from _level_at_end(p, end, every, settle)
    return base


def _level_at_end(
    p: Problem, end: int, every: npt.NDArray[np.bool_], settle: Callable[[Steps], None]
) -> Generator[Steps, None, int]:
    """Encode at the finest or the coarsest level and return the level that is right then.

    Raises
    ------
    ValueError
        If even the finest or the coarsest level does not meet the target.
    """
    ask = p.unknown(p.level(end))
    if (ask != UNKNOWN).any():
        yield ask
    settle(p.level(end))
    base = p.solve(every)
    size, sse = p.curves.totals(p.level(end))
    off = float(p.aim.error(size, sse))
    if base == end and abs(off) > p.aim.tolerance and (off < 0) == (end == p.lowest):
        word = "most" if end == p.lowest else "least"
        raise ValueError(
            f"target={str(p.target)!r} cannot be met: the {word} that can is "
            f"{p.target.kind}={p.target.text(p.aim.value(size, sse))}"
        )
    return base


def _equal_slopes(p: Problem, base: int) -> Generator[Steps, None, tuple[Steps, Floats]]:
    """Run stage 3: encode at equal slope, first by the usual slopes of curves, then by each fragment's own.

    Returns
    -------
    q : ndarray
        The quantizers.
    shares : ndarray
        How much errors count in each plane.
    """
    _, sse = p.curves.totals(p.level(base))
    shares = p.errors.shares(sse)
    q = p.level(base)
    for turn in range(_SLOPES if len(p.offsets) > 1 else 1):
        if len(p.offsets) > 1:
            wanted = equal_slope(p.curves, p.level(base), p.weights, shares, p.aim.error)
            q = p.curves.known(wanted, _SERVES if turn else 0)
        ask = p.unknown(q)
        if (ask == UNKNOWN).all():
            break
        yield ask
    return q, shares


def _nearest(p: Problem, q: Steps, shares: Floats) -> Generator[Steps, None, Steps]:
    """Run stage 4: encode a few fragments anew, so that the total comes nearer to the target; return the quantizers.

    Raises
    ------
    ValueError
        If the total stays too far off.
    """
    best, off = q, np.inf
    below: float | None = None
    above: float | None = None
    for turn in range(_ROUNDS + 1):
        size, sse = p.curves.totals(q)
        signed, value = float(p.aim.error(size, sse)), p.aim.value(size, sse)
        if abs(signed) < abs(off):
            best, off = q, signed
        if signed < 0:
            below = value if below is None else max(below, value)
        else:
            above = value if above is None else min(above, value)
        if abs(off) <= p.aim.near or turn == _ROUNDS:
            break
        moved = single_moves(p.curves, best, p.weights, shares, p.aim.error)
        if (moved == best).all() and (len(q) == 1 or abs(off) > _WORTH):
            moved = next_unknown(p.curves, best, p.aim.error)
        if (moved == best).all():
            break
        q = moved
        ask = p.unknown(q)
        if (ask != UNKNOWN).any():
            yield ask
    if p.strict and abs(off) > p.aim.tolerance:
        found = (value for value in (below, above) if value is not None)
        nearest = " and ".join(f"{p.target.kind}={p.target.text(value)}" for value in found)
        raise ValueError(f"target={str(p.target)!r} cannot be met: the nearest that can are {nearest}")
    return best
