"""Reading stores: any box of samples, decoding only what it needs."""

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
from .info import info_of
from .opened import OpenStore
from .packets import Packet, packets_between, time_bases
from .sources import describe_source, normalise_source

__all__ = ["Reader", "open"]

_ITERATION_BYTES = 256 << 20

Array = np.ndarray[Any, Any]
_Index = int | np.integer[Any] | slice | EllipsisType | None
#: What indexes a store: NumPy's basic indexing.
Region = _Index | tuple[_Index, ...]

_readers: weakref.WeakSet[Reader] = weakref.WeakSet()


def open(source: Any, num_threads: int | None = None, seams: bool = False) -> Reader:
    """Open a store.

    Only its tail is read, in a time that does not grow with the video.

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
        If it cannot be read (``FileNotFoundError``, ...).
    CorruptStoreError
        If it is not a store, or is damaged; :func:`stfrag.repair` may help.
    UnsupportedError
        If it is of a newer version.

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


class Reader:
    """An open store, indexed like an array. Made by :func:`stfrag.open`.

    Arrays come back exactly as saved, T×Y×X or T×Y×X×C. Video comes as T×H×W where it is gray (stored samples),
    else as RGB, T×H×W×3, or RGBA where there is alpha: uint8 for 8 bits, uint16 above (scaled to 0..65535). Chroma
    is replicated to the positions of luma, so a region always equals the crop of the whole. The conversion is by the
    exact matrix that the store names (BT.601, BT.709 or BT.2020; if it names none, BT.709 for 720 rows or more, else
    BT.601), limited range unless it says full, rounded to nearest.

    Any number of threads may read at the same time. A reader used before a fork works after it; readers of paths,
    URLs and bytes pickle. Arrays outlive :meth:`close`.
    """

    def __init__(self, source: Any, num_threads: int | None = None, seams: bool = False) -> None:
        if num_threads is not None:
            resolve_threads(num_threads)
        self._seams = check_seams(seams)
        self._source = normalise_source(source)
        self._num_threads = num_threads
        self._setup()

    def _setup(self) -> None:
        self._lock = threading.Lock()
        self._opened: OpenStore | None = None
        self._closed = False
        self._work = Work()
        _readers.add(self)

    # ------------------------------------------------------------------------------------------------ lifetime

    def opened(self) -> OpenStore:
        """The open store behind the reader, opened anew after a fork; for the modules of stfrag itself."""
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
        # Threads of the parent may have held any lock when it forked: open anew, and leave the old one be.
        self._lock = threading.Lock()
        if self._opened is not None:
            self._opened.native.disown()
            _leaked.append(self._opened)
            self._opened = None

    def close(self) -> None:
        """Let go of the store. Calls in other threads finish first; more than one close() does no harm."""
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

    # --------------------------------------------------------------------------------------------- description

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what indexing gives: (T, Y, X) or (T, Y, X, C)."""
        core = self.opened()
        return core.shape_of(core.default())

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of what indexing gives."""
        return self.opened().default().dtype

    @property
    def ndim(self) -> int:
        """Number of axes, 3 or 4."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of samples that indexing with ``[:]`` gives."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Their bytes."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.opened().frames

    @property
    def chunks(self) -> tuple[int, ...]:
        """The nominal fragment, an integer an axis. A hint: :attr:`index` is the truth."""
        core = self.opened()
        nominal = core.native.info["fragment"]
        return tuple(max(1, min(n, size)) for n, size in zip((*nominal, 4), self.shape, strict=False))

    @property
    def pixel_format(self) -> str | None:
        """Planar pixel format of a video, as libav names it (``"yuv420p10le"``); None for an array."""
        return self.opened().description.pixel_format

    @property
    def metadata(self) -> dict[str, Any]:
        """What the store says of itself: kind, pixel format, colour, options, ...; free JSON values under
        ``"attributes"``, tags under ``"tags"``. A copy."""
        return self.opened().description.metadata

    @property
    def attributes(self) -> dict[str, Any]:
        """The free JSON values that were given when it was made."""
        attributes: dict[str, Any] = self.metadata["attributes"]
        return attributes

    @property
    def fps(self) -> Fraction | None:
        """Nominal frames a second; the average of the frame times if none was given; None without times.

        A Fraction that also formats as a number on every Python: ``f"{v.fps:.2f}"``.
        """
        return self.opened().description.fps

    @property
    def time_base(self) -> Fraction | None:
        """Seconds a tick of :attr:`pts`; None if the frames have no times. Formats like :attr:`fps`."""
        return self.opened().description.time_base

    @property
    def pts(self) -> Array | None:
        """Presentation time of every frame in ticks, int64; None if the frames have no times."""
        core = self.opened()
        return None if core.description.time_base is None else core.times[0]

    @property
    def durations(self) -> Array | None:
        """Duration of every frame in ticks, int64, 0 where unknown; None if the frames have no times."""
        core = self.opened()
        return None if core.description.time_base is None else core.times[1]

    @property
    def timestamps(self) -> Array | None:
        """Presentation time of every frame in seconds, float64; None if the frames have no times."""
        pts, base = self.pts, self.time_base
        if pts is None or base is None:
            return None
        return pts * base.numerator / base.denominator

    @property
    def index(self) -> np.recarray[Any, Any]:
        """A row a fragment, in file order.

        Fields: ``t0, t1, y0, y1, x0, x1`` (its box), ``level`` and ``group`` (0), ``codec``, ``offset`` and
        ``bytes`` (of its coded form), ``bits``, ``sse`` (a plane's sum of squared errors, of up to 4) and ``crc``
        (CRC32C of its coded form). :mod:`stfrag.rates` sums it up.
        """
        return self.opened().index.copy()

    def info(self) -> dict[str, Any]:
        """Everything about the store, in one dict.

        ``file_bytes`` is exactly ``fragment_bytes + stream_bytes + overhead_bytes``, where ``stream_bytes`` are the
        packets of other streams, and ``file_bits`` 8 times that; ``raw_bytes`` are the stored samples, packed in
        whole bytes.

        ``bits_per_sample`` is the bits of the file without other streams over the samples of all components,
        ``bits_per_pixel`` over the positions of the picture (samples of luma), ``kbit_per_s`` over the time that it
        plays, None without times.
        ``codecs`` counts the fragments of each codec, ``fragment_bytes_min``, ``_mean`` and ``_max`` are theirs.

        ``psnr`` has the peak signal-to-noise ratio in dB of every plane against what was encoded, infinite where it
        is exact: of videos under ``"y"``, ``"cb"``, ``"cr"``, ``"r"``, ``"g"``, ``"b"``, ``"a"``, of arrays under
        ``"c0"``, ...; and ``"overall"``: of Y'CbCr the mean weighted 6:1:1 of the planes that are not exact, else
        that of all errors pooled. It is of samples before any filter of borders (``seams=True``), and None if no
        errors are known. Fragments whose errors a repair could not find are left out, and so are missing ones.

        All of the index is read for it, in a time that grows with the number of fragments (0.1 s and 40 MB for the
        112 520 of an hour of 1080p), where opening reads the tail only.
        """
        return info_of(self.opened())

    def fragment(self, number: int) -> bytes:
        """The coded form of a fragment, by its row in :attr:`index`; for :func:`stfrag.decode` and other stores."""
        core = self.opened()
        count = core.native.info["fragments"]
        if not 0 <= number < count:
            raise IndexError(f"there is no fragment {number}: there are {count}")
        return core.native.fragment(number)

    @property
    def streams(self) -> list[dict[str, Any]]:
        """What the store has beside the pictures: a dict for each stream of the file that it was made from.

        ``index`` is its number in :meth:`packets`, ``kind`` is ``"audio"``, ``"subtitle"``, ``"data"``,
        ``"attachment"`` or (a cover) ``"video"``; further ``codec``, ``time_base`` as [numerator, denominator],
        ``disposition``, ``metadata`` (tags: ``language``, ``title``, ...), ``packets``, how many there are, and
        ``start``, the first time.
        """
        return self.opened().description.streams

    def packets(
        self, stream: int | None = None, start: float | None = None, end: float | None = None
    ) -> Iterator[Packet]:
        """Go through the packets of the other streams, in the order in which they were in the file.

        Parameters
        ----------
        stream : int, optional
            ``index`` of one of :attr:`streams`. Default: all of them.
        start, end : float, optional
            Only packets that play between these, in seconds; those without times come in any case.

        Yields
        ------
        stfrag.store.packets.Packet

        Raises
        ------
        ValueError
            If there is no such stream.
        CorruptStoreError
            If packets are damaged.

        Examples
        --------
        >>> import io, av, numpy as np, stfrag
        >>> file, store = io.BytesIO(), io.BytesIO()
        >>> with av.open(file, "w", format="matroska") as container:
        ...     video, sound = container.add_stream("ffv1", rate=25), container.add_stream("pcm_s16le", rate=8000)
        ...     video.width, video.height, video.pix_fmt, sound.layout = 32, 32, "gray", "mono"
        ...     frame = av.VideoFrame.from_ndarray(np.zeros((32, 32), np.uint8), "gray")
        ...     samples = av.AudioFrame.from_ndarray(np.zeros((1, 320), np.int16), "s16", "mono")
        ...     samples.sample_rate = 8000
        ...     container.mux([*video.encode(frame), *sound.encode(samples)])
        ...     container.mux([*video.encode(None), *sound.encode(None)])
        >>> report = stfrag.from_video(file.getvalue(), store)
        >>> v = stfrag.open(store.getvalue())
        >>> [(about["kind"], about["codec"]) for about in v.streams]
        [('audio', 'pcm_s16le')]
        >>> [(packet.pts, packet.duration, len(packet.data)) for packet in v.packets()]
        [(0, 40, 640)]
        """
        core = self.opened()
        bases = time_bases(self.streams)
        if stream is not None and stream not in bases:
            raise ValueError(f"there is no stream {stream}; there are {', '.join(map(str, bases)) or 'none'}")
        first, last = (None if time is None else math.floor(time * 1_000_000) for time in (start, end))
        for packet in packets_between(core.native, first, None if last is None else last + 1):
            if (stream is None or packet.stream == stream) and packet.plays(bases.get(packet.stream), start, end):
                yield packet

    # ------------------------------------------------------------------------------------------------ counters

    @property
    def stats(self) -> dict[str, int]:
        """What reading took since it was opened or :meth:`reset_stats` was called.

        ``fragments``, ``frames`` (fragment frames decoded, those that only others needed included), ``samples``
        decoded, coded ``bytes`` read, and ``samples_out``, those returned.
        """
        with self._lock:
            return self._work._asdict()

    def reset_stats(self) -> None:
        """Count from 0 again."""
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
        """Read a box in a format of your choice.

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
            For viewing: samples near borders are no longer those that were decoded, and what the index says of
            errors is of those. Fragments that are lossless or have a ``max_error`` are not touched. A region is still
            the crop of the whole; fragments within 8 samples (of chroma as of luma) beside it are decoded, too, and
            count in :attr:`stats`. Default: what :func:`stfrag.open` was told, else False.

        Returns
        -------
        ndarray
            `out` if it was given.

        Raises
        ------
        ValueError
            If the store cannot be seen in this format (``"native"`` with subsampled chroma: see
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
            Whether to filter the borders between fragments, as for :meth:`read`: then samples near borders are for
            viewing and not the stored ones.

        Returns
        -------
        tuple of ndarray
            T×Y×X each.
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
        """Frames by number, in the order given, duplicates included.

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
        """Frames start, start + step, ... before stop; all must be there.

        Raises
        ------
        IndexError
            If the range is not inside of the video.
        ValueError
            If `step` is less than 1.
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
        """The frames that are on screen at some times.

        Parameters
        ----------
        seconds : iterable of float or Fraction
            Each from the first frame's time on to before the end of the last frame.
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
        """Whether a read filters borders: what it says, or else what the reader was told."""
        return self._seams if seams is None else check_seams(seams)

    def _frames(self, core: OpenStore, numbers: Array, format: str | None, seams: bool) -> Array:
        view = view_as(format, core.fmt, core.colour)
        out = np.empty((len(numbers), *core.shape_of(view)[1:]), view.dtype)
        if len(numbers):
            place = _Place(numbers.astype(np.uint64), Axis(0, 1, core.y), Axis(0, 1, core.x))
            self._decode(core, split(out), place, view, seams)
        return out

    def _select(
        self, core: OpenStore, view: View, selection: Selection, out: Array | None = None, seams: bool = False
    ) -> Any:
        """Read a selection of a view."""
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
        # Straight into the result, unless samples that are read must be left out of it.
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
        """Decode the bounding box of rows and columns into planes, and count."""
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
    """What is decoded: frames as a range or as numbers, rows, columns."""

    time: Axis | Array
    rows: Axis
    columns: Axis


def _tick(time: Any, base: Fraction, first: int, end: int) -> int:
    """The last tick that is not after a time in seconds, checked against the video's first and end tick."""
    if not math.isfinite(time):
        raise ValueError(f"{time!r} is not a time")
    exact = time if isinstance(time, (int, Fraction)) else Fraction(float(time))
    tick = exact // base
    # timestamps are rounded to float64: one that was rounded down still means its own tick.
    if not isinstance(time, (int, Fraction)) and (tick + 1) * base.numerator / base.denominator <= float(time):
        tick += 1
    if not first <= tick < end:
        raise IndexError(
            f"{float(time):g} s is outside of the video, which plays from {float(first * base):g} s to "
            f"{float(end * base):g} s"
        )
    return int(tick)


#: Open stores of a parent process: kept, because threads of it may have been inside of them.
_leaked: list[OpenStore] = []


def _after_fork() -> None:
    for reader in list(_readers):
        reader._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
