"""stfrag.tiling: exact cover, views, halo, planes, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stfrag import tiling
from stfrag.model.formats import SUBSAMPLINGS
from stfrag.tiling import Box

shapes = st.tuples(st.integers(1, 90), st.integers(1, 70), st.integers(1, 70))
pieces = st.tuples(st.integers(1, 40), st.integers(1, 80), st.integers(1, 80))
halos = st.one_of(st.integers(0, 5), st.tuples(*[st.integers(0, 90)] * 3))
layouts = st.sampled_from(["balanced", "frame", "time", "compact"])


def numbered(shape, dtype=np.uint32):
    return np.arange(np.prod(shape), dtype=dtype).reshape(shape)


@settings(max_examples=80, deadline=None)
@given(shapes, pieces, halos, st.sampled_from([(), (3,), (2, 2)]))
def test_cut_and_merge(shape, fragment, halo, rest):
    array = numbered(shape + rest)
    fragments, boxes = tiling.cut(array, fragment, halo=halo)
    margin = halo if isinstance(halo, tuple) else (halo,) * 3
    for part, box in zip(fragments, boxes, strict=True):
        assert all(n <= limit for n, limit in zip(box.shape, fragment, strict=True))
        assert np.shares_memory(part, array)
        outer = box.grow(margin, shape)
        assert np.array_equal(part, array[outer.slices])
    order = np.random.default_rng(0).permutation(len(boxes))
    merged = tiling.merge((fragments[i] for i in order), [boxes[i] for i in order], array.shape, halo=halo)
    assert merged.dtype == array.dtype
    assert np.array_equal(merged, array)
    if margin == (0, 0, 0):
        assert sum(part.size for part in fragments) == array.size
        assert np.array_equal(tiling.merge(fragments, boxes), array)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(1, 700), st.integers(1, 3000), st.integers(1, 3000)),
    layouts,
    st.sampled_from(sorted(SUBSAMPLINGS)),
)
def test_layouts_balance(shape, layout, subsampling):
    boxes = tiling.grid(shape, layout=layout, subsampling=subsampling)
    tiling.check_cover(boxes, shape)
    nominal = {
        "balanced": (32, 256, 256),
        "frame": (8, *shape[1:]),
        "time": (256, 64, 64),
        "compact": (64, 512, 512),
    }[layout]
    sub_x, sub_y = SUBSAMPLINGS[subsampling]
    for box in boxes:
        for n, size, piece in zip(box.shape, shape, nominal, strict=True):
            assert n <= 1.5 * piece
            assert 2 * n >= min(piece, size)
        assert box.y0 % (1 << sub_y) == 0
        assert box.x0 % (1 << sub_x) == 0


@settings(max_examples=60, deadline=None)
@given(
    shapes,
    st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20)),
    st.integers(0, 9),
    st.sampled_from(sorted(SUBSAMPLINGS)),
    st.sampled_from([1, 2, 3, 4]),
)
def test_planes(shape, fragment, halo, subsampling, count):
    sub_x, sub_y = SUBSAMPLINGS[subsampling]
    t, y, x = shape
    small = (t, -(-y >> sub_y), -(-x >> sub_x))
    planes = tuple(numbered(small if count >= 3 and i in (1, 2) else shape) + i for i in range(count))
    fragment = (fragment[0], fragment[1] << 2, fragment[2] << 2)
    fragments, boxes = tiling.cut(planes, fragment, halo=halo, subsampling=subsampling)
    out = tuple(np.zeros_like(plane) for plane in planes)
    merged = tiling.merge(fragments, boxes, shape, halo=halo, subsampling=subsampling, out=out)
    assert merged is out
    for a, b in zip(merged, planes, strict=True):
        assert np.array_equal(a, b)


def test_irregular_cover():
    array = numbered((4, 6, 6))
    boxes = [Box(0, 4, 0, 6, 0, 1), Box(0, 2, 0, 2, 1, 6), Box(0, 2, 2, 6, 1, 6), (2, 4, 0, 6, 1, 6)]
    parts = [array[Box(*box).slices] for box in boxes]
    assert np.array_equal(tiling.merge(parts, boxes), array)


def test_views_write_through():
    array = np.zeros((2, 4, 4))
    fragments, _ = tiling.cut(array, (1, 2, 2))
    for number, part in enumerate(fragments):
        part[:] = number
    assert array[1, 3, 3] == 7


def test_dtypes_are_free():
    for dtype in (bool, np.int8, np.float64, np.complex64, "U3", [("a", "u1"), ("b", "f4")]):
        array = np.zeros((3, 5, 7), dtype)
        merged = tiling.merge(*tiling.cut(array, (2, 2, 2)))
        assert merged.dtype == array.dtype


ARRAY = numbered((4, 8, 8))
TILES = tiling.cut(ARRAY, (4, 4, 8))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: tiling.cut(ARRAY[0], (1, 1, 1)), ValueError, "three axes"),
        (lambda: tiling.cut(ARRAY[:0], (1, 1, 1)), ValueError, "each from 1"),
        (lambda: tiling.cut(ARRAY, (0, 1, 1)), ValueError, "from 1 on"),
        (lambda: tiling.cut(ARRAY, (1.5, 1, 1)), TypeError, "three integers"),
        (lambda: tiling.cut(ARRAY, layout="square"), ValueError, "none of"),
        (lambda: tiling.cut(ARRAY, (1, 1, 1), "frame"), ValueError, "exclude each other"),
        (lambda: tiling.cut(ARRAY, (1, 1, 1), halo=-1), ValueError, "from 0 on"),
        (lambda: tiling.cut(ARRAY, (1, 1, 1), halo=(1, 2)), ValueError, "three integers"),
        (lambda: tiling.cut(ARRAY, (1, 1, 1), halo="a"), TypeError, "integer"),
        (lambda: tiling.cut((ARRAY,) * 3, (4, 3, 4), subsampling="420"), ValueError, "goes with"),
        (lambda: tiling.grid((4, 8, 8), (4, 3, 4), subsampling="420"), ValueError, "multiple of the chroma"),
        (lambda: tiling.grid((4, 8, 8), subsampling="421"), ValueError, "none of"),
        (lambda: tiling.grid((4, 8)), ValueError, "frames, rows, columns"),
        (lambda: tiling.merge([], []), ValueError, "no boxes"),
        (lambda: tiling.merge(TILES.fragments[:1], TILES.boxes), ValueError, "only 1 fragments"),
        (lambda: tiling.merge(TILES.fragments * 2, TILES.boxes), ValueError, "more fragments"),
        (lambda: tiling.merge(TILES.fragments[:1], TILES.boxes[:1], (4, 8, 8)), ValueError, "gap at frame 0, row 4"),
        (lambda: tiling.merge(TILES.fragments * 2, TILES.boxes * 2), ValueError, "overlap at frame 0, row 0"),
        (lambda: tiling.merge(TILES.fragments, TILES.boxes, (4, 7, 8)), ValueError, "not inside"),
        (lambda: tiling.merge(TILES.fragments, [(0, 0, 0, 4, 0, 8), TILES.boxes[1]]), ValueError, "empty"),
        (lambda: tiling.merge(TILES.fragments, [(0, 4), (1, 2)]), TypeError, "six integers"),
        (lambda: tiling.merge(TILES.fragments, TILES.boxes, halo=1), ValueError, "fragment 0 has shape"),
        (
            lambda: tiling.merge([TILES.fragments[0], TILES.fragments[1] * 1.0], TILES.boxes),
            TypeError,
            "dtype float64",
        ),
        (lambda: tiling.merge(*TILES, out=np.zeros((4, 8, 9), np.uint32)), ValueError, "out has not the shape"),
        (
            lambda: tiling.merge(
                [(a,) * 3 for a in TILES.fragments], [(0, 4, 0, 3, 0, 8), (0, 4, 3, 8, 0, 8)], subsampling="420"
            ),
            ValueError,
            "inside of a chroma sample",
        ),
    ],
)
def test_bad_arguments(call, error, match):
    with pytest.raises(error, match=match):
        call()
