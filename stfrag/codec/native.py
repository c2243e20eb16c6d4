"""The limits of lossy coding by the native codec: its quantizers, its adaptive quantisation, the samples it takes.

Lossless coding has no limits to be listed here: it takes all samples that a store can hold.
"""

from __future__ import annotations

import math
from typing import Any

from ..model.formats import SampleKind

__all__ = ["AQ", "AQ_STEPS", "BITS", "QP", "STEPS", "aq", "quantizer", "takes"]

#: Lowest and highest value of ``qp=``, which goes in steps of 1/4.
QP = (0, 63.75)
#: Lowest and highest strength of adaptive quantisation.
AQ = (0, 4)
#: How many steps of the C core make a strength of 1.
AQ_STEPS = 16
#: Fewest and most bits of a sample.
BITS = (2, 12)

#: How many steps of the C core make a QP of 1.
STEPS = 4


def takes(samples: SampleKind) -> bool:
    """Tell whether the native codec can code such samples with loss: 2 to 12 bits, chroma at most halved."""
    least, most = BITS
    return least <= samples.bits <= most and samples.sub_x <= 1 and samples.sub_y <= 1


def quantizer(qp: float) -> int:
    """Return the number that the C core takes for a QP: four times the QP, rounded.

    Examples
    --------
    >>> quantizer(24), quantizer(63.75)
    (96, 255)

    Raises
    ------
    ValueError
        If the QP is out of range.
    """
    low, high = QP
    if not low <= qp <= high:
        raise ValueError(f"qp={qp:g} is out of range: {low} to {high} for codec stf, in steps of 1/{STEPS}")
    return round(qp * STEPS)


def aq(strength: Any) -> int:
    """Return the number that the C core takes for a strength of adaptive quantisation: 16 times the strength.

    Parameters
    ----------
    strength : float or str
        0 to 4; True means 1, the usual strength. Command lines give it as text.

    Examples
    --------
    >>> aq(True), aq("0.5")
    (16, 8)

    Raises
    ------
    ValueError
        If the strength is not a number, or out of range.
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
