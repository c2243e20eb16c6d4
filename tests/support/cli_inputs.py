"""A small video and an array for tests of the command line, and how to start it in a process of its own."""

import sys
from fractions import Fraction

import av
import numpy as np

T, Y, X = 24, 80, 112


def write_video(path, count=T, size=(Y, X), codec="ffv1", pixels="yuv420p", rate=25):
    """A small video with a moving edge and some noise."""
    rng = np.random.default_rng(3)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *size, pixels
        for number in range(count):
            picture = rng.integers(0, 40, (*size, 3), np.uint8)
            picture[:, 3 * number : 3 * number + 30, number % 3] += 150
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def array(dtype=np.uint16, count=T):
    rng = np.random.default_rng(5)
    smooth = np.add.outer(np.arange(count) * 5, np.add.outer(np.arange(Y), np.arange(X) * 2))
    return (smooth + rng.integers(0, 9, smooth.shape)).astype(dtype)


def command(*words):
    """The words that start ``stfrag`` with these arguments."""
    return [sys.executable, "-m", "stfrag", *map(str, words)]
