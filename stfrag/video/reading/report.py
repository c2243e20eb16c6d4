"""What a video file announces, what came of it, and what to say where the two differ."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from fractions import Fraction

from ..matroska import TAG, exact_hints
from ..opening import VideoWarning
from .times import FrameTimes

__all__ = ["VideoReport", "expected_frames", "last_duration", "missing_seconds", "tell", "true_time_base"]


@dataclass(frozen=True, slots=True)
class VideoReport:
    """What `from_video` did.

    Attributes
    ----------
    frames : int
        Frames stored.
    height, width : int
        Size of the picture.
    pixel_format : str
        Of the store.
    raw_bytes, bytes : int
        Size of the samples in memory, and of the finished file.
    broken_packets : int
        Packets of the video that did not decode, and were left out.
    damaged_frames : int
        Frames that the decoder itself flagged as damaged; they are stored as it gave them.
    missing_times, moved_times : int
        Frames that had no time, and frames whose time had to change (see `stfrag.video.reading.times`).
    """

    frames: int
    height: int
    width: int
    pixel_format: str
    raw_bytes: int
    bytes: int
    broken_packets: int = 0
    damaged_frames: int = 0
    missing_times: int = 0
    moved_times: int = 0


def expected_frames(container, stream, start, end, limit) -> int | None:
    """How many frames there will be, as far as the file says; only progress depends on it."""
    rate = stream.average_rate or stream.guessed_rate
    if start is None and end is None and stream.frames:
        total = stream.frames
    elif rate:
        seconds = None
        if stream.duration:
            seconds = stream.duration * stream.time_base
        elif container.duration:
            seconds = Fraction(container.duration, 1_000_000)
        if end is not None:
            seconds = end if seconds is None else min(end, seconds)
        if seconds is None:
            return limit
        total = max(1, round((float(seconds) - (start or 0)) * rate))
    else:
        return limit
    return min(total, limit) if limit else total


def last_duration(container, stream, times: FrameTimes, last: int, said: int) -> int:
    """How long the last frame is shown, in ticks: what the file says."""
    duration = times.duration(said)
    if stream.duration and "mp4" in container.format.name:
        # In these, durations are those of packets, in another order; but the end of the whole is exact.
        rest = times.duration((stream.start_time or 0) + stream.duration) - last
        if 0 < rest <= times.second:
            return rest
    return duration


def true_time_base(container, pts: int | None, time_base: Fraction) -> Fraction | None:
    """The time base that `to_video` noted in a file whose own cannot say it, if the times still fit it."""
    true = exact_hints(container.metadata.get(TAG)).get("time_base")
    if true is None or pts is None:
        return None
    ticks = pts * time_base / true
    return true if abs(ticks - round(ticks)) * true <= time_base else None


def missing_seconds(container, stream, end: Fraction) -> float:
    """By how much the frames end before the file says that they do; 0 if that is nothing to speak of."""
    step = 1 / Fraction(stream.average_rate or stream.guessed_rate or 25)
    if "matroska" in container.format.name:
        # Times in milliseconds, but no guesses: a single frame that is missing shows.
        announced = _matroska_end(container, stream)
        slack = max(3 * step / 4, Fraction(2, 1000))
    elif stream.duration:
        announced = (stream.start_time or 0) * stream.time_base + stream.duration * stream.time_base
        slack = 3 * step + announced / 50
    elif len(container.streams) == 1 and container.duration:
        announced = Fraction((container.start_time or 0) + container.duration, 1_000_000)
        slack = 3 * step + announced / 50
    else:
        return 0
    missing = announced - end
    return float(missing) if missing > slack else 0


def _matroska_end(container, stream) -> Fraction:
    """When the stream ends by the word of a Matroska file, counted from 0 and not from its first frame; 0 if it does
    not say: its duration as a whole is that of the sound, too."""
    for key, value in stream.metadata.items():  # DURATION, or DURATION-eng
        found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", value)
        if found and key.split("-")[0].upper() == "DURATION":
            return int(found[1]) * 3600 + int(found[2]) * 60 + Fraction(found[3])
    alone = len(container.streams) == 1
    return Fraction(container.duration or 0, 1_000_000) if alone else Fraction(0)


def tell(name: str, broken: int, cut: str, damaged: int, times: FrameTimes, missing: float, problems) -> None:
    """Warn of all that was not as it should be."""

    def say(what: str) -> None:
        warnings.warn(f"{name}: {what}", VideoWarning, stacklevel=6)

    if broken:
        say(f"{broken} broken packets were left out")
    if damaged:
        say(f"{damaged} frames were damaged; they are stored as the decoder patched them up")
    if cut:
        say(f"reading ended early ({cut}); what came before is stored")
    elif missing:
        say(f"the video ends {missing:.2f} s before the end that the file announces; what there was is stored")
    if times.missing:
        say(f"{times.missing} frames had no time; they were given one")
    if times.moved:
        say(f"the times of {times.moved} frames were not after those before them and were moved")
    for problem in problems:
        say(problem)
