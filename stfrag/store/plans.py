"""What a writer asks when it begins a store: where it goes, and who makes the fragments."""

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
    """What is known when the first frames of a store are there.

    Attributes
    ----------
    desc : StoreDesc
        What its header says.
    coding : EncodeOptions
        How its fragments are coded.
    pool : Pool or None
        The threads that code them.
    described : dict
        What the store says of itself.
    frames : int or None
        How many frames there will be, if that is known.
    """

    desc: StoreDesc
    coding: EncodeOptions
    pool: Pool | None
    described: dict[str, Any]
    frames: int | None

    def writer(self, sink: Any, choose: Any = None) -> NativeWriter:
        """A native writer of it; `choose`, if it is given, chooses the quantizer of each fragment."""
        return NativeWriter(sink, self.desc, self.coding, self.pool, choose=choose)


class SlabWriter(Protocol):
    """What takes frames and makes a store of them: a ``NativeWriter``, or what stands in for one."""

    def append(
        self,
        fmt: SampleFormat,
        size: tuple[int, int, int],
        planes: Planes,
        pts: Ticks = None,
        durations: Ticks = None,
    ) -> None:
        """Add frames."""

    def append_coded(
        self, t: int, fragments: list[CodedFragment], pts: Ticks = None, durations: Ticks = None
    ) -> None:
        """Add a slab of fragments that are coded already."""

    def put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Add packets of other streams."""

    def put_metadata(self, metadata: bytes) -> None:
        """Write the metadata now, for a repair."""

    def finish(self, metadata: bytes | None = None) -> None:
        """Write what is waiting, the index and the tail."""

    def disown(self) -> None:
        """In a forked child: leave alone what is the parent's."""

    @property
    def stats(self) -> WriterStats:
        """What was written."""


class Plan(Protocol):
    """One reading of a source into a store.

    Attributes
    ----------
    sink : Sink
        Where the store goes.
    last : bool
        Whether what is written is the store, and not a step on the way to it.
    expected : int or None
        About how many frames there will be; may be set by whoever reads.
    """

    sink: Sink
    last: bool
    expected: int | None

    def begin(self, store: NewStore) -> SlabWriter:
        """What takes the frames of a store that is begun."""

    def describe(self) -> dict[str, Any]:
        """What the store keeps of the plan among its options."""


class Directly:
    """The plan of a store that is written in one reading, with the same options for all fragments."""

    last = True

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.expected: int | None = None

    def begin(self, store: NewStore) -> SlabWriter:
        """A native writer."""
        return store.writer(self.sink)

    def describe(self) -> dict[str, Any]:
        """Nothing."""
        return {}
