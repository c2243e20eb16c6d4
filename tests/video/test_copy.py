"""Coded video into stores and out of them as it is: packets, never encoded anew."""

import io
from fractions import Fraction

import numpy as np
import pytest

import stfrag

av = pytest.importorskip("av")

from support.coded_videos import LOSSY, copied, decoded, moving, packets, same, write  # noqa: E402

from stfrag.codec.frames import frame_from_planes, frame_planes  # noqa: E402
from stfrag.native import codec as _codec  # noqa: E402
from stfrag.video import VideoWarning, from_video, to_video  # noqa: E402

# ------------------------------------------------------------------------------------------------------------ copy in


@pytest.mark.parametrize(
    ("name", "encoder", "options"),
    [
        ("a.mp4", "libx264", {"g": 12, "bf": 3, "x264_params": "scenecut=0"}),
        ("a.mkv", "libx264", {"g": 250, "bf": 2}),
        ("a.ts", "libx264", {"g": 10, "bf": 2}),
        ("a.mp4", "libx265", {"g": 12, "x265_params": "open-gop=0:log-level=none:pools=none:frame-threads=1"}),
        (
            "a.mkv",
            "libx265",
            {"g": 10, "x265_params": "open-gop=1:bframes=4:log-level=none:pools=none:frame-threads=1"},
        ),
        ("a.ts", "libx265", {"g": 9, "x265_params": "open-gop=1:log-level=none:pools=none:frame-threads=1"}),
        ("a.mkv", "libvpx-vp9", {"g": 12, "deadline": "realtime", "cpu_used": 8}),
        ("a.mkv", "ffv1", {"g": 1}),
        ("a.avi", "mjpeg", None),
    ],
)
def test_copy_in(tmp_path, name, encoder, options):
    if encoder == "mjpeg":
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("mjpeg", rate=25)
            stream.height, stream.width, stream.pix_fmt = 32, 32, "yuvj420p"
            for planes in moving(3, 32, 32):
                container.mux(stream.encode(frame_from_planes(planes, "yuvj420p")))
            container.mux(stream.encode(None))
        with pytest.raises(stfrag.UnsupportedError, match=r"its video is mjpeg.*h264, hevc"):
            copied(tmp_path / name, tmp_path / "a.stf")
        assert not (tmp_path / "a.stf").exists()
        return
    write(tmp_path / name, encoder=encoder, **options)
    report = copied(tmp_path / name, tmp_path / "a.stf")
    reference = decoded(tmp_path / name)
    assert report.frames == len(reference) == 40
    with stfrag.open(tmp_path / "a.stf") as v:
        assert same(v, reference)
        index = v.index
        assert (index.y1 - index.y0 == 64).all()
        assert not index.sse.any()
        assert len(set(index.codec)) == 1
        assert v.metadata["options"] == {"layout": "balanced", **v.metadata["options"], "copy": True}
        # Any box is the crop of the whole, decoded by itself.
        y, cb, _ = v.read_planes((slice(7, 31), slice(10, 50), slice(21, 70)))
        assert np.array_equal(y, np.stack([p[0][10:50, 21:70] for _, p in reference[7:31]]))
        assert np.array_equal(cb, np.stack([p[1][5:25, 10:35] for _, p in reference[7:31]]))
        if name in ("a.mp4", "a.mkv"):  # containers whose packets are the coded pictures and little else
            assert (tmp_path / "a.stf").stat().st_size < (tmp_path / name).stat().st_size * 1.05 + 1000
    assert stfrag.verify(tmp_path / "a.stf", deep=True).ok


def test_open_gops_are_joined(tmp_path):
    """x265's open GOPs: key pictures (CRA) at which decoding cannot begin for those that are shown before them."""
    write(
        tmp_path / "a.mkv",
        60,
        encoder="libx265",
        x265_params="open-gop=1:keyint=10:min-keyint=10:bframes=4:log-level=none:pools=none:frame-threads=1",
    )
    assert sum(key for _, key in packets(tmp_path / "a.mkv")) >= 5
    copied(tmp_path / "a.mkv", tmp_path / "a.stf")
    with stfrag.open(tmp_path / "a.stf") as v:
        assert len(v.index) == 1
        assert same(v, decoded(tmp_path / "a.mkv"))


def test_gops_too_long(tmp_path):
    write(tmp_path / "a.mkv", 1030, (16, 16), g=5000, keyint_min=5000, preset="ultrafast", x264_params="scenecut=0")
    with pytest.raises(stfrag.UnsupportedError, match="leave copy=True out"):
        copied(tmp_path / "a.mkv", tmp_path / "a.stf")
    assert not (tmp_path / "a.stf").exists()


def test_short_gops_are_joined(tmp_path):
    write(tmp_path / "a.mkv", 21, g=2, bf=0)
    copied(tmp_path / "a.mkv", tmp_path / "a.stf")
    with stfrag.open(tmp_path / "a.stf") as v:
        assert (v.index.t1 - v.index.t0).tolist() == [8, 8, 5]
        assert same(v, decoded(tmp_path / "a.mkv"))
        v.reset_stats()
        v.read_planes((6,))
        assert v.stats["frames"] == 1  # a key picture inside of a fragment


def test_edit_list(tmp_path):
    """Frames before the start of an edit list are in the fragment, but not of it."""
    write(tmp_path / "whole.mp4", 40, g=20, bf=2)
    # A file cut between key pictures by an edit list: packets from the key picture on, times before zero.
    with av.open(str(tmp_path / "whole.mp4")) as source, av.open(str(tmp_path / "cut.mp4"), "w") as target:
        track = source.streams.video[0]
        out = target.add_stream_from_template(track, opaque=True)
        start = sorted(p.pts for p in source.demux(track) if p.size)[6]
        source.seek(0)
        for packet in source.demux(track):
            if packet.size:
                packet.pts, packet.dts, packet.stream = packet.pts - start, packet.dts - start, out
                target.mux(packet)
    reference = decoded(tmp_path / "cut.mp4")
    copied(tmp_path / "cut.mp4", tmp_path / "a.stf")
    with stfrag.open(tmp_path / "a.stf") as v:
        assert same(v, reference)
    if len(reference) < 40:  # hidden packets: pictures that are shown by no frame cannot be told to a file
        with pytest.raises(stfrag.UnsupportedError, match="no frame comes from"):
            to_video(tmp_path / "a.stf", tmp_path / "b.mp4", copy=True)
        with pytest.warns(VideoWarning, match=r"cannot be copied \(it has packets that no frame comes from\)"):
            assert not to_video(tmp_path / "a.stf", tmp_path / "b.mp4").copied


def test_raw_stream_without_times(tmp_path):
    write(tmp_path / "a.h264", 30, g=10, bf=2)
    with pytest.warns(VideoWarning, match="had no time"):
        copied(tmp_path / "a.h264", tmp_path / "a.stf")
    with av.open(str(tmp_path / "a.h264")) as container:
        reference = [frame_planes(frame)[0].copy() for frame in container.decode(video=0)]
    with stfrag.open(tmp_path / "a.stf") as v:
        assert len(v) == len(reference) == 30
        assert all(np.array_equal(v.read_planes((t,))[0], reference[t]) for t in range(30))


def test_damaged_source(tmp_path):
    write(tmp_path / "a.mkv", 40, g=10, bf=0)
    data = bytearray((tmp_path / "a.mkv").read_bytes())
    with stfrag.open(_store(copied, tmp_path / "a.mkv")) as v:
        _, first = _codec.unwrap(v.fragment(1))
    at = data.find(first[3][0][4:40])
    assert at > 0
    data[at + 8 : at + 60] = bytes(52)
    (tmp_path / "b.mkv").write_bytes(data)
    with pytest.raises(stfrag.UnsupportedError, match=r"frames 10:20 do not decode alone"):
        copied(tmp_path / "b.mkv", tmp_path / "b.stf")
    # On trust it goes in; what is damaged is found when it is read, and the rest is whole.
    copied(tmp_path / "b.mkv", tmp_path / "b.stf", verify=False)
    with stfrag.open(tmp_path / "b.stf") as v:
        with pytest.raises(stfrag.CorruptFragmentError) as caught:
            v[10:20]
        assert caught.value.fragment == 1
        assert v[20:40].shape[0] == 20


def _store(make, source, **options):
    file = io.BytesIO()
    make(source, file, **options)
    return file.getvalue()


def test_sample_sizes_that_change(tmp_path):
    for name, size in (("a.h264", (64, 96)), ("b.h264", (48, 96))):
        write(tmp_path / name, 10, size, g=10, bf=0)
    (tmp_path / "c.h264").write_bytes((tmp_path / "a.h264").read_bytes() + (tmp_path / "b.h264").read_bytes())
    with pytest.raises(stfrag.UnsupportedError, match="frames 10:20"):
        copied(tmp_path / "c.h264", tmp_path / "a.stf")


@pytest.mark.parametrize(
    "option",
    [
        {"quality": 75},
        {"codec": "h264"},
        {"start": 1.0},
        {"frames": 3},
        {"layout": "frame"},
        {"fragment": (8, 16, 16)},
        {"effort": 3},
    ],
)
def test_options_that_encode(tmp_path, option):
    write(tmp_path / "a.mkv", 10)
    with pytest.raises(ValueError, match=next(iter(option))):
        copied(tmp_path / "a.mkv", tmp_path / "a.stf", **option)


def test_append_to_a_copy(tmp_path):
    write(tmp_path / "a.mkv", 20, g=10)
    copied(tmp_path / "a.mkv", tmp_path / "a.stf")
    more = [np.stack(p) for p in zip(*moving(9, 64, 96, seed=3), strict=True)]
    with stfrag.append(tmp_path / "a.stf") as w:
        w.append(tuple(more))
    with stfrag.open(tmp_path / "a.stf") as v:
        assert len(v) == 29
        assert set(v.index.codec) == {"h264"}
        assert np.abs(v.read_planes((slice(20, 29),))[0].astype(int) - more[0]).mean() < 3


# ----------------------------------------------------------------------------------------------------------- copy out


@pytest.mark.parametrize("codec", [*LOSSY, "ffv1"])
@pytest.mark.parametrize("extension", [".mkv", ".mp4"])
def test_copy_out(tmp_path, codec, extension):
    times = [0, 1, 2, 5, 6, 9, *range(20, 54)]  # variable frame rate
    write(tmp_path / "a.mkv", 40, (66, 130), pts=times, g=10)
    quality = {} if codec == "ffv1" else {"quality": 80}
    from_video(tmp_path / "a.mkv", tmp_path / "a.stf", codec=codec, layout="frame", **quality)
    if codec == "ffv1" and extension == ".mp4":
        assert not to_video(tmp_path / "a.stf", tmp_path / ("b" + extension)).copied
        with pytest.raises(stfrag.UnsupportedError, match="such a file holds no ffv1"):
            to_video(tmp_path / "a.stf", tmp_path / ("b" + extension), copy=True)
        return
    report = to_video(tmp_path / "a.stf", tmp_path / ("b" + extension), copy=True)
    assert (report.frames, report.codec, report.exact, report.copied) == (40, codec, True, True)
    with stfrag.open(tmp_path / "a.stf") as v:
        reference = decoded(tmp_path / ("b" + extension))
        assert same(v, reference)
        assert reference[0][0] == 0
        coded = sum(int(n) for n in v.index.bytes)
    assert (tmp_path / ("b" + extension)).stat().st_size < coded * 1.05 + 3000
    # And in again: the same fragments.
    copied(tmp_path / ("b" + extension), tmp_path / "b.stf")
    with stfrag.open(tmp_path / "b.stf") as v:
        assert same(v, reference)


def test_copy_out_of_a_part(tmp_path):
    write(tmp_path / "a.mkv", 40, g=10, bf=2)
    copied(tmp_path / "a.mkv", tmp_path / "a.stf")
    to_video(tmp_path / "a.stf", tmp_path / "b.mp4", region=(slice(10, 30),), copy=True)
    reference, whole = decoded(tmp_path / "b.mp4"), decoded(tmp_path / "a.mkv")
    assert len(reference) == 20
    assert all(np.array_equal(a[1][0], b[1][0]) for a, b in zip(reference, whole[10:30], strict=True))
    assert reference[0][0] == 0
    for region, why in (((slice(5, 30),), "inside of a fragment"), ((slice(10, 20), slice(0, 32)), "part of the")):
        with pytest.raises(stfrag.UnsupportedError, match=why):
            to_video(tmp_path / "a.stf", tmp_path / "c.mp4", region=region, copy=True)
        assert not to_video(tmp_path / "a.stf", tmp_path / "c.mp4", region=region).copied


def test_what_is_encoded_anew(tmp_path):
    planes = tuple(np.stack(p) for p in zip(*moving(10, 65, 95), strict=True))
    size = {"pixel_format": "yuv420p", "fps": 25}
    chroma = tuple(np.pad(p, ((0, 0), (0, 33 - p.shape[1]), (0, 48 - p.shape[2])), mode="edge") for p in planes[1:])
    with stfrag.create(tmp_path / "odd.stf", codec="h264", quality=70, layout="frame", **size) as w:
        w.append((planes[0], *chroma))
    with pytest.raises(stfrag.UnsupportedError, match="padded"):
        to_video(tmp_path / "odd.stf", tmp_path / "b.mp4", copy=True)
    assert to_video(tmp_path / "odd.stf", tmp_path / "b.mkv").exact
    stfrag.save(tmp_path / "native.stf", planes[0], layout="frame", fps=25)
    with pytest.raises(stfrag.UnsupportedError, match="its fragments are of stf"):
        to_video(tmp_path / "native.stf", tmp_path / "c.mkv", copy=True)
    for options in ({"crf": 20}, {"codec_options": {"preset": "fast"}}, {"pixel_format": "yuv444p"}):
        with pytest.raises(ValueError, match=next(iter(options))):
            to_video(tmp_path / "odd.stf", tmp_path / "b.mp4", copy=True, **options)


def test_rotation_and_aspect(tmp_path):
    source = tmp_path / "a.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        stream.set_display_rotation(90)
        for t, planes in enumerate(moving(5, 64, 96)):
            frame = frame_from_planes(planes, "yuv420p")
            frame.pts = t
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    copied(source, tmp_path / "a.stf")
    for name in ("b.mp4", "b.mkv"):
        assert to_video(tmp_path / "a.stf", tmp_path / name).copied
        copied(tmp_path / name, tmp_path / "b.stf")
        with stfrag.open(tmp_path / "a.stf") as a, stfrag.open(tmp_path / "b.stf") as b:
            for key in ("sample_aspect_ratio", "rotation", "colour"):
                assert a.metadata[key] == b.metadata[key], (name, key)
            assert b.metadata["sample_aspect_ratio"] == [4, 3]
            assert b.metadata["rotation"] == 270
