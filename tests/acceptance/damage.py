"""Damaged stores: every read is exact or fails with a typed error, nothing crashes, repair saves what is whole.

Each store is damaged in a child process, so that a crash is counted and not suffered.
"""

from __future__ import annotations

import argparse
import collections
import io
import multiprocessing
import sys

import numpy as np
from material import odd_array

import stfrag


def make(rng: np.random.Generator) -> tuple[bytes, np.ndarray]:
    dtype = str(rng.choice(["uint8", "int16", "uint16", "bool"]))
    array = odd_array(rng, dtype, int(rng.choice([0, 0, 3])))
    target = io.BytesIO()
    stfrag.save(target, array, fragment=(8, 32, 32), effort=int(rng.choice([1, 5])))
    return target.getvalue(), array


def damage(data: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    kind = str(rng.choice(["flip a bit", "set bytes", "zero a range", "truncate", "delete", "insert", "swap ranges"]))
    b = bytearray(data)
    at = int(rng.integers(len(b)))
    n = int(rng.integers(1, 64))
    if kind == "flip a bit":
        b[at] ^= 1 << int(rng.integers(8))
    elif kind == "set bytes":
        for _ in range(n):
            b[int(rng.integers(len(b)))] = int(rng.integers(256))
    elif kind == "zero a range":
        b[at : at + n] = bytes(len(b[at : at + n]))
    elif kind == "truncate":
        del b[at:]
    elif kind == "delete":
        del b[at : at + n]
    elif kind == "insert":
        b[at:at] = rng.integers(0, 256, n, np.uint8).tobytes()
    else:
        other = int(rng.integers(len(b)))
        b[at : at + n], b[other : other + n] = b[other : other + n], b[at : at + n]
    return kind, bytes(b)


def classify(data: bytes, array: np.ndarray) -> str:
    """ "exact", "typed error" or "silent"; anything else propagates and counts as a crash."""
    errors = 0
    try:
        reader = stfrag.open(data)
    except stfrag.StfragError:
        return "typed error"
    with reader:
        if reader.shape != array.shape or reader.dtype != array.dtype:
            return "silent"
        for t in range(0, len(array), 8):
            for y in range(0, array.shape[1], 32):
                box = (slice(t, t + 8), slice(y, y + 32))
                try:
                    if not np.array_equal(reader[box], array[box]):
                        return "silent"
                except stfrag.StfragError:
                    errors += 1
    return "typed error" if errors else "exact"


def whole_fragments(data: bytes, array: np.ndarray) -> int:
    """Fragments of a repaired store that decode exactly; -1 if any decodes wrongly."""
    good = 0
    with stfrag.open(data) as reader:
        for row in reader.index:
            box = tuple(slice(int(row[a]), int(row[b])) for a, b in (("t0", "t1"), ("y0", "y1"), ("x0", "x1")))
            try:
                if not np.array_equal(reader[box], array[box]):
                    return -1
                good += 1
            except stfrag.CorruptFragmentError:
                pass
    return good


def batch(arguments: tuple[int, int]) -> collections.Counter:
    seed, count = arguments
    rng = np.random.default_rng(seed)
    result: collections.Counter = collections.Counter()
    for _ in range(count):
        data, array = make(rng)
        kind, broken = damage(data, rng)
        result[kind, classify(broken, array) if broken != data else "unchanged"] += 1
        # Cut anywhere: repair must keep every fragment that lies whole before the cut.
        with stfrag.open(data) as reader:
            ends = np.asarray(reader.index["offset"] + reader.index["bytes"])
        cut = int(rng.integers(len(data)))
        expected = int((ends <= cut).sum())
        target = io.BytesIO()
        try:
            stfrag.repair(io.BytesIO(data[:cut]), target)
            kept = whole_fragments(target.getvalue(), array)
        except stfrag.CorruptStoreError:
            kept = 0
        result["cut", "all complete fragments" if kept == expected else f"kept {kept} of {expected}"] += 1
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    total: collections.Counter = collections.Counter()
    per_batch = 10
    context = multiprocessing.get_context("spawn")
    for start in range(0, args.count, 20 * per_batch):
        jobs = [(args.seed + i, per_batch) for i in range(start, min(start + 20 * per_batch, args.count), per_batch)]
        try:
            from concurrent.futures import ProcessPoolExecutor

            with ProcessPoolExecutor(2, mp_context=context) as pool:
                for result in pool.map(batch, jobs, timeout=600):
                    total += result
        except Exception as error:
            total["batch", f"crash: {error!r}"] += 1
    bad = 0
    for (kind, outcome), n in sorted(total.items()):
        print(f"{kind:14} {outcome:30} {n:6}")
        bad += n if outcome.startswith(("silent", "crash", "kept")) else 0
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
