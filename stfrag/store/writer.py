"""The writer of a store: it takes frames, coded slabs and packets; the store appears when all of it is written."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..codec.coding import Coding, resolve
from ..model.formats import LAYOUT_GRAY, LAYOUT_INTERLEAVED, SampleFormat
from ..model.grids import Grid, resolve_grid
from ..model.options import Options
from ..native.pools import pool
from ..native.types import CodedFragment, StoreDesc, WriterStats
from .clock import Clock, Times
from .description import document, dump, parse_rate
from .incoming import Incoming
from .plans import NewStore, Plan, SlabWriter
from .sinks import Sink
from .spec import StoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CodedFragment", "StoreSpec", "Writer"]

#: The counts of a writer that has not begun.
_NOTHING: WriterStats = {
    "frames": 0,
    "slabs": 0,
    "fragments": 0,
    "fragment_bytes": 0,
    "stream_bytes": 0,
    "file_bytes": 0,
    "raw_bytes": 0,
}


class Writer:
    """The writer of a store; :func:`stfrag.create` and :func:`stfrag.append` return one.

    It is a context manager: leaving it normally closes the store; leaving it by an exception gives the store up, and
    what is complete stays in ``path.part``. Threads may share a writer; their calls run one after the other.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> with stfrag.create(io.BytesIO(), fps=25) as w:
    ...     w.append(np.zeros((3, 40, 50), np.uint8))
    ...     w
    <stfrag.Writer <BytesIO>: 3 frames>
    >>> w.stats["frames"], w.stats["raw_bytes"]
    (3, 6000)
    """

    _document: dict[str, Any] | None
    _grid: Grid | None
    _coding: Coding | None
    _limit: int | None
    _sink: Sink | None

    def __init__(self, plan: Plan, options: Options, spec: StoreSpec) -> None:
        self._set_up(plan, options)
        try:
            fps = None if spec.fps is None else parse_rate("fps", spec.fps)
            base = None if spec.time_base is None else parse_rate("time_base", spec.time_base)
            self._clock = Clock(fps, base)
            self._document = document(dict(spec.described), spec.attributes, spec.tags)
            dump(self._document)
        except BaseException:
            self._sink = None
            plan.sink.abandon(True)
            raise
        self._incoming = Incoming(spec.fmt, spec.size, options.bits, spec.dtype, spec.components)
        self._grid, self._coding, self._limit = spec.grid, spec.coding, spec.frames

    @classmethod
    def going_on(cls, plan: Plan, options: Options, incoming: Incoming, clock: Clock, native: SlabWriter) -> Writer:
        """Make a writer that adds frames to a store that is there, whose metadata stay as they are.

        Parameters
        ----------
        plan : Plan
        options : Options
        incoming : Incoming
            The format and size of the store's frames.
        clock : Clock
            The clock, set behind the last frame.
        native : SlabWriter
            What writes the slabs.
        """
        writer = cls.__new__(cls)
        writer._set_up(plan, options)
        writer._incoming, writer._clock, writer._native = incoming, clock, native
        return writer

    def _set_up(self, plan: Plan, options: Options) -> None:
        """Set all attributes to those of a writer that has no frames yet."""
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._plan, self._options = plan, options
        self._sink = plan.sink
        self._document, self._grid, self._coding, self._limit = None, None, None, None
        self._native: SlabWriter | None = None
        self._early: list[tuple[bytes, int, int]] = []  # packets that came before the first frames
        self._stats: WriterStats = _NOTHING
        self._failed = False

    # ------------------------------------------------------------------------------------------------ lifetime

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def close(self) -> None:
        """Finish the store, which then appears under its name. Closing a closed writer does nothing.

        Raises
        ------
        ValueError
            If no frame was appended, or another number of frames than `shape` said, or if an append failed.
        OSError
            If the store could not be written to the end.
        """
        with self._lock:
            if self._sink is None:
                return
            try:
                if self._failed:
                    raise ValueError("an append failed: the store cannot be finished")
                if self._native is None:
                    raise ValueError("no frames were appended")
                if self._limit is not None and self._clock.frames != self._limit:
                    raise ValueError(f"{self._clock.frames} frames were appended, not {self._limit}")
                self._check_process()
                self._native.finish(None if self._document is None else dump(self._document))
                self._stats = self._native.stats
                self._native = None
                self._sink.finish()
                self._sink = None
            except BaseException:
                self.abort()
                raise

    def abort(self) -> None:
        """Give the store up. What was at its path is left as it was; what is complete stays in ``path.part``."""
        with self._lock:
            sink, self._sink = self._sink, None
            if sink is None:
                return
            useless = True
            if self._native is not None:
                self._stats = self._native.stats
                useless = not self._stats["fragments"]
                if os.getpid() != self._pid:
                    self._native.disown()
                self._native = None
            if os.getpid() == self._pid:
                sink.abandon(useless)

    def __del__(self) -> None:
        sink = getattr(self, "_sink", None)
        if sink is not None and self._pid == os.getpid():
            warnings.warn(
                f"stfrag.Writer of {sink.name} was never closed", ResourceWarning, stacklevel=2, source=self
            )
            self.abort()

    def __repr__(self) -> str:
        state = "closed" if self._sink is None else self._sink.name
        return f"<stfrag.Writer {state}: {self._clock.frames} frames>"

    # --------------------------------------------------------------------------------------------- description

    @property
    def stats(self) -> dict[str, int]:
        """Counts of what was written so far.

        ``frames``, ``slabs``, ``fragments``; ``fragment_bytes``, ``stream_bytes`` (packets of other streams) and
        ``file_bytes``; ``raw_bytes``, those of the samples.
        """
        with self._lock:
            counts: Any = self._stats if self._native is None else self._native.stats
            return dict(counts)

    @property
    def size(self) -> tuple[int, int] | None:
        """Rows and columns of the frames; None before they are known."""
        return self._incoming.size

    @property
    def described(self) -> dict[str, Any]:
        """The description of the store, under ``"stfrag"`` in its metadata. It may be changed until `close()`.

        Raises
        ------
        ValueError
            For a store that is appended to: its metadata stay as they are.
        """
        if self._document is None:
            raise ValueError("the metadata of a store that is appended to stay as they are")
        described: dict[str, Any] = self._document["stfrag"]
        return described

    def set_document(self, metadata: dict[str, Any]) -> None:
        """Replace the whole metadata document, by that of another store; only before the first frames."""
        self._document = metadata

    # ----------------------------------------------------------------------------------------------- appending

    def append(self, frames: Any, times: Any = None, *, pts: Any = None, durations: Any = None) -> None:
        """Add frames.

        Parameters
        ----------
        frames : array, tuple of arrays, or av.VideoFrame
            One frame (Y×X or Y×X×C) or a stack (T×Y×X or T×Y×X×C); a tuple of planes in the order Y Cb Cr A, R G B A
            or Y A (Y×X or T×Y×X each); or one decoded picture of PyAV's, whose samples are stored without any
            conversion.
        times : float, Fraction, or a sequence of them, optional
            Presentation time of each frame in seconds, ascending. Either all frames of a store have times or none.
            Default: by the `fps` of the store; an ``av.VideoFrame`` has its own time, used if no `fps` was given.
        pts, durations : sequence of int, optional
            Times and durations in ticks of the time base, instead of `times`.

        Raises
        ------
        ValueError
            If the frames are not like those before them, times do not ascend, or the writer is closed.
        TypeError
            For samples that cannot be stored.
        OSError
            If the frames could not be written. The store is lost then, and closing the writer raises ValueError.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> with stfrag.create(file) as w:
        ...     for time in (0, 0.5, 2):
        ...         w.append(np.zeros((40, 50), np.uint8), time)
        >>> stfrag.open(file).timestamps.tolist()
        [0.0, 0.5, 2.0]
        """
        with self._lock:
            self._check_open()
            given = Times(times, pts, durations)
            if type(frames).__module__.split(".")[0] == "av":
                described = self._document and self._document["stfrag"]
                planes = self._incoming.picture_planes(frames, described)
                has_time = frames.pts is not None and frames.time_base
                if has_time and not given.given and self._clock.wants_picture_times():
                    given = self._clock.of_picture(frames.pts, Fraction(frames.time_base), durations)
            else:
                planes = self._incoming.planes_of(frames)
            count = planes[0].shape[0]
            if count == 0:
                return
            if self._limit is not None and self._clock.frames + count > self._limit:
                raise ValueError(f"shape says {self._limit} frames, {self._clock.frames + count} were given")
            ticks, lengths = self._clock.ticks(count, given)
            native = self._started(planes[0].shape[1:])
            assert self._incoming.fmt is not None
            assert self._incoming.size is not None
            with self._failing():
                native.append(self._incoming.fmt, (count, *self._incoming.size), planes, ticks, lengths)
            self._clock.advance(count, ticks)

    def append_coded(
        self, frames: int, fragments: Sequence[CodedFragment], pts: Any = None, durations: Any = None
    ) -> None:
        """Add a slab of fragments that are coded already.

        Parameters
        ----------
        frames : int
            How many frames the slab has.
        fragments : sequence of CodedFragment
            Fragments that together cover the picture exactly.
        pts, durations : sequence of int, optional
            As for :meth:`append`.

        Raises
        ------
        ValueError
            If the size of the pictures is not known, or times do not ascend.
        StfragError
            If the fragments are not of this store's format, or do not cover the picture.
        """
        with self._lock:
            self._check_open()
            if self._incoming.size is None or self._incoming.fmt is None:
                raise ValueError("coded fragments need a store whose format and size are known")
            ticks, lengths = self._clock.ticks(frames, Times(None, pts, durations))
            native = self._started(self._incoming.size)
            with self._failing():
                native.append_coded(frames, list(fragments), ticks, lengths)
            self._clock.advance(frames, ticks)

    def put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Add a record of packets of other streams.

        Parameters
        ----------
        data : bytes
            The record, as :mod:`stfrag.store.packets` writes it.
        begin, end : int
            When the packets play, in microseconds.
        """
        with self._lock:
            self._check_open()
            if self._native is None:
                self._early.append((data, begin, end))
                return
            with self._failing():
                self._native.put_packets(data, begin, end)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Note when an exception leaves the context: the writer can only be closed then."""
        try:
            yield
        except BaseException:
            self._failed = True
            raise

    def _check_open(self) -> None:
        """Raise unless frames may be added."""
        if self._sink is None:
            raise ValueError("the writer is closed")
        if self._failed:
            raise ValueError("an append failed: the writer can only be closed")
        self._check_process()

    def _check_process(self) -> None:
        """Raise in a child of the process that made the writer."""
        if os.getpid() != self._pid:
            raise ValueError("this writer belongs to the process that made it")

    # -------------------------------------------------------------------------------------------------- begin

    def _started(self, size: tuple[int, ...]) -> SlabWriter:
        """Return the writer of the store's slabs, and begin the store if these are its first frames."""
        if self._native is None:
            self._native = self._begin(size[0], size[1])
        return self._native

    def _begin(self, y: int, x: int) -> SlabWriter:
        """Begin the store: complete its description, write its header, and return the writer of its slabs."""
        fmt = self._incoming.fmt
        assert fmt is not None
        assert self._document is not None
        grid = self._grid or resolve_grid(self._options, fmt, y, x)
        described = self._document["stfrag"]
        described.setdefault("kind", "array")
        if described["kind"] == "array":
            described["axes"] = "tyx" if fmt.layout == LAYOUT_GRAY else "tyxc"
        fps = self._clock.fps
        if fps is not None:
            described["fps"] = [fps.numerator, fps.denominator]
        coding = self._coding or coding_of(self._options, fmt, described, fps)
        if self._coding is None or "options" not in described:
            described["options"] = {
                **self._options.describe(),
                **coding.describe(),
                "fragment": list(grid.fragment),
                "bits": fmt.bits,
                **self._plan.describe(),
            }
        desc = StoreDesc(fmt, (y, x), grid.fragment, grid.cuts, self._clock.fraction)
        threads = pool(self._options.num_threads)
        native = self._plan.begin(NewStore(desc, coding.native(), threads, described, self._limit))
        native.put_metadata(dump(self._document))  # so that a repair finds it if we never finish
        for packets in self._early:
            native.put_packets(*packets)
        self._early.clear()
        self._incoming.size = (y, x)
        return native


def coding_of(options: Options, fmt: SampleFormat, described: dict[str, Any], fps: Fraction | None) -> Coding:
    """Return how the fragments of a store with this description are coded."""
    rgb = described.get("rgb", fmt.layout == LAYOUT_INTERLEAVED)
    return resolve(options, fmt, rgb=bool(rgb), colour=described.get("colour"), fps=fps)
