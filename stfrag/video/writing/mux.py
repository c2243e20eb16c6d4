"""Video files that libav writes: which there are, and how one is filled."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from math import lcm
from typing import Any, NamedTuple, Protocol

from ...errors import UnsupportedError
from ..hdr import valid_hdr
from ..libav import LibavPacket, OutputContainer, Stream, import_av
from ..matroska import TAG, correct_header
from ..opening import name_of
from ..tags import flags_of
from .clock import Clock, clock_of
from .pictures import Pictures
from .streams import RestoredStreams

__all__ = ["CONTAINERS", "Container", "VideoTrack", "codec_for", "container_of", "write_file"]


class Container(NamedTuple):
    """A kind of video file.

    Attributes
    ----------
    extension : str
    muxer : str
        libav's name of what writes it.
    default : str
        The codec that is encoded unless another is asked for.
    possible : tuple of str
        Those that may be asked for.
    """

    extension: str
    muxer: str
    default: str
    possible: tuple[str, ...]


CONTAINERS = {
    kind.extension: kind
    for kind in (
        Container(".mkv", "matroska", "ffv1", ("ffv1", "h264")),
        Container(".mp4", "mp4", "h264", ("h264",)),
        Container(".m4v", "mp4", "h264", ("h264",)),
        Container(".mov", "mov", "h264", ("h264",)),
    )
}


class VideoTrack(Protocol):
    """Where the packets of a file's video come from: `EncodedPictures` or `CopiedPackets`."""

    @property
    def tells_aspect(self) -> bool:
        """Whether the coded video itself says how wide its samples are."""

    @property
    def tells_hdr(self) -> bool:
        """Whether the coded video itself says mastering display and content light level."""

    @property
    def hints(self) -> Mapping[str, Any]:
        """Members of the file's tag that only this kind of track needs."""

    def add_to(self, container: OutputContainer, clock: Clock) -> Stream:
        """Add the stream to an output, whose muxer is told times as `clock` says."""

    def packets(self) -> Iterator[LibavPacket]:
        """Give packets for the output, in decoding order."""


def container_of(dst: Any) -> Container:
    """Find the kind of a video file by its extension."""
    if not isinstance(dst, str | os.PathLike):
        raise TypeError(f"dst must be a path, not {type(dst).__name__}")
    extension = os.path.splitext(os.fspath(dst))[1].lower()
    if extension not in CONTAINERS:
        raise UnsupportedError(
            f"{name_of(dst)}: cannot write {extension or 'files without extension'}; "
            f"known are {', '.join(CONTAINERS)}"
        )
    return CONTAINERS[extension]


def codec_for(dst: str, kind: Container, codec: str | None, why_not_copied: str = "") -> str:
    """Choose the codec to encode with."""
    chosen = codec or kind.default
    if chosen in kind.possible:
        return chosen
    copied = f" (its fragments cannot be copied: {why_not_copied})" if why_not_copied else ""
    raise UnsupportedError(
        f"{dst}: cannot encode {chosen} into {kind.extension}; possible: {', '.join(kind.possible)}{copied}"
    )


def write_file(pictures: Pictures, video: VideoTrack, path: str, muxer: str, streams: bool = True) -> list[str]:
    """Fill a file with the packets of a video, and those of the other streams where their times are.

    Parameters
    ----------
    pictures : Pictures
        What of a store is written.
    video : VideoTrack
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
    clock = clock_of(pictures.timing, muxer)
    others = RestoredStreams(pictures, muxer, clock.tick) if streams else None
    hints, problems = _hints(pictures, video, muxer, clock)
    # The format by name: the file has another extension while it is written.
    options = _options(muxer, clock, others)
    if muxer in ("mp4", "mov") and hints:
        options["movflags"] = "use_metadata_tags"  # or names of its own would be left out
    with import_av().open(path, "w", format=muxer, options=options) as container:
        _add_tags(container, pictures, hints)
        _add_video(container, pictures, video, clock)
        _write_packets(container, video, others, clock)
    if clock.tick:
        correct_header(path, int(clock.tick * 1_000_000_000))
    return problems + (others.problems if others else [])


def _hints(pictures: Pictures, video: VideoTrack, muxer: str, clock: Clock) -> tuple[dict[str, Any], list[str]]:
    """Gather what a tag must say because nothing else in the file can; and what only a tag says."""
    hints, problems = {**clock.hints, **video.hints}, []
    aspect = pictures.aspect
    if muxer == "matroska" and aspect != 1 and not video.tells_aspect:
        hints["sample_aspect_ratio"] = [aspect.numerator, aspect.denominator]
    hdr = valid_hdr(pictures.hdr)
    if hdr and not video.tells_hdr:
        hints["hdr"] = hdr
        problems.append(
            "its HDR values (mastering display, content light level) are in a tag that only from_video "
            'reads; codec="h264" writes them into the video'
        )
    return hints, problems


def _add_tags(container: OutputContainer, pictures: Pictures, hints: dict[str, Any]) -> None:
    """Give an output the tags that are of the whole file."""
    own = pictures.track.get("tags") or {}
    for key, value in (pictures.video.get("tags") or {}).items():
        if own.get(key) != value:
            container.metadata[str(key)] = str(value)
    if hints:
        container.metadata[TAG] = json.dumps(hints)


def _add_video(container: OutputContainer, pictures: Pictures, video: VideoTrack, clock: Clock) -> None:
    """Add the video to an output, with the tags that are its own."""
    stream = video.add_to(container, clock)
    stream.metadata.update({str(key): str(value) for key, value in (pictures.track.get("tags") or {}).items()})
    if pictures.track.get("disposition"):
        with suppress(AttributeError):
            stream.disposition = flags_of(pictures.track["disposition"])


def _write_packets(
    container: OutputContainer, video: VideoTrack, others: RestoredStreams | None, clock: Clock
) -> None:
    """Write all packets, those of other streams before those of the video that come later."""
    if others is None:
        for packet in video.packets():
            _mux(container, packet)
        return
    others.add_to(container)
    others.begin(container)
    for packet in video.packets():
        time = packet.pts if packet.dts is None else packet.dts
        others.until(container, clock.seconds(time, packet.time_base))
        _mux(container, packet)
    others.until(container)
    others.finish()


def _mux(container: OutputContainer, packet: LibavPacket) -> None:
    """Write a packet of the video."""
    av = import_av()
    try:
        container.mux(packet)
    except (av.ArgumentError, av.InvalidDataError) as error:
        raise UnsupportedError(
            f"libav does not write packets of this video into {container.format.name} ({error})"
        ) from None


def _options(muxer: str, clock: Clock, others: RestoredStreams | None) -> dict[str, str]:
    """Choose the options of a muxer."""
    if muxer == "matroska":
        # Ten seconds, as everywhere; the muxer counts in what it takes for milliseconds.
        return {"max_interleave_delta": str(round(10_000 / clock.tick))} if others and clock.tick else {}
    scale = clock.time_base.denominator
    # Sound, too, ends where it does in ticks of the whole.
    whole = lcm(scale, *(base.denominator for base in others.time_bases)) if others else scale
    return {"video_track_timescale": str(scale), "movie_timescale": str(whole if whole < 1 << 31 else scale)}
