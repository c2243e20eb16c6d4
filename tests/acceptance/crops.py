"""Random crops of 16×256×256 from a video of 1080p: h264 fragments of a store against PyAV on an H.264 file.

Both are coded by x264 medium from the same pictures (a clip scaled to 1080p), at crf that give about the same PSNR;
sizes and PSNR are printed. Reads alternate, one thread each; figures are
medians. PyAV seeks to the key frame before the crop, decodes up to its end and crops luma and chroma, as a reader of
planes must.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from material import DATA

import stfrag
from stfrag.video.frames import frame_planes

SIZE, T = 256, 16


def scaled(path: Path, frames: int):
    """Pictures of a file at 1920×1080."""
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == frames:
                return
            yield frame.reformat(width=1920, height=1080, format="yuv420p")


def write_file(pictures, path: Path, gop: int, crf: float) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 25)
        stream.options = {"crf": str(crf), "preset": "medium",
                          "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0"}
        for number, picture in enumerate(pictures):
            picture.pts, picture.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def crop_of_file(path: Path, t: int, y: int, x: int) -> np.ndarray:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        base = stream.time_base
        container.seek(int(Fraction(t, 25) / base), stream=stream)
        found = []
        for frame in container.decode(stream):
            number = round(frame.pts * base * 25)
            if number >= t:
                planes = frame_planes(frame)
                found.append(planes[0][y : y + SIZE, x : x + SIZE].copy())
                for plane in planes[1:]:
                    plane[y // 2 : (y + SIZE) // 2, x // 2 : (x + SIZE) // 2].copy()
            if number >= t + T - 1:
                break
        return np.stack(found)


def psnr(path: Path, source: list[np.ndarray]) -> float:
    errors = []
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame, luma in zip(container.decode(video=0), source, strict=True):
            errors.append(np.mean((frame_planes(frame)[0].astype(np.float32) - luma) ** 2))
    return float(10 * np.log10(255**2 / np.mean(errors)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", type=Path, default=DATA / "trailer_bbb_720p.mp4")
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--crops", type=int, default=40)
    parser.add_argument("--crf", type=float, default=21, help="of the files")
    parser.add_argument("--store-crf", type=float, default=20, help="of the store")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        luma = [frame_planes(p)[0].copy() for p in scaled(args.video, args.frames)]
        files = {}
        for gop in (250, 30):
            files[gop] = work / f"gop{gop}.mp4"
            write_file(scaled(args.video, args.frames), files[gop], gop, args.crf)
        store = work / "store.stf"
        options = {"crf": args.store_crf}  # over the rate factor of the quality
        with stfrag.create(store, pixel_format="yuv420p", fps=25, codec="h264", quality=75,
                           codec_options=options) as writer:
            for picture in scaled(args.video, args.frames):
                writer.append(picture, times=None)
        reader = stfrag.open(store, num_threads=1)
        print(f"{len(luma)} frames of 1080p, crf {args.crf:g} (store: {args.store_crf:g})")
        print(f"store of 32x256x256 h264 fragments: {store.stat().st_size:,} bytes, "
              f"PSNR-Y {reader.info()['psnr']['y']:.2f} dB")
        for gop, path in files.items():
            print(f"file, GOP {gop}: {path.stat().st_size:,} bytes, PSNR-Y {psnr(path, luma):.2f} dB")
        times: dict[str, list[float]] = {"store": [], **{f"GOP {gop}": [] for gop in files}}
        reader.reset_stats()
        for _ in range(args.crops):
            t = int(rng.integers(0, len(luma) - T))
            y, x = (int(rng.integers(0, n - SIZE) // 2 * 2) for n in (1080, 1920))
            start = time.perf_counter()
            planes = reader.read_planes((slice(t, t + T), slice(y, y + SIZE), slice(x, x + SIZE)))
            times["store"].append(time.perf_counter() - start)
            truth = np.stack([p[y : y + SIZE, x : x + SIZE] for p in luma[t : t + T]]).astype(np.float32)
            assert np.mean((planes[0] - truth) ** 2) < 100
            for gop, path in files.items():
                start = time.perf_counter()
                found = crop_of_file(path, t, y, x)
                times[f"GOP {gop}"].append(time.perf_counter() - start)
                assert found.shape == planes[0].shape
                assert np.mean((found - truth) ** 2) < 100
        middle = {name: statistics.median(values) for name, values in times.items()}
        for name, value in middle.items():
            worst = sorted(times[name])[int(0.95 * args.crops)]
            print(f"{name:8} median {1e3 * value:7.1f} ms, 95 % {1e3 * worst:7.1f} ms"
                  + (f", {value / middle['store']:.1f} times the store's" if name != "store" else ""))
        print({name: round(value / args.crops, 1) for name, value in reader.stats.items()}, "a crop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
