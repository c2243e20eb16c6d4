"""Pictures for tests: every pixel format that a store takes, random planes, random memory."""

import numpy as np
import pytest

from stfrag import UnsupportedError
from stfrag.model.pixel_formats import pixel_format

pytest.importorskip("av")
from av.video.format import names as libav_names


def known(name):
    try:
        return bool(pixel_format(name))
    except UnsupportedError:
        return False


NAMES = sorted(filter(known, libav_names))


def random_planes(name, height, width, seed=0):
    f = pixel_format(name)
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 1 << f.bits, f.extent(c, height, width), f.dtype) for c in range(f.components)]


def fill(frame, seed=0):
    """Random bytes in every plane, line padding included."""
    rng = np.random.default_rng(seed)
    for plane in frame.planes:
        memory = np.frombuffer(plane, np.uint8)
        memory[:] = rng.integers(0, 256, memory.size, np.uint8)
    return frame
