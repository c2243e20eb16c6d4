"""Video files that tests make by PyAV alone, and the stores that are made of them."""

import io
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import stfrag
from stfrag.codec.frames import frame_from_planes
from stfrag.video import from_video

from .paths import DATA
from .pictures import random_planes

#: What these tests are about is exact.
lossless = partial(from_video, max_error=0)


def data_file(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in ../shared/data")
    return path


def frames_of(name, count, height, width):
    """`count` frames of random planes."""
    return [random_planes(name, height, width, seed) for seed in range(count)]


def write(target, codec, name, frames, pts=None, time_base=Fraction(1, 24), muxer=None, options=None, setup=None,
          rate=24):  # fmt: skip
    """A video file by PyAV alone."""
    with av.open(target, "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames[0][0].shape
        stream.pix_fmt = name
        stream.time_base = stream.codec_context.time_base = time_base
        if setup:
            setup(stream)
        for i, planes in enumerate(frames):
            frame = frame_from_planes(planes, name)
            frame.pts, frame.time_base = i if pts is None else pts[i], time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target


def stored(data, **options):
    """The store that `from_video` makes: (reader, report)."""
    file = io.BytesIO()
    report = lossless(data, file, **options)
    return stfrag.open(file.getvalue()), report


def seconds(reader):
    return [int(p) * reader.time_base for p in reader.pts]


def assert_frames(reader, frames):
    planes = reader.read_planes()
    assert len(planes) == len(frames[0])
    assert len(reader) == len(frames)
    for c, plane in enumerate(planes):
        assert_array_equal(plane, np.stack([f[c] for f in frames]))
