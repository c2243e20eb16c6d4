"""The streams of a store beside its pictures, on their way into a video file."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from ...store.packets import NO_TIME, Packet, packets_between, read_packets
from ..libav import OutputContainer, Stream, import_av, refusals
from ..matroska import codec_delay, with_codec_delay
from ..packets import as_packet, copy_packet
from ..stubs import Stub, add_like, opened_stub, written
from ..tags import flags_of, stream_name
from .pictures import Pictures

__all__ = ["RestoredStreams"]

_EXTENSIONS = {"matroska": ".mkv", "mp4": ".mp4", "mov": ".mov"}
_PICTURE_FILES = {
    "mjpeg": ("cover.jpg", "image/jpeg"),
    "png": ("cover.png", "image/png"),
    "bmp": ("cover.bmp", "image/bmp"),
    "gif": ("cover.gif", "image/gif"),
    "webp": ("cover.webp", "image/webp"),
    "tiff": ("cover.tiff", "image/tiff"),
}
#: What the Matroska muxer takes for its tick.
_MILLISECOND = Fraction(1, 1000)


@dataclass(slots=True)
class _Restored:
    """A stream that goes into the file.

    Attributes
    ----------
    about : mapping
        What the store says of it.
    base : Fraction
        Seconds per tick of its packets.
    stub : Stub
        What its stream in the file is made after.
    delay : int
        In Matroska, nanoseconds that its decoder drops at the beginning, which times are told with.
    stream : av.stream.Stream
        In the file, when that is begun.
    refused : int
        Packets that the muxer did not take.
    """

    about: Mapping[str, Any]
    base: Fraction
    stub: Stub
    delay: int = 0
    stream: Stream = None
    refused: int = 0


class _Attachment(NamedTuple):
    """An attachment of a Matroska file."""

    name: str
    kind: str
    data: bytes


class _Cover(NamedTuple):
    """A picture in a file that has no attachments: a stream of a single packet."""

    stream: _Restored
    data: bytes


class RestoredStreams:
    """The other streams of a store, for one video file.

    Parameters
    ----------
    pictures : Pictures
        What of the store is written.
    muxer : str
        libav's name of the container.
    tick : Fraction, optional
        Seconds per tick that a Matroska file counts in; the muxer takes it for a millisecond.

    Attributes
    ----------
    problems : list of str
        What the file cannot have, and what to do about it.
    """

    def __init__(self, pictures: Pictures, muxer: str, tick: Fraction | None = None) -> None:
        self._span, self._muxer, self._tick = pictures.timing.span, muxer, tick
        self._origin = Fraction(pictures.timing.origin or 0)
        self.problems: list[str] = []
        self._restored: dict[int, _Restored] = {}
        self._attachments: list[_Attachment] = []
        self._covers: list[_Cover] = []
        self._packets: Iterator[Packet] = iter(())
        self._next: Packet | None = None
        opened = pictures.reader.opened()
        self._native, described = opened.native, opened.description.described
        streams, self._chapters = described.get("streams"), described.get("chapters")
        if pictures.timing.origin is None:
            if streams or self._chapters:
                self.problems.append(
                    "its frames get other times, which sound, subtitles and chapters would not fit: "
                    "all are left out; leave out fps= to keep them"
                )
            streams = self._chapters = None
        self._choose_all(streams if isinstance(streams, list) else ())

    # ------------------------------------------------------------------------------------------------ choosing

    def _choose_all(self, streams: Sequence[Any]) -> None:
        """Decide which streams the file has; what is wrong with the others goes to `problems`."""
        timeless: dict[int, bytes] | None = None
        for about in streams:
            try:
                if about.get("packets") == 0:
                    continue
                if about["kind"] == "attachment" or "attached_pic" in about["disposition"]:
                    timeless = self._timeless() if timeless is None else timeless
                    self._choose_fixed(about, timeless.get(about["index"]))
                else:
                    self._choose(about)
            except refusals() as error:
                known = isinstance(about, dict) and {"kind", "index"} <= set(about)
                self._refuse(stream_name(about) if known else "a stream", about, str(error))

    def _timeless(self) -> dict[int, bytes]:
        """Read attachments and covers, by stream."""
        found: dict[int, bytes] = {}
        for record in range(self._native.info["packet_records"]):
            if self._native.packet_times(record)[0] == NO_TIME:
                for packet in read_packets(self._native.packets(record)):
                    found[packet.stream] = found.get(packet.stream, b"") + packet.data
        return found

    def _choose_fixed(self, about: Mapping[str, Any], data: bytes | None) -> None:
        """Decide what becomes of an attachment or a cover."""
        if data is None:
            raise ValueError("it is not in the store")
        tags = about.get("metadata") or {}
        if self._muxer == "matroska":
            name, kind = _PICTURE_FILES.get(str(about.get("codec")), ("attachment", "application/octet-stream"))
            name, kind = str(tags.get("filename") or name), str(tags.get("mimetype") or kind)
            self._attachments.append(_Attachment(name, kind, data))
            return
        if about["kind"] == "attachment":
            raise ValueError("it has no attachments")
        restored = _Restored(about, Fraction(*about["time_base"]), _stub(about))
        _try(restored.stub, self._muxer, Packet(about["index"], 0, 0, 0, data))
        self._covers.append(_Cover(restored, data))

    def _choose(self, about: Mapping[str, Any]) -> None:
        """Take a stream, if the muxer does."""
        restored = _Restored(about, Fraction(*about["time_base"]), _stub(about))
        first = _try(restored.stub, self._muxer)
        if self._muxer == "matroska" and about["kind"] == "audio":
            self._set_delay(restored, first)
        self._restored[about["index"]] = restored

    def _set_delay(self, restored: _Restored, first: bytes) -> None:
        """Find out how much sound a decoder drops at the beginning; `first` is a file of the stream alone.

        Sound that begins before 0 is what its decoder drops: Matroska says how much that is.
        """
        restored.delay = codec_delay(first)
        start = restored.about.get("start")
        before = 0 if start is None or self._span else -(start * restored.base - self._origin)
        if before * 10**9 > restored.delay + 10**6:
            changed = Stub("matroska", with_codec_delay(first, round(before * 10**9)))
            if delay := codec_delay(_try(changed, "matroska")):
                restored.stub, restored.delay = changed, delay

    def _refuse(self, name: str, about: Any, reason: str) -> None:
        """Tell of a stream that the file cannot have, and of the kinds of files that can."""
        own = _EXTENSIONS[self._muxer]
        others = [
            extension
            for muxer, extension in _EXTENSIONS.items()
            if muxer != self._muxer and _would_take(muxer, about)
        ]
        advice = f"write {' or '.join(others)} to have it" if others else "no file that to_video writes can"
        reason = " ".join(reason.split()) or "no reason given"
        self.problems.append(f"{name} is left out, which {own} cannot hold ({reason}); {advice}")

    # ------------------------------------------------------------------------------------------------- writing

    @property
    def time_bases(self) -> list[Fraction]:
        """Seconds per tick of the streams that go into the file."""
        return [restored.base for restored in self._restored.values()]

    def add_to(self, container: OutputContainer) -> None:
        """Add streams, attachments and chapters to an output whose header is not written yet."""
        for restored in [*self._restored.values(), *(cover.stream for cover in self._covers)]:
            self._add_stream(container, restored)
        for attachment in self._attachments:
            if hasattr(container, "add_attachment"):
                container.add_attachment(*attachment)
            else:
                self.problems.append(
                    f"attachment {attachment.name} is left out: this PyAV cannot write it; update it"
                )
        if self._chapters:
            try:
                self._add_chapters(container)
            except refusals() as error:
                self.problems.append(f"the chapters are left out: {error}")

    def _add_stream(self, container: OutputContainer, restored: _Restored) -> None:
        """Add a stream to an output, with its tags and its disposition."""
        about = restored.about
        with opened_stub(restored.stub) as template:
            restored.stream = stream = add_like(container, template)
        if self._muxer != "matroska":
            stream.time_base = restored.base
        stream.metadata.clear()
        stream.metadata.update({str(k): str(v) for k, v in (about.get("metadata") or {}).items()})
        with suppress(AttributeError):
            stream.disposition = flags_of(about.get("disposition") or ())

    def _add_chapters(self, container: OutputContainer) -> None:
        """Add the chapters of which some part is written, cut to that part."""
        found = []
        for chapter in self._chapters or ():
            base = Fraction(*chapter["time_base"])
            start, end = chapter["start"], chapter["end"]
            if self._span:
                begin, stop = self._span
                if end * base <= begin or start * base >= stop:
                    continue
                start, end = max(start, round(begin / base)), min(end, round(stop / base))
            shift = round(self._origin / base)
            tags = {str(k): str(v) for k, v in (chapter.get("metadata") or {}).items()}
            found.append(
                {"id": chapter["id"], "start": start - shift, "end": end - shift, "time_base": base, "metadata": tags}
            )
        if found and not hasattr(container, "set_chapters"):
            raise ValueError("this PyAV cannot write them; update it")
        if found:
            container.set_chapters(found)

    def begin(self, container: OutputContainer) -> None:
        """Start with the packets; the header may be written now."""
        for cover in self._covers:
            container.mux(copy_packet(Packet(0, 0, 0, 0, cover.data), cover.stream.stream, cover.stream.base))
        if self._restored:
            begin = end = None
            if self._span:
                begin, end = int(self._span[0] * 1_000_000), int(self._span[1] * 1_000_000) + 1
            self._packets = packets_between(self._native, begin, end)
            self._next = next(self._packets, None)

    def until(self, container: OutputContainer, seconds: Fraction | None = None) -> None:
        """Write the packets up to a time of the file's, or all that are left."""
        while self._next is not None:
            packet = self._next
            restored = self._restored.get(packet.stream)
            start = packet.dts if packet.pts is None else packet.pts
            if restored is not None and start is not None:
                if seconds is not None and start * restored.base - self._origin > seconds:
                    return
                self._write(container, packet, restored, start)
            self._next = next(self._packets, None)

    def _write(self, container: OutputContainer, packet: Packet, restored: _Restored, start: int) -> None:
        """Write a packet that begins at tick `start`, if it is of the time that is written."""
        cut = _cut(packet, restored, start, self._span) if self._span else packet
        if cut is None:
            return
        moved = replace(
            cut,
            pts=self._time(cut.pts, restored),
            dts=self._time(cut.dts, restored),
            duration=self._length(cut.duration, restored),
        )
        muxed = copy_packet(moved, restored.stream, restored.base)
        if self._tick:
            muxed.time_base = _MILLISECOND
        try:
            container.mux(muxed)
        except (import_av().InvalidDataError, ValueError):
            restored.refused += 1

    def _time(self, time: int | None, restored: _Restored) -> int | None:
        """Convert a time to what the muxer is told."""
        if time is None:
            return None
        seconds = time * restored.base - self._origin
        if not self._tick:
            return round(seconds / restored.base)
        # The muxer adds the delay in what it takes for milliseconds; who reads the file takes it off in ticks.
        delay = Fraction(restored.delay, 10**9)
        told = max(0, round(seconds / self._tick) + _rounded(delay / self._tick))
        return told - _rounded(delay / _MILLISECOND)

    def _length(self, duration: int, restored: _Restored) -> int:
        """Convert a duration to what the muxer is told."""
        return round(duration * restored.base / self._tick) if self._tick else duration

    def finish(self) -> None:
        """Tell of the packets that could not be written."""
        for restored in self._restored.values():
            if restored.refused:
                self.problems.append(
                    f"{stream_name(restored.about)}: {restored.refused} packets are left out, whose "
                    f"times {_EXTENSIONS[self._muxer]} cannot hold"
                )


def _cut(packet: Packet, restored: _Restored, start: int, span: tuple[Fraction, Fraction]) -> Packet | None:
    """Cut a packet that begins at tick `start` to a span of time; None if nothing is left of it.

    Only subtitles are cut, which are shown for a time; of all others the beginning counts.
    """
    begin, end = span
    base = restored.base
    shown = packet.duration if restored.about["kind"] == "subtitle" else 0
    if start * base >= end or ((start + shown) * base <= begin and start * base < begin):
        return None
    if start * base >= begin:
        return packet
    late = -(-(begin / base - start) // 1)
    return replace(packet, pts=start + late, dts=start + late, duration=packet.duration - late)


def _try(stub: Stub, muxer: str, packet: Packet | None = None) -> bytes:
    """Write a file of a stream alone, with one packet, if the muxer takes it; raise one of `refusals` if not."""
    with opened_stub(stub) as template:
        packets = [as_packet(p, 0) for p in template.container.demux(template) if p.size]
        return written(muxer, template, packets[:1] if packet is None else [packet])


def _would_take(muxer: str, about: Any) -> bool:
    """Tell whether a muxer takes a stream."""
    try:
        if about["kind"] == "attachment":
            return muxer == "matroska"
        _try(_stub(about), muxer)
    except refusals():
        return False
    return True


def _rounded(value: Fraction) -> int:
    """Round to the nearest integer, as libav does it."""
    return (2 * value + 1) // 2


def _stub(about: Mapping[str, Any]) -> Stub:
    """Get the stub of a stream out of the store's description."""
    if not isinstance(about.get("stub"), str):
        raise ValueError("the store has no description of it that libav can use")
    return Stub(str(about["container"]), base64.b64decode(about["stub"]))
