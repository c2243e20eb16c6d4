"""What users get wrong, command by command: one line, the right exit code, no traceback, no file."""

import os
import signal
import subprocess
import sys

import av
import numpy as np
import pytest
from support.cli_inputs import T, array

import stfrag
from stfrag.cli import main

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
