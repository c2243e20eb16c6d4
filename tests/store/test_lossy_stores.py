"""Stores of the native codec with loss: exact accounting of errors, regions, appending, videos, the command."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lossy import planes_of, store, wave
from support.samples import psnr

import stfrag
from stfrag.cli import main
from stfrag.codec import quality
from stfrag.native import fragment as _fragment


@pytest.mark.parametrize(
    ("kind", "name", "bits"),
    [
        ("420", "yuv420p", 8),
        ("422", "yuv422p10le", 10),
        ("444", "yuv444p12le", 12),
        ("gray", "gray", 8),
        ("444a", "yuva444p", 8),
    ],
)
def test_errors_in_the_index_are_those_of_the_samples(kind, name, bits):
    given_ = planes_of(kind, 11, 75, 101, "uint8" if bits == 8 else "uint16", bits)
    with stfrag.open(store(given_, name, qp=33, fragment=(4, 32, 48))) as v:
        index, back = v.index, v.read_planes()
        assert len(index) == 3 * 3 * 3
        assert set(index.codec) == {"stf"}
        for c, (a, b) in enumerate(zip(given_, back, strict=True)):
            sy, sx = (round(given_[0].shape[i] / a.shape[i]) for i in (1, 2))
            for row in index:
                t0, t1, y0, y1, x0, x1 = (int(row[name]) for name in ("t0", "t1", "y0", "y1", "x0", "x1"))
                box = slice(t0, t1), slice(y0 // sy, -(-y1 // sy)), slice(x0 // sx, -(-x1 // sx))
                assert int(row.sse[c]) == int(((a[box].astype(np.int64) - b[box]) ** 2).sum())
        info = v.info()
        for value, a, b in zip(info["psnr"].values(), given_, back, strict=False):
            assert value == pytest.approx(psnr(a, b, bits), abs=1e-9)
        assert info["options"]["qp"] == 33


def test_errors_of_interleaved_arrays():
    rgb = np.stack([wave((5, 40, 50), seed=c) for c in range(3)], -1)
    file = io.BytesIO()
    stfrag.save(file, rgb, codec="stf", quality=70, fragment=(5, 32, 32))
    with stfrag.open(file.getvalue()) as v:
        back = v[...]
        assert back.shape == rgb.shape
        assert psnr(rgb, back, 8) > 30
        np.testing.assert_array_equal(v.index.sse.sum(0), ((rgb.astype(np.int64) - back) ** 2).sum((0, 1, 2)))


@pytest.fixture(scope="module")
def opened():
    """A reader of a 4:2:0 store, its planes and its RGB."""
    v = stfrag.open(store(planes_of("420", 21, 70, 90), qp=30, fragment=(8, 32, 48)))
    return v, v.read_planes(), v[...]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_regions_are_crops_of_the_whole(opened, data):
    v, whole, rgb = opened
    box = tuple(slice(*sorted((data.draw(st.integers(0, n - 1)), data.draw(st.integers(1, n))))) for n in v.shape[:3])
    box = tuple(slice(s.start, max(s.stop, s.start + 1)) for s in box)
    np.testing.assert_array_equal(v[box], rgb[box])
    np.testing.assert_array_equal(v.read(box, format="gray"), whole[0][box])
    for plane, part in zip(whole, v.read_planes(box), strict=True):
        s = 1 if plane is whole[0] else 2
        crop = plane[box[0], box[1].start // s : -(-box[1].stop // s), box[2].start // s : -(-box[2].stop // s)]
        np.testing.assert_array_equal(part, crop)
    frame = data.draw(st.integers(0, len(v) - 1))
    np.testing.assert_array_equal(v[frame], rgb[frame])
    np.testing.assert_array_equal(v.get_frames_at([frame, 3, 3]), rgb[[frame, 3, 3]])


def test_a_frame_costs_no_more_than_the_structure_allows():
    with stfrag.open(store(planes_of("420", 32, 48, 48), qp=30, fragment=(32, 48, 48))) as v:
        for frame in (0, 17, 31):
            v.reset_stats()
            v[frame]
            assert v.stats["frames"] <= 7


@pytest.mark.parametrize(
    ("name", "number", "worst"),
    [("auto", 0, 6), ("dyadic", 0, 6), ("chain", 1, 11), ("intra", 2, 1), ("outward", 3, 6)],
)
def test_structures(name, number, worst):
    """What is asked for is what there is, in fragments and stores; regions are crops of the whole."""
    options = {"codec_options": {"structure": name}, "quality": 70}
    given_ = planes_of("420", 11, 40, 60)
    coded = stfrag.encode_planes(given_, "420", codec="stf", **options)
    assert _fragment.info(coded)[2]["structure"] == number
    data = store(given_, fragment=(11, 40, 60), **options)
    with stfrag.open(data) as v:
        assert v.info()["options"]["codec_options"] == options["codec_options"]
        whole, costs = v.read_planes(), []
        for a, b, c in zip(given_, whole, stfrag.decode_planes(coded), strict=True):
            np.testing.assert_array_equal(b, c)
            assert psnr(a, b, 8) > 30
        for t in range(11):
            v.reset_stats()
            box = slice(t, t + 1), slice(6, 31), slice(10, 53)
            for plane, part in zip(whole, v.read_planes(box), strict=True):
                s = 1 if plane is whole[0] else 2
                np.testing.assert_array_equal(part, plane[t : t + 1, 6 // s : -(-31 // s), 10 // s : -(-53 // s)])
            costs.append(v.stats["frames"])
        assert max(costs) == worst
        box = slice(3, 9), slice(6, 31), slice(10, 53)
        np.testing.assert_array_equal(v[box], v[...][box])
    # Appending holds to it, though it is not said again.
    file = io.BytesIO(data)
    with stfrag.append(file) as writer:
        writer.append(given_)
    with stfrag.open(file.getvalue()) as v:
        assert v.info()["options"]["codec_options"] == options["codec_options"]
        np.testing.assert_array_equal(v.index.crc, np.repeat(v.index.crc[:1], 2))


def test_verified_and_described(tmp_path):
    data = store(planes_of("420", 9, 70, 90), quality=70, fragment=(4, 32, 48))
    assert stfrag.verify(data, deep=True).ok
    with stfrag.open(data) as v:
        said = v.info()["options"]
        assert (said["codec"], said["quality"], said["qp"]) == ("stf", 70, quality.qp_of(70))
        assert "max_error" not in said
        assert v.info()["codecs"] == {"stf": len(v.index)}


def test_damage_is_found():
    data = bytearray(store(planes_of("420", 9, 70, 90), quality=70, fragment=(4, 32, 48)))
    with stfrag.open(bytes(data)) as v:
        row = v.index[5]
    data[int(row.offset) + int(row.bytes) - 20] ^= 0x10
    assert not stfrag.verify(bytes(data)).ok
    with stfrag.open(bytes(data)) as v, pytest.raises(stfrag.CorruptFragmentError):
        v.read_planes()


@pytest.mark.parametrize("rate", [{"quality": 70}, {"qp": 31.5}])
def test_appending_goes_on_at_the_same_quantizer(rate):
    given_ = planes_of("420", 12, 40, 60)
    whole = store(given_, fragment=(4, 32, 48), **rate)
    file = io.BytesIO(store(tuple(p[:8] for p in given_), fragment=(4, 32, 48), **rate))
    with stfrag.append(file) as writer:
        writer.append(tuple(p[8:] for p in given_))
    with stfrag.open(file.getvalue()) as v, stfrag.open(whole) as expected:
        np.testing.assert_array_equal(v.index.crc, expected.index.crc)
        assert v.info()["options"] == expected.info()["options"]


def test_from_and_to_video(tmp_path):
    pytest.importorskip("av")
    given_ = planes_of("420", 10, 64, 96)
    source = store(given_, max_error=0)
    stfrag.to_video(source, tmp_path / "in.mkv")
    stfrag.from_video(tmp_path / "in.mkv", tmp_path / "a.stf", codec="stf", quality=80)
    with stfrag.open(tmp_path / "a.stf") as v:
        assert v.info()["options"]["codec"] == "stf"
        back = v.read_planes()
        for a, b in zip(given_, back, strict=True):
            assert psnr(a, b, 8) > 33
        stfrag.to_video(tmp_path / "a.stf", tmp_path / "out.mkv", seams=False)
    stfrag.from_video(tmp_path / "out.mkv", tmp_path / "again.stf", max_error=0)
    with stfrag.open(tmp_path / "again.stf") as v:  # FFV1 keeps what was decoded
        for a, b in zip(back, v.read_planes(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("kind", "name"), [("420", "yuv420p"), ("420a", "yuva420p")])
def test_videos_are_lossy_unless_it_is_said(tmp_path, kind, name):
    """No warning, and no lossless store."""
    pytest.importorskip("av")
    given_ = planes_of(kind, 6, 48, 64)
    stfrag.to_video(store(given_, name, max_error=0), tmp_path / "in.mkv")
    stfrag.from_video(tmp_path / "in.mkv", tmp_path / "a.stf")
    with stfrag.open(tmp_path / "a.stf") as v:
        said = v.info()["options"]
        assert (said["codec"], said["quality"]) == ("stf", 75)
        for a, b in zip(given_, v.read_planes(), strict=True):
            assert 33 < psnr(a, b, 8) < 70
    stfrag.from_video(tmp_path / "in.mkv", tmp_path / "b.stf", codec="stf")  # nothing is lost unless it is said
    with stfrag.open(tmp_path / "b.stf") as v:
        for a, b in zip(given_, v.read_planes(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_command_line(tmp_path, capsys):
    array = wave((8, 48, 64))
    np.save(tmp_path / "a.npy", array)
    source, target = str(tmp_path / "a.npy"), str(tmp_path / "a.stf")
    assert main(["encode", source, target, "--codec", "stf", "--quality", "75", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["options"]["codec"], said["options"]["quality"], said["options"]["qp"]) == (
        "stf",
        75,
        quality.qp_of(75),
    )
    with stfrag.open(target) as v:
        assert next(iter(said["psnr"].values())) == pytest.approx(psnr(array, v[...], 8), abs=1e-6)
    assert main(["encode", source, target, "--force", "--codec", "stf", "--qp", "30"]) == 0
    assert main(["info", target]) == 0
    assert "30" in capsys.readouterr().out
    assert main(["verify", "--deep", target]) == 0
    capsys.readouterr()
    assert main(["encode", source, target, "--force", "--codec", "stf", "--qp", "64"]) == 2
    assert "0 to 63.75" in capsys.readouterr().err
    np.save(tmp_path / "b.npy", array.astype(np.uint16))
    assert main(["encode", str(tmp_path / "b.npy"), target, "--force", "--codec", "stf", "--quality", "75"]) == 4
    assert "max_error=" in capsys.readouterr().err
    assert (
        main(
            [
                "encode",
                str(tmp_path / "b.npy"),
                target,
                "--force",
                "--codec",
                "stf",
                "--quality",
                "75",
                "--bits",
                "12",
                "-q",
            ]
        )
        == 0
    )
    assert (
        main(
            [
                "encode",
                source,
                target,
                "--force",
                "--codec",
                "stf",
                "--qp",
                "30",
                "--codec-option",
                "structure=chain",
                "-q",
            ]
        )
        == 0
    )
    with stfrag.open(target) as v:
        assert v.info()["options"]["codec_options"] == {"structure": "chain"}
    assert (
        main(
            ["encode", source, target, "--force", "--codec", "stf", "--qp", "30", "--codec-option", "structure=tree"]
        )
        == 2
    )
    assert "'tree' is none of" in capsys.readouterr().err
    assert main(["codecs"]) == 0
    assert "63.75" in capsys.readouterr().out


def test_planar_rgb_costs_what_interleaved_does(tmp_path):
    """R, G, B of a video arrive as planes; they are coded as luma and two differences all the same."""
    y, x = np.mgrid[:64, :80]
    light = 120 + 50 * np.sin(x / 9) + 40 * np.cos(y / 7)
    frame = np.stack([light, 0.8 * light + 20, 0.5 * light + 60], -1).clip(0, 255).astype(np.uint8)
    frames = frame[None].repeat(3, 0)
    with stfrag.create(tmp_path / "a.stf", pixel_format="rgb24", fps=25, codec="stf", qp=24) as writer:
        writer.append(frames)
    with stfrag.open(tmp_path / "a.stf") as video:
        assert video.index["bytes"].sum() <= 1.05 * len(stfrag.encode(frames, codec="stf", qp=24))
        assert 10 * np.log10(255**2 / np.mean((video[:].astype(float) - frames) ** 2)) > 38
