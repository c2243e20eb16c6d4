"""Integer transforms of blocks: the DCT, the Walsh-Hadamard transform, and the SATD cost that is made of the latter.

All of them are separable and work on one, two or three axes of an array whose lengths are 4, 8, 16 or 32, in any
mixture; all other axes are batch. Results are ``int32``, and the same on every machine.

**The DCT** of N points is the exact product with an integer matrix M (:func:`dct_matrix`) close to 2**S times the
orthonormal DCT-II, then one rounding by S bits, half up; S is 14 for N = 4 and 8, 13 for 16 and 32. The inverse is
the product with M transposed. Of several axes the last is transformed first and inverted last, each with a rounding
of its own. Coefficients are those of the orthonormal DCT times ``2**scale_bits``:

- *Dynamic range*: a block of n samples of magnitude up to A has coefficients up to ``A * sqrt(n) * 2**scale_bits``
  (1.0002 times that at worst); what does not fit ``int32`` saturates. For 16-bit samples in 32×32×32 blocks,
  ``scale_bits`` up to 7 is safe.
- *Accuracy*: M / 2**S is within 1.4e-4, 2.3e-4, 1.3e-3, 1.5e-3 (spectral norm; N = 4, 8, 16, 32) of the exact DCT.
- *Round trip*: the rounding of coefficients costs ±1, seldom more, at ``scale_bits=0``, and half of that with each
  bit; the matrix is orthogonal to 4.3e-4. :func:`round_trip_bound` gives what is never exceeded.

**The Walsh-Hadamard transform** is sums with signs, unscaled. Its round trip is exact.

To cut pictures into blocks, reshape: ``x.reshape(t, y // 8, 8, x // 8, 8).swapaxes(2, 3)`` has blocks on its last
two axes; :mod:`stfrag.tiling` cuts what is not a multiple.

Sources: N. Ahmed, T. Natarajan, K. R. Rao, "Discrete Cosine Transform", IEEE Trans. Computers C-23 (1974); the
matrices are this library's own, found by annealing near the rounded DCT towards orthogonality.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .native import blocks as _blocks

__all__ = ["SIZES", "dct", "dct_matrix", "hadamard", "idct", "ihadamard", "round_trip_bound", "satd"]

#: The lengths that an axis can have.
SIZES = (4, 8, 16, 32)

_MAX_SCALE_BITS = 8
_SHIFTS = {4: 14, 8: 14, 16: 13, 32: 13}
_SATD_DTYPES = {np.dtype(np.uint8): 0, np.dtype(np.uint16): 2, np.dtype(np.int16): 3}

Int32Array = npt.NDArray[np.int32]


def dct(x: npt.ArrayLike, axes: int | Sequence[int] = (-2, -1), *, scale_bits: int = 0) -> Int32Array:
    """Forward integer DCT-II.

    Parameters
    ----------
    x : array_like of int
        Samples or residuals, of any shape; values must fit ``int32``.
    axes : int or sequence of int, default (-2, -1)
        The one to three axes that make up a block, each of length 4, 8, 16 or 32; their order has no meaning.
    scale_bits : int, 0 to 8, default 0
        Fraction bits of the coefficients, which are ``2**scale_bits`` times the orthonormal ones.

    Returns
    -------
    ndarray of int32
        Coefficients, of x's shape, lowest frequency first.

    Raises
    ------
    TypeError
        If x is not of integers.
    ValueError
        If an axis has another length, is given twice or is not there.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import transform
    >>> flat = np.full((10, 8, 8), 100, np.uint8)  # ten blocks
    >>> transform.dct(flat)[0, 0, 0]  # the mean times sqrt(8 * 8)
    np.int32(800)
    >>> bool((transform.idct(transform.dct(flat)) == flat).all())
    True
    >>> transform.dct(np.arange(4 * 8 * 8).reshape(4, 8, 8), axes=(0, 1, 2)).shape
    (4, 8, 8)
    """
    return _apply(x, axes, "dct", _check_scale(scale_bits))


def idct(x: npt.ArrayLike, axes: int | Sequence[int] = (-2, -1), *, scale_bits: int = 0) -> Int32Array:
    """Inverse of :func:`dct`, for any coefficients; the same bits on every machine.

    Parameters
    ----------
    x : array_like of int
        Coefficients; values must fit ``int32``.
    axes, scale_bits
        As for :func:`dct`; they must be the same.

    Returns
    -------
    ndarray of int32
        Samples, of x's shape; :func:`round_trip_bound` says how close to those that :func:`dct` was given.

    Raises
    ------
    TypeError, ValueError
        As :func:`dct`.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import transform
    >>> block = np.random.default_rng(0).integers(-255, 256, (16, 16))
    >>> coefficients = transform.dct(block, scale_bits=5)
    >>> int(abs(transform.idct(coefficients, scale_bits=5) - block).max())
    0
    """
    return _apply(x, axes, "idct", _check_scale(scale_bits))


def hadamard(x: npt.ArrayLike, axes: int | Sequence[int] = (-2, -1), *, order: str = "natural") -> Int32Array:
    """Walsh-Hadamard transform: sums of a block's samples with all patterns of signs, unscaled.

    Parameters
    ----------
    x : array_like of int
        Samples or residuals; magnitude times samples in a block must be below 2**31.
    axes : int or sequence of int, default (-2, -1)
        The one to three axes that make up a block, each of length 4, 8, 16 or 32.
    order : {"natural", "sequency"}
        Natural is Hadamard's (Sylvester's) order; sequency sorts by the number of sign changes, as the DCT does.

    Returns
    -------
    ndarray of int32
        Of x's shape.

    Raises
    ------
    TypeError
        If x is not of integers.
    ValueError
        If an axis has another length, values are too large or `order` is unknown.

    Examples
    --------
    >>> from stfrag import transform
    >>> transform.hadamard([1, 2, 3, 4], axes=0)
    array([10, -2, -4,  0], dtype=int32)
    >>> transform.hadamard([1, 2, 3, 4], axes=0, order="sequency")
    array([10, -4,  0, -2], dtype=int32)
    """
    y = _apply(x, axes, "hadamard")
    if _check_order(order):
        for axis in _check_axes(y, axes):
            y = np.take(y, _sequency(y.shape[axis]), axis)
    return y


def ihadamard(x: npt.ArrayLike, axes: int | Sequence[int] = (-2, -1), *, order: str = "natural") -> Int32Array:
    """Inverse of :func:`hadamard`.

    It is exact for what :func:`hadamard` returned. Other results are rounded half up, modulo 2**32 divided by the
    number of samples in a block.

    Parameters
    ----------
    x : array_like of int
        Coefficients; values must fit ``int32``.
    axes, order
        As for :func:`hadamard`; they must be the same.

    Returns
    -------
    ndarray of int32
        Of x's shape.

    Raises
    ------
    TypeError, ValueError
        As :func:`hadamard`.

    Examples
    --------
    >>> from stfrag import transform
    >>> transform.ihadamard([10, -2, -4, 0], axes=0)
    array([1, 2, 3, 4], dtype=int32)
    """
    if _check_order(order):
        x = np.asarray(x)
        for axis in _check_axes(x, axes):
            x = np.take(x, np.argsort(_sequency(x.shape[axis])), axis)
    return _apply(x, axes, "ihadamard")


def satd(a: npt.ArrayLike, b: npt.ArrayLike, size: Sequence[int] = (8, 8), *, per_block: bool = False) -> Any:
    """Sum of absolute Hadamard-transformed differences (SATD): an estimate of what a difference costs to code.

    It is the sum over all blocks of ``abs(hadamard(a - b)).sum() / sqrt(block samples)``, on the scale of a sum of
    absolute differences. Video encoders' customary integer SATD of 4×4 and 8×8 blocks is twice this.

    Parameters
    ----------
    a, b : array_like of uint8, uint16 or int16
        Of the same shape and dtype.
    size : two or three of 4, 8, 16, 32, default (8, 8)
        Block along the last two (Y, X) or three (T, Y, X) axes, whose lengths must be multiples of it.
    per_block : bool, default False
        Return the sum of each block instead of the total.

    Returns
    -------
    float or ndarray of float64
        The total; or, with `per_block`, an array of a's shape with the last axes divided by `size`.

    Raises
    ------
    TypeError
        If the dtypes differ or are others.
    ValueError
        If the shapes differ or are not multiples of the block, or there is no transform of that size.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import transform
    >>> a = np.zeros((2, 16, 24), np.uint8)
    >>> transform.satd(a, a + 3)  # a constant is cheap: 12 blocks of one coefficient, 3 * sqrt(64)
    288.0
    >>> transform.satd(a, a + 3, size=(2, 8, 8))
    Traceback (most recent call last):
    ...
    ValueError: size is (2, 8, 8): two or three of 4, 8, 16, 32
    >>> transform.satd(a, a, per_block=True).shape
    (2, 2, 3)
    """
    a, b = np.asarray(a), np.asarray(b)
    block = tuple(int(n) for n in size)
    if len(block) not in (2, 3) or not set(block) <= set(SIZES):
        raise ValueError(f"size is {size}: two or three of {_list(SIZES)}")
    if a.dtype != b.dtype:
        raise TypeError(f"a is {a.dtype} and b is {b.dtype}: convert one of them")
    if a.dtype not in _SATD_DTYPES:
        raise TypeError(f"no SATD of {a.dtype}: convert to uint8, uint16 or int16")
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape} and b {b.shape}: they must be the same")
    axes = a.shape[a.ndim - len(block) :] if a.ndim >= len(block) else ()
    if len(axes) < len(block) or any(n % m for n, m in zip(axes, block, strict=True)):
        raise ValueError(
            f"shape {a.shape} is not made of blocks of {'×'.join(map(str, block))}: "
            "pad (numpy.pad) or crop it to multiples"
        )
    shape = a.shape[: a.ndim - len(block)] + tuple(n // m for n, m in zip(axes, block, strict=True))
    sums = np.zeros(shape, np.uint64)
    if sums.size:
        _satd_into(a, b, block, sums)
    scaled = sums / math.sqrt(math.prod(block))
    return scaled if per_block else float(math.fsum(scaled.flat))


def _satd_into(
    a: npt.NDArray[Any], b: npt.NDArray[Any], block: tuple[int, ...], sums: npt.NDArray[np.uint64]
) -> None:
    """Fill `sums` with the unscaled SATD of each block."""
    code = _SATD_DTYPES[a.dtype]
    if len(block) == 2:
        shape = (-1, *a.shape[-2:])
        _blocks.satd(a.reshape(shape), b.reshape(shape), code, (1, *block), sums)
    else:
        shape = (-1, *a.shape[-3:])
        for x, y, out in zip(a.reshape(shape), b.reshape(shape), sums.reshape(-1, *sums.shape[-3:]), strict=True):
            _blocks.satd(x, y, code, block, out)


@cache
def _matrix(size: int) -> Int32Array:
    """Return the matrix of the DCT, read-only: the transform of 2**S times the identity, where nothing is rounded."""
    m = dct(np.eye(size, dtype=np.int32) << _SHIFTS[size], axes=0)
    m.flags.writeable = False
    return m


def dct_matrix(size: int) -> tuple[Int32Array, int]:
    """Return the integer matrix of the DCT of `size` points, and its shift S.

    Parameters
    ----------
    size : {4, 8, 16, 32}

    Returns
    -------
    matrix : ndarray of int32, size × size, read-only
        Row k holds the basis function of frequency k; ``matrix / 2**shift`` is orthogonal to 4.3e-4.
    shift : int
        S.

    Raises
    ------
    ValueError
        If there is no DCT of that size.

    Examples
    --------
    >>> from stfrag import transform
    >>> matrix, shift = transform.dct_matrix(4)
    >>> matrix
    array([[  8192,   8192,   8192,   8192],
           [ 10704,   4432,  -4432, -10704],
           [  8192,  -8192,  -8192,   8192],
           [  4432, -10704,  10704,  -4432]], dtype=int32)
    >>> shift
    14
    """
    if size not in SIZES:
        raise ValueError(f"no DCT of {size} points: sizes are {_list(SIZES)}")
    return _matrix(int(size)), _SHIFTS[int(size)]


def round_trip_bound(size: Sequence[int], magnitude: float, *, scale_bits: int = 0) -> int:
    """Return a bound on the error of ``idct(dct(x))``.

    It is the worst case over all blocks, in which all roundings add up and the matrix deviates from an orthogonal one
    in the worst direction. Real blocks have an error several times smaller.

    Parameters
    ----------
    size : one to three of 4, 8, 16, 32
        Axes of the block, in their order in the array.
    magnitude : float
        Largest absolute value in the block. Coefficients must not saturate.
    scale_bits : int, 0 to 8, default 0
        As in :func:`dct`.

    Returns
    -------
    int
        Largest possible absolute difference of a sample; 0 proves an exact round trip.

    Examples
    --------
    >>> from stfrag import transform
    >>> transform.round_trip_bound((8, 8), 255)
    6
    >>> transform.round_trip_bound((8, 8), 255, scale_bits=5)
    0
    """
    scale = 0.5 / 2 ** _check_scale(scale_bits)
    gains, deviations = [], []  # in the order of the forward transform
    for n in reversed([int(n) for n in size]):
        m, shift = dct_matrix(n)
        exact = m.astype(np.float64) / 2**shift
        gains.append(abs(exact).sum(0).max())
        deviations.append(abs(exact.T @ exact - np.eye(n)).sum(1).max())
    error = magnitude * (math.prod(1 + d for d in deviations) - 1)
    for i in range(len(gains)):
        # The rounding of this axis' coefficients passes the transforms of later axes and their inverses, then the
        # inverses of this axis and of those before it.
        error += scale * math.prod(1 + d for d in deviations[i + 1 :]) * math.prod(gains[: i + 1])
        if i > 0:  # the rounding of an inverse; the last inverse rounds the result, below
            error += scale * math.prod(gains[:i])
    return math.floor(float(error) + 0.5)


def _list(sizes: Sequence[int]) -> str:
    """Format sizes for messages."""
    return ", ".join(map(str, sizes))


def _check_scale(scale_bits: int) -> int:
    """Return `scale_bits` if it is in its range; ValueError otherwise."""
    if not 0 <= scale_bits <= _MAX_SCALE_BITS:
        raise ValueError(f"scale_bits is {scale_bits}: it must be 0 to {_MAX_SCALE_BITS}")
    return int(scale_bits)


def _check_order(order: str) -> bool:
    """Return whether `order` is "sequency" and not "natural"; ValueError if it is neither."""
    if order not in ("natural", "sequency"):
        raise ValueError(f"order is {order!r}: it must be 'natural' or 'sequency'")
    return order == "sequency"


def _check_axes(x: npt.NDArray[Any], axes: int | Sequence[int]) -> tuple[int, ...]:
    """Return the axes of a block, ascending and counted from 0; ValueError if they are none."""
    given = tuple(axes) if isinstance(axes, Sequence) else (axes,)
    if not 1 <= len(given) <= 3:
        raise ValueError(f"axes is {axes}: a block has one to three axes")
    found = []
    for axis in given:
        if not -x.ndim <= axis < x.ndim:
            raise ValueError(f"axis {axis} is not there: the array has {x.ndim} dimensions")
        found.append(axis % x.ndim)
        if x.shape[axis] not in SIZES:
            raise ValueError(
                f"axis {axis} has length {x.shape[axis]}: no transform but of {_list(SIZES)} points; "
                "cut the array into blocks first"
            )
    if len(set(found)) < len(found):
        raise ValueError(f"axes is {axes}: an axis is given twice")
    return tuple(sorted(found))


def _apply(x: npt.ArrayLike, axes: int | Sequence[int], kind: str, scale_bits: int = 0) -> Int32Array:
    """Transform the blocks of an array: `kind` is dct, idct, hadamard or ihadamard."""
    x = np.asarray(x)
    if x.dtype.kind not in "iub":
        raise TypeError(
            f"no integer transform of {x.dtype}: round to integers first, for instance "
            "np.rint(x * 256).astype(np.int32)"
        )
    block_axes = _check_axes(x, axes)
    if x.dtype.itemsize >= 4 and x.dtype != np.int32 and x.size and (x.max() > 2**31 - 1 or x.min() < -(2**31)):
        raise ValueError("values must fit int32")
    last = tuple(range(x.ndim - len(block_axes), x.ndim))
    # A contiguous copy in C order with the block's axes last, transformed in place.
    work = np.array(np.moveaxis(x, block_axes, last), np.int32, order="C")
    block = (1,) * (3 - len(last)) + work.shape[work.ndim - len(last) :]
    _blocks.transform(work, block, kind, scale_bits)
    return np.ascontiguousarray(np.moveaxis(work, last, block_axes))


@cache
def _sequency(size: int) -> npt.NDArray[np.intp]:
    """Return the rows of natural order sorted by their sign changes: row i is the Gray code of i, bits reversed."""
    bits = size.bit_length() - 1
    return np.array([int(f"{i ^ (i >> 1):0{bits}b}"[::-1], 2) for i in range(size)], np.intp)
