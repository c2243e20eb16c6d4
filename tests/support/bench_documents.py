"""Documents such as benchmarks make, of invented figures: the same seed, the same document.

`noise` is the seed of what differs between two runs of the same: speeds, by less than their spreads.
"""

from __future__ import annotations

import base64
import copy
import io
import random
from itertools import product
from typing import Any

from PIL import Image

from stfrag.bench import curves, sizes

Document = dict[str, Any]

CUTS = ("whole", "fragments")
#: A name that must not get out of its place, whatever it is shown in.
EVIL = "<script>alert('1')</script> \"&\" $x$ \x1b[31m \ud800"
#: Label of a lossless peer: (part of raw size, MB/s encoding, MB/s decoding).
LOSSLESS = {
    ("stf", "e1"): (0.44, 210, 260), ("stf", "e5"): (0.40, 62, 110), ("stf", "e9"): (0.378, 9, 70),
    ("stf-ffv1", ""): (0.425, 60, 66), ("ffv1", "range-c1"): (0.42, 45, 48), ("ffv1", "rice-c0"): (0.46, 88, 95),
    ("x264", "ultrafast"): (0.55, 130, 170), ("x264", "medium"): (0.43, 21, 60), ("x264", "veryslow"): (0.415, 4, 55),
    ("x265", "medium"): (0.41, 3.1, 40), ("svt-av1", "p8"): (0.47, 8, 75), ("vp9", "good"): (0.45, 2.2, 66),
    ("huffyuv", ""): (0.58, 290, 330), ("utvideo", "median"): (0.53, 420, 610), ("magicyuv", ""): (0.54, 380, 520),
    ("jpeg-ls", ""): (0.435, 70, 72), ("jpeg2000", ""): (0.43, 11, 12), ("jpeg-xl", "e3"): (0.405, 14, 30),
    ("jpeg-xl", "e7"): (0.392, 0.9, 24), ("png", "6"): (0.56, 9, 150), ("zstd", "blosc-9"): (0.64, 33, 900),
    ("raw", ""): (1.0, 2400, 2600),
}  # fmt: skip
#: Label of a lossy peer: (rate against x264 medium, frames a second encoding, decoding).
LOSSY = {
    ("x264", "ultrafast"): (1.62, 410, 700), ("x264", "medium"): (1.0, 90, 520), ("x264", "veryslow"): (0.9, 9, 480),
    ("x265", "medium"): (0.74, 14, 300), ("svt-av1", "p8"): (0.66, 40, 420), ("svt-av1", "p4"): (0.57, 5, 400),
    ("vp9", "good"): (0.79, 6, 380), ("stf-h264", "medium"): (1.02, 85, 500), ("stf-hevc", "medium"): (0.77, 13, 280),
    ("stf", "e5"): (0.95, 30, 160), ("jpeg-xl", "e7"): (3.1, 3, 60),
}  # fmt: skip
ACCESS = {
    ("stf", "e5"): (0.40, 1.0, 1.6, True), ("stf", "quality 75"): (0.03, 0.8, 1.6, False),
    ("torchcodec", "GOP 250"): (0.022, 31, 150, False), ("torchcodec", "GOP 30"): (0.027, 6, 22, False),
    ("pyav", "GOP 250"): (0.022, 38, 160, False), ("decord", "GOP 250"): (0.022, 44, 170, False),
    ("zarr", "blosc-zstd"): (0.64, 0.5, 1.6, True), ("hdf5", "gzip"): (0.6, 2.1, 1.6, True),
    ("memmap", ""): (1.0, 0.03, 1.0, True),
}  # fmt: skip
SCALING = {("stf", "e5"): (62, 0.02), ("ffv1", "range-c1"): (45, 0.06), ("x264", "medium"): (22, 0.035),
           ("svt-av1", "p8"): (8, 0.09), ("jpeg-xl", "e7"): (0.9, 0.01)}  # fmt: skip
PATTERNS = {"boxes, uniform": "16×256×256", "boxes, clustered": "16×256×256", "boxes, sequential": "16×256×256",
            "boxes, aligned": "32×256×256", "frames, uniform": "1 frame"}  # fmt: skip

_CLIPS = [
    ("foreman", 96, 288, 352, 3, "420", 8, False, 1.0),
    ("crowd_run_1080p50_crop", 48, 540, 960, 3, "420", 8, False, 1.3),
    ("synthetic:volume", 64, 256, 256, 1, "444", 16, False, 0.9),
    ("microscopy.tif", 40, 512, 512, 1, "444", 12, False, 1.1),
    ("slides <b>&amp; screen</b>", 60, 360, 640, 3, "444", 8, True, 0.4),
    ("ct_abdomen", 80, 512, 512, 1, "444", 12, False, 0.8),
]  # fmt: skip


def label_of(peer: str, setting: str) -> str:
    return f"{peer} {setting}".rstrip()


def spread(rng: random.Random, median: float, part: float = 0.03) -> dict[str, float]:
    """A median that is a little off, and extremes around it."""
    median *= 1 + rng.uniform(-part, part) / 2
    return {"median": median, "low": median * (1 - part), "high": median * (1 + part)}


def times(amount: float, speed: dict[str, float]) -> list[float]:
    return [amount / speed[name] for name in ("high", "median", "low")]


def lossless(noise: int = 0, clips: int = 6) -> Document:
    """22 labels, 6 clips, 2 cuts; one not lossless, one that crashed, failed, ran out of time, and so on."""
    rng, exact = random.Random(noise), random.Random(7)
    found = _clips(clips)
    records: list[dict[str, Any]] = []
    for clip, (n, ((peer, setting), (size, encode, decode))), cut in product(
        found, enumerate(LOSSLESS.items()), CUTS
    ):
        hard = exact.uniform(0.95, 1.05) * _CLIPS[found.index(clip)][8]
        record = _record(clip, peer, setting, cut, None)
        records.append(record)
        if (status := _trouble(n, found.index(clip), cut)) is not None:
            record["status"], record["message"] = status
            if status[0] != "not lossless":
                continue
        lost = 1.06 if cut == "fragments" and peer != "raw" else 1.0
        size = min(1.0, size * hard * lost)
        _coded(rng, record, clip, round(size * clip["raw_bytes"]), encode / lost, decode, ("x26" in peer) * 2 + 1)
        if status is not None:
            record |= {"exact": False, "max_error": 3}
    document = _document("lossless", found, records, LOSSLESS, rng)
    document["summary"] = sizes.summary(records)
    return document


def lossy(noise: int = 0, clips: int = 5, points: int = 4) -> Document:
    """11 labels, 4 points, 5 clips, 2 cuts; VMAF for 8-bit video alone, no PSNR-Y for RGB."""
    rng, exact = random.Random(noise), random.Random(8)
    found = _clips(clips)
    records: list[dict[str, Any]] = []
    for clip, (n, ((peer, setting), (rate, encode, decode))), cut in product(found, enumerate(LOSSY.items()), CUTS):
        hard = exact.uniform(0.93, 1.07) * (1.09 if cut == "fragments" else 1)
        for point in range(points):
            record = _record(clip, peer, setting, cut, 18.0 + 6 * point)
            records.append(record)
            if (status := _trouble(n, found.index(clip), cut)) is not None and status[0] != "not lossless":
                record["status"], record["message"] = status
                continue
            pixels = clip["frames"] * clip["y"] * clip["x"]
            size = round(rate * hard * pixels * 1.2 / 8 / 2 ** (1.25 * point))
            _coded(rng, record, clip, size, encode, decode, 1, fps=True)
            record |= {"exact": False, "max_error": 12 + 9 * point}
            record["quality"] = _quality(exact, clip, 44 - 3.6 * point - 2 * (peer == "jpeg-xl"))
    document = _document("lossy", found, records, LOSSY, rng)
    document["summary"] = {
        "anchor": "x264 medium",
        "bd_rates": _bd_rates(exact, found),
        "speeds": curves.summary(records)["speeds"],
    }
    document["crops"] = [_crops(found[0]["name"], [r for r in records if r["point"] == 30.0 and r["status"] == "ok"])]
    return document


def _crops(clip: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Pictures of one colour each; those of jpeg-xl are the same on both cuts, and x265 has none."""
    mine = [r for r in records if r["clip"] == clip and r["peer"] != "x265"]
    return {
        "clip": clip, "frame": 48, "rows": [64, 160], "columns": [32, 160], "bits_per_pixel": 0.2,
        "original": _png(0),
        "pictures": [{
            "label": r["label"], "cut": r["cut"], "point": r["point"], "bits_per_pixel": r["bits_per_pixel"],
            "psnr": r["quality"]["psnr"], "png": _png(255 if r["peer"] == "jpeg-xl" else n + 1),
        } for n, r in enumerate(mine)],
    }  # fmt: skip


def _png(gray: int) -> str:
    file = io.BytesIO()
    Image.new("L", (128, 96), gray).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")


def access(noise: int = 0, clips: int = 3) -> Document:
    """9 labels, 5 patterns, 3 clips."""
    rng, exact = random.Random(noise), random.Random(9)
    found = _clips(clips)
    records: list[dict[str, Any]] = []
    for clip, ((peer, setting), (size, ms, more, lossless)), (pattern, box) in product(
        found, ACCESS.items(), PATTERNS.items()
    ):
        record = {
            "clip": clip["name"],
            "peer": peer,
            "setting": setting,
            "label": f"{peer}, {setting}" if setting else peer,
            "pattern": pattern,
            "box": box,
            "threads": 1,
            "status": "ok",
            "message": "",
            "bytes": None,
            "psnr_y": None,
            "reads": 0,
            "open_ms": None,
            "latency_ms": None,
            "samples_wanted": None,
            "samples_decoded": None,
            "samples_decoded_how": "computed",
            "bytes_touched": None,
        }
        records.append(record)
        if peer == "decord" and clip["bits"] > 8:
            record |= {"status": "not applicable", "message": "it takes 8 bits, not 16"}
            continue
        if peer == "hdf5" and pattern == "frames, uniform" and clip["name"] == _CLIPS[1][0]:
            record |= {"status": "failed", "message": "OSError: Can't read data (filter returned failure)"}
            continue
        ms *= {"boxes, sequential": 0.4, "boxes, aligned": 0.8, "frames, uniform": 1.7}.get(pattern, 1)
        ms *= exact.uniform(0.8, 1.2) * clip["raw_bytes"] / 3e7
        latency = spread(rng, ms)["median"]
        wanted = 1048576 * (2 if pattern.endswith("aligned") else 1)
        record |= {
            "bytes": round(size * clip["raw_bytes"] * exact.uniform(0.95, 1.05)),
            "psnr_y": None if lossless else 41.3, "reads": 400, "open_ms": spread(rng, ms * 0.7),
            "latency_ms": {"median": latency, "p95": 1.3 * latency, "low": latency / 3, "high": latency * 6},
            "samples_wanted": wanted, "samples_decoded": None if peer == "decord" else wanted * more,
            "bytes_touched": round(wanted * more * size) if lossless else None,
        }  # fmt: skip
    return _document("access", found, records, ACCESS, rng)


def scaling(noise: int = 0, clips: int = 2, most: int = 16) -> Document:
    """5 labels, 2 clips, 2 cuts, 3 jobs, 1 to 16 threads."""
    rng, exact = random.Random(noise), random.Random(10)
    found = _clips(clips)
    counts = [1 << n for n in range(most.bit_length())]
    records: list[dict[str, Any]] = []
    for clip, ((peer, setting), (speed, serial)), cut, job in product(
        found, SCALING.items(), CUTS, ("encode", "decode", "region")
    ):
        if job == "region" and cut == "whole":
            continue
        mine = speed * exact.uniform(0.8, 1.2) * {"encode": 1, "decode": 1.6, "region": 1.1}[job]
        for threads in counts:
            record = {
                "clip": clip["name"],
                "peer": peer,
                "setting": setting,
                "label": label_of(peer, setting),
                "cut": cut,
                "job": job,
                "threads": threads,
                "status": "ok",
                "message": "",
            }
            records.append(record)
            if peer == "svt-av1" and threads == 16 and job == "encode":
                record |= {"status": "timeout", "message": "not done after 900 s"}
                continue
            share = serial * (1 if cut == "fragments" else 3)
            speedup = 1 / (share + (1 - share) / threads)
            found_speed = spread(rng, mine * speedup)
            record |= {
                "seconds": times(clip["raw_bytes"] / 1e6, found_speed), "mb_s": found_speed,
                "speedup": speedup, "efficiency": speedup / threads,
                "threads_counted": threads + (peer == "x264"), "busy": speedup * 0.98,
                "peak_memory": round(1.2e8 + 2.5e7 * threads * exact.uniform(0.97, 1.03)),
            }  # fmt: skip
    return _document("scaling", found, records, SCALING, rng)


def labels_of(document: Document) -> set[str]:
    """The labels that have figures."""
    return {record["label"] for record in document["records"] if record["status"] in ("ok", "not lossless")}


def named_evil(document: Document) -> Document:
    """A document whose first clip and first label are called `EVIL`."""
    document = copy.deepcopy(document)
    clip, label = document["clips"][0]["name"], document["records"][0]["label"]
    rows = [row for rows in document["summary"].values() if isinstance(rows, list) for row in rows]
    for record in document["records"] + rows:
        if record.get("clip") == clip:
            record["clip"] = EVIL
        if record["label"] == label:
            record["label"] = EVIL
    for sheet in document.get("crops", ()):
        sheet["clip"] = EVIL if sheet["clip"] == clip else sheet["clip"]
        for picture in sheet["pictures"]:
            picture["label"] = EVIL if picture["label"] == label else picture["label"]
    document["clips"][0]["name"] = document["clips"][0]["source"] = EVIL
    document["notes"].append(EVIL)
    document["command"] = EVIL
    return document


ALL = {"lossless": lossless, "lossy": lossy, "access": access, "scaling": scaling}

# ----------------------------------------------------------------------------------------------- what they share


def _clips(count: int) -> list[dict[str, Any]]:
    clips = []
    for name, frames, y, x, components, subsampling, bits, rgb, _ in _CLIPS[:count]:
        samples = frames * y * x * components // (2 if subsampling == "420" else 1)
        clips.append({
            "name": name, "source": f"/data/{name}", "frames": frames, "frames_there": 10 * frames, "y": y, "x": x,
            "text": f"{frames}×{y}×{x} {'RGB' if rgb else 'gray' if components == 1 else 'Y’CbCr'}, {bits} bit",
            "components": components, "subsampling": subsampling, "bits": bits, "rgb": rgb, "fps": [25, 1],
            "dtype": "uint8" if bits == 8 else "uint16", "raw_bytes": samples * (1 + (bits > 8)), "samples": samples,
        })  # fmt: skip
    return clips


def _record(clip: dict[str, Any], peer: str, setting: str, cut: str, point: float | None) -> dict[str, Any]:
    return {
        "clip": clip["name"],
        "peer": peer,
        "setting": setting,
        "label": label_of(peer, setting),
        "cut": cut,
        "fragment": "32×256×256" if cut == "fragments" else f"32×{clip['y']}×{clip['x']}",
        "threads": 1,
        "point": point,
        "status": "ok",
        "message": "",
        "command": f"{peer} -preset {setting or 'none'} -threads 1{'' if point is None else f' -crf {point:g}'}",
    }


def _trouble(label: int, clip: int, cut: str) -> tuple[str, str] | None:
    """What goes wrong with some of the labels, by their number."""
    if label == 4 and clip == 0 and cut == "fragments":
        return "crashed", "its process ended with SIGSEGV: malloc(): corrupted top size"
    if label == 6 and clip == 4:
        return "failed", "ValueError: pixel format gbrp is not supported by this encoder <at all>"
    if label == 10 and clip >= 2:
        return "not applicable", "it takes 8 and 10 bits, Y'CbCr"
    if label == 9 and clip == 5:
        return "skipped", "the budget has no time for it"
    if label == 18 and clip == 1:
        return "timeout", "not done after 900 s"
    if label == 11 and clip == 1:
        return "not lossless", "the largest error is 3"
    return None


def _coded(
    rng: random.Random,
    record: dict[str, Any],
    clip: dict[str, Any],
    size: int,
    encode: float,
    decode: float,
    threads: int,
    fps: bool = False,
) -> None:
    """The figures of what was coded; speeds in MB/s, or in frames a second."""
    raw, frames = clip["raw_bytes"], clip["frames"]
    scale = raw / frames / 1e6 if fps else 1.0
    for job, speed in (("encode", encode * scale), ("decode", decode * scale)):
        found = spread(rng, speed)
        record |= {
            f"{job}_mb_s": found, f"{job}_fps": {key: value * frames * 1e6 / raw for key, value in found.items()},
            f"{job}_seconds": times(raw / 1e6, found), f"{job}_threads": threads,
            f"{job}_busy": 0.99 * (1 if threads == 1 else 1.4),
        }  # fmt: skip
    record |= {
        "repeats": 3, "raw_bytes": raw, "bytes": size, "overhead_bytes": size // 300, "ratio": raw / size,
        "bits_per_sample": 8 * size / clip["samples"], "bits_per_pixel": 8 * size / (frames * clip["y"] * clip["x"]),
        "exact": True, "max_error": 0, "deterministic": record["peer"] != "svt-av1",
    }  # fmt: skip


def _quality(rng: random.Random, clip: dict[str, Any], psnr: float) -> dict[str, float | None]:
    psnr += rng.uniform(-0.2, 0.2)
    found: dict[str, float | None] = {"psnr": psnr}
    if not clip["rgb"]:
        found["psnr_y"] = psnr - 0.3
    if clip["components"] == 3 and not clip["rgb"]:
        found |= {"psnr_u": psnr + 2, "psnr_v": psnr + 2.2, "psnr_611": psnr + 0.3}
        if clip["bits"] == 8:
            found["vmaf"] = min(100.0, 2 * psnr + 9)
    return {**found, "ssim": 1 - 10 ** (-psnr / 20 + 0.3), "ms_ssim": 1 - 10 ** (-psnr / 18)}


def _bd_rates(rng: random.Random, clips: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Invented too, but not far from the curves; those of jpeg-xl are doubtful."""
    rows = []
    measures = ("psnr_y", "psnr_u", "psnr_v", "psnr_611", "psnr", "ssim", "ms_ssim", "vmaf")
    for (peer, setting), (cut, anchor_cut), measure in product(
        LOSSY, (("whole", "whole"), ("fragments", "whole"), ("fragments", "fragments")), measures
    ):
        odd = peer == "jpeg-xl"
        lost = 9 * (cut == "fragments") - 8 * (anchor_cut == "fragments")
        same = (peer, setting, cut) == ("x264", "medium", anchor_cut)
        row = {
            "label": label_of(peer, setting),
            "peer": peer,
            "setting": setting,
            "cut": cut,
            "anchor": "x264 medium",
            "anchor_cut": anchor_cut,
            "measure": measure,
        }
        there = [clip for clip in clips if measure in _quality(rng, clip, 40)]
        values = [0.0 if same else 100 * (LOSSY[peer, setting][0] - 1) + lost + rng.uniform(-2, 2) for _ in there]
        none = odd and measure == "vmaf"
        for clip, akima in (*zip(there, values, strict=True), ({"name": None}, sum(values) / len(values))):
            rows.append(
                {
                    **row,
                    "clip": clip["name"],
                    "akima": None if none else akima,
                    "pchip": None if none else akima * (1.2 if odd else 1.003),
                    "warning": "the curves have 31% of their qualities in common" if odd else "",
                }
            )
        rows[-1]["clips"] = 0 if none else len(values)
    return rows


def _document(
    benchmark: str,
    clips: list[dict[str, Any]],
    records: list[dict[str, Any]],
    labels: dict[tuple[str, str], Any],
    rng: random.Random,
) -> Document:
    names = list(dict.fromkeys(peer for peer, _ in labels))
    return {
        "format": "stfrag-bench", "version": 1, "benchmark": benchmark, "stfrag": "0.1.0",
        "started": "2026-11-25T02:50:00+00:00", "seconds": 512.3,
        "command": f"stfrag bench {benchmark} foreman.y4m 'slides <b>.mkv' --repeat 3",
        "options": {"peers": [], "cuts": list(CUTS), "fragment": [32, 256, 256], "repeat": 3, "threads": 1,
                    "budget": None},
        "machine": {"processor": "AMD EPYC 7R13 Processor", "architecture": "x86_64", "cores": 16, "usable": 16,
                    "memory_bytes": 64 << 30, "system": "Linux 6.1", "python": "3.12.4", "numpy": "2.4.6",
                    "simd": ["sse4_1", "avx2"]},
        "yardstick_mb_s": spread(rng, 41.0, 0.004),
        "peers": [*({"name": name, "title": f"{name}, a coder", "versions": {name: "1.2.3", "av": "17.0.0"},
                     "missing": ""} for name in names),
                  {"name": "vvenc", "title": "VVenC", "versions": None, "missing": "vvencapp is not on the PATH"},
                  {"name": "nvenc", "title": "NVENC", "versions": None, "missing": "there is no NVIDIA GPU"}],
        "clips": clips, "records": records, "summary": {},
        "notes": ["foreman: the budget of 600 s left out 2 of 44 measurements, and 5 were repeated less than 3 times",
                  "slides <b>&amp; screen</b>: the first 60 of 600 frames"],
    }  # fmt: skip
