"""Packets of the streams that a video has beside its pictures: sound, subtitles, data, attachments.

A store keeps packets as they were in the file that it was made from, in records between its slabs. docs/format.md,
section 6.2, describes the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..errors import CorruptStoreError

__all__ = ["Packet", "PacketQueue", "packets_between", "read_packets", "time_bases"]

#: A record is written as soon as so many bytes of packets are gathered.
RECORD_BYTES = 256 << 10
#: The most bytes of a packet; attachments that are longer are cut into several packets.
MOST_BYTES = 16 << 20
#: Stands for the time of packets that have no time.
NO_TIME = -(1 << 63)
_MICROSECONDS = 1_000_000

#: The flags of a packet in a record.
_KEY, _CORRUPT, _DISCARD, _DISPOSABLE, _REGULAR, _NO_DTS, _NO_PTS, _SIDE_DATA = (1 << bit for bit in range(8))


@dataclass(frozen=True, slots=True)
class Packet:
    """A piece of a stream, as it was in the file that a store was made from.

    Attributes
    ----------
    stream : int
        ``index`` of its stream in :attr:`stfrag.Reader.streams`.
    pts, dts : int or None
        When the packet is presented and decoded, in ticks of its stream's ``time_base``.
    duration : int
        How long it lasts, in ticks; 0 if that is not known.
    data : bytes
        The content of the packet.
    is_keyframe, is_corrupt, is_discard, is_disposable : bool
        Whether a decoder can begin with it; whether it is damaged; whether it is to be decoded but not presented;
        whether no other packet needs it.
    side_data : tuple of (str, bytes)
        What libav keeps beside the packet, such as ``"skip_samples"``.
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
        """Tell whether a part of the packet plays in [start, end), in seconds; True if the packet has no time."""
        time = self.dts if self.pts is None else self.pts
        if time is None or time_base is None:
            return True
        # Times are compared as floats, so that a time that was read from a store, rounded to float, finds its packet.
        begin, stop = float(time * time_base), float((time + self.duration) * time_base)
        if start is not None and not (stop > start or begin >= start):
            return False
        return end is None or begin < end


def time_bases(streams: Sequence[Mapping[str, Any]]) -> dict[int, Fraction]:
    """Return the seconds per tick of each stream by its ``index``, as far as the descriptions make sense."""
    found = {}
    for about in streams:
        with suppress(LookupError, TypeError, ValueError, ArithmeticError):
            found[int(about["index"])] = Fraction(*about["time_base"])
    return found


def span(packet: Packet, time_base: Fraction) -> tuple[int, int] | None:
    """Return when a packet plays as (begin, end), rounded outwards to microseconds; None if it has no time."""
    start = packet.dts if packet.pts is None else packet.pts
    if start is None:
        return None
    begin = start * time_base * _MICROSECONDS // 1
    end = -(-(start + packet.duration) * time_base * _MICROSECONDS // 1)
    return int(begin), int(max(end, begin))


class PacketQueue:
    """A queue that gathers packets, and writes a record whenever there are enough.

    Parameters
    ----------
    put : callable
        Called as ``put(data, begin, end)`` for every record, with times in microseconds.
    time_bases : mapping of int to Fraction
        Seconds per tick of each stream.
    """

    def __init__(self, put: Callable[[bytes, int, int], None], time_bases: Mapping[int, Fraction]) -> None:
        self._put, self._time_bases = put, time_bases
        self._clear()

    def _clear(self) -> None:
        """Begin a new record."""
        self._waiting = bytearray()
        self._last: dict[int, Packet] = {}
        self._begin: int | None = None
        self._end = 0

    def add(self, packet: Packet) -> None:
        """Take a packet. Packets with times and packets without do not share a record."""
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
        """Write a record of the packets that are waiting."""
        if self._waiting:
            begin, end = (NO_TIME, NO_TIME) if self._begin is None else (self._begin, self._end)
            self._put(bytes(self._waiting), begin, end)
        self._clear()


def read_packets(data: bytes) -> Iterator[Packet]:
    """Go through the packets of a record.

    Raises
    ------
    CorruptStoreError
        If the record is not as the format says.
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
    """Go through the packets of some records of a store.

    These are the records that may have packets in [begin, end), in microseconds, and all records without times.

    Parameters
    ----------
    native : NativeReader
    begin, end : int, optional
        None for no bound.
    """
    for record in range(native.info["packet_records"]):
        if begin is not None or end is not None:
            first, last = native.packet_times(record)
            if first != NO_TIME and ((end is not None and first >= end) or (begin is not None and last < begin)):
                continue
        yield from read_packets(native.packets(record))


def _write(out: bytearray, packet: Packet, last: Packet | None) -> None:
    """Append a packet to a record; `last` is the packet before it of the same stream."""
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
    """Read the packet at `at`; return it and where it ends. `before` has the last packet of each stream.

    Raises IndexError if the record is not as the format says.
    """
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
    """Append a number from 0 on, 7 bits a byte, the lowest first; the top bit says that more follow."""
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _svarint(out: bytearray, value: int) -> None:
    """Append a signed number as the unsigned one of 0, -1, 1, -2, 2, ... that it is."""
    _uvarint(out, 2 * value if value >= 0 else -2 * value - 1)


def _signed(value: int) -> int:
    """Return a number modulo 2^64, as a signed number of 64 bits."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _read_uvarint(data: bytes, at: int) -> tuple[int, int]:
    """Read what `_uvarint` wrote; return the number and where it ends. IndexError if it is not well-formed."""
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
    """Read what `_svarint` wrote; return the number and where it ends."""
    value, at = _read_uvarint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Read bytes that have their length before them; return them and where they end."""
    size, at = _read_uvarint(data, at)
    if size > len(data) - at:
        raise IndexError
    return data[at : at + size], at + size
