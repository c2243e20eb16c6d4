"""`from_video`: anything that libav reads into a store."""

from __future__ import annotations

import math
import os
import stat
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from fractions import Fraction
from functools import partial

from ...codec.coding import resolve
from ...codec.frames import frame_planes
from ...errors import UnsupportedError
from ...model.options import DEFAULT_QUALITY, lossy_default, parse_options
from ...model.pixel_formats import pixel_format
from ...rate_control.readings import write_planned
from ...store.plans import Directly, Plan
from ...store.sinks import open_sink
from ..metadata import describe
from ..opening import VideoWarning, import_av, is_picture, name_of, open_video, video_stream
from .copied import CodedVideo, refuse_options, wrap_video
from .demux import Decoder, Demuxer
from .report import VideoReport, expected_frames, last_duration, missing_seconds, tell, true_time_base
from .streams import SideStreams
from .tiles import TileFile, find_tiles
from .times import FrameTimes

__all__ = ["VideoReport", "from_video"]


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

    Unless the options say how to encode, it is lossy at ``quality=75`` with ``codec="auto"``, the native codec.
    Samples that no lossy codec takes (more than 12 bits, 4:1:1, 4:1:0) are stored losslessly then, with a warning.
    ``max_error=0`` loses nothing, and neither does ``codec="stf"`` without ``quality=``, ``qp=`` or ``target=``;
    ``copy=True`` does not encode at all. With ``target=``, or ``weights=`` over time, the video is read several
    times, from the same place: `src` is no pipe or device then, and a file-like object can seek.

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
        True: the coded video is kept as it is, its GOPs becoming fragments of whole pictures, which costs no quality
        and hardly any time, and gives any H.264, HEVC, AV1, VP9 or FFV1 file the index, exact frames and damage
        isolation of a store. GOPs that are open, so that they do not decode alone, are joined to those before them.
        Default: only of files that ``to_video(tiles=True)`` wrote, which become the store that they were; False: not
        even of those.
    verify : bool
        Of ``copy``: decode every fragment by itself before it is written, which proves that it can be and stores the
        CRC of its samples. False takes the file on trust.
    progress : callable, optional
        Called as ``progress(done, total)`` after every frame; ``total`` is None if it is not known. It begins anew
        with every reading.
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
        If there is no such stream, an option makes no sense, or a target cannot be met.

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
    begin = src.tell() if _seekable(src) else None

    once = partial(
        _read_once,
        src,
        dst,
        name,
        begin,
        stream,
        start,
        end,
        frames,
        streams,
        copy,
        verify,
        progress,
        input_format,
        input_options,
        options,
    )
    if copy or (options.get("target") is None and options.get("weights") is None):
        return once()
    checked = parse_options(options, "from_video")
    again = checked.target is not None or (checked.weights is not None and checked.weights.over_time)
    if again and begin is None and not _lasts(src):
        raise ValueError(
            "target=, and weights= over time, read a video more than once: give the path of a "
            "regular file, or a file object that can seek"
        )

    def read(plan: Plan) -> VideoReport:
        if begin is not None:
            src.seek(begin)
        return once(plan)

    return write_planned(checked, open_sink(dst, checked.overwrite), read)


def _seekable(src) -> bool:
    """Whether a file object can go back; a path is none."""
    if not (hasattr(src, "seek") and hasattr(src, "tell")):
        return False
    return src.seekable() if hasattr(src, "seekable") else True


def _lasts(src) -> bool:
    """Whether what is no file object is there for another reading: not if it is a pipe, a socket or a device."""
    if isinstance(src, bytes | bytearray | memoryview):
        return True
    if not isinstance(src, str | os.PathLike):
        return False
    try:
        mode = os.stat(src).st_mode
    except (OSError, ValueError):
        return True  # a URL; or it is missing, which opening it says
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # of a directory, too, opening says more


def _read_once(
    src,
    dst,
    name,
    begin,
    stream,
    start,
    end,
    frames,
    streams,
    copy,
    verify,
    progress,
    input_format,
    input_options,
    options,
    plan: Plan | None = None,
) -> VideoReport:
    container = open_video(src, input_format, input_options)
    with ExitStack() as stack:
        stack.enter_context(container)
        threads = options.get("num_threads")
        chosen = video_stream(container, stream, name, threads)
        tiles = None if copy is False else find_tiles(container)
        if tiles and plan is not None:
            raise ValueError(f"{name} holds tiles, which are copied: copy=False encodes them anew")
        if copy or tiles:
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
            tracks = frozenset(s.index for s in container.streams.video if tiles and not is_picture(s))
            sides = SideStreams(container, chosen, begin, stop, frames is not None, tracks)
        if tiles:
            return wrap_video(TileFile(container, tiles, name, verify), sides, name, dst, progress, options)
        if copy:
            return wrap_video(CodedVideo(container, chosen, name, verify), sides, name, dst, progress, options)
        return _transcribe(container, chosen, sides, name, dst, start, end, frames, progress, options, plan)


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


def _transcribe(container, stream, sides, name, dst, start, end, limit, progress, options, plan) -> VideoReport:
    time_base: Fraction = stream.time_base
    packets = Demuxer(container, stream, *((sides.wanted, sides.take) if sides else ()))
    decoder = Decoder(packets)
    rate = stream.average_rate or stream.guessed_rate
    total = expected_frames(container, stream, start, end, limit)
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
                times = FrameTimes(time_base, rate, true_time_base(container, frame.pts, time_base))
                found = describe(container, stream, frame, fmt) | (sides.metadata() if sides else {})
                writer = _create(dst, frame, fmt, times.time_base, found, options, plan, total)
                if sides:
                    sides.begin(writer.put_packets)
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
            part = " and ".join(
                f"{what} {time:g} s" for what, time in (("from", start), ("before", end)) if time is not None
            )
            raise ValueError(f"{name}: there is no frame {part}")
        if writer is None or waiting is None or first is None or fmt is None:
            broken = f" ({decoder.broken} broken packets)" if decoder.broken else ""
            raise UnsupportedError(f"{name}: no frame of it can be decoded{broken}")
        # How long a frame is shown is the time until the next.
        if limit is None and end is None and not decoder.broken:
            duration = last_duration(container, stream, times, waiting[1], getattr(last, "duration", 0))
        writer.append(waiting[0], pts=[waiting[1]], durations=[duration])
        if sides:
            stop = (waiting[1] + duration) * times.time_base
            if limit is not None or end is not None:
                packets.go_on(stop)
            sides.release(stop, last=True)
            sides.finish()
            writer.described.update(sides.metadata(final=True))
    except BaseException:
        if writer is not None:
            writer.abort()
        raise
    writer.close()
    missing = 0.0
    if limit is None and end is None and not decoder.broken:
        missing = missing_seconds(container, stream, (waiting[1] + duration) * times.time_base)
    if plan is None or plan.last:
        tell(name, decoder.broken, packets.cut, damaged, times, missing, sides.problems if sides else ())
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


def _check_same(first, fmt, frame, number: int, name: str) -> None:
    same_size = frame.width == first.width and frame.height == first.height
    if same_size and pixel_format(frame.format.name).planar == fmt.planar:
        return
    raise UnsupportedError(
        f"{name}: frame {number} is {frame.width}x{frame.height} {frame.format.name}, those before it are "
        f"{first.width}x{first.height} {first.format.name}; a store holds pictures of one size and format"
    )


def _create(dst, frame, fmt, time_base, found, options, plan, total):
    """A writer of pictures; where nothing is said about loss, a lossy one if its samples can be coded so."""
    from ...store.description import video_format
    from ...store.spec import StoreSpec, video_spec
    from ...store.writer import Writer

    if lossy_default(options):
        chosen = {**options, "quality": DEFAULT_QUALITY}
        try:
            resolve(
                parse_options(chosen, "from_video"),
                video_format(fmt.planar, options.get("bits"), {})[0],
                rgb=fmt.is_rgb,
            )
            options = chosen
        except UnsupportedError as error:
            if options.get("codec") not in (None, "auto"):
                raise
            warnings.warn(f"{error}: it is stored losslessly", VideoWarning, stacklevel=6)
    fps = found.pop("fps")
    checked = parse_options(options, "from_video")
    like = StoreSpec(size=(frame.height, frame.width), fps=Fraction(*fps) if fps else None, time_base=time_base)
    spec = video_spec(fmt.planar, checked.bits, found, like)
    if plan is None:
        plan = Directly(open_sink(dst, checked.overwrite))
    plan.expected = total
    return Writer(plan, checked, spec)
