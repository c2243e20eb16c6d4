"""The scale of ``quality=`` for the native codec: the QP that gives x264's PSNR of luma, fragment by fragment.

For every clip of 8 bits, up to three fragments of 32×256×256 (the whole picture where that is smaller) are coded by
x264 at the rate factor of each quality, and by the native codec at a row of QPs; between these the QP of the same
PSNR-Y is read off. Prints, for each quality, the median over the fragments, how far a fragment is from x264's PSNR at
that QP (mean ± standard deviation, worst), with the PSNR and bytes of the table that is built in beside it; at the
end the table for stfrag/codec/quality.py, in quarters of a QP.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from material import DATA, clips

import stfrag
from stfrag import metrics
from stfrag.codec.quality import crf_of, qp_of

QUALITIES = (1, 10, 25, 40, 50, 60, 70, 75, 80, 90, 100)
QPS = tuple(range(4, 61, 4))
SIDE, FRAMES = 256, 32


def fragments(folder: Path, most: int):
    """(name, planes, subsampling) of pieces of clips of 8 bits and at least 8 frames: corners and the middle."""
    for name, planes, subsampling, bits in clips(folder):
        t, y, x = planes[0].shape
        if bits != 8 or t < 8 or planes[0].dtype != np.uint8 or min(y, x) < 32 or subsampling not in ("420", "400"):
            continue
        places = {
            (0, 0),
            (max(y - SIDE, 0) // 2 & ~1, max(x - SIDE, 0) // 2 & ~1),
            (max(y - SIDE, 0) & ~1, max(x - SIDE, 0) & ~1),
        }
        for y0, x0 in sorted(places)[:most]:
            parts = []
            for plane in planes:
                s = round(y / plane.shape[1])
                parts.append(
                    np.ascontiguousarray(plane[:FRAMES, y0 // s : (y0 + SIDE) // s, x0 // s : (x0 + SIDE) // s])
                )
            yield f"{name} {y0},{x0}", tuple(parts), "444" if len(parts) == 1 else subsampling


def coded(planes, subsampling: str, effort: int, **options) -> tuple[float, int]:
    """PSNR of luma, bytes."""
    data = stfrag.encode_planes(planes, subsampling, effort=effort, **options)
    return float(metrics.psnr(planes[0], stfrag.decode_planes(data)[0])), len(data)


def qp_for(psnr: float, qps, gains) -> float:
    """Where a falling curve has a value; its ends for what is beyond."""
    return float(np.interp(-psnr, -np.asarray(gains), qps))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--most", type=int, default=3, help="fragments of a clip")
    args = parser.parse_args()
    theirs, ours, built_in = [], [], []
    for name, planes, subsampling in fragments(args.data, args.most):
        curve = [coded(planes, subsampling, args.effort, codec="stf", qp=qp) for qp in QPS]
        gains = np.minimum.accumulate([psnr for psnr, _ in curve])
        anchor = [coded(planes, subsampling, args.effort, codec="h264", quality=q) for q in QUALITIES]
        theirs.append(anchor)
        ours.append(gains)
        built_in.append([coded(planes, subsampling, args.effort, codec="stf", quality=q) for q in QUALITIES])
        each = (f"q{q} {qp_for(psnr, QPS, gains):.2f}" for q, (psnr, _) in zip(QUALITIES, anchor, strict=True))
        print(f"{name} {planes[0].shape}: QP of", *each, flush=True)
    if not theirs:
        print(f"no clips of 8 bits in {args.data}")
        return 1
    anchors, there = np.array(theirs), np.array(built_in)  # fragments × qualities × (PSNR, bytes)
    print(
        f"\n{len(theirs)} fragments, effort {args.effort}\n| quality | crf | PSNR-Y, median | QP | from x264, dB "
        "| worst | QP built in | from x264, dB | bytes / x264's |\n|" + "---|" * 9
    )
    table = []
    for i, q in enumerate(QUALITIES):
        qp = round(4 * float(np.median([qp_for(a[i, 0], QPS, g) for a, g in zip(anchors, ours, strict=True)]))) / 4
        away = np.array([np.interp(qp, QPS, g) for g in ours]) - anchors[:, i, 0]
        now = there[:, i, 0] - anchors[:, i, 0]
        ratio = np.exp(np.mean(np.log(there[:, i, 1] / anchors[:, i, 1])))
        print(
            f"| {q} | {crf_of('h264', q):g} | {np.median(anchors[:, i, 0]):.1f} | {qp:g} | "
            f"{away.mean():+.1f} ± {away.std():.1f} | {away[np.abs(away).argmax()]:+.1f} | {qp_of(q):g} | "
            f"{now.mean():+.1f} ± {now.std():.1f} | {ratio:.2f} |"
        )
        table.append((q, qp))
    print(f'\n    "stf": ({", ".join(f"({q}, {qp:g})" for q, qp in table)}),')
    return 0


if __name__ == "__main__":
    sys.exit(main())
