"""Times of frames in video files, into stores and back."""

import io
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stfrag
from stfrag.video import VideoWarning, to_video
from stfrag.video.matroska import tick_of
from stfrag.video.reading.times import FrameTimes

av = pytest.importorskip("av")
from support.videos import assert_frames, frames_of, lossless, seconds, stored, write  # noqa: E402

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
