"""Results of `stfrag bench` against other programs: bjontegaard, scikit-image, and ffmpeg run by hand.

Takes the JSON of a lossy and of a lossless run. Every BD-rate is computed again by the bjontegaard package. x264
medium on whole frames and FFV1 are run again by an ffmpeg with the command of the record, and what it decodes is
measured by NumPy (PSNR) and scikit-image (SSIM). Bytes may differ where ffmpeg's x264 is another version, and by the
text of its settings.

Needs ``pip install bjontegaard scikit-image``, and an ffmpeg.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from stfrag.bench import curves, material
from stfrag.bench.quality import MEASURES

CRF = 25.0


def bd_rates(document) -> float:
    """The largest difference in percent points; prints how many were compared."""
    import warnings

    import bjontegaard

    by_curve: dict[tuple[str, str, str], list] = {}
    for record in document["records"]:
        if record["status"] == "ok":
            by_curve.setdefault((record["clip"], record["label"], record["cut"]), []).append(record)
    worst, count = 0.0, 0
    for row in document["summary"]["bd_rates"]:
        if row["clip"] is None or row["akima"] is None or row["measure"] not in MEASURES:
            continue
        a = by_curve[row["clip"], row["anchor"], row["anchor_cut"]]
        b = by_curve[row["clip"], row["label"], row["cut"]]
        points = [list(zip(*curves._curve(each, row["measure"]), strict=True)) for each in (a, b)]
        for method in ("akima", "pchip"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = bjontegaard.bd_rate(
                    *points[0], *points[1], method=method, min_overlap=0, require_matching_points=False
                )
            worst = max(worst, abs(theirs - row[method]))
            count += 1
    print(f"{count} BD-rates, the largest difference from the bjontegaard package: {worst:.2e} percent points")
    return worst


def clip_of(document, name):
    (facts,) = [clip for clip in document["clips"] if clip["name"] == name]
    source = material.Input(name, facts["source"])
    return material.load(source, facts["frames"], 1 << 40)


def by_hand(ffmpeg: str, clip, command: str, folder: Path, suffix: str):
    """Bytes of the file's packets and the decoded planes."""
    import av

    s = clip.samples
    raw, coded, back = folder / "in.yuv", folder / f"out.{suffix}", folder / "back.yuv"
    with open(raw, "wb") as file:
        for t in range(s.frames):
            for plane in clip.planes:
                file.write(plane[t].tobytes())
    words = command.split()
    name = words[words.index("-pix_fmt") + 1]
    start = [ffmpeg, "-y", "-v", "error", "-nostdin"]
    subprocess.run(
        [
            *start,
            "-f",
            "rawvideo",
            "-pix_fmt",
            name,
            "-s",
            f"{s.x}x{s.y}",
            "-r",
            str(s.fps),
            "-i",
            raw,
            *words,
            coded,
        ],
        check=True,
    )
    subprocess.run([*start, "-i", coded, "-f", "rawvideo", "-pix_fmt", name, back], check=True)
    with av.open(str(coded)) as container:
        size = sum(packet.size for packet in container.demux(video=0))
    flat = np.fromfile(back, s.dtype).reshape(s.frames, -1)
    ends = np.cumsum([np.prod(s.plane_shape(c)[1:]) for c in range(s.components)])[:-1]
    return size, [part.reshape(s.plane_shape(c)) for c, part in enumerate(np.split(flat, ends, axis=1))]


def x264(document, ffmpeg: str, folder: Path) -> None:
    from skimage.metrics import structural_similarity

    print("| clip | bytes | by hand | PSNR-Y | by hand | SSIM | by hand |\n|" + "---|" * 7)
    for record in document["records"]:
        chosen = record["label"] == "x264 medium" and record["cut"] == "whole" and record["point"] == CRF
        if not chosen or record["status"] != "ok":
            continue
        clip = clip_of(document, record["clip"])
        size, planes = by_hand(ffmpeg, clip, record["command"], folder, "mkv")
        source, found = clip.planes[0].astype(float), planes[0].astype(float)
        peak = (1 << clip.samples.bits) - 1
        psnr = 10 * np.log10(peak**2 / np.mean((source - found) ** 2))
        similar = [
            structural_similarity(
                a, b, data_range=peak, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
            )
            for a, b in zip(source, found, strict=True)
        ]
        q = record["quality"]
        print(
            f"| {record['clip']} | {record['bytes']:,} | {size:,} | {q['psnr_y']:.3f} | {psnr:.3f} | "
            f"{q['ssim']:.5f} | {np.mean(similar):.5f} |",
            flush=True,
        )


def ffv1(document, ffmpeg: str, folder: Path) -> int:
    print("| clip | bytes of FFV1 range-c1, whole | by hand |\n|" + "---|" * 3)
    wrong = 0
    for record in document["records"]:
        if record["label"] != "ffv1 range-c1" or record["cut"] != "whole" or record["status"] != "ok":
            continue
        clip = clip_of(document, record["clip"])
        if clip.samples.signed or clip.samples.rgb:
            continue
        size, planes = by_hand(ffmpeg, clip, record["command"], folder, "mkv")
        wrong += not all(map(np.array_equal, planes, clip.planes))
        print(f"| {record['clip']} | {record['bytes']:,} | {size:,} |", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lossy", type=Path)
    parser.add_argument("lossless", type=Path)
    parser.add_argument("--ffmpeg", default=shutil.which("ffmpeg"))
    args = parser.parse_args()
    lossy, lossless = (json.loads(path.read_text()) for path in (args.lossy, args.lossless))
    failed = bd_rates(lossy) > 0.01
    with tempfile.TemporaryDirectory() as folder:
        x264(lossy, args.ffmpeg, Path(folder))
        failed |= ffv1(lossless, args.ffmpeg, Path(folder)) > 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
