"""The filter of borders alone: every line is what the text says, and what it refuses."""

import math

import numpy as np
import pytest
from support.seams import picture

from stfrag.seams import Seam, filter_seams


def filter_line(line, noise, top):
    """What docs/lossy.md says of a line of 16 samples."""
    before, after = (n * n * 256 for n in noise)
    sigma = math.isqrt((before + after) // 2)  # in 1/16
    s = [int(v) for v in line]
    busy = max(abs(s[k + 1] - s[k]) for k in (4, 5, 6, 8, 9, 10))
    levels = (
        (1, (25, 18, 13, 10, 7, 5, 3, 1)),
        (2, (24, 12, 6, 3, 1, 0, 0, 0)),
        (4, (20, 6, 1, 0, 0, 0, 0, 0)),
        (8, (12, 1, 0, 0, 0, 0, 0, 0)),
    )
    parts = next((parts for halves, parts in levels if 32 * busy < halves * sigma), None)
    if parts is None:
        return s
    size = abs(s[8] - s[7])
    step = min(size, max(2 * ((sigma + 2) // 4) - size, 0)) * (1 if s[8] > s[7] else -1)
    out = list(s)
    for i, part in enumerate(parts):
        for at, noise_there, sign in ((7 - i, before, 1), (8 + i, after, -1)):
            share = (2 * (noise_there << 15) + before + after) // (2 * (before + after))  # in 1/32768
            weight = (part * share + 16) >> 5
            out[at] = min(max(s[at] + sign * ((step * weight + (1 << 14)) >> 15), 0), top)
    return out


@pytest.mark.parametrize(("dtype", "bits"), [("uint8", 8), ("uint16", 8), ("uint16", 10), ("uint16", 12)])
@pytest.mark.parametrize("noise", [(2, 2), (4, 1), (0, 3), (16, 16)])
def test_every_line_is_what_the_text_says(dtype, bits, noise):
    rng = np.random.default_rng(bits)
    top = (1 << bits) - 1
    texture = rng.integers(0, 2 + 6 * (np.arange(200) % 5)[:, None] ** 2, (200, 16))
    lines = np.clip(
        rng.integers(0, top, (200, 1)) + texture + (np.arange(16) >= 8) * rng.integers(-40, 40, (200, 1)), 0, top
    ).astype(dtype)
    expected = np.array([filter_line(line, noise, top) for line in lines])
    got = lines.copy()
    filter_seams(got, [Seam(2, 8, noise)], bits)
    np.testing.assert_array_equal(got, expected)
    turned = lines.T.copy()
    filter_seams(turned, [Seam(1, 8, noise)], bits)
    np.testing.assert_array_equal(turned.T, expected)


def test_strides_and_frames_do_not_matter():
    plane = picture(3, 40, 50)
    plane[:, :, 25:] += 4
    expected = plane.copy()
    seams = [Seam(1, 20, (3, 3), 5, 33), Seam(2, 25, (3, 2), reach=(6, 8))]
    filter_seams(expected, seams)
    assert (expected != plane).any()
    big = np.zeros((3, 80, 150), np.uint8)
    view = big[:, ::-2, 2::3]
    view[...] = plane
    filter_seams(view, seams[::-1])
    np.testing.assert_array_equal(view, expected)
    for frame, want in zip(plane, expected, strict=True):
        filter_seams(frame, seams)
        np.testing.assert_array_equal(frame, want)
    big[:, ::-2, 2::3] = 0
    assert not big.any()  # nothing beside the view was written


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"seams": [Seam(2, 3, (1, 1))]}, ValueError, "not inside"),
        ({"seams": [Seam(2, 57, (1, 1))]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 20, (1, 1), 0, 61)]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 20, (1, 1), reach=(3, 8))]}, ValueError, "less than 4"),
        ({"seams": [Seam(0, 20, (1, 1))]}, ValueError, "axis=0"),
        ({"seams": [Seam(1, 20, (-1, 1))]}, ValueError, "negative"),
        ({"seams": [Seam(1, 20, (float("nan"), 1))]}, ValueError, "noise"),
        ({"seams": [Seam(1, 20, (1, 1), 0, -1)]}, ValueError, "negative"),
        ({"seams": [Seam(1, 20, (1, 1), 0, 1 << 40)]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 1 << 40, (1, 1))]}, ValueError, "not inside"),
        ({"seams": [Seam(1, 20, (1, 1), reach=(300, 8))]}, ValueError, "at most 8"),
        ({"seams": [Seam(1, 20, (1, 1), reach=(8,))]}, ValueError, "two numbers"),
        ({"seams": [Seam(1, 20, (1, 1), reach=8)]}, TypeError, "two numbers"),
        ({"seams": [Seam(1, 20, 3)]}, TypeError, "two numbers"),
        ({"seams": [Seam(1, 20, ("a", 1))]}, TypeError, "two numbers"),
        ({"seams": [Seam(1, 16.5, (1, 1))]}, TypeError, "at=16.5 is not an integer"),
        ({"seams": [(1, 20, (1, 1))]}, TypeError, "not a Seam"),
        ({"bits": -1}, ValueError, "bits"),
        ({"bits": 1 << 40}, ValueError, "bits"),
        ({"bits": 8.0}, TypeError, "bits"),
        ({"plane": np.full((40, 60), 4096, np.uint16)}, ValueError, "12 bits 4095 is the largest: give bits="),
        ({"plane": np.full((40, 60), 1024, np.uint16), "bits": 10}, ValueError, "10 bits 1023"),
        ({"plane": np.zeros((40, 60), np.float32)}, TypeError, "float32"),
        ({"plane": np.zeros(40, np.uint8)}, TypeError, "1 axes"),
        ({"bits": 9}, ValueError, "bits"),
        ({"plane": np.zeros((40, 60), np.uint16), "bits": 13}, ValueError, "bits"),
    ],
)
def test_what_the_filter_refuses(change, error, match):
    given = {"plane": np.zeros((40, 60), np.uint8), "seams": [Seam(2, 30, (1, 1))], **change}
    before = given["plane"].copy()
    with pytest.raises(error, match=match):
        filter_seams(**given)
    np.testing.assert_array_equal(given["plane"], before)


def test_borders_of_any_integers():
    plane = picture(1, 40, 60)[0]
    expected = plane.copy()
    filter_seams(expected, [Seam(2, 30, (2, 3), 1, 39)])
    eights = np.array([8, 8])
    filter_seams(plane, [Seam(np.int8(2), np.uint16(30), np.array([2, 3]), np.int64(1), np.int64(39), eights)])
    np.testing.assert_array_equal(plane, expected)


def test_what_cannot_be_written_is_refused():
    plane = np.zeros((40, 60), np.uint8)
    plane.flags.writeable = False
    with pytest.raises(ValueError, match="not writable"):
        filter_seams(plane, [Seam(2, 30, (1, 1))])
