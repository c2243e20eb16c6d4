"""Video files that are not as they should be, and places that they cannot be written to."""

import io
import os
from fractions import Fraction

import numpy as np
import pytest

import stfrag
from stfrag.codec.frames import frame_from_planes
from stfrag.video import VideoWarning, to_video

av = pytest.importorskip("av")
from support.pictures import random_planes  # noqa: E402
from support.videos import assert_frames, frames_of, lossless, seconds, stored, write  # noqa: E402


def test_not_a_video(tmp_path):
    store = tmp_path / "a.stf"
    with pytest.raises(FileNotFoundError, match="nothing"):
        lossless(tmp_path / "nothing.mp4", store)
    with pytest.raises(IsADirectoryError):
        lossless(tmp_path, store)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(stfrag.UnsupportedError, match="empty"):
        lossless(tmp_path / "empty.mp4", store)
    with pytest.raises(stfrag.UnsupportedError, match="nothing in it"):
        lossless(b"", store)
    (tmp_path / "notes.txt").write_text("these are words\n" * 200)
    with pytest.raises(stfrag.UnsupportedError, match=r"notes\.txt: this is text|not a video"):
        lossless(tmp_path / "notes.txt", store)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(stfrag.UnsupportedError, match="not a video that libav can read"):
        lossless(tmp_path / "noise.mp4", store)
    with pytest.raises(TypeError, match="int"):
        lossless(3, store)
    assert not list(tmp_path.glob("*.stf*"))


def test_sound_alone(tmp_path):
    with av.open(tmp_path / "a.wav", "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
    with pytest.raises(stfrag.UnsupportedError, match="no video"):
        lossless(tmp_path / "a.wav", tmp_path / "a.stf")


def test_pipe():
    """What can only be read front to back."""

    class Pipe:
        def __init__(self, data):
            self.read = io.BytesIO(data).read

    frames = frames_of("gray", 10, 8, 8)
    data = write(io.BytesIO(), "ffv1", "gray", frames, muxer="matroska").getvalue()
    assert_frames(stored(Pipe(data))[0], frames)
    assert_frames(stored(Pipe(data), start=0.1)[0], frames[3:])


def test_bottom_up_pictures(tmp_path):
    """AVI keeps raw RGB upside down."""
    frames = frames_of("bgr24", 3, 7, 13)
    write(tmp_path / "a.avi", "rawvideo", "bgr24", frames)
    assert_frames(stored(tmp_path / "a.avi")[0], frames)


def test_streams(tmp_path):
    write(tmp_path / "a.mkv", "ffv1", "gray", frames_of("gray", 2, 8, 8))
    with pytest.raises(ValueError, match="no video stream 1; it has 1"):
        lossless(tmp_path / "a.mkv", tmp_path / "a.stf", stream=1)
    with av.open(tmp_path / "two.mkv", "w") as container:
        streams = [container.add_stream("ffv1", rate=24, options={}) for _ in range(2)]
        for size, stream in zip((8, 16), streams, strict=True):
            stream.width = stream.height = size
            stream.pix_fmt = "gray"
        for size, stream in zip((8, 16), streams, strict=True):
            frame = frame_from_planes(random_planes("gray", size, size), "gray")
            frame.pts = 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert stored(tmp_path / "two.mkv", stream=1)[1].height == 16


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"start": 9}, "no frame from 9 s"),
        ({"end": -1}, "no frame before -1 s"),
        ({"start": 1e300}, "no frame from"),
        ({"start": 0.01, "end": 0.02}, r"no frame from 0\.01 s and before 0\.02 s"),
        ({"start": float("inf")}, "start must be"),
        ({"end": float("nan")}, "end must be"),
    ],
)
def test_parts_without_frames(part, message, tmp_path):
    """Nothing is wrong with the video then."""
    path = write(tmp_path / "a.mkv", "ffv1", "gray", frames_of("gray", 3, 8, 8))
    with pytest.raises(ValueError, match=message):
        lossless(path, tmp_path / "a.stf", **part)
    assert not list(tmp_path.glob("*.stf*"))


def test_video_over_itself(tmp_path):
    path = write(tmp_path / "a.mkv", "ffv1", "gray", frames_of("gray", 2, 8, 8))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="the video itself"):
        lossless(path, path)
    assert path.read_bytes() == before


def test_size_changes_midway(tmp_path):
    """What came before the change stays in the .part, for repair."""
    small = write(io.BytesIO(), "libx264", "yuv420p", frames_of("yuv420p", 8, 16, 16), muxer="h264",
                  options={"bf": "0"})  # fmt: skip
    large = write(io.BytesIO(), "libx264", "yuv420p", frames_of("yuv420p", 3, 32, 16), muxer="h264",
                  options={"bf": "0"})  # fmt: skip
    (tmp_path / "a.h264").write_bytes(small.getvalue() + large.getvalue())
    with pytest.raises(stfrag.UnsupportedError, match="frame 8 is 16x32 yuv420p, those before it are 16x16 yuv420p"):
        lossless(tmp_path / "a.h264", tmp_path / "a.stf", fragment=(2, 16, 16))
    assert not (tmp_path / "a.stf").exists()
    stfrag.repair(tmp_path / "a.stf.part", tmp_path / "b.stf")
    with stfrag.open(tmp_path / "b.stf") as reader:
        assert 4 <= len(reader) <= 8


def png_video(count=12):
    """Every packet stands for itself, and says so if it is broken."""
    frames = frames_of("rgb24", count, 32, 32)
    file = write(io.BytesIO(), "png", "rgb24", frames, muxer="mov")
    return bytearray(file.getvalue()), frames


def test_broken_packets():
    data, frames = png_video()
    places = [i for i in range(len(data)) if data.startswith(b"\x89PNG", i)]
    assert len(places) == 12
    for place in (places[3], places[7]):
        data[place : place + 4] = bytes(4)
    with pytest.warns(VideoWarning, match="2 broken packets were left out"):
        reader, report = stored(bytes(data))
    assert (report.frames, report.broken_packets) == (10, 2)
    assert_frames(reader, [f for i, f in enumerate(frames) if i not in (3, 7)])
    assert seconds(reader) == [Fraction(i, 24) for i in range(12) if i not in (3, 7)]


def test_nothing_decodes(tmp_path):
    data, _ = png_video()
    for i in range(len(data)):
        if data.startswith(b"\x89PNG", i):
            data[i : i + 4] = bytes(4)
    with pytest.raises(stfrag.UnsupportedError, match="no frame of it can be decoded"):
        lossless(bytes(data), tmp_path / "a.stf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9])
def test_cut_short(part):
    frames = frames_of("gray", 40, 32, 32)
    data = write(io.BytesIO(), "ffv1", "gray", frames, muxer="matroska").getvalue()
    with pytest.warns(VideoWarning, match="before the end that the file announces|reading ended early"):
        reader, report = stored(data[: int(len(data) * part)])
    assert 0 < report.frames < 40
    assert_frames(reader, frames[: report.frames])


@pytest.mark.parametrize("first", [0, 240])
def test_cut_short_by_a_frame(first):
    """Matroska says when the stream ends, so that not even one frame goes missing in silence; and a stream that does
    not begin at zero is as whole as any other."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width = stream.height = 32
        stream.pix_fmt = "gray"
        for number in range(200):
            frame = frame_from_planes(random_planes("gray", 32, 32), "gray")
            frame.pts, frame.time_base = first + number, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    data = file.getvalue()
    assert stored(data)[1].frames == 200  # warnings are errors here
    with pytest.warns(VideoWarning, match="ends 0.04 s before the end that the file announces"):
        assert stored(data[: data.rindex(b"\x1c\x53\xbb\x6b") - 600])[1].frames == 199


def test_interrupted(tmp_path):
    """Ctrl-C leaves no file under the final name."""
    path = write(tmp_path / "a.mkv", "ffv1", "gray", frames_of("gray", 12, 8, 8))

    def interrupt(done, total):
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lossless(path, tmp_path / "a.stf", progress=interrupt)
    assert not (tmp_path / "a.stf").exists()
    lossless(path, tmp_path / "b.stf")
    with pytest.raises(KeyboardInterrupt):
        to_video(tmp_path / "b.stf", tmp_path / "b.mkv", progress=interrupt)
    assert sorted(p.name for p in tmp_path.glob("b.*")) == ["b.stf"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("name", ["b.mkv", "b.mp4"])
def test_full_disk(name, tmp_path):
    stfrag.save(tmp_path / "a.stf", np.random.default_rng(0).integers(0, 256, (100, 64, 64), np.uint8))
    (tmp_path / f"{name}.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        to_video(tmp_path / "a.stf", tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == ["a.stf"]


def test_bad_output(tmp_path):
    stfrag.save(tmp_path / "a.stf", np.zeros((2, 8, 8), np.uint8))
    (tmp_path / "there.mkv").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        to_video(tmp_path / "a.stf", tmp_path / "there.mkv", overwrite=False)
    assert (tmp_path / "there.mkv").read_bytes() == b"precious"
    with pytest.raises(stfrag.UnsupportedError, match=r"cannot write \.gif; known are \.mkv"):
        to_video(tmp_path / "a.stf", tmp_path / "a.gif")
    with pytest.raises(stfrag.UnsupportedError, match=r"cannot encode ffv1 into \.mp4"):
        to_video(tmp_path / "a.stf", tmp_path / "a.mp4", codec="ffv1")
    with pytest.raises(FileNotFoundError) as caught:
        to_video(tmp_path / "a.stf", tmp_path / "no" / "a.mkv")
    assert caught.value.filename == str(tmp_path / "no" / "a.mkv")
    (tmp_path / "folder.mkv").mkdir()
    with pytest.raises(IsADirectoryError):
        to_video(tmp_path / "a.stf", tmp_path / "folder.mkv")
    with pytest.raises(ValueError, match="crf"):
        to_video(tmp_path / "a.stf", tmp_path / "a.mkv", crf=20)
    for crf in (-1, 52, float("nan")):
        with pytest.raises(ValueError, match="out of range: 0"):
            to_video(tmp_path / "a.stf", tmp_path / "a.mp4", crf=crf)
    with pytest.raises(FileNotFoundError):
        to_video(tmp_path / "nothing.stf", tmp_path / "a.mkv")
    with pytest.raises(stfrag.UnsupportedError, match="does not take pixel format rgb565le"):
        to_video(tmp_path / "a.stf", tmp_path / "a.mkv", pixel_format="rgb565le")
