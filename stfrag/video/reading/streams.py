"""What belongs to a video beside its pictures, on its way into a store: packets as they are, chapters, tags."""

from __future__ import annotations

import base64
from collections import deque
from dataclasses import replace
from fractions import Fraction

from ...store.packets import MOST_BYTES, Packet, PacketQueue
from ..opening import disposition, is_picture
from ..stubs import as_packet, make_stub

__all__ = ["SideStreams", "dispositions_of", "flags_of", "stream_name"]

#: libav's AV_DISPOSITION_*, by bit.
DISPOSITIONS = {
    0: "default", 1: "dub", 2: "original", 3: "comment", 4: "lyrics", 5: "karaoke", 6: "forced",
    7: "hearing_impaired", 8: "visual_impaired", 9: "clean_effects", 10: "attached_pic", 11: "timed_thumbnails",
    12: "non_diegetic", 16: "captions", 17: "descriptions", 18: "metadata", 19: "dependent", 20: "still_image",
    21: "multilayer",
}  # fmt: skip
_NOT_TAGS = frozenset((
    "BPS", "DURATION", "ENCODER", "NUMBER_OF_BYTES", "NUMBER_OF_FRAMES", "_STATISTICS_TAGS",
    "_STATISTICS_WRITING_APP", "_STATISTICS_WRITING_DATE_UTC", "encoder", "vendor_id", "variant_bitrate",
))  # fmt: skip
_DISCARD_ALL = 48  # AVDISCARD_ALL


def stream_name(described: dict) -> str:
    """What to call a stream in a message: ``stream 2 (subtitle, mov_text, deu)``."""
    words = (described["kind"], described.get("codec"), (described.get("metadata") or {}).get("language"))
    return f"stream {described['index']} ({', '.join(word for word in words if word)})"


def dispositions_of(stream) -> list[str]:
    """What a stream is for, in libav's words."""
    flags = disposition(stream)
    return [word for bit, word in DISPOSITIONS.items() if flags >> bit & 1]


def flags_of(words) -> int:
    """The flags of `dispositions_of`."""
    return sum(1 << bit for bit, word in DISPOSITIONS.items() if word in words)


def tags_of(stream) -> dict[str, str]:
    """Tags of a stream, without those that describe the file that it is in."""
    return {k: v for k, v in stream.metadata.items() if k not in _NOT_TAGS and (k, v) != ("language", "und")}


def chapters_of(container, begin: Fraction | None, end: Fraction | None) -> list[dict]:
    """Chapters as JSON values: those of which some part is in [begin, end) seconds."""
    found = []
    for chapter in container.chapters() if hasattr(container, "chapters") else ():
        base = Fraction(chapter["time_base"])
        if (begin is not None and chapter["end"] * base <= begin) or (
            end is not None and chapter["start"] * base >= end
        ):
            continue
        found.append({
            "id": chapter["id"], "start": chapter["start"], "end": chapter["end"],
            "time_base": [base.numerator, base.denominator], "metadata": dict(chapter["metadata"]),
        })  # fmt: skip
    return found


class SideStreams:
    """The streams of a file but its video: what is kept of them, and the packets as they come.

    Parameters
    ----------
    container : av.container.InputContainer
        The file.
    video : av.VideoStream
        The stream that becomes the pictures.
    begin, end : Fraction, optional
        Only packets of this time, in seconds.
    hold : bool
        The end is not known yet: packets are kept back until `release` says that their time is in.
    but : set of int
        Indices of streams that are taken elsewhere.

    Attributes
    ----------
    offset : Fraction
        Seconds that are added to the times of what comes, as to those of the pictures.
    wanted : list of av.stream.Stream
        What is to be demultiplexed.
    problems : list of str
        What could not be kept, and what to do about it.
    """

    def __init__(self, container, video, begin: Fraction | None = None, end: Fraction | None = None,
                 hold: bool = False, but: frozenset[int] = frozenset()) -> None:  # fmt: skip
        self._container, self._video = container, video
        self._begin, self._end, self._hold = begin, end, hold
        self.offset = Fraction(0)
        self.wanted: list = []
        self.problems: list[str] = []
        self._described: dict[int, dict] = {}
        self._streams: dict[int, object] = {}
        self._first: dict[int, Packet] = {}
        self._counts: dict[int, int] = {}
        self._attached: list[Packet] = []
        self._held: deque[Packet] = deque()
        self._queue: PacketQueue | None = None
        self._too_large: dict[int, int] = {}
        for stream in container.streams:
            if stream.index != video.index and stream.index not in but:
                self._choose(stream)
        self._bases = {index: Fraction(*about["time_base"]) for index, about in self._described.items()}

    def _choose(self, stream) -> None:
        about = self._describe(stream)
        name = stream_name(about)
        if about["kind"] == "video" and not is_picture(stream):
            videos = [s.index for s in self._container.streams.video if not is_picture(s)]
            if videos.index(self._video.index) == 0:  # else it was chosen, knowing that there are others
                self.problems.append(
                    f"{name} is another video and is left out; stream={videos.index(stream.index)} "
                    "makes a store of it"
                )
            return
        if about["kind"] == "attachment":
            data = stream.data
            for at in range(0, max(1, len(data)), MOST_BYTES):  # one packet, unless it is very large
                self._attached.append(Packet(stream.index, None, None, 0, data[at : at + MOST_BYTES]))
            self._described[stream.index] = about
            return
        if about["kind"] == "data" and self._told_elsewhere(stream):
            return
        self._described[stream.index] = about
        self._streams[stream.index] = stream
        self.wanted.append(stream)

    def _told_elsewhere(self, stream) -> bool:
        """Data that libav has read itself: the text track with the titles of chapters, and time codes."""
        discarded = int(getattr(stream, "discard", 0)) >= _DISCARD_ALL
        return discarded or "timecode" in stream.metadata

    def _describe(self, stream) -> dict:
        base = stream.time_base or Fraction(1, 1000)
        codec = None
        if stream.codec_context is not None:
            codec = getattr(stream.codec_context.codec, "canonical_name", None) or stream.codec_context.name
        if codec is None and stream.type == "data":
            codec = getattr(stream, "name", None)
        return {
            "index": stream.index, "kind": stream.type, "codec": codec,
            "time_base": [base.numerator, base.denominator], "disposition": dispositions_of(stream),
            "metadata": tags_of(stream),
        }  # fmt: skip

    def metadata(self, final: bool = False) -> dict:
        """Members of the metadata document; `final` when all packets have come.

        Streams that no stub can be made of are given up then, with their packets left in the store.
        """
        described = []
        for index, about in self._described.items():
            if about["kind"] != "attachment":
                first = self._first.get(index)
                if first is not None and "attached_pic" in about["disposition"]:
                    first = replace(first, pts=0, dts=0, data=first.data[:4096])
                stub = make_stub(self._streams[index], first, self._container.format.name)
                if stub is None:
                    if final and first is not None:
                        self.problems.append(
                            f"{stream_name(about)} is of a kind that libav can only read; its "
                            "packets are kept, but no video file will have them"
                        )
                else:
                    about = {**about, "container": stub[0], "stub": base64.b64encode(stub[1]).decode()}
            if final:
                about = {**about, "packets": self._counts.get(index, 0)}
            if (first := self._first.get(index)) is not None:
                about = {**about, "start": first.dts if first.pts is None else first.pts}
            described.append(about)
        found: dict = {"streams": described} if described else {}
        if chapters := chapters_of(self._container, self._begin, self._end):
            found["chapters"] = chapters
        return found

    def begin(self, put) -> None:
        """From now on records are written with ``put(data, begin, end)``."""
        held, self._held = self._held, deque()
        self._queue = PacketQueue(put, self._bases)
        for packet in self._attached:
            self._add(packet)
        for packet in held:
            self._pass_on(packet)

    def take(self, packet) -> None:
        """A packet of one of the wanted streams."""
        index = packet.stream.index
        picture = "attached_pic" in self._described[index]["disposition"]
        if picture and index in self._first:
            return  # libav gives them again after seeking
        if packet.size > MOST_BYTES:
            self._too_large[index] = self._too_large.get(index, 0) + 1
            return
        offset = round(self.offset / self._bases[index]) if self.offset else 0
        pts, dts = ((None if picture or time is None else time + offset) for time in (packet.pts, packet.dts))
        kept = as_packet(packet, index, pts, dts)
        if picture or self._in_time(kept, self._end):
            self._first.setdefault(index, kept)
            if self._queue is None or self._hold:
                self._held.append(kept)
            else:
                self._add(kept)

    def _in_time(self, packet: Packet, end: Fraction | None) -> bool:
        """Whether a packet is of the stretch of time that is wanted. Subtitles are as long as they are shown."""
        start = packet.dts if packet.pts is None else packet.pts
        if start is None or (self._begin is None and end is None):
            return True
        base = self._bases[packet.stream]
        shown = packet.duration if self._described[packet.stream]["kind"] == "subtitle" else 0
        # As floats, like the times of pictures.
        if self._begin is not None and float((start + shown) * base) < float(self._begin):
            return False
        return end is None or float(start * base) < float(end)

    def _pass_on(self, packet: Packet) -> None:
        if self._hold:
            self._held.append(packet)
        else:
            self._add(packet)

    def _add(self, packet: Packet) -> None:
        assert self._queue is not None
        self._counts[packet.stream] = self._counts.get(packet.stream, 0) + 1
        self._queue.add(packet)

    def release(self, end: Fraction, last: bool = False) -> None:
        """Packets before `end`, in seconds, are wanted for sure; with `last` no others are."""
        if not self._hold or self._queue is None:
            return
        while self._held and (last or self._in_time(self._held[0], end)):
            packet = self._held.popleft()
            if self._in_time(packet, end):
                self._add(packet)
        if last:
            self._end = end
            self._hold = False

    def finish(self) -> None:
        """Write what is still waiting."""
        if self._queue is not None:
            self._queue.flush()
        for index, count in self._too_large.items():
            self.problems.append(
                f"{stream_name(self._described[index])}: {count} packets of more than "
                f"{MOST_BYTES >> 20} MiB are left out"
            )
