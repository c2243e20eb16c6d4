"""`from_video`: anything that libav reads into a store."""

from __future__ import annotations

import io
import math
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction

from ..errors import UnsupportedError
from ..pixel_formats import pixel_format
from .frames import frame_planes
from .matroska import TAG, exact_hints
from .metadata import describe
from .times import FrameTimes

__all__ = ["VideoReport", "VideoWarning", "from_video", "import_av", "open_video"]


_ATTACHED_PICTURE = 1 << 10  # AV_DISPOSITION_ATTACHED_PIC


class VideoWarning(UserWarning):
    """Something in a video file was not as it should be, and what was done about it."""


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


def import_av():
    """PyAV, or an UnsupportedError that says how to get it."""
    try:
        import av
    except ImportError as error:
        raise UnsupportedError(f"video files need PyAV (pip install av): {error}") from None
    return av


def name_of(source) -> str:
    """What to call a source in a message."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return f"<{memoryview(source).nbytes} bytes>"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def open_video(source, input_format: str | None = None, input_options: Mapping[str, object] | None = None):
    """Open a path, URL, bytes or file-like object with libav.

    Parameters
    ----------
    source : path, URL, bytes or file-like object
        Whatever libav reads.
    input_format : str, optional
        libav's name of the container, for what it cannot tell by itself.
    input_options : mapping, optional
        Options of the container.

    Raises
    ------
    OSError
        As `open` would for a path that is missing, a directory or not readable.
    UnsupportedError
        If libav does not take it for a video.
    """
    av = import_av()
    name = name_of(source)
    if isinstance(source, str | os.PathLike):
        source = os.fspath(source)
        if os.path.isdir(source):
            raise IsADirectoryError(21, "Is a directory", source)
        if os.path.isfile(source) and os.path.getsize(source) == 0:
            raise UnsupportedError(f"{name}: the file is empty")
    elif isinstance(source, bytes | bytearray | memoryview):
        if not len(source):
            raise UnsupportedError(f"{name}: there is nothing in it")
        source = io.BytesIO(source)
    elif not hasattr(source, "read"):
        raise TypeError(f"a video is a path, a URL, bytes or a file-like object, not {type(source).__name__}")
    try:
        options = {key: str(value) for key, value in (input_options or {}).items()}
        container = av.open(source, "r", format=input_format, options=options, metadata_errors="replace")
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        kind = next(k for k in (FileNotFoundError, PermissionError, IsADirectoryError) if isinstance(error, k))
        raise kind(error.errno, error.strerror, name) from None
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnsupportedError(f"{name}: not a video that libav can read ({reason})") from None
    if container.format.name == "tty" and input_format is None:  # libav takes any text for a film of a terminal
        container.close()
        raise UnsupportedError(f"{name}: this is text, not a video")
    return container


def video_stream(container, number: int, name: str, num_threads: int | None):
    """The `number`-th video stream, pictures of album covers not counted, with threads for its decoder."""
    from ..threads import resolve_threads

    streams = [s for s in container.streams.video if not _disposition(s) & _ATTACHED_PICTURE]
    if not streams:
        raise UnsupportedError(f"{name}: there is no video in it")
    if not 0 <= number < len(streams):
        raise ValueError(f"{name}: there is no video stream {number}; it has {len(streams)}, counted from 0")
    stream = streams[number]
    if stream.codec_context is None:
        raise UnsupportedError(f"{name}: this PyAV has no decoder for its video")
    stream.codec_context.thread_type = "AUTO"
    stream.codec_context.thread_count = resolve_threads(num_threads)
    return stream


def _disposition(stream) -> int:
    flags = getattr(stream, "disposition", 0)
    return getattr(flags, "value", flags)


class Decoder:
    """The frames of one stream, in order; goes on after packets that are broken.

    Attributes
    ----------
    broken : int
        Packets that did not decode.
    cut : str
        Why reading ended before the end of the file; else empty.
    """

    def __init__(self, container, stream) -> None:
        self.container, self.stream = container, stream
        self.broken = 0
        self.cut = ""

    def __iter__(self) -> Iterator:
        av = import_av()
        packets = self.container.demux(self.stream)
        flushed = False
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except (av.FFmpegError, OSError) as error:
                self.cut = getattr(error, "strerror", None) or str(error)
                break
            flushed = packet.size == 0
            yield from self._decode(packet)
        if not flushed:
            yield from self._decode(None)

    def _decode(self, packet) -> list:
        av = import_av()
        try:
            return self.stream.decode(packet)
        except av.EOFError:
            return []
        except (av.FFmpegError, ValueError):
            self.broken += 1
            return []


def from_video(
    src,
    dst,
    *,
    stream: int = 0,
    start: float | None = None,
    end: float | None = None,
    frames: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    input_format: str | None = None,
    input_options: Mapping[str, object] | None = None,
    **options,
) -> VideoReport:
    """Turn a video file into a store.

    Frames go from libav's decoder to the store as they are: the same planes at the same depth, never by way of
    RGB. Memory stays bounded, whatever the length. Kept are exact frame times and durations (variable frame rate
    included), the average rate, colour description, sample aspect ratio, rotation, field order, HDR values and
    tags.

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
        damaged, or times were missing or not ascending.

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
        if start is not None and start > 0 and not _seek(container, chosen, start):
            container.close()
            if begin is not None:
                src.seek(begin)
            container = stack.enter_context(open_video(src, input_format, input_options))
            chosen = video_stream(container, stream, name, threads)
        return _transcribe(container, chosen, name, dst, start, end, frames, progress, options)


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
    first = next(iter(Decoder(container, stream)), None)
    if first is None or first.pts is None or first.pts > ticks:
        return False
    container.seek(ticks, stream=stream, backward=True)
    return True


def _transcribe(container, stream, name, dst, start, end, limit, progress, options) -> VideoReport:
    time_base: Fraction = stream.time_base
    decoder = Decoder(container, stream)
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
                writer = _create(dst, container, stream, frame, fmt, times.time_base, options)
            else:
                _check_same(first, fmt, frame, count, name)
            pts = times.next(frame.pts, frame.dts)
            if waiting:
                writer.append(waiting[0], pts=[waiting[1]], durations=[pts - waiting[1]])
            waiting = tuple(plane[None] for plane in frame_planes(frame)), pts
            duration = times.duration(getattr(frame, "duration", 0))
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
        # How long a frame is shown is the time until the next; of the last, what the file says.
        if limit is None and end is None and stream.duration and "mp4" in container.format.name:
            # In these, durations are those of packets, in another order; but the end of the whole is exact.
            rest = times.duration((stream.start_time or 0) + stream.duration) - waiting[1]
            duration = rest if 0 < rest <= times.second and not decoder.broken else duration
        writer.append(waiting[0], pts=[waiting[1]], durations=[duration])
    except BaseException:
        if writer is not None:
            writer.abort()
        raise
    writer.close()
    missing = 0.0
    if limit is None and end is None and not decoder.broken:
        missing = _missing_seconds(container, stream, (waiting[1] + duration) * times.time_base)
    _warn(name, decoder, damaged, times, missing)
    stats = writer.stats
    return VideoReport(
        frames=count, height=first.height, width=first.width, pixel_format=fmt.planar,
        raw_bytes=stats["raw_bytes"], bytes=stats["file_bytes"], broken_packets=decoder.broken,
        damaged_frames=damaged, missing_times=times.missing, moved_times=times.moved,
    )  # fmt: skip


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


def _warn(name: str, decoder: Decoder, damaged: int, times: FrameTimes, missing: float) -> None:
    def say(what: str) -> None:
        warnings.warn(f"{name}: {what}", VideoWarning, stacklevel=5)

    if decoder.broken:
        say(f"{decoder.broken} broken packets were left out")
    if damaged:
        say(f"{damaged} frames were damaged; they are stored as the decoder patched them up")
    if decoder.cut:
        say(f"reading ended early ({decoder.cut}); what came before is stored")
    elif missing:
        say(f"the video ends {missing:.2f} s before the end that the file announces; what there was is stored")
    if times.missing:
        say(f"{times.missing} frames had no time; they were given one")
    if times.moved:
        say(f"the times of {times.moved} frames were not after those before them and were moved")


def _create(dst, container, stream, frame, fmt, time_base, options):
    from ..writer import create

    found = describe(container, stream, frame, fmt)
    fps = found.pop("fps")
    return create(
        dst, shape=(None, frame.height, frame.width), pixel_format=fmt.planar, time_base=time_base,
        fps=Fraction(*fps) if fps else None, metadata=found, **options,
    )  # fmt: skip
