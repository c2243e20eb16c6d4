"""Targets and weights: what is asked for is met, bits go where they are wanted, and all else is said."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import stfrag
from stfrag import rates
from stfrag.allocation.aims import Errors, QualityAim, RateAim
from stfrag.allocation.allocate import equal_slope, single_moves
from stfrag.allocation.curves import UNKNOWN, Curves
from stfrag.cli import main
from stfrag.model.target import parse_target
from stfrag.model.weights import parse_weights
from stfrag.native import store as _store


def clip(frames=16, y=96, x=128, bits=8, seed=1):
    """A picture whose parts are unlike each other: still and detailed, moving and smooth, noise of a camera."""
    rng = np.random.default_rng(seed)
    t, rows, columns = np.ogrid[:frames, :y, :x]
    still = 40 * rng.standard_normal((1, y, x)).cumsum(2) / np.sqrt(np.arange(1, x + 1))
    moving = 60 * np.sin((columns + 3 * t) / 7) * np.cos((rows - 2 * t) / 11)
    noise = rng.normal(0, 5, (frames, y, x))
    left, top = columns < x // 2, rows < y // 2
    video = 128 + np.where(left, still, moving) + np.where(top, noise, 0)
    scale = 1 << (bits - 8)
    return np.clip(video * scale, 0, (256 << (bits - 8)) - 1).astype(np.uint8 if bits == 8 else np.uint16)


ARRAY = clip()
EFFORT = 2
CUT = {"fragment": (8, 32, 48), "effort": EFFORT}


def saved(array, **options):
    file = io.BytesIO()
    stfrag.save(file, array, **{**CUT, **options})
    return file.getvalue()


def encode(array, **options):
    return stfrag.encode(array, effort=EFFORT, **options)


def info(data):
    with stfrag.open(data) as v:
        return v.info()


def reached(data, kind):
    found = info(data)
    return found["psnr"]["overall"] if kind == "psnr" else found["file_bytes"] if kind == "bytes" else found[kind]


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """yuv420p of an odd size, 30 frames, with times."""
    path = tmp_path_factory.mktemp("video") / "in.mkv"
    luma, chroma = clip(30, 95, 125), clip(30, 48, 63, seed=2)
    file = io.BytesIO()
    with stfrag.create(file, pixel_format="yuv420p", fps=25) as w:
        w.append((luma, chroma, chroma[:, ::-1]))
    stfrag.to_video(file.getvalue(), path)
    return str(path)


# ------------------------------------------------------------------------------------------------ what is asked for


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        ("psnr=40", "psnr", 40),
        ({"psnr": 40}, "psnr", 40),
        (" bytes = 2M ", "bytes", 2e6),
        ("bytes=1.5k", "bytes", 1500),
        ("bytes=2K", "bytes", 2000),
        ("bytes=1G", "bytes", 1e9),
        ("kbit_per_s=2M", "kbit_per_s", 2e6),
        ("bits_per_sample=.25", "bits_per_sample", 0.25),
        ({"bits_per_pixel": np.float32(0.5)}, "bits_per_pixel", 0.5),
    ],
)
def test_targets_are_understood(given, kind, value):
    found = parse_target(given)
    assert (found.kind, found.value) == (kind, value)
    assert parse_target(str(found)).value == pytest.approx(value)


def test_huge_targets_are_told_in_short():
    assert str(parse_target({"bytes": 123456789012345})) == "bytes=123456789012345"
    assert str(parse_target({"bytes": 1e300})) == "bytes=1e+300"


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ("40", ValueError, "a target is one of psnr"),
        ("quality=40", ValueError, "a target is one of psnr"),
        ("psnr=", ValueError, "not a number"),
        ("psnr=4x", ValueError, "not a number"),
        ("psnr=40k", ValueError, "not a number$"),
        ("bytes=2T", ValueError, "not a number, with k, M or G"),
        ({"bytes": 10**400}, ValueError, "too large"),
        ("bytes=-1", ValueError, "positive"),
        ("bytes=0", ValueError, "positive"),
        ("psnr=nan", ValueError, "finite"),
        ({"psnr": float("inf")}, ValueError, "finite"),
        ({"psnr": 40, "bytes": 1}, ValueError, "2 entries"),
        ({}, ValueError, "0 entries"),
        ({"size": 5}, ValueError, "a target is one of"),
        (40, TypeError, "neither"),
        ({"psnr": "40"}, TypeError, "not a number"),
        ({"psnr": True}, TypeError, "not a number"),
        ({"psnr": None}, TypeError, "not a number"),
    ],
)
def test_nonsense_targets(given, error, match):
    with pytest.raises(error, match=match):
        saved(ARRAY, target=given)


@pytest.mark.parametrize("other", [{"max_error": 0}, {"quality": 50}, {"qp": 30, "codec": "stf"}])
def test_one_of_them(other):
    with pytest.raises(ValueError, match="exclude each other"):
        saved(ARRAY, target="psnr=40", **other)


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        (np.ones(4), ValueError, "Y×X or T×Y×X"),
        (np.ones((1, 1, 1, 1)), ValueError, "Y×X or T×Y×X"),
        (np.ones((0, 3)), ValueError, "not of shape"),
        ([[1, 0]], ValueError, r"\[0, 1\] is 0"),
        ([[1, -2]], ValueError, "is -2"),
        ([[np.nan]], ValueError, "is nan"),
        ([[np.inf]], ValueError, "is inf"),
        ("map", TypeError, "real numbers"),
        ([[1j]], TypeError, "real numbers"),
        ([[1], [1, 2]], TypeError, "real numbers"),
        ([[1e-300, 1e300]], ValueError, r"2\^60 times"),
        ([[1, 2.0**61]], ValueError, r"2\^60 times"),
    ],
)
def test_nonsense_weights(given, error, match):
    with pytest.raises(error, match=match):
        saved(ARRAY, weights=given, quality=50)


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


# ------------------------------------------------------------------------------------------------ targets


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("psnr", 33),
        ("psnr", 41.5),
        ("bytes", 9000),
        ("bytes", 40000),
        ("bits_per_sample", 0.3),
        ("bits_per_pixel", 1.1),
    ],
)
@pytest.mark.parametrize(
    "array",
    [ARRAY, clip(17, 95, 131), clip(bits=10), np.stack([ARRAY, ARRAY[:, ::-1], 255 - ARRAY], -1)[:8]],
    ids=["gray", "odd", "10 bit", "RGB"],
)
def test_arrays_meet_targets(array, target, value):
    if target == "bytes":
        value = value * array.size / ARRAY.size
    data = saved(array, target={target: value}, bits=10 if array.dtype == np.uint16 else None)
    tolerance = 0.05 if target == "psnr" else 0.004 * value
    assert reached(data, target) == pytest.approx(value, abs=tolerance)
    with stfrag.open(data) as v:
        assert v.shape == array.shape
        assert v.index.codec.tolist() == ["stf"] * len(v.index)
        assert v.info()["options"]["target"] == {target: value}
        error = v[:].astype(np.int64) - array
        assert (error**2).sum() == v.index.sse.sum()
    assert stfrag.verify(data, deep=True).ok


@pytest.mark.parametrize(("target", "value"), [("psnr", 36), ("bytes", 30000), ("kbit_per_s", 300)])
def test_videos_meet_targets(video, tmp_path, target, value):
    out = tmp_path / "a.stf"
    report = stfrag.from_video(video, out, target=f"{target}={value}", **CUT)
    assert report.frames == 30
    assert report.bytes == out.stat().st_size
    assert reached(str(out), target) == pytest.approx(value, abs=0.05 if target == "psnr" else 0.004 * value)
    with stfrag.open(out) as v:
        np.testing.assert_allclose(v.timestamps, np.arange(30) / 25, atol=1e-9)
        assert v.info()["fps"] == 25
    assert [path.name for path in tmp_path.iterdir()] == ["a.stf"]


def test_videos_from_files_that_seek(video):
    file, out, other = io.BytesIO(Path(video).read_bytes()), io.BytesIO(), io.BytesIO()
    stfrag.from_video(file, out, target="psnr=35", **CUT)
    stfrag.from_video(video, other, target="psnr=35", **CUT)
    assert out.getvalue() == other.getvalue()


def test_stores_are_written_as_always():
    """Put together, a store is what a writer with these quantizers writes: nothing tells them apart."""
    data = saved(ARRAY, target="bytes=20k", num_threads=1)
    with stfrag.open(data) as v:
        low, high = (int(4 * qp) for qp in v.info()["options"]["qp_range"])
        choices = [
            {encode(box(ARRAY, row), codec="stf", qp=qp / 4): qp for qp in range(low, high + 1)} for row in v.index
        ]
        quantizers = [choice[v.fragment(i)] for i, choice in enumerate(choices)]
        native = v.opened().description.native
    assert (min(quantizers), max(quantizers)) == (low, high)
    file = io.BytesIO()
    w = _store.NativeWriter(
        file,
        (native["format"], native["size"][1:], native["fragment"], native["cuts"], (0, 0)),
        (0, EFFORT, -1, 0, 255, 0, 0, None),
        choose=lambda number, place: quantizers[number],
    )
    w.put_metadata(native["metadata"])
    w.append(native["format"], ARRAY.shape, (ARRAY,))
    w.finish(native["metadata"])
    assert file.getvalue() == data


def box(array, row):
    return array[row.t0 : row.t1, row.y0 : row.y1, row.x0 : row.x1]


def test_threads_change_nothing(video):
    assert len({saved(ARRAY, target="psnr=37", num_threads=n) for n in (1, 2, 5)}) == 1
    stores = []
    for n in (1, 3):
        file = io.BytesIO()
        stfrag.from_video(video, file, target="bytes=25k", num_threads=n, weights=[[1, 3]], **CUT)
        stores.append(file.getvalue())
    assert stores[0] == stores[1]


@pytest.mark.parametrize(("qp", "gain"), [(22, 0.3), (28, 0.1), (34, 0.02)])
def test_equal_slope_beats_one_qp_for_all(qp, gain):
    plain = info(saved(ARRAY, codec="stf", qp=qp))
    smaller = info(saved(ARRAY, target={"psnr": plain["psnr"]["overall"]}))
    assert smaller["fragment_bytes"] < plain["fragment_bytes"]
    better = info(saved(ARRAY, target={"bytes": plain["fragment_bytes"] + smaller["overhead_bytes"]}))
    assert better["fragment_bytes"] <= 1.005 * plain["fragment_bytes"]
    assert better["psnr"]["overall"] > plain["psnr"]["overall"] + gain


def test_equal_slope_beats_equal_quality():
    """Every fragment at the same PSNR, as near as its steps come, costs more than all at equal slope."""
    with stfrag.open(saved(ARRAY, codec="stf", qp=0)) as v:
        rows = v.index
    size = sse = 0.0
    for row in rows:
        part = box(ARRAY, row)
        coded = encode(part, target="psnr=36")
        size += len(coded)
        sse += float(((stfrag.decode(coded).astype(np.int64) - part) ** 2).sum())
    psnr = 10 * np.log10(255**2 * ARRAY.size / sse)
    with stfrag.open(saved(ARRAY, target={"psnr": psnr})) as v:
        assert v.index.bytes.sum() < 0.97 * size


def test_single_fragments():
    part = ARRAY[:6, :40, 40:90]
    every = {}
    for step in range(256):
        coded = encode(part, codec="stf", qp=step / 4)
        error = stfrag.decode(coded).astype(np.int64) - part
        every[step] = len(coded), 10 * np.log10(255**2 * part.size / (error**2).sum())
    sizes, psnrs = np.array(list(every.values())).T
    for target, value, found, slack in (
        ("bytes", 1500, sizes, 8),
        ("psnr", 38, psnrs, 0.02),
        ("bits_per_sample", 0.5, sizes * 8 / part.size, 0.003),
    ):
        coded = encode(part, target={target: value})
        error = stfrag.decode(coded).astype(np.int64) - part
        got = {
            "bytes": len(coded),
            "bits_per_sample": 8 * len(coded) / part.size,
            "psnr": 10 * np.log10(255**2 * part.size / (error**2).sum()),
        }[target]
        assert abs(got - value) <= np.abs(found - value).min() + slack
    coded = stfrag.encode_planes((part, part[:, ::2, ::2], part[:, ::2, ::2]), "420", target="psnr=38", effort=EFFORT)
    planes = stfrag.decode_planes(coded)
    psnr = [
        10 * np.log10(255**2 / ((a.astype(float) - b) ** 2).mean())
        for a, b in zip(planes, (part, part[:, ::2, ::2], part[:, ::2, ::2]), strict=True)
    ]
    assert np.average(psnr, weights=[6, 1, 1]) == pytest.approx(38, abs=0.15)
    with pytest.raises(ValueError, match=r"the least that can is bytes=\d+"):
        encode(part, target="bytes=20")
    with pytest.raises(ValueError, match="for stores"):
        encode(part, target="kbit_per_s=20")


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("psnr=10", "least"),
        ("psnr=90", "most"),
        ("bytes=500", "least"),
        ("bytes=5M", "most"),
        ("bits_per_pixel=40", "most"),
    ],
)
def test_what_cannot_be_met_says_what_can(tmp_path, target, word):
    path = tmp_path / "a.stf"
    path.write_bytes(b"there already")
    with pytest.raises(ValueError, match=f"cannot be met: the {word} that can is") as caught:
        stfrag.save(path, ARRAY, target=target, **CUT)
    assert path.read_bytes() == b"there already"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.stf"]
    nearest = str(caught.value).split(" is ")[1]
    assert nearest.split("=")[0] == target.split("=")[0]
    data = saved(ARRAY, target=nearest)
    assert reached(data, target.split("=")[0]) == pytest.approx(float(nearest.split("=")[1]), rel=0.02)


def test_what_lies_between_steps_says_both_neighbours():
    """A store of one fragment has only its own steps."""
    part, bits = ARRAY[:6, :40, 40:90], {"fragment": (6, 40, 50)}
    sizes = [len(encode(part, codec="stf", qp=step / 4)) for step in range(256)]
    overhead = info(saved(part, target="bits_per_sample=2", **bits))["overhead_bytes"]
    # The widest gap that no step lies in, on whichever side of it.
    gaps = [(max(sizes[step:]) + overhead, min(sizes[:step]) + overhead) for step in range(1, 256)]
    below, above = max(gaps, key=lambda gap: gap[1] / gap[0])
    assert above > 1.05 * below
    aim = (below + above) // 2
    with pytest.raises(ValueError, match="cannot be met: the nearest that can are bytes=") as caught:
        saved(part, target={"bytes": aim}, **bits)
    said = [int(word) for word in re.findall(r"bytes=(\d+)", str(caught.value))[1:]]
    assert said[0] < aim < said[1]
    for size in said:
        assert min(abs(size - overhead - step) for step in sizes) <= 12


def test_exact_pictures_have_no_psnr():
    with pytest.raises(ValueError, match=r"cannot be met: the (least|nearest) that can (is|are) psnr="):
        saved(np.full((8, 64, 64), 128, np.uint8), target="psnr=40")


def test_who_cannot():
    with pytest.raises(ValueError, match=r"stfrag.save\(\) or stfrag.from_video\(\)"):
        stfrag.create(io.BytesIO(), target="psnr=40")
    file = io.BytesIO(saved(ARRAY, codec="stf", qp=30))
    for options in ({"target": "psnr=40"}, {"weights": [[1]]}):
        with pytest.raises(ValueError, match="whole stores"):
            stfrag.append(file, **options)
    with pytest.raises(ValueError, match="give fps="):
        saved(ARRAY, target="kbit_per_s=100")
    for options in ({"target": "psnr=40"}, {"weights": [[1]], "quality": 60}):
        with pytest.raises(stfrag.UnsupportedError, match="codec='stf'"):
            saved(ARRAY, codec="h264", **options)
    with pytest.raises(stfrag.UnsupportedError, match="codec h264 has quality= and qp="):
        encode(ARRAY, codec="h264", target="psnr=40")
    with pytest.raises(stfrag.UnsupportedError, match=r"codec ffv1 is lossless only$"):
        encode(ARRAY, codec="ffv1", target="psnr=40")
    with pytest.raises(ValueError, match="nothing is lost here"):
        saved(ARRAY, weights=[[1, 2]])
    with pytest.raises(stfrag.UnsupportedError, match="max_error=n within n"):
        saved(clip(bits=14), target="psnr=40", bits=14)


def test_pipes_cannot():
    class Pipe:
        def read(self, size=-1):
            raise AssertionError("it was read")

    for options in ({"target": "psnr=40"}, {"weights": np.ones((2, 1, 1)), "quality": 60}):
        with pytest.raises(ValueError, match="more than once"):
            stfrag.from_video(Pipe(), io.BytesIO(), **options)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("options", [{"target": "psnr=40"}, {"weights": np.ones((2, 1, 1)), "quality": 60}])
def test_what_is_no_regular_file_cannot(tmp_path, options):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", str(tmp_path / "pipe"), os.devnull):
        with pytest.raises(ValueError, match="regular file"):  # and it is not opened, which would wait for a writer
            stfrag.from_video(path, tmp_path / "a.stf", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


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


def test_going_on_with_a_store():
    file = io.BytesIO(saved(ARRAY, target="psnr=36"))
    with stfrag.append(file) as w:
        w.append(ARRAY)
    with stfrag.open(file.getvalue()) as v:
        half = len(v.index) // 2
        first, second = (rates.psnr(rows)[1] for rows in (v.index[:half], v.index[half:]))
    assert second == pytest.approx(first, abs=1)


# ------------------------------------------------------------------------------------------------ weights


def part_psnr(data, y, x):
    with stfrag.open(data) as v:
        error = v[:, y, x].astype(np.int64) - ARRAY[:, y, x]
        return 10 * np.log10(255**2 / (error**2).mean())


LEFT_TOP = np.array([[6.0, 1], [1, 1]])


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


# ------------------------------------------------------------------------------------------------ the arithmetic


def random_curves(n, seed):
    rng = np.random.default_rng(seed)
    curves = Curves(n, 1)
    steps = np.arange(60, 160, 10)
    size = rng.uniform(200, 2000, n)[:, None] * 2.0 ** (-rng.uniform(0.02, 0.08, n)[:, None] * (steps - 60))
    sse = rng.uniform(1e3, 1e5, n)[:, None] * 2.0 ** (rng.uniform(0.02, 0.06, n)[:, None] * (steps - 60))
    for i, step in enumerate(steps):
        curves.add(np.full(n, step), size[:, i], sse[:, i, None])
    return curves


@pytest.mark.parametrize("seed", range(4))
def test_no_other_quantizers_are_better(seed):
    """Of all that cost no more bytes none has fewer errors: that is what equal slope means."""
    curves, weights = random_curves(3, seed), np.array([1.0, 2.0, 0.5])
    around = np.full(3, 100)
    total = curves.totals(around)[0]
    q = equal_slope(curves, around, weights, np.ones(1), RateAim(total, 0).error)
    choices = np.arange(84, 117)
    size, cost = (
        np.stack([part[:, 0] for part in column], 1)
        for column in zip(
            *(
                (s, (d[:, :, 0] * weights[:, None]))
                for s, d in (curves.at(np.full((3, 1), step)) for step in choices)
            ),
            strict=True,
        )
    )
    chosen = q - choices[0]
    mine = size[range(3), chosen].sum(), cost[range(3), chosen].sum()
    assert mine[0] == pytest.approx(total, rel=0.05)
    for other in itertools.product(range(len(choices)), repeat=3):
        if size[range(3), other].sum() <= mine[0]:
            assert cost[range(3), other].sum() >= mine[1] * (1 - 1e-9)


def test_moves_come_nearer():
    curves = random_curves(40, 9)
    aim = RateAim(curves.totals(np.full(40, 101))[0] * 1.013, 0)
    q = np.full(40, 101)
    moved = single_moves(curves, q, np.ones(40), np.ones(1), aim.error)
    assert abs(aim.error(*curves.totals(moved))) < 0.001 < abs(aim.error(*curves.totals(q)))
    assert (moved != q).sum() < 40


def test_curves():
    curves = Curves(2, 1)
    curves.add(np.array([100, 100]), np.array([1000, 500]), np.array([[10], [0]]))
    curves.add(np.array([108, UNKNOWN]), np.array([250, 0]), np.array([[40], [0]]))
    size, sse = curves.at(np.array([[100, 104, 108, 116], [100, 92, 108, 100]]))
    np.testing.assert_allclose(size[0, :3], [1000, 500, 250])
    np.testing.assert_allclose(sse[0, [0, 2], 0], [10, 40])
    assert size[0, 3] < 250
    assert size[1, 1] > size[1, 0] == 500 > size[1, 2]
    assert sse[1, 0, 0] == 0
    assert curves.column(np.array([108, 100])).tolist() == [1, 0]
    assert curves.column(np.array([104, 108])).tolist() == [UNKNOWN, UNKNOWN]
    assert curves.nearest(np.array([105, 105])).tolist() == [3, 5]


def test_psnr_is_that_of_info(video):
    data = io.BytesIO()
    stfrag.from_video(video, data, codec="stf", qp=30)
    with stfrag.open(data.getvalue()) as v:
        index = v.index
        samples = rates.samples(index, 3, "420").sum(0).astype(float)
        errors = Errors(samples, 8, True)
        assert errors.psnr(index.sse.sum(0)) == pytest.approx(v.info()["psnr"]["overall"], abs=1e-9)
    assert QualityAim(30, errors).value(0, np.array([0, 100, 100])) == pytest.approx(
        10 * np.log10(255**2 * samples[1] / 100)
    )
    assert np.isinf(errors.psnr(np.zeros(3)))


# ------------------------------------------------------------------------------------------------ the native writer


def test_fragments_may_be_left_out():
    file = io.BytesIO()
    w = _store.NativeWriter(
        file,
        ((0, 8, 1, 0, 0, 0), (96, 128), (8, 48, 64), (0, 0, 0), (0, 0)),
        (0, EFFORT, -1, 0, 255, 0, 0, None),
        choose=lambda n, place: None if n % 3 else 100 + n,
    )
    w.append((0, 8, 1, 0, 0, 0), ARRAY.shape, (ARRAY,))
    w.finish(b"")
    with stfrag.open(file.getvalue()) as v:
        assert v.index.codec.tolist() == ["stf" if n % 3 == 0 else "missing" for n in range(8)]
        assert v.fragment(3) == encode(box(ARRAY, v.index[3]), codec="stf", qp=103 / 4)


def test_who_chooses_may_fail():
    def choose(number, place):
        raise LookupError(f"{number} {tuple(place)}")

    w = _store.NativeWriter(
        io.BytesIO(),
        ((0, 8, 1, 0, 0, 0), (96, 128), (8, 48, 64), (0, 0, 0), (0, 0)),
        (0, 5, -1, 0, 255, 0, 0, None),
        choose=choose,
    )
    with pytest.raises(LookupError, match=r"0 \(0, 8, 0, 48, 0, 64\)"):
        w.append((0, 8, 1, 0, 0, 0), ARRAY.shape, (ARRAY,))


# ------------------------------------------------------------------------------------------------ the command


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", ARRAY)
    np.save("map.npy", LEFT_TOP)
    cut = ["--fragment", "8,32,48"]
    assert main(["encode", "a.npy", "a.stf", "--target", "bytes=25k", "--json", *cut]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["file_bytes"] == pytest.approx(25000, rel=0.004)
    assert found["options"]["target"] == {"bytes": 25000}
    assert main(["encode", "a.npy", "b.stf", "--target", "bytes=25k", "--weights", "map.npy", *cut]) == 0
    with stfrag.open("a.stf") as a, stfrag.open("b.stf") as b:
        assert b.index.bits[0] > 1.2 * a.index.bits[0]
    capsys.readouterr()
    assert main(["info", "b.stf"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "target=bytes=25000" in shown
    assert "qp_range=" in shown
    for options, code, says in (
        (["--target", "bytes=10"], 2, "the least that can is bytes="),
        (["--target", "psnr=x"], 2, "not a number"),
        (["--target", "psnr=40", "--max-error", "0"], 2, "not allowed with"),
        (["--weights", "map.npy"], 2, "nothing is lost"),
        (["--weights", "no.npy"], 1, "no.npy"),
        (["--target", "psnr=40", "--codec", "h264"], 4, "codec='stf'"),
    ):
        assert main(["encode", "a.npy", "c.stf", *options, *cut]) == code
        assert says in capsys.readouterr().err
    assert not (tmp_path / "c.stf").exists()
    assert not (tmp_path / "c.stf.part").exists()


def test_command_of_pictures(tmp_path, capsys, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    (tmp_path / "frames").mkdir()
    for t, frame in enumerate(ARRAY):
        Image.fromarray(frame).save(f"frames/{t}.png")
    Image.fromarray(np.array([[255, 0], [0, 0]], np.uint8)).save("map.png")
    assert main(["encode", "frames", "a.stf", "--target", "psnr=36", "--weights", "map.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["psnr"]["overall"] == pytest.approx(36, abs=0.25)
    (tmp_path / "map.png").write_bytes(b"no picture")
    assert main(["encode", "frames", "a.stf", "--force", "--target", "psnr=36", "--weights", "map.png"]) == 3
