"""Material for tests of libav's codecs: pictures that an encoder has something to do with, of every kind."""

import numpy as np
import pytest

import stfrag

pytest.importorskip("av")

from stfrag.codec import catalogue
from support.samples import SHIFTS, planes_by

CODECS = tuple(catalogue.CODECS)
LOSSY = tuple(name for name, codec in catalogue.CODECS.items() if codec.lossy)
LOSSLESS = tuple(name for name, codec in catalogue.CODECS.items() if codec.lossless)
#: Components and subsampling of kinds of pictures.
KINDS = {
    "gray": (1, "444"),
    "ya": (2, "444"),
    "420": (3, "420"),
    "422": (3, "422"),
    "444": (3, "444"),
    "440": (3, "440"),
    "411": (3, "411"),
    "410": (3, "410"),
    "rgb": (3, "444"),
    "rgba": (4, "444"),
    "420a": (4, "420"),
}


def content(t, y, x, bits=8, c=0, seed=0):
    """A moving wave with a little noise over the whole range of `bits`: T×Y×X."""
    rng = np.random.default_rng(seed + c)
    phase = np.add.outer(np.arange(t) * 3, np.add.outer(np.arange(y) * 2, np.arange(x) * 1.5)) + c * 40
    top = (1 << bits) - 1
    value = (np.sin(phase / 9) * 0.4 + 0.5) * top + rng.normal(0, max(top / 200, 0.2), phase.shape)
    return np.clip(np.rint(value), 0, top).astype(np.uint8 if bits <= 8 else np.uint16)


def planes(kind, t, y, x, bits=8, seed=0):
    """The planes of a picture of a kind."""
    count, subsampling = KINDS[kind]
    return planes_by(lambda shape, c: content(*shape, bits, c, seed), count, SHIFTS[subsampling], t, y, x)


def round_trip(kind, given, bits, **options):
    """(coded form, planes that come back)."""
    if kind.startswith("rgb"):
        coded = stfrag.encode(np.stack(given, -1), bits=bits, **options)
    else:
        coded = stfrag.encode_planes(given, KINDS[kind][1], bits, **options)
    return coded, stfrag.decode_planes(coded)
