"""Golden stores: python tests/golden/stores.py writes those that are missing, and what all of them must read as.

`stores/*.stf` are read for ever to what `stores/expected.json` says. The file of one that is there is never made anew
once the version that it is of is released; `--anew` is for the time before.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import stfrag
from stfrag.native import fragment as _fragment

FOLDER = Path(__file__).parent / "stores"
BAD_FOLDER, EXPECTED = FOLDER / "bad", FOLDER / "expected.json"


def moving(t: int, y: int, x: int, bits: int = 8, seed: int = 0) -> np.ndarray:
    """Integer slopes that move, under one bit of noise: T×Y×X."""
    at_t, at_y, at_x = np.ogrid[:t, :y, :x]
    noise = (at_t * 7919 + at_y * 104729 + at_x * 1299709 + seed) * 2654435761 >> 13 & 1
    value = (abs((at_x * 2 + at_y + 3 * at_t + seed) % 160 - 80) + abs((at_y - at_t) % 90 - 45)) * 2 + noise
    return (value << max(bits - 8, 0) & (1 << bits) - 1).astype(np.uint8 if bits <= 8 else np.uint16)


def _array() -> bytes:
    """Tiles and slabs of lossless fragments, appended to: two tails."""
    file = io.BytesIO()
    array = moving(9, 40, 56, 12)
    stfrag.save(file, array[:6], bits=12, fragment=(4, 32, 32), attributes={"unit": "HU", "axes": "tyx"}, effort=7)
    with stfrag.append(file) as w:
        w.append(array[6:])
    return file.getvalue()


def _video(**options: Any) -> bytes:
    """4:2:0 with frame times that are not regular, colour and tags."""
    file = io.BytesIO()
    planes = moving(10, 34, 50), moving(10, 17, 25, seed=5), moving(10, 17, 25, seed=9)
    with stfrag.create(
        file,
        pixel_format="yuv420p",
        time_base="1/1000",
        fragment=(8, 32, 32),
        metadata={"colour": {"matrix": "bt709", "range": "limited"}, "tags": {"title": "golden"}},
        **options,
    ) as w:
        w.append(planes, times=[0, 0.04, 0.08, 0.12, 0.2, 0.28, 0.281, 0.3, 0.5, 2])
    return file.getvalue()


def _rgba() -> bytes:
    """Lossy with alpha, interleaved."""
    file = io.BytesIO()
    stfrag.save(file, np.stack([moving(5, 24, 40, seed=31 * c) for c in range(4)], -1), quality=60)
    return file.getvalue()


def _many() -> bytes:
    """More slabs than a directory node holds, and metadata in a record of its own."""
    file = io.BytesIO()
    stfrag.save(file, moving(260, 4, 4), fragment=(1, 4, 4), attributes={"note": "n" * 17000})
    return file.getvalue()


def _repaired() -> bytes:
    """One fragment lost, which the index says."""
    file = io.BytesIO()
    stfrag.save(file, moving(8, 32, 64), fragment=(4, 32, 32))
    broken = bytearray(file.getvalue())
    with stfrag.open(bytes(broken)) as v:
        broken[int(v.index.offset[1]) + 20] ^= 1
    out = io.BytesIO()
    stfrag.repair(bytes(broken), out)
    return out.getvalue()


STORES = {
    "array": _array,
    "near_lossless": lambda: _video(max_error=2),
    "lossy": lambda: _video(quality=70),
    "h264": lambda: _video(codec="h264", quality=70),
    "ffv1": lambda: _video(codec="ffv1"),
    "rgba": _rgba,
    "many": _many,
    "repaired": _repaired,
}


def needs(name: str) -> str:
    """The codec that reads it."""
    return name if name in ("h264", "ffv1") else "stf"


def reads_as(data: bytes) -> dict[str, Any]:
    """What a store reads as, in JSON's terms: all but the samples of fragments that are lost."""
    with stfrag.open(data, num_threads=1) as v:
        fragments = []
        for row in v.index:
            box = tuple(slice(int(row[a]), int(row[b])) for a, b in (("t0", "t1"), ("y0", "y1"), ("x0", "x1")))
            lost = row.codec == "missing"
            samples = hashlib.sha256()
            for plane in () if lost else v.read_planes(box):
                samples.update(np.ascontiguousarray(plane).astype(plane.dtype.newbyteorder("<")).tobytes())
            fragments.append(
                [
                    [[s.start, s.stop] for s in box],
                    str(row.codec),
                    int(row.bytes),
                    row.sse.tolist(),
                    None if lost else samples.hexdigest()[:16],
                ]
            )
        whole = hashlib.sha256(json.dumps(fragments).encode()).hexdigest()[:16]
        kept = {name: v.metadata.get(name) for name in ("kind", "colour", "options", "attributes", "tags")}
        return {
            "shape": list(v.shape),
            "dtype": v.dtype.name,
            "pixel_format": v.pixel_format,
            "pts": None if v.pts is None else v.pts.tolist(),
            "time_base": str(v.time_base),
            "metadata": hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16],
            "attributes": sorted(v.attributes),
            "fragments": fragments if len(fragments) < 50 else whole,
        }


def with_version(store: bytes, version: int) -> bytes:
    """A store that says in its header and tails that it is of another version of the format, with right checksums."""
    out, at = bytearray(store), 8
    while at < len(out):
        if out[at : at + 3] != b"\xf5ST":  # a footer
            at += 24
            continue
        body, length, shift = at + 8, 0, 0
        while True:
            length |= (out[body] & 0x7F) << shift
            shift, body = shift + 7, body + 1
            if out[body - 1] < 0x80:
                break
        if out[at + 3] in b"HT":
            out[body] = version
            if out[at + 3 : at + 4] == b"T":
                out[body + 2] = version  # of the header's copy, whose length takes one byte
            checked = out[at + 3 : at + 4] + out[at + 8 : body + length]
            out[at + 4 : at + 8] = _fragment.crc32c(bytes(checked)).to_bytes(4, "little")
        at = body + length
    return bytes(out)


def main() -> None:
    """Write what is missing, or everything."""
    anew = "--anew" in sys.argv[1:]
    BAD_FOLDER.mkdir(parents=True, exist_ok=True)
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() and not anew else {}
    for name, make in STORES.items():
        if anew or not (FOLDER / f"{name}.stf").exists():
            (FOLDER / f"{name}.stf").write_bytes(make())
            expected[name] = reads_as((FOLDER / f"{name}.stf").read_bytes())
    for version in (0, 2):
        if anew or not (BAD_FOLDER / f"version_{version}.stf").exists():
            (BAD_FOLDER / f"version_{version}.stf").write_bytes(with_version(_array(), version))
    lines = (f"{json.dumps(name)}: {json.dumps(expected[name])}" for name in STORES)
    EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(STORES), "stores,", sum(p.stat().st_size for p in FOLDER.glob("**/*.stf")), "bytes")


if __name__ == "__main__":
    main()
