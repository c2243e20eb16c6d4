"""No sample is further off than was asked: every dtype, component, effort, in fragments and in stores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag
from stfrag.native import fragment as _fragment

DTYPES = ("uint8", "int8", "uint16", "int16", "bool")


def sample(seed, shape, dtype, spread=1.0):
    """Smooth with noise, over all of the dtype's range or a part of it."""
    rng = np.random.default_rng(seed)
    t, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    wave = np.sin((x + 2 * t) / 5) + np.cos((y - t) / 7)
    values = wave.reshape(*wave.shape, *(1,) * (len(shape) - 3)) + rng.normal(0, 0.2, shape)
    if dtype == "bool":
        return values > 0
    info = np.iinfo(dtype)
    middle, half = (info.max + info.min) / 2, (info.max - info.min) / 2
    return np.clip(np.rint(middle + half * spread * values / 1.5), info.min, info.max).astype(dtype)


def errors(a, b):
    return np.abs(a.astype(np.int64) - b.astype(np.int64))


@settings(max_examples=60, deadline=None)
@given(
    dtype=st.sampled_from(DTYPES),
    bound=st.integers(1, 32767) | st.integers(1, 40),
    effort=st.integers(1, 9),
    shape=st.tuples(st.integers(1, 6), st.integers(1, 40), st.integers(1, 40)),
    components=st.integers(0, 4),
    seed=st.integers(0, 9),
    spread=st.sampled_from((1.0, 0.1)),
)
def test_no_sample_is_further_off(dtype, bound, effort, shape, components, seed, spread):
    array = sample(seed, (*shape, components) if components else shape, dtype, spread)
    data = stfrag.encode(array, max_error=bound, effort=effort)
    back = stfrag.decode(data)
    assert back.dtype == array.dtype
    worst = int(errors(array, back).max())
    assert worst <= bound
    info = _fragment.info(data)[2]
    assert info["max_error_achieved"] == worst
    if info["profile"] == 1:
        assert info["max_error"] == bound
    else:
        assert worst == 0  # as raw
    assert len(data) <= len(stfrag.encode(array, effort=effort)) * 1.005 + 64


@pytest.mark.parametrize("bits", [1, 2, 7, 8, 9, 10, 12, 16])
@pytest.mark.parametrize("bound", [1, 2, 5, 100, 32767])
def test_every_level_at_every_depth(bits, bound):
    array = np.resize(np.arange(1 << bits, dtype=np.uint16), (1, 256, 256))
    back = stfrag.decode(stfrag.encode(array, bits=bits, max_error=bound))
    assert int(errors(array, back).max()) == min(bound, (1 << bits) - 1)
    assert int(back.max()) < 1 << bits


@pytest.mark.parametrize("subsampling", ["420", "422", "444", "411"])
def test_planes(subsampling):
    y = sample(1, (5, 48, 64), "uint8")
    rows = slice(None, None, 2 if subsampling == "420" else 1)
    columns = slice(None, None, {"420": 2, "422": 2, "444": 1, "411": 4}[subsampling])
    planes = y, y[:, rows, columns] // 2 + 40, 255 - y[:, rows, columns]
    data = stfrag.encode_planes(planes, subsampling, max_error=3)
    for a, b in zip(planes, stfrag.decode_planes(data), strict=True):
        assert int(errors(a, b).max()) <= 3
    assert len(data) < 0.8 * len(stfrag.encode_planes(planes, subsampling))


def test_the_bound_holds_of_red_green_and_blue():
    gray = sample(2, (4, 60, 60), "uint8", 0.5)
    rgb = np.stack([gray, gray + 9, 255 - gray], -1)  # what a colour transform is for
    data = stfrag.encode(rgb, max_error=2)
    assert int(errors(rgb, stfrag.decode(data)).max()) == 2
    assert len(data) < 0.7 * len(stfrag.encode(rgb))


def test_larger_bounds_are_smaller():
    array = sample(3, (8, 64, 64), "int16", 0.05)
    sizes = [len(stfrag.encode(array, max_error=n)) for n in (0, 1, 3, 10, 100, 1000)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_a_store_is_within_the_bound_and_says_so(tmp_path):
    array = sample(4, (20, 70, 90), "uint16", 0.05)
    path = tmp_path / "a.stf"
    stfrag.save(path, array[:12], max_error=7, fragment=(4, 32, 32))
    with stfrag.append(path) as writer:  # as the store was begun
        writer.append(array[12:])
    assert stfrag.verify(path, deep=True).ok
    with stfrag.open(path) as v:
        back = v[:]
        assert int(errors(array, back).max()) == 7
        assert np.array_equal(v[3:9, 20:50, 11:70], back[3:9, 20:50, 11:70])
        assert np.array_equal(v[13], back[13])
        assert int(v.index["sse"].sum()) == int((errors(array, back) ** 2).sum())
        info = v.info()
    assert info["options"]["max_error"] == 7
    assert info["psnr"]["overall"] == pytest.approx(stfrag.metrics.psnr(array, back))


def test_threads_and_instruction_sets_change_no_byte(tmp_path):
    array = sample(5, (16, 80, 80), "uint8")
    stores = []
    for threads in (1, 3):
        path = tmp_path / f"{threads}.stf"
        stfrag.save(path, array, max_error=2, fragment=(8, 32, 32), num_threads=threads)
        stores.append(path.read_bytes())
    assert stores[0] == stores[1]


def test_damage_is_found():
    data = bytearray(stfrag.encode(sample(6, (3, 40, 40), "uint8"), max_error=4))
    for at in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        with pytest.raises((stfrag.CorruptFragmentError, stfrag.UnsupportedError)):
            stfrag.decode(bytes(damaged))


def test_from_video(tmp_path):
    pytest.importorskip("av")
    from stfrag.cli import main

    assert main(["demo", "--size", "8,64,64", "-q", "--json", "-o", str(tmp_path / "d")]) == 0
    source, store = str(tmp_path / "d/scene.mkv"), str(tmp_path / "near.stf")
    assert main(["encode", source, store, "--max-error", "2", "-q"]) == 0
    exact = tmp_path / "exact.stf"
    stfrag.from_video(source, exact, max_error=0)
    with stfrag.open(store) as near, stfrag.open(exact) as lossless:
        for a, b in zip(near.read_planes(), lossless.read_planes(), strict=True):
            assert int(errors(a, b).max()) <= 2
    assert (tmp_path / "near.stf").stat().st_size < 0.8 * exact.stat().st_size
