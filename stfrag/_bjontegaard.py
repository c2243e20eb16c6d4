"""Bjøntegaard differences of rate-distortion curves, which are public in :mod:`stfrag.metrics`."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["bd_psnr", "bd_rate"]

Array = npt.NDArray[np.float64]
Method = Literal["akima", "pchip"]


def bd_rate(
    rate_a: npt.ArrayLike,
    psnr_a: npt.ArrayLike,
    rate_b: npt.ArrayLike,
    psnr_b: npt.ArrayLike,
    method: Method = "akima",
    *,
    min_overlap: float = 0.5,
) -> float:
    """Return how many percent more bits B takes than A at the same quality, on average (BD-rate).

    The logarithm of the rate is interpolated as a function of quality and averaged over the qualities that both
    curves have; nothing is extrapolated.

    Parameters
    ----------
    rate_a, psnr_a : array_like
        Curve of the anchor A: four or more points, in any order. Rates in any unit, above 0; qualities in dB or any
        other scale that grows with quality, finite.
    rate_b, psnr_b : array_like
        Curve of B, in the same units.
    method : {"akima", "pchip"}
        Interpolation: H. Akima, J. ACM 17 (1970), or F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5
        (1984).
    min_overlap : float, default 0.5
        Warn if the range of qualities in common is a smaller part than this of the range of both together.

    Returns
    -------
    float
        Percent: -10 means that B takes 10 % fewer bits; nan if the curves have no quality in common.

    Warns
    -----
    RuntimeWarning
        If the curves overlap too little or not at all, or if the rate of one falls while its quality rises.

    Raises
    ------
    ValueError
        If there are fewer than four points, lengths differ, rates are not above 0, numbers are not finite, two points
        have the same quality, or `method` is unknown.

    References
    ----------
    G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T VCEG-M33 (2001); with Akima's
    interpolation: C. Herglotz et al., "The Bjøntegaard Bible", IEEE Trans. Image Processing 33 (2024).

    Examples
    --------
    >>> from stfrag import metrics
    >>> rate, quality = [100, 200, 400, 800], [30.0, 33.5, 36.5, 39.0]
    >>> round(metrics.bd_rate(rate, quality, [90, 180, 360, 720], quality), 6)
    -10.0
    """
    log_a, log_b = _log_rate(rate_a, "rate_a"), _log_rate(rate_b, "rate_b")
    a = _curve(psnr_a, log_a, "psnr_a", "rate_a")
    b = _curve(psnr_b, log_b, "psnr_b", "rate_b")
    difference = _mean_difference(a, b, method, min_overlap, "qualities")
    return float(np.expm1(difference) * 100)


def bd_psnr(
    rate_a: npt.ArrayLike,
    psnr_a: npt.ArrayLike,
    rate_b: npt.ArrayLike,
    psnr_b: npt.ArrayLike,
    method: Method = "akima",
    *,
    min_overlap: float = 0.5,
) -> float:
    """Return how much better B is than A at the same rate, on average (BD-PSNR).

    Quality is interpolated as a function of the logarithm of the rate and averaged over the rates that both curves
    have; nothing is extrapolated.

    Parameters
    ----------
    rate_a, psnr_a, rate_b, psnr_b, method, min_overlap
        As for :func:`bd_rate`; here no two points may have the same rate, and the overlap is that of log rates.

    Returns
    -------
    float
        The difference in the unit of the qualities: above 0 if B is better; nan if the curves have no rate in common.

    Warns
    -----
    RuntimeWarning
        As :func:`bd_rate`.

    Raises
    ------
    ValueError
        As :func:`bd_rate`.

    Examples
    --------
    >>> from stfrag import metrics
    >>> rate, quality = [100, 200, 400, 800], [30.0, 33.5, 36.5, 39.0]
    >>> round(metrics.bd_psnr(rate, quality, rate, [30.5, 34.0, 37.0, 39.5]), 6)
    0.5
    """
    log_a, log_b = _log_rate(rate_a, "rate_a"), _log_rate(rate_b, "rate_b")
    a = _curve(log_a, psnr_a, "rate_a", "psnr_a")
    b = _curve(log_b, psnr_b, "rate_b", "psnr_b")
    return float(_mean_difference(a, b, method, min_overlap, "rates"))


def _log_rate(rate: npt.ArrayLike, name: str) -> Array:
    """Return the logarithm of rates; ValueError unless all are above 0."""
    r = np.asarray(rate, np.float64)
    if not (r > 0).all():
        raise ValueError(f"{name} must be above 0")
    return np.log(r)


def _curve(x: npt.ArrayLike, y: npt.ArrayLike, x_name: str, y_name: str) -> tuple[Array, Array]:
    """Return the points of a curve sorted by x; ValueError if they make no curve."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"{x_name} and {y_name} must be lists of the same length, not {x.shape} and {y.shape}")
    if len(x) < 4:
        raise ValueError(f"{x_name} and {y_name} have {len(x)} points: at least 4 are needed")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(f"{x_name} and {y_name} must be finite: leave lossless points out")
    order = np.argsort(x)
    x, y = x[order], y[order]
    if (np.diff(x) == 0).any():
        raise ValueError(f"{x_name} has the same value twice: there is no curve through both")
    if (np.diff(y) < 0).any():
        warnings.warn(f"{y_name} falls while {x_name} rises: the curve is not monotone", RuntimeWarning, stacklevel=3)
    return x, y


def _mean_difference(
    a: tuple[Array, Array], b: tuple[Array, Array], method: str, min_overlap: float, what: str
) -> float:
    """Return the mean of b - a over the x that both curves have; `what` x is, is for messages."""
    slopes = {"akima": _akima, "pchip": _pchip}.get(method)
    if slopes is None:
        raise ValueError(f"method is {method!r}: it must be 'akima' or 'pchip'")
    low, high = max(a[0][0], b[0][0]), min(a[0][-1], b[0][-1])
    if high <= low:
        warnings.warn(f"the curves have no {what} in common: nothing to compare", RuntimeWarning, stacklevel=3)
        return float("nan")
    overlap = (high - low) / (max(a[0][-1], b[0][-1]) - min(a[0][0], b[0][0]))
    if overlap < min_overlap:
        warnings.warn(
            f"the curves have {overlap:.0%} of their {what} in common: the mean says little about the rest",
            RuntimeWarning,
            stacklevel=3,
        )
    return float((_integral(*b, slopes(*b), low, high) - _integral(*a, slopes(*a), low, high)) / (high - low))


def _integral(x: Array, y: Array, slopes: Array, low: float, high: float) -> float:
    """Integrate the piecewise cubic through (x, y) with these slopes from low to high, which are inside of it."""
    h, secants = np.diff(x), np.diff(y) / np.diff(x)
    c2 = (3 * secants - 2 * slopes[:-1] - slopes[1:]) / h
    c3 = (slopes[:-1] + slopes[1:] - 2 * secants) / h**2

    def antiderivative(s: Array) -> Array:
        """Integrate each piece from its left end to a distance s from it."""
        return s * (y[:-1] + s * (slopes[:-1] / 2 + s * (c2 / 3 + s * c3 / 4)))

    return float((antiderivative(np.clip(high - x[:-1], 0, h)) - antiderivative(np.clip(low - x[:-1], 0, h))).sum())


def _akima(x: Array, y: Array) -> Array:
    """Return Akima's slopes: means of both secants, each weighted by the change of secants on the other side."""
    m = np.diff(y) / np.diff(x)
    before, after = 2 * m[0] - m[1], 2 * m[-1] - m[-2]
    m = np.concatenate([[2 * before - m[0], before], m, [after, 2 * after - m[-1]]])
    change = abs(np.diff(m))
    left, right = change[2:], change[:-2]
    total = left + right
    curved = total > 1e-9 * total.max()
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted = (left * m[1:-2] + right * m[2:-1]) / total
    return np.where(curved, weighted, (m[1:-2] + m[2:-1]) / 2)


def _pchip(x: Array, y: Array) -> Array:
    """Return Fritsch's and Butland's slopes, with which a curve stays monotone.

    They are weighted harmonic means of the neighbouring secants, and 0 at extremes.
    """
    h, m = np.diff(x), np.diff(y) / np.diff(x)
    w_left, w_right = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        inner = np.where(m[:-1] * m[1:] > 0, (w_left + w_right) / (w_left / m[:-1] + w_right / m[1:]), 0.0)

    def end(h0: float, h1: float, m0: float, m1: float) -> float:
        """Return the slope at an end from its three points, limited so that the curve does not overshoot."""
        slope = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
        if slope * m0 <= 0:
            return 0.0
        if m0 * m1 <= 0 and abs(slope) > 3 * abs(m0):
            return 3 * m0
        return slope

    return np.concatenate([[end(h[0], h[1], m[0], m[1])], inner, [end(h[-1], h[-2], m[-1], m[-2])]])
