"""Records become means and BD-rates: over what is common, with what is thin said."""

from __future__ import annotations

import base64
import io
import math

import numpy as np
import pytest
from PIL import Image

from stfrag import bench, metrics
from stfrag.bench import curves, sizes
from stfrag.bench.job import Samples
from stfrag.bench.quality import decibels, quality
from stfrag.bench.records import coding_record, spread


def lossless_record(label, clip, size, cut="whole", status="ok", raw=1000, speed=10.0):
    peer, _, setting = label.partition(" ")
    return {
        "label": label,
        "peer": peer,
        "setting": setting,
        "clip": clip,
        "cut": cut,
        "status": status,
        "bytes": size,
        "ratio": raw / size,
        "encode_mb_s": spread([speed]),
        "decode_mb_s": spread([2 * speed]),
    }


def test_means_are_geometric_and_sizes_over_common_clips():
    records = [lossless_record(sizes.REFERENCE, "a", 500), lossless_record(sizes.REFERENCE, "b", 250),
               lossless_record("x y", "a", 250, speed=5), lossless_record("x y", "c", 10, speed=20),
               lossless_record("x y", "b", 1, status="not lossless")]  # fmt: skip
    found = {row["label"]: row for row in sizes.summary(records)["overall"]}
    assert found["x y"]["clips"] == 2
    assert found["x y"]["of"] == 3
    assert found["x y"]["ratio"] == pytest.approx(math.sqrt(4 * 100))
    assert found["x y"]["encode_mb_s"] == pytest.approx(10)
    assert (found["x y"]["size_vs_reference"], found["x y"]["common_clips"]) == (0.5, 1)
    assert found["x y"]["encode_vs_reference"] == pytest.approx(0.5)
    assert found[sizes.REFERENCE]["size_vs_reference"] == 1
    best = {row["clip"]: row["label"] for row in sizes.summary(records)["best"]}
    assert best == {"a": "x y", "b": sizes.REFERENCE, "c": "x y"}


def test_a_summary_of_nothing():
    assert sizes.summary([]) == {"reference": sizes.REFERENCE, "overall": [], "best": []}
    records = [{"label": "a", "peer": "a", "setting": "", "clip": "c", "cut": "whole", "status": "failed"}]
    (row,) = sizes.summary(records)["overall"]
    assert (row["clips"], row["ratio"], row["size_vs_reference"]) == (0, None, None)
    assert curves.summary(records)["bd_rates"] == []


def lossy_records(label, clip, cut, rates, psnr, ssim=None):
    peer, _, setting = label.partition(" ")
    ssim = ssim or [1 - 0.1 / rate for rate in rates]
    return [{"label": label, "peer": peer, "setting": setting, "clip": clip, "cut": cut, "status": "ok", "point": n,
             "bits_per_pixel": rate, "quality": {"psnr_y": p, "ssim": s}, "encode_fps": spread([8.0]),
             "decode_fps": spread([80.0]), "encode_mb_s": spread([1.0]), "decode_mb_s": spread([2.0])}
            for n, (rate, p, s) in enumerate(zip(rates, psnr, ssim, strict=True))]  # fmt: skip


RATES, PSNR = [0.1, 0.2, 0.4, 0.8], [30.0, 33.5, 36.5, 39.0]


def rows(records, **wanted):
    return [
        row
        for row in curves.summary(records)["bd_rates"]
        if all(row[name] == value for name, value in wanted.items())
    ]


def test_bd_rates_are_against_both_anchors():
    records = [
        *lossy_records(curves.ANCHOR, "a", "whole", RATES, PSNR),
        *lossy_records(curves.ANCHOR, "a", "fragments", [1.2 * r for r in RATES], PSNR),
        *lossy_records("x y", "a", "fragments", [0.9 * r for r in RATES], PSNR),
        *lossy_records("x y", "b", "fragments", RATES, PSNR),  # no anchor there
    ]
    (whole,) = rows(records, label="x y", clip="a", anchor_cut="whole", measure="psnr_y")
    (same,) = rows(records, label="x y", clip="a", anchor_cut="fragments", measure="psnr_y")
    assert whole["akima"] == pytest.approx(-10)
    assert whole["pchip"] == pytest.approx(-10)
    assert same["akima"] == pytest.approx(100 * (0.9 / 1.2 - 1))
    assert not rows(records, label=curves.ANCHOR, cut="whole", anchor_cut="fragments")
    (mean,) = rows(records, label="x y", clip=None, anchor_cut="whole", measure="psnr_y")
    assert (mean["akima"], mean["clips"]) == (whole["akima"], 1)
    (ssim,) = rows(records, label="x y", clip="a", anchor_cut="whole", measure="ssim")
    in_decibels = [decibels(1 - 0.1 / rate) for rate in RATES]
    mine = [decibels(1 - 0.1 / (0.9 * rate)) for rate in RATES]
    assert ssim["akima"] == pytest.approx(metrics.bd_rate(RATES, in_decibels, [0.9 * r for r in RATES], mine))


def test_thin_overlap_and_few_points_are_said():
    anchor = lossy_records(curves.ANCHOR, "a", "whole", RATES, PSNR)
    thin = lossy_records("thin", "a", "whole", RATES, [p + 8 for p in PSNR])
    few = lossy_records("few", "a", "whole", RATES[:3], PSNR[:3])
    apart = lossy_records("apart", "a", "whole", RATES, [p + 20 for p in PSNR])
    lossless = lossy_records("exact", "a", "whole", RATES, [*PSNR[:3], None])
    records = [*anchor, *thin, *few, *apart, *lossless]
    found = {row["label"]: row for row in rows(records, clip="a", measure="psnr_y")}
    assert "in common" in found["thin"]["warning"]
    assert found["few"]["akima"] is None
    assert "3 points" in found["few"]["warning"]
    assert found["apart"]["akima"] is None
    assert "no qualities in common" in found["apart"]["warning"]
    assert found["exact"]["akima"] is None  # a point without any error is on no curve
    assert found[curves.ANCHOR]["warning"] == ""
    (mean,) = rows(records, label="thin", clip=None, measure="psnr_y")
    assert mean["warning"] == "see a"


def test_records_say_what_was_measured():
    samples = Samples(10, 40, 50, 3, "420", 10, "uint16")
    result = {"bytes": 1000, "overhead_bytes": 16, "digest": "x", "exact": True, "max_error": 0, "encode_threads": 1,
              "decode_threads": 1, "encode_seconds": 2.0, "encode_cpu_seconds": 2.0, "decode_seconds": 1.0,
              "decode_cpu_seconds": 0.5}  # fmt: skip
    slow = {**result, "encode_seconds": 4.0, "digest": "y", "exact": False, "max_error": 1}
    record = coding_record(samples, 0, [result, slow], [result, slow])
    assert record["status"] == "not lossless"
    assert not record["deterministic"]
    assert record["raw_bytes"] == 2 * samples.count == 2 * 10 * (40 * 50 + 2 * 20 * 25)
    assert record["bits_per_pixel"] == 8 * 1000 / (10 * 40 * 50)
    assert record["bits_per_sample"] == 8 * 1000 / samples.count
    assert record["kbit_s"] == 8 * 1000 * 25 / 10 / 1000
    assert record["encode_fps"] == {"median": 3.75, "low": 2.5, "high": 5.0}
    assert record["decode_busy"] == 0.5
    assert coding_record(samples, None, [slow], [slow])["status"] == "ok"


def test_quality_has_what_the_samples_allow():
    rng = np.random.default_rng(0)
    y, u, v = (rng.integers(0, 1024, (1, 200 >> s, 180 >> s), np.uint16) for s in (0, 1, 1))
    worse = tuple(plane ^ 1 for plane in (y, u, v))
    found = quality((y, u, v), worse, Samples(1, 200, 180, 3, "420", 10, "uint16"))
    assert found["psnr_y"] == pytest.approx(20 * math.log10(1023))
    assert found["psnr_611"] == pytest.approx(found["psnr_y"])
    assert set(found) == {"psnr", "psnr_y", "psnr_u", "psnr_v", "psnr_611", "ssim", "ms_ssim"}
    small = quality((y[:, :8],), (y[:, :8],), Samples(1, 8, 180, 1, bits=10, dtype="uint16"))
    assert small == {"psnr": None, "psnr_y": None}
    signed = y.astype(np.int16)
    assert set(quality((signed,), (signed + np.int16(1),), Samples(1, 200, 180, 1, bits=16, dtype="int16"))) == {
        "psnr",
        "psnr_y",
    }
    rgb = tuple(rng.integers(0, 256, (1, 20, 20), np.uint8) for _ in range(3))
    assert set(quality(rgb, rgb, Samples(1, 20, 20, 3, rgb=True))) == {"psnr", "ssim"}


def test_vmaf_is_measured_where_it_can_be():
    from stfrag.bench.vmaf import find_ffmpeg, takes, vmaf

    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("no ffmpeg with libvmaf here (pip install imageio-ffmpeg)")
    samples = Samples(2, 64, 64, 3, "420", 8)
    assert takes(samples)
    assert not takes(Samples(2, 64, 64))
    rng = np.random.default_rng(0)
    planes = tuple(rng.integers(0, 256, samples.plane_shape(c), np.uint8) for c in range(3))
    same = vmaf(planes, planes, samples, ffmpeg)
    worse = vmaf(planes, tuple(plane // 64 * 64 for plane in planes), samples, ffmpeg)
    assert worse < same - 10
    assert same > 90


@pytest.mark.slow
def test_a_lossy_run_has_curves():
    pytest.importorskip("av")
    try:
        found = bench.lossy(
            ["synthetic:camera"], peers=["x264:ultrafast", "x264:medium"], frames=8, repeat=1, vmaf=False
        )
    except ValueError as error:
        pytest.skip(str(error))
    if found["peers"][0]["missing"]:
        pytest.skip(found["peers"][0]["missing"])
    assert {(r["label"], r["cut"], r["point"]) for r in found["records"]} == {
        (f"x264 {preset}", cut, point)
        for preset in ("ultrafast", "medium")
        for cut in ("whole", "fragments")
        for point in (20, 25, 30, 35)
    }
    for r in found["records"]:
        assert r["status"] == "ok"
        assert 20 < r["quality"]["psnr_y"] < 60
        assert 0 < r["quality"]["ms_ssim"] < 1
    (sheet,) = found["crops"]
    shown = {(each["label"], each["cut"]) for each in sheet["pictures"]}
    assert shown >= {("x264 medium", "whole"), ("x264 medium", "fragments")}
    for picture in (sheet["original"], *(each["png"] for each in sheet["pictures"])):
        data = base64.b64decode(picture, validate=True)
        assert Image.open(io.BytesIO(data)).size == (128, 96)
        assert len(data) < 40_000
    assert len({sheet["original"], *(each["png"] for each in sheet["pictures"])}) == len(sheet["pictures"]) + 1
    mean = {
        (row["label"], row["cut"], row["anchor_cut"]): row["akima"]
        for row in found["summary"]["bd_rates"]
        if row["clip"] is None and row["measure"] == "psnr_y"
    }
    assert mean["x264 medium", "whole", "whole"] == pytest.approx(0, abs=1e-9)
    assert mean["x264 ultrafast", "whole", "whole"] > 10
    assert mean["x264 medium", "fragments", "whole"] > 1
    # a run of another day gives the same bytes
    again = bench.lossy(["synthetic:camera"], peers=["x264:ultrafast"], frames=8, repeat=1, vmaf=False)
    assert {r["bytes"] for r in again["records"]} <= {r["bytes"] for r in found["records"]}
