"""A second decoder of fragments, written from docs/format.md with nothing of the library's code in it.

Slow and plain on purpose. Section numbers are those of the format document.
"""

from __future__ import annotations

import numpy as np


class Bytes:
    """Section 0: numbers from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, n: int) -> bytes:
        assert self.at + n <= len(self.data)
        self.at += n
        return self.data[self.at - n : self.at]

    def fixed(self, n: int) -> int:
        return int.from_bytes(self.take(n), "little")

    def uvarint(self) -> int:
        value = shift = 0
        while True:
            byte = self.fixed(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                assert byte or shift == 7
                return value


def crc32c(data: bytes) -> int:
    """Section 0: reflected polynomial 0x82F63B78, initial value and final xor of all ones."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def decode(coded: bytes) -> tuple[np.ndarray, ...]:
    """The planes of a fragment of profile 0."""
    source = Bytes(coded)
    assert source.take(3) == b"\xf5SF"
    assert source.fixed(1) == 1
    assert source.fixed(4) == crc32c(coded[:4] + coded[8:])
    assert source.uvarint() == len(coded) - source.at
    profile, kind, depth = source.fixed(1), source.fixed(1), source.fixed(1)
    t, y, x = source.uvarint(), source.uvarint(), source.uvarint()
    coding, tables, max_error, achieved = source.fixed(1), source.uvarint(), source.uvarint(), source.uvarint()
    samples_crc = source.fixed(4)
    while tag := source.uvarint():  # 8.4
        assert not tag & 1
        source.take(source.uvarint())
    assert (profile, coding, tables, max_error, achieved) == (0, 2, 0, 0, 0)

    dtype = kind & 7  # 8.2
    components, bits = 1 + (kind >> 5), 1 + (depth & 15)
    sub_x, sub_y = depth >> 4 & 3, depth >> 6
    planes, working = [], b""
    for c in range(components):
        chroma = components >= 3 and c in (1, 2)
        rows, columns = (-(-y >> sub_y), -(-x >> sub_x)) if chroma else (y, x)
        samples = [unpack(source.take(-(-columns * bits // 8)), bits, columns) for _ in range(t * rows)]  # 11
        plane = np.array(samples, np.int64).reshape(t, rows, columns)
        working += plane.astype("<u1" if bits <= 8 else "<u2").tobytes()  # 8.5
        if dtype in (1, 3):
            plane -= 1 << (bits - 1)  # 8.3
        planes.append(plane.astype([np.uint8, np.int8, np.uint16, np.int16, np.bool_][dtype]))
    assert source.at == len(coded)
    assert samples_crc == crc32c(working)
    return tuple(planes)


def unpack(row: bytes, bits: int, n: int) -> list[int]:
    """Section 11: bit k of sample x is bit (x * bits + k) % 8 of byte (x * bits + k) // 8."""
    number = int.from_bytes(row, "little")
    return [number >> (x * bits) & ((1 << bits) - 1) for x in range(n)]
