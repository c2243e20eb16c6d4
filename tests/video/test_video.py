"""Video files into stores and back: what they say of their pictures, arrays, real clips."""

import io
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import stfrag
from stfrag.codec.frames import frame_planes
from stfrag.model.pixel_formats import pixel_format
from stfrag.video import VideoWarning, from_video, to_video

av = pytest.importorskip("av")
from support.pictures import random_planes  # noqa: E402
from support.videos import assert_frames, data_file, frames_of, lossless, seconds, stored, write  # noqa: E402

# -------------------------------------------------------------------------------------------------- what a video says


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


# ---------------------------------------------------------------------------------------------------------- H.264 out


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


def test_warnings_point_at_the_caller(tmp_path):
    """At the line outside of the package, however deep inside of it something was found to be wrong."""
    path = write(tmp_path / "a.h264", "libx264", "yuv420p", frames_of("yuv420p", 12, 32, 32), muxer="h264")
    with pytest.warns(VideoWarning, match="had no time") as caught:
        from_video(path, tmp_path / "a.stf", target={"psnr": 30})
    assert [warning.filename for warning in caught] == [__file__]
    with stfrag.create(tmp_path / "b.stf", pixel_format="yuva420p", fps=24) as w:
        w.append(tuple(p[None] for p in random_planes("yuva420p", 16, 16)))
    with pytest.warns(VideoWarning, match="alpha") as caught:
        to_video(tmp_path / "b.stf", tmp_path / "b.mp4")
    assert [warning.filename for warning in caught] == [__file__]


# ------------------------------------------------------------------------------------------------------------- arrays


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


# --------------------------------------------------------------------------------------------------------- real clips


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
