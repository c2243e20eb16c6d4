"""Plans: how a `Writer` makes the fragments of its store, and where the store goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..native.store import NativeWriter, Pool
from ..native.types import CodedFragment, EncodeOptions, StoreDesc, WriterStats

if TYPE_CHECKING:
    import numpy as np

    from ..model.formats import SampleFormat
    from .sinks import Sink

    Ticks = np.ndarray[Any, Any] | None
    Planes = tuple[np.ndarray[Any, Any], ...]

__all__ = ["Directly", "NewStore", "Plan", "SlabWriter"]


class NewStore(NamedTuple):
    """A new store as it is known once its first frames are there.

    Attributes
    ----------
    desc : StoreDesc
        What its header says.
    coding : EncodeOptions
        How its fragments are coded.
    pool : Pool or None
        The threads that code them.
    described : dict
        The description of the store, under ``"stfrag"`` in its metadata.
    frames : int or None
        How many frames there will be, if that is known.
    """

    desc: StoreDesc
    coding: EncodeOptions
    pool: Pool | None
    described: dict[str, Any]
    frames: int | None

    def writer(self, sink: Any, choose: Any = None) -> NativeWriter:
        """Return a writer of the C core that writes this store to `sink`.

        If `choose` is given, it chooses the quantizer of each fragment, see `NativeWriter`.
        """
        return NativeWriter(sink, self.desc, self.coding, self.pool, choose=choose)


class SlabWriter(Protocol):
    """What takes frames and makes a store of them: a ``NativeWriter``, or something with the same methods."""

    def append(
        self,
        fmt: SampleFormat,
        size: tuple[int, int, int],
        planes: Planes,
        pts: Ticks = None,
        durations: Ticks = None,
    ) -> None:
        """Add frames: planes of `size` (frames, rows, columns), and their times in ticks, if they have times."""

    def append_coded(
        self, t: int, fragments: list[CodedFragment], pts: Ticks = None, durations: Ticks = None
    ) -> None:
        """Add a slab of `t` frames whose fragments are coded already."""

    def put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Add a record of packets of other streams, which play from `begin` to `end` in microseconds."""

    def put_metadata(self, metadata: bytes) -> None:
        """Write the metadata now, so that a repair finds it if the store is never finished."""

    def finish(self, metadata: bytes | None = None) -> None:
        """Write the frames that wait for their slab, the index and the tail."""

    def disown(self) -> None:
        """Leave the memory of the C core alone in a forked child, because it belongs to the parent."""

    @property
    def stats(self) -> WriterStats:
        """Counts of what was written."""


class Plan(Protocol):
    """The plan of one reading of a source: how its frames become fragments, and where they are written.

    Attributes
    ----------
    sink : Sink
        Where the store goes.
    last : bool
        Whether this reading writes the store itself; False for one that only prepares it.
    expected : int or None
        About how many frames there will be. Whoever reads the source may set it.
    """

    sink: Sink
    last: bool
    expected: int | None

    def begin(self, store: NewStore) -> SlabWriter:
        """Begin a store, and return what takes its frames."""

    def describe(self) -> dict[str, Any]:
        """Return what the store keeps of the plan among its options."""


class Directly:
    """The plan of a store that is written in one reading, with the same options for all fragments.

    Parameters
    ----------
    sink : Sink
        Where the store goes.
    """

    last = True

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.expected: int | None = None

    def begin(self, store: NewStore) -> SlabWriter:
        """Return the writer of the C core."""
        return store.writer(self.sink)

    def describe(self) -> dict[str, Any]:
        """Return nothing: there is nothing to tell of this plan."""
        return {}
