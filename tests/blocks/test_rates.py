"""Rates: bits that sum to the file, errors that are those of the samples, maps, and the picture of them."""

import builtins
import io
import json
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stores import video_store

import stfrag
from stfrag import metrics, rates
from stfrag.cli.show import psnr_text
from stfrag.model.texts import number_text
from stfrag.native import store as _store

FIELDS = ("t0", "t1", "y0", "y1", "x0", "x1", "bytes", "bits", "codec")


def planes_of(name, frames=20, height=70, width=102, seed=0):
    """Moving smooth planes with noise."""
    rng = np.random.default_rng(seed)
    sub = {"yuv420p": (2, 2), "yuv422p": (1, 2)}.get(name, (1, 1))
    planes = []
    for c in range(1 if name == "gray" else 3):
        sy, sx = sub if c in (1, 2) else (1, 1)
        t, y, x = np.ogrid[:frames, : -(-height // sy), : -(-width // sx)]
        smooth = 120 + 60 * np.sin((x + 2 * t) / 9 + c) + 30 * np.cos((y - t) / 7)
        noise = rng.normal(0, 4, (frames, y.shape[1], x.shape[2])) * (x > 60)
        planes.append(np.clip(smooth + noise, 0, 255).astype(np.uint8))
    return tuple(planes)


@pytest.fixture(scope="module")
def lossy():
    """Planes, and a store of h264 fragments of them."""
    pytest.importorskip("av")
    planes = planes_of("yuv420p")
    return planes, video_store(planes, "yuv420p", codec="h264", quality=60, fragment=(8, 32, 48))


@pytest.fixture(scope="module")
def paths(lossy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    (folder / "lossy.stf").write_bytes(lossy[1])
    stfrag.save(folder / "array.stf", planes_of("gray")[0], fragment=(8, 32, 48))
    return folder


def uneven(slabs):
    """An index in which every slab is cut in its own way: `slabs` of (frames, rows, columns) of borders."""
    rng = np.random.default_rng(7)
    rows, t = [], 0
    for frames, ys, xs in slabs:
        for y0, y1 in pairwise(ys):
            for x0, x1 in pairwise(xs):
                size = int(rng.integers(1, 5000))
                rows.append((t, t + frames, y0, y1, x0, x1, size, 8 * size, 0))
        t += frames
    return np.array(rows, [(name, "u8") for name in FIELDS])


UNEVEN = uneven([(8, [0, 30, 70], [0, 102]), (3, [0, 70], [0, 16, 20, 102]), (12, [0, 10, 44, 70], [0, 50, 102])])


# ------------------------------------------------------------------------------------------------------------ sums


def check_sums(data):
    with stfrag.open(data) as v:
        index, info = v.index, v.info()
    total = int(index.bits.sum())
    assert total + 8 * info["overhead_bytes"] == info["file_bits"] == 8 * len(data)
    assert total == 8 * info["fragment_bytes"]
    slabs = rates.over_slabs(index)
    assert int(slabs["bits"].sum()) == total
    assert int(slabs["fragments"].sum()) == info["fragments"]
    assert len(slabs) == info["slabs"]
    space = rates.over_space(index)
    assert space.bits.sum() == pytest.approx(total)
    assert space.pixels.sum() == pytest.approx(info["frames"] * info["height"] * info["width"])
    assert rates.over_frames(index, info["frames"]).sum() == pytest.approx(total)
    found = rates.totals(index, info["components"], info["subsampling"] or "444")
    assert found.bits == total
    assert found.pixels == info["frames"] * info["height"] * info["width"]
    assert sum(info["codecs"].values()) == info["fragments"]
    assert (found.smallest, found.largest) == (index.bytes.min(), index.bytes.max())
    assert info["fragment_bytes_mean"] == pytest.approx(index.bytes.mean())
    assert info["bits_per_pixel"] == pytest.approx(8 * len(data) / found.pixels)
    assert info["bits_per_sample"] == pytest.approx(8 * len(data) / found.samples)
    return info


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(st.integers(1, 30), st.integers(1, 70), st.integers(1, 70)),
    st.sampled_from([{}, {"layout": "frame"}, {"fragment": (3, 8, 16)}, {"fragment": (1, 64, 10)}]),
)
def test_bits_and_overhead_are_the_file(shape, how):
    file = io.BytesIO()
    stfrag.save(file, np.random.default_rng(1).integers(0, 9, shape, np.uint8), **how)
    info = check_sums(file.getvalue())
    assert info["psnr"] == {"c0": math.inf, "overall": math.inf}
    assert info["kbit_per_s"] is None


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "gbrp", "gray"])
def test_bits_and_overhead_of_videos(name):
    planes = planes_of(name, height=71, width=103)
    data = video_store(planes, name, fps=Fraction(30000, 1001), fragment=(8, 32, 48))
    info = check_sums(data)
    assert info["bits_per_sample"] == pytest.approx(8 * len(data) / sum(p.size for p in planes))
    assert info["kbit_per_s"] == pytest.approx(8 * len(data) / (20 * 1001 / 30000) / 1000)


def test_bits_and_overhead_after_appending(tmp_path):
    path = tmp_path / "a.stf"
    stfrag.save(path, planes_of("gray")[0], fragment=(8, 32, 48))
    with stfrag.append(path) as w:
        w.append(planes_of("gray", frames=5)[0])
    check_sums(path.read_bytes())


def test_lossy_sums(lossy):
    assert check_sums(lossy[1])["codecs"] == {"h264": 27}


def empty():
    """A store without frames, which only the native layer writes."""
    target = io.BytesIO()
    native_writer(target, (16, 24)).finish(b"")
    return target.getvalue()


def native_writer(file, size):
    class Sink:
        write = file.write

    desc = (0, 8, 1, 0, 0, 0), size, (8, *size), (0, 0, 0), (0, 0)
    return _store.NativeWriter(Sink, desc, (0, 5, 0, 0, 255, 0, 0, None))


def test_empty_store():
    data = empty()
    with stfrag.open(data) as v:
        info, index = v.info(), v.index
    assert info["overhead_bytes"] == info["file_bytes"] == len(data)
    assert info["bits_per_sample"] is info["bits_per_pixel"] is info["psnr"] is info["kbit_per_s"] is None
    assert info["codecs"] == {}
    assert math.isnan(rates.totals(index).bits_per_pixel)
    assert len(rates.over_slabs(index)) == 0
    with pytest.raises(ValueError, match="no fragment"):
        rates.over_space(index)


# ----------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "gray", "gbrp"])
@pytest.mark.parametrize("frames", [1, 20])
def test_psnr_is_that_of_the_samples(name, frames):
    pytest.importorskip("av")
    planes = planes_of(name, frames=frames)
    with stfrag.open(video_store(planes, name, codec="h264", quality=50, fragment=(8, 32, 48))) as v:
        found, back = v.info()["psnr"], v.read_planes()
    keys = {"gray": ["y"], "gbrp": ["r", "g", "b"]}.get(name, ["y", "cb", "cr"])
    assert list(found) == [*keys, "overall"]
    assert [found[key] for key in keys] == pytest.approx(metrics.psnr(planes, back, per="plane").tolist(), rel=1e-12)
    weights = "6:1:1" if keys[-1] == "cr" else None
    assert found["overall"] == pytest.approx(metrics.psnr(planes, back, weights=weights), rel=1e-12)


def test_psnr_of_ten_bits():
    pytest.importorskip("av")
    planes = tuple(p.astype(np.uint16) * 4 for p in planes_of("yuv420p"))
    with stfrag.open(video_store(planes, "yuv420p10le", codec="h264", quality=50)) as v:
        assert v.info()["psnr"]["y"] == pytest.approx(metrics.psnr(planes[0], v.read_planes()[0], bits=10), rel=1e-12)


def test_psnr_of_a_region_needs_no_decoding(lossy):
    planes, data = lossy
    with stfrag.open(data) as v:
        index = v.index
        part = index[(index.t0 == 8) & (index.x0 == 48)]
        back = v.read_planes((slice(8, 16), slice(None), slice(48, 96)))
        v.reset_stats()
        found, _ = rates.psnr(part, 8, "420")
        assert v.stats["fragments"] == 0
    source = planes[0][8:16, :, 48:96], planes[1][8:16, :, 24:48], planes[2][8:16, :, 24:48]
    assert found.tolist() == pytest.approx(metrics.psnr(source, back, per="plane").tolist(), rel=1e-12)


def test_exact_planes_do_not_make_the_rest_exact():
    index = np.zeros(1, [*((name, "u8") for name in FIELDS), ("sse", "u8", (3,))])
    index["t1"], index["y1"], index["x1"], index["sse"] = 1, 16, 16, [256, 0, 0]
    planes, overall = rates.psnr(index, 8, "420", "6:1:1")
    assert planes.tolist() == [pytest.approx(20 * math.log10(255)), math.inf, math.inf]
    assert overall == pytest.approx(planes[0])
    assert (
        psnr_text({"y": planes[0], "cb": math.inf, "cr": math.inf, "overall": overall})
        == "48.13 (Y 48.13, Cb exact, Cr exact)"
    )
    index["sse"] = 0
    assert rates.psnr(index, 8, "420", "6:1:1")[1] == math.inf


def test_errors_that_a_repair_cannot_know_are_not_exact(lossy, tmp_path):
    data = lossy[1]
    # Up to before the page of the last slab: its fragments survive by their own records.
    with stfrag.open(data) as v:
        last = v.index[-1]
        known = rates.psnr(v.index[v.index.t1 <= 16], 8, "420", "6:1:1")
    (tmp_path / "cut.stf").write_bytes(data[: int(last.offset + last.bytes)])
    stfrag.repair(tmp_path / "cut.stf", tmp_path / "whole.stf")
    with stfrag.open(tmp_path / "whole.stf") as v:
        assert len(v) == 20
        assert v.info()["psnr"]["overall"] == pytest.approx(known[1])


def test_missing_fragments_have_no_bits(paths, tmp_path):
    data = bytearray((paths / "array.stf").read_bytes())
    with stfrag.open(bytes(data)) as v:
        row = v.index[4]
    data[int(row.offset) + 20] ^= 1
    (tmp_path / "bad.stf").write_bytes(data)
    stfrag.repair(tmp_path / "bad.stf", tmp_path / "good.stf")
    with stfrag.open(tmp_path / "good.stf") as v:
        info, index = v.info(), v.index
    assert info["codecs"] == {"missing": 1, "stf": 26}
    assert info["fragment_bytes_min"] == index.bytes[index.bytes > 0].min() > 0
    assert info["fragment_bytes"] == index.bytes.sum()
    assert info["psnr"]["overall"] == math.inf
    space = rates.over_space(index)
    assert space.pixels.sum() == 20 * 70 * 102


# ------------------------------------------------------------------------------------------------------------- maps


def test_uneven_grids_sum_to_the_total():
    total = int(UNEVEN["bits"].sum())
    slabs = rates.over_slabs(UNEVEN)
    assert slabs[["t0", "t1", "fragments"]].tolist() == [(0, 8, 2), (8, 11, 3), (11, 23, 6)]
    assert int(slabs["bits"].sum()) == total
    space = rates.over_space(UNEVEN)
    assert space.y.tolist() == [0, 10, 30, 44, 70]
    assert space.x.tolist() == [0, 16, 20, 50, 102]
    assert space.bits.sum() == pytest.approx(total)
    assert (space.pixels == 23 * np.outer(np.diff(space.y), np.diff(space.x))).all()


@given(
    st.lists(st.floats(0.5, 101.5), max_size=12, unique=True),
    st.lists(st.floats(0.5, 69.5), max_size=12, unique=True),
)
def test_any_cells_agree_with_the_samples(x, y):
    """Against a map by the sample: every fragment's bits spread over its box, then summed by cell."""
    ys, xs = np.array([0, *sorted(y), 70]), np.array([0, *sorted(x), 102])
    fine = np.zeros((70, 102))
    for r in UNEVEN:
        box = slice(int(r["y0"]), int(r["y1"])), slice(int(r["x0"]), int(r["x1"]))
        fine[box] += r["bits"] / fine[box].size
    cumulative = np.pad(fine.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    across = np.array([np.interp(xs, np.arange(103), line) for line in cumulative])
    corner = np.array([np.interp(ys, np.arange(71), line) for line in across.T]).T
    space = rates.over_space(UNEVEN, ys, xs)
    np.testing.assert_allclose(space.bits, np.diff(np.diff(corner, axis=0), axis=1), rtol=1e-6, atol=1e-3)
    assert space.bits.sum() == pytest.approx(int(UNEVEN["bits"].sum()))


def test_bits_per_pixel_average_by_area():
    weights = rates.pixels(UNEVEN)
    each = UNEVEN["bits"] / weights
    whole = rates.totals(UNEVEN)
    assert np.average(each, weights=weights) == pytest.approx(whole.bits_per_pixel)
    assert each.mean() != pytest.approx(whole.bits_per_pixel, rel=0.01)
    space = rates.over_space(UNEVEN)
    assert np.average(space.bits_per_pixel, weights=space.pixels) == pytest.approx(whole.bits_per_pixel)
    slabs = rates.over_slabs(UNEVEN)
    assert np.average(slabs["bits_per_pixel"], weights=slabs["pixels"]) == pytest.approx(whole.bits_per_pixel)


def test_a_store_of_uneven_slabs(lossy):
    """The same through a store that was written fragment by fragment."""
    planes = planes_of("gray", frames=11)[0]
    target = io.BytesIO()
    w = native_writer(target, (70, 102))
    boxes = [(0, 8, [(0, 30, 0, 102), (30, 70, 0, 102)]), (8, 3, [(0, 70, 0, 16), (0, 70, 16, 102)])]
    for t0, t, tiles in boxes:
        w.append_coded(
            t,
            [
                (stfrag.encode(planes[t0 : t0 + t, y0:y1, x0:x1]), (y0, y1, x0, x1), 0, (0, 0, 0, 0))
                for y0, y1, x0, x1 in tiles
            ],
        )
    w.finish(b"")
    check_sums(target.getvalue())


def test_more_borders_than_cells():
    rows = np.zeros(700, [(name, "u8") for name in FIELDS])
    rows["t1"], rows["y1"], rows["x0"], rows["bits"] = 1, 3, np.arange(700), 8
    rows["x1"] = rows["x0"] + 1
    space = rates.over_space(rows)
    assert space.bits.shape == (1, 256)
    assert space.bits.sum() == pytest.approx(5600)
    assert space.bits_per_pixel == pytest.approx(8 / 3)


@pytest.mark.parametrize("borders", [[0], [3, 3], [5, 2, 9], [[0, 1]], [0, math.nan]])
def test_borders_that_are_none(borders):
    with pytest.raises(ValueError, match="ascending"):
        rates.over_space(UNEVEN, x=borders)


# ----------------------------------------------------------------------------------------------------------- frames


@pytest.mark.parametrize("codec", ["h264", "av1", "vp9", "ffv1"])
def test_packets_sum_to_the_fragment(codec):
    pytest.importorskip("av")
    quality = {} if codec == "ffv1" else {"quality": 60}
    with stfrag.open(
        video_store(planes_of("yuv420p"), "yuv420p", codec=codec, fragment=(10, 64, 64), **quality)
    ) as v:
        known = {}
        for row, fragment in enumerate(v.index):
            bits = rates.frame_bits(v.fragment(row), int(fragment.t1 - fragment.t0))
            assert bits.sum() == pytest.approx(int(fragment.bits))
            assert (bits > 0).all()
            known[row] = bits
        each = rates.over_frames(v.index, len(v), known)
        assert each.sum() == pytest.approx(int(v.index.bits.sum()))
        first = rates.over_frames(v.index, len(v), {0: known[0]})
        assert first.sum() == pytest.approx(each.sum())
        if codec == "h264":
            assert set(np.argsort(each)[-2:]) == {0, 10}  # the key pictures


def test_native_fragments_have_no_packets(paths):
    with stfrag.open(paths / "array.stf") as v:
        assert rates.frame_bits(v.fragment(0), 8) is None


# ------------------------------------------------------------------------------------------------- the command line


@pytest.fixture
def run(run, paths, tmp_path):
    """Run a command in a folder that has the stores."""
    for path in paths.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return run


def test_info_text(run):
    code, out, _ = run("info", "lossy.stf")
    assert code == 0
    for words in ("kbit/s", "bits per sample", "bits per pixel", "h264=27", "smallest", "Cb "):
        assert words in out
    code, out, _ = run("info", "array.stf")
    assert code == 0
    assert "exact" in out
    assert "kbit/s" not in out


def test_info_json(run):
    facts = json.loads(run("info", "array.stf", "--json")[1])
    assert facts["psnr"] == {"c0": None, "overall": None}
    assert facts["codecs"] == {"stf": 27}
    facts = json.loads(run("info", "lossy.stf", "--json")[1])
    assert 20 < facts["psnr"]["overall"] < 60
    assert facts["file_bits"] == 8 * Path("lossy.stf").stat().st_size


@pytest.mark.parametrize("store", ["lossy.stf", "array.stf"])
@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_plot(run, store, ending):
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[ending]
    name = f"out{ending}"
    code, _, err = run("info", store, "--plot", name)
    assert (code, err) == (0, "")
    first = Path(name).read_bytes()
    assert first.startswith(start)
    assert run("info", store, "--plot", name)[0] == 1
    code, out, _ = run("info", store, "--plot", name, "--force", "--json")
    assert (code, json.loads(out)["plot"]) == (0, name)
    assert sorted(p.name for p in Path().iterdir()) == sorted(["array.stf", "lossy.stf", name])


def test_plot_of_many_frames_and_mixed_codecs(run):
    pytest.importorskip("av")
    target = io.BytesIO()
    w = native_writer(target, (16, 16))
    for slab in np.array_split(planes_of("gray", frames=1000, height=16, width=16)[0], 10):
        for codec, data in enumerate((stfrag.encode(slab), stfrag.encode(slab, codec="h264", quality=50, effort=1))):
            w.append_coded(100, [(data, (0, 16, 0, 16), codec, (codec * 1000, 0, 0, 0))])
    w.finish(b"")
    assert check_sums(target.getvalue())["codecs"] == {"h264": 10, "stf": 10}
    Path("long.stf").write_bytes(target.getvalue())
    assert run("info", "long.stf", "--plot", "long.png")[::2] == (0, "")


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 300), (3, 300, 2)])
def test_plot_of_tiny_stores(run, shape):
    stfrag.save("tiny.stf", np.zeros(shape, np.uint8))
    assert run("info", "tiny.stf", "--plot", "tiny.png")[::2] == (0, "")


def test_plot_refuses(run, monkeypatch):
    names = sorted(p.name for p in Path().iterdir())

    def fails(code, *words, says):
        got, out, err = run("info", *words)
        assert (got, out) == (code, "")
        assert says in err
        assert err.count("\n") == 1
        assert sorted(p.name for p in Path().iterdir()) == names

    fails(2, "array.stf", "--plot", "out.jpeg", says=".png, .svg, .pdf")
    fails(1, "array.stf", "--plot", "nowhere/out.png", says="no such folder")
    fails(1, "nothing.stf", "--plot", "out.png", says="nothing.stf")

    def broken(*args, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("matplotlib.figure.Figure.savefig", broken)
        fails(1, "array.stf", "--plot", "out.png", says="disk is full")

    real = builtins.__import__

    def absent(name, *args):
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError("No module named 'matplotlib'")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", absent)
    fails(4, "array.stf", "--plot", "out.png", says="pip install 'stfrag[plot]'")


def test_plot_of_a_store_without_frames(run):
    Path("empty.stf").write_bytes(empty())
    code, _, err = run("info", "empty.stf", "--plot", "out.png")
    assert code == 1
    assert "no fragments" in err
    assert run("info", "empty.stf")[0] == 0


def test_numbers_in_words():
    assert [number_text(n) for n in (0, 0.0001234567, 0.5, 12.345678, 999.94, 123456)] == [
        "0",
        "0.0001235",
        "0.5000",
        "12.35",
        "999.9",
        "123,456",
    ]
    assert psnr_text(None) == ""
    assert psnr_text({"c0": math.inf, "overall": math.inf}) == "exact"
    assert psnr_text({"y": 40.0, "overall": 40.0}) == "40.00"
