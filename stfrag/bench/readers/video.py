"""What readers of video files share: how many frames must be decoded for those that are read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from ...tiling import Box
from .base import AccessReader

__all__ = ["Order", "Packet", "VideoReader", "frame_samples"]


def frame_samples(rows: int, columns: int) -> int:
    """How many samples a picture in 4:2:0 has, of all components."""
    return rows * columns + 2 * (-(-rows // 2)) * (-(-columns // 2))


class Packet(NamedTuple):
    """When a packet is shown and decoded, and whether decoding can begin with it."""

    pts: int
    dts: int
    key: bool


class Order:
    """The order in which the frames of a file are decoded, and where decoding can begin.

    Parameters
    ----------
    packets : sequence of Packet
        In the order of the file.
    samples : int
        Of a frame, all components.
    """

    def __init__(self, packets: Sequence[Packet], samples: int) -> None:
        self.samples = samples
        self._count = len(packets)
        shown = sorted(pts for pts, _, _ in packets)
        starts = sorted((bisect_left(shown, pts), place) for place, (pts, _, key) in enumerate(packets) if key)
        #: Numbers of the key frames, and their places.
        self.keys = [number for number, _ in starts]
        self._starts = [place for _, place in starts]
        #: A decoder decodes so many frames more than it gives, to give them in order: those that come before the
        #: first is shown.
        self._delay = sum(dts < shown[0] for _, dts, _ in packets)

    @classmethod
    def of(cls, path: str) -> Order:
        """The order of a file."""
        import av

        with av.open(path) as container:
            stream = container.streams.video[0]
            packets = [
                Packet(p.pts, p.dts, p.is_keyframe)
                for p in container.demux(stream)
                if p.pts is not None and p.dts is not None
            ]
            return cls(packets, frame_samples(stream.height, stream.width))

    def key(self, number: int) -> int:
        """Which of the key frames a frame is decoded from."""
        return max(0, bisect_right(self.keys, number) - 1)

    def frames(self, first: int, last: int, previous: int | None = None) -> int:
        """How many frames are decoded for those from `first` to `last`.

        Parameters
        ----------
        first, last : int
        previous : int, optional
            The last frame that the decoder gave, if it goes on from there.
        """
        if previous is None:
            return self._end(last) - self._starts[self.key(first)] + 1
        return self._end(last) - self._end(previous)

    def _end(self, number: int) -> int:
        """The place of the last frame that is decoded when a frame is given."""
        return min(number + self._delay, self._count - 1)


class VideoReader(AccessReader):
    """A reader that seeks to a key frame, unless it only needs to go on, and decodes whole frames.

    What it decodes is computed: from the key frame before the first wanted frame, or from where the reading before it
    ended, to the last wanted one, and as many more as a decoder of libav's decodes before it gives that.
    """

    #: It seeks to the key frame that lies so many frames, or more, before the first wanted one.
    lead: ClassVar[int] = 0
    #: It decodes on if the first wanted frame is at most so many frames away; None: if it is in the same group.
    forward: ClassVar[int | None] = None

    def opened(self, path: str) -> None:
        """Begin to follow what is decoded; `open` must call this."""
        self._path = path
        self._order: Order | None = None
        self._last: int | None = None

    def decoded(self, box: Box) -> int:
        if self._order is None:
            self._order = Order.of(self._path)
        previous, self._last = self._last, box.t1 - 1
        if previous is not None and previous < box.t0 and self._goes_on(self._order, previous, box.t0):
            return self._order.frames(box.t0, box.t1 - 1, previous) * self._order.samples
        first = max(0, box.t0 - self.lead)
        return self._order.frames(first, box.t1 - 1) * self._order.samples

    def _goes_on(self, order: Order, previous: int, first: int) -> bool:
        if self.forward is None:
            return order.key(previous) == order.key(first) or first == previous + 1
        return first - previous - 1 <= self.forward
