"""Material for tests of libav's codecs: pictures that an encoder has something to do with, of every kind."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest

import stfrag

pytest.importorskip("av")

from stfrag.codec import catalogue

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
SUBSAMPLING = {"444": (0, 0), "422": (1, 0), "420": (1, 1), "440": (0, 1), "411": (2, 0), "410": (2, 2)}


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
    sx, sy = SUBSAMPLING[subsampling]
    return tuple(
        content(t, *((-(-y >> sy), -(-x >> sx)) if count > 2 and c in (1, 2) else (y, x)), bits, c, seed)
        for c in range(count)
    )


def round_trip(kind, given, bits, **options):
    """(coded form, planes that come back)."""
    if kind.startswith("rgb"):
        coded = stfrag.encode(np.stack(given, -1), bits=bits, **options)
    else:
        coded = stfrag.encode_planes(given, KINDS[kind][1], bits, **options)
    return coded, stfrag.decode_planes(coded)


def psnr(a, b, bits):
    """Of all planes together."""
    error = np.concatenate([(p.astype(np.int64) - q).ravel() ** 2 for p, q in zip(a, b, strict=True)])
    return 10 * np.log10(((1 << bits) - 1) ** 2 / max(error.mean(), 1e-9))


def video_store(given, pixel_format="yuv420p", num_threads=1, **options):
    """The bytes of a store of planes."""
    file = io.BytesIO()
    with stfrag.create(file, pixel_format=pixel_format, fps=25, num_threads=num_threads, **options) as writer:
        writer.append(given)
    return file.getvalue()


def child(code, *args, timeout=120, **environment):
    """Run Python code in a process of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout
