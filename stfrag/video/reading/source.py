"""Sources of pictures, from which `from_video` reads; one loop (`pipeline`) writes them into a store.

There are three: `decoded` gives pictures one by one, `copied` gives the coded video a group of pictures at a time,
and `tiles` gives the coded video of all tracks of a file of tiles.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from ...errors import UnsupportedError
from ...native.types import CodedFragment
from ...store.writer import Writer
from ..libav import InputContainer, Stream
from .demux import Demuxer

__all__ = ["CodedSlab", "FrameTime", "InputVideo", "Part", "Slab", "Source"]


class InputVideo(NamedTuple):
    """An open video file.

    Attributes
    ----------
    container : av.container.InputContainer
    stream : av.VideoStream
        The video in it that is wanted; where its pictures are in several tracks, the first of them.
    name : str
        What messages call the file.
    """

    container: InputContainer
    stream: Stream
    name: str

    @property
    def rate(self) -> Fraction | None:
        """Frames a second, as far as the file says."""
        rate: Fraction | None = self.stream.average_rate or self.stream.guessed_rate
        return rate


class Part(NamedTuple):
    """The part of a video that is wanted.

    Attributes
    ----------
    start, end : float or None
        Only frames with ``start <= time < end``, in seconds.
    frames : int or None
        At most so many.
    """

    start: float | None = None
    end: float | None = None
    frames: int | None = None

    @property
    def to_the_end(self) -> bool:
        """Whether the last frame of the video is wanted."""
        return self.end is None and self.frames is None


class FrameTime(NamedTuple):
    """When a frame is shown and decoded, and for how long, in ticks, as its file says."""

    pts: int | None
    dts: int | None
    duration: int


class Slab(Protocol):
    """Frames of a source that go into a store together."""

    @property
    def times(self) -> Sequence[FrameTime]:
        """The time of each frame, in the order in which they are shown."""

    def put(self, writer: Writer, pts: list[int], durations: list[int]) -> None:
        """Append the frames to a store, with the times that they have there."""


@dataclass(frozen=True, slots=True)
class CodedSlab:
    """Frames that are coded already, as the fragments of a slab."""

    times: Sequence[FrameTime]
    fragments: Sequence[CodedFragment]
    name: str  # of the file, for messages

    def put(self, writer: Writer, pts: list[int], durations: list[int]) -> None:
        """Append the frames to a store, with the times that they have there.

        Raises
        ------
        UnsupportedError
            If the fragments do not fit together, such as tiles that overlap.
        """
        try:
            writer.append_coded(len(self.times), self.fragments, pts, durations)
        except ValueError as error:
            raise UnsupportedError(
                f"{self.name}: its packets make no fragments of a store ({error}): copy=False encodes anew"
            ) from None


class Source(ABC):
    """The pictures of a video on their way into a store.

    What it says of itself is known once the first slab was read; what it counts, after the last one.

    Attributes
    ----------
    streams : tuple of av.VideoStream
        The tracks that the pictures are in.
    size : tuple of int
        Rows and columns of the pictures.
    pixel_format : str
        Of the store.
    damaged : int
        Frames that a decoder flagged as damaged.
    """

    streams: tuple[Stream, ...]
    size: tuple[int, int]
    pixel_format: str
    damaged = 0

    @property
    @abstractmethod
    def broken(self) -> int:
        """Packets of the video that were left out."""

    @property
    def ends_as_announced(self) -> bool:
        """Whether the last frame should end where the file says that the video does."""
        return True

    @abstractmethod
    def slabs(self, packets: Demuxer) -> Iterator[Slab]:
        """Give one slab after the other, at least one.

        Raises
        ------
        UnsupportedError
            If there is no frame, or the pictures cannot be those of a store.
        """

    @abstractmethod
    def create(self, time_base: Fraction, streams: dict[str, Any], expected: int | None) -> Writer:
        """Begin the store.

        Parameters
        ----------
        time_base : Fraction
            Seconds per tick of the frame times.
        streams : dict
            Members of the description that tell of the other streams.
        expected : int or None
            About how many frames there will be.
        """
