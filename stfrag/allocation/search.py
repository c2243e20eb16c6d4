"""The search for the quantizers that meet a target: from a few fragments to the last bytes.

It is a generator: it yields what to encode next, a quantizer for each fragment or UNKNOWN, and finds what came of it
in its curves.

1. A few fragments, until one QP for all is known roughly.
2. All of them with that.
3. All of them at equal slope, as far as it is known from one point each; then those again whose second point says
   that they are not.
4. Those few that bring the total nearer.

What was encoded once is never encoded again.
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

#: How near to a quantizer, in steps of a quarter QP, a point serves that is known already, and how far off the one QP
#: for all may turn out to have been without fragments being probed again.
_SERVES, _OFF = 3, 5
#: Steps from a point of the sample at which the middle is known well enough.
_NEAR_SAMPLE = 6
#: Error that is worth an encode which is not likely to help.
_WORTH = 0.005
_SAMPLES, _PROBES, _SLOPES, _ROUNDS = 3, 4, 3, 5


def share_to_sample(fragments: int | None) -> float:
    """The part of the fragments that is encoded first, if so many are expected."""
    if not fragments:
        return 1 / 8
    return min(1.0, (fragments // 8 + 1) / fragments)


def is_sampled(number: int, share: float) -> bool:
    """Whether a fragment is one of those that are encoded first: spread evenly, whatever the number of tiles."""
    return number * 0.6180339887498949 % 1 < share


def first_guess(target: Target, samples: int | None, positions: int | None) -> int:
    """A quantizer to begin with, from what natural content has: 40.5 dB at QP 22, 0.1 bits a sample at QP 28.

    Parameters
    ----------
    target : Target
    samples, positions : int, optional
        How many samples of all components and of luma there are, if that is known.
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
    """What is searched for: quantizers of n fragments that meet a target.

    Attributes
    ----------
    target : Target
        For messages.
    aim : Aim
    errors : Errors
    curves : Curves
        With at least one column; whoever encodes adds one for each yield of the search, before going on.
    weights, offsets : ndarray
        How much errors count in each fragment, and how many steps that is.
    pixels : ndarray
        Of each fragment.
    strict : bool
        Whether the best of what there is must be within the tolerance; if not, it need only not be beyond all of it.
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
        """The level below which all fragments are at the finest quantizer."""
        return FINEST - int(self.offsets.max())

    @property
    def highest(self) -> int:
        """The level above which all fragments are at the coarsest quantizer."""
        return COARSEST - int(self.offsets.min())

    def level(self, base: int) -> Steps:
        """One quantizer for all, but for the weights."""
        return np.clip(base + self.offsets, FINEST, COARSEST)

    def unknown(self, q: Steps, near: int = 0) -> Steps:
        """Those of some quantizers that were not encoded, not even within `near` steps; else UNKNOWN."""
        return np.where(self.curves.nearest(q) <= near, UNKNOWN, q)

    def solve(self, rows: npt.NDArray[np.bool_]) -> int:
        """The finest level that does not exceed the target, by what is known of some fragments."""
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
        Told of quantizers near those that are looked for, all of which are encoded: the aim may know better then.

    Yields
    ------
    ndarray
        n quantizers to encode with, or UNKNOWN.

    Returns
    -------
    ndarray
        n quantizers, all of which are encoded.

    Raises
    ------
    ValueError
        If the target cannot be met, with the nearest values that can.
    """
    base = yield from _level_of_sample(problem)
    base = yield from _level_of_all(problem, base, settle)
    q, shares = yield from _equal_slopes(problem, base)
    return (yield from _nearest(problem, q, shares))


def _level_of_sample(p: Problem) -> Generator[Steps, None, int]:
    """Stage 1: encode the sample until one level for all is known roughly."""
    sampled = p.curves.nearest(p.offsets) < 999
    for _ in range(_SAMPLES):
        base = p.solve(sampled)
        ask = np.where(sampled, p.unknown(p.level(base), _NEAR_SAMPLE), UNKNOWN)
        if (ask == UNKNOWN).all():
            break
        yield ask
    return p.solve(sampled)


def _level_of_all(p: Problem, base: int, settle: Callable[[Steps], None]) -> Generator[Steps, None, int]:
    """Stage 2: encode all fragments at one level, until it is the right one."""
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
    """The level once the finest or the coarsest one is encoded; ValueError if even that does not meet the target."""
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
    """Stage 3: encode at equal slope, first by the usual slopes, then by their own; also the shares of errors."""
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
    """Stage 4: encode those few fragments anew that bring the total nearer; ValueError if it stays too far off."""
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
