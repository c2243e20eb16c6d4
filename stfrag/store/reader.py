"""The reader of stores: it returns any box of samples, and decodes only the fragments that the box needs."""

from __future__ import annotations

import math
import os
import threading
import weakref
from collections.abc import Iterable, Iterator
from fractions import Fraction
from types import EllipsisType
from typing import Any, NamedTuple, overload

import numpy as np

from ..model.checks import check_out
from ..model.formats import split
from ..model.indexing import Axis, Selection, select
from ..model.threads import resolve_threads
from ..model.views import View, check_seams, view_as
from ..native.types import Work
from .described import Described
from .opened import OpenStore
from .sources import describe_source, normalise_source

__all__ = ["Reader", "open"]

#: The most bytes of frames that iteration decodes at once.
_ITERATION_BYTES = 256 << 20

Array = np.ndarray[Any, Any]
_Index = int | np.integer[Any] | slice | EllipsisType | None
#: The indices that a store takes: those of NumPy's basic indexing.
Region = _Index | tuple[_Index, ...]

#: All readers of this process; a fork resets them in the child.
_readers: weakref.WeakSet[Reader] = weakref.WeakSet()


def open(source: Any, num_threads: int | None = None, seams: bool = False) -> Reader:
    """Open a store.

    Only the tail of the store is read, which takes about as long for a long video as for a short one.

    Parameters
    ----------
    source : path, bytes-like, file object or str
        A path; a store in memory; a file object with ``read`` (or ``readinto``) and ``seek``, which is read under a
        lock and stays open; or a URL that fsspec knows, such as ``"https://..."`` or ``"s3://..."`` (needs
        ``pip install 'stfrag[url]'``).
    num_threads : int, optional
        Threads that decode, 1..256. Default: the environment variable ``STFRAG_NUM_THREADS``, else the processors
        that this process may use.
    seams : bool
        Whether reads of this reader, indexing included, filter the borders between fragments unless they say
        otherwise: see :meth:`Reader.read`.

    Returns
    -------
    Reader

    Raises
    ------
    OSError
        If the source cannot be read (``FileNotFoundError``, ...).
    CorruptStoreError
        If the source is not a store, or is damaged; :func:`stfrag.repair` may help.
    UnsupportedError
        If the store has a newer version of the format.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.arange(8 * 40 * 50, dtype=np.uint16).reshape(8, 40, 50))
    >>> with stfrag.open(file.getvalue()) as v:
    ...     v.shape, v.dtype, v[3, 10:12, -1]
    ((8, 40, 50), dtype('uint16'), array([6549, 6599], dtype=uint16))
    """
    reader = Reader(source, num_threads=num_threads, seams=seams)
    reader.opened()
    return reader


class Reader(Described):
    """An open store, which is indexed like an array. :func:`stfrag.open` returns one.

    An array comes back exactly as it was saved, T×Y×X or T×Y×X×C. Gray video comes as T×H×W, the stored samples.
    Other video comes as RGB, T×H×W×3, or as RGBA if it has alpha: uint8 for 8 bits, uint16 above (scaled to
    0..65535). Chroma is replicated to the positions of luma, so a region always equals the crop of the whole. The
    conversion uses the exact matrix that the store names (BT.601, BT.709 or BT.2020; if it names none, BT.709 for 720
    rows or more, else BT.601), assumes limited range unless the store says full, and rounds to nearest.

    Any number of threads may read at the same time. A reader that was used before a fork works after it. Readers of
    paths, URLs and bytes can be pickled. Arrays stay valid after :meth:`close`.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.arange(24, dtype=np.uint8).reshape(4, 2, 3), fps=25)
    >>> v = stfrag.open(file.getvalue())
    >>> v.shape, v.dtype, v.fps, len(v)
    ((4, 2, 3), dtype('uint8'), Fraction(25, 1), 4)
    >>> v[::2, -1].tolist()
    [[3, 4, 5], [15, 16, 17]]
    """

    def __init__(self, source: Any, num_threads: int | None = None, seams: bool = False) -> None:
        if num_threads is not None:
            resolve_threads(num_threads)
        self._seams = check_seams(seams)
        self._source = normalise_source(source)
        self._num_threads = num_threads
        self._setup()

    def _setup(self) -> None:
        """Set all attributes to those of a reader that has not read yet."""
        self._lock = threading.Lock()
        self._opened: OpenStore | None = None
        self._closed = False
        self._work = Work()
        _readers.add(self)

    # ------------------------------------------------------------------------------------------------ lifetime

    def opened(self) -> OpenStore:
        """Return the open store behind the reader, opened anew after a fork; only stfrag's own modules use it."""
        core = self._opened
        if core is not None:
            return core
        with self._lock:
            if self._closed:
                raise ValueError(f"the reader of {describe_source(self._source)} is closed")
            if self._opened is None:
                self._opened = OpenStore(self._source, self._num_threads)
            return self._opened

    def _after_fork(self) -> None:
        """Forget the open store in a forked child, without freeing it, so that the next read opens it anew."""
        # Threads of the parent may have held any lock when it forked.
        self._lock = threading.Lock()
        if self._opened is not None:
            self._opened.native.disown()
            _leaked.append(self._opened)
            self._opened = None

    def close(self) -> None:
        """Close the store. Calls in other threads finish first. Closing a closed reader does nothing."""
        with self._lock:
            self._closed = True
            self._opened = None

    def __enter__(self) -> Reader:
        self.opened()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        if isinstance(self._source, memoryview):
            source: Any = bytes(self._source)
        elif isinstance(self._source, (str, bytes, bytearray)):
            source = self._source
        else:
            raise TypeError("a reader of a file object cannot be pickled: open a path, a URL or bytes")
        return {"source": source, "num_threads": self._num_threads, "seams": self._seams, "closed": self._closed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._source = state["source"]
        self._num_threads = state["num_threads"]
        self._seams = state["seams"]
        self._setup()
        self._closed = state["closed"]

    def __repr__(self) -> str:
        name = describe_source(self._source)
        if self._closed:
            return f"<stfrag.Reader {name} (closed)>"
        core = self.opened()
        size = "×".join(map(str, core.shape_of(core.view) if core.view else (core.frames, core.y, core.x)))
        kind = core.description.pixel_format or (core.view.dtype if core.view else core.fmt.dtype)
        return f"<stfrag.Reader {name}: {size} {kind}>"

    # ------------------------------------------------------------------------------------------------ counters

    @property
    def stats(self) -> dict[str, int]:
        """Counts of the work that reading took since the store was opened or :meth:`reset_stats` was called.

        ``fragments``, ``frames`` and ``samples`` were decoded; ``frames`` are those of fragments, and include the
        ones that were decoded only because others refer to them. ``bytes`` is how many coded bytes were read, and
        ``samples_out`` how many samples were returned.
        """
        with self._lock:
            return self._work._asdict()

    def reset_stats(self) -> None:
        """Set the counts of :attr:`stats` to 0."""
        with self._lock:
            self._work = Work()

    # ------------------------------------------------------------------------------------------------- reading

    @overload
    def __getitem__(self, key: tuple[int, int, int] | tuple[int, int, int, int]) -> Any: ...

    @overload
    def __getitem__(self, key: Region) -> Array: ...

    def __getitem__(self, key: Region) -> Any:
        core = self.opened()
        view = core.default()
        return self._select(core, view, select(key, core.shape_of(view)), seams=self._seams)

    def __iter__(self) -> Iterator[Array]:
        shape = self.shape
        frame_bytes = math.prod(shape[1:]) * self.dtype.itemsize
        step = max(1, min(self.chunks[0], _ITERATION_BYTES // max(1, frame_bytes)))
        for first in range(0, shape[0], step):
            yield from self[first : first + step]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("a store cannot become an array without a copy")
        array: Array = self[:]
        return array if dtype is None else array.astype(dtype, copy=False)

    def read(
        self, region: Region = ..., format: str | None = None, out: Array | None = None, seams: bool | None = None
    ) -> Array:
        """Read a box of samples in a format of your choice.

        Parameters
        ----------
        region : slice or tuple of slices, optional
            Frames, rows, columns; as in NumPy's basic indexing. Default: everything.
        format : str, optional
            ``"rgb24"``, ``"rgba"`` (uint8), ``"rgb48"``, ``"rgba64"`` (uint16); ``"gray"``: the stored luma plane,
            neither scaled nor offset, without decoding chroma; ``"native"``: the stored components, exact, as
            T×Y×X or T×Y×X×C. Default: what indexing gives.
        out : ndarray, optional
            Where to write to: of the result's shape and dtype, with any strides.
        seams : bool, optional
            True: filter the borders between fragments that were coded with loss, so that no steps are seen there.
            This is for viewing: samples near borders are no longer those that were decoded, to which the errors in
            the index belong. Fragments that are lossless or have a ``max_error`` are not changed. A region is still
            the crop of the whole; fragments within 8 samples (of chroma as of luma) beside it are decoded, too, and
            count in :attr:`stats`. Default: the `seams` of :func:`stfrag.open`.

        Returns
        -------
        ndarray
            `out` if it was given.

        Raises
        ------
        ValueError
            If the store cannot be read in this format (``"native"`` with subsampled chroma: see
            :meth:`read_planes`), or `out` does not fit.
        CorruptFragmentError
            If a fragment that the box needs is damaged.
        TypeError
            If `seams` is no bool.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> with stfrag.create(file, pixel_format="yuv420p", fps=25) as w:
        ...     w.append((np.full((4, 6), 126, "u1"), np.full((2, 3), 128, "u1"), np.full((2, 3), 128, "u1")))
        >>> v = stfrag.open(file.getvalue())
        >>> v.shape, v.read((0, slice(2), slice(3)), format="gray").tolist()
        ((1, 4, 6, 3), [[126, 126, 126], [126, 126, 126]])
        """
        core = self.opened()
        view = view_as(format, core.fmt, core.colour)
        box: Array = self._select(core, view, select(region, core.shape_of(view)), out, self._filtering(seams))
        return box

    def read_planes(self, region: Region = ..., seams: bool | None = None) -> tuple[Array, ...]:
        """Read the stored planes of a box, exact samples: (Y,), (Y, Cb, Cr), (R, G, B), with A last if there is one.

        Parameters
        ----------
        region : slice or tuple of slices, optional
            Frames, rows, columns of the picture, half-open. Frames are indexed as in NumPy, an integer dropping the
            axis; rows and columns by slices without a step. In a subsampled plane the box is [⌊a/s⌋, ⌈b/s⌉).
        seams : bool, optional
            Whether to filter the borders between fragments, as for :meth:`read`; samples near borders are then for
            viewing, and not the stored ones.

        Returns
        -------
        tuple of ndarray
            T×Y×X each.

        Raises
        ------
        ValueError
            If rows or columns are not given by slices without a step.
        IndexError, TypeError, CorruptFragmentError
            As for :meth:`read`.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> with stfrag.create(file, pixel_format="yuv420p") as w:
        ...     w.append((np.full((4, 6), 126, "u1"), np.full((2, 3), 128, "u1"), np.full((2, 3), 128, "u1")))
        >>> [plane.shape for plane in stfrag.open(file.getvalue()).read_planes((0, slice(1, 3)))]
        [(2, 6), (2, 3), (2, 3)]
        """
        filtering = self._filtering(seams)
        core = self.opened()
        keys = region if isinstance(region, tuple) else (region,)
        selection = select(keys, (core.frames, core.y, core.x))
        spatial = selection.axes[1:]
        if (
            len(selection.shape) < 2
            or selection.block[-2:] != (slice(None),) * 2
            or None in keys
            or any(axis.step != 1 for axis in spatial)
        ):
            raise ValueError("read_planes takes slices without a step of rows and columns")
        time = selection.axes[0]
        planes = []
        for c in range(core.fmt.components):
            box = [
                (axis.start >> s, -(-(axis.start + axis.length) >> s) if axis.length else axis.start >> s)
                for axis, s in zip(spatial, core.fmt.shift(c), strict=True)
            ]
            planes.append(np.empty((time.length, *(b - a for a, b in box)), core.fmt.dtype))
        if not selection.empty:
            self._decode(core, tuple(planes), _Place(time, *spatial), seams=filtering)
        dropped = len(selection.shape) == 2
        return tuple(plane[0] if dropped else plane for plane in planes)

    def get_frames_at(self, indices: Iterable[int], format: str | None = None, seams: bool | None = None) -> Array:
        """Read frames by their numbers, in the order given; a number may come several times.

        Parameters
        ----------
        indices : iterable of int
            Negative numbers count from the end.
        format : str, optional
            As for :meth:`read`.
        seams : bool, optional
            As for :meth:`read`.

        Returns
        -------
        ndarray
            T×H×W or T×H×W×C.

        Raises
        ------
        IndexError
            If there is no such frame.
        TypeError
            If the numbers are no integers.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> stfrag.save(file, np.arange(24, dtype=np.uint8).reshape(4, 2, 3))
        >>> stfrag.open(file.getvalue()).get_frames_at([-1, 0, 0])[:, 0, 0].tolist()
        [18, 0, 0]
        """
        core = self.opened()
        given = np.asarray(indices if isinstance(indices, np.ndarray) else list(indices))
        if given.size == 0:
            given = given.astype(np.int64)
        if given.ndim != 1 or given.dtype.kind not in "iu":
            raise TypeError("indices must be a sequence of integers")
        numbers = given.astype(np.int64)
        bad = numbers[(numbers < -core.frames) | (numbers >= core.frames)]
        if bad.size:
            raise IndexError(f"index {bad[0]} is out of bounds for {core.frames} frames")
        numbers[numbers < 0] += core.frames
        return self._frames(core, numbers, format, self._filtering(seams))

    def get_frames_in_range(
        self, start: int, stop: int, step: int = 1, format: str | None = None, seams: bool | None = None
    ) -> Array:
        """Read frames start, start + step, ... before stop.

        Parameters
        ----------
        start, stop, step : int
            The range, which must be inside of the video.
        format : str, optional
            As for :meth:`read`.
        seams : bool, optional
            As for :meth:`read`.

        Returns
        -------
        ndarray
            T×H×W or T×H×W×C.

        Raises
        ------
        IndexError
            If the range is not inside of the video.
        ValueError
            If `step` is less than 1.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> stfrag.save(file, np.arange(24, dtype=np.uint8).reshape(4, 2, 3))
        >>> stfrag.open(file.getvalue()).get_frames_in_range(0, 4, 3)[:, 0, 0].tolist()
        [0, 18]
        """
        frames = len(self)
        if step < 1:
            raise ValueError(f"step={step} is out of range: 1 and up")
        if not 0 <= start <= stop <= frames:
            raise IndexError(f"frames {start}..{stop} are not inside of the {frames} there are")
        return self.read((slice(start, stop, step),), format, seams=seams)

    def get_frames_played_at(
        self, seconds: Iterable[float], format: str | None = None, seams: bool | None = None
    ) -> Array:
        """Read the frames that are on screen at some times.

        Parameters
        ----------
        seconds : iterable of float or Fraction
            Times, each not before that of the first frame, and before the end of the last frame.
        format : str, optional
            As for :meth:`read`.
        seams : bool, optional
            As for :meth:`read`.

        Returns
        -------
        ndarray
            T×H×W or T×H×W×C, in the order given.

        Raises
        ------
        IndexError
            For a time outside of the video.
        ValueError
            If the frames have no times, or a time is not finite.
        TypeError
            If `seconds` is a number and not a sequence.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> stfrag.save(file, np.arange(24, dtype=np.uint8).reshape(4, 2, 3), fps=10)
        >>> stfrag.open(file.getvalue()).get_frames_played_at([0.35, 0.1])[:, 0, 0].tolist()
        [18, 6]
        """
        core = self.opened()
        base = core.description.time_base
        if base is None:
            raise ValueError("the frames of this store have no times: use get_frames_at()")
        if isinstance(seconds, (int, float, Fraction)):
            raise TypeError("seconds must be a sequence of numbers")
        first, end = core.native.info["first_pts"], core.end_tick
        numbers = [core.native.find_time(_tick(time, base, first, end)) for time in seconds]
        return self._frames(core, np.array(numbers, np.int64), format, self._filtering(seams))

    def _filtering(self, seams: bool | None) -> bool:
        """Return whether a read filters borders: its own `seams`, or if that is None the one of the reader."""
        return self._seams if seams is None else check_seams(seams)

    def _frames(self, core: OpenStore, numbers: Array, format: str | None, seams: bool) -> Array:
        """Read whole frames by their numbers, none of which is negative."""
        view = view_as(format, core.fmt, core.colour)
        out = np.empty((len(numbers), *core.shape_of(view)[1:]), view.dtype)
        if len(numbers):
            place = _Place(numbers.astype(np.uint64), Axis(0, 1, core.y), Axis(0, 1, core.x))
            self._decode(core, split(out), place, view, seams)
        return out

    def _select(
        self, core: OpenStore, view: View, selection: Selection, out: Array | None = None, seams: bool = False
    ) -> Any:
        """Read what an index selects in a view."""
        if out is None:
            result = np.empty(selection.shape, view.dtype)
        else:
            check_out(out, selection.shape, view.dtype)
            result = out
        if selection.empty:
            return result
        time, rows, columns = selection.axes[:3]
        block = result[(*selection.block, ...)]
        channels = selection.axes[3] if view.channels else Axis(0, 1, 0)
        taken = list(range(view.channels))[channels.start :: channels.step][: channels.length]
        # Samples are decoded straight into the result, unless some that are read do not belong in it.
        direct = abs(rows.step) == 1 and abs(columns.step) == 1 and (view.rgb is None or len(taken) == view.channels)
        if direct:
            target = block[:, rows.whole, columns.whole]
        else:
            kept = view.channels if view.rgb else len(taken)
            box = (time.length, rows.high - rows.low, columns.high - columns.low)
            target = np.empty((*box, kept) if view.channels else box, view.dtype)
        planes: tuple[Array | None, ...] = split(target)
        if view.rgb is None:
            chosen = dict(
                zip((view.components[c] for c in taken) if view.channels else view.components, planes, strict=True)
            )
            planes = tuple(chosen.get(c) for c in range(core.fmt.components))
        elif direct and channels.step < 0:
            planes = planes[::-1]
        self._decode(core, planes, _Place(time, rows, columns), view, seams)
        if not direct:
            block[...] = target[:, rows.whole, columns.whole][..., taken if view.rgb else slice(None)]
        return result[()] if selection.scalar and out is None else result

    def _decode(
        self,
        core: OpenStore,
        planes: tuple[Array | None, ...],
        place: _Place,
        view: View | None = None,
        seams: bool = False,
    ) -> None:
        """Decode the bounding box of rows and columns into planes, and count the work."""
        time, rows, columns = place
        frames, first = None, 0
        if isinstance(time, Axis):
            count, first = time.length, time.start
            if time.step != 1 and count > 1:
                frames = time.indices()
        else:
            frames, count = time, len(time)
        if view is not None and view.rgb is None:
            planes = tuple(planes) + (None,) * (core.fmt.components - len(planes))
        box = (rows.low, rows.high, columns.low, columns.high)
        work = core.native.read(planes, box, count, frames, first, view.rgb if view is not None else None, seams)
        with self._lock:
            self._work = self._work.plus(work)


class _Place(NamedTuple):
    """The place that is decoded: frames, as a range or as numbers, rows and columns."""

    time: Axis | Array
    rows: Axis
    columns: Axis


def _tick(time: Any, base: Fraction, first: int, end: int) -> int:
    """Return the last tick that is not after a time in seconds; IndexError if it is outside of [first, end)."""
    if not math.isfinite(time):
        raise ValueError(f"{time!r} is not a time")
    exact = time if isinstance(time, (int, Fraction)) else Fraction(float(time))
    tick = exact // base
    # A timestamp is a tick rounded to float64. If it was rounded down, it still means its tick, not the one before.
    if not isinstance(time, (int, Fraction)) and (tick + 1) * base.numerator / base.denominator <= float(time):
        tick += 1
    if not first <= tick < end:
        raise IndexError(
            f"{float(time):g} s is outside of the video, which plays from {float(first * base):g} s to "
            f"{float(end * base):g} s"
        )
    return int(tick)


#: Open stores of the parent process. They are never freed, because threads of it may have been using them.
_leaked: list[OpenStore] = []


def _after_fork() -> None:
    """Make all readers open their stores anew in a forked child."""
    for reader in list(_readers):
        reader._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
