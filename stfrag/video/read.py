"""`from_video`: anything that libav reads into a store."""

from __future__ import annotations

import math
import os
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..codec.coding import resolve
from ..errors import UnsupportedError
from ..options import DEFAULT_QUALITY, lossy_default, parse_options
from ..pixel_formats import pixel_format
from .demux import Decoder, Demuxer
from .frames import frame_planes
from .matroska import TAG, exact_hints
from .metadata import describe
from .opening import VideoWarning, import_av, name_of, open_video, video_stream
from .streams import SideStreams
from .times import FrameTimes
from .wrap import Wrapper, refuse_options

__all__ = ["VideoReport", "from_video"]


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
        Frames that had no time, and frames whose time had to change (see `stfrag.video.times`).
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


def from_video(
    src,
    dst,
    *,
    stream: int = 0,
    start: float | None = None,
    end: float | None = None,
    frames: int | None = None,
    streams: bool = True,
    copy: bool | None = None,
    verify: bool = True,
    progress: Callable[[int, int | None], None] | None = None,
    input_format: str | None = None,
    input_options: Mapping[str, object] | None = None,
    **options,
) -> VideoReport:
    """Turn a video file into a store.

    Unless the options say how to encode, it is lossy at ``quality=75`` with ``codec="auto"``: H.264 where that takes the
    samples. Samples that no lossy codec takes (alpha, more than 12 bits) are stored losslessly then, with a warning.
    ``max_error=0`` loses nothing, and ``copy=True`` does not encode at all.

    Frames go from libav's decoder to the store as they are: the same planes at the same depth, never by way of
    RGB. Memory stays bounded, whatever the length. Kept are exact frame times and durations (variable frame rate
    included), the average rate, colour description, sample aspect ratio, rotation, field order, HDR values and
    tags; and all that is in the file beside the pictures: sound, subtitles, data, attachments and covers, packet by
    packet as they are, and chapters. `to_video` gives all of it back; `stfrag.Reader.packets` shows it.

    Parameters
    ----------
    src : path, URL, bytes or file-like object
        Whatever libav reads.
    dst : path or file-like object
        Where the store goes, as for `stfrag.create`; it appears there only when it is complete.
    stream : int
        Which of the video streams, from 0; pictures of covers are not counted.
    start, end : float, optional
        Only frames with ``start <= time < end``, in seconds of the video's own clock. Their times stay as they
        are.
    frames : int, optional
        At most so many.
    streams : bool
        Whether to keep the other streams and the chapters too, of the same stretch of time. Subtitles that are
        shown already at `start` may be missing.
    copy : bool, optional
        True: the coded video is kept as it is, its GOPs becoming fragments of whole pictures, which costs no quality and
        hardly any time, and gives any H.264, HEVC, AV1, VP9 or FFV1 file the index, exact frames and damage isolation of a
        store. GOPs that are open, so that they do not decode alone, are joined to those before them. Default: only of
        files that ``to_video(tiles=True)`` wrote, which become the store that they were; False: not even of those.
    verify : bool
        Of ``copy``: decode every fragment by itself before it is written, which proves that it can be and stores the
        CRC of its samples. False takes the file on trust.
    progress : callable, optional
        Called as ``progress(done, total)`` after every frame; ``total`` is None if it is not known.
    input_format, input_options : str and mapping, optional
        What libav cannot tell by itself. For raw video (``.yuv``): ``input_format="rawvideo"`` and
        ``input_options={"video_size": "352x288", "pixel_format": "yuv420p", "framerate": "30"}``.
    **options
        As for `stfrag.create`: ``fragment``, ``layout``, ``effort``, ``num_threads``, ``overwrite``, ...

    Returns
    -------
    VideoReport
        Counts and sizes.

    Raises
    ------
    OSError
        If `src` cannot be read or `dst` not be written.
    UnsupportedError
        If `src` is empty, not a video, has no video stream or no frame that decodes, if its samples cannot be
        kept exactly (floating point), or if frames change size or format midway; the message names the frame, and
        what came before it stays in ``<dst>.part``, which `stfrag.repair` makes a store of.
    ValueError
        If there is no such stream or an option makes no sense.

    Warns
    -----
    VideoWarning
        If packets were broken (decoding goes on after them), the file ends early, the decoder flagged frames as
        damaged, or times were missing or not ascending. If the file has something that cannot be kept, such as
        another video.

    Examples
    --------
    >>> import stfrag
    >>> report = stfrag.from_video("in.mp4", "out.stf", effort=3)  # doctest: +SKIP
    >>> report.frames, report.pixel_format  # doctest: +SKIP
    (1323, 'yuv420p')
    """
    name = name_of(src)
    _refuse_same_file(src, dst)
    if frames is not None and frames < 1:
        raise ValueError(f"frames must be at least 1, not {frames}")
    for what, time in (("start", start), ("end", end)):
        if time is not None and not math.isfinite(time):
            raise ValueError(f"{what} must be a time in seconds, not {time}")
    if start is not None and end is not None and not start < end:
        raise ValueError(f"start ({start}) must be less than end ({end})")
    begin = src.tell() if hasattr(src, "seek") and hasattr(src, "tell") else None
    container = open_video(src, input_format, input_options)
    with ExitStack() as stack:
        stack.enter_context(container)
        threads = options.get("num_threads")
        chosen = video_stream(container, stream, name, threads)
        if copy:
            refuse_options(options, start=start, end=end, frames=frames)
        if start is not None and start > 0 and not _seek(container, chosen, start):
            container.close()
            if begin is not None:
                src.seek(begin)
            container = stack.enter_context(open_video(src, input_format, input_options))
            chosen = video_stream(container, stream, name, threads)
        sides = None
        if streams:
            begin, stop = (None if time is None else Fraction(time) for time in (start, end))
            sides = SideStreams(container, chosen, begin, stop, hold=frames is not None)
        if copy:
            return _wrap(container, chosen, sides, name, dst, verify, progress, options)
        return _transcribe(container, chosen, sides, name, dst, start, end, frames, progress, options)


def _seek(container, stream, start: float) -> bool:
    """Go to a key frame at or before `start`. False if that lost the way, and the file must be opened anew.

    Containers without an index (MPEG-TS) end up anywhere, so what decodes there is looked at.
    """
    av = import_av()
    ticks = int(start / stream.time_base)
    try:
        container.seek(ticks, stream=stream, backward=True)
    except (av.FFmpegError, OSError, OverflowError):
        return True  # cannot be done, as on a pipe: read on from the beginning
    first = next(iter(Decoder(Demuxer(container, stream))), None)
    if first is None or first.pts is None or first.pts > ticks:
        return False
    container.seek(ticks, stream=stream, backward=True)
    return True


def _transcribe(container, stream, sides, name, dst, start, end, limit, progress, options) -> VideoReport:
    time_base: Fraction = stream.time_base
    packets = Demuxer(container, stream, *((sides.wanted, sides.take) if sides else ()))
    decoder = Decoder(packets)
    rate = stream.average_rate or stream.guessed_rate
    total = _expected(container, stream, start, end, limit)
    writer = first = fmt = waiting = None
    duration = 0
    count = damaged = 0
    outside = False
    try:
        for frame in decoder:
            if frame.pts is not None and (start is not None or end is not None):
                seconds = float(frame.pts * time_base)  # so that a time that was read from a store finds its frame
                outside = True
                if start is not None and seconds < start:
                    continue
                if end is not None and seconds >= end:
                    break
            if writer is None:
                first, fmt = frame, pixel_format(frame.format.name)
                times = FrameTimes(time_base, rate, _true_time_base(container, frame, time_base))
                found = describe(container, stream, frame, fmt) | (sides.metadata() if sides else {})
                writer = _create(dst, frame, fmt, times.time_base, found, options)
                if sides:
                    sides.begin(writer._put_packets)
            else:
                _check_same(first, fmt, frame, count, name)
            pts = times.next(frame.pts, frame.dts)
            if sides:
                sides.offset = times.offset * times.time_base
                sides.release(pts * times.time_base)
            if waiting:
                writer.append(waiting[0], pts=[waiting[1]], durations=[pts - waiting[1]])
            waiting = tuple(plane[None] for plane in frame_planes(frame)), pts
            last, duration = frame, times.duration(getattr(frame, "duration", 0))
            damaged += frame.is_corrupt
            count += 1
            if progress is not None:
                progress(count, total)
            if count == limit:
                break
        if writer is None and outside:
            part = " and ".join(f"{what} {time:g} s" for what, time in (("from", start), ("before", end))
                                if time is not None)
            raise ValueError(f"{name}: there is no frame {part}")
        if writer is None or waiting is None or first is None or fmt is None:
            broken = f" ({decoder.broken} broken packets)" if decoder.broken else ""
            raise UnsupportedError(f"{name}: no frame of it can be decoded{broken}")
        # How long a frame is shown is the time until the next.
        if limit is None and end is None and not decoder.broken:
            duration = _last_duration(container, stream, times, waiting[1], getattr(last, "duration", 0))
        writer.append(waiting[0], pts=[waiting[1]], durations=[duration])
        if sides:
            stop = (waiting[1] + duration) * times.time_base
            if limit is not None or end is not None:
                packets.go_on(stop)
            sides.release(stop, last=True)
            sides.finish()
            writer._document["stfrag"].update(sides.metadata(final=True))
    except BaseException:
        if writer is not None:
            writer.abort()
        raise
    writer.close()
    missing = 0.0
    if limit is None and end is None and not decoder.broken:
        missing = _missing_seconds(container, stream, (waiting[1] + duration) * times.time_base)
    _warn(name, decoder, damaged, times, missing, sides.problems if sides else ())
    stats = writer.stats
    return VideoReport(
        frames=count, height=first.height, width=first.width, pixel_format=fmt.planar,
        raw_bytes=stats["raw_bytes"], bytes=stats["file_bytes"], broken_packets=decoder.broken,
        damaged_frames=damaged, missing_times=times.missing, moved_times=times.moved,
    )  # fmt: skip


def _wrap(container, stream, sides, name, dst, verify, progress, options) -> VideoReport:
    """`from_video(copy=True)`: the packets of the video become fragments."""
    packets = Demuxer(container, stream, *((sides.wanted, sides.take) if sides else ()))
    source = Wrapper(container, stream, packets, name, verify)
    first, fmt = source.first, pixel_format(source.first.format.name)
    rate = stream.average_rate or stream.guessed_rate
    times = FrameTimes(stream.time_base, rate, _true_time_base(container, first, stream.time_base))
    found = describe(container, stream, first, fmt) | (sides.metadata() if sides else {})
    total = _expected(container, stream, None, None, None)
    box = (0, first.height, 0, first.width)
    count = 0
    waiting: tuple | None = None  # a fragment, until the time of the frame after it is known
    writer = source.create(dst, fmt, times.time_base, found, options)

    def put(end: int) -> None:
        coded, pts = waiting  # type: ignore[misc]
        writer._append_coded(len(pts), [(coded, box, source.codec.id, ())], pts, np.diff([*pts, end]))

    try:
        if sides:
            sides.begin(writer._put_packets)
        for coded, frames in source.fragments():
            pts = [times.next(*frame[:2]) for frame in frames]
            if waiting:
                put(pts[0])
            waiting = coded, pts
            if sides:
                sides.offset = times.offset * times.time_base
                sides.release(pts[-1] * times.time_base)
            count += len(pts)
            if progress is not None:
                progress(count, total)
        end = pts[-1] + _last_duration(container, stream, times, pts[-1], frames[-1][2])
        put(end)
        if sides:
            sides.release(end * times.time_base, last=True)
            sides.finish()
            writer._document["stfrag"].update(sides.metadata(final=True))
    except BaseException:
        writer.abort()
        raise
    writer.close()
    decoder = Decoder(packets)
    decoder.broken = source.left_out
    _warn(name, decoder, 0, times, _missing_seconds(container, stream, end * times.time_base),
          sides.problems if sides else ())
    stats = writer.stats
    return VideoReport(
        frames=count, height=first.height, width=first.width, pixel_format=fmt.planar,
        raw_bytes=stats["raw_bytes"], bytes=stats["file_bytes"], broken_packets=source.left_out,
        missing_times=times.missing, moved_times=times.moved,
    )  # fmt: skip


def _last_duration(container, stream, times: FrameTimes, last: int, said: int) -> int:
    """How long the last frame is shown, in ticks: what the file says."""
    duration = times.duration(said)
    if stream.duration and "mp4" in container.format.name:
        # In these, durations are those of packets, in another order; but the end of the whole is exact.
        rest = times.duration((stream.start_time or 0) + stream.duration) - last
        if 0 < rest <= times.second:
            return rest
    return duration


def _refuse_same_file(src, dst) -> None:
    """A store may replace a store, but not the video that it is made from."""
    paths = isinstance(src, str | os.PathLike) and isinstance(dst, str | os.PathLike)
    if paths and os.path.exists(src) and os.path.exists(dst) and os.path.samefile(src, dst):
        raise ValueError(f"{name_of(dst)} is the video itself; the store needs another name")


def _expected(container, stream, start, end, limit) -> int | None:
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


def _check_same(first, fmt, frame, number: int, name: str) -> None:
    same_size = frame.width == first.width and frame.height == first.height
    if same_size and pixel_format(frame.format.name).planar == fmt.planar:
        return
    raise UnsupportedError(
        f"{name}: frame {number} is {frame.width}x{frame.height} {frame.format.name}, those before it are "
        f"{first.width}x{first.height} {first.format.name}; a store holds pictures of one size and format"
    )


def _true_time_base(container, frame, time_base: Fraction) -> Fraction | None:
    """The time base that `to_video` noted in a file whose own cannot say it, if the times still fit it."""
    true = exact_hints(container.metadata.get(TAG)).get("time_base")
    if true is None or frame.pts is None:
        return None
    ticks = frame.pts * time_base / true
    return true if abs(ticks - round(ticks)) * true <= time_base else None


def _missing_seconds(container, stream, end: Fraction) -> float:
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


def _warn(name: str, decoder: Decoder, damaged: int, times: FrameTimes, missing: float, problems) -> None:
    def say(what: str) -> None:
        warnings.warn(f"{name}: {what}", VideoWarning, stacklevel=5)

    if decoder.broken:
        say(f"{decoder.broken} broken packets were left out")
    if damaged:
        say(f"{damaged} frames were damaged; they are stored as the decoder patched them up")
    if decoder.packets.cut:
        say(f"reading ended early ({decoder.packets.cut}); what came before is stored")
    elif missing:
        say(f"the video ends {missing:.2f} s before the end that the file announces; what there was is stored")
    if times.missing:
        say(f"{times.missing} frames had no time; they were given one")
    if times.moved:
        say(f"the times of {times.moved} frames were not after those before them and were moved")
    for problem in problems:
        say(problem)


def _create(dst, frame, fmt, time_base, found, options):
    """A writer of pictures; where nothing is said about loss, a lossy one if its samples can be coded so."""
    from ..writer import create, video_format

    if lossy_default(options):
        chosen = {**options, "quality": DEFAULT_QUALITY}
        try:
            resolve(parse_options(chosen, "from_video"), video_format(fmt.planar, options.get("bits"), {})[0],
                    rgb=fmt.is_rgb)
            options = chosen
        except UnsupportedError as error:
            if options.get("codec") not in (None, "auto"):
                raise
            warnings.warn(f"{error}: it is stored losslessly", VideoWarning, stacklevel=5)
    fps = found.pop("fps")
    return create(
        dst, shape=(None, frame.height, frame.width), pixel_format=fmt.planar, time_base=time_base,
        fps=Fraction(*fps) if fps else None, metadata=found, **options,
    )  # fmt: skip
