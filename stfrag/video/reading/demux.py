"""The packets of a video file, read once from front to back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from ..libav import InputContainer, LibavPacket, Stream, import_av

__all__ = ["Demuxer"]


class Demuxer:
    """Gives the packets of the video, in the order of the file; those of other streams are handed on as they come.

    Parameters
    ----------
    container : av.container.InputContainer
        Where they come from.
    streams : sequence of av.VideoStream
        The tracks of the video.
    others : sequence of av.stream.Stream
        The other streams that are wanted.
    take : callable, optional
        Called with every packet of those.

    Attributes
    ----------
    cut : str
        Why reading ended before the end of the file; else empty.
    """

    def __init__(
        self,
        container: InputContainer,
        streams: Sequence[Stream],
        others: Sequence[Stream] = (),
        take: Callable[[LibavPacket], None] | None = None,
    ) -> None:
        self.container, self.streams = container, tuple(streams)
        self.others, self.take = tuple(others), take
        self.cut = ""

    def __iter__(self) -> Iterator[LibavPacket]:
        """Give packets of the video. One without data may end them, which flushes a decoder."""
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
        """Read on, for the sake of the other streams, until the video is a second after `end`."""
        if not self.others:
            return
        for packet in self:
            time = packet.pts if packet.dts is None else packet.dts
            if time is not None and time * self.streams[0].time_base >= end + 1:
                return
