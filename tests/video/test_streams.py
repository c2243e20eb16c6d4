"""What a video file has beside its pictures, through a store and back: sound, subtitles, attachments, chapters."""

import io
import json
import warnings
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import stfrag
from stfrag.video import VideoWarning, from_video, to_video

av = pytest.importorskip("av")
from support.paths import DATA  # noqa: E402
from support.pictures import random_planes  # noqa: E402

from stfrag.codec.frames import frame_from_planes  # noqa: E402
from stfrag.video.opening import disposition  # noqa: E402

SRT = [(0, 900, "one"), (1000, 700, "two, <i>slanted</i>"), (1800, 150, "three")]
TAGS = ("language", "title", "filename", "mimetype")
CHAPTERS = [
    {"id": 1, "start": 0, "end": 1_001_000_000, "time_base": Fraction(1, 10**9), "metadata": {"title": "First"}},
    {"id": 2, "start": 1_001_000_000, "end": 2_000_000_000, "time_base": Fraction(1, 10**9),
     "metadata": {"title": "Second"}},
]  # fmt: skip
SAMPLES = {"fltp": "f4", "flt": "f4", "s16": "i2", "s16p": "i2", "s32": "i4", "s32p": "i4"}

#: What these tests are about is exact.
lossless = partial(from_video, max_error=0)


def sound(stream, frames, seed, first=0):
    """Random sound of whole frames of an encoder."""
    random = np.random.default_rng(seed)
    context = stream.codec_context
    size = context.frame_size or 1000
    name, packed = context.format.name, context.format.is_packed
    dtype = np.dtype(SAMPLES[name])
    top = 0.2 if dtype.kind == "f" else np.iinfo(dtype).max // 5
    for i in range(frames):
        samples = (random.uniform(-top, top, (1, 2 * size) if packed else (2, size))).astype(dtype)
        frame = av.AudioFrame.from_ndarray(samples, name, "stereo")
        frame.sample_rate, frame.pts = context.sample_rate, first + i * size
        frame.time_base = Fraction(1, context.sample_rate)
        yield frame


def make(path, sounds=(("aac", 44100, "deu"),), video="libx264", count=48, muxer=None, subtitles=(), attachments=(),
         chapters=(), tags=None, pts=None, cover=None, options=None):  # fmt: skip
    """A file with a video of `count` frames at 24 a second, 2 s of each sound and such."""
    with av.open(path, "w", format=muxer, options=options or {}) as container:
        container.metadata.update(tags or {})
        picture = container.add_stream(video, rate=24)
        picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
        time_base = Fraction(1, 24)
        if pts is not None:
            time_base = Fraction(1, 1000)
            picture.time_base = picture.codec_context.time_base = time_base
        streams = []
        for codec, rate, language in sounds:
            stream = container.add_stream(codec, rate=rate)
            stream.codec_context.layout = "stereo"
            stream.metadata["language"] = language
            streams.append(stream)
        texts = []
        for codec, language in subtitles:
            stream = container.add_mux_stream(codec, time_base=Fraction(1, 1000))
            stream.metadata.update(language=language, title=f"text {language}")
            texts.append(stream)
        for name, kind, data in attachments:
            container.add_attachment(name, kind, data)
        if chapters:
            container.set_chapters(list(chapters))
        covered = None
        if cover is not None:
            covered = container.add_stream("png", rate=1)
            covered.width, covered.height, covered.pix_fmt = cover.shape[1], cover.shape[0], "rgb24"
            covered.disposition = 1 << 10
        packets = []
        for i in range(count):
            frame = frame_from_planes(random_planes("yuv420p", 32, 32, i), "yuv420p")
            frame.pts, frame.time_base = i if pts is None else pts[i], time_base
            packets += picture.encode(frame)
        packets += picture.encode(None)
        for seed, stream in enumerate(streams):
            frames = 2 * stream.codec_context.sample_rate // (stream.codec_context.frame_size or 1000)
            for frame in sound(stream, frames, seed):
                packets += stream.encode(frame)
            packets += stream.encode(None)
        for stream in texts:
            for start, duration, text in SRT:
                packet = av.Packet(text.encode())
                packet.stream, packet.time_base = stream, Fraction(1, 1000)
                packet.pts = packet.dts = start
                packet.duration, packet.is_keyframe = duration, True
                packets.append(packet)
        if covered is not None:
            packets = covered.encode(av.VideoFrame.from_ndarray(cover, "rgb24")) + covered.encode(None) + packets
        packets.sort(key=lambda p: (p.dts if p.dts is not None else p.pts) * p.time_base)
        for packet in packets:
            container.mux(packet)
    return path


def streams_of(path):
    """Streams of a file but the first video: (kind, codec, tags that count, disposition, packets).

    Packets are (bytes, pts, dts), times in seconds.
    """
    found = []
    with av.open(path) as container:
        video = container.streams.video[0].index
        packets = {stream.index: [] for stream in container.streams}
        for packet in container.demux():
            if packet.size:
                base = packet.time_base
                times = [None if t is None else t * base for t in (packet.pts, packet.dts)]
                packets[packet.stream.index].append((bytes(packet), *times))
        for stream in container.streams:
            if stream.index != video:
                tags = {k: v for k, v in stream.metadata.items() if k in TAGS}
                codec = stream.codec_context.name if stream.codec_context else None
                data = stream.data if stream.type == "attachment" else None
                found.append((stream.type, codec, tags, disposition(stream), data or packets[stream.index]))
    return found


def times_of(path):
    with av.open(path) as container:
        stream = container.streams.video[0]
        return [frame.pts * stream.time_base for frame in container.decode(stream)]


def chapters_of(path):
    with av.open(path) as container:
        return [(c["start"] * c["time_base"], c["end"] * c["time_base"], c["metadata"]) for c in container.chapters()]


def there_and_back(source, target, tmp_path, warns=(), into=None, **options):
    """The file that comes out of the store that a file goes into; warnings are those whose text has these words."""
    store = tmp_path / "there.stf"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lossless(source, store, **(into or {}))
        to_video(store, target, **options)
    said = [str(w.message) for w in caught]
    assert len(said) == len(warns), said
    assert all(words in text for words, text in zip(warns, said, strict=True)), said
    assert stfrag.verify(store)
    with stfrag.open(store) as v:
        info = v.info()
    assert info["file_bytes"] == info["fragment_bytes"] + info["stream_bytes"] + info["overhead_bytes"]
    return target


def assert_streams(found, expected, within=Fraction(0)):
    assert [stream[:4] for stream in found] == [stream[:4] for stream in expected]
    for (*_, ours), (*_, theirs) in zip(found, expected, strict=True):
        if isinstance(theirs, bytes):
            assert ours == theirs
            continue
        assert [p[0] for p in ours] == [p[0] for p in theirs]
        for mine, other in zip(ours, theirs, strict=True):
            for a, b in zip(mine[1:], other[1:], strict=True):
                assert (a is None) == (b is None)
                assert a is None or abs(a - b) <= within


NO_B = {"bf": 0}


@pytest.mark.parametrize("extension", ["mp4", "mov"])
@pytest.mark.parametrize("codec", ["aac", "libmp3lame", "alac", "flac", "libopus"])
def test_sound_in_mp4(codec, extension, tmp_path):
    """Packets, their times to the tick, edit lists, languages and frame times are those of the source."""
    if codec == "libopus" and extension == "mov":
        pytest.skip("no Opus in QuickTime")
    if codec == "flac" and extension == "mov":
        pytest.skip("no FLAC in QuickTime")
    rate = 48000 if codec == "libopus" else 44100
    source = make(tmp_path / f"a.{extension}", [(codec, rate, "deu")], tags={"title": "a title"})
    target = there_and_back(source, tmp_path / f"b.{extension}", tmp_path)
    expected = streams_of(source)
    assert len(expected) == 1
    assert expected[0][2].get("language") == ("deu" if extension == "mp4" else None)  # QuickTime has no such
    assert len(expected[0][4]) > 10
    assert_streams(streams_of(target), expected)
    assert times_of(target) == times_of(source)
    with av.open(target) as container:
        assert container.metadata["title"] == "a title"


@pytest.mark.parametrize("codec", ["aac", "libmp3lame", "flac", "libopus", "libvorbis"])
def test_sound_from_matroska_and_into_it(codec, tmp_path):
    rate = 48000 if codec == "libopus" else 44100
    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV has no {codec}")
    source = make(tmp_path / "a.mkv", [(codec, rate, "deu"), (codec, 48000, "eng")])
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path)
    assert_streams(streams_of(target), streams_of(source))
    assert times_of(target) == times_of(source)


def test_from_mp4_into_matroska(tmp_path):
    """Sound that begins before the pictures leaves their times alone, and begins there again."""
    source = make(tmp_path / "a.mp4")
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path)
    assert_streams(streams_of(target), streams_of(source), Fraction(1, 10**6))
    first = streams_of(target)[0][4][0]
    assert abs(first[1] + Fraction(1024, 44100)) < Fraction(1, 10**6)
    assert max(abs(a - b) for a, b in zip(times_of(target), times_of(source), strict=True)) < Fraction(1, 10**6)
    if int(av.__version__.split(".")[0]) >= 18:  # before, its decoders drop nothing of what mp4 files hide
        samples = [np.concatenate([f.to_ndarray() for f in av.open(p).decode(audio=0)], 1) for p in (source, target)]
        assert_array_equal(*[s[:, :88000] for s in samples])
    again = there_and_back(target, tmp_path / "c.mp4", tmp_path, codec_options=NO_B)
    assert times_of(again) == times_of(source)
    assert [p[0] for p in streams_of(again)[0][4]] == [p[0] for p in streams_of(source)[0][4]]


def full(path):
    return make(path, [("flac", 48000, "deu"), ("libopus", 48000, "eng")], "ffv1",
                subtitles=[("subrip", "fra"), ("ass", "jpn")], chapters=CHAPTERS,
                attachments=[("a.ttf", "font/ttf", bytes(range(256)) * 2000), ("cover.png", "image/png", png())],
                tags={"title": "all of it", "ARTIST": "someone"})  # fmt: skip


def png():
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 5, 3, "rgb24", Fraction(1)
    frame = av.VideoFrame.from_ndarray(np.arange(45, dtype=np.uint8).reshape(3, 5, 3), "rgb24")
    return b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)])


def test_everything_that_matroska_holds(tmp_path):
    source = full(tmp_path / "a.mkv")
    expected = streams_of(source)
    assert [kind for kind, *_ in expected] == ["audio", "audio", "subtitle", "subtitle", "attachment", "video"]
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path)
    assert_streams(streams_of(target), expected)
    assert chapters_of(target) == chapters_of(source)
    assert times_of(target) == times_of(source)
    with av.open(target) as container:
        assert (container.metadata["title"], container.metadata["ARTIST"]) == ("all of it", "someone")


def test_what_mp4_cannot_hold_is_named(tmp_path):
    source = full(tmp_path / "a.mkv")
    target = there_and_back(source, tmp_path / "b.mp4", tmp_path, codec_options=NO_B, warns=[
        "stream 3 (subtitle, subrip, fra) is left out, which .mp4 cannot hold",
        "stream 4 (subtitle, ass, jpn) is left out",
        "stream 5 (attachment) is left out",
    ])  # fmt: skip
    assert [stream[:2] for stream in streams_of(target)[:2]] == [("audio", "flac"), ("audio", "opus")]
    assert ("video", "png") in [stream[:2] for stream in streams_of(target)]
    assert [c[2] for c in chapters_of(target)] == [c["metadata"] for c in CHAPTERS]
    assert times_of(target) == times_of(source)


def test_streams_are_described(tmp_path):
    source = full(tmp_path / "a.mkv")
    store = io.BytesIO()
    lossless(source, store)
    with stfrag.open(store.getvalue()) as v:
        about = {stream["index"]: stream for stream in v.streams}
        assert [(s["kind"], s["codec"]) for s in about.values()] == [
            ("audio", "flac"), ("audio", "opus"), ("subtitle", "subrip"), ("subtitle", "ass"), ("attachment", None),
            ("video", "png")]  # fmt: skip
        assert about[2]["metadata"] == {"language": "eng"}
        assert about[3]["packets"] == 3
        assert json.dumps(v.info())
        assert "stub" not in str(v.metadata)
        assert [p.data for p in v.packets(3)] == [text.encode() for *_, text in SRT]
        assert b"".join(p.data for p in v.packets(5)) == bytes(range(256)) * 2000
        assert [p.pts for p in v.packets(3, start=0.95, end=1.8)] == [1000]
        assert len(list(v.packets())) == sum(stream["packets"] for stream in v.streams)
        with pytest.raises(ValueError, match="there is no stream 9"):
            next(v.packets(9))
    again = io.BytesIO()
    lossless(source, again)
    assert again.getvalue() == store.getvalue()
    without = io.BytesIO()
    lossless(source, without, streams=False)
    with stfrag.open(without.getvalue()) as v:
        assert v.streams == []
        assert "chapters" not in v.metadata
        assert v.info()["stream_bytes"] == 0


def test_without_streams(tmp_path):
    source = full(tmp_path / "a.mkv")
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path, streams=False)
    assert streams_of(target) == []
    assert chapters_of(target) == []


def test_other_times_leave_them_out(tmp_path):
    source = make(tmp_path / "a.mp4")
    target = there_and_back(source, tmp_path / "b.mp4", tmp_path, ["leave out fps= to keep them"], fps=30,
                            codec_options=NO_B)  # fmt: skip
    assert streams_of(target) == []


@pytest.mark.parametrize("how", ["start and end", "frames", "region"])
def test_a_part(how, tmp_path):
    """Sound, subtitles and chapters of the time of the pictures, moved with them if they are."""
    source = full(tmp_path / "a.mkv")
    options = {
        "start and end": {"into": {"start": 0.5, "end": 1.5}}, "frames": {"into": {"start": 0.5, "frames": 24}},
        "region": {"region": (slice(12, 36),)},
    }[how]  # fmt: skip
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path, **options)
    moved = Fraction(1, 2) if how == "region" else 0
    assert times_of(target) == [t - moved for t in times_of(source)[12:36]]
    original, found = streams_of(source), streams_of(target)
    assert [stream[:4] for stream in found] == [stream[:4] for stream in original]
    for stream, whole in zip(found[:2], original[:2], strict=True):
        expected = [(data, pts - moved, dts - moved) for data, pts, dts in whole[4] if 0.5 <= pts < 1.5]
        assert len(expected) > 5
        assert stream[4] == expected
    texts = [(data, max(pts, Fraction(1, 2)) - moved) for data, pts, _ in original[2][4][:2]]
    if how != "region":  # reading begins at a key frame
        texts = [(data, pts) for data, pts, _ in original[2][4][1:2]]
    assert [(data, pts) for data, pts, _ in found[2][4]] == texts
    assert found[4][4] == original[4][4]
    assert [c[2]["title"] for c in chapters_of(target)] == ["First", "Second"]
    if how == "region":
        assert [c[:2] for c in chapters_of(target)] == [(0, Fraction(501, 1000)), (Fraction(501, 1000), 1)]


def test_variable_rate_and_negative_start(tmp_path):
    """Frame times stay what they are; where the first one is before zero everything moves by as much."""
    pts = [0, 40, 45, 130, 131, 900, 1000, 1800]
    source = make(tmp_path / "a.mkv", [("flac", 48000, "deu")], "ffv1", len(pts), pts=pts)
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path)
    assert times_of(target) == times_of(source) == [Fraction(t, 1000) for t in pts]
    assert_streams(streams_of(target), streams_of(source))
    store = tmp_path / "moved.stf"
    sound = [(p.pts, p.data) for p in stfrag.open(tmp_path / "there.stf").packets()]
    with stfrag.open(tmp_path / "there.stf") as v, stfrag.create(store, pixel_format="yuv420p",
                                                                time_base=Fraction(1, 1000)) as w:  # fmt: skip
        planes = v.read_planes()
        w.described.update(streams=v.opened().description.described["streams"])
        w.append(planes, pts=[t - 250 for t in pts])
        for record in range(v.opened().native.info["packet_records"]):
            w.put_packets(v.opened().native.packets(record), 0, 2_000_000)
    with pytest.warns(VideoWarning, match="times begin before zero"):
        to_video(store, tmp_path / "c.mkv")
    assert times_of(tmp_path / "c.mkv") == times_of(source)
    assert [(p[1] * 1000, p[0]) for p in streams_of(tmp_path / "c.mkv")[0][4]] == [(t + 250, d) for t, d in sound]


def test_edit_list(tmp_path):
    """What an edit list hides of the video is not in the store; sound says itself what is to be dropped."""
    source = make(tmp_path / "a.mp4", pts=[-1000 // 24 * 12 + 1000 * i // 24 for i in range(48)],
                  options={"movflags": "+faststart"})  # fmt: skip
    shown = times_of(source)
    assert len(shown) < 48
    with av.open(source) as container:
        discarded = [p.is_discard for p in container.demux(video=0) if p.size]
    target = there_and_back(source, tmp_path / "b.mp4", tmp_path, codec_options=NO_B)
    assert any(discarded)
    assert times_of(target) == shown
    assert_streams(streams_of(target), streams_of(source))
    with stfrag.open(tmp_path / "there.stf") as v:
        first = next(v.packets())
        assert (first.pts, first.is_discard, first.side_data[0][0]) == (-1024, True, "skip_samples")


def test_transport_stream(tmp_path):
    """Sound in a framing that other containers do not have: libav takes it off."""
    source = make(tmp_path / "a.ts", muxer="mpegts")
    for extension in ("mp4", "mkv"):
        target = there_and_back(source, tmp_path / f"b.{extension}", tmp_path,
                                codec_options=NO_B if extension == "mp4" else {})  # fmt: skip
        samples = [np.concatenate([f.to_ndarray() for f in av.open(p).decode(audio=0)], 1) for p in (source, target)]
        assert_array_equal(samples[0][:, -80000:], samples[1][:, -80000:])
        assert max(abs(a - b) for a, b in zip(times_of(target), times_of(source), strict=True)) <= Fraction(1, 10**6)


def test_cover_in_mp4(tmp_path):
    cover = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)  # more than a stub holds
    source = make(tmp_path / "a.mp4", cover=cover)
    expected = streams_of(source)
    assert [stream[3] >> 10 & 1 for stream in expected] == [0, 1]
    target = there_and_back(source, tmp_path / "b.mp4", tmp_path, codec_options=NO_B)
    assert [stream[:4] for stream in streams_of(target)] == [stream[:4] for stream in expected]
    assert streams_of(target)[1][4][0][0] == expected[1][4][0][0]
    target = there_and_back(source, tmp_path / "b.mkv", tmp_path)
    assert streams_of(target)[1][4][0][0] == expected[1][4][0][0]


def test_another_video_is_named(tmp_path):
    with av.open(tmp_path / "a.mkv", "w") as container:
        streams = [container.add_stream("ffv1", rate=24) for _ in range(2)]
        for stream in streams:
            stream.width = stream.height = 8
            stream.pix_fmt = "gray"
        for stream in streams:
            frame = frame_from_planes(random_planes("gray", 8, 8), "gray")
            frame.pts = 0
            container.mux([*stream.encode(frame), *stream.encode(None)])
    with pytest.warns(VideoWarning, match=r"stream 1 \(video, ffv1\) is another video .*; stream=1 makes"):
        lossless(tmp_path / "a.mkv", io.BytesIO())


@pytest.mark.parametrize("streams", [
    "no list", [3], [{}], [{"index": 1, "kind": "audio", "codec": "aac", "time_base": [1, 0], "disposition": []}],
    [{"index": 1, "kind": "attachment"}], [{"index": 1, "kind": "audio", "codec": "x", "time_base": [1, 9],
      "disposition": [], "container": "matroska", "stub": "AAAA"}],
])  # fmt: skip
def test_descriptions_that_make_no_sense(streams, tmp_path):
    with stfrag.create(tmp_path / "a.stf", pixel_format="gray", fps=25,
                       metadata={"streams": streams, "chapters": [{"start": 1}]}) as w:  # fmt: skip
        w.append(np.zeros((2, 16, 16), np.uint8))
    with pytest.warns(VideoWarning, match="left out"):
        to_video(tmp_path / "a.stf", tmp_path / "a.mkv")
    assert len(times_of(tmp_path / "a.mkv")) == 2
    with stfrag.open(tmp_path / "a.stf") as v:
        assert isinstance(v.streams, list)
        assert v.info()["file_bytes"] > 0


def test_a_killed_encode_keeps_its_sound(tmp_path):
    source = full(tmp_path / "a.mkv")
    lossless(source, tmp_path / "a.stf", fragment=(8, 32, 32))
    whole = (tmp_path / "a.stf").read_bytes()
    (tmp_path / "b.part").write_bytes(whole[: len(whole) - 3000])
    report = stfrag.repair(tmp_path / "b.part", tmp_path / "b.stf")
    assert report["packet_records_kept"] >= 1
    assert report["frames"] >= 32
    assert stfrag.verify(tmp_path / "b.stf")
    with stfrag.open(tmp_path / "a.stf") as v, stfrag.open(tmp_path / "b.stf") as b:
        kept = list(b.packets())
        assert kept == list(v.packets())[: len(kept)]


def test_a_real_trailer(tmp_path):
    source = DATA / "trailer_bbb_720p.mp4"
    if not source.exists():
        pytest.skip("trailer_bbb_720p.mp4 is not in ../shared/data")
    target = there_and_back(source, tmp_path / "b.mp4", tmp_path, into={"end": 2.0, "effort": 1},
                            codec_options={"preset": "ultrafast"})  # fmt: skip
    assert times_of(target) == [t for t in times_of(source) if t < 2]
    original, found = streams_of(source), streams_of(target)
    assert len(found) == len(original) > 0
    for stream, whole in zip(found, original, strict=True):
        assert stream[:4] == whole[:4]
        assert stream[4] == [p for p in whole[4] if p[1] < 2]


@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_hdr_values(extension, tmp_path):
    said = "mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):cll=1000,400"
    with av.open(tmp_path / "a.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"x264-params": said})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p10le"
        for i in range(3):
            frame = frame_from_planes(random_planes("yuv420p10le", 32, 32, i), "yuv420p10le")
            frame.pts = i
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    warns = ["HDR values"] if extension == "mkv" else []
    target = there_and_back(tmp_path / "a.mp4", tmp_path / f"b.{extension}", tmp_path, warns)
    with stfrag.open(tmp_path / "there.stf") as v:
        expected = v.metadata["hdr"]
    assert expected["max_cll"] == 1000
    assert expected["mastering_luminance"] == {"min": [50, 10000], "max": [10000000, 10000]}
    lossless(target, tmp_path / "again.stf")
    with stfrag.open(tmp_path / "again.stf") as v:
        assert v.metadata["hdr"] == expected


def test_names_and_purposes_of_the_video_itself(tmp_path):
    source = make(tmp_path / "a.mkv", video="ffv1", count=3)
    with av.open(source) as old, av.open(tmp_path / "b.mkv", "w") as container:
        stream = container.add_stream_from_template(old.streams.video[0], opaque=True)
        stream.metadata.update(language="jpn", title="the pictures")
        stream.disposition = 1 | 1 << 2
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    target = there_and_back(tmp_path / "b.mkv", tmp_path / "c.mkv", tmp_path)
    with av.open(target) as container:
        found = container.streams.video[0]
        assert (found.metadata["language"], found.metadata["title"]) == ("jpn", "the pictures")
        assert disposition(found) == 1 | 1 << 2
        assert "title" not in container.metadata


def test_sound_is_in_a_target(tmp_path):
    """A target in bytes is that of the file; one in bits is of the pictures, as info() counts them."""
    make(tmp_path / "a.mkv", options={})
    for name, value in (("bytes", 70_000), ("kbit_per_s", 60)):
        from_video(tmp_path / "a.mkv", tmp_path / "a.stf", target={name: value}, fragment=(12, 16, 16))
        with stfrag.open(tmp_path / "a.stf") as v:
            found = v.info()
            assert found["stream_bytes"] > 20_000
            assert [about["kind"] for about in v.streams] == ["audio"]
            assert found["file_bytes" if name == "bytes" else name] == pytest.approx(value, rel=0.01)
    with pytest.raises(ValueError, match="the least that can is bytes="):
        from_video(tmp_path / "a.mkv", tmp_path / "a.stf", target="bytes=20k", fragment=(12, 16, 16))
