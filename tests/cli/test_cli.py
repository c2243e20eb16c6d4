"""The command line: every command, every exit code, every kind of bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest
from support.paths import TESTS

import stfrag
from stfrag.cli import main

av = pytest.importorskip("av")

T, Y, X = 24, 80, 112


def write_video(path, count=T, size=(Y, X), codec="ffv1", pixels="yuv420p", rate=25):
    """A small video with a moving edge and some noise."""
    rng = np.random.default_rng(3)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *size, pixels
        for number in range(count):
            picture = rng.integers(0, 40, (*size, 3), np.uint8)
            picture[:, 3 * number : 3 * number + 30, number % 3] += 150
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def array(dtype=np.uint16, count=T):
    rng = np.random.default_rng(5)
    smooth = np.add.outer(np.arange(count) * 5, np.add.outer(np.arange(Y), np.arange(X) * 2))
    return (smooth + rng.integers(0, 9, smooth.shape)).astype(dtype)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("video") / "in.mkv")


@pytest.fixture(scope="module")
def video_store(video, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "video.stf"
    stfrag.from_video(video, path, fragment=(8, 32, 32), max_error=0)
    return path


@pytest.fixture(scope="module")
def array_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "array.stf"
    stfrag.save(path, array(), fragment=(8, 32, 32))
    return path


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder: its exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture
def fails(run):
    """Run a command that must fail with this code, one line on stderr, nothing on stdout and no file."""

    def call(code, *words, says=""):
        before = sorted(os.listdir())
        got, out, err = run(*words)
        assert got == code, err
        assert out == ""
        assert err.count("\n") == 1
        assert err.startswith("stfrag: error: ")
        assert says in err
        assert sorted(os.listdir()) == before
        return err

    return call


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


# --------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("words", [["encode"], ["decode"], ["extract", "--region", "0"], ["repair"]])
def test_missing_input(fails, words):
    fails(
        1,
        words[0],
        "nothing.mkv",
        "out.stf" if words[0] in ("encode", "repair") else "out.npy",
        *words[1:],
        says="nothing.mkv: No such file",
    )


def test_missing_store(fails):
    fails(1, "info", "nothing.stf", says="nothing.stf: No such file")
    fails(1, "verify", "nothing.stf", says="nothing.stf: No such file")
    fails(1, "demo", "nothing.mkv", says="nothing.mkv: No such file")


@pytest.mark.parametrize("content", [b"", b"x", b"this is text\n" * 100, bytes(range(256)) * 20])
def test_not_a_video_not_a_store_not_an_array(fails, tmp_path, content):
    for name in ("in.mp4", "in.npy", "in.npz", "in.stf"):
        (tmp_path / name).write_bytes(content)
    assert "in.mp4" in fails(4, "encode", "in.mp4", "a.stf")
    assert "in.npy" in fails(3, "encode", "in.npy", "a.stf")
    assert "in.npz" in fails(3, "encode", "in.npz", "a.stf")
    for words in (
        ["info", "in.stf"],
        ["decode", "in.stf", "a.npy"],
        ["decode", "in.stf", "a.mkv"],
        ["extract", "in.stf", "a.npy", "--region", "0"],
        ["repair", "in.stf", "a.stf"],
    ):
        fails(3, *words)
    (tmp_path / "b.npy").write_bytes(b"\x93NUMPY\x01\x00" + content)
    fails(3, "encode", "b.npy", "a.stf")


def test_errors_name_the_file(fails, run, array_store, tmp_path):
    """The library sees bytes; who has many files wants to know which it was. Repair is not for what is no store."""
    data = bytearray(array_store.read_bytes())
    with stfrag.open(array_store) as v:
        data[int(v.index["offset"][1]) + 20] ^= 1
    (tmp_path / "flipped.stf").write_bytes(data)
    (tmp_path / "text.stf").write_text("no store\n" * 50)
    fails(3, "info", "text.stf", says="text.stf: not a stfrag store")
    fails(3, "decode", "flipped.stf", "a.npy", says="flipped.stf: fragment 1 ")
    fails(3, "repair", "text.stf", "a.stf", says="text.stf: no header")
    assert "repair" not in run("verify", "text.stf")[1]
    code, out, _ = run("verify", "flipped.stf")
    assert code == 3
    assert "flipped.stf: 1 problem; 'stfrag repair flipped.stf OUT.stf'" in out


def test_damaged_numpy_files(fails, tmp_path):
    """NumPy's parser and zlib fail in ways of their own."""
    np.save("in.npy", array())
    data = (tmp_path / "in.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(data.replace(b"(24, 80, 112)", b"(24, 80, 112 "))
    (tmp_path / "b.npy").write_bytes(data.replace(b"(24, 80, 112)", b"((((((((((((("))
    np.savez_compressed("in.npz", array())
    data = bytearray((tmp_path / "in.npz").read_bytes())
    data[200:300] = bytes(100)
    (tmp_path / "c.npz").write_bytes(data)
    for name in ("a.npy", "b.npy", "c.npz"):
        fails(3, "encode", name, "a.stf", says=f"{name} is no whole NumPy array")


def test_empty_names_and_urls(fails, array_store):
    """An unset variable in a script must not write into the current folder."""
    fails(2, "info", "", says="empty")
    fails(2, "encode", "", "a.stf", says="empty")
    fails(2, "decode", array_store, "", says="empty")
    fails(2, "decode", array_store, "s3://bucket/pictures/", says="URL")
    fails(2, "repair", array_store, "s3://bucket/a.stf", says="URL")
    fails(2, "decode", array_store, "a.nut", says=".m4v, and is no folder")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--start", "inf"], "start must be"),
        (["--end", "nan"], "end must be"),
        (["--start", "1e300"], "no frame from"),
        (["--start", "50"], "no frame from 50 s"),
        (["--end", "-1"], "no frame before -1 s"),
    ],
)
def test_times_without_frames(fails, video, words, says):
    fails(2, "encode", video, "a.stf", *words, says=says)


@pytest.mark.parametrize("crf", ["-5", "52", "nan"])
def test_bad_crf(fails, video_store, crf):
    fails(2, "decode", video_store, "a.mp4", f"--crf={crf}", says="crf")


def test_truncated_array(fails, tmp_path):
    np.save("in.npy", array())
    data = (tmp_path / "in.npy").read_bytes()
    (tmp_path / "in.npy").write_bytes(data[: len(data) // 2])
    fails(3, "encode", "in.npy", "a.stf", says="in.npy")


def test_truncated_video(run, video, tmp_path):
    """What can be decoded is stored, and a warning says that it is not all."""
    data = video.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    code, _, err = run("encode", "cut.mkv", "a.stf")
    assert code == 0
    assert err == "" or err.startswith("stfrag: warning: ")
    with stfrag.open("a.stf") as v:
        assert 0 < len(v) < T


def test_sound_without_pictures(fails, tmp_path):
    with av.open(str(tmp_path / "in.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    fails(4, "encode", "in.wav", "a.stf", says="no video")


def test_pictures_of_different_size(fails, array_store, tmp_path):
    for name, size in (("1.png", "0,0:8,0:8"), ("2.png", "0,0:9,0:8")):
        assert main(["extract", str(array_store), name, "--region", size, "--quiet"]) == 0
    assert "2.png is 8×9 gray" in fails(1, "encode", "*.png", "a.stf")
    (tmp_path / "3.png").write_bytes(b"no picture")
    fails(3, "encode", "3*.png", "a.stf", says="3.png")
    fails(1, "encode", "4*.png", "a.stf", says="no pictures")


def test_wrong_dtypes(fails):
    np.save("float.npy", array(np.float32))
    assert "convert" in fails(2, "encode", "float.npy", "a.stf", says="float32") or "astype" in fails(
        2, "encode", "float.npy", "a.stf"
    )
    np.save("wide.npy", array(np.int64))
    fails(2, "encode", "wide.npy", "a.stf", says="int64")
    np.save("objects.npy", np.array([{}, []], object), allow_pickle=True)
    fails(4, "encode", "objects.npy", "a.stf", says="objects")
    np.save("flat.npy", np.zeros(5, np.uint8))
    fails(2, "encode", "flat.npy", "a.stf")


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (["--fragment", "0,16,16"], 2),
        (["--fragment", "5"], 2),
        (["--fragment", "a,b,c"], 2),
        (["--fragment", "-1,2,3"], 2),
        (["--fragment", "9,15,15"], 2),
        (["--fragment", "4096,16,16"], 2),
        (["--layout", "diagonal"], 2),
        (["--layout", "time", "--fragment", "8,16,16"], 2),
        (["--effort", "10"], 2),
        (["--effort", "0"], 2),
        (["--num-threads", "0"], 2),
        (["--max-error", "-1"], 2),
        (["--max-error", "32768"], 2),
        (["--max-error", "2", "--codec", "h264"], 4),
        (["--quality", "101"], 2),
        (["--qp", "30"], 2),
        (["--target", "1M"], 2),
        (["--target", "psnr=-1"], 2),
        (["--target", "bytes=10"], 2),
        (["--target", "psnr=40", "--codec", "h264"], 4),
        (["--target", "psnr=40", "--quality", "75"], 2),
        (["--weights", "missing.npy"], 1),
        (["--qp", "60", "--codec", "h264"], 2),
        (["--codec", "nonsense"], 2),
        (["--codec", "av1", "--max-error", "0"], 4),
        (["--codec", "stf", "--qp", "64"], 2),
        (["--codec", "ffv1", "--quality", "50"], 4),
        (["--copy", "--quality", "50"], 2),
        (["--copy", "--frames", "3"], 2),
        (["--codec", "h264", "--codec-option", "nonsense=1"], 2),
        (["--quality", "75", "--qp", "30"], 2),
        (["--codec-option", "x"], 2),
        (["--nonsense"], 2),
        (["--key", "x"], 2),
        (["--fps", "25"], 2),
        (["--stream", "7"], 2),
        (["--frames", "0"], 2),
    ],
)
def test_nonsense_options(fails, video, option, code):
    fails(code, "encode", video, "a.stf", *option)


def test_bits_too_few(run, tmp_path):
    np.save("in.npy", array())
    code, _, err = run("encode", "in.npy", "a.stf", "--bits", 4)
    assert code == 2
    assert "bits" in err
    assert not os.path.exists("a.stf")


def test_usage(fails, run, capsys):
    fails(2, "frobnicate", says="there is no command 'frobnicate'; choose from encode, decode,")
    fails(2, "encode", "x")
    assert run("--help")[0] == 0
    assert run("encode", "--help")[0] == 0
    assert run("--version") == (0, f"stfrag {stfrag.__version__}\n", "")


# ------------------------------------------------------------------------------------------------- outputs


def test_existing_output(fails, run, video, video_store, tmp_path):
    (tmp_path / "a.stf").write_text("precious")
    fails(1, "encode", video, "a.stf", says="--force")
    assert (tmp_path / "a.stf").read_text() == "precious"
    assert run("encode", video, "a.stf", "--force")[0] == 0
    for name in ("a.npy", "a.mkv", "a.png"):
        (tmp_path / name).write_text("precious")
        fails(1, "extract", video_store, name, "--region", "0", says="--force")
        assert run("extract", video_store, name, "--region", "0", "--force")[0] == 0
    fails(1, "repair", video_store, "a.stf", says="--force")


def test_output_is_input(fails, video_store, tmp_path):
    (tmp_path / "a.stf").write_bytes(video_store.read_bytes())
    fails(2, "repair", "a.stf", "./a.stf", "--force", says="both")
    os.link("a.stf", "b.npy")
    fails(2, "decode", "a.stf", "b.npy", "--force", says="both")


def test_older_part(run, video, tmp_path):
    """A .part that was there before is nothing that this command left."""
    (tmp_path / "a.stf.part").write_bytes(b"of an earlier encode")
    code, _, err = run("encode", video, "a.stf", "--stream", 7)
    assert code == 2
    assert "repair" not in err


def test_output_folder(fails, video, video_store):
    fails(1, "encode", video, "no/where/a.stf", says="no such folder")
    fails(1, "decode", video_store, "no/where/a.npy", says="no such folder")
    fails(1, "decode", video_store, "no/where/a.mkv", says="no such folder")
    fails(1, "decode", video_store, "no/where/a%d.png", says="no such folder")
    os.mkdir("a.stf")
    fails(1, "encode", video, "a.stf", "--force", says="is a folder")
    fails(1, "encode", video, "/dev/null", "--force", says="not a regular file")
    fails(2, "decode", video_store, "a.doc", says=".npy")
    fails(2, "decode", video_store, "a.png", says="%05d")


@pytest.mark.skipif(os.geteuid() == 0 or os.name != "posix", reason="root may write anywhere")
def test_unwritable_folder(fails, video, tmp_path):
    os.mkdir("locked", 0o500)
    fails(1, "encode", video, "locked/a.stf", says="not writable")


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit of file sizes")
@pytest.mark.parametrize(
    "words",
    [
        ["encode", "{video}", "out.stf"],
        ["decode", "{store}", "out.npy"],
        ["decode", "{store}", "out.mkv"],
        ["repair", "{store}", "out.stf"],
    ],
)
def test_no_room(video, video_store, tmp_path, words):
    """A limit of 4 kB on files stands for a full disk: the same failure of write()."""
    words = [word.format(video=video, store=video_store) for word in words]
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "from stfrag.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("stfrag: error: ")
    assert done.stderr.count("\n") == 1
    assert "larger than" in done.stderr or "File too large" in done.stderr
    assert words[2] in done.stderr
    assert not (tmp_path / words[2]).exists()


# ------------------------------------------------------------------------------------------------- signals


def command(*words):
    return [sys.executable, "-m", "stfrag", *map(str, words)]


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupt(tmp_path):
    """Ctrl-C in the middle: 130, one line, no file under the final name; the .part becomes a store."""
    rng = np.random.default_rng(1)
    np.save(tmp_path / "in.npy", rng.integers(0, 256, (2000, 256, 256), np.uint8))
    words = command("encode", "in.npy", "out.stf", "--fragment", "4,64,64", "--effort", 9, "--num-threads", 1)
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    part = tmp_path / "out.stf.part"
    for _ in range(400):
        if part.exists() and part.stat().st_size > 1_000_000:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert out == ""
    assert err.startswith("stfrag: error: interrupted; ")
    assert "stfrag repair out.stf.part out.stf" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.stf").exists()
    done = subprocess.run(command("repair", "out.stf.part", "out.stf"), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with stfrag.open(tmp_path / "out.stf") as v:
        assert len(v) >= 4
        assert (v[:4] == np.load(tmp_path / "in.npy", mmap_mode="r")[:4]).all()


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupted_decode(tmp_path):
    """Nothing is left of an array that was not written to its end."""
    stfrag.save(tmp_path / "in.stf", np.zeros(64 * 64, np.uint8).reshape(64, 8, 8), fragment=(4, 8, 8))
    code = (
        "import os, signal, sys\n"
        "from stfrag.cli import main, sinks\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Sink(sinks.NpySink):\n"
        "    def write(self, frames):\n"
        "        super().write(frames)\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "sinks.NpySink = Sink\n"
        "sys.exit(main(['decode', 'in.stf', 'out.npy']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stfrag: error: interrupted\n")
    assert os.listdir(tmp_path) == ["in.stf"]


def test_plain_terminal(video_store):
    """Output goes to a terminal that knows ASCII alone."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command("info", video_store), capture_output=True, env=environment)
    assert done.returncode == 0
    assert b"8?32?32" in done.stdout


def test_broken_pipe(video_store):
    words = command("info", video_store, "--index", "--json")
    read, write = os.pipe()
    os.close(read)  # before it begins, so that it cannot be done first
    try:
        done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_debug(capfd, monkeypatch, tmp_path):
    assert main(["info", str(tmp_path / "nothing.stf"), "--debug"]) == 1
    assert "Traceback" in capfd.readouterr().err
    monkeypatch.setenv("STFRAG_DEBUG", "1")
    assert main(["info", str(tmp_path / "nothing.stf")]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_help_needs_no_libraries():
    code = (
        "import sys; from stfrag.cli import main; main(['encode', '--help']);"
        "assert not {'numpy', 'av', 'rich'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupted_import():
    """Ctrl-C before anything has begun is no traceback either."""
    code = (
        "import builtins, sys\n"
        "real = builtins.__import__\n"
        "def interrupted(name, *rest):\n"
        "    if name == 'argparse': raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = interrupted\n"
        "from stfrag.cli import main\n"
        "sys.exit(main(['info', 'a.stf']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stfrag: error: interrupted\n")


@pytest.mark.skipif(os.name != "posix", reason="POSIX shells")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(video, tmp_path, closed):
    """As of daemons: everything is done, and nothing that is printed ends up in the store."""
    line = " ".join(map(str, command("encode", video, "a.stf", "--codec", "h264")))
    done = subprocess.run(["bash", "-c", f"{line} {closed}"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert stfrag.verify(tmp_path / "a.stf", deep=True).ok
