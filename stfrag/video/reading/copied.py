"""`from_video(copy=True)`: the coded video itself becomes fragments, a few GOPs each, and is not encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from ...codec import StreamFormat, decoders
from ...codec.catalogue import require
from ...codec.coding import Coding
from ...errors import CorruptFragmentError, UnsupportedError
from ...model.grids import Grid
from ...model.options import parse_options
from ...model.pixel_formats import pixel_format
from ...native import codec as _codec
from ..metadata import describe
from .demux import Demuxer
from .gops import Gop, GopReader, codec_of
from .report import VideoReport, expected_frames, last_duration, missing_seconds, tell, true_time_base
from .times import FrameTimes

__all__ = ["CodedVideo", "Slab", "refuse_options", "wrap_video"]

#: Options of `from_video` that say how to encode, and those that would cut a GOP.
_ENCODING = (
    "fragment",
    "layout",
    "codec",
    "max_error",
    "quality",
    "qp",
    "target",
    "weights",
    "effort",
    "bits",
    "codec_options",
)


class Slab(NamedTuple):
    """Coded fragments of one stretch of time.

    Attributes
    ----------
    fragments : list of tuple
        (coded form, (y0, y1, x0, x1), codec id, sum of squared errors a component) each.
    times : list of tuple
        (pts, dts, duration) of each frame, as the file says.
    """

    fragments: list[tuple[bytes, tuple[int, int, int, int], int, list[int]]]
    times: list[tuple[int | None, int | None, int]]


def refuse_options(options: dict[str, Any], **parts: Any) -> None:
    """Raise ValueError for options that make no sense where nothing is encoded."""
    for name, value in {**options, **parts}.items():
        if value is not None and (name in _ENCODING or name in parts):
            raise ValueError(
                f"copy=True takes the coded video as it is, and all of it: {name}= makes no sense with it"
            )


class CodedVideo:
    """The coded video of a file, a slab after the other.

    Parameters
    ----------
    container, stream
        The file and its video.
    name : str
        Of the file, for messages.
    verify : bool
        Whether to decode every fragment by itself, which proves that it can be, and tells the CRC of its samples.
    """

    def __init__(self, container: Any, stream: Any, name: str, verify: bool) -> None:
        self.codec = codec_of(stream, name)
        require(self.codec, "r")
        self.container, self.stream, self.streams = container, stream, (stream,)
        self._name, self._verify = name, verify
        self._reader = GopReader(stream, self.codec, name)
        self._first: Any = None

    @property
    def left_out(self) -> int:
        """Packets before the first picture at which decoding can begin."""
        return self._reader.left_out

    def _peek(self, packets: Any) -> Iterator[Any]:
        """Decode packets until there is a picture, for what it says of all, and hand every one on."""
        import av

        def look(packet: Any) -> None:
            with suppress(av.FFmpegError, ValueError):
                self._first = next(iter(self.stream.decode(packet)), None)

        for packet in packets:
            if self._first is None and packet.size:
                look(packet)
            yield packet
        if self._first is None:
            look(None)

    def begin(self, packets: Any) -> int | None:
        """Read as far as the first slab; the time of its first frame."""
        self._gops = self._reader.gops(self._peek(packets))
        self._next: Gop | None = next(self._gops, None)
        if self._next is None or self._first is None:
            raise UnsupportedError(f"{self._name}: no frame of it can be decoded")
        return self._next.times[0][0]

    def create(self, dst: Any, time_base: Fraction, sides: dict[str, Any], options: dict[str, Any]) -> Any:
        """The writer of a store that says what the file does."""
        from ...store.plans import Directly
        from ...store.sinks import open_sink
        from ...store.spec import StoreSpec, video_spec
        from ...store.writer import Writer

        assert self._next is not None
        first = self._first
        self._pixels = pixel_format(first.format.name)
        found = describe(self.container, self.stream, first, self._pixels) | sides
        checked = parse_options(options, "from_video")
        fps = found.pop("fps")
        size = self._size = first.height, first.width
        like = StoreSpec(
            size=size,
            fps=Fraction(*fps) if fps else None,
            time_base=time_base,
            grid=Grid((len(self._next.times), *size), (0, 0, 0)),
            coding=Coding(self.codec, ("copy", 0)),
        )
        spec = video_spec(self._pixels.planar, None, found, like)
        self._format = spec.fmt
        return Writer(Directly(open_sink(dst, checked.overwrite)), checked, spec)

    def slabs(self) -> Iterator[Slab]:
        """One slab after the other."""
        y, x = self._size
        pixels = self._pixels
        stream = StreamFormat(
            self.codec.id,
            pixels.components,
            pixels.bits,
            pixels.sub_x,
            pixels.sub_y,
            0,
            int(self.codec.name in ("h264", "hevc")),
            y,
            x,
            self._reader.extradata,
        )
        done = 0
        while self._next is not None:
            gop, frames = self._next, len(self._next.times)
            try:
                with decoders.fresh():
                    data = _codec.wrap(self._format, (frames, y, x), tuple(stream), gop.packets, self._verify)
            except CorruptFragmentError as error:
                raise UnsupportedError(
                    f"{self._name}: frames {done}:{done + frames} do not decode alone ({error}): "
                    "leave copy=True out to encode anew"
                ) from None
            yield Slab([(data, (0, y, 0, x), self.codec.id, [])], gop.times)
            done += frames
            self._next = next(self._gops, None)


def wrap_video(source: Any, sides: Any, name: str, dst: Any, progress: Any, options: dict[str, Any]) -> VideoReport:
    """Make a store of coded video: `source` is a CodedVideo or a TileFile."""
    container, stream = source.container, source.stream
    packets = Demuxer(container, source.streams, *((sides.wanted, sides.take) if sides else ()))
    first = source.begin(packets)
    rate = stream.average_rate or stream.guessed_rate
    times = FrameTimes(stream.time_base, rate, true_time_base(container, first, stream.time_base))
    total = expected_frames(container, stream, None, None, None)
    writer = source.create(dst, times.time_base, sides.metadata() if sides else {}, options)
    waiting: tuple[Slab, list[int]] | None = None  # until the time of the frame after it is known
    count = 0

    def put(end: int) -> None:
        assert waiting is not None
        slab, pts = waiting
        try:
            writer.append_coded(len(pts), slab.fragments, pts, [b - a for a, b in pairwise([*pts, end])])
        except ValueError as error:  # tiles that overlap, and the like
            raise UnsupportedError(
                f"{name}: its packets make no fragments of a store ({error}): copy=False encodes anew"
            ) from None

    try:
        if sides:
            sides.begin(writer.put_packets)
        for slab in source.slabs():
            pts = [times.next(*frame[:2]) for frame in slab.times]
            if waiting:
                put(pts[0])
            waiting = slab, pts
            if sides:
                sides.offset = times.offset * times.time_base
                sides.release(pts[-1] * times.time_base)
            count += len(pts)
            if progress is not None:
                progress(count, total)
        end = pts[-1] + last_duration(container, stream, times, pts[-1], slab.times[-1][2])
        put(end)
        if sides:
            sides.release(end * times.time_base, last=True)
            sides.finish()
            writer.described.update(sides.metadata(final=True))
        about = writer.described.get("pixel_format") or ""
    except BaseException:
        writer.abort()
        raise
    writer.close()
    tell(
        name,
        source.left_out,
        packets.cut,
        0,
        times,
        missing_seconds(container, stream, end * times.time_base),
        sides.problems if sides else (),
    )
    stats = writer.stats
    return VideoReport(
        frames=count, height=writer.size[0], width=writer.size[1], pixel_format=about,
        raw_bytes=stats["raw_bytes"], bytes=stats["file_bytes"], broken_packets=source.left_out,
        missing_times=times.missing, moved_times=times.moved,
    )  # fmt: skip
