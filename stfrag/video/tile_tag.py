"""The tag of a file of tiles: with it, the store can be made again of the tracks, of which each is a tile.

`to_video` with ``tiles=True`` writes it, `from_video` reads it. It is JSON, in the member ``tiles`` of
`matroska.TAG`; what there is of every fragment is packed in it.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from ..model.formats import SampleFormat
from ..native.types import RectangleYX, StreamFormat

__all__ = ["TileTag", "packed_stream", "tile_tag"]

_VERSION = 0
_MOST_BYTES = 1 << 26  # of what is packed


@dataclass(frozen=True, slots=True)
class TileTag:
    """All of a store of tiles but the packets of its fragments.

    Attributes
    ----------
    size : tuple of int
        Rows and columns of the pictures.
    format : SampleFormat
    fragment, cuts : tuple of int
        The grid of the store, as `stfrag.model.options.Grid` has it.
    boxes : list of RectangleYX
        Where each tile lies.
    streams : list of list
        The `StreamFormat` of each tile, its extradata in Base64.
    frames : list of int
        How many frames each slab has.
    achieved : list of list of int
        How far the worst sample is off, by tile and slab.
    errors : list of list of list of int
        The sums of squared errors, by tile, slab and component.
    flags : list of list of str
        A digit a packet, by tile and slab: those of AV1 are not in its packets.
    document : dict
        The store's metadata document.
    """

    size: tuple[int, int]
    format: SampleFormat
    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]
    boxes: list[RectangleYX]
    streams: list[list[Any]]
    frames: list[int]
    achieved: list[list[int]]
    errors: list[list[list[int]]]
    flags: list[list[str]]
    document: dict[str, Any]

    def stream(self, tile: int) -> StreamFormat:
        """Give the format of the stream of a tile.

        Raises
        ------
        ValueError
            If its extradata are no Base64.
        """
        said = self.streams[tile]
        return StreamFormat._make([*said[:9], b64decode(said[9])])

    def as_json(self) -> dict[str, Any]:
        """Give what `tile_tag` reads, as JSON values."""
        packed = json.dumps([self.achieved, self.errors, self.flags]).encode()
        return {
            "version": _VERSION,
            "size": list(self.size),
            "format": list(self.format),
            "fragment": list(self.fragment),
            "cuts": list(self.cuts),
            "boxes": [list(box) for box in self.boxes],
            "streams": self.streams,
            "frames": self.frames,
            "packed": b64encode(zlib.compress(packed)).decode(),
            "document": self.document,
        }


def packed_stream(stream: StreamFormat) -> list[Any]:
    """Write the format of a stream as a tag has it."""
    return [*stream[:9], b64encode(stream.extradata).decode()]


def tile_tag(text: str | None) -> TileTag | None:
    """Read the tag of a file of tiles; None if there is none that makes sense."""
    try:
        said = json.loads(text or "")["tiles"]
        if said["version"] != _VERSION:
            return None
        packed = zlib.decompressobj().decompress(b64decode(said["packed"]), _MOST_BYTES)
        said["achieved"], said["errors"], said["flags"] = json.loads(packed)
        return _parse(said) if _makes_sense(said) else None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error):
        return None


def _parse(said: dict[str, Any]) -> TileTag:
    """Make a tag of parts that were checked."""
    return TileTag(
        size=(said["size"][0], said["size"][1]),
        format=SampleFormat(*said["format"]),
        fragment=(said["fragment"][0], said["fragment"][1], said["fragment"][2]),
        cuts=(said["cuts"][0], said["cuts"][1], said["cuts"][2]),
        boxes=[(y0, y1, x0, x1) for y0, y1, x0, x1 in said["boxes"]],
        streams=said["streams"],
        frames=said["frames"],
        achieved=said["achieved"],
        errors=said["errors"],
        flags=said["flags"],
        document=said["document"],
    )


def _makes_sense(said: dict[str, Any]) -> bool:
    """Tell whether the parts of a tag are what they should be; may raise what `tile_tag` catches."""
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
    """Tell whether a value is a list of so many integers from `low` to `high`."""
    return (
        isinstance(values, list) and len(values) == count and all(type(n) is int and low <= n <= high for n in values)
    )
