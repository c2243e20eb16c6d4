"""The built-in tables of the lossy profile: count symbols over clips, make src/lossy/default_tables.cpp of them.

Needs a package that counts, apart from any other:

    pip install . --target build/census -C build-dir=build/census-build -C cmake.define.STF_CENSUS=ON
    PYTHONPATH=build/census python tests/acceptance/train_tables.py count build/counts
    python tests/acceptance/train_tables.py make build/counts

`count` codes three fragments of each clip at six quantizers and effort 5, and leaves a file for each clip. `make`
weighs them, so that neither a model that is used much nor a clip says more than others, and writes the tables; with
`--without CLIP`, tables that know nothing of that clip. With `--binary FILE` they are written as a counting package
takes them where the environment variable TABLES names the file (it begins with even models otherwise): to see what
tables are worth on material that they were not trained on.

Bytes of every lossy fragment change with the tables: they are a part of the format (docs/format.md, 14.11).
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from material import DATA

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from reference.lossy_decoder import CHROMA, COEFFICIENTS, LUMA  # noqa: E402

#: Clips by the beginning of their file's name, and the frame that they are taken from.
CLIPS = {
    "campus": 0,
    "carphone": 0,
    "cockatoo": 0,
    "paper": 0,
    "sparks": 0,
    "street": 0,
    "trailer": 300,
    "particles": 0,
    "foam": 0,
    "mri_t1": 0,
    "ct_angio": 0,
}
QPS = (17, 22, 27, 32, 37, 42)
EFFORT = 5
FRAMES, T, SIDE, PLACES, FRAGMENTS = 64, 32, 256, 4, 3
#: Observations of a model that count, of one fragment and of one clip.
MOST, MOST_OF_CLIP = 1000, 3000
FLOOR, SCALE, WIDTH = 8, 32768, 16  # docs/format.md, 10.4; numbers of a model in a file of counts


def sizes() -> list[int]:
    """Symbols of each model, in the order of the tables."""
    found = []
    for family in (LUMA, COEFFICIENTS, CHROMA, COEFFICIENTS, COEFFICIENTS):
        for symbols, *shape in family.values():
            found += [symbols] * int(np.prod(shape, dtype=int))
    return found


# ------------------------------------------------------------------------------------------------------- counting


def planes_of(path: Path, first: int) -> tuple[list[np.ndarray], int]:
    """Planes of FRAMES frames of a clip, or of a whole volume; bits."""
    if path.suffix == ".npz":
        with np.load(path) as archive:
            array = archive[archive.files[0]]
        return [array], 8 * array.itemsize
    import av

    kept = []
    with av.open(str(path)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i < first:
                continue
            parts = []
            for plane, component in zip(frame.planes, frame.format.components, strict=True):
                rows = np.frombuffer(plane, np.uint8 if component.bits <= 8 else np.uint16).reshape(plane.height, -1)
                parts.append(rows[:, : plane.width].copy())
            kept.append(parts)
            if len(kept) == FRAMES:
                break
        bits = frame.format.components[0].bits
    return [np.stack(parts) for parts in zip(*kept, strict=True)], bits


def pieces(size: int) -> list[tuple[int, int]]:
    n = max(1, round(size / SIDE))
    edges = [round(i * size / n / 16) * 16 for i in range(n)] + [size]
    return list(pairwise(edges))


def fragments(planes: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    frames, height, width = planes[0].shape
    times = [(t, min(t + T, frames)) for t in range(0, frames, T) if min(t + T, frames) - t >= min(frames, 5)]
    boxes = [(t, y, x) for t in times for y in pieces(height) for x in pieces(width)]
    places = min(len(boxes), PLACES)
    for i in range(min(places, FRAGMENTS)):
        t, y, x = boxes[int((i + 0.5) * len(boxes) / places)]
        parts = []
        for plane in planes:
            sy, sx = round(height / plane.shape[1]), round(width / plane.shape[2])
            part = plane[t[0] : t[1], y[0] // sy : -(-y[1] // sy), x[0] // sx : -(-x[1] // sx)]
            parts.append(np.ascontiguousarray(part))
        yield parts


def count(folder: Path, data: Path) -> int:
    import stfrag

    folder.mkdir(parents=True, exist_ok=True)
    for clip, first in CLIPS.items():
        paths = [path for path in sorted(data.iterdir()) if path.name.startswith(clip)]
        if len(paths) != 1:
            print(f"{clip}: not one file in {data} but {len(paths)}")
            return 1
        planes, bits = planes_of(paths[0], first)
        target = folder / clip
        target.unlink(missing_ok=True)
        os.environ["CENSUS"] = str(target)
        coded = 0
        for qp in QPS:
            for parts in fragments(planes):
                subsampling = "444" if len(parts) == 1 else "420"
                coded += len(stfrag.encode_planes(parts, subsampling, bits=bits, codec="stf", qp=qp, effort=EFFORT))
        if not target.exists():
            print("this stfrag does not count: build it with STF_CENSUS, as the text above says")
            return 1
        print(f"{clip}: {coded:,} bytes coded", flush=True)
    return 0


# --------------------------------------------------------------------------------------------------------- tables


def bounds(folder: Path, without: str | None) -> list[int]:
    """The numbers of the tables, from the files of counts."""
    models = sizes()
    total = np.zeros((len(models), WIDTH))
    names = sorted(path.name for path in folder.iterdir() if path.name in CLIPS and path.name != without)
    for name in names:
        counts = np.fromfile(folder / name, np.uint64).reshape(-1, len(models), WIDTH).astype(float)
        seen = counts.sum(2, keepdims=True)
        clip = (counts * np.minimum(1, MOST / np.maximum(seen, 1))).sum(0)
        clip *= np.minimum(1, MOST_OF_CLIP / np.maximum(clip.sum(1, keepdims=True), 1))
        total += clip
    print(f"{len(names)} clips: {' '.join(names)}", file=sys.stderr)
    numbers = []
    for n, counts in zip(models, total, strict=True):
        p = counts[:n] + 2 / n  # a model that was never used is even
        ends = np.rint(np.cumsum(p / p.sum()) * SCALE).astype(int)[: n - 1]
        ends = [int(np.clip(end, FLOOR * (k + 1), SCALE - FLOOR * (n - 1 - k))) for k, end in enumerate(ends)]
        for k in range(1, n - 1):
            ends[k] = max(ends[k], ends[k - 1] + FLOOR)
        for k in range(n - 3, -1, -1):
            ends[k] = min(ends[k], ends[k + 1] - FLOOR)
        numbers += ends
    return numbers


def source(numbers: list[int]) -> str:
    lines = textwrap.fill(", ".join(map(str, numbers)) + ",", 118, initial_indent="  ", subsequent_indent="  ")
    return f"""// Made by training (docs/lossy.md): bounds out of 32768 of every model, in the order of visit().

#include "lossy/default_models.hpp"

namespace stf::lossy {{

// clang-format off
const int16_t kDefaultBounds[kDefaultBoundCount] = {{
{lines}
}};
// clang-format on

}}  // namespace stf::lossy
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    counting = commands.add_parser("count", help="code the clips, leave their counts in FOLDER")
    counting.add_argument("folder", type=Path)
    counting.add_argument("--data", type=Path, default=DATA)
    making = commands.add_parser("make", help="make the tables of the counts in FOLDER")
    making.add_argument("folder", type=Path)
    making.add_argument("--without", choices=CLIPS, metavar="CLIP")
    making.add_argument("--binary", type=Path, help="write them here as 16-bit numbers, not as source")
    making.add_argument("--to", type=Path, default=ROOT / "src" / "lossy" / "default_tables.cpp", help="- is stdout")
    options = parser.parse_args()
    if options.command == "count":
        return count(options.folder, options.data)
    numbers = bounds(options.folder, options.without)
    if options.binary:
        np.array(numbers, "<i2").tofile(options.binary)
    elif str(options.to) == "-":
        print(source(numbers), end="")
    else:
        options.to.write_text(source(numbers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
