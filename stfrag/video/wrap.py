"""`from_video(copy=True)`: the coded video itself becomes fragments, a few GOPs each, and is not encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .. import _codec
from ..codec import StreamFormat
from ..codec.catalogue import require
from ..codec.coding import Coding
from ..errors import CorruptFragmentError, UnsupportedError
from ..options import Grid, parse_options
from ..pixel_formats import PixelFormat, pixel_format
from .gops import Gop, GopReader, codec_of

__all__ = ["Wrapper", "refuse_options"]

#: Options of `from_video` that say how to encode, and those that would cut a GOP.
_ENCODING = ("fragment", "layout", "codec", "max_error", "quality", "qp", "target", "effort", "bits", "codec_options")


def refuse_options(options: dict[str, Any], **parts: Any) -> None:
    """Raise ValueError for options that make no sense where nothing is encoded."""
    for name, value in {**options, **parts}.items():
        if value is not None and (name in _ENCODING or name in parts):
            raise ValueError(f"copy=True takes the coded video as it is, and all of it: {name}= makes no sense with it")


class Wrapper:
    """Makes a store out of the packets of a video.

    Parameters
    ----------
    container, stream
        The file and its video.
    packets : iterable of av.Packet
        Of the video.
    name : str
        Of the file, for messages.
    verify : bool
        Whether to decode every fragment by itself, which proves that it can be, and tells the CRC of its samples.

    Attributes
    ----------
    first : av.VideoFrame
        The first picture, for what it says of all.
    """

    def __init__(self, container: Any, stream: Any, packets: Any, name: str, verify: bool) -> None:
        self.codec = codec_of(stream, name)
        require(self.codec, "r")
        self._name, self._verify = name, verify
        self._stream = stream
        self.first: Any = None
        self._reader = GopReader(self._peek(packets), stream, self.codec, name)
        self._gops = iter(self._reader)
        self._next: Gop | None = next(self._gops, None)
        if self._next is None or self.first is None:
            raise UnsupportedError(f"{name}: no frame of it can be decoded")
        self._pixels = pixel_format(self.first.format.name)

    @property
    def left_out(self) -> int:
        """Packets before the first picture at which decoding can begin."""
        return self._reader.left_out

    def _peek(self, packets: Any) -> Iterator[Any]:
        """Decode packets until there is a picture, and hand all of them on."""
        import av

        for packet in packets:
            if self.first is None and packet.size:
                try:
                    frames = self._stream.decode(packet)
                except (av.FFmpegError, ValueError):
                    frames = []
                self.first = next(iter(frames), None)
            yield packet
        if self.first is None:
            self.first = next(iter(self._stream.decode(None)), None)

    def create(self, dst: Any, fmt: PixelFormat, time_base: Fraction, found: dict[str, Any],
               options: dict[str, Any]) -> Any:
        """The writer, and what the store says of itself."""
        from ..targets import open_target
        from ..writer import Writer, video_format

        checked = parse_options(options, "from_video")
        fps = found.pop("fps")
        tags = found.pop("tags", None)
        self._format, described = video_format(fmt.planar, None, found)
        self._size = self.first.height, self.first.width
        assert self._next is not None
        grid = Grid((len(self._next.times), *self._size), (0, 0, 0))
        return Writer(open_target(dst, checked.overwrite), checked, fmt=self._format, size=self._size,
                        fps=Fraction(*fps) if fps else None, time_base=time_base, described=described, tags=tags,
                        grid=grid, coding=Coding(self.codec, ("copy", 0)))

    def fragments(self) -> Iterator[tuple[bytes, list[tuple[int | None, int | None, int]]]]:
        """(coded form, times of its frames) of one slab after the other."""
        y, x = self._size
        pixels = self._pixels
        stream = StreamFormat(self.codec.id, pixels.components, pixels.bits, pixels.sub_x, pixels.sub_y, 0,
                              int(self.codec.name in ("h264", "hevc")), y, x, self._reader.extradata)
        done = 0
        while self._next is not None:
            gop, frames = self._next, len(self._next.times)
            try:
                yield (_codec.wrap(self._format, (frames, y, x), tuple(stream), gop.packets, self._verify), gop.times)
            except CorruptFragmentError as error:
                raise UnsupportedError(f"{self._name}: frames {done}:{done + frames} do not decode alone ({error}): "
                                       "leave copy=True out to encode anew") from None
            done += frames
            self._next = next(self._gops, None)
