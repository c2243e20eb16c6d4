"""Material for tests of the native codec with loss: waves of every kind of samples, and their errors."""

import numpy as np

from support.samples import SHIFTS, mse, planes_by
from support.stores import video_store

#: (dtype, bits)
SAMPLES = [
    ("uint8", 8),
    ("int8", 8),
    ("uint8", 5),
    ("int8", 2),
    ("uint16", 9),
    ("uint16", 12),
    ("int16", 10),
    ("int16", 12),
    ("uint16", 8),
    ("uint16", 3),
]
FINE = 8  # QP


def wave(shape, dtype="uint8", bits=8, seed=0):
    """A moving wave with some noise, over all of the range: T×Y×X."""
    rng = np.random.default_rng(seed)
    t, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    top = (1 << bits) - 1
    value = (0.5 + 0.28 * np.sin((y + 2 * t) / 9 + seed) + 0.2 * np.cos((x - t) / 11)) * top
    value = np.clip(np.rint(value + rng.normal(0, top / 150, shape)), 0, top)
    return (value - (1 << (bits - 1) if dtype.startswith("int") else 0)).astype(dtype)


def planes_of(kind, t, y, x, dtype="uint8", bits=8):
    """The planes of a kind of pictures: "gray", "ya", or a subsampling, maybe with "a" for alpha behind it."""
    count = {"gray": 1, "ya": 2}.get(kind, 4 if kind.endswith("a") else 3)
    return planes_by(lambda shape, c: wave(shape, dtype, bits, c), count, SHIFTS.get(kind[:3], (0, 0)), t, y, x)


def off(a, b):
    """Root of the mean squared error."""
    return mse(a, b) ** 0.5


def store(planes, name="yuv420p", **options):
    """The bytes of a store of planes in the native codec."""
    return video_store(planes, name, **{"codec": "stf", "num_threads": 1, **options})


def close(a, b, bits):
    """Whether `b` is what a fine quantizer makes of `a`: within a few steps of 8 bits, whatever the bits."""
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    return off(a, b) <= 2.0 * max(((1 << bits) - 1) / 255, 0.25)
