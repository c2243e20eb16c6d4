"""How far from its target a store is, given the bytes and squared errors of its fragments together."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Aim", "Errors", "QualityAim", "RateAim"]

Floats = npt.NDArray[np.float64]

#: Of overall PSNR, Y'CbCr.
_PLANES = np.array([6.0, 1.0, 1.0])


class Errors:
    """What squared errors of planes mean together.

    Parameters
    ----------
    samples : ndarray
        Of each of the C planes.
    bits : int
        Of a sample.
    yuv : bool
        Whether overall PSNR is the mean of those of Y, Cb, Cr, 6:1:1; else that of all errors pooled.

    Examples
    --------
    >>> errors = Errors(np.array([1000.0]), 8, False)
    >>> round(float(errors.psnr(np.array([6502.5]))), 6)
    40.0
    """

    def __init__(self, samples: Floats, bits: int, yuv: bool) -> None:
        self._samples, self._yuv = samples, yuv
        self._peak = float((1 << bits) - 1) ** 2

    def psnr(self, sse: Floats) -> Any:
        """Overall PSNR in dB, as `stfrag.Reader.info` has it, planes along the last axis; infinite without errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if not self._yuv:
                return 10 * np.log10(self._peak * self._samples.sum() / sse.sum(-1))
            planes = 10 * np.log10(self._peak * self._samples[:3] / sse[..., :3])
            lossy = np.isfinite(planes)
            mean = np.where(lossy, planes * _PLANES, 0).sum(-1) / (lossy * _PLANES).sum(-1)
        return np.where(lossy.any(-1), mean, np.inf)

    def shares(self, sse: Floats) -> Floats:
        """What one unit of squared error costs in each plane, where the whole has these: the derivatives of overall
        PSNR, but for a factor. Alpha, which is not in it, counts as chroma does."""
        if not self._yuv:
            return np.full(len(sse), 1 / max(1.0, float(sse.sum())))
        return np.append(_PLANES, 1.0)[: len(sse)] / np.maximum(sse, 1)


class Aim(Protocol):
    """What a search is after.

    Attributes
    ----------
    near : float
        An error that is small enough to stop at.
    tolerance : float
        The largest error that a store may have.
    """

    near: float
    tolerance: float

    def error(self, size: Any, sse: Floats) -> Any:
        """How far off a store is: positive for too many bytes, or too good. A quarter of a QP is about 0.03.

        Parameters
        ----------
        size : float or ndarray
            Bytes of all fragments; maybe an array of any shape.
        sse : ndarray
            Squared errors of the planes, along one more axis, the last.
        """

    def value(self, size: float, sse: Floats) -> float:
        """What is reached, in the target's own unit."""


class RateAim:
    """So many bytes.

    Parameters
    ----------
    total : float
        Bytes to have.
    overhead : float
        Bytes that are no fragments'; may be set anew when they are known better.
    unit : float
        Of the target's unit in a byte: 1, or bits over samples, ...

    Examples
    --------
    >>> RateAim(1000, 50).error(970.0, np.zeros(1))
    0.020000000000000018
    """

    near, tolerance = 0.002, 0.02

    def __init__(self, total: float, overhead: float, unit: float = 1) -> None:
        self.total, self.overhead, self._unit = total, overhead, unit

    def error(self, size: Any, sse: Floats) -> Any:
        return (size + self.overhead) / self.total - 1

    def value(self, size: float, sse: Floats) -> float:
        return (size + self.overhead) * self._unit


class QualityAim:
    """A PSNR, overall.

    Examples
    --------
    >>> aim = QualityAim(40, Errors(np.array([1000.0]), 8, False))
    >>> round(float(aim.error(0, np.array([650.25]))), 6)
    2.0
    """

    near = 0.003
    #: dB that count as much as twice the bytes do: a quarter of a QP is 0.15 dB, or 3 % of the bytes.
    _SCALE = 5.0

    def __init__(self, psnr: float, errors: Errors) -> None:
        self._psnr, self._errors = psnr, errors
        self.tolerance = 0.02 * psnr / self._SCALE

    def error(self, size: Any, sse: Floats) -> Any:
        return (self._errors.psnr(sse) - self._psnr) / self._SCALE

    def value(self, size: float, sse: Floats) -> float:
        return float(self._errors.psnr(sse))
