"""Opening a store of a minute and of an hour: time and bytes read, the same 2 s of video repeated."""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time

import numpy as np
from material import DATA, clips

import stfrag


class Counting(io.BytesIO):
    """Counts what is read of it."""

    reads = size = 0

    def readinto(self, buffer):
        n = super().readinto(buffer)
        self.reads, self.size = self.reads + 1, self.size + n
        return n

    def read(self, *args):
        data = super().read(*args)
        self.reads, self.size = self.reads + 1, self.size + len(data)
        return data


def store_of(seconds: int) -> bytes:
    """25 frames a second of carphone (or noise), frames repeated."""
    found = [planes for name, planes, _, _ in clips() if name.startswith("carphone")] if DATA.is_dir() else []
    planes = (
        found[0]
        if found
        else tuple(
            np.random.default_rng(1).integers(0, 255, (50, *s), np.uint8) for s in ((144, 176), (72, 88), (72, 88))
        )
    )
    planes = tuple(p[:50, : p.shape[1] // 4 * 2, : p.shape[2] // 4 * 2] for p in planes)
    target = io.BytesIO()
    with stfrag.create(target, pixel_format="yuv420p", fps=25, effort=1) as writer:
        for _ in range(seconds // 2):
            writer.append(planes)
    return target.getvalue()


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    stores = {"1 minute": store_of(60), "1 hour": store_of(3600)}
    times = {name: [] for name in stores}
    for _ in range(101):
        for name, data in stores.items():
            start = time.perf_counter()
            reader = stfrag.open(data)
            times[name].append(time.perf_counter() - start)
            reader.close()
    for name, data in stores.items():
        source = Counting(data)
        with stfrag.open(source) as reader:
            frames = len(reader)
        print(
            f"{name:9} {frames:6} frames {len(data):12,} bytes: open {1e6 * statistics.median(times[name]):7.1f} us, "
            f"{source.reads} reads, {source.size} bytes"
        )
    ratio = statistics.median(times["1 hour"]) / statistics.median(times["1 minute"])
    print(f"hour / minute: {ratio:.2f}")
    return 0 if ratio < 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
