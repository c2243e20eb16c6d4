"""Samples of video files, in every pixel format of libav's, into stores and back."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import stfrag
from stfrag.codec.frames import frame_from_planes, frame_planes
from stfrag.model.pixel_formats import pixel_format
from stfrag.video import to_video

av = pytest.importorskip("av")
from support.pictures import NAMES, fill, random_planes  # noqa: E402
from support.videos import assert_frames, frames_of, lossless, seconds, stored  # noqa: E402

PLANAR = sorted({pixel_format(name).planar for name in NAMES})


@pytest.mark.parametrize("name", NAMES)
def test_every_pixel_format_in(name):
    """Raw video of every format libav has: the store holds what libav's own frames hold."""
    height, width = 7, 13
    encoder = av.CodecContext.create("rawvideo", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, name, Fraction(1, 25)
    raw, frames = b"", []
    for seed in range(3):
        try:
            frame = frame_from_planes(random_planes(name, height, width, seed), name)
        except stfrag.UnsupportedError:
            frame = fill(av.VideoFrame(width, height, name), seed)
        frames.append([plane.copy() for plane in frame_planes(frame)])
        frame.pts = seed
        raw += b"".join(bytes(packet) for packet in encoder.encode(frame))
    size = {"video_size": f"{width}x{height}", "pixel_format": name}
    try:
        reader, report = stored(raw, input_format="rawvideo", input_options=size)
    except stfrag.UnsupportedError:
        if name == "pal8" or name.startswith("yuvj411"):
            pytest.skip("libav does not read raw video of this format")
        raise
    f = pixel_format(name)
    assert (report.frames, report.pixel_format) == (3, f.planar)
    assert reader.pixel_format == f.planar
    if name != "pal8":  # whose palette libav puts elsewhere in raw video
        assert_frames(reader, frames)


@pytest.mark.parametrize("size", [(7, 13), (1, 1)])
@pytest.mark.parametrize("name", PLANAR)
def test_every_pixel_format_out_and_in(name, size, tmp_path):
    frames = frames_of(name, 3, *size)
    with stfrag.create(tmp_path / "a.stf", pixel_format=name, fps=24) as w:
        for planes in frames:
            w.append(tuple(p[None] for p in planes))
    report = to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
    assert report.exact
    assert (report.frames, report.codec) == (3, "ffv1")
    reader, _ = stored(tmp_path / "a.mkv")
    if name == "ya16le":  # FFV1 has no such format: chroma is added
        assert reader.pixel_format == "yuva444p16le"
        y, u, v, a = reader.read_planes()
        assert (u == 32768).all()
        assert (v == 32768).all()
        assert_array_equal(np.stack([f[0] for f in frames]), y)
        assert_array_equal(np.stack([f[1] for f in frames]), a)
    else:
        assert reader.pixel_format == name
        assert_frames(reader, frames)
    assert seconds(reader) == [Fraction(i, 24) for i in range(3)]


@pytest.mark.parametrize("name", ["yuv420p", "gray16le", "gbrap12le", "yuva420p10le", "yuv422p", "ya16le"])
def test_narrow_pictures(name, tmp_path):
    """FFV1 does not take its own default slices at these sizes."""
    for size in [(3, 1), (2, 1), (47, 2), (5, 23), (5, 353)]:
        frames = frames_of(name, 1, *size)
        with stfrag.create(tmp_path / "a.stf", pixel_format=name, fps=24) as w:
            w.append(tuple(p[None] for p in frames[0]))
        to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
        planes = stored(tmp_path / "a.mkv")[0].read_planes()
        assert_array_equal(planes[0][0], frames[0][0])
        assert_array_equal(planes[-1][0], frames[0][-1])


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_sizes(tmp_path_factory, data):
    """Chroma of odd sizes survives FFV1's slices."""
    name = data.draw(st.sampled_from(["yuv420p", "yuv411p", "yuv410p", "yuv422p10le", "gbrp", "yuva420p"]))
    size = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 90))
    path = tmp_path_factory.mktemp("sizes")
    frames = frames_of(name, 2, *size)
    with stfrag.create(path / "a.stf", pixel_format=name, fps=24) as w:
        for planes in frames:
            w.append(tuple(p[None] for p in planes))
    to_video(path / "a.stf", path / "a.mkv")
    assert_frames(stored(path / "a.mkv")[0], frames)


def test_pal8_becomes_rgba():
    frame = fill(av.VideoFrame(13, 7, "pal8"))
    expected = [plane.copy() for plane in frame_planes(frame)]
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 13, 7, "pal8", Fraction(1, 25)
    frame.pts = 0
    png = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    reader, _ = stored(png)
    assert reader.pixel_format == "gbrap"
    assert_frames(reader, [expected])


def test_floating_point_is_refused(tmp_path):
    raw = np.zeros((4, 4), np.float32).tobytes()
    options = {"video_size": "4x4", "pixel_format": "grayf32le"}
    with pytest.raises(stfrag.UnsupportedError, match="grayf32le holds floating-point samples"):
        lossless(raw, tmp_path / "a.stf", input_format="rawvideo", input_options=options)
    assert not list(tmp_path.iterdir())
