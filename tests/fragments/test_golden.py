"""Golden fragments and stores: still decoded, still made, and read by a second decoder written from the format."""

import json
import re

import numpy as np
import pytest
from golden import second_decoder, stores
from golden.recipes import ANCILLARY, BAD, BAD_DIR, GOOD, GOOD_DIR

import stfrag
from stfrag.native import fragment as _fragment


def read(folder, name):
    return (folder / f"{name}.stff").read_bytes()


def profile_of(name):
    return 0 if name.startswith("raw_") else 3 if name.startswith("lossy_") else 1


def psnr(planes, recipe):
    """Of all samples of all planes; decoding has checked them against the checksum in the fragment."""
    originals = recipe.planes()
    assert [(plane.dtype, plane.shape) for plane in planes] == [(plane.dtype, plane.shape) for plane in originals]
    errors = np.concatenate([(a.astype(int) - b).ravel() for a, b in zip(planes, originals, strict=True)])
    return 20 * np.log10((1 << recipe.format.bits) - 1) - 10 * np.log10(np.mean(np.square(errors)))


def check_planes(planes, recipe):
    if recipe.quantizer is not None:
        assert psnr(planes, recipe) > 58 - recipe.quantizer / 6
        return
    expected = recipe.decoded()
    assert len(planes) == len(expected)
    for plane, samples in zip(planes, expected, strict=True):
        assert plane.dtype == samples.dtype
        np.testing.assert_array_equal(plane, samples)


@pytest.mark.parametrize("name", GOOD)
def test_good_fragment(name):
    recipe = GOOD[name]
    coded = read(GOOD_DIR, name)
    check_planes(stfrag.decode_planes(coded), recipe)
    fmt, size, fields = _fragment.info(coded)
    assert fmt == recipe.format
    assert size == recipe.size
    assert fields["version"] == 1
    assert fields["profile"] == profile_of(name)


@pytest.mark.parametrize("name", GOOD)
def test_encode_again(name):
    """Raw bytes are fixed by the format; of the encoders' choices only better ones are let through."""
    recipe = GOOD[name]
    golden, now = read(GOOD_DIR, name), recipe.encode()
    if name.startswith("raw_"):
        assert now == golden
    else:
        assert len(now) <= len(golden) * 1.02 + 8
        check_planes(stfrag.decode_planes(now), recipe)
        if recipe.quantizer is not None:
            assert psnr(stfrag.decode_planes(now), recipe) > psnr(stfrag.decode_planes(golden), recipe) - 0.2


@pytest.mark.parametrize("name", [name for name in GOOD if name.startswith("lossy_")])
def test_parts_of_lossy_fragments(name):
    """Whatever part is decoded, by itself it is what it is in the whole."""
    coded = read(GOOD_DIR, name)
    whole = stfrag.decode_planes(coded)
    fmt, size = GOOD[name].format, GOOD[name].size
    for frame in range(size[0]):
        for components in (1, (1 << fmt.components) - 1):
            planes = tuple(
                np.zeros((1, *fmt.extent(c, *size[1:])), fmt.dtype) if components >> c & 1 else None
                for c in range(fmt.components)
            )
            _fragment.decode(coded, fmt, size, planes, frames=np.array([frame], np.uint32))
            for plane, expected in zip(planes, whole, strict=True):
                if plane is not None:
                    np.testing.assert_array_equal(plane[0], expected[frame])


def test_same_bytes_on_every_instruction_set():
    coded = {}
    try:
        for level in ("scalar", "sse4.1", "avx2"):
            try:
                _fragment.cpu_mask(level)
            except stfrag.UnsupportedError:
                continue
            for name, recipe in GOOD.items():
                check_planes(stfrag.decode_planes(read(GOOD_DIR, name)), recipe)
                assert coded.setdefault(name, recipe.encode()) == recipe.encode(), (level, name)
    finally:
        _fragment.cpu_mask(None)


@pytest.mark.parametrize("name", BAD)
def test_bad_fragment(name):
    bad = BAD[name]
    with pytest.raises(getattr(stfrag, bad.error), match=bad.message):
        stfrag.decode_planes(read(BAD_DIR, name))


def test_ancillary_extension_is_skipped():
    check_planes(stfrag.decode_planes(read(GOOD_DIR, "ancillary_extension")), GOOD[ANCILLARY.of])


def test_every_file_has_a_recipe():
    assert {p.stem for p in GOOD_DIR.glob("*.stff")} == {*GOOD, "ancillary_extension"}
    assert {p.stem for p in BAD_DIR.glob("*.stff")} == {*BAD}


@pytest.mark.parametrize("name", [name for name in GOOD if name.startswith("raw_")])
def test_second_decoder(name):
    """docs/format.md says enough: a decoder written from it alone agrees."""
    check_planes(second_decoder.decode(read(GOOD_DIR, name)), GOOD[name])


# --------------------------------------------------------------------------------------------------------- stores


def golden_store(name):
    codec = stores.needs(name)
    if not {c["name"]: c for c in stfrag.codecs()}[codec]["decode"]:
        pytest.skip(f"this libav does not decode {codec}")
    return (stores.FOLDER / f"{name}.stf").read_bytes()


@pytest.mark.parametrize("name", stores.STORES)
def test_golden_store(name):
    data = golden_store(name)
    assert stores.reads_as(data) == json.loads(stores.EXPECTED.read_text())[name]
    if name != "repaired":
        assert stfrag.verify(data, deep=True).ok


def test_golden_stores_of_arrays_hold_them():
    """Not only what they were once read as: what went in."""
    for name, array in (("array", stores.moving(9, 40, 56, 12)), ("many", stores.moving(260, 4, 4))):
        with stfrag.open(golden_store(name)) as v:
            np.testing.assert_array_equal(v[...], array)
    with stfrag.open(golden_store("near_lossless")) as v:
        assert np.abs(v.read_planes()[0].astype(int) - stores.moving(10, 34, 50)).max() == 2


def test_golden_stores_lack_what_was_lost():
    with stfrag.open(golden_store("repaired")) as v:
        np.testing.assert_array_equal(v[4:], stores.moving(8, 32, 64)[4:])
        with pytest.raises(stfrag.CorruptFragmentError):
            v[0, :, 40]


@pytest.mark.parametrize(
    ("version", "match"),
    [
        (0, r"store is of format version 0.*development versions.*reads version 1: encode again"),
        (2, r"store needs format version 2.*reads version 1"),
    ],
)
def test_stores_of_other_versions(version, match, tmp_path):
    path = stores.BAD_FOLDER / f"version_{version}.stf"
    for refuse in (stfrag.open, stfrag.append, lambda path: stfrag.repair(path, tmp_path / "a.stf")):
        with pytest.raises(stfrag.UnsupportedError, match=match):
            refuse(path)
    (problem,) = stfrag.verify(path).problems
    assert isinstance(problem, stfrag.UnsupportedError)
    assert re.search(match, str(problem))
    again = stores.with_version(path.read_bytes(), 1)
    with stfrag.open(again) as v:  # it is refused for its version alone
        np.testing.assert_array_equal(v[...], stores.moving(9, 40, 56, 12))
    assert stores.with_version(again, version) == path.read_bytes()


def test_every_golden_store_is_known():
    assert {p.stem for p in stores.FOLDER.glob("*.stf")} == {*stores.STORES}
    assert {*json.loads(stores.EXPECTED.read_text())} == {*stores.STORES}
