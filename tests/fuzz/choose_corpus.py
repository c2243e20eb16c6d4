"""Choose a small corpus that covers most: python tests/fuzz/choose_corpus.py CONTROL_FILE FOLDER [--most 240]

CONTROL_FILE is what libFuzzer's -merge=1 leaves behind under -merge_control_file: which input reached which edges and
features that those before it had not. FOLDER is emptied and filled with copies, named by their contents.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
from pathlib import Path

EDGE = 50  # what an edge is worth, in features
COST = 200  # of a file, in bytes, beside its own


def main() -> None:
    """Take the files that bring the most for their size, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("control", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=240)
    args = parser.parse_args()

    count, _, *lines = args.control.read_text().splitlines()
    files, covered = lines[: int(count)], {}
    for line in lines[int(count) :]:
        kind, number, *reached = line.split()
        if kind in ("FT", "COV"):
            covered.setdefault(int(number), set()).update((kind, place) for place in reached)
    inputs = {i: Path(files[i]).read_bytes() for i in covered}

    def gain(i: int) -> float:
        return sum(EDGE if kind == "COV" else 1 for kind, _ in covered[i] - seen) / (COST + len(inputs[i]))

    seen: set[tuple[str, str]] = set()
    chosen: list[bytes] = []
    heap = [(-gain(i), i) for i in covered]
    heapq.heapify(heap)
    while heap and len(chosen) < args.most:
        _, i = heapq.heappop(heap)
        now = gain(i)  # it may have shrunk since it was put there
        if heap and now < -heap[0][0]:
            if now > 0:
                heapq.heappush(heap, (-now, i))
        elif now > 0:
            chosen.append(inputs[i])
            seen |= covered[i]

    args.folder.mkdir(parents=True, exist_ok=True)
    for old in args.folder.iterdir():
        old.unlink()
    for data in chosen:
        (args.folder / hashlib.sha1(data).hexdigest()[:12]).write_bytes(data)
    everything = set().union(*covered.values())
    print(f"{len(chosen)} files, {sum(map(len, chosen))} bytes, {len(seen)} of {len(everything)} edges and features")


if __name__ == "__main__":
    main()
