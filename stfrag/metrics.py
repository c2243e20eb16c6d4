"""Metrics that compare two videos: SSE, MSE, PSNR, SSIM, MS-SSIM; and two encoders: BD-rate, BD-PSNR.

A video is an array, H×W, T×H×W or T×H×W×C, or a tuple of planes, each h×w or T×h×w, subsampled or not, of ``uint8``,
``uint16``, ``int8``, ``int16`` or ``bool``. Both videos must have the same shape and dtype; strides do not matter.
`per` says of what there is a result each:

===========  ==========================  =======================================================
`per`        result                      errors are pooled, or similarities averaged, over
===========  ==========================  =======================================================
None         float                       everything
"plane"      float64 array, C            the frames
"frame"      float64 array, T            the planes of each frame
"both"       float64 array, T×C          the samples of each plane of each frame
===========  ==========================  =======================================================

Sums of squared errors are exact integers. SSIM is computed in single precision, in one fixed order, so that figures
are the same whatever the processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ._bjontegaard import bd_psnr, bd_rate
from .native import blocks as _blocks

__all__ = ["MS_SSIM_WEIGHTS", "bd_psnr", "bd_rate", "ms_ssim", "mse", "psnr", "sse", "ssim"]

#: Exponents of the five scales of MS-SSIM, the finest first (Wang, Simoncelli, Bovik 2003).
MS_SSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)

Video = npt.NDArray[Any] | Sequence[npt.NDArray[Any]]
Per = Literal["plane", "frame", "both"] | None
Weights = Literal["6:1:1"] | Sequence[float] | None

_CODES = {np.dtype(np.uint8): 0, np.dtype(np.uint16): 2}
_TAPS = 11


def sse(a: Video, b: Video, *, per: Per = None) -> Any:
    """Sum of squared errors.

    Parameters
    ----------
    a, b : array or tuple of planes
        See the module.
    per : {None, "plane", "frame", "both"}
        Of what to return a sum each.

    Returns
    -------
    int or ndarray of uint64
        The exact sums.

    Raises
    ------
    TypeError
        If the dtypes differ, or are none of those listed in the module.
    ValueError
        If the shapes differ, or are not those of a video.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import metrics
    >>> a = np.zeros((2, 8, 8), np.uint8)
    >>> metrics.sse(a, a + 2)
    512
    >>> metrics.sse(a, a + 2, per="frame")
    array([256, 256], dtype=uint64)
    """
    sums = _sums(*_pair(a, b))
    axis = _axis(per)
    return int(sums.sum()) if axis is None else sums.sum(axis)


def mse(a: Video, b: Video, *, per: Per = None) -> Any:
    """Mean squared error: :func:`sse` divided by the number of samples.

    Parameters
    ----------
    a, b, per
        As for :func:`sse`.

    Returns
    -------
    float or ndarray of float64

    Raises
    ------
    TypeError, ValueError
        As :func:`sse`.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import metrics
    >>> y, u, v = np.zeros((4, 8, 8), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)
    >>> metrics.mse((y, u, v), (y, u + 3, v), per="plane")
    array([0., 9., 0.])
    """
    return _mse(*_pair(a, b), per)


def psnr(
    a: Video,
    b: Video,
    *,
    bits: int | None = None,
    data_range: float | None = None,
    per: Per = None,
    weights: Weights = None,
) -> Any:
    """Peak signal-to-noise ratio in dB: ``10 log10(data_range**2 / mse)``.

    Parameters
    ----------
    a, b : array or tuple of planes
        See the module.
    bits : int, optional
        Significant bits of the samples; the range is ``2**bits - 1``. By default those of the dtype.
    data_range : float, optional
        The range itself, instead of `bits`.
    per : {None, "plane", "frame", "both"}
        Of what to return a ratio each; errors are pooled before the logarithm. For the mean of the frames' PSNRs,
        take the mean of what ``per="frame"`` returns.
    weights : "6:1:1" or sequence of float, optional
        Combine the planes by the weighted mean of their PSNRs instead of pooling their errors; 6:1:1 is usual for
        Y'CbCr (common test conditions of JVT and JCT-VC). Only with `per` None or "frame".

    Returns
    -------
    float or ndarray of float64
        dB; infinite where nothing differs.

    Raises
    ------
    TypeError, ValueError
        As :func:`sse`; also for weights that do not fit the planes.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import metrics
    >>> a = np.full((3, 16, 16), 100, np.uint8)
    >>> round(metrics.psnr(a, a + 1), 2)
    48.13
    >>> metrics.psnr(a, a)
    inf
    >>> yuv = a, a[:, ::2, ::2], a[:, ::2, ::2]
    >>> round(metrics.psnr(yuv, tuple(p + 1 for p in yuv), weights="6:1:1"), 2)
    48.13
    """
    pair = _pair(a, b)
    peak = _range(pair[2], bits, data_range)
    if weights is None:
        return _db(_mse(*pair, per), peak)
    w = _weights(weights, len(pair[0]), per)
    return _number(np.average(_db(_mse(*pair, "both" if per == "frame" else "plane"), peak), -1, w))


def ssim(
    a: Video,
    b: Video,
    *,
    bits: int | None = None,
    data_range: float | None = None,
    per: Per = None,
    weights: Weights = None,
) -> Any:
    """Structural similarity index, by Wang, Bovik, Sheikh and Simoncelli (IEEE Trans. Image Processing 13, 2004).

    Windows are Gaussian, of 11×11 samples with sigma 1.5; K1 = 0.01, K2 = 0.03; variances are those of a population,
    not of a sample. Only windows inside of the picture count, so the five rows and columns at each border are part of
    windows, but the centre of none. It agrees to 1e-6 with scikit-image's
    ``structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)``, which crops alike.

    Parameters
    ----------
    a, b : array or tuple of planes
        See the module; not of signed numbers; planes have at least 11 rows and columns.
    bits, data_range
        As for :func:`psnr`.
    per : {None, "plane", "frame", "both"}
        Of what to return a mean each; every frame and plane counts the same in a mean.
    weights : "6:1:1" or sequence of float, optional
        Weights of the planes in the mean. Only with `per` None or "frame".

    Returns
    -------
    float or ndarray of float64
        -1 … 1; exactly 1 where nothing differs.

    Raises
    ------
    TypeError, ValueError
        As :func:`psnr`; also for planes that are too small.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import metrics
    >>> a = np.random.default_rng(0).integers(0, 200, (2, 32, 32), np.uint8)
    >>> metrics.ssim(a, a)
    1.0
    >>> metrics.ssim(a, a // 2) < 0.8
    True
    """
    values, _ = _similarities(a, b, bits, data_range, 1)
    return _mean(values[..., 0], per, weights)


def ms_ssim(
    a: Video,
    b: Video,
    *,
    bits: int | None = None,
    data_range: float | None = None,
    per: Per = None,
    weights: Weights = None,
) -> Any:
    """Multi-scale SSIM, by Wang, Simoncelli and Bovik (Asilomar Conf. Signals, Systems, Computers, 2003).

    :func:`ssim` at five scales, each of which halves the one before (the mean of 2×2 samples; an odd last row or
    column is left out): the product of the mean contrast × structure of the first four and the mean SSIM of the last,
    with the exponents :data:`MS_SSIM_WEIGHTS`. Negative means count as 0.

    Parameters
    ----------
    a, b : array or tuple of planes
        As for :func:`ssim`; planes have at least 176 rows and columns, chroma planes too.
    bits, data_range, per, weights
        As for :func:`ssim`.

    Returns
    -------
    float or ndarray of float64
        0 … 1; exactly 1 where nothing differs.

    Raises
    ------
    TypeError, ValueError
        As :func:`ssim`.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import metrics
    >>> a = np.random.default_rng(0).integers(0, 256, (1, 176, 200), np.uint8)
    >>> metrics.ms_ssim(a, a)
    1.0
    >>> metrics.ms_ssim(a[:, :100], a[:, :100])
    Traceback (most recent call last):
    ...
    ValueError: a plane has 100×200 samples: 5 scales need at least 176×176
    """
    values, structure = _similarities(a, b, bits, data_range, len(MS_SSIM_WEIGHTS))
    structure[..., -1] = values[..., -1]
    return _mean(np.prod(np.maximum(structure, 0) ** np.array(MS_SSIM_WEIGHTS), -1), per, weights)


# ------------------------------------------------------------------------------------------------------- arguments

Planes = list[npt.NDArray[Any]]


def _planes(video: Video, name: str) -> Planes:
    """Return the planes of a video as T×h×w arrays; TypeError or ValueError if it is no video."""
    if isinstance(video, tuple | list):
        planes = [np.asarray(p) for p in video]
        if not planes or any(p.ndim not in (2, 3) for p in planes):
            raise ValueError(f"{name} must have planes h×w or T×h×w; it has {[p.shape for p in planes]}")
        planes = [p if p.ndim == 3 else p[None] for p in planes]
        if len({p.shape[0] for p in planes}) > 1:
            raise ValueError(f"the planes of {name} have {[p.shape[0] for p in planes]} frames: they must be as many")
        if len({p.dtype for p in planes}) > 1:
            raise TypeError(f"the planes of {name} are {[str(p.dtype) for p in planes]}: they must be of one dtype")
    else:
        array = np.asarray(video)
        if array.ndim not in (2, 3, 4):
            raise ValueError(f"{name} has shape {array.shape}: a video is H×W, T×H×W or T×H×W×C")
        if array.ndim == 4:
            planes = [array[..., c] for c in range(array.shape[3])]
        else:
            planes = [array if array.ndim == 3 else array[None]]
    if not planes or any(p.size == 0 for p in planes):
        raise ValueError(f"{name} has no samples")
    return planes


def _pair(a: Video, b: Video) -> tuple[Planes, Planes, np.dtype[Any]]:
    """Return the planes of both videos as unsigned samples, and the dtype that they had."""
    pair = _planes(a, "a"), _planes(b, "b")
    dtype, other = pair[0][0].dtype, pair[1][0].dtype
    if dtype != other:
        raise TypeError(f"a is {dtype} and b is {other}: convert one of them")
    if dtype.kind not in "biu" or dtype.itemsize > 2:
        raise TypeError(
            f"no metric of {dtype}: samples are 8 or 16 bit integers; "
            "scale, round and convert, for instance np.rint(x * 65535).astype(np.uint16)"
        )
    shapes = [p.shape for p in pair[0]], [p.shape for p in pair[1]]
    if shapes[0] != shapes[1]:
        raise ValueError(f"a has planes {shapes[0]} and b {shapes[1]}: they must be the same")
    return [_unsigned(p) for p in pair[0]], [_unsigned(p) for p in pair[1]], dtype


def _unsigned(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a plane with unsigned samples; differences, which are all that squared errors need, stay the same."""
    if plane.dtype.kind == "b":
        return plane.view(np.uint8)
    plane = plane.astype(plane.dtype.newbyteorder("="), copy=False)
    if plane.dtype.kind == "i":
        unsigned = np.dtype(f"u{plane.dtype.itemsize}")
        shifted: npt.NDArray[Any] = plane.view(unsigned) ^ unsigned.type(1 << 8 * plane.dtype.itemsize - 1)
        return shifted
    return plane


def _range(dtype: np.dtype[Any], bits: int | None, data_range: float | None) -> float:
    """Return the range of samples from `bits`, `data_range` or the dtype; ValueError if they make no sense."""
    if data_range is not None:
        if bits is not None:
            raise ValueError("give bits or data_range, not both")
        if not 0 < data_range < math.inf:
            raise ValueError(f"data_range is {data_range}: it must be above 0")
        return float(data_range)
    most = 1 if dtype.kind == "b" else 8 * dtype.itemsize
    if bits is None:
        bits = most
    if not 1 <= bits <= most:
        raise ValueError(f"bits is {bits}: samples of {dtype} have 1 to {most}")
    return float(2**bits - 1)


def _axis(per: Per) -> int | tuple[()] | None:
    """Return the axis, or axes, of T×C values over which `per` combines them."""
    axes: dict[Any, Any] = {None: None, "plane": 0, "frame": 1, "both": ()}
    if per not in axes:
        raise ValueError(f"per is {per!r}: it must be None, 'plane', 'frame' or 'both'")
    return axes[per]  # type: ignore[no-any-return]


def _weights(weights: Weights, planes: int, per: Per) -> npt.NDArray[np.float64]:
    """Return the weights of the planes as an array; ValueError if they do not go with the planes or with `per`."""
    if per not in (None, "frame"):
        raise ValueError(f"weights combine the planes, per={per!r} tells them apart: give one of them")
    w = np.array([6.0, 1.0, 1.0] if isinstance(weights, str) and weights == "6:1:1" else weights, np.float64)
    if w.shape != (planes,) or not (w >= 0).all() or not 0 < w.sum() < math.inf:
        raise ValueError(f"weights is {weights!r}: {planes} planes need as many numbers, not negative")
    return w


# ------------------------------------------------------------------------------------------------------ computing


def _number(x: Any) -> Any:
    """Return an array without axes as a float, any other array as it is."""
    return float(x) if np.ndim(x) == 0 else x


def _sums(planes_a: Planes, planes_b: Planes, dtype: np.dtype[Any]) -> npt.NDArray[np.uint64]:
    """Return the SSE of each frame and plane, T×C."""
    out = np.zeros((len(planes_a), planes_a[0].shape[0]), np.uint64)
    for a, b, row in zip(planes_a, planes_b, out, strict=True):
        _blocks.sse(a, b, _CODES[a.dtype], row)
    return out.T


def _mse(planes_a: Planes, planes_b: Planes, dtype: np.dtype[Any], per: Per) -> Any:
    """Return the mean squared errors that `per` asks for."""
    sums = _sums(planes_a, planes_b, dtype)
    counts = np.broadcast_to(np.array([math.prod(p.shape[1:]) for p in planes_a], np.float64), sums.shape)
    axis = _axis(per)
    return _number(sums.sum(axis) / counts.sum(axis))


def _db(error: Any, peak: float) -> Any:
    """Return the PSNR of mean squared errors in dB, infinite where they are 0."""
    with np.errstate(divide="ignore"):
        return _number(10 * np.log10(peak**2 / np.asarray(error)))


def _similarities(
    video_a: Video, video_b: Video, bits: int | None, data_range: float | None, scales: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return mean SSIM and mean contrast × structure of each frame, plane and scale, T×C×scales each."""
    planes_a, planes_b, dtype = _pair(video_a, video_b)
    if dtype.kind == "i":
        raise TypeError(f"no SSIM of {dtype}: luminance is not negative; add an offset to make it unsigned")
    peak = _range(dtype, bits, data_range)
    least = _TAPS << scales - 1
    for p in planes_a:
        if min(p.shape[1:]) < least:
            text = "SSIM needs" if scales == 1 else f"{scales} scales need"
            raise ValueError(f"a plane has {p.shape[1]}×{p.shape[2]} samples: {text} at least {least}×{least}")
    shape = len(planes_a), planes_a[0].shape[0], scales
    values, structure = np.empty(shape), np.empty(shape)
    for a, b, v, s in zip(planes_a, planes_b, values, structure, strict=True):
        _blocks.ssim(a, b, _CODES[a.dtype], peak, scales, v, s)
    return values.swapaxes(0, 1), structure.swapaxes(0, 1)


def _mean(values: npt.NDArray[np.float64], per: Per, weights: Weights) -> Any:
    """Return the means of T×C similarities that `per` asks for, with the planes weighted."""
    axis = _axis(per)
    if weights is None:
        return _number(values.mean(axis))
    by_frame = np.average(values, 1, _weights(weights, values.shape[1], per))
    return by_frame if per == "frame" else float(by_frame.mean())
