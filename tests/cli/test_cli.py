"""Every command doing what it is for."""

import json
import os
from fractions import Fraction

import av
import numpy as np
import pytest
from support.cli_inputs import T, X, Y, array
from support.paths import TESTS

import stfrag

# ---------------------------------------------------------------------------------------- the way there and back


def test_video_there_and_back(run, video):
    code, out, err = run("encode", video, "a.stf", "--fragment", "8,32,32", "--effort", 3, "--max-error", 0)
    assert (code, err) == (0, "")
    assert f"{T} frames" in out
    assert run("verify", "a.stf", "--deep")[0] == 0
    assert run("decode", "a.stf", "back.mkv")[0] == 0
    with av.open(str(video)) as before, av.open("back.mkv") as after:
        for one, two in zip(before.decode(video=0), after.decode(video=0), strict=True):
            assert (one.to_ndarray() == two.to_ndarray()).all()
            assert one.time == pytest.approx(two.time, abs=1e-3)


def test_part_of_a_video(run, video):
    assert run("encode", video, "a.stf", "--start", 0.2, "--frames", 5, "--quiet")[0] == 0
    with stfrag.open("a.stf") as v:
        assert len(v) == 5


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
def test_array_there_and_back(run, dtype):
    np.save("in.npy", array(dtype))
    assert run("encode", "in.npy", "a.stf", "--layout", "frame")[0] == 0
    assert run("decode", "a.stf", "out.npy")[0] == 0
    back = np.load("out.npy")
    assert back.dtype == dtype
    assert (back == array(dtype)).all()


def test_npz(run, fails):
    np.savez("in.npz", one=array(), two=array(np.uint8))
    fails(2, "encode", "in.npz", "a.stf", says="--key")
    fails(2, "encode", "in.npz", "a.stf", "--key", "three", says="one, two")
    assert run("encode", "in.npz", "a.stf", "--key", "two")[0] == 0
    with stfrag.open("a.stf") as v:
        assert (v[...] == array(np.uint8)).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pictures_there_and_back(run, dtype, array_store):
    frames = array(dtype, 11)
    stfrag.save("a.stf", frames)
    assert run("decode", "a.stf", "pictures/")[0] == 0
    assert sorted(os.listdir("pictures"))[10] == "frame-00010.png"
    for name in ("pictures", "pictures/*.png"):
        assert run("encode", name, "b.stf", "--force", "--fps", "30000/1001")[0] == 0
        with stfrag.open("b.stf") as v:
            assert (v[...] == frames).all()
            assert v.fps == Fraction(30000, 1001)


def test_colour_pictures(run, video_store):
    assert run("extract", video_store, "p-%d.png", "--region", "3:6")[0] == 0
    assert sorted(os.listdir()) == ["p-3.png", "p-4.png", "p-5.png"]
    assert run("encode", "p-*.png", "b.stf")[0] == 0
    with stfrag.open("b.stf") as b, stfrag.open(video_store) as v:
        assert (b[...] == v[3:6]).all()


# ------------------------------------------------------------------------------------------------------------ extract


@pytest.mark.parametrize(
    "region", ["4:20,10:50,20:90", "-3:,:,-8:", "7", "5,3:9", "::5,::3,4::7", "[0:1,0:1,0:1]", "2,3,4"]
)
def test_extract(run, array_store, region):
    assert run("extract", array_store, "a.npy", "--region", region)[0] == 0
    expected = eval(f"array()[{region.strip('[]')}]")
    got = np.load("a.npy")
    assert got.shape == expected.shape
    assert (got == expected).all()


def test_extract_formats(run, video_store):
    with stfrag.open(video_store) as v:
        whole, gray = v[...], v.read((slice(None),), format="gray")
    assert run("extract", video_store, "a.npy", "--region", "2:9,8:40,6:50")[0] == 0
    assert (np.load("a.npy") == whole[2:9, 8:40, 6:50]).all()
    assert run("extract", video_store, "a.npy", "--region", "2:9,8:40,6:50", "--format", "gray", "--force")[0] == 0
    assert (np.load("a.npy") == gray[2:9, 8:40, 6:50]).all()
    assert run("extract", video_store, "one.png", "--region", "5", "--json")[0] == 0
    with av.open("one.png") as container:
        assert (next(container.decode(video=0)).to_ndarray(format="rgb24") == whole[5]).all()


def test_extract_video(run, video, video_store):
    assert run("extract", video_store, "a.mkv", "--region", "2:9,8:40,6:50")[0] == 0
    with av.open(str(video)) as container:
        luma = [frame.to_ndarray()[8:40, 6:50] for frame in container.decode(video=0)][2:9]
    with av.open("a.mkv") as container:
        got = [frame.to_ndarray()[:32] for frame in container.decode(video=0)]
    assert len(got) == 7
    assert all((one == two).all() for one, two in zip(luma, got, strict=True))


def test_extract_reads_only_what_it_needs(run, array_store):
    code, out, _ = run("extract", array_store, "a.npy", "--region", "8:16,0:32,0:32", "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["fragments"] == 1
    assert facts["fragments_in_store"] == 3 * 3 * 4


def test_long_slabs_are_decoded_once(run, tmp_path, monkeypatch):
    """Blocks are as many frames as fit, by what a pixel takes and not by the most that one may."""
    from stfrag.cli import frames

    stfrag.save("a.stf", array(np.uint8), fragment=(24, 80, 112))
    monkeypatch.setattr(frames, "_BLOCK_BYTES", 24 * 80 * 112)
    code, out, _ = run("decode", "a.stf", "a.npy", "--json")
    assert code == 0
    assert json.loads(out)["fragments"] == 1
    assert (np.load("a.npy") == array(np.uint8)).all()


@pytest.mark.parametrize(
    ("region", "says"),
    [
        ("0:25", "frame 25 is outside"),
        ("99", "frame 99 is outside"),
        ("-25:", "frame -25"),
        (":,0:81", "row 81"),
        (":,:,113:", "column 113"),
        ("5:5", "empty"),
        ("9:3", "empty"),
        ("::-1", "step"),
        ("a:b", "start:stop"),
        ("1:2:3:4", "start:stop"),
        ("0,0,0,0", "three"),
        (",", "start:stop"),
        ("1.5", "start:stop"),
    ],
)
def test_bad_regions(fails, array_store, region, says):
    fails(2, "extract", array_store, "a.npy", "--region", region, says=says)


# ------------------------------------------------------------------------------------- info, verify, repair, codecs


def test_info(run, video_store):
    code, out, _ = run("info", video_store)
    assert code == 0
    assert "yuv420p" in out
    assert "8×32×32" in out
    code, out, _ = run("info", video_store, "--json", "--index")
    facts = json.loads(out)
    assert code == 0
    assert facts["shape"] == [T, Y, X, 3]
    assert facts["file_bytes"] == video_store.stat().st_size
    assert len(facts["index"]) == facts["fragments"] == 3 * 3 * 4
    assert facts["index"][0]["t1"] == 8
    assert len(run("info", video_store, "--index")[1].splitlines()) > facts["fragments"]


def test_streams(run):
    """Sound goes along, unless it is not wanted; info lists it."""
    with av.open("sound.mkv", "w") as container:
        video, sound = container.add_stream("ffv1", rate=25), container.add_stream("pcm_s16le", rate=8000)
        video.width, video.height, video.pix_fmt, sound.layout = 32, 32, "gray", "mono"
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 320), np.int16), "s16", "mono")
        samples.sample_rate = 8000
        container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32), np.uint8), "gray")))
        container.mux([*sound.encode(samples), *video.encode(None), *sound.encode(None)])
    for command, kinds in [
        (("encode", "sound.mkv", "a.stf"), ["video", "audio"]),
        (("encode", "sound.mkv", "a.stf", "--no-streams", "--force"), ["video"]),
    ]:
        assert run(*command)[0] == 0
        assert run("decode", "a.stf", "b.mkv", "--force")[0] == 0
        with av.open("b.mkv") as container:
            assert [stream.type for stream in container.streams] == kinds
        assert ("1 audio pcm_s16le, 1 packets" in run("info", "a.stf")[1]) == ("audio" in kinds)
    assert run("encode", "sound.mkv", "a.stf", "--force")[0] == 0
    assert run("decode", "a.stf", "b.mkv", "--no-streams", "--force")[0] == 0
    with av.open("b.mkv") as container:
        assert len(container.streams) == 1


def test_tiles_and_not(run, video):
    assert run("encode", video, "a.stf", "--codec", "ffv1", "--fragment", "8,32,32")[0] == 0
    assert run("decode", "a.stf", "tiles.mkv", "--tiles")[0] == 0
    assert run("encode", "tiles.mkv", "b.stf")[0] == 0
    assert run("encode", "tiles.mkv", "c.stf", "--no-copy", "--max-error", "0")[0] == 0
    with stfrag.open("a.stf") as a, stfrag.open("b.stf") as b, stfrag.open("c.stf") as c:
        assert a.shape == b.shape
        assert c.shape[1:3] == (32, 32)
    assert run("encode", video, "d.stf", "--copy", "--no-copy")[0] == 2


def test_codecs(run):
    code, out, _ = run("codecs")
    assert code == 0
    assert "stf" in out
    assert "yuv420p10le" in out
    assert any(codec["name"] == "stf" for codec in json.loads(run("codecs", "--json")[1]))


def flip(source, target, where):
    data = bytearray(source.read_bytes())
    data[where] ^= 0x10
    target.write_bytes(data)


def test_verify_and_repair(run, array_store, tmp_path):
    assert run("verify", array_store) == (0, f"{array_store}: whole; 36 fragments, 24 frames\n", "")
    with stfrag.open(array_store) as v:
        row = v.index[5]
    flip(array_store, tmp_path / "bad.stf", int(row["offset"]) + 20)
    code, out, err = run("verify", "bad.stf")
    assert code == 3
    assert "fragment 5" in out + err
    code, out, _ = run("verify", "bad.stf", "--json")
    report = json.loads(out)
    assert (code, report["ok"], report["corrupt_fragments"]) == (3, False, 1)
    code, _, err = run("extract", "bad.stf", "a.npy", "--region", "0:8")
    assert code == 3
    assert not os.path.exists("a.npy")

    code, out, _ = run("repair", "bad.stf", "good.stf", "--json")
    assert code == 0
    report = json.loads(out)
    assert report["fragments_kept"] == 35
    with stfrag.open("good.stf") as v:
        assert (v[8:] == array()[8:]).all()
    assert "stfrag repair bad.stf OUT.stf" in run("verify", "bad.stf")[1]


@pytest.mark.parametrize("version", [0, 2])
def test_stores_of_other_versions_are_not_for_repair(run, version):
    code, out, err = run("verify", TESTS / f"golden/stores/bad/version_{version}.stf")
    assert code == 4
    assert "format version" in out
    assert "1 problem\n" in out
    assert "repair" not in out + err


def test_repair_of_a_cut_file(run, array_store, tmp_path):
    data = array_store.read_bytes()
    (tmp_path / "cut.stf").write_bytes(data[: len(data) // 2])
    assert run("info", "cut.stf")[0] == 3
    code, out, _ = run("repair", "cut.stf", "good.stf")
    assert code == 0
    assert "fragments" in out
    with stfrag.open("good.stf") as v:
        assert (v[:8] == array()[:8]).all()
