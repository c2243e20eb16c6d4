"""A source of decoded pictures: anything that libav decodes, to be encoded anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...codec.coding import resolve
from ...codec.frames import frame_planes
from ...errors import UnsupportedError
from ...model.options import DEFAULT_QUALITY, Options, lossy_default, parse_options
from ...model.pixel_formats import PixelFormat, pixel_format
from ...store.description import video_format
from ...store.plans import Directly, Plan
from ...store.sinks import open_sink
from ...store.spec import StoreSpec, video_spec
from ...store.writer import Writer
from ..libav import LibavPacket, VideoFrame, import_av
from ..metadata import describe
from ..warning import warn
from .demux import Demuxer
from .request import Request
from .source import FrameTime, InputVideo, Source

__all__ = ["DecodedVideo", "Decoder", "seek"]


class Decoder:
    """Decodes the pictures of a video, in order; goes on after packets that are broken.

    Parameters
    ----------
    packets : Demuxer
        The packets of the video, of which there is one track.

    Attributes
    ----------
    broken : int
        Packets that did not decode.
    """

    def __init__(self, packets: Demuxer) -> None:
        self.packets, self.stream = packets, packets.streams[0]
        self.broken = 0

    def __iter__(self) -> Iterator[VideoFrame]:
        """Give one picture after the other."""
        flushed = False
        for packet in self.packets:
            flushed = packet.size == 0
            yield from self._decode(packet)
        if not flushed:
            yield from self._decode(None)

    def _decode(self, packet: LibavPacket | None) -> Sequence[VideoFrame]:
        """Decode a packet, or with None what the decoder holds back."""
        av = import_av()
        try:
            frames: Sequence[VideoFrame] = self.stream.decode(packet)
            return frames
        except av.EOFError:
            return []
        except (av.FFmpegError, ValueError):
            self.broken += 1
            return []


@dataclass(frozen=True, slots=True)
class _Picture:
    """A decoded picture: a slab of one frame."""

    frame: VideoFrame

    @property
    def times(self) -> Sequence[FrameTime]:
        """The time of the picture, as the decoder says."""
        return (FrameTime(self.frame.pts, self.frame.dts, getattr(self.frame, "duration", 0)),)

    def put(self, writer: Writer, pts: list[int], durations: list[int]) -> None:
        """Append the picture to a store, which encodes it."""
        writer.append(tuple(plane[None] for plane in frame_planes(self.frame)), pts=pts, durations=durations)


class DecodedVideo(Source):
    """The decoded pictures of a video.

    Parameters
    ----------
    video : InputVideo
    request : Request
        What of it is wanted, and how it is encoded.
    plan : Plan, optional
        Of a target or weights: where the store goes then.
    """

    def __init__(self, video: InputVideo, request: Request, plan: Plan | None) -> None:
        self._video, self._request, self._plan = video, request, plan
        self.streams = (video.stream,)
        self._decoder: Decoder | None = None

    @property
    def broken(self) -> int:
        """Packets of the video that did not decode."""
        return self._decoder.broken if self._decoder else 0

    @property
    def ends_as_announced(self) -> bool:
        """Whether the last frame should end where the file says: not if some are not wanted or did not decode."""
        return self._request.part.to_the_end and not self.broken

    def slabs(self, packets: Demuxer) -> Iterator[_Picture]:
        """Give one picture after the other.

        Raises
        ------
        ValueError
            If there is no frame in the part that is wanted.
        UnsupportedError
            If no frame can be decoded, or one has another size or format than those before it.
        """
        start, end, limit = self._request.part
        time_base: Fraction = self._video.stream.time_base
        self._decoder = Decoder(packets)
        count, outside = 0, False
        for frame in self._decoder:
            if frame.pts is not None and (start is not None or end is not None):
                seconds = float(frame.pts * time_base)  # so that a time that was read from a store finds its frame
                outside = True
                if start is not None and seconds < start:
                    continue
                if end is not None and seconds >= end:
                    break
            if not count:
                self._set_first(frame)
            self._check(frame, count)
            self.damaged += frame.is_corrupt
            count += 1
            yield _Picture(frame)
            if count == limit:
                break
        if not count:
            raise self._nothing(outside)

    def _set_first(self, frame: VideoFrame) -> None:
        """Learn from the first picture what all of them are."""
        self._first, self._pixels = frame, pixel_format(frame.format.name)
        self.size, self.pixel_format = (frame.height, frame.width), self._pixels.planar

    def _check(self, frame: VideoFrame, number: int) -> None:
        """Raise UnsupportedError unless a frame is of the size and format of the first one."""
        first = self._first
        same_size = frame.width == first.width and frame.height == first.height
        if same_size and pixel_format(frame.format.name).planar == self.pixel_format:
            return
        raise UnsupportedError(
            f"{self._video.name}: frame {number} is {frame.width}x{frame.height} {frame.format.name}, those before "
            f"it are {first.width}x{first.height} {first.format.name}; a store holds pictures of one size and format"
        )

    def _nothing(self, outside: bool) -> Exception:
        """Say why there is no picture; `outside`: there are some outside of the part that is wanted."""
        name, part = self._video.name, self._request.part
        if outside:
            wanted = (("from", part.start), ("before", part.end))
            where = " and ".join(f"{what} {time:g} s" for what, time in wanted if time is not None)
            return ValueError(f"{name}: there is no frame {where}")
        broken = f" ({self.broken} broken packets)" if self.broken else ""
        return UnsupportedError(f"{name}: no frame of it can be decoded{broken}")

    def create(self, time_base: Fraction, streams: dict[str, Any], expected: int | None) -> Writer:
        """Begin a store of pictures, as a plan wants it if there is one."""
        options = _with_quality(self._request.options, self._pixels)
        found = describe(self._video.container, self._video.stream, self._first, self._pixels) | streams
        fps = found.pop("fps")
        like = StoreSpec(size=self.size, fps=Fraction(*fps) if fps else None, time_base=time_base)
        spec = video_spec(self.pixel_format, options.bits, found, like)
        plan = self._plan or Directly(open_sink(self._request.dst, options.overwrite))
        plan.expected = expected
        return Writer(plan, options, spec)


def _with_quality(given: Mapping[str, Any], pixels: PixelFormat) -> Options:
    """Check options; where they say nothing of loss, choose the default quality if the samples can be coded so."""
    if lossy_default(given):
        chosen = parse_options({**given, "quality": DEFAULT_QUALITY}, "from_video")
        fmt, _ = video_format(pixels.planar, given.get("bits"), {})
        try:
            resolve(chosen, fmt, rgb=pixels.is_rgb)
        except UnsupportedError as error:
            if given.get("codec") not in (None, "auto"):
                raise
            warn(f"{error}: it is stored losslessly")
        else:
            return chosen
    return parse_options(given, "from_video")


def seek(video: InputVideo, start: float) -> bool:
    """Go to a key frame at or before `start`. False if that lost the way, and the file must be opened anew.

    Containers without an index (MPEG-TS) end up anywhere, so what decodes there is looked at.
    """
    av = import_av()
    container, stream = video.container, video.stream
    ticks = int(start / stream.time_base)
    try:
        container.seek(ticks, stream=stream, backward=True)
    except (av.FFmpegError, OSError, OverflowError):
        return True  # cannot be done, as on a pipe: read on from the beginning
    first = next(iter(Decoder(Demuxer(container, (stream,)))), None)
    if first is None or first.pts is None or first.pts > ticks:
        return False
    container.seek(ticks, stream=stream, backward=True)
    return True
