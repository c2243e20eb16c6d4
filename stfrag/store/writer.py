"""Writing stores: whole arrays, streams of frames, more frames for a store that is there."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..codec.coding import Coding, resolve
from ..model.colour import TABLES, code
from ..model.formats import (
    DTYPES,
    LAYOUT_GRAY,
    LAYOUT_INTERLEAVED,
    LAYOUT_PLANES,
    SampleFormat,
    as_samples,
    check_bits,
    check_planes,
    format_of_array,
    split,
)
from ..model.options import DEFAULT_QUALITY, Grid, Options, lossy_default, parse_options, resolve_grid
from ..model.threads import pool
from ..native import store as _store
from .description import Description, document, dump, parse_rate
from .sinks import Target, append_target, open_target
from .sources import describe_source, normalise_source, open_source

if TYPE_CHECKING:
    from ..rate_control.passes import Plan

__all__ = ["Writer", "append", "create", "save"]

#: Tick for times in seconds: usual frame rates (1001/24000 s, 1/25 s, ...), milliseconds and microseconds are whole
#: numbers of it.
DEFAULT_TIME_BASE = Fraction(1, 3_000_000)


def save(
    path: Any,
    array: Any,
    *,
    fps: Any = None,
    attributes: dict[str, Any] | None = None,
    progress: Callable[[int, int], object] | None = None,
    **options: Any,
) -> None:
    """Store an array.

    It is read and encoded a slab at a time, so it may be a memory map, or anything with ``shape``, ``dtype`` and
    slices that :func:`numpy.asarray` takes. With ``target=`` it is read several times.

    Parameters
    ----------
    path : path or file object
        Where to; a file appears under its name when it is whole.
    array : array_like
        T×Y×X or T×Y×X×C (C = 1..4) of uint8, uint16, int8, int16 or bool.
    fps : number or str, optional
        Frames a second, which gives the frames times.
    attributes : dict, optional
        Free JSON values that are kept with it.
    progress : callable, optional
        Called as ``progress(frames_done, frames)``; it begins anew with every reading.
    **options
        See :mod:`stfrag.options`.

    Raises
    ------
    TypeError
        For a dtype that cannot be stored, or an unknown option.
    ValueError
        For a shape that cannot, an option out of its range, or a target that cannot be met.
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((10, 64, 64), np.int16), layout="frame", attributes={"unit": "HU"})
    >>> stfrag.open(file.getvalue()).attributes
    {'unit': 'HU'}
    """
    if not (hasattr(array, "shape") and hasattr(array, "dtype")):
        array = np.asarray(array)
    from ..rate_control.passes import write_planned

    # All of what the format depends on, of an array without the samples.
    like = as_samples(np.broadcast_to(np.zeros((), array.dtype), array.shape))
    checked = parse_options(options, "save")
    fmt = format_of_array(like, checked.bits)
    frames = array.shape[0]
    step = resolve_grid(checked, fmt, *array.shape[1:3]).fragment[0]

    def read(plan: Plan) -> None:
        with Writer(
            plan.sink,
            checked,
            fmt=fmt,
            size=tuple(array.shape[1:3]),
            fps=fps,
            attributes=attributes,
            frames=frames,
            plan=plan,
        ) as writer:
            for first in range(0, frames, step):
                writer.append(np.asarray(array[first : first + step]))
                if progress is not None:
                    progress(min(first + step, frames), frames)

    write_planned(checked, open_target(path, checked.overwrite), read, frames)


def create(
    path: Any,
    shape: Sequence[int | None] | None = None,
    dtype: Any = None,
    pixel_format: str | None = None,
    fps: Any = None,
    bits: int | None = None,
    *,
    time_base: Any = None,
    attributes: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **options: Any,
) -> Writer:
    """Start a store that frames are appended to.

    Parameters
    ----------
    path : path or file object
        Where to. A file is ``path.part`` until it is closed, then appears whole under its name. If something fails
        before that, its name is never touched, and the ``.part`` stays where :func:`stfrag.repair` can save frames
        of it.
    shape : tuple, optional
        (T, Y, X), or (T, Y, X, C) for components; T may be None where it is not known. Default: that of the first
        frames.
    dtype : dtype, optional
        uint8, uint16, int8, int16 or bool. Default: that of the first frames.
    pixel_format : str, optional
        Makes it a video of that format, as libav names it (``"gray10le"``, ``"yuv420p"``, ``"rgb24"``, ...), which
        reads as gray or RGB. Without it, it is an array, unless the first frame is an ``av.VideoFrame``.
    fps : number or str, optional
        Frames a second, such as 25 or ``"30000/1001"``: the times of frames that are given none.
    bits : int, optional
        Significant bits of a sample; default all of the dtype's, or the pixel format's.
    time_base : Fraction, optional
        Seconds a tick that times are kept in. Default: 1/fps, or 1/3000000 s where `times` are given.
    attributes : dict, optional
        Free JSON values that are kept with it.
    metadata : dict, optional
        More of a video's description: ``"colour"`` with ``"matrix"``, ``"range"``, ..., ``"tags"``, ...
    **options
        See :mod:`stfrag.options`.

    Returns
    -------
    Writer

    Raises
    ------
    FileExistsError
        With ``overwrite=False``, if it exists.
    OSError, TypeError, ValueError, UnsupportedError
        If it cannot be written, or an argument makes no sense.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> with stfrag.create(file, pixel_format="rgb24", fps=30) as w:
    ...     for level in (0, 128, 255):
    ...         w.append(np.full((48, 64, 3), level, np.uint8))
    >>> v = stfrag.open(file.getvalue())
    >>> v.shape, v.timestamps.tolist()
    ((3, 48, 64, 3), [0.0, 0.03333333333333333, 0.06666666666666667])
    """
    checked = parse_options({**options, "bits": bits}, "create")
    if checked.target is not None:
        raise ValueError(
            "create() takes frames once, and target= needs them several times: use stfrag.save() or "
            "stfrag.from_video(), which read their source again, or quality= or qp="
        )
    return begin(path, checked, shape, dtype, pixel_format, fps, time_base, attributes, metadata)


def begin(
    path: Any,
    checked: Options,
    shape: Sequence[int | None] | None = None,
    dtype: Any = None,
    pixel_format: str | None = None,
    fps: Any = None,
    time_base: Any = None,
    attributes: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    plan: Plan | None = None,
) -> Writer:
    """What `create` does, with options that were checked; to where a plan says, if there is one."""
    described = dict(metadata or {})
    tags = described.pop("tags", None)
    attributes = {**described.pop("attributes", {}), **(attributes or {})}
    size, components, frames = _parse_shape(shape)
    fmt = None
    if pixel_format is not None:
        fmt, described = video_format(pixel_format, checked.bits, described)
        if dtype is not None and np.dtype(dtype) != fmt.dtype:
            raise ValueError(f"dtype={np.dtype(dtype)} is not that of pixel format {pixel_format}, {fmt.dtype}")
        if components is not None and components != fmt.components:
            raise ValueError(
                f"shape={shape} has {components} components, pixel format {pixel_format} has {fmt.components}"
            )
    elif dtype is not None:
        known = as_samples(np.empty(0, dtype), "dtype=:").dtype
        check_bits(checked.bits, known)
        if shape is not None:
            layout = LAYOUT_GRAY if components is None else LAYOUT_INTERLEAVED
            fmt = SampleFormat(DTYPES.index(known), check_bits(checked.bits, known), components or 1, layout=layout)
    sink = open_target(path, checked.overwrite) if plan is None else plan.sink
    if plan is None and checked.weights is not None:
        from ..rate_control.passes import Weighted

        plan = Weighted(sink, checked.weights)
    return Writer(
        sink,
        checked,
        fmt=fmt,
        size=size,
        frames=frames,
        fps=fps,
        time_base=time_base,
        described=described,
        attributes=attributes,
        tags=tags,
        wanted_dtype=None if dtype is None else np.dtype(dtype),
        wanted_components=components,
        plan=plan,
    )


def append(path: Any, **options: Any) -> Writer:
    """Go on with a store that is whole.

    Frames are added in place, behind what is there; until the writer is closed, and if it never is, the store reads
    as it was. Times go on from the last frame.

    Parameters
    ----------
    path : path or file object
        A file object must read, write and seek.
    **options
        ``effort`` and ``num_threads``, see :mod:`stfrag.options`; all else stays as the store was made.

    Returns
    -------
    Writer

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((10, 32, 32), np.uint8))
    >>> with stfrag.append(file) as w:
    ...     w.append(np.ones((5, 32, 32), np.uint8))
    >>> len(stfrag.open(file))
    15
    """
    if options.get("target") is not None or options.get("weights") is not None:
        raise ValueError(
            "append() goes on at the QP that the store has: target= and weights= are for whole stores, "
            "of stfrag.save() and stfrag.from_video()"
        )
    refused = tuple(name for name in Options.__dataclass_fields__ if name not in ("effort", "num_threads"))
    checked = parse_options(options, "append", refused)
    source = normalise_source(path)
    target = append_target(path)
    try:
        return Writer(target, checked, appended=open_source(source), name=describe_source(source))
    except BaseException:
        target.abandon(False)
        raise


class Writer:
    """A store being written; made by :func:`stfrag.create` and :func:`stfrag.append`.

    A context manager: leaving it normally closes the store; leaving it by an exception gives it up, and what is
    complete stays in ``path.part``. One thread at a time is let in.
    """

    def __init__(
        self,
        target: Target,
        options: Options,
        *,
        fmt: SampleFormat | None = None,
        size: tuple[int, int] | None = None,
        frames: int | None = None,
        fps: Any = None,
        time_base: Any = None,
        described: dict[str, Any] | None = None,
        attributes: dict[str, Any] | None = None,
        tags: dict[str, Any] | None = None,
        wanted_dtype: np.dtype[Any] | None = None,
        wanted_components: int | None = None,
        appended: Any = None,
        name: str = "",
        grid: Grid | None = None,
        coding: Coding | None = None,
        plan: Plan | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._target: Target | None = target
        self._options, self._plan = options, plan
        self._grid, self._coded_as = grid, coding  # of fragments that come coded; None: as the options say
        self._fmt, self._size, self._limit = fmt, size, frames
        self._wanted_dtype, self._wanted_components = wanted_dtype, wanted_components
        self._native: _store.NativeWriter | None = None
        self._early: list[tuple[bytes, int, int]] = []  # packets that came before the first frames
        self._stats: dict[str, int] = {}
        self._frames = 0
        self._last: int | None = None
        self._timed: bool | None = None
        self._failed = False
        try:
            self._fps = None if fps is None else parse_rate("fps", fps)
            self._base = None if time_base is None else parse_rate("time_base", time_base)
            #: The metadata document; may be changed until close(). None: what the store has stays.
            self._document: dict[str, Any] | None = None
            if appended is None:
                self._document = document(dict(described or {}), attributes, tags)
                dump(self._document)
            else:
                self._go_on(appended, name)
        except BaseException:
            self._target = None
            target.abandon(True)
            raise

    def _go_on(self, source: Any, name: str) -> None:
        """Open a store that is there already."""
        there = _store.NativeReader(source)
        about = Description(there.info, name)
        self._fmt, self._frames = about.fmt, there.info["size"][0]
        self._size, self._first = there.info["size"][1:], self._frames
        self._fps, self._base = about.fps, about.time_base
        self._timed = about.time_base is not None
        if self._timed and self._frames:
            pts = np.zeros(1, np.int64)
            there.times(self._frames - 1, 1, pts, np.zeros(1, np.int64))
            self._last = int(pts[0])
        # Fragments are coded as they were, but for what may be said anew.
        said = about.described.get("options") or {}
        again = ("codec", "quality", "qp", "codec_options")
        kept = {name: said[name] for name in again if said.get(name) is not None}
        if "qp" in kept:  # what the quality became then
            kept.pop("quality", None)
        if said.get("max_error"):
            kept["max_error"] = said["max_error"]
        if said.get("copy") and lossy_default(kept):
            kept["quality"] = DEFAULT_QUALITY
        self._options = parse_options(
            {**kept, "effort": self._options.effort, "num_threads": self._options.num_threads}, "append"
        )
        self._native = _store.NativeWriter(
            self._target, None, self._coding(about.described).native(), pool(self._options.num_threads), source
        )

    def _coding(self, described: dict[str, Any]) -> Coding:
        """How fragments of what the store's description says are coded."""
        fmt = self._fmt
        assert fmt is not None
        rgb = described.get("rgb", fmt.layout == LAYOUT_INTERLEAVED)
        return resolve(self._options, fmt, rgb=bool(rgb), colour=described.get("colour"), fps=self._fps)

    # ------------------------------------------------------------------------------------------------ lifetime

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def close(self) -> None:
        """Finish the store: it appears under its name. More than one close() does no harm.

        Raises
        ------
        ValueError
            If no frame, or another number than `shape` said, was appended, or an append failed.
        OSError
            If it could not be written to the end.
        """
        with self._lock:
            if self._target is None:
                return
            try:
                if self._failed:
                    raise ValueError("an append failed: the store cannot be finished")
                if self._native is None:
                    raise ValueError("no frames were appended")
                if self._limit is not None and self._frames != self._limit:
                    raise ValueError(f"{self._frames} frames were appended, not {self._limit}")
                self._check_process()
                doc = self._document
                self._native.finish(None if doc is None else dump(doc))
                self._stats = self._native.stats
                self._native = None
                self._target.finish()
                self._target = None
            except BaseException:
                self.abort()
                raise

    def abort(self) -> None:
        """Give the store up: its name is left as it was. What is complete stays in ``path.part``."""
        with self._lock:
            target, self._target = self._target, None
            if target is None:
                return
            useless = True
            if self._native is not None:
                self._stats = self._native.stats
                useless = not self._stats["fragments"]
                if os.getpid() != self._pid:
                    self._native.disown()
                self._native = None
            if os.getpid() == self._pid:
                target.abandon(useless)

    def __del__(self) -> None:
        if getattr(self, "_target", None) is not None and self._pid == os.getpid():
            warnings.warn(
                f"stfrag.Writer of {self._target.name} was never closed",  # type: ignore[union-attr]
                ResourceWarning,
                stacklevel=2,
                source=self,
            )
            self.abort()

    def __repr__(self) -> str:
        state = "closed" if self._target is None else self._target.name
        return f"<stfrag.Writer {state}: {self._frames} frames>"

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise ValueError("this writer belongs to the process that made it")

    @property
    def stats(self) -> dict[str, int]:
        """``frames``, ``slabs`` and ``fragments`` written, ``fragment_bytes``, ``stream_bytes``, ``file_bytes``,
        ``raw_bytes``."""
        with self._lock:
            return dict(self._stats) if self._native is None else self._native.stats

    # ----------------------------------------------------------------------------------------------- appending

    def append(self, frames: Any, times: Any = None, *, pts: Any = None, durations: Any = None) -> None:
        """Add frames.

        Parameters
        ----------
        frames : array, tuple of arrays, or av.VideoFrame
            One frame (Y×X or Y×X×C) or a stack (T×Y×X or T×Y×X×C); a tuple of planes in the order Y Cb Cr A, R G B A
            or Y A (Y×X or T×Y×X each); or one decoded picture of PyAV's, which is stored as it is, without a
            conversion.
        times : float, Fraction, or a sequence of them, optional
            Presentation time of each frame in seconds, ascending. Either all frames of a store have times or none.
            Default: from `fps`; of an ``av.VideoFrame``, its own where no `fps` was given.
        pts, durations : sequence of int, optional
            Times and durations in ticks of the time base, instead of `times`.

        Raises
        ------
        ValueError
            If they are not like the frames before them, times do not ascend, or the writer is closed.
        TypeError
            For samples that cannot be stored.
        OSError
            If they could not be written; the writer can only be closed then.
        """
        with self._lock:
            self._check_open()
            if type(frames).__module__.split(".")[0] == "av":
                planes, times, pts = self._picture(frames, times, pts)
            elif isinstance(frames, tuple):
                planes = self._planes(frames)
            else:
                planes = self._array(as_samples(frames, "frames"))
            assert self._fmt is not None
            count = planes[0].shape[0]
            if count == 0:
                return
            if self._limit is not None and self._frames + count > self._limit:
                raise ValueError(f"shape says {self._limit} frames, {self._frames + count} were given")
            ticks, lengths = self._ticks(count, times, pts, durations)
            if self._native is None:
                self._start(planes[0].shape[1:])
            assert self._native is not None
            assert self._size is not None
            try:
                self._native.append(self._fmt, (count, *self._size), planes, ticks, lengths)
            except BaseException:
                self._failed = True
                raise
            self._frames += count
            if ticks is not None:
                self._last = int(ticks[-1])

    def _put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Add a record of packets of other streams, which play from `begin` to `end`, in microseconds."""
        with self._lock:
            self._check_open()
            if self._native is None:
                self._early.append((data, begin, end))
                return
            try:
                self._native.put_packets(data, begin, end)
            except BaseException:
                self._failed = True
                raise

    def _append_coded(
        self,
        t: int,
        fragments: list[tuple[bytes, tuple[int, int, int, int], int, Sequence[int]]],
        pts: Any,
        durations: Any,
    ) -> None:
        """Add a slab of coded fragments, (data, (y0, y1, x0, x1), codec id, sse) each; the size must be known."""
        with self._lock:
            self._check_open()
            ticks, lengths = self._ticks(t, None, pts, durations)
            if self._native is None:
                assert self._size is not None
                self._start(self._size)
            assert self._native is not None
            try:
                self._native.append_coded(t, fragments, ticks, lengths)
            except BaseException:
                self._failed = True
                raise
            self._frames += t
            if ticks is not None:
                self._last = int(ticks[-1])

    def _check_open(self) -> None:
        if self._target is None:
            raise ValueError("the writer is closed")
        if self._failed:
            raise ValueError("an append failed: the writer can only be closed")
        self._check_process()

    def _start(self, size: tuple[int, ...]) -> None:
        """The first frames are there: now everything is known that the header says."""
        assert self._fmt is not None
        assert self._document is not None
        fmt, (y, x) = self._fmt, size
        grid = self._grid or resolve_grid(self._options, fmt, y, x)
        described = self._document["stfrag"]
        described.setdefault("kind", "array")
        if described["kind"] == "array":
            described["axes"] = "tyx" if fmt.layout == LAYOUT_GRAY else "tyxc"
        if self._fps is not None:
            described["fps"] = [self._fps.numerator, self._fps.denominator]
        coding = self._coded_as or self._coding(described)
        if self._coded_as is None or "options" not in described:
            described["options"] = {
                **self._options.describe(),
                **coding.describe(),
                "fragment": list(grid.fragment),
                "bits": fmt.bits,
                **(self._plan.describe() if self._plan else {}),
            }
        base = self._base if self._timed else None
        desc = (fmt, (y, x), grid.fragment, grid.cuts, (base.numerator, base.denominator) if base else (0, 0))
        threads = pool(self._options.num_threads)
        if self._plan is None:
            self._native = _store.NativeWriter(self._target, desc, coding.native(), threads)
        else:
            self._native = self._plan.native(desc, coding.native(), threads, described, self._limit)
        self._native.put_metadata(dump(self._document))  # so that repair knows it if we never finish
        for packets in self._early:
            self._native.put_packets(*packets)
        self._early.clear()
        self._size = (y, x)

    def _array(self, array: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
        """Planes of a frame or a stack; sets the format if it is the first."""
        if self._fmt is None:
            self._fmt = self._format_of_first(array)
        fmt = self._fmt
        if fmt.subsampled:
            raise ValueError("frames of a format with subsampled chroma are given as a tuple of planes")
        axes = 3 if fmt.layout == LAYOUT_GRAY or (fmt.layout == LAYOUT_PLANES and fmt.components == 1) else 4
        if array.ndim == axes - 1:
            array = array[None]
        if array.ndim != axes:
            expected = ("Y×X or T×Y×X", "Y×X×C or T×Y×X×C")[axes - 3]
            raise ValueError(f"frames must be {expected}, not of {array.ndim} axes (shape {array.shape})")
        if axes == 4 and array.shape[3] != fmt.components:
            raise ValueError(f"frames must have {fmt.components} components, not {array.shape[3]}")
        return self._checked(split(array))

    def _format_of_first(self, array: np.ndarray[Any, Any]) -> SampleFormat:
        wanted = self._wanted_components
        stack = array
        if array.ndim == 2 or (array.ndim == 3 and wanted is not None):
            stack = array[None]
        elif array.ndim == 3 and self._size is None and array.shape[2] <= 4 and array.shape[2] < array.shape[1]:
            raise ValueError(
                f"frames of shape {array.shape} may be T×Y×X or Y×X×C: give create() a shape or a pixel_format"
            )
        if stack.size == 0:
            raise ValueError(f"frames of shape {array.shape} have no samples")
        fmt = format_of_array(stack, self._options.bits)
        if wanted is not None and fmt.components != wanted:
            raise ValueError(f"frames must have {wanted} components, not {fmt.components}")
        if wanted is None and self._size is not None and fmt.layout == LAYOUT_INTERLEAVED:
            raise ValueError(f"frames must be Y×X or T×Y×X, not of shape {array.shape}")
        if self._wanted_dtype is not None and fmt.dtype != self._wanted_dtype:
            raise ValueError(f"frames must have dtype {self._wanted_dtype}, not {fmt.dtype}")
        return fmt

    def _planes(self, planes: tuple[Any, ...]) -> tuple[np.ndarray[Any, Any], ...]:
        """Planes of a frame or a stack."""
        if self._fmt is None or (self._fmt.layout == LAYOUT_INTERLEAVED and len(planes) != self._fmt.components):
            raise ValueError("a tuple of planes needs a pixel_format: give create() one, such as 'yuv420p'")
        samples = tuple(as_samples(plane, f"plane {c}") for c, plane in enumerate(planes))
        if all(plane.ndim == 2 for plane in samples):
            samples = tuple(plane[None] for plane in samples)
        if any(plane.ndim != 3 for plane in samples) or not samples:
            raise ValueError("planes must all be Y×X, or all T×Y×X")
        return self._checked(samples)

    def _picture(self, frame: Any, times: Any, pts: Any) -> tuple[tuple[np.ndarray[Any, Any], ...], Any, Any]:
        """Planes and times of a decoded picture of PyAV's."""
        from ..codec.frames import frame_planes
        from ..model.pixel_formats import pixel_format
        from ..video.metadata import colour_of

        about = pixel_format(frame.format.name)
        if self._native is None and self._fmt is None and self._document is not None:
            self._fmt, self._document["stfrag"] = video_format(
                about.planar, self._options.bits, self._document["stfrag"]
            )
            said = self._document["stfrag"].setdefault("colour", {})
            for kind, value in colour_of(frame, about).items():
                if said.get(kind) is None:
                    said[kind] = value
        planes = tuple(plane[None] for plane in frame_planes(frame))
        if (
            times is None
            and pts is None
            and self._fps is None
            and self._timed is not False
            and frame.pts is not None
            and frame.time_base
        ):
            times = [frame.pts * Fraction(frame.time_base)]
            if self._timed is None and self._base is None:
                self._base = Fraction(frame.time_base)
        return self._checked(planes), times, pts

    def _checked(self, planes: tuple[np.ndarray[Any, Any], ...]) -> tuple[np.ndarray[Any, Any], ...]:
        assert self._fmt is not None
        first = planes[0].shape
        if 0 in first[1:]:
            raise ValueError(f"frames of {first[1]}×{first[2]} have no samples")
        size = self._size or first[1:]
        check_planes(planes, self._fmt, (first[0], *size))
        return planes

    def _ticks(
        self, count: int, times: Any, pts: Any, durations: Any
    ) -> tuple[np.ndarray[Any, Any] | None, np.ndarray[Any, Any] | None]:
        """Times and durations in ticks; decides, with the first frames, whether there are any."""
        if times is not None and pts is not None:
            raise ValueError("times= and pts= exclude each other")
        base, timed = self._base, self._timed
        if timed is None:
            timed = times is not None or pts is not None or self._fps is not None
            if timed and base is None:
                if pts is not None:
                    raise ValueError("pts= are ticks: give create() a time_base")
                base = DEFAULT_TIME_BASE if times is not None or self._fps is None else 1 / self._fps
        elif timed != (times is not None or pts is not None or self._fps is not None):
            raise ValueError("either all frames of a store have times or none")
        if not timed:
            if durations is not None:
                raise ValueError("durations= without times")
            self._timed = False
            return None, None
        assert base is not None
        if pts is not None:
            ticks = _integers("pts", pts, count)
        elif times is not None:
            single = isinstance(times, (int, float, Fraction, np.number))
            seconds = [times] if single else list(times)
            if len(seconds) != count:
                raise ValueError(f"{count} frames need {count} times, not {len(seconds)}")
            ticks = _integers("times", [_round(second, base) for second in seconds], count)
        else:
            assert self._fps is not None
            ticks, regular = self._regular(count, base)
            durations = regular if durations is None else durations
        steps = np.diff(ticks, prepend=ticks[0] - 1 if self._last is None else self._last)
        if (steps <= 0).any():
            at = self._frames + int(np.argmax(steps <= 0))
            raise ValueError(f"times must ascend: that of frame {at} does not")
        lengths = None if durations is None else _integers("durations", durations, count)
        if lengths is not None and (lengths < 0).any():
            raise ValueError("durations must not be negative")
        self._timed, self._base = True, base
        return ticks, lengths

    def _regular(self, count: int, base: Fraction) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Times and durations at the nominal rate, going on from the last frame."""
        assert self._fps is not None
        step = 1 / (self._fps * base)
        # Frames that were there before this writer keep their times; count from the last of them.
        if not hasattr(self, "_origin"):
            self._origin = 0 if self._last is None else self._last
            self._origin_frame = self._frames - (0 if self._last is None else 1)
        numbers = range(self._frames - self._origin_frame, self._frames - self._origin_frame + count + 1)
        borders = np.array([self._origin + round(n * step) for n in numbers], np.int64)
        return borders[:-1], np.diff(borders)


def _parse_shape(shape: Sequence[int | None] | None) -> tuple[tuple[int, int] | None, int | None, int | None]:
    """((y, x), components or None, frames or None) of a shape."""
    if shape is None:
        return None, None, None
    numbers = tuple(shape)
    if (
        len(numbers) not in (3, 4)
        or any(not isinstance(n, (int, np.integer)) or n < 1 for n in numbers[1:])
        or (numbers[0] is not None and (not isinstance(numbers[0], (int, np.integer)) or numbers[0] < 1))
    ):
        raise ValueError(f"shape={shape} is not (T, Y, X) or (T, Y, X, C) of positive integers; T may be None")
    components = None if len(numbers) == 3 else int(numbers[3])  # type: ignore[arg-type]
    if components is not None and components > 4:
        raise ValueError(f"shape={shape}: there are 1 to 4 components, not {components}")
    frames = None if numbers[0] is None else int(numbers[0])
    return (int(numbers[1]), int(numbers[2])), components, frames  # type: ignore[arg-type]


def video_format(name: str, bits: int | None, described: dict[str, Any]) -> tuple[SampleFormat, dict[str, Any]]:
    """Format and description of a video of a pixel format."""
    from ..model.pixel_formats import pixel_format, planar_name

    about = pixel_format(name)
    depth, planar = about.bits, about.planar
    if bits is not None:
        dtype = np.dtype(about.dtype)
        depth = check_bits(bits, dtype)
        if 8 < depth < about.bits:
            planar = planar_name(about.model, depth, about.alpha, about.subsampling)
    dtype = np.dtype(about.dtype)
    gray = about.components == 1
    fmt = SampleFormat(
        DTYPES.index(dtype), depth, about.components, about.sub_x, about.sub_y, LAYOUT_GRAY if gray else LAYOUT_PLANES
    )
    colour = dict(described.get("colour") or {})
    if about.full_range:
        colour.setdefault("range", "full")
    for kind, value in colour.items():
        if kind not in TABLES:
            raise ValueError(f"unknown colour {kind!r}: known are {', '.join(TABLES)}")
        code(kind, value)  # raises for a name that there is not
    found = {"kind": "video", "pixel_format": planar, "rgb": about.is_rgb, **described}
    if colour:
        found["colour"] = colour
    return fmt, found


def _integers(name: str, values: Any, count: int) -> np.ndarray[Any, Any]:
    array = np.asarray(values)
    if array.shape != (count,):
        raise ValueError(f"{name} must be {count} numbers, one a frame, not of shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, not {array.dtype}")
    return np.ascontiguousarray(array, np.int64)


def _round(seconds: Any, base: Fraction) -> int:
    try:
        exact = seconds if isinstance(seconds, Fraction) else Fraction(float(seconds))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{seconds!r} is not a time in seconds") from None
    return round(exact / base)
