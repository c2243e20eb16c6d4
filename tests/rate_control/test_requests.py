"""Targets and weights as they are given: understood, or refused with a reason."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from support.rates import ARRAY, clip, encode, saved

import stfrag
from stfrag.model.target import parse_target


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        ("psnr=40", "psnr", 40),
        ({"psnr": 40}, "psnr", 40),
        (" bytes = 2M ", "bytes", 2e6),
        ("bytes=1.5k", "bytes", 1500),
        ("bytes=2K", "bytes", 2000),
        ("bytes=1G", "bytes", 1e9),
        ("kbit_per_s=2M", "kbit_per_s", 2e6),
        ("bits_per_sample=.25", "bits_per_sample", 0.25),
        ({"bits_per_pixel": np.float32(0.5)}, "bits_per_pixel", 0.5),
    ],
)
def test_targets_are_understood(given, kind, value):
    found = parse_target(given)
    assert (found.kind, found.value) == (kind, value)
    assert parse_target(str(found)).value == pytest.approx(value)


def test_huge_targets_are_told_in_short():
    assert str(parse_target({"bytes": 123456789012345})) == "bytes=123456789012345"
    assert str(parse_target({"bytes": 1e300})) == "bytes=1e+300"


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ("40", ValueError, "a target is one of psnr"),
        ("quality=40", ValueError, "a target is one of psnr"),
        ("psnr=", ValueError, "not a number"),
        ("psnr=4x", ValueError, "not a number"),
        ("psnr=40k", ValueError, "not a number$"),
        ("bytes=2T", ValueError, "not a number, with k, M or G"),
        ({"bytes": 10**400}, ValueError, "too large"),
        ("bytes=-1", ValueError, "positive"),
        ("bytes=0", ValueError, "positive"),
        ("psnr=nan", ValueError, "finite"),
        ({"psnr": float("inf")}, ValueError, "finite"),
        ({"psnr": 40, "bytes": 1}, ValueError, "2 entries"),
        ({}, ValueError, "0 entries"),
        ({"size": 5}, ValueError, "a target is one of"),
        (40, TypeError, "neither"),
        ({"psnr": "40"}, TypeError, "not a number"),
        ({"psnr": True}, TypeError, "not a number"),
        ({"psnr": None}, TypeError, "not a number"),
    ],
)
def test_nonsense_targets(given, error, match):
    with pytest.raises(error, match=match):
        saved(ARRAY, target=given)


@pytest.mark.parametrize("other", [{"max_error": 0}, {"quality": 50}, {"qp": 30, "codec": "stf"}])
def test_one_of_them(other):
    with pytest.raises(ValueError, match="exclude each other"):
        saved(ARRAY, target="psnr=40", **other)


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        (np.ones(4), ValueError, "Y×X or T×Y×X"),
        (np.ones((1, 1, 1, 1)), ValueError, "Y×X or T×Y×X"),
        (np.ones((0, 3)), ValueError, "not of shape"),
        ([[1, 0]], ValueError, r"\[0, 1\] is 0"),
        ([[1, -2]], ValueError, "is -2"),
        ([[np.nan]], ValueError, "is nan"),
        ([[np.inf]], ValueError, "is inf"),
        ("map", TypeError, "real numbers"),
        ([[1j]], TypeError, "real numbers"),
        ([[1], [1, 2]], TypeError, "real numbers"),
        ([[1e-300, 1e300]], ValueError, r"2\^60 times"),
        ([[1, 2.0**61]], ValueError, r"2\^60 times"),
    ],
)
def test_nonsense_weights(given, error, match):
    with pytest.raises(error, match=match):
        saved(ARRAY, weights=given, quality=50)


def test_who_cannot():
    with pytest.raises(ValueError, match=r"stfrag.save\(\) or stfrag.from_video\(\)"):
        stfrag.create(io.BytesIO(), target="psnr=40")
    file = io.BytesIO(saved(ARRAY, codec="stf", qp=30))
    for options in ({"target": "psnr=40"}, {"weights": [[1]]}):
        with pytest.raises(ValueError, match="whole stores"):
            stfrag.append(file, **options)
    with pytest.raises(ValueError, match="give fps="):
        saved(ARRAY, target="kbit_per_s=100")
    for options in ({"target": "psnr=40"}, {"weights": [[1]], "quality": 60}):
        with pytest.raises(stfrag.UnsupportedError, match="codec='stf'"):
            saved(ARRAY, codec="h264", **options)
    with pytest.raises(stfrag.UnsupportedError, match="codec h264 has quality= and qp="):
        encode(ARRAY, codec="h264", target="psnr=40")
    with pytest.raises(stfrag.UnsupportedError, match=r"codec ffv1 is lossless only$"):
        encode(ARRAY, codec="ffv1", target="psnr=40")
    with pytest.raises(ValueError, match="nothing is lost here"):
        saved(ARRAY, weights=[[1, 2]])
    with pytest.raises(stfrag.UnsupportedError, match="max_error=n within n"):
        saved(clip(bits=14), target="psnr=40", bits=14)


def test_pipes_cannot():
    class Pipe:
        def read(self, size=-1):
            raise AssertionError("it was read")

    for options in ({"target": "psnr=40"}, {"weights": np.ones((2, 1, 1)), "quality": 60}):
        with pytest.raises(ValueError, match="more than once"):
            stfrag.from_video(Pipe(), io.BytesIO(), **options)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("options", [{"target": "psnr=40"}, {"weights": np.ones((2, 1, 1)), "quality": 60}])
def test_what_is_no_regular_file_cannot(tmp_path, options):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", str(tmp_path / "pipe"), os.devnull):
        with pytest.raises(ValueError, match="regular file"):  # and it is not opened, which would wait for a writer
            stfrag.from_video(path, tmp_path / "a.stf", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
