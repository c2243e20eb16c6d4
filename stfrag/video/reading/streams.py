"""The streams of a video file beside its pictures, on their way into a store: packets as they are, chapters, tags."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ...store.packets import MOST_BYTES, Packet, PacketQueue
from ..libav import InputContainer, LibavPacket, Stream
from ..opening import is_picture, videos_of
from ..packets import as_packet
from ..stubs import make_stub
from ..tags import dispositions_of, stream_name, tags_of_stream
from .source import InputVideo, Part

__all__ = ["SideStreams"]

_DISCARD_ALL = 48  # AVDISCARD_ALL
#: Bytes of a cover that its stub has.
_COVER_BYTES = 4096


@dataclass(slots=True)
class _Kept:
    """A stream that is kept, and how much of it there was."""

    stream: Stream
    about: dict[str, Any]  # as `_describe` tells it
    base: Fraction
    first: Packet | None = None
    packets: int = 0
    too_large: int = 0

    @property
    def is_attachment(self) -> bool:
        """Whether the stream is an attached file, which has no packets."""
        return bool(self.about["kind"] == "attachment")

    @property
    def is_cover(self) -> bool:
        """Whether the stream is an attached picture, such as the cover of an album."""
        return "attached_pic" in self.about["disposition"]

    @property
    def name(self) -> str:
        """The name of the stream in messages."""
        return stream_name(self.about)


@dataclass(slots=True)
class _Span:
    """The stretch of time that is wanted, in seconds; an end of it that is None is no limit."""

    begin: Fraction | None
    end: Fraction | None
    open: bool  # whether the end is not known yet


class SideStreams:
    """The streams of a file but its pictures: what is kept of them, and the packets as they come.

    Parameters
    ----------
    video : InputVideo
        The file, and the stream in it that becomes the pictures.
    part : Part
        Only packets of this part are kept. Where its number of frames is limited, the end is not known yet: packets
        are kept back until `release` says that their time is in.
    pictures : sequence of av.VideoStream
        The tracks that the pictures are in.
    keep : bool
        Whether anything is kept.

    Attributes
    ----------
    offset : Fraction
        Seconds that are added to the times of what comes, as to those of the pictures.
    wanted : list of av.stream.Stream
        What is to be demultiplexed.
    problems : list of str
        What could not be kept, and what to do about it.
    """

    def __init__(self, video: InputVideo, part: Part, pictures: tuple[Stream, ...], keep: bool = True) -> None:
        begin, end = (None if time is None else Fraction(time) for time in (part.start, part.end))
        self._video, self._keep = video, keep
        self._span = _Span(begin, end, part.frames is not None)
        self.offset = Fraction(0)
        self.wanted: list[Stream] = []
        self.problems: list[str] = []
        self._kept: dict[int, _Kept] = {}
        self._attached: list[Packet] = []
        self._held: deque[Packet] = deque()
        self._queue: PacketQueue | None = None
        taken = {stream.index for stream in pictures}
        for stream in video.container.streams if keep else ():
            if stream.index not in taken:
                self._choose(_Kept(stream, _describe(stream), stream.time_base or Fraction(1, 1000)))

    def _choose(self, kept: _Kept) -> None:
        """Decide whether a stream is kept."""
        stream, kind = kept.stream, kept.about["kind"]
        if kind == "video" and not is_picture(stream):
            self._leave_out(kept)
            return
        if kind == "data" and _told_elsewhere(stream):
            return
        self._kept[stream.index] = kept
        if kept.is_attachment:
            data = stream.data
            for at in range(0, max(1, len(data)), MOST_BYTES):  # one packet, unless it is very large
                self._attached.append(Packet(stream.index, None, None, 0, data[at : at + MOST_BYTES]))
        else:
            self.wanted.append(stream)

    def _leave_out(self, kept: _Kept) -> None:
        """Tell of another video, unless one was chosen, knowing that there are others."""
        videos = [stream.index for stream in videos_of(self._video.container)]
        if videos.index(self._video.stream.index) == 0:
            self.problems.append(
                f"{kept.name} is another video and is left out; stream={videos.index(kept.stream.index)} "
                "makes a store of it"
            )

    # -------------------------------------------------------------------------------------------- description

    def metadata(self, final: bool = False) -> dict[str, Any]:
        """Give the members of a store's description that tell of the streams; `final`: all packets have come.

        Streams that no stub can be made of are given up then, with their packets left in the store.
        """
        found: dict[str, Any] = {}
        if described := [self._described(kept, final) for kept in self._kept.values()]:
            found["streams"] = described
        if self._keep and (chapters := _chapters_of(self._video.container, self._span)):
            found["chapters"] = chapters
        return found

    def _described(self, kept: _Kept, final: bool) -> dict[str, Any]:
        """Describe a stream, with a stub of it and with what has come of it."""
        about, first = kept.about, kept.first
        if not kept.is_attachment:
            model = first
            if first is not None and kept.is_cover:
                model = first = replace(first, pts=0, dts=0, data=first.data[:_COVER_BYTES])
            stub = make_stub(kept.stream, model, self._video.container.format.name)
            if stub is not None:
                about = {**about, "container": stub.muxer, "stub": base64.b64encode(stub.data).decode()}
            elif final and first is not None:
                self.problems.append(
                    f"{kept.name} is of a kind that libav can only read; its packets are kept, but no video file "
                    "will have them"
                )
        if final:
            about = {**about, "packets": kept.packets}
        if (first := kept.first) is not None:
            about = {**about, "start": first.dts if first.pts is None else first.pts}
        return about

    # ------------------------------------------------------------------------------------------------ packets

    def begin(self, put: Callable[[bytes, int, int], None]) -> None:
        """Write records with ``put(data, begin, end)`` from now on."""
        held, self._held = self._held, deque()
        self._queue = PacketQueue(put, {index: kept.base for index, kept in self._kept.items()})
        for packet in self._attached:
            self._add(packet)
        for packet in held:
            self._pass_on(packet)

    def take(self, packet: LibavPacket) -> None:
        """Keep a packet of one of the wanted streams, if it is of the part that is wanted."""
        index = packet.stream.index
        kept = self._kept[index]
        if kept.is_cover and kept.first is not None:
            return  # libav gives covers again after seeking
        if packet.size > MOST_BYTES:
            kept.too_large += 1
            return
        stored = self._moved(as_packet(packet, index), kept)
        if kept.is_cover or self._in_time(stored, self._span.end):
            kept.first = kept.first or stored
            self._pass_on(stored)

    def _moved(self, packet: Packet, kept: _Kept) -> Packet:
        """Move a packet as the pictures were; a cover has no time."""
        if kept.is_cover:
            return replace(packet, pts=None, dts=None)
        offset = round(self.offset / kept.base) if self.offset else 0
        if not offset:
            return packet
        pts, dts = (None if time is None else time + offset for time in (packet.pts, packet.dts))
        return replace(packet, pts=pts, dts=dts)

    def _in_time(self, packet: Packet, end: Fraction | None) -> bool:
        """Tell whether some of a packet is of the stretch of time up to `end`.

        Subtitles are as long as they are shown; of all others only the beginning counts.
        """
        start, begin = packet.dts if packet.pts is None else packet.pts, self._span.begin
        if start is None or (begin is None and end is None):
            return True
        kept = self._kept[packet.stream]
        shown = packet.duration if kept.about["kind"] == "subtitle" else 0
        # As floats, like the times of pictures.
        if begin is not None and float((start + shown) * kept.base) < float(begin):
            return False
        return end is None or float(start * kept.base) < float(end)

    def _pass_on(self, packet: Packet) -> None:
        """Write a packet, or hold it until that can be."""
        if self._queue is None or self._span.open:
            self._held.append(packet)
        else:
            self._add(packet)

    def _add(self, packet: Packet) -> None:
        """Write a packet."""
        assert self._queue is not None
        self._kept[packet.stream].packets += 1
        self._queue.add(packet)

    def release(self, end: Fraction, last: bool = False) -> None:
        """Write the packets before `end`, in seconds, which are wanted for sure; with `last` no others are."""
        if not self._span.open or self._queue is None:
            return
        while self._held and (last or self._in_time(self._held[0], end)):
            packet = self._held.popleft()
            if self._in_time(packet, end):
                self._add(packet)
        if last:
            self._span.end, self._span.open = end, False

    def finish(self) -> None:
        """Write what is still waiting."""
        if self._queue is not None:
            self._queue.flush()
        for kept in self._kept.values():
            if kept.too_large:
                self.problems.append(
                    f"{kept.name}: {kept.too_large} packets of more than {MOST_BYTES >> 20} MiB are left out"
                )


def _describe(stream: Stream) -> dict[str, Any]:
    """Describe a stream in JSON values."""
    base = stream.time_base or Fraction(1, 1000)
    codec = None
    if stream.codec_context is not None:
        codec = getattr(stream.codec_context.codec, "canonical_name", None) or stream.codec_context.name
    if codec is None and stream.type == "data":
        codec = getattr(stream, "name", None)
    return {
        "index": stream.index,
        "kind": stream.type,
        "codec": codec,
        "time_base": [base.numerator, base.denominator],
        "disposition": dispositions_of(stream),
        "metadata": tags_of_stream(stream.metadata),
    }


def _told_elsewhere(stream: Stream) -> bool:
    """Tell whether libav has read a data stream itself: the text track with the titles of chapters, or time codes."""
    discarded = int(getattr(stream, "discard", 0)) >= _DISCARD_ALL
    return discarded or "timecode" in stream.metadata


def _chapters_of(container: InputContainer, span: _Span) -> list[dict[str, Any]]:
    """Describe in JSON values the chapters of which some part is in a stretch of time."""
    found = []
    for chapter in container.chapters() if hasattr(container, "chapters") else ():
        base = Fraction(chapter["time_base"])
        if (span.begin is not None and chapter["end"] * base <= span.begin) or (
            span.end is not None and chapter["start"] * base >= span.end
        ):
            continue
        found.append(
            {
                "id": chapter["id"],
                "start": chapter["start"],
                "end": chapter["end"],
                "time_base": [base.numerator, base.denominator],
                "metadata": dict(chapter["metadata"]),
            }
        )
    return found
