"""The scale of ``quality=``, translated to the rate factor or the quantizer of each encoder.

The scale is defined by x264: its rate factor (crf) at preset medium is 51 − 0.4 q up to q = 75, which is crf 21, and
falls by 0.6 a step above that, to crf 6 at q = 100. The rate factors of the other encoders are those that gave the
same PSNR of luma, as the median over 23 fragments of varied natural content at a middle effort; docs/codecs.md has
the measurement.

The QPs of the native codec were found by tests/acceptance/quality.py, on 21 fragments.
"""

from __future__ import annotations

from itertools import pairwise

from . import native

__all__ = ["crf_of", "qp_of", "quality_of_crf"]

#: Points (quality, rate factor) for each codec, linear in between; beyond them the encoder's scale ends.
_CRF: dict[str, tuple[tuple[float, float], ...]] = {
    "h264": ((1, 50.6), (75, 21), (100, 6)),
    "hevc": (
        (1, 51),
        (10, 49),
        (25, 42.4),
        (40, 36.4),
        (50, 32.3),
        (60, 28.2),
        (70, 24.1),
        (75, 22),
        (80, 18.6),
        (90, 12.3),
        (100, 5.6),
    ),
    "av1": (
        (1, 70),
        (10, 69),
        (25, 67),
        (40, 60.75),
        (50, 55.75),
        (60, 45.5),
        (70, 35),
        (75, 30.25),
        (80, 22),
        (90, 8.25),
        (100, 2.25),
    ),
    "vp9": (
        (1, 63),
        (33, 63),
        (40, 58.7),
        (50, 51.4),
        (60, 43.3),
        (70, 34.2),
        (75, 29.7),
        (80, 22.5),
        (90, 10.2),
        (100, 4),
    ),
    "stf": (
        (1, 52.5),
        (10, 49.5),
        (25, 42.75),
        (40, 36.5),
        (50, 32),
        (60, 27.75),
        (70, 23.5),
        (75, 21.5),
        (80, 18.25),
        (90, 11),
        (100, 4.75),
    ),  # QP
}
#: The same for pictures of more than 8 bits, for the codecs where that makes a difference.
_CRF_DEEP = {
    "hevc": (
        (1, 51),
        (10, 48.5),
        (25, 42.3),
        (40, 36.6),
        (50, 32.9),
        (60, 29.1),
        (70, 24.9),
        (75, 22.6),
        (80, 19.3),
        (90, 13.1),
        (100, 6.3),
    ),
    "av1": (
        (1, 70),
        (10, 69),
        (25, 66.5),
        (40, 60.75),
        (50, 55.75),
        (60, 47.5),
        (70, 36.5),
        (75, 31.75),
        (80, 25.75),
        (90, 14),
        (100, 6),
    ),
}


def crf_of(codec: str, quality: float, bits: int = 8) -> float:
    """Return the rate factor of a codec for a quality from 1 to 100, for pictures of so many bits.

    Examples
    --------
    >>> crf_of("h264", 75), crf_of("h264", 87.5), crf_of("av1", 65)
    (21.0, 13.5, 40.25)
    """
    table = (_CRF_DEEP if bits > 8 and codec in _CRF_DEEP else _CRF)[codec]
    for (low, high_crf), (high, low_crf) in pairwise(table):
        if quality <= high:
            return high_crf + (low_crf - high_crf) * (quality - low) / (high - low)
    return table[-1][1]


def qp_of(quality: float) -> float:
    """Return the native codec's QP for a quality from 1 to 100, in steps of 1/4; it does not depend on the bits.

    Examples
    --------
    >>> qp_of(75), qp_of(60.3)
    (21.5, 27.5)
    """
    return round(native.STEPS * crf_of("stf", quality)) / native.STEPS


def quality_of_crf(codec: str, crf: float) -> float:
    """Return the quality from 1 to 100 that a rate factor stands for, for pictures of 8 bits.

    A rate factor beyond the scale gives the nearer end of it.

    Examples
    --------
    >>> quality_of_crf("h264", 21), quality_of_crf("h264", 13.5), quality_of_crf("h264", 60)
    (75.0, 87.5, 1.0)
    """
    for (low, high_crf), (high, low_crf) in pairwise(_CRF[codec]):
        if crf >= low_crf and high_crf > low_crf:
            return float(low + (high - low) * max(high_crf - crf, 0) / (high_crf - low_crf))
    return 100.0
