"""A source of coded video, for ``copy=True``: it becomes fragments, a few GOPs each, and is not encoded anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

from ...codec import decoders
from ...codec.catalogue import require
from ...codec.coding import Coding
from ...errors import CorruptFragmentError, UnsupportedError
from ...model.codecs import Rate
from ...model.grids import Grid
from ...model.options import parse_options
from ...model.pixel_formats import pixel_format
from ...native import codec as _codec
from ...native.types import CodedFragment, StreamFormat
from ...store.description import video_format
from ...store.plans import Directly
from ...store.sinks import open_sink
from ...store.spec import StoreSpec, video_spec
from ...store.writer import Writer
from ..libav import LibavPacket, import_av
from ..metadata import describe
from .demux import Demuxer
from .gops import Gop, GopReader, codec_of
from .request import Request
from .source import CodedSlab, InputVideo, Source

__all__ = ["CodedVideo"]


class CodedVideo(Source):
    """The coded video of a file.

    Parameters
    ----------
    video : InputVideo
    request : Request
        With ``verify``, every fragment is decoded by itself, which proves that it can be, and tells the CRC of its
        samples.
    """

    def __init__(self, video: InputVideo, request: Request) -> None:
        self._video, self._request = video, request
        self._codec = codec_of(video.stream, video.name)
        require(self._codec, "r")
        self.streams = (video.stream,)
        self._reader = GopReader(video.stream, self._codec, video.name)
        self._first: Any = None  # a decoded picture, for what it says of all

    @property
    def broken(self) -> int:
        """Packets before the first picture at which decoding can begin."""
        return self._reader.left_out

    def slabs(self, packets: Demuxer) -> Iterator[CodedSlab]:
        """Give one slab after the other, each a fragment of whole pictures."""
        done = 0
        for gop in self._reader.gops(self._peek(packets)):
            if self._first is None:
                break
            frames = len(gop.times)
            if not done:
                self._set_first(frames)
            yield CodedSlab(gop.times, [self._fragment(gop, done)], self._video.name)
            done += frames
        if not done:
            raise UnsupportedError(f"{self._video.name}: no frame of it can be decoded")

    def _peek(self, packets: Iterable[LibavPacket]) -> Iterator[LibavPacket]:
        """Hand packets on, decoding them until there is a picture."""
        for packet in packets:
            if self._first is None and packet.size:
                self._look(packet)
            yield packet
        if self._first is None:
            self._look(None)

    def _look(self, packet: LibavPacket | None) -> None:
        """Decode a packet, or with None what the decoder holds back, and keep the first picture."""
        with suppress(import_av().FFmpegError, ValueError):
            self._first = next(iter(self._video.stream.decode(packet)), None)

    def _set_first(self, frames: int) -> None:
        """Learn from the first picture what all of them are, and from the first slab how long one is."""
        self._pixels = pixel_format(self._first.format.name)
        self._format, _ = video_format(self._pixels.planar, None, {})
        self.size, self.pixel_format = (self._first.height, self._first.width), self._pixels.planar
        self._grid = Grid((frames, *self.size), (0, 0, 0))
        self._stream = StreamFormat(
            codec=self._codec.id,
            components=self._pixels.components,
            bits=self._pixels.bits,
            sub_x=self._pixels.sub_x,
            sub_y=self._pixels.sub_y,
            shift=0,
            start_codes=int(self._codec.name in ("h264", "hevc")),
            y=self.size[0],
            x=self.size[1],
            extradata=self._reader.extradata,
        )

    def _fragment(self, gop: Gop, first: int) -> CodedFragment:
        """Make a fragment of a stretch of video whose first frame is frame `first` of the whole."""
        frames, (y, x) = len(gop.times), self.size
        try:
            with decoders.fresh():
                data = _codec.wrap(self._format, (frames, y, x), self._stream, gop.packets, self._request.verify)
        except CorruptFragmentError as error:
            raise UnsupportedError(
                f"{self._video.name}: frames {first}:{first + frames} do not decode alone ({error}): "
                "leave copy=True out to encode anew"
            ) from None
        return CodedFragment(data, (0, y, 0, x), self._codec.id, ())

    def create(self, time_base: Fraction, streams: dict[str, Any], expected: int | None) -> Writer:
        """Begin a store that says what the file does."""
        found = describe(self._video.container, self._video.stream, self._first, self._pixels) | streams
        checked = parse_options(self._request.options, "from_video")
        fps = found.pop("fps")
        like = StoreSpec(
            size=self.size,
            fps=Fraction(*fps) if fps else None,
            time_base=time_base,
            grid=self._grid,
            coding=Coding(self._codec, Rate("copy", 0)),
        )
        spec = video_spec(self.pixel_format, None, found, like)
        return Writer(Directly(open_sink(self._request.dst, checked.overwrite)), checked, spec)
