"""Which borders are filtered: grids of any kind, and what is never touched."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.codecs import needs
from support.seams import KINDS, LOSSY, assert_regions_are_crops, planes_of, root_mean_square, seams_from_index, store

import stfrag
from stfrag.seams import filter_seams


@pytest.mark.parametrize("options", [{"max_error": 0}, {"max_error": 3}, {"codec": "ffv1"}], ids=str)
def test_lossless_and_near_lossless_are_not_touched(options):
    if options.get("codec"):
        needs("ffv1")
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


def test_an_error_that_is_too_small_to_be_noise():
    """The index says of one sample that it is off; nothing is filtered, and nothing beside a region is read."""
    v = by_hand([[(0, 96, 0, 48), (0, 96, 48, 96)]], sse=1)
    np.testing.assert_array_equal(v.read(seams=True), v[...])
    v.reset_stats()
    np.testing.assert_array_equal(v.read((0, slice(3, 50), slice(0, 47)), seams=True), v[0, 3:50, :47])
    assert v.stats["fragments"] == 2  # one for either read
