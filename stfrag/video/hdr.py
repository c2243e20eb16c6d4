"""HDR values (mastering display, content light level) on their way into a video file.

PyAV cannot set the side data that carry them, so they go another way: x264 writes them into the coded video, and for
FFV1, whose Matroska file cannot say them, a tag keeps them for `from_video`.
"""

from __future__ import annotations

import json
from fractions import Fraction

__all__ = ["hdr_of_tag", "valid_hdr", "x264_parameters"]

_PRIMARIES, _LUMINANCE = Fraction(1, 50000), Fraction(1, 10000)


def valid_hdr(said) -> dict:
    """What of such a description makes sense; the others are left out.

    Examples
    --------
    >>> valid_hdr({"max_cll": 1000, "max_fall": 400, "mastering_luminance": {"min": [1, 0], "max": [1000, 1]}})
    {'max_cll': 1000, 'max_fall': 400}
    """
    found: dict = {}
    try:
        display = said.get("mastering_primaries")
        if display:
            found["mastering_primaries"] = {"rgb": [[_pair(n) for n in point] for point in display["rgb"]],
                                            "white": [_pair(n) for n in display["white"]]}  # fmt: skip
            if [len(p) for p in (*found["mastering_primaries"]["rgb"], display["white"])] != [2] * 4:
                del found["mastering_primaries"]
    except (TypeError, ValueError, LookupError, AttributeError):
        found.pop("mastering_primaries", None)
    try:
        light = said.get("mastering_luminance")
        if light:
            found["mastering_luminance"] = {"min": _pair(light["min"]), "max": _pair(light["max"])}
    except (TypeError, ValueError, LookupError, AttributeError):
        found.pop("mastering_luminance", None)
    for name in ("max_cll", "max_fall"):
        value = said.get(name) if isinstance(said, dict) else None
        if isinstance(value, int) and 0 <= value < 1 << 16:
            found[name] = value
    return found


def _pair(value) -> list[int]:
    numerator, denominator = (int(n) for n in value)
    if not (0 <= numerator < 1 << 31 and 0 < denominator < 1 << 31):
        raise ValueError("no positive ratio")
    return [numerator, denominator]


def hdr_of_tag(tag: str | None) -> dict:
    """The values that a tag of `to_video` keeps; empty if there are none."""
    try:
        said = json.loads(tag or "").get("hdr")
    except (ValueError, AttributeError):
        return {}
    return valid_hdr(said) if isinstance(said, dict) else {}


def x264_parameters(hdr: dict) -> str:
    """Values as x264 takes them in ``x264-params``; what it cannot take is left out.

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
    return round(Fraction(*value) / unit)
