"""`to_video` without encoding anew: the packets of fragments go into the file as they are.

That is possible where a file's decoder sees what the store's does: every fragment of a slab a whole picture (one
track) or, with ``tiles=True``, each tile a track of its own, playable alone, and what makes the store again in a tag.
"""

from __future__ import annotations

import io
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ...codec import StreamFormat
from ...codec.catalogue import by_id
from ...errors import UnsupportedError
from ...native import codec as _codec
from ...native import fragment as _fragment
from ..libav import import_av, refusals
from ..packets import new_packet
from .encoded import describe_track
from .pictures import Pictures

__all__ = ["CopiedPackets", "CopiedTiles", "Survey", "tile_tag", "why_not"]

#: What each muxer takes of what fragments can be of.
TAKES = {
    "matroska": ("h264", "hevc", "av1", "vp9", "ffv1"),
    "mp4": ("h264", "hevc", "av1", "vp9"),
    "mov": ("h264", "hevc"),
}
_START_CODE = b"\0\0\0\1"
_TEMPORAL_DELIMITER = b"\x12\0"


class Seen(NamedTuple):
    """What is in a fragment.

    Attributes
    ----------
    stream : StreamFormat
    flags : str
        A digit a packet: its flags.
    delay : int
        By how many frames decoding must be ahead of showing.
    hidden : bool
        Whether it has packets that no frame comes from.
    achieved : int
        How far its worst sample is off.
    """

    stream: StreamFormat
    flags: str
    delay: int
    hidden: bool
    achieved: int


class Survey:
    """The fragments of what is to be written, each looked into once, when it is asked for first."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures, self.reader, self.index = pictures, pictures.reader, pictures.reader.index
        frames = pictures.frames
        #: Rows of the index.
        self.rows = np.flatnonzero((self.index.t0 < frames.stop) & (self.index.t1 > frames.start)).tolist()
        self._seen: dict[int, Seen] = {}

    def __getitem__(self, row: int) -> Seen:
        found = self._seen.get(row)
        if found is None:
            data = self.reader.fragment(row)
            stream, packets = _codec.unwrap(data)
            found = self._seen[row] = Seen(
                StreamFormat(*stream), "".join(str(flags) for _, _, flags in packets),
                max(i - frame for i, (_, frame, _) in enumerate(packets)),
                any(frame == _codec.HIDDEN for _, frame, _ in packets),
                _fragment.info(data)[2]["max_error_achieved"],
            )  # fmt: skip
        return found


def why_not(survey: Survey, muxer: str, codec: str | None) -> str:
    """Why the packets of a store cannot be copied into a file of one track; empty if they can."""
    index = survey.index
    y, x = survey.reader.opened().y, survey.reader.opened().x
    if not len(index) or (index.y1 - index.y0 != y).any() or (index.x1 - index.x0 != x).any():
        return "its pictures are cut into tiles"
    return _not_whole(survey) or _not_copied(survey, muxer, codec, (y, x))


def _not_whole(survey: Survey) -> str:
    """Why a box is not one of whole fragments."""
    pictures, index, core = survey.pictures, survey.index, survey.reader.opened()
    if pictures.size != (core.y, core.x):
        return "the region is part of the pictures"
    if pictures.frames.start not in index.t0 or pictures.frames.stop not in index.t1:
        return "the region begins or ends inside of a fragment"
    return ""


def _not_copied(survey: Survey, muxer: str, codec: str | None, size: tuple[int, int] | None) -> str:
    """Why the packets of all fragments cannot go into a file as they are."""
    names = np.unique(survey.index.codec[survey.rows])
    if len(names) != 1 or names[0] not in TAKES["matroska"]:
        return f"its fragments are of {' and '.join(names)}"
    if codec not in (None, names[0]):
        return f"its fragments are of {names[0]}, not {codec}"
    if names[0] not in TAKES[muxer]:
        return f"such a file holds no {names[0]}"
    first: dict[tuple[int, ...], StreamFormat] = {}  # of each place
    for row in survey.rows:
        seen, here = survey[row], survey.index[row]
        stream = seen.stream
        if size is not None and (stream.y, stream.x) != size:
            return "its coded pictures are padded"
        if stream.shift:
            return "its samples are shifted in the coded pictures"
        if stream.extradata and names[0] == "ffv1":
            return "libav cannot be given the global header of its FFV1"
        if seen.hidden:
            return "it has packets that no frame comes from"
        same = first.setdefault((int(here.y0), int(here.x0)), stream)
        if same[:9] != stream[:9]:
            return "its coded pictures change their size or format"
    return ""


class CopiedPackets:
    """The packets of a video file's video, as they are in a store of whole pictures; see `mux.write_file`.

    Parameters
    ----------
    survey : Survey
        What is written: whole fragments.
    progress : callable, optional
        Called as ``progress(done, total)`` after every slab.
    """

    tells_aspect = False

    def __init__(self, survey: Survey, progress: Callable[[int, int], None] | None = None) -> None:
        self._survey, self._progress = survey, progress
        self._pictures, self._reader, self._index = survey.pictures, survey.reader, survey.index
        pictures = survey.pictures
        # A stream that was copied in says what it said; one that was made for the store does not.
        self.tells_hdr = bool((pictures.video.get("options") or {}).get("copy"))
        self._tracks: list[_Track] = []
        self.hints: dict[str, Any] = {}

    def tiles(self) -> list[tuple[int, int, int, int]]:
        """The boxes (y0, y1, x0, x1) of which each is a track."""
        core = self._reader.opened()
        return [(0, core.y, 0, core.x)]

    def add_to(self, container: Any, clock: Any) -> Any:
        """Add the stream to an output, whose muxer is told times as `clock` says."""
        self._clock = clock
        for box in self.tiles():
            rows = self._rows(box)
            try:
                track = _Track(container, self._survey, box, rows, self._pictures.rate, clock)
            except refusals() as error:
                raise UnsupportedError(
                    "libav makes no sense of the first packets of its video, so they cannot be "
                    f"copied: copy=False encodes anew ({error})"
                ) from None
            describe_track(self._pictures, track.stream)
            self._tracks.append(track)
        return self._tracks[0].stream

    def _rows(self, box: tuple[int, int, int, int]) -> list[int]:
        """Rows of the index of a tile, in the order of time."""
        index, frames = self._index, self._pictures.frames
        here = (index.t0 >= frames.start) & (index.t1 <= frames.stop)
        for name, value in zip(("y0", "y1", "x0", "x1"), box, strict=True):
            here &= index[name] == value
        return np.flatnonzero(here).tolist()

    def packets(self) -> Iterator[Any]:
        """Packets for the output, slab by slab, in decoding order."""
        total, first = len(self._clock.pts), self._pictures.frames.start
        for rows in zip(*(track.rows for track in self._tracks), strict=True):
            for track, row in zip(self._tracks, rows, strict=True):
                yield from track.packets(row, int(self._index.t0[row]) - first)
            if self._progress is not None:
                self._progress(int(self._index.t1[rows[0]]) - first, total)


class CopiedTiles(CopiedPackets):
    """The packets of a store of tiles, each a track of its own."""

    def __init__(self, survey: Survey, muxer: str, progress: Callable[[int, int], None] | None = None) -> None:
        super().__init__(survey, progress)
        reason = _not_whole(survey) or self._uneven() or _not_copied(survey, muxer, None, None)
        if reason:
            raise UnsupportedError(f"its tiles cannot be tracks of such a file: {reason}")
        self.hints = {"tiles": _make_tag(survey, self._boxes, self._rows)}

    def _uneven(self) -> str:
        index = self._index
        boxes: dict[int, list[tuple[int, int, int, int]]] = {t: [] for t in index.t0.tolist()}
        for row in index:
            boxes[int(row.t0)].append((int(row.y0), int(row.y1), int(row.x0), int(row.x1)))
        first = boxes[min(boxes)]
        self._boxes = first
        return "" if all(sorted(b) == sorted(first) for b in boxes.values()) else "its grid changes over time"

    def tiles(self) -> list[tuple[int, int, int, int]]:
        return self._boxes

    def add_to(self, container: Any, clock: Any) -> Any:
        first = super().add_to(container, clock)
        for track in self._tracks:
            y0, y1, x0, x1 = track.box
            place = f"rows {y0}:{y1}, columns {x0}:{x1}"
            track.stream.metadata.update(
                {"title": place, "handler_name": f"tile {place}", "STFRAG_TILE": f"{y0}:{y1},{x0}:{x1}"}
            )
        return first


class _Track:
    """One stream of an output, of one tile."""

    def __init__(
        self,
        container: Any,
        survey: Survey,
        box: tuple[int, int, int, int],
        rows: list[int],
        rate: Fraction,
        clock: Any,
    ) -> None:
        self.box, self.rows = box, rows
        self._reader, self._clock = survey.reader, clock
        stream, packets = survey[rows[0]].stream, _codec.unwrap(survey.reader.fragment(rows[0]))[1]
        self._codec = by_id(stream.codec).name
        self._head = _START_CODE if stream.start_codes else b""
        self.stream = _add_stream(container, self._codec, stream, [self._head + p[0] for p in packets], rate)
        self.stream.time_base = clock.time_base
        # Decoding times are presentation times in order, so many frames earlier that none is after its picture.
        reordered = self._codec in ("h264", "hevc")
        self._delay = max((survey[row].delay for row in rows), default=0) if reordered else 0
        self._decoded = 0

    def packets(self, row: int, first: int) -> Iterator[Any]:
        """The packets of a fragment whose first frame is the file's frame `first`."""
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
        pts, at = self._clock.pts, self._decoded - self._delay
        self._decoded += 1
        step = pts[1] - pts[0] if len(pts) > 1 else max(1, self._clock.last_duration)
        return pts[at] if at >= 0 else pts[0] + at * step


def _add_stream(container: Any, codec: str, stream: StreamFormat, packets: list[bytes], rate: Fraction) -> Any:
    """A stream of an output for packets that are there.

    PyAV makes one after the model of an input's; FFV1, which has no file format so simple, gets an encoder's that is
    never used.
    """
    av = import_av()
    if codec == "ffv1":
        out = container.add_stream("ffv1", rate=rate)
        out.width, out.height, out.codec_context.options = stream.x, stream.y, {"level": "1"}
        out.pix_fmt = _ffv1_format(stream)
        return out
    if codec in ("h264", "hevc"):
        data, name = b"".join(packets), codec
    else:
        data, name = _ivf(codec, stream, packets, rate), "ivf"
    with av.open(io.BytesIO(data), "r", format=name) as model:
        template = model.streams.video[0]
        return container.add_stream_from_template(template, opaque=True)


def _ffv1_format(stream: StreamFormat) -> str:
    from ...codec.carriage import find  # the pixel format that such samples were carried in
    from ...codec.catalogue import CODECS

    found = find(CODECS["ffv1"], stream.bits, stream.components, stream.sub_x, stream.sub_y, True, False)
    assert found is not None
    return found.pixels.name


def _ivf(codec: str, stream: StreamFormat, packets: list[bytes], rate: Fraction) -> bytes:
    """The simplest of files for VP9 and AV1: frames with their lengths."""
    fourcc = {"vp9": b"VP90", "av1": b"AV01"}[codec]
    head = b"DKIF" + (0).to_bytes(2, "little") + (32).to_bytes(2, "little") + fourcc
    head += b"".join(
        n.to_bytes(size, "little")
        for n, size in (
            (stream.x, 2),
            (stream.y, 2),
            (rate.numerator, 4),
            (rate.denominator, 4),
            (len(packets), 4),
            (0, 4),
        )
    )
    parts = [head]
    for number, data in enumerate(packets):
        whole = _TEMPORAL_DELIMITER + data if codec == "av1" else data
        parts.append(len(whole).to_bytes(4, "little") + number.to_bytes(8, "little") + whole)
    return b"".join(parts)


# --------------------------------------------------------------------------------- what makes a store again of tracks


def _make_tag(survey: Survey, boxes: list[Any], rows_of: Callable[[Any], list[int]]) -> dict[str, Any]:
    """What a file of tiles says of the store that it was, for `stfrag.video.reading.tiles`."""
    core, index = survey.reader.opened(), survey.index
    rows = [rows_of(box) for box in boxes]
    streams = [survey[tile[0]].stream for tile in rows]
    achieved = [[survey[row].achieved for row in tile] for tile in rows]
    errors = [[[int(n) for n in index.sse[row]] for row in tile] for tile in rows]
    flags = [[survey[row].flags for row in tile] for tile in rows]
    native = core.native.info
    return {
        "version": 0,
        "size": [core.y, core.x],
        "format": list(core.fmt),
        "fragment": list(native["fragment"]),
        "cuts": list(native["cuts"]),
        "boxes": [list(map(int, box)) for box in boxes],
        "streams": [[*stream[:9], b64encode(stream.extradata).decode()] for stream in streams],
        "frames": [int(index.t1[row] - index.t0[row]) for row in rows[0]],
        "packed": b64encode(zlib.compress(json.dumps([achieved, errors, flags]).encode())).decode(),
        "document": json.loads(native["metadata"] or b"{}"),
    }  # fmt: skip


def tile_tag(text: str | None) -> dict[str, Any] | None:
    """The tag of a file of tiles, with what is packed in it unpacked; None if there is none that makes sense."""
    try:
        said = json.loads(text or "")["tiles"]
        if said["version"] != 0:
            return None
        packed = zlib.decompressobj()
        said["achieved"], said["errors"], said["flags"] = json.loads(
            packed.decompress(b64decode(said["packed"]), 1 << 26)
        )
        return said if _makes_sense(said) else None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error):
        return None


def _makes_sense(said: dict[str, Any]) -> bool:
    """Whether the parts of a tag are what they should be; may raise what `tile_tag` catches."""
    boxes, frames, streams = said["boxes"], said["frames"], said["streams"]
    document = said["document"]
    return (
        _are_integers(said["size"], 2, 1, 1 << 31)
        and _are_integers(said["format"], 6, 0, 255)
        and _are_integers(said["fragment"], 3, 1, 1 << 31)
        and _are_integers(said["cuts"], 3, 0, 1)
        and len(boxes) == len(streams) >= 1
        and all(_are_integers(box, 4, 0, 1 << 31) for box in boxes)
        and _are_integers(frames, len(frames), 1, 1 << 31)
        and all(_are_integers(stream[:-1], 9, 0, 1 << 31) and isinstance(stream[9], str) for stream in streams)
        and all(len(said[part]) == len(boxes) for part in ("achieved", "errors", "flags"))
        and all(_are_integers(tile, len(frames), 0, 65535) for tile in said["achieved"])
        and all(len(tile) == len(frames) for tile in [*said["errors"], *said["flags"]])
        and all(_are_integers(sse, len(sse), 0, (1 << 63) - 1) for tile in said["errors"] for sse in tile)
        and all(set(flags) <= set("0123") for tile in said["flags"] for flags in tile)
        and all(isinstance(document.get(part, {}), dict) for part in ("stfrag", "attributes", "tags"))
    )


def _are_integers(values: Any, count: int, low: int, high: int) -> bool:
    return (
        isinstance(values, list) and len(values) == count and all(type(n) is int and low <= n <= high for n in values)
    )
