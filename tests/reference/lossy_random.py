"""Fragments of profile 3 that no encoder would make: random symbols, whatever the decoder asks for.

The reference decoder reads random bits; what it read is then made a section that says the same (10.4, Length). So
all of the syntax is met, with values that encoders avoid: far vectors, large levels, every mode at every size.
"""

from __future__ import annotations

from golden.recipes import crc32c, uvarint
from reference import lossy_decoder as reference


class RandomSection(reference.Section):
    """Bits without end, from a generator. A share `even` of symbols is drawn regardless of how likely they are."""

    def __init__(self, rng, even):
        self.rng, self.even = rng, even
        self.range, self.read, self.value, self.code = 2**32 - 1, 0, 0, 0
        self.take(32)

    def take(self, n):
        for _ in range(n):
            bit = int(self.rng.integers(2))
            self.value = 2 * self.value + bit
            self.code = 2 * self.code + bit
            self.read += 1

    def go_to(self, bits, low, high):
        """Let the bits read last be others, somewhere in [low, high) of 2^bits."""
        unit = self.range >> bits
        end = self.range if high == 1 << bits else unit * high
        value = int(self.rng.integers(unit * low, end))
        self.code += value - self.value
        self.value = value

    def symbol(self, model):
        if self.rng.random() < self.even:
            s = int(self.rng.integers(len(model.b) - 1))
            self.go_to(15, model.b[s], model.b[s + 1])
        return super().symbol(model)

    def scaling(self):
        """Most often by little, as random ones leave nothing but black and white."""
        if self.rng.random() < 0.2:
            return super().scaling()
        self.go_to(10, 150, 400)
        weight = self.literal(10)
        self.go_to(14, 8192 - 200, 8192 + 200)
        return weight, self.literal(14) - 8192

    def bytes(self):
        doubled = self.read - 32
        low = self.code - self.value
        kept = (low + 2**31 - 1) >> 31  # the S + 1 first bits
        size = doubled // 8 + 1
        return (kept << (8 * size - doubled - 1)).to_bytes(size, "big")


def fragment(rng, t, y, x, components=1, bits=8, sub=(0, 0), structure=0, rgb=False, even=0.1, quantisers=(0, 255)):
    """(bytes, components): a fragment of planes and what it decodes to."""
    shape = object.__new__(reference.Fragment)
    shape.t, shape.y, shape.x, shape.components, shape.bits, shape.sub_xy = t, y, x, components, bits, sub
    shape.b = max(10, bits)
    shape.dtype = "uint8" if bits <= 8 else "uint16"
    shape.refs = reference.structure(structure, t)
    sections = {}

    def section(_):
        made = RandomSection(rng, even)
        quantiser = int(rng.integers(quantisers[0], quantisers[1] + 1))
        made.go_to(8, quantiser, quantiser + 1)
        made.finish = lambda: sections.setdefault(len(sections), made.bytes())
        return made

    kinds = 2 if components > 1 else 1
    order = shape.order()
    decoded = shape.pictures({frame: [None] * kinds for frame in order}, section)
    stored = {frame: [sections[kinds * i + k] for k in range(kinds)] for i, frame in enumerate(order)}
    body = b"".join(part for frame in shape.stored() for part in stored[frame])
    table = b"".join(uvarint(len(part)) for frame in shape.stored() for part in stored[frame])
    planes = shape.handed_out(decoded, rgb)

    layout = 2 if components > 1 else 0
    samples = b"".join(plane.astype(f"<u{1 if bits <= 8 else 2}").tobytes() for plane in planes)
    fields = bytes(
        [3, (0 if bits <= 8 else 2) | layout << 3 | (components - 1) << 5, (bits - 1) | sub[0] << 4 | sub[1] << 6]
    )
    fields += uvarint(t) + uvarint(y) + uvarint(x) + bytes([structure, 0]) + uvarint(65535) + b"\0"
    fields += crc32c(samples).to_bytes(4, "little") + b"\0" + bytes([int(rgb)]) + table + body
    length = uvarint(len(fields))
    crc = crc32c(b"\xf5SF\1" + length + fields)
    return b"\xf5SF\1" + crc.to_bytes(4, "little") + length + fields, planes
