"""A survey of the fragments that are written: can their packets go into a file as they are?"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from ...native import codec as _codec
from ...native import fragment as _fragment
from ...native.types import RectangleYX, StreamFormat
from .pictures import Pictures

__all__ = ["Seen", "Survey", "why_not", "why_not_tiles"]

#: What each muxer takes of what fragments can be of.
TAKES = {
    "matroska": ("h264", "hevc", "av1", "vp9", "ffv1"),
    "mp4": ("h264", "hevc", "av1", "vp9"),
    "mov": ("h264", "hevc"),
}


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
    """The fragments of what is to be written, each looked into once, when it is asked for first.

    Attributes
    ----------
    rows : list of int
        Their rows in the index.
    """

    def __init__(self, pictures: Pictures) -> None:
        self.pictures, self.reader, self.index = pictures, pictures.reader, pictures.reader.index
        frames = pictures.frames
        self.rows: list[int] = np.flatnonzero((self.index.t0 < frames.stop) & (self.index.t1 > frames.start)).tolist()
        self._seen: dict[int, Seen] = {}

    @property
    def whole(self) -> RectangleYX:
        """The box of a whole picture of the store."""
        opened = self.reader.opened()
        return 0, opened.y, 0, opened.x

    def __getitem__(self, row: int) -> Seen:
        """Look into a fragment, by its row in the index."""
        found = self._seen.get(row)
        if found is None:
            data = self.reader.fragment(row)
            stream, packets = _codec.unwrap(data)
            found = self._seen[row] = Seen(
                stream=stream,
                flags="".join(str(packet.flags) for packet in packets),
                delay=max(i - packet.frame for i, packet in enumerate(packets)),
                hidden=any(packet.frame == _codec.HIDDEN for packet in packets),
                achieved=_fragment.info(data).fields["max_error_achieved"],
            )
        return found

    def box_of(self, row: int) -> RectangleYX:
        """Tell where a fragment lies."""
        here = self.index[row]
        return int(here.y0), int(here.y1), int(here.x0), int(here.x1)

    def rows_of(self, box: RectangleYX) -> list[int]:
        """Find the rows of a tile, in the order of time."""
        index, frames = self.index, self.pictures.frames
        here = (index.t0 >= frames.start) & (index.t1 <= frames.stop)
        for name, value in zip(("y0", "y1", "x0", "x1"), box, strict=True):
            here &= index[name] == value
        rows: list[int] = np.flatnonzero(here).tolist()
        return rows

    @cached_property
    def tiles(self) -> list[RectangleYX]:
        """The boxes that each slab is cut into; none if not all are cut alike."""
        slabs: dict[int, list[RectangleYX]] = {}
        for row, t0 in enumerate(self.index.t0.tolist()):
            slabs.setdefault(t0, []).append(self.box_of(row))
        first = slabs[min(slabs)]
        return first if all(sorted(boxes) == sorted(first) for boxes in slabs.values()) else []


def why_not(survey: Survey, muxer: str, codec: str | None) -> str:
    """Say why the packets of a store cannot be copied into a file of one track; empty if they can."""
    index, (_, y, _, x) = survey.index, survey.whole
    if not len(index) or (index.y1 - index.y0 != y).any() or (index.x1 - index.x0 != x).any():
        return "its pictures are cut into tiles"
    return _not_whole(survey) or _not_copied(survey, muxer, codec, (y, x))


def why_not_tiles(survey: Survey, muxer: str) -> str:
    """Say why the tiles of a store cannot be tracks of a file; empty if they can."""
    uneven = "" if survey.tiles else "its grid changes over time"
    return _not_whole(survey) or uneven or _not_copied(survey, muxer, None, None)


def _not_whole(survey: Survey) -> str:
    """Say why a box is not one of whole fragments; empty if it is."""
    pictures, index, (_, y, _, x) = survey.pictures, survey.index, survey.whole
    if pictures.size != (y, x):
        return "the region is part of the pictures"
    if pictures.frames.start not in index.t0 or pictures.frames.stop not in index.t1:
        return "the region begins or ends inside of a fragment"
    return ""


def _not_copied(survey: Survey, muxer: str, codec: str | None, size: tuple[int, int] | None) -> str:
    """Say why the packets of all fragments cannot go into a file as they are; empty if they can.

    Parameters
    ----------
    survey : Survey
    muxer : str
        libav's name of the kind of file.
    codec : str or None
        What the video must be of, if anything.
    size : tuple of int, or None
        Rows and columns that the coded pictures must have, if any.
    """
    names = np.unique(survey.index.codec[survey.rows])
    if len(names) != 1 or names[0] not in TAKES["matroska"]:
        return f"its fragments are of {' and '.join(names)}"
    if codec not in (None, names[0]):
        return f"its fragments are of {names[0]}, not {codec}"
    if names[0] not in TAKES[muxer]:
        return f"such a file holds no {names[0]}"
    first: dict[RectangleYX, StreamFormat] = {}  # of each place
    for row in survey.rows:
        seen = survey[row]
        stream = seen.stream
        if size is not None and (stream.y, stream.x) != size:
            return "its coded pictures are padded"
        if stream.shift:
            return "its samples are shifted in the coded pictures"
        if stream.extradata and names[0] == "ffv1":
            return "libav cannot be given the global header of its FFV1"
        if seen.hidden:
            return "it has packets that no frame comes from"
        same = first.setdefault(survey.box_of(row), stream)
        if same[:9] != stream[:9]:
            return "its coded pictures change their size or format"
    return ""
