"""The loop that writes what a source gives into a store, with the packets of the other streams beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from ...store.writer import Writer
from .demux import Demuxer
from .report import Outcome, VideoReport, expected_frames, last_duration, missing_seconds, problems_of, true_time_base
from .source import FrameTime, InputVideo, Part, Slab, Source
from .streams import SideStreams
from .times import FrameTimes

__all__ = ["Job", "write_store"]


class Job(NamedTuple):
    """What is read from a video file.

    Attributes
    ----------
    video : InputVideo
        The file.
    part : Part
        The part of it that is wanted.
    source : Source
        Its pictures.
    sides : SideStreams
        Its other streams.
    progress : callable or None
        Called as ``progress(done, total)`` after every slab; ``total`` is None if it is not known.
    """

    video: InputVideo
    part: Part
    source: Source
    sides: SideStreams
    progress: Callable[[int, int | None], object] | None


class _Written(NamedTuple):
    """What went into a store: frames, and the tick at which the last of them ends."""

    frames: int
    end: int


def write_store(job: Job) -> Outcome:
    """Read a video file into a store, once from front to back."""
    video, source, sides = job.video, job.source, job.sides
    packets = Demuxer(video.container, source.streams, sides.wanted, sides.take)
    expected = expected_frames(video, job.part)
    first, slabs = _begun(source.slabs(packets))
    times = FrameTimes(video.stream.time_base, video.rate, true_time_base(video, first.pts))
    writer = source.create(times.time_base, sides.metadata(), expected)
    try:
        sides.begin(writer.put_packets)
        written = _write_slabs(job, writer, times, slabs, expected)
        end = written.end * times.time_base
        if not job.part.to_the_end:
            packets.go_on(end)
        sides.release(end, last=True)
        sides.finish()
        writer.described.update(sides.metadata(final=True))
    except BaseException:
        writer.abort()
        raise
    writer.close()
    report = VideoReport(
        frames=written.frames,
        height=source.size[0],
        width=source.size[1],
        pixel_format=source.pixel_format,
        raw_bytes=writer.stats["raw_bytes"],
        bytes=writer.stats["file_bytes"],
        broken_packets=source.broken,
        damaged_frames=source.damaged,
        missing_times=times.missing,
        moved_times=times.moved,
    )
    missing = missing_seconds(video, end) if source.ends_as_announced else 0.0
    return Outcome(report, problems_of(report, packets.cut, missing, sides.problems))


def _write_slabs(
    job: Job, writer: Writer, times: FrameTimes, slabs: Iterator[Slab], expected: int | None
) -> _Written:
    """Write slabs as they come, each when the one after it says how long its last frame is shown."""
    count = 0
    waiting: tuple[Slab, list[int]] | None = None
    for slab in slabs:
        pts = [times.next(time.pts, time.dts) for time in slab.times]
        job.sides.offset = times.offset * times.time_base
        job.sides.release(pts[-1] * times.time_base)
        if waiting is not None:
            _put(writer, *waiting, end=pts[0])
        waiting = slab, pts
        count += len(pts)
        if job.progress is not None:
            job.progress(count, expected)
    assert waiting is not None
    slab, pts = waiting
    said = slab.times[-1].duration
    if job.source.ends_as_announced:
        end = pts[-1] + last_duration(job.video, times, pts[-1], said)
    else:
        end = pts[-1] + times.duration(said)
    _put(writer, slab, pts, end)
    return _Written(count, end)


def _put(writer: Writer, slab: Slab, pts: list[int], end: int) -> None:
    """Write a slab whose last frame ends at a tick."""
    slab.put(writer, pts, [after - before for before, after in pairwise([*pts, end])])


def _begun(slabs: Iterator[Slab]) -> tuple[FrameTime, Iterator[Slab]]:
    """Look at the time of the first frame; the slabs are all there still."""
    first = next(slabs)
    return first.times[0], _after(first, slabs)


def _after(first: Slab | None, slabs: Iterator[Slab]) -> Iterator[Slab]:
    """Give a slab that was read already, then those after it."""
    assert first is not None
    yield first
    first = None  # so that it is not kept for as long as the others last
    yield from slabs
