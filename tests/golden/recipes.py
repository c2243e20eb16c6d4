"""What the golden fragments hold, computed from integers alone, and the ways in which the bad ones are bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stfrag.model.formats import LAYOUT_GRAY, LAYOUT_INTERLEAVED, LAYOUT_PLANES, SampleFormat
from stfrag.native import fragment as _fragment
from stfrag.native.types import EncodeOptions

HERE = Path(__file__).parent
GOOD_DIR, BAD_DIR = HERE / "fragments", HERE / "fragments" / "bad"

U8, I8, U16, I16, BOOL = range(5)
DYADIC, CHAIN, INTRA, OUTWARD = range(4)


class Recipe(NamedTuple):
    """One golden fragment: how to make its samples and how to encode them."""

    format: SampleFormat
    size: tuple[int, int, int]
    pattern: str
    effort: int = 5
    structure: int = DYADIC
    lanes: int = 0
    max_error: int = 0
    quantizer: int | None = None  # lossy

    def planes(self) -> tuple[np.ndarray, ...]:
        """The samples of every component, T×Y×X each."""
        return tuple(self._plane(c) for c in range(self.format.components))

    def decoded(self) -> tuple[np.ndarray, ...]:
        """What a decoder makes of them: docs/format.md 12.7. Of lossy ones their own checksum of samples says it."""
        if not self.max_error:
            return self.planes()
        step, top = 2 * self.max_error + 1, (1 << self.format.bits) - 1
        offset = 1 << (self.format.bits - 1) if self.format.code in (I8, I16) else 0
        working = (plane.astype(np.int64) + offset for plane in self.planes())
        return tuple(
            (np.minimum((v + self.max_error) // step * step, top) - offset).astype(self.format.dtype) for v in working
        )

    def _plane(self, component: int) -> np.ndarray:
        shape = (self.size[0], *self.format.extent(component, *self.size[1:]))
        t, y, x = (
            np.arange(n, dtype=np.uint64).reshape([-1 if a == b else 1 for b in range(3)])
            for a, n in enumerate(shape)
        )
        noise = _noise((t * np.uint64(shape[1]) + y) * np.uint64(shape[2]) + x, component)
        top = np.uint64((1 << self.format.bits) - 1)
        if self.pattern == "noise":
            values = noise & top
        elif self.pattern == "flat":
            values = np.full(shape, top // np.uint64(3), np.uint64)
        elif self.pattern == "motion":  # a texture that moves by (1, 2) a frame, under a little noise
            at_y, at_x = y + t, x + np.uint64(2) * t
            scale = max(self.format.bits - 8, 0)
            blocks = at_y // np.uint64(4) ^ at_x // np.uint64(8)
            values = (at_x * np.uint64(3) + blocks * np.uint64(9)) << np.uint64(scale)
            values = (values + (noise & np.uint64((2 << scale) - 1))) % (top + np.uint64(1))
        elif self.pattern == "slopes":  # triangle waves that move by (1, 2) a frame over ones that stand still

            def wave(at: np.ndarray, half: int) -> np.ndarray:
                at = at % np.uint64(2 * half)
                return np.minimum(at, np.uint64(2 * half) - at)

            at_y, at_x = y + t, x + np.uint64(2) * t
            values = wave(at_x * np.uint64(2) + at_y, 37) + wave(at_y + np.uint64(component * 5), 19)
            values = np.where(
                (x // np.uint64(16) + y // np.uint64(12)) % np.uint64(4) == 3,
                wave(x * np.uint64(3), 25) + np.uint64(20),
                values,
            ) + np.uint64(60)
            largest = np.uint64((2 << self.format.bits - 8) - 1)
            values = (values << np.uint64(self.format.bits - 8)) + (noise & largest)
        elif self.pattern == "blocks":
            values = ((y + t) // np.uint64(8) ^ (x + t) // np.uint64(6)) & top
        else:
            raise ValueError(self.pattern)
        offset = 1 << (self.format.bits - 1) if self.format.code in (I8, I16) else 0
        return (values.astype(np.int64) - offset).astype(self.format.dtype)

    def encode(self) -> bytes:
        """The coded form, as this version of stfrag makes it."""
        bounds = {"max_error": self.max_error}
        if self.quantizer is not None:
            bounds = {"max_error": -1, "quantizer": self.quantizer}
        coding = EncodeOptions(effort=self.effort, structure=self.structure, **bounds)
        return _fragment.encode(self.format, self.size, self.planes(), coding, self.lanes)


def _noise(index: np.ndarray, stream: int) -> np.ndarray:
    """SplitMix64 of index and stream, modulo 2^64."""
    with np.errstate(over="ignore"):
        z = (index + np.uint64(1 + (stream << 32))) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _gray(code: int, bits: int) -> SampleFormat:
    return SampleFormat(code, bits, layout=LAYOUT_GRAY)


def _planes(code: int, bits: int, components: int, sub_x: int = 0, sub_y: int = 0) -> SampleFormat:
    return SampleFormat(code, bits, components, sub_x, sub_y, LAYOUT_PLANES)


def _pixels(code: int, bits: int, components: int) -> SampleFormat:
    return SampleFormat(code, bits, components, layout=LAYOUT_INTERLEAVED)


GOOD = {
    # Noise does not compress: the raw profile.
    "raw_u8_1x1x1": Recipe(_gray(U8, 8), (1, 1, 1), "noise"),
    "raw_u8": Recipe(_gray(U8, 8), (3, 5, 7), "noise"),
    "raw_u8_5bit": Recipe(_gray(U8, 5), (2, 3, 11), "noise"),
    "raw_i8": Recipe(_gray(I8, 8), (3, 5, 7), "noise"),
    "raw_i8_4bit": Recipe(_gray(I8, 4), (2, 3, 5), "noise"),
    "raw_bool": Recipe(_gray(BOOL, 1), (2, 3, 13), "noise"),
    "raw_u16": Recipe(_gray(U16, 16), (2, 3, 5), "noise"),
    "raw_u16_12bit": Recipe(_gray(U16, 12), (2, 3, 5), "noise"),
    "raw_u16_7bit": Recipe(_gray(U16, 7), (2, 3, 5), "noise"),
    "raw_i16_14bit": Recipe(_gray(I16, 14), (2, 3, 5), "noise"),
    "raw_rgb": Recipe(_pixels(U8, 8, 3), (2, 3, 5), "noise"),
    "raw_rgba_u16": Recipe(_pixels(U16, 16, 4), (1, 3, 5), "noise"),
    "raw_yuv420": Recipe(_planes(U8, 8, 3, 1, 1), (2, 5, 7), "noise"),
    "raw_yuv422_10bit": Recipe(_planes(U16, 10, 3, 1, 0), (2, 5, 7), "noise"),
    "raw_yuv410": Recipe(_planes(U8, 8, 3, 2, 2), (1, 9, 9), "noise"),
    "raw_yuva444": Recipe(_planes(U8, 8, 4), (1, 4, 5), "noise"),
    "raw_gray_alpha": Recipe(_planes(U8, 8, 2), (2, 3, 4), "noise"),
    # What does: whatever profile is the best.
    "flat_u8": Recipe(_gray(U8, 8), (5, 16, 17), "flat"),
    "motion_u8": Recipe(_gray(U8, 8), (9, 32, 40), "motion"),
    **{
        f"motion_u8_effort{effort}": Recipe(_gray(U8, 8), (4, 32, 40), "motion", effort=effort)
        for effort in (1, 2, 3, 4, 6, 7, 8, 9)
    },
    **{
        f"motion_yuv420_effort{effort}": Recipe(_planes(U8, 8, 3, 1, 1), (5, 35, 41), "motion", effort=effort)
        for effort in (1, 9)
    },
    **{
        f"motion_u16_effort{effort}": Recipe(_gray(U16, 16), (3, 24, 30), "motion", effort=effort)
        for effort in (1, 9)
    },
    "motion_rgb_effort9": Recipe(_pixels(U8, 8, 3), (3, 24, 30), "motion", effort=9),
    "motion_u8_chain_effort9": Recipe(_gray(U8, 8), (5, 32, 40), "motion", effort=9, structure=CHAIN),
    "motion_u8_intra_effort9": Recipe(_gray(U8, 8), (2, 32, 40), "motion", effort=9, structure=INTRA),
    "motion_u8_chain": Recipe(_gray(U8, 8), (5, 32, 40), "motion", structure=CHAIN),
    "motion_u8_outward": Recipe(_gray(U8, 8), (6, 32, 40), "motion", structure=OUTWARD),
    "motion_u8_outward_effort1": Recipe(_gray(U8, 8), (5, 32, 40), "motion", effort=1, structure=OUTWARD),
    "motion_u8_outward_effort9": Recipe(_gray(U8, 8), (5, 32, 40), "motion", effort=9, structure=OUTWARD),
    "motion_u8_intra": Recipe(_gray(U8, 8), (3, 32, 40), "motion", structure=INTRA),
    "motion_u8_lanes1": Recipe(_gray(U8, 8), (2, 32, 40), "motion", lanes=1),
    "motion_u8_lanes32": Recipe(_gray(U8, 8), (2, 32, 40), "motion", lanes=32),
    "motion_u8_still": Recipe(_gray(U8, 8), (1, 33, 41), "motion"),
    "motion_u8_column": Recipe(_gray(U8, 8), (6, 64, 1), "motion"),
    "motion_i8": Recipe(_gray(I8, 8), (3, 24, 30), "motion"),
    "motion_u16": Recipe(_gray(U16, 16), (3, 24, 30), "motion"),
    "motion_u16_12bit": Recipe(_gray(U16, 12), (3, 24, 30), "motion"),
    "motion_i16": Recipe(_gray(I16, 16), (3, 24, 30), "motion"),
    "motion_bool": Recipe(_gray(BOOL, 1), (3, 24, 30), "blocks"),
    "motion_rgb": Recipe(_pixels(U8, 8, 3), (3, 24, 30), "motion"),
    "motion_rgba_u16_10bit": Recipe(_pixels(U16, 10, 4), (2, 24, 30), "motion"),
    "motion_yuv420": Recipe(_planes(U8, 8, 3, 1, 1), (5, 35, 41), "motion"),
    "motion_yuv422_10bit": Recipe(_planes(U16, 10, 3, 1, 0), (3, 24, 31), "motion"),
    "motion_yuva420": Recipe(_planes(U8, 8, 4, 1, 1), (2, 24, 31), "motion"),
    "motion_gray_alpha": Recipe(_planes(U8, 8, 2), (2, 24, 31), "motion"),
    "near_u8": Recipe(_gray(U8, 8), (5, 24, 30), "motion", max_error=2),
    "near_u16_12bit": Recipe(_gray(U16, 12), (3, 24, 30), "motion", max_error=20),
    "near_i16": Recipe(_gray(I16, 16), (3, 24, 30), "motion", max_error=300),
    "near_u8_effort9": Recipe(_gray(U8, 8), (4, 24, 30), "motion", effort=9, max_error=2),
    "near_rgb": Recipe(_pixels(U8, 8, 3), (3, 24, 30), "motion", max_error=1),
    "near_yuv420": Recipe(_planes(U8, 8, 3, 1, 1), (3, 25, 31), "motion", max_error=5),
    **{
        f"lossy_{name}_effort{effort}": Recipe(fmt, (5, 35, 70), "slopes", effort=effort, quantizer=quantizer)
        for effort in (1, 5, 9)
        for name, fmt, quantizer in (
            ("u8", _gray(U8, 8), 90),
            ("yuv420", _planes(U8, 8, 3, 1, 1), 100),
            ("yuv422_10bit", _planes(U16, 10, 3, 1, 0), 80),
            ("rgb", _pixels(U8, 8, 3), 110),
        )
    },
    "lossy_i16_12bit": Recipe(_gray(I16, 12), (3, 24, 30), "slopes", quantizer=60),
    "lossy_yuva444_chain": Recipe(_planes(U8, 8, 4), (4, 24, 31), "slopes", structure=CHAIN, quantizer=120),
    "lossy_yuv420_intra": Recipe(_planes(U8, 8, 3, 1, 1), (2, 33, 41), "slopes", structure=INTRA, quantizer=40),
    "lossy_u8_finest": Recipe(_gray(U8, 8), (2, 24, 30), "slopes", quantizer=0),
    "lossy_u8_coarsest": Recipe(_gray(U8, 8), (3, 24, 30), "slopes", quantizer=255),
}


# ----------------------------------------------------------------------------------------------- bad fragments

MAGIC_END, CRC_AT, CRC_END = 3, 4, 8


def crc32c(data: bytes) -> int:
    """CRC-32C, bit by bit: docs/format.md section 0."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def uvarint(value: int) -> bytes:
    """LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def assemble(fields: bytes, payload: bytes, version: int = 1) -> bytes:
    """A coded form with a right length and a right CRC: docs/format.md section 8."""
    start = b"\xf5\x53\x46" + bytes([version])
    rest = uvarint(len(fields) + len(payload)) + fields + payload
    return start + crc32c(start + rest).to_bytes(4, "little") + rest


def take_apart(coded: bytes) -> tuple[bytes, bytes]:
    """Fields, from the profile to the end of the extensions, and payload."""
    at = CRC_END
    while coded[at] & 0x80:
        at += 1
    header = _fragment.info(coded)[2]["header_bytes"]
    return coded[at + 1 : header], coded[header:]


def _field(index: int, *value: int) -> Callable[[bytes], bytes]:
    """Replace the byte `index` of the fields."""

    def change(coded: bytes) -> bytes:
        fields, payload = take_apart(coded)
        at = index % len(fields)
        return assemble(fields[:at] + bytes(value) + fields[at + 1 :], payload)

    return change


def _flip(index: int) -> Callable[[bytes], bytes]:
    def change(coded: bytes) -> bytes:
        out = bytearray(coded)
        out[index] ^= 0x10
        return bytes(out)

    return change


class Bad(NamedTuple):
    """A way to damage a good fragment, and what must come of it."""

    change: Callable[[bytes], bytes]
    error: str
    message: str
    of: str = "raw_u8"


BAD = {
    "empty_header": Bad(lambda coded: coded[:4], "CorruptFragmentError", "cut off"),
    "not_a_fragment": Bad(lambda coded: b"RIFF" + coded[4:], "CorruptFragmentError", "not a fragment"),
    "truncated": Bad(lambda coded: coded[:-1], "CorruptFragmentError", "cut off"),
    "trailing_byte": Bad(lambda coded: coded + b"\0", "CorruptFragmentError", "bytes follow"),
    "flipped_crc": Bad(_flip(CRC_AT), "CorruptFragmentError", "checksum of its bytes"),
    "flipped_payload": Bad(_flip(-1), "CorruptFragmentError", "checksum of its bytes"),
    "flipped_payload_motion": Bad(_flip(-9), "CorruptFragmentError", "checksum of its bytes", "motion_yuv420"),
    "flipped_payload_lossy": Bad(_flip(-9), "CorruptFragmentError", "checksum of its bytes", "lossy_yuv420_effort5"),
    "cut_payload_lossy": Bad(
        lambda coded: assemble(take_apart(coded)[0], take_apart(coded)[1][:-1]),
        "CorruptFragmentError",
        "frame table does not match",
        "lossy_yuv420_effort5",
    ),
    "lossy_with_lanes": Bad(_field(6, 0x08), "CorruptFragmentError", "lossy profile", "lossy_u8_effort5"),
    "wrong_samples_crc_lossy": Bad(
        _field(-2, 0x55), "CorruptFragmentError", "checksum of its samples", "lossy_yuv420_effort5"
    ),
    "wrong_samples_crc_motion": Bad(_field(-2, 0x55), "CorruptFragmentError", "checksum of its samples", "motion_u8"),
    "version_0": Bad(
        lambda coded: assemble(*take_apart(coded), version=0),
        "UnsupportedError",
        "format version 0.*development versions.*reads version 1: encode again",
    ),
    "version_2": Bad(
        lambda coded: assemble(*take_apart(coded), version=2),
        "UnsupportedError",
        "needs format version 2.*reads version 1",
    ),
    "version_255": Bad(lambda coded: assemble(*take_apart(coded), version=255), "UnsupportedError", "version 255"),
    "long_length": Bad(
        lambda coded: coded[:CRC_END] + bytes([coded[CRC_END] | 0x80, 0]) + coded[CRC_END + 1 :],
        "CorruptFragmentError",
        "cut off",
    ),
    "unknown_profile": Bad(_field(0, 77), "UnsupportedError", "profile 77"),
    "reserved_kind_bit": Bad(_field(1, 0x80), "CorruptFragmentError", "sample format"),
    "unknown_dtype": Bad(_field(1, 5), "CorruptFragmentError", "sample format"),
    "too_many_bits": Bad(_field(2, 8), "CorruptFragmentError", "sample format"),
    "subsampled_gray": Bad(_field(2, 0x17), "CorruptFragmentError", "sample format"),
    "no_frames": Bad(_field(3, 0), "CorruptFragmentError", "size"),
    "too_many_frames": Bad(_field(3, 0x81, 0x08), "CorruptFragmentError", "size"),
    "too_many_samples": Bad(_field(4, 0x80, 0x80, 0x01), "CorruptFragmentError", "length does not match"),
    "too_many_rows": Bad(_field(4, 0x81, 0x80, 0x01), "CorruptFragmentError", "size"),
    "wrong_size": Bad(_field(5, 8), "CorruptFragmentError", "length does not match"),
    "raw_with_lanes": Bad(_field(6, 0x0A), "CorruptFragmentError", "raw profile"),
    "raw_with_tables": Bad(_field(7, 1), "CorruptFragmentError", "raw profile"),
    "achieved_above_bound": Bad(_field(9, 1), "CorruptFragmentError", "out of range"),
    "wrong_samples_crc": Bad(_field(-2, 0x55), "CorruptFragmentError", "checksum of its samples"),
    "critical_extension": Bad(_field(-1, 3, 1, 0, 0), "UnsupportedError", "extension 1"),
    "cut_extension": Bad(_field(-1, 2, 0x7F), "CorruptFragmentError", "extension"),
}
#: Not bad at all: an ancillary extension is skipped.
ANCILLARY = Bad(_field(-1, 4, 2, 1, 2, 0), "", "")
