"""Video files into stores and back: samples, times, colour, and files that are not as they should be."""

import io
import itertools
import os
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import stfrag
from stfrag.codec.frames import frame_from_planes, frame_planes
from stfrag.model.pixel_formats import pixel_format
from stfrag.video import VideoWarning, from_video, to_video
from stfrag.video.matroska import tick_of
from stfrag.video.reading.times import FrameTimes

av = pytest.importorskip("av")
from support.paths import DATA  # noqa: E402
from support.pictures import NAMES, fill, random_planes  # noqa: E402

PLANAR = sorted({pixel_format(name).planar for name in NAMES})

#: What these tests are about is exact.
lossless = partial(from_video, max_error=0)


def data_file(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in ../shared/data")
    return path


def frames_of(name, count, height, width):
    """`count` frames of random planes."""
    return [random_planes(name, height, width, seed) for seed in range(count)]


def write(target, codec, name, frames, pts=None, time_base=Fraction(1, 24), muxer=None, options=None, setup=None,
          rate=24):  # fmt: skip
    """A video file by PyAV alone."""
    with av.open(target, "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames[0][0].shape
        stream.pix_fmt = name
        stream.time_base = stream.codec_context.time_base = time_base
        if setup:
            setup(stream)
        for i, planes in enumerate(frames):
            frame = frame_from_planes(planes, name)
            frame.pts, frame.time_base = i if pts is None else pts[i], time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target


def stored(data, **options):
    """The store that `from_video` makes: (reader, report)."""
    file = io.BytesIO()
    report = lossless(data, file, **options)
    return stfrag.open(file.getvalue()), report


def seconds(reader):
    return [int(p) * reader.time_base for p in reader.pts]


def assert_frames(reader, frames):
    planes = reader.read_planes()
    assert len(planes) == len(frames[0])
    assert len(reader) == len(frames)
    for c, plane in enumerate(planes):
        assert_array_equal(plane, np.stack([f[c] for f in frames]))


# ---------------------------------------------------------------------------------------------- pixel formats


@pytest.mark.parametrize("name", NAMES)
def test_every_pixel_format_in(name):
    """Raw video of every format libav has: the store holds what libav's own frames hold."""
    height, width = 7, 13
    encoder = av.CodecContext.create("rawvideo", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, name, Fraction(1, 25)
    raw, frames = b"", []
    for seed in range(3):
        try:
            frame = frame_from_planes(random_planes(name, height, width, seed), name)
        except stfrag.UnsupportedError:
            frame = fill(av.VideoFrame(width, height, name), seed)
        frames.append([plane.copy() for plane in frame_planes(frame)])
        frame.pts = seed
        raw += b"".join(bytes(packet) for packet in encoder.encode(frame))
    size = {"video_size": f"{width}x{height}", "pixel_format": name}
    try:
        reader, report = stored(raw, input_format="rawvideo", input_options=size)
    except stfrag.UnsupportedError:
        if name == "pal8" or name.startswith("yuvj411"):
            pytest.skip("libav does not read raw video of this format")
        raise
    f = pixel_format(name)
    assert (report.frames, report.pixel_format) == (3, f.planar)
    assert reader.pixel_format == f.planar
    if name != "pal8":  # whose palette libav puts elsewhere in raw video
        assert_frames(reader, frames)


@pytest.mark.parametrize("size", [(7, 13), (1, 1)])
@pytest.mark.parametrize("name", PLANAR)
def test_every_pixel_format_out_and_in(name, size, tmp_path):
    frames = frames_of(name, 3, *size)
    with stfrag.create(tmp_path / "a.stf", pixel_format=name, fps=24) as w:
        for planes in frames:
            w.append(tuple(p[None] for p in planes))
    report = to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
    assert report.exact
    assert (report.frames, report.codec) == (3, "ffv1")
    reader, _ = stored(tmp_path / "a.mkv")
    if name == "ya16le":  # FFV1 has no such format: chroma is added
        assert reader.pixel_format == "yuva444p16le"
        y, u, v, a = reader.read_planes()
        assert (u == 32768).all()
        assert (v == 32768).all()
        assert_array_equal(np.stack([f[0] for f in frames]), y)
        assert_array_equal(np.stack([f[1] for f in frames]), a)
    else:
        assert reader.pixel_format == name
        assert_frames(reader, frames)
    assert seconds(reader) == [Fraction(i, 24) for i in range(3)]


@pytest.mark.parametrize("name", ["yuv420p", "gray16le", "gbrap12le", "yuva420p10le", "yuv422p", "ya16le"])
def test_narrow_pictures(name, tmp_path):
    """FFV1 does not take its own default slices at these sizes."""
    for size in [(3, 1), (2, 1), (47, 2), (5, 23), (5, 353)]:
        frames = frames_of(name, 1, *size)
        with stfrag.create(tmp_path / "a.stf", pixel_format=name, fps=24) as w:
            w.append(tuple(p[None] for p in frames[0]))
        to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
        planes = stored(tmp_path / "a.mkv")[0].read_planes()
        assert_array_equal(planes[0][0], frames[0][0])
        assert_array_equal(planes[-1][0], frames[0][-1])


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_sizes(tmp_path_factory, data):
    """Chroma of odd sizes survives FFV1's slices."""
    name = data.draw(st.sampled_from(["yuv420p", "yuv411p", "yuv410p", "yuv422p10le", "gbrp", "yuva420p"]))
    size = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 90))
    path = tmp_path_factory.mktemp("sizes")
    frames = frames_of(name, 2, *size)
    with stfrag.create(path / "a.stf", pixel_format=name, fps=24) as w:
        for planes in frames:
            w.append(tuple(p[None] for p in planes))
    to_video(path / "a.stf", path / "a.mkv")
    assert_frames(stored(path / "a.mkv")[0], frames)


def test_pal8_becomes_rgba():
    frame = fill(av.VideoFrame(13, 7, "pal8"))
    expected = [plane.copy() for plane in frame_planes(frame)]
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 13, 7, "pal8", Fraction(1, 25)
    frame.pts = 0
    png = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    reader, _ = stored(png)
    assert reader.pixel_format == "gbrap"
    assert_frames(reader, [expected])


def test_floating_point_is_refused(tmp_path):
    raw = np.zeros((4, 4), np.float32).tobytes()
    options = {"video_size": "4x4", "pixel_format": "grayf32le"}
    with pytest.raises(stfrag.UnsupportedError, match="grayf32le holds floating-point samples"):
        lossless(raw, tmp_path / "a.stf", input_format="rawvideo", input_options=options)
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------------------------ times

TIMES = [0, 512, 1030, 1500, 5048, 5049, 9000]


@pytest.mark.parametrize("extension", ["mkv", "mp4", "mov"])
@pytest.mark.parametrize("time_base", [Fraction(1, 12288), Fraction(1, 24), Fraction(1001, 30000), Fraction(1, 1000),
                                       Fraction(1, 90000), Fraction(1, 25), Fraction(1, 12800)])  # fmt: skip
@pytest.mark.parametrize("first", [0, 700])
def test_variable_frame_rate(extension, time_base, first, tmp_path):
    """Times are the same, to the tick, through a store and each kind of file, twice."""
    times = [first + t for t in TIMES]
    frames = frames_of("yuv420p", len(times), 16, 32)
    with stfrag.create(tmp_path / "a.stf", pixel_format="yuv420p", time_base=time_base) as w:
        for planes, t in zip(frames, times, strict=True):
            w.append(tuple(p[None] for p in planes), pts=[t])
    expected = [t * time_base for t in times]
    path = tmp_path / f"b.{extension}"
    to_video(tmp_path / "a.stf", path)
    with av.open(path) as container:
        stream = container.streams.video[0]
        found = [frame.pts * stream.time_base for frame in container.decode(stream)]
    if extension == "mkv":
        assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= Fraction(1, 2_000_000)
        if (time_base * 10**9).denominator == 1:
            assert found == expected
    else:
        assert found == expected
    again, _ = stored(path)
    assert seconds(again) == expected
    if extension == "mkv" and tick_of(time_base) == 1000:
        assert again.time_base == time_base


def test_durations(tmp_path):
    """A frame is shown until the next; the file says how long the last one is."""
    frames = frames_of("gray", 4, 8, 8)
    with stfrag.create(tmp_path / "a.stf", pixel_format="gray", time_base=Fraction(1, 1000)) as w:
        w.append((np.stack([f[0] for f in frames]),), pts=[0, 40, 90, 100], durations=[40, 50, 10, 77])
    for name in ("a.mkv", "a.mp4"):
        to_video(tmp_path / "a.stf", tmp_path / name, codec_options={"bf": 0} if name == "a.mp4" else {})
        reader, _ = stored(tmp_path / name)
        assert [int(d) * reader.time_base * 1000 for d in reader.durations] == [40, 50, 10, 77]


def test_matroska_duration_is_right(tmp_path):
    with stfrag.create(tmp_path / "a.stf", pixel_format="gray", fps=24) as w:
        w.append((np.zeros((48, 8, 8), np.uint8),))
    to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
    with av.open(tmp_path / "a.mkv") as container:
        assert container.duration == 2_000_000
        assert container.streams.video[0].metadata["DURATION"] == "00:00:02.000000000"
        assert container.streams.video[0].average_rate == 24


def test_times_that_must_change():
    base = Fraction(1, 1000)
    times = FrameTimes(base, Fraction(25))
    for pts, expected in [(0, 0), (40, 40), (40, 41), (30, 42), (None, 82), (160, 160), (-5000, 200), (-4960, 240),
                          (-4900, 300)]:  # fmt: skip
        assert times.next(pts) == expected
    assert (times.missing, times.moved) == (1, 5)
    times = FrameTimes(base, Fraction(25))
    assert [times.next(None, d) for d in (None, 7, 7, None)] == [0, 7, 47, 87]


@given(st.lists(st.one_of(st.none(), st.integers(-(10**6), 10**6)), max_size=40), st.integers(1, 10**6))
def test_times_always_ascend(pts, denominator):
    times = FrameTimes(Fraction(1, denominator), Fraction(25))
    out = [times.next(p, d) for p, d in zip(pts, reversed(pts), strict=True)]
    assert all(a < b for a, b in itertools.pairwise(out))
    good = [p for p in pts if p is not None]
    if len(good) == len(pts) and all(a < b for a, b in itertools.pairwise(good)):
        assert out == pts


def test_no_times_at_all(tmp_path):
    """A bare H.264 stream has none: its frames get the nominal ones, with a warning."""
    write(tmp_path / "a.h264", "libx264", "yuv420p", frames_of("yuv420p", 6, 16, 16), muxer="h264",
          options={"bf": "0"})  # fmt: skip
    with pytest.warns(VideoWarning, match="6 frames had no time"):
        reader, report = stored(tmp_path / "a.h264")
    assert report.missing_times == 6
    steps = set(np.diff(reader.pts))
    assert len(steps) == 1


def test_part_of_a_video(tmp_path):
    frames = frames_of("gray", 20, 8, 8)
    write(tmp_path / "a.mkv", "ffv1", "gray", frames, time_base=Fraction(1, 10), rate=10)
    reader, _ = stored(tmp_path / "a.mkv", start=0.5, end=1.2)
    assert seconds(reader) == [Fraction(i, 10) for i in range(5, 12)]
    assert_frames(reader, frames[5:12])
    long_gop = write(io.BytesIO(), "libx264", "yuv420p", frames_of("yuv420p", 20, 16, 16), muxer="mpegts").getvalue()
    times = seconds(stored(long_gop)[0])
    assert seconds(stored(long_gop, start=float(times[8]), end=2)[0]) == times[8:]  # seeking there is of no use
    assert seconds(stored(io.BytesIO(long_gop), start=float(times[8]))[0]) == times[8:]
    reader, _ = stored(tmp_path / "a.mkv", frames=3)
    assert_frames(reader, frames[:3])
    seen = []
    lossless(tmp_path / "a.mkv", io.BytesIO(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 20) for i in range(1, 21)]
    with pytest.raises(ValueError, match="start"):
        stored(tmp_path / "a.mkv", start=2, end=1)
    with pytest.raises(ValueError, match="frames must be at least 1"):
        stored(tmp_path / "a.mkv", frames=0)


# ------------------------------------------------------------------------------------------- what a video says


@pytest.mark.skipif(not hasattr(av.VideoFrame, "color_trc"), reason="PyAV before 17 does not show all of it")
@pytest.mark.parametrize("extension", ["mkv", "mp4"])
def test_description(extension, tmp_path):
    said = {
        "colour": {"range": "full", "matrix": "bt2020nc", "primaries": "bt2020", "transfer": "smpte2084",
                   "chroma_location": None},
        "sample_aspect_ratio": [4, 3], "rotation": 90, "tags": {"title": "a title"},
    }  # fmt: skip
    rotates = hasattr(av.VideoStream, "set_display_rotation")  # PyAV 18
    if not rotates:
        said["rotation"] = 0

    def setup(stream):
        c = stream.codec_context
        c.color_range, c.colorspace, c.color_primaries, c.color_trc = 2, 9, 9, 16
        c.sample_aspect_ratio = Fraction(4, 3)
        if rotates:
            stream.set_display_rotation(-90)
        stream.container.metadata["title"] = "a title"

    write(tmp_path / "a.mp4", "libx264", "yuv420p10le", frames_of("yuv420p10le", 3, 16, 32), setup=setup)
    reader, _ = stored(tmp_path / "a.mp4")
    for key, value in said.items():
        assert reader.metadata[key] == value
    assert reader.fps == 24
    with open(tmp_path / "a.stf", "wb") as file:
        lossless(tmp_path / "a.mp4", file)
    to_video(tmp_path / "a.stf", tmp_path / f"b.{extension}")
    again, _ = stored(tmp_path / f"b.{extension}")
    for key, value in said.items():
        assert again.metadata[key] == value
    assert again.fps == 24


def test_full_range_by_name_alone(tmp_path):
    write(tmp_path / "a.mkv", "mjpeg", "yuvj420p", frames_of("yuvj420p", 2, 16, 16))
    reader, _ = stored(tmp_path / "a.mkv")
    assert reader.pixel_format == "yuv420p"
    assert reader.metadata["colour"]["range"] == "full"


def test_pictures_appended_one_by_one(tmp_path):
    """What stfrag.create() learns from av.VideoFrame: samples, times, colour."""

    def setup(stream):
        stream.codec_context.color_range, stream.codec_context.colorspace = 2, 9

    frames = frames_of("yuv422p", 3, 16, 16)
    write(tmp_path / "a.mkv", "ffv1", "yuv422p", frames, setup=setup)
    file = io.BytesIO()
    with stfrag.create(file) as w, av.open(tmp_path / "a.mkv") as container:
        for frame in container.decode(video=0):
            w.append(frame)
    reader = stfrag.open(file.getvalue())
    assert_frames(reader, frames)
    assert reader.pts.tolist() == [0, 42, 83]
    assert reader.metadata["colour"]["range"] == "full"
    assert reader.metadata["colour"]["matrix"] == "bt2020nc"


# ---------------------------------------------------------------------------------------------------- H.264 out


@pytest.mark.parametrize(
    ("name", "size", "given_to_encoder", "exact"),
    [
        ("yuv420p", (16, 32), "yuv420p", True), ("yuv422p", (15, 32), "yuv422p", True),
        ("yuv444p", (7, 13), "yuv444p", True), ("yuv420p10le", (16, 32), "yuv420p10le", True),
        ("gray", (16, 32), "yuv420p", True), ("gray10le", (7, 13), "yuv444p10le", True),
        ("gbrp", (16, 32), "yuv420p", False), ("yuv420p", (7, 13), "yuv444p", False),
        ("gray16le", (16, 32), "yuv420p10le", False), ("yuv420p12le", (16, 32), "yuv420p10le", False),
    ],
)  # fmt: skip
def test_h264(name, size, given_to_encoder, exact, tmp_path):
    frames = frames_of(name, 3, *size)
    with stfrag.create(tmp_path / "a.stf", pixel_format=name, fps=24) as w:
        for planes in frames:
            w.append(tuple(p[None] for p in planes))
    report = to_video(tmp_path / "a.stf", tmp_path / "a.mp4", crf=0)
    assert (report.pixel_format, report.exact) == (given_to_encoder, exact)
    reader, _ = stored(tmp_path / "a.mp4")
    assert len(reader) == 3
    planes = reader.read_planes()
    stacked = [np.stack([f[c] for f in frames]) for c in range(len(frames[0]))]
    if exact:
        assert all((a == b).all() for a, b in zip(planes, stacked, strict=False))
    elif pixel_format(name).model != "rgb" and pixel_format(name).bits > 8:
        shift = pixel_format(name).bits - 10
        assert np.abs(planes[0].astype(int) - (stacked[0] >> shift)).max() <= 1
    if pixel_format(name).model == "gray":
        assert reader.metadata["colour"]["range"] == "full"


def test_rgb_to_h264_is_bt709(tmp_path):
    pictures = np.zeros((2, 16, 16, 3), np.uint8)
    pictures[...] = [200, 30, 90]
    stfrag.save(tmp_path / "a.stf", pictures)
    to_video(tmp_path / "a.stf", tmp_path / "a.mp4", crf=0, fps=10)
    reader, _ = stored(tmp_path / "a.mp4")
    assert reader.metadata["colour"]["matrix"] == "bt709"
    assert np.abs(reader[:].astype(int) - pictures).max() <= 4
    assert seconds(reader) == [0, Fraction(1, 10)]


def test_alpha_is_dropped_with_a_warning(tmp_path):
    with stfrag.create(tmp_path / "a.stf", pixel_format="yuva420p", fps=24) as w:
        w.append(tuple(p[None] for p in random_planes("yuva420p", 16, 16)))
    with pytest.warns(VideoWarning, match="alpha"):
        to_video(tmp_path / "a.stf", tmp_path / "a.mp4")


# ------------------------------------------------------------------------------------------------------ arrays


@pytest.mark.parametrize(("dtype", "channels"), [("uint8", 0), ("uint16", 0), ("uint8", 3), ("uint16", 4)])
def test_arrays_out(dtype, channels, tmp_path):
    shape = (3, 9, 14, channels) if channels else (3, 9, 14)
    array = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    stfrag.save(tmp_path / "a.stf", array)
    report = to_video(tmp_path / "a.stf", tmp_path / "a.mkv", fps=50)
    assert report.exact
    reader, _ = stored(tmp_path / "a.mkv")
    planes = [array] if not channels else [array[..., c] for c in range(channels)]
    for a, b in zip(reader.read_planes(), planes, strict=True):
        assert_array_equal(a, b)
    assert seconds(reader) == [0, Fraction(1, 50), Fraction(2, 50)]


@pytest.mark.parametrize("dtype", ["int8", "int16", "bool"])
def test_arrays_that_are_no_video(dtype, tmp_path):
    stfrag.save(tmp_path / "a.stf", np.zeros((2, 8, 8), dtype))
    with pytest.raises(stfrag.UnsupportedError, match=f"no {dtype} samples"):
        to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.stf"]


def test_region(tmp_path):
    frames = frames_of("yuv420p", 20, 32, 48)
    with stfrag.create(tmp_path / "a.stf", pixel_format="yuv420p", fps=10, fragment=(4, 16, 16)) as w:
        for planes in frames:
            w.append(tuple(p[None] for p in planes))
    box = (slice(5, 15), slice(2, 21), slice(10, 40))
    with stfrag.open(tmp_path / "a.stf") as reader:
        report = to_video(reader, tmp_path / "a.mkv", region=box)
    assert report.frames == 10
    again, _ = stored(tmp_path / "a.mkv")
    y, u, v = again.read_planes()
    assert_array_equal(y, np.stack([f[0][2:21, 10:40] for f in frames[5:15]]))
    assert_array_equal(u, np.stack([f[1][1:11, 5:20] for f in frames[5:15]]))
    assert_array_equal(v, np.stack([f[2][1:11, 5:20] for f in frames[5:15]]))
    assert seconds(again) == [Fraction(i, 10) for i in range(10)]
    for bad, message in [((slice(0, 4), slice(1, 9)), "multiple"), ((slice(4, 4),), "empty"), ((3,), "slices")]:
        with pytest.raises(ValueError, match=message):
            to_video(tmp_path / "a.stf", tmp_path / "b.mkv", region=bad)


# --------------------------------------------------------------------------------------------------- bad input


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


# --------------------------------------------------------------------------------------------------- real clips


@pytest.mark.parametrize("clip", ["carphone_qcif.mkv", "campus_288p.mkv", "sparks_270p_10bit.mkv",
                                  "particles_424p_gray.mkv"])  # fmt: skip
def test_real_clips(clip):
    """The first frames of real clips, exact."""
    path = data_file(clip)
    reader, _ = stored(path, frames=6, effort=1)
    with av.open(path) as container:
        stream = container.streams.video[0]
        for t, frame in zip(range(6), container.decode(stream), strict=False):
            assert int(reader.pts[t]) * reader.time_base == frame.pts * stream.time_base
            for ours, theirs in zip(reader.read_planes((slice(t, t + 1),)), frame_planes(frame), strict=True):
                assert_array_equal(ours[0], theirs)


def test_trailer(tmp_path):
    """A real file with sound and B-frames: the same times through a store, H.264 in MP4 and FFV1 in Matroska."""
    path = data_file("trailer_bbb_720p.mp4")
    lossless(path, tmp_path / "a.stf", frames=12, effort=1)
    with stfrag.open(tmp_path / "a.stf") as reader:
        assert reader.time_base == Fraction(1, 12288)
        expected = seconds(reader)
        assert expected == [Fraction(i, 24) for i in range(12)]
    for name in ("b.mp4", "b.mkv"):
        options = {"codec_options": {"preset": "ultrafast"}} if name == "b.mp4" else {}
        to_video(tmp_path / "a.stf", tmp_path / name, **options)
        lossless(tmp_path / name, tmp_path / "c.stf", effort=1)
        with stfrag.open(tmp_path / "c.stf") as reader:
            assert seconds(reader) == expected
