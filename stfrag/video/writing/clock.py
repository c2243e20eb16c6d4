"""How a muxer is told the times of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..matroska import tick_of
from .pictures import Timing

__all__ = ["Clock", "clock_of"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The times of the pictures as a muxer is told them.

    Attributes
    ----------
    pts : list of int
        In ticks.
    last_duration : int
        How long the last one is shown, in ticks.
    time_base : Fraction
        Seconds per tick, as the muxer believes.
    tick : Fraction or None
        In Matroska files, what a tick really is, in seconds (see `stfrag.video.matroska`); None elsewhere.
    hints : dict
        What the file has to say of it in a tag.
    """

    pts: list[int]
    last_duration: int
    time_base: Fraction
    tick: Fraction | None
    hints: dict[str, Any]

    def end(self, frame: int) -> int:
        """Tell when a frame ends: with the next one, or after its own duration."""
        following = frame + 1
        return self.pts[following] if following < len(self.pts) else self.pts[-1] + self.last_duration

    def seconds(self, ticks: int, time_base: Fraction) -> Fraction:
        """Convert a time that the muxer is told to true seconds."""
        return ticks * time_base * (self.tick * 1000 if self.tick else 1)


def clock_of(timing: Timing, muxer: str) -> Clock:
    """Choose the clock of a kind of file that holds these times best."""
    time_base = timing.time_base
    if muxer != "matroska":
        return Clock([int(p) for p in timing.pts], timing.last_duration, time_base, None, {})
    tick = tick_of(time_base)
    exact = time_base * 1_000_000_000 / tick  # ticks of the file per tick of the store
    hints = {"time_base": [time_base.numerator, time_base.denominator]} if exact.denominator != 1 else {}
    pts = [round(int(p) * exact) for p in timing.pts]
    last = max(1, round(timing.last_duration * exact))
    return Clock(pts, last, Fraction(1, 1000), Fraction(tick, 1_000_000_000), hints)
