"""HDR values (mastering display, content light level) on their way into a video file.

PyAV cannot set the side data that carry them, so they go another way: x264 writes them into the coded video, and for
FFV1, whose Matroska file cannot say them, a tag keeps them for `from_video`.

They are a dict of JSON values: ``mastering_primaries`` has the chromaticities of a display, ``rgb`` (three points)
and ``white`` (a point), ``mastering_luminance`` its ``min`` and ``max`` in cd/m², all as [numerator, denominator];
``max_cll`` and ``max_fall`` are the light levels of the content, in whole cd/m².
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

__all__ = ["hdr_of_side_data", "hdr_of_tag", "valid_hdr", "x264_parameters"]

_PRIMARIES, _LUMINANCE = Fraction(1, 50000), Fraction(1, 10000)
_NO_SENSE = (TypeError, ValueError, LookupError, AttributeError)


def valid_hdr(said: Any) -> dict[str, Any]:
    """Keep those values of a description that make sense.

    Examples
    --------
    >>> valid_hdr({"max_cll": 1000, "max_fall": 400, "mastering_luminance": {"min": [1, 0], "max": [1000, 1]}})
    {'max_cll': 1000, 'max_fall': 400}
    """
    found: dict[str, Any] = {}
    try:
        if display := said.get("mastering_primaries"):
            found["mastering_primaries"] = _display(display)
    except _NO_SENSE:
        pass
    try:
        if light := said.get("mastering_luminance"):
            found["mastering_luminance"] = {"min": _pair(light["min"]), "max": _pair(light["max"])}
    except _NO_SENSE:
        pass
    for name in ("max_cll", "max_fall"):
        value = said.get(name) if isinstance(said, dict) else None
        if isinstance(value, int) and 0 <= value < 1 << 16:
            found[name] = value
    return found


def _display(said: Mapping[str, Any]) -> dict[str, Any]:
    """Check the chromaticities of a display; raise one of `_NO_SENSE` if they are none."""
    points = [[_pair(number) for number in point] for point in said["rgb"]]
    white = [_pair(number) for number in said["white"]]
    if [len(point) for point in (*points, white)] != [2] * 4:
        raise ValueError("no triangle and a white point")
    return {"rgb": points, "white": white}


def _pair(value: Iterable[Any]) -> list[int]:
    """Check a ratio of two numbers."""
    numerator, denominator = (int(n) for n in value)
    if not (0 <= numerator < 1 << 31 and 0 < denominator < 1 << 31):
        raise ValueError("no positive ratio")
    return [numerator, denominator]


def hdr_of_tag(tag: str | None) -> dict[str, Any]:
    """Read the values that a tag of `to_video` keeps; an empty dict if there are none."""
    try:
        said = json.loads(tag or "").get("hdr")
    except (ValueError, AttributeError):
        return {}
    return valid_hdr(said) if isinstance(said, dict) else {}


def hdr_of_side_data(side: Mapping[str, bytes]) -> dict[str, Any]:
    """Read libav's side data: mastering display (SMPTE ST 2086) and content light level (CTA-861.3)."""
    found: dict[str, Any] = {}
    display = side.get("MASTERING_DISPLAY_METADATA")
    if display is not None and len(display) >= 88:
        numbers = struct.unpack("=22i", display[:88])
        pairs = [[numbers[i], numbers[i + 1]] for i in range(0, 20, 2)]
        if numbers[20]:
            found["mastering_primaries"] = {"rgb": [pairs[0:2], pairs[2:4], pairs[4:6]], "white": pairs[6:8]}
        if numbers[21]:
            found["mastering_luminance"] = {"min": pairs[8], "max": pairs[9]}
    light = side.get("CONTENT_LIGHT_LEVEL")
    if light is not None and len(light) >= 8:
        found["max_cll"], found["max_fall"] = struct.unpack("=2I", light[:8])
    return found


def x264_parameters(hdr: Mapping[str, Any]) -> str:
    """Write values as x264 takes them in ``x264-params``; what it cannot take is left out.

    Examples
    --------
    >>> x264_parameters({"max_cll": 1000, "max_fall": 400})
    'cll=1000,400'
    """
    parts = []
    primaries, luminance = hdr.get("mastering_primaries"), hdr.get("mastering_luminance")
    if primaries and luminance:  # x264 only takes both
        red, green, blue = primaries["rgb"]
        points = [("G", green), ("B", blue), ("R", red), ("WP", primaries["white"])]
        words = [f"{name}({_units(x, _PRIMARIES)},{_units(y, _PRIMARIES)})" for name, (x, y) in points]
        light = f"L({_units(luminance['max'], _LUMINANCE)},{_units(luminance['min'], _LUMINANCE)})"
        parts.append(f"mastering-display={''.join(words)}{light}")
    if hdr.get("max_cll") or hdr.get("max_fall"):
        parts.append(f"cll={hdr.get('max_cll', 0)},{hdr.get('max_fall', 0)}")
    return ":".join(parts)


def _units(value: list[int], unit: Fraction) -> int:
    """Count a ratio in units, rounded."""
    return round(Fraction(*value) / unit)
