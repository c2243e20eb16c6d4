"""A reading of a source that encodes some of the fragments into a temporary store."""

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

#: About how many bytes a record of packets has beside the packets.
_PACKETS_RECORD = 24


class Nowhere:
    """A sink that forgets what is written: the sink of all readings but the last."""

    name = "a temporary store"

    def write(self, data: memoryview) -> None:
        """Forget `data`."""

    def finish(self) -> None:
        """Do nothing."""

    def abandon(self, useless: bool) -> None:
        """Do nothing."""


class _TemporaryFile:
    """A file without a name, which is written as a sink and then read as a source."""

    def __init__(self, folder: str | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - read for as long as the search goes on
        self.fd = self._file.fileno()

    def write(self, data: memoryview) -> None:
        """Write all of `data`."""
        self._file.write(data)

    def flush(self) -> None:
        """Make sure that what was written can be read."""
        self._file.flush()

    def close(self) -> None:
        """Close the file, which is gone then."""
        self._file.close()


class Encoding:
    """The plan of one reading, and afterwards the fragments that were encoded in it.

    Parameters
    ----------
    folder : str or None
        A folder with room for a temporary file.
    choose : callable
        Called with the number of a fragment: returns its quantizer, or None to leave the fragment out.
    describe : callable
        Returns what the store keeps of the plan among its options.
    on_begin : callable, optional
        Called with the `NewStore` before the first call of `choose`.

    Attributes
    ----------
    store : NewStore
        The store as it was begun.
    stream_bytes : int
        Bytes of the packets of other streams.
    early, document : bytes
        The metadata at the beginning and at the end of the reading.
    reader : NativeReader
        The temporary store, once it is finished.
    rows : ndarray
        The index of the temporary store.
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
        """Return what the last reading will say, or something of the same length."""
        return self._describe()

    def begin(self, store: NewStore) -> Encoding:
        """Begin the temporary store, and return this object, which takes its frames."""
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
        """Encode frames into the temporary store."""
        self._writer.append(fmt, size, planes, pts, durations)

    def append_coded(
        self, t: int, fragments: list[CodedFragment], pts: Ticks = None, durations: Ticks = None
    ) -> None:
        """Refuse coded fragments: they have no quantizer that could be chosen."""
        raise ValueError("target= and weights= are for frames: these fragments are coded already")

    def put_packets(self, data: bytes, begin: int, end: int) -> None:
        """Count the bytes of packets of other streams."""
        self.stream_bytes += len(data) + _PACKETS_RECORD

    def put_metadata(self, metadata: bytes) -> None:
        """Keep the metadata with which the store begins."""
        self.early = metadata

    def finish(self, metadata: bytes | None = None) -> None:
        """Finish the temporary store and open it for reading."""
        self.document = metadata or b""
        self._writer.finish(metadata)
        self._file.flush()
        self.reader = NativeReader(self._file)
        self.rows = np.zeros(self.reader.info["fragments"], ROW)
        if len(self.rows):
            self.reader.index(0, len(self.rows), self.rows)

    def disown(self) -> None:
        """Leave the memory of the C core alone in a forked child, because it belongs to the parent."""
        self._writer.disown()

    @property
    def stats(self) -> WriterStats:
        """Counts of what was written."""
        return self._writer.stats

    def close(self) -> None:
        """Throw away what was encoded."""
        self._file.close()


def counting(folder: str | None) -> Encoding:
    """Return the plan of a reading that only counts frames and encodes nothing."""
    return Encoding(folder, lambda number: None)
