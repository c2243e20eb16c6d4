"""Material for tests of targets and weights, and stores of it."""

from __future__ import annotations

import numpy as np

import stfrag
from support.stores import array_store


def clip(frames=16, y=96, x=128, bits=8, seed=1):
    """A picture whose parts are unlike each other: still and detailed, moving and smooth, noise of a camera."""
    rng = np.random.default_rng(seed)
    t, rows, columns = np.ogrid[:frames, :y, :x]
    still = 40 * rng.standard_normal((1, y, x)).cumsum(2) / np.sqrt(np.arange(1, x + 1))
    moving = 60 * np.sin((columns + 3 * t) / 7) * np.cos((rows - 2 * t) / 11)
    noise = rng.normal(0, 5, (frames, y, x))
    left, top = columns < x // 2, rows < y // 2
    video = 128 + np.where(left, still, moving) + np.where(top, noise, 0)
    scale = 1 << (bits - 8)
    return np.clip(video * scale, 0, (256 << (bits - 8)) - 1).astype(np.uint8 if bits == 8 else np.uint16)


ARRAY = clip()
EFFORT = 2
CUT = {"fragment": (8, 32, 48), "effort": EFFORT}


def saved(array, **options):
    """The bytes of a store of an array, in small fragments."""
    return array_store(array, **{**CUT, **options})


def encode(array, **options):
    """One fragment, coded as those of the stores are."""
    return stfrag.encode(array, effort=EFFORT, **options)


def info(data):
    """What a store says of itself."""
    with stfrag.open(data) as v:
        return v.info()


def reached(data, kind):
    """What a store has of what a target of this kind speaks of."""
    found = info(data)
    return found["psnr"]["overall"] if kind == "psnr" else found["file_bytes"] if kind == "bytes" else found[kind]


def box(array, row):
    """The samples of a row of the index."""
    return array[row.t0 : row.t1, row.y0 : row.y1, row.x0 : row.x1]


LEFT_TOP = np.array([[6.0, 1], [1, 1]])
