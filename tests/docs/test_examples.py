"""The programs of docs/examples do what their first lines say: each is run as a reader would run it."""

from __future__ import annotations

import pickle
import re
import runpy
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image
from support.paths import ROOT

import stfrag

EXAMPLES = ROOT / "docs/examples"


def run(*words):
    """Run a program; return what it printed."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(name, *arguments):
    return run(sys.executable, EXAMPLES / "python" / name, *arguments)


def built(name, folder):
    """Compile a C example against the installed package; return the program."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    lib, program = stfrag.get_lib(), folder / name
    places = [f"-I{stfrag.get_include()}", f"-L{lib}", "-lstfrag", f"-Wl,-rpath,{lib}"]
    warnings = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    run("cc", *warnings, EXAMPLES / "c" / f"{name}.c", *places, "-o", program)
    return program


def moving_spot(frames, height, width):
    """A bright spot that moves one column right in every frame, on a gray ramp."""
    video = np.broadcast_to((np.arange(width) // 2).astype(np.uint8), (frames, height, width)).copy()
    for t in range(frames):
        video[t, height // 2 - 2 : height // 2 + 3, t : t + 5] = 250
    return video


@pytest.fixture
def gray_store(tmp_path):
    video = moving_spot(40, 64, 96)
    stfrag.save(tmp_path / "spot.stf", video, fragment=(16, 32, 32))
    return tmp_path / "spot.stf", video


# ------------------------------------------------------------------------------------------------------------- in C


def test_one_fragment(tmp_path):
    printed = run(built("one_fragment", tmp_path))
    assert re.fullmatch(
        r"196608 bytes became \d+; [1-6] of 16 frames were decoded for one, which is exact\n", printed
    )


def test_custom_codec(tmp_path):
    first, second = run(built("custom_codec", tmp_path)).splitlines()
    assert re.fullmatch(r"9216 bytes became \d+; frame 4 came from 1 of 6 packets and is exact", first)
    assert second == "without it: codec ffv1 (5) is needed and not registered"


def test_read_box(tmp_path):
    """The colours are those that Python gives."""
    planes = np.random.default_rng(3).integers(30, 220, (20, 96, 128), np.uint8)
    chroma = planes[:, ::2, ::2]
    with stfrag.create(tmp_path / "colour.stf", pixel_format="yuv420p", fps=25, fragment=(10, 48, 64)) as writer:
        writer.append((planes, chroma, chroma[::-1]))
    program = built("read_box", tmp_path)
    printed = run(program, tmp_path / "colour.stf", tmp_path / "box.ppm", 12, "32:81", "50:111")
    with stfrag.open(tmp_path / "colour.stf") as reader:
        expected = reader[12, 32:81, 50:111]
        stats = reader.stats
    with Image.open(tmp_path / "box.ppm") as picture:
        assert (np.array(picture) == expected).all()
    assert printed == f"{stats['fragments']} fragments and {stats['frames']} of their frames were decoded\n"

    done = subprocess.run(
        [program, tmp_path / "none.stf", "x.ppm", "0", "0:1", "0:1"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "none.stf" in done.stderr


# -------------------------------------------------------------------------------------------------------- in Python


def test_training_loader(gray_store):
    path, video = gray_store
    printed = run_python("training_loader.py", path.parent).splitlines()
    assert [line.split(" uint8")[0] for line in printed[:-1]] == [
        "(8, 8, 32, 32)",
        "(8, 8, 32, 32)",
        "(4, 8, 32, 32)",
    ]
    means = [float(line.split()[-1]) for line in printed[:-1]]
    assert all(video.min() <= mean <= video.max() for mean in means)
    assert len(set(means)) > 1
    assert 1 <= float(printed[-1].split()[0]) < 40

    # as the worker processes of a loader get it
    clips = runpy.run_path(str(EXAMPLES / "python/training_loader.py"))["RandomClips"](path.parent, (4, 16, 16))
    reader = pickle.loads(pickle.dumps(clips.readers[0]))
    assert (reader[3:7, 16:32, 16:32] == video[3:7, 16:32, 16:32]).all()
    assert (clips[5] == clips[5]).all()
    assert clips[5].shape == (4, 16, 16)


def test_kymograph(gray_store, tmp_path):
    path, video = gray_store
    printed = run_python("kymograph.py", path, tmp_path / "line.png", "32,0", "32,95")
    assert printed == "40 frames × 96 points; 9 fragments were decoded\n"
    with Image.open(tmp_path / "line.png") as picture:
        image = np.array(picture).astype(int)
    expected = video[:, 32].astype(float)
    expected = (expected - expected.min()) / (expected.max() - expected.min()) * 255
    assert abs(image - expected).max() <= 0.5
    assert (image.argmax(axis=1) == np.arange(40)).all()  # the spot is a streak of one column a frame


def test_bits_map(tmp_path):
    """The noisy corner of a picture is the bright one."""
    video = np.zeros((16, 96, 128), np.uint8)
    video[:, 64:, 96:] = np.random.default_rng(5).integers(0, 256, (16, 32, 32), np.uint8)
    stfrag.save(tmp_path / "corner.stf", video, fragment=(16, 32, 32))
    printed = run_python("bits_map.py", tmp_path / "corner.stf", tmp_path / "heat.png")
    assert printed.endswith("the dearest is at row 64, column 96\n")
    assert float(printed.split()[2]) == pytest.approx(8, rel=0.05)
    with Image.open(tmp_path / "heat.png") as picture:
        assert picture.size == (128, 96)
        heat = np.array(picture).astype(int).sum(axis=-1)
    assert heat[64:, 96:].min() > 700
    assert heat[:64].max() < 100


class Ranges(SimpleHTTPRequestHandler):
    """A web server that answers ranged requests, and counts the bytes that it sent."""

    sent = 0

    def do_GET(self):
        body = (self.server.folder / self.path.lstrip("/")).read_bytes()
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        part = body[int(found[1]) : int(found[2]) + 1] if found else body
        self.send_response(206 if found else 200)
        if found:
            self.send_header("Content-Range", f"bytes {found[1]}-{int(found[1]) + len(part) - 1}/{len(body)}")
        self.answer(len(part))
        self.wfile.write(part)
        type(self).sent += len(part)

    def do_HEAD(self):
        self.send_response(200)
        self.answer((self.server.folder / self.path.lstrip("/")).stat().st_size)

    def answer(self, size):
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(size))
        self.end_headers()

    def log_message(self, *_):
        pass


def test_read_url(tmp_path):
    video = np.random.default_rng(7).integers(0, 256, (32, 128, 128), np.uint8)
    stfrag.save(tmp_path / "noise.stf", video, fragment=(8, 32, 32))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
    server.folder = tmp_path
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        Ranges.sent = 0
        first, second = run_python("read_url.py", f"http://127.0.0.1:{server.server_port}/noise.stf").splitlines()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert first.endswith(f"a box of (4, 32, 32), mean {video[16:20, :32, :32].mean():.2f}")
    fetched, whole = (int(number.replace(",", "")) for number in re.findall(r"[\d,]{4,}", second))
    assert whole == (tmp_path / "noise.stf").stat().st_size
    assert fetched < whole / 50
    assert fetched <= Ranges.sent < whole / 2


def test_microscopy_stack(tmp_path):
    random = np.random.default_rng(9)
    cells = 800 + 600 * np.exp(-(((np.mgrid[:64, :80] - np.array([[[30]], [[40]]])) / 12) ** 2).sum(axis=0))
    stack = random.poisson(cells, (12, 64, 80)).astype(np.uint16)
    pages = [Image.fromarray(page) for page in stack]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    first, *lines = run_python("microscopy_stack.py", tmp_path / "stack.tif").splitlines()
    assert first == "(12, 64, 80) of uint16, 122,880 bytes of samples"
    sizes = []
    for bound, line in zip((0, 1, 2, 4), lines, strict=True):
        assert line.startswith(f"max_error={bound}:")
        assert line.endswith(f"the largest error is {bound}")
        sizes.append(int(line.split()[1].replace(",", "")))
        with stfrag.open(tmp_path / f"stack.{bound}.stf") as reader:
            assert abs(reader[...].astype(int) - stack).max() == bound
            assert reader.attributes["pixel_size_um"] == 0.16
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.8 * sizes[0]


def test_video_and_sound(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        video, sound = container.add_stream("ffv1", rate=25), container.add_stream("pcm_s16le", rate=16000)
        video.width, video.height, video.pix_fmt, sound.layout = 96, 64, "yuv420p", "mono"
        for t, picture in enumerate(moving_spot(10, 64, 96)):
            frame = av.VideoFrame.from_ndarray(np.repeat(picture[..., None], 3, axis=-1), "rgb24")
            samples = (np.sin(np.arange(640) / 7 + t) * 9000).astype(np.int16)
            heard = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
            heard.sample_rate = 16000
            container.mux([*video.encode(frame), *sound.encode(heard)])
        container.mux([*video.encode(None), *sound.encode(None)])
    printed = run_python("video_and_sound.py", tmp_path / "in.mkv", tmp_path / "v.stf", tmp_path / "out.mkv")
    lines = printed.splitlines()
    assert lines[0].startswith("10 frames of 96×64 yuv420p, ")
    assert re.fullmatch(r"beside the pictures: audio \(pcm_s16le\), [1-9]\d* packets", lines[1])
    assert lines[2:] == ["in the middle, at 0.18 s: a picture of (64, 96, 3)", "sound is the same: True"]
