"""Cut a video, or any array of at least three axes, into boxes that exactly cover it, and put boxes together again.

The grids are those of stores: exact pieces of a given size, or a named layout whose pieces are balanced. A *halo*
adds samples of the neighbours around each piece, for filters that look beyond their own samples.

>>> import numpy as np
>>> from stfrag import tiling
>>> video = np.arange(6 * 40 * 50).reshape(6, 40, 50)
>>> fragments, boxes = tiling.cut(video, (4, 16, 32), halo=(0, 2, 2))
>>> len(boxes), boxes[1], fragments[1].shape
(12, Box(t0=0, t1=4, y0=0, y1=16, x0=32, x1=50), (4, 18, 20))
>>> sharper = [3 * f for f in fragments]
>>> bool((tiling.merge(sharper, boxes, video.shape, halo=(0, 2, 2)) == 3 * video).all())
True

Provisional until stfrag 1.0.
"""

from __future__ import annotations

import operator
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .model.box import Box
from .model.formats import SUBSAMPLINGS, SampleFormat
from .model.grids import resolve_grid
from .model.options import parse_options
from .native.tiling import cut_axis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Array = np.ndarray[Any, Any]
    #: An array, or the planes of a picture
    Samples = Array | tuple[Array, ...]

__all__ = ["Box", "Tiles", "check_cover", "cut", "grid", "merge"]


class Tiles(NamedTuple):
    """The result of :func:`cut`, which unpacks into two lists of the same length.

    Attributes
    ----------
    fragments : list of ndarray, or of tuples of ndarray
        Views of the array, or of the planes.
    boxes : list of Box
        The box of each fragment, without halo.
    """

    fragments: list[Any]
    boxes: list[Box]


def grid(
    shape: Sequence[int],
    fragment: tuple[int, int, int] | None = None,
    layout: str | None = None,
    *,
    subsampling: str = "444",
) -> list[Box]:
    """Return the boxes of the fragments that a store of this shape and with these options has.

    Parameters
    ----------
    shape : sequence of int
        At least (frames, rows, columns), each 1 or more; further elements are ignored.
    fragment : (T, Y, X), optional
        The exact size of a box. The last boxes along an axis are as large as what remains.
    layout : {"balanced", "frame", "time", "compact"}, optional
        A named layout, instead of `fragment`. Its boxes are about equal, from half to 1.5 times the nominal size. The
        default is "balanced".
    subsampling : {"444", "422", "420", "440", "411", "410", "400"}
        Subsampling of the chroma planes: no box starts inside of a chroma sample.

    Returns
    -------
    list of Box
        Ordered by time, then rows, then columns.

    Raises
    ------
    TypeError, ValueError
        If an option is out of range, if `fragment` and `layout` are both given, or if `fragment` is not a multiple of
        the subsampling.

    Examples
    --------
    >>> from stfrag import tiling
    >>> [box.shape for box in tiling.grid((40, 100, 700))]
    [(40, 100, 240), (40, 100, 224), (40, 100, 236)]
    >>> len(tiling.grid((40, 100, 700), fragment=(32, 256, 256)))
    6
    """
    sub_y, sub_x = _subsampling(subsampling)
    t, y, x = _shape(shape)
    options = parse_options({"fragment": fragment, "layout": layout}, "grid")
    if options.fragment is not None:  # any size will do: the limits of the format do not count here
        for piece, size, sub in ((options.fragment[1], y, sub_y), (options.fragment[2], x, sub_x)):
            if piece < size and piece % (1 << sub):
                raise ValueError(
                    f"fragment={fragment}: {piece} is not a multiple of the chroma subsampling, {1 << sub}"
                )
        pieces, balanced = options.fragment, False
    else:
        pieces, balanced = resolve_grid(options, SampleFormat(0, 8, 3, sub_x, sub_y), y, x).fragment, True
    times = _cut_time(t, pieces[0], balanced)
    rows = cut_axis(y, min(pieces[1], y), balanced, 1 << sub_y) if y > pieces[1] else [0, y]
    columns = cut_axis(x, min(pieces[2], x), balanced, 1 << sub_x) if x > pieces[2] else [0, x]
    return [Box(*t, *y, *x) for t, y, x in product(pairwise(times), pairwise(rows), pairwise(columns))]


def cut(
    array: Any,
    fragment: tuple[int, int, int] | None = None,
    layout: str | None = None,
    halo: int | tuple[int, int, int] = 0,
    *,
    subsampling: str = "444",
) -> Tiles:
    """Cut an array, or the planes of a video, into boxes that exactly cover it.

    Parameters
    ----------
    array : ndarray of shape (T, Y, X, ...), or tuple of planes (T, Y, X)
        Any dtype; further axes are not cut. Of three or more planes the second and third may be subsampled.
    fragment, layout, subsampling
        As in :func:`grid`.
    halo : int or (t, y, x)
        Samples of the neighbours to add on each side, clipped at the borders of the array. One number is for all
        three axes.

    Returns
    -------
    Tiles
        ``fragments``: views of the array (tuples of views of the planes), halo included; ``boxes``: the boxes
        without halo.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid`; also for fewer than three axes, planes whose shapes do not go together, or a negative halo.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import tiling
    >>> luma, chroma = np.zeros((8, 31, 40)), np.zeros((8, 16, 20))
    >>> fragments, boxes = tiling.cut((luma, chroma, chroma), (8, 16, 40), subsampling="420")
    >>> [plane.shape for plane in fragments[1]]
    [(8, 15, 40), (8, 8, 20), (8, 8, 20)]
    """
    planes = _planes(array)
    shape = planes[0].shape[:3]
    subs = _plane_subsamplings(len(planes), subsampling)
    _check_planes(planes, subs)
    margin = _halo(halo)
    boxes = grid(shape, fragment, layout, subsampling=subsampling)
    fragments = []
    for box in boxes:
        outer = box.grow(margin, shape)
        parts = tuple(plane[outer.subsampled(*sub).slices] for plane, sub in zip(planes, subs, strict=True))
        fragments.append(parts if isinstance(array, tuple) else parts[0])
    return Tiles(fragments, boxes)


def merge(
    fragments: Iterable[Any],
    boxes: Iterable[Box | Sequence[int]],
    shape: Sequence[int] | None = None,
    *,
    halo: int | tuple[int, int, int] = 0,
    subsampling: str = "444",
    out: Any = None,
) -> Any:
    """Put fragments together: the inverse of :func:`cut`.

    Parameters
    ----------
    fragments : iterable of ndarray, or of tuples of planes
        In the order of `boxes`; consumed one by one, so that a generator keeps only one in memory. Their dtype and
        axes beyond the third may differ from those of the array that was cut, but not among each other.
    boxes : iterable of Box, or of six integers (t0, t1, y0, y1, x0, x1)
        They cover the whole exactly: no gap, no overlap. The order is free.
    shape : sequence of int, optional
        (frames, rows, columns) of the whole; further elements are ignored. By default it ends where the boxes end.
    halo : int or (t, y, x)
        The halo that the fragments have; it is dropped.
    subsampling
        As in :func:`grid`.
    out : ndarray or tuple of ndarray, optional
        The array, or the planes, to write to.

    Returns
    -------
    ndarray, or tuple of ndarray
        `out`, or new arrays.

    Raises
    ------
    ValueError
        If the boxes leave a gap, overlap or reach beyond the shape; if there are not as many fragments as boxes; if a
        fragment has another shape than its box with the halo.
    TypeError
        If fragments have different dtypes, or are no arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from stfrag import tiling
    >>> tiles = tiling.cut(np.arange(24).reshape(2, 3, 4), (1, 2, 4))
    >>> tiling.merge(*tiles)[1].tolist()
    [[12, 13, 14, 15], [16, 17, 18, 19], [20, 21, 22, 23]]
    >>> tiling.merge(tiles.fragments[1:], tiles.boxes[1:])
    Traceback (most recent call last):
    ...
    ValueError: the boxes leave a gap at frame 0, row 0, column 0
    """
    checked = [_box(box) for box in boxes]
    if not checked:
        raise ValueError("there are no boxes to merge")
    whole = _shape(shape) if shape is not None else tuple(max(box[i] for box in checked) for i in (1, 3, 5))
    sub_y, sub_x = _subsampling(subsampling)
    check_cover(checked, whole)
    for box in checked:
        if box.y0 % (1 << sub_y) or box.x0 % (1 << sub_x):
            raise ValueError(f"{box} starts inside of a chroma sample of {subsampling}")
    margin = _halo(halo)
    result: tuple[Array, ...] | None = None
    as_tuple = False
    given = iter(fragments)
    for number, box in enumerate(checked):
        try:
            fragment = next(given)
        except StopIteration:
            raise ValueError(f"{len(checked)} boxes, but only {number} fragments") from None
        planes = _planes(fragment)
        if result is None:
            as_tuple = isinstance(fragment, tuple)
            subs = _plane_subsamplings(len(planes), subsampling)
            result = _destination(out, planes, whole, subs)
        outer = box.grow(margin, whole)
        _check_fragment(number, planes, result, outer, subs)
        for plane, target, sub in zip(planes, result, subs, strict=True):
            inner, around = box.subsampled(*sub), outer.subsampled(*sub)
            within = tuple(
                slice(a - base, b - base) for a, b, base in zip(inner[::2], inner[1::2], around[::2], strict=True)
            )
            target[inner.slices] = plane[within]
    if next(given, None) is not None:
        raise ValueError(f"more fragments than boxes, of which there are {len(checked)}")
    assert result is not None
    return result if as_tuple else result[0]


def check_cover(boxes: Iterable[Box | Sequence[int]], shape: Sequence[int]) -> None:
    """Check that boxes cover an array of this shape without gap and overlap.

    Parameters
    ----------
    boxes : iterable of Box, or of six integers (t0, t1, y0, y1, x0, x1)
    shape : sequence of int
        (frames, rows, columns); further elements are ignored.

    Raises
    ------
    ValueError
        If they do not; the message says where.

    Examples
    --------
    >>> from stfrag import tiling
    >>> tiling.check_cover([(0, 4, 0, 8, 0, 8), (0, 4, 0, 8, 7, 9)], (4, 8, 9))
    Traceback (most recent call last):
    ...
    ValueError: boxes overlap at frame 0, row 0, column 7
    """
    whole = _shape(shape)
    checked = np.array([_box(box) for box in boxes], np.int64).reshape(-1, 6)
    low, high = checked[:, ::2], checked[:, 1::2]
    outside = np.flatnonzero(((low < 0) | (high > whole) | (low >= high)).any(axis=1))
    if outside.size:
        box = Box(*checked[outside[0]].tolist())
        raise ValueError(f"{box} is {'empty' if min(box.shape) < 1 else f'not inside of {whole}'}")
    # The borders of all boxes cut the array into cells, and each box covers a cell whole or not at all: count for
    # each cell how many boxes cover it.
    borders = [np.unique(np.concatenate([low[:, i], high[:, i], [0, size]])) for i, size in enumerate(whole)]
    times, rows, columns = (np.searchsorted(borders[i], checked[:, 2 * i : 2 * i + 2]) for i in range(3))
    count = np.zeros((len(borders[0]) - 1, len(borders[1]) - 1, len(borders[2]) - 1), np.int32)
    for (t0, t1), (y0, y1), (x0, x1) in zip(times.tolist(), rows.tolist(), columns.tolist(), strict=True):
        count[t0:t1, y0:y1, x0:x1] += 1
    for wrong, what in ((count > 1, "boxes overlap"), (count == 0, "the boxes leave a gap")):
        if wrong.any():
            t, y, x = (
                int(axis[i])
                for axis, i in zip(borders, np.unravel_index(int(wrong.argmax()), wrong.shape), strict=True)
            )
            raise ValueError(f"{what} at frame {t}, row {y}, column {x}")


def _cut_time(size: int, piece: int, balanced: bool) -> list[int]:
    """Return the borders of slabs of `piece` frames.

    The last slab is what remains; if the cut is balanced, it has up to 1.5 times `piece` frames instead.
    """
    if balanced:
        longest = piece + piece // 2
        return [*range(0, max(size - longest + piece, 1), piece), size]
    return [*range(0, size, piece), size]


def _subsampling(name: str) -> tuple[int, int]:
    """Return log2 of the (vertical, horizontal) subsampling of a name; ValueError for an unknown one."""
    if name not in SUBSAMPLINGS:
        raise ValueError(f"subsampling={name!r} is none of {', '.join(map(repr, SUBSAMPLINGS))}")
    sub_x, sub_y = SUBSAMPLINGS[name]
    return sub_y, sub_x


def _plane_subsamplings(planes: int, name: str) -> list[tuple[int, int]]:
    """Return (sub_y, sub_x) of each plane: the second and third of three or more planes are chroma."""
    sub = _subsampling(name)
    return [sub if planes >= 3 and i in (1, 2) else (0, 0) for i in range(planes)]


def _shape(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return (frames, rows, columns) of a shape; TypeError or ValueError if it has no such three numbers."""
    try:
        sizes = tuple(operator.index(n) for n in shape[:3])
    except TypeError:
        raise TypeError(f"shape={shape!r} is not (frames, rows, columns)") from None
    if len(sizes) != 3 or min(sizes) < 1 or max(sizes) > 2**31 - 1:
        raise ValueError(f"shape={shape!r} is not (frames, rows, columns), each from 1 to 2^31 - 1")
    return sizes


def _halo(halo: int | tuple[int, int, int]) -> tuple[int, int, int]:
    """Return a halo as (t, y, x); TypeError or ValueError if it is none."""
    try:
        margin = tuple(operator.index(h) for h in (halo if isinstance(halo, (tuple, list)) else (halo,) * 3))
    except TypeError:
        raise TypeError(f"halo={halo!r} is neither an integer nor three of them") from None
    if len(margin) != 3 or min(margin) < 0:
        raise ValueError(f"halo={halo!r} is not one or three integers from 0 on")
    return margin


def _box(box: Box | Sequence[int]) -> Box:
    """Return six integers as a Box; TypeError for anything else."""
    try:
        return Box(*(operator.index(n) for n in box))
    except TypeError:
        raise TypeError(f"{box!r} is not a box: six integers t0, t1, y0, y1, x0, x1") from None


def _planes(array: Any) -> tuple[Array, ...]:
    """Return an array, or a tuple of 1 to 4 planes, as a tuple of arrays with at least three axes."""
    planes = array if isinstance(array, tuple) else (array,)
    planes = tuple(np.asanyarray(plane) for plane in planes)
    for plane in planes:
        if plane.ndim < 3:
            raise ValueError(f"at least three axes (frames, rows, columns) are needed, not shape {plane.shape}")
    if not 1 <= len(planes) <= 4:
        raise ValueError(f"a picture has 1 to 4 planes, not {len(planes)}")
    return planes


def _check_planes(planes: tuple[Array, ...], subs: list[tuple[int, int]]) -> None:
    """Raise ValueError unless the sizes of planes go together, with the subsampling of each."""
    t, y, x = planes[0].shape[:3]
    whole = Box(0, t, 0, y, 0, x)
    for number, (plane, sub) in enumerate(zip(planes, subs, strict=True)):
        expected = whole.subsampled(*sub).shape
        if plane.shape[:3] != expected:
            raise ValueError(
                f"plane {number} has shape {plane.shape[:3]}, but {expected} goes with plane 0 of {whole.shape}"
            )


def _destination(
    out: Any, planes: tuple[Array, ...], whole: tuple[int, ...], subs: list[tuple[int, int]]
) -> tuple[Array, ...]:
    """Return the planes to write to: `out`, which is checked, or new arrays like the planes of the first fragment."""
    full = Box(0, whole[0], 0, whole[1], 0, whole[2])
    shapes = [full.subsampled(*sub).shape + plane.shape[3:] for plane, sub in zip(planes, subs, strict=True)]
    if out is None:
        return tuple(np.empty(shape, plane.dtype) for shape, plane in zip(shapes, planes, strict=True))
    result = out if isinstance(out, tuple) else (out,)
    if [getattr(target, "shape", None) for target in result] != shapes:
        raise ValueError(f"out has not the shape {shapes if len(shapes) > 1 else shapes[0]}")
    return result


def _check_fragment(
    number: int, planes: tuple[Array, ...], result: tuple[Array, ...], outer: Box, subs: list[tuple[int, int]]
) -> None:
    """Raise unless a fragment has the planes and dtypes of the result, and the shape of its box with the halo."""
    if len(planes) != len(result):
        raise ValueError(f"fragment {number} has {len(planes)} planes, not {len(result)}")
    for plane, target, sub in zip(planes, result, subs, strict=True):
        expected = outer.subsampled(*sub).shape + target.shape[3:]
        if plane.shape != expected:
            raise ValueError(f"fragment {number} has shape {plane.shape}, its box and halo make {expected}")
        if plane.dtype != target.dtype:
            raise TypeError(f"fragment {number} has dtype {plane.dtype}, not {target.dtype}")
