"""Crops to compare by eye: the same place for all, kept small, of the rates that compare."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from stfrag.bench import crops
from stfrag.bench.coding import _within
from stfrag.bench.curves import ANCHOR
from stfrag.bench.job import Samples


def picture_of(planes, samples, crop):
    data = base64.b64decode(crops.png(planes, samples, crop), validate=True)
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_crop_lies_where_detail_is():
    plane = np.full((5, 200, 300), 100, np.uint8)
    plane[2, 110:180, 150:260] += np.random.default_rng(0).integers(0, 90, (70, 110)).astype(np.uint8)
    crop = crops.choose((plane,), Samples(5, 200, 300))
    assert crop.box.shape == (1, crops.ROWS, crops.COLUMNS)
    assert (crop.box.t0, crop.low, crop.high) == (2, 0, 255)
    assert crop.box.y0 <= 110 < 180 <= crop.box.y1
    assert crop.box.x0 <= 150 < 260 <= crop.box.x1


def test_a_crop_of_a_small_clip_is_all_of_a_frame():
    samples = Samples(1, 7, 9, 3, "420")
    planes = tuple(np.full(samples.plane_shape(c), 128, np.uint8) for c in range(3))
    crop = crops.choose(planes, samples)
    assert tuple(crop.box) == (0, 1, 0, 7, 0, 9)
    assert picture_of(planes, samples, crop).shape == (7, 9, 3)


@pytest.mark.parametrize(("samples", "values", "colour"), [
    (Samples(1, 6, 6, 3, "420"), (235, 128, 128), [255, 255, 255]),
    (Samples(1, 6, 6, 3, "422", 10, "uint16"), (4 * 63, 4 * 102, 4 * 240), [255, 1, 0]),
    (Samples(1, 6, 6, 3, bits=12, dtype="uint16", rgb=True), (16 * 200, 16 * 10, 16 * 7), [200, 10, 7]),
    (Samples(1, 6, 6, 4, rgb=True), (1, 2, 3, 0), [1, 2, 3]),
    (Samples(1, 6, 6), (77,), 77),
    (Samples(1, 6, 6, bits=1), (1,), 255),
])  # fmt: skip
def test_samples_of_every_kind_are_shown_in_8_bits(samples, values, colour):
    planes = tuple(np.full(samples.plane_shape(c), value, samples.dtype) for c, value in enumerate(values))
    found = picture_of(planes, samples, crops.choose(planes, samples))
    assert (found == colour).all()


@pytest.mark.parametrize(("dtype", "low"), [("uint16", 500), ("int16", -700)])
def test_deep_gray_is_stretched_alike_for_the_original_and_what_was_decoded(dtype, low):
    samples = Samples(1, 96, 128, bits=16 if dtype == "int16" else 12, dtype=dtype)
    plane = (low + np.arange(96 * 128).reshape(1, 96, 128) // 10).astype(dtype)
    crop = crops.choose((plane,), samples)
    found = picture_of((plane,), samples, crop)
    assert (found.min(), found.max()) == (0, 255)
    assert abs(int(picture_of((plane + 100,), samples, crop)[48, 64]) - int(found[48, 64]) - 100 * 255 / 1228) < 2


def record(label, cut, point, bits):
    quality = {"psnr_y": 40 - point, "psnr": 41 - point}
    return {"label": label, "cut": cut, "point": point, "bits_per_pixel": bits, "quality": quality}


def sheet_of(records, pictures=None):
    crop = crops.Crop(crops.Box(2, 3, 10, 106, 20, 148), 0, 255)
    pictures = [f"{r['label']} {r['cut']} {r['point']}" for r in records] if pictures is None else pictures
    return crops.sheet("clip", crop, "original", records, pictures)


def test_labels_are_shown_at_about_the_bits_of_the_anchor():
    bits = (0.8, 0.4, 0.2, 0.1)
    records = [
        *(record(ANCHOR, "whole", n, rate) for n, rate in enumerate(bits)),
        *(record(ANCHOR, "fragments", n, 1.2 * rate) for n, rate in enumerate(bits)),
        *(record("dense", "whole", n, 0.45 * rate) for n, rate in enumerate(bits)),
        *(record("large", "whole", n, 9 * rate) for n, rate in enumerate(bits)),
    ]
    sheet = sheet_of(records)
    assert (sheet["frame"], sheet["rows"], sheet["columns"]) == (2, [10, 106], [20, 148])
    assert sheet["bits_per_pixel"] == 0.2
    assert [each["png"] for each in sheet["pictures"]] == [
        f"{ANCHOR} whole 2", f"{ANCHOR} fragments 2", "dense whole 1",
    ]  # fmt: skip
    assert sheet["pictures"][0]["psnr"] == 38
    without_anchor = sheet_of(records[8:12])
    assert [each["png"] for each in without_anchor["pictures"]] == ["dense whole 2"]


def test_what_was_not_measured_has_no_picture():
    records = [record("a", "whole", 0, 0.2), {"label": "b", "cut": "whole", "point": 1, "status": "crashed"}]
    assert [each["label"] for each in sheet_of(records, ["png", None])["pictures"]] == ["a"]
    assert sheet_of(records, [None, None])["pictures"] == []


def test_pictures_of_the_last_clips_are_left_out_where_they_take_too_much():
    sheets = [{"clip": name, "original": "x" * 40, "pictures": [{"png": "x" * 50}]} for name in "abc"]
    kept, left_out = _within(200, sheets)
    assert [sheet["clip"] for sheet in kept] == ["a", "b"]
    assert left_out == ["c"]
