"""The last reading of a source, which puts the store together from fragments that are coded already."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..native.types import CodedFragment
from ..store.plans import NewStore

if TYPE_CHECKING:
    from ..model.formats import SampleFormat
    from ..native.types import WriterStats
    from ..store.plans import Planes, Ticks

__all__ = ["Assembly", "Coded"]


class Coded(NamedTuple):
    """The coded form of a fragment, and the sum of squared errors of each of its components."""

    data: bytes
    sse: list[int]


class Assembly:
    """A writer that takes the times of frames, and writes coded fragments in place of their samples.

    Parameters
    ----------
    sink : object
        Where the store goes.
    store : NewStore
        What its header says, and how fragments are coded.
    rows : ndarray
        The index of all fragments, as the earlier readings found it.
    fragment : callable
        Called with a row: returns the `Coded` of that fragment.
    """

    def __init__(self, sink: Any, store: NewStore, rows: npt.NDArray[Any], fragment: Callable[[int], Coded]) -> None:
        self._writer = store.writer(sink)
        self._rows, self._fragment = rows, fragment
        self._starts = np.flatnonzero(np.diff(rows["t1"], prepend=0)).tolist()  # the first row of each slab
        self._frames = self._next = 0
        self._times: list[npt.NDArray[np.int64]] = []

    def append(
        self,
        fmt: SampleFormat,
        size: tuple[int, int, int],
        planes: Planes,
        pts: Ticks = None,
        durations: Ticks = None,
    ) -> None:
        """Add frames, of which only the number and the times are used."""
        self.append_times(size[0], pts, durations)

    def append_times(self, frames: int, pts: Ticks = None, durations: Ticks = None) -> None:
        """Add frames by their times, and write the slabs that are complete then."""
        self._frames += frames
        if pts is not None:
            self._times.append(np.stack([pts, np.zeros(frames, np.int64) if durations is None else durations]))
        while self._next < len(self._starts):
            first = self._starts[self._next]
            t0, t1 = (int(self._rows[name][first]) for name in ("t0", "t1"))
            if self._frames < t1:
                return
            self._slab(first, t1 - t0)

    def _slab(self, first: int, frames: int) -> None:
        """Write the slab of so many frames whose first fragment is the row `first`."""
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
            coded = self._fragment(number)
            box = int(row["y0"]), int(row["y1"]), int(row["x0"]), int(row["x1"])
            fragments.append(CodedFragment(coded.data, box, 0, coded.sse))
        self._writer.append_coded(frames, fragments, pts, durations)

    def append_coded(
        self, t: int, fragments: list[CodedFragment], pts: Ticks = None, durations: Ticks = None
    ) -> None:
        """Refuse coded fragments: those of the earlier readings are written."""
        raise ValueError("target= and weights= are for frames: these fragments are coded already")

    def put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Add packets of other streams."""
        self._writer.put_packets(data, begin, end)

    def put_metadata(self, metadata: bytes) -> None:
        """Write the metadata now, so that a repair finds it if the store is never finished."""
        self._writer.put_metadata(metadata)

    def finish(self, metadata: bytes | None = None) -> None:
        """Write the index and the tail.

        Raises
        ------
        ValueError
            If there were not as many frames as in the earlier readings.
        """
        if self._next != len(self._starts) or self._frames != int(self._rows["t1"][-1]):
            raise ValueError(
                f"the source has changed while it was read: there were {self._rows['t1'][-1]} frames, "
                f"now {self._frames}"
            )
        self._writer.finish(metadata)

    def disown(self) -> None:
        """Leave the memory of the C core alone in a forked child, because it belongs to the parent."""
        self._writer.disown()

    @property
    def stats(self) -> WriterStats:
        """Counts of what was written."""
        return self._writer.stats
