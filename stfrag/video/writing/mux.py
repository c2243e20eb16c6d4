"""Video files that libav writes: which there are, and the loop that fills one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from ...errors import UnsupportedError
from ..hdr import valid_hdr
from ..libav import import_av
from ..matroska import TAG, correct_header, tick_of
from ..opening import name_of
from ..tags import flags_of
from .pictures import Pictures
from .streams import RestoredStreams

__all__ = ["CONTAINERS", "Clock", "codec_for", "container_of", "write_file"]

#: Extension: libav's muxer, the codec that is encoded by default, and those that may be asked for.
CONTAINERS = {
    ".mkv": ("matroska", "ffv1", ("ffv1", "h264")),
    ".mp4": ("mp4", "h264", ("h264",)),
    ".m4v": ("mp4", "h264", ("h264",)),
    ".mov": ("mov", "h264", ("h264",)),
}


def container_of(dst) -> tuple[str, str]:
    """The extension of a file and libav's muxer for it."""
    if not isinstance(dst, str | os.PathLike):
        raise TypeError(f"dst must be a path, not {type(dst).__name__}")
    extension = os.path.splitext(os.fspath(dst))[1].lower()
    if extension not in CONTAINERS:
        raise UnsupportedError(
            f"{name_of(dst)}: cannot write {extension or 'files without extension'}; "
            f"known are {', '.join(CONTAINERS)}"
        )
    return extension, CONTAINERS[extension][0]


def codec_for(dst, extension: str, codec: str | None, why_not_copied: str = "") -> str:
    """The codec to encode with."""
    _, default, possible = CONTAINERS[extension]
    chosen = codec or default
    if chosen in possible:
        return chosen
    copied = f" (its fragments cannot be copied: {why_not_copied})" if why_not_copied else ""
    raise UnsupportedError(
        f"{name_of(dst)}: cannot encode {chosen} into {extension}; possible: {', '.join(possible)}{copied}"
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of the pictures are told to a muxer: in ticks of `time_base`, as it believes.

    In Matroska files `tick`, in seconds, is what a tick really is (see `matroska`); it is None elsewhere.
    """

    pts: list[int]
    last_duration: int
    time_base: Fraction
    tick: Fraction | None
    hints: dict

    def end(self, frame: int) -> int:
        """When a frame ends: with the next one, or after its own duration."""
        following = frame + 1
        return self.pts[following] if following < len(self.pts) else self.pts[-1] + self.last_duration

    def seconds(self, ticks: int, time_base: Fraction) -> Fraction:
        """True seconds of a time that the muxer is told."""
        return ticks * time_base * (self.tick * 1000 if self.tick else 1)


def clock_of(pictures: Pictures, muxer: str) -> Clock:
    """The clock that holds the times of these pictures best."""
    time_base = pictures.time_base
    if muxer != "matroska":
        return Clock([int(p) for p in pictures.pts], pictures.last_duration, time_base, None, {})
    tick = tick_of(time_base)
    exact = time_base * 1_000_000_000 / tick  # ticks of the file per tick of the store
    hints = {"time_base": [time_base.numerator, time_base.denominator]} if exact.denominator != 1 else {}
    pts = [round(int(p) * exact) for p in pictures.pts]
    last = max(1, round(pictures.last_duration * exact))
    return Clock(pts, last, Fraction(1, 1000), Fraction(tick, 1_000_000_000), hints)


def write_file(pictures: Pictures, video, path: str, muxer: str, streams: bool = True) -> list[str]:
    """Fill a file with the packets of a video, and those of the other streams where their times are.

    Parameters
    ----------
    pictures : Pictures
        What of a store is written.
    video : EncodedPictures, or anything with its methods
        Where the packets of the video come from.
    path : str
        The file.
    muxer : str
        libav's name of the container.
    streams : bool
        Whether to write the other streams and the chapters.

    Returns
    -------
    list of str
        What the file could not be given.
    """
    av = import_av()
    clock = clock_of(pictures, muxer)
    hints = {**clock.hints, **getattr(video, "hints", {})}
    aspect = pictures.aspect
    if muxer == "matroska" and aspect != 1 and not video.tells_aspect:
        hints["sample_aspect_ratio"] = [aspect.numerator, aspect.denominator]
    others = RestoredStreams(pictures, muxer, clock.tick) if streams else None
    problems = []
    hdr = valid_hdr(pictures.video.get("hdr") or {})
    if hdr and not video.tells_hdr:
        hints["hdr"] = hdr
        problems.append(
            "its HDR values (mastering display, content light level) are in a tag that only from_video "
            'reads; codec="h264" writes them into the video'
        )
    # The format by name: the file has another extension while it is written.
    options = _options(muxer, clock, others)
    if muxer in ("mp4", "mov") and hints:
        options["movflags"] = "use_metadata_tags"  # or names of its own would be left out
    with av.open(path, "w", format=muxer, options=options) as container:
        track = pictures.video.get("track") or {}
        own = track.get("tags") or {}
        for key, value in (pictures.video.get("tags") or {}).items():
            if own.get(key) != value:
                container.metadata[str(key)] = str(value)
        if hints:
            container.metadata[TAG] = json.dumps(hints)
        stream = video.add_to(container, clock)
        stream.metadata.update({str(key): str(value) for key, value in own.items()})
        if track.get("disposition"):
            with suppress(AttributeError):
                stream.disposition = flags_of(track["disposition"])
        if others is None:
            for packet in video.packets():
                _mux(container, packet)
        else:
            others.add_to(container)
            others.begin(container)
            for packet in video.packets():
                time = packet.pts if packet.dts is None else packet.dts
                others.until(container, clock.seconds(time, packet.time_base))
                _mux(container, packet)
            others.until(container)
            others.finish()
    if clock.tick:
        correct_header(path, int(clock.tick * 1_000_000_000))
    return problems + (others.problems if others else [])


def _mux(container, packet) -> None:
    """Write a packet of the video."""
    av = import_av()
    try:
        container.mux(packet)
    except (av.ArgumentError, av.InvalidDataError) as error:
        raise UnsupportedError(
            f"libav does not write packets of this video into {container.format.name} ({error})"
        ) from None


def _options(muxer: str, clock: Clock, others: RestoredStreams | None) -> dict[str, str]:
    if muxer == "matroska":
        # Ten seconds, as everywhere; the muxer counts in what it takes for milliseconds.
        return {"max_interleave_delta": str(round(10_000 / clock.tick))} if others and clock.tick else {}
    scale = clock.time_base.denominator
    # Sound, too, ends where it does in ticks of the whole.
    whole = lcm(scale, *(base.denominator for base in others.time_bases)) if others else scale
    return {"video_track_timescale": str(scale), "movie_timescale": str(whole if whole < 1 << 31 else scale)}
