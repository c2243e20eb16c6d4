"""Random regions equal the crop of the whole, and decode no more frames than the dyadic structure allows."""

from __future__ import annotations

import argparse
import io
import math
import sys

import numpy as np
from material import odd_array

import stfrag


def random_index(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[int | slice, ...]:
    """Basic indexing of every axis: integers, slices with steps, negative bounds."""
    index: list[int | slice] = []
    for size in shape:
        if rng.random() < 0.2:
            index.append(int(rng.integers(-size, size)))
            continue
        a, b = sorted(int(v) for v in rng.integers(0, size + 1, 2))
        step = int(rng.choice([1, 1, 1, 1, 2, 3, -1, -2]))
        index.append(slice(a, b, step) if step > 0 else slice(b - 1 if b else None, a - 1 if a else None, step))
    return tuple(index)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    checked = wrong = over = frames_checked = stores = 0
    worst = 0.0
    while checked < args.count:
        dtype = str(rng.choice(["uint8", "int8", "uint16", "int16", "bool"]))
        planes = dtype in ("uint8", "uint16") and rng.random() < 0.3
        target = io.BytesIO()
        fragment = tuple(int(v) for v in rng.integers([1, 8, 8], [24, 40, 40]) // [1, 2, 2] * [1, 2, 2])
        if planes:
            luma = odd_array(rng, dtype)
            luma = luma if dtype == "uint8" else luma & 1023
            chroma = np.ascontiguousarray(luma[:, ::2, ::2])
            name = "yuv420p" if dtype == "uint8" else "yuv420p10le"
            with stfrag.create(target, pixel_format=name, fps=25, fragment=fragment, effort=1) as writer:
                writer.append((luma, chroma, chroma))
        else:
            array = odd_array(rng, dtype, int(rng.choice([0, 0, 1, 3, 4])))
            stfrag.save(target, array, fragment=fragment, effort=int(rng.choice([1, 5])))
        stores += 1
        with stfrag.open(target.getvalue()) as reader:
            if planes:
                array = reader[:]
                y, u, _ = reader.read_planes((slice(None), slice(None), slice(None)))
                wrong += not (np.array_equal(y, luma) and np.array_equal(u, chroma))
            whole = array
            for _ in range(100):
                index = random_index(rng, whole.shape)
                if not np.array_equal(reader[index], whole[index]):
                    wrong += 1
                    print(f"WRONG: {dtype} {whole.shape} {fragment} {index}")
                checked += 1
            for _ in range(5):  # one frame of one fragment
                t = int(rng.integers(0, len(reader)))
                reader.reset_stats()
                reader[t, :1, :1]
                index = reader.index
                row = next(r for r in index if r["t0"] <= t < r["t1"])
                bound = 2 + math.ceil(math.log2(max(1, int(row["t1"] - row["t0"]))))
                decoded = reader.stats["frames"]
                frames_checked += 1
                worst = max(worst, decoded / bound)
                if decoded > bound:
                    over += 1
                    print(f"TOO MANY FRAMES: {decoded} > {bound}")
    print(f"{checked} regions of {stores} stores: {wrong} wrong")
    print(f"{frames_checked} single frames: {over} over the bound 2 + ceil(log2 T), at most {worst:.0%} of it")
    return 1 if wrong or over else 0


if __name__ == "__main__":
    sys.exit(main())
