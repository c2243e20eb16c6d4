"""Fragments and stores of the native codec with loss: every kind of samples, exact accounting of errors, options."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag
from stfrag.cli import main
from stfrag.codec import native, quality
from stfrag.native import fragment as _fragment

SUBSAMPLING = {"444": (0, 0), "422": (1, 0), "420": (1, 1), "440": (0, 1)}
#: (dtype, bits)
SAMPLES = [
    ("uint8", 8),
    ("int8", 8),
    ("uint8", 5),
    ("int8", 2),
    ("uint16", 9),
    ("uint16", 12),
    ("int16", 10),
    ("int16", 12),
    ("uint16", 8),
    ("uint16", 3),
]
FINE = 8  # QP


def wave(shape, dtype="uint8", bits=8, seed=0):
    """A moving wave with some noise, over all of the range: T×Y×X."""
    rng = np.random.default_rng(seed)
    t, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    top = (1 << bits) - 1
    value = (0.5 + 0.28 * np.sin((y + 2 * t) / 9 + seed) + 0.2 * np.cos((x - t) / 11)) * top
    value = np.clip(np.rint(value + rng.normal(0, top / 150, shape)), 0, top)
    return (value - (1 << (bits - 1) if dtype.startswith("int") else 0)).astype(dtype)


def planes_of(kind, t, y, x, dtype="uint8", bits=8):
    """Of "gray", "ya", or a subsampling, maybe with "a" for alpha behind it."""
    count = {"gray": 1, "ya": 2}.get(kind, 4 if kind.endswith("a") else 3)
    sx, sy = SUBSAMPLING.get(kind[:3], (0, 0))
    return tuple(
        wave((t, -(-y >> sy), -(-x >> sx)) if count > 2 and c in (1, 2) else (t, y, x), dtype, bits, c)
        for c in range(count)
    )


def mse(a, b):
    return float(np.mean((a.astype(np.int64) - b) ** 2))


def psnr(a, b, bits):
    return 10 * np.log10(((1 << bits) - 1) ** 2 / max(mse(a, b), 1e-12))


def off(a, b):
    """Root of the mean squared error."""
    return mse(a, b) ** 0.5


def store(planes, name="yuv420p", **options):
    file = io.BytesIO()
    with stfrag.create(file, pixel_format=name, fps=25, **{"codec": "stf", "num_threads": 1, **options}) as writer:
        writer.append(planes)
    return file.getvalue()


# ------------------------------------------------------------------------------------------------------ fragments


def close(a, b, bits):
    """Whether `b` is what a fine quantizer makes of `a`: within a few steps of 8 bits, whatever the bits."""
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    return off(a, b) <= 2.0 * max(((1 << bits) - 1) / 255, 0.25)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_arrays_come_back_nearly(data):
    """Gray and interleaved components of any shape, from 1×1×1 on, dtype, bits and strides."""
    dtype, bits = data.draw(st.sampled_from(SAMPLES))
    shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 70), st.integers(1, 75)))
    components = data.draw(st.sampled_from([0, 1, 2, 3, 4]))
    parts = [wave(shape, dtype, bits, c) for c in range(max(components, 1))]
    array = np.stack(parts, -1) if components else parts[0]
    view = data.draw(st.sampled_from(["plain", "reversed", "transposed", "every second", "big-endian"]))
    if view == "reversed":
        array = array[:, ::-1, ::-1]
    elif view == "transposed":
        array = np.asfortranarray(array)
    elif view == "every second":
        array = np.repeat(array, 2, 2)[:, :, ::2]
    elif view == "big-endian":
        array = array.astype(array.dtype.newbyteorder(">"))
    coded = stfrag.encode(array, codec="stf", qp=FINE, bits=bits, effort=data.draw(st.sampled_from([1, 3, 5])))
    back = stfrag.decode(coded)
    assert close(np.ascontiguousarray(array).astype(dtype), back, bits), (view, dtype, bits, shape, components)
    low = -(1 << (bits - 1)) if dtype.startswith("int") else 0
    assert low <= int(back.min())
    assert int(back.max()) < low + (1 << bits)
    assert len(coded) <= array.nbytes * 1.005 + 64


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["gray", "ya", "444", "422", "420", "440", "420a", "444a", "422a"]),
    st.sampled_from(SAMPLES),
    st.integers(1, 6),
    st.integers(1, 70),
    st.integers(1, 75),
)
def test_planes_come_back_nearly(kind, samples, t, y, x):
    dtype, bits = samples
    given_ = planes_of(kind, t, y, x, dtype, bits)
    back = stfrag.decode_planes(
        stfrag.encode_planes(given_, kind[:3] if kind[0] == "4" else "444", bits, codec="stf", qp=FINE, effort=2)
    )
    for a, b in zip(given_, back, strict=True):
        assert close(a, b, bits), (kind, samples, t, y, x)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.tuples(st.integers(1, 4), st.integers(1, 40), st.integers(1, 40)),
    st.floats(0, 63.75),
    st.integers(1, 9),
    st.integers(0, 1000),
)
def test_anything_can_be_coded_at_any_quantizer(samples, shape, qp, effort, seed):
    """Noise, which is no picture: shape and dtype are right, and the range is kept."""
    dtype, bits = samples
    low = -(1 << (bits - 1)) if dtype.startswith("int") else 0
    array = np.random.default_rng(seed).integers(low, low + (1 << bits), shape).astype(dtype)
    coded = stfrag.encode(array, codec="stf", qp=qp, bits=bits, effort=effort)
    back = stfrag.decode(coded)
    assert back.shape == array.shape
    assert back.dtype == array.dtype
    assert low <= int(back.min())
    assert int(back.max()) < low + (1 << bits)
    assert len(coded) <= array.nbytes * 1.005 + 64


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 90), (2, 90, 1), (1, 8, 8), (33, 17, 31)])
@pytest.mark.parametrize("effort", [1, 5, 9])
def test_sizes_at_the_edge(shape, effort):
    array = wave(shape)
    assert close(array, stfrag.decode(stfrag.encode(array, codec="stf", qp=FINE, effort=effort)), 8)


def test_a_quantizer_means_the_same_whatever_the_bits():
    """At 10 and 12 bits the error is that of 8 bits, in the steps of 8 bits."""
    found = []
    for bits in (8, 10, 12):
        array = wave((6, 64, 64), "uint8" if bits == 8 else "uint16", bits)
        found.append(psnr(array, stfrag.decode(stfrag.encode(array, codec="stf", qp=30, bits=bits)), bits))
    assert max(found) - min(found) < 1, found


def test_finer_is_larger_and_better():
    array = wave((8, 96, 96))
    coded = [stfrag.encode(array, codec="stf", quality=q) for q in (10, 30, 50, 75, 90)]
    assert list(map(len, coded)) == sorted(map(len, coded))
    gains = [psnr(array, stfrag.decode(data), 8) for data in coded]
    assert gains == sorted(gains)
    assert gains[-1] > 42
    assert len(coded[-1]) > 3 * len(coded[0])


def test_steps_are_quarters_of_a_qp():
    array = wave((4, 64, 64))
    by_qp = [stfrag.encode(array, codec="stf", qp=qp) for qp in (30, 30.1, 30.25, 30.5)]
    assert by_qp[0] == by_qp[1]
    assert len(set(by_qp)) == 3
    assert stfrag.encode(array, codec="stf", quality=60) == stfrag.encode(array, codec="stf", qp=quality.qp_of(60))


def test_the_scale_of_qualities():
    qps = [quality.qp_of(q) for q in np.linspace(1, 100, 397)]
    assert qps == sorted(qps, reverse=True)
    assert all(0 <= qp <= 63.75 and (4 * qp).is_integer() for qp in qps)


def test_noise_is_stored_as_it_is_where_that_is_smaller():
    noise = np.random.default_rng(0).integers(0, 256, (4, 48, 48), np.uint8)
    coded = stfrag.encode(noise, codec="stf", qp=0)
    assert len(coded) <= noise.nbytes * 1.005 + 64
    assert psnr(noise, stfrag.decode(coded), 8) > 50


@pytest.mark.parametrize("effort", [1, 5, 9])
def test_the_same_bytes_on_any_processor_and_any_number_of_threads(tmp_path, effort):
    given_ = planes_of("420", 10, 90, 150)
    expected = store(given_, qp=30.25, effort=effort, fragment=(4, 32, 64))
    for threads in (2, 5):
        assert store(given_, qp=30.25, effort=effort, fragment=(4, 32, 64), num_threads=threads) == expected
    np.savez(tmp_path / "planes.npz", *given_)
    code = f"""
import io, sys, numpy as np, stfrag
planes = tuple(np.load(sys.argv[1]).values())
file = io.BytesIO()
with stfrag.create(file, pixel_format="yuv420p", fps=25, codec="stf", qp=30.25, effort={effort}, fragment=(4, 32, 64),
                   num_threads=1) as writer:
    writer.append(planes)
open(sys.argv[2], "wb").write(file.getvalue())
np.savez(sys.argv[3], *stfrag.open(file.getvalue()).read_planes())
print(stfrag.show_config()["simd"])
"""
    for cpu in ("scalar", "sse4.1"):
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "planes.npz", tmp_path / "a.stf", tmp_path / "back.npz"],
            env={**os.environ, "STFRAG_CPU": cpu},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "a.stf").read_bytes() == expected
        with stfrag.open(expected) as v:
            for a, b in zip(v.read_planes(), np.load(tmp_path / "back.npz").values(), strict=True):
                np.testing.assert_array_equal(a, b)


# -------------------------------------------------------------------------------------------------------- options

GRAY = np.zeros((2, 8, 8), np.uint8)


@pytest.mark.parametrize(
    ("array", "options", "error", "match"),
    [
        (GRAY, {"qp": 64}, ValueError, r"qp=64 is out of range: 0 to 63.75 for codec stf, in steps of 1/4"),
        (GRAY, {"qp": -1}, ValueError, "out of range: 0 to"),
        (GRAY, {"qp": float("nan")}, ValueError, "out of range"),
        (GRAY, {"qp": "fine"}, TypeError, "not a number"),
        (GRAY, {"quality": 0.5}, ValueError, "1 to 100"),
        (GRAY, {"quality": 75, "qp": 30}, ValueError, "exclude each other"),
        (GRAY, {"quality": 75, "max_error": 1}, ValueError, "exclude each other"),
        (GRAY, {"quality": 75, "codec_options": {"tune": "psnr"}}, ValueError, "no option 'tune'"),
        (
            np.zeros((2, 8, 8), np.uint16),
            {"quality": 75},
            stfrag.UnsupportedError,
            r"codec stf has no lossy mode for gray of 16 bits: .*max_error=n.*2 to 12 bits are taken \(bits=12",
        ),
        (np.zeros((2, 8, 8), np.int16), {"qp": 20, "bits": 13}, stfrag.UnsupportedError, "13 bits.*max_error="),
        (np.zeros((2, 8, 8), bool), {"quality": 75}, stfrag.UnsupportedError, "no lossy mode for bool: max_error=0"),
        (GRAY, {"quality": 75, "bits": 1}, stfrag.UnsupportedError, "gray of 1 bits: max_error="),
    ],
)
def test_options_that_make_no_sense(array, options, error, match):
    with pytest.raises(error, match=match):
        stfrag.encode(array, codec="stf", **options)
    with pytest.raises(error, match=match):
        stfrag.save(io.BytesIO(), array, codec="stf", **options)


@pytest.mark.parametrize("subsampling", ["411", "410"])
def test_quartered_chroma_is_refused(subsampling):
    sx, sy = {"411": (2, 0), "410": (2, 2)}[subsampling]
    chroma = np.zeros((2, -(-8 >> sy), -(-8 >> sx)), np.uint8)
    with pytest.raises(stfrag.UnsupportedError, match=r"no lossy mode for 4:1:.*max_error="):
        stfrag.encode_planes((GRAY, chroma, chroma), subsampling, codec="stf", quality=75)
    stfrag.encode_planes((GRAY, chroma, chroma), subsampling, codec="stf", max_error=1)


def test_refusals_name_the_codecs_that_can():
    pytest.importorskip("av")
    if not all(codec["encode"] for codec in stfrag.codecs() if codec["name"] in ("h264", "hevc")):
        pytest.skip("this libav has not both")
    with pytest.raises(stfrag.UnsupportedError, match="with loss use codec='h264'"):
        stfrag.encode(np.zeros((2, 8, 8), bool), codec="stf", quality=75)
    with pytest.raises(stfrag.UnsupportedError, match="use codec='stf' or codec='hevc'"):
        stfrag.encode(np.zeros((2, 8, 8), np.uint16), bits=12, codec="h264", quality=75)


def test_without_a_quality_nothing_is_lost():
    array = wave((3, 30, 40))
    assert (stfrag.decode(stfrag.encode(array, codec="stf")) == array).all()
    assert stfrag.encode(array, codec="stf") == stfrag.encode(array)


@pytest.mark.parametrize("bits", [2, 8, 10, 12])
@pytest.mark.parametrize("kind", ["gray", "420", "422", "440", "444", "420a"])
def test_auto_is_the_native_codec(kind, bits):
    """Whatever it takes with loss, it is coded by it."""
    given_ = planes_of(kind, 3, 30, 40, "uint8" if bits <= 8 else "uint16", bits)
    subsampling = "444" if kind == "gray" else kind[:3]
    assert stfrag.encode_planes(given_, subsampling, bits, quality=75, codec="auto") == stfrag.encode_planes(
        given_, subsampling, bits, quality=75, codec="stf"
    )


def test_auto_is_the_native_codec_for_arrays_and_stores():
    rgba = np.stack([wave((3, 30, 40), seed=c) for c in range(4)], -1)
    for array in (rgba, rgba[..., :3], rgba[..., 0], rgba[..., 0].astype(np.int8)):
        assert stfrag.encode(array, quality=75) == stfrag.encode(array, quality=75, codec="stf")
    file = io.BytesIO()
    stfrag.save(file, rgba, quality=75)
    with stfrag.open(file.getvalue()) as v:
        assert set(v.index.codec) == {"stf"}
        said = v.metadata["options"]
        assert (said["codec"], said["quality"], said["qp"]) == ("stf", 75, quality.qp_of(75))
    with pytest.raises(stfrag.UnsupportedError, match="no lossy codec here takes gray of 16 bits: max_error=0"):
        stfrag.encode(np.zeros((2, 8, 8), np.uint16), quality=75)


def test_auto_is_the_native_codec_without_pyav(tmp_path):
    """As where PyAV is not installed."""
    (tmp_path / "av.py").write_text("raise ImportError('there is none')")
    code = """
import numpy as np, stfrag
array = np.zeros((2, 20, 20), np.uint8)
assert stfrag.encode(array, quality=75) == stfrag.encode(array, quality=75, codec="stf")
stfrag.save("PATH", array, quality=75)
with stfrag.open("PATH") as v:
    assert set(v.index.codec) == {"stf"} and abs(v[:].astype(int) - array).max() < 3
for bad in (array > 1, np.zeros((2, 20, 20), np.uint16)):
    try:
        stfrag.encode(bad, quality=75)
    except stfrag.UnsupportedError as error:
        assert "max_error=0" in str(error), error
    else:
        raise AssertionError
"""
    code = code.replace("PATH", str(tmp_path / "a.stf"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_codecs_say_so():
    first = stfrag.codecs()[0]
    assert (first["name"], first["lossless"], first["lossy"], first["qp"]) == ("stf", True, True, [0, 63.75])
    assert native.QP == (0, 63.75)


# --------------------------------------------------------------------------------------------------------- stores


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


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_regions_are_crops_of_the_whole(data):
    v, whole, rgb = shared_store()
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


_shared = {}


def shared_store():
    """A reader of a 4:2:0 store, its planes and its RGB."""
    if not _shared:
        v = stfrag.open(store(planes_of("420", 21, 70, 90), qp=30, fragment=(8, 32, 48)))
        whole, rgb = v.read_planes(), v[...]
        _shared["all"] = v, whole, rgb
    return _shared["all"]


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


# --------------------------------------------------------------------------------------------------- command line


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


@pytest.mark.parametrize("qp", [0, 0.25, 63, 63.75])
def test_the_ends_of_the_scale(qp):
    """Frames that are coarser or finer than the first one, and chroma, stay within it."""
    noise = np.random.default_rng(3).integers(0, 256, (9, 40, 48), dtype=np.uint8)
    planes = noise, noise[:, ::2, ::2].copy(), noise[:, 1::2, 1::2].copy()
    for effort in (1, 5):
        decoded = stfrag.decode_planes(stfrag.encode_planes(planes, "420", codec="stf", qp=qp, effort=effort))
        assert [plane.shape for plane in decoded] == [plane.shape for plane in planes]


def test_fades_cost_little():
    """What only grows darker is predicted from references made darker."""
    rng = np.random.default_rng(5)
    still = np.kron(rng.integers(40, 220, (16, 16)), np.ones((6, 6))) + rng.normal(0, 6, (96, 96))
    steps = np.linspace(1, 0.3, 9)[:, None, None] ** 2  # not linear: the mean of both references is not enough
    fade = np.clip(still * steps, 0, 255).astype(np.uint8)
    first = len(stfrag.encode(fade[:1], codec="stf", qp=26))
    whole = stfrag.encode(fade, codec="stf", qp=26)
    assert len(whole) < 1.6 * first
    assert stfrag.metrics.psnr(fade, stfrag.decode(whole)) > 36


@pytest.mark.parametrize("strength", [-0.1, 4.1, "much", float("nan")])
def test_strengths_of_adaptive_quantisation_have_a_range(strength):
    with pytest.raises(ValueError, match="aq="):
        stfrag.encode(np.zeros((1, 8, 8), np.uint8), codec="stf", qp=30, codec_options={"aq": strength})


def test_adaptive_quantisation_moves_errors_to_where_they_hide():
    rng = np.random.default_rng(6)
    frame = np.empty((64, 128))
    frame[:, :64] = 100 + 6 * np.sin(np.arange(64) / 5) + rng.normal(0, 1, (64, 64))
    frame[:, 64:] = rng.normal(120, 40, (64, 64))
    frame = np.clip(frame, 0, 255).astype(np.uint8)[None]

    def errors(**options):
        back = stfrag.decode(stfrag.encode(frame, codec="stf", qp=34, codec_options=options))
        return [stfrag.metrics.mse(frame[..., part], back[..., part]) for part in (slice(64), slice(64, None))]

    (quiet, busy), (quiet_aq, busy_aq) = errors(), errors(aq=1.5)
    assert quiet_aq < 0.9 * quiet
    assert busy_aq > 1.2 * busy
    with pytest.raises(ValueError, match="aq= is for lossy coding"):
        stfrag.encode(frame, codec_options={"aq": 1})
