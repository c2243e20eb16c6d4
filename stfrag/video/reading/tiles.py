"""`from_video` of a file that ``to_video(tiles=True)`` wrote: its tracks become the tiles that they were."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...codec import decoders
from ...codec.catalogue import require
from ...codec.coding import Coding
from ...errors import CorruptFragmentError, UnsupportedError
from ...model.formats import SampleFormat
from ...model.grids import Grid
from ...model.options import parse_options
from ...native import codec as _codec
from ..matroska import TAG
from ..opening import is_picture
from ..writing.copied import tile_tag
from .copied import Slab
from .gops import Coded, GopReader, codec_of

__all__ = ["TileFile", "find_tiles"]


def find_tiles(container: Any) -> dict[str, Any] | None:
    """What a file says of its tiles; None if it is no such file, or has other tracks now."""
    said = tile_tag(container.metadata.get(TAG))
    tracks = [s for s in container.streams.video if not is_picture(s)]
    return said if said is not None and len(tracks) == len(said["boxes"]) else None


class TileFile:
    """Makes a store out of the tracks of a file.

    Parameters
    ----------
    container : av.container.InputContainer
    said : dict
        What `find_tiles` found.
    name : str
        Of the file, for messages.
    verify : bool
        Whether to decode every fragment before it is written.

    Attributes
    ----------
    streams : tuple of av.VideoStream
        The tiles, in their order.
    """

    left_out = 0

    def __init__(self, container: Any, said: dict[str, Any], name: str, verify: bool) -> None:
        self._said, self._name, self._verify = said, name, verify
        self.container = container
        self.streams = tuple(s for s in container.streams.video if not is_picture(s))
        self.stream = self.streams[0]
        self.codec = codec_of(self.stream, name)
        require(self.codec, "r")
        self._readers = {s.index: GopReader(s, codec_of(s, name), name) for s in self.streams}

    def create(self, dst: Any, time_base: Fraction, sides: dict[str, Any], options: dict[str, Any]) -> Any:
        """The writer of a store that says what the one before said."""
        from ...store.plans import Directly
        from ...store.sinks import open_sink
        from ...store.spec import StoreSpec
        from ...store.writer import Writer

        said = self._said
        checked = parse_options(options, "from_video")
        grid = Grid(tuple(said["fragment"]), tuple(said["cuts"]))
        document = {"stfrag": {}, "attributes": {}, "tags": {}, **said["document"]}
        kept = {k: v for k, v in document["stfrag"].items() if k not in ("streams", "chapters")}
        document["stfrag"] = {**kept, **sides}
        spec = StoreSpec(
            self._format, tuple(said["size"]), time_base=time_base, grid=grid, coding=Coding(self.codec, ("copy", 0))
        )
        writer = Writer(Directly(open_sink(dst, checked.overwrite)), checked, spec)
        writer.set_document(document)
        return writer

    def begin(self, packets: Any) -> int | None:
        """Read as far as the first slab; the time of its first frame."""
        self._slabs = self._read(packets)
        self._next: Slab | None = next(self._slabs, None)
        if self._next is None:
            raise UnsupportedError(f"{self._name}: there are no frames in it")
        return self._next.times[0][0]

    def slabs(self) -> Iterator[Slab]:
        """One slab after the other."""
        while self._next is not None:
            yield self._next
            self._next = next(self._slabs, None)

    def _read(self, packets: Any) -> Iterator[Slab]:
        waiting: dict[int, deque[Coded]] = {s.index: deque() for s in self.streams}
        lengths = deque(self._said["frames"])
        self._format = SampleFormat(*self._said["format"])
        slab = 0
        for packet in packets:
            waiting[packet.stream.index].extend(self._readers[packet.stream.index].stored(packet))
            while lengths and all(len(queue) >= lengths[0] for queue in waiting.values()):
                frames = lengths.popleft()
                yield self._slab(slab, frames, {i: [q.popleft() for _ in range(frames)] for i, q in waiting.items()})
                slab += 1
        if lengths:
            raise UnsupportedError(
                f"{self._name}: its tracks end before frame {sum(self._said['frames'])}: some of "
                "the file is missing; copy=False takes a single track of it"
            )

    def _slab(self, slab: int, frames: int, coded: dict[int, list[Coded]]) -> Slab:
        said, fragments = self._said, []
        times: list[tuple[int | None, int | None, int]] = []
        for tile, track in enumerate(self.streams):
            gop = self._readers[track.index].gop(coded[track.index])
            y0, y1, x0, x1 = said["boxes"][tile]
            try:
                stream = (*said["streams"][tile][:9], b64decode(said["streams"][tile][9]))
                flags = map(int, said["flags"][tile][slab])  # those of AV1 are not in its packets
                packets = [(data, frame, flag) for (data, frame, _), flag in zip(gop.packets, flags, strict=True)]
                with decoders.fresh():
                    data = _codec.wrap(
                        self._format,
                        (frames, y1 - y0, x1 - x0),
                        stream,
                        packets,
                        self._verify,
                        said["achieved"][tile][slab],
                    )
            except (CorruptFragmentError, ValueError, TypeError, OverflowError) as error:
                raise UnsupportedError(
                    f"{self._name}: track {tile} is not the tile that the file says it is "
                    f"({error}); copy=False takes it as a video"
                ) from None
            fragments.append((data, (y0, y1, x0, x1), self.codec.id, said["errors"][tile][slab]))
            times = times or gop.times
        return Slab(fragments, times)
