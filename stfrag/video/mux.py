"""Video files that libav writes: which there are, and the loop that fills one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from fractions import Fraction

from ..errors import UnsupportedError
from .encoders import ENCODERS, converter, describe_to
from .matroska import TAG, correct_header, tick_of
from .opening import import_av, name_of

__all__ = ["CONTAINERS", "container_of", "write_file"]

#: Extension: libav's muxer, the codec that is the default there, and those that may be asked for.
CONTAINERS = {
    ".mkv": ("matroska", "ffv1", ("ffv1", "h264")),
    ".mp4": ("mp4", "h264", ("h264",)),
    ".m4v": ("mp4", "h264", ("h264",)),
    ".mov": ("mov", "h264", ("h264",)),
}


def container_of(dst, codec: str | None) -> tuple[str, str]:
    if not isinstance(dst, str | os.PathLike):
        raise TypeError(f"dst must be a path, not {type(dst).__name__}")
    extension = os.path.splitext(os.fspath(dst))[1].lower()
    if extension not in CONTAINERS:
        raise UnsupportedError(f"{name_of(dst)}: cannot write {extension or 'files without extension'}; "
                               f"known are {', '.join(CONTAINERS)}")
    muxer, default, possible = CONTAINERS[extension]
    codec = codec or default
    if codec not in possible:
        raise UnsupportedError(f"{name_of(dst)}: cannot write {codec} into {extension}; "
                               f"possible: {', '.join(possible)}")
    return muxer, codec


def write_file(pictures, path, muxer, codec, target, options, num_threads, progress) -> None:
    av = import_av()
    height, width = pictures.size
    time_base, pts, tick, hints = pictures.time_base, pictures.pts, 0, {}
    container_options = {}
    aspect = Fraction(*(pictures.video.get("sample_aspect_ratio") or (1, 1)))
    if muxer == "matroska":
        tick = tick_of(time_base)
        exact = time_base * 1_000_000_000 / tick  # ticks of the file per tick of the store
        if exact.denominator != 1:
            hints["time_base"] = [time_base.numerator, time_base.denominator]
        pts = [round(int(p) * exact) for p in pts]
        last = max(1, round(pictures.last_duration * exact))
        time_base = Fraction(1, 1000)  # what the muxer believes
        if aspect != 1 and codec == "ffv1":
            hints["sample_aspect_ratio"] = [aspect.numerator, aspect.denominator]
    else:
        pts = [int(p) for p in pts]
        last = pictures.last_duration
        if muxer in ("mp4", "mov"):
            scale = str(time_base.denominator)
            container_options = {"video_track_timescale": scale, "movie_timescale": scale}
    # The format by name: the file has another extension while it is written.
    with av.open(path, "w", format=muxer, options=container_options) as container:
        container.metadata.update({str(k): str(v) for k, v in (pictures.video.get("tags") or {}).items()})
        if hints:
            container.metadata[TAG] = json.dumps(hints)
        stream = container.add_stream(ENCODERS[codec], rate=pictures.rate)
        context = stream.codec_context
        stream.width, stream.height, stream.pix_fmt = width, height, target
        context.time_base = stream.time_base = time_base
        from ..threads import resolve_threads

        context.thread_count = resolve_threads(num_threads)
        describe_to(pictures, stream, target, aspect, options)
        stream.options = options
        convert = converter(pictures, target)
        ends = [*pts[1:], pts[-1] + last]
        for done, (planes, time, end) in enumerate(zip(pictures, pts, ends, strict=True), 1):
            frame = convert(planes)
            frame.pts, frame.time_base = time, time_base
            with suppress(AttributeError):
                frame.duration = end - time
            container.mux(stream.encode(frame))
            if progress is not None:
                progress(done, len(pts))
        container.mux(stream.encode(None))
    if tick:
        correct_header(path, tick, pictures.seconds)
