"""What a video says about itself beside its samples, in plain JSON values."""

from __future__ import annotations

import struct
from fractions import Fraction

from ..codec.frames import colour_of
from ..model.pixel_formats import PixelFormat
from .hdr import hdr_of_tag
from .matroska import TAG, exact_hints
from .reading.streams import dispositions_of

__all__ = ["describe", "ratio"]

#: libav's AVFieldOrder: whose lines are coded first, whose are shown first.
FIELD_ORDERS = {1: "progressive", 2: "tt", 3: "bb", 4: "tb", 5: "bt"}


def ratio(value: Fraction | None) -> list[int] | None:
    """A positive fraction as ``[numerator, denominator]``, else None."""
    return [value.numerator, value.denominator] if value and value > 0 else None


def describe(container, stream, frame, fmt: PixelFormat) -> dict:
    """Everything about a video that its first decoded picture, its stream and its container say.

    Returns
    -------
    dict
        ``colour``, ``fps`` (the average rate as [numerator, denominator] or None), ``sample_aspect_ratio``
        ([1, 1] if not known), ``rotation`` (degrees clockwise that turn the picture upright: 0, 90, 180, 270),
        ``display_matrix`` (libav's nine integers, only where there is one), ``field_order`` (only where known),
        ``hdr`` (only where there is any), ``source`` (container, codec and pixel format that it came in),
        ``tags``, and ``track`` (those ``tags`` that are of the stream, not the file, and its ``disposition``).
    """
    side = _side_data(frame)
    aspect = stream.sample_aspect_ratio or exact_hints(container.metadata.get(TAG)).get("sample_aspect_ratio")
    found = {
        "colour": colour_of(frame, fmt),
        "fps": ratio(stream.average_rate or stream.guessed_rate),
        "sample_aspect_ratio": ratio(aspect) or [1, 1],
        "rotation": -frame.rotation % 360 if hasattr(frame, "rotation") else 0,
        "source": {
            "container": container.format.name,
            "codec": stream.codec_context.name,
            "pixel_format": frame.format.name,
        },
        "tags": _tags({**stream.metadata, **container.metadata}),
    }  # fmt: skip
    own = {"tags": _tags(stream.metadata), "disposition": dispositions_of(stream)}
    if any(own.values()):
        found["track"] = {key: value for key, value in own.items() if value}
    matrix = side.get("DISPLAYMATRIX")
    if matrix is not None and len(matrix) == 36:
        found["display_matrix"] = list(struct.unpack("=9i", matrix))
    order = "interlaced" if frame.interlaced_frame else None
    order = FIELD_ORDERS.get(getattr(stream.codec_context, "field_order", 0), order)
    if order:
        found["field_order"] = order
    if hdr := _hdr(side) or hdr_of_tag(container.metadata.get(TAG)):
        found["hdr"] = hdr
    return found


def _tags(said: dict) -> dict:
    return {k: v for k, v in said.items() if k not in _NOT_TAGS and (k, v) != ("language", "und")}


# Tags that describe the file, not the pictures, and would be wrong in any other.
_NOT_TAGS = frozenset((
    "BPS", "DURATION", "ENCODER", "NUMBER_OF_BYTES", "NUMBER_OF_FRAMES", "compatible_brands", "encoder",
    "handler_name", "major_brand", "minor_version", "rotate", "variant_bitrate", "vendor_id", TAG,
))  # fmt: skip
_SIDE_DATA = frozenset(("DISPLAYMATRIX", "MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"))


def _side_data(frame) -> dict[str, bytes]:
    found = {}
    for data in frame.side_data:
        kind = getattr(data, "type", None)
        if kind is not None and kind.name in _SIDE_DATA:
            found[kind.name] = bytes(data)
    return found


def _hdr(side: dict) -> dict:
    """Mastering display (SMPTE ST 2086) and content light level (CTA-861.3)."""
    hdr = {}
    display = side.get("MASTERING_DISPLAY_METADATA")
    if display is not None and len(display) >= 88:
        numbers = struct.unpack("=22i", display[:88])
        pairs = [[numbers[i], numbers[i + 1]] for i in range(0, 20, 2)]
        if numbers[20]:
            hdr["mastering_primaries"] = {"rgb": [pairs[0:2], pairs[2:4], pairs[4:6]], "white": pairs[6:8]}
        if numbers[21]:
            hdr["mastering_luminance"] = {"min": pairs[8], "max": pairs[9]}
    light = side.get("CONTENT_LIGHT_LEVEL")
    if light is not None and len(light) >= 8:
        most, average = struct.unpack("=2I", light[:8])
        hdr["max_cll"], hdr["max_fall"] = most, average
    return hdr
