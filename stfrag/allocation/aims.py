"""Aims: the distance of a store from its target, given the bytes and squared errors of all its fragments."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Aim", "Errors", "QualityAim", "RateAim"]

Floats = npt.NDArray[np.float64]

#: Weights of the planes in the overall PSNR of Y'CbCr.
_PLANES = np.array([6.0, 1.0, 1.0])


class Errors:
    """How the squared errors of several planes make one PSNR.

    Parameters
    ----------
    samples : ndarray
        The number of samples in each of the C planes, float64.
    bits : int
        Significant bits of a sample.
    yuv : bool
        True: overall PSNR is the mean of the PSNRs of Y, Cb and Cr, weighted 6:1:1. False: it is the PSNR of the
        errors of all planes pooled.

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
        """Return overall PSNR in dB, as `stfrag.Reader.info` has it; infinite without errors.

        Parameters
        ----------
        sse : ndarray
            Sums of squared errors, with the planes along the last axis.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            if not self._yuv:
                return 10 * np.log10(self._peak * self._samples.sum() / sse.sum(-1))
            planes = 10 * np.log10(self._peak * self._samples[:3] / sse[..., :3])
            lossy = np.isfinite(planes)
            mean = np.where(lossy, planes * _PLANES, 0).sum(-1) / (lossy * _PLANES).sum(-1)
        return np.where(lossy.any(-1), mean, np.inf)

    def shares(self, sse: Floats) -> Floats:
        """Return how much a unit of squared error counts in each plane, near the given errors of the whole.

        These are the derivatives of overall PSNR, up to a common factor. Alpha is not part of PSNR; its errors count
        as those of chroma do.
        """
        if not self._yuv:
            return np.full(len(sse), 1 / max(1.0, float(sse.sum())))
        return np.append(_PLANES, 1.0)[: len(sse)] / np.maximum(sse, 1)


class Aim(Protocol):
    """What a search tries to reach, and how far off something is.

    Attributes
    ----------
    near : float
        The search stops at an error that is not larger than this.
    tolerance : float
        The largest error that a store may have.
    """

    near: float
    tolerance: float

    def error(self, size: Any, sse: Floats) -> Any:
        """Return how far off a store is: positive if it has too many bytes, or is too good.

        A step of the quantizer, which is a quarter of a QP, changes it by about 0.03.

        Parameters
        ----------
        size : float or ndarray
            Bytes of all fragments; an array of any shape gives as many results.
        sse : ndarray
            Squared errors of the planes along one more axis, the last.
        """

    def value(self, size: float, sse: Floats) -> float:
        """Return what a store reaches, in the target's own unit."""


class RateAim:
    """The aim of a store with a number of bytes.

    Parameters
    ----------
    total : float
        The bytes that the store is to have.
    overhead : float
        The bytes of the store that belong to no fragment. It may be set anew when they are known better.
    unit : float
        How many of the target's units a byte is: 1 for bytes, 8 / samples for bits per sample, ...

    Examples
    --------
    >>> RateAim(1000, 50).error(970.0, np.zeros(1))
    0.020000000000000018
    """

    near, tolerance = 0.002, 0.02

    def __init__(self, total: float, overhead: float, unit: float = 1) -> None:
        self.total, self.overhead, self._unit = total, overhead, unit

    def error(self, size: Any, sse: Floats) -> Any:
        """Return by which part of the total there are too many bytes; see :meth:`Aim.error`."""
        return (size + self.overhead) / self.total - 1

    def value(self, size: float, sse: Floats) -> float:
        """Return the rate in the target's unit."""
        return (size + self.overhead) * self._unit


class QualityAim:
    """The aim of a store with an overall PSNR.

    Parameters
    ----------
    psnr : float
        dB.
    errors : Errors

    Examples
    --------
    >>> aim = QualityAim(40, Errors(np.array([1000.0]), 8, False))
    >>> round(float(aim.error(0, np.array([650.25]))), 6)
    2.0
    """

    near = 0.003
    #: This many dB count as much as twice the bytes: a quarter of a QP changes 0.15 dB, and 3 % of the bytes.
    _SCALE = 5.0

    def __init__(self, psnr: float, errors: Errors) -> None:
        self._psnr, self._errors = psnr, errors
        self.tolerance = 0.02 * psnr / self._SCALE

    def error(self, size: Any, sse: Floats) -> Any:
        """Return how much too high the PSNR is, on the scale of :meth:`Aim.error`."""
        return (self._errors.psnr(sse) - self._psnr) / self._SCALE

    def value(self, size: float, sse: Floats) -> float:
        """Return the PSNR in dB."""
        return float(self._errors.psnr(sse))
