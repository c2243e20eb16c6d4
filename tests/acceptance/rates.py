"""What cutting costs, and what a store's overhead is made of: the figures of docs/rate.md.

h264 fragments of several cuts, against x264 on whole frames with closed GOPs of 32: BD-rate by PSNR of luma over rate
factors 20, 25, 30, 35, preset medium, tune psnr. x264's bytes are those of its packets, without the text of its
settings and without a container; the store's are those of its file. Both PSNRs are of decoded samples. Then the bytes
of stores of fragments of about 2 and 20 kB, by kind of record.

Fails if a store's bits are not its fragments' and its overhead's, or its PSNR not that of the samples.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
from material import DATA, clips

import stfrag
from stfrag import metrics
from stfrag.codec.frames import frame_from_planes, frame_planes
from stfrag.codec.packets import strip

CLIPS = ["campus_288p", "carphone_qcif", "cockatoo_360p", "paper_768p", "particles_424p_gray", "street_540p"]
CRF = (20, 25, 30, 35)
#: Columns of the table; None: the whole picture.
CUTS = {
    "32×256×256": {"fragment": (32, 256, 256)},
    "16×256×256": {"fragment": (16, 256, 256)},
    "balanced": {"layout": "balanced"},
    "32×whole": {"fragment": (32, None, None)},
    "frame (8×whole)": {"layout": "frame"},
}


def quality_of(crf: float) -> float:
    """The quality that the rate factor is of, see stfrag.codec.quality."""
    return (51 - crf) / 0.4 if crf >= 21 else 75 + (21 - crf) / 0.6


def pixel_format(planes, subsampling: str, bits: int) -> str:
    name = "gray" if len(planes) == 1 else f"yuv{subsampling}p"
    return name + (f"{bits}le" if bits > 8 else "")


def whole_frames(planes, name: str, crf: int) -> tuple[int, float]:
    """Bytes and PSNR of luma of x264 on whole frames."""
    import av

    context = av.CodecContext.create("libx264", "w")
    context.height, context.width = planes[0].shape[1:]
    context.pix_fmt, context.time_base, context.framerate, context.thread_count = name, Fraction(1, 25), 25, 1
    context.options = {
        "preset": "medium",
        "tune": "psnr",
        "crf": str(crf),
        "x264-params": "keyint=32:min-keyint=32:scenecut=0:open-gop=0:threads=1",
    }
    packets = []
    for t in range(len(planes[0])):
        frame = frame_from_planes([plane[t] for plane in planes], name)
        frame.pts = t
        packets += context.encode(frame)
    packets += context.encode(None)
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    back = [np.array(frame_planes(frame)[0]) for packet in [*packets, None] for frame in decoder.decode(packet)]
    return sum(len(strip("h264", bytes(p))) + 4 for p in packets), metrics.psnr(planes[0], np.stack(back))


def store(planes, name: str, crf: float, options: dict) -> bytes:
    target = io.BytesIO()
    options = dict(options)
    if "fragment" in options:
        options["fragment"] = tuple(n or size for n, size in zip(options["fragment"], planes[0].shape, strict=True))
    with stfrag.create(target, pixel_format=name, fps=25, codec="h264", quality=quality_of(crf),
                       codec_options={"tune": "psnr"}, **options) as writer:  # fmt: skip
        writer.append(planes)
    return target.getvalue()


def measured(planes, data: bytes) -> tuple[int, float, float]:
    """Bytes, PSNR of luma and overhead in percent of a store."""
    with stfrag.open(data) as reader:
        info = reader.info()
        assert int(reader.index.bits.sum()) + 8 * info["overhead_bytes"] == info["file_bits"] == 8 * len(data)
        actual = metrics.psnr(planes, reader.read_planes(), per="plane")
    assert np.allclose(actual, [info["psnr"][key] for key in list(info["psnr"])[:-1]], rtol=1e-12), "PSNR is wrong"
    return len(data), float(actual[0]), 100 * info["overhead_bytes"] / len(data)


def cutting(args) -> None:
    print(f"| clip | {' | '.join(CUTS)} |\n|{'---|' * (len(CUTS) + 1)}")
    columns: dict[str, list[float]] = {cut: [] for cut in CUTS}
    for name, planes, subsampling, bits in clips(args.data):
        if name not in args.clips:
            continue
        pixels = pixel_format(planes, subsampling, bits)
        anchor = np.array([whole_frames(planes, pixels, crf) for crf in CRF])
        cells = []
        for cut, options in CUTS.items():
            points = np.array([measured(planes, store(planes, pixels, crf, options)) for crf in CRF])
            rate = metrics.bd_rate(*anchor.T, *points.T[:2])
            columns[cut].append(rate)
            cells.append(f"{rate:+.1f} % ({points[1, 0] / 1000:.0f} kB, {points[1, 2]:.1f} %)")
        print(f"| {name} ({anchor[1, 0] / 1000:.0f} kB) | {' | '.join(cells)} |", flush=True)
    print(f"| mean | {' | '.join(f'{np.mean(rates):+.1f} %' for rates in columns.values())} |")
    print("BD-rate against x264 on whole frames (bytes of either at rate factor 25, overhead in them)\n")


def uvarint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def kinds(data: bytes) -> Counter:
    """Bytes of a store by type of record, docs/format.md 1; envelopes and fields before the coded form for F."""
    found, at = Counter(signature=8), 8
    while at < len(data) - 24:
        start, kind = at, chr(data[at + 3])
        length, at = uvarint(data, at + 8)
        at += length
        found[kind] += at - start
    found["footer"] = 24
    return found


def overhead(args) -> None:
    print("| clip | fragments | mean bytes | F | P | the rest, in all | each | of the file |\n|" + "---|" * 8)
    for name, planes, subsampling, bits in clips(args.data):
        if name not in args.clips:
            continue
        pixels = pixel_format(planes, subsampling, bits)
        for fragment, crf in (((16, 64, 64), 25), ((32, 128, 128), 25), ((32, 256, 256), 20)):
            data = store(planes, pixels, crf, {"fragment": fragment})
            with stfrag.open(data) as reader:
                info = reader.info()
            count, coded = info["fragments"], info["fragment_bytes"]
            found = kinds(data)
            records, rest = found["F"] - coded, sum(n for kind, n in found.items() if kind not in "FP")
            assert records + found["P"] + rest == info["overhead_bytes"]
            print(f"| {name} {'×'.join(map(str, fragment))} | {count} | {coded / count:,.0f} | "
                  f"{records / count:.1f} | {found['P'] / count:.1f} | {rest} | "
                  f"{info['overhead_bytes'] / count:.1f} | "
                  f"{100 * info['overhead_bytes'] / len(data):.2f} % |", flush=True)  # fmt: skip
    print("F and P: bytes for a fragment outside of its coded form, in its record and in the page")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--clips", nargs="+", default=CLIPS)
    parser.add_argument("--part", choices=["cutting", "overhead", "all"], default="all")
    args = parser.parse_args()
    if args.part != "overhead":
        cutting(args)
    if args.part != "cutting":
        overhead(args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
