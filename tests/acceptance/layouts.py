"""What each layout costs: bytes, and samples decoded and milliseconds for reads of four shapes. One thread.

    python tests/acceptance/layouts.py [--effort 5] [FOLDER]

Of the clips of 16 frames and more. Reads are of luma; each is the median of nine at random places, and what it gives
is compared with the samples.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import material
import numpy as np

import stfrag

LAYOUTS = ("balanced", "frame", "time", "compact")


def places(shape: tuple[int, int, int], rng: np.random.Generator) -> dict[str, tuple[slice, slice, slice]]:
    """A random place for a read of each shape."""
    t, y, x = shape

    def part(size: int, n: int) -> slice:
        first = int(rng.integers(0, max(1, n - size + 1)))
        return slice(first, min(n, first + size))

    return {
        "frame": (part(1, t), slice(0, y), slice(0, x)),
        "box 16×256×256": (part(16, t), part(256, y), part(256, x)),
        "x–t slice": (slice(0, t), part(1, y), slice(0, x)),
        "patch 16×16 over time": (slice(0, t), part(16, y), part(16, x)),
    }


def measure(name: str, array: np.ndarray, effort: int) -> None:
    """A row a layout."""
    base = None
    for layout in LAYOUTS:
        with tempfile.TemporaryDirectory() as folder:
            stfrag.save(Path(folder, "a.stf"), array, layout=layout, effort=effort, num_threads=1)
            stored = Path(folder, "a.stf").read_bytes()
        size = len(stored)
        base = base or size
        cells = [f"{size:10d} {100 * (size / base - 1):+6.1f} %"]
        with stfrag.open(stored, num_threads=1) as reader:
            rng = np.random.default_rng(1)
            taken: dict[str, list[tuple[float, int, int]]] = {}
            for _ in range(9):
                for kind, box in places(array.shape, rng).items():
                    reader.reset_stats()
                    start = time.perf_counter()
                    got = reader[box]
                    seconds = time.perf_counter() - start
                    if not np.array_equal(got, array[box]):
                        sys.exit(f"{name}, {layout}: {kind} {box} is not what was saved")
                    taken.setdefault(kind, []).append((seconds, reader.stats["samples"], got.size))
            for kind, runs in taken.items():
                ms = 1000 * statistics.median(r[0] for r in runs)
                waste = statistics.median(r[1] / r[2] for r in runs)
                cells.append(f"{kind}: {ms:7.1f} ms ×{waste:5.1f}")
        print(f"{name:24s} {layout:9s}" + "  ".join(cells), flush=True)


def main() -> None:
    """Measure all clips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=material.DATA)
    parser.add_argument("--effort", type=int, default=5)
    args = parser.parse_args()
    for name, planes, _, _ in material.clips(args.folder):
        if len(planes[0]) >= 16:
            measure(name, planes[0], args.effort)


if __name__ == "__main__":
    main()
