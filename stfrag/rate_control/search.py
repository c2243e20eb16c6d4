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

import numpy as np
import numpy.typing as npt

from ..model.target import Target
from .aims import Aim, Errors
from .allocate import COARSEST, FINEST, equal_slope, next_unknown, single_moves
from .curves import UNKNOWN, Curves

__all__ = ["first_guess", "is_sampled", "search", "share_to_sample"]

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
    """Which part of the fragments is encoded first, if so many are expected."""
    if not fragments:
        return 1 / 8
    return min(1.0, (fragments // 8 + 1) / fragments)


def is_sampled(number: int, share: float) -> bool:
    """Whether a fragment is one of them: spread evenly, whatever the number of tiles."""
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


def search(
    target: Target,
    aim: Aim,
    errors: Errors,
    curves: Curves,
    weights: Floats,
    offsets: Steps,
    pixels: Floats,
    settle: Callable[[Steps], None],
    strict: bool = True,
) -> Generator[Steps, None, Steps]:
    """Find the quantizers of n fragments, some of which were encoded already.

    Parameters
    ----------
    target : Target
        For messages.
    aim : Aim
    errors : Errors
    curves : Curves
        With at least one column; whoever encodes adds one for each yield, before going on.
    weights, offsets : ndarray
        How much errors count in each fragment, and how many steps that is.
    pixels : ndarray
        Of each fragment.
    settle : callable
        Told of quantizers near those that are looked for, all of which are encoded: `aim` may know better then.
    strict : bool
        Whether the best of what there is must be within the tolerance; if not, it need only not be beyond all of it.

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

    def level(base: int) -> Steps:
        """One QP for all, but for the weights."""
        return np.clip(base + offsets, FINEST, COARSEST)

    def unless_known(q: Steps, near: int = 0) -> Steps:
        return np.where(curves.nearest(q) <= near, UNKNOWN, q)

    lowest, highest = FINEST - int(offsets.max()), COARSEST - int(offsets.min())

    def solve(rows: npt.NDArray[np.bool_]) -> int:
        """The finest level that does not exceed the target, by what is known of some fragments."""
        scale = float(pixels.sum() / pixels[rows].sum())
        low, high = lowest, highest
        while low < high:
            base = (low + high) // 2
            size, sse = curves.totals(level(base)[rows], rows)
            low, high = (base + 1, high) if aim.error(scale * size, scale * sse) > 0 else (low, base)
        return low

    # 1. A sample.
    sampled = curves.nearest(offsets) < 999
    every = np.ones(len(sampled), bool)
    for _ in range(_SAMPLES):
        base = solve(sampled)
        ask = np.where(sampled, unless_known(level(base), _NEAR_SAMPLE), UNKNOWN)
        if (ask == UNKNOWN).all():
            break
        yield ask
    base = solve(sampled)

    # 2. All of them.
    for _ in range(_PROBES):
        ask = unless_known(level(base), _SERVES if len(offsets) > 1 else 0)
        if (ask != UNKNOWN).any():
            yield ask
        settle(curves.known(level(base), 999))
        base, before = solve(every), base
        if abs(base - before) <= _OFF:
            break
    for end in (lowest, highest):
        # Nothing is beyond these: here it ends, or there.
        if base == end:
            ask = unless_known(level(end))
            if (ask != UNKNOWN).any():
                yield ask
            settle(level(end))
            base = solve(every)
            size, sse = curves.totals(level(end))
            off = float(aim.error(size, sse))
            if base == end and abs(off) > aim.tolerance and (off < 0) == (end == lowest):
                word = "most" if end == lowest else "least"
                raise ValueError(
                    f"target={str(target)!r} cannot be met: the {word} that can is "
                    f"{target.kind}={target.text(aim.value(size, sse))}"
                )
    # 3. Equal slope: first by the usual slopes, then by their own.
    size, sse = curves.totals(level(base))
    shares = errors.shares(sse)
    q = level(base)
    for turn in range(_SLOPES if len(offsets) > 1 else 1):
        if len(offsets) > 1:
            q = curves.known(equal_slope(curves, level(base), weights, shares, aim.error), _SERVES if turn else 0)
        ask = unless_known(q)
        if (ask == UNKNOWN).all():
            break
        yield ask

    # 4. The rest.
    best, off = q, np.inf
    below: float | None = None
    above: float | None = None
    for turn in range(_ROUNDS + 1):
        size, sse = curves.totals(q)
        signed, value = float(aim.error(size, sse)), aim.value(size, sse)
        if abs(signed) < abs(off):
            best, off = q, signed
        if signed < 0:
            below = value if below is None else max(below, value)
        else:
            above = value if above is None else min(above, value)
        if abs(off) <= aim.near or turn == _ROUNDS:
            break
        moved = single_moves(curves, best, weights, shares, aim.error)
        if (moved == best).all() and (len(q) == 1 or abs(off) > _WORTH):
            moved = next_unknown(curves, best, aim.error)
        if (moved == best).all():
            break
        q = moved
        ask = unless_known(q)
        if (ask != UNKNOWN).any():
            yield ask
    if strict and abs(off) > aim.tolerance:
        nearest = " and ".join(f"{target.kind}={target.text(value)}" for value in (below, above) if value is not None)
        raise ValueError(f"target={str(target)!r} cannot be met: the nearest that can are {nearest}")
    return best
