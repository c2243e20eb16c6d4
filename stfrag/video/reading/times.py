"""Frame times, made as a store wants them: integers in a time base, strictly ascending.

What libav hands out is kept exactly wherever it is that already. Otherwise, with as little change as possible:

* a missing time becomes the decoding time, if that is later than the frame before, else the time of the frame
  before plus the nominal duration of a frame;
* a time that is not later than that of the frame before, by less than a second, becomes one tick later than it;
* a jump back by a second or more (recordings that were joined) moves this frame to one nominal duration after
  the one before, and all that follow by as much.
"""

from __future__ import annotations

from fractions import Fraction

__all__ = ["FrameTimes"]


class FrameTimes:
    """Makes the times of the frames of one stream strictly ascending, a frame at a time.

    Parameters
    ----------
    time_base : Fraction
        Seconds per tick.
    rate : Fraction or None
        Nominal frames per second, for frames without a time; 25 if not known.
    true_time_base : Fraction, optional
        What the times were in before a coarser container rounded them; they are rounded back to it.

    Attributes
    ----------
    time_base : Fraction
        Seconds per tick of the times given out.
    offset : int
        Ticks that the frames are moved by since times jumped back.
    missing, moved : int
        Frames that had no time; frames whose time was changed.
    """

    def __init__(self, time_base: Fraction, rate: Fraction | None, true_time_base: Fraction | None = None) -> None:
        self.scale = time_base / true_time_base if true_time_base else Fraction(1)
        self.time_base = time_base = true_time_base or time_base
        self.step = max(1, round(1 / (Fraction(rate or 25) * time_base)))
        self.second = max(1, round(1 / time_base))
        self.offset = 0
        self.last: int | None = None
        self.missing = self.moved = 0

    def next(self, pts: int | None, dts: int | None = None) -> int:
        """Give the time of the next frame in ticks, from its presentation and decoding times."""
        if self.scale != 1:
            pts = None if pts is None else round(pts * self.scale)
            dts = None if dts is None else round(dts * self.scale)
        if pts is None:
            self.missing += 1
            if dts is not None and (self.last is None or dts + self.offset > self.last):
                time = dts + self.offset
            else:
                time = 0 if self.last is None else self.last + self.step
        else:
            time = pts + self.offset
            if self.last is not None and time <= self.last:
                if self.last - time >= self.second:
                    self.offset += self.last + self.step - time
                    time = self.last + self.step
                else:
                    time = self.last + 1
            self.moved += time != pts
        self.last = time
        return time

    def duration(self, ticks: int | None) -> int:
        """Convert a duration that libav gives to ticks; one nominal frame if it gives none."""
        return round((ticks or 0) * self.scale) or self.step
