"""The clock of a store being written: times of appended frames, in seconds, in ticks or by a rate, become ticks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Clock", "Times"]

#: The tick for times in seconds. The usual durations of a frame (1001/24000 s, 1/25 s, ...), a millisecond and a
#: microsecond are whole numbers of it.
DEFAULT_TIME_BASE = Fraction(1, 3_000_000)

Ticks = np.ndarray[Any, Any]


class Times(NamedTuple):
    """The times of some frames as a user gave them.

    Attributes
    ----------
    seconds : float, Fraction, or a sequence of them, optional
        Presentation times in seconds.
    pts, durations : sequence of int, optional
        Presentation times and durations in ticks.
    """

    seconds: Any = None
    pts: Any = None
    durations: Any = None

    @property
    def given(self) -> bool:
        """Whether presentation times were given."""
        return self.seconds is not None or self.pts is not None


class Clock:
    """The clock that gives ticks to frames in the order in which they are appended.

    Parameters
    ----------
    fps : Fraction, optional
        The rate of frames whose times are not given.
    base : Fraction, optional
        Seconds per tick. If it is not given, the first times decide.
    frames : int
        How many frames the store has already.
    last : int, optional
        The tick of the last of these frames.
    timed : bool, optional
        Whether these frames have times; None if there are no frames yet.
    """

    def __init__(
        self,
        fps: Fraction | None,
        base: Fraction | None,
        frames: int = 0,
        last: int | None = None,
        timed: bool | None = None,
    ) -> None:
        self.fps, self.base, self.frames, self.timed = fps, base, frames, timed
        self._last = last
        self._origin: tuple[int, int] | None = None  # tick and number of the frame from which the rate counts

    @property
    def fraction(self) -> tuple[int, int]:
        """Seconds per tick as (numerator, denominator); (0, 0) where frames have no times."""
        if not self.timed or self.base is None:
            return 0, 0
        return self.base.numerator, self.base.denominator

    def wants_picture_times(self) -> bool:
        """Tell whether decoded pictures keep their own times: not if a rate was given, or frames before have none."""
        return self.fps is None and self.timed is not False

    def of_picture(self, pts: int, time_base: Fraction, durations: Any) -> Times:
        """Return the time of a decoded picture as `Times`; the first one decides the store's seconds per tick."""
        if self.timed is None and self.base is None:
            self.base = time_base
        return Times([pts * time_base], None, durations)

    def ticks(self, count: int, times: Times) -> tuple[Ticks | None, Ticks | None]:
        """Return presentation times and durations of the next frames in ticks, each None where there are none.

        The first frames decide whether the frames of this store have times.

        Parameters
        ----------
        count : int
            How many frames there are.
        times : Times
            What the user gave.

        Raises
        ------
        TypeError, ValueError
            For times that make no sense, or do not ascend.
        """
        if times.seconds is not None and times.pts is not None:
            raise ValueError("times= and pts= exclude each other")
        base = self._decide(times)
        if base is None:
            if times.durations is not None:
                raise ValueError("durations= without times")
            self.timed = False
            return None, None
        durations = times.durations
        if times.pts is not None:
            ticks = _integers("pts", times.pts, count)
        elif times.seconds is not None:
            ticks = _from_seconds(times.seconds, count, base)
        else:
            ticks, regular = self._regular(count, base)
            durations = regular if durations is None else durations
        steps = np.diff(ticks, prepend=ticks[0] - 1 if self._last is None else self._last)
        if (steps <= 0).any():
            at = self.frames + int(np.argmax(steps <= 0))
            raise ValueError(f"times must ascend: that of frame {at} does not")
        lengths = None if durations is None else _integers("durations", durations, count)
        if lengths is not None and (lengths < 0).any():
            raise ValueError("durations must not be negative")
        self.timed, self.base = True, base
        return ticks, lengths

    def advance(self, count: int, ticks: Ticks | None) -> None:
        """Advance behind frames that were written; `ticks` are their presentation times."""
        self.frames += count
        if ticks is not None:
            self._last = int(ticks[-1])

    def _decide(self, times: Times) -> Fraction | None:
        """Return the seconds per tick of the next frames; None if they have no times."""
        timed = times.given or self.fps is not None
        if self.timed is not None and self.timed != timed:
            raise ValueError("either all frames of a store have times or none")
        if not timed:
            return None
        if self.base is not None:
            return self.base
        if times.pts is not None:
            raise ValueError("pts= are ticks: give create() a time_base")
        return DEFAULT_TIME_BASE if times.seconds is not None or self.fps is None else 1 / self.fps

    def _regular(self, count: int, base: Fraction) -> tuple[Ticks, Ticks]:
        """Return times and durations of the next frames at the nominal rate, which follow those of the last frame."""
        assert self.fps is not None
        step = 1 / (self.fps * base)
        if self._origin is None:  # the rate counts from the last frame whose time was given
            self._origin = (0, self.frames) if self._last is None else (self._last, self.frames - 1)
        tick, frame = self._origin
        first = self.frames - frame
        borders = np.array([tick + round(n * step) for n in range(first, first + count + 1)], np.int64)
        return borders[:-1], np.diff(borders)


def _from_seconds(seconds: Any, count: int, base: Fraction) -> Ticks:
    """Return times in seconds as ticks."""
    single = isinstance(seconds, (int, float, Fraction, np.number))
    given: Sequence[Any] = [seconds] if single else list(seconds)
    if len(given) != count:
        raise ValueError(f"{count} frames need {count} times, not {len(given)}")
    return _integers("times", [_round(second, base) for second in given], count)


def _integers(name: str, values: Any, count: int) -> Ticks:
    """Return `values` as an int64 array with one number for each frame; TypeError or ValueError if they are not."""
    array = np.asarray(values)
    if array.shape != (count,):
        raise ValueError(f"{name} must be {count} numbers, one a frame, not of shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, not {array.dtype}")
    return np.ascontiguousarray(array, np.int64)


def _round(seconds: Any, base: Fraction) -> int:
    """Return the tick that is nearest to a time in seconds."""
    try:
        exact = seconds if isinstance(seconds, Fraction) else Fraction(float(seconds))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{seconds!r} is not a time in seconds") from None
    return round(exact / base)
