"""Pictures that the command line writes: PNG files of every kind, and the demo's drawing of every shape of video."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from PIL import Image

from stfrag.cli.demo_picture import Scene, draw
from stfrag.cli.errors import CliError
from stfrag.cli.pictures import encode_png

RNG = np.random.default_rng(8)
FORMATS = {(1, np.uint8): "gray", (3, np.uint8): "rgb24", (4, np.uint8): "rgba"}
FORMATS |= {(1, np.uint16): "gray16be", (3, np.uint16): "rgb48be", (4, np.uint16): "rgba64be"}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("components", [1, 3, 4])
def test_png_is_exact(components, dtype):
    """What Pillow writes, and what libav writes where Pillow cannot, is read back by libav, every sample of it."""
    frame = RNG.integers(0, np.iinfo(dtype).max + 1, (19, 23, components), dtype)
    with av.open(io.BytesIO(encode_png(frame))) as container:
        picture = next(container.decode(video=0))
    assert picture.format.name == FORMATS[components, dtype]
    back = picture.to_ndarray().reshape(frame.shape)
    assert (back.astype(dtype) == frame).all()


def test_png_of_views_and_bools():
    frame = RNG.integers(0, 256, (20, 40), np.uint8)
    for part in (frame[::2, ::-3], np.asfortranarray(frame), frame[:, :, None]):
        assert (np.asarray(Image.open(io.BytesIO(encode_png(part)))) == np.squeeze(part)).all()
    assert (np.asarray(Image.open(io.BytesIO(encode_png(frame > 99)))) == 255 * (frame > 99)).all()


@pytest.mark.parametrize(
    "frame", [np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4), np.int16), np.zeros((4, 4, 5), np.uint8)]
)
def test_what_png_cannot_hold(frame):
    with pytest.raises(CliError, match=r"write \.npy"):
        encode_png(frame)


def scene(frames, rows, columns, cut):
    """A scene with a grid of fragments of the size `cut`, and a region in its middle."""
    size = frames, rows, columns
    starts = [range(0, whole, part) for whole, part in zip(size, cut, strict=True)]
    boxes = [(t, y, x) for t in starts[0] for y in starts[1] for x in starts[2]]
    index = np.zeros(len(boxes), [(f"{axis}{end}", int) for axis in "tyx" for end in (0, 1)])
    for n, axis in enumerate("tyx"):
        index[f"{axis}0"] = [box[n] for box in boxes]
        index[f"{axis}1"] = [min(box[n] + cut[n], size[n]) for box in boxes]
    region = tuple(slice(whole // 2, whole // 2 + max(whole // 4, 1)) for whole in size)
    frame = RNG.integers(60, 200, (rows, columns, 3), np.uint8)
    facts = [("label", "value")] * 5
    return Scene("16×16 of é", "a.stf: what it takes", frame, region, frames, index, facts)


@pytest.mark.parametrize(
    ("size", "cut"),
    [
        ((64, 640, 1152), (32, 256, 256)),
        ((1, 1, 1), (1, 1, 1)),
        ((2000, 64, 64), (2, 64, 64)),  # more slabs than there is room for their numbers
        ((8, 2000, 30), (8, 100, 30)),
        ((8, 30, 2000), (8, 30, 100)),
        ((8, 2160, 3840), (8, 256, 256)),
    ],
)
def test_shapes_of_the_demo(size, cut):
    """Whatever the video's shape, the picture is of a size to look at, and everything has its colour in it."""
    picture = np.asarray(draw(scene(*size, cut)))
    assert 700 < picture.shape[0] < 1000
    assert 700 < picture.shape[1] < 1700
    for colour in ((64, 190, 250), (255, 196, 64), (236, 239, 246)):  # decoded, region, words
        assert (picture == colour).all(-1).any()
    assert (picture[-4:] == (16, 19, 26)).all()  # nothing is written over the edge
    assert (picture[:, :8] == (16, 19, 26)).all()
    assert (picture[:, -8:] == (16, 19, 26)).all()
