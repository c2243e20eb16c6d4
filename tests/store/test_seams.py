"""The filter of borders between fragments: what it changes and what not, and regions that are crops of the whole."""

import io
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag
from stfrag.cli import main
from stfrag.seams import Seam, filter_seams

LOSSY = {"codec": "stf", "qp": 40, "effort": 1}
#: Components, pixel format, bits and shifts of chroma.
KINDS = {
    "gray": (1, "gray", 8, (0, 0)),
    "gray10": (1, "gray10le", 10, (0, 0)),
    "420": (3, "yuv420p", 8, (1, 1)),
    "422": (3, "yuv422p", 8, (1, 0)),
    "444": (3, "yuv444p", 8, (0, 0)),
    "420p10": (3, "yuv420p10le", 10, (1, 1)),
    "444p12": (3, "yuv444p12le", 12, (0, 0)),
    "rgb": (3, "gbrp", 8, (0, 0)),
    "rgb10": (3, "gbrp10le", 10, (0, 0)),
    "420a": (4, "yuva420p", 8, (1, 1)),
}


def picture(t, y, x, bits=8, seed=0):
    """A smooth, moving surface with some noise: what shows borders."""
    rng = np.random.default_rng(seed)
    ti, yi, xi = np.ogrid[:t, :y, :x]
    top = (1 << bits) - 1
    value = 0.5 + 0.25 * np.sin((xi + 3 * ti) / (19 + seed)) + 0.2 * np.cos((yi - ti) / 23)
    return np.clip(np.rint(value * top + rng.normal(0, top / 50, (t, y, x))), 0, top).astype(
        np.uint8 if bits <= 8 else np.uint16
    )


def planes_of(kind, t, y, x):
    count, _, bits, (sx, sy) = KINDS[kind]
    return tuple(picture(t, *((-(-y >> sy), -(-x >> sx)) if c in (1, 2) else (y, x)), bits, c) for c in range(count))


def store(planes, kind="420", **options):
    file = io.BytesIO()
    with stfrag.create(file, pixel_format=KINDS[kind][1], fps=25, **options) as writer:
        writer.append(planes)
    return file.getvalue()


def root_mean_square(v, row, c):
    samples = int(row.t1 - row.t0)
    for axis, shift in zip("yx", shifts(v, c), strict=True):
        low, high = int(row[f"{axis}0"]), int(row[f"{axis}1"])
        samples *= -(-high >> shift) - (low >> shift)
    return (int(row.sse[c]) / samples) ** 0.5 * (1 + 1e-12)  # halves of 1/256 are rounded up


def shifts(v, c):
    """Of a plane: rows, columns."""
    return v.opened().fmt.shift(c)


def seams_from_index(v, c, t):
    """The borders of plane c in frame t, from the index alone."""
    rows = [row for row in v.index if row.t0 <= t < row.t1]
    shift = dict(zip("yx", shifts(v, c), strict=True))
    ends = {"y": v.shape[1], "x": v.shape[2]}

    def span(row, axis):
        low, high = int(row[f"{axis}0"]), int(row[f"{axis}1"])
        return low >> shift[axis], -(-min(high, ends[axis]) >> shift[axis])

    for axis, number, along in (("x", 2, "y"), ("y", 1, "x")):
        for a in rows:
            for b in rows:
                if a[f"{axis}1"] != b[f"{axis}0"]:
                    continue
                begin = max(span(a, along)[0], span(b, along)[0])
                end = min(span(a, along)[1], span(b, along)[1])
                reach = tuple(min(8, (high - low) // 2) for low, high in (span(a, axis), span(b, axis)))
                if begin < end and min(reach) >= 4:
                    noise = root_mean_square(v, a, c), root_mean_square(v, b, c)
                    yield Seam(number, span(b, axis)[0], noise, begin, end, reach)


def crop(plane, box, shift):
    (t0, t1), *spatial = box
    return plane[(slice(t0, t1), *(slice(a >> s, -(-b >> s)) for (a, b), s in zip(spatial, shift, strict=True)))]


def assert_regions_are_crops(data, v, whole, rgb=None):
    """A random region, often a thin one, of all planes and as RGB."""
    box = []
    for size in (len(v), *v.opened().shape_of(v.opened().default())[1:3]):
        low = data.draw(st.integers(0, size - 1))
        length = data.draw(st.integers(1, 20) | st.integers(1, size))
        box.append((low, min(low + length, size)))
    region = tuple(slice(*axis) for axis in box)
    for c, plane in enumerate(v.read_planes(region, seams=True)):
        np.testing.assert_array_equal(plane, crop(whole[c], box, shifts(v, c)))
    if rgb is not None:
        np.testing.assert_array_equal(v.read(region, seams=True), rgb[region])


# ----------------------------------------------------------------------------------------------------- the filter


def filter_line(line, noise, top):
    """What docs/lossy.md says of a line of 16 samples."""
    before, after = (n * n * 256 for n in noise)
    sigma = math.isqrt((before + after) // 2)  # in 1/16
    s = [int(v) for v in line]
    busy = max(abs(s[k + 1] - s[k]) for k in (4, 5, 6, 8, 9, 10))
    levels = (
        (1, (25, 18, 13, 10, 7, 5, 3, 1)),
        (2, (24, 12, 6, 3, 1, 0, 0, 0)),
        (4, (20, 6, 1, 0, 0, 0, 0, 0)),
        (8, (12, 1, 0, 0, 0, 0, 0, 0)),
    )
    parts = next((parts for halves, parts in levels if 32 * busy < halves * sigma), None)
    if parts is None:
        return s
    size = abs(s[8] - s[7])
    step = min(size, max(2 * ((sigma + 2) // 4) - size, 0)) * (1 if s[8] > s[7] else -1)
    out = list(s)
    for i, part in enumerate(parts):
        for at, noise_there, sign in ((7 - i, before, 1), (8 + i, after, -1)):
            share = (2 * (noise_there << 15) + before + after) // (2 * (before + after))  # in 1/32768
            weight = (part * share + 16) >> 5
            out[at] = min(max(s[at] + sign * ((step * weight + (1 << 14)) >> 15), 0), top)
    return out


@pytest.mark.parametrize(("dtype", "bits"), [("uint8", 8), ("uint16", 8), ("uint16", 10), ("uint16", 12)])
@pytest.mark.parametrize("noise", [(2, 2), (4, 1), (0, 3), (16, 16)])
def test_every_line_is_what_the_text_says(dtype, bits, noise):
    rng = np.random.default_rng(bits)
    top = (1 << bits) - 1
    texture = rng.integers(0, 2 + 6 * (np.arange(200) % 5)[:, None] ** 2, (200, 16))
    lines = np.clip(
        rng.integers(0, top, (200, 1)) + texture + (np.arange(16) >= 8) * rng.integers(-40, 40, (200, 1)), 0, top
    ).astype(dtype)
    expected = np.array([filter_line(line, noise, top) for line in lines])
    got = lines.copy()
    filter_seams(got, [Seam(2, 8, noise)], bits)
    np.testing.assert_array_equal(got, expected)
    turned = lines.T.copy()
    filter_seams(turned, [Seam(1, 8, noise)], bits)
    np.testing.assert_array_equal(turned.T, expected)


def test_strides_and_frames_do_not_matter():
    plane = picture(3, 40, 50)
    plane[:, :, 25:] += 4
    expected = plane.copy()
    seams = [Seam(1, 20, (3, 3), 5, 33), Seam(2, 25, (3, 2), reach=(6, 8))]
    filter_seams(expected, seams)
    assert (expected != plane).any()
    big = np.zeros((3, 80, 150), np.uint8)
    view = big[:, ::-2, 2::3]
    view[...] = plane
    filter_seams(view, seams[::-1])
    np.testing.assert_array_equal(view, expected)
    for frame, want in zip(plane, expected, strict=True):
        filter_seams(frame, seams)
        np.testing.assert_array_equal(frame, want)
    big[:, ::-2, 2::3] = 0
    assert not big.any()  # nothing beside the view was written


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"seams": [Seam(2, 3, (1, 1))]}, ValueError, "not inside"),
        ({"seams": [Seam(2, 57, (1, 1))]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 20, (1, 1), 0, 61)]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 20, (1, 1), reach=(3, 8))]}, ValueError, "less than 4"),
        ({"seams": [Seam(0, 20, (1, 1))]}, ValueError, "axis=0"),
        ({"seams": [Seam(1, 20, (-1, 1))]}, ValueError, "negative"),
        ({"seams": [Seam(1, 20, (float("nan"), 1))]}, ValueError, "noise"),
        ({"seams": [Seam(1, 20, (1, 1), 0, -1)]}, ValueError, "negative"),
        ({"seams": [Seam(1, 20, (1, 1), 0, 1 << 40)]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 1 << 40, (1, 1))]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 20, (1, 1), reach=(300, 8))]}, ValueError, "at most 8"),
        ({"seams": [Seam(1, 20, (1, 1), reach=(8,))]}, ValueError, "two numbers"),
        ({"seams": [Seam(1, 20, (1, 1), reach=8)]}, TypeError, "two numbers"),
        ({"seams": [Seam(1, 20, 3)]}, TypeError, "two numbers"),
        ({"seams": [Seam(1, 20, ("a", 1))]}, TypeError, "two numbers"),
        ({"seams": [Seam(1, 16.5, (1, 1))]}, TypeError, "at=16.5 is not an integer"),
        ({"seams": [(1, 20, (1, 1))]}, TypeError, "not a Seam"),
        ({"bits": -1}, ValueError, "bits"),
        ({"bits": 1 << 40}, ValueError, "bits"),
        ({"bits": 8.0}, TypeError, "bits"),
        ({"plane": np.full((40, 60), 4096, np.uint16)}, ValueError, "12 bits 4095 is the largest: give bits="),
        ({"plane": np.full((40, 60), 1024, np.uint16), "bits": 10}, ValueError, "10 bits 1023"),
        ({"plane": np.zeros((40, 60), np.float32)}, TypeError, "float32"),
        ({"plane": np.zeros(40, np.uint8)}, TypeError, "1 axes"),
        ({"bits": 9}, ValueError, "bits"),
        ({"plane": np.zeros((40, 60), np.uint16), "bits": 13}, ValueError, "bits"),
    ],
)
def test_what_the_filter_refuses(change, error, match):
    given = {"plane": np.zeros((40, 60), np.uint8), "seams": [Seam(2, 30, (1, 1))], **change}
    before = given["plane"].copy()
    with pytest.raises(error, match=match):
        filter_seams(**given)
    np.testing.assert_array_equal(given["plane"], before)


def test_borders_of_any_integers():
    plane = picture(1, 40, 60)[0]
    expected = plane.copy()
    filter_seams(expected, [Seam(2, 30, (2, 3), 1, 39)])
    eights = np.array([8, 8])
    filter_seams(plane, [Seam(np.int8(2), np.uint16(30), np.array([2, 3]), np.int64(1), np.int64(39), eights)])
    np.testing.assert_array_equal(plane, expected)


def test_what_cannot_be_written_is_refused():
    plane = np.zeros((40, 60), np.uint8)
    plane.flags.writeable = False
    with pytest.raises(ValueError, match="not writable"):
        filter_seams(plane, [Seam(2, 30, (1, 1))])


# -------------------------------------------------------------------------------------------------------- reading


@pytest.fixture(scope="module")
def stores():
    """By kind: an open store of 5 frames of 70×101, its planes with seams, and as RGB."""
    found = {}
    for kind in KINDS:
        v = stfrag.open(store(planes_of(kind, 5, 70, 101), kind, fragment=(3, 32, 48), **LOSSY))
        found[kind] = v, v.read_planes(seams=True), None if kind.startswith("gray") else v.read(seams=True)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_read_filters_the_borders_of_the_index(stores, kind):
    v, whole, _ = stores[kind]
    for c, plain in enumerate(v.read_planes()):
        expected = plain.copy()
        for t in range(len(v)):
            filter_seams(expected[t], list(seams_from_index(v, c, t)), KINDS[kind][2])
        np.testing.assert_array_equal(whole[c], expected)
        assert (whole[c] != plain).any() or (kind == "420a" and c == 3)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_region_is_the_crop_of_the_whole(stores, kind, data):
    assert_regions_are_crops(data, *stores[kind])


@pytest.mark.parametrize("kind", ["420", "gray10", "rgb"])
def test_every_way_of_reading(stores, kind):
    v, whole, rgb = stores[kind]
    everything = whole[0] if rgb is None else rgb
    again = pickle.loads(pickle.dumps(v))
    opened = stfrag.open(again._source, seams=True)
    assert (v[...] != everything).any()
    np.testing.assert_array_equal(v[...], v.read(seams=False))
    np.testing.assert_array_equal(opened[...], everything)
    np.testing.assert_array_equal(opened.read(), everything)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(opened))[1:3], everything[1:3])
    np.testing.assert_array_equal(opened.read(seams=False), v[...])
    np.testing.assert_array_equal(np.stack(list(opened)), everything)
    numbers = [4, 0, 0, 3, 4]
    np.testing.assert_array_equal(v.get_frames_at(numbers, seams=True), everything[numbers])
    np.testing.assert_array_equal(opened.get_frames_at(numbers), everything[numbers])
    np.testing.assert_array_equal(v.get_frames_played_at([0.1, 0], seams=True), everything[[2, 0]])
    np.testing.assert_array_equal(v.get_frames_in_range(1, 5, 2, seams=True), everything[1:5:2])
    region = (slice(None, None, -2), slice(60, 5, -7), slice(3, None, 2))
    np.testing.assert_array_equal(v.read(region, seams=True), everything[region])
    np.testing.assert_array_equal(v.read((2, 33, 47), seams=True), everything[2, 33, 47])
    out = np.zeros((5, 140, 101, *everything.shape[3:]), everything.dtype)[:, ::-2]
    assert v.read(out=out, seams=True) is out
    np.testing.assert_array_equal(out, everything)
    if rgb is not None and kind != "rgb":
        np.testing.assert_array_equal(v.read(format="gray", seams=True), whole[0])


def test_interleaved_arrays():
    array = np.stack(planes_of("rgb", 4, 50, 60), axis=-1)
    file = io.BytesIO()
    stfrag.save(file, array, fragment=(4, 25, 30), **LOSSY)
    v = stfrag.open(file.getvalue())
    whole, planes = v.read(seams=True), v.read_planes(seams=True)
    assert (whole != v[...]).any()
    for c in range(3):
        np.testing.assert_array_equal(whole[..., c], planes[c])
        np.testing.assert_array_equal(v.read((..., c), seams=True), planes[c])
    np.testing.assert_array_equal(
        v.read((slice(1, 3), slice(20, 31), slice(29, 40)), seams=True), whole[1:3, 20:31, 29:40]
    )


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "av1"])
def test_other_codecs(codec):
    coded = pytest.importorskip("coded")
    coded.needs(codec)
    v = stfrag.open(store(planes_of("420", 4, 128, 128), fragment=(4, 64, 64), codec=codec, quality=10, effort=1))
    plain, whole = v.read_planes(), v.read_planes(seams=True)
    for c in range(3):
        expected = plain[c].copy()
        filter_seams(expected, list(seams_from_index(v, c, 0)))
        np.testing.assert_array_equal(whole[c], expected)
    assert any((a != b).any() for a, b in zip(plain, whole, strict=True))
    rgb = v.read(seams=True)
    np.testing.assert_array_equal(v.read((2, slice(50, 70), slice(60, 61)), seams=True), rgb[2, 50:70, 60:61])


def test_threads_do_not_matter(stores):
    v, whole, _ = stores["420p10"]
    for threads in (1, 3):
        again = stfrag.open(v._source, num_threads=threads).read_planes(seams=True)
        for a, b in zip(again, whole, strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_lies_beside_is_decoded_only_within_reach(stores):
    v, *_ = stores["gray"]  # borders at 32, 64 and 48, 96

    def cost(rows, columns, **options):
        v.reset_stats()
        v.read((0, slice(*rows), slice(*columns)), **options)
        return v.stats["fragments"], v.stats["samples_out"]

    assert cost((0, 32), (0, 48)) == (1, 32 * 48)
    assert cost((0, 24), (0, 40), seams=True) == (1, 24 * 40)
    assert cost((0, 25), (0, 40), seams=True) == (2, 25 * 40)
    assert cost((0, 24), (0, 41), seams=True) == (2, 24 * 41)
    assert cost((0, 25), (0, 41), seams=True) == (4, 25 * 41)
    assert cost((40, 56), (56, 88), seams=True) == (1, 16 * 32)
    v, *_ = stores["420"]  # 8 samples of chroma
    assert cost((0, 16), (0, 32), seams=True) == (1, 16 * 32 * 3)
    assert cost((0, 17), (0, 32), seams=True) == (2, 17 * 32 * 3)
    assert cost((0, 17), (0, 32), format="gray", seams=True) == (1, 17 * 32)


# --------------------------------------------------------------------------------------------- what is not touched


@pytest.mark.parametrize("options", [{"max_error": 0}, {"max_error": 3}, {"codec": "ffv1"}], ids=str)
def test_lossless_and_near_lossless_are_not_touched(options):
    if options.get("codec"):
        pytest.importorskip("coded").needs("ffv1")
    v = stfrag.open(store(planes_of("420", 4, 64, 64), fragment=(4, 32, 32), **options))
    whole = v[...]
    v.reset_stats()
    np.testing.assert_array_equal(v.read(seams=True), whole)
    if "codec" in options or options["max_error"] == 0:  # nor is anything decoded for it
        v.reset_stats()
        v.read((0, slice(0, 31), slice(0, 31)), seams=True)
        assert v.stats["fragments"] == 1


def test_edges_of_the_picture_are_not_touched():
    """Two flat halves, and one busy beside a flat one, whose edge is where a border is."""
    plane = np.full((3, 64, 128), 60, np.uint8)
    plane[:, :, 64:] = 150
    v = stfrag.open(store((plane,), "gray", fragment=(3, 64, 64), codec="stf", qp=30))
    np.testing.assert_array_equal(v.read(seams=True), v[...])
    # Noise that is coded away makes the index say much noise; even then a step of a hundred is an edge.
    rng = np.random.default_rng(1)
    plane = (plane + rng.normal(0, 5, plane.shape)).round().astype(np.uint8)
    v = stfrag.open(store((plane,), "gray", fragment=(3, 64, 64), **LOSSY))
    assert root_mean_square(v, v.index[0], 0) > 3
    np.testing.assert_array_equal(v.read(seams=True), v[...])


def by_hand(boxes_of_slabs, size=(96, 96), t=2, lossless=(), kind="gray", sse=None):
    """A store of slabs of any boxes; those in `lossless` are. `sse`: what the index says instead of the truth."""
    planes = planes_of(kind, t * len(boxes_of_slabs), *size)
    shift = KINDS[kind][3]
    file = io.BytesIO()
    writer = stfrag.create(
        file, shape=(len(planes[0]), *size), pixel_format=KINDS[kind][1], fps=25, fragment=(t, 48, 48), **LOSSY
    )
    with writer:
        for number, boxes in enumerate(boxes_of_slabs):
            fragments = []
            for y0, y1, x0, x1 in boxes:
                time = slice(number * t, number * t + t)
                part = tuple(
                    p[time, y0 >> s[1] : -(-y1 >> s[1]), x0 >> s[0] : -(-x1 >> s[0])]
                    for p, s in ((p, shift if c in (1, 2) else (0, 0)) for c, p in enumerate(planes))
                )
                options = {"max_error": 0} if (y0, y1, x0, x1) in lossless else LOSSY
                data = stfrag.encode_planes(
                    part, subsampling={(0, 0): "444", (1, 1): "420"}[shift], bits=KINDS[kind][2], **options
                )
                both = zip(part, stfrag.decode_planes(data), strict=True)
                errors = [int(((a.astype(int) - b) ** 2).sum()) if sse is None else sse for a, b in both]
                fragments.append((data, (y0, y1, x0, x1), 0, errors))
            writer.append_coded(t, fragments, None, None)
    return stfrag.open(file.getvalue())


IRREGULAR = [
    [(0, 96, 0, 32), (0, 40, 32, 96), (40, 96, 32, 64), (40, 96, 64, 96)],
    [(0, 96, 0, 96)],
    [(0, 96, 0, 48), (0, 96, 48, 54), (0, 96, 54, 96)],  # 6 columns are too few to be filtered
    [(0, 10, 0, 96), (10, 30, 0, 96), (30, 96, 0, 20), (30, 96, 20, 96)],
]


@pytest.fixture(scope="module", params=["gray", "420"])
def irregular(request):
    v = by_hand(IRREGULAR, kind=request.param)
    return v, v.read_planes(seams=True), None


def test_any_grid(irregular):
    v, whole, _ = irregular
    for c, plain in enumerate(v.read_planes()):
        expected = plain.copy()
        for t in range(len(v)):
            filter_seams(expected[t], list(seams_from_index(v, c, t)))
        np.testing.assert_array_equal(whole[c], expected)
        np.testing.assert_array_equal(whole[c][2:4], plain[2:4])  # one fragment has no border
        assert (whole[c][:2] != plain[:2]).any()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_grid_has_crops(irregular, data):
    assert_regions_are_crops(data, *irregular)


def test_an_exact_side_is_not_touched():
    boxes = [(0, 96, 0, 48), (0, 96, 48, 96)]
    v = by_hand([boxes], lossless=[boxes[0]])
    (plain,), (whole,) = v.read_planes(), v.read_planes(seams=True)
    np.testing.assert_array_equal(whole[:, :, :48], plain[:, :, :48])
    assert (whole[:, :, 48:56] != plain[:, :, 48:56]).any()
    np.testing.assert_array_equal(whole[:, :, 56:], plain[:, :, 56:])


# --------------------------------------------------------------------------------------------------- what it is for


@pytest.mark.parametrize("kind", ["gray", "420", "420p10", "rgb"])
def test_it_takes_out_steps_and_errors(kind):
    """The figures of tests/acceptance/seams.py, on made-up pictures: steps of the error, and errors near borders."""
    planes = planes_of(kind, 6, 128, 128)
    v = stfrag.open(store(planes, kind, fragment=(6, 64, 64), **LOSSY))
    for c, (source, off, on) in enumerate(zip(planes, v.read_planes(), v.read_planes(seams=True), strict=True)):
        at = 64 >> shifts(v, c)[1]

        def step(a, source=source, at=at):
            error = a.astype(np.int64) - source
            return abs(error[:, :, at] - error[:, :, at - 1]).mean()

        def near(a, source=source, at=at):
            return ((a[:, :, at - 8 : at + 8].astype(np.int64) - source[:, :, at - 8 : at + 8]) ** 2).mean()

        assert step(on) < step(off)
        assert near(on) < near(off)


def test_figures_are_those_before_the_filter(stores):
    v, whole, _ = stores["gray"]
    source, plain = planes_of("gray", 5, 70, 101)[0].astype(np.int64), v[...]
    assert int(v.index.sse.sum()) == ((source - plain) ** 2).sum() != ((source - whole[0]) ** 2).sum()


# ----------------------------------------------------------------------------------------------- video, command line


def decoded(path):
    with stfrag.open(path) as v:
        return v.read_planes()


def test_videos_are_filtered_unless_told(tmp_path, stores):
    pytest.importorskip("av")
    v, whole, _ = stores["420"]
    plain = v.read_planes()
    for options, expected, exact in (
        ({}, whole, False),
        ({"seams": True}, whole, False),
        ({"seams": False}, plain, True),
    ):
        report = stfrag.to_video(v, tmp_path / "a.mkv", **options)
        assert report.exact is exact
        stfrag.from_video(tmp_path / "a.mkv", tmp_path / "a.stf", max_error=0)
        for a, b in zip(decoded(tmp_path / "a.stf"), expected, strict=True):
            np.testing.assert_array_equal(a, b)
    stfrag.to_video(v, tmp_path / "a.mkv", region=(slice(1, 4), slice(20, 40), slice(40, 60)))
    stfrag.from_video(tmp_path / "a.mkv", tmp_path / "a.stf", max_error=0)
    for a, b, shift in zip(decoded(tmp_path / "a.stf"), whole, (0, 1, 1), strict=True):
        np.testing.assert_array_equal(a, b[1:4, 20 >> shift : 40 >> shift, 40 >> shift : 60 >> shift])


@pytest.mark.parametrize("options", [{"max_error": 0}, {"max_error": 2}])
def test_videos_of_what_is_bounded_are_exact(tmp_path, options):
    pytest.importorskip("av")
    data = store(planes_of("420", 3, 48, 64), fragment=(3, 16, 16), **options)
    assert stfrag.to_video(stfrag.open(data), tmp_path / "a.mkv").exact
    assert stfrag.to_video(
        stfrag.open(store(planes_of("420", 3, 48, 64), fragment=(3, 48, 64), **LOSSY)), tmp_path / "a.mkv"
    ).exact  # one fragment has no border


def test_command_line(tmp_path, capsys, stores):
    pytest.importorskip("av")
    v, whole, rgb = stores["420"]
    source = tmp_path / "a.stf"
    source.write_bytes(bytes(v._source))

    def array(*words):
        assert main([words[0], str(source), str(tmp_path / "a.npy"), "--force", "-q", *words[1:]]) == 0
        return np.load(tmp_path / "a.npy")

    np.testing.assert_array_equal(array("decode"), v[...])
    np.testing.assert_array_equal(array("decode", "--no-seams"), v[...])
    np.testing.assert_array_equal(array("decode", "--seams"), rgb)
    np.testing.assert_array_equal(array("extract", "--region", "1:3,20:40,40:60", "--seams"), rgb[1:3, 20:40, 40:60])
    for words, expected in (([], whole), (["--seams"], whole), (["--no-seams"], v.read_planes())):
        assert main(["decode", str(source), str(tmp_path / "a.mkv"), "--force", "-q", *words]) == 0
        again = [str(tmp_path / "a.mkv"), str(tmp_path / "b.stf")]
        assert main(["encode", *again, "--max-error", "0", "--force", "-q"]) == 0
        for a, b in zip(decoded(tmp_path / "b.stf"), expected, strict=True):
            np.testing.assert_array_equal(a, b)
    capsys.readouterr()
    assert main(["decode", str(source), str(tmp_path / "a.npy"), "--force", "--json", "--seams"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] > 0


@pytest.mark.parametrize("value", [1, "yes", 0.0, []])
def test_only_a_bool_says_whether(tmp_path, stores, value):
    v, *_ = stores["gray"]
    for call in (
        lambda: v.read(seams=value),
        lambda: v.read_planes(seams=value),
        lambda: v.get_frames_at([0], seams=value),
        lambda: v.get_frames_played_at([0], seams=value),
        lambda: v.get_frames_in_range(0, 1, seams=value),
        lambda: stfrag.open(v._source, seams=value),
    ):
        with pytest.raises(TypeError, match="must be True or False"):
            call()
    pytest.importorskip("av")
    with pytest.raises(TypeError, match="must be True or False"):
        stfrag.to_video(v, tmp_path / "a.mkv", seams=value)


def test_damage_beside_a_region_is_named(stores):
    """A region with seams needs its neighbours: if one is broken the read says which."""
    v, *_ = stores["gray"]
    data = bytearray(v._source)
    row = v.index[1]
    data[int(row.offset) + int(row.bytes) // 2] ^= 0xFF
    broken = stfrag.open(bytes(data))
    region = (0, slice(0, 24), slice(0, 48))
    np.testing.assert_array_equal(broken.read(region), v.read(region))
    with pytest.raises(stfrag.CorruptFragmentError, match="fragment 1"):
        broken.read(region, seams=True)


def test_what_a_repair_lost_is_no_neighbour(stores, tmp_path):
    v, *_ = stores["gray"]
    data = bytearray(v._source)
    row = v.index[1]
    data[int(row.offset) + int(row.bytes) // 2] ^= 0xFF
    (tmp_path / "broken.stf").write_bytes(data)
    assert stfrag.repair(tmp_path / "broken.stf", tmp_path / "a.stf")["fragments_lost"] == 1
    with stfrag.open(tmp_path / "a.stf") as repaired:
        beside = repaired.read((0, slice(0, 24), slice(0, 48)), seams=True)
        np.testing.assert_array_equal(beside, v[0, :24, :48])  # as if it ended there
        with pytest.raises(stfrag.CorruptFragmentError):
            repaired.read((0, slice(0, 24), slice(0, 49)), seams=True)


def test_an_error_that_is_too_small_to_be_noise():
    """The index says of one sample that it is off; nothing is filtered, and nothing beside a region is read."""
    v = by_hand([[(0, 96, 0, 48), (0, 96, 48, 96)]], sse=1)
    np.testing.assert_array_equal(v.read(seams=True), v[...])
    v.reset_stats()
    np.testing.assert_array_equal(v.read((0, slice(3, 50), slice(0, 47)), seams=True), v[0, 3:50, :47])
    assert v.stats["fragments"] == 2  # one for either read


@pytest.mark.parametrize(("dtype", "bits"), [(np.int8, 8), (np.int16, 12)])
def test_samples_with_a_sign_are_filtered_too(dtype, bits):
    """A store of them is as one of what they would be without it, moved by half of the range."""
    y, x = np.mgrid[:48, :64]
    half = 1 << bits - 1
    plain = np.stack([half + half * 0.6 * np.sin(x / 23 + t / 9) * np.cos(y / 31) for t in range(5)])
    plain = plain.astype(np.uint8 if bits == 8 else np.uint16)
    read = {}
    for name, array in (("plain", plain), ("signed", (plain.astype(int) - half).astype(dtype))):
        stfrag.save(file := io.BytesIO(), array, fragment=(5, 16, 16), quality=15, bits=bits)
        with stfrag.open(file.getvalue()) as v:
            read[name] = v.read(seams=True)
            assert (read[name] != v[:]).any()
    np.testing.assert_array_equal(read["signed"].astype(int) + half, read["plain"])
