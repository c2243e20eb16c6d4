"""What a store says of itself: the JSON document that Python writes into its metadata, and what is read out of it.

The document is ``{"stfrag": {...}, "attributes": {...}, "tags": {...}}``. Under ``"stfrag"`` stand ``kind``
(``"array"`` or ``"video"``), ``axes``, ``pixel_format``, ``rgb``, ``colour``, ``fps`` as [numerator, denominator],
the resolved ``options``, and what else a video knows (sample aspect ratio, rotation, ...). A store without it, as
other programs may write, reads as well.
"""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.colour import TABLES, code
from ..model.formats import DTYPES, LAYOUT_GRAY, LAYOUT_PLANES, SampleFormat, check_bits
from ..model.ratio import Ratio
from ..model.views import colour_of

if TYPE_CHECKING:
    from ..native.store import NativeReader
    from ..native.types import StoreInfo

__all__ = ["Description", "document", "dump", "end_tick", "mapping", "parse_rate", "video_format"]


def parse_rate(name: str, value: Any) -> Fraction:
    """A positive rate given as int, float, Fraction or ``"30000/1001"``; floats mean the nearest simple fraction.

    Examples
    --------
    >>> parse_rate("fps", 29.97002997)
    Fraction(30000, 1001)
    """
    try:
        rate = Fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(f"{name}={value!r} is not a positive number or fraction") from None
    if isinstance(value, float):
        rate = rate.limit_denominator(1001)
    if rate <= 0 or max(rate.numerator, rate.denominator) >= 1 << 32:
        raise ValueError(f"{name}={value!r} is out of range: above 0, numerator and denominator of 32 bits")
    return rate


def end_tick(native: NativeReader) -> int:
    """When the last frame of a store ends; if its duration is not known, it lasts as long as the one before it."""
    frames = native.info["size"][0]
    count = min(2, frames)
    pts, durations = np.zeros((2, count), np.int64)
    native.times(frames - count, count, pts, durations)
    return int(pts[-1] + (durations[-1] or (pts[-1] - pts[0]) or 1)) if count else 0


def document(
    described: dict[str, Any], attributes: dict[str, Any] | None, tags: dict[str, Any] | None
) -> dict[str, Any]:
    """The metadata document of a new store."""
    return {"stfrag": described, "attributes": dict(attributes or {}), "tags": dict(tags or {})}


def dump(doc: dict[str, Any]) -> bytes:
    """A metadata document as it is stored.

    Raises
    ------
    TypeError, ValueError
        If something in it is no JSON value.
    """
    try:
        return json.dumps(doc, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise type(error)(f"metadata must be JSON values: {error}") from None


class Description:
    """A store's description, read from what its native reader says."""

    def __init__(self, native: StoreInfo, source: str) -> None:
        self.native = native
        self.source = source
        self.fmt = SampleFormat(*native["format"])
        doc = _parse(native["metadata"])
        self.described: dict[str, Any] = mapping(doc.get("stfrag"))
        self.attributes = mapping(doc.get("attributes"))
        self.tags = mapping(doc.get("tags"))
        self.colour = colour_of(self.fmt, self.described, native["size"][1])
        name = self.described.get("pixel_format")
        self.pixel_format: str | None = name if isinstance(name, str) else None
        num, den = native["time_base"]
        self.time_base = Ratio(num, den) if num and den else None

    @property
    def kind(self) -> str:
        """``"array"`` or ``"video"``."""
        return str(self.described.get("kind") or ("video" if self.fmt.layout == LAYOUT_PLANES else "array"))

    @property
    def fps(self) -> Ratio | None:
        """The rate that was given, else the average of the frame times."""
        said = self.described.get("fps")
        if isinstance(said, list) and len(said) == 2 and all(isinstance(n, int) and n > 0 for n in said):
            return Ratio(*said)
        frames = self.native["size"][0]
        if self.time_base is None or not frames:
            return None
        ticks = self.native["end_pts"] - self.native["first_pts"]
        return Ratio(frames / (ticks * self.time_base)) if ticks > 0 else None

    @property
    def streams(self) -> list[dict[str, Any]]:
        """The streams beside the pictures, without what only libav understands of them. A copy."""
        said = self.described.get("streams")
        return [
            {name: copy.deepcopy(value) for name, value in about.items() if name not in ("container", "stub")}
            for about in (said if isinstance(said, list) else ())
            if isinstance(about, dict)
        ]

    @property
    def shown(self) -> dict[str, Any]:
        """What is under ``"stfrag"``, for people."""
        return {**self.described, **({"streams": self.streams} if "streams" in self.described else {})}

    @property
    def metadata(self) -> dict[str, Any]:
        """The document, what is under ``"stfrag"`` lifted to the top. A copy."""
        return copy.deepcopy({"bits": self.fmt.bits, **self.shown, "attributes": self.attributes, "tags": self.tags})


def _parse(text: bytes) -> dict[str, Any]:
    try:
        return mapping(json.loads(text)) if text else {}
    except (ValueError, RecursionError):  # some other program's
        return {}


def mapping(value: Any) -> dict[str, Any]:
    """`value` if it is a dict, else an empty one: another program may have written anything."""
    return value if isinstance(value, dict) else {}


def video_format(name: str, bits: int | None, described: dict[str, Any]) -> tuple[SampleFormat, dict[str, Any]]:
    """The format of the samples of a pixel format, and what a store of such a video says of itself."""
    from ..model.pixel_formats import pixel_format, planar_name

    about = pixel_format(name)
    depth, planar = about.bits, about.planar
    if bits is not None:
        dtype = np.dtype(about.dtype)
        depth = check_bits(bits, dtype)
        if 8 < depth < about.bits:
            planar = planar_name(about.model, depth, about.alpha, about.subsampling)
    dtype = np.dtype(about.dtype)
    gray = about.components == 1
    fmt = SampleFormat(
        DTYPES.index(dtype), depth, about.components, about.sub_x, about.sub_y, LAYOUT_GRAY if gray else LAYOUT_PLANES
    )
    colour = dict(described.get("colour") or {})
    if about.full_range:
        colour.setdefault("range", "full")
    for kind, value in colour.items():
        if kind not in TABLES:
            raise ValueError(f"unknown colour {kind!r}: known are {', '.join(TABLES)}")
        code(kind, value)  # raises for a name that there is not
    found = {"kind": "video", "pixel_format": planar, "rgb": about.is_rgb, **described}
    if colour:
        found["colour"] = colour
    return fmt, found
