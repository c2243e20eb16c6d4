"""A session: all readings of a source, from the first one to the store that meets its target.

Each reading but the last encodes some of the fragments, each with a quantizer of its own, into a temporary store; the
boxes of the other fragments stay empty there. The last reading takes times, streams and metadata anew, and puts the
store together from the coded fragments of the earlier readings. So nothing is encoded twice with the same quantizer.
Memory holds a few numbers for every fragment and reading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..allocation.aims import Aim, Errors, QualityAim, RateAim
from ..allocation.curves import UNKNOWN, Curves
from ..allocation.search import Problem, first_guess, is_sampled, search, share_to_sample
from ..store.description import Description, end_tick
from ..store.plans import NewStore, Plan, SlabWriter
from .assemble import Assembly, Coded
from .encode import Encoding, Nowhere

if TYPE_CHECKING:
    from ..model.formats import SampleFormat
    from ..model.options import Options
    from ..store.sinks import Sink

__all__ = ["Session"]

Steps = npt.NDArray[np.int64]
T = TypeVar("T")

#: How many frames' times are read at once.
_TIMES_AT_ONCE = 1 << 12


class Session:
    """The search for a store that meets a target. The session is itself the plan of the last reading.

    Parameters
    ----------
    options : Options
        They have a target, and may have weights.
    sink : Sink
        Where the store goes.
    frames : int, optional
        About how many frames there are.
    """

    last = True

    def __init__(self, options: Options, sink: Sink, frames: int | None) -> None:
        assert options.target is not None
        self.sink, self.target, self.weights = sink, options.target, options.weights
        self.expected = frames
        self._folder = getattr(sink, "folder", None)
        self._readings: list[Encoding] = []
        self._opened: list[Encoding] = []  # the readings, and one that failed, if there is such
        self._q: Steps = np.zeros(0, np.int64)
        self._guessed, self._share = 0, 1.0

    def describe(self) -> dict[str, Any]:
        """Return the target, the weights' size, and the range of QPs that it took."""
        # As long as the quantizers are not known, usual ones stand in: the text is about as long then.
        q = self._q if len(self._q) else np.array([113, 115])
        low, middle, high = (float(step) / 4 for step in (q.min(), np.rint(np.median(q)), q.max()))
        kept: dict[str, Any] = {"target": self.target.describe(), "qp": middle, "qp_range": [low, high]}
        if self.weights is not None:
            kept["weights"] = self.weights.describe()
        return kept

    def begin(self, store: NewStore) -> SlabWriter:
        """Return what puts the store together in the last reading."""
        made = self._readings[-1]
        known = made.store._replace(pool=store.pool)
        return Assembly(self.sink, known, made.rows, self._fragment(self._curves.column(self._q)))

    def close(self) -> None:
        """Throw away all that was encoded."""
        for made in self._opened:
            made.close()

    def run(self, read: Callable[[Plan], T]) -> T:
        """Read the source until the target is met, and return what the last reading returned.

        Parameters
        ----------
        read : callable
            Called with a plan: reads all of the source once.
        """
        first = self._read(read, lambda n: self._guessed if is_sampled(n, self._share) else None, self._guess)
        rows, n = first.rows, len(first.rows)
        fmt = first.store.desc.format
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
            """Measure the bytes that belong to no fragment, for quantizers that are near the solution."""
            self._q = q
            if isinstance(aim, RateAim):
                aim.overhead = self._overhead(q)

        steps = search(Problem(self.target, aim, errors, self._curves, weights, offsets, pixels), settle)
        try:
            q = next(steps)
            while True:
                wanted = {number: step for number, step in enumerate(q.tolist()) if step != UNKNOWN}
                self._add(self._read(read, wanted.get), q)
                q = next(steps)
        except StopIteration as found:
            self._q = found.value
        return read(self)

    def _guess(self, store: NewStore) -> None:
        """Choose the first quantizer, and the part of the fragments to encode, by the format and number of frames."""
        (y, x), (ft, fy, fx) = store.desc.size, store.desc.fragment
        frames, fmt = store.frames, store.desc.format
        self._share = share_to_sample(frames and -(-frames // ft) * -(-y // fy) * -(-x // fx))
        samples, positions = (fmt.samples(frames, y, x), frames * y * x) if frames else (None, None)
        self._guessed = first_guess(self.target, samples, positions)

    def _read(
        self,
        read: Callable[[Plan], Any],
        choose: Callable[[int], int | None],
        on_begin: Callable[[NewStore], None] | None = None,
    ) -> Encoding:
        """Read the source once and encode the fragments that get a quantizer."""
        made = Encoding(self._folder, choose, self.describe, on_begin)
        self._opened.append(made)
        read(made)
        if self._readings and not np.array_equal(_boxes(made.rows), _boxes(self._readings[0].rows)):
            raise ValueError("the source has changed while it was read: it has another number of frames than before")
        self._readings.append(made)
        return made

    def _add(self, made: Encoding, q: Steps) -> None:
        """Add what a reading encoded to the curves."""
        self._curves.add(q, made.rows["bytes"], made.rows["sse"][:, : self._curves.components])

    def _aim(self, made: Encoding, fmt: SampleFormat, errors: Errors) -> Aim:
        """Return the aim of the search: what the target means for sizes or errors of this source."""
        value, (frames, y, x) = self.target.value, made.reader.info["size"]
        if self.target.kind == "psnr":
            return QualityAim(value, errors)
        n, slabs = len(made.rows), made.reader.info["slabs"]
        overhead = (
            (29.0 + 3 * fmt.components) * n + 45 * slabs + 300 + len(made.document)
        )  # an estimate, until settle() measures it
        if self.target.kind == "bytes":
            return RateAim(value, overhead + made.stream_bytes)
        if self.target.kind == "kbit_per_s":
            num, den = made.store.desc.time_base
            if not num:
                raise ValueError("target= in kbit_per_s needs the times of frames: give fps=")
            seconds = (end_tick(made.reader) - made.reader.info["first_pts"]) * num / den
            per_bit = 1 / seconds / 1000
        else:
            per_bit = 1 / (frames * y * x if self.target.kind == "bits_per_pixel" else fmt.samples(frames, y, x))
        return RateAim(value / per_bit / 8, overhead, 8 * per_bit)

    def _fragment(self, columns: npt.NDArray[np.int64]) -> Callable[[int], Coded]:
        """Return a function that fetches a coded fragment; columns[i] is the reading that encoded fragment i."""

        def get(number: int) -> Coded:
            """Return a fragment from the reading that encoded it."""
            made = self._readings[columns[number]]
            return Coded(made.reader.fragment(number), made.rows["sse"][number, : self._curves.components].tolist())

        return get

    def _overhead(self, q: Steps) -> float:
        """Return the bytes of the store that belong to no fragment, by putting the store together for a trial.

        The result is exact, except for packets of other streams.
        """
        made = self._readings[-1]
        without_pool = made.store._replace(pool=None)
        trial = Assembly(Nowhere(), without_pool, made.rows, self._fragment(self._curves.column(q)))
        frames, timed = made.reader.info["size"][0], made.store.desc.time_base[0]
        trial.put_metadata(made.early)
        for first in range(0, frames, _TIMES_AT_ONCE):
            pts, durations = np.zeros((2, min(_TIMES_AT_ONCE, frames - first)), np.int64)
            made.reader.times(first, len(pts), pts, durations)
            trial.append_times(len(pts), *((pts, durations) if timed else (None, None)))
        trial.finish(made.document)
        streams = made.stream_bytes if self.target.kind == "bytes" else 0
        return float(trial.stats["file_bytes"] - trial.stats["fragment_bytes"] + streams)


def _boxes(rows: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the boxes of an index as an array, n×6: t0, t1, y0, y1, x0, x1."""
    return np.stack([rows[name].astype(np.int64) for name in ("t0", "t1", "y0", "y1", "x0", "x1")], 1)


def _errors(made: Encoding, fmt: SampleFormat) -> Errors:
    """Return how the errors of this source's components make one PSNR."""
    frames, y, x = made.reader.info["size"]
    samples = np.array(
        [float(frames * rows * columns) for rows, columns in (fmt.extent(c, y, x) for c in range(fmt.components))]
    )
    colour = Description(made.reader.info, made.sink.name).colour
    return Errors(samples, fmt.bits, colour is not None and "cb" in colour.planes[: fmt.components])
