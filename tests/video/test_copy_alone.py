"""Coded video into stores: what is in packets, and that each fragment decodes by itself."""

import contextlib
import re

import numpy as np
import pytest

import stfrag

av = pytest.importorskip("av")

from support.coded_videos import LOSSY, copied, decoded, moving, same, write  # noqa: E402
from support.pictures import random_planes  # noqa: E402

from stfrag.codec import decoders  # noqa: E402
from stfrag.codec import packets as syntax  # noqa: E402
from stfrag.codec.catalogue import CODECS  # noqa: E402
from stfrag.codec.frames import frame_from_planes, frame_planes  # noqa: E402
from stfrag.native import codec as _codec  # noqa: E402
from stfrag.native import fragment as _fragment  # noqa: E402
from stfrag.video import VideoWarning, to_video  # noqa: E402

# ------------------------------------------------------------------------------------------------------------- syntax


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


# -------------------------------------------------------------------------------- what a decoder must not know before


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
        reference = [frame_planes(frame)[0].copy() for frame in container.decode(video=0)]
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


# ------------------------------------------------------------------------------------------------------ damage


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
