"""The seam filter on real clips: steps over borders between fragments and over other block edges, PSNR near borders.

    python tests/acceptance/seams.py [--frames 8] [--planes luma|all] [--look FOLDER] [--brief] [CLIP ...]

Every clip is cut into fragments of 128×128 (64×64 where it has less than 256 rows) and coded by the native codec at
QP 22, 30 and 37 and as H.264 at QP 30. Steps are |q0 − p0| of the two samples on either side of an edge, along rows
and columns. *Borders* are those between fragments, *inside* are edges at multiples of 8 samples from the corner of a
fragment (where its blocks begin), at least 16 from any border.

- ``excess``: mean step of the decoded samples less that of the source, at the same places. Codecs smooth, so that
  inside it is mostly below zero, and a ratio of both says nothing; on borders it should come near to that.
- ``ratio``: mean step of the *error*, |(q0 − p0) − (the source's q0 − p0)|, over borders to that inside: 1 where
  nothing tells a border from any other edge. The promise is 1.3 for the luma of each video, and for the mean of
  everything; what we are after is 1.1.
- ``near``: PSNR of samples within 8 of a border; ``all``: of everything. The first may not fall by over 0.05 dB, the
  second not by over 0.02, and the mean over all must rise.

Volumes and pictures of other kinds are measured when they are named. Exits with 1 when a promise is broken. With
--look, crops without and with the filter are written side by side; --brief prints a row a clip and codec, luma alone.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
from pathlib import Path

import numpy as np
from material import DATA, clips

import stfrag

CODINGS = (("stf", 22), ("stf", 30), ("stf", 37), ("h264", 30))
#: Weights and limits of the filter were chosen with these; all others are held out.
TUNED_ON = ("street_540p", "cockatoo_360p", "carphone_qcif", "campus_288p", "paper_768p")


def material(folder: Path, wanted: list[str], frames: int):
    """Name, planes, subsampling and bits of what is lossily coded as video."""
    for name, planes, subsampling, bits in clips(folder):
        if name in wanted or (not wanted and (folder / f"{name}.mkv").exists()):
            yield name, tuple(p[:frames] for p in planes), subsampling, bits
    path = folder / "trailer_bbb_720p.mp4"
    if path.exists() and (not wanted or path.stem in wanted):
        yield path.stem, trailer(path, frames), "420", 8


def trailer(path: Path, frames: int, first: float = 25.0):
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        container.seek(int(first / stream.time_base), stream=stream)
        found = [
            frame.to_ndarray(format="yuv420p")
            for frame, _ in zip(container.decode(stream), range(frames), strict=False)
        ]
    h = found[0].shape[0] * 2 // 3
    stack = np.stack(found)
    w = stack.shape[2]
    chroma = [stack[:, h + i * h // 4 : h + (i + 1) * h // 4].reshape(len(found), h // 2, w // 2) for i in range(2)]
    return (stack[:, :h], *chroma)


def encode(planes, subsampling: str, bits: int, codec: str, qp: int) -> bytes:
    file = io.BytesIO()
    size = 128 if planes[0].shape[1] >= 256 else 64
    deep = f"{bits}le" if bits > 8 else ""
    pixel_format = f"gray{deep}" if subsampling == "400" else f"yuv420p{deep}"
    with stfrag.create(
        file, pixel_format=pixel_format, fps=25, fragment=(len(planes[0]), size, size), codec=codec, qp=qp
    ) as w:
        w.append(planes if len(planes) > 1 else planes[0])
    return file.getvalue()


def edges(index, axis: str, shift: int, length: int) -> tuple[list[int], list[int]]:
    """Positions of borders, and of block edges inside of fragments, along an axis (the grid is uniform here)."""
    starts = sorted({int(at) >> shift for at in index[f"{axis}0"]})
    borders = starts[1:]
    inside = [
        at for start, end in zip(starts, [*borders, length], strict=True) for at in range(start + 16, end - 15, 8)
    ]
    return borders, inside


class Steps:
    """Sums over edges of some clips, planes or axes."""

    def __init__(self) -> None:
        self.sums = np.zeros(4)

    def add(self, source, decoded, positions) -> None:
        for at in positions:
            a, b = (x[..., at].astype(np.int32) - x[..., at - 1] for x in (source, decoded))
            self.sums += abs(b).sum(), abs(a).sum(), abs(b - a).sum(), a.size

    @property
    def excess(self) -> float:
        return float((self.sums[0] - self.sums[1]) / max(self.sums[3], 1))

    @property
    def error(self) -> float:
        return float(self.sums[2] / max(self.sums[3], 1))


def psnr(source, decoded, peak: int, mask=None) -> float:
    errors = (source.astype(np.float64) - decoded) ** 2
    mean = errors.mean() if mask is None else errors[:, mask].mean()
    return 10 * math.log10(peak**2 / mean) if mean else math.inf


def measure(source, variants, index, shift: int, bits: int):
    """For each variant of a plane: (steps over borders, steps inside, PSNR near borders, PSNR)."""
    height, width = source.shape[1:]
    places = {"y": edges(index, "y", shift, height), "x": edges(index, "x", shift, width)}
    near = np.zeros((height, width), bool)
    for at in places["x"][0]:
        near[:, max(at - 8, 0) : at + 8] = True
    for at in places["y"][0]:
        near[max(at - 8, 0) : at + 8] = True
    for decoded in variants:
        borders, inside = Steps(), Steps()
        for axis, turn in (("x", lambda a: a), ("y", lambda a: a.swapaxes(1, 2))):
            borders.add(turn(source), turn(decoded), places[axis][0])
            inside.add(turn(source), turn(decoded), places[axis][1])
        peak = (1 << bits) - 1
        yield borders, inside, psnr(source, decoded, peak, near), psnr(source, decoded, peak)


def look(folder: Path, name: str, v) -> None:
    """Crops around a crossing of borders without and with the filter, twice as large."""
    from stfrag.cli.pictures import write_png

    index = v.index
    ys, xs = sorted(set(index.y0.tolist()))[1:], sorted(set(index.x0.tolist()))[1:]
    if not ys or not xs:
        return
    y, x = ys[len(ys) // 2], xs[len(xs) // 2]
    box = (len(v) // 2, slice(max(y - 96, 0), y + 96), slice(max(x - 96, 0), x + 96))
    crops = [v.read(box, seams=seams) for seams in (False, True)]
    if crops[0].dtype == np.uint16 and crops[0].ndim == 2:
        crops = [np.left_shift(crop, 16 - (v.metadata["options"]["bits"] or 16)) for crop in crops]
    side = np.concatenate([np.kron(c, np.ones((2, 2, *[1] * (c.ndim - 2)), c.dtype)) for c in crops], axis=1)
    write_png(folder / f"{name}.png", side)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="*")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("STFRAG_TEST_DATA", DATA)))
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--planes", choices=("luma", "all"), default="all")
    parser.add_argument("--look", type=Path)
    parser.add_argument("--brief", action="store_true")
    args = parser.parse_args()
    if args.look:
        args.look.mkdir(parents=True, exist_ok=True)
    broken, gains, ratios = [], [], []
    print("| clip | codec, QP | plane | excess: borders off → on | inside | ratio off → on | near, dB | all, dB |")
    print("|---|---|---|---|---|---|---|---|")
    for name, planes, subsampling, bits in material(args.data, args.clips, args.frames):
        for codec, qp in CODINGS:
            if codec == "h264" and subsampling == "400":
                continue
            v = stfrag.open(encode(planes, subsampling, bits, codec, qp))
            plain, filtered = v.read_planes(), v.read_planes(seams=True)
            for c in range(len(planes) if args.planes == "all" else 1):
                shift = 1 if c else 0
                off, on = measure(planes[c], (plain[c], filtered[c]), v.index, shift, bits)
                ratio = [borders.error / inside.error if inside.error else 1.0 for borders, inside, *_ in (off, on)]
                label = f"{name}{'' if name in TUNED_ON else ' (held out)'} | {codec} {qp} | {'YUV'[c]}"
                near, everywhere = on[2] - off[2], on[3] - off[3]
                if not args.brief or c == 0:
                    print(
                        f"| {label} | {off[0].excess:+.2f} → {on[0].excess:+.2f} | {off[1].excess:+.2f} | "
                        f"{ratio[0]:.2f} → {ratio[1]:.2f} | {near:+.2f} | {everywhere:+.3f} |",
                        flush=True,
                    )
                gains.append(near)
                ratios.append(ratio)
                if near < -0.05 or everywhere < -0.02 or (c == 0 and ratio[1] > 1.3):
                    broken.append(label)
            if args.look:
                look(args.look, f"{name}-{codec}-{qp}", v)
    mean = np.exp(np.log(np.array(ratios)).mean(0))
    print(f"| mean of all planes | | | | | {mean[0]:.2f} → {mean[1]:.2f} | {np.mean(gains):+.2f} | |")
    for label in broken:
        print("broken:", label, file=sys.stderr)
    return 1 if broken or np.mean(gains) <= 0 or mean[1] > 1.3 else 0


if __name__ == "__main__":
    sys.exit(main())
