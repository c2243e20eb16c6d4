"""What the native codec codes with loss: its scale of quantizers, and the samples that it takes.

Its lossless side takes everything that a store holds, so there is nothing to be said of it here.
"""

from __future__ import annotations

import math
from typing import Any

__all__ = ["AQ", "AQ_STEPS", "BITS", "QP", "STEPS", "aq", "quantizer", "takes"]

#: Lowest and highest of ``qp=``, in steps of 1/4.
QP = (0, 63.75)
#: Lowest and highest strength of adaptive quantisation.
AQ = (0, 4)
#: Steps of a strength of 1.
AQ_STEPS = 16
#: Fewest and most bits of a sample.
BITS = (2, 12)

#: Of a QP.
STEPS = 4


def takes(bits: int, sub_x: int, sub_y: int) -> bool:
    """Whether it codes such samples with loss: their bits (bool has 1), and log2 of the subsampling."""
    least, most = BITS
    return least <= bits <= most and sub_x <= 1 and sub_y <= 1


def quantizer(qp: float) -> int:
    """The number that the native layer takes for a QP: four times it.

    Examples
    --------
    >>> quantizer(24), quantizer(63.75)
    (96, 255)

    Raises
    ------
    ValueError
        If it is out of range.
    """
    low, high = QP
    if not low <= qp <= high:
        raise ValueError(f"qp={qp:g} is out of range: {low} to {high} for codec stf, in steps of 1/{STEPS}")
    return round(qp * STEPS)


def aq(strength: Any) -> int:
    """The number that the native layer takes for a strength of adaptive quantisation: 16 times it.

    Parameters
    ----------
    strength : float or str
        0 to 4; True is 1, the usual one. A command line has it as text.

    Examples
    --------
    >>> aq(True), aq("0.5")
    (16, 8)

    Raises
    ------
    ValueError
        If it is no such number.
    """
    low, high = AQ
    try:
        value = float(strength)
    except (TypeError, ValueError):
        value = math.nan
    if not low <= value <= high:
        raise ValueError(
            f"codec_options: aq={strength!r} is no strength of adaptive quantisation: {low} (none) to "
            f"{high}, 1 is usual"
        )
    return round(value * AQ_STEPS)
