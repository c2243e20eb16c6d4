"""The coding of single fragments: from samples to bytes, and from bytes to samples.

The coded form of a fragment depends only on the samples and the options, needs nothing beside it to be decoded, and
is the same in a store, in a Zarr chunk and in memory. docs/format.md, part 2, describes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from .codec.coding import resolve
from .model.checks import check_out
from .model.formats import (
    LAYOUT_INTERLEAVED,
    LAYOUT_PLANES,
    SampleFormat,
    as_samples,
    check_planes,
    format_of_array,
    format_of_planes,
    split,
)
from .model.grids import check_fragment_size
from .model.options import CodecOptions, FragmentOptions, Options, parse_options, with_options
from .native import fragment as _fragment

__all__ = ["decode", "decode_planes", "encode", "encode_planes"]

#: The options that make sense only for several fragments.
_NOT_HERE = ("fragment", "layout", "weights")


@with_options(FragmentOptions)
def encode(array: npt.ArrayLike, **options: Unpack[FragmentOptions]) -> bytes:
    """Encode one fragment. This runs on the calling thread, whatever ``num_threads`` says.

    Parameters
    ----------
    array : array_like
        T×Y×X or T×Y×X×C (C = 1..4) of uint8, uint16, int8, int16 or bool, with any strides, in any byte order.
        At most 1024 frames of 16384×16384 and 2**28 samples.
    {options}

    Returns
    -------
    bytes
        The coded form, never more than 0.5 % + 64 bytes above the size of the samples.

    Raises
    ------
    TypeError
        For a dtype that cannot be stored, or an unknown option.
    ValueError
        For a shape that cannot be stored, samples that need more than ``bits``, an option out of its range, or a
        target that is beyond what the finest or the coarsest quantizer gives; between them the nearest quantizer is
        taken.
    UnsupportedError
        If the codec cannot code such samples.

    Examples
    --------
    >>> import numpy as np, stfrag
    >>> frames = np.add.outer(np.arange(4), np.add.outer(np.arange(30), np.arange(40))).astype(np.uint8)
    >>> data = stfrag.encode(frames)
    >>> len(data) < frames.nbytes / 2
    True
    >>> np.array_equal(stfrag.decode(data), frames)
    True
    """
    checked = parse_options(options, "encode", _NOT_HERE)
    samples = as_samples(array)
    fmt = format_of_array(samples, checked.bits)
    size = samples.shape[:3]
    check_fragment_size(fmt, size, f"array of shape {samples.shape}")
    return _encode(fmt, size, split(samples), checked)


@with_options(CodecOptions)
def encode_planes(
    planes: Sequence[npt.ArrayLike],
    subsampling: str = "444",
    bits: int | None = None,
    **options: Unpack[CodecOptions],
) -> bytes:
    """Encode one fragment whose components are separate planes, which may have different sizes.

    Parameters
    ----------
    planes : sequence of array_like
        1 to 4 planes of T×Y×X, all of one dtype: Y Cb Cr (A), R G B (A), Y, or Y A. The second and third of three
        or more may be subsampled: their size is then ⌈Y/s⌉×⌈X/s⌉.
    subsampling : {"444", "422", "420", "440", "411", "410"}
        Subsampling of the second and third plane.
    bits : int, optional
        Significant bits of a sample; default all of the dtype's.
    {options}

    Returns
    -------
    bytes
        The coded form.

    Raises
    ------
    TypeError, ValueError, UnsupportedError
        As for :func:`encode`, and ValueError for planes whose sizes do not go together.

    Examples
    --------
    >>> import numpy as np, stfrag
    >>> y, c = np.full((2, 5, 7), 16, np.uint8), np.full((2, 3, 4), 128, np.uint8)
    >>> [plane.shape for plane in stfrag.decode_planes(stfrag.encode_planes((y, c, c), "420"))]
    [(2, 5, 7), (2, 3, 4), (2, 3, 4)]
    """
    checked = parse_options({**options, "bits": bits}, "encode_planes", _NOT_HERE)
    samples = tuple(as_samples(plane, f"plane {c}") for c, plane in enumerate(planes))
    fmt = format_of_planes(samples, subsampling, checked.bits)
    size = samples[0].shape
    check_fragment_size(fmt, size, f"planes of shape {size}")
    return _encode(fmt, size, samples, checked)


def _encode(
    fmt: SampleFormat, size: tuple[int, ...], planes: tuple[np.ndarray[Any, Any], ...], options: Options
) -> bytes:
    """Encode checked planes with checked options."""
    coding = resolve(options, fmt, rgb=fmt.layout == LAYOUT_INTERLEAVED)
    how = coding.native()

    def at(step: int) -> bytes:
        """Encode with a quantizer."""
        return _fragment.encode(fmt, size, planes, how._replace(quantizer=step))

    if options.target is None:
        return at(how.quantizer)
    from .allocation.single import encode_to_target

    return encode_to_target(options.target, fmt, planes, at, decode_planes)


def decode(data: Any, out: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
    """Decode a fragment to an array.

    Parameters
    ----------
    data : bytes-like
        What :func:`encode` returned; anything with the buffer protocol, read-only too.
    out : ndarray, optional
        Where to decode to: of the fragment's shape and dtype, with any strides.

    Returns
    -------
    ndarray
        T×Y×X or T×Y×X×C, `out` if it was given.

    Raises
    ------
    CorruptFragmentError
        If the bytes are damaged, or are no fragment.
    UnsupportedError
        If they have a newer version of the format, or are in a codec that this machine cannot decode.
    ValueError
        If `out` does not fit, or the fragment's planes are of different sizes: see :func:`decode_planes`.

    Examples
    --------
    >>> import numpy as np, stfrag
    >>> data = stfrag.encode(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    >>> out = np.empty((2, 3, 4), np.int16)
    >>> stfrag.decode(data, out=out) is out
    True
    >>> int(out[1, 2, 3])
    23
    """
    fmt, size = _header(data)
    if fmt.subsampled:
        raise ValueError("the planes of this fragment are of different sizes: use decode_planes()")
    # Planes of one size come back stacked, components last.
    shape = size if fmt.components == 1 and fmt.layout != 1 else (*size, fmt.components)
    if out is None:
        out = np.empty(shape, fmt.dtype)
    else:
        check_out(out, shape, fmt.dtype)
    _fragment.decode(data, fmt, size, split(out))
    return out


def decode_planes(data: Any, out: Sequence[np.ndarray[Any, Any]] | None = None) -> tuple[np.ndarray[Any, Any], ...]:
    """Decode a fragment to planes, one for each component.

    Parameters
    ----------
    data : bytes-like
        What :func:`encode_planes` or :func:`encode` returned.
    out : sequence of ndarray, optional
        Planes to decode to, each of the right shape and dtype, with any strides.

    Returns
    -------
    tuple of ndarray
        T×Y×X planes; the second and third may be smaller in Y and X.

    Raises
    ------
    CorruptFragmentError, UnsupportedError, ValueError
        As for :func:`decode`.

    Examples
    --------
    >>> import numpy as np, stfrag
    >>> rgb = np.zeros((1, 2, 2, 3), np.uint8)
    >>> len(stfrag.decode_planes(stfrag.encode(rgb)))
    3
    """
    fmt, size = _header(data)
    if out is None:
        planes = fmt._replace(layout=LAYOUT_PLANES).empty(*size)
        assert isinstance(planes, tuple)
    else:
        planes = tuple(out)
        check_planes(planes, fmt, size)
        for plane in planes:
            check_out(plane, plane.shape, fmt.dtype)
    _fragment.decode(data, fmt, size, planes)
    return planes


def _header(data: Any) -> tuple[SampleFormat, tuple[int, int, int]]:
    """Return format and size (frames, rows, columns) of a coded fragment, which its header says."""
    fmt, size, _ = _fragment.info(data)
    return fmt, size
