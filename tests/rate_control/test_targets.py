"""Targets: what is asked for is met, with fewer bytes than other ways, or it is said what can be."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from support.rates import ARRAY, CUT, EFFORT, box, clip, encode, info, reached, saved

import stfrag
from stfrag import rates
from stfrag.native import store as _store


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


def test_going_on_with_a_store():
    file = io.BytesIO(saved(ARRAY, target="psnr=36"))
    with stfrag.append(file) as w:
        w.append(ARRAY)
    with stfrag.open(file.getvalue()) as v:
        half = len(v.index) // 2
        first, second = (rates.psnr(rows)[1] for rows in (v.index[:half], v.index[half:]))
    assert second == pytest.approx(first, abs=1)
