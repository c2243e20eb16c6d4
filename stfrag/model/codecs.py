"""The codecs of fragments: their names, the numbers that stand for them in stores (stf_codec_id), and their rates."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

__all__ = ["CODEC_IDS", "MISSING", "CodecName", "Rate", "RateKind", "codec_name"]

#: What ``codec=`` takes.
CodecName = Literal["auto", "stf", "h264", "hevc", "av1", "vp9", "ffv1"]

#: The stored number of each codec.
CODEC_IDS: dict[str, int] = {name: number for number, name in enumerate(get_args(CodecName)[1:])}
#: The stored number that stands for no codec: the fragment of this box was lost.
MISSING = 255

#: How `Rate` can say what may be lost.
RateKind = Literal["lossless", "crf", "qp", "copy"]

_NAMES: dict[int, str] = {number: name for name, number in CODEC_IDS.items()} | {MISSING: "missing"}


class Rate(NamedTuple):
    """How much may be lost when a fragment is coded.

    Attributes
    ----------
    kind : {"lossless", "crf", "qp", "copy"}
        What `value` means. "copy": the fragments are coded already, and nothing is chosen for them.
    value : float
        With "lossless" the bound on the error of a sample, 0 for none at all; with "crf" the rate factor of libav's
        encoder; with "qp" the quantizer in the codec's own scale; with "copy" 0.
    """

    kind: RateKind
    value: float


def codec_name(number: int) -> str:
    """Return the name of the codec that a stored number stands for.

    Parameters
    ----------
    number : int
        0 to 255.

    Returns
    -------
    str
        ``"missing"`` for a fragment that was lost, ``"id 9"`` for a number that no codec has.

    Examples
    --------
    >>> codec_name(1), codec_name(255), codec_name(9)
    ('h264', 'missing', 'id 9')
    """
    return _NAMES.get(number, f"id {number}")
