"""Names of the codecs that fragments can be of, and the numbers that stand for them in stores (stf_codec_id)."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["CODEC_IDS", "CodecName", "codec_name"]

#: What ``codec=`` takes.
CodecName = Literal["auto", "stf", "h264", "hevc", "av1", "vp9", "ffv1"]

#: The stored number of each codec; that of a box whose fragment was lost is `MISSING`.
CODEC_IDS: dict[str, int] = {name: number for number, name in enumerate(get_args(CodecName)[1:])}
MISSING = 255

_NAMES: dict[int, str] = {number: name for name, number in CODEC_IDS.items()} | {MISSING: "missing"}


def codec_name(number: int) -> str:
    """The name of a stored number.

    Examples
    --------
    >>> codec_name(1), codec_name(255), codec_name(9)
    ('h264', 'missing', 'id 9')
    """
    return _NAMES.get(number, f"id {number}")
