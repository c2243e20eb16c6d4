"""Every codec on every clip: what is kept exactly, what PSNR a quality gives at what size; random regions, each equal
to the crop of the whole.

Prints a table of clips (lossless bytes of the raw ones; PSNR-Y and bits a pixel at some qualities), then of regions.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import numpy as np
from material import DATA, clips

import stfrag
from stfrag.model.pixel_formats import planar_name

CODECS = ("stf", "h264", "hevc", "av1", "vp9", "ffv1")
QUALITIES = (25, 50, 75, 90)


def store(planes, subsampling: str, bits: int, **options) -> bytes:
    """A store of planes; RGB where there are three of one size."""
    signed = planes[0].dtype.kind == "i"
    file = io.BytesIO()
    if signed or len(planes) == 1:
        stfrag.save(file, planes[0], bits=bits, **options)
        return file.getvalue()
    name = planar_name("rgb" if subsampling == "444" else "yuv", bits, subsampling=subsampling)
    with stfrag.create(file, pixel_format=name, fps=25, **options) as writer:
        writer.append(tuple(planes))
    return file.getvalue()


def short(planes, frames: int):
    return tuple(np.ascontiguousarray(plane[:frames]) for plane in planes)


def table_of_clips(folder: Path, frames: int) -> int:
    wrong = 0
    for name, planes, subsampling, bits in clips(folder):
        planes = short(planes, frames)
        raw = sum(plane.nbytes for plane in planes)
        pixels = planes[0].size
        print(f"\n{name} {planes[0].shape} {subsampling} {bits} bit, {raw:,} bytes")
        for codec in CODECS:
            words = []
            try:
                data = store(planes, subsampling, bits, codec=codec, max_error=0)
                back = stfrag.open(data).read_planes()
                same = all(np.array_equal(a, b) for a, b in zip(planes, back, strict=False))
                wrong += not same
                words.append(f"lossless {len(data) / raw:.3f}{'' if same else ' WRONG'}")
            except stfrag.UnsupportedError as error:
                words.append(f"lossless - ({str(error).split(':')[-1].strip()[:70]})")
            for quality in QUALITIES if codec != "ffv1" else ():
                try:
                    data = store(planes, subsampling, bits, codec=codec, quality=quality)
                except stfrag.UnsupportedError as error:
                    words.append(f"lossy - ({str(error).split(': fragment')[0][:90]})")
                    break
                info = stfrag.open(data).info()
                psnr = next(iter(info["psnr"].values()))
                words.append(f"q{quality} {psnr:.1f} dB {8 * len(data) / pixels:.3f}")
            print(f"  {codec:5}", " | ".join(words), flush=True)
    return wrong


def table_of_regions(folder: Path, count: int, seed: int) -> int:
    """Random boxes and frames of stores of every codec, against the crop of the whole."""
    rng = np.random.default_rng(seed)
    wrong = done = 0
    chosen = [clip for clip in clips(folder) if clip[0] in ("cockatoo_360p", "carphone_qcif", "particles_424p_gray")]
    for name, planes, subsampling, bits in chosen:
        for codec in CODECS:
            options = {} if codec == "ffv1" else {"quality": 60}
            reader = stfrag.open(store(short(planes, 70), subsampling, bits, codec=codec, **options))
            whole = reader.read_planes()
            rgb = reader[:]
            for _ in range(count // (len(chosen) * len(CODECS)) + 1):
                box = []
                for size in reader.shape[:3]:
                    a, b = sorted(int(n) for n in rng.integers(0, size + 1, 2))
                    box.append(slice(a, max(b, a + 1)) if a < size else slice(size - 1, size))
                wrong += not np.array_equal(reader[tuple(box)], rgb[tuple(box)])
                for plane, part in zip(whole, reader.read_planes(tuple(box)), strict=True):
                    s = [round(whole[0].shape[i] / plane.shape[i]) for i in (1, 2)]
                    crop = plane[box[0], box[1].start // s[0] : -(-box[1].stop // s[0]),
                                 box[2].start // s[1] : -(-box[2].stop // s[1])]  # fmt: skip
                    wrong += not np.array_equal(part, crop)
                frame = int(rng.integers(0, len(reader)))
                wrong += not np.array_equal(reader[frame], rgb[frame])
                done += 1
            print(f"  {name} {codec}: {done} regions so far, {wrong} wrong", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--frames", type=int, default=32, help="of each clip")
    parser.add_argument("--count", type=int, default=500, help="regions")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wrong = table_of_clips(args.data, args.frames)
    print("\nregions")
    wrong += table_of_regions(args.data, args.count, args.seed)
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
