"""Golden fragments: still decoded, still made, and read by a second decoder written from the format."""

import numpy as np
import pytest
from golden import second_decoder
from golden.recipes import ANCILLARY, BAD, BAD_DIR, GOOD, GOOD_DIR

import stfrag
from stfrag import _fragment


def read(folder, name):
    return (folder / f"{name}.stff").read_bytes()


def check_planes(planes, recipe):
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
    assert fields["version"] == 0
    assert fields["profile"] == (0 if name.startswith("raw_") else 1)


@pytest.mark.parametrize("name", GOOD)
def test_encode_again(name):
    """Raw bytes are fixed by the format; of the lossless encoder's choices only better ones are let through."""
    recipe = GOOD[name]
    golden, now = read(GOOD_DIR, name), recipe.encode()
    if name.startswith("raw_"):
        assert now == golden
    else:
        assert len(now) <= len(golden) * 1.02 + 8
        check_planes(stfrag.decode_planes(now), recipe)


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
