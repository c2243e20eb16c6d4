"""Reading any box equals NumPy on the whole, whatever the store holds and however it is cut."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import SHIFTS
from support.stores import array_store, video_store

import stfrag
from stfrag.model.indexing import select

RNG = np.random.default_rng(11)
SUBSAMPLED = {f"yuv{name}p": shifts for name, shifts in SHIFTS.items()}


def planes_of(name, t, y, x, bits=8):
    """Random planes for a pixel format."""
    dtype = np.uint8 if bits <= 8 else np.uint16
    base = name.removesuffix("le").rstrip("0123456789") if bits > 8 else name
    base = base.replace("yuva", "yuv")
    if base in SUBSAMPLED:
        sx, sy = SUBSAMPLED[base]
        sizes = [(y, x), (-(-y >> sy), -(-x >> sx)), (-(-y >> sy), -(-x >> sx))]
        sizes += [(y, x)] * name.startswith("yuva")
    else:
        sizes = [(y, x)] * {"gray": 1, "ya": 2, "ya8": 2, "gbrp": 3, "gbrap": 4}[base]
    rng = np.random.default_rng(bits)
    return tuple(rng.integers(0, 1 << bits, (t, *size), dtype=dtype) for size in sizes)


def opened_array(array, **options):
    """A reader of a store of an array."""
    return stfrag.open(array_store(array, **options))


def opened_video(name, planes, **options):
    """A reader of a store of planes."""
    return stfrag.open(video_store(planes, name, **options))


GRAY = RNG.integers(-500, 500, (21, 37, 45)).astype(np.int16)
RGBA = RNG.integers(0, 256, (9, 20, 33, 4), dtype=np.uint8)
PLANES = planes_of("yuv420p", 19, 35, 51)


@pytest.fixture(scope="module")
def stores():
    """Stores of every kind, each with what its whole reads as."""
    gray, rgba = opened_array(GRAY, fragment=(8, 16, 16)), opened_array(RGBA, fragment=(4, 7, 33))
    video = opened_video("yuv420p", PLANES, fragment=(16, 16, 32))
    return [(gray, GRAY), (rgba, RGBA), (video, video[:])]


def indices(draw, shape):
    """A random basic index for a shape."""

    def one(size):
        kind = draw(st.integers(0, 3))
        if kind == 0:
            return draw(st.integers(-size, size - 1))
        bound = st.none() | st.integers(-size - 3, size + 3)
        return slice(draw(bound), draw(bound), draw(st.sampled_from([None, 1, 1, 2, -1, -2, 5, -7])))

    keys = [one(size) for size in shape[: draw(st.integers(0, len(shape)))]]
    if draw(st.booleans()):
        keys.insert(draw(st.integers(0, len(keys))), Ellipsis)
    if draw(st.integers(0, 4)) == 0:
        keys.insert(draw(st.integers(0, len(keys))), None)
    if keys and draw(st.booleans()):
        keys = [np.int32(k) if isinstance(k, int) else k for k in keys]
    return tuple(keys)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_indexing_is_numpys(stores, data):
    reader, whole = data.draw(st.sampled_from(stores))
    # An ellipsis in the middle stands for axes that are not indexed: drop what would then be out of range.
    key = indices(data.draw, whole.shape)
    try:
        expected = whole[key]
    except IndexError:
        with pytest.raises(IndexError):
            reader[key]
        return
    got = reader[key]
    assert type(got) is type(expected)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected, strict=True)
    out = np.full(expected.shape, 77, expected.dtype)
    if out.ndim:
        assert reader.read(key, out=out[::-1]) is not None
        np.testing.assert_array_equal(out[::-1], expected)


@pytest.mark.parametrize(
    "key",
    [
        21,
        -22,
        (0, 37),
        (0, 0, 0, 0),
        (..., ...),
        [1, 2],
        np.array([0, 1]),
        True,
        np.True_,
        1.5,
        "name",
        (0, [1]),
        (slice(None), np.ones(37, bool)),
    ],
)
def test_index_errors(stores, key):
    with pytest.raises(IndexError):
        stores[0][0][key]


def test_index_errors_say_what_to_do(stores):
    reader = stores[0][0]
    with pytest.raises(IndexError, match="get_frames_at"):
        reader[[3, 1]]
    with pytest.raises(IndexError, match="index 99 is out of bounds for axis 1 with size 37"):
        reader[0, 99]
    with pytest.raises(ValueError, match="step cannot be zero"):
        reader[::0]
    with pytest.raises(TypeError):
        reader[0.5:]


def test_select_empty():
    assert select(slice(5, 5), (9, 9)).empty
    assert select((slice(None), slice(9, 0)), (9, 9)).shape == (9, 0)


FORMATS = [
    ("gray", 8),
    ("gray10le", 10),
    ("gray16le", 16),
    ("ya8", 8),
    ("gbrp", 8),
    ("gbrp12le", 12),
    ("gbrap", 8),
    ("yuv444p", 8),
    ("yuv422p10le", 10),
    ("yuv420p", 8),
    ("yuv420p12le", 12),
    ("yuv411p", 8),
    ("yuv410p", 8),
    ("yuva420p", 8),
    ("yuva444p16le", 16),
]


@pytest.mark.parametrize(("name", "bits"), FORMATS)
def test_pixel_formats(name, bits):
    """Planes come back exactly; the picture has the promised shape and type; a region is the crop of the whole."""
    planes = planes_of(name, 5, 23, 31, bits)
    with opened_video(name, planes, fragment=(3, 8, 12)) as reader:
        assert reader.pixel_format == name
        for got, plane in zip(reader.read_planes(), planes, strict=True):
            np.testing.assert_array_equal(got, plane, strict=True)
        whole = reader[:]
        channels = {1: (), 3: (3,)}.get(len(planes), (4,))
        assert whole.shape == reader.shape == (5, 23, 31, *channels)
        assert whole.dtype == reader.dtype == (np.uint8 if bits <= 8 else np.uint16)
        if not channels:
            np.testing.assert_array_equal(whole, planes[0])
        for box in [
            (slice(1, 4), slice(3, 20), slice(5, 6)),
            (slice(2, 3), slice(7, 9), slice(0, 31)),
            (slice(0, 5), slice(22, 23), slice(30, 31)),
        ]:
            np.testing.assert_array_equal(reader[box], whole[box])
            for c, (got, plane) in enumerate(zip(reader.read_planes(box), planes, strict=True)):
                sy = sx = 0
                if c in (1, 2) and plane.shape != planes[0].shape:
                    sy, sx = round(math.log2(23 / plane.shape[1])), round(math.log2(31 / plane.shape[2]))
                crop = plane[
                    box[0], box[1].start >> sy : -(-box[1].stop >> sy), box[2].start >> sx : -(-box[2].stop >> sx)
                ]
                np.testing.assert_array_equal(got, crop, strict=True)


def exact_rgb(planes, shifts, matrix, full, bits, out_bits):
    """RGB by the matrix, in float64."""
    kr, kb = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}[matrix]
    _, rows, columns = planes[0].shape
    y, cb, cr = (
        np.repeat(np.repeat(p.astype(float), 1 << sy, 1), 1 << sx, 2)[:, :rows, :columns]
        for p, (sx, sy) in zip(planes, ((0, 0), shifts, shifts), strict=True)
    )
    scale = 1 << bits - 8
    if full:
        top = (1 << bits) - 1
        y, cb, cr = y / top, (cb - 128 * scale) / top, (cr - 128 * scale) / top
    else:
        y, cb, cr = (y / scale - 16) / 219, (cb / scale - 128) / 224, (cr / scale - 128) / 224
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    return np.clip(np.stack([r, g, b], -1), 0, 1) * ((1 << out_bits) - 1)


@pytest.mark.parametrize(("matrix", "full"), [("bt709", False), ("smpte170m", False), ("bt2020nc", True)])
@pytest.mark.parametrize(("name", "bits"), [("yuv420p", 8), ("yuv444p10le", 10), ("yuv411p", 8)])
def test_rgb_is_the_exact_matrix(name, bits, matrix, full):
    planes = planes_of(name, 2, 17, 22, bits)
    colour = {"matrix": matrix, "range": "full" if full else "limited"}
    with opened_video(name, planes, metadata={"colour": colour}) as reader:
        shifts = SUBSAMPLED[name.removesuffix("10le")]
        for format, out_bits in [("rgb24", 8), ("rgb48", 16)]:
            got = reader.read(format=format)
            off = np.abs(got - exact_rgb(planes, shifts, matrix, full, bits, out_bits))
            assert off.max() <= 1
        rgba = reader.read(format="rgba")
        np.testing.assert_array_equal(rgba[..., :3], reader.read(format="rgb24"))
        assert (rgba[..., 3] == 255).all()
        np.testing.assert_array_equal(reader.read(format="gray"), planes[0], strict=True)


def test_unnamed_matrix_follows_the_size():
    for rows, matrix in [(719, "smpte170m"), (720, "bt709")]:
        planes = tuple(np.full((1, rows, 2), level, np.uint8) for level in (120, 90, 160))
        with (
            opened_video("yuv444p", planes) as reader,
            opened_video("yuv444p", planes, metadata={"colour": {"matrix": matrix}}) as named,
        ):
            np.testing.assert_array_equal(reader[0], named[0])


def test_formats_that_cannot_be(stores):
    gray, rgba, video = (reader for reader, _ in stores)
    with pytest.raises(ValueError, match="read_planes"):
        video.read(format="native")
    with pytest.raises(ValueError, match="none of 'native', 'gray'"):
        video.read(format="bgr24")
    with pytest.raises(ValueError, match="no colours"):
        gray.read(format="rgb24")
    with pytest.raises(ValueError, match="no luma"):
        rgba.read(format="gray")
    np.testing.assert_array_equal(rgba.read(format="native"), RGBA)
    with pytest.raises(ValueError, match="without a step"):
        video.read_planes((0, slice(0, 8, 2), slice(0, 8)))
    with pytest.raises(ValueError, match="without a step"):
        video.read_planes((0, 3, slice(0, 8)))
    for out in (np.empty((1, 1, 1), np.int16), np.empty(GRAY.shape, np.uint16)):
        with pytest.raises(ValueError, match="out must be"):
            gray.read(out=out)
    odd = opened_video("yuv420p", PLANES, metadata={"colour": {"matrix": "ycgco"}})
    with pytest.raises(stfrag.UnsupportedError, match=r"ycgco.*read_planes"):
        odd[0]
    np.testing.assert_array_equal(odd.read_planes()[1], PLANES[1])
    assert odd.info()["shape"] == (19, 35, 51)
    with pytest.raises(ValueError, match="unknown matrix"):
        opened_video("yuv420p", PLANES, metadata={"colour": {"matrix": "bt70"}})


def test_frames_by_number(stores):
    for reader, whole in stores:
        n = len(whole)
        np.testing.assert_array_equal(reader.get_frames_at([3, 1, 1, -1, np.int64(0)]), whole[[3, 1, 1, -1, 0]])
        np.testing.assert_array_equal(reader.get_frames_at(range(n)), whole)
        np.testing.assert_array_equal(reader.get_frames_in_range(2, n, 3), whole[2::3])
        assert reader.get_frames_at([]).shape == (0, *whole.shape[1:])
        assert reader.get_frames_in_range(4, 4).shape == (0, *whole.shape[1:])
        for bad in ([0, n], [-n - 1]):
            with pytest.raises(IndexError):
                reader.get_frames_at(bad)
        with pytest.raises(IndexError):
            reader.get_frames_in_range(0, n + 1)
        with pytest.raises(ValueError, match="step"):
            reader.get_frames_in_range(0, 3, 0)
        for bad in ([0.5], [[1]], [True]):
            with pytest.raises(TypeError):
                reader.get_frames_at(bad)
        np.testing.assert_array_equal(np.stack(list(reader)), whole)
        np.testing.assert_array_equal(np.asarray(reader), whole)
        assert np.asarray(reader, np.float32).dtype == np.float32


def test_frames_by_time():
    frames = np.arange(40 * 16, dtype=np.uint16).reshape(40, 4, 4)
    for rate in ("24000/1001", 25, 60, "1/3"):
        reader = opened_array(frames, fps=rate)
        np.testing.assert_array_equal(reader.get_frames_played_at(reader.timestamps), frames)
        middle = reader.timestamps + 0.4 / float(reader.fps)
        np.testing.assert_array_equal(reader.get_frames_played_at(middle[::-1]), frames[::-1])
        exact = [pts * reader.time_base for pts in reader.pts.tolist()]
        np.testing.assert_array_equal(reader.get_frames_played_at(exact), frames)
        end = 40 / float(reader.fps)
        for bad in (-0.01, end + 0.001, 1e300):
            with pytest.raises(IndexError, match="outside of the video"):
                reader.get_frames_played_at([bad])
        for bad in (math.nan, math.inf):
            with pytest.raises(ValueError, match="not a time"):
                reader.get_frames_played_at([bad])
    untimed = opened_array(frames)
    assert (untimed.fps, untimed.pts, untimed.timestamps, untimed.time_base) == (None,) * 4
    with pytest.raises(ValueError, match="no times"):
        untimed.get_frames_played_at([0])


def test_only_what_is_needed_is_decoded():
    """Fragments that the box touches, at most 2 + ⌈log2 T⌉ frames of each for one frame, no chroma for gray."""
    planes = planes_of("yuv420p", 96, 64, 64)
    reader = opened_video("yuv420p", planes, fragment=(32, 32, 32))
    for t in range(0, 96, 5):
        reader.reset_stats()
        reader[t, :30, :30]
        assert reader.stats["fragments"] == 1
        assert reader.stats["frames"] <= 2 + math.ceil(math.log2(32))
    reader.reset_stats()
    reader[31:34, 31:33, 0]
    assert reader.stats["fragments"] == 4
    reader.reset_stats()
    reader.read((slice(None), slice(0, 8), slice(0, 8)), format="gray")
    luma = reader.stats["samples"]
    reader.reset_stats()
    reader[:, 0:8, 0:8]
    assert luma * 1.5 == reader.stats["samples"]
    reader.reset_stats()
    assert set(reader.stats.values()) == {0}
    reader[5:5], reader.read_planes((slice(0, 0), slice(None), slice(None)))
    assert set(reader.stats.values()) == {0}
