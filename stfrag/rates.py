"""Rates: sums over the index of a store that say where its bits are, in space, over time and over frames.

All functions take :attr:`stfrag.Reader.index`, some of its rows, or any structured array with its fields
``t0, t1, y0, y1, x0, x1``, ``bits`` and, where needed, ``bytes``, ``codec`` and ``sse``. Boxes may have any size, and
may be cut differently in every slab.

Bits **add**: the rate of a part of a video is the sum of the bits of its fragments, R = Σ r_i. Bits per pixel do not
add: those of a whole are the **average** of its fragments' bits per pixel, each weighted by its area, that is by its
pixels:

>>> import numpy as np
>>> from stfrag import rates
>>> index = np.zeros(2, [(name, "u8") for name in ("t0", "t1", "y0", "y1", "x0", "x1", "bits")])
>>> index["t1"], index["y1"], index["x1"], index["bits"] = 8, 16, [16, 48], [4096, 3072]
>>> index["x0"] = [0, 16]                     # a tile of 16 columns beside one of 32
>>> pixels = rates.pixels(index)
>>> each = index["bits"] / pixels
>>> each.tolist(), each.mean().item()         # the plain mean is nobody's rate
([2.0, 0.75], 1.375)
>>> np.average(each, weights=pixels).item(), (index["bits"].sum() / pixels.sum()).item()
(1.1666666666666667, 1.1666666666666667)

A *pixel* is a position of the full picture, a sample of luma; *samples* are those of all components. Fragments that
are missing after a repair have pixels, but no bits and no errors.

Provisional until stfrag 1.0.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .model.formats import SUBSAMPLINGS

__all__ = [
    "SpaceRates",
    "Totals",
    "frame_bits",
    "over_frames",
    "over_slabs",
    "over_space",
    "pixels",
    "psnr",
    "samples",
    "totals",
]

Index = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

#: The most cells along an axis of a map whose cells are not given.
_MAX_CELLS = 256
#: The profile of fragments that are streams of packets (docs/format.md, section 8.1).
_STREAM = 2
#: How many rows of the index are spread over a map at once, to bound memory.
_ROWS = 1 << 14


class Totals(NamedTuple):
    """Sums over fragments, which :func:`totals` returns.

    Attributes
    ----------
    fragments, bytes, bits, pixels, samples : int
        Sums over all fragments; samples are those of all components.
    bits_per_pixel, bits_per_sample : float
        nan if there is no fragment.
    smallest, largest : int
        Bytes of the smallest and of the largest fragment.
    mean : float
        Mean bytes of a fragment.
    codecs : dict of str to int
        How many fragments each codec has.
    """

    fragments: int
    bytes: int
    bits: int
    pixels: int
    samples: int
    bits_per_pixel: float
    bits_per_sample: float
    smallest: int
    mean: float
    largest: int
    codecs: dict[str, int]


class SpaceRates(NamedTuple):
    """The bits of each cell of the picture, which :func:`over_space` returns.

    Attributes
    ----------
    y, x : ndarray
        Borders of the cells, one more than there are cells.
    bits, pixels : ndarray
        float64, rows×columns of cells: summed over all frames.
    """

    y: npt.NDArray[Any]
    x: npt.NDArray[Any]
    bits: Floats
    pixels: Floats

    @property
    def bits_per_pixel(self) -> Floats:
        """Bits per pixel of each cell; nan where there is no fragment."""
        return _ratio(self.bits, self.pixels)


def pixels(index: Index) -> npt.NDArray[np.uint64]:
    """Return the pixels of every fragment: frames × rows × columns of its box.

    Parameters
    ----------
    index : structured array

    Returns
    -------
    ndarray
        uint64, one number for each fragment.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((4, 40, 50), np.uint8), fragment=(4, 32, 64))
    >>> stfrag.rates.pixels(stfrag.open(file.getvalue()).index).tolist()
    [6400, 1600]
    """
    return _length(index, "t") * _length(index, "y") * _length(index, "x")


def samples(index: Index, components: int = 1, subsampling: str = "444") -> npt.NDArray[np.uint64]:
    """Return the samples of every fragment in every component.

    Parameters
    ----------
    index : structured array
    components : int
    subsampling : str
        Subsampling of the second and third of three or four components, as :func:`stfrag.tiling.grid` takes it.

    Returns
    -------
    ndarray
        uint64, fragments × components.

    Raises
    ------
    KeyError
        If there is no such subsampling.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import rates
    >>> index = np.zeros(1, [(name, "u8") for name in ("t0", "t1", "y0", "y1", "x0", "x1")])
    >>> index["t1"], index["y1"], index["x1"] = 2, 5, 8
    >>> rates.samples(index, 3, "420").tolist()
    [[80, 24, 24]]
    """
    found = np.empty((len(index), components), np.uint64)
    sub_x, sub_y = SUBSAMPLINGS[subsampling]
    for c in range(components):
        chroma = components >= 3 and c in (1, 2)
        found[:, c] = _length(index, "t") * _length(index, "y", sub_y * chroma) * _length(index, "x", sub_x * chroma)
    return found


def totals(index: Index, components: int = 1, subsampling: str = "444") -> Totals:
    """Sum up bytes, bits, pixels and samples of fragments, and find their smallest, mean and largest bytes.

    Parameters
    ----------
    index, components, subsampling
        As for :func:`samples`.

    Returns
    -------
    Totals
        ``bits`` is exactly 8 × ``bytes``; ``bits_per_sample`` counts the samples of all components, and is nan, like
        ``bits_per_pixel``, if there is no fragment. ``smallest``, ``mean`` and ``largest``, in bytes, leave missing
        fragments out.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((4, 40, 50), np.uint8), fragment=(4, 32, 64))
    >>> t = stfrag.rates.totals(stfrag.open(file.getvalue()).index)
    >>> t.fragments, t.pixels, t.bits == 8 * t.bytes, t.codecs
    (2, 8000, True, {'stf': 2})
    """
    size = index["bytes"][index["bytes"] > 0]
    coded = int(size.sum(dtype=np.uint64))
    area, every = (int(found.sum()) for found in (pixels(index), samples(index, components, subsampling)))
    names, counts = np.unique(index["codec"], return_counts=True)
    return Totals(
        len(index),
        coded,
        8 * coded,
        area,
        every,
        8 * coded / area if area else math.nan,
        8 * coded / every if every else math.nan,
        int(size.min()) if len(size) else 0,
        coded / len(size) if len(size) else 0.0,
        int(size.max()) if len(size) else 0,
        dict(zip(names.tolist(), counts.tolist(), strict=True)),
    )


def psnr(index: Index, bits: int = 8, subsampling: str = "444", weights: str | None = None) -> tuple[Floats, float]:
    """Return the peak signal-to-noise ratio of fragments together, by the squared errors that the index has.

    Parameters
    ----------
    index : structured array
        It has ``sse``, and at least one row.
    bits : int
        Significant bits of a sample: the peak is 2**bits - 1.
    subsampling : str
        As for :func:`samples`.
    weights : {None, "6:1:1"}
        How the overall ratio is computed. "6:1:1": it is the mean of the planes' ratios, weighted 6, 1, 1, as is
        usual for Y'CbCr; alpha and planes without any error are left out, and if no plane has errors it is infinite.
        None: it is the ratio of the errors of all planes pooled.

    Returns
    -------
    planes : ndarray
        The ratio of every plane in dB, infinite where nothing differs.
    overall : float
        The ratio of all planes in dB.

    Notes
    -----
    Errors are those against what the encoder was given. They are pooled over fragments before the logarithm; a mean
    of the PSNRs of fragments would be another figure.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import rates
    >>> fields = [(name, "u8") for name in ("t0", "t1", "y0", "y1", "x0", "x1")]
    >>> index = np.zeros(1, [*fields, ("sse", "u8", (1,))])
    >>> index["t1"], index["y1"], index["x1"], index["sse"] = 1, 10, 10, 650
    >>> planes, overall = rates.psnr(index)
    >>> round(overall, 2)
    40.0
    """
    errors = index["sse"].sum(0, dtype=np.float64)
    counts = samples(index, index["sse"].shape[1], subsampling).sum(0, dtype=np.float64)
    planes = _db(errors, counts, bits)
    if weights is None:
        return planes, float(_db(errors.sum(), counts.sum(), bits))
    lossy = np.isfinite(planes[:3])
    mean = np.average(planes[:3][lossy], weights=np.array([6, 1, 1])[lossy]) if lossy.any() else math.inf
    return planes, float(mean)


def over_slabs(index: Index) -> npt.NDArray[Any]:
    """Sum up the bits of every slab.

    Parameters
    ----------
    index : structured array

    Returns
    -------
    structured array
        A row for each time range that fragments have, in order of time: ``t0``, ``t1``, ``fragments``, ``bits``,
        ``pixels``, ``bits_per_pixel``. The bits of all rows sum to the total.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((10, 40, 50), np.uint8), fragment=(4, 16, 64))
    >>> slabs = stfrag.rates.over_slabs(stfrag.open(file.getvalue()).index)
    >>> slabs[["t0", "t1", "fragments"]].tolist()
    [(0, 4, 3), (4, 8, 3), (8, 10, 3)]
    """
    # Slabs are told apart by both ends: rows of different levels of a pyramid may start at the same frame.
    key = np.stack([index["t0"], index["t1"]], 1).astype(np.uint64)
    ranges, which = np.unique(key, axis=0, return_inverse=True)
    slabs = np.zeros(
        len(ranges),
        [("t0", "u8"), ("t1", "u8"), ("fragments", "u8"), ("bits", "u8"), ("pixels", "u8"), ("bits_per_pixel", "f8")],
    )
    slabs["t0"], slabs["t1"] = ranges.T
    which = which.reshape(-1)
    np.add.at(slabs["fragments"], which, 1)
    np.add.at(slabs["bits"], which, index["bits"].astype(np.uint64))
    np.add.at(slabs["pixels"], which, pixels(index))
    slabs["bits_per_pixel"] = _ratio(slabs["bits"].astype(float), slabs["pixels"].astype(float))
    return slabs


def over_space(index: Index, y: npt.ArrayLike | None = None, x: npt.ArrayLike | None = None) -> SpaceRates:
    """Sum up the bits of all frames in each cell of the picture; a fragment's bits are spread evenly over its box.

    Parameters
    ----------
    index : structured array
        At least one row.
    y, x : array_like of numbers, optional
        Borders of the cells, ascending. Default: all borders that fragments have, so that no fragment crosses the
        border of a cell; if that makes more than 256 cells, 256 equal ones.

    Returns
    -------
    SpaceRates
        If the cells cover all fragments, the bits sum to the total, up to rounding.

    Raises
    ------
    ValueError
        If borders do not ascend, or there is no fragment.

    Examples
    --------
    Columns 0..4 and 4..12 as three cells of four columns:

    >>> import numpy as np
    >>> from stfrag import rates
    >>> index = np.zeros(2, [(name, "u8") for name in ("t0", "t1", "y0", "y1", "x0", "x1", "bits")])
    >>> index["t1"], index["y1"], index["x0"], index["x1"], index["bits"] = 1, 4, [0, 4], [4, 12], [160, 64]
    >>> space = rates.over_space(index, x=[0, 4, 8, 12])
    >>> space.bits.tolist(), space.bits_per_pixel.tolist()
    ([[160.0, 32.0, 32.0]], [[10.0, 2.0, 2.0]])
    """
    rows, columns = _borders(index, "y", y), _borders(index, "x", x)
    bits, area = np.zeros((2, len(rows) - 1, len(columns) - 1))
    for first in range(0, len(index), _ROWS):
        part = index[first : first + _ROWS]
        down, across = _overlap(part, "y", rows), _overlap(part, "x", columns)
        frames = _length(part, "t").astype(float)
        density = _ratio(part["bits"].astype(float), pixels(part).astype(float)) * frames
        bits += (down * density[:, None]).T @ across
        area += (down * frames[:, None]).T @ across
    return SpaceRates(rows, columns, bits, area)


def over_frames(index: Index, frames: int, known: dict[int, Floats] | None = None) -> Floats:
    """Sum up the bits of every frame; a fragment's bits are spread evenly over its frames if no more is known.

    Parameters
    ----------
    index : structured array
    frames : int
        The frames of the video.
    known : dict, optional
        For rows of the index, the bits of that fragment's frames, as :func:`frame_bits` returns them.

    Returns
    -------
    ndarray
        float64, one number for each frame. They sum to the total, up to rounding.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((6, 40, 50), np.uint8), fragment=(4, 16, 64))
    >>> v = stfrag.open(file.getvalue())
    >>> each = stfrag.rates.over_frames(v.index, len(v))
    >>> len(each), bool(np.isclose(each.sum(), v.index.bits.sum()))
    (6, True)
    """
    known = known or {}
    steps, found = np.zeros((2, frames + 1))
    spread = np.ones(len(index), bool)
    spread[list(known)] = False
    each = index["bits"][spread] / _length(index[spread], "t")
    np.add.at(steps, index["t0"][spread].astype(np.int64), each)
    np.subtract.at(steps, index["t1"][spread].astype(np.int64), each)
    for row, bits in known.items():
        first = int(index["t0"][row])
        found[first : first + len(bits)] += bits
    return np.maximum(np.cumsum(steps)[:frames], 0) + found[:frames]


def frame_bits(data: Any, frames: int) -> Floats | None:
    """Return the bits of every frame of one fragment that is a stream of packets.

    Parameters
    ----------
    data : bytes-like
        The coded form of the fragment.
    frames : int
        How many frames it has.

    Returns
    -------
    ndarray or None
        float64, in order of display. A packet that shows nothing counts for the next packet that does; header and
        table of packets count for all frames alike. The sum is the bits of the coded form. None for a fragment of the
        native codec, whose frames share their bits.

    Raises
    ------
    CorruptFragmentError
        If the fragment is damaged.

    Examples
    --------
    >>> import numpy as np, stfrag
    >>> frames = np.zeros((4, 32, 32), np.uint8)
    >>> stfrag.rates.frame_bits(stfrag.encode(frames), 4) is None
    True
    >>> data = stfrag.encode(frames, codec="ffv1")
    >>> bits = stfrag.rates.frame_bits(data, 4)
    >>> bits.shape, float(bits.sum()) == 8 * len(data)
    ((4,), True)
    """
    from .native import codec as _codec
    from .native import fragment as _fragment

    if _fragment.info(data)[2]["profile"] != _STREAM:
        return None
    packets = _codec.unwrap(data)[1]
    found, hidden = np.zeros(frames), 0
    for packet, frame, _ in packets:
        if not 0 <= frame < frames:
            hidden += len(packet)
            continue
        found[frame] += hidden + len(packet)
        hidden = 0
    bits: Floats = 8 * (found + (len(data) - found.sum()) / frames)
    return bits


def _length(index: Index, axis: str, shift: int = 0) -> npt.NDArray[np.uint64]:
    """Return the lengths of boxes along an axis that is subsampled by s = 2**shift: from ⌊a/s⌋ to ⌈b/s⌉."""
    start, stop = index[f"{axis}0"].astype(np.uint64), index[f"{axis}1"].astype(np.uint64)
    up = np.uint64((1 << shift) - 1)
    return ((stop + up) >> np.uint64(shift)) - (start >> np.uint64(shift))


def _borders(index: Index, axis: str, given: npt.ArrayLike | None) -> npt.NDArray[Any]:
    """Return the borders of cells along an axis: those given, or by default those of the fragments."""
    if given is not None:
        borders = np.asarray(given)
        if borders.ndim != 1 or len(borders) < 2 or not (np.diff(borders.astype(float)) > 0).all():
            raise ValueError(f"{axis}={given!r} are not borders of cells: two or more ascending numbers")
        return borders
    borders = np.unique(np.concatenate([index[f"{axis}0"], index[f"{axis}1"]]))
    if len(borders) < 2:
        raise ValueError("there is no fragment")
    return borders if len(borders) <= _MAX_CELLS + 1 else np.linspace(borders[0], borders[-1], _MAX_CELLS + 1)


def _overlap(index: Index, axis: str, borders: npt.NDArray[Any]) -> Floats:
    """Return how many samples of an axis each box has in common with each cell: boxes × cells."""
    start, stop = index[f"{axis}0"].astype(float)[:, None], index[f"{axis}1"].astype(float)[:, None]
    edges = borders.astype(float)
    common: Floats = np.maximum(np.minimum(stop, edges[1:]) - np.maximum(start, edges[:-1]), 0)
    return common


def _ratio(a: Floats, b: Floats) -> Floats:
    """Return a / b, and nan where b is 0."""
    ratio: Floats = np.divide(a, b, out=np.full(np.shape(a), np.nan), where=b > 0)
    return ratio


def _db(errors: Any, counts: Any, bits: int) -> Any:
    """Return the PSNR in dB of squared errors that are summed over so many samples."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return 10 * np.log10(float((1 << bits) - 1) ** 2 * counts / errors)
