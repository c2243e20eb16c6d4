"""A reading of a source that encodes some of its fragments into a temporary store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..native.store import NativeReader
from ..store.index import ROW
from ..store.plans import NewStore

if TYPE_CHECKING:
    from ..model.formats import SampleFormat
    from ..native.types import CodedFragment, WriterStats
    from ..store.plans import Planes, Ticks
    from ..store.sinks import Sink

__all__ = ["Encoding", "Nowhere", "counting"]

#: Bytes of a record of packets that are not the packets, about.
_PACKETS_RECORD = 24


class Nowhere:
    """The sink that the stores of all readings but the last seem to go to."""

    name = "a temporary store"

    def write(self, data: memoryview) -> None:
        """Forget it."""

    def finish(self) -> None:
        """Do nothing."""

    def abandon(self, useless: bool) -> None:
        """Do nothing."""


class _TemporaryFile:
    """A file without a name: a sink first, then a source."""

    def __init__(self, folder: str | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - read for as long as the search goes on
        self.fd = self._file.fileno()

    def write(self, data: memoryview) -> None:
        """Take all of `data`."""
        self._file.write(data)

    def flush(self) -> None:
        """Make what was written there to be read."""
        self._file.flush()

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class Encoding:
    """The plan of one reading, and then what was encoded in it.

    Parameters
    ----------
    folder : str or None
        Where there is room for a temporary file.
    choose : callable
        The quantizer of a fragment by its number; None leaves it out.
    describe : callable
        What the store keeps of the plan among its options.
    on_begin : callable, optional
        Called with the NewStore before any choice.

    Attributes
    ----------
    store : NewStore
        What was begun.
    stream_bytes : int
        Bytes of packets of other streams.
    early, document : bytes
        The metadata at the beginning and at the end.
    reader : NativeReader
        The temporary store, once it is finished.
    rows : ndarray
        Its index.
    """

    last = False

    def __init__(
        self,
        folder: str | None,
        choose: Callable[[int], int | None],
        describe: Callable[[], dict[str, Any]] = dict,
        on_begin: Callable[[NewStore], None] | None = None,
    ) -> None:
        self.sink: Sink = Nowhere()
        self.expected: int | None = None
        self._file = _TemporaryFile(folder)
        self._choose, self._on_begin = choose, on_begin
        self._describe = describe
        self.stream_bytes, self.early, self.document = 0, b"", b""

    def describe(self) -> dict[str, Any]:
        """What the last reading will say, or something as long."""
        return self._describe()

    def begin(self, store: NewStore) -> Encoding:
        """Begin the temporary store; what takes its frames is this object."""
        if store.frames is None:
            store = store._replace(frames=self.expected)
        if self._on_begin is not None:
            self._on_begin(store)
        self.store = store
        self._writer = store.writer(self._file, lambda number, box: self._choose(number))
        return self

    def append(
        self,
        fmt: SampleFormat,
        size: tuple[int, int, int],
        planes: Planes,
        pts: Ticks = None,
        durations: Ticks = None,
    ) -> None:
        """Encode frames."""
        self._writer.append(fmt, size, planes, pts, durations)

    def append_coded(
        self, t: int, fragments: list[CodedFragment], pts: Ticks = None, durations: Ticks = None
    ) -> None:
        """Refuse fragments that are coded already: there is nothing to choose for them."""
        raise ValueError("target= and weights= are for frames: these fragments are coded already")

    def put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Count packets of other streams."""
        self.stream_bytes += len(data) + _PACKETS_RECORD

    def put_metadata(self, metadata: bytes) -> None:
        """Keep the metadata that a store begins with."""
        self.early = metadata

    def finish(self, metadata: bytes | None = None) -> None:
        """Make the temporary store one that can be read."""
        self.document = metadata or b""
        self._writer.finish(None)
        self._file.flush()
        self.reader = NativeReader(self._file)
        self.rows = np.zeros(self.reader.info["fragments"], ROW)
        if len(self.rows):
            self.reader.index(0, len(self.rows), self.rows)

    def disown(self) -> None:
        """In a forked child: leave alone what is the parent's."""
        self._writer.disown()

    @property
    def stats(self) -> WriterStats:
        """What was written."""
        return self._writer.stats

    def close(self) -> None:
        """Let go of what was encoded."""
        self._file.close()


def counting(folder: str | None) -> Encoding:
    """The plan of a reading that encodes nothing and only counts frames."""
    return Encoding(folder, lambda number: None)
