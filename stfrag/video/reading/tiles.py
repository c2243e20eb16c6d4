"""A source of tiles: the tracks of a file that ``to_video(tiles=True)`` wrote become the tiles that they were."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...codec import decoders
from ...codec.catalogue import require
from ...codec.coding import Coding
from ...errors import CorruptFragmentError, UnsupportedError
from ...model.codecs import Rate
from ...model.grids import Grid
from ...model.options import parse_options
from ...native import codec as _codec
from ...native.types import CodedFragment
from ...store.plans import Directly
from ...store.sinks import open_sink
from ...store.spec import StoreSpec
from ...store.writer import Writer
from ..libav import InputContainer
from ..matroska import TAG
from ..opening import videos_of
from ..tile_tag import TileTag, tile_tag
from .demux import Demuxer
from .gops import Coded, Gop, GopReader, codec_of
from .request import Request
from .source import CodedSlab, InputVideo, Source

__all__ = ["TileFile", "find_tiles"]


def find_tiles(container: InputContainer) -> TileTag | None:
    """Read what a file says of its tiles; None if it is no such file, or has other tracks now."""
    tag = tile_tag(container.metadata.get(TAG))
    return tag if tag is not None and len(videos_of(container)) == len(tag.boxes) else None


class TileFile(Source):
    """The tiles of a file, of which each is a track.

    Parameters
    ----------
    video : InputVideo
        The file, and its first track.
    tag : TileTag
        What `find_tiles` found.
    request : Request
        With ``verify``, every fragment is decoded before it is written.

    Attributes
    ----------
    streams : tuple of av.VideoStream
        The tiles, in their order.
    """

    broken = 0

    def __init__(self, video: InputVideo, tag: TileTag, request: Request) -> None:
        self._video, self._tag, self._request = video, tag, request
        self.streams = tuple(videos_of(video.container))
        self.size = tag.size
        self.pixel_format = tag.document.get("stfrag", {}).get("pixel_format") or ""
        self._codec = codec_of(video.stream, video.name)
        require(self._codec, "r")
        self._readers = [GopReader(s, codec_of(s, video.name), video.name) for s in self.streams]

    def slabs(self, packets: Demuxer) -> Iterator[CodedSlab]:
        """Give one slab after the other, as soon as there are all packets of all of its tiles."""
        name = self._video.name
        if not self._tag.frames:
            raise UnsupportedError(f"{name}: there are no frames in it")
        tracks = {stream.index: tile for tile, stream in enumerate(self.streams)}
        waiting: list[deque[Coded]] = [deque() for _ in self.streams]
        lengths = deque(self._tag.frames)
        slab = 0
        for packet in packets:
            tile = tracks[packet.stream.index]
            waiting[tile].extend(self._readers[tile].stored(packet))
            while lengths and all(len(queue) >= lengths[0] for queue in waiting):
                frames = lengths.popleft()
                gops = [
                    reader.gop([queue.popleft() for _ in range(frames)])
                    for reader, queue in zip(self._readers, waiting, strict=True)
                ]
                fragments = [self._fragment(tile, slab, gop) for tile, gop in enumerate(gops)]
                times = next((gop.times for gop in gops if gop.times), [])
                yield CodedSlab(times, fragments, name)
                slab += 1
        if lengths:
            raise UnsupportedError(
                f"{name}: its tracks end before frame {sum(self._tag.frames)}: some of "
                "the file is missing; copy=False takes a single track of it"
            )

    def _fragment(self, tile: int, slab: int, gop: Gop) -> CodedFragment:
        """Make the fragment again that a tile was in a slab."""
        tag = self._tag
        y0, y1, x0, x1 = box = tag.boxes[tile]
        try:
            flags = map(int, tag.flags[tile][slab])  # those of AV1 are not in its packets
            with decoders.fresh():
                data = _codec.wrap(
                    tag.format,
                    (tag.frames[slab], y1 - y0, x1 - x0),
                    tag.stream(tile),
                    [packet._replace(flags=flag) for packet, flag in zip(gop.packets, flags, strict=True)],
                    self._request.verify,
                    tag.achieved[tile][slab],
                )
        except (CorruptFragmentError, ValueError, TypeError, OverflowError) as error:
            raise UnsupportedError(
                f"{self._video.name}: track {tile} is not the tile that the file says it is "
                f"({error}); copy=False takes it as a video"
            ) from None
        return CodedFragment(data, box, self._codec.id, tuple(tag.errors[tile][slab]))

    def create(self, time_base: Fraction, streams: dict[str, Any], expected: int | None) -> Writer:
        """Begin a store that says what the one before said."""
        tag = self._tag
        checked = parse_options(self._request.options, "from_video")
        spec = StoreSpec(
            fmt=tag.format,
            size=self.size,
            time_base=time_base,
            grid=Grid(tag.fragment, tag.cuts),
            coding=Coding(self._codec, Rate("copy", 0)),
        )
        writer = Writer(Directly(open_sink(self._request.dst, checked.overwrite)), checked, spec)
        document = {"stfrag": {}, "attributes": {}, "tags": {}, **tag.document}
        kept = {name: value for name, value in document["stfrag"].items() if name not in ("streams", "chapters")}
        writer.set_document({**document, "stfrag": {**kept, **streams}})
        return writer
