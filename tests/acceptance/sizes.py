"""Bytes and one-thread speed of the native lossless codec against FFV1 (Golomb-Rice; range coder above 8 bit).

FFV1 codes whole frames (the smaller of version 1 and version 3), stfrag balanced fragments in a store. Runs
alternate; speeds are medians, in MB/s of raw samples in memory; every round trip is checked.
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from material import DATA, clips

import stfrag


def ffv1(planes, subsampling, bits, version) -> tuple[int, float, float]:
    import av

    deep = bits > 8
    if planes[0].dtype.kind == "i":
        planes = tuple(
            p.view(np.uint8 if p.itemsize == 1 else np.uint16) ^ (1 << (8 * p.itemsize - 1)) for p in planes
        )
    if len(planes) == 1:
        name = "gray16le" if deep else "gray"
    else:
        name = f"yuv{subsampling}p" + (f"{bits}le" if deep else "")
    context = av.CodecContext.create("ffv1", "w")
    context.height, context.width = planes[0].shape[1:]
    context.pix_fmt, context.time_base, context.thread_count = name, Fraction(1, 25), 1
    context.options = {"coder": "1" if deep else "0", "context": "0", "level": version, "g": "300"}
    if version == "3":
        context.options = {**context.options, "slices": "4"}
    frames = []
    for t in range(len(planes[0])):
        frame = av.VideoFrame(context.width, context.height, name)
        frame.pts = t
        for plane, target in zip(planes, frame.planes, strict=True):
            rows = np.frombuffer(target, np.uint8).reshape(-1, target.line_size)
            source = plane[t].astype("<u2" if deep else np.uint8).view(np.uint8)
            rows[: source.shape[0], : source.shape[1]] = source
        frames.append(frame)
    start = time.perf_counter()
    packets = [p for frame in [*frames, None] for p in context.encode(frame)]
    encode = time.perf_counter() - start
    decoder = av.CodecContext.create("ffv1", "r")
    decoder.width, decoder.height, decoder.pix_fmt, decoder.thread_count = context.width, context.height, name, 1
    decoder.extradata = context.extradata
    start = time.perf_counter()
    n = sum(len(decoder.decode(p)) for p in [*packets, None])
    decode = time.perf_counter() - start
    assert n == len(frames)
    return sum(p.size for p in packets), encode, decode


def native(planes, subsampling, bits, options) -> tuple[int, float, float]:
    target = io.BytesIO()
    start = time.perf_counter()
    if len(planes) == 1:
        stfrag.save(target, planes[0], num_threads=1, **options)
    else:
        name = f"yuv{subsampling}p" + (f"{bits}le" if bits > 8 else "")
        with stfrag.create(target, pixel_format=name, fps=25, num_threads=1, **options) as writer:
            writer.append(planes)
    encode = time.perf_counter() - start
    data = target.getvalue()
    with stfrag.open(data, num_threads=1) as reader:
        start = time.perf_counter()
        back = reader.read_planes((slice(None),) * 3)
        decode = time.perf_counter() - start
    for a, b in zip(planes, back, strict=True):
        assert np.array_equal(a, b), "the round trip is not exact"
    return len(data), encode, decode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", help="part of a name")
    args = parser.parse_args()
    print(f"| clip | raw bytes | FFV1 | stfrag | ratio | FFV1 enc/dec MB/s | stfrag enc/dec MB/s |\n|{'---|' * 7}")
    ratios, larger = [], []
    for name, planes, subsampling, bits in clips(args.data):
        if args.only and args.only not in name:
            continue
        raw = sum(p.nbytes for p in planes)
        theirs, ours = [], []
        for i in range(args.repeat):
            theirs.append(ffv1(planes, subsampling, bits, "3" if i % 2 == 0 else "1"))
            ours.append(native(planes, subsampling, bits, {"effort": args.effort}))
        if args.repeat == 1:
            theirs.append(ffv1(planes, subsampling, bits, "1"))
        peer, size = min(t[0] for t in theirs), ours[0][0]
        speeds = [
            f"{raw / statistics.median(r[k] for r in rows) / 1e6:.0f}" for rows in (theirs, ours) for k in (1, 2)
        ]
        ratios.append(size / peer)
        if size > peer:
            larger.append(name)
        print(
            f"| {name} | {raw:,} | {peer:,} | {size:,} | {size / peer:.3f} | {speeds[0]}/{speeds[1]} "
            f"| {speeds[2]}/{speeds[3]} |",
            flush=True,
        )
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"geometric mean {mean:.3f}; larger than FFV1: {', '.join(larger) or 'none'}")
    return 1 if larger else 0


if __name__ == "__main__":
    sys.exit(main())
