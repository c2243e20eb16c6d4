"""What belongs to a video beside its pictures, on its way out of a store into a video file."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ...store.packets import NO_TIME, Packet, packets_between, read_packets
from ..libav import import_av, refusals
from ..matroska import codec_delay, with_codec_delay
from ..packets import as_packet, copy_packet
from ..stubs import Stub, add_like, opened_stub, written
from ..tags import flags_of, stream_name
from .pictures import Pictures

__all__ = ["RestoredStreams"]

_EXTENSIONS = {"matroska": ".mkv", "mp4": ".mp4", "mov": ".mov"}
_PICTURE_FILES = {"mjpeg": ("cover.jpg", "image/jpeg"), "png": ("cover.png", "image/png"),
                  "bmp": ("cover.bmp", "image/bmp"), "gif": ("cover.gif", "image/gif"),
                  "webp": ("cover.webp", "image/webp"), "tiff": ("cover.tiff", "image/tiff")}  # fmt: skip
#: What the Matroska muxer takes for its tick.
_MILLISECOND = Fraction(1, 1000)


@dataclass
class _Restored:
    """A stream that goes into the file."""

    about: dict
    base: Fraction
    stub: Stub
    delay: int = 0  # Matroska: nanoseconds that its decoder drops at the beginning, which times are told with
    stream: object = field(default=None)
    refused: int = 0


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
        self._pictures, self._muxer, self._tick = pictures, muxer, tick
        self.problems: list[str] = []
        self._restored: dict[int, _Restored] = {}
        self._attachments: list[tuple[str, str, bytes]] = []
        self._covers: list[tuple[_Restored, bytes]] = []
        self._packets: Iterator[Packet] = iter(())
        self._next: Packet | None = None
        opened = pictures.reader.opened()
        self._native, described = opened.native, opened.description.described
        streams = described.get("streams")
        self._chapters = described.get("chapters")
        if pictures.origin is None:
            if streams or self._chapters:
                self.problems.append(
                    "its frames get other times, which sound, subtitles and chapters would not fit: "
                    "all are left out; leave out fps= to keep them"
                )
            streams = self._chapters = None
        timeless: dict[int, bytes] | None = None
        for about in streams if isinstance(streams, list) else ():
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

    # ------------------------------------------------------------------------------------------------ choosing

    def _timeless(self) -> dict[int, bytes]:
        """Attachments and covers, by stream."""
        found: dict[int, bytes] = {}
        for record in range(self._native.info["packet_records"]):
            if self._native.packet_times(record)[0] == NO_TIME:
                for packet in read_packets(self._native.packets(record)):
                    found[packet.stream] = found.get(packet.stream, b"") + packet.data
        return found

    def _choose_fixed(self, about: dict, data: bytes | None) -> None:
        if data is None:
            raise ValueError("it is not in the store")
        tags = about.get("metadata") or {}
        if self._muxer == "matroska":
            name, kind = _PICTURE_FILES.get(str(about.get("codec")), ("attachment", "application/octet-stream"))
            self._attachments.append((str(tags.get("filename") or name), str(tags.get("mimetype") or kind), data))
            return
        if about["kind"] == "attachment":
            raise ValueError("it has no attachments")
        restored = _Restored(about, Fraction(*about["time_base"]), _stub(about))
        self._try(restored, self._muxer, Packet(about["index"], 0, 0, 0, data))
        self._covers.append((restored, data))

    def _choose(self, about: dict) -> None:
        restored = _Restored(about, Fraction(*about["time_base"]), _stub(about))
        first = self._try(restored, self._muxer)
        if self._muxer == "matroska" and about["kind"] == "audio":
            # Sound that begins before 0 is what its decoder drops: Matroska says how much that is.
            restored.delay = codec_delay(first)
            start = about.get("start")
            before = 0 if start is None or self._pictures.span else -(start * restored.base - self._origin)
            if before * 10**9 > restored.delay + 10**6:
                changed = replace(restored, stub=Stub("matroska", with_codec_delay(first, round(before * 10**9))))
                delay = codec_delay(self._try(changed, "matroska"))
                if delay:
                    restored = replace(changed, delay=delay)
        self._restored[about["index"]] = restored

    def _try(self, restored: _Restored, muxer: str, packet: Packet | None = None) -> bytes:
        """A file of this stream alone, if the muxer takes it."""
        with opened_stub(restored.stub) as template:
            packets = [as_packet(p, 0) for p in template.container.demux(template) if p.size]
            return written(muxer, template, packets[:1] if packet is None else [packet])

    def _refuse(self, name: str, about: dict, reason: str) -> None:
        own = _EXTENSIONS[self._muxer]
        others = [
            extension
            for muxer, extension in _EXTENSIONS.items()
            if muxer != self._muxer and self._would_take(about, muxer)
        ]
        advice = f"write {' or '.join(others)} to have it" if others else "no file that to_video writes can"
        reason = " ".join(reason.split()) or "no reason given"
        self.problems.append(f"{name} is left out, which {own} cannot hold ({reason}); {advice}")

    def _would_take(self, about: dict, muxer: str) -> bool:
        try:
            if about["kind"] == "attachment":
                return muxer == "matroska"
            self._try(_Restored(about, Fraction(1), _stub(about)), muxer)
        except refusals():
            return False
        return True

    @property
    def _origin(self) -> Fraction:
        assert self._pictures.origin is not None
        return self._pictures.origin

    # ------------------------------------------------------------------------------------------------- writing

    @property
    def time_bases(self) -> list[Fraction]:
        """Of the streams that go into the file."""
        return [restored.base for restored in self._restored.values()]

    def add_to(self, container) -> None:
        """Add streams, attachments and chapters to an output whose header is not written yet."""
        for restored in [*self._restored.values(), *(cover for cover, _ in self._covers)]:
            about = restored.about
            with opened_stub(restored.stub) as template:
                restored.stream = stream = add_like(container, template)
            if self._muxer != "matroska":
                stream.time_base = restored.base
            stream.metadata.clear()
            stream.metadata.update({str(k): str(v) for k, v in (about.get("metadata") or {}).items()})
            with suppress(AttributeError):
                stream.disposition = flags_of(about.get("disposition") or ())
        for name, kind, data in self._attachments:
            if hasattr(container, "add_attachment"):
                container.add_attachment(name, kind, data)
            else:
                self.problems.append(f"attachment {name} is left out: this PyAV cannot write it; update it")
        if self._chapters:
            try:
                self._add_chapters(container)
            except refusals() as error:
                self.problems.append(f"the chapters are left out: {error}")

    def _add_chapters(self, container) -> None:
        span, found = self._pictures.span, []
        for chapter in self._chapters or ():
            base = Fraction(*chapter["time_base"])
            start, end = chapter["start"], chapter["end"]
            if span and (end * base <= span[0] or start * base >= span[1]):
                continue
            if span:
                start, end = max(start, round(span[0] / base)), min(end, round(span[1] / base))
            shift = round(self._origin / base)
            tags = {str(k): str(v) for k, v in (chapter.get("metadata") or {}).items()}
            found.append({"id": chapter["id"], "start": start - shift, "end": end - shift, "time_base": base,
                          "metadata": tags})  # fmt: skip
        if found and not hasattr(container, "set_chapters"):
            raise ValueError("this PyAV cannot write them; update it")
        if found:
            container.set_chapters(found)

    def begin(self, container) -> None:
        """Start with the packets; the header may be written now."""
        for cover, data in self._covers:
            container.mux(copy_packet(Packet(0, 0, 0, 0, data), cover.stream, cover.base))
        if self._restored:
            begin = end = None
            if self._pictures.span:
                begin, end = (
                    int(time * 1_000_000) + extra for time, extra in zip(self._pictures.span, (0, 1), strict=True)
                )
            self._packets = packets_between(self._native, begin, end)
            self._next = next(self._packets, None)

    def until(self, container, seconds: Fraction | None = None) -> None:
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

    def _write(self, container, packet: Packet, restored: _Restored, start: int) -> None:
        base, pts, dts, duration = restored.base, packet.pts, packet.dts, packet.duration
        if self._pictures.span:
            begin, end = self._pictures.span
            shown = duration if restored.about["kind"] == "subtitle" else 0
            if start * base >= end or ((start + shown) * base <= begin and start * base < begin):
                return
            if start * base < begin:  # a subtitle that is shown already
                late = -(-(begin / base - start) // 1)
                pts, dts, duration = start + late, start + late, duration - late
        moved = replace(
            packet,
            pts=self._time(pts, restored),
            dts=self._time(dts, restored),
            duration=self._length(duration, restored),
        )
        muxed = copy_packet(moved, restored.stream, base)
        if self._tick:
            muxed.time_base = _MILLISECOND
        try:
            container.mux(muxed)
        except (import_av().InvalidDataError, ValueError):
            restored.refused += 1

    def _time(self, time: int | None, restored: _Restored) -> int | None:
        """A time as the muxer is told it."""
        if time is None:
            return None
        seconds = time * restored.base - self._origin
        if not self._tick:
            return round(seconds / restored.base)
        # The muxer adds the delay in what it takes for milliseconds; who reads the file takes it off in ticks.
        delay = Fraction(restored.delay, 10**9)
        written = max(0, round(seconds / self._tick) + _rounded(delay / self._tick))
        return written - _rounded(delay / _MILLISECOND)

    def _length(self, duration: int, restored: _Restored) -> int:
        return round(duration * restored.base / self._tick) if self._tick else duration

    def finish(self) -> None:
        """Tell of the packets that could not be written."""
        for restored in self._restored.values():
            if restored.refused:
                self.problems.append(
                    f"{stream_name(restored.about)}: {restored.refused} packets are left out, whose "
                    f"times {_EXTENSIONS[self._muxer]} cannot hold"
                )


def _rounded(value: Fraction) -> int:
    """To the nearest integer, as libav does it."""
    return (2 * value + 1) // 2


def _stub(about: dict) -> Stub:
    if not isinstance(about.get("stub"), str):
        raise ValueError("the store has no description of it that libav can use")
    return Stub(str(about["container"]), base64.b64decode(about["stub"]))
