"""Weights: bits go where they are wanted, over space and over time."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from support.rates import ARRAY, CUT, LEFT_TOP, box, encode, info, saved

import stfrag
from stfrag import rates
from stfrag.model.weights import parse_weights


@pytest.mark.parametrize("scale", [2.0**-1000, 1, 2.0**900])
def test_weights_as_far_apart_as_can_be(scale):
    assert saved(ARRAY, weights=[[scale, scale * 2.0**60]], quality=50) == saved(
        ARRAY, weights=[[1, 2.0**60]], quality=50
    )


def test_weights_are_means_over_boxes():
    rng = np.random.default_rng(3)
    cells, (frames, y, x) = rng.uniform(0.1, 9, (3, 5, 7)), (12, 40, 28)
    fine = cells.repeat(4, 0).repeat(8, 1).repeat(4, 2)
    ends = np.sort(np.stack([rng.choice(size + 1, (50, 2), True) for size in (frames, y, x)], 1), 2)
    ends[..., 1] += ends[..., 0] == ends[..., 1]
    ends = np.minimum(ends, [[[frames], [y], [x]]])
    ends[..., 0] -= ends[..., 0] == ends[..., 1]
    expected = [fine[tuple(slice(*axis) for axis in box)].mean() for box in ends]
    found = parse_weights(cells).over(ends.reshape(50, 6), (frames, y, x))
    np.testing.assert_allclose(found, expected / np.exp(np.log(cells).mean()))


def test_weights_of_a_picture_need_one_reading(video):
    """They are the same all of the time, so the source need not seek, whether or not it has the methods."""

    class Pipe:
        def __init__(self):
            self.read = io.BytesIO(Path(video).read_bytes()).read

    class Unseekable(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *args):
            raise io.UnsupportedOperation("seek")

        tell = seek

    expected = io.BytesIO()
    stfrag.from_video(video, expected, weights=LEFT_TOP, quality=60, streams=False, **CUT)
    for source in (Pipe(), Unseekable(Path(video).read_bytes())):
        file = io.BytesIO()
        stfrag.from_video(source, file, weights=LEFT_TOP, quality=60, streams=False, **CUT)
        with stfrag.open(file.getvalue()) as v, stfrag.open(expected.getvalue()) as w:
            assert [v.fragment(i) for i in range(len(v.index))] == [w.fragment(i) for i in range(len(w.index))]


def part_psnr(data, y, x):
    with stfrag.open(data) as v:
        error = v[:, y, x].astype(np.int64) - ARRAY[:, y, x]
        return 10 * np.log10(255**2 / (error**2).mean())


def test_weights_move_bits():
    here = slice(0, 48), slice(0, 64)
    even, moved = (
        saved(ARRAY, target="bytes=25k", fragment=(8, 48, 64), **options) for options in ({}, {"weights": LEFT_TOP})
    )
    assert len(moved) == pytest.approx(25000, rel=0.004)
    assert part_psnr(moved, *here) > part_psnr(even, *here) + 2
    with stfrag.open(even) as a, stfrag.open(moved) as b:
        chosen = (a.index.y0 == 0) & (a.index.x0 == 0)
        assert b.index.bits[chosen].sum() > 1.2 * a.index.bits[chosen].sum()
        assert b.index.sse[~chosen].sum() > 1.1 * a.index.sse[~chosen].sum()
    scaled = saved(ARRAY, target="bytes=25k", fragment=(8, 48, 64), weights=1000 * LEFT_TOP)
    assert scaled == moved


@pytest.mark.parametrize("options", [{"codec": "stf", "qp": 30}, {"quality": 60}])
def test_weights_are_quantizers(options):
    """λ is proportional to 2^(QP/3), so a weight of w means QP − 3·log2(w)."""
    weights = np.array([[1.0, 4], [0.5, 2]])
    mean = np.exp(np.log(weights).mean())
    with stfrag.open(saved(ARRAY, weights=weights, **{**options, "fragment": (8, 48, 64)})) as v:
        base = v.info()["options"]["qp"]
        for i, row in enumerate(v.index):
            weight = weights[row.y0 // 48, row.x0 // 64] / mean
            qp = round(4 * base - 12 * np.log2(weight)) / 4
            assert v.fragment(i) == encode(box(ARRAY, row), codec="stf", qp=qp)


def test_weights_over_time(video):
    early = np.array([4.0, 1.0])[:, None, None]
    for data in (saved(ARRAY, weights=early, codec="stf", qp=30), saved(ARRAY, weights=early, target="psnr=36")):
        with stfrag.open(data) as v:
            first = v.index.t0 == 0
            assert v.index.sse[first].sum() < 0.6 * v.index.sse[~first].sum()
    file = io.BytesIO()
    stfrag.from_video(video, file, weights=early, quality=60, **CUT)
    with stfrag.open(file.getvalue()) as v:
        first = v.index.t1 <= 15
        early_psnr, late_psnr = (rates.psnr(v.index[rows], 8, "420", "6:1:1")[1] for rows in (first, ~first))
        assert early_psnr > late_psnr + 1
    with stfrag.create(io.BytesIO(), shape=ARRAY.shape, weights=early, quality=60) as w:
        w.append(ARRAY)
    with pytest.raises(ValueError, match="number of frames"):  # noqa: SIM117 - it fails with the first frames
        with stfrag.create(io.BytesIO(), weights=early, quality=60) as w:
            w.append(ARRAY)


def test_weights_of_a_stream():
    file = io.BytesIO()
    with stfrag.create(file, weights=LEFT_TOP, codec="stf", qp=30, **CUT) as w:
        for frame in ARRAY:
            w.append(frame)
    assert file.getvalue() == saved(ARRAY, weights=LEFT_TOP, codec="stf", qp=30)


def test_videos_are_lossy_where_weights_are_all_that_is_said(video):
    file = io.BytesIO()
    stfrag.from_video(video, file, weights=LEFT_TOP, **CUT)
    kept = info(file.getvalue())["options"]
    assert (kept["codec"], kept["quality"], kept["weights"]) == ("stf", 75, [1, 2, 2])
