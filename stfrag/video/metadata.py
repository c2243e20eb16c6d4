"""The description of a video in plain JSON values: colour, rate, aspect, rotation, tags."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

from ..codec.frames import colour_of
from ..model.pixel_formats import PixelFormat
from .hdr import hdr_of_side_data, hdr_of_tag
from .libav import InputContainer, Stream, VideoFrame
from .matroska import TAG, exact_hints
from .tags import dispositions_of, tags_of_pictures

__all__ = ["FIELD_ORDERS", "describe", "ratio"]

#: libav's AVFieldOrder: whose lines are coded first, whose are shown first.
FIELD_ORDERS = {1: "progressive", 2: "tt", 3: "bb", 4: "tb", 5: "bt"}
_SIDE_DATA = frozenset(("DISPLAYMATRIX", "MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"))


def ratio(value: Fraction | None) -> list[int] | None:
    """Write a positive fraction as ``[numerator, denominator]``, anything else as None.

    Examples
    --------
    >>> ratio(Fraction(30000, 1001)), ratio(None)
    ([30000, 1001], None)
    """
    return [value.numerator, value.denominator] if value and value > 0 else None


def describe(container: InputContainer, stream: Stream, frame: VideoFrame, fmt: PixelFormat) -> dict[str, Any]:
    """Gather all that the first decoded picture of a video, its stream and its container say of it.

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
        "tags": tags_of_pictures({**stream.metadata, **container.metadata}),
    }
    own = {"tags": tags_of_pictures(stream.metadata), "disposition": dispositions_of(stream)}
    if any(own.values()):
        found["track"] = {key: value for key, value in own.items() if value}
    matrix = side.get("DISPLAYMATRIX")
    if matrix is not None and len(matrix) == 36:
        found["display_matrix"] = list(struct.unpack("=9i", matrix))
    order = "interlaced" if frame.interlaced_frame else None
    order = FIELD_ORDERS.get(getattr(stream.codec_context, "field_order", 0), order)
    if order:
        found["field_order"] = order
    if hdr := hdr_of_side_data(side) or hdr_of_tag(container.metadata.get(TAG)):
        found["hdr"] = hdr
    return found


def _side_data(frame: VideoFrame) -> dict[str, bytes]:
    """Find the side data of a picture that is read here, by libav's name."""
    found = {}
    for data in frame.side_data:
        kind = getattr(data, "type", None)
        if kind is not None and kind.name in _SIDE_DATA:
            found[kind.name] = bytes(data)
    return found
