"""One fragment to bytes and back, as Python sees it."""

import io
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag
from stfrag.native import fragment as _fragment

DTYPES = ("uint8", "int8", "uint16", "int16", "bool")


def samples(rng, shape, dtype, bits=None):
    """Random samples of a dtype: smooth ones, noise, or one value."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < rng.choice([0.02, 0.5])
    bits = bits or 8 * dtype.itemsize
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if dtype.kind == "i" else (0, (1 << bits) - 1)
    kind = rng.integers(3)
    if kind == 0:
        return rng.integers(low, high, shape, endpoint=True).astype(dtype)
    if kind == 1:
        return np.full(shape, rng.choice([low, high, 0]), dtype)
    ramp = sum(np.arange(n).reshape([-1 if i == a else 1 for i in range(len(shape))]) for a, n in enumerate(shape))
    return np.clip(ramp * 3 + rng.integers(0, 4, shape), low, high).astype(dtype)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_round_trip(data):
    """Every dtype, layout, size down to 1×1×1, stride and byte order comes back exactly."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    dtype = data.draw(st.sampled_from(DTYPES))
    steps = tuple(data.draw(st.sampled_from([1, 2, -1, -3])) for _ in range(3))
    size = tuple(data.draw(st.integers(1, limit)) for limit in (9, 40, 40))
    components = data.draw(st.sampled_from([None, 1, 2, 3, 4]))
    shape = tuple(n * abs(s) for n, s in zip(size, steps, strict=True)) + ((components,) if components else ())
    array = samples(rng, shape, dtype)[tuple(slice(None, None, s) for s in steps)]
    if data.draw(st.booleans()):
        array = array.astype(array.dtype.newbyteorder("S"))
    coded = stfrag.encode(array, effort=data.draw(st.sampled_from([1, 5])))
    assert len(coded) <= array.nbytes * 1.005 + 64
    back = stfrag.decode(coded)
    assert back.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(back, array)
    planes = stfrag.decode_planes(coded)
    np.testing.assert_array_equal(np.stack(planes, -1).reshape(array.shape), array)
    out = np.zeros((*shape[:2], shape[2] * 2, *shape[3:]), dtype)[: array.shape[0], : array.shape[1], ::-2]
    out = out[:, :, : array.shape[2]]
    assert stfrag.decode(memoryview(bytearray(coded)), out=out) is out
    np.testing.assert_array_equal(out, array)


def test_outward_structure():
    """A still picture that is corrected a little in every frame is coded outwards from its middle frame."""
    rng = np.random.default_rng(1)
    frames = [rng.integers(64, 192, (96, 112), np.uint8)]
    for _ in range(23):
        areas = np.kron(rng.random((12, 14)) < 0.25, np.ones((8, 8), bool))
        change = rng.integers(-3, 4, (96, 112), np.int8).view(np.uint8)
        frames.append(frames[-1] + np.where(areas, change, 0).astype(np.uint8))
    array = np.stack(frames)
    coded = stfrag.encode(array)
    assert _fragment.info(coded)[2]["structure"] == 3
    np.testing.assert_array_equal(stfrag.decode(coded), array)
    target = io.BytesIO()
    stfrag.save(target, array, fragment=array.shape)
    with stfrag.open(target.getvalue()) as reader:
        assert reader.index["bytes"][0] == len(coded)
        for t in range(24):
            reader.reset_stats()
            np.testing.assert_array_equal(reader[t], array[t])
            assert reader.stats["frames"] == (13 - t if t < 12 else t - 11)
    # What is asked for is what there is, and is kept with the store.
    for name, number, worst in (("dyadic", 0, 7), ("chain", 1, 24), ("intra", 2, 1), ("outward", 3, 13)):
        options = {"codec_options": {"structure": name}}
        assert _fragment.info(stfrag.encode(array, **options))[2]["structure"] == number
        target = io.BytesIO()
        stfrag.save(target, array, fragment=array.shape, **options)
        with stfrag.open(target.getvalue()) as reader:
            assert reader.metadata["options"]["codec_options"] == options["codec_options"]
            costs = []
            for t in range(24):
                reader.reset_stats()
                np.testing.assert_array_equal(reader[t], array[t])
                costs.append(reader.stats["frames"])
            assert max(costs) <= worst


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from(["444", "422", "420", "440", "411", "410"]),
    st.sampled_from([3, 4]),
    st.integers(1, 5),
    st.integers(1, 33),
    st.integers(1, 33),
    st.integers(1, 16),
)
def test_planes_round_trip(seed, subsampling, components, t, y, x, bits):
    rng = np.random.default_rng(seed)
    sub_x, sub_y = {"444": (1, 1), "422": (2, 1), "420": (2, 2), "440": (1, 2), "411": (4, 1), "410": (4, 4)}[
        subsampling
    ]
    dtype = "uint8" if bits <= 8 else "uint16"
    small = (t, -(-y // sub_y), -(-x // sub_x))
    planes = [samples(rng, small if c in (1, 2) else (t, y, x), dtype, bits) for c in range(components)]
    coded = stfrag.encode_planes(planes, subsampling, bits)
    for plane, back in zip(planes, stfrag.decode_planes(coded), strict=True):
        assert back.dtype == plane.dtype
        np.testing.assert_array_equal(back, plane)
    out = [np.empty(plane.shape, dtype)[::-1] for plane in planes]
    stfrag.decode_planes(coded, out=out)
    for plane, back in zip(planes, out, strict=True):
        np.testing.assert_array_equal(back, plane)
    if sub_x * sub_y > 1:
        with pytest.raises(ValueError, match="decode_planes"):
            stfrag.decode(coded)


def test_bytes_do_not_depend_on_memory_layout():
    array = samples(np.random.default_rng(1), (5, 20, 31, 3), "uint16")
    coded = stfrag.encode(array)
    assert stfrag.encode(np.asfortranarray(array)) == coded
    assert stfrag.encode(array.astype(">u2")) == coded
    assert stfrag.encode(array, num_threads=4) == coded


ARRAY = np.zeros((2, 3, 4), np.uint8)


@pytest.mark.parametrize(
    ("array", "options", "error", "match"),
    [
        (ARRAY.astype(float), {}, TypeError, r"float64.*np\.round"),
        (ARRAY.astype(np.float16), {}, TypeError, "float16"),
        (ARRAY.astype(np.int64), {}, TypeError, r"int64.*astype"),
        (ARRAY.astype(complex), {}, TypeError, "complex128"),
        (np.array([["text"]]), {}, TypeError, "samples are uint8"),
        (ARRAY[0], {}, ValueError, r"T×Y×X"),
        (ARRAY[:0], {}, ValueError, "no samples"),
        (ARRAY[..., None].repeat(5, 3), {}, ValueError, "1 to 4 components"),
        (np.broadcast_to(ARRAY[:1], (1025, 3, 4)), {}, ValueError, "too large"),
        (np.broadcast_to(ARRAY[:1, :1, :1], (1, 1, 16385)), {}, ValueError, "too large"),
        (np.broadcast_to(ARRAY[:1, :1, :1], (2, 16384, 16384)), {}, ValueError, "too large"),
        (ARRAY + 4, {"bits": 2}, ValueError, "bits"),
        (ARRAY, {"bits": 9}, ValueError, "1 to 8"),
        (ARRAY.astype(bool), {"bits": 2}, ValueError, "1 to 1"),
        (ARRAY, {"bits": 0}, ValueError, "1 to 16"),
        (ARRAY, {"effort": 0}, ValueError, "1 to 9"),
        (ARRAY, {"effort": 10}, ValueError, "1 to 9"),
        (ARRAY, {"effort": "5"}, TypeError, "not an integer"),
        (ARRAY, {"effort": 2.5}, TypeError, "not an integer"),
        (ARRAY, {"effrt": 2}, TypeError, "did you mean 'effort'"),
        (ARRAY, {"zzz": 2}, TypeError, "unexpected option 'zzz'"),
        (ARRAY, {"layout": "frame"}, TypeError, "takes no layout"),
        (ARRAY, {"max_error": 0, "quality": 50}, ValueError, "max_error= and quality="),
        (ARRAY, {"qp": 30, "target": "1M"}, ValueError, "qp= and target="),
        (ARRAY, {"qp": 30}, ValueError, "give codec="),
        (ARRAY, {"quality": 0}, ValueError, "1 to 100"),
        (ARRAY, {"quality": float("nan")}, ValueError, "1 to 100"),
        (ARRAY, {"quality": "high"}, TypeError, "not a number"),
        (ARRAY, {"max_error": -1}, ValueError, "0 to 32767"),
        (ARRAY, {"max_error": 32768}, ValueError, "0 to 32767"),
        (ARRAY, {"codec": "h263"}, ValueError, "'h263' is none of"),
        (ARRAY, {"codec": 3}, TypeError, "not a string"),
        (ARRAY, {"codec_options": {"preset": "fast"}}, ValueError, "no option 'preset'"),
        (ARRAY, {"codec_options": 5}, TypeError, "not a dict"),
        (ARRAY, {"codec_options": {"structure": "tree"}}, ValueError, "'tree' is none of 'auto', 'dyadic'"),
        (ARRAY, {"codec_options": {"structure": 1}}, ValueError, "structure=1 is none of"),
        (ARRAY, {"num_threads": 0}, ValueError, "1 to 256"),
        (ARRAY, {"codec": "stf", "qp": 64}, ValueError, "0 to 63.75 for codec stf"),
        (ARRAY, {"target": "2Mbit"}, ValueError, "a target is one of psnr"),
        (ARRAY, {"weights": [[1]], "quality": 50}, TypeError, "takes no weights"),
        (ARRAY, {"max_error": 2, "codec": "ffv1"}, stfrag.UnsupportedError, "codec='stf'"),
        (ARRAY, {"codec": "av1"}, stfrag.UnsupportedError, "no lossless mode here"),
    ],
)
def test_bad_arguments(array, options, error, match):
    with pytest.raises(error, match=match):
        stfrag.encode(array, **options)


def test_bad_planes():
    y, c = np.zeros((2, 5, 7), np.uint8), np.zeros((2, 3, 4), np.uint8)
    for planes, subsampling, match in [
        ((y, c, c), "444", "plane 1 must have shape"),
        ((y, c), "420", "plane 1"),
        ((y, c, c, c), "420", "plane 3"),
        ((), "420", "1 to 4 planes"),
        ((y, c, c.astype(np.int8)), "420", "dtype"),
        ((y, c, c), "421", "none of"),
        ((y[0], c, c), "420", "T×Y×X"),
        ((y[:0],), "444", "no samples"),
    ]:
        with pytest.raises(ValueError, match=match):
            stfrag.encode_planes(planes, subsampling)


def test_bad_out():
    data = stfrag.encode(ARRAY)
    for out, error in [
        (np.empty((2, 3, 5), np.uint8), ValueError),
        (np.empty((2, 3, 4), np.int8), ValueError),
        (np.empty((2, 3, 4), ">u2"), ValueError),
        (bytearray(24), TypeError),
    ]:
        with pytest.raises(error, match="out must be"):
            stfrag.decode(data, out=out)
    locked = np.empty((2, 3, 4), np.uint8)
    locked.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        stfrag.decode(data, out=locked)


def test_damaged_fragments():
    """Every cut and every flipped byte is told; none gives samples."""
    data = stfrag.encode(samples(np.random.default_rng(3), (4, 16, 16), "uint8"))
    for end in range(0, len(data), 7):
        with pytest.raises(stfrag.StfragError):
            stfrag.decode(data[:end])
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 0x40
        with pytest.raises(stfrag.StfragError) as caught:
            stfrag.decode(broken)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(TypeError):
        stfrag.decode("text")
