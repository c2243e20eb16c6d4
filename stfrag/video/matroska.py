"""Exact times in Matroska files that libav writes.

libav's muxer always counts in milliseconds: 24 frames a second become 0, 42, 83, 125. The format itself counts in
any whole number of nanoseconds, its TimestampScale. So the muxer is handed times in the tick wanted here, which it
takes for milliseconds, and the few numbers in the header that say otherwise are corrected when it is done. Where
the time base is not a whole number of nanoseconds, as 1/24 s is not, the tick is one microsecond, and a tag says
what the time base was, from which `from_video` restores every time exactly.
"""

from __future__ import annotations

import json
from fractions import Fraction

__all__ = ["TAG", "correct_header", "exact_hints", "tick_of"]

#: Tag with what Matroska, or its muxer, cannot say: a JSON object.
TAG = "STFRAG"
_MILLISECOND = 1_000_000
_LARGEST = (1 << 24) - 1  # what fits in the three bytes that the muxer reserves


def tick_of(time_base: Fraction) -> int:
    """Nanoseconds per tick for frame times in a time base.

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
    """The ``time_base`` and ``sample_aspect_ratio`` that a file's tag names; none if there is no valid one.

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


def correct_header(path: str, tick: int, seconds: Fraction) -> None:
    """Put the true tick and duration into a file that was written with `tick` taken for a millisecond."""
    if tick == _MILLISECOND:
        return
    with open(path, "r+b") as file:
        head = file.read(1 << 16)
        place = head.find(b"\x2a\xd7\xb1\x83\x0f\x42\x40")  # TimestampScale, 3 bytes: 1000000
        if place < 0:
            raise RuntimeError("libav wrote a Matroska header of a kind that stfrag does not know; please report it")
        file.seek(place + 4)
        file.write(tick.to_bytes(3, "big"))
        place = head.find(b"\x45\xa3\x88DURATION\x44\x87")  # SimpleTag: TagName, then TagString of 20 bytes
        if place >= 0:
            minutes, rest = divmod(float(seconds), 60)
            text = f"{int(minutes) // 60:02}:{int(minutes) % 60:02}:{rest:012.9f}".encode()
            size = head[place + 13] & 0x7F
            file.seek(place + 14)
            file.write(text[:size].ljust(size, b"\0"))
