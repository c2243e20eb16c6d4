"""Coded video into stores and out of them as it is: packets, never encoded anew."""

import contextlib
import io
import json
import re
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import stfrag

av = pytest.importorskip("av")

from support.pictures import random_planes  # noqa: E402

from stfrag.codec import decoders  # noqa: E402
from stfrag.codec import packets as syntax  # noqa: E402
from stfrag.codec.catalogue import CODECS, encodes  # noqa: E402
from stfrag.codec.frames import frame_from_planes  # noqa: E402
from stfrag.native import codec as _codec  # noqa: E402
from stfrag.native import fragment as _fragment  # noqa: E402
from stfrag.video import VideoWarning, from_video, to_video  # noqa: E402
from stfrag.video.matroska import TAG  # noqa: E402
from stfrag.video.tile_tag import tile_tag  # noqa: E402

copied = partial(from_video, copy=True)
LOSSY = [name for name, codec in CODECS.items() if codec.lossy and encodes(codec)]


def moving(frames, y, x, seed=0):
    """Planes of yuv420p that move and have some noise."""
    rng = np.random.default_rng(seed)
    world = np.cumsum(rng.normal(0, 3, (y + frames, x + frames)), axis=1) + 120
    for t in range(frames):
        luma = np.clip(world[t : t + y, t : t + x] + rng.normal(0, 2, (y, x)), 0, 255).astype(np.uint8)
        yield luma, luma[::2, ::2] // 2 + 64, 255 - luma[::2, ::2] // 2


def write(path, frames=40, size=(64, 96), encoder="libx264", pts=None, rate=25, **options):
    """A video file; options of the encoder."""
    pts = pts or range(frames)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        stream.codec_context.thread_count = 1
        if encoder == "libx264":
            options.setdefault("x264_params", "scenecut=0")
        stream.options = {k.replace("_", "-"): str(v) for k, v in options.items()}
        for planes, time in zip(moving(frames, *size), pts, strict=True):
            frame = frame_from_planes(planes, "yuv420p")
            frame.pts, frame.time_base = time, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded(path, stream=0):
    """(time, planes) of every frame, by libav."""
    with av.open(str(path)) as container:
        track = container.streams.video[stream]
        return [
            (frame.pts * frame.time_base, [np.array(p) for p in _planes(frame)]) for frame in container.decode(track)
        ]


def _planes(frame):
    from stfrag.codec.frames import frame_planes

    return frame_planes(frame)


def packets(path, stream=0):
    with av.open(str(path)) as container:
        track = container.streams.video[stream]
        return [(p.pts * track.time_base, p.is_keyframe) for p in container.demux(track) if p.size]


def same(reader, reference, first=0):
    """Whether a store has these frames, each read by itself."""
    assert len(reader) == len(reference)
    times = [Fraction(int(t)) * reader.time_base for t in reader.pts]
    assert [t - times[0] for t in times] == [t - reference[0][0] for t, _ in reference]
    return all(
        np.array_equal(a, b)
        for t in range(len(reader))
        for a, b in zip(reader.read_planes((t,)), reference[t][1], strict=True)
    )


# ---------------------------------------------------------------------------------------------------------- copy in


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
        reference = [_planes(frame)[0].copy() for frame in container.decode(video=0)]
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


# --------------------------------------------------------------------------------------------------------- copy out


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


# ------------------------------------------------------------------------------------------------------------ tiles


@pytest.mark.parametrize("codec", [*LOSSY, "ffv1"])
@pytest.mark.parametrize("extension", [".mkv", ".mp4"])
def test_tiles(tmp_path, codec, extension):
    if codec == "ffv1" and extension == ".mp4":
        pytest.skip("no FFV1 in MP4")
    write(tmp_path / "a.mkv", 21, (96, 140))
    quality = {} if codec == "ffv1" else {"quality": 70}
    from_video(tmp_path / "a.mkv", tmp_path / "a.stf", codec=codec, fragment=(8, 66, 72), **quality)
    target = tmp_path / ("tiles" + extension)
    report = to_video(tmp_path / "a.stf", target, tiles=True)
    assert (report.tracks, report.copied, report.exact) == (4, True, True)
    from_video(target, tmp_path / "b.stf")
    with stfrag.open(tmp_path / "a.stf") as a, stfrag.open(tmp_path / "b.stf") as b:
        for name in set(a.index.dtype.names) - {"offset"}:
            assert np.array_equal(a.index[name], b.index[name]), name
        assert [a.fragment(i) for i in range(12)] == [b.fragment(i) for i in range(12)]
        assert a.metadata == b.metadata
        assert a.time_base == b.time_base
        assert (a.pts.tolist(), a.durations.tolist()) == (b.pts.tolist(), b.durations.tolist())
        whole = a.read_planes()
        boxes = [(0, 66, 0, 72), (0, 66, 72, 140), (66, 96, 0, 72), (66, 96, 72, 140)]
        for track, (y0, y1, x0, x1) in enumerate(boxes):
            frames = decoded(target, track)  # each track plays alone
            assert len(frames) == 21
            for t, (_, planes) in enumerate(frames):
                assert np.array_equal(planes[0][: y1 - y0, : x1 - x0], whole[0][t, y0:y1, x0:x1])
            with av.open(str(target)) as container:
                said = " ".join(container.streams.video[track].metadata.values())
            assert f"{y0}:{y1}" in said
            assert f"{x0}:{x1}" in said
    # A single track of it, as any video.
    with pytest.warns(VideoWarning, match="another video"):
        from_video(target, tmp_path / "c.stf", copy=False, max_error=0)
    with stfrag.open(tmp_path / "c.stf") as v:
        assert len(v) == 21


def test_tiles_that_cannot_be(tmp_path):
    stfrag.save(tmp_path / "a.stf", np.zeros((4, 32, 32), np.uint8), fragment=(2, 16, 16))
    with pytest.raises(stfrag.UnsupportedError, match="its fragments are of stf"):
        to_video(tmp_path / "a.stf", tmp_path / "b.mkv", tiles=True)
    with pytest.raises(ValueError, match="crf"):
        to_video(tmp_path / "a.stf", tmp_path / "b.mkv", tiles=True, crf=20)
    assert not (tmp_path / "b.mkv").exists()


def test_tile_files_that_lie(tmp_path):
    """Tags are from anybody: what they say is checked, and a file of other tracks is a video like any other."""
    write(tmp_path / "a.mkv", 12, (64, 128))
    from_video(tmp_path / "a.mkv", tmp_path / "a.stf", codec="h264", quality=70, fragment=(4, 64, 64))
    to_video(tmp_path / "a.stf", tmp_path / "t.mkv", tiles=True)
    data = (tmp_path / "t.mkv").read_bytes()
    tried = 0
    for old, new in (
        (b'"boxes": [[0, 64, 0, 64]', b'"boxes": [[0, 64, 0, 99]'),
        (b'"frames": [4,', b'"frames": [9,'),
        (b'"format": [0, 8', b'"format": [7, 8'),
        (b'"size": [64, 128]', b'"size": [64, 999]'),
    ):
        assert old in data
        (tmp_path / "x.mkv").write_bytes(data.replace(old, new))
        with pytest.raises(stfrag.UnsupportedError, match=r"copy=False"):
            from_video(tmp_path / "x.mkv", tmp_path / "x.stf")
        assert not (tmp_path / "x.stf").exists()
        tried += 1
    assert tried == 4
    with av.open(str(tmp_path / "t.mkv")) as container:
        text = container.metadata[TAG]
    assert tile_tag(text) is not None
    for path, value in (
        (("format",), 7), (("format", 1), -1), (("fragment", 0), "4"), (("cuts", 1), 1 << 63), (("size",), [64]),
        (("boxes", 0), None), (("boxes", 0, 1), True), (("streams", 1, 4), 1 << 40), (("streams", 0, 9), 3),
        (("frames",), {}), (("document",), []), (("document", "stfrag"), 3), (("packed",), "eJw="), (("version",), 1),
    ):  # fmt: skip
        said = json.loads(text)
        inside = said["tiles"]
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = value
        assert tile_tag(json.dumps(said)) is None, path


@pytest.mark.parametrize("codec", [*LOSSY, "ffv1"])
def test_packets_that_mean_nothing(tmp_path, codec):
    """Fragments with valid checksums and packets of rubbish: what libav raises is told in the library's words."""
    content = tuple(np.stack(p) for p in zip(*moving(4, 64, 96), strict=True))
    options = {"max_error": 0} if codec == "ffv1" else {"quality": 50}
    coded = stfrag.encode_planes(content, "420", codec=codec, **options)
    stream, inside = _codec.unwrap(coded)
    with stfrag.create(
        tmp_path / "a.stf", pixel_format="yuv420p", fps=25, codec=codec, layout="frame", **options
    ) as w:
        w.append(content)
    fmt = _fragment.info(coded).format
    for rubbish in (b"", b"\0" * 7, b"\xff" * 30, b"\x67\x42\0\0\0\1\x65", b"\x12\0\x0a\1\0"):
        damaged = _codec.wrap(fmt, (4, 64, 96), stream, [(rubbish, f, flags) for _, f, flags in inside], False)
        with stfrag.open(tmp_path / "a.stf") as v:
            v.fragment = {0: damaged}.__getitem__
            for name in ("b.mkv",) if codec == "ffv1" else ("b.mkv", "b.mp4"):
                (tmp_path / name).unlink(missing_ok=True)
                with contextlib.suppress(stfrag.StfragError):
                    to_video(v, tmp_path / name, copy=True)
                    copied(tmp_path / name, tmp_path / "c.stf")
                assert not (tmp_path / (name + ".part")).exists()


def test_a_damaged_description(tmp_path):
    write(tmp_path / "a.mp4", 12, g=4)
    data = (tmp_path / "a.mp4").read_bytes()
    at = data.index(b"avcC") + 4
    (tmp_path / "b.mp4").write_bytes(data[: at + 5] + b"\xe1\x7f\xff" + data[at + 8 :])
    with pytest.raises(stfrag.UnsupportedError, match=r"b\.mp4: "):
        copied(tmp_path / "b.mp4", tmp_path / "b.stf")
    assert not (tmp_path / "b.stf").exists()


# ----------------------------------------------------------------------------------------------------------- syntax


def test_key_pictures_of_vp9_and_av1():
    for codec, options in (("vp9", {"quality": 60}), ("av1", {"quality": 60})):
        if codec not in LOSSY:
            continue
        planes = tuple(np.stack(p) for p in zip(*moving(12, 64, 64), strict=True))
        _, found = _codec.unwrap(stfrag.encode_planes(planes, "420", codec=codec, **options))
        assert [syntax.is_closed_key(codec, data) for data, _, _ in found] == [True] + [False] * 11


def test_damaged_syntax():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        data = rng.integers(0, 256, int(rng.integers(0, 40)), np.uint8).tobytes()
        for codec in CODECS:
            syntax.is_closed_key(codec, data)
            syntax.refers_to_nothing(codec, data)
            syntax.strip(codec, data)


def test_random_planes_are_lossless_everywhere():
    planes = random_planes("yuv420p", 33, 47)
    stack = tuple(np.stack([p] * 3) for p in planes)
    for codec in ("h264", "ffv1"):
        back = stfrag.decode_planes(stfrag.encode_planes(stack, "420", codec=codec))
        assert all(np.array_equal(a, b) for a, b in zip(stack, back, strict=True))


# ------------------------------------------------------------------------------- what a decoder must not know before


def _bits_of(unit):
    return "".join(f"{byte:08b}" for byte in unit.replace(b"\0\0\3", b"\0\0"))


def _unit(bits):
    """A NAL unit with emulation prevention."""
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", data)


def _without_restriction(unit):
    """A sequence parameter set of x264's that does not say how far pictures are reordered."""
    if unit[0] & 31 != 7:
        return unit
    ue = "(?:1|01.|001..|0001...)"
    bits = re.sub(f"1111{ue * 4}1$", "01", _bits_of(unit).rstrip("0"))
    assert bits.endswith("01")
    return _unit(bits + "0" * (-len(bits) % 8))


def _raw(path, change, **options):
    """A raw H.264 stream with key pictures 20 apart, its NAL units changed."""
    write(path, 60, x264_params="keyint=20:min-keyint=20:scenecut=0:bframes=5:b-adapt=0:b-pyramid=normal", **options)
    units = list(syntax.nal_units(path.read_bytes()))
    path.write_bytes(b"".join(b"\0\0\0\1" + unit for unit in change(units)))
    return path


def _once(units):
    """Only the first sequence parameter set; picture parameter sets stay."""
    first = next(unit for unit in units if unit[0] & 31 == 7)
    return [first, *(unit for unit in units if unit[0] & 31 != 7)]


@pytest.mark.parametrize(
    "change",
    [_once, lambda units: [_without_restriction(unit) for unit in units]],
    ids=["parameter sets once", "reordering not said"],
)
def test_each_fragment_alone(tmp_path, change):
    """Decoders that saw nothing before give the frames of any fragment."""
    _raw(tmp_path / "a.h264", change)
    with pytest.warns(VideoWarning, match="had no time"):
        copied(tmp_path / "a.h264", tmp_path / "a.stf")
    with av.open(str(tmp_path / "a.h264")) as container:
        reference = [_planes(frame)[0].copy() for frame in container.decode(video=0)]
    with stfrag.open(tmp_path / "a.stf") as v:
        assert v.index.t0.tolist() == [0, 20, 40]
        for t in (47, 25, 22, 3, 59):
            decoders._idle.clear()
            assert np.array_equal(v.read_planes((t,))[0], reference[t])


@pytest.mark.parametrize(("codec", "unit", "expected"), [
    ("h264", "6764001facd9", (7, 0)), ("h264", "68ebe3cb22c0", (8, 0)), ("h264", "6858", (8, 1)),
    ("h264", "658880", None), ("h264", "67", None), ("h264", "68", None), ("h264", "6800000001", None),
    ("hevc", "40010c01ffff", (32, 0)), ("hevc", "4401c172", (34, 0)),
    ("hevc", "420101016000000300900000030000030078a003", (33, 0)), ("hevc", "4001", None), ("hevc", "4201", None),
    # One more temporal layer: its flags, and its level.
    ("hevc", "420103" "016000000300900000030000030078" "400078" "40", (33, 1)),
])  # fmt: skip
def test_parameter_sets(codec, unit, expected):
    assert syntax.parameter_set(codec, bytes.fromhex(unit)) == expected


def test_appended_pictures_that_are_padded(tmp_path):
    """x264 is given 34 x 48 where a file that was copied has 33 x 47: no single track has both."""
    pictures = [(y, 255 - y, y // 2) for y, _, _ in moving(14, 33, 47)]
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 33, 47, "yuv444p"
        for planes in pictures[:10]:
            container.mux(stream.encode(frame_from_planes(planes, "yuv444p")))
        container.mux(stream.encode(None))
    copied(tmp_path / "a.mkv", tmp_path / "a.stf")
    assert to_video(tmp_path / "a.stf", tmp_path / "b.mkv").copied
    with stfrag.append(tmp_path / "a.stf", effort=1) as w:
        for planes in pictures[10:]:
            w.append(planes)
    with pytest.raises(stfrag.UnsupportedError, match="its coded pictures are padded"):
        to_video(tmp_path / "a.stf", tmp_path / "b.mkv", copy=True)
    assert to_video(tmp_path / "a.stf", tmp_path / "b.mkv").exact
    with stfrag.open(tmp_path / "a.stf") as v:
        assert len(v) == 14
        assert same(v, decoded(tmp_path / "b.mkv"))


def test_a_recording_that_begins_in_an_open_gop(tmp_path):
    """As those of broadcasts do: what is shown before the first picture refers to what is not there."""
    write(
        tmp_path / "a.ts",
        60,
        x264_params="keyint=20:min-keyint=20:scenecut=0:open-gop=1:bframes=2:b-adapt=0:b-pyramid=none",
    )
    data = (tmp_path / "a.ts").read_bytes()
    (tmp_path / "b.ts").write_bytes(data[len(data) // 3 // 188 * 188 :])
    whole, reference = decoded(tmp_path / "a.ts"), decoded(tmp_path / "b.ts")
    assert 0 < len(reference) < 45
    with pytest.warns(VideoWarning, match="broken packets were left out"):
        copied(tmp_path / "b.ts", tmp_path / "b.stf")
    with stfrag.open(tmp_path / "b.stf") as v:
        assert same(v, reference)
        assert all(
            np.array_equal(v.read_planes((t,))[0], whole[len(whole) - len(v) + t][1][0]) for t in range(len(v))
        )
    assert to_video(tmp_path / "b.stf", tmp_path / "c.mkv").copied


def test_recordings_that_were_joined(tmp_path):
    """Times begin anew in the middle; the fragments do, too."""
    write(tmp_path / "a.ts", 40, g=10, bf=2)
    data = (tmp_path / "a.ts").read_bytes()
    (tmp_path / "b.ts").write_bytes(data + data)
    with pytest.warns(VideoWarning, match="moved"):
        copied(tmp_path / "b.ts", tmp_path / "b.stf")
    reference = decoded(tmp_path / "a.ts")
    with stfrag.open(tmp_path / "b.stf") as v:
        assert v.index.t0.tolist() == list(range(0, 80, 10))
        assert all(np.array_equal(v.read_planes((t,))[0], reference[t % 40][1][0]) for t in range(80))
        assert (np.diff(v.pts) == np.diff(v.pts)[0]).all()
