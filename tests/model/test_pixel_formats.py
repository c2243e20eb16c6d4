"""The table of pixel formats against libav's own descriptors and conversions."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stfrag import UnsupportedError
from stfrag.codec.frames import frame_from_planes, frame_planes
from stfrag.model.pixel_formats import pixel_format, planar_name

av = pytest.importorskip("av")

av_version = tuple(int(n) for n in av.__version__.split(".")[:2])
from support.pictures import NAMES, fill, libav_names, random_planes  # noqa: E402

# Formats that swscale itself converts inexactly (msb), or has no output for; those are checked another way.
ODD_ONES = {"pal8", "monow", "monob"} | {n for n in NAMES if n.startswith("bayer")}


@pytest.mark.parametrize("name", NAMES)
def test_table_agrees_with_libav(name):
    ours, theirs = pixel_format(name), av.VideoFormat(name, 65, 49)
    if name in ODD_ONES:
        return
    assert ours.components == len(theirs.components)
    assert ours.is_rgb == theirs.is_rgb
    assert ours.big_endian == theirs.is_big_endian
    assert ours.alpha == theirs.components[-1].is_alpha
    for c, component in enumerate(theirs.components):
        assert ours.extent(c, 49, 65) == (component.height, component.width)
        if ours.samples:
            assert (ours.samples[c].plane, ours.samples[c].bits) == (component.plane, component.bits)
    planar = pixel_format(ours.planar)
    assert planar.planar == planar.name == ours.planar
    assert (planar.bits, planar.components, planar.subsampling) == (ours.bits, ours.components, ours.subsampling)


def test_only_these_cannot_be_stored():
    """Whatever libav gives, but for floating point, 32 bits, XYZ, surfaces on devices and two bit streams."""
    for name in set(libav_names) - set(NAMES):
        f = av.VideoFormat(name, 2, 2)
        wide = any(c.bits > 16 for c in f.components)
        assert (
            wide
            or not f.components
            or "f16" in name
            or "f32" in name
            or name.startswith("xyz")
            or name in ("rgb4", "bgr4")
        ), name
        with pytest.raises(UnsupportedError, match=name):
            pixel_format(name)


@pytest.mark.parametrize("size", [(6, 16), (7, 13), (1, 1)])
@pytest.mark.parametrize("name", NAMES)
def test_planes_written_are_read(name, size):
    planes = random_planes(name, *size)
    try:
        frame = frame_from_planes(planes, name)
    except UnsupportedError:
        f = pixel_format(name)
        assert not f.samples or any(s.word == 4 or s.bits < f.bits for s in f.samples)
        frame = fill(av.VideoFrame(size[1], size[0], name))
        planes = None
    got = frame_planes(frame)
    f = pixel_format(name)
    assert [p.dtype for p in got] == [np.dtype(f.dtype)] * f.components
    assert [p.shape for p in got] == [f.extent(c, *size) for c in range(f.components)]
    assert all(p.max() < 1 << f.bits for p in got)
    if planes:
        for ours, theirs in zip(planes, got, strict=True):
            assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ODD_ONES and "msb" not in n])
def test_planes_are_those_libav_sees(name):
    """swscale, asked for the planar format of the same samples, gives what we read."""
    f = pixel_format(name)
    try:
        frame = frame_from_planes(random_planes(name, 8, 16), name)
    except UnsupportedError:
        frame = fill(av.VideoFrame(16, 8, name))
    colour = {"src_color_range": "JPEG", "dst_color_range": "JPEG"} if f.full_range else {}
    if av_version < (17, 0):
        pytest.skip("swscale of that time crashes on some formats")
    try:
        other = frame.reformat(format=f.planar, threads=1, **colour)  # with more, swscale races in p210be
    except OSError:
        pytest.skip(f"swscale does not read {name}")
    # swscale leaves the low bits of 5- and 6-bit samples zero, where we repeat the high ones
    shifts = [max(0, f.bits - s.bits) for s in f.samples] or [0] * 4
    tolerance = 3 if name in ("rgb8", "bgr8", "rgb4_byte", "bgr4_byte") else 0
    for mine, theirs, shift in zip(frame_planes(frame), frame_planes(other), shifts, strict=False):
        difference = (mine >> shift).astype(int) - (theirs >> shift)
        assert np.abs(difference).max() <= tolerance


@pytest.mark.parametrize("name", [n for n in NAMES if "msb" in n])
def test_samples_in_the_high_bits(name):
    f = pixel_format(name)
    frame = frame_from_planes(random_planes(name, 4, 4), name)
    word = np.frombuffer(frame.planes[f.samples[0].plane], ">u2" if f.big_endian else "<u2", 4)
    assert_array_equal(word >> (16 - f.bits), frame_planes(frame)[0][0])
    assert not (word & ((1 << (16 - f.bits)) - 1)).any()


def test_palette():
    frame = fill(av.VideoFrame(5, 3, "pal8"))
    palette = np.frombuffer(frame.planes[1], np.uint32)
    index = np.ndarray((3, 5), np.uint8, buffer=frame.planes[0], strides=(frame.planes[0].line_size, 1))
    r, g, b, a = frame_planes(frame)
    assert_array_equal(palette[index], (a.astype(np.uint32) << 24) | (r.astype(np.uint32) << 16)
                       | (g.astype(np.uint32) << 8) | b)  # fmt: skip


def test_bits():
    frame = av.VideoFrame(11, 2, "monob")
    rows = np.frombuffer(frame.planes[0], np.uint8).reshape(2, -1)
    rows[:, :2] = [[0b10000000, 0b01100000], [0b11111111, 0]]
    (black_is_zero,) = frame_planes(frame)
    assert_array_equal(black_is_zero, np.array([[1] + [0] * 8 + [1, 1], [1] * 8 + [0] * 3]) * 255)
    inverted = av.VideoFrame(11, 2, "monow")
    np.frombuffer(inverted.planes[0], np.uint8)[:] = rows.ravel()
    assert_array_equal(frame_planes(inverted)[0], 255 - black_is_zero)


@pytest.mark.parametrize("name", ["yuv420p", "gray16le", "rgb24", "bgra", "nv12", "uyvy422", "gbrap14le"])
def test_planes_are_views_where_they_can_be(name):
    frame = frame_from_planes(random_planes(name, 6, 8), name)
    for plane in frame_planes(frame):
        base = plane
        while isinstance(base.base, np.ndarray):
            base = base.base
        assert base.base is not None, "copied"
    del frame
    assert plane.shape[0] > 0
    plane.sum()  # the view keeps the picture alive


def test_colours_that_are_narrower_than_a_byte():
    frame = av.VideoFrame(4, 1, "rgb565le")
    np.frombuffer(frame.planes[0], "<u2")[:4] = [0xFFFF, 0, 0x8410, 0xF800]
    r, g, b = frame_planes(frame)
    assert r.tolist() == [[255, 0, 132, 255]]
    assert g.tolist() == [[255, 0, 130, 0]]
    assert b.tolist() == [[255, 0, 132, 0]]


def test_wrong_planes():
    planes = random_planes("yuv420p", 6, 8)
    with pytest.raises(ValueError, match="3 components, got 2"):
        frame_from_planes(planes[:2], "yuv420p")
    with pytest.raises(ValueError, match="plane 1 of yuv420p must be"):
        frame_from_planes([planes[0], planes[0], planes[2]], "yuv420p")


def test_names():
    assert planar_name("yuv", 8, subsampling="410") == "yuv410p"
    assert planar_name("gray", 3) == "gray"
    assert planar_name("gray", 12, alpha=True) == "ya16le"
    assert pixel_format("gray10").planar == "gray10le"
    with pytest.raises(UnsupportedError, match="yuv411p of 10 bits"):
        planar_name("yuv", 10, subsampling="411")
    with pytest.raises(UnsupportedError, match="unknown pixel format 'yuv42p'"):
        pixel_format("yuv42p")
