"""What a file holds, read once from front to back: the packets, and the pictures of its video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from ..opening import import_av

__all__ = ["Decoder", "Demuxer"]


class Demuxer:
    """The packets of the video, in the order of the file; those of other streams are handed on as they come.

    Parameters
    ----------
    container : av.container.InputContainer
        Where they come from.
    stream : av.VideoStream, or a sequence of them
        The video; its tracks, where it has several.
    others : sequence of av.stream.Stream
        The other streams that are wanted.
    take : callable, optional
        Called with every packet of those.

    Attributes
    ----------
    cut : str
        Why reading ended before the end of the file; else empty.
    """

    def __init__(self, container, stream, others=(), take: Callable | None = None) -> None:
        self.streams = tuple(stream) if isinstance(stream, (tuple, list)) else (stream,)
        self.container, self.stream = container, self.streams[0]
        self.others, self.take = tuple(others), take
        self.cut = ""

    def __iter__(self) -> Iterator:
        """Packets of the video. One without data may end them, which flushes a decoder."""
        av = import_av()
        video = {stream.index for stream in self.streams}
        packets = self.container.demux((*self.streams, *self.others))
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError) as error:
                self.cut = getattr(error, "strerror", None) or str(error)
                return
            if packet.stream.index in video:
                yield packet
            elif packet.size and self.take is not None:
                self.take(packet)

    def go_on(self, end: Fraction) -> None:
        """For the sake of the other streams: read on until the video is a second after `end`."""
        if not self.others:
            return
        for packet in self:
            time = packet.pts if packet.dts is None else packet.dts
            if time is not None and time * self.stream.time_base >= end + 1:
                return


class Decoder:
    """The pictures of a video, in order; goes on after packets that are broken.

    Parameters
    ----------
    packets : Demuxer
        The packets of the video.

    Attributes
    ----------
    broken : int
        Packets that did not decode.
    """

    def __init__(self, packets: Demuxer) -> None:
        self.packets, self.stream = packets, packets.stream
        self.broken = 0

    def __iter__(self) -> Iterator:
        flushed = False
        for packet in self.packets:
            flushed = packet.size == 0
            yield from self._decode(packet)
        if not flushed:
            yield from self._decode(None)

    def _decode(self, packet) -> list:
        av = import_av()
        try:
            return self.stream.decode(packet)
        except av.EOFError:
            return []
        except (av.FFmpegError, ValueError):
            self.broken += 1
            return []
