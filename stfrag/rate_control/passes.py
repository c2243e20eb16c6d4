"""A store that meets its target: its source is read several times.

Each reading but the last encodes some fragments, each with a quantizer of its own, into a temporary store whose other
boxes are empty. The last one takes times, streams and metadata anew, and puts the store together from the coded
fragments of those before it, so that nothing is encoded twice with the same quantizer. What is kept in memory is a
few numbers for every fragment and reading.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from ..model.formats import SampleFormat
from ..model.views import colour_of
from ..model.weights import Weights
from ..native import store as _store
from ..store.description import end_tick
from ..store.reader import ROW
from .aims import Aim, Errors, QualityAim, RateAim
from .curves import UNKNOWN, Curves
from .search import first_guess, is_sampled, search, share_to_sample

if TYPE_CHECKING:
    from ..model.options import Options
    from ..store.sinks import Target as Sink

__all__ = ["Plan", "Weighted", "write_planned"]

Steps = npt.NDArray[np.int64]
Box = tuple[int, int, int, int, int, int]
T = TypeVar("T")

#: Bytes of a record of packets that are not the packets, about.
_PACKETS_RECORD = 24


class Plan(Protocol):
    """What a writer asks when it knows what it writes.

    Attributes
    ----------
    sink : Target
        Where the store goes.
    last : bool
        Whether what is written is the store, and not a step on the way to it.
    expected : int or None
        About how many frames there will be; may be set by who reads.
    """

    sink: Sink
    last: bool
    expected: int | None

    def native(
        self, desc: tuple[Any, ...], coding: tuple[Any, ...], pool: Any, described: dict[str, Any], frames: int | None
    ) -> Any:
        """What takes the place of a ``_store.NativeWriter``."""

    def describe(self) -> dict[str, Any]:
        """What the store keeps among its options."""


class Nowhere:
    """Where the stores of all readings but the last seem to go."""

    name = "a temporary store"

    def write(self, data: memoryview) -> None:
        pass

    def finish(self) -> None:
        pass

    def abandon(self, useless: bool) -> None:
        pass


class Weighted:
    """One reading, with quantizers that follow weights.

    Parameters
    ----------
    sink : Target
    weights : Weights
    frames : int, optional
        Of the video; only for weights over time.
    """

    last = True

    def __init__(self, sink: Sink, weights: Weights, frames: int | None = None) -> None:
        self.sink, self._weights, self._frames = sink, weights, frames
        self.expected: int | None = None

    def native(
        self, desc: tuple[Any, ...], coding: tuple[Any, ...], pool: Any, described: dict[str, Any], frames: int | None
    ) -> Any:
        y, x = desc[1]
        frames = frames or self._frames
        if self._weights.over_time and frames is None:
            raise ValueError("weights= of T×Y×X need the number of frames: give shape=(T, Y, X), or weights of Y×X")
        size, level = (frames or 1, y, x), coding[3]

        def choose(number: int, box: Box) -> int:
            whole = box if self._weights.over_time else (0, 1, *box[2:])
            return int(np.clip(level + self._weights.steps(np.array([whole]), size)[0], 0, 255))

        return _store.NativeWriter(self.sink, desc, coding, pool, choose=choose)

    def describe(self) -> dict[str, Any]:
        return {"weights": self._weights.describe()}


class _File:
    """A temporary file as a sink, then as a source."""

    def __init__(self, folder: str | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - read for as long as the search goes on
        self.fd = self._file.fileno()

    def write(self, data: memoryview) -> None:
        self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class _Encoding:
    """A reading that encodes some fragments.

    Parameters
    ----------
    choose : callable
        The quantizer of a fragment by its number, or None.
    guess : callable
        Told of the store that is begun, before any choice.
    """

    last = False

    def __init__(
        self,
        folder: str | None,
        choose: Callable[[int], int | None],
        describe: Callable[[], dict[str, Any]],
        guess: Callable[[tuple[Any, ...], int | None], None],
    ) -> None:
        self.sink: Sink = Nowhere()
        self.expected: int | None = None
        self._file = _File(folder)
        self._choose, self._guess = choose, guess
        self.describe = describe
        self.stream_bytes, self.early, self.document = 0, b"", b""

    def native(
        self, desc: tuple[Any, ...], coding: tuple[Any, ...], pool: Any, described: dict[str, Any], frames: int | None
    ) -> Any:
        self._guess(desc, frames or self.expected)
        self.desc, self.coding, self.described = desc, coding, described
        self._writer = _store.NativeWriter(self._file, desc, coding, pool, choose=lambda n, box: self._choose(n))
        self.append, self.disown = self._writer.append, self._writer.disown
        return self

    def put_packets(self, data: Any, begin: int, end: int) -> None:
        self.stream_bytes += len(data) + _PACKETS_RECORD

    def put_metadata(self, metadata: bytes) -> None:
        self.early = metadata

    def finish(self, metadata: bytes | None = None) -> None:
        self.document = metadata or b""
        self._writer.finish(None)
        self._file.flush()
        self.reader = _store.NativeReader(self._file)
        self.rows = np.zeros(self.reader.info["fragments"], ROW)
        if len(self.rows):
            self.reader.index(0, len(self.rows), self.rows)

    @property
    def stats(self) -> dict[str, int]:
        return self._writer.stats

    def close(self) -> None:
        """Let go of what was encoded."""
        self._file.close()


class _Together:
    """A writer that takes coded fragments for the frames that it is given."""

    def __init__(self, sink: Any, made: _Encoding, pool: Any, fragment: Callable[[int], tuple[bytes, Any]]) -> None:
        self._writer = _store.NativeWriter(sink, made.desc, made.coding, pool)
        self._rows, self._fragment = made.rows, fragment
        self._starts = np.flatnonzero(np.diff(made.rows["t1"], prepend=0)).tolist()  # first rows of slabs
        self._frames = self._next = 0
        self._times: list[npt.NDArray[np.int64]] = []
        self.put_packets, self.put_metadata = self._writer.put_packets, self._writer.put_metadata
        self.disown = self._writer.disown

    def append(
        self, fmt: Any, size: tuple[int, int, int], planes: Any, pts: Any = None, durations: Any = None
    ) -> None:
        """Add frames, by their times alone."""
        self._frames += size[0]
        if pts is not None:
            self._times.append(np.stack([pts, np.zeros(size[0], np.int64) if durations is None else durations]))
        while self._next < len(self._starts):
            first = self._starts[self._next]
            t0, t1 = (int(self._rows[name][first]) for name in ("t0", "t1"))
            if self._frames < t1:
                return
            self._slab(first, t1 - t0)

    def _slab(self, first: int, frames: int) -> None:
        self._next += 1
        end = self._starts[self._next] if self._next < len(self._starts) else len(self._rows)
        pts = durations = None
        if self._times:
            times = np.concatenate(self._times, 1)
            pts, durations = np.ascontiguousarray(times[:, :frames])
            self._times = [times[:, frames:]]
        fragments = []
        for number in range(first, end):
            row = self._rows[number]
            data, sse = self._fragment(number)
            box = int(row["y0"]), int(row["y1"]), int(row["x0"]), int(row["x1"])
            fragments.append((data, box, 0, sse))
        self._writer.append_coded(frames, fragments, pts, durations)

    def finish(self, metadata: bytes | None = None) -> None:
        if self._next != len(self._starts) or self._frames != int(self._rows["t1"][-1]):
            raise ValueError(
                f"the source has changed while it was read: there were {self._rows['t1'][-1]} frames, "
                f"now {self._frames}"
            )
        self._writer.finish(metadata)

    @property
    def stats(self) -> dict[str, int]:
        return self._writer.stats


class _Session:
    """The readings of one source, on the way to one target.

    Parameters
    ----------
    options : Options
    sink : Target
    frames : int, optional
        About how many there are.
    """

    last = True

    def __init__(self, options: Options, sink: Sink, frames: int | None) -> None:
        assert options.target is not None
        self.sink, self.target, self.weights = sink, options.target, options.weights
        self.expected = frames
        self._folder = getattr(sink, "folder", None)
        self._passes: list[_Encoding] = []
        self._opened: list[_Encoding] = []  # those, and one that failed
        self._q: Steps = np.zeros(0, np.int64)
        self._guessed, self._share = 0, 1.0

    def describe(self) -> dict[str, Any]:
        # While the quantizers are not known, something as long.
        q = self._q if len(self._q) else np.array([113, 115])
        low, middle, high = (float(step) / 4 for step in (q.min(), np.rint(np.median(q)), q.max()))
        kept: dict[str, Any] = {"target": self.target.describe(), "qp": middle, "qp_range": [low, high]}
        if self.weights is not None:
            kept["weights"] = self.weights.describe()
        return kept

    def _begin(self, desc: tuple[Any, ...], frames: int | None) -> None:
        """What is known before anything is encoded: the format, and maybe how many frames there are."""
        fmt, (y, x), (ft, fy, fx) = SampleFormat(*desc[0]), desc[1], desc[2]
        self._share = share_to_sample(frames and -(-frames // ft) * -(-y // fy) * -(-x // fx))
        samples, positions = (fmt.samples(frames, y, x), frames * y * x) if frames else (None, None)
        self._guessed = first_guess(self.target, samples, positions)

    def _read(
        self,
        read: Callable[[Plan], Any],
        choose: Callable[[int], int | None],
        begin: Callable[[tuple[Any, ...], int | None], None] = lambda desc, frames: None,
    ) -> _Encoding:
        made = _Encoding(self._folder, choose, self.describe, begin)
        self._opened.append(made)
        read(made)
        if self._passes and not np.array_equal(_boxes(made.rows), _boxes(self._passes[0].rows)):
            raise ValueError("the source has changed while it was read: it has another number of frames than before")
        self._passes.append(made)
        return made

    def close(self) -> None:
        """Let go of all that was encoded."""
        for made in self._opened:
            made.close()

    def run(self, read: Callable[[Plan], T]) -> T:
        """Read as often as it takes; what the last reading returned."""
        first = self._read(read, lambda n: self._guessed if is_sampled(n, self._share) else None, self._begin)
        rows, n = first.rows, len(first.rows)
        fmt = SampleFormat(*first.desc[0])
        self._curves = Curves(n, fmt.components)
        self._add(first, np.where(rows["bytes"] > 0, self._guessed, UNKNOWN))
        boxes = _boxes(rows)
        size = first.reader.info["size"]
        weights, offsets = np.ones(n), np.zeros(n, np.int64)
        if self.weights is not None:
            weights, offsets = self.weights.over(boxes, size), self.weights.steps(boxes, size)
        errors = _errors(first, fmt)
        aim = self._aim(first, fmt, errors)
        pixels = np.prod(boxes[:, 1::2] - boxes[:, ::2], 1).astype(np.float64)

        def settle(q: Steps) -> None:
            self._q = q
            if isinstance(aim, RateAim):
                aim.overhead = self._overhead(q)

        plan = search(self.target, aim, errors, self._curves, weights, offsets, pixels, settle)
        try:
            q = next(plan)
            while True:
                wanted = {number: step for number, step in enumerate(q.tolist()) if step != UNKNOWN}
                self._add(self._read(read, wanted.get), q)
                q = next(plan)
        except StopIteration as found:
            self._q = found.value
        return read(self)

    def _add(self, made: _Encoding, q: Steps) -> None:
        self._curves.add(q, made.rows["bytes"], made.rows["sse"][:, : self._curves.components])

    def _aim(self, made: _Encoding, fmt: SampleFormat, errors: Errors) -> Aim:
        value, (frames, y, x) = self.target.value, made.reader.info["size"]
        if self.target.kind == "psnr":
            return QualityAim(value, errors)
        n, slabs = len(made.rows), made.reader.info["slabs"]
        overhead = (29.0 + 3 * fmt.components) * n + 45 * slabs + 300 + len(made.document)  # until it is known better
        if self.target.kind == "bytes":
            return RateAim(value, overhead + made.stream_bytes)
        if self.target.kind == "kbit_per_s":
            num, den = made.desc[4]
            if not num:
                raise ValueError("target= in kbit_per_s needs the times of frames: give fps=")
            seconds = (end_tick(made.reader) - made.reader.info["first_pts"]) * num / den
            per_bit = 1 / seconds / 1000
        else:
            per_bit = 1 / (frames * y * x if self.target.kind == "bits_per_pixel" else fmt.samples(frames, y, x))
        return RateAim(value / per_bit / 8, overhead, 8 * per_bit)

    def _fragment(self, columns: npt.NDArray[np.int64]) -> Callable[[int], tuple[bytes, Any]]:
        def get(number: int) -> tuple[bytes, Any]:
            made = self._passes[columns[number]]
            return made.reader.fragment(number), made.rows["sse"][number, : self._curves.components].tolist()

        return get

    def _overhead(self, q: Steps) -> float:
        """All bytes of the store that are no fragments', exactly but for packets: it is put together for a trial."""
        made = self._passes[-1]
        trial = _Together(Nowhere(), made, None, self._fragment(self._curves.column(q)))
        frames = made.reader.info["size"][0]
        trial.put_metadata(made.early)
        step = 1 << 12
        for first in range(0, frames, step):
            times = np.zeros((2, min(step, frames - first)), np.int64)
            made.reader.times(first, times.shape[1], *times)
            trial.append(None, (times.shape[1], 0, 0), None, *(times if made.desc[4][0] else (None, None)))
        trial.finish(made.document)
        streams = made.stream_bytes if self.target.kind == "bytes" else 0
        return float(trial.stats["file_bytes"] - trial.stats["fragment_bytes"] + streams)

    def native(
        self, desc: tuple[Any, ...], coding: tuple[Any, ...], pool: Any, described: dict[str, Any], frames: int | None
    ) -> Any:
        return _Together(self.sink, self._passes[-1], pool, self._fragment(self._curves.column(self._q)))


def _boxes(rows: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """n×6: t0, t1, y0, y1, x0, x1."""
    return np.stack([rows[name].astype(np.int64) for name in ("t0", "t1", "y0", "y1", "x0", "x1")], 1)


def _errors(made: _Encoding, fmt: SampleFormat) -> Errors:
    frames, y, x = made.reader.info["size"]
    samples = np.array(
        [float(frames * rows * columns) for rows, columns in (fmt.extent(c, y, x) for c in range(fmt.components))]
    )
    colour = colour_of(fmt, made.described, y)
    return Errors(samples, fmt.bits, colour is not None and "cb" in colour.planes[: fmt.components])


class _Counting(_Encoding):
    """A reading that only counts frames."""

    def __init__(self, folder: str | None) -> None:
        super().__init__(folder, lambda n: None, dict, lambda desc, frames: None)


class _Plain:
    """One reading, nothing special."""

    last = True

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.expected: int | None = None

    def native(
        self, desc: tuple[Any, ...], coding: tuple[Any, ...], pool: Any, described: dict[str, Any], frames: int | None
    ) -> Any:
        return _store.NativeWriter(self.sink, desc, coding, pool)

    def describe(self) -> dict[str, Any]:
        return {}


def write_planned(options: Options, sink: Sink, read: Callable[[Plan], T], frames: int | None = None) -> T:
    """Write a store whose source can be read again, as its target and weights want it.

    Parameters
    ----------
    options : Options
    sink : Target
        Where the store goes; given up if anything fails.
    read : callable
        Reads all of the source, once, into a `Writer` with the plan that it is given.
    frames : int, optional
        How many there are, if that is known.

    Returns
    -------
    object
        What the last reading returned.
    """
    try:
        if options.target is not None:
            with closing(_Session(options, sink, frames)) as session:
                return session.run(read)
        if options.weights is None:
            return read(_Plain(sink))
        if options.weights.over_time and frames is None:
            with closing(_Counting(getattr(sink, "folder", None))) as count:
                read(count)
                frames = int(count.reader.info["size"][0])
        return read(Weighted(sink, options.weights, frames))
    except BaseException:
        sink.abandon(True)
        raise
