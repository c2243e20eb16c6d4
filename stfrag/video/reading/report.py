"""The report of `from_video`: what a file announces, what came of it, and warnings where the two differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ..matroska import TAG, exact_hints
from .source import InputVideo, Part
from .times import FrameTimes

__all__ = [
    "Outcome",
    "VideoReport",
    "expected_frames",
    "last_duration",
    "missing_seconds",
    "problems_of",
    "true_time_base",
]


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


class Outcome(NamedTuple):
    """What came of reading a video: the report, and what to warn of."""

    report: VideoReport
    problems: list[str]


def expected_frames(video: InputVideo, part: Part) -> int | None:
    """Tell how many frames there will be, as far as the file says; only progress depends on it."""
    stream = video.stream
    if part.start is None and part.end is None and stream.frames:
        total = int(stream.frames)
    elif video.rate:
        seconds: float | Fraction | None = None
        if stream.duration:
            seconds = stream.duration * stream.time_base
        elif video.container.duration:
            seconds = Fraction(video.container.duration, 1_000_000)
        if part.end is not None:
            seconds = part.end if seconds is None else min(part.end, seconds)
        if seconds is None:
            return part.frames
        total = max(1, round((float(seconds) - (part.start or 0)) * video.rate))
    else:
        return part.frames
    return min(total, part.frames) if part.frames else total


def last_duration(video: InputVideo, times: FrameTimes, last: int, said: int) -> int:
    """Tell how long the last frame is shown, in ticks: what the file says.

    Parameters
    ----------
    video : InputVideo
    times : FrameTimes
    last : int
        Its time in ticks.
    said : int
        The duration of its packet, in ticks of the stream.
    """
    stream = video.stream
    if stream.duration and "mp4" in video.container.format.name:
        # In these, durations are those of packets, in another order; but the end of the whole is exact.
        rest = times.duration((stream.start_time or 0) + stream.duration) - last
        if 0 < rest <= times.second:
            return rest
    return times.duration(said)


def true_time_base(video: InputVideo, pts: int | None) -> Fraction | None:
    """Find the time base that `to_video` noted in a file whose own cannot say it, if the first time fits it."""
    true = exact_hints(video.container.metadata.get(TAG)).get("time_base")
    if true is None or pts is None:
        return None
    time_base = video.stream.time_base
    ticks = pts * time_base / true
    return true if abs(ticks - round(ticks)) * true <= time_base else None


def missing_seconds(video: InputVideo, end: Fraction) -> float:
    """Tell by how much frames that end at `end` do so before the file says; 0 if that is nothing to speak of."""
    container, stream = video.container, video.stream
    step = 1 / Fraction(video.rate or 25)
    if "matroska" in container.format.name:
        # Times in milliseconds, but no guesses: a single frame that is missing shows.
        announced = _matroska_end(video)
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


def _matroska_end(video: InputVideo) -> Fraction:
    """Tell when the video ends by the word of a Matroska file, counted from 0 and not from its first frame.

    It is 0 if the file does not say: its duration as a whole is that of the sound, too.
    """
    for key, value in video.stream.metadata.items():  # DURATION, or DURATION-eng
        found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", value)
        if found and key.split("-")[0].upper() == "DURATION":
            return int(found[1]) * 3600 + int(found[2]) * 60 + Fraction(found[3])
    alone = len(video.container.streams) == 1
    return Fraction(video.container.duration or 0, 1_000_000) if alone else Fraction(0)


def problems_of(report: VideoReport, cut: str, missing: float, others: Sequence[str]) -> list[str]:
    """List all that was not as it should be.

    Parameters
    ----------
    report : VideoReport
    cut : str
        Why reading ended before the end of the file; else empty.
    missing : float
        Seconds that the file announces and that did not come.
    others : sequence of str
        What there is to say of the other streams.
    """
    found = []
    if report.broken_packets:
        found.append(f"{report.broken_packets} broken packets were left out")
    if report.damaged_frames:
        found.append(f"{report.damaged_frames} frames were damaged; they are stored as the decoder patched them up")
    if cut:
        found.append(f"reading ended early ({cut}); what came before is stored")
    elif missing:
        found.append(
            f"the video ends {missing:.2f} s before the end that the file announces; what there was is stored"
        )
    if report.missing_times:
        found.append(f"{report.missing_times} frames had no time; they were given one")
    if report.moved_times:
        found.append(f"the times of {report.moved_times} frames were not after those before them and were moved")
    return [*found, *others]
