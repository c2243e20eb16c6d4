"""The syntax of packets of H.264, HEVC, AV1 and VP9, as far as it is needed to store them well.

Sources: ITU-T H.264 7.3.1 and 7.4.1, H.265 7.3.1.2 and 7.4.2.2, AV1 bitstream 5.3 to 5.9, VP9 bitstream 6.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["annexb", "is_closed_key", "nal_units", "obus", "parameter_set", "refers_to_nothing", "strip"]

_START = re.compile(rb"\x00\x00\x01")

#: NAL unit types.
_H264_IDR, _H264_SEI, _H264_AUD = 5, 6, 9
_HEVC_IDR = (19, 20)
_HEVC_BLA = (16, 17, 18)
_HEVC_PREFIX_SEI, _HEVC_AUD = 39, 35
_H264_SPS, _H264_PPS = 7, 8
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34
_USER_DATA_UNREGISTERED = 5
#: OBU types.
_SEQUENCE_HEADER, _TEMPORAL_DELIMITER, _FRAME_HEADER, _FRAME = 1, 2, 3, 6
_TILE_LIST_AND_UP = 8


def nal_units(data: bytes) -> Iterator[bytes]:
    """Go through the NAL units of an Annex B byte stream, without their start codes."""
    starts = [match.end() for match in _START.finditer(data)]
    for first, following in zip(starts, [*(s - 3 for s in starts[1:]), len(data)], strict=False):
        unit = data[first:following].rstrip(b"\0")
        if unit:
            yield unit


def parameter_set(codec: str, unit: bytes) -> tuple[int, int] | None:
    """Return (type, id) of a NAL unit if it is a parameter set of H.264 or HEVC; None if not, or if it is damaged.

    Examples
    --------
    >>> parameter_set("h264", bytes.fromhex("6742c01eda")), parameter_set("h264", bytes.fromhex("68ce3c80"))
    ((7, 0), (8, 0))
    """
    body = unit.replace(b"\0\0\3", b"\0\0")
    if codec == "h264":
        kind = unit[0] & 31
        at = {_H264_SPS: 32, _H264_PPS: 8}.get(kind)
    else:
        kind = unit[0] >> 1 & 63
        if kind == _HEVC_VPS:
            return (kind, body[2] >> 4) if len(body) > 2 else None
        at = {_HEVC_SPS: 16 + 8 + 96, _HEVC_PPS: 16}.get(kind)
        if at is not None and kind == _HEVC_SPS and len(body) > 16 and (layers := body[2] >> 1 & 7):
            flags = int.from_bytes(body[15:17], "big")  # two bits for each layer: has it a profile, has it a level
            at += 16 + sum(88 * (flags >> (15 - 2 * i) & 1) + 8 * (flags >> (14 - 2 * i) & 1) for i in range(layers))
    number = None if at is None else _unsigned(body, at)
    return None if number is None or number > 255 else (kind, number)


def _unsigned(data: bytes, at: int) -> int | None:
    """Read the Exp-Golomb code, ue(v), that begins at bit `at`; None where it is longer than the data."""
    bits = "".join(f"{byte:08b}" for byte in data[at >> 3 : (at >> 3) + 4])[at & 7 :]
    zeros = len(bits) - len(bits.lstrip("0"))
    code = bits[zeros : 2 * zeros + 1]
    return int(code, 2) - 1 if len(code) == zeros + 1 else None


def annexb(units: list[bytes]) -> bytes:
    """Join NAL units to a byte stream, without the first start code, which is not stored."""
    return b"\0\0\0\1".join(units)


def obus(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Go through the OBUs of a temporal unit as (type, whole OBU, payload); stop where it is damaged."""
    at = 0
    while at < len(data):
        first = at
        head = data[at]
        at += 2 if head & 4 else 1
        size = len(data) - at
        if head & 2:
            size = shift = 0
            while at < len(data):
                byte = data[at]
                at += 1
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128 or shift > 56:
                    break
        if at + size > len(data):
            return
        yield head >> 3 & 15, data[first : at + size], data[at : at + size]
        at += size


def strip(codec: str, data: bytes) -> bytes:
    """Return a packet as it is stored: without the encoder's text, without delimiters and the first start code.

    Examples
    --------
    >>> strip("h264", bytes.fromhex("00000001 09f0 000001 6588 00000001 4142"))
    b'e\\x88\\x00\\x00\\x00\\x01AB'
    """
    if codec in ("h264", "hevc"):
        return annexb([unit for unit in nal_units(data) if not _is_padding(codec, unit)])
    if codec == "av1":
        return b"".join(whole for kind, whole, _ in obus(data) if kind != _TEMPORAL_DELIMITER)
    return data


def _is_padding(codec: str, unit: bytes) -> bool:
    """Tell whether a NAL unit is an access unit delimiter, or holds only text of an encoder."""
    if codec == "h264":
        kind, head = unit[0] & 31, 1
        sei, delimiter = kind == _H264_SEI, kind == _H264_AUD
    else:
        kind, head = unit[0] >> 1 & 63, 2
        sei, delimiter = kind == _HEVC_PREFIX_SEI, kind == _HEVC_AUD
    return delimiter or (
        sei and unit[head : head + 1] == bytes([_USER_DATA_UNREGISTERED]) and not _more_messages(unit, head)
    )


def _more_messages(unit: bytes, at: int) -> bool:
    """Tell whether a SEI unit holds a second message; `at` is where the first one begins."""
    body = unit.replace(b"\0\0\3", b"\0\0")
    at += 1
    size = 0
    while at < len(body):
        size += body[at]
        at += 1
        if body[at - 1] != 255:
            break
    return at + size + 1 < len(body)


def refers_to_nothing(codec: str, data: bytes, flagged: bool = False) -> bool:
    """Tell whether the picture of a packet is one that no other picture refers to.

    Parameters
    ----------
    codec : str
    data : bytes
        The packet, as `strip` leaves it.
    flagged : bool
        Whether libav flags the packet as disposable; used only where its bytes are not enough to tell.
    """
    if codec == "h264":
        coded = [unit for unit in _units(data) if 1 <= unit[0] & 31 <= 5]
        return bool(coded) and not any(unit[0] & 0x60 for unit in coded)
    if codec == "hevc":
        # No picture refers to a sub-layer non-reference picture (an even type below 16) where the lowest layer is the
        # only one.
        coded = [unit for unit in _units(data) if len(unit) > 1 and unit[0] >> 1 & 63 < 32]
        kinds = [unit[0] >> 1 & 63 for unit in coded]
        return bool(coded) and all(k < 16 and k % 2 == 0 for k in kinds) and all(unit[1] & 7 == 1 for unit in coded)
    if codec == "av1":
        kinds = [kind for kind, _, _ in obus(data)]
        return kinds == [_FRAME_HEADER] or (flagged and kinds == [_FRAME])
    return False


def _units(data: bytes) -> Iterator[bytes]:
    """Go through the NAL units of a packet as `strip` leaves it."""
    return nal_units(b"\0\0\0\1" + data)


def is_closed_key(codec: str, data: bytes) -> bool:
    """Tell whether decoding can start at a packet, and no later picture refers to one before it.

    Parameters
    ----------
    codec : str
    data : bytes
        The packet, as `strip` leaves it.
    """
    if not data:
        return False
    if codec == "h264":
        return any(unit[0] & 31 == _H264_IDR for unit in _units(data))
    if codec == "hevc":
        return any(unit[0] >> 1 & 63 in (*_HEVC_IDR, *_HEVC_BLA) for unit in _units(data))
    if codec == "av1":
        for kind, _, payload in obus(data):
            if kind in (_FRAME_HEADER, _FRAME):
                # The first bits must be show_existing_frame 0, frame_type KEY_FRAME (00), show_frame 1.
                return bool(payload) and payload[0] & 0xF0 == 0x10
        return False
    if codec == "vp9":
        # The header begins with frame_marker (2), two bits of profile, a reserved bit if the profile is 3,
        # show_existing_frame (0) and frame_type (0 for a key frame).
        profile = (data[0] >> 5 & 1) | (data[0] >> 3 & 2)
        rest = data[0] << (5 if profile == 3 else 4) & 255
        return data[0] >> 6 == 2 and rest & 0xC0 == 0
    return True
