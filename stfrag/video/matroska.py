"""Exact times in Matroska files that libav writes: the tick that they count in, and corrections of the header.

libav's muxer always counts in milliseconds: 24 frames a second become 0, 42, 83, 125. The format itself counts in
any whole number of nanoseconds, its TimestampScale. So the muxer is handed times in the tick wanted here, which it
takes for milliseconds, and the few numbers in the header that say otherwise are corrected when it is done. Where
the time base is not a whole number of nanoseconds, as 1/24 s is not, the tick is one microsecond, and a tag says
what the time base was, from which `from_video` restores every time exactly.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import BinaryIO

__all__ = ["TAG", "codec_delay", "correct_header", "exact_hints", "tick_of", "with_codec_delay"]

#: Tag with what Matroska, or its muxer, cannot say: a JSON object.
TAG = "STFRAG"
_MILLISECOND = 1_000_000
_LARGEST = (1 << 24) - 1  # what fits in the three bytes that the muxer reserves


def tick_of(time_base: Fraction) -> int:
    """Choose the nanoseconds per tick for frame times in a time base.

    Examples
    --------
    >>> tick_of(Fraction(1, 1000)), tick_of(Fraction(1, 12800)), tick_of(Fraction(1, 24)), tick_of(Fraction(1, 25))
    (1000000, 78125, 1000, 1000000)
    """
    exact = time_base * 1_000_000_000
    if exact.denominator != 1:
        return 1000
    if exact % _MILLISECOND == 0:
        return _MILLISECOND
    n = exact.numerator
    return n if n <= _LARGEST else 1000 if n % 1000 == 0 else 1


def exact_hints(tag: str | None) -> dict[str, Fraction]:
    """Read the ``time_base`` and ``sample_aspect_ratio`` that a file's tag names, as far as they are valid.

    Examples
    --------
    >>> exact_hints('{"time_base": [1, 24], "other": 3}')
    {'time_base': Fraction(1, 24)}
    >>> exact_hints("not ours")
    {}
    """
    try:
        said = json.loads(tag or "")
        found = {}
        for key in ("time_base", "sample_aspect_ratio"):
            if key in said:
                numerator, denominator = (int(n) for n in said[key])
                if 0 < numerator < 1 << 31 and 0 < denominator < 1 << 31:
                    found[key] = Fraction(numerator, denominator)
        return found
    except (ValueError, TypeError, KeyError):
        return {}


def correct_header(path: str, tick: int) -> None:
    """Put the true tick and durations into a file that was written with `tick` taken for a millisecond."""
    if tick == _MILLISECOND:
        return
    with open(path, "r+b") as file:
        segment = _child(_Element(file, 0, os.path.getsize(path)), _SEGMENT)
        found = 0
        for element in segment or ():
            if element.id == _CLUSTER:
                break
            if element.id == _INFO:
                for scale in element:
                    if scale.id == _TIMESTAMP_SCALE and scale.size == 3:
                        scale.write(tick.to_bytes(3, "big"))
                        found += 1
            elif element.id == _TAGS:
                for text in _durations(element):
                    text.write(_scaled(text.read(), tick))
        if not found:
            raise RuntimeError("libav wrote a Matroska header of a kind that stfrag does not know; please report it")


def codec_delay(data: bytes) -> int:
    """Read how many nanoseconds the decoder of a file's first track drops at the beginning."""
    file = io.BytesIO(data)
    for track in _tracks(file, len(data)):
        for element in track if track.id == _TRACK else ():
            if element.id == _CODEC_DELAY:
                return int.from_bytes(element.read(), "big")
    return 0


def with_codec_delay(data: bytes, delay: int) -> bytes:
    """Rewrite a file of one track, without its index, so that its decoder drops `delay` nanoseconds first."""
    file = io.BytesIO(data)
    tops = list(_Element(file, 0, len(data)))
    kept = []
    for element in tops[1]:
        if element.id == _TRACKS:
            track = next(part for part in element if part.id == _TRACK)
            parts = [part.whole() for part in track if part.id not in (_CODEC_DELAY, _CRC)]
            parts.append(_element(_CODEC_DELAY, delay.to_bytes(8, "big")))
            kept.append(_element(_TRACKS, _element(track.id, b"".join(parts))))
        elif element.id in (_INFO, _CLUSTER):
            kept.append(element.whole())
    return tops[0].whole() + _element(_SEGMENT, b"".join(kept))


_SEGMENT, _INFO, _TRACKS, _CLUSTER, _TAGS = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1254C367
_TIMESTAMP_SCALE, _TRACK, _CODEC_DELAY, _CRC = 0x2AD7B1, 0xAE, 0x56AA, 0xBF
_SIMPLE_TAG, _TAG_NAME, _TAG_STRING = 0x67C8, 0x45A3, 0x4487


def _element(number: int, data: bytes) -> bytes:
    """Write an EBML element."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + (len(data) | 1 << 56).to_bytes(8, "big") + data


class _Element:
    """An EBML element in a file; iterating over it reads it as elements.

    Parameters
    ----------
    file : binary file
    begin, end : int
        Where its content lies.
    number : int
        Its EBML id; 0 stands for the file as a whole.
    head : int, optional
        Where its header begins.
    """

    def __init__(self, file: BinaryIO, begin: int, end: int, number: int = 0, head: int | None = None) -> None:
        self.file, self.begin, self.end = file, begin, end
        self.id, self.head = number, begin if head is None else head

    @property
    def size(self) -> int:
        """Bytes of its content."""
        return self.end - self.begin

    def __iter__(self) -> Iterator[_Element]:
        """Read its content as elements."""
        at = self.begin
        while at < self.end:
            self.file.seek(at)
            head = self.file.read(12)
            if not head or not head[0]:
                return
            width = 9 - head[0].bit_length()
            if width > 4 or width >= len(head) or not head[width]:
                return
            long = 9 - head[width].bit_length()
            size = int.from_bytes(head[width : width + long], "big") & (1 << 7 * long) - 1
            begin = at + width + long
            # A size of ones is unknown: to the end.
            end = self.end if size == (1 << 7 * long) - 1 else min(self.end, begin + size)
            yield _Element(self.file, begin, end, int.from_bytes(head[:width], "big"), at)
            at = end

    def read(self) -> bytes:
        """Read its content."""
        self.file.seek(self.begin)
        return self.file.read(self.size)

    def whole(self) -> bytes:
        """Read it with its header."""
        self.file.seek(self.head)
        return self.file.read(self.end - self.head)

    def write(self, data: bytes) -> None:
        """Replace its content, which keeps its size."""
        self.file.seek(self.begin)
        self.file.write(data[: self.size].ljust(self.size, b"\0"))


def _child(elements: Iterable[_Element], number: int) -> _Element | None:
    """Find the first element of an id."""
    return next((element for element in elements if element.id == number), None)


def _tracks(file: BinaryIO, size: int) -> Iterable[_Element]:
    """Find the descriptions of the tracks of a file."""
    segment = _child(_Element(file, 0, size), _SEGMENT)
    return () if segment is None else _child(segment, _TRACKS) or ()


def _durations(tags: Iterable[_Element]) -> Iterator[_Element]:
    """Find the texts of the tags called DURATION."""
    for tag in tags:
        for simple in tag:
            if simple.id == _SIMPLE_TAG:
                parts = {part.id: part for part in simple}
                if _TAG_NAME in parts and _TAG_STRING in parts and parts[_TAG_NAME].read() == b"DURATION":
                    yield parts[_TAG_STRING]


def _scaled(text: bytes, tick: int) -> bytes:
    """Convert a time such as ``00:33:20.000000000`` to true seconds."""
    try:
        hours, minutes, seconds = text.rstrip(b"\0").decode().split(":")
        true = (int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)) * tick / _MILLISECOND
    except ValueError:
        return text
    whole, rest = divmod(true, 60)
    return f"{whole // 60:02}:{whole % 60:02}:{float(rest):012.9f}".encode()
