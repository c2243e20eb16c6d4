"""Packets of what belongs to a video beside its pictures: sound, subtitles, data, attachments.

A store keeps them as they came, in records between its slabs; docs/format.md, 6.2, says how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..errors import CorruptStoreError

__all__ = ["Packet", "PacketQueue", "packets_between", "read_packets", "time_bases"]

#: Bytes of packets that are gathered before a record of them is written.
RECORD_BYTES = 256 << 10
#: Data that is longer is several packets (attachments).
MOST_BYTES = 16 << 20
NO_TIME = -(1 << 63)
_MICROSECONDS = 1_000_000

_KEY, _CORRUPT, _DISCARD, _DISPOSABLE, _REGULAR, _NO_DTS, _NO_PTS, _SIDE_DATA = (1 << bit for bit in range(8))


@dataclass(frozen=True, slots=True)
class Packet:
    """A piece of a stream, as it was in the file that a store was made from.

    Attributes
    ----------
    stream : int
        ``index`` of its stream in :attr:`stfrag.Reader.streams`.
    pts, dts : int or None
        When it is presented and decoded, in ticks of its stream's ``time_base``.
    duration : int
        In ticks; 0 if it is not known.
    data : bytes
        What is in it.
    is_keyframe, is_corrupt, is_discard, is_disposable : bool
        A decoder can begin with it; it is damaged; it is decoded but not presented; no other one needs it.
    side_data : tuple of (str, bytes)
        What libav says beside it, such as ``"skip_samples"``.
    """

    stream: int
    pts: int | None
    dts: int | None
    duration: int
    data: bytes = field(repr=False)
    is_keyframe: bool = True
    is_corrupt: bool = False
    is_discard: bool = False
    is_disposable: bool = False
    side_data: tuple[tuple[str, bytes], ...] = ()

    def plays(self, time_base: Fraction | None, start: float | Fraction | None, end: float | Fraction | None) -> bool:
        """Whether some of it plays in [start, end), in seconds; True if it has no time."""
        time = self.dts if self.pts is None else self.pts
        if time is None or time_base is None:
            return True
        # As floats, so that a time that was read from a store finds what is there.
        begin, stop = float(time * time_base), float((time + self.duration) * time_base)
        if start is not None and not (stop > start or begin >= start):
            return False
        return end is None or begin < end


def time_bases(streams: Sequence[Mapping[str, Any]]) -> dict[int, Fraction]:
    """Seconds per tick of streams, as far as their descriptions make sense."""
    found = {}
    for about in streams:
        with suppress(LookupError, TypeError, ValueError, ArithmeticError):
            found[int(about["index"])] = Fraction(*about["time_base"])
    return found


def span(packet: Packet, time_base: Fraction) -> tuple[int, int] | None:
    """When a packet plays, in whole microseconds that contain it; None if it has no time."""
    start = packet.dts if packet.pts is None else packet.pts
    if start is None:
        return None
    begin = start * time_base * _MICROSECONDS // 1
    end = -(-(start + packet.duration) * time_base * _MICROSECONDS // 1)
    return int(begin), int(max(end, begin))


class PacketQueue:
    """Gathers packets, and writes a record whenever there are enough.

    Parameters
    ----------
    put : callable
        Called as ``put(data, begin, end)`` for every record, times in microseconds.
    time_bases : mapping of int to Fraction
        Of the streams.
    """

    def __init__(self, put: Callable[[bytes, int, int], None], time_bases: Mapping[int, Fraction]) -> None:
        self._put, self._time_bases = put, time_bases
        self._clear()

    def _clear(self) -> None:
        self._waiting = bytearray()
        self._last: dict[int, Packet] = {}
        self._begin: int | None = None
        self._end = 0

    def add(self, packet: Packet) -> None:
        """Take a packet. Those without times do not share a record with others."""
        times = span(packet, self._time_bases[packet.stream])
        if self._waiting and (times is None) != (self._begin is None):
            self.flush()
        if times is not None:
            self._begin = times[0] if self._begin is None else min(self._begin, times[0])
            self._end = max(self._end, times[1]) if self._waiting else times[1]
        _write(self._waiting, packet, self._last.get(packet.stream))
        self._last[packet.stream] = packet
        if len(self._waiting) >= RECORD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            begin, end = (NO_TIME, NO_TIME) if self._begin is None else (self._begin, self._end)
            self._put(bytes(self._waiting), begin, end)
        self._clear()


def read_packets(data: bytes) -> Iterator[Packet]:
    """The packets of a record.

    Raises
    ------
    CorruptStoreError
        If it is not what the format says.
    """
    at = 0
    last: dict[int, Packet] = {}
    try:
        while at < len(data):
            packet, at = _read(data, at, last)
            last[packet.stream] = packet
            yield packet
    except (IndexError, UnicodeDecodeError):
        raise CorruptStoreError("a record of packets is not what the format says: use repair") from None


def packets_between(native: Any, begin: int | None, end: int | None) -> Iterator[Packet]:
    """Packets of the records that may have some in [begin, end) microseconds, and all of those without times."""
    for record in range(native.info["packet_records"]):
        if begin is not None or end is not None:
            first, last = native.packet_times(record)
            if first != NO_TIME and ((end is not None and first >= end) or (begin is not None and last < begin)):
                continue
        yield from read_packets(native.packets(record))


def _write(out: bytearray, packet: Packet, last: Packet | None) -> None:
    flags = (
        _KEY * packet.is_keyframe
        | _CORRUPT * packet.is_corrupt
        | _DISCARD * packet.is_discard
        | _DISPOSABLE * packet.is_disposable
        | _SIDE_DATA * bool(packet.side_data)
    )
    times = (packet.pts, packet.dts, packet.duration)
    regular = (
        last is not None
        and last.pts is not None
        and last.dts is not None
        and (times == (last.pts + last.duration, last.dts + last.duration, last.duration))
    )
    if regular:
        flags |= _REGULAR
    else:
        flags |= _NO_DTS * (packet.dts is None) | _NO_PTS * (packet.pts is None)
    out.append(flags)
    _uvarint(out, packet.stream)
    if not regular:
        if packet.dts is not None:
            _svarint(out, packet.dts)
        if packet.pts is not None:
            _svarint(out, _signed(packet.pts - (packet.dts or 0)))
        _uvarint(out, packet.duration)
    if packet.side_data:
        _uvarint(out, len(packet.side_data))
        for name, data in packet.side_data:
            for part in (name.encode(), data):
                _uvarint(out, len(part))
                out += part
    _uvarint(out, len(packet.data))
    out += packet.data


def _read(data: bytes, at: int, before: Mapping[int, Packet]) -> tuple[Packet, int]:
    flags = data[at]
    stream, at = _read_uvarint(data, at + 1)
    pts = dts = None
    if flags & _REGULAR:
        last = before.get(stream)
        if last is None or last.pts is None or last.dts is None or flags & (_NO_DTS | _NO_PTS):
            raise IndexError
        duration = last.duration
        pts, dts = _signed(last.pts + duration), _signed(last.dts + duration)
    else:
        if not flags & _NO_DTS:
            dts, at = _read_svarint(data, at)
        if not flags & _NO_PTS:
            difference, at = _read_svarint(data, at)
            pts = _signed((dts or 0) + difference)
        duration, at = _read_uvarint(data, at)
        if duration >= 1 << 63:
            raise IndexError
    side_data = []
    if flags & _SIDE_DATA:
        count, at = _read_uvarint(data, at)
        for _ in range(count):
            name, at = _read_bytes(data, at)
            said, at = _read_bytes(data, at)
            side_data.append((name.decode(), said))
    body, at = _read_bytes(data, at)
    return Packet(
        stream,
        pts,
        dts,
        duration,
        body,
        bool(flags & _KEY),
        bool(flags & _CORRUPT),
        bool(flags & _DISCARD),
        bool(flags & _DISPOSABLE),
        tuple(side_data),
    ), at


def _uvarint(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _svarint(out: bytearray, value: int) -> None:
    _uvarint(out, 2 * value if value >= 0 else -2 * value - 1)


def _signed(value: int) -> int:
    """Modulo 2^64, as a signed number."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _read_uvarint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if value >= 1 << 64 or (byte == 0 and shift > 7):
                raise IndexError
            return value, at
        if shift >= 70:
            raise IndexError


def _read_svarint(data: bytes, at: int) -> tuple[int, int]:
    value, at = _read_uvarint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _read_uvarint(data, at)
    if size > len(data) - at:
        raise IndexError
    return data[at : at + size], at + size
