"""What ``quality=`` is in each encoder's own scale.

The scale is defined by x264: its rate factor (crf) at preset medium is 51 − 0.4 q up to q = 75, which is crf 21, and falls
by 0.6 a step above that, to crf 6 at q = 100. The rate factors of the others are those that gave the same PSNR of luma,
the median over many fragments of varied content; docs/codecs.md has the measurement and its spread.
"""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["crf_of"]

_QUALITIES = (1, 10, 25, 40, 50, 60, 70, 75, 80, 90, 100)

#: Rate factors at those qualities.
_CRF: dict[str, tuple[float, ...]] = {
    "h264": (50.6, 47, 41, 35, 31, 27, 23, 21, 18, 12, 6),
    "hevc": (50.6, 47, 41, 35, 31, 27, 23, 21, 18, 12, 6),
    "av1": (63, 63, 60, 54, 48, 42, 34, 30, 25, 15, 6),
    "vp9": (63, 63, 60, 54, 48, 42, 34, 30, 25, 15, 6),
}


def crf_of(codec: str, quality: float) -> float:
    """The rate factor of a quality from 1 to 100.

    Examples
    --------
    >>> crf_of("h264", 75), crf_of("h264", 62.5)
    (21.0, 26.0)
    """
    table = _CRF[codec]
    i = min(max(bisect_right(_QUALITIES, quality) - 1, 0), len(_QUALITIES) - 2)
    low, high = _QUALITIES[i], _QUALITIES[i + 1]
    return table[i] + (table[i + 1] - table[i]) * (quality - low) / (high - low)
