"""Video that is copied: the packets of fragments go into the file as they are, and nothing is encoded anew.

That is possible where a file's decoder sees what the store's does: every fragment of a slab a whole picture (one
track) or, with ``tiles=True``, each tile a track of its own, playable alone, and what makes the store again in a tag.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ...codec.carriage import find
from ...codec.catalogue import CODECS, by_id
from ...errors import UnsupportedError
from ...model.formats import SampleKind
from ...native import codec as _codec
from ...native.types import RectangleYX, StreamFormat
from ..libav import LibavPacket, OutputContainer, Stream, import_av, refusals
from ..packets import new_packet
from ..tile_tag import TileTag, packed_stream
from .clock import Clock
from .describe import describe_track
from .report import ExportReport
from .survey import Survey, why_not_tiles

__all__ = ["CopiedPackets", "CopiedTiles"]

_START_CODE = b"\0\0\0\1"
_TEMPORAL_DELIMITER = b"\x12\0"
_OF_UNITS = ("h264", "hevc")


class CopiedPackets:
    """The packets of a video file's video, as they are in a store of whole pictures; a `mux.VideoTrack`.

    Parameters
    ----------
    survey : Survey
        What is written: whole fragments.
    progress : callable, optional
        Called as ``progress(done, total)`` after every slab.
    """

    tells_aspect = False

    def __init__(self, survey: Survey, progress: Callable[[int, int], object] | None = None) -> None:
        self._survey, self._progress = survey, progress
        # A stream that was copied in says what it said; one that was made for the store does not.
        self.tells_hdr = survey.pictures.was_copied
        self._tracks: list[_Track] = []
        self.hints: dict[str, Any] = {}

    def tiles(self) -> list[RectangleYX]:
        """List the boxes of which each is a track."""
        return [self._survey.whole]

    def add_to(self, container: OutputContainer, clock: Clock) -> Stream:
        """Add the streams to an output, whose muxer is told times as `clock` says; give the first one."""
        self._clock = clock
        for box in self.tiles():
            try:
                track = _Track(container, self._survey, box, clock)
            except refusals() as error:
                raise UnsupportedError(
                    "libav makes no sense of the first packets of its video, so they cannot be "
                    f"copied: copy=False encodes anew ({error})"
                ) from None
            describe_track(self._survey.pictures, track.stream)
            self._tracks.append(track)
        return self._tracks[0].stream

    def packets(self) -> Iterator[LibavPacket]:
        """Give packets for the output, slab by slab, in decoding order."""
        index, total = self._survey.index, len(self._clock.pts)
        first = self._survey.pictures.frames.start
        for rows in zip(*(track.rows for track in self._tracks), strict=True):
            for track, row in zip(self._tracks, rows, strict=True):
                yield from track.packets(row, int(index.t0[row]) - first)
            if self._progress is not None:
                self._progress(int(index.t1[rows[0]]) - first, total)

    def report(self, size: int) -> ExportReport:
        """Tell what was done, when the file of `size` bytes is there."""
        pictures = self._survey.pictures
        return ExportReport(
            frames=len(pictures.frames),
            bytes=size,
            codec=str(self._survey.index.codec[0]),
            pixel_format=pictures.stored.planar,
            exact=True,
            copied=True,
            tracks=len(self.tiles()),
        )


class CopiedTiles(CopiedPackets):
    """The packets of a store of tiles, each a track of its own.

    Parameters
    ----------
    survey : Survey
        What is written: whole fragments.
    muxer : str
        libav's name of the kind of file.
    progress : callable, optional
        Called as ``progress(done, total)`` after every slab.

    Raises
    ------
    UnsupportedError
        If the tiles cannot be tracks of such a file.
    """

    def __init__(self, survey: Survey, muxer: str, progress: Callable[[int, int], object] | None = None) -> None:
        super().__init__(survey, progress)
        if reason := why_not_tiles(survey, muxer):
            raise UnsupportedError(f"its tiles cannot be tracks of such a file: {reason}")
        self._boxes = survey.tiles
        self.hints = {"tiles": _tag_of(survey).as_json()}

    def tiles(self) -> list[RectangleYX]:
        """List the boxes of which each is a track."""
        return self._boxes

    def add_to(self, container: OutputContainer, clock: Clock) -> Stream:
        """Add the streams to an output, with their places as titles; give the first one."""
        first = super().add_to(container, clock)
        for track in self._tracks:
            y0, y1, x0, x1 = track.box
            place = f"rows {y0}:{y1}, columns {x0}:{x1}"
            track.stream.metadata.update(
                {"title": place, "handler_name": f"tile {place}", "STFRAG_TILE": f"{y0}:{y1},{x0}:{x1}"}
            )
        return first


def _tag_of(survey: Survey) -> TileTag:
    """Gather what a file of tiles says of the store that it was."""
    opened, index = survey.reader.opened(), survey.index
    info = opened.native.info
    boxes = survey.tiles
    rows = [survey.rows_of(box) for box in boxes]
    return TileTag(
        size=(opened.y, opened.x),
        format=opened.fmt,
        fragment=info["fragment"],
        cuts=info["cuts"],
        boxes=boxes,
        streams=[packed_stream(survey[tile[0]].stream) for tile in rows],
        frames=[int(index.t1[row] - index.t0[row]) for row in rows[0]],
        achieved=[[survey[row].achieved for row in tile] for tile in rows],
        errors=[[[int(n) for n in index.sse[row]] for row in tile] for tile in rows],
        flags=[[survey[row].flags for row in tile] for tile in rows],
        document=json.loads(info["metadata"] or b"{}"),
    )


class _Track:
    """One stream of an output, of one tile."""

    def __init__(self, container: OutputContainer, survey: Survey, box: RectangleYX, clock: Clock) -> None:
        self.box, self.rows = box, survey.rows_of(box)
        self._reader, self._clock = survey.reader, clock
        stream, packets = survey[self.rows[0]].stream, _codec.unwrap(survey.reader.fragment(self.rows[0]))[1]
        self._codec = by_id(stream.codec).name
        self._head = _START_CODE if stream.start_codes else b""
        model = [self._head + packet.data for packet in packets]
        self.stream = _add_stream(container, stream, model, survey.pictures.timing.rate)
        self.stream.time_base = clock.time_base
        # Decoding times are presentation times in order, so many frames earlier that none is after its picture.
        reordered = self._codec in _OF_UNITS
        self._delay = max((survey[row].delay for row in self.rows), default=0) if reordered else 0
        self._decoded = 0

    def packets(self, row: int, first: int) -> Iterator[LibavPacket]:
        """Give the packets of a fragment whose first frame is the file's frame `first`."""
        clock = self._clock
        _, packets = _codec.unwrap(self._reader.fragment(row))
        for data, frame, flags in packets:
            packet = new_packet(self._head + data)
            packet.stream, packet.time_base = self.stream, clock.time_base
            packet.pts, packet.dts = clock.pts[first + frame], self._decoding_time()
            packet.duration = clock.end(first + frame) - packet.pts
            packet.is_keyframe = bool(flags & _codec.KEY)
            yield packet

    def _decoding_time(self) -> int:
        """Tell when the next packet is decoded."""
        pts, at = self._clock.pts, self._decoded - self._delay
        self._decoded += 1
        step = pts[1] - pts[0] if len(pts) > 1 else max(1, self._clock.last_duration)
        return pts[at] if at >= 0 else pts[0] + at * step


def _add_stream(container: OutputContainer, stream: StreamFormat, packets: list[bytes], rate: Fraction) -> Stream:
    """Add a stream to an output for packets that are there.

    PyAV makes one after the model of an input's; FFV1, which has no file format so simple, gets an encoder's that is
    never used.
    """
    codec = by_id(stream.codec).name
    if codec == "ffv1":
        out = container.add_stream("ffv1", rate=rate)
        out.width, out.height, out.codec_context.options = stream.x, stream.y, {"level": "1"}
        out.pix_fmt = _ffv1_format(stream)
        return out
    raw = codec in _OF_UNITS
    data = b"".join(packets) if raw else _ivf(stream, packets, rate)
    with import_av().open(io.BytesIO(data), "r", format=codec if raw else "ivf") as model:
        return container.add_stream_from_template(model.streams.video[0], opaque=True)


def _ffv1_format(stream: StreamFormat) -> str:
    """Find the pixel format that samples were carried in by FFV1."""
    samples = SampleKind(stream.bits, stream.components, stream.sub_x, stream.sub_y)
    found = find(CODECS["ffv1"], samples, lossless=True)
    assert found is not None
    return found.pixels.name


def _ivf(stream: StreamFormat, packets: list[bytes], rate: Fraction) -> bytes:
    """Write IVF, the simplest of files for VP9 and AV1: frames with their lengths."""
    codec = by_id(stream.codec).name
    fourcc = {"vp9": b"VP90", "av1": b"AV01"}[codec]
    fields = ((stream.x, 2), (stream.y, 2), (rate.numerator, 4), (rate.denominator, 4), (len(packets), 4), (0, 4))
    head = b"DKIF" + (0).to_bytes(2, "little") + (32).to_bytes(2, "little") + fourcc
    parts = [head, *(number.to_bytes(size, "little") for number, size in fields)]
    for number, data in enumerate(packets):
        whole = _TEMPORAL_DELIMITER + data if codec == "av1" else data
        parts.append(len(whole).to_bytes(4, "little") + number.to_bytes(8, "little") + whole)
    return b"".join(parts)
