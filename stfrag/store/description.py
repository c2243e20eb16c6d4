"""The description of a store: the JSON document in its metadata, how it is made and what is read out of it.

The document is ``{"stfrag": {...}, "attributes": {...}, "tags": {...}}``. Under ``"stfrag"`` it has ``kind``
(``"array"`` or ``"video"``), ``axes``, ``pixel_format``, ``rgb``, ``colour``, ``fps`` as [numerator, denominator],
the resolved ``options``, and what else is known of a video (sample aspect ratio, rotation, ...). Other programs may
write stores without such a document; they can be read, too.
"""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.colour import TABLES, code
from ..model.colour import name as colour_name
from ..model.formats import DTYPES, LAYOUT_GRAY, LAYOUT_PLANES, SampleFormat, check_bits
from ..model.ratio import Ratio
from ..model.views import Colour

if TYPE_CHECKING:
    from ..native.store import NativeReader
    from ..native.types import StoreInfo

__all__ = ["Description", "document", "dump", "end_tick", "mapping", "parse_rate", "video_format"]


def parse_rate(name: str, value: Any) -> Fraction:
    """Return a positive rate, given as int, float, Fraction or ``"30000/1001"``, as a Fraction.

    A float stands for the nearest fraction with a denominator up to 1001.

    Parameters
    ----------
    name : str
        What messages call the rate.
    value : int, float, Fraction or str

    Raises
    ------
    ValueError
        If it is no positive number, or its numerator or denominator needs more than 32 bits.

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
    """Return the tick at which the last frame of a store ends.

    If its duration is not known, it is assumed to last as long as the frame before it.
    """
    frames = native.info["size"][0]
    count = min(2, frames)
    pts, durations = np.zeros((2, count), np.int64)
    native.times(frames - count, count, pts, durations)
    return int(pts[-1] + (durations[-1] or (pts[-1] - pts[0]) or 1)) if count else 0


def document(
    described: dict[str, Any], attributes: dict[str, Any] | None, tags: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the metadata document of a new store; `described` is what stands under ``"stfrag"`` in it."""
    return {"stfrag": described, "attributes": dict(attributes or {}), "tags": dict(tags or {})}


def dump(doc: dict[str, Any]) -> bytes:
    """Return a metadata document as the JSON text that is stored.

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
    """The description of an open store.

    Parameters
    ----------
    native : StoreInfo
        What the C core says of the store.
    source : str
        The name of the store.

    Attributes
    ----------
    fmt : SampleFormat
    described, attributes, tags : dict
        The parts of the metadata document; empty where they are not there.
    colour : Colour or None
        None for an array.
    pixel_format : str or None
    time_base : Fraction or None
        Seconds per tick; None where frames have no times.
    """

    def __init__(self, native: StoreInfo, source: str) -> None:
        self.native = native
        self.source = source
        self.fmt = SampleFormat(*native["format"])
        doc = _parse(native["metadata"])
        self.described: dict[str, Any] = mapping(doc.get("stfrag"))
        self.attributes = mapping(doc.get("attributes"))
        self.tags = mapping(doc.get("tags"))
        self.colour = _colour_of(native, self.described)
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
        """The streams beside the pictures, as a copy without the parts that only libav understands."""
        said = self.described.get("streams")
        return [
            {name: copy.deepcopy(value) for name, value in about.items() if name not in ("container", "stub")}
            for about in (said if isinstance(said, list) else ())
            if isinstance(about, dict)
        ]

    @property
    def shown(self) -> dict[str, Any]:
        """The part under ``"stfrag"`` as it is shown to people."""
        return {**self.described, **({"streams": self.streams} if "streams" in self.described else {})}

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of the document in which the part under ``"stfrag"`` is lifted to the top."""
        return copy.deepcopy({"bits": self.fmt.bits, **self.shown, "attributes": self.attributes, "tags": self.tags})


def _colour_of(native: StoreInfo, described: dict[str, Any]) -> Colour | None:
    """Return the colour that the C core reads out of the metadata, with the name of the matrix for messages."""
    stored = native["colour"]
    if stored is None:
        return None
    said = mapping(described.get("colour")).get("matrix")
    name: str | int | None
    try:
        name = colour_name("matrix", code("matrix", said))
    except (TypeError, ValueError):  # some other program's
        name = str(said)
    return Colour(*stored, name)


def _parse(text: bytes) -> dict[str, Any]:
    """Return the metadata document; an empty one if the metadata are of another program."""
    try:
        return mapping(json.loads(text)) if text else {}
    except (ValueError, RecursionError):
        return {}


def mapping(value: Any) -> dict[str, Any]:
    """Return `value` if it is a dict, else an empty one: another program may have written anything."""
    return value if isinstance(value, dict) else {}


def video_format(name: str, bits: int | None, described: dict[str, Any]) -> tuple[SampleFormat, dict[str, Any]]:
    """Return the format of a video's samples, and the description of its store.

    Parameters
    ----------
    name : str
        The pixel format, as libav names it.
    bits : int, optional
        Significant bits of a sample; default those of the pixel format.
    described : dict
        What the user says of the video; it is put over what the pixel format says.

    Raises
    ------
    UnsupportedError
        For a pixel format that cannot be stored.
    ValueError
        For bits out of range, or a colour that there is not.
    """
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
        code(kind, value)  # raises for an unknown name
    found = {"kind": "video", "pixel_format": planar, "rgb": about.is_rgb, **described}
    if colour:
        found["colour"] = colour
    return fmt, found
