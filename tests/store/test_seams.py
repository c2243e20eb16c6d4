"""Reading with the seam filter: every way of reading, regions that are crops, what it costs and what it is for."""

import io
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.codecs import needs
from support.seams import KINDS, LOSSY, assert_regions_are_crops, planes_of, seams_from_index, shifts, store

import stfrag
from stfrag.cli import main
from stfrag.seams import filter_seams


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
    needs(codec)
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
