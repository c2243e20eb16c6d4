"""A description of the machine, and a fixed job that tells how fast it is just now."""

from __future__ import annotations

import os
import platform
import random
import time
import zlib
from functools import cache
from typing import Any

from ..model.threads import usable_processors

__all__ = ["describe", "yardstick"]


def describe() -> dict[str, Any]:
    """Describe the machine and the programs that matter, as plain values."""
    import numpy as np

    return {
        "processor": _processor(), "architecture": platform.machine(), "cores": os.cpu_count(),
        "usable": usable_processors(), "memory_bytes": _memory(),
        "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
        "numpy": np.__version__, "simd": _simd(),
    }  # fmt: skip


def _processor() -> str:
    for key in ("model name", "Hardware", "Model"):
        if found := _first("/proc/cpuinfo", key):
            return found
    return platform.processor() or platform.machine()


def _memory() -> int | None:
    found = _first("/proc/meminfo", "MemTotal")
    return 1024 * int(found.split()[0]) if found else None


def _simd() -> list[str]:
    """The instruction sets that coders choose by."""
    flags = (_first("/proc/cpuinfo", "flags") or _first("/proc/cpuinfo", "Features")).split()
    return [
        name for name in ("sse4_1", "avx2", "avx512f", "avx512bw", "avx512_vbmi", "asimd", "sve") if name in flags
    ]


def _first(path: str, key: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return ""


@cache
def _fixed() -> bytes:
    return bytes(random.Random(7).choices(range(32), weights=range(32, 0, -1), k=1 << 18))


def yardstick() -> float:
    """The speed of zlib on a fixed quarter of a megabyte, in MB/s: how fast the machine is just now."""
    data = _fixed()
    start = time.perf_counter()
    zlib.compress(data, 6)
    return len(data) / 1e6 / (time.perf_counter() - start)
