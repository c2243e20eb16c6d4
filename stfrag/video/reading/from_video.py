"""`from_video`: anything that libav reads into a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Unpack

from ...model.options import EncodingOptions, parse_options, with_options
from ...rate_control.readings import write_planned
from ...store.plans import Plan
from ...store.sinks import open_sink
from ..opening import open_video, video_stream, videos_of
from ..warning import warn
from .copied import CodedVideo
from .decoded import DecodedVideo, seek
from .pipeline import Job, write_store
from .report import Outcome, VideoReport
from .request import Request
from .source import InputVideo, Part, Source
from .streams import SideStreams
from .tiles import TileFile, find_tiles

__all__ = ["VideoReport", "from_video"]


@with_options(EncodingOptions)
def from_video(
    src: Any,
    dst: Any,
    *,
    stream: int = 0,
    start: float | None = None,
    end: float | None = None,
    frames: int | None = None,
    streams: bool = True,
    copy: bool | None = None,
    verify: bool = True,
    progress: Callable[[int, int | None], object] | None = None,
    input_format: str | None = None,
    input_options: Mapping[str, object] | None = None,
    **options: Unpack[EncodingOptions],
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
    {options}

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
    request = Request(
        src=src,
        dst=dst,
        stream=stream,
        part=Part(start, end, frames),
        streams=streams,
        copy=copy,
        verify=verify,
        progress=progress,
        input_format=input_format,
        input_options=input_options,
        options=options,
    )
    planned = options.get("target") is not None or options.get("weights") is not None
    outcome = _read_planned(request) if planned and not copy else _read(request)
    for problem in outcome.problems:
        warn(f"{request.name}: {problem}")
    return outcome.report


def _read_planned(request: Request) -> Outcome:
    """Read a video as often as a target, or weights over time, want it."""
    checked = parse_options(request.options, "from_video")
    again = checked.target is not None or (checked.weights is not None and checked.weights.over_time)
    if again and not request.lasts:
        raise ValueError(
            "target=, and weights= over time, read a video more than once: give the path of a "
            "regular file, or a file object that can seek"
        )

    def read(plan: Plan) -> Outcome:
        request.rewind()
        return _read(request, plan)

    return write_planned(checked, open_sink(request.dst, checked.overwrite), read)


def _read(request: Request, plan: Plan | None = None) -> Outcome:
    """Read a video once into a store, which goes where a plan says, if there is one."""
    with ExitStack() as stack:
        video = _open(request, stack)
        tag = None if request.copy is False else find_tiles(video.container)
        if tag and plan is not None:
            raise ValueError(f"{request.name} holds tiles, which are copied: copy=False encodes them anew")
        if request.copy or tag:
            request.refuse_encoding()
        start = request.part.start
        if start is not None and start > 0 and not seek(video, start):
            video.container.close()
            request.rewind()
            video = _open(request, stack)
        source: Source
        if tag:
            video = video._replace(stream=videos_of(video.container)[0])
            source = TileFile(video, tag, request)
        elif request.copy:
            source = CodedVideo(video, request)
        else:
            source = DecodedVideo(video, request, plan)
        sides = SideStreams(video, request.part, source.streams, request.streams)
        return write_store(Job(video, request.part, source, sides, request.progress))


def _open(request: Request, stack: ExitStack) -> InputVideo:
    """Open a file for as long as `stack` is, and choose its video."""
    container = stack.enter_context(open_video(request.src, request.input_format, request.input_options))
    chosen = video_stream(container, request.stream, request.name, request.options.get("num_threads"))
    return InputVideo(container, chosen, request.name)
