"""Fragments of the native codec with loss: every kind of samples, every quantizer, the same bytes everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lossy import FINE, SAMPLES, close, planes_of, store, wave
from support.processes import child
from support.samples import psnr

import stfrag
from stfrag.codec import quality


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
        child(code, tmp_path / "planes.npz", tmp_path / "a.stf", tmp_path / "back.npz", timeout=300, STFRAG_CPU=cpu)
        assert (tmp_path / "a.stf").read_bytes() == expected
        with stfrag.open(expected) as v:
            for a, b in zip(v.read_planes(), np.load(tmp_path / "back.npz").values(), strict=True):
                np.testing.assert_array_equal(a, b)


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
